//! One transaction and the few ways to talk through it. The repositories are written against this and know no driver.

use std::borrow::Cow;
use std::sync::Arc;

use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Transaction};
use store::StoreError;

use crate::columns::{Columns, Row};
use crate::dialect::Dialect;

use crate::fault::Fault;
use crate::sqlite::{Turn, insert_error, is_harmless, store_error};
use crate::value::Value;
use crate::{mssql, mysql};

/// Is told the portable text of every statement.
pub(crate) type Watch = Arc<dyn Fn(&str) + Send + Sync>;

/// A unit of work on one connection. Dropped without a commit, it rolls back.
pub(crate) struct Session {
    on: On,
    reads: bool,
    watch: Option<Watch>,
}

/// Where the unit of work goes on.
pub(crate) enum On {
    /// A snapshot of a file.
    Snapshot(Transaction<'static, Sqlite>),
    /// A turn on the connection that writes to a file.
    Turn(Turn),
    /// A transaction on MySQL or MariaDB.
    MySql(mysql::Unit),
    /// A transaction on SQL Server.
    SqlServer(mssql::Unit),
}

/// Why a statement failed, as the driver of its database says it.
enum Failure {
    Sqlite(sqlx::Error),
    Server(Fault),
    /// Ours.
    Store(StoreError),
}

impl Failure {
    fn told(self, doing: &'static str) -> StoreError {
        match self {
            Self::Sqlite(error) => store_error(doing, error),
            Self::Server(fault) => fault.told(doing),
            Self::Store(error) => error,
        }
    }

    fn inserting(self, what: &'static str) -> StoreError {
        match self {
            Self::Sqlite(error) => insert_error(what, error),
            Self::Server(fault) => fault.inserting(what),
            Self::Store(error) => error,
        }
    }

    /// Whether the transaction around the statement goes on.
    fn is_harmless(&self) -> bool {
        match self {
            Self::Sqlite(error) => is_harmless(error),
            // Units on servers look after themselves.
            Self::Server(_) | Self::Store(_) => true,
        }
    }
}

impl Session {
    pub(crate) const fn new(on: On, reads: bool, watch: Option<Watch>) -> Self {
        Self { on, reads, watch }
    }

    /// Whether others may be writing at the same time, so that a unit of work has to lock what it decides upon.
    pub(crate) const fn shares_writing(&self) -> bool {
        !self.reads && matches!(self.on, On::MySql(_) | On::SqlServer(_))
    }

    /// Whether the server may be one of a cluster in which others take writes too (Galera). There a row that is locked but
    /// left as it is keeps off nobody on another server; only a row that really changes does.
    pub(crate) const fn may_be_clustered(&self) -> bool {
        !self.reads && matches!(self.on, On::MySql(_))
    }

    /// Runs a changing statement; answers how many rows it touched.
    pub(crate) async fn run(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let done = self.execute(sql.into(), args).await;
        done.map_err(|failure| self.noted(failure.is_harmless(), failure.told(doing)))
    }

    /// Inserts a row. [`StoreError::Conflict`] says that `what` exists already; the unit of work goes on.
    pub(crate) async fn insert(
        &mut self,
        what: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<(), StoreError> {
        self.take(what, sql, args).await.map(|_| ())
    }

    /// Changes rows, how many is answered. [`StoreError::Conflict`] says that `what` exists already; the unit of work goes on.
    pub(crate) async fn take(
        &mut self,
        what: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let done = self.execute(sql.into(), args).await;
        done.map_err(|failure| self.noted(failure.is_harmless(), failure.inserting(what)))
    }

    /// Inserts a row unless its unique values exist; answers whether it was inserted.
    pub(crate) async fn insert_missing(
        &mut self,
        what: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<bool, StoreError> {
        match self.insert(what, sql, args).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// All rows of a query.
    pub(crate) async fn select(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = self.fetch(sql.into(), args).await;
        rows.map_err(|failure| self.noted(failure.is_harmless(), failure.told(doing)))
    }

    /// The first row of a query.
    pub(crate) async fn select_one(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.select(doing, sql, args).await?.into_iter().next())
    }

    /// The single number that a query gives, such as a count.
    pub(crate) async fn number(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<u64, StoreError> {
        match self.select_one(doing, sql, args).await? {
            Some(row) => Columns::new("count", &row).number(),
            None => Ok(0),
        }
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self.on {
            On::Snapshot(snapshot) => {
                snapshot.rollback().await.map_err(|error| store_error("reading", error))
            }
            On::Turn(turn) => turn.commit().await,
            On::MySql(unit) if self.reads => unit.end().await.map_err(|fault| fault.told("reading")),
            On::MySql(unit) => unit.commit().await.map_err(Fault::committing),
            On::SqlServer(unit) if self.reads => unit.end().await.map_err(|fault| fault.told("reading")),
            On::SqlServer(unit) => unit.commit().await.map_err(Fault::committing),
        }
    }

    async fn execute(&mut self, sql: Cow<'static, str>, args: Vec<Value>) -> Result<u64, Failure> {
        if self.reads {
            let detail = "this unit of work was opened for reading only".to_owned();
            return Err(Failure::Store(StoreError::Unwritable { detail }));
        }
        let sql = self.translated(sql);
        match &mut self.on {
            On::Snapshot(snapshot) => affected(snapshot, sql, args).await,
            On::Turn(turn) => affected(turn.connection().map_err(Failure::Store)?, sql, args).await,
            On::MySql(unit) => unit.execute(&sql, &args).await.map_err(Failure::Server),
            On::SqlServer(unit) => unit.execute(&sql, &args).await.map_err(Failure::Server),
        }
    }

    async fn fetch(&mut self, sql: Cow<'static, str>, args: Vec<Value>) -> Result<Vec<Row>, Failure> {
        let sql = self.translated(sql);
        match &mut self.on {
            On::Snapshot(snapshot) => rows(snapshot, sql, args).await,
            On::Turn(turn) => rows(turn.connection().map_err(Failure::Store)?, sql, args).await,
            On::MySql(unit) => {
                let rows = unit.fetch(&sql, &args).await.map_err(Failure::Server)?;
                Ok(rows.into_iter().map(Row::MySql).collect())
            }
            On::SqlServer(unit) => {
                let rows = unit.fetch(&sql, &args).await.map_err(Failure::Server)?;
                Ok(rows.into_iter().map(Row::SqlServer).collect())
            }
        }
    }

    fn translated(&self, sql: Cow<'static, str>) -> Cow<'static, str> {
        if let Some(watch) = &self.watch {
            watch(&sql);
        }
        self.dialect().text(sql)
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match &self.on {
            On::Snapshot(_) | On::Turn(_) => Dialect::Sqlite,
            On::MySql(_) => Dialect::MySql,
            On::SqlServer(_) => Dialect::SqlServer,
        }
    }

    /// Passes an error on; one that may have ended the transaction spoils the unit.
    fn noted(&mut self, is_harmless: bool, error: StoreError) -> StoreError {
        if let On::Turn(turn) = &mut self.on
            && !is_harmless
        {
            turn.spoil(&error);
        }
        error
    }
}

async fn affected(
    connection: &mut SqliteConnection,
    sql: Cow<'static, str>,
    args: Vec<Value>,
) -> Result<u64, Failure> {
    let done = query(sql, args).execute(connection).await;
    done.map(|result| result.rows_affected()).map_err(Failure::Sqlite)
}

async fn rows(
    connection: &mut SqliteConnection,
    sql: Cow<'static, str>,
    args: Vec<Value>,
) -> Result<Vec<Row>, Failure> {
    let rows = query(sql, args).fetch_all(connection).await.map_err(Failure::Sqlite)?;
    Ok(rows.into_iter().map(Row::Sqlite).collect())
}

/// Every statement of this crate is built from literals; whatever comes from outside is in `args`.
fn query(sql: Cow<'static, str>, args: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in args {
        query = match value {
            Value::Null => query.bind(None::<i64>),
            Value::Int(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        };
    }
    query
}
