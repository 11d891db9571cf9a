//! SQL Server and Azure SQL keep what every store promises: on a live server, where there is one.
//!
//! `SEALWRIGHT_TEST_MSSQL_URL=mssql://sa@db.example.com/master SEALWRIGHT_TEST_MSSQL_PASSWORD=… cargo nextest run -p store-sql
//! --features live-mssql`; `SEALWRIGHT_TEST_MSSQL_CA` names the certificate of the server's authority. The account must be
//! allowed to make databases; each test makes one and drops it. Without the feature, what can be known without a server is
//! tested here, and the rest is reported as skipped.

#![cfg_attr(feature = "live-mssql", expect(clippy::unwrap_used, reason = "a test target from end to end"))]

#[cfg(feature = "live-mssql")]
#[expect(unreachable_pub, reason = "the suite is written for any crate that includes it")]
#[path = "../../../../tests/conformance/store/mod.rs"]
mod suite;

use std::sync::Arc;

use mssql_mock_tds::MockTdsServer;
use store::StoreError;
use store_sql::{Location, Options, Password, ServerAddress, SqlStore, Tls};
use tokio::task::JoinSet;

#[cfg(not(feature = "live-mssql"))]
#[test]
#[ignore = "NOT VERIFIED against a live SQL Server: set SEALWRIGHT_TEST_MSSQL_URL and build with --features live-mssql"]
fn sql_server_keeps_what_every_store_promises() {
    panic!("build with --features live-mssql; there is no server to ask otherwise");
}

#[tokio::test]
async fn an_empty_database_is_not_changed_by_opening_it() {
    let server = MockTdsServer::new("127.0.0.1:0").await.unwrap();
    let port = server.local_addr().port();
    let mut running = JoinSet::new();
    running.spawn(async move { server.run().await });
    let mut address: ServerAddress = format!("mssql://seal@127.0.0.1:{port}/sealwright").parse().unwrap();
    address.tls = Tls::Off;
    let location = Location::Server { address, login: Arc::new(Password::new("s3cr3t")) };
    let refused = SqlStore::open(&location, &Options::default()).await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Schema(text) if text.contains("sealwright migrate")),
        "it says what to do: {refused}"
    );
    let store = SqlStore::connect(&location, &Options::default()).await.unwrap();
    let plan = store.plan().await.unwrap();
    assert!(
        plan.iter().any(|step| step.sql.contains("CREATE TABLE dbo.subscriber (")),
        "the plan is in T-SQL"
    );
    store.close().await;
}

#[cfg(feature = "live-mssql")]
mod live {
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use store::{Store, StoreError};
    use store_sql::{Location, Options, Password, ServerAddress, SqlStore, Tls};
    use tiberius::{AuthMethod, Client, Config, EncryptionLevel};
    use tokio::net::TcpStream;
    use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};

    use crate::suite;

    /// A database of one test on the named server.
    pub(crate) struct Fresh {
        server: ServerAddress,
        password: String,
        database: String,
    }

    #[expect(clippy::disallowed_methods, reason = "a test is told by its environment where the server is")]
    fn said(name: &str) -> Option<String> {
        std::env::var(format!("SEALWRIGHT_TEST_MSSQL_{name}")).ok()
    }

    pub(crate) async fn fresh() -> Fresh {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let url = said("URL").expect("SEALWRIGHT_TEST_MSSQL_URL names the server");
        let mut server: ServerAddress = url.parse().unwrap();
        server.tls = match said("CA") {
            Some(file) => Tls::VerifiedBy(PathBuf::from(file)),
            None if server.is_local() => Tls::Off,
            None => Tls::Verified,
        };
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let database = format!("sealwright_test_{}_{number}", std::process::id());
        let fresh = Fresh { server, password: said("PASSWORD").unwrap_or_default(), database };
        let mut master = fresh.client(&fresh.server.database).await;
        run(&mut master, &format!("CREATE DATABASE {}", fresh.database)).await.unwrap();
        SqlStore::migrate(&fresh.location(), &Options::default()).await.unwrap();
        fresh
    }

    impl Fresh {
        fn location(&self) -> Location {
            let address = ServerAddress { database: self.database.clone(), ..self.server.clone() };
            Location::Server { address, login: Arc::new(Password::new(&self.password)) }
        }

        /// A connection that owes nothing to the store.
        async fn client(&self, database: &str) -> Client<Compat<TcpStream>> {
            let mut config = Config::new();
            config.host(&self.server.host);
            config.port(self.server.port);
            config.database(database);
            config.authentication(AuthMethod::sql_server(
                self.server.user.as_deref().unwrap_or_default(),
                &self.password,
            ));
            match &self.server.tls {
                Tls::Verified => config.encryption(EncryptionLevel::Required),
                Tls::VerifiedBy(file) => {
                    config.encryption(EncryptionLevel::Required);
                    config.trust_cert_ca_bundle(std::fs::read(file).unwrap());
                }
                Tls::Off => config.encryption(EncryptionLevel::NotSupported),
            }
            let stream = TcpStream::connect(config.get_addr()).await.unwrap();
            Client::connect(config, stream.compat_write()).await.unwrap()
        }
    }

    async fn run(client: &mut Client<Compat<TcpStream>>, sql: &str) -> Result<(), tiberius::error::Error> {
        client.simple_query(sql).await?.into_results().await.map(|_| ())
    }

    #[async_trait]
    impl suite::Database for Fresh {
        async fn open(&self) -> Arc<dyn Store> {
            Arc::new(SqlStore::open(&self.location(), &Options::default()).await.unwrap())
        }

        async fn execute(&self, sql: &str, intruder: bool) -> Result<(), StoreError> {
            let mut client = self.client(&self.database).await;
            if intruder {
                for trigger in ["audit_log_no_update", "audit_log_no_delete"] {
                    run(&mut client, &format!("DROP TRIGGER IF EXISTS dbo.{trigger}")).await.unwrap();
                }
            }
            let done = run(&mut client, sql).await;
            done.map_err(|error| StoreError::Driver { doing: "tampering", source: Box::new(error) })
        }
    }

    impl Drop for Fresh {
        fn drop(&mut self) {
            let remove = async {
                let mut master = self.client(&self.server.database).await;
                let drop = format!(
                    "ALTER DATABASE {0} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE {0}",
                    self.database
                );
                run(&mut master, &drop).await
            };
            // The test's own runtime may be ending.
            let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let removed = std::thread::scope(|scope| scope.spawn(|| runtime().block_on(remove)).join());
            if !matches!(removed, Ok(Ok(()))) {
                eprintln!("the database {} was left behind on the server", self.database);
            }
        }
    }

    suite::store_conformance!(crate::live::fresh);
}
