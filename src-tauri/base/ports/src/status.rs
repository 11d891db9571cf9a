//! The door to what authorities say about certificates after their issue.

use async_trait::async_trait;
use model::AuthorityWord;

/// Reads revocation lists and asks OCSP responders at the addresses that certificates name.
#[async_trait]
pub trait StatusDoor: Send + Sync {
    /// What the authority says. `chain` is the certificate's, issuer first, DER. `None` where the certificate names no
    /// address at which it could be asked.
    ///
    /// What was read of an address a moment ago is not read again, a failure neither.
    async fn word(&self, certificate: &[u8], chain: &[Vec<u8>]) -> Result<Option<Told>, StatusError>;
}

/// An authority's word, and where it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The word.
    pub word: AuthorityWord,
    /// Address of the list or responder.
    pub address: String,
}

/// Why an authority could not be asked. Nothing is known then; it is asked again with the next reading.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StatusError {
    /// An address did not answer, or not with what was asked for.
    #[error("{address} cannot be read: {why}")]
    Unreadable {
        /// Where it was asked.
        address: String,
        /// What happened, and what to do.
        why: String,
    },
    /// The certificate or its chain is not such that anybody could be asked.
    #[error("how the certificate stands cannot be asked: {0}")]
    Unaskable(String),
}
