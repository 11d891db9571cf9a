//! The embedded database: where the file lies, how its connections are set up, and what can be asked about it as a whole.

mod error;
pub(crate) mod migrate;
mod writer;

use std::path::{Component, Path, PathBuf, Prefix};

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row as _};
use store::StoreError;

use crate::Options;
use crate::schema::{Migrated, STEPS, SchemaInfo};
use crate::session::On;
use migrate::Lock;
use writer::Writer;

pub(crate) use error::{insert_error, is_harmless, store_error};
pub(crate) use writer::Turn;

/// A database file that is open.
#[derive(Clone)]
pub(crate) struct File {
    path: PathBuf,
    writer: Writer,
    read: SqlitePool,
}

impl File {
    /// Opens the file; the schema is the caller's business.
    pub(crate) async fn open(path: &Path, options: &Options) -> Result<Self, StoreError> {
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
        let read = pool().max_connections(options.connections.max(1)).connect_with(reading).await;
        let read = read.map_err(|error| store_error("opening the database", error))?;
        let writer = Writer::new(write, options.busy_timeout.saturating_mul(2));
        Ok(Self { path: path.to_owned(), writer, read })
    }

    /// Makes the file or brings it to the schema that this program knows. Waits for other programs that migrate it.
    pub(crate) async fn migrate(path: &Path, options: &Options) -> Result<Migrated, StoreError> {
        refuse_network(path)?;
        require_folder(path)?;
        let _lock = Lock::take(path).await?;
        create_if_missing(path)?;
        let mut connection = connect(path, options).await?;
        let migrated = migrate::migrate(&mut connection, path, STEPS).await?;
        connection.close().await.map_err(|error| store_error("closing the database", error))?;
        Ok(migrated)
    }

    pub(crate) async fn begin(&self) -> Result<On, StoreError> {
        Ok(On::Turn(self.writer.begin().await?))
    }

    pub(crate) async fn read(&self) -> Result<On, StoreError> {
        let snapshot = self.read.begin().await.map_err(|error| store_error("starting to read", error))?;
        Ok(On::Snapshot(snapshot))
    }

    /// What the file says about its schema, without changing it.
    pub(crate) async fn schema(&self) -> Result<SchemaInfo, StoreError> {
        let connection = self.read.acquire().await;
        let mut connection = connection.map_err(|error| store_error("opening the database", error))?;
        migrate::info(&mut connection, STEPS).await
    }

    /// Examines the whole file: structure, references. Takes seconds per gigabyte.
    pub(crate) async fn check(&self) -> Result<(), StoreError> {
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
        Ok(())
    }

    /// Empties the write-ahead log into the file; `false` when somebody was reading at that moment.
    pub(crate) async fn scrub(&self) -> Result<bool, StoreError> {
        self.writer.checkpoint().await
    }

    /// Writes a consistent copy of the file. On a connection of its own: SQLite takes the copy for a write, which the
    /// connections that read refuse, and nobody shall wait for it behind the one that writes.
    pub(crate) async fn copy_to(&self, copy: &Path) -> Result<(), StoreError> {
        let mut connection = connect(&self.path, &Options::default()).await?;
        let copied = migrate::copy_into(&mut connection, copy).await;
        let _ = connection.close().await;
        copied
    }

    /// Closes all connections; the last one to close a file empties its write-ahead log.
    pub(crate) async fn close(&self) {
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

    pub(crate) fn path(&self) -> &Path {
        &self.path
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
