//! A simulated cloud and the door to its Exchange.

use std::sync::Arc;
use std::time::Duration;

use exchange::{ExchangeBook, ExchangeMailboxes};
use model::{Ids, SystemClock, SystemEntropy};
use net::entra::{Application, Credential, TokenSource};
use net::{Client, Endpoints, Exchange, Settings};
use ports::{MailboxDirectory as _, MailboxError, MailboxGrant, MailboxRight, NoProbe, SharedMailbox};
use sim::{MailboxPurpose, Sim, SimOptions, Tenant, User};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Both rights.
pub(crate) const BOTH: [MailboxRight; 2] = [MailboxRight::FullAccess, MailboxRight::SendAs];

pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) door: ExchangeMailboxes,
    pub(crate) book: ExchangeBook,
}

/// Six people, two mailboxes, ordinary pages.
pub(crate) async fn world() -> World {
    World::start(SimOptions::new(tenant())).await
}

/// Grants the application what reading mailboxes needs.
pub(crate) fn tenant() -> Tenant {
    let mut roles = sim::DEFAULT_ROLES.to_vec();
    roles.push("Exchange.ManageAsApp");
    Tenant::invent().people(6).mailboxes(2).build().with_roles(&roles)
}

impl World {
    pub(crate) async fn start(options: SimOptions) -> Self {
        let sim = Sim::start(options).await.unwrap();
        let secret = Zeroizing::new(sim.app().secret.unwrap());
        let clock = Arc::new(SystemClock);
        let mut settings = Settings::new("Sealwright-Test/1");
        settings.extra_root_ca = Some(sim.ca_pem().to_owned());
        settings.request_timeout = Duration::from_secs(5);
        let ids = Ids::new(clock.clone(), Arc::new(SystemEntropy));
        let client = Client::new(&settings, ids, clock).unwrap();
        let base = Url::parse(sim.base_url()).unwrap();
        let endpoints =
            Endpoints { authority: base.clone(), exchange: base, ..Endpoints::of(net::Cloud::Global) };
        let application = Application {
            tenant: sim.tenant_id(),
            client_id: sim.app().client_id,
            credential: Credential::Secret(secret),
        };
        let tokens = Arc::new(TokenSource::new(client.clone(), &endpoints.authority, application).unwrap());
        let exchange = Exchange::new(client, tokens, &endpoints, sim.tenant_id()).unwrap();
        let exchange = Arc::new(exchange);
        let book = ExchangeBook::new(Arc::clone(&exchange), Arc::new(NoProbe));
        Self { door: ExchangeMailboxes::new(exchange), book, sim }
    }

    /// The first mailbox, as the door tells it.
    pub(crate) async fn mailbox(&self) -> SharedMailbox {
        let id = self.sim.mailboxes()[0].user_id;
        let all = self.door.shared_mailboxes().await.unwrap();
        all.into_iter().find(|mailbox| mailbox.id == id.into()).unwrap()
    }

    pub(crate) async fn grants(&self) -> Result<Vec<MailboxGrant>, MailboxError> {
        self.door.grants(&self.mailbox().await, &BOTH).await
    }

    /// Adds a shared mailbox that nobody may use.
    pub(crate) fn add_mailbox(&self, number: u128) {
        let name = format!("box{number}@{}", self.sim.domain());
        let user = User {
            purpose: MailboxPurpose::Shared,
            account_enabled: false,
            ..User::new(Uuid::from_u128(number), &name)
        };
        self.sim.add_user(user, &[]).unwrap();
    }
}
