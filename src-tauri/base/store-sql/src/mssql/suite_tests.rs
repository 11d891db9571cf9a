//! The suite of promises that every store keeps, once more on SQLite, to hear what it says: each text is translated and read by
//! the parser. So no statement of a repository that the suite reaches is anything but T-SQL.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use store::{Store, StoreError};
use tempfile::TempDir;

use super::statement_tests::unreadable;
use crate::suite;
use crate::{Location, Options, SqlStore};

struct Watched(TempDir);

impl Watched {
    fn file(&self) -> PathBuf {
        self.0.path().join("sealwright.db")
    }
}

#[async_trait]
impl suite::Database for Watched {
    async fn open(&self) -> Arc<dyn Store> {
        let options = Options { watch: Some(Arc::new(must_be_t_sql)), ..Options::default() };
        Arc::new(SqlStore::open(&Location::Sqlite(self.file()), &options).await.unwrap())
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

fn must_be_t_sql(sql: &str) {
    if let Some(said) = unreadable([sql.to_owned()]).pop() {
        panic!("{said}");
    }
}

async fn watched() -> Watched {
    let watched = Watched(tempfile::tempdir().unwrap());
    SqlStore::migrate(&Location::Sqlite(watched.file()), &Options::default()).await.unwrap();
    watched
}

suite::store_conformance!(crate::mssql::suite_tests::watched);
