//! What an installation says about the log as it stands, and its signature.
//!
//! A reader with other tools needs the statement's octets, the signature and the signer's certificate: RSASSA-PSS with
//! SHA-256, MGF1 with SHA-256 and a salt of 32 octets, as for the admission log.

use admit::{Digest, Fleet, Installation};
use crypto::{CryptoError, X509Certificate};
use model::{InstallationId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ChainEnd, StoredTreeHead};

/// The purpose of a signature stands inside of what is signed, so that it is good for nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Format {
    #[serde(rename = "sealwright tree head 1")]
    One,
}

/// What is signed. The names of the fields are part of the stored format.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TreeHead {
    pub(crate) format: Format,
    /// SHA-256 over the certificate of the installation that founded the fleet.
    pub fleet: Digest,
    /// Who signs.
    pub installation: InstallationId,
    /// Number of entries.
    pub size: i64,
    /// Root of the Merkle tree over the hashes of the entries.
    pub root: Digest,
    /// The hash of the last entry.
    pub last: Digest,
    /// When, by the clock of the one that signs.
    pub at: Timestamp,
}

impl TreeHead {
    /// Where the log ended when this was signed.
    pub fn end(&self) -> ChainEnd {
        ChainEnd { seq: self.size, hash: *self.last.as_bytes() }
    }
}

/// A tree head with its signature, as it is kept in the database, in an installation's home, and by auditors.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedHead {
    /// The statement, JSON, octet for octet as it was signed.
    pub body: String,
    /// The signature in base64.
    #[serde(with = "crate::proof::base64_octets")]
    pub signature: Vec<u8>,
}

impl SignedHead {
    /// Signs.
    pub(crate) fn sign(head: &TreeHead, installation: &Installation) -> Result<Self, CryptoError> {
        let body = serde_json::to_string(head).map_err(CryptoError::library("writing a tree head"))?;
        let signature = installation.key.sign_ps256(body.as_bytes())?;
        Ok(Self { body, signature })
    }

    /// What it says, whoever signed it.
    ///
    /// # Errors
    /// A sentence when it is no tree head.
    pub fn read(&self) -> Result<TreeHead, String> {
        serde_json::from_str(&self.body).map_err(|error| format!("it is no tree head ({error})"))
    }

    /// A head as the database keeps it.
    pub(crate) fn of(stored: &StoredTreeHead) -> Self {
        Self { body: stored.body.clone(), signature: stored.signature.clone() }
    }

    /// This head as the database keeps it.
    pub(crate) fn stored(&self, size: i64) -> StoredTreeHead {
        let digest = *Digest::of(&[self.body.as_bytes(), b"\0", &self.signature].concat()).as_bytes();
        StoredTreeHead { size, digest, body: self.body.clone(), signature: self.signature.clone() }
    }

    /// What it says, if an installation that is in this fleet has signed it. One that was removed vouches for nothing any
    /// more: nobody can tell whether it signed before or after.
    ///
    /// # Errors
    /// A sentence about why it is not to be believed.
    pub fn believed(&self, fleet: &Fleet) -> Result<TreeHead, String> {
        let head = self.read()?;
        if head.fleet != fleet.digest() {
            return Err("it was signed for another fleet".to_owned());
        }
        if let Some(former) = fleet.former(head.installation) {
            return Err(format!("`{}` was removed from the fleet", former.member.name));
        }
        let signer = signer(fleet, head.installation)
            .ok_or_else(|| format!("{} does not belong to this fleet", head.installation))?;
        if !signer.verifies_ps256(self.body.as_bytes(), &self.signature) {
            return Err("its signature does not fit what it says".to_owned());
        }
        Ok(head)
    }
}

/// The certificate of an installation of the fleet.
pub(crate) fn signer(fleet: &Fleet, id: InstallationId) -> Option<&X509Certificate> {
    fleet.member(id).map(|member| &member.certificate)
}
