//! An authority on a database of its own, with a clock that the test turns and serial numbers that can be foretold.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use ca::builtin::{BuiltinAuthority, BuiltinParts, BuiltinSettings, Founded, Founding, create};
use crypto::{CertificationRequest, PrivateKey, X509Certificate};
use model::names::Profile;
use model::{AuthorityId, CertificateNames, Clock, Entropy, Ids, KeyAlgorithm, Span, Timestamp};
use ports::{CertificateAuthority as _, IssuedCertificate, Order, Submission};
use store::Store;
use store_sql::{Location, Options, SqlStore};
use tempfile::TempDir;

/// 2026-03-02T09:30:00Z, a Monday.
pub(crate) const MONDAY: Timestamp = Timestamp::from_seconds(1_772_443_800);

pub(crate) const BASE_URL: &str = "http://pki.example.com/ca";

/// Keys are what costs; every test of the process shares these.
pub(crate) static RSA: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap());
pub(crate) static P256: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(KeyAlgorithm::P256).unwrap());
pub(crate) static P384: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(KeyAlgorithm::P384).unwrap());

/// A clock that stands still until it is turned.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, span: Span) {
        self.0.fetch_add(span.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Different bytes at every call, the same in every run.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        for octet in out {
            // Knuth's multiplicative hash of a counter.
            let number = self.0.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            *octet = number.to_be_bytes()[1];
        }
    }
}

/// An authority with EC keys: quick to found.
pub(crate) fn quick_founding() -> Founding {
    Founding {
        organization: Some("Contoso GmbH".to_owned()),
        country: Some("DE".to_owned()),
        root_key: KeyAlgorithm::P384,
        issuing_key: KeyAlgorithm::P256,
        ..Founding::new("Contoso", BASE_URL)
    }
}

pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) entropy: Arc<Counting>,
    pub(crate) store: Arc<SqlStore>,
    pub(crate) id: AuthorityId,
    pub(crate) founded: Founded,
    pub(crate) authority: Arc<BuiltinAuthority>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::founded_as(&quick_founding()).await
    }

    pub(crate) async fn founded_as(founding: &Founding) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(MONDAY.as_millis())));
        let entropy = Arc::new(Counting::default());
        let mut founded = create(founding, MONDAY, &*entropy).unwrap();
        founded.settings.crl_file = Some(folder.path().join("issuing.crl"));
        let location = Location::Sqlite(folder.path().join("books.db"));
        let store = Arc::new(SqlStore::open(&location, &Options::default()).await.unwrap());
        let id = Ids::new(clock.clone(), entropy.clone()).next();
        let authority = build(id, &founded, founded.settings.clone(), store.clone(), &clock, &entropy);
        Self { folder, clock, entropy, store, id, founded, authority: Arc::new(authority.unwrap()) }
    }

    /// The same authority after a restart of its process, or beside it.
    pub(crate) fn colleague(&self) -> BuiltinAuthority {
        self.with_settings(self.founded.settings.clone()).unwrap()
    }

    /// The same authority on connections of its own to the same database, as another process has them.
    pub(crate) async fn other_process(&self) -> BuiltinAuthority {
        let location = Location::Sqlite(self.folder.path().join("books.db"));
        let store = Arc::new(SqlStore::open(&location, &Options::default()).await.unwrap());
        build(self.id, &self.founded, self.founded.settings.clone(), store, &self.clock, &self.entropy)
            .unwrap()
    }

    /// The same authority with its books in another place.
    pub(crate) fn with_books(&self, store: Arc<dyn Store>) -> BuiltinAuthority {
        let settings = BuiltinSettings { crl_file: None, ..self.founded.settings.clone() };
        build(self.id, &self.founded, settings, store, &self.clock, &self.entropy).unwrap()
    }

    /// The same authority with other randomness.
    pub(crate) fn with_entropy(&self, entropy: &Arc<impl Entropy + 'static>) -> BuiltinAuthority {
        let (settings, store) = (self.founded.settings.clone(), self.store.clone());
        build(self.id, &self.founded, settings, store, &self.clock, entropy).unwrap()
    }

    pub(crate) fn with_settings(
        &self,
        settings: BuiltinSettings,
    ) -> Result<BuiltinAuthority, ports::CaError> {
        build(self.id, &self.founded, settings, self.store.clone(), &self.clock, &self.entropy)
    }

    pub(crate) async fn issue(&self, order: &Order) -> IssuedCertificate {
        issued(self.authority.submit(order).await.unwrap())
    }

    pub(crate) fn crl_file(&self) -> PathBuf {
        self.folder.path().join("issuing.crl")
    }

    /// Writes a file into the world's folder.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        write(self.folder.path(), name, bytes)
    }

    /// Root and issuing certificate as PEM files for OpenSSL's program.
    pub(crate) fn chain_files(&self) -> (PathBuf, PathBuf) {
        let pem = |der: &[u8]| X509Certificate::from_der(der).unwrap().pem();
        (
            self.file("root.pem", pem(&self.founded.settings.root).as_bytes()),
            self.file("issuing.pem", pem(&self.founded.settings.issuing).as_bytes()),
        )
    }
}

fn build(
    id: AuthorityId,
    founded: &Founded,
    settings: BuiltinSettings,
    store: Arc<dyn Store>,
    clock: &Arc<TestClock>,
    entropy: &Arc<impl Entropy + 'static>,
) -> Result<BuiltinAuthority, ports::CaError> {
    BuiltinAuthority::new(BuiltinParts {
        id,
        name: "Contoso built-in".to_owned(),
        settings,
        issuing_key: founded.issuing_key.clone(),
        store,
        clock: clock.clone(),
        entropy: entropy.clone(),
    })
}

pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

pub(crate) fn issued(submission: Submission) -> IssuedCertificate {
    match submission {
        Submission::Issued(certificate) => certificate,
        Submission::Pending { .. } => panic!("the built-in authority never lets anybody wait"),
    }
}

/// An order whose request carries another name than the order, as a hostile requester would send it.
pub(crate) fn order(reference: &str, profile: Profile, names: CertificateNames, key: &PrivateKey) -> Order {
    let elsewhere = CertificateNames {
        common_name: "Mallory".to_owned(),
        mail_addresses: vec!["mallory@example.net".to_owned()],
        ..CertificateNames::default()
    };
    Order {
        reference: reference.to_owned(),
        request: CertificationRequest::create(key, &elsewhere).unwrap().der().to_vec(),
        names,
        profile,
        validity_days: 365,
    }
}

pub(crate) fn jorg() -> CertificateNames {
    CertificateNames {
        common_name: "Jörg Müßig-Åström".to_owned(),
        given_name: Some("Jörg".to_owned()),
        surname: Some("Müßig-Åström".to_owned()),
        organization: Some("Contoso GmbH".to_owned()),
        organization_identifier: Some("NTRDE-DEK1101R.HRB123456".to_owned()),
        country: Some("DE".to_owned()),
        mail_addresses: vec!["joerg.muessig@example.com".to_owned(), "jm@example.org".to_owned()],
        user_principal_name: Some("jörg@example.com".to_owned()),
        security_identifier: Some("S-1-5-21-1004336348-1177238915-682003330-1104".to_owned()),
    }
}

/// Runs OpenSSL's program; gives whether it succeeded, and all that it said.
pub(crate) fn openssl(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl")
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("`openssl` does not run ({error}); `./dev test` installs it"));
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}
