//! Requests to recover archived keys, and what officers gave for them.

use async_trait::async_trait;
use model::{CertificateId, RecoveryRequestId, RecoveryState, Timestamp};

use crate::StoreError;

/// A request as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRecoveryRequest {
    /// Our id; sorts by time of making.
    pub id: RecoveryRequestId,
    /// What is asked, JSON, octet for octet as the installation of whoever asks signed it.
    pub body: String,
    /// The signature.
    pub signature: Vec<u8>,
    /// How far it came. Not signed: it guards nothing.
    pub state: RecoveryState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, as the body says too.
    pub expires_at: Timestamp,
}

/// What one officer gave for one key, sealed to the request's one-time key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRecoveryGrant {
    /// For which request.
    pub request: RecoveryRequestId,
    /// For which certificate's key.
    pub certificate: CertificateId,
    /// By whom: SHA-256 over the officer's certificate.
    pub officer: [u8; 32],
    /// CMS to the one-time key.
    pub sealed: Vec<u8>,
    /// When.
    pub granted_at: Timestamp,
}

/// What can be known of a grant without what was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecoveryGrantInfo {
    /// For which certificate's key.
    pub certificate: CertificateId,
    /// By whom: SHA-256 over the officer's certificate.
    pub officer: [u8; 32],
    /// When.
    pub granted_at: Timestamp,
}

/// Requests to recover archived keys.
#[async_trait]
pub trait RecoveryRepository: Send {
    /// Adds a request with its one-time key, sealed (CMS) to the installation of whoever asks.
    async fn add(&mut self, request: &StoredRecoveryRequest, sealed_key: &[u8]) -> Result<(), StoreError>;
    /// By id.
    async fn lookup(&mut self, id: RecoveryRequestId) -> Result<Option<StoredRecoveryRequest>, StoreError>;
    /// The newest first.
    async fn list(&mut self, limit: u32) -> Result<Vec<StoredRecoveryRequest>, StoreError>;
    /// The sealed one-time key; `None` when the request is closed or unknown.
    async fn sealed_key(&mut self, id: RecoveryRequestId) -> Result<Option<Vec<u8>>, StoreError>;
    /// Moves a request on from a state. A closed one loses its one-time key. `false` when it is in another state by now.
    async fn set_state(
        &mut self,
        id: RecoveryRequestId,
        from: RecoveryState,
        to: RecoveryState,
    ) -> Result<bool, StoreError>;
    /// Adds what an officer gave. Several may lie under one officer's name, as anybody who may add rows can write one; which
    /// of them count is told by what they hold. [`StoreError::Conflict`] for the same one again.
    async fn add_grant(&mut self, grant: &StoredRecoveryGrant) -> Result<(), StoreError>;
    /// All that was given for a request, the oldest first.
    async fn grants(&mut self, id: RecoveryRequestId) -> Result<Vec<StoredRecoveryGrant>, StoreError>;
    /// The same without what was given, which most roles may not read.
    async fn granted(&mut self, id: RecoveryRequestId) -> Result<Vec<RecoveryGrantInfo>, StoreError>;
}
