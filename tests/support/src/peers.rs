//! One database, opened by several installations at once.

use std::sync::Arc;

use store::Store;
use store_sql::{Location, Options, SqlStore};

use crate::{FreshStore, fresh_store};

/// A database as each of its installations has opened it.
pub struct Peers {
    stores: Vec<Arc<dyn Store>>,
    /// What goes with the value.
    #[cfg_attr(not(unix), expect(dead_code, reason = "held for its end"))]
    home: Home,
}

enum Home {
    File(#[expect(dead_code, reason = "held for its end")] FreshStore),
    #[cfg(unix)]
    Server(crate::Database),
}

impl Peers {
    /// On one SQLite file.
    ///
    /// # Panics
    /// When the file cannot be opened so often.
    #[expect(clippy::expect_used, reason = "a test without its database has failed")]
    pub async fn on_sqlite(count: usize) -> Self {
        let fresh = fresh_store().await;
        let mut stores = vec![fresh.shared()];
        while stores.len() < count {
            stores.push(Arc::new(fresh.second().await.expect("the file can be opened again")));
        }
        Self { stores, home: Home::File(fresh) }
    }

    /// On a database of the shared server.
    ///
    /// # Panics
    /// When there is no server program here, with what to install.
    #[cfg(unix)]
    #[expect(clippy::expect_used, reason = "a test without its database has failed")]
    pub async fn on_mariadb(count: usize) -> Self {
        let database = crate::MariaDb::shared().await.database().await;
        let location = Location::Server { address: database.address(), login: database.login() };
        SqlStore::migrate(&location, &Options::default()).await.expect("a new database can be migrated");
        let mut stores: Vec<Arc<dyn Store>> = Vec::with_capacity(count);
        while stores.len() < count {
            let opened = SqlStore::open(&location, &Options::default()).await;
            stores.push(Arc::new(opened.expect("the database can be opened")));
        }
        Self { stores, home: Home::Server(database) }
    }

    /// Opens it with an account that has these rights only, each as it stands between `GRANT` and `TO`.
    ///
    /// # Panics
    /// When it lies in a file, which knows no accounts.
    #[cfg(unix)]
    #[expect(clippy::expect_used, clippy::panic, reason = "a test without its database has failed")]
    pub async fn limited(&self, name: &str, grants: &[&str]) -> Arc<dyn Store> {
        let Home::Server(database) = &self.home else { panic!("a file knows no accounts") };
        let account = database.user(name, grants);
        let location = Location::Server { address: database.address_as(&account), login: account.login() };
        let opened = SqlStore::open(&location, &Options::default()).await;
        Arc::new(opened.expect("the account can open the database"))
    }

    /// The database as the installations see it.
    pub fn stores(&self) -> &[Arc<dyn Store>] {
        &self.stores
    }
}
