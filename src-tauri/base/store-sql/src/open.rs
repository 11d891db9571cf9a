//! The database on disk: where it lies, how its connections are set up, and what can be asked about it as a whole.

use std::fmt;
use std::path::{Component, Path, PathBuf, Prefix};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row as _};
use store::{Store, StoreError, Work};

use crate::error::store_error;
use crate::migrate::{self, Lock, Migrated, STEPS, SchemaInfo};
use crate::session::Session;
use crate::writer::Writer;

/// Where a database is.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Location {
    /// A file on a local disk. Network drives lack the locks that SQLite needs and are refused where they can be told.
    Sqlite(PathBuf),
}

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections for reading, besides the one that writes.
    pub readers: u32,
    /// How long a statement waits for a lock that another program holds.
    pub busy_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 4, busy_timeout: Duration::from_secs(15) }
    }
}

/// The store on an SQL database.
///
/// Several stores, also of several programs, may be open on one file. Writers queue; readers see a snapshot and never
/// wait. A committed unit of work is on the disk (`synchronous = FULL`): a key must survive a power cut. Units that
/// queue share a write to the disk.
#[derive(Clone)]
pub struct SqlStore {
    path: PathBuf,
    writer: Writer,
    read: SqlitePool,
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlStore({})", self.path.display())
    }
}

impl SqlStore {
    /// Opens the database; makes it when the file does not exist, migrates it when it is older than this program.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when a newer program changed it past this one, [`StoreError::Unwritable`] when the file
    /// cannot be made or written.
    pub async fn open(location: &Location, options: &Options) -> Result<Self, StoreError> {
        let Location::Sqlite(path) = location;
        Self::migrate(location, options).await?;
        let connect = connect_options(path, options);
        let pool = || {
            SqlitePoolOptions::new()
                .acquire_timeout(options.busy_timeout.saturating_mul(2))
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let write = pool().max_connections(1).connect_with(connect.clone()).await;
        let write = write.map_err(|error| store_error("opening the database", error))?;
        let reading = connect.pragma("query_only", "ON");
        let read = pool().max_connections(options.readers.max(1)).connect_with(reading).await;
        let read = read.map_err(|error| store_error("opening the database", error))?;
        let writer = Writer::new(write, options.busy_timeout.saturating_mul(2));
        Ok(Self { path: path.clone(), writer, read })
    }

    /// Makes the database or brings it to the schema that this program knows. Waits for other programs that migrate it.
    pub async fn migrate(location: &Location, options: &Options) -> Result<Migrated, StoreError> {
        let Location::Sqlite(path) = location;
        refuse_network(path)?;
        require_folder(path)?;
        let _lock = Lock::take(path).await?;
        create_if_missing(path)?;
        let mut connection = connect(path, options).await?;
        let migrated = migrate::migrate(&mut connection, path, STEPS).await?;
        connection.close().await.map_err(|error| store_error("closing the database", error))?;
        Ok(migrated)
    }

    /// What a database says about its schema, without changing it.
    pub async fn schema(&self) -> Result<SchemaInfo, StoreError> {
        let connection = self.read.acquire().await;
        let mut connection = connection.map_err(|error| store_error("opening the database", error))?;
        migrate::info(&mut connection, STEPS).await
    }

    /// Examines the whole file: schema, structure, references. Takes seconds per gigabyte.
    pub async fn check(&self) -> Result<SchemaInfo, StoreError> {
        let schema = self.schema().await?;
        schema.gate()?;
        let failed = |error| store_error("examining the database", error);
        let damaged = |detail: String| StoreError::Corrupt { what: "database file", detail };
        let found: String =
            sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&self.read).await.map_err(failed)?;
        if found != "ok" {
            return Err(damaged(found));
        }
        let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&self.read).await;
        if let Some(row) = dangling.map_err(failed)? {
            let table: String = row.try_get(0).map_err(failed)?;
            return Err(damaged(format!("a row of table {table} points to a row that does not exist")));
        }
        Ok(schema)
    }

    /// Empties the write-ahead log into the file, so that overwritten in-flight keys are in neither.
    ///
    /// SQLite keeps old page contents in the log until it is emptied. `false` when somebody was reading at that moment;
    /// try again later. The daemon calls it after deliveries and at its end.
    pub async fn scrub(&self) -> Result<bool, StoreError> {
        self.writer.checkpoint().await
    }

    /// Closes all connections; the last one to close a file empties its write-ahead log.
    pub async fn close(&self) {
        self.read.close().await;
        self.writer.close().await;
    }

    #[cfg(test)]
    pub(crate) const fn writer(&self) -> &Writer {
        &self.writer
    }

    #[cfg(test)]
    pub(crate) const fn readers(&self) -> &SqlitePool {
        &self.read
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn begin(&self) -> Result<Box<dyn Work>, StoreError> {
        Ok(Box::new(Session::Writing(self.writer.begin().await?)))
    }

    async fn read(&self) -> Result<Box<dyn Work>, StoreError> {
        let snapshot = self.read.begin().await.map_err(|error| store_error("starting to read", error))?;
        Ok(Box::new(Session::Reading(snapshot)))
    }

    async fn pause(&self, attempt: u32) {
        tokio::time::sleep(pause_before(attempt)).await;
    }
}

async fn connect(path: &Path, options: &Options) -> Result<SqliteConnection, StoreError> {
    let connection = connect_options(path, options).connect().await;
    connection.map_err(|error| store_error("opening the database", error))
}

fn connect_options(path: &Path, options: &Options) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .page_size(16_384)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(options.busy_timeout)
        .statement_cache_capacity(256)
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

fn create_if_missing(path: &Path) -> Result<(), StoreError> {
    match migrate::create_private(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unwritable { detail: format!("{}: {error}", path.display()) }),
    }
}

fn require_folder(path: &Path) -> Result<(), StoreError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => Err(StoreError::Unwritable {
            detail: format!("the folder {} does not exist; make it or choose another", folder.display()),
        }),
        _ => Ok(()),
    }
}

/// Windows names tell a network drive; other systems mount it like any folder.
fn refuse_network(path: &Path) -> Result<(), StoreError> {
    let is_network = matches!(
        path.components().next(),
        Some(Component::Prefix(prefix)) if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
    );
    if is_network {
        return Err(StoreError::Unwritable {
            detail: format!("{} is on a network drive; put the database on a local disk", path.display()),
        });
    }
    Ok(())
}

/// 20 ms, 40 ms, … up to about a second, each between half and one and a half of that: programs that collided once do not
/// collide again.
fn pause_before(attempt: u32) -> Duration {
    use std::hash::{BuildHasher as _, RandomState};
    let middle = 20_u64 << attempt.saturating_sub(1).min(6);
    // A fresh hasher is seeded by the operating system; nothing secret depends on it.
    let jitter = RandomState::new().hash_one(attempt) % middle.max(1);
    Duration::from_millis(middle / 2 + jitter)
}
