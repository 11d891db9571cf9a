//! One transaction and the four ways to talk through it. The repositories are written against this and know no driver.

use std::borrow::Cow;

use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Transaction};
use store::StoreError;

use crate::columns::{Columns, Row};
use crate::error::{insert_error, is_harmless, store_error};
use crate::value::Value;
use crate::writer::Turn;

/// A unit of work on one connection. Dropped without a commit, it rolls back.
pub(crate) enum Session {
    /// A snapshot.
    Reading(Transaction<'static, Sqlite>),
    /// A turn on the connection that writes.
    Writing(Turn),
}

impl Session {
    /// Runs a changing statement; answers how many rows it touched.
    pub(crate) async fn run(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let done = query(sql.into(), args).execute(self.writing()?).await;
        done.map(|result| result.rows_affected())
            .map_err(|error| self.noted(is_harmless(&error), store_error(doing, error)))
    }

    /// Inserts a row. [`StoreError::Conflict`] says that `what` exists already.
    pub(crate) async fn insert(
        &mut self,
        what: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<(), StoreError> {
        let done = query(sql.into(), args).execute(self.writing()?).await;
        done.map(|_| ()).map_err(|error| self.noted(is_harmless(&error), insert_error(what, error)))
    }

    /// All rows of a query.
    pub(crate) async fn select(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = query(sql.into(), args).fetch_all(self.connection()?).await;
        rows.map_err(|error| self.noted(is_harmless(&error), store_error(doing, error)))
    }

    /// The first row of a query.
    pub(crate) async fn select_one(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        let row = query(sql.into(), args).fetch_optional(self.connection()?).await;
        row.map_err(|error| self.noted(is_harmless(&error), store_error(doing, error)))
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
        match self {
            Self::Reading(snapshot) => {
                snapshot.rollback().await.map_err(|error| store_error("reading", error))
            }
            Self::Writing(turn) => turn.commit().await,
        }
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        match self {
            Self::Reading(snapshot) => Ok(&mut *snapshot),
            Self::Writing(turn) => turn.connection(),
        }
    }

    fn writing(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        match self {
            Self::Reading(_) => Err(StoreError::Unwritable {
                detail: "this unit of work was opened for reading only".to_owned(),
            }),
            Self::Writing(turn) => turn.connection(),
        }
    }

    /// Passes an error on; one that may have ended the transaction spoils the unit.
    fn noted(&mut self, is_harmless: bool, error: StoreError) -> StoreError {
        if let Self::Writing(turn) = self
            && !is_harmless
        {
            turn.spoil(&error);
        }
        error
    }
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
