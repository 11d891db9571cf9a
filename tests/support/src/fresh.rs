//! A store of one's own.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use store::{Store, StoreError};
use store_sql::{Location, Options, SqlStore};
use tempfile::TempDir;

/// An empty, migrated SQLite store in a folder of its own, which goes with it.
#[derive(Debug)]
pub struct FreshStore {
    store: Arc<SqlStore>,
    folder: TempDir,
}

impl FreshStore {
    /// The store for whoever wants to share it. The `FreshStore` must outlive all users.
    pub fn shared(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    /// The folder, for other files of the same test.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database file.
    pub fn file(&self) -> PathBuf {
        self.store.path().map(Path::to_owned).unwrap_or_default()
    }

    /// Opens the same file once more, as another program would.
    pub async fn second(&self) -> Result<SqlStore, StoreError> {
        SqlStore::open(&Location::Sqlite(self.file()), &Options::default()).await
    }
}

impl Deref for FreshStore {
    type Target = SqlStore;
    fn deref(&self) -> &SqlStore {
        &self.store
    }
}

/// Makes an empty store.
///
/// # Panics
/// When the temporary folder cannot be written.
#[expect(clippy::expect_used, reason = "a test without a store has failed already")]
pub async fn fresh_store() -> FreshStore {
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let location = Location::Sqlite(folder.path().join("sealwright.db"));
    let store = SqlStore::open(&location, &Options::default()).await.expect("a new store can be made");
    FreshStore { store: Arc::new(store), folder }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fresh_store_is_empty_and_can_be_opened_twice() {
        let store = fresh_store().await;
        let second = store.second().await.unwrap();
        assert_eq!(store.read().await.unwrap().jobs().count().await.unwrap(), 0);
        assert_eq!(second.schema().await.unwrap(), store.check().await.unwrap());
    }
}
