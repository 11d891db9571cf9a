//! A simulated cloud and the door to it.

use std::sync::Arc;
use std::time::Duration;

use directory::EntraDirectory;
use model::{GroupId, Ids, SubscriberId, SystemClock, SystemEntropy};
use net::entra::{Application, Credential, TokenSource};
use net::{Client, Endpoints, Graph, Settings};
use ports::{Directory as _, ObservedUser};
use sim::{Sim, SimOptions, Tenant};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) door: EntraDirectory,
}

/// Twelve people, two mailboxes, ordinary pages.
pub(crate) async fn world() -> World {
    World::start(SimOptions::new(tenant())).await
}

pub(crate) fn tenant() -> Tenant {
    Tenant::invent().people(12).mailboxes(2).build()
}

impl World {
    pub(crate) async fn start(options: SimOptions) -> Self {
        let sim = Sim::start(options).await.unwrap();
        let secret = Zeroizing::new(sim.app().secret.unwrap());
        let door = door(&sim, sim.tenant_id(), Credential::Secret(secret));
        Self { sim, door }
    }

    pub(crate) fn group(&self) -> GroupId {
        self.sim.smime_group().into()
    }

    /// Every member of a group, read page by page.
    pub(crate) async fn everybody(&self, group: GroupId) -> Vec<ObservedUser> {
        let mut users = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let page = self.door.members(group, next.as_deref()).await.unwrap();
            users.extend(page.users);
            match page.next {
                Some(link) => next = Some(link),
                None => return users,
            }
        }
    }

    /// How many requests were made to paths that end like this.
    pub(crate) fn asked(&self, path_end: &str) -> usize {
        self.sim.requests().iter().filter(|request| request.path.ends_with(path_end)).count()
    }

    /// The first enabled person.
    pub(crate) fn person(&self) -> sim::User {
        self.sim.users().into_iter().find(|user| user.account_enabled).unwrap()
    }
}

/// A door with its own client and tokens.
pub(crate) fn door(sim: &Sim, tenant: Uuid, credential: Credential) -> EntraDirectory {
    build(sim, sim.base_url(), tenant, credential)
}

/// A door that knows one world and is sent to another.
pub(crate) fn door_to(sim: &Sim, address: &str) -> EntraDirectory {
    build(sim, address, sim.tenant_id(), Credential::Secret(Zeroizing::new("x".to_owned())))
}

fn build(sim: &Sim, address: &str, tenant: Uuid, credential: Credential) -> EntraDirectory {
    let clock = Arc::new(SystemClock);
    let mut settings = Settings::new("Sealwright-Test/1");
    settings.extra_root_ca = Some(sim.ca_pem().to_owned());
    settings.request_timeout = Duration::from_secs(5);
    let ids = Ids::new(clock.clone(), Arc::new(SystemEntropy));
    let client = Client::new(&settings, ids, clock).unwrap();
    let base = Url::parse(address).unwrap();
    let endpoints = Endpoints { authority: base.clone(), graph: base, ..Endpoints::of(net::Cloud::Global) };
    let application = Application { tenant, client_id: sim.app().client_id, credential };
    let tokens = Arc::new(TokenSource::new(client.clone(), &endpoints.authority, application).unwrap());
    EntraDirectory::new(Arc::new(Graph::new(client, tokens, &endpoints).unwrap()))
}

pub(crate) fn ids(users: &[ObservedUser]) -> Vec<SubscriberId> {
    let mut ids: Vec<SubscriberId> = users.iter().map(|user| user.id).collect();
    ids.sort_unstable();
    ids
}
