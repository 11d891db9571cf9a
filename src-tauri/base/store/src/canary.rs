//! Canary mails: what was written to be read on a device, and who told that it was.

use async_trait::async_trait;
use model::{Canary, CanaryConfirmation, CertificateId, DeliveryId};

use crate::StoreError;

/// Canary mails. At most one per delivery: a new one takes the place of the last, whose confirmation stays.
#[async_trait]
pub trait CanaryRepository: Send {
    /// Writes a mail down that is about to be handed out. `confirmed` is not written: see [`Self::confirm`].
    ///
    /// `code_sha256` is over the code's text ([`model::CanaryCode::text`]); the code itself is in the mail alone.
    async fn write(&mut self, canary: &Canary, code_sha256: &[u8; 32]) -> Result<(), StoreError>;
    /// The mail with this code.
    async fn find(&mut self, code_sha256: &[u8; 32]) -> Result<Option<Canary>, StoreError>;
    /// Those of a certificate's deliveries.
    async fn list(&mut self, certificate: CertificateId) -> Result<Vec<Canary>, StoreError>;
    /// Notes that the code was told; `false` when the mail was replaced meanwhile.
    async fn confirm(
        &mut self,
        delivery: DeliveryId,
        code_sha256: &[u8; 32],
        confirmation: &CanaryConfirmation,
    ) -> Result<bool, StoreError>;
}
