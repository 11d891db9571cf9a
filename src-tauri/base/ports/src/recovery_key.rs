//! The door to a key recovery agent's private key: in a file, on a smartcard, in an HSM, in a vault.

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::BoxError;

pub use model::kra::{
    AgreedKey, EncapsulatedKey, HybridKey, KeyDerivation, KeyEncryption, KeyWrap, Signature,
    SignatureAlgorithm, WrappedKey,
};

/// The private key of one key recovery agent, opened for one session.
#[async_trait]
pub trait RecoveryKey: Send + Sync {
    /// The agent's certificate, DER.
    fn certificate_der(&self) -> &[u8];
    /// Where the key lives, for the log: `file kra-1.p12`.
    fn place(&self) -> String;
    /// Unwraps a content key, by the algorithm that it names and by no other.
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError>;
    /// Signs a message: with RSA or ECDSA, by whichever algorithm its place knows. [`RecoveryKeyError::Unfit`] where the
    /// key only decrypts.
    async fn sign(&self, message: &[u8]) -> Result<Signature, RecoveryKeyError>;
}

/// Why a recovery key did not unwrap.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryKeyError {
    /// Password or PIN is wrong.
    #[error("{place} does not open: {hint}")]
    Locked {
        /// Which key.
        place: String,
        /// What to do.
        hint: String,
    },
    /// A PIN or a confirmation is wanted, and nobody was asked for it: no try was made.
    #[error("{place} does not open: {hint}")]
    Unasked {
        /// Which key.
        place: String,
        /// What to do.
        hint: String,
    },
    /// Too many wrong PINs, or withheld by whoever administers it: no further try helps.
    #[error("{place} is blocked: {hint}")]
    Blocked {
        /// Which key.
        place: String,
        /// What to do.
        hint: String,
    },
    /// The card, token or vault key is not there, or was taken away in the middle.
    #[error("{place} is not there: {hint}")]
    Absent {
        /// Which key.
        place: String,
        /// What to do.
        hint: String,
    },
    /// The key cannot do this.
    #[error("{place} cannot be used: {reason}")]
    Unfit {
        /// Which key.
        place: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The operation was done and gave no content key: the envelope was altered, or made for another key. One kind for
    /// every cause, so that nothing is learnt from how it failed (RFC 3218); whoever opens envelopes says the same when
    /// the content does not decrypt.
    #[error("{place} does not unwrap the content key: the envelope was altered, or made for another key")]
    DoesNotUnwrap {
        /// Which key.
        place: String,
    },
    /// The device or service failed.
    #[error("{place} failed")]
    Failed {
        /// Which key.
        place: String,
        /// Cause.
        #[source]
        source: BoxError,
    },
}
