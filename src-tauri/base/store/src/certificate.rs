//! The certificate inventory.

use async_trait::async_trait;
use model::{
    AuthorityId, Certificate, CertificateId, CertificateState, Hold, HoldState, RevocationReason,
    SerialNumber, SubscriberId, TemplateId, Thumbprint, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{Page, PageRequest, StoreError};

/// A certificate with its bytes.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredCertificate {
    /// The row.
    pub certificate: Certificate,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// The authority's chain, issuer first, DER.
    pub chain: Vec<Vec<u8>>,
}

/// A line of the certificates table.
#[derive(Clone, PartialEq, Debug)]
pub struct CertificateRow {
    /// The certificate.
    pub certificate: Certificate,
    /// Its template's name.
    pub template_name: String,
    /// Its authority's name.
    pub authority_name: String,
    /// Deliveries read back as present, and all that were not withdrawn.
    pub delivered: (u32, u32),
}

/// Which certificates are wanted. All given conditions must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CertificateFilter {
    /// Beginning of common name or mail address (any case), or a whole serial number or thumbprint in any spelling.
    pub search: Option<String>,
    /// In one of these states.
    pub states: Vec<CertificateState>,
    /// By this template.
    pub template: Option<TemplateId>,
    /// From this authority.
    pub authority: Option<AuthorityId>,
    /// Of this subscriber.
    pub subscriber: Option<SubscriberId>,
    /// Validity ends at or after this moment.
    pub expires_from: Option<Timestamp>,
    /// Validity ends before this moment.
    pub expires_until: Option<Timestamp>,
    /// With (`true`) or without (`false`) an archived key.
    pub archived: Option<bool>,
}

/// Order of a listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CertificateOrder {
    /// Common name, ascending.
    #[default]
    CommonName,
    /// Mail address, ascending.
    Mail,
    /// End of validity, soonest first.
    NotAfter,
    /// Newest first.
    Newest,
}

/// Figures for the overview.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateCounts {
    /// Valid and not expired.
    pub valid: u64,
    /// Valid, not expired, and ending within 30 days.
    pub expiring: u64,
    /// Valid by state but past the end of validity.
    pub expired: u64,
    /// Revoked or being revoked.
    pub revoked: u64,
    /// Superseded by a newer one.
    pub superseded: u64,
    /// Ends of validity of valid certificates in each of the next 12 months of 31 days, so that certificates of a year are among them.
    pub by_month: [u64; 12],
}

/// Certificates.
#[async_trait]
pub trait CertificateRepository: Send {
    /// Adds a certificate. [`StoreError::Conflict`] when its thumbprint or its enrollment is known.
    async fn add(&mut self, certificate: &StoredCertificate) -> Result<(), StoreError>;
    /// By id.
    async fn lookup(&mut self, id: CertificateId) -> Result<Option<CertificateRow>, StoreError>;
    /// By id, with its bytes.
    async fn lookup_stored(&mut self, id: CertificateId) -> Result<Option<StoredCertificate>, StoreError>;
    /// By thumbprint.
    async fn find_by_thumbprint(&mut self, thumbprint: Thumbprint)
    -> Result<Option<Certificate>, StoreError>;
    /// By serial number; several when authorities gave the same one.
    async fn find_by_serial(&mut self, serial: &SerialNumber) -> Result<Vec<Certificate>, StoreError>;
    /// By filter, in order, a page at a time.
    async fn list(
        &mut self,
        filter: &CertificateFilter,
        order: CertificateOrder,
        page: &PageRequest,
    ) -> Result<Page<CertificateRow>, StoreError>;
    /// All certificates of an authority in order of ids, those behind `after`.
    async fn list_issued_by(
        &mut self,
        authority: AuthorityId,
        after: Option<CertificateId>,
        limit: u32,
    ) -> Result<Vec<Certificate>, StoreError>;
    /// How many match, counted up to `limit`.
    async fn count(&mut self, filter: &CertificateFilter, limit: u64) -> Result<u64, StoreError>;
    /// Figures for the overview.
    async fn counts(&mut self, now: Timestamp) -> Result<CertificateCounts, StoreError>;
    /// A revocation is ordered, which ends a hold; marks the subscriber due. Safe to repeat; no effect on revoked ones.
    async fn mark_revoking(
        &mut self,
        id: CertificateId,
        reason: RevocationReason,
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// It is revoked, since `at`, which ends a hold; marks the subscriber due. Safe to repeat, the first one stays. Its
    /// authority said so at that moment at the earliest; when it said so last is written by [`Self::mark_checked`].
    async fn mark_revoked(
        &mut self,
        id: CertificateId,
        reason: RevocationReason,
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// A newer certificate took its place; marks the subscriber due. No effect unless it is valid; one on
    /// hold is superseded when that is lifted.
    async fn mark_superseded(&mut self, id: CertificateId) -> Result<(), StoreError>;
    /// Puts it on hold; marks the subscriber due. `false`, and no effect, unless it is what [`Hold::was`] says.
    async fn hold(&mut self, hold: &Hold) -> Result<bool, StoreError>;
    /// The hold that it is on.
    async fn lookup_hold(&mut self, id: CertificateId) -> Result<Option<Hold>, StoreError>;
    /// A hold came further. `false`, and no effect, unless it was as far as `from`.
    async fn set_hold(
        &mut self,
        id: CertificateId,
        from: HoldState,
        to: HoldState,
    ) -> Result<bool, StoreError>;
    /// Ends a hold that is [`HoldState::Lifting`]: the certificate is again what it was; marks the subscriber due. `false` when
    /// there is no such hold.
    async fn lift(&mut self, id: CertificateId) -> Result<bool, StoreError>;
    /// The authority said of these what is said here too. Never goes back: a moment before the one that is known has no effect.
    async fn mark_checked(&mut self, ids: &[CertificateId], at: Timestamp) -> Result<(), StoreError>;
    /// Its key is bound in the archive.
    async fn mark_archived(&mut self, id: CertificateId) -> Result<(), StoreError>;
}
