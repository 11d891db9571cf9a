//! MySQL and MariaDB through sqlx: connections, units of work, faults, schema.
//!
//! Transactions are begun and ended by statements of our own, so that a connection whose state nobody knows any more is
//! closed and never handed on. Every statement has a time limit: a server that vanished behind a firewall answers
//! nothing, not even that it is gone.

mod fault;
pub(crate) mod migrate;
#[cfg(test)]
mod token_tests;
mod unit;
#[cfg(all(test, unix))]
mod unit_tests;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlConnection, MySqlPool, MySqlPoolOptions, MySqlSslMode};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, Executor as _, Row as _};
use store::StoreError;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::fault::{Fault, FaultKind};
use crate::roles::{self, Examiner, Standing};
use crate::server::{Authentication, Login, ServerAddress, Tls};

pub(crate) use fault::fault;
pub(crate) use unit::{Row, Unit};

/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(15);

/// Connections to one server.
pub(crate) struct Pool {
    address: ServerAddress,
    login: Arc<dyn Login>,
    /// Statements of units that write see what was committed before each statement.
    writing: MySqlPool,
    /// Units that read see one moment.
    reading: MySqlPool,
    limit: Duration,
}

impl Pool {
    /// Prepares connections; the first one is made at once, so that a wrong password or name is told here.
    pub(crate) async fn open(
        address: &ServerAddress,
        login: Arc<dyn Login>,
        size: u32,
        limit: Duration,
    ) -> Result<Self, StoreError> {
        address.check()?;
        let secret = secret(login.as_ref()).await?;
        let options = connect_options(address, &secret);
        let pool = |isolation: &'static str| {
            MySqlPoolOptions::new()
                .max_connections(size.max(1))
                .acquire_timeout(CONNECT)
                .test_before_acquire(false)
                .idle_timeout(Duration::from_mins(5))
                .max_lifetime(Duration::from_hours(1))
                .after_connect(move |connection, _| Box::pin(prepare(connection, isolation)))
                .connect_lazy_with(options.clone())
        };
        let pool = Self {
            address: address.clone(),
            login,
            writing: pool("READ COMMITTED"),
            reading: pool("REPEATABLE READ"),
            limit,
        };
        let first = pool.dedicated().await?;
        // Whatever closing says, it answered. A server that hangs up first makes an error of the farewell.
        let _ = timeout(Duration::from_secs(1), first.close()).await;
        Ok(pool)
    }

    /// Begins a unit of work. A connection that went stale in the pool is replaced.
    pub(crate) async fn begin(&self, reads: bool) -> Result<Unit, StoreError> {
        let pool = if reads { &self.reading } else { &self.writing };
        let mut stale = pool.num_idle();
        loop {
            let connection = self.acquire(pool).await?;
            match Unit::begin(connection, reads, self.limit).await {
                Err(fault) if fault.kind == FaultKind::Lost && stale > 0 => stale -= 1,
                begun => return begun.map_err(|fault| fault.told("starting a unit of work")),
            }
        }
    }

    /// What the login may do.
    pub(crate) async fn rights(&self) -> Result<Standing, StoreError> {
        let mut examined = Examined { connection: self.dedicated().await?, limit: self.limit };
        examined.run("START TRANSACTION").await.map_err(|fault| fault.told(EXAMINING))?;
        let standing = roles::probe(&mut examined).await;
        // Whatever was begun ends with the connection.
        let _ = timeout(Duration::from_secs(1), examined.connection.close()).await;
        standing
    }

    pub(crate) const fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// A connection that reads, outside a unit of work.
    pub(super) async fn for_reading(&self) -> Result<PoolConnection<MySql>, StoreError> {
        self.acquire(&self.reading).await
    }

    /// How many connections for reading nobody uses at the moment; the server may have closed them.
    pub(super) fn idle_for_reading(&self) -> usize {
        self.reading.num_idle()
    }

    pub(super) const fn limit(&self) -> Duration {
        self.limit
    }

    async fn acquire(&self, pool: &MySqlPool) -> Result<PoolConnection<MySql>, StoreError> {
        if let Some(idle) = pool.try_acquire() {
            return Ok(idle);
        }
        // A new connection may come up: passwords change, and tokens live for an hour.
        let secret = secret(self.login.as_ref()).await?;
        pool.set_connect_options(connect_options(&self.address, &secret));
        pool.acquire().await.map_err(|error| fault(error).told("connecting to the database"))
    }

    /// A connection outside the pool, for work on the schema.
    pub(crate) async fn dedicated(&self) -> Result<MySqlConnection, StoreError> {
        dedicated(&self.address, self.login.as_ref()).await
    }

    /// Closes all connections that are not in use; those in use are closed when they come back.
    pub(crate) async fn close(&self) {
        let both = async {
            self.reading.close().await;
            self.writing.close().await;
        };
        if timeout(CONNECT, both).await.is_err() {
            tracing::debug!(
                "connections to the database are still in use; they are left to end with the program"
            );
        }
    }
}

/// Tries statements on a connection of its own.
struct Examined {
    connection: MySqlConnection,
    limit: Duration,
}

const EXAMINING: &str = "asking what the login may do";

impl Examined {
    async fn run(&mut self, sql: &str) -> Result<(), Fault> {
        let done = timeout(self.limit, self.connection.execute(AssertSqlSafe(sql.to_owned()))).await?;
        done.map(|_| ()).map_err(fault)
    }
}

#[async_trait]
impl Examiner for Examined {
    async fn allowed(&mut self, sql: &str) -> Result<bool, StoreError> {
        match self.run(sql).await {
            Ok(()) => Ok(true),
            Err(fault) if fault.kind == FaultKind::Denied => Ok(false),
            Err(fault) => Err(fault.told(EXAMINING)),
        }
    }
}

/// One connection on its own.
pub(crate) async fn dedicated(
    address: &ServerAddress,
    login: &dyn Login,
) -> Result<MySqlConnection, StoreError> {
    address.check()?;
    let secret = secret(login).await?;
    let options = connect_options(address, &secret);
    let connected = async {
        let mut connection = options.connect().await?;
        prepare(&mut connection, "READ COMMITTED").await?;
        Ok(connection)
    };
    let connected = timeout(CONNECT, connected).await;
    let connected = connected.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())));
    connected.map_err(|error| fault(error).told("connecting to the database"))
}

async fn secret(login: &dyn Login) -> Result<Zeroizing<String>, StoreError> {
    login.secret().await.map_err(|detail| StoreError::Denied { doing: "signing in to the database", detail })
}

fn connect_options(address: &ServerAddress, secret: &str) -> MySqlConnectOptions {
    let options = MySqlConnectOptions::new()
        .host(&address.host)
        .port(address.port)
        .database(&address.database)
        .username(address.user.as_deref().unwrap_or_default())
        .charset("utf8mb4")
        .timezone(Some("+00:00".to_owned()))
        .statement_cache_capacity(256)
        .disable_statement_logging();
    let options = if secret.is_empty() { options } else { options.password(secret) };
    let options = match &address.tls {
        Tls::Verified => options.ssl_mode(MySqlSslMode::VerifyIdentity),
        Tls::VerifiedBy(file) => options.ssl_mode(MySqlSslMode::VerifyIdentity).ssl_ca(file),
        Tls::Off => options.ssl_mode(MySqlSslMode::Disabled),
    };
    // `ServerAddress::check` has refused tokens without a verified connection.
    if address.authentication == Authentication::Entra {
        options.enable_cleartext_plugin(true)
    } else {
        options
    }
}

/// What every connection is told first. Strictness is not left to the server: a value that does not fit is an error.
async fn prepare(connection: &mut MySqlConnection, isolation: &'static str) -> Result<(), sqlx::Error> {
    let isolated = format!("SET SESSION TRANSACTION ISOLATION LEVEL {isolation}");
    connection.execute(AssertSqlSafe(isolated)).await?;
    let strict =
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), innodb_lock_wait_timeout = 15";
    connection.execute(strict).await?;
    connection.execute(LET_GO).await?;
    // Each server of a cluster (Galera) takes over the writes of the others a moment later. Whoever was led to another
    // server begins a unit of work only when that has everything that was committed before.
    if let Some(row) = connection.fetch_optional("SHOW SESSION VARIABLES LIKE 'wsrep_on'").await?
        && row.try_get::<String, _>(1)?.eq_ignore_ascii_case("on")
    {
        connection.execute("SET SESSION wsrep_sync_wait = 1").await?;
    }
    Ok(())
}

/// A program that is held up in the middle of a unit of work (a laptop that was closed) must not hold its locks until it
/// wakes up: everybody waits for the end of the audit log. MariaDB is told to end such a unit after seconds; MySQL, which
/// knows no such limit, to close connections that say nothing for half a minute. Each ignores the other's comment.
///
/// MySQL also remembers the sizes of tables for a day unless it is told not to.
const LET_GO: &str = "SET SESSION sql_notes = @@sql_notes /*M!100300 , idle_write_transaction_timeout = 5 */ \
                      /*!80000 , wait_timeout = 30 , information_schema_stats_expiry = 0 */";

impl From<tokio::time::error::Elapsed> for Fault {
    /// The server did not answer within the time limit: what it did with the statement is not known.
    fn from(elapsed: tokio::time::error::Elapsed) -> Self {
        Self::new(FaultKind::Lost, elapsed)
    }
}
