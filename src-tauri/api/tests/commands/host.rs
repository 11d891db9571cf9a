//! Consoles on a fresh database: two people, one store.

use std::sync::Arc;

use api::{Facts, Host, WireError};
use async_trait::async_trait;
use model::{AuthorityId, Clock, Ids, Kra, Prices};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::{Store, StoreError, StoredAuthority};
use support::{FreshStore, ManualClock, fresh_store, seeded_ids};

pub(crate) struct World {
    pub(crate) fresh: FreshStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Ids,
}

/// One person's console.
pub(crate) struct Console {
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    ids: Ids,
    actor: &'static str,
}

impl World {
    /// With the authority account `CA`.
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let ids = seeded_ids(&clock, 3);
        let fresh = fresh_store().await;
        let account = StoredAuthority {
            id: ids.next::<AuthorityId>(),
            name: "CA".to_owned(),
            connector: "builtin".to_owned(),
            settings: "{}".to_owned(),
            sealed_secrets: None,
            added_at: clock.now(),
        };
        let mut work = fresh.begin().await.unwrap();
        work.authorities().add(&account).await.unwrap();
        work.commit().await.unwrap();
        Self { fresh, clock, ids }
    }

    pub(crate) fn console(&self, actor: &'static str) -> Console {
        Console { store: self.fresh.shared(), clock: Arc::clone(&self.clock), ids: self.ids.clone(), actor }
    }
}

impl Console {
    pub(crate) async fn call<T: DeserializeOwned>(&self, name: &str, payload: Value) -> Result<T, WireError> {
        let answer = api::dispatch(self, name, payload).await?;
        Ok(serde_json::from_value(answer).unwrap())
    }
}

#[async_trait]
impl Host for Console {
    fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }
    fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }
    fn ids(&self) -> &Ids {
        &self.ids
    }
    fn actor(&self) -> String {
        self.actor.to_owned()
    }
    fn facts(&self) -> Facts {
        Facts::default()
    }
    async fn sealing_agents(&self) -> Result<Vec<Kra>, StoreError> {
        self.store.read().await?.kras().list().await
    }
    /// One template has a price, the other none.
    fn prices(&self) -> Prices {
        let price = "3.20 EUR".parse().unwrap();
        Prices { templates: [("mail".to_owned(), price)].into(), ..Prices::default() }
    }
    fn work_queued(&self) {}
}
