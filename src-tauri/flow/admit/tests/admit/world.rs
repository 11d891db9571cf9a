//! Homes of several installations on one database, each with connections of its own.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use admit::{About, Fingerprint, Gate, Installation, PinFile};
use crypto::issue::{Validity, recovery_agent_certificate};
use crypto::{PrivateKey, X509Certificate};
use model::{Clock, InstallationId, KeyAlgorithm, SerialNumber, Timestamp};
use store::{AdmissionEntry, Store, StoredInstallation};
use support::{ManualClock, Peers};
use tempfile::TempDir;

const NAMES: [&str; 6] = ["anna", "build-7", "clara", "dora", "emil", "mallory"];
/// Number of the one who writes the database and is not let in.
pub(crate) const MALLORY: usize = 5;

/// Key pairs are made when they are first asked for; each costs a tenth of a second.
static KEYS: [OnceLock<(PrivateKey, X509Certificate)>; 6] = [const { OnceLock::new() }; 6];

pub(crate) fn certify(name: &str, serial: u8, key: &PrivateKey) -> X509Certificate {
    let validity = Validity {
        not_before: Timestamp::from_seconds(1_700_000_000),
        not_after: Timestamp::from_seconds(2_500_000_000),
    };
    let serial = SerialNumber::from_be_bytes(&[serial]);
    X509Certificate::from_der(&recovery_agent_certificate(name, key, validity, serial).unwrap()).unwrap()
}

pub(crate) fn installation(number: usize) -> Arc<Installation> {
    let (key, certificate) = KEYS[number].get_or_init(|| {
        let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
        let certificate = certify(NAMES[number], 1, &key);
        (key, certificate)
    });
    Arc::new(Installation { certificate: certificate.clone(), key: key.clone() })
}

pub(crate) struct Home {
    pub(crate) installation: Arc<Installation>,
    pub(crate) gate: Gate,
    pub(crate) pin: PathBuf,
}

impl Home {
    pub(crate) fn id(&self) -> InstallationId {
        self.installation.id()
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.installation.fingerprint()
    }

    /// The file of the numbers of secrets.
    pub(crate) fn seen(&self) -> PathBuf {
        self.pin.with_extension("seen")
    }
}

pub(crate) struct World {
    /// The database as the first installation sees it.
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    peers: Peers,
    folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Peers::on_sqlite(NAMES.len()).await)
    }

    pub(crate) fn on(peers: Peers) -> Self {
        let store = Arc::clone(&peers.stores()[0]);
        let folder = TempDir::new().unwrap();
        Self { store, clock: Arc::new(ManualClock::default()), peers, folder }
    }

    /// The home of an installation; the same one each time.
    pub(crate) fn home(&self, number: usize) -> Home {
        self.home_on(number, self.peer(number))
    }

    /// The same home, with another way to the database.
    pub(crate) fn home_on(&self, number: usize, store: Arc<dyn Store>) -> Home {
        let pin = self.folder.path().join(format!("{number}.pin"));
        let installation = installation(number);
        let gate = Gate::new(
            store,
            Arc::clone(&installation),
            PinFile::new(pin.clone()),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            format!("somebody@{}", NAMES[number]),
        );
        Home { installation, gate, pin }
    }

    /// A way to the database of its own.
    pub(crate) fn peer(&self, number: usize) -> Arc<dyn Store> {
        Arc::clone(&self.peers.stores()[number])
    }

    /// A way to the database of one who administers it: what grants.sql gives an administrator, as far as it is needed here.
    /// Envelopes of keys in flight are not among it.
    #[cfg(unix)]
    pub(crate) async fn administrator(&self) -> Arc<dyn Store> {
        let grants = [
            "SELECT ON schema_info",
            "SELECT ON schema_step",
            "SELECT, INSERT ON admission",
            "SELECT, INSERT, UPDATE, DELETE ON installation",
            "SELECT, INSERT, UPDATE, DELETE ON secret",
            "SELECT ON authority",
            "SELECT, INSERT, UPDATE ON authority_secret",
            "SELECT ON enrollment",
            "SELECT (enrollment) ON inflight_key",
            "INSERT, SELECT ON audit_log",
            "SELECT, UPDATE ON audit_head",
        ];
        self.peers.limited("administrator", &grants).await
    }

    /// A fleet that the first founded, and the first admitted all others.
    pub(crate) async fn fleet(&self, count: usize) -> Vec<Home> {
        let homes: Vec<Home> = (0..count).map(|number| self.home(number)).collect();
        let fleet = homes[0].gate.enter(&about(0), true).await.unwrap();
        for (number, home) in homes.iter().enumerate().skip(1) {
            home.gate.ask(&about(number), Some(fleet.fingerprint())).await.unwrap();
            homes[0].gate.admit(home.id(), home.fingerprint()).await.unwrap();
        }
        homes
    }

    pub(crate) async fn log(&self) -> Vec<AdmissionEntry> {
        self.store.read().await.unwrap().installations().admissions().await.unwrap()
    }

    /// What somebody does who may write the database.
    pub(crate) async fn append(&self, entry: &AdmissionEntry) {
        let mut work = self.store.begin().await.unwrap();
        work.installations().add_admission(entry).await.unwrap();
        work.commit().await.unwrap();
    }

    pub(crate) async fn write_row(&self, row: &StoredInstallation) {
        let mut work = self.store.begin().await.unwrap();
        work.installations().set(row).await.unwrap();
        work.commit().await.unwrap();
    }

    /// What an installation says about itself.
    pub(crate) async fn row(&self, id: InstallationId) -> StoredInstallation {
        let rows = self.store.read().await.unwrap().installations().list().await.unwrap();
        rows.into_iter().find(|row| row.id == id).unwrap()
    }

    /// Kinds and details of audit events, oldest first.
    pub(crate) async fn audit(&self) -> Vec<(String, String)> {
        let page = store::PageRequest::first(200);
        let listed = self.store.read().await.unwrap().audit().list(&page).await.unwrap();
        let events = listed.rows.into_iter().rev().map(|record| record.event);
        events.map(|event| (event.kind.name(), event.detail)).collect()
    }
}

pub(crate) fn about(number: usize) -> About {
    About { name: NAMES[number].to_owned(), version: "0.1.0".to_owned(), role: "daemon".to_owned() }
}
