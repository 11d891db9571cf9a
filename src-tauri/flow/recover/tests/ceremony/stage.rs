//! Officers, people at their machines, and an archived key of Susi's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use admit::{About, Fingerprint, Gate, Installation, PinFile};
use async_trait::async_trait;
use crypto::issue::{Validity, officer_certificate, recovery_agent_certificate, serial_number};
use crypto::open::unwrap_content_key;
use crypto::{PrivateKey, SealingAgents, X509Certificate};
use model::{
    CertificateId, Clock, DeliveryState, Ids, KeyAlgorithm, RecoveryRequestId, Span, SystemEntropy, Timestamp,
};
use ports::{RecoveryKey, RecoveryKeyError, WrappedKey};
use recover::RecoverError;
use recover::ceremony::{Desk, Given, Granted, KnownAgents, Opened, Request, Wanted, Wish};
use store::{ArchivedKey, Store, StoredCertificate};
use support::{FreshStore, ManualClock, fresh_store};
use zeroize::Zeroizing;

use crate::sample::{self, id};

/// The certificate whose key is asked for.
pub(crate) fn susi() -> CertificateId {
    id(1)
}

/// An officer's key in software, which counts how often it was used.
pub(crate) struct Officer {
    pub(crate) key: PrivateKey,
    pub(crate) certificate: X509Certificate,
    pub(crate) used: AtomicU32,
    /// Its PIN is wrong.
    pub(crate) is_locked: bool,
    /// It is a key for encryption alone.
    pub(crate) only_decrypts: bool,
}

#[async_trait]
impl RecoveryKey for Officer {
    fn certificate_der(&self) -> &[u8] {
        self.certificate.der()
    }

    fn place(&self) -> String {
        "token of a test".to_owned()
    }

    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        self.used.fetch_add(1, Ordering::SeqCst);
        if self.is_locked {
            return Err(RecoveryKeyError::Locked {
                place: self.place(),
                hint: "2 tries are left".to_owned(),
            });
        }
        unwrap_content_key(wrapped, &self.key)
            .map_err(|_| RecoveryKeyError::DoesNotUnwrap { place: self.place() })
    }

    async fn sign(&self, message: &[u8]) -> Result<ports::Signature, RecoveryKeyError> {
        if self.only_decrypts {
            let reason = "its key may not sign".to_owned();
            return Err(RecoveryKeyError::Unfit { place: self.place(), reason });
        }
        Ok(self.key.sign(message).unwrap())
    }
}

impl Officer {
    pub(crate) fn new(name: &str) -> Self {
        let mail = format!("{}@officers.example", name.replace(' ', "-"));
        let (key, certificate) = identity(name);
        let validity = Validity { not_before: certificate.not_before(), not_after: certificate.not_after() };
        let der =
            officer_certificate(name, Some(&mail), &key, validity, serial_number(&SystemEntropy)).unwrap();
        let certificate = X509Certificate::from_der(&der).unwrap();
        Self { key, certificate, used: AtomicU32::new(0), is_locked: false, only_decrypts: false }
    }

    /// With an address in the certificate, which OpenSSL makes.
    pub(crate) fn called(address: &str) -> Self {
        let (key, _) = identity(address);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), key.to_pkcs8().unwrap()).unwrap();
        let made = std::process::Command::new("openssl")
            .args([
                "req", "-x509", "-new", "-keyform", "DER", "-key", "key", "-outform", "DER", "-out", "crt",
            ])
            .args([
                "-days",
                "3650",
                "-subj",
                "/CN=Officer",
                "-addext",
                &format!("subjectAltName=email:{address}"),
            ])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let certificate = std::fs::read(folder.path().join("crt")).unwrap();
        Self { key, certificate: X509Certificate::from_der(&certificate).unwrap(), ..Self::new("Somebody") }
    }

    /// Without an address in the certificate.
    pub(crate) fn nameless(name: &str) -> Self {
        let (key, certificate) = identity(name);
        Self { key, certificate, ..Self::new(name) }
    }

    pub(crate) fn used(&self) -> u32 {
        self.used.load(Ordering::SeqCst)
    }
}

fn identity(name: &str) -> (PrivateKey, X509Certificate) {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let validity = Validity {
        not_before: Timestamp::from_seconds(1_700_000_000),
        not_after: Timestamp::from_seconds(2_500_000_000),
    };
    let der = recovery_agent_certificate(name, &key, validity, serial_number(&SystemEntropy)).unwrap();
    (key, X509Certificate::from_der(&der).unwrap())
}

/// A person at a machine that belongs to the fleet.
pub(crate) struct Person {
    pub(crate) actor: String,
    pub(crate) gate: Gate,
    _home: tempfile::TempDir,
}

/// The database, the people, and the officers of the archive.
pub(crate) struct Stage {
    pub(crate) store: FreshStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Ids,
    /// `anna`, `bert`, `cora` and `dora`, each on a machine of her own.
    pub(crate) people: Vec<Person>,
    pub(crate) officers: Vec<Officer>,
    /// What is archived.
    pub(crate) key: PrivateKey,
    pub(crate) approvals: u8,
    /// The version of the set that everybody's home goes by.
    pub(crate) set: Option<Fingerprint>,
}

impl Stage {
    /// So many officers, of whom so many together open the archive, or any one.
    pub(crate) async fn of(officers: usize, threshold: Option<u8>) -> Self {
        let officers = (1..=officers).map(|number| Officer::new(&format!("Officer {number}"))).collect();
        Self::with(officers, threshold).await
    }

    /// With these officers.
    pub(crate) async fn with(officers: Vec<Officer>, threshold: Option<u8>) -> Self {
        let store = fresh_store().await;
        let clock = Arc::new(ManualClock::default());
        clock.set(sample::NOW + Span::days(1));
        let mut people: Vec<Person> = Vec::new();
        for name in ["anna", "bert", "cora", "dora"] {
            let (key, certificate) = identity(name);
            let home = tempfile::tempdir().unwrap();
            let actor = format!("{name}@{name}-pc");
            let gate = Gate::new(
                store.shared(),
                Arc::new(Installation { certificate, key }),
                PinFile::new(home.path().join("admission.pin")),
                Arc::clone(&clock) as Arc<dyn Clock>,
                actor.clone(),
            );
            let about = About { name: name.to_owned(), version: "1".to_owned(), role: "console".to_owned() };
            match people.first() {
                None => drop(gate.enter(&about, true).await.unwrap()),
                Some(first) => {
                    let fleet = first.gate.fleet().await.unwrap().fingerprint();
                    let asked = gate.ask(&about, Some(fleet)).await.unwrap();
                    first.gate.admit(gate.installation().id(), asked.own).await.unwrap();
                }
            }
            people.push(Person { actor, gate, _home: home });
        }
        let (key, leaf) = identity("Susi Sorglos");
        let ids = support::seeded_ids(&clock, 1);
        let stage = Self { store, clock, ids, people, officers, key, approvals: 1, set: None };
        stage.archive(&leaf, threshold).await;
        stage
    }

    async fn archive(&self, leaf: &X509Certificate, threshold: Option<u8>) {
        let officers = self.officers.iter().map(|officer| officer.certificate.clone()).collect();
        let agents = SealingAgents::new(officers, threshold);
        let mut work = self.store.begin().await.unwrap();
        sample::add_recipes(work.as_mut()).await;
        work.subscribers().set(&sample::person(1)).await.unwrap();
        let certificate = model::Certificate {
            thumbprint: leaf.thumbprint(),
            mail: "person1@example.com".to_owned(),
            ..sample::certificate(1, id(1))
        };
        let enrollment = model::Enrollment {
            state: model::EnrollmentState::Done,
            certificate: None,
            ..sample::enrollment(1, id(1))
        };
        work.enrollments().add(&enrollment).await.unwrap();
        let stored = StoredCertificate { certificate, der: leaf.der().to_vec(), chain: Vec::new() };
        work.certificates().add(&stored).await.unwrap();
        let key = ArchivedKey {
            enrollment: id(1),
            certificate: Some(susi()),
            spki_sha256: leaf.spki_sha256().unwrap(),
            envelope: agents.seal(&self.key).unwrap(),
            kras: agents.thumbprints,
            sealed_at: sample::NOW,
        };
        work.archive().add(&key).await.unwrap();
        for officer in &self.officers {
            let kra = model::Kra {
                thumbprint: officer.certificate.thumbprint(),
                name: officer.certificate.subject(),
                certificate_der: officer.certificate.der().to_vec(),
                not_after: officer.certificate.not_after(),
                added_at: sample::NOW,
            };
            work.kras().add(&kra).await.unwrap();
        }
        let mut delivery = sample::delivery(1, susi(), id(1));
        delivery.state = DeliveryState::Missing;
        work.deliveries().add_missing(&[delivery]).await.unwrap();
        work.commit().await.unwrap();
    }

    /// The desk of a person, on the stage's database or on one that fails now and then.
    pub(crate) fn desk_on<'a>(&'a self, person: usize, store: &'a dyn Store) -> Desk<'a> {
        Desk {
            store,
            gate: &self.people[person].gate,
            clock: self.clock.as_ref(),
            entropy: &SystemEntropy,
            ids: &self.ids,
            actor: &self.people[person].actor,
            approvals: self.approvals,
            agents: KnownAgents {
                set: self.set,
                officers: self.officers.iter().map(|officer| officer.certificate.sha256()).collect(),
            },
        }
    }

    pub(crate) fn desk(&self, person: usize) -> Desk<'_> {
        self.desk_on(person, &*self.store)
    }

    /// Writes the database as somebody does who owns it.
    pub(crate) fn execute(&self, sql: &str) {
        let script = "import sqlite3, sys; base = sqlite3.connect(sys.argv[1], timeout=20); base.executescript(sys.argv[2]); base.commit()";
        let ran = std::process::Command::new("python3")
            .args(["-c", script])
            .arg(self.store.file())
            .arg(sql)
            .output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Anna asks for Susi's key.
    pub(crate) async fn ask(&self, wanted: Wanted) -> Result<Request, RecoverError> {
        self.desk(0).ask(&wish(wanted)).await
    }

    /// A person agrees with an officer's key.
    pub(crate) async fn approve(
        &self,
        request: RecoveryRequestId,
        person: usize,
        officer: usize,
    ) -> Result<Granted, RecoverError> {
        let desk = self.desk(person);
        let read = desk.request(request).await?;
        desk.approve(&read, &self.officers[officer]).await
    }

    /// Anna opens.
    pub(crate) async fn open(&self, request: RecoveryRequestId) -> Result<Opened, RecoverError> {
        self.desk(0).open(request, Given::Files(model::PfxProfile::Modern)).await
    }

    /// The audit log's entries about recoveries, the oldest first: kind, outcome, actor.
    pub(crate) async fn log(&self) -> Vec<(String, bool, String)> {
        let mut work = self.store.read().await.unwrap();
        let mut rows = work.audit().list(&store::PageRequest::first(500)).await.unwrap().rows;
        rows.reverse();
        rows.into_iter()
            .filter(|row| row.event.kind.name().starts_with("KEY_RECOVERY"))
            .map(|row| {
                let is_well = row.event.outcome == model::AuditOutcome::Success;
                (row.event.kind.name(), is_well, row.event.actor)
            })
            .collect()
    }
}

pub(crate) fn wish(wanted: Wanted) -> Wish {
    Wish {
        certificates: vec![susi()],
        case_number: "4711/26".to_owned(),
        legal_basis: "Betriebsvereinbarung §7".to_owned(),
        reason: "mail of a colleague on long leave".to_owned(),
        wanted,
        lasts: Span::days(7),
    }
}

/// What is said of something that failed.
pub(crate) fn why<T>(result: Result<T, RecoverError>) -> String {
    match result {
        Ok(_) => panic!("it was to fail"),
        Err(error) => error.to_string(),
    }
}
