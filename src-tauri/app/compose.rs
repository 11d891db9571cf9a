//! The only file that knows every adapter: settings → store, doors, worker.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use admit::AdmitError;
use admit::context::signing_key;
use ca::builtin::{BuiltinAuthority, BuiltinParts, BuiltinSettings};
use ca::status::{AuthorityStatus, LONGEST_LIST};
use crypto::PrivateKey;
use enroll::Bench;
use jobs::SharedPace;
use model::{AuthorityId, Clock};
use ports::{CertificateAuthority, Pace, Probe, StatusDoor};
use store::{Store as _, StoreError, StoredAuthority};

use crate::database::Unreached;
use crate::drifts::Drift;
use crate::foundation::Foundation;
use crate::host::ProgramHost;
use crate::init::{PUBLISHED, file_stem};
use crate::probe;
use crate::rights::Rights;
use crate::settings::{Home, SettingsError};
use crate::tenant::{ConfiguredTenant, Paces, SharedTenant, Surroundings, TenantDoors, http_of};
use crate::works::{NoDelivery, Sync, chain};

/// The program, put together.
pub struct Program {
    /// Home, database, key pair, fleet.
    pub foundation: Foundation,
    /// Built-in authorities.
    pub authorities: BTreeMap<AuthorityId, Arc<BuiltinAuthority>>,
    /// Doors of the tenant; `None` while none is configured.
    pub tenant: Option<TenantDoors>,
    /// What is configured of the tenant.
    pub(crate) configured: Option<SharedTenant>,
    /// Why this installation is not admitted to the fleet, when it is not: it can look, and seal nothing.
    pub outside: Option<AdmitError>,
    /// What the login may do in a shared database.
    pub(crate) rights: Rights,
    /// Where tests make the process die.
    pub probe: Arc<dyn Probe>,
}

impl Deref for Program {
    type Target = Foundation;
    fn deref(&self) -> &Foundation {
        &self.foundation
    }
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
    /// Not one of the fleet, or the fleet is not to be trusted.
    #[error(transparent)]
    Admit(#[from] AdmitError),
    /// The database's server could not be signed in to.
    #[error(transparent)]
    Unreached(#[from] Unreached),
    /// Nothing is set up here yet.
    #[error("{0}")]
    Empty(String),
    /// Something else; the text says what.
    #[error("{0}")]
    Unusable(String),
}

impl ComposeError {
    /// What to do, where the text does not say it already.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreached(unreached) => Some(unreached.hint),
            Self::Settings(_) | Self::Store(_) | Self::Admit(_) | Self::Empty(_) | Self::Unusable(_) => None,
        }
    }

    /// Whether a person has to decide something before the same can succeed.
    pub const fn needs_person(&self) -> bool {
        matches!(
            self,
            Self::Admit(
                AdmitError::NotAdmitted { .. }
                    | AdmitError::Unpinned { .. }
                    | AdmitError::RemovedHere { .. }
                    | AdmitError::NotFounded
            )
        )
    }
}

impl Program {
    /// Opens a home that `init` has prepared, as a console or command.
    pub async fn open(home: Home, actor: String) -> Result<Self, ComposeError> {
        Self::open_as(home, actor, "console").await
    }

    /// The same by another clock than the machine's.
    pub async fn open_by(home: Home, actor: String, clock: Arc<dyn Clock>) -> Result<Self, ComposeError> {
        Self::on(Foundation::open_by(home, actor, clock).await?, "console").await
    }

    /// Opens a home that `init` has prepared. Outside the fleet the program opens all the same, without anything that is
    /// sealed.
    pub async fn open_as(home: Home, actor: String, role: &str) -> Result<Self, ComposeError> {
        Self::on(Foundation::open(home, actor).await?, role).await
    }

    /// The program on a home that is open.
    pub async fn on(foundation: Foundation, role: &str) -> Result<Self, ComposeError> {
        let outside = match foundation.enter(role).await {
            Err(AdmitError::Store(error)) => return Err(error.into()),
            Err(error) => Some(error),
            // Whether it is in itself is asked where it matters.
            Ok(_) => match foundation.gate.recipients().await {
                Ok(_) => None,
                Err(AdmitError::Store(error)) => return Err(error.into()),
                Err(error) => Some(error),
            },
        };
        let rights = Rights::of(&foundation.store).await?;
        let mut program = Self {
            tenant: None,
            configured: None,
            authorities: BTreeMap::new(),
            outside,
            rights,
            probe: probe::from_environment(),
            foundation,
        };
        program.mark_seen(role).await;
        // Outside the fleet nothing is signed, opened or sent, not even with what this machine still knows.
        if program.outside.is_none() {
            program.load_authorities().await?;
            program.load_tenant().await?;
        }
        Ok(program)
    }

    /// Lets the others see that this installation is there. A login that may not write it stays unseen.
    pub(crate) async fn mark_seen(&self, role: &str) {
        if !self.store.is_shared() {
            return;
        }
        let (id, now) = (self.installation.id(), self.clock.now());
        let marked = store::in_unit!(self.store_port(), work => {
            work.installations().mark_seen(id, env!("CARGO_PKG_VERSION"), role, now).await?;
        });
        if let Err(error) = marked {
            tracing::debug!(%error, "this installation could not note that it is there");
        }
    }

    async fn load_tenant(&mut self) -> Result<(), ComposeError> {
        let configured = match ConfiguredTenant::of_settings(&self.home, &self.settings)? {
            Some(tenant) => Some(tenant),
            None => match ConfiguredTenant::of_database(self.store.as_ref(), &self.gate).await {
                Err(ComposeError::Store(StoreError::Denied { .. })) => None,
                found => found?,
            },
        };
        let Some(configured) = configured else { return Ok(()) };
        let tenant = &configured.shared.tenant;
        let graph = self.pace(format!("graph {} {}", tenant.id, tenant.client_id), None)?;
        let writes = configured.shared.intune.as_ref().and_then(|intune| intune.writes_per_second);
        let intune = self.pace(format!("intune {}", tenant.id), writes)?;
        let exchange = self.pace(format!("exchange {}", tenant.id), None)?;
        let around = Surroundings {
            home: &self.home,
            gateway: self.settings.key_vault.as_ref().and_then(|section| section.url.as_ref()),
            clock: &self.clock,
            ids: &self.ids,
        };
        let doors = configured.doors(&around, Paces { graph, intune, exchange }, &self.probe)?;
        self.tenant = Some(doors);
        self.configured = Some(configured.shared);
        Ok(())
    }

    /// A pace that all installations keep together. Without a rate only rests are shared.
    fn pace(&self, name: String, per_second: Option<f32>) -> Result<Arc<dyn Pace>, ComposeError> {
        let rate = match per_second {
            None => None,
            Some(wanted) => Some(SharedPace::per_second(wanted).ok_or_else(|| {
                ComposeError::Unusable(format!(
                    "writes-per-second = {wanted} is not a number between 0.001 and 1000"
                ))
            })?),
        };
        Ok(Arc::new(SharedPace::new(self.store_port(), name, rate)))
    }

    async fn load_authorities(&mut self) -> Result<(), ComposeError> {
        let mut work = self.store.read().await?;
        let mut stored = work.authorities().list().await?;
        stored.retain(|account| !account.is_imported());
        for account in &mut stored {
            account.sealed_secrets = match work.authorities().sealed(account.id).await {
                Ok(sealed) => sealed,
                // A role that has no business with secrets of authorities works without them.
                Err(StoreError::Denied { .. }) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
        }
        drop(work);
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
        let published = self.home.path().join(PUBLISHED);
        // A machine that joined founded no authority here. Whoever cannot make it is told when a list is written.
        if let Err(error) = std::fs::create_dir_all(&published) {
            tracing::debug!(%error, "there is no folder for revocation lists");
        }
        settings.crl_file = Some(published.join(format!("{}.crl", file_stem(&account.name))));
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
        let rate = parts.settings.orders_per_minute.map(SharedPace::per_minute);
        let authority = BuiltinAuthority::new(parts).map_err(|error| unusable(chain(&error)))?;
        Ok(match rate {
            None => authority,
            Some(rate) => authority.at_pace(Arc::new(SharedPace::new(
                self.store_port(),
                format!("ca {}", account.id),
                Some(rate),
            ))),
        })
    }

    /// Publishes the revocation lists of authorities that have none yet, so that certificates can be checked at once.
    pub async fn publish_first_lists(&self) -> Result<(), ComposeError> {
        for authority in self.authorities.values() {
            authority.current_crl().await.map_err(|error| ComposeError::Unusable(chain(&error)))?;
        }
        Ok(())
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
            delivery: delivery.unwrap_or_else(|| Arc::new(NoDelivery::unconfigured())),
            address_book: self.tenant.as_ref().and_then(|doors| doors.address_book.clone()),
            installation: Arc::clone(&self.installation),
            recipients: Arc::clone(&self.gate) as Arc<dyn enroll::Recipients>,
            agents: Arc::clone(&self.custody) as Arc<dyn enroll::Agents>,
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
            ids: self.ids.clone(),
            probe: Arc::clone(&self.probe),
            actor: self.actor.clone(),
            lease: self.settings.daemon.lease(),
        })
    }

    /// On what terms the plan acts by itself here.
    pub fn terms(&self) -> lifecycle::Terms {
        lifecycle::Terms { limits: self.settings.limits.limits(), actor: self.actor.clone() }
    }

    /// The duty that reads the directory and plans.
    pub fn sync(&self, bench: &Arc<Bench>) -> Sync {
        let section = self.configured.as_ref().and_then(|configured| configured.exchange.as_ref());
        let door = self.tenant.as_ref().and_then(|doors| doors.mailboxes.clone());
        Sync {
            mailboxes: section.zip(door).map(|(section, door)| section.reading(door)),
            directory: self.tenant.as_ref().map(|doors| Arc::clone(&doors.directory)),
            bench: Arc::clone(bench),
            holders: self
                .configured
                .iter()
                .flat_map(|configured| &configured.mailboxes)
                .map(|mailbox| (mailbox.address.clone(), mailbox.holders))
                .collect(),
            interval: self.settings.daemon.sync_interval(),
            terms: self.terms(),
        }
    }

    /// Reads from the addresses in certificates how they stand, over the way that leads to the tenant and over no other; or why
    /// that cannot be.
    fn status_door(&self) -> Result<Arc<dyn StatusDoor>, String> {
        let unread = |error: &dyn std::error::Error| {
            let why = chain(error);
            tracing::error!(error = %why, "revocation lists cannot be read");
            format!("revocation lists cannot be read from this machine: {why}")
        };
        let usual = match &self.configured {
            Some(tenant) => tenant.http(),
            None => http_of(&self.home, self.settings.tenant.as_deref()),
        };
        let settings = net::Settings { answer_limit: LONGEST_LIST, ..usual.map_err(|error| unread(&error))? };
        let client = net::Client::new(&settings, self.ids.clone(), Arc::clone(&self.clock))
            .map_err(|error| unread(&error))?;
        Ok(Arc::new(AuthorityStatus::new(client, Arc::clone(&self.entropy))))
    }

    /// The duty that compares with the world outside.
    pub(crate) fn drift(&self, bench: &Arc<Bench>) -> Drift {
        Drift {
            bench: Arc::clone(bench),
            delivery: self.tenant.as_ref().and_then(|doors| doors.delivery.clone()),
            status: self.status_door(),
            is_on: self.settings.drift.is_on(),
            interval: self.settings.drift.interval(),
        }
    }

    /// A host for commands; `waker` starts the worker of this process.
    pub fn host(self: &Arc<Self>, waker: jobs::Waker) -> ProgramHost {
        ProgramHost::new(Arc::clone(self), waker)
    }
}
