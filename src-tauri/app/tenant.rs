//! The tenant: which one, how the application signs in, and the doors into it.
//!
//! The settings file of this installation may name the tenant. Where it does not, the tenant that all installations share
//! is taken: all of it is signed by an installation for its fleet, with a number, and sealed to the admitted ones. An older
//! one than was seen is refused. The row of the setting says that a tenant is shared, and nothing more: who writes the
//! database can hide the shared tenant and cannot change it.
#![expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use admit::Gate;
use crypto::{ConnectorKey, PrivateKey, X509Certificate};
use model::{Clock, Ids, SystemEntropy};
use ports::{DeliveryDoor, Directory, Pace};
use serde::{Deserialize, Serialize};
use store::Store;
use zeroize::Zeroizing;

use crate::compose::ComposeError;
use crate::settings::{
    Cloud, DatabaseApplication, Home, Intune, Mailbox, Settings, SettingsError, Tenant, read_private,
};
use crate::works::chain;

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
    connector_key: Vec<u8>,
    #[serde(default)]
    pub(crate) mailboxes: Vec<Mailbox>,
}

impl SharedTenant {
    /// How this tenant's services are reached.
    pub(crate) fn http(&self) -> Result<net::Settings, ComposeError> {
        let mut settings = net::Settings::new(concat!("Sealwright/", env!("CARGO_PKG_VERSION")));
        if self.tenant.proxy.as_ref().is_some_and(|proxy| proxy.password().is_some()) {
            return Err(ComposeError::Unusable(
                "[tenant] proxy holds a password, and the settings file is no place for secrets; use a proxy that lets \
                 this machine through without one"
                    .to_owned(),
            ));
        }
        settings.proxy.clone_from(&self.tenant.proxy);
        settings.extra_root_ca.clone_from(&self.extra_root_ca);
        Ok(settings)
    }
}

/// The tenant with what is needed to sign in.
pub(crate) struct ConfiguredTenant {
    pub(crate) shared: SharedTenant,
    credential: Zeroizing<Vec<u8>>,
}

impl ConfiguredTenant {
    /// The tenant that this installation's settings name.
    pub(crate) fn of_settings(home: &Home, settings: &Settings) -> Result<Option<Self>, ComposeError> {
        let Some(tenant) = settings.tenant.clone() else { return Ok(None) };
        let credential = match (&tenant.client_certificate_file, &tenant.client_secret_file) {
            (Some(file), _) | (None, Some(file)) => read_private(&home.resolve(file))?,
            (None, None) => {
                return Err(ComposeError::Unusable(
                    "[tenant] names neither client-certificate-file nor client-secret-file; the application cannot sign in"
                        .to_owned(),
                ));
            }
        };
        let read = |file: &Path| {
            let path = home.resolve(file);
            std::fs::read(&path).map_err(|source| SettingsError::Unreadable { path, source })
        };
        let extra_root_ca = match &tenant.extra_root_ca {
            None => None,
            Some(file) => Some(String::from_utf8(read(file)?).map_err(|_| {
                ComposeError::Unusable(format!("[tenant] extra-root-ca: {} is no PEM file", file.display()))
            })?),
        };
        let connector_key = match &settings.intune {
            None => Vec::new(),
            Some(intune) => read(&intune.connector_key_file)?,
        };
        let shared = SharedTenant {
            tenant,
            extra_root_ca,
            intune: settings.intune.clone(),
            connector_key,
            mailboxes: settings.mailboxes.clone(),
        };
        Ok(Some(Self { shared, credential }))
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
        Ok(Some(Self { shared, credential: Zeroizing::new(credential) }))
    }

    /// Everything, to be signed and sealed.
    pub(crate) fn to_secret(&self) -> Result<Zeroizing<Vec<u8>>, ComposeError> {
        let sealed = SealedTenant { shared: self.shared.clone(), credential: self.credential.to_vec() };
        serde_json::to_vec(&sealed)
            .map(Zeroizing::new)
            .map_err(|error| ComposeError::Unusable(format!("the tenant cannot be written: {error}")))
    }

    /// Opens the doors. Calls to Graph and Intune keep the paces that all installations share.
    pub(crate) fn doors(
        &self,
        clock: &Arc<dyn Clock>,
        ids: &Ids,
        graph_pace: Arc<dyn Pace>,
        intune_pace: Arc<dyn Pace>,
    ) -> Result<TenantDoors, ComposeError> {
        let unusable = |text: String| ComposeError::Unusable(text);
        let graph = self.graph(clock, ids)?;
        let delivery: Option<Arc<dyn DeliveryDoor>> = match &self.shared.intune {
            None => None,
            Some(settings) => {
                let key = ConnectorKey::read(&self.shared.connector_key)
                    .map_err(|error| unusable(format!("the Intune connector's public key: {error}")))?;
                let door = intune::IntuneDelivery::new(
                    Arc::new(graph.at_pace(Arc::clone(&graph_pace))),
                    Arc::clone(clock),
                    intune::Settings {
                        connector_key: key,
                        provider_name: settings.provider_name.clone(),
                        key_name: settings.key_name.clone(),
                        writes_per_second: None,
                    },
                );
                let door = door.map_err(|error| unusable(error.to_string()))?;
                Some(Arc::new(door.at_pace(intune_pace)))
            }
        };
        let directory = directory::EntraDirectory::new(Arc::new(graph.at_pace(graph_pace)));
        Ok(TenantDoors { directory: Arc::new(directory), delivery })
    }

    fn graph(&self, clock: &Arc<dyn Clock>, ids: &Ids) -> Result<net::Graph, ComposeError> {
        let unusable = |error: net::SetupError| ComposeError::Unusable(chain(&error));
        let tenant = &self.shared.tenant;
        let settings = self.shared.http()?;
        let client = net::Client::new(&settings, ids.clone(), Arc::clone(clock)).map_err(unusable)?;
        let mut endpoints = net::Endpoints::of(cloud(tenant.cloud));
        if let Some(url) = &tenant.authority_url {
            endpoints.authority = url.clone();
        }
        if let Some(url) = &tenant.graph_url {
            endpoints.graph = url.clone();
        }
        let credential = credential(&self.credential, tenant.client_certificate_file.is_some())?;
        let application =
            net::entra::Application { tenant: tenant.id, client_id: tenant.client_id, credential };
        let tokens = net::entra::TokenSource::new(client.clone(), &endpoints.authority, application)
            .map_err(unusable)?;
        net::Graph::new(client, Arc::new(tokens), &endpoints).map_err(unusable)
    }
}

/// Tokens for signing in to the database.
pub(crate) fn token_source(
    home: &Home,
    application: &DatabaseApplication,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<net::entra::TokenSource>, ComposeError> {
    let unusable = |error: net::SetupError| ComposeError::Unusable(chain(&error));
    let files = (&application.client_certificate_file, &application.client_secret_file);
    let (file, is_certificate): (&PathBuf, bool) = match files {
        (Some(file), _) => (file, true),
        (None, Some(file)) => (file, false),
        (None, None) => {
            return Err(ComposeError::Unusable(
                "[database.entra] names neither client-certificate-file nor client-secret-file".to_owned(),
            ));
        }
    };
    let secret = read_private(&home.resolve(file))?;
    let settings = net::Settings::new(concat!("Sealwright/", env!("CARGO_PKG_VERSION")));
    let ids = Ids::new(Arc::clone(clock), Arc::new(SystemEntropy));
    let client = net::Client::new(&settings, ids, Arc::clone(clock)).map_err(unusable)?;
    let authority = application.authority_url.clone();
    let authority = authority.unwrap_or_else(|| net::Endpoints::of(net::Cloud::Global).authority);
    let application = net::entra::Application {
        tenant: application.tenant_id,
        client_id: application.client_id,
        credential: credential(&secret, is_certificate)?,
    };
    Ok(Arc::new(net::entra::TokenSource::new(client, &authority, application).map_err(unusable)?))
}

fn credential(bytes: &[u8], is_certificate: bool) -> Result<net::entra::Credential, ComposeError> {
    let wrong = |error: crypto::CryptoError| {
        ComposeError::Unusable(format!("the application's certificate: {error}"))
    };
    if is_certificate {
        return Ok(net::entra::Credential::Certificate {
            key: PrivateKey::from_pem(bytes).map_err(wrong)?,
            certificate: X509Certificate::from_pem(bytes).map_err(wrong)?,
        });
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ComposeError::Unusable("the application's client secret is no text".to_owned()))?;
    Ok(net::entra::Credential::Secret(Zeroizing::new(text.trim().to_owned())))
}

const fn cloud(cloud: Cloud) -> net::Cloud {
    match cloud {
        Cloud::Global => net::Cloud::Global,
        Cloud::UsGovL4 => net::Cloud::UsGovL4,
        Cloud::UsGovL5 => net::Cloud::UsGovL5,
        Cloud::China => net::Cloud::China,
    }
}
