//! MariaDB (or the MySQL server that `SEALWRIGHT_TEST_MYSQL_URL` names) keeps what every store promises.

#![expect(clippy::unwrap_used, reason = "a test target from end to end")]

#[expect(unreachable_pub, reason = "the suite is written for any crate that includes it")]
#[path = "../../../../tests/conformance/store/mod.rs"]
mod suite;

#[path = "../../../../tests/conformance/store/size.rs"]
mod size;

use std::sync::Arc;

use async_trait::async_trait;
use store::{Store, StoreError};
use store_sql::{Location, Options, SqlStore};
use support::{Database, MariaDb};

/// A database of one test on the shared server.
struct Fresh(Database);

impl Fresh {
    fn location(&self) -> Location {
        Location::Server { address: self.0.address(), login: self.0.login() }
    }
}

#[async_trait]
impl suite::Database for Fresh {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqlStore::open(&self.location(), &Options::default()).await.unwrap())
    }

    async fn execute(&self, sql: &str, intruder: bool) -> Result<(), StoreError> {
        if intruder {
            for trigger in ["audit_log_no_update", "audit_log_no_delete"] {
                self.0.execute(&format!("DROP TRIGGER IF EXISTS {trigger}"));
            }
        }
        let done = self.0.execute_as(self.0.owner(), sql);
        done.map(|_| ()).map_err(|error| StoreError::Driver { doing: "tampering", source: error.into() })
    }
}

async fn fresh() -> Fresh {
    let database = Fresh(MariaDb::shared().await.database().await);
    SqlStore::migrate(&database.location(), &Options::default()).await.unwrap();
    database
}

suite::store_conformance!(crate::fresh);

/// The product sheet plans 100 KB for a certificate; ours is 16 KB, all in.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_takes_at_most_sixteen_kilobytes_all_in() {
    let database = fresh().await;
    let count = size::count();
    let store = SqlStore::open(&database.location(), &Options::default()).await.unwrap();
    let total = |sizes: &[(String, u64)]| -> u64 { sizes.iter().map(|(_, bytes)| bytes).sum() };
    let sizes = store.sizes().await.unwrap();
    // A page for each table and index is there before the first certificate.
    let empty = total(&sizes);
    size::fill(&suite::Database::open(&database).await, count).await;
    // Servers count in the background, some time later.
    let tables: Vec<&str> = sizes.iter().map(|(name, _)| name.as_str()).collect();
    database.0.execute(&format!("ANALYZE TABLE {}", tables.join(", ")));
    let sizes = store.sizes().await.unwrap();
    let bytes = total(&sizes) - empty;
    let each = u128::from(bytes) / count;
    eprintln!(
        "{}: {count} certificates, {each} bytes each; {sizes:?}",
        database.0.execute("SELECT VERSION()")
    );
    assert!(each <= 16 * 1_024, "{each} bytes");
}
