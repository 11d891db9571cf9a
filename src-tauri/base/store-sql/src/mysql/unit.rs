//! One transaction on one connection, and the rows that it reads.

use std::time::Duration;

use sqlx::mysql::{MySql, MySqlArguments, MySqlConnection, MySqlDatabaseError, MySqlRow};
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::fault::{Fault, FaultKind};
use crate::mysql::fault;
use crate::value::Value;

/// How long a rollback may take before the connection is closed instead.
const ROLLBACK: Duration = Duration::from_secs(5);

/// Begins a unit that writes. A server of a cluster (Galera) undoes a transaction that stands in the way of what other
/// servers have committed; where that is not said, or said where nobody listens, the statements after it would be kept
/// without those before it. The savepoint is gone with the transaction it was set in, and without `autocommit` nothing is
/// kept before `COMMIT`, so that `COMMIT_WHOLE` tells.
const BEGIN_WRITING: &str = "SET autocommit = 0; START TRANSACTION; SAVEPOINT unit_of_work";

/// Ends it; refused where the savepoint of [`BEGIN_WRITING`] is not there any more.
const COMMIT_WHOLE: &str = "RELEASE SAVEPOINT unit_of_work; COMMIT";

/// A transaction. Dropped without a commit, it is rolled back, or its connection is closed.
pub(crate) struct Unit {
    connection: Option<PoolConnection<MySql>>,
    limit: Duration,
    /// Set while a statement is under way and after a failure: the connection's state is not known.
    unsure: bool,
}

impl Unit {
    pub(crate) async fn begin(
        connection: PoolConnection<MySql>,
        reads: bool,
        limit: Duration,
    ) -> Result<Self, Fault> {
        let mut unit = Self { connection: Some(connection), limit, unsure: true };
        let begin = if reads { "START TRANSACTION READ ONLY" } else { BEGIN_WRITING };
        let connection = unit.open()?;
        timeout(limit, connection.execute(begin)).await?.map_err(fault)?;
        unit.unsure = false;
        Ok(unit)
    }

    /// Runs a changing statement; answers how many rows it matched.
    pub(crate) async fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, Fault> {
        let limit = self.limit;
        let connection = self.sure()?;
        let done = timeout(limit, query(sql, args).execute(connection)).await;
        let done = done.map_err(Fault::from).and_then(|done| done.map_err(fault));
        self.noted(done).map(|result| result.rows_affected())
    }

    /// All rows of a query.
    pub(crate) async fn fetch(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, Fault> {
        let limit = self.limit;
        let connection = self.sure()?;
        let rows = timeout(limit, query(sql, args).fetch_all(connection)).await;
        let rows = rows.map_err(Fault::from).and_then(|rows| rows.map_err(fault));
        self.noted(rows).map(|rows| rows.into_iter().map(Row).collect())
    }

    /// Makes the unit durable: all of it, or nothing.
    pub(crate) async fn commit(mut self) -> Result<(), Fault> {
        let limit = self.limit;
        let connection = self.sure()?;
        let done = timeout(limit, connection.execute(COMMIT_WHOLE)).await;
        let done = done.map_err(Fault::from).and_then(|done| done.map_err(undone_or));
        self.noted(done)?;
        // Back to the pool, clean.
        self.connection = None;
        Ok(())
    }

    /// Ends a unit that read; there is nothing to keep.
    pub(crate) async fn end(mut self) -> Result<(), Fault> {
        let limit = self.limit;
        let connection = self.sure()?;
        let done = timeout(limit, connection.execute("ROLLBACK")).await;
        let done = done.map_err(Fault::from).and_then(|done| done.map_err(fault));
        self.noted(done)?;
        self.connection = None;
        Ok(())
    }

    fn open(&mut self) -> Result<&mut MySqlConnection, Fault> {
        match self.connection.as_deref_mut() {
            Some(connection) => Ok(connection),
            None => Err(Fault::new(FaultKind::Lost, "the unit of work has ended")),
        }
    }

    /// The connection, marked as unsure until the answer is there.
    fn sure(&mut self) -> Result<&mut MySqlConnection, Fault> {
        if self.unsure {
            return Err(Fault::new(
                FaultKind::Busy,
                "an earlier statement of this unit of work failed; nothing of it was kept",
            ));
        }
        self.unsure = true;
        self.open()
    }

    fn noted<T>(&mut self, done: Result<T, Fault>) -> Result<T, Fault> {
        self.unsure = done.as_ref().is_err_and(|fault| !fault.is_harmless());
        done
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match Handle::try_current() {
            Ok(handle) if !self.unsure => {
                handle.spawn(async move {
                    let undone = timeout(ROLLBACK, connection.execute("ROLLBACK")).await;
                    if !matches!(undone, Ok(Ok(_))) {
                        drop(connection.detach());
                    }
                });
            }
            // The server rolls back when the connection goes.
            Ok(handle) => {
                handle.spawn(async move { drop(connection.detach()) });
            }
            Err(_) => drop(connection.detach()),
        }
    }
}

/// What [`COMMIT_WHOLE`] was answered with: 1305 (`ER_SP_DOES_NOT_EXIST`) means that the savepoint is gone.
fn undone_or(error: sqlx::Error) -> Fault {
    let gone = |error: &sqlx::Error| {
        error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number)
    };
    if gone(&error) != Some(1305) {
        return fault(error);
    }
    tracing::warn!(
        "the database server had undone a unit of work without saying so; nothing of it was kept, it is done again"
    );
    Fault::new(FaultKind::Busy, "the server had undone the unit of work; nothing of it was kept")
}

/// Every statement of this crate is built from literals; whatever comes from outside is in `args`.
fn query(sql: &str, args: &[Value]) -> Query<'static, MySql, MySqlArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    for value in args {
        query = match value {
            Value::Null => query.bind(None::<i64>),
            Value::Int(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.clone()),
            Value::Bytes(bytes) => query.bind(bytes.clone()),
        };
    }
    query
}

/// A row.
pub(crate) struct Row(MySqlRow);

impl Row {
    pub(crate) fn int(&self, column: usize) -> Result<Option<i64>, String> {
        self.0.try_get(column).map_err(|error| error.to_string())
    }
    pub(crate) fn text(&self, column: usize) -> Result<Option<&str>, String> {
        self.0.try_get(column).map_err(|error| error.to_string())
    }
    pub(crate) fn bytes(&self, column: usize) -> Result<Option<&[u8]>, String> {
        self.0.try_get(column).map_err(|error| error.to_string())
    }
}
