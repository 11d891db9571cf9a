//! What the built-in authority issued and revoked. Other authorities keep such books themselves.

use async_trait::async_trait;
use model::{AuthorityId, RevocationReason, SerialNumber, Timestamp};

use crate::StoreError;

/// A certificate in the books.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuedEntry {
    /// Which authority.
    pub authority: AuthorityId,
    /// Serial number.
    pub serial: SerialNumber,
    /// The requester's reference; unique, so that one order gives one certificate.
    pub reference: String,
    /// SHA-256 over the certified public key.
    pub spki_sha256: [u8; 32],
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// End of validity; entries leave the revocation list after it.
    pub not_after: Timestamp,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// A certificate in the books and what became of it, without its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedIssue {
    /// Serial number.
    pub serial: SerialNumber,
    /// The requester's reference.
    pub reference: String,
    /// End of validity.
    pub not_after: Timestamp,
    /// When and why it was revoked.
    pub revoked: Option<(Timestamp, RevocationReason)>,
}

/// A revocation in the books.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevokedEntry {
    /// Serial number.
    pub serial: SerialNumber,
    /// When.
    pub revoked_at: Timestamp,
    /// Why.
    pub reason: RevocationReason,
}

/// The books of the built-in authority.
#[async_trait]
pub trait IssuanceLedger: Send {
    /// Enters a certificate. [`StoreError::Conflict`] when the reference or serial number is taken.
    async fn add(&mut self, entry: &IssuedEntry) -> Result<(), StoreError>;
    /// By the requester's reference.
    async fn find(
        &mut self,
        authority: AuthorityId,
        reference: &str,
    ) -> Result<Option<IssuedEntry>, StoreError>;
    /// By serial number.
    async fn find_by_serial(
        &mut self,
        authority: AuthorityId,
        serial: &SerialNumber,
    ) -> Result<Option<IssuedEntry>, StoreError>;
    /// Everything that was issued, in order of serial numbers, those behind `after`.
    async fn list(
        &mut self,
        authority: AuthorityId,
        after: Option<&SerialNumber>,
        limit: u32,
    ) -> Result<Vec<ListedIssue>, StoreError>;
    /// Enters a revocation. The first one stays, with its moment; but for a hold, which every other reason takes the place of.
    async fn revoke(&mut self, authority: AuthorityId, entry: &RevokedEntry) -> Result<(), StoreError>;
    /// Takes a hold out of the books. No effect on what is revoked for any other reason.
    async fn lift(&mut self, authority: AuthorityId, serial: &SerialNumber) -> Result<(), StoreError>;
    /// The revocation of a certificate.
    async fn revocation(
        &mut self,
        authority: AuthorityId,
        serial: &SerialNumber,
    ) -> Result<Option<RevokedEntry>, StoreError>;
    /// Revocations of certificates that have not expired before `now`.
    async fn list_revoked(
        &mut self,
        authority: AuthorityId,
        now: Timestamp,
    ) -> Result<Vec<RevokedEntry>, StoreError>;
    /// The next CRL number, starting with 1. Never gives the same twice once committed.
    async fn next_crl_number(&mut self, authority: AuthorityId) -> Result<u64, StoreError>;
    /// How many certificates were issued.
    async fn count(&mut self, authority: AuthorityId) -> Result<u64, StoreError>;
}
