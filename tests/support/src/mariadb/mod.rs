//! A real MariaDB for tests: one server that all test processes of a run share, or one of a test's own that can be killed.
//!
//! ```text
//!  test process ─┐ shared lock on `users`                       ┌─ no lock for 15 seconds: server killed, data removed
//!  test process ─┼──────────────► mariadbd on loopback ◄── keeper
//!  test process ─┘ own database                                 └─ whatever way the processes ended
//! ```
//!
//! `SEALWRIGHT_TEST_MYSQL_URL` (with `…_PASSWORD` and `…_CA`) names another server, such as Oracle's MySQL, for
//! everything that does not need to kill it. Its account must be allowed to make databases and accounts.

mod cluster;
mod database;
mod place;
mod process;

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use store_sql::ServerAddress;

pub use cluster::Galera;
pub use database::{Account, Database};
use database::{Administrator, Reached};
use place::Place;
use process::Launch;

/// Seconds that the shared server waits for another test.
const IDLE_SECONDS: u32 = 15;

/// A database server.
#[derive(Clone, Debug)]
pub struct MariaDb {
    reached: Reached,
    /// `None` for servers that others use too.
    own: Option<Arc<Own>>,
}

/// A server of the test's own.
#[derive(Debug)]
struct Own {
    child: Mutex<Child>,
    place: Place,
    /// While this is held, the keeper leaves the server alone.
    _user: fs::File,
}

impl MariaDb {
    /// The server that all tests of this run share; started by whoever comes first.
    ///
    /// # Panics
    /// When there is no MariaDB here, with what to install.
    #[expect(clippy::panic, reason = "a test without its server has failed")]
    pub async fn shared() -> Self {
        // One for each process: the locks live as long as it does.
        static SHARED: OnceLock<Result<(Reached, Option<fs::File>), String>> = OnceLock::new();
        let reached = blocking(|| {
            let shared = SHARED.get_or_init(|| match named()? {
                Some(reached) => Ok((reached, None)),
                None => shared().map(|(reached, user)| (reached, Some(user))),
            });
            shared.as_ref().map(|(reached, _)| reached.clone()).map_err(Clone::clone)
        });
        Self { reached: reached.await.unwrap_or_else(|error| panic!("{error}")), own: None }
    }

    /// A server that nobody else uses; it can be killed, stopped and started again, and goes with the value.
    ///
    /// # Panics
    /// When there is no MariaDB here, with what to install.
    pub async fn own() -> Self {
        Self::own_with("").await
    }

    /// The same with further lines of its settings file, e.g. `max-connections = 3`.
    ///
    /// # Panics
    /// When there is no MariaDB here, with what to install.
    #[expect(clippy::panic, reason = "a test without its server has failed")]
    pub async fn own_with(settings: &str) -> Self {
        let settings = settings.to_owned();
        blocking(move || own(&settings)).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// A fresh, empty database with an owner.
    ///
    /// # Panics
    /// When the server refuses.
    #[expect(clippy::panic, reason = "a test without its database has failed")]
    pub async fn database(&self) -> Database {
        let reached = self.reached.clone();
        blocking(move || reached.database()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Host and port, for a proxy in front of it.
    pub fn address(&self) -> (String, u16) {
        (self.reached.host.clone(), self.reached.port)
    }

    /// Runs SQL as administrator, in no database.
    ///
    /// # Errors
    /// What the server says.
    pub fn execute(&self, sql: &str) -> Result<String, String> {
        self.reached.run(None, None, sql)
    }

    /// As when the power of its machine fails.
    ///
    /// # Panics
    /// When the server is shared.
    pub fn kill(&self) {
        let own = self.owned();
        let mut child = own.child.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Starts it again on its data and its port, after [`MariaDb::kill`].
    ///
    /// # Panics
    /// When the server is shared, or does not start.
    #[expect(clippy::panic, reason = "a test whose server does not start has failed")]
    pub async fn start(&self) {
        let own = Arc::clone(self.owned());
        let started = blocking(move || {
            let mut child = own.child.lock().unwrap_or_else(PoisonError::into_inner);
            *child = Launch::default().start_again(&own.place)?;
            Ok(())
        });
        started.await.unwrap_or_else(|error| panic!("{error}"));
    }

    /// [`MariaDb::kill`] and [`MariaDb::start`].
    ///
    /// # Panics
    /// When the server is shared, or does not start.
    pub async fn restart(&self) {
        self.kill();
        self.start().await;
    }

    /// As when its machine hangs: connections stay open, and nothing answers.
    ///
    /// # Panics
    /// When the server is shared.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Ends [`MariaDb::pause`].
    ///
    /// # Panics
    /// When the server is shared.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    #[expect(clippy::panic, reason = "a test whose server is not what it thinks has failed")]
    fn signal(&self, signal: Signal) {
        let child = self.owned().child.lock().unwrap_or_else(PoisonError::into_inner);
        process::signal(&child, signal).unwrap_or_else(|error| panic!("{error}"));
    }

    #[expect(clippy::expect_used, reason = "a mistake in a test, told to its author")]
    fn owned(&self) -> &Arc<Own> {
        self.own.as_ref().expect("others use this server too; take MariaDb::own()")
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
        let _ = fs::remove_dir_all(self.place.folder());
    }
}

/// The server that the environment names.
fn named() -> Result<Option<Reached>, String> {
    let said = |name: &str| std::env::var(format!("SEALWRIGHT_TEST_MYSQL_{name}")).ok();
    let Some(url) = said("URL") else { return Ok(None) };
    let address: ServerAddress =
        url.parse().map_err(|error| format!("SEALWRIGHT_TEST_MYSQL_URL: {error}"))?;
    let user = address.user.ok_or("SEALWRIGHT_TEST_MYSQL_URL names no account")?;
    let password = said("PASSWORD").unwrap_or_default();
    Ok(Some(Reached {
        host: address.host,
        port: address.port,
        ca_file: said("CA").map(PathBuf::from),
        administrator: Administrator::Account(Account { user, password }),
    }))
}

fn shared() -> Result<(Reached, fs::File), String> {
    // A new version of these files must not meet the server of an older one.
    let place = Place::named("shared-1")?;
    let _gate = place.gate()?;
    let user = place.register_user()?;
    let noted = place.run().join("port");
    let running = fs::read_to_string(&noted).ok().and_then(|port| port.trim().parse().ok());
    let port = match running.filter(|port| answers(*port)) {
        Some(port) => port,
        None => {
            let port = place::free_port()?;
            place.prepare(port, "")?;
            process::start_shared(&place, IDLE_SECONDS)?;
            fs::write(&noted, port.to_string()).map_err(|error| format!("{}: {error}", noted.display()))?;
            port
        }
    };
    Ok((reached(&place, port), user))
}

fn own(settings: &str) -> Result<MariaDb, String> {
    let place = Place::new_own()?;
    let user = place.register_user()?;
    let port = place::free_port()?;
    place.prepare(port, settings)?;
    let child = Launch::default().start(&place, &[])?;
    let reached = reached(&place, port);
    let own = Own { child: Mutex::new(child), place, _user: user };
    Ok(MariaDb { reached, own: Some(Arc::new(own)) })
}

fn reached(place: &Place, port: u16) -> Reached {
    Reached {
        host: "127.0.0.1".to_owned(),
        port,
        ca_file: Some(place.ca_file()),
        administrator: Administrator::Socket(place.socket()),
    }
}

fn answers(port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), Duration::from_secs(5)).is_ok()
}

/// Work that waits for files and processes, beside the tests that run on the same threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|error| error.to_string())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_database_is_empty_and_the_owner_sees_no_other() {
        let server = MariaDb::shared().await;
        let (one, other) = (server.database().await, server.database().await);
        assert_eq!(one.execute_as(one.owner(), "SHOW TABLES;").unwrap(), "");
        one.execute("CREATE TABLE seen (word VARCHAR(20)); INSERT INTO seen VALUES ('größer');");
        assert_eq!(one.execute_as(one.owner(), "SELECT word FROM seen;").unwrap(), "größer");
        let refused = one.execute_as(one.owner(), &format!("USE {};", other.name())).unwrap_err();
        assert!(refused.contains("1044"), "{refused}");
    }

    #[tokio::test]
    async fn a_database_goes_with_its_accounts() {
        let server = MariaDb::shared().await;
        let database = server.database().await;
        let reader = database.user("reader", &["SELECT ON *"]);
        assert_eq!(database.execute_as(&reader, "SELECT 1;").unwrap(), "1");
        let name = database.name().to_owned();
        let left = format!(
            "SELECT COUNT(*) FROM mysql.user WHERE user LIKE '{name}%' UNION ALL \
             SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '{name}';"
        );
        assert_eq!(server.execute(&left).unwrap(), "2\n1");
        drop(database);
        assert_eq!(server.execute(&left).unwrap(), "0\n0");
    }

    #[tokio::test]
    async fn accounts_may_do_what_was_granted_over_encrypted_connections() {
        let database = MariaDb::shared().await.database().await;
        database.execute("CREATE TABLE a (x INT); CREATE TABLE b (x INT);");
        let clerk = database.user("clerk", &["SELECT, INSERT ON a", "SELECT (x) ON b"]);
        database.execute_as(&clerk, "INSERT INTO a VALUES (1);").unwrap();
        let refused = database.execute_as(&clerk, "INSERT INTO b VALUES (1);").unwrap_err();
        assert!(refused.contains("1142"), "{refused}");
        let cipher = database.execute_as(&clerk, "SHOW STATUS LIKE 'Ssl_cipher';").unwrap();
        assert!(cipher.contains("TLS_"), "{cipher}");
    }

    #[tokio::test]
    async fn a_server_of_ones_own_keeps_what_was_committed_when_it_is_killed() {
        let server = MariaDb::own().await;
        let database = server.database().await;
        database.execute("CREATE TABLE a (x INT) ENGINE=InnoDB; INSERT INTO a VALUES (7);");
        server.kill();
        assert!(database.execute_as(database.owner(), "SELECT 1;").is_err());
        server.start().await;
        assert_eq!(database.execute_as(database.owner(), "SELECT x FROM a;").unwrap(), "7");
        server.restart().await;
        assert_eq!(database.execute("SELECT x FROM a;"), "7");
    }
}
