//! The only file that knows every adapter: settings → store, doors, worker.

use std::collections::BTreeMap;
use std::sync::Arc;

use admit::context::signing_key;
use ca::builtin::{BuiltinAuthority, BuiltinParts, BuiltinSettings};
use crypto::{ConnectorKey, PrivateKey, X509Certificate};
use enroll::{Bench, Installation};
use model::{AuthorityId, Clock, Entropy, Ids, SystemClock, SystemEntropy};
use ports::{CertificateAuthority, DeliveryDoor, Directory, Probe};
use store::{Store, StoreError, StoredAuthority};
use store_sql::{Location, Options, SqlStore};

use crate::host::ProgramHost;
use crate::init::{PUBLISHED, file_stem};
use crate::settings::{Cloud, Home, Settings, SettingsError, Tenant, read_private};
use crate::works::{NoDelivery, Sync, chain};
use crate::{installation, probe};

/// The program, put together.
pub struct Program {
    /// Where everything lies.
    pub home: Home,
    /// Settings.
    pub settings: Settings,
    /// The database.
    pub store: Arc<SqlStore>,
    /// Its schema.
    pub schema: i64,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Ids.
    pub ids: Ids,
    /// This machine's key pair.
    pub installation: Arc<Installation>,
    /// Built-in authorities.
    pub authorities: BTreeMap<AuthorityId, Arc<BuiltinAuthority>>,
    /// Doors of the tenant; `None` while none is configured.
    pub tenant: Option<TenantDoors>,
    /// Where tests make the process die.
    pub probe: Arc<dyn Probe>,
    /// Who acts.
    pub actor: String,
}

/// Doors into the configured tenant.
#[derive(Clone)]
pub struct TenantDoors {
    /// People and groups.
    pub directory: Arc<dyn Directory>,
    /// Intune; `None` while no connector key is configured.
    pub delivery: Option<Arc<dyn DeliveryDoor>>,
}

/// Why the program could not be put together. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// Settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something else; the text says what.
    #[error("{0}")]
    Unusable(String),
}

impl Program {
    /// Opens a home folder that `init` has prepared.
    pub async fn open(home: Home, actor: String) -> Result<Self, ComposeError> {
        if installation::is_damaged(&home) || (home.database().exists() && !installation::exists(&home)) {
            return Err(ComposeError::Unusable(format!(
                "{} is damaged: the key pair of this installation is not complete; restore installation.key and \
                 installation.crt from one backup",
                home.path().display()
            )));
        }
        if !home.database().exists() {
            return Err(ComposeError::Unusable(format!(
                "{} holds no Sealwright yet; run `sealwright init` first, or `sealwright demo` to look around",
                home.path().display()
            )));
        }
        let settings = Settings::load(&home)?;
        let store = Arc::new(open_store(&home).await?);
        let schema = store.schema().await?.version;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let ids = Ids::new(Arc::clone(&clock), Arc::clone(&entropy));
        let installation = Arc::new(installation::load(&home)?);
        let mut program = Self {
            tenant: None,
            authorities: BTreeMap::new(),
            probe: probe::from_environment(),
            home,
            settings,
            store,
            schema,
            clock,
            entropy,
            ids,
            installation,
            actor,
        };
        program.load_authorities().await?;
        if let Some(tenant) = program.settings.tenant.clone() {
            program.tenant = Some(program.tenant_doors(&tenant)?);
        }
        Ok(program)
    }

    async fn load_authorities(&mut self) -> Result<(), ComposeError> {
        let stored = self.store.read().await?.authorities().list().await?;
        for account in stored {
            match self.builtin(&account) {
                Ok(authority) => {
                    self.authorities.insert(account.id, Arc::new(authority));
                }
                // One broken account must not stop the others; its enrollments say what is wrong.
                Err(error) => {
                    tracing::error!(authority = %account.name, %error, "an authority account is not usable");
                }
            }
        }
        Ok(())
    }

    fn builtin(&self, account: &StoredAuthority) -> Result<BuiltinAuthority, ComposeError> {
        let unusable = |text: String| ComposeError::Unusable(format!("authority `{}`: {text}", account.name));
        if account.connector != ca::builtin::CONNECTOR {
            return Err(unusable(format!(
                "this program has no connector `{}`; update it",
                account.connector
            )));
        }
        let mut settings: BuiltinSettings =
            serde_json::from_str(&account.settings).map_err(|error| unusable(error.to_string()))?;
        // Where files are written is this machine's business, never the database's.
        settings.crl_file =
            Some(self.home.path().join(PUBLISHED).join(format!("{}.crl", file_stem(&account.name))));
        let sealed =
            account.sealed_secrets.as_ref().ok_or_else(|| unusable("its key is missing".to_owned()))?;
        let context = signing_key(account.id);
        let pkcs8 = crypto::open::open_bound(
            &context,
            sealed,
            &self.installation.key,
            &self.installation.certificate,
        )
        .map_err(|error| unusable(format!("its key is not sealed to this installation: {error}")))?;
        let issuing_key = PrivateKey::from_pkcs8(&pkcs8).map_err(|error| unusable(error.to_string()))?;
        let parts = BuiltinParts {
            id: account.id,
            name: account.name.clone(),
            settings,
            issuing_key,
            store: self.store_port(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
        };
        BuiltinAuthority::new(parts).map_err(|error| unusable(chain(&error)))
    }

    fn tenant_doors(&self, tenant: &Tenant) -> Result<TenantDoors, ComposeError> {
        let unusable = |text: String| ComposeError::Unusable(text);
        let graph = self.graph(tenant)?;
        let delivery: Option<Arc<dyn DeliveryDoor>> = match &self.settings.intune {
            None => None,
            Some(settings) => {
                let path = self.home.resolve(&settings.connector_key_file);
                let bytes =
                    std::fs::read(&path).map_err(|source| SettingsError::Unreadable { path, source })?;
                let key = ConnectorKey::read(&bytes)
                    .map_err(|error| unusable(format!("the Intune connector's public key: {error}")))?;
                let door = intune::IntuneDelivery::new(
                    Arc::clone(&graph),
                    Arc::clone(&self.clock),
                    intune::Settings {
                        connector_key: key,
                        provider_name: settings.provider_name.clone(),
                        key_name: settings.key_name.clone(),
                        writes_per_second: settings.writes_per_second,
                    },
                );
                Some(Arc::new(door.map_err(|error| unusable(error.to_string()))?))
            }
        };
        Ok(TenantDoors { directory: Arc::new(directory::EntraDirectory::new(graph)), delivery })
    }

    fn graph(&self, tenant: &Tenant) -> Result<Arc<net::Graph>, ComposeError> {
        let unusable = |error: net::SetupError| ComposeError::Unusable(chain(&error));
        let mut settings = net::Settings::new(concat!("Sealwright/", env!("CARGO_PKG_VERSION")));
        if tenant.proxy.as_ref().is_some_and(|proxy| proxy.password().is_some()) {
            return Err(ComposeError::Unusable(
                "[tenant] proxy holds a password, and the settings file is no place for secrets; use a proxy that lets \
                 this machine through without one"
                    .to_owned(),
            ));
        }
        settings.proxy.clone_from(&tenant.proxy);
        if let Some(file) = &tenant.extra_root_ca {
            let path = self.home.resolve(file);
            let pem = std::fs::read_to_string(&path)
                .map_err(|source| SettingsError::Unreadable { path, source })?;
            settings.extra_root_ca = Some(pem);
        }
        let client =
            net::Client::new(&settings, self.ids.clone(), Arc::clone(&self.clock)).map_err(unusable)?;
        let mut endpoints = net::Endpoints::of(cloud(tenant.cloud));
        if let Some(url) = &tenant.authority_url {
            endpoints.authority = url.clone();
        }
        if let Some(url) = &tenant.graph_url {
            endpoints.graph = url.clone();
        }
        let application = net::entra::Application {
            tenant: tenant.id,
            client_id: tenant.client_id,
            credential: self.credential(tenant)?,
        };
        let tokens = net::entra::TokenSource::new(client.clone(), &endpoints.authority, application)
            .map_err(unusable)?;
        Ok(Arc::new(net::Graph::new(client, Arc::new(tokens), &endpoints).map_err(unusable)?))
    }

    fn credential(&self, tenant: &Tenant) -> Result<net::entra::Credential, ComposeError> {
        let unusable = |text: String| ComposeError::Unusable(text);
        match (&tenant.client_certificate_file, &tenant.client_secret_file) {
            (Some(file), _) => {
                let pem = read_private(&self.home.resolve(file))?;
                let wrong = |error: crypto::CryptoError| {
                    unusable(format!("the application's certificate {}: {error}", file.display()))
                };
                Ok(net::entra::Credential::Certificate {
                    key: PrivateKey::from_pem(&pem).map_err(wrong)?,
                    certificate: X509Certificate::from_pem(&pem).map_err(wrong)?,
                })
            }
            (None, Some(file)) => {
                let bytes = read_private(&self.home.resolve(file))?;
                let text = std::str::from_utf8(&bytes)
                    .map_err(|_| unusable(format!("{} does not hold text", file.display())))?;
                Ok(net::entra::Credential::Secret(zeroize::Zeroizing::new(text.trim().to_owned())))
            }
            (None, None) => Err(unusable(
                "[tenant] names neither client-certificate-file nor client-secret-file; the application cannot sign in"
                    .to_owned(),
            )),
        }
    }

    /// Publishes the revocation lists of authorities that have none yet, so that certificates can be checked at once.
    pub async fn publish_first_lists(&self) -> Result<(), ComposeError> {
        for authority in self.authorities.values() {
            authority.current_crl().await.map_err(|error| ComposeError::Unusable(chain(&error)))?;
        }
        Ok(())
    }

    /// The database as flows see it.
    pub fn store_port(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    /// Authorities as flows see them.
    pub fn authority_ports(&self) -> BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>> {
        self.authorities
            .iter()
            .map(|(id, authority)| (*id, Arc::clone(authority) as Arc<dyn CertificateAuthority>))
            .collect()
    }

    /// What the stations of the saga work with. There is no recovery key in it.
    pub fn bench(&self) -> Arc<Bench> {
        let delivery = self.tenant.as_ref().and_then(|doors| doors.delivery.clone());
        Arc::new(Bench {
            store: self.store_port(),
            authorities: self.authority_ports(),
            delivery: delivery.unwrap_or_else(|| Arc::new(NoDelivery)),
            installation: Arc::clone(&self.installation),
            recipients: Arc::new(vec![self.installation.certificate.clone()]),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            ids: self.ids.clone(),
            probe: Arc::clone(&self.probe),
            actor: self.actor.clone(),
            lease: self.settings.daemon.lease(),
        })
    }

    /// The duty that reads the directory and plans.
    pub fn sync(&self, bench: &Arc<Bench>) -> Sync {
        Sync {
            directory: self.tenant.as_ref().map(|doors| Arc::clone(&doors.directory)),
            bench: Arc::clone(bench),
            holders: self
                .settings
                .mailboxes
                .iter()
                .map(|mailbox| (mailbox.address.clone(), mailbox.holders))
                .collect(),
            interval: self.settings.daemon.sync_interval(),
        }
    }

    /// A host for commands; `waker` starts the worker of this process.
    pub fn host(&self, waker: jobs::Waker) -> ProgramHost {
        let tenant = self.settings.tenant.as_ref();
        ProgramHost {
            store: self.store_port(),
            clock: Arc::clone(&self.clock),
            ids: self.ids.clone(),
            actor: self.actor.clone(),
            waker,
            facts: api::Facts {
                home: self.home.path().display().to_string(),
                database: format!("SQLite, {}", self.home.database().display()),
                schema: self.schema,
                tenant: tenant.map(|found| found.id.to_string()),
                graph: tenant.and_then(|found| found.graph_url.as_ref().map(ToString::to_string)),
                simulated: tenant.is_some_and(|found| found.simulated),
                database_kind: "sqlite".to_owned(),
                program_schema: self.schema,
                ..api::Facts::default()
            },
        }
    }
}

/// Opens the database of a home; makes it when there is none.
pub async fn open_store(home: &Home) -> Result<SqlStore, StoreError> {
    SqlStore::open(&Location::Sqlite(home.database()), &Options::default()).await
}

const fn cloud(cloud: Cloud) -> net::Cloud {
    match cloud {
        Cloud::Global => net::Cloud::Global,
        Cloud::UsGovL4 => net::Cloud::UsGovL4,
        Cloud::UsGovL5 => net::Cloud::UsGovL5,
        Cloud::China => net::Cloud::China,
    }
}
