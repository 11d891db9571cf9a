//! Sagas and their journal.

use async_trait::async_trait;
use model::{Enrollment, EnrollmentId, EnrollmentState, JournalEntry, SubscriberId, TemplateId, Timestamp};
use serde::Serialize;

use crate::{Page, PageRequest, StoreError};

/// How many sagas stand where.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityCounts {
    /// Running or waiting, by station in order of [`model::Station::ALL`].
    pub open: [u64; 4],
    /// Need a person.
    pub stuck: u64,
    /// Refused by the authority.
    pub rejected: u64,
    /// Finished.
    pub done: u64,
}

/// Enrollments. At most one per subscriber and template is open at any time; the database itself refuses a second.
#[async_trait]
pub trait EnrollmentRepository: Send {
    /// Adds an enrollment. [`StoreError::Conflict`] when one is open for the same subscriber and template.
    async fn add(&mut self, enrollment: &Enrollment) -> Result<(), StoreError>;
    /// By id.
    async fn lookup(&mut self, id: EnrollmentId) -> Result<Option<Enrollment>, StoreError>;
    /// The open one for a subscriber and template.
    async fn find_open(
        &mut self,
        subscriber: SubscriberId,
        template: TemplateId,
    ) -> Result<Option<Enrollment>, StoreError>;
    /// Stores where the enrollment stands: station, state, ticket, certificate, attempts, error, `updated_at`.
    /// What was planned never changes. [`StoreError::Stale`] when the row is already final. `Done` marks the subscriber
    /// due, because changes that came while the saga ran were left to it; `Rejected` does not, so that a refusal is not
    /// repeated until something changes.
    async fn set_progress(&mut self, enrollment: &Enrollment) -> Result<(), StoreError>;
    /// Opens a finished enrollment again at its last station, for a key that is in flight again. `false` when it is not
    /// finished; [`StoreError::Conflict`] when another one is open for the same subscriber and template.
    async fn deliver_again(&mut self, enrollment: &Enrollment, at: Timestamp) -> Result<bool, StoreError>;
    /// Enrollments in a state (or any), last moved first.
    async fn list(
        &mut self,
        state: Option<EnrollmentState>,
        page: &PageRequest,
    ) -> Result<Page<Enrollment>, StoreError>;
    /// Counts by station and state.
    async fn counts(&mut self) -> Result<ActivityCounts, StoreError>;
    /// How many have a certificate and were under way at this moment or later.
    async fn count_certified_since(&mut self, since: Timestamp) -> Result<u64, StoreError>;
    /// Appends a line to the journal.
    async fn add_journal(&mut self, entry: &JournalEntry) -> Result<(), StoreError>;
    /// The journal of one enrollment in order.
    async fn journal(&mut self, id: EnrollmentId) -> Result<Vec<JournalEntry>, StoreError>;
    /// The request that was made at [`model::Station::Keygen`]: PKCS#10 DER and SHA-256 over its public key.
    async fn request(&mut self, id: EnrollmentId) -> Result<Option<(Vec<u8>, [u8; 32])>, StoreError>;
    /// Stores the request. [`StoreError::Conflict`] when there is one; a second key must never replace the first.
    async fn add_request(
        &mut self,
        id: EnrollmentId,
        der: &[u8],
        spki_sha256: &[u8; 32],
    ) -> Result<(), StoreError>;
}
