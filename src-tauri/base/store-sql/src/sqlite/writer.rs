//! The one connection that writes, and commits that share a write to the disk.
//!
//! A commit waits for the disk. When several units of work queue, each is a savepoint of one transaction, and one COMMIT
//! makes all of them durable; nobody hears of success before that. A unit that is dropped is rolled back alone. When
//! the transaction itself fails, every unit in it fails, and nothing of any of them is kept.
//!
//! How a batch ends: a unit that has released its savepoint queues for the connection once more, behind those who wait
//! already. Whoever of the batch comes first finds the batch open, with all their work in it, and commits; the others
//! find it done. Without company a unit commits at once. Statements that begin or end something run in tasks of their
//! own, so that a caller that gives up waiting leaves nothing half done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Row as _;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool};
use store::StoreError;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::task::TaskTracker;

use crate::sqlite::error::store_error;

/// Hands the connection from unit to unit, first come, first served.
#[derive(Clone)]
pub(crate) struct Writer {
    state: Arc<Mutex<State>>,
    tasks: TaskTracker,
    patience: Duration,
}

struct State {
    pool: SqlitePool,
    connection: Option<PoolConnection<Sqlite>>,
    /// Number of the batch that is open or comes next.
    batch: u64,
    is_open: bool,
    /// Units of the open batch that wait for its COMMIT.
    waiting: u32,
    /// The last unit ended without a commit; what it did is still to be undone.
    abandoned: bool,
    /// What made the open batch worthless.
    broken: Option<Failure>,
    /// Batches that failed, with the number of units that have not heard of it yet.
    failed: BTreeMap<u64, (Failure, u32)>,
}

/// Why a batch failed; told to each of its units.
#[derive(Clone)]
enum Failure {
    Unwritable(String),
    Passing(String),
}

impl Failure {
    fn of(error: &StoreError) -> Self {
        if let StoreError::Unwritable { detail } = error {
            return Self::Unwritable(detail.clone());
        }
        let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        Self::Passing(format!("{error}: {cause}"))
    }

    /// Nothing of the unit was kept, so that it may be tried again unless the disk says no.
    fn told(&self) -> StoreError {
        match self {
            Self::Unwritable(detail) => StoreError::Unwritable { detail: detail.clone() },
            Self::Passing(why) => StoreError::Busy { source: why.clone().into() },
        }
    }
}

impl Writer {
    pub(crate) fn new(pool: SqlitePool, patience: Duration) -> Self {
        let state = State {
            pool,
            connection: None,
            batch: 1,
            is_open: false,
            waiting: 0,
            abandoned: false,
            broken: None,
            failed: BTreeMap::new(),
        };
        Self { state: Arc::new(Mutex::new(state)), tasks: TaskTracker::new(), patience }
    }

    /// Waits for the connection and starts a unit on it.
    pub(crate) async fn begin(&self) -> Result<Turn, StoreError> {
        let mut state = self.lock().await?;
        let writer = self.clone();
        let handle = Handle::current();
        let started = self.tasks.spawn(async move {
            state.start().await?;
            Ok(Turn { state: Some(state), writer, handle })
        });
        started.await.map_err(|error| StoreError::Busy { source: Box::new(error) })?
    }

    /// Empties the write-ahead log into the file; `false` when a reader was in the way.
    pub(crate) async fn checkpoint(&self) -> Result<bool, StoreError> {
        let mut state = self.lock().await?;
        let done = self.tasks.spawn(async move {
            let batch = state.batch;
            state.end(batch).await;
            let failed = |error| store_error("emptying the write-ahead log", error);
            let row =
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(state.connection().await?).await;
            let is_busy: i64 = row.map_err(failed)?.try_get(0).map_err(failed)?;
            Ok(is_busy == 0)
        });
        done.await.map_err(|error| StoreError::Busy { source: Box::new(error) })?
    }

    /// Waits for what is under way and gives the connection back.
    pub(crate) async fn close(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        if let Ok(mut state) = self.lock().await {
            let batch = state.batch;
            state.end(batch).await;
            state.discard().await;
            state.pool.close().await;
        }
    }

    /// How many batches there have been.
    #[cfg(test)]
    async fn batches(&self) -> u64 {
        self.state.lock().await.batch
    }

    /// Makes the disk look full beyond this many pages, for the connection in use.
    #[cfg(test)]
    async fn limit_pages(&self, pages: u32) {
        let mut state = self.state.lock().await;
        let sql = format!("PRAGMA max_page_count = {pages}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(state.connection().await.unwrap()).await.unwrap();
    }

    async fn lock(&self) -> Result<OwnedMutexGuard<State>, StoreError> {
        let turn = tokio::time::timeout(self.patience, Arc::clone(&self.state).lock_owned()).await;
        turn.map_err(|_| StoreError::Busy { source: "other units of work hold the database too long".into() })
    }

    /// Ends a unit well and waits until its batch is on the disk.
    async fn finish(&self, mut state: OwnedMutexGuard<State>) -> Result<(), StoreError> {
        state.control("RELEASE unit").await;
        let batch = state.batch;
        state.waiting += 1;
        drop(state);
        let mut state = self.state.lock().await;
        state.end(batch).await;
        state.word_of(batch)
    }
}

impl State {
    async fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.pool.acquire().await.map_err(|error| store_error("opening the database", error))?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Opens a batch unless one is open, and a unit in it.
    async fn start(&mut self) -> Result<(), StoreError> {
        self.settle().await;
        if !self.is_open {
            let begun = sqlx::query("BEGIN IMMEDIATE").execute(self.connection().await?).await;
            if let Err(error) = begun {
                let error = store_error("waiting for the right to write", error);
                if !error.is_passing() {
                    self.discard().await;
                }
                return Err(error);
            }
            self.is_open = true;
        }
        self.control("SAVEPOINT unit").await;
        match &self.broken {
            None => Ok(()),
            Some(why) => Err(why.told()),
        }
    }

    /// Runs a statement on the open batch; a failure makes the batch worthless.
    async fn control(&mut self, sql: &'static str) {
        if self.broken.is_some() {
            return;
        }
        let done = match self.connection().await {
            Ok(connection) => {
                sqlx::query(sql).execute(connection).await.map_err(|error| store_error("committing", error))
            }
            Err(error) => Err(error),
        };
        self.broken = done.err().as_ref().map(Failure::of);
    }

    /// Undoes an abandoned unit; throws a worthless batch away, and with it the connection, whose state is unknown.
    async fn settle(&mut self) {
        if std::mem::take(&mut self.abandoned) {
            self.control("ROLLBACK TO unit").await;
            self.control("RELEASE unit").await;
        }
        let Some(why) = self.broken.take() else { return };
        tracing::warn!(units = self.waiting, error = %why.told(), "a transaction failed; nothing of it is kept");
        if self.waiting > 0 {
            self.failed.insert(self.batch, (why, self.waiting));
        }
        self.discard().await;
        self.next_batch();
    }

    /// Closes the connection; the next unit gets a new one.
    async fn discard(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "a connection did not close well");
        }
    }

    /// Ends the batch with this number, unless that was done: keeps it when units wait for it.
    async fn end(&mut self, batch: u64) {
        self.settle().await;
        if self.batch != batch || !self.is_open {
            return;
        }
        self.control(if self.waiting > 0 { "COMMIT" } else { "ROLLBACK" }).await;
        if self.broken.is_some() {
            self.settle().await;
        } else {
            self.next_batch();
        }
    }

    fn next_batch(&mut self) {
        self.batch += 1;
        self.is_open = false;
        self.waiting = 0;
    }

    /// What became of a batch that has ended, for one of its units.
    fn word_of(&mut self, batch: u64) -> Result<(), StoreError> {
        let Some((why, untold)) = self.failed.get_mut(&batch) else { return Ok(()) };
        let told = why.told();
        *untold = untold.saturating_sub(1);
        if *untold == 0 {
            self.failed.remove(&batch);
        }
        Err(told)
    }
}

/// The right to use the connection for one unit of work.
pub(crate) struct Turn {
    /// `None` once the unit has ended.
    state: Option<OwnedMutexGuard<State>>,
    writer: Writer,
    handle: Handle,
}

impl Turn {
    /// The connection, while the unit is sound.
    pub(crate) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let lost = || StoreError::Busy { source: "the unit of work has lost its connection".into() };
        let state = self.state.as_deref_mut().ok_or_else(lost)?;
        if let Some(why) = &state.broken {
            return Err(why.told());
        }
        state.connection.as_deref_mut().ok_or_else(lost)
    }

    /// An error after which nobody knows whether the transaction still stands.
    pub(crate) fn spoil(&mut self, error: &StoreError) {
        if let Some(state) = self.state.as_deref_mut() {
            state.broken = Some(Failure::of(error));
        }
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let Some(state) = self.state.take() else { return Ok(()) };
        let writer = self.writer.clone();
        let finished = self.writer.tasks.spawn(async move { writer.finish(state).await });
        finished.await.map_err(|error| StoreError::Busy { source: Box::new(error) })?
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(mut state) = self.state.take() else { return };
        state.abandoned = true;
        let batch = state.batch;
        drop(state);
        let writer = self.writer.clone();
        let undone = async move { writer.state.lock().await.end(batch).await };
        self.writer.tasks.spawn_on(undone, &self.handle);
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
