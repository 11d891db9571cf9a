//! Officers with keys, databases, and the homes of installations that look at them.

use std::sync::{Arc, OnceLock};

use admit::Digest;
use async_trait::async_trait;
use crypto::issue::{Validity, recovery_agent_certificate};
use crypto::{PrivateKey, X509Certificate};
use custody::{Candidate, Custody, CustodyError, Draft, Policy, Proposal, SetVersion, Signed};
use model::{Clock, KeyAlgorithm, Kra, SerialNumber, Timestamp};
use ports::{RecoveryKey, RecoveryKeyError, Signature, WrappedKey};
use store::{Store, StoredKraSet, StoredKraSetSignature};
use support::{FreshStore, ManualClock, fresh_store};
use tempfile::TempDir;
use zeroize::Zeroizing;

pub(crate) const NAMES: [&str; 5] = ["anna", "bernd", "clara", "dora", "mallory"];
pub(crate) const MALLORY: usize = 4;

pub(crate) const ANY_ONE: Policy = Policy::AnyOne { approvals: 0 };
pub(crate) const TWO: Policy = Policy::Quorum { threshold: 2 };

static KEYS: [OnceLock<(PrivateKey, X509Certificate)>; 5] = [const { OnceLock::new() }; 5];

/// An officer with the key at hand.
pub(crate) struct Officer {
    key: PrivateKey,
    pub(crate) certificate: X509Certificate,
}

pub(crate) fn certify(name: &str, serial: u8, key: &PrivateKey, until: Timestamp) -> X509Certificate {
    let validity = Validity { not_before: Timestamp::from_seconds(1_700_000_000), not_after: until };
    let serial = SerialNumber::from_be_bytes(&[serial]);
    X509Certificate::from_der(&recovery_agent_certificate(name, key, validity, serial).unwrap()).unwrap()
}

pub(crate) fn officer(number: usize) -> Officer {
    let (key, certificate) = KEYS[number].get_or_init(|| {
        let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
        let certificate = certify(NAMES[number], 1, &key, Timestamp::from_seconds(2_500_000_000));
        (key, certificate)
    });
    Officer { key: key.clone(), certificate: certificate.clone() }
}

pub(crate) fn certificates(numbers: &[usize]) -> Vec<X509Certificate> {
    numbers.iter().map(|number| officer(*number).certificate).collect()
}

#[async_trait]
impl RecoveryKey for Officer {
    fn certificate_der(&self) -> &[u8] {
        self.certificate.der()
    }
    fn place(&self) -> String {
        "the test".to_owned()
    }
    async fn unwrap_key(&self, _: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        panic!("whoever signs a set opens nothing")
    }
    async fn sign(&self, message: &[u8]) -> Result<Signature, RecoveryKeyError> {
        Ok(self.key.sign(message).unwrap())
    }
}

/// What a database holds about sets.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) versions: Vec<StoredKraSet>,
    pub(crate) signatures: Vec<StoredKraSetSignature>,
}

impl Rows {
    pub(crate) async fn of(store: &FreshStore) -> Self {
        let mut work = store.read().await.unwrap();
        let versions = work.kra_sets().versions().await.unwrap();
        Self { versions, signatures: work.kra_sets().signatures().await.unwrap() }
    }

    /// A database with these rows: what somebody made of it who may write everything.
    pub(crate) async fn database(&self) -> FreshStore {
        let store = fresh_store().await;
        let mut work = store.begin().await.unwrap();
        for row in &self.versions {
            work.kra_sets().add_version(row).await.unwrap();
        }
        for row in &self.signatures {
            work.kra_sets().add_signature(row).await.unwrap();
        }
        work.commit().await.unwrap();
        list(&store, MALLORY).await;
        store
    }

    /// Adds a version that Mallory made, and her signature where she is one who may.
    pub(crate) fn forge(&mut self, body: &str) -> Digest {
        let digest = Digest::of(body.as_bytes());
        let version = SetVersion::read(body).map_or(1, |set| set.version);
        let row = StoredKraSet {
            digest: *digest.as_bytes(),
            version,
            body: body.to_owned(),
            added_at: Timestamp::from_seconds(1_800_000_000),
        };
        self.versions.push(row);
        digest
    }

    /// A signature by a key, in the name of an officer.
    pub(crate) fn sign(&mut self, set: Digest, key: usize, name: usize, message: &[u8]) {
        let signature = officer(key).key.sign(message).unwrap();
        self.signatures.push(StoredKraSetSignature {
            set: *set.as_bytes(),
            digest: *Digest::of(&[&signature.octets[..], NAMES[name].as_bytes()].concat()).as_bytes(),
            officer: officer(name).certificate.sha256(),
            algorithm: signature.algorithm.name().to_owned(),
            signature: signature.octets,
            added_at: Timestamp::from_seconds(1_800_000_000),
        });
    }
}

/// Puts an officer into the unsigned list.
pub(crate) async fn list(store: &FreshStore, number: usize) {
    let certificate = officer(number).certificate;
    let kra = Kra {
        thumbprint: certificate.thumbprint(),
        name: NAMES[number].to_owned(),
        certificate_der: certificate.der().to_vec(),
        not_after: certificate.not_after(),
        added_at: Timestamp::from_seconds(1_800_000_000),
    };
    let mut work = store.begin().await.unwrap();
    work.kras().add(&kra).await.unwrap();
    work.commit().await.unwrap();
}

/// The home of an installation.
pub(crate) struct Home {
    folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: Arc::new(ManualClock::default()) }
    }

    pub(crate) fn damage_pin(&self) {
        std::fs::write(self.folder.path().join("kra-set.pin"), b"{").unwrap();
    }

    /// What this installation makes of a database.
    pub(crate) fn on(&self, store: &FreshStore) -> Custody {
        let pin = self.folder.path().join("kra-set.pin");
        Custody::new(store.shared(), pin, Arc::clone(&self.clock) as Arc<dyn Clock>, "test@here".to_owned())
    }
}

pub(crate) fn candidates(officers: &[usize]) -> Vec<Candidate> {
    certificates(officers).into_iter().map(Candidate::from).collect()
}

pub(crate) fn draft(name: Option<&str>, policy: Policy, officers: &[usize]) -> Draft {
    Draft { name: name.map(str::to_owned), policy, officers: candidates(officers) }
}

/// The first version, proposed in this home.
pub(crate) async fn propose(custody: &Custody, policy: Policy, officers: &[usize]) -> Proposal {
    let name = custody.in_force().await.unwrap().is_none().then_some("Recovery");
    custody.propose(&draft(name, policy, officers)).await.unwrap()
}

pub(crate) async fn sign(custody: &Custody, proposal: &Proposal, number: usize) -> Signed {
    custody.sign(proposal.set.digest, &officer(number)).await.unwrap()
}

/// Proposed and signed.
pub(crate) async fn establish(
    custody: &Custody,
    policy: Policy,
    officers: &[usize],
    by: &[usize],
) -> SetVersion {
    let proposal = propose(custody, policy, officers).await;
    for number in by {
        sign(custody, &proposal, *number).await;
    }
    let set = custody.in_force().await.unwrap().unwrap();
    assert_eq!(set.digest, proposal.set.digest);
    set
}

/// To whom keys are sealed.
pub(crate) async fn sealed_to(custody: &Custody) -> Vec<String> {
    let agents = custody.sealing().await.unwrap();
    agents.certificates.iter().map(|one| one.common_name().unwrap()).collect()
}

/// Why keys are sealed to nobody.
pub(crate) async fn refusal(custody: &Custody) -> (CustodyError, String) {
    let error = custody.sealing().await.unwrap_err();
    let text = error.to_string();
    (error, text)
}
