//! The rights as scripts for a server's administrator, committed below packaging/database.
//!
//! Two for each kind of server: `prepare` before the tables exist (the database and the role that may make them), `grants`
//! after each migration. Both may be run again at any time; afterwards a role has exactly the rights of the table, no
//! matter what an earlier release or somebody by hand granted it. Accounts are never made here, only shown how.

use sha2::{Digest, Sha256};

use super::catalogue::Table;
use super::rights::Privilege;
use super::role::Role;
use crate::server::ServerKind;

/// The role that makes and changes tables.
const OWNER: &str = "owner";
/// MySQL takes no longer names.
const LONGEST: usize = 32;

/// The name of a role in the database. Roles of MySQL belong to the whole server, so theirs begin with the database's
/// name: two databases on one server share none.
pub fn role_name(kind: ServerKind, database: &str, role: Role) -> String {
    named(kind, database, role.suffix())
}

/// The name of the role that makes and changes tables.
pub fn owner_name(kind: ServerKind, database: &str) -> String {
    named(kind, database, OWNER)
}

fn named(kind: ServerKind, database: &str, suffix: &str) -> String {
    match kind {
        ServerKind::MySql => {
            if database.chars().count() + 1 + suffix.len() <= LONGEST {
                return format!("{database}_{suffix}");
            }
            // Still told from every other database's.
            let digest = hex::encode(&Sha256::digest(database)[..4]);
            let room = LONGEST - suffix.len() - digest.len() - 2;
            let stem: String = database.chars().take(room).collect();
            format!("{stem}_{digest}_{suffix}")
        }
        ServerKind::SqlServer => format!("sealwright_{suffix}"),
    }
}

fn quoted(kind: ServerKind, name: &str) -> String {
    match kind {
        ServerKind::MySql => format!("`{}`", name.replace('`', "``")),
        ServerKind::SqlServer => format!("[{}]", name.replace(']', "]]")),
    }
}

/// The table as a grant names it.
fn object(kind: ServerKind, database: &str, table: &Table) -> String {
    match kind {
        ServerKind::MySql => format!("{}.{}", quoted(kind, database), quoted(kind, table.name)),
        ServerKind::SqlServer => format!("dbo.{}", quoted(kind, table.name)),
    }
}

fn list(kind: ServerKind, names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(kind, name)).collect();
    names.join(", ")
}

/// The statements that give every role its rights, without comments; each may be sent by itself. Those for SQL Server
/// belong between `BEGIN TRANSACTION` and `COMMIT`, so that nobody is without rights in between.
pub fn grant_statements(kind: ServerKind, database: &str) -> Vec<String> {
    let role = |role| quoted(kind, &role_name(kind, database, role));
    let mut statements: Vec<String> =
        Role::ALL.into_iter().map(|one| create(kind, &role_name(kind, database, one))).collect();
    statements.extend(revokes(kind, database));
    for one in Role::ALL {
        for table in Table::all() {
            statements.extend(give(kind, &object(kind, database, table), table, one, &role(one)));
        }
    }
    statements
}

fn create(kind: ServerKind, name: &str) -> String {
    match kind {
        ServerKind::MySql => format!("CREATE ROLE IF NOT EXISTS {};", quoted(kind, name)),
        ServerKind::SqlServer => {
            let literal = name.replace('\'', "''");
            format!("IF DATABASE_PRINCIPAL_ID(N'{literal}') IS NULL CREATE ROLE {};", quoted(kind, name))
        }
    }
}

/// Takes back whatever the roles were ever given.
fn revokes(kind: ServerKind, database: &str) -> Vec<String> {
    let roles = Role::ALL.into_iter().map(|role| quoted(kind, &role_name(kind, database, role)));
    match kind {
        ServerKind::MySql => {
            roles.map(|role| format!("REVOKE ALL PRIVILEGES, GRANT OPTION FROM {role};")).collect()
        }
        ServerKind::SqlServer => {
            let roles: Vec<String> = roles.collect();
            let roles = roles.join(", ");
            let from = |table: &Table| {
                let object = object(kind, database, table);
                let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
                let columns = list(kind, &names);
                [
                    format!("REVOKE SELECT, INSERT, UPDATE, DELETE ON {object} FROM {roles};"),
                    format!("REVOKE SELECT ({columns}), UPDATE ({columns}) ON {object} FROM {roles};"),
                ]
            };
            Table::all().flat_map(from).collect()
        }
    }
}

/// What a role may do with one table, as a statement; none when it may do nothing.
fn give(kind: ServerKind, object: &str, table: &Table, role: Role, name: &str) -> Option<String> {
    let mut words = Vec::new();
    for privilege in Privilege::ALL {
        let columns = role.columns(privilege, table);
        if columns.is_empty() {
            continue;
        }
        let word = privilege.sql();
        words.push(if columns.len() == table.columns.len() {
            word.to_owned()
        } else {
            format!("{word} ({})", list(kind, &columns))
        });
    }
    (!words.is_empty()).then(|| format!("GRANT {} ON {object} TO {name};", words.join(", ")))
}

const HEAD: &str = "Written by `./dev grants` from src-tauri/base/store-sql/src/roles; do not edit.";

/// The script that is run once, by an administrator of the server, before the program makes its tables.
pub fn prepare(kind: ServerKind, database: &str) -> String {
    let owner = quoted(kind, &owner_name(kind, database));
    let name = quoted(kind, database);
    match kind {
        ServerKind::MySql => {
            // In a grant on a whole database these two would stand for any letter.
            let pattern = quoted(kind, &database.replace('_', "\\_").replace('%', "\\%"));
            format!(
                "-- Sealwright on MySQL 8, MariaDB 10.6 or newer, Azure Database for MySQL: the database and its owner.
-- {HEAD}
--
-- Run it as an administrator of the server. It may be run again.

CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The owner makes and changes tables, and nothing of the program runs as the owner: sign in with it for
-- `sealwright migrate` and for moving data in, and store its password nowhere.
{}
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, TRIGGER, LOCK TABLES
  ON {pattern}.* TO {owner};

-- An account for it, with a password of your own and only from where you administer:
--
--   CREATE USER 'seal_owner'@'10.1.2.3' IDENTIFIED BY '...' REQUIRE SSL;
--   GRANT {owner} TO 'seal_owner'@'10.1.2.3';
--   SET DEFAULT ROLE {owner} TO 'seal_owner'@'10.1.2.3';     -- MySQL
--   SET DEFAULT ROLE {owner} FOR 'seal_owner'@'10.1.2.3';    -- MariaDB
--
-- With binary logging on, MySQL lets an account without SUPER make triggers only under
-- `SET GLOBAL log_bin_trust_function_creators = 1` (on Azure: the server parameter of that name).
--
-- Then: `sealwright migrate`, and after it grants.sql.
",
                create(kind, &owner_name(kind, database)),
            )
        }
        ServerKind::SqlServer => format!(
            "-- Sealwright on SQL Server 2019 or newer and Azure SQL: the database and its owner.
-- {HEAD}
--
-- In the database `master`, unless the database exists:
--
--   CREATE DATABASE {name};
--
-- The rest in the database itself, as its db_owner. It may be run again.

-- Readers see what was committed and wait for no writer. Azure SQL has the first of the two by default; changing it ends
-- the transactions that run at the moment.
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID() AND is_read_committed_snapshot_on = 0)
  ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE;
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID() AND snapshot_isolation_state = 0)
  ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON;

-- The owner makes and changes tables, and nothing of the program runs as the owner: sign in with it for
-- `sealwright migrate` and for moving data in, and store its password nowhere.
{}
GRANT CREATE TABLE TO {owner};
GRANT SELECT, INSERT, UPDATE, DELETE, ALTER, REFERENCES ON SCHEMA::dbo TO {owner};

-- A member for it, one of these:
--
--   CREATE LOGIN seal_owner WITH PASSWORD = '...';  CREATE USER seal_owner FOR LOGIN seal_owner;
--   CREATE USER [Database administrators] FROM EXTERNAL PROVIDER;   -- a group of Entra ID, Azure SQL and SQL Server 2022
--   CREATE USER [CONTOSO\\Database administrators] FROM WINDOWS;     -- a group of Windows
--   ALTER ROLE {owner} ADD MEMBER seal_owner;
--
-- Then: `sealwright migrate`, and after it grants.sql.
",
            create(kind, &owner_name(kind, database)),
        ),
    }
}

/// The script that gives every role its rights; run after each migration, by an administrator of the server or, on SQL
/// Server, of the database.
pub fn grants(kind: ServerKind, database: &str) -> String {
    let mut script = match kind {
        ServerKind::MySql => format!(
            "-- Sealwright on MySQL 8, MariaDB 10.6 or newer, Azure Database for MySQL: the rights of every role.
-- {HEAD}
--
-- Run it after `sealwright migrate`, and again after each upgrade, as an administrator of the server. Afterwards each role
-- has exactly the rights below: what was granted to it otherwise is taken back. Accounts keep their roles.
-- A program that asks while this runs may be refused for a moment; it tries again.
-- docs/database.md says in words what each role may do and how to make accounts.
"
        ),
        ServerKind::SqlServer => format!(
            "-- Sealwright on SQL Server 2019 or newer and Azure SQL: the rights of every role.
-- {HEAD}
--
-- Run it in the database after `sealwright migrate`, and again after each upgrade, as its db_owner. Afterwards each role
-- has exactly the rights below on the program's tables: what was granted to it otherwise is taken back. Users keep their
-- roles. Nothing is denied with DENY, so that a person can have several roles.
-- docs/database.md says in words what each role may do and how to make users.

SET XACT_ABORT ON;
"
        ),
    };
    script.push('\n');
    for role in Role::ALL {
        script.push_str(&create(kind, &role_name(kind, database, role)));
        script.push('\n');
    }
    if kind == ServerKind::SqlServer {
        script.push_str("\nBEGIN TRANSACTION;\n");
    }
    script.push_str("\n-- Whatever the roles had before.\n");
    for revoke in revokes(kind, database) {
        script.push_str(&revoke);
        script.push('\n');
    }
    for role in Role::ALL {
        let name = quoted(kind, &role_name(kind, database, role));
        script.push_str(&format!("\n-- {}: {}.\n", role.name(), role.purpose()));
        for table in Table::all() {
            if let Some(statement) = give(kind, &object(kind, database, table), table, role, &name) {
                script.push_str(&statement);
                script.push('\n');
            }
        }
    }
    if kind == ServerKind::SqlServer {
        script.push_str("\nCOMMIT;\n");
    }
    script.push_str(&accounts(kind, database));
    script
}

/// How people and services get a role.
fn accounts(kind: ServerKind, database: &str) -> String {
    let daemon = quoted(kind, &role_name(kind, database, Role::Daemon));
    let manager = quoted(kind, &role_name(kind, database, Role::CertificateManager));
    let auditor = quoted(kind, &role_name(kind, database, Role::Auditor));
    match kind {
        ServerKind::MySql => {
            let both = quoted(kind, &named(kind, database, "both"));
            format!(
                "
-- Accounts. Each with a password of its own; `REQUIRE SSL` keeps it from being sent in clear.
--
--   CREATE USER 'seal_daemon'@'10.1.%' IDENTIFIED BY '...' REQUIRE SSL;
--   GRANT {daemon} TO 'seal_daemon'@'10.1.%';
--   SET DEFAULT ROLE {daemon} TO 'seal_daemon'@'10.1.%';     -- MySQL
--   SET DEFAULT ROLE {daemon} FOR 'seal_daemon'@'10.1.%';    -- MariaDB
--
-- Without a default role the account may do nothing.
--
-- A person with two roles: MySQL takes several default roles (`SET DEFAULT ROLE a, b TO ...`), MariaDB one, so make one
-- that holds both:
--
--   CREATE ROLE {both};  GRANT {manager} TO {both};  GRANT {auditor} TO {both};
--
-- Azure Database for MySQL with Entra ID, as the server's Entra administrator; the program signs in with a token:
--
--   CREATE AADUSER 'anna@contoso.com';
--   CREATE AADUSER 'Certificate managers';            -- a group
--   CREATE AADUSER 'seal-daemon';                     -- a managed identity
--   GRANT {manager} TO 'Certificate managers'@'%';
--   SET DEFAULT ROLE {manager} TO 'Certificate managers'@'%';
"
            )
        }
        ServerKind::SqlServer => format!(
            "
-- Users, one of these each:
--
--   CREATE USER [Certificate managers] FROM EXTERNAL PROVIDER;    -- a group, person or managed identity of Entra ID
--   CREATE USER [CONTOSO\\Certificate managers] FROM WINDOWS;      -- a group or person of Windows
--   CREATE LOGIN seal_daemon WITH PASSWORD = '...';  CREATE USER seal_daemon FOR LOGIN seal_daemon;
--
--   ALTER ROLE {manager} ADD MEMBER [Certificate managers];
--   ALTER ROLE {daemon} ADD MEMBER seal_daemon;
"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_two_databases_on_one_server_of_mysql_are_different() {
        let name = |database| role_name(ServerKind::MySql, database, Role::HelpDesk);
        assert_eq!(name("sealwright"), "sealwright_helpdesk");
        assert_ne!(name("sealwright"), name("sealwright_test"));
        let (long, longer) = ("x".repeat(40), "x".repeat(41));
        assert_ne!(name(&long), name(&longer));
        assert!(name(&long).chars().count() <= 32 && name(&"ü".repeat(64)).chars().count() <= 32);
        assert_eq!(role_name(ServerKind::SqlServer, "whatever", Role::HelpDesk), "sealwright_helpdesk");
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let script = grants(ServerKind::MySql, "a`b");
        assert!(script.contains("ON `a``b`.`job` TO `a``b_daemon`;"), "{script}");
    }

    #[test]
    fn the_scripts_give_nobody_the_right_to_change_the_log() {
        for kind in [ServerKind::MySql, ServerKind::SqlServer] {
            let statements = grant_statements(kind, "sealwright");
            let log = statements.iter().filter(|one| one.starts_with("GRANT") && one.contains("audit_log"));
            let log: Vec<&String> = log.collect();
            assert!(log.len() >= 5, "{log:?}");
            assert!(!log.iter().any(|one| one.contains("UPDATE") || one.contains("DELETE")), "{log:?}");
            let envelopes =
                statements.iter().filter(|one| one.starts_with("GRANT") && one.contains("envelope"));
            assert_eq!(
                envelopes.count(),
                2,
                "the daemon updates those in flight, an officer those in the archive"
            );
        }
    }
}
