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

#[cfg(feature = "live-mssql")]
#[path = "../../../../tests/conformance/store/deeds.rs"]
mod deeds;

#[cfg(feature = "live-mssql")]
#[path = "../../../../tests/conformance/store/fences.rs"]
mod fences;

#[cfg(feature = "live-mssql")]
#[path = "../../../../tests/conformance/store/size.rs"]
mod size;

#[cfg(feature = "live-mssql")]
#[path = "mssql/live.rs"]
mod live;

use std::sync::Arc;

use mssql_mock_tds::MockTdsServer;
use store::StoreError;
#[cfg(feature = "live-mssql")]
use store_sql::roles::Role;
use store_sql::{Location, Options, Password, ServerAddress, SqlStore, Tls};
use tokio::task::JoinSet;

#[cfg(feature = "live-mssql")]
use crate::suite::sample;

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
