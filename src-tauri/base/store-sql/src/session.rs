//! One transaction and the four ways to talk through it. The repositories are written against this and know no driver.

use std::borrow::Cow;

use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{AssertSqlSafe, Transaction};
use store::StoreError;

use crate::columns::{Columns, Row};
use crate::error::{insert_error, store_error};
use crate::value::Value;

/// A unit of work on one connection. Dropped without a commit, it rolls back.
pub(crate) struct Session {
    transaction: Transaction<'static, Sqlite>,
    writes: bool,
}

impl Session {
    pub(crate) const fn new(transaction: Transaction<'static, Sqlite>, writes: bool) -> Self {
        Self { transaction, writes }
    }

    /// Runs a changing statement; answers how many rows it touched.
    pub(crate) async fn run(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<u64, StoreError> {
        self.may_write()?;
        let done = query(sql.into(), args).execute(&mut *self.transaction).await;
        done.map(|result| result.rows_affected()).map_err(|error| store_error(doing, error))
    }

    /// Inserts a row. [`StoreError::Conflict`] says that `what` exists already.
    pub(crate) async fn insert(
        &mut self,
        what: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<(), StoreError> {
        self.may_write()?;
        let done = query(sql.into(), args).execute(&mut *self.transaction).await;
        done.map(|_| ()).map_err(|error| insert_error(what, error))
    }

    /// All rows of a query.
    pub(crate) async fn select(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = query(sql.into(), args).fetch_all(&mut *self.transaction).await;
        rows.map_err(|error| store_error(doing, error))
    }

    /// The first row of a query.
    pub(crate) async fn select_one(
        &mut self,
        doing: &'static str,
        sql: impl Into<Cow<'static, str>> + Send,
        args: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        let row = query(sql.into(), args).fetch_optional(&mut *self.transaction).await;
        row.map_err(|error| store_error(doing, error))
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
        self.transaction.commit().await.map_err(|error| store_error("committing", error))
    }

    fn may_write(&self) -> Result<(), StoreError> {
        if self.writes {
            return Ok(());
        }
        Err(StoreError::Unwritable { detail: "this unit of work was opened for reading only".to_owned() })
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
