//! What an installation says about the log as it stands, and its signature.
//!
//! A reader with other tools needs the statement's octets, the signature and the signer's certificate: RSASSA-PSS with
//! SHA-256, MGF1 with SHA-256 and a salt of 32 octets, as for the admission log.

use admit::{Digest, Fleet, Installation};
use crypto::{CryptoError, X509Certificate};
use model::{InstallationId, Timestamp};
use serde::{Deserialize, Serialize};
use store::ChainEnd;

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

    /// What it says, if an installation of this fleet has signed it, or one that belonged to it.
    ///
    /// # Errors
    /// A sentence about why it is not to be believed.
    pub fn believed(&self, fleet: &Fleet) -> Result<TreeHead, String> {
        let head = self.read()?;
        if head.fleet != fleet.digest() {
            return Err("it was signed for another fleet".to_owned());
        }
        let signer = signer(fleet, head.installation)
            .ok_or_else(|| format!("{} never belonged to this fleet", head.installation))?;
        if !signer.verifies_ps256(self.body.as_bytes(), &self.signature) {
            return Err("its signature does not fit what it says".to_owned());
        }
        Ok(head)
    }
}

/// The certificate of an installation that is or was in the fleet.
pub(crate) fn signer(fleet: &Fleet, id: InstallationId) -> Option<&X509Certificate> {
    let member = fleet.member(id).or_else(|| fleet.former(id).map(|former| &former.member));
    member.map(|member| &member.certificate)
}
