//! SQLite keeps what every store promises.

#![expect(clippy::unwrap_used, reason = "a test target from end to end")]

#[expect(unreachable_pub, reason = "the suite is written for any crate that includes it")]
#[path = "../../../../tests/conformance/store/mod.rs"]
mod suite;

#[path = "../../../../tests/conformance/store/size.rs"]
mod size;

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use store::{Store, StoreError};
use store_sql::{Location, Options, SqlStore};
use support::FreshStore;

#[async_trait]
impl suite::Database for FreshStore {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.second().await.unwrap())
    }

    async fn execute(&self, sql: &str, intruder: bool) -> Result<(), StoreError> {
        let mut connection = SqliteConnectOptions::new().filename(self.file()).connect().await.unwrap();
        if intruder {
            for trigger in ["audit_log_no_update", "audit_log_no_delete"] {
                let drop = format!("DROP TRIGGER IF EXISTS {trigger}");
                sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
            }
        }
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await;
        connection.close().await.unwrap();
        done.map(|_| ()).map_err(|error| StoreError::Driver { doing: "tampering", source: Box::new(error) })
    }
}

suite::store_conformance!(support::fresh_store);

/// The product sheet plans 100 KB for a certificate; ours is 16 KB, all in.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_takes_at_most_sixteen_kilobytes_all_in() {
    let database = support::fresh_store().await;
    let count = size::count();
    size::fill(&suite::Database::open(&database).await, count).await;
    let store = SqlStore::open(&Location::Sqlite(database.file()), &Options::default()).await.unwrap();
    let sizes = store.sizes().await.unwrap();
    let bytes: u64 = sizes.iter().map(|(_, bytes)| bytes).sum();
    let each = u128::from(bytes) / count;
    eprintln!("SQLite: {count} certificates, {each} bytes each; {sizes:?}");
    assert!(each <= 16 * 1_024, "{each} bytes");
}
