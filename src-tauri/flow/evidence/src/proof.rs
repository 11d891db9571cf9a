//! A proof that one entry is in the log, for somebody who sees nothing else of it.

use admit::Digest;
use crypto::X509Certificate;
use model::AuditRecord;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{Store, StoreError};

use crate::head::{SignedHead, TreeHead, signer};
use crate::notary::{CHUNK, EvidenceError};
use crate::tree::{Tree, root_of_inclusion};

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
        let said = head.believed(fleet).map_err(EvidenceError::Unfit)?;
        if seq < 1 || seq > said.size {
            return Err(EvidenceError::Unfit(format!(
                "there is no entry {seq} under this head; it covers the entries 1 to {}",
                said.size
            )));
        }
        let mut work = store.read().await?;
        let missing = || EvidenceError::Broken { seq, why: format!("entry {seq} is missing") };
        let (entry, previous) = work.audit().find(seq).await?.ok_or_else(missing)?;
        let mut hashes: Vec<[u8; 32]> = Vec::new();
        while (hashes.len() as i64) < said.size {
            let some = work.audit().hashes(hashes.len() as i64, CHUNK).await?;
            if some.is_empty() {
                return Err(missing());
            }
            hashes.extend(some);
        }
        let position = u64::try_from(seq - 1).unwrap_or_default();
        let size = u64::try_from(said.size).unwrap_or_default();
        let path = Tree::over(&hashes).inclusion_proof(position, size).ok_or_else(missing)?;
        let signer = signer(fleet, said.installation).ok_or_else(missing)?;
        let proof = Self {
            entry,
            previous: previous.into(),
            path: path.into_iter().map(Digest::from).collect(),
            head: head.clone(),
            signer: signer.der().to_vec(),
        };
        proof.check()?;
        Ok(proof)
    }

    /// Checks the proof with nothing but itself. Whether the signer belongs to the fleet is not told by it: compare the
    /// fingerprint of its certificate.
    ///
    /// # Errors
    /// [`EvidenceError::Broken`] when entry, path, head or signature do not fit together.
    pub fn check(&self) -> Result<Proven, EvidenceError> {
        let seq = self.entry.seq;
        let wrong = |why: &str| EvidenceError::Broken { seq, why: format!("entry {seq}: {why}") };
        let signer = X509Certificate::from_der(&self.signer)?;
        let head = self.head.read().map_err(|why| wrong(&why))?;
        if !signer.verifies_ps256(self.head.body.as_bytes(), &self.head.signature) {
            return Err(wrong("the signature of the head does not fit what it says"));
        }
        if admit::installation_id(&signer) != head.installation {
            return Err(wrong("the head was not signed by the installation that it names"));
        }
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

/// The only chain so far, and the version of the form in which entries are hashed; docs/evidence.md.
const VERSION: u8 = 1;
const CHAIN: i64 = 1;

/// The hash of an entry behind the one with the hash `previous`, as the store computes it.
pub(crate) fn entry_hash(entry: &AuditRecord, previous: &[u8; 32]) -> [u8; 32] {
    let outcome = serde_json::to_value(entry.event.outcome);
    let outcome = outcome.ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    let kind = entry.event.kind.name();
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
pub(crate) async fn all_entries(store: &dyn Store) -> Result<Vec<AuditRecord>, StoreError> {
    let mut work = store.read().await?;
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
