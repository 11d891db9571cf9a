//! Hand-overs to Intune.

use async_trait::async_trait;
use model::{CertificateId, Delivery, DeliveryId, DeliveryState, TemplateId, Timestamp};

use crate::StoreError;

/// Deliveries. At most one per certificate and person.
#[async_trait]
pub trait DeliveryRepository: Send {
    /// Adds deliveries that do not exist yet for their certificate and person; others are left alone.
    async fn add_missing(&mut self, deliveries: &[Delivery]) -> Result<(), StoreError>;
    /// Deliveries of a certificate.
    async fn list(&mut self, certificate: CertificateId) -> Result<Vec<Delivery>, StoreError>;
    /// One of them.
    async fn lookup(&mut self, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;
    /// All deliveries in order of ids, those behind `after`.
    async fn list_all(&mut self, after: Option<DeliveryId>, limit: u32) -> Result<Vec<Delivery>, StoreError>;
    /// Those in one state, in order of ids, behind `after`.
    async fn list_in(
        &mut self,
        state: DeliveryState,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;
    /// Those that are present, of certificates by this template beside which their owner has more than `kept` newer ones that
    /// count; in order of ids, behind `after`. A newer one counts when it is valid since `settled_by` or before, is neither
    /// revoked nor being revoked, and is handed over: to somebody, with nobody left to whom it is still to go.
    async fn former(
        &mut self,
        template: TemplateId,
        kept: u32,
        settled_by: Timestamp,
        after: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;
    /// How far one came. A `record` of `None` leaves the known one as it is.
    async fn set_state(
        &mut self,
        id: DeliveryId,
        state: DeliveryState,
        record: Option<&str>,
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// Number of deliveries present, and of all that were not withdrawn.
    async fn counts(&mut self) -> Result<(u64, u64), StoreError>;
}
