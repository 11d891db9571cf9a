//! The database as a whole: where it is, how it is opened, what can be asked about it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use store::{Store, StoreError, Work};

use crate::columns::{Columns, Row};
use crate::copy::{self, Copied, CopyStep};
use crate::dialect::Dialect;
use crate::schema::{self, Migrated, PlannedStep, STEPS, SchemaInfo};
use crate::server::{Login, ServerAddress, ServerKind};
use crate::session::{On, Session, Watch};
use crate::{mssql, mysql, roles, sqlite};

/// Where a database is.
#[derive(Clone)]
#[non_exhaustive]
pub enum Location {
    /// A file on a local disk. Network drives lack the locks that SQLite needs and are refused where they can be told.
    Sqlite(PathBuf),
    /// A server that several installations share.
    Server {
        /// Where and as whom.
        address: ServerAddress,
        /// Password or token.
        login: Arc<dyn Login>,
    },
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

/// For people: `SQLite, /path` or the address of the server.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite, {}", path.display()),
            Self::Server { address, .. } => write!(f, "{address}"),
        }
    }
}

/// How a database is opened.
#[derive(Clone)]
pub struct Options {
    /// Connections for reading; on servers as many again for writing.
    pub connections: u32,
    /// How long a statement waits for a lock that another program holds (SQLite).
    pub busy_timeout: Duration,
    /// How long a server may take to answer a statement.
    pub statement_timeout: Duration,
    /// Is told the portable text of every statement, for examinations.
    pub watch: Option<Watch>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("connections", &self.connections).finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 4,
            busy_timeout: Duration::from_secs(15),
            statement_timeout: Duration::from_secs(30),
            watch: None,
        }
    }
}

/// The store on an SQL database.
///
/// Several stores, also of several programs, may be open on one database. Readers see one moment and never wait. On a
/// file, writers queue, a committed unit of work is on the disk (`synchronous = FULL`: a key must survive a power cut), and
/// units that queue share a write to the disk. On a server, units that write run side by side (READ COMMITTED); one that
/// loses a deadlock says [`StoreError::Busy`].
#[derive(Clone)]
pub struct SqlStore {
    backend: Backend,
    watch: Option<Watch>,
}

#[derive(Clone)]
enum Backend {
    File(sqlite::File),
    MySql(Arc<mysql::Pool>),
    SqlServer(Arc<mssql::Pool>),
}

impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.backend {
            Backend::File(file) => write!(f, "SqlStore({})", file.path().display()),
            Backend::MySql(pool) => write!(f, "SqlStore({})", pool.address()),
            Backend::SqlServer(pool) => write!(f, "SqlStore({})", pool.address()),
        }
    }
}

/// For people: `SQLite, /path` or the address of the server.
impl fmt::Display for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.backend {
            Backend::File(file) => write!(f, "SQLite, {}", file.path().display()),
            Backend::MySql(pool) => write!(f, "{}", pool.address()),
            Backend::SqlServer(pool) => write!(f, "{}", pool.address()),
        }
    }
}

impl SqlStore {
    /// Opens the database. A file is made when it does not exist, and migrated when it is older than this program. A
    /// server is never changed: whoever owns the database migrates it.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when database and program do not belong together, [`StoreError::Unwritable`] when the file
    /// cannot be made or written, [`StoreError::Denied`] and [`StoreError::Busy`] for servers that refuse or do not answer.
    pub async fn open(location: &Location, options: &Options) -> Result<Self, StoreError> {
        if let Location::Sqlite(path) = location {
            sqlite::File::migrate(path, options).await?;
        }
        let store = Self::connect(location, options).await?;
        store.schema().await?.gate_unchanged()?;
        Ok(store)
    }

    /// Opens the database whatever its schema is. Nothing but [`SqlStore::schema`] may be asked before that is known.
    pub async fn connect(location: &Location, options: &Options) -> Result<Self, StoreError> {
        let backend = match location {
            Location::Sqlite(path) => Backend::File(sqlite::File::open(path, options).await?),
            Location::Server { address, login } => match address.kind {
                ServerKind::MySql => {
                    let (size, limit) = (options.connections, options.statement_timeout);
                    Backend::MySql(Arc::new(
                        mysql::Pool::open(address, Arc::clone(login), size, limit).await?,
                    ))
                }
                ServerKind::SqlServer => {
                    let (size, limit) = (options.connections.saturating_mul(2), options.statement_timeout);
                    Backend::SqlServer(Arc::new(
                        mssql::Pool::open(address, Arc::clone(login), size, limit).await?,
                    ))
                }
            },
        };
        Ok(Self { backend, watch: options.watch.clone() })
    }

    /// Makes the tables or brings them to the schema that this program knows. Waits for other programs that do the same.
    pub async fn migrate(location: &Location, options: &Options) -> Result<Migrated, StoreError> {
        match location {
            Location::Sqlite(path) => sqlite::File::migrate(path, options).await,
            Location::Server { address, login } => match address.kind {
                ServerKind::MySql => mysql::migrate::migrate(address, login.as_ref(), STEPS).await,
                ServerKind::SqlServer => mssql::migrate::migrate(address, Arc::clone(login), STEPS).await,
            },
        }
    }

    /// What [`SqlStore::migrate`] would do.
    pub async fn plan(&self) -> Result<Vec<PlannedStep>, StoreError> {
        let info = self.schema().await?;
        info.gate()?;
        Ok(schema::missing(STEPS, info.version, self.dialect()))
    }

    const fn dialect(&self) -> Dialect {
        match &self.backend {
            Backend::File(_) => Dialect::Sqlite,
            Backend::MySql(_) => Dialect::MySql,
            Backend::SqlServer(_) => Dialect::SqlServer,
        }
    }

    /// What a database says about its schema, without changing it.
    pub async fn schema(&self) -> Result<SchemaInfo, StoreError> {
        match &self.backend {
            Backend::File(file) => file.schema().await,
            Backend::MySql(pool) => pool.schema(STEPS).await,
            Backend::SqlServer(pool) => pool.schema(STEPS).await,
        }
    }

    /// Examines the database: its schema, and of a file structure and references, which takes seconds per gigabyte.
    pub async fn check(&self) -> Result<SchemaInfo, StoreError> {
        let schema = self.schema().await?;
        schema.gate()?;
        if let Backend::File(file) = &self.backend {
            file.check().await?;
        }
        Ok(schema)
    }

    /// Empties the write-ahead log of a file, so that overwritten in-flight keys are in neither.
    ///
    /// SQLite keeps old page contents in the log until it is emptied. `false` when somebody was reading at that moment;
    /// try again later. The daemon calls it after deliveries and at its end. Servers do this by themselves.
    pub async fn scrub(&self) -> Result<bool, StoreError> {
        match &self.backend {
            Backend::File(file) => file.scrub().await,
            Backend::MySql(_) | Backend::SqlServer(_) => Ok(true),
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match &self.backend {
            Backend::File(file) => file.close().await,
            Backend::MySql(pool) => pool.close().await,
            Backend::SqlServer(pool) => pool.close().await,
        }
    }

    /// Writes a consistent copy of an embedded database into a new file.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`] when the file exists or cannot be written, and for servers, which have tools of their own.
    pub async fn copy_to(&self, copy: &Path) -> Result<(), StoreError> {
        match &self.backend {
            Backend::File(file) => file.copy_to(copy).await,
            Backend::MySql(_) | Backend::SqlServer(_) => Err(StoreError::Unwritable {
                detail: "a database on a server is backed up with the server's own tools".to_owned(),
            }),
        }
    }

    /// The file of an embedded database.
    pub fn path(&self) -> Option<&Path> {
        match &self.backend {
            Backend::File(file) => Some(file.path()),
            Backend::MySql(_) | Backend::SqlServer(_) => None,
        }
    }

    /// `sqlite`, `mysql` (also MariaDB) or `mssql`.
    pub const fn kind(&self) -> &'static str {
        match self.backend {
            Backend::File(_) => "sqlite",
            Backend::MySql(_) => "mysql",
            Backend::SqlServer(_) => "mssql",
        }
    }

    /// What the login may do on a server; `None` for a file, where the rights of the file decide.
    pub async fn rights(&self) -> Result<Option<roles::Standing>, StoreError> {
        match &self.backend {
            Backend::File(_) => Ok(None),
            Backend::MySql(pool) => pool.rights().await.map(Some),
            Backend::SqlServer(pool) => pool.rights().await.map(Some),
        }
    }

    /// Whether other installations may share the database.
    pub const fn is_shared(&self) -> bool {
        !matches!(self.backend, Backend::File(_))
    }

    #[cfg(test)]
    pub(crate) fn file(&self) -> &sqlite::File {
        match &self.backend {
            Backend::File(file) => file,
            Backend::MySql(_) | Backend::SqlServer(_) => unreachable!("tests of files open files"),
        }
    }

    /// Copies everything of an embedded database into an empty one that has this program's schema, compares both, and shuts
    /// this one, all or nothing: nobody writes here meanwhile, and whoever still has it open can do nothing with it
    /// afterwards.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when this one is on a server or the other one is not empty; [`StoreError::Stopped`] when `tell` answers that it shall
    /// not go on, and then nothing was kept. Once all rows are compared it cannot be stopped any more. When the last step
    /// is cut off, both hold everything, and this one is still open.
    pub async fn move_to(
        &self,
        to: &Self,
        tell: &(dyn Fn(CopyStep) -> bool + Send + Sync),
    ) -> Result<Copied, StoreError> {
        if self.is_shared() {
            return Err(StoreError::Schema(
                "only an embedded database is moved; take a database on a server elsewhere with the server's own tools"
                    .to_owned(),
            ));
        }
        let mut source = self.writing().await?;
        let mut target = to.writing().await?;
        let copied = copy::copy(&mut source, &mut target, tell).await?;
        copy::shut(&mut source).await?;
        target.commit().await?;
        source.commit().await?;
        Ok(copied)
    }

    /// Bytes of each table with its indexes, as the database counts them; largest first. Empty where it does not tell.
    pub async fn sizes(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = match &self.backend {
            Backend::File(_) => {
                "SELECT m.tbl_name, SUM(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name \
                 WHERE s.aggregate = TRUE GROUP BY m.tbl_name ORDER BY 2 DESC"
            }
            Backend::MySql(_) => {
                "SELECT table_name, CAST(data_length + index_length AS SIGNED) FROM information_schema.tables \
                 WHERE table_schema = DATABASE() ORDER BY 2 DESC"
            }
            Backend::SqlServer(_) => {
                "SELECT o.name, CAST(SUM(p.used_page_count) * 8192 AS BIGINT) FROM sys.dm_db_partition_stats p \
                 JOIN sys.objects o ON o.object_id = p.object_id WHERE o.type = 'U' GROUP BY o.name \
                 ORDER BY SUM(p.used_page_count) DESC"
            }
        };
        let mut session = self.reading().await?;
        let rows = match session.select("measuring tables", sql, Vec::new()).await {
            // SQL Server tells sizes only to whom it lets see its state.
            Err(StoreError::Denied { .. }) => return Ok(Vec::new()),
            rows => rows?,
        };
        let read = |row: &Row| {
            let mut columns = Columns::new("size of a table", row);
            Ok((columns.text()?, columns.number()?))
        };
        rows.iter().map(read).collect()
    }

    pub(crate) async fn writing(&self) -> Result<Session, StoreError> {
        let on = match &self.backend {
            Backend::File(file) => file.begin().await?,
            Backend::MySql(pool) => On::MySql(pool.begin(false).await?),
            Backend::SqlServer(pool) => On::SqlServer(pool.begin(false).await?),
        };
        Ok(Session::new(on, false, self.watch.clone()))
    }

    pub(crate) async fn reading(&self) -> Result<Session, StoreError> {
        let on = match &self.backend {
            Backend::File(file) => file.read().await?,
            Backend::MySql(pool) => On::MySql(pool.begin(true).await?),
            Backend::SqlServer(pool) => On::SqlServer(pool.begin(true).await?),
        };
        Ok(Session::new(on, true, self.watch.clone()))
    }
}

#[async_trait]
impl Store for SqlStore {
    async fn begin(&self) -> Result<Box<dyn Work>, StoreError> {
        Ok(Box::new(self.writing().await?))
    }

    async fn read(&self) -> Result<Box<dyn Work>, StoreError> {
        Ok(Box::new(self.reading().await?))
    }

    async fn pause(&self, attempt: u32) {
        tokio::time::sleep(pause_before(attempt)).await;
    }
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
