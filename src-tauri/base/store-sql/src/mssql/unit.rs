//! One transaction on one connection of the pool.

use std::time::Duration;

use deadpool::managed::Object;
use tiberius::IsolationLevel;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::connection::Connection;
use super::holder;
use super::pool::Manager;
use super::row::Row;
use crate::fault::{Fault, FaultKind};
use crate::value::Value;

/// How long a rollback may take before the connection is closed instead.
const ROLLBACK: Duration = Duration::from_secs(5);

/// A transaction. Dropped without a commit, it is rolled back, or its connection is closed.
pub(crate) struct Unit {
    connection: Option<Object<Manager>>,
    /// A statement failed after which nobody knows whether the transaction still stands.
    spoiled: bool,
    tasks: TaskTracker,
}

impl Unit {
    pub(super) async fn begin(
        mut connection: Object<Manager>,
        isolation: IsolationLevel,
        tasks: TaskTracker,
    ) -> Result<Self, Fault> {
        let begun = connection.begin(isolation).await;
        let unit = Self { connection: Some(connection), spoiled: begun.is_err(), tasks };
        begun.map(|()| unit)
    }

    /// Runs a changing statement; answers how many rows it matched.
    pub(crate) async fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, Fault> {
        let done = self.sound()?.execute(sql, args).await;
        self.noted(done).await
    }

    /// All rows of a query.
    pub(crate) async fn fetch(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, Fault> {
        let rows = self.sound()?.fetch(sql, args).await;
        self.noted(rows).await
    }

    /// Makes the unit durable.
    pub(crate) async fn commit(mut self) -> Result<(), Fault> {
        let done = self.sound()?.commit().await;
        self.noted(done).await?;
        // Back to the pool, clean.
        self.connection = None;
        Ok(())
    }

    /// Ends a unit that read; there is nothing to keep.
    pub(crate) async fn end(mut self) -> Result<(), Fault> {
        let done = self.sound()?.rollback().await;
        self.noted(done).await?;
        self.connection = None;
        Ok(())
    }

    fn sound(&mut self) -> Result<&mut Connection, Fault> {
        match self.connection.as_deref_mut() {
            Some(connection) if !self.spoiled => Ok(connection),
            Some(_) => Err(Fault::new(
                FaultKind::Busy,
                "an earlier statement of this unit of work failed; nothing of it was kept",
            )),
            None => Err(Fault::new(FaultKind::Lost, "the unit of work has ended")),
        }
    }

    /// After a failure that concerns its statement alone the transaction should go on. Whether it does is asked: on a
    /// connection without one, the next statement would be kept at once, whatever becomes of the unit.
    async fn noted<T>(&mut self, done: Result<T, Fault>) -> Result<T, Fault> {
        let Err(fault) = done else { return done };
        self.spoiled = true;
        let Some(connection) = self.connection.as_deref_mut() else { return Err(fault) };
        if fault.is_harmless()
            && let Ok(rows) = connection.batch(STANDS).await
        {
            let state = rows.first().and_then(|row| row.int(0).ok().flatten());
            self.spoiled = state != Some(1);
        }
        Err(holder::named(connection, fault).await)
    }
}

/// 1: a transaction stands and may be committed.
pub(super) const STANDS: &str = "SELECT CAST(XACT_STATE() AS INT)";

impl Drop for Unit {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match Handle::try_current() {
            Ok(handle) if !connection.is_unsure() => {
                let undone = async move {
                    if !matches!(timeout(ROLLBACK, connection.rollback()).await, Ok(Ok(()))) {
                        drop(Object::take(connection));
                    }
                };
                self.tasks.spawn_on(undone, &handle);
            }
            // The server rolls back when the connection goes.
            _ => drop(Object::take(connection)),
        }
    }
}
