//! Brings a database to the schema that this program knows, or says why not.
//!
//! Steps (see `schema`) are applied one transaction each, under a lock on a file beside the database, because neither SQLite nor the
//! driver keeps two programs from migrating at once. Before an existing database is changed, a copy is made with
//! `VACUUM INTO`.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Row as _};
use store::StoreError;

use crate::dialect::Dialect;
use crate::schema::{self, Migrated, SchemaInfo, Step};
use crate::sqlite::error::store_error;

const PATIENCE: Duration = Duration::from_millis(50);
/// One minute in all.
const TRIES: u32 = 1_200;

/// Held while a program migrates; the operating system gives it back when the program ends in whatever way.
pub(crate) struct Lock(#[expect(dead_code, reason = "held, never read")] File);

impl Lock {
    /// Waits for other programs up to a minute.
    pub(crate) async fn take(database: &Path) -> Result<Self, StoreError> {
        let path = beside(database, "migrate.lock");
        let unwritable =
            |error: std::io::Error| StoreError::Unwritable { detail: format!("{}: {error}", path.display()) };
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(unwritable)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(PATIENCE).await,
                Err(TryLockError::Error(error)) => return Err(unwritable(error)),
            }
        }
        Err(StoreError::Busy {
            source: "another program has been migrating the database for a minute".into(),
        })
    }
}

/// A file beside the database that carries its name.
fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(suffix);
    database.with_file_name(name)
}

/// Reads what the database says about its schema. A file that is not ours is refused.
pub(crate) async fn info(
    connection: &mut SqliteConnection,
    steps: &[Step],
) -> Result<SchemaInfo, StoreError> {
    let known = schema::known(steps);
    let failed = |error| store_error("reading the schema's version", error);
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT 100";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *connection).await.map_err(failed)?;
    if tables.is_empty() {
        return Ok(SchemaInfo { version: 0, min_client: 0, known });
    }
    if !tables.iter().any(|table| table == "schema_info") {
        return Err(schema::foreign(&tables[0]));
    }
    let row = sqlx::query("SELECT version, min_client FROM schema_info").fetch_optional(connection).await;
    let row = row.map_err(failed)?.ok_or_else(|| StoreError::Corrupt {
        what: "schema version",
        detail: "the table schema_info is empty".to_owned(),
    })?;
    let read = |column| row.try_get(column).map_err(failed);
    Ok(SchemaInfo { version: read(0)?, min_client: read(1)?, known })
}

/// Applies the missing steps. The caller holds the [`Lock`].
pub(crate) async fn migrate(
    connection: &mut SqliteConnection,
    database: &Path,
    steps: &[Step],
) -> Result<Migrated, StoreError> {
    let before = info(connection, steps).await?;
    before.gate()?;
    if before.version > 0 {
        check_applied(connection, steps).await?;
    }
    let missing: Vec<&Step> = steps.iter().filter(|step| step.version > before.version).collect();
    let copy = match missing.first() {
        Some(_) if before.version > 0 => Some(keep_copy(connection, database, before.version).await?),
        _ => None,
    };
    for step in &missing {
        apply(connection, step).await?;
        tracing::info!(step = step.name, "database migrated");
    }
    Ok(Migrated { from: before.version, to: before.version.max(before.known), copy })
}

/// A step that was applied must be the one that this program carries.
async fn check_applied(connection: &mut SqliteConnection, steps: &[Step]) -> Result<(), StoreError> {
    let failed = |error| store_error("reading the applied migrations", error);
    let rows = sqlx::query("SELECT version, name, checksum FROM schema_step ORDER BY version");
    let mut applied = Vec::new();
    for row in rows.fetch_all(connection).await.map_err(failed)? {
        let read = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
        applied.push((read.0, read.1, row.try_get(2).map_err(failed)?));
    }
    schema::check_applied(steps, Dialect::Sqlite, &applied)
}

/// A consistent copy beside the database, e.g. `sealwright.db.schema-1`. An older copy of the same version is replaced.
async fn keep_copy(
    connection: &mut SqliteConnection,
    database: &Path,
    version: i64,
) -> Result<PathBuf, StoreError> {
    let copy = beside(database, &format!("schema-{version}"));
    let unwritable =
        |error: std::io::Error| StoreError::Unwritable { detail: format!("{}: {error}", copy.display()) };
    match std::fs::remove_file(&copy) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(unwritable(error)),
    }
    create_private(&copy).map_err(unwritable)?;
    vacuum_into(connection, &copy).await?;
    Ok(copy)
}

/// A consistent copy in a new file that only this account can read.
pub(crate) async fn copy_into(connection: &mut SqliteConnection, copy: &Path) -> Result<(), StoreError> {
    create_private(copy)
        .map_err(|error| StoreError::Unwritable { detail: format!("{}: {error}", copy.display()) })?;
    let copied = vacuum_into(connection, copy).await;
    if copied.is_err() {
        // Half a copy is none, and would be in the way of the next one.
        let _ = std::fs::remove_file(copy);
    }
    copied
}

async fn vacuum_into(connection: &mut SqliteConnection, copy: &Path) -> Result<(), StoreError> {
    let into = copy.to_str().ok_or_else(|| StoreError::Unwritable {
        detail: format!("{}: the path is not readable text", copy.display()),
    })?;
    let done = sqlx::query("VACUUM INTO ?").bind(into).execute(connection).await;
    done.map(|_| ()).map_err(|error| store_error("copying the database", error))
}

/// An empty file that only this account can read.
pub(crate) fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

async fn apply(connection: &mut SqliteConnection, step: &Step) -> Result<(), StoreError> {
    let failed = |error| store_error("migrating the database", error);
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let ours = "CREATE TABLE IF NOT EXISTS schema_info (version INTEGER NOT NULL, min_client INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS schema_step (version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL,
          checksum BLOB NOT NULL, applied_at INTEGER NOT NULL) STRICT;";
    sqlx::raw_sql(ours).execute(&mut *transaction).await.map_err(failed)?;
    sqlx::raw_sql(AssertSqlSafe(step.sqlite)).execute(&mut *transaction).await.map_err(failed)?;
    let record = "INSERT INTO schema_step (version, name, checksum, applied_at) VALUES (?, ?, ?, {now})";
    let record = sqlx::query(AssertSqlSafe(Dialect::Sqlite.text(record.into())))
        .bind(step.version)
        .bind(step.name)
        .bind(step.digest(Dialect::Sqlite));
    record.execute(&mut *transaction).await.map_err(failed)?;
    sqlx::query("DELETE FROM schema_info").execute(&mut *transaction).await.map_err(failed)?;
    let state = sqlx::query("INSERT INTO schema_info (version, min_client) VALUES (?, ?)");
    let state = state.bind(step.version).bind(step.min_client);
    state.execute(&mut *transaction).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

#[cfg(test)]
#[path = "migrate_tests.rs"]
mod tests;
