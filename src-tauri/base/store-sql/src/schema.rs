//! The schema: which steps there are, what a database says about its own, and whether a program may use it.
//!
//! Steps have equal names on every database. They are never edited after a release: add, then use, then remove in a later
//! one. A program works on exactly the schema that it knows or on a newer one that says it is compatible.

use std::path::PathBuf;

use sha2::{Digest, Sha256};
use store::StoreError;

use crate::dialect::Dialect;

/// A change of the schema.
pub(crate) struct Step {
    /// The schema's version after this step.
    pub(crate) version: i64,
    /// The lowest version that a program must know to go on using the database after this step.
    pub(crate) min_client: i64,
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) mysql: &'static str,
    pub(crate) mssql: &'static str,
}

impl Step {
    /// The statements in a dialect.
    pub(crate) const fn sql(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::MySql => self.mysql,
            Dialect::SqlServer => self.mssql,
        }
    }

    pub(crate) fn digest(&self, dialect: Dialect) -> Vec<u8> {
        Sha256::digest(self.sql(dialect).as_bytes()).to_vec()
    }
}

macro_rules! step {
    ($version:literal, $min_client:literal, $name:literal) => {
        Step {
            version: $version,
            min_client: $min_client,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $name, ".sql")),
            mysql: include_str!(concat!("../migrations/mysql/", $name, ".sql")),
            mssql: include_str!(concat!("../migrations/mssql/", $name, ".sql")),
        }
    };
}

/// All steps of this program in order.
pub(crate) const STEPS: &[Step] = &[
    step!(1, 1, "0001_first_light"),
    step!(2, 1, "0002_shared"),
    step!(3, 1, "0003_evidence"),
    step!(4, 1, "0004_ceremony"),
    // A program that knows no sets would go on sealing to the unsigned list.
    step!(5, 5, "0005_kra_sets"),
    // A program that cannot read sets with ML-KEM keys would go on sealing to the version before, without them.
    step!(6, 6, "0006_endings"),
    step!(7, 6, "0007_publication"),
    step!(8, 6, "0008_campaigns"),
    // A program that knows no holds cannot read a certificate that is on one.
    step!(9, 9, "0009_holds"),
    step!(10, 9, "0010_drift"),
    step!(11, 9, "0011_canaries"),
];

/// The version that the steps lead to.
pub(crate) fn known(steps: &[Step]) -> i64 {
    steps.last().map_or(0, |step| step.version)
}

/// What a database says about its schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SchemaInfo {
    /// Version of the database; 0 when it is empty.
    pub version: i64,
    /// The lowest version that a program must know to use the database.
    pub min_client: i64,
    /// The version that this program knows.
    pub known: i64,
}

impl SchemaInfo {
    /// The version of a database that was moved away; no program can use it.
    pub const MOVED_AWAY: i64 = 1_000_000;

    /// The version that this program knows.
    pub const KNOWN: i64 = STEPS[STEPS.len() - 1].version;

    /// Whether this program may use the database once it has been migrated.
    ///
    /// # Errors
    /// [`StoreError::Schema`] with what to do, when a newer program changed the database past this one.
    pub fn gate(&self) -> Result<(), StoreError> {
        if self.version > self.known && self.min_client > self.known {
            return Err(StoreError::Schema(format!(
                "the database has schema {}, made by a newer Sealwright; this one knows schema {} only: update this \
                 installation",
                self.version, self.known
            )));
        }
        Ok(())
    }

    /// Whether this program may use the database as it is.
    ///
    /// # Errors
    /// As [`SchemaInfo::gate`], and when the database is older than the program or empty.
    pub fn gate_unchanged(&self) -> Result<(), StoreError> {
        self.gate()?;
        if self.version == 0 {
            return Err(StoreError::Schema(
                "the database is empty, or this login has no role in it: have its owner run `sealwright migrate`, which makes \
                 the tables, or its administrator give the account a role (and make it the default role)"
                    .to_owned(),
            ));
        }
        if self.version < self.known {
            return Err(StoreError::Schema(format!(
                "the database has schema {}, and this Sealwright needs schema {}; make a backup and have the database's \
                 owner run `sealwright migrate` (`sealwright migrate --plan` shows what it does)",
                self.version, self.known
            )));
        }
        Ok(())
    }
}

/// What a migration did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Migrated {
    /// Version before; 0 for a new database.
    pub from: i64,
    /// Version after.
    pub to: i64,
    /// The copy that was made of the older database, where it is a file.
    pub copy: Option<PathBuf>,
}

/// A step that is still to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedStep {
    /// The schema's version after it.
    pub version: i64,
    /// Its name.
    pub name: &'static str,
    /// What it runs.
    pub sql: &'static str,
    /// Whether programs that know only the schema before it go on working beside it.
    pub is_compatible: bool,
}

/// The steps behind a version.
pub(crate) fn missing(steps: &[Step], version: i64, dialect: Dialect) -> Vec<PlannedStep> {
    let missing = steps.iter().filter(|step| step.version > version);
    let planned = missing.map(|step| PlannedStep {
        version: step.version,
        name: step.name,
        sql: step.sql(dialect),
        is_compatible: step.min_client <= version,
    });
    planned.collect()
}

/// A step that was applied must be the one that this program carries.
pub(crate) fn check_applied(
    steps: &[Step],
    dialect: Dialect,
    applied: &[(i64, String, Vec<u8>)],
) -> Result<(), StoreError> {
    for (version, name, checksum) in applied {
        let ours = steps.iter().find(|step| step.version == *version);
        if ours.is_some_and(|step| *checksum != step.digest(dialect)) {
            return Err(StoreError::Schema(format!(
                "migration {name} was applied to the database in another form than this program carries; the \
                 database comes from an unreleased build and cannot be used: choose another one"
            )));
        }
    }
    Ok(())
}

/// Whoever finds tables but not ours has been led to another program's database.
pub(crate) fn foreign(table: &str) -> StoreError {
    StoreError::Schema(format!(
        "the database belongs to another program (it has a table `{table}`); choose an empty one"
    ))
}
