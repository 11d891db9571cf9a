//! Notices that certificates end before their time.

use async_trait::async_trait;
use model::{CertificateId, Ending, EnrollmentId, Thumbprint, Timestamp};

use crate::StoreError;

/// Which notices have come due: those whose grace has passed, and whose cause a later complete reading of the directory has
/// confirmed. Of certificates that still run and were not revoked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EndingsDue {
    /// The present moment.
    pub now: Timestamp,
    /// When the last complete reading of the directory began: causes seen before it have been seen twice.
    pub confirmed_at: Timestamp,
}

/// A notice, with what people know the certificate by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndingRow {
    /// The notice.
    pub ending: Ending,
    /// The certificate's mail address or sign-in name.
    pub mail: String,
    /// Its SHA-1.
    pub thumbprint: Thumbprint,
}

/// Notices, and what counts beside them against a day's limits. One notice for a certificate at most; it stays, marked as done, when the revocation was ordered.
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
    /// How many were done between these moments, both included.
    async fn count_done(&mut self, from: Timestamp, until: Timestamp) -> Result<u64, StoreError>;
    /// An order replaces a certificate because of a new name or address.
    async fn note_replacement(&mut self, enrollment: EnrollmentId, at: Timestamp) -> Result<(), StoreError>;
    /// How many such orders were made between these moments, both included.
    async fn count_replacements(&mut self, from: Timestamp, until: Timestamp) -> Result<u64, StoreError>;
    /// Notices that are not done about certificates that still run, the next to come due first.
    async fn list(&mut self, now: Timestamp, limit: u32) -> Result<Vec<EndingRow>, StoreError>;
}
