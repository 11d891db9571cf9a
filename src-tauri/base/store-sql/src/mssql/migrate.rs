//! Brings a database on SQL Server to the schema that this program knows.
//!
//! Each step is one transaction: T-SQL can undo changes of tables, so that a step that fails leaves nothing. A step's text
//! consists of batches, divided by lines that say GO, because a trigger has to be the only statement of its batch. A lock
//! of the session keeps two programs apart. All objects are made in `dbo`, whatever the default schema of the login is.

use std::sync::Arc;

use store::StoreError;
use tiberius::IsolationLevel;

use super::connection::Connection;
use super::pool::{Pool, dedicated, versions};
use super::row::Row;
use super::translate::translate;
use crate::dialect::Dialect;
use crate::fault::{Fault, FaultKind};
use crate::schema::{self, Migrated, SchemaInfo, Step};
use crate::server::{Login, ServerAddress};
use crate::value::{Value, args};

/// Asks for the lock and then whether it is held; a session that waited in vain is told nothing else.
pub(super) const LOCK: &str = "EXEC sp_getapplock @Resource = N'sealwright_migrate', @LockMode = 'Exclusive', \
     @LockOwner = 'Session', @LockTimeout = 60000; \
     SELECT CASE WHEN APPLOCK_MODE('public', N'sealwright_migrate', 'Session') = 'Exclusive' THEN 1 ELSE 0 END";

pub(super) const IS_OURS: &str =
    "SELECT CASE WHEN OBJECT_ID(N'dbo.schema_info', N'U') IS NULL THEN 0 ELSE 1 END";

pub(super) const SOME_TABLE: &str =
    "SELECT TOP (1) CAST(name AS NVARCHAR(128)) FROM sys.tables WHERE is_ms_shipped = 0 ORDER BY name";

pub(super) const INFO: &str = "SELECT version, min_client FROM dbo.schema_info";

const APPLIED: &str = "SELECT version, name, checksum FROM dbo.schema_step ORDER BY version";

/// The tables in which the schema keeps account of itself.
const ACCOUNT: &str = "IF OBJECT_ID(N'dbo.schema_info', N'U') IS NULL \
     CREATE TABLE dbo.schema_info (version BIGINT NOT NULL, min_client BIGINT NOT NULL); \
     IF OBJECT_ID(N'dbo.schema_step', N'U') IS NULL \
     CREATE TABLE dbo.schema_step (version BIGINT NOT NULL CONSTRAINT schema_step_pk PRIMARY KEY, \
     name NVARCHAR(191) COLLATE Latin1_General_100_BIN2 NOT NULL, checksum VARBINARY(32) NOT NULL, \
     applied_at BIGINT NOT NULL)";

const RECORD: &str =
    "INSERT INTO dbo.schema_step (version, name, checksum, applied_at) VALUES (?, ?, ?, {now})";

const FORGET: &str = "DELETE FROM dbo.schema_info";

const REMEMBER: &str = "INSERT INTO dbo.schema_info (version, min_client) VALUES (?, ?)";

/// What a new database is asked for, one by one and outside any transaction, unless it does so already. Where the right to
/// it is missing, the program runs with a warning.
const KEEP_VERSIONS: [&str; 2] = [
    "ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON",
    "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH NO_WAIT",
];

impl Pool {
    /// What the database says about its schema.
    pub(crate) async fn schema(&self, steps: &[Step]) -> Result<SchemaInfo, StoreError> {
        let mut connection =
            self.acquire().await.map_err(|fault| fault.told("connecting to the database"))?;
        info(&mut connection, steps).await
    }
}

/// Makes the tables or applies the missing steps.
pub(crate) async fn migrate(
    address: &ServerAddress,
    login: Arc<dyn Login>,
    steps: &[Step],
) -> Result<Migrated, StoreError> {
    let mut connection = dedicated(address, login).await?;
    // The lock goes with the connection.
    lock(&mut connection).await?;
    let before = info(&mut connection, steps).await?;
    before.gate()?;
    if before.version > 0 {
        check_applied(&mut connection, steps).await?;
    } else {
        keep_versions(&mut connection).await;
    }
    for step in steps.iter().filter(|step| step.version > before.version) {
        apply(&mut connection, step).await.map_err(|fault| fault.told("migrating the database"))?;
        tracing::info!(step = step.name, "database migrated");
    }
    Ok(Migrated { from: before.version, to: before.version.max(before.known), copy: None })
}

/// Waits for other programs up to a minute; held until the connection is closed.
pub(crate) async fn lock(connection: &mut Connection) -> Result<(), StoreError> {
    let rows = connection.batch(LOCK).await;
    let rows = rows.map_err(|fault| fault.told("waiting for other programs that migrate the database"))?;
    if number(&rows, 0) == Some(1) {
        return Ok(());
    }
    Err(StoreError::Busy { source: "another program has been migrating the database for a minute".into() })
}

/// Reads what the database says about its schema. A database that is not ours is refused.
pub(crate) async fn info(connection: &mut Connection, steps: &[Step]) -> Result<SchemaInfo, StoreError> {
    let failed = |fault: Fault| fault.told("reading the schema's version");
    let nothing = SchemaInfo { version: 0, min_client: 0, known: schema::known(steps) };
    if number(&connection.batch(IS_OURS).await.map_err(failed)?, 0) != Some(1) {
        let tables = connection.batch(SOME_TABLE).await.map_err(failed)?;
        let table = tables.first().and_then(|row| row.text(0).ok().flatten());
        return table.map_or(Ok(nothing), |table| Err(schema::foreign(table)));
    }
    let rows = connection.batch(INFO).await.map_err(failed)?;
    match (number(&rows, 0), number(&rows, 1)) {
        (Some(version), Some(min_client)) => Ok(SchemaInfo { version, min_client, ..nothing }),
        _ => Err(StoreError::Corrupt {
            what: "schema version",
            detail: "the table schema_info is empty".to_owned(),
        }),
    }
}

async fn check_applied(connection: &mut Connection, steps: &[Step]) -> Result<(), StoreError> {
    let rows = connection.batch(APPLIED).await;
    let rows = rows.map_err(|fault| fault.told("reading the applied migrations"))?;
    let read = |row: &Row| {
        let (version, name) = (row.int(0)?.unwrap_or_default(), row.text(1)?.unwrap_or_default());
        Ok((version, name.to_owned(), row.bytes(2)?.unwrap_or_default().to_vec()))
    };
    let applied: Result<Vec<_>, String> = rows.iter().map(read).collect();
    let applied = applied.map_err(|detail| StoreError::Corrupt { what: "applied migration", detail })?;
    schema::check_applied(steps, Dialect::SqlServer, &applied)
}

async fn keep_versions(connection: &mut Connection) {
    let (snapshots, read_committed) = versions(connection).await;
    for (is_on, sql) in [snapshots, read_committed].into_iter().zip(KEEP_VERSIONS) {
        if is_on {
            continue;
        }
        if let Err(fault) = connection.batch(sql).await {
            tracing::warn!(
                error = %fault.source,
                "the database does not keep versions of rows for whoever reads; have its owner run: {sql}"
            );
        }
    }
}

/// Applies a step wholly or not at all.
pub(crate) async fn apply(connection: &mut Connection, step: &Step) -> Result<(), Fault> {
    connection.begin(IsolationLevel::ReadCommitted).await?;
    let applied = apply_within(connection, step).await;
    if applied.is_err() && !connection.is_unsure() {
        connection.rollback().await?;
    }
    applied?;
    connection.commit().await
}

async fn apply_within(connection: &mut Connection, step: &Step) -> Result<(), Fault> {
    connection.batch(ACCOUNT).await?;
    for batch in batches(step.sql(Dialect::SqlServer)) {
        connection.batch(&batch).await?;
    }
    let record: Vec<Value> = args![step.version, step.name, step.digest(Dialect::SqlServer)];
    connection.execute(&translate(RECORD), &record).await?;
    connection.batch(FORGET).await?;
    let state: Vec<Value> = args![step.version, step.min_client];
    match connection.execute(&translate(REMEMBER), &state).await? {
        1 => Ok(()),
        _ => Err(Fault::new(FaultKind::Other, "the server did not keep the schema's version")),
    }
}

/// The batches of a step. None of our texts has a line `GO` inside a string or a comment.
pub(crate) fn batches(sql: &str) -> Vec<String> {
    let mut batches = vec![String::new()];
    for line in sql.lines() {
        if line.trim().eq_ignore_ascii_case("go") {
            batches.push(String::new());
        } else if let Some(batch) = batches.last_mut() {
            batch.push_str(line);
            batch.push('\n');
        }
    }
    batches.retain(|batch| !batch.trim().is_empty());
    batches
}

fn number(rows: &[Row], column: usize) -> Option<i64> {
    rows.first().and_then(|row| row.int(column).ok().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_divided_at_lines_that_say_go() {
        let sql = "CREATE TABLE a (go INT);\nGO\nCREATE TRIGGER t\nAS THROW;\n  go  \n\nGO\n";
        assert_eq!(batches(sql), ["CREATE TABLE a (go INT);\n", "CREATE TRIGGER t\nAS THROW;\n"]);
    }
}
