//! The door to a key recovery agent's private key: a file, later a smartcard or a vault.

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::BoxError;

pub use model::kra::KeyEncryption;

/// A content key encrypted to this agent, as found in the envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrappedKey {
    /// Algorithm, from the envelope's own parameters; never tried out.
    pub algorithm: KeyEncryption,
    /// The ciphertext.
    pub encrypted_key: Vec<u8>,
}

/// The private key of one key recovery agent, opened for one session.
#[async_trait]
pub trait RecoveryKey: Send + Sync {
    /// The agent's certificate, DER.
    fn certificate_der(&self) -> &[u8];
    /// Where the key lives, for the log: `file kra-1.p12`.
    fn place(&self) -> String;
    /// Unwraps a content key.
    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError>;
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
