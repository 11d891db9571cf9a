//! The tenant: which one, how the application signs in, and the doors into it.
//!
//! The settings file of this installation may name the tenant. Where it does not, the tenant that all installations share
//! is taken: all of it is signed by an installation for its fleet, with a number, and sealed to the admitted ones. An older
//! one than was seen is refused. The row of the setting says that a tenant is shared, and nothing more: who writes the
//! database can hide the shared tenant and cannot change it.
#![expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use admit::Gate;
use crypto::X509Certificate;
use model::{Clock, Ids, SystemEntropy};
use ports::{AddressBook, DeliveryDoor, Directory, MailboxDirectory, Pace, Probe};
use serde::{Deserialize, Serialize};
use store::Store;
use zeroize::Zeroizing;

use crate::compose::ComposeError;
use crate::credential::{Around, SignInWay};
use crate::settings::{
    DatabaseApplication, ExchangeSection, Home, Intune, Mailbox, Settings, SettingsError, Tenant,
};
use crate::works::{NoDelivery, chain};

/// Name of the shared setting.
pub(crate) const SETTING: &str = "tenant";
/// Name of the secret that holds the tenant and its credential.
pub(crate) const CREDENTIAL: &str = "tenant-credential";

/// What is signed and sealed. The addresses, the proxy, the roots and the connector's key decide to whom credential and
/// keys are sent, so that they are believed as little as the database is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct SealedTenant {
    shared: SharedTenant,
    credential: Vec<u8>,
}

/// Doors of the tenant.
#[derive(Clone)]
pub struct TenantDoors {
    /// People and groups.
    pub directory: Arc<dyn Directory>,
    /// Intune; `None` while no connector key is configured.
    pub delivery: Option<Arc<dyn DeliveryDoor>>,
    /// Who may use mailboxes; `None` while Exchange is not asked.
    pub mailboxes: Option<Arc<dyn MailboxDirectory>>,
    /// The address list; `None` while nothing is published in it.
    pub address_book: Option<Arc<dyn AddressBook>>,
    /// What both go through.
    pub(crate) link: Arc<TenantLink>,
}

/// Everything about the tenant with the contents of the files that the settings name; as all installations share it,
/// without the credential.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SharedTenant {
    pub(crate) tenant: Tenant,
    /// PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extra_root_ca: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) intune: Option<Intune>,
    /// What the connector's key file holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) connector_key: Vec<u8>,
    /// What the key files of the connectors hold that templates may name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) connector_keys: BTreeMap<String, Vec<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exchange: Option<ExchangeSection>,
    #[serde(default)]
    pub(crate) mailboxes: Vec<Mailbox>,
}

impl SharedTenant {
    /// How this tenant's services are reached.
    pub(crate) fn http(&self) -> Result<net::Settings, ComposeError> {
        http(Some(&self.tenant), self.extra_root_ca.clone())
    }
}

fn http(tenant: Option<&Tenant>, extra_root_ca: Option<String>) -> Result<net::Settings, ComposeError> {
    let mut settings = net::Settings::new(concat!("Sealwright/", env!("CARGO_PKG_VERSION")));
    let proxy = tenant.and_then(|tenant| tenant.proxy.as_ref());
    if proxy.is_some_and(|proxy| proxy.password().is_some()) {
        return Err(ComposeError::Unusable(
            "[tenant] proxy holds a password, and the settings file is no place for secrets; use a proxy that lets this \
             machine through without one"
                .to_owned(),
        ));
    }
    settings.proxy = proxy.cloned();
    settings.extra_root_ca = extra_root_ca;
    Ok(settings)
}

/// How the network is reached by what the settings say of the tenant; `None` for none.
pub(crate) fn http_of(home: &Home, tenant: Option<&Tenant>) -> Result<net::Settings, ComposeError> {
    let root = tenant.and_then(|tenant| tenant.extra_root_ca.as_deref());
    http(tenant, root.map(|file| root_in(home, file)).transpose()?)
}

fn root_in(home: &Home, file: &Path) -> Result<String, ComposeError> {
    String::from_utf8(read(home, file)?).map_err(|_| {
        ComposeError::Unusable(format!("[tenant] extra-root-ca: {} is no PEM file", file.display()))
    })
}

fn read(home: &Home, file: &Path) -> Result<Vec<u8>, SettingsError> {
    let path = home.resolve(file);
    std::fs::read(&path).map_err(|source| SettingsError::Unreadable { path, source })
}

/// The tenant with what is needed to sign in.
pub(crate) struct ConfiguredTenant {
    pub(crate) shared: SharedTenant,
    credential: Zeroizing<Vec<u8>>,
    /// Whether the credential is the one in force, and not one that is tried.
    is_kept: bool,
}

impl ConfiguredTenant {
    /// The tenant that this installation's settings name.
    pub(crate) fn of_settings(home: &Home, settings: &Settings) -> Result<Option<Self>, ComposeError> {
        let Some(tenant) = &settings.tenant else { return Ok(None) };
        let credential = tenant.way()?.material(home)?;
        let configured = Self::of_settings_with(home, settings, credential)?;
        Ok(configured.map(|configured| Self { is_kept: true, ..configured }))
    }

    /// The same with a credential that is not yet where the settings say.
    pub(crate) fn of_settings_with(
        home: &Home,
        settings: &Settings,
        credential: Zeroizing<Vec<u8>>,
    ) -> Result<Option<Self>, ComposeError> {
        let Some(tenant) = settings.tenant.clone() else { return Ok(None) };
        let extra_root_ca = tenant.extra_root_ca.as_deref().map(|file| root_in(home, file)).transpose()?;
        let (mut connector_key, mut connector_keys) = (Vec::new(), BTreeMap::new());
        if let Some(intune) = &settings.intune {
            // A key that cannot be read closes Intune, and nothing else: recoveries and the log go on.
            let of_file = |file: &Path| match read(home, file) {
                Ok(bytes) => bytes,
                Err(error) => {
                    tracing::warn!(%error, "the key of an Intune connector cannot be read");
                    Vec::new()
                }
            };
            connector_key = of_file(&intune.connector_key_file);
            for one in &intune.connectors {
                connector_keys.insert(one.name.clone(), of_file(&one.connector_key_file));
            }
        }
        let shared = SharedTenant {
            tenant: *tenant,
            extra_root_ca,
            intune: settings.intune.clone(),
            connector_key,
            connector_keys,
            exchange: settings.exchange.clone(),
            mailboxes: settings.mailboxes.clone(),
        };
        Ok(Some(Self { shared, credential, is_kept: false }))
    }

    /// The tenant that all installations share.
    pub(crate) async fn of_database(store: &dyn Store, gate: &Gate) -> Result<Option<Self>, ComposeError> {
        if store.read().await?.settings().find(SETTING).await?.is_none() {
            return Ok(None);
        }
        let opened = gate.open_secret(CREDENTIAL).await.map_err(|error| match error {
            admit::AdmitError::Store(error) => ComposeError::Store(error),
            error => ComposeError::Unusable(format!(
                "the shared tenant: {}; share it again with `sealwright tenant share`, on a machine whose sealwright.toml names \
                 the right tenant",
                chain(&error)
            )),
        })?;
        let opened = opened.ok_or_else(|| {
            ComposeError::Unusable(
                "the shared tenant has no credential; share it again with `sealwright tenant share`"
                    .to_owned(),
            )
        })?;
        let SealedTenant { shared, credential } = serde_json::from_slice(&opened).map_err(|error| {
            ComposeError::Unusable(format!(
                "the shared tenant cannot be read ({error}); a newer program may have written it: update this one, or share \
                 it again with `sealwright tenant share`"
            ))
        })?;
        Ok(Some(Self { shared, credential: Zeroizing::new(credential), is_kept: false }))
    }

    /// Everything, to be signed and sealed.
    pub(crate) fn to_secret(&self) -> Result<Zeroizing<Vec<u8>>, ComposeError> {
        let sealed = SealedTenant { shared: self.shared.clone(), credential: self.credential.to_vec() };
        serde_json::to_vec(&sealed)
            .map(Zeroizing::new)
            .map_err(|error| ComposeError::Unusable(format!("the tenant cannot be written: {error}")))
    }

    /// Opens the doors. Calls to Graph, Intune and Exchange keep the paces that all installations share.
    pub(crate) fn doors(
        &self,
        around: &Surroundings<'_>,
        Paces { graph: graph_pace, intune: intune_pace, exchange: exchange_pace }: Paces,
        probe: &Arc<dyn Probe>,
    ) -> Result<TenantDoors, ComposeError> {
        let unusable = |text: String| ComposeError::Unusable(text);
        let link = self.link(around)?;
        let delivery: Option<Arc<dyn DeliveryDoor>> = match &self.shared.intune {
            None => None,
            // Everything else goes on without a key that is to be trusted; what waits says why.
            Some(settings) => match crate::connector::all(settings, &self.shared) {
                Err(why) => Some(Arc::new(NoDelivery::because(why))),
                Ok(connectors) => {
                    let door = intune::IntuneDelivery::new(
                        Arc::new(link.graph.at_pace(Arc::clone(&graph_pace))),
                        Arc::clone(around.clock),
                        intune::Settings { connectors, writes_per_second: None },
                    );
                    let door = door.map_err(|error| unusable(error.to_string()))?;
                    Some(Arc::new(door.at_pace(intune_pace)))
                }
            },
        };
        let directory = directory::EntraDirectory::new(Arc::new(link.graph.at_pace(graph_pace)));
        let exchange = Arc::new(link.exchange.at_pace(exchange_pace));
        let section = self.shared.exchange.as_ref();
        let mailboxes = section.filter(|section| section.reads_rights()).map(|_| {
            Arc::new(exchange::ExchangeMailboxes::new(Arc::clone(&exchange))) as Arc<dyn MailboxDirectory>
        });
        let address_book = section.filter(|section| section.publish).map(|_| {
            Arc::new(exchange::ExchangeBook::new(exchange, Arc::clone(probe))) as Arc<dyn AddressBook>
        });
        Ok(TenantDoors {
            directory: Arc::new(directory),
            delivery,
            mailboxes,
            address_book,
            link: Arc::new(link),
        })
    }

    /// The way to the tenant's services, signed in as the application. Nothing is sent yet.
    pub(crate) fn link(&self, around: &Surroundings<'_>) -> Result<TenantLink, ComposeError> {
        let unusable = |error: net::SetupError| ComposeError::Unusable(chain(&error));
        let tenant = &self.shared.tenant;
        let settings = self.shared.http()?;
        let ids = around.ids.clone();
        let client = net::Client::new(&settings, ids, Arc::clone(around.clock)).map_err(unusable)?;
        let endpoints = tenant.endpoints();
        let way = tenant.way()?;
        let credential = Around {
            home: around.home,
            tenant: tenant.id,
            client_id: tenant.client_id,
            endpoints: &endpoints,
            gateway: around.gateway,
            client: &client,
            is_kept: self.is_kept,
        }
        .credential(&way, &self.credential)?;
        let application =
            net::entra::Application { tenant: tenant.id, client_id: tenant.client_id, credential };
        let tokens = net::entra::TokenSource::new(client.clone(), &endpoints.authority, application);
        let tokens = Arc::new(tokens.map_err(unusable)?);
        let exchange = net::Exchange::new(client.clone(), Arc::clone(&tokens), &endpoints, tenant.id);
        let exchange = exchange.map_err(unusable)?;
        let graph = net::Graph::new(client, Arc::clone(&tokens), &endpoints).map_err(unusable)?;
        Ok(TenantLink { graph, exchange, tokens, endpoints, way })
    }
}

/// How often services are called, as all installations agree on it.
pub(crate) struct Paces {
    pub(crate) graph: Arc<dyn Pace>,
    pub(crate) intune: Arc<dyn Pace>,
    pub(crate) exchange: Arc<dyn Pace>,
}

/// What a tenant is reached with.
pub(crate) struct Surroundings<'a> {
    pub(crate) home: &'a Home,
    /// `[key-vault] url`.
    pub(crate) gateway: Option<&'a url::Url>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) ids: &'a Ids,
}

/// A signed-in way to the tenant's services.
pub(crate) struct TenantLink {
    /// Graph.
    pub(crate) graph: net::Graph,
    /// Exchange Online.
    pub(crate) exchange: net::Exchange,
    /// Tokens of the application, for any service.
    pub(crate) tokens: Arc<net::entra::TokenSource>,
    /// Where the services are.
    pub(crate) endpoints: net::Endpoints,
    /// How the application signs in.
    pub(crate) way: SignInWay,
}

impl TenantLink {
    /// For what Graph's tokens are asked.
    pub(crate) fn graph_scope(&self) -> String {
        format!("{}/.default", self.endpoints.graph_resource)
    }

    /// The certificate that signs in; `None` where none does, or where it is not to be had now.
    pub(crate) async fn certificate(&self) -> Option<X509Certificate> {
        match self.tokens.credential() {
            net::entra::Credential::Certificate { signer } => signer.certificate().await.ok(),
            net::entra::Credential::Secret(_)
            | net::entra::Credential::Federated { .. }
            | net::entra::Credential::ManagedIdentity(_) => None,
        }
    }
}

/// Tokens for signing in to the database.
pub(crate) fn token_source(
    home: &Home,
    application: &DatabaseApplication,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<net::entra::TokenSource>, ComposeError> {
    let unusable = |error: net::SetupError| ComposeError::Unusable(chain(&error));
    let way = SignInWay::of(
        "database.entra",
        application.sign_in.as_ref(),
        application.client_certificate_file.as_ref(),
        application.client_secret_file.as_ref(),
    )?;
    if matches!(
        way,
        SignInWay::Secret { file: None }
            | SignInWay::Certificate { file: None, .. }
            | SignInWay::Token { .. }
    ) {
        return Err(ComposeError::Unusable(
            "[database.entra.sign-in] names no file: the vault keeps the credential of [tenant] alone; name one, or use a managed \
             identity"
                .to_owned(),
        ));
    }
    let secret = way.material(home)?;
    let settings = net::Settings::new(concat!("Sealwright/", env!("CARGO_PKG_VERSION")));
    let ids = Ids::new(Arc::clone(clock), Arc::new(SystemEntropy));
    let client = net::Client::new(&settings, ids, Arc::clone(clock)).map_err(unusable)?;
    let mut endpoints = net::Endpoints::of(application.cloud.into());
    if let Some(url) = &application.authority_url {
        endpoints.authority.clone_from(url);
    }
    let credential = Around {
        home,
        tenant: application.tenant_id,
        client_id: application.client_id,
        endpoints: &endpoints,
        gateway: None,
        client: &client,
        is_kept: true,
    }
    .credential(&way, &secret)?;
    let application = net::entra::Application {
        tenant: application.tenant_id,
        client_id: application.client_id,
        credential,
    };
    Ok(Arc::new(net::entra::TokenSource::new(client, &endpoints.authority, application).map_err(unusable)?))
}
