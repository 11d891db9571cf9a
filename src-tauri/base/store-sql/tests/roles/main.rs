//! The roles on a real server: each login may do exactly what the one table of rights says, asked right by right.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test target from end to end")]

#[expect(dead_code, unreachable_pub, reason = "samples of all suites")]
#[path = "../../../../../tests/conformance/store/sample.rs"]
mod sample;

#[path = "../../../../../tests/conformance/store/deeds.rs"]
mod deeds;

#[path = "../../../../../tests/conformance/store/fences.rs"]
mod fences;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{AssertSqlSafe, Connection, Row};
use store::StoreError;
use store_sql::roles::{
    Examiner, Grade, Kind, Role, Standing, Table, grant_statements, grants, owner_name, prepare, probe,
    role_name,
};
use store_sql::{Location, Options, ServerKind, SqlStore};
use support::{Account, Database, MariaDb, fresh_store};

use crate::fences::Fenced;

/// Tries statements with one login.
struct Tried(MySqlConnection);

#[async_trait]
impl Examiner for Tried {
    async fn allowed(&mut self, sql: &str) -> Result<bool, StoreError> {
        match tried(&mut self.0, sql).await {
            Ok(()) => Ok(true),
            Err(error) if error.starts_with("denied") => Ok(false),
            Err(error) => Err(StoreError::Schema(format!("{error}: {sql}"))),
        }
    }
}

/// `Err` begins with `denied` when the login lacks the right.
async fn tried(connection: &mut MySqlConnection, sql: &str) -> Result<(), String> {
    let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await else {
        return Ok(());
    };
    let number = error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>())
        .map(sqlx::mysql::MySqlDatabaseError::number);
    match number {
        Some(1044 | 1142 | 1143 | 1227) => Err(format!("denied: {error}")),
        _ => Err(error.to_string()),
    }
}

async fn sign_in(database: &Database, account: &Account) -> MySqlConnection {
    let address = database.address_as(account);
    let mut options = MySqlConnectOptions::new()
        .host(&address.host)
        .port(address.port)
        .database(database.name())
        .username(&account.user)
        .password(&account.password);
    options = match database.ca_file() {
        Some(file) => options.ssl_mode(MySqlSslMode::VerifyIdentity).ssl_ca(file),
        None => options.ssl_mode(MySqlSslMode::Required),
    };
    MySqlConnection::connect_with(&options).await.unwrap()
}

/// A migrated database, and its roles by the shipped script.
async fn with_roles() -> Database {
    let database = MariaDb::shared().await.database().await;
    let location = Location::Server { address: database.address(), login: database.login() };
    SqlStore::migrate(&location, &Options::default()).await.unwrap();
    database.execute(&grants(ServerKind::MySql, database.name()));
    database
}

/// An account with these roles, as docs/database.md says how to make one.
fn account(database: &Database, roles: &[Role]) -> Account {
    let names: Vec<&str> = roles.iter().map(|role| role.suffix()).collect();
    // On MySQL a role is an account that nobody signs in with: the two need different names.
    let account = database.user(&format!("as_{}", names.join("_")), &[]);
    let mut given: Vec<String> =
        roles.iter().map(|role| role_name(ServerKind::MySql, database.name(), *role)).collect();
    if given.len() > 1 {
        let both = format!("{}_both", database.name());
        database.execute(&format!("CREATE ROLE IF NOT EXISTS {both};"));
        for role in &given {
            database.execute(&format!("GRANT {role} TO {both};"));
        }
        given = vec![both];
    }
    let role = &given[0];
    let user = &account.user;
    let word = if database.execute("SELECT VERSION()").contains("MariaDB") { "FOR" } else { "TO" };
    database.execute(&format!("GRANT {role} TO {user}@'%'; SET DEFAULT ROLE {role} {word} {user}@'%';"));
    account
}

async fn examined(database: &Database, account: &Account) -> Standing {
    let mut tried = Tried(sign_in(database, account).await);
    probe(&mut tried).await.unwrap()
}

#[tokio::test]
async fn the_list_of_tables_is_that_of_a_migrated_database() {
    let fresh = fresh_store().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(fresh.file());
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let names: BTreeSet<String> =
        sqlx::query_scalar(names).fetch_all(&mut connection).await.unwrap().into_iter().collect();
    let listed: BTreeSet<String> = Table::all().map(|table| table.name.to_owned()).collect();
    assert_eq!(names, listed);

    let mut before: BTreeSet<&str> = BTreeSet::new();
    for table in Table::all() {
        let sql = format!("PRAGMA table_info({})", table.name);
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        let columns: Vec<(String, String)> =
            rows.iter().map(|row| (row.get("name"), row.get("type"))).collect();
        let word = |kind| match kind {
            Kind::Int => "INTEGER",
            Kind::Text => "TEXT",
            Kind::Bytes => "BLOB",
        };
        let listed: Vec<(String, String)> =
            table.columns.iter().map(|one| (one.name.to_owned(), word(one.kind).to_owned())).collect();
        assert_eq!(columns, listed, "{}", table.name);
        let mut key: BTreeMap<i64, String> =
            rows.iter().map(|row| (row.get("pk"), row.get("name"))).collect();
        key.remove(&0);
        assert_eq!(key.into_values().collect::<Vec<_>>(), table.key, "{}", table.name);

        let sql = format!("PRAGMA foreign_key_list({})", table.name);
        before.insert(table.name);
        for row in sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap() {
            let (to, from): (String, String) = (row.get("table"), row.get("from"));
            let in_order = before.contains(to.as_str());
            assert_ne!(in_order, table.later.contains(&from.as_str()), "{}.{from} -> {to}", table.name);
        }
        let triggers = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?";
        let triggers: i64 =
            sqlx::query_scalar(triggers).bind(table.name).fetch_one(&mut connection).await.unwrap();
        assert_eq!(triggers == 2, table.append_only, "{}", table.name);
    }
    connection.close().await.unwrap();
}

async fn open(database: &Database, account: &Account) -> SqlStore {
    let location = Location::Server { address: database.address_as(account), login: account.login() };
    SqlStore::open(&location, &Options::default()).await.unwrap()
}

#[async_trait]
impl Fenced for Database {
    async fn owner(&self) -> SqlStore {
        open(self, Database::owner(self)).await
    }

    async fn signed_in(&self, role: Role) -> SqlStore {
        open(self, &account(self, &[role])).await
    }

    async fn standing(&self, role: Role) -> Standing {
        examined(self, &account(self, &[role])).await
    }
}

#[tokio::test]
async fn each_role_may_do_exactly_what_the_table_says() {
    fences::each_role_may_do_exactly_what_the_table_says(&with_roles().await).await;
}

#[tokio::test]
async fn each_role_does_its_work_through_the_store_and_nothing_else() {
    fences::each_role_does_its_work_through_the_store_and_nothing_else(&with_roles().await).await;
}

#[tokio::test]
async fn what_a_role_does_is_kept() {
    fences::what_a_role_does_is_kept(&with_roles().await).await;
}

#[tokio::test]
async fn no_role_rewrites_history_or_the_schema() {
    let database = with_roles().await;
    database.execute(
        "INSERT INTO audit_log VALUES (1, 1, 0, 'k', 'success', 'a', 'o', 'd', REPEAT('h', 32)); \
         INSERT INTO admission VALUES (1, 'b', 's')",
    );
    let forbidden = [
        "UPDATE audit_log SET actor = 'somebody else' WHERE seq = 1",
        "DELETE FROM audit_log WHERE seq = 1",
        "REPLACE INTO audit_log VALUES (1, 1, 0, 'k', 'success', 'x', 'o', 'd', REPEAT('h', 32))",
        "INSERT INTO audit_log VALUES (1, 1, 0, 'k', 'success', 'a', 'o', 'd', REPEAT('h', 32)) ON DUPLICATE KEY UPDATE actor = 'x'",
        "TRUNCATE TABLE audit_log",
        "DELETE FROM audit_head",
        "UPDATE admission SET body = 'x' WHERE seq = 1",
        "DELETE FROM admission",
        "DROP TRIGGER audit_log_no_delete",
        "DROP TRIGGER admission_no_delete",
        "ALTER TABLE audit_log ADD COLUMN more BIGINT",
        "DROP TABLE audit_log",
        "RENAME TABLE audit_log TO other_log",
        "CREATE TABLE mine (a BIGINT)",
        "CREATE TRIGGER mine BEFORE INSERT ON job FOR EACH ROW SET NEW.attempts = 9",
        "CREATE VIEW mine AS SELECT * FROM archived_key",
        "DELETE FROM archived_key",
        "UPDATE archived_key SET envelope = 'x'",
        "UPDATE archived_key SET spki_sha256 = REPEAT('x', 32)",
        "UPDATE schema_info SET version = 9",
    ];
    for role in Role::ALL {
        let mut connection = sign_in(&database, &account(&database, &[role])).await;
        for sql in forbidden {
            // The one role that seals what is archived to others.
            if role == Role::KraOfficer && sql.starts_with("UPDATE archived_key SET envelope") {
                continue;
            }
            let refused = tried(&mut connection, sql).await;
            assert!(
                refused.as_ref().is_err_and(|why| why.starts_with("denied")),
                "{role:?} {sql}: {refused:?}"
            );
        }
        let granted = format!(
            "GRANT SELECT ON archived_key TO {}",
            role_name(ServerKind::MySql, database.name(), role)
        );
        assert!(tried(&mut connection, &granted).await.is_err(), "{role:?}");
    }
    let owner = examined(&database, database.owner()).await;
    assert!(owner.is_mighty());
    assert!(owner.remarks().iter().filter(|remark| remark.grade == Grade::Wrong).count() >= 3);
}

#[tokio::test]
async fn one_account_may_have_two_roles_and_none_has_none() {
    let database = with_roles().await;
    let both = account(&database, &[Role::KraOfficer, Role::Auditor]);
    let standing = examined(&database, &both).await;
    assert_eq!(standing.roles, [Role::KraOfficer, Role::Auditor]);
    assert_eq!((standing.missing, standing.excess), (vec![], vec![]));

    let stranger = database.user("stranger", &["SELECT ON schema_info"]);
    let standing = examined(&database, &stranger).await;
    assert_eq!(standing.rights.iter().filter(|right| right.allowed).count(), 1);
    database.execute(&format!("REVOKE SELECT ON schema_info FROM {}@'%'", stranger.user));
    database.execute(&format!("GRANT CREATE ON {}.nothing TO {}@'%'", database.name(), stranger.user));
    assert_eq!(examined(&database, &stranger).await.roles, []);
}

#[tokio::test]
async fn the_script_run_again_gives_back_exactly_the_table_and_keeps_accounts() {
    let database = with_roles().await;
    let auditor = account(&database, &[Role::Auditor]);
    let role = role_name(ServerKind::MySql, database.name(), Role::Auditor);
    database
        .execute(&format!("GRANT SELECT ON archived_key TO {role}; GRANT DELETE ON audit_log TO {role};"));
    database.execute(&format!("REVOKE SELECT ON kra FROM {role};"));
    let standing = examined(&database, &auditor).await;
    let named = |rights: &[store_sql::roles::Right]| -> Vec<String> {
        rights.iter().map(ToString::to_string).collect()
    };
    assert_eq!(named(&standing.missing), ["SELECT ON kra"]);
    assert_eq!(named(&standing.excess), ["SELECT (envelope) ON archived_key", "DELETE ON audit_log"]);
    assert!(standing.is_mighty());

    database.execute(&grant_statements(ServerKind::MySql, database.name()).join("\n"));
    let standing = examined(&database, &auditor).await;
    assert_eq!((standing.roles, standing.missing, standing.excess), (vec![Role::Auditor], vec![], vec![]));
}

#[tokio::test]
async fn missing_triggers_are_named_to_the_owner_and_made_by_the_next_migration() {
    let database = with_roles().await;
    let location =
        |login: &Account| Location::Server { address: database.address_as(login), login: login.login() };
    let open = async |login: &Account| SqlStore::open(&location(login), &Options::default()).await.unwrap();
    let (owner, auditor) = (database.owner(), account(&database, &[Role::Auditor]));
    let (owners, auditors) = (open(owner).await, open(&auditor).await);
    assert_eq!(owners.shortcomings().await.unwrap(), []);

    database.execute("DROP TRIGGER audit_log_no_delete");
    let told = owners.shortcomings().await.unwrap();
    assert!(told.len() == 1 && told[0].found.ends_with("missing: audit_log_no_delete"), "{told:?}");
    database.execute(
        "DROP TRIGGER audit_log_no_update; DROP TRIGGER admission_no_delete; DROP TRIGGER admission_no_update",
    );
    let told = owners.shortcomings().await.unwrap();
    assert_eq!(told[0].found.matches("_no_").count(), 4, "{told:?}");
    // Whoever cannot see triggers is not told that there are none.
    assert_eq!(auditors.shortcomings().await.unwrap(), []);

    let migrated = SqlStore::migrate(&location(owner), &Options::default()).await.unwrap();
    assert_eq!(migrated.from, migrated.to);
    assert_eq!(owners.shortcomings().await.unwrap(), []);
    database.execute("INSERT INTO admission VALUES (1, 'b', 's')");
    let refused = database.execute_as(owner, "DELETE FROM admission").unwrap_err();
    assert!(refused.contains("append only"), "{refused}");
}

#[tokio::test]
async fn the_first_script_makes_a_database_and_an_owner_who_can_make_tables() {
    let database = MariaDb::shared().await.database().await;
    // Not the test's own, whose owner has a role's name already.
    let name = format!("{}_made", database.name());
    database.execute(&prepare(ServerKind::MySql, &name));
    let owner = database.user("builder", &[]);
    let role = owner_name(ServerKind::MySql, &name);
    let word = if database.execute("SELECT VERSION()").contains("MariaDB") { "FOR" } else { "TO" };
    database
        .execute(&format!("GRANT {role} TO {0}@'%'; SET DEFAULT ROLE {role} {word} {0}@'%';", owner.user));
    // A neighbour's database whose name would fit a careless pattern.
    let neighbour = name.replace('_', "x");
    database.execute(&format!(
        "CREATE DATABASE {neighbour}; GRANT SELECT ON {}.* TO {}@'%'",
        database.name(),
        owner.user
    ));
    let mut connection = sign_in(&database, &owner).await;
    let mut told = Vec::new();
    for sql in [
        format!("USE {name}"),
        "CREATE TABLE one (a BIGINT PRIMARY KEY)".to_owned(),
        "CREATE TABLE two (a BIGINT, FOREIGN KEY (a) REFERENCES one (a))".to_owned(),
        "ALTER TABLE two ADD COLUMN b BIGINT".to_owned(),
        "CREATE TRIGGER t BEFORE DELETE ON one FOR EACH ROW SIGNAL SQLSTATE '45000'".to_owned(),
        "INSERT INTO one VALUES (1)".to_owned(),
        "DROP TABLE two".to_owned(),
        format!("CREATE TABLE {neighbour}.one (a BIGINT)"),
    ] {
        told.push(tried(&mut connection, &sql).await);
    }
    database.execute(&format!("DROP DATABASE {neighbour}; DROP DATABASE {name}; DROP ROLE {role};"));
    let reached = told.pop().unwrap();
    assert!(told.iter().all(Result::is_ok), "{told:?}");
    assert!(reached.as_ref().is_err_and(|why| why.starts_with("denied")), "{reached:?}");
}
