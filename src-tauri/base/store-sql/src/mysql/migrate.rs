//! Brings a database on MySQL or MariaDB to the schema that this program knows.
//!
//! MySQL commits after each statement that changes a table, so that a step cannot be undone as a whole. Instead each
//! statement may be repeated, how far a step came is written down behind each, and an upgrade that was cut off goes on
//! there. A named lock keeps two programs apart; sqlx's own waits forever on MySQL and not at all on MariaDB. (On a Galera
//! cluster such locks hold on one node only: upgrade through one node.)

use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
use store::StoreError;

use super::{Pool, dedicated, fault};
use crate::dialect::Dialect;
use crate::fault::Fault;
use crate::schema::{self, Migrated, SchemaInfo, Step};
use crate::server::{Login, ServerAddress};

/// Triggers need a right that managed servers do not give (error 1419). They are the second barrier: the first is that no
/// role may change those tables.
const NO_TRIGGERS: u16 = 1419;

/// The triggers of this database. A login without the right to make them sees none.
pub(crate) const TRIGGERS: &str =
    "SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE()";

impl Pool {
    /// What the database says about its schema.
    pub(crate) async fn schema(&self, steps: &[Step]) -> Result<SchemaInfo, StoreError> {
        let mut stale = self.idle_for_reading();
        loop {
            let mut connection = self.for_reading().await?;
            match tokio::time::timeout(self.limit(), info(&mut connection, steps)).await {
                // The server has closed it while nobody used it.
                Ok(Err(StoreError::Busy { .. })) if stale > 0 => {
                    stale -= 1;
                    drop(connection.detach());
                }
                Ok(info) => return info,
                Err(elapsed) => {
                    // Nobody knows what the server still does with it.
                    drop(connection.detach());
                    return Err(Fault::from(elapsed).told("reading the schema's version"));
                }
            }
        }
    }
}

/// Makes the tables or applies the missing steps.
pub(crate) async fn migrate(
    address: &ServerAddress,
    login: &dyn Login,
    steps: &[Step],
) -> Result<Migrated, StoreError> {
    let mut connection = dedicated(address, login).await?;
    lock(&mut connection).await?;
    let migrated = apply_missing(&mut connection, steps).await;
    // The lock goes with the connection.
    let _ = connection.close().await;
    migrated
}

async fn lock(connection: &mut MySqlConnection) -> Result<(), StoreError> {
    let sql = "SELECT GET_LOCK(CONCAT('sealwright_', LEFT(DATABASE(), 40)), 60)";
    let got: Option<i64> = sqlx::query_scalar(sql)
        .fetch_one(connection)
        .await
        .map_err(|error| fault(error).told("waiting for other programs that migrate the database"))?;
    if got == Some(1) {
        return Ok(());
    }
    Err(StoreError::Busy { source: "another program has been migrating the database for a minute".into() })
}

async fn info(connection: &mut MySqlConnection, steps: &[Step]) -> Result<SchemaInfo, StoreError> {
    let doing = "reading the schema's version";
    let known = schema::known(steps);
    let sql = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() \
               ORDER BY CASE WHEN table_name = 'schema_info' THEN 0 ELSE 1 END, table_name LIMIT 1";
    let first = sqlx::query(sql).fetch_optional(&mut *connection).await;
    let first = first.map_err(|error| fault(error).told(doing))?;
    let Some(first) = first else { return Ok(SchemaInfo { version: 0, min_client: 0, known }) };
    let name: String = first.try_get(0).map_err(|error| fault(error).told(doing))?;
    if name != "schema_info" {
        return Err(schema::foreign(&name));
    }
    let row = sqlx::query("SELECT version, min_client FROM schema_info").fetch_optional(connection).await;
    let row = row.map_err(|error| fault(error).told(doing))?;
    // An upgrade that was cut off before its first step was whole.
    let Some(row) = row else { return Ok(SchemaInfo { version: 0, min_client: 0, known }) };
    let read = |column: usize| row.try_get(column).map_err(|error| fault(error).told(doing));
    Ok(SchemaInfo { version: read(0)?, min_client: read(1)?, known })
}

async fn apply_missing(connection: &mut MySqlConnection, steps: &[Step]) -> Result<Migrated, StoreError> {
    let before = info(connection, steps).await?;
    before.gate()?;
    prepare(connection).await?;
    check_applied(connection, steps).await?;
    for step in steps.iter().filter(|step| step.version > before.version) {
        apply(connection, step).await?;
        tracing::info!(step = step.name, "database migrated");
    }
    guard(connection, steps).await?;
    Ok(Migrated { from: before.version, to: before.version.max(before.known), copy: None })
}

/// The tables in which the schema keeps account of itself.
async fn prepare(connection: &mut MySqlConnection) -> Result<(), StoreError> {
    for sql in [
        "CREATE TABLE IF NOT EXISTS schema_info (version BIGINT NOT NULL PRIMARY KEY, min_client BIGINT NOT NULL) \
         ENGINE = InnoDB",
        "CREATE TABLE IF NOT EXISTS schema_step (version BIGINT NOT NULL PRIMARY KEY, name VARCHAR(191) NOT NULL, \
         checksum VARBINARY(32) NOT NULL, applied_at BIGINT NOT NULL) ENGINE = InnoDB \
         DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "CREATE TABLE IF NOT EXISTS schema_progress (version BIGINT NOT NULL, statement BIGINT NOT NULL, \
         checksum VARBINARY(32) NOT NULL, PRIMARY KEY (version, statement)) ENGINE = InnoDB",
    ] {
        run(connection, sql).await?;
    }
    Ok(())
}

async fn run(connection: &mut MySqlConnection, sql: &'static str) -> Result<(), StoreError> {
    connection.execute(sql).await.map(|_| ()).map_err(|error| fault(error).told("migrating the database"))
}

async fn check_applied(connection: &mut MySqlConnection, steps: &[Step]) -> Result<(), StoreError> {
    let failed = |error| fault(error).told("reading the applied migrations");
    let rows = sqlx::query("SELECT version, name, checksum FROM schema_step ORDER BY version");
    let mut applied = Vec::new();
    for row in rows.fetch_all(connection).await.map_err(failed)? {
        let (version, name) = (row.try_get(0).map_err(failed)?, row.try_get(1).map_err(failed)?);
        applied.push((version, name, row.try_get(2).map_err(failed)?));
    }
    schema::check_applied(steps, Dialect::MySql, &applied)
}

async fn apply(connection: &mut MySqlConnection, step: &Step) -> Result<(), StoreError> {
    let failed = |error| fault(error).told("migrating the database");
    let digest = step.digest(Dialect::MySql);
    let done: i64 = sqlx::query_scalar(
        "SELECT COALESCE(MAX(statement), 0) FROM schema_progress WHERE version = ? AND checksum = ?",
    )
    .bind(step.version)
    .bind(digest.clone())
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    for (number, statement) in (1_i64..).zip(statements(step.mysql)) {
        if number <= done {
            continue;
        }
        make(connection, statement).await?;
        sqlx::query("INSERT INTO schema_progress (version, statement, checksum) VALUES (?, ?, ?)")
            .bind(step.version)
            .bind(number)
            .bind(digest.clone())
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
    }
    let mut transaction = connection.begin().await.map_err(failed)?;
    let sql = "INSERT INTO schema_step (version, name, checksum, applied_at) VALUES (?, ?, ?, {now})";
    let sql = AssertSqlSafe(Dialect::MySql.text(sql.into()));
    let record = sqlx::query(sql).bind(step.version).bind(step.name).bind(digest);
    record.execute(&mut *transaction).await.map_err(failed)?;
    for sql in ["DELETE FROM schema_info", "DELETE FROM schema_progress"] {
        transaction.execute(sql).await.map_err(failed)?;
    }
    let state = sqlx::query("INSERT INTO schema_info (version, min_client) VALUES (?, ?)");
    let state = state.bind(step.version).bind(step.min_client);
    state.execute(&mut *transaction).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

/// Triggers that an earlier run was refused, or that somebody dropped.
async fn guard(connection: &mut MySqlConnection, steps: &[Step]) -> Result<(), StoreError> {
    let failed = |error| fault(error).told("looking for triggers");
    let rows = sqlx::query(TRIGGERS).fetch_all(&mut *connection).await.map_err(failed)?;
    let mut there = Vec::with_capacity(rows.len());
    for row in rows {
        there.push(row.try_get::<String, _>(0).map_err(failed)?);
    }
    for statement in missing_triggers(steps, &there) {
        make(connection, statement).await?;
    }
    Ok(())
}

/// The statements that make the triggers of these steps which are not there.
pub(crate) fn missing_triggers(steps: &[Step], there: &[String]) -> Vec<String> {
    let all = steps.iter().flat_map(|step| statements(step.mysql));
    let missing = all.filter(|statement| {
        let rest = statement.strip_prefix("CREATE TRIGGER IF NOT EXISTS ");
        let name = rest.and_then(|rest| rest.split_whitespace().next());
        name.is_some_and(|name| !there.iter().any(|one| one == name))
    });
    missing.collect()
}

/// Runs a statement of a step. What it would have guarded is told when a server refuses a trigger.
async fn make(connection: &mut MySqlConnection, statement: String) -> Result<(), StoreError> {
    match connection.execute(AssertSqlSafe(statement)).await {
        Ok(_) => Ok(()),
        Err(error) if is_trigger_refused(&error) => {
            tracing::debug!(%error, "the server makes no triggers for this login");
            Ok(())
        }
        Err(error) => Err(fault(error).told("migrating the database")),
    }
}

fn is_trigger_refused(error: &sqlx::Error) -> bool {
    let reported = error.as_database_error();
    let reported = reported.and_then(|error| error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>());
    reported.is_some_and(|error| error.number() == NO_TRIGGERS)
}

/// The statements of a step. Our texts have no semicolon inside a statement or a string, and no block comments.
fn statements(sql: &str) -> Vec<String> {
    let code = sql.lines().map(|line| line.split("--").next().unwrap_or_default().trim_end());
    let code: Vec<&str> = code.filter(|line| !line.is_empty()).collect();
    let code = code.join("\n");
    code.split(';').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}
