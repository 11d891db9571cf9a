//! What may a login do? Asked of the server itself, by statements that touch no row.
//!
//! Each right is tried with its own kind of statement and a condition that is never true, so that nothing is read,
//! written or locked for long, whatever the answer. What a server says about its grants is not read: it differs
//! everywhere, and groups, roles and ownership count too.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use store::StoreError;

use super::catalogue::{Kind, Table};
use super::rights::Privilege;
use super::role::Role;

/// Tries statements with the login that is examined.
#[async_trait]
pub trait Examiner: Send {
    /// Sends a statement that changes no row. `true` when the server lets it through, `false` when it denies it for want
    /// of a right: errors 1044, 1142, 1143 and 1227 of MySQL and MariaDB, 229 and 230 of SQL Server. The error of a
    /// trigger means that the right is there.
    ///
    /// # Errors
    /// Anything else that went wrong.
    async fn allowed(&mut self, sql: &str) -> Result<bool, StoreError>;
}

/// One right and whether the login has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Right {
    /// Of which table.
    pub table: &'static str,
    /// What can be done.
    pub privilege: Privilege,
    /// With which of its columns; `None` for all of them.
    pub columns: Option<Vec<&'static str>>,
    /// Whether the login may.
    pub allowed: bool,
    /// The roles that have it.
    roles: Vec<Role>,
}

impl fmt::Display for Right {
    /// As in a grant, e.g. `SELECT (envelope) ON archived_key`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.privilege.sql())?;
        if let Some(columns) = &self.columns {
            write!(f, " ({})", columns.join(", "))?;
        }
        write!(f, " ON {}", self.table)
    }
}

impl Right {
    /// All rights there are, told apart as far as any two roles differ in them.
    fn all() -> Vec<Self> {
        Table::all()
            .flat_map(|table| Privilege::ALL.map(|privilege| Self::of(table, privilege)))
            .flatten()
            .collect()
    }

    fn of(table: &Table, privilege: Privilege) -> Vec<Self> {
        let mut by_roles: BTreeMap<Vec<Role>, Vec<&'static str>> = BTreeMap::new();
        for column in table.columns {
            let roles: Vec<Role> =
                Role::ALL.into_iter().filter(|role| role.may(privilege, table, column.name)).collect();
            by_roles.entry(roles).or_default().push(column.name);
        }
        let right = |(roles, columns): (Vec<Role>, Vec<&'static str>)| Self {
            table: table.name,
            privilege,
            columns: (columns.len() < table.columns.len()).then_some(columns),
            allowed: false,
            roles,
        };
        by_roles.into_iter().map(right).collect()
    }

    /// A statement that needs this right, no other, and changes nothing.
    fn sql(&self) -> String {
        let Some(table) = Table::find(self.table) else { return String::new() };
        let concerned = table
            .columns
            .iter()
            .filter(|column| self.columns.as_ref().is_none_or(|columns| columns.contains(&column.name)));
        let names: Vec<&str> = concerned.clone().map(|column| column.name).collect();
        let blank = |kind| match kind {
            Kind::Int => "0",
            Kind::Text => "''",
            Kind::Bytes => "0x00",
        };
        let blanks: Vec<&str> = concerned.clone().map(|column| blank(column.kind)).collect();
        let name = self.table;
        match self.privilege {
            Privilege::Select => format!("SELECT {} FROM {name} WHERE 1 = 0", names.join(", ")),
            // The row comes out of nothing: reading a table would need another right.
            Privilege::Insert => format!(
                "INSERT INTO {name} ({}) SELECT {} FROM (SELECT 1 AS one) AS nothing WHERE 1 = 0",
                names.join(", "),
                blanks.join(", ")
            ),
            Privilege::Update => {
                let pairs = names.iter().zip(&blanks).map(|(name, blank)| format!("{name} = {blank}"));
                format!("UPDATE {name} SET {} WHERE 1 = 0", pairs.collect::<Vec<_>>().join(", "))
            }
            Privilege::Delete => format!("DELETE FROM {name} WHERE 1 = 0"),
        }
    }

    fn belongs_to(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }
}

/// What a login may do, and as what that can be understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Every right, had or not.
    pub rights: Vec<Right>,
    /// The roles that come nearest, usually one; none when the login may do nothing.
    pub roles: Vec<Role>,
    /// What those roles have and the login has not.
    pub missing: Vec<Right>,
    /// What the login has and none of those roles has.
    pub excess: Vec<Right>,
}

impl Standing {
    /// Whether the login may do this with that column of the table. `false` for tables and columns that do not exist.
    pub fn may(&self, privilege: Privilege, table: &str, column: &str) -> bool {
        self.rights.iter().any(|right| {
            right.allowed
                && right.table == table
                && right.privilege == privilege
                && match &right.columns {
                    Some(columns) => columns.contains(&column),
                    None => {
                        Table::find(table).is_some_and(|one| one.columns.iter().any(|c| c.name == column))
                    }
                }
        })
    }

    /// Whether the login may change what only grows: the owner's or a server administrator's.
    pub fn is_mighty(&self) -> bool {
        self.rights.iter().any(|right| right.allowed && right.roles.is_empty())
    }

    fn of(rights: Vec<Right>) -> Self {
        let has = rights.iter().filter(|right| right.allowed);
        let roles = if has.clone().next().is_none() { Vec::new() } else { nearest(&rights) };
        let excess = has.filter(|right| !right.belongs_to(&roles)).cloned().collect();
        let missing =
            rights.iter().filter(|right| !right.allowed && right.belongs_to(&roles)).cloned().collect();
        Self { rights, roles, missing, excess }
    }
}

/// The set of roles whose rights differ least from those that are there; of equals the smallest.
fn nearest(rights: &[Right]) -> Vec<Role> {
    let sets = 1_u32..1 << Role::ALL.len();
    let members = |set: u32| -> Vec<Role> {
        Role::ALL.into_iter().enumerate().filter(|(n, _)| set & (1 << n) != 0).map(|(_, role)| role).collect()
    };
    let distance = |roles: &[Role]| {
        let differs = rights.iter().filter(|right| right.allowed != right.belongs_to(roles));
        differs.count()
    };
    sets.map(members).min_by_key(|roles| (distance(roles), roles.len())).unwrap_or_default()
}

/// Examines a login. Some 170 small statements; the caller gives a connection of the login's own and rolls back what it
/// began, if anything.
///
/// # Errors
/// Whatever goes wrong besides a denial, e.g. a table that does not exist because the database is older than the program.
pub async fn probe(examiner: &mut dyn Examiner) -> Result<Standing, StoreError> {
    let mut rights = Right::all();
    for right in &mut rights {
        right.allowed = examiner.allowed(&right.sql()).await?;
    }
    Ok(Standing::of(rights))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A login with exactly the rights of some roles.
    pub(in super::super) fn standing(roles: &[Role]) -> Standing {
        let mut rights = Right::all();
        for right in &mut rights {
            right.allowed = right.belongs_to(roles);
        }
        Standing::of(rights)
    }

    #[test]
    fn every_role_and_every_pair_of_roles_is_recognised() {
        for one in Role::ALL {
            let found = standing(&[one]);
            assert_eq!((found.roles, found.missing, found.excess), (vec![one], vec![], vec![]));
            for other in Role::ALL {
                let found = standing(&[one, other]);
                assert_eq!((&found.missing, &found.excess), (&vec![], &vec![]), "{one:?} {other:?}");
                assert!(found.roles.iter().all(|role| [one, other].contains(role)), "{:?}", found.roles);
            }
        }
        assert_eq!(standing(&[]).roles, []);
    }

    #[test]
    fn one_right_less_or_more_is_named() {
        let mut rights = standing(&[Role::Daemon]).rights;
        for right in &mut rights {
            match right.to_string().as_str() {
                "DELETE ON job" => right.allowed = false,
                "DELETE ON audit_log" => right.allowed = true,
                _ => {}
            }
        }
        let found = Standing::of(rights);
        assert_eq!(found.roles, [Role::Daemon]);
        assert_eq!(found.missing.iter().map(ToString::to_string).collect::<Vec<_>>(), ["DELETE ON job"]);
        assert_eq!(found.excess.iter().map(ToString::to_string).collect::<Vec<_>>(), ["DELETE ON audit_log"]);
        assert!(found.is_mighty() && !standing(&Role::ALL).is_mighty());
    }

    #[test]
    fn a_question_needs_the_right_in_question_and_no_other() {
        let sql = |text: &str| {
            let right = Right::all().into_iter().find(|right| right.to_string() == text);
            right.unwrap_or_else(|| panic!("there is no right {text}")).sql()
        };
        assert_eq!(sql("SELECT (envelope) ON archived_key"), "SELECT envelope FROM archived_key WHERE 1 = 0");
        assert_eq!(
            sql("INSERT ON inflight_key"),
            "INSERT INTO inflight_key (enrollment, envelope) SELECT 0x00, 0x00 FROM (SELECT 1 AS one) AS nothing \
             WHERE 1 = 0"
        );
        assert_eq!(
            sql("UPDATE (seq, hash) ON audit_head"),
            "UPDATE audit_head SET seq = 0, hash = 0x00 WHERE 1 = 0"
        );
        assert_eq!(sql("DELETE ON job"), "DELETE FROM job WHERE 1 = 0");
    }

    #[test]
    fn a_login_is_asked_about_single_columns() {
        let auditor = standing(&[Role::Auditor]);
        assert!(auditor.may(Privilege::Select, "archived_key", "kra_thumbprints"));
        assert!(!auditor.may(Privilege::Select, "archived_key", "envelope"));
        assert!(!auditor.may(Privilege::Select, "archived_key", "no such column"));
        assert!(!auditor.may(Privilege::Select, "no such table", "envelope"));
    }
}
