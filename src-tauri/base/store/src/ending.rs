//! Notices that certificates end before their time.

use async_trait::async_trait;
use model::{CertificateId, Ending, EndingCause, Timestamp};

use crate::StoreError;

/// Which notices have come due: those whose grace has passed, and whose cause a later complete reading of the directory has
/// confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EndingsDue {
    /// The present moment.
    pub now: Timestamp,
    /// When the last complete reading of the directory began: causes seen before it have been seen twice.
    pub confirmed_at: Timestamp,
}

/// Notices. One for a certificate at most; it stays, marked as done, when the revocation was ordered.
#[async_trait]
pub trait EndingRepository: Send {
    /// Gives notice. One that is there already stays as it is, unless it was done.
    async fn note(&mut self, ending: &Ending) -> Result<(), StoreError>;
    /// Takes a notice back, as long as it is not done.
    async fn retract(&mut self, certificate: CertificateId) -> Result<(), StoreError>;
    /// The revocation was ordered.
    async fn mark_done(&mut self, certificate: CertificateId, at: Timestamp) -> Result<(), StoreError>;
    /// How many have come due and are not done.
    async fn count_due(&mut self, due: EndingsDue) -> Result<u64, StoreError>;
    /// How many were done at or after this moment.
    async fn count_done(&mut self, from: Timestamp) -> Result<u64, StoreError>;
    /// How many for this cause were given at or after this moment, done or not.
    async fn count_given(&mut self, cause: EndingCause, from: Timestamp) -> Result<u64, StoreError>;
    /// Notices that are not done, the next to come due first.
    async fn list(&mut self, limit: u32) -> Result<Vec<Ending>, StoreError>;
}
