//! What every command stands on: settings, database, this installation's key pair, and the gate of the fleet.

use std::sync::Arc;

use admit::{About, AdmitError, Fleet, Gate, Installation, PinFile};
use custody::Custody;
use evidence::Notary;
use model::{Clock, Entropy, Ids, SystemClock, SystemEntropy};
use store::Store;
use store_sql::SqlStore;

use crate::compose::ComposeError;
use crate::settings::{Home, Settings};
use crate::{database, installation, moving};

/// File of the home that remembers how much of the admission log this installation has seen.
pub(crate) const PIN_FILE: &str = "admission.pin";

/// File of the home that remembers which version of the set of recovery agents this installation goes by.
pub(crate) const SET_PIN_FILE: &str = "kra-set.pin";

/// A home whose database is open.
pub struct Foundation {
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
    /// Who shares the database, and what is sealed to them.
    pub gate: Arc<Gate>,
    /// To whom archived keys are sealed.
    pub custody: Arc<Custody>,
    /// Who acts.
    pub actor: String,
}

impl Foundation {
    /// Opens a home that `init` has prepared.
    pub async fn open(home: Home, actor: String) -> Result<Self, ComposeError> {
        Self::open_by(home, actor, Arc::new(SystemClock)).await
    }

    /// The same by another clock than the machine's.
    pub async fn open_by(home: Home, actor: String, clock: Arc<dyn Clock>) -> Result<Self, ComposeError> {
        moving::resume(&home).await?;
        let settings = Settings::load(&home)?;
        let is_shared = settings.database.is_some();
        if installation::is_damaged(&home) || (home.database().exists() && !installation::exists(&home)) {
            return Err(ComposeError::Unusable(format!(
                "{} is damaged: the key pair of this installation is not complete; restore installation.key and \
                 installation.crt from one backup",
                home.path().display()
            )));
        }
        if !installation::exists(&home) || (!is_shared && !home.database().exists()) {
            let next = if is_shared {
                "run `sealwright installation join` to share what is there, `sealwright init` to found it, or `sealwright \
                 installation restore FILE` if its key was lost"
            } else {
                "run `sealwright init` first, or `sealwright demo` to look around"
            };
            return Err(ComposeError::Empty(format!(
                "{} holds no Sealwright yet; {next}",
                home.path().display()
            )));
        }
        let key = {
            let home = home.clone();
            // A keyring may ask a person first.
            let loaded = tokio::task::spawn_blocking(move || installation::load(&home)).await;
            loaded.map_err(|error| {
                ComposeError::Unusable(format!("reading the installation's key was cut off: {error}"))
            })??
        };
        let store = Arc::new(database::open(&home, &settings).await?);
        Self::on(home, settings, store, key, actor, clock).await
    }

    /// The same on a database that is open already.
    pub(crate) async fn on(
        home: Home,
        settings: Settings,
        store: Arc<SqlStore>,
        installation: Installation,
        actor: String,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ComposeError> {
        let schema = store.schema().await?.version;
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let ids = Ids::new(Arc::clone(&clock), Arc::clone(&entropy));
        let installation = Arc::new(installation);
        let pins = PinFile::new(home.path().join(PIN_FILE));
        let gate = Gate::new(
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::clone(&installation),
            pins,
            Arc::clone(&clock),
            actor.clone(),
        );
        let gate = Arc::new(gate);
        let custody = Custody::new(
            Arc::clone(&store) as Arc<dyn Store>,
            home.path().join(SET_PIN_FILE),
            Arc::clone(&clock),
            actor.clone(),
        );
        let custody = Arc::new(custody.signed_only(settings.recovery.signed_set).in_fleet(Arc::clone(&gate)));
        Ok(Self { home, settings, store, schema, clock, entropy, ids, installation, gate, custody, actor })
    }

    /// Reads the fleet; founds it where the database is this home's own.
    ///
    /// # Errors
    /// When this installation does not trust the fleet in the database, or the log is broken.
    pub async fn enter(&self, role: &str) -> Result<Arc<Fleet>, AdmitError> {
        self.gate.enter(&about(role), !self.store.is_shared()).await
    }

    /// Signs the audit log for this installation, and remembers in the home what it signed.
    pub fn notary(&self) -> Notary {
        let pin = self.home.path().join(PIN_FILE);
        Notary::new(self.store_port(), Arc::clone(&self.gate), Arc::clone(&self.clock), &pin)
    }

    /// The database as flows see it.
    pub fn store_port(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }
}

/// What this installation says about itself.
pub(crate) fn about(role: &str) -> About {
    About {
        name: installation::host_name(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        role: role.to_owned(),
    }
}
