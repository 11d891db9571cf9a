//! SQLite keeps what every store promises.

#![expect(clippy::unwrap_used, reason = "a test target from end to end")]

#[expect(unreachable_pub, reason = "the suite is written for any crate that includes it")]
#[path = "../../../../tests/conformance/store/mod.rs"]
mod suite;

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use store::{Store, StoreError};
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
