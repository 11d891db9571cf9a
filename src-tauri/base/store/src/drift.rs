//! What differs between the database and the world outside.

use async_trait::async_trait;
use model::{
    CertificateId, DriftDecision, DriftFinding, DriftId, DriftKind, DriftReading, DriftSide, DriftSighting,
    DriftState, Timestamp,
};

use crate::StoreError;

/// Which findings are wanted. All given conditions must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DriftFilter {
    /// In one of these states; in any where none is given.
    pub states: Vec<DriftState>,
    /// Of this kind.
    pub kind: Option<DriftKind>,
    /// About this certificate of ours.
    pub certificate: Option<CertificateId>,
}

/// Differences. Each is there once, by kind and object, as long as it is seen and, closed, for good.
#[async_trait]
pub trait DriftRepository: Send {
    /// A reading that began at `began` shows it. What is new, or was closed, is noted; nothing is confirmed yet.
    async fn see(&mut self, sighting: &DriftSighting, began: Timestamp) -> Result<(), StoreError>;
    /// The reading of a side that began at `began` was complete. Of what it showed, that is confirmed which a complete
    /// reading before it showed too; what it did not show is closed, or forgotten if it was only noted.
    async fn settle(&mut self, side: DriftSide, began: Timestamp, compared: u64) -> Result<(), StoreError>;
    /// A side could not be read in full at `at`: nothing that is known of it changes.
    async fn note_not_compared(
        &mut self,
        side: DriftSide,
        at: Timestamp,
        why: &str,
    ) -> Result<(), StoreError>;
    /// What became of the last reading of each side.
    async fn readings(&mut self) -> Result<Vec<DriftReading>, StoreError>;
    /// By id.
    async fn lookup(&mut self, id: DriftId) -> Result<Option<DriftFinding>, StoreError>;
    /// By filter, in order of ids, those behind `after`.
    async fn list(
        &mut self,
        filter: &DriftFilter,
        after: Option<DriftId>,
        limit: u32,
    ) -> Result<Vec<DriftFinding>, StoreError>;
    /// How many are in a state.
    async fn count(&mut self, state: DriftState) -> Result<u64, StoreError>;
    /// A person ignores an open finding, or takes that back (`None`). `false` when it is not in a state for that.
    async fn decide(&mut self, id: DriftId, decision: Option<&DriftDecision>) -> Result<bool, StoreError>;
    /// A repair was ordered.
    async fn mark_ordered(&mut self, id: DriftId, at: Timestamp) -> Result<(), StoreError>;
    /// How many findings had a repair ordered last between these moments, both included.
    async fn count_ordered(&mut self, from: Timestamp, until: Timestamp) -> Result<u64, StoreError>;
}
