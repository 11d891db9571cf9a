//! A simulated cloud, the door to it, and packages to send.

use std::sync::Arc;
use std::time::Duration;

use crypto::issue::{AuthoritySubject, Issuer, IssuerAddresses, LeafOrder, Validity};
use crypto::{ConnectorKey, PrivateKey, X509Certificate, issue, pfx};
use intune::{Connector, Connectors, IntuneDelivery, Settings};
use model::names::Profile;
use model::{
    CertificateNames, Ids, IntendedPurpose, KeyAlgorithm, PfxProfile, Span, SystemClock, SystemEntropy,
    Timestamp,
};
use net::entra::{Application, Credential, TokenSource};
use net::{Client, Endpoints, Graph};
use ports::Package;
use sim::{DuplicatePfx, Fault, FaultEffect, Sim, SimOptions, Tenant, User};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The collection's path at Graph.
pub(crate) const PATH: &str = "/beta/deviceManagement/userPfxCertificates";

pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) door: IntuneDelivery,
}

pub(crate) async fn world() -> World {
    World::start(SimOptions::new(Tenant::invent().people(4).build())).await
}

pub(crate) async fn world_with(duplicate_pfx: DuplicatePfx) -> World {
    let mut options = SimOptions::new(Tenant::invent().people(4).build());
    options.duplicate_pfx = duplicate_pfx;
    World::start(options).await
}

impl World {
    pub(crate) async fn start(options: SimOptions) -> Self {
        let sim = Sim::start(options).await.unwrap();
        let door = door(&sim, None);
        Self { sim, door }
    }

    pub(crate) fn person(&self) -> User {
        self.sim.users().into_iter().find(|user| user.account_enabled).unwrap()
    }

    /// Spoils creates.
    pub(crate) fn spoil_posts(&self, effect: FaultEffect) {
        self.sim.add_fault(Fault::always(&format!("POST {PATH}"), effect));
    }

    /// How many requests with this method reached the collection or a record.
    pub(crate) fn asked(&self, method: &str) -> usize {
        let requests = self.sim.requests();
        requests.iter().filter(|request| request.method == method && request.path.starts_with(PATH)).count()
    }
}

pub(crate) fn settings(sim: &Sim) -> Settings {
    Settings {
        connectors: Connectors::one(Connector {
            key: ConnectorKey::read(&sim.connector_public_key_blob()).unwrap(),
            provider_name: sim.connector_provider_name().to_owned(),
            key_name: sim.connector_key_name().to_owned(),
        }),
        writes_per_second: None,
    }
}

pub(crate) fn graph(sim: &Sim) -> Arc<Graph> {
    let clock = Arc::new(SystemClock);
    let mut settings = net::Settings::new("Sealwright-Test/1");
    settings.extra_root_ca = Some(sim.ca_pem().to_owned());
    settings.request_timeout = Duration::from_secs(5);
    let ids = Ids::new(clock.clone(), Arc::new(SystemEntropy));
    let client = Client::new(&settings, ids, clock).unwrap();
    let base = Url::parse(sim.base_url()).unwrap();
    let endpoints = Endpoints { authority: base.clone(), graph: base, ..Endpoints::of(net::Cloud::Global) };
    let app = sim.app();
    let application = Application {
        tenant: sim.tenant_id(),
        client_id: app.client_id,
        credential: Credential::Secret(Zeroizing::new(app.secret.unwrap())),
    };
    let tokens = Arc::new(TokenSource::new(client.clone(), &endpoints.authority, application).unwrap());
    Arc::new(Graph::new(client, tokens, &endpoints).unwrap())
}

pub(crate) fn door(sim: &Sim, writes_per_second: Option<f32>) -> IntuneDelivery {
    let settings = Settings { writes_per_second, ..settings(sim) };
    IntuneDelivery::new(graph(sim), Arc::new(SystemClock), settings).unwrap()
}

/// A fresh certificate for the person, with its issuer, as a PKCS#12 under a fresh password.
pub(crate) fn package(user: &User) -> Package {
    package_of(user, KeyAlgorithm::P256)
}

pub(crate) fn package_of(user: &User, algorithm: KeyAlgorithm) -> Package {
    package_as(user, algorithm, Profile::SmimeMailbox)
}

/// The same by a profile, which decides what the key may be used for.
pub(crate) fn package_as(user: &User, algorithm: KeyAlgorithm, profile: Profile) -> Package {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let root_key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let subject = AuthoritySubject { common_name: "Test Root".to_owned(), ..AuthoritySubject::default() };
    let root_validity = Validity::lasting(start, Span::days(3_650));
    let root =
        issue::root_certificate(&subject, &root_key, root_validity, issue::serial_number(&SystemEntropy))
            .unwrap();
    let root = X509Certificate::from_der(&root).unwrap();
    let issuer = Issuer::new(root.clone(), root_key).unwrap();

    let key = PrivateKey::generate(algorithm).unwrap();
    let names = CertificateNames {
        common_name: "Susi Sorglos".to_owned(),
        mail_addresses: vec!["susi@nordwind.example.com".to_owned()],
        user_principal_name: (profile == Profile::ClientAuth).then(|| user.user_principal_name.clone()),
        ..CertificateNames::default()
    };
    let addresses = IssuerAddresses {
        crl: "http://crl.example.com/root.crl".to_owned(),
        certificate: "http://crl.example.com/root.cer".to_owned(),
    };
    let validity = Validity::lasting(start, Span::days(365));
    let order = LeafOrder {
        profile,
        names: &names,
        public_key: &key.spki_der().unwrap(),
        validity,
        serial: issue::serial_number(&SystemEntropy),
        addresses: &addresses,
        policies: &[],
    };
    let leaf = X509Certificate::from_der(&issue::leaf_certificate(&issuer, &order).unwrap()).unwrap();
    let password = pfx::generate_password(&SystemEntropy);
    let file = pfx::build(&key, &leaf, &[root], &password, PfxProfile::Modern, "Susi Sorglos").unwrap();
    Package {
        person: Uuid::into(user.id),
        user_principal_name: user.user_principal_name.clone(),
        thumbprint: leaf.thumbprint(),
        intended_purpose: IntendedPurpose::SmimeEncryption,
        connector: None,
        not_before: leaf.not_before(),
        not_after: leaf.not_after(),
        pfx: file,
        password,
    }
}
