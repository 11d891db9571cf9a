//! Sets of recovery agents as they were proposed, and the signatures under them.

use async_trait::async_trait;
use model::Timestamp;

use crate::StoreError;

/// A version of a set as somebody wrote it. Nobody vouches for this row: what it says, and whether enough officers signed it,
/// is decided by the reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredKraSet {
    /// SHA-256 over the body, as the writer says.
    pub digest: [u8; 32],
    /// Position in the chain of versions, as the writer says.
    pub version: i64,
    /// The statement, JSON, octet for octet as it is signed.
    pub body: String,
    /// When it was written.
    pub added_at: Timestamp,
}

/// A signature under a version of a set, and whose it is said to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredKraSetSignature {
    /// Digest of the version's body.
    pub set: [u8; 32],
    /// SHA-256 over officer, algorithm and signature, so that nobody takes an officer's place with another signature.
    pub digest: [u8; 32],
    /// SHA-256 over the officer's certificate.
    pub officer: [u8; 32],
    /// Name of the algorithm, e.g. `RS256`.
    pub algorithm: String,
    /// The signature.
    pub signature: Vec<u8>,
    /// When it was written.
    pub added_at: Timestamp,
}

/// Versions of sets and signatures; both only grow.
#[async_trait]
pub trait KraSetRepository: Send {
    /// All versions, by number, then by when they were written.
    async fn versions(&mut self) -> Result<Vec<StoredKraSet>, StoreError>;
    /// All signatures, by when they were written.
    async fn signatures(&mut self) -> Result<Vec<StoredKraSetSignature>, StoreError>;
    /// Appends a version. [`StoreError::Conflict`] when the same one is there.
    async fn add_version(&mut self, set: &StoredKraSet) -> Result<(), StoreError>;
    /// Appends a signature. [`StoreError::Conflict`] when the same one is there.
    async fn add_signature(&mut self, signature: &StoredKraSetSignature) -> Result<(), StoreError>;
}
