//! A proof that one entry is in the log, for somebody who sees nothing else of it.

use admit::Digest;
use crypto::X509Certificate;
use model::AuditRecord;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{Store, StoreError, Work};

use crate::head::{SignedHead, TreeHead, signer};
use crate::notary::{CHUNK, EvidenceError};
use crate::tree::{Tree, is_consistent, root_of_inclusion};

/// An entry, its place in the tree, and the head that was signed over it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryProof {
    /// The entry.
    pub entry: AuditRecord,
    /// Hash of the entry before it.
    pub previous: Digest,
    /// From the entry's leaf to the root.
    pub path: Vec<Digest>,
    /// The head.
    pub head: SignedHead,
    /// The signer's certificate, DER in base64.
    #[serde(with = "base64_octets")]
    pub signer: Vec<u8>,
}

/// What a proof proves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proven {
    /// What the head says.
    pub head: TreeHead,
    /// Who signed it: to be compared with what is known of the fleet.
    pub signer: X509Certificate,
}

impl EntryProof {
    /// The proof for entry `seq` under this head.
    ///
    /// # Errors
    /// [`EvidenceError::Unfit`] when there is no such entry, or the head does not cover it.
    pub async fn of(
        store: &dyn Store,
        fleet: &admit::Fleet,
        head: &SignedHead,
        seq: i64,
    ) -> Result<Self, EvidenceError> {
        let missing = || EvidenceError::Broken { seq, why: format!("entry {seq} is missing") };
        Self::of_all(store, fleet, head, &[seq]).await?.pop().ok_or_else(missing)
    }

    /// The proofs for several entries under one head, in their order; the log is read once.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub async fn of_all(
        store: &dyn Store,
        fleet: &admit::Fleet,
        head: &SignedHead,
        entries: &[i64],
    ) -> Result<Vec<Self>, EvidenceError> {
        let said = head.believed(fleet).map_err(EvidenceError::Unfit)?;
        if let Some(seq) = entries.iter().find(|seq| **seq < 1 || **seq > said.size) {
            return Err(EvidenceError::Unfit(format!(
                "there is no entry {seq} under this head; it covers the entries 1 to {}",
                said.size
            )));
        }
        let mut work = store.read().await?;
        let tree = Tree::over(&hashes(work.as_mut(), said.size).await?);
        let size = u64::try_from(said.size).unwrap_or_default();
        let mut proofs = Vec::with_capacity(entries.len());
        for seq in entries.iter().copied() {
            let missing = || EvidenceError::Broken { seq, why: format!("entry {seq} is missing") };
            let (entry, previous) = work.audit().find(seq).await?.ok_or_else(missing)?;
            let position = u64::try_from(seq - 1).unwrap_or_default();
            let path = tree.inclusion_proof(position, size).ok_or_else(missing)?;
            let signer = signer(fleet, said.installation).ok_or_else(missing)?;
            let proof = Self {
                entry,
                previous: previous.into(),
                path: path.into_iter().map(Digest::from).collect(),
                head: head.clone(),
                signer: signer.der().to_vec(),
            };
            proof.check()?;
            proofs.push(proof);
        }
        Ok(proofs)
    }

    /// Checks the proof with nothing but itself. Whether the signer belongs to the fleet is not told by it: compare the
    /// fingerprint of its certificate.
    ///
    /// # Errors
    /// [`EvidenceError::Broken`] when entry, path, head or signature do not fit together.
    pub fn check(&self) -> Result<Proven, EvidenceError> {
        let seq = self.entry.seq;
        let wrong = |why: &str| EvidenceError::Broken { seq, why: format!("entry {seq}: {why}") };
        let Proven { head, signer } = signed_by(&self.head, &self.signer)?;
        let hash = entry_hash(&self.entry, self.previous.as_bytes());
        if hex::encode(hash) != self.entry.hash {
            return Err(wrong("it is not what its hash stands for"));
        }
        let path: Vec<_> = self.path.iter().map(|digest| *digest.as_bytes()).collect();
        let position = u64::try_from(seq - 1).map_err(|_| wrong("there is no such entry"))?;
        let size = u64::try_from(head.size).map_err(|_| wrong("the head covers nothing"))?;
        if root_of_inclusion(&hash, position, size, &path) != Some(*head.root.as_bytes()) {
            return Err(wrong("the path does not lead to the signed root"));
        }
        Ok(Proven { head, signer })
    }
}

/// A proof that the log that one head covers goes on from the log that an older head covers: nothing was changed, taken out
/// or put in between. Whoever keeps the older head needs nothing else of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrowthProof {
    /// The older head.
    pub older: SignedHead,
    /// The newer one.
    pub newer: SignedHead,
    /// What leads from one root to the other (RFC 6962 section 2.1.2).
    pub growth: Vec<Digest>,
    /// Certificates of those who signed the older and the newer head, DER in base64.
    pub signers: [Certificate; 2],
}

/// A certificate, DER in base64.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Certificate(#[serde(with = "base64_octets")] pub Vec<u8>);

impl GrowthProof {
    /// The proof that the log under `newer` goes on from the one under `older`.
    ///
    /// # Errors
    /// [`EvidenceError::Broken`] when it does not; [`EvidenceError::Unfit`] for heads that are not to be believed, or in the
    /// wrong order.
    pub async fn of(
        store: &dyn Store,
        fleet: &admit::Fleet,
        older: &SignedHead,
        newer: &SignedHead,
    ) -> Result<Self, EvidenceError> {
        let before = older.believed(fleet).map_err(EvidenceError::Unfit)?;
        let after = newer.believed(fleet).map_err(EvidenceError::Unfit)?;
        let sizes = (u64::try_from(before.size).ok(), u64::try_from(after.size).ok());
        let (Some(from), Some(to)) = sizes else {
            return Err(EvidenceError::Unfit("a head covers less than nothing".to_owned()));
        };
        let mut work = store.read().await?;
        let tree = Tree::over(&hashes(work.as_mut(), after.size).await?);
        let growth = tree.consistency_proof(from, to).ok_or_else(|| {
            EvidenceError::Unfit(format!(
                "the head covers {} entries and the log that is signed now {}; it is not the older one",
                before.size, after.size
            ))
        })?;
        let certificate =
            |id| Certificate(signer(fleet, id).map(|signer| signer.der().to_vec()).unwrap_or_default());
        let proof = Self {
            older: older.clone(),
            newer: newer.clone(),
            growth: growth.into_iter().map(Digest::from).collect(),
            signers: [certificate(before.installation), certificate(after.installation)],
        };
        proof.check()?;
        Ok(proof)
    }

    /// Checks the proof with nothing but itself; returns what is proven about the older and the newer head.
    ///
    /// # Errors
    /// [`EvidenceError::Broken`] when the parts do not fit together.
    pub fn check(&self) -> Result<[Proven; 2], EvidenceError> {
        let [older, newer] = [(&self.older, &self.signers[0]), (&self.newer, &self.signers[1])]
            .map(|(head, signer)| signed_by(head, &signer.0));
        let (older, newer) = (older?, newer?);
        let path: Vec<_> = self.growth.iter().map(|digest| *digest.as_bytes()).collect();
        let size = |head: &TreeHead| u64::try_from(head.size).unwrap_or(u64::MAX);
        let from = (size(&older.head), older.head.root.as_bytes());
        let to = (size(&newer.head), newer.head.root.as_bytes());
        if older.head.fleet != newer.head.fleet || !is_consistent(from, to, &path) {
            let why = format!(
                "the {} entries of the newer head do not go on from the {} of the older one",
                newer.head.size, older.head.size
            );
            return Err(EvidenceError::Broken { seq: older.head.size, why });
        }
        Ok([older, newer])
    }
}

/// What a head says, if this certificate's key has signed it and its installation is the one that it names.
fn signed_by(head: &SignedHead, certificate: &[u8]) -> Result<Proven, EvidenceError> {
    let signer = X509Certificate::from_der(certificate)?;
    let said = head.read().map_err(EvidenceError::Unfit)?;
    let wrong = |why: &str| EvidenceError::Broken { seq: said.size, why: why.to_owned() };
    if !signer.verifies_ps256(head.body.as_bytes(), &head.signature) {
        return Err(wrong("the signature of the head does not fit what it says"));
    }
    if admit::installation_id(&signer) != said.installation {
        return Err(wrong("the head was not signed by the installation that it names"));
    }
    Ok(Proven { head: said, signer })
}

/// The hashes of the first entries.
async fn hashes(work: &mut dyn Work, size: i64) -> Result<Vec<[u8; 32]>, EvidenceError> {
    let mut hashes: Vec<[u8; 32]> = Vec::new();
    loop {
        let read = i64::try_from(hashes.len()).unwrap_or(i64::MAX);
        if read >= size {
            break;
        }
        let some = work.audit().hashes(read, CHUNK).await?;
        if some.is_empty() {
            return Err(EvidenceError::Broken {
                seq: read + 1,
                why: format!("entry {} is missing", read + 1),
            });
        }
        hashes.extend(some);
    }
    hashes.truncate(usize::try_from(size).unwrap_or_default());
    Ok(hashes)
}

/// The only chain so far, and the version of the form in which entries are hashed; docs/evidence.md.
const VERSION: u8 = 1;
const CHAIN: i64 = 1;

/// The hash of an entry behind the one with the hash `previous`, as the store computes it.
pub(crate) fn entry_hash(entry: &AuditRecord, previous: &[u8; 32]) -> [u8; 32] {
    let outcome = serde_json::to_value(entry.event.outcome);
    let outcome = outcome.ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    let (kind, outcome) = match &entry.foreign {
        Some(words) => (words.kind.clone(), words.outcome.clone()),
        None => (entry.event.kind.name(), outcome),
    };
    let texts = [&kind, &outcome, &entry.event.actor, &entry.event.object, &entry.event.detail];
    let mut hash = Sha256::new();
    hash.update([VERSION]);
    hash.update(previous);
    for number in [CHAIN, entry.seq, entry.at.as_millis()] {
        hash.update(number.to_be_bytes());
    }
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}

/// All entries in order, and nothing left out; used by [`crate::Bundle`].
pub(crate) async fn all_entries(work: &mut dyn Work) -> Result<Vec<AuditRecord>, StoreError> {
    let mut records = Vec::new();
    let mut request = store::PageRequest::first(500);
    loop {
        let page = work.audit().list(&request).await?;
        records.extend(page.rows);
        request.after = page.next;
        if request.after.is_none() {
            break;
        }
    }
    records.reverse();
    Ok(records)
}

/// Octets as base64 in JSON.
pub(crate) mod base64_octets {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(octets))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(serde::de::Error::custom)
    }
}
