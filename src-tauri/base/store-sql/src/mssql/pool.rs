//! Connections to one database on SQL Server, kept for the next unit of work.

use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult};
use store::StoreError;
use tiberius::IsolationLevel;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::connect::Dialer;
use super::connection::Connection;
use super::unit::Unit;
use crate::fault::{Fault, FaultKind};
use crate::server::{Login, ServerAddress};

/// How long a unit waits for a connection that another uses.
const TURN: Duration = Duration::from_secs(30);
/// How long a connection that was used before may take to begin a transaction.
const STALE: Duration = Duration::from_secs(5);
/// Gateways forget connections that were idle for longer (Azure: 30 minutes; firewalls: 5).
const IDLE: Duration = Duration::from_mins(4);
/// How long connections in use are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(10);

/// What the database does for whoever reads.
pub(super) const VERSIONS: &str = "SELECT CAST(snapshot_isolation_state AS INT), CAST(is_read_committed_snapshot_on AS INT) \
     FROM sys.databases WHERE database_id = DB_ID()";

/// Connections to one server.
pub(crate) struct Pool {
    dialer: Arc<Dialer>,
    connections: managed::Pool<Manager>,
    /// How units that read are kept apart from those that write.
    reading: IsolationLevel,
    tasks: TaskTracker,
}

impl Pool {
    /// Prepares connections; the first one is made at once, so that a wrong password or name is told here.
    ///
    /// `limit` holds for each statement.
    pub(crate) async fn open(
        address: &ServerAddress,
        login: Arc<dyn Login>,
        size: u32,
        limit: Duration,
    ) -> Result<Self, StoreError> {
        let dialer = Arc::new(Dialer::new(address, login)?);
        let manager = Manager { dialer: Arc::clone(&dialer), limit };
        let connections = managed::Pool::builder(manager)
            .max_size(size.max(1) as usize)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(TURN))
            .build()
            .map_err(|error| StoreError::Driver { doing: "opening the database", source: Box::new(error) })?;
        let mut pool =
            Self { dialer, connections, reading: IsolationLevel::ReadCommitted, tasks: TaskTracker::new() };
        let mut first = pool.acquire().await.map_err(|fault| fault.told("connecting to the database"))?;
        pool.reading = reading(&mut first).await;
        drop(first);
        Ok(pool)
    }

    pub(crate) fn address(&self) -> &ServerAddress {
        self.dialer.address()
    }

    /// Begins a unit of work. A connection that went stale in the pool is replaced.
    pub(crate) async fn begin(&self, reads: bool) -> Result<Unit, StoreError> {
        let isolation = if reads { self.reading } else { IsolationLevel::ReadCommitted };
        let mut stale = self.connections.status().available;
        loop {
            let connection =
                self.acquire().await.map_err(|fault| fault.told("connecting to the database"))?;
            let begun = timeout(STALE, Unit::begin(connection, isolation, self.tasks.clone())).await;
            match begun.unwrap_or_else(|elapsed| Err(Fault::new(FaultKind::Lost, elapsed))) {
                Err(fault) if fault.kind == FaultKind::Lost && stale > 0 => stale -= 1,
                begun => return begun.map_err(|fault| fault.told("starting a unit of work")),
            }
        }
    }

    /// A connection outside the pool whose statements may take any time, for work on the schema.
    pub(crate) async fn dedicated(&self) -> Result<Connection, StoreError> {
        self.dialer.dial(None).await.map_err(|fault| fault.told("connecting to the database"))
    }

    /// Closes all connections, also those that come back from now on; waits a while for what is being rolled back.
    pub(crate) async fn close(&self) {
        self.connections.close();
        self.tasks.close();
        if timeout(FAREWELL, self.tasks.wait()).await.is_err() {
            tracing::debug!(
                "connections to the database are still in use; they are left to end with the program"
            );
        }
    }

    /// A connection whose statements have the time limit of units of work.
    pub(super) async fn acquire(&self) -> Result<Object<Manager>, Fault> {
        self.connections.get().await.map_err(|error| match error {
            PoolError::Backend(fault) => fault,
            PoolError::Timeout(_) => {
                Fault::new(FaultKind::Busy, "all connections to the database are in use")
            }
            PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                Fault::new(FaultKind::Busy, "the database is being closed")
            }
        })
    }
}

/// One connection outside any pool.
pub(super) async fn dedicated(
    address: &ServerAddress,
    login: Arc<dyn Login>,
) -> Result<Connection, StoreError> {
    let dialer = Dialer::new(address, login)?;
    dialer.dial(None).await.map_err(|fault| fault.told("connecting to the database"))
}

/// Whether a reader may have a snapshot, and whether readers and writers of single statements leave each other alone.
pub(super) async fn versions(connection: &mut Connection) -> (bool, bool) {
    let rows = connection.batch(VERSIONS).await.unwrap_or_default();
    let is_on = |column| rows.first().and_then(|row| row.int(column).ok().flatten()) == Some(1);
    (is_on(0), is_on(1))
}

/// How readers are kept apart. What the database lacks for it is said in the log, once for each pool.
async fn reading(connection: &mut Connection) -> IsolationLevel {
    let (snapshots, read_committed) = versions(connection).await;
    if !read_committed {
        tracing::warn!(
            "readers and writers of the database wait for each other; have its owner run ALTER DATABASE CURRENT SET \
             READ_COMMITTED_SNAPSHOT ON while nobody uses it"
        );
    }
    if snapshots {
        return IsolationLevel::Snapshot;
    }
    tracing::warn!(
        "the database gives readers no snapshots, so that lists may change while they are read; have its owner run \
         ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON"
    );
    IsolationLevel::ReadCommitted
}

/// Makes connections for the pool and looks at those that come back.
pub(super) struct Manager {
    dialer: Arc<Dialer>,
    limit: Duration,
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Fault;

    async fn create(&self) -> Result<Connection, Fault> {
        self.dialer.dial(Some(self.limit)).await
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<Fault> {
        if connection.is_unsure() {
            return Err(RecycleError::message("it broke"));
        }
        if metrics.last_used() > IDLE {
            return Err(RecycleError::message("it was idle for too long"));
        }
        Ok(())
    }
}
