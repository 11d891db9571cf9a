//! Sealed private keys: the archive (for KRAs) and the in-flight envelopes (for the daemon, until delivery).

use async_trait::async_trait;
use model::{CertificateId, EnrollmentId, Thumbprint, Timestamp};

use crate::StoreError;

/// A private key sealed to the KRA set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ArchivedKey {
    /// The enrollment that made the key.
    pub enrollment: EnrollmentId,
    /// The certificate, once issued and bound.
    pub certificate: Option<CertificateId>,
    /// SHA-256 over the public key (`SubjectPublicKeyInfo`).
    pub spki_sha256: [u8; 32],
    /// CMS `AuthEnvelopedData` over the PKCS#8.
    pub envelope: Vec<u8>,
    /// Whose certificates it was sealed to.
    pub kras: Vec<Thumbprint>,
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

/// What can be known of an archived key without its envelope, which most roles may not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ArchivedKeyInfo {
    /// The enrollment that made the key.
    pub enrollment: EnrollmentId,
    /// The certificate, once issued and bound.
    pub certificate: Option<CertificateId>,
    /// SHA-256 over the public key (`SubjectPublicKeyInfo`).
    pub spki_sha256: [u8; 32],
    /// Whose certificates it was sealed to.
    pub kras: Vec<Thumbprint>,
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

/// A private key sealed to the installations that may deliver it. Exists only between keygen and delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InflightKey {
    /// The enrollment that made the key.
    pub enrollment: EnrollmentId,
    /// CMS `AuthEnvelopedData` over the PKCS#8.
    pub envelope: Vec<u8>,
}

/// Sealed private keys.
#[async_trait]
pub trait ArchiveRepository: Send {
    /// Adds an archived key. [`StoreError::Conflict`] when the enrollment has one.
    async fn add(&mut self, key: &ArchivedKey) -> Result<(), StoreError>;
    /// The archived key of an enrollment, without its envelope.
    async fn lookup(&mut self, enrollment: EnrollmentId) -> Result<Option<ArchivedKeyInfo>, StoreError>;
    /// The archived key of a certificate, without its envelope.
    async fn find(&mut self, certificate: CertificateId) -> Result<Option<ArchivedKeyInfo>, StoreError>;
    /// The archived key of a certificate with its envelope. On servers only recovery agents' logins may read it.
    async fn find_sealed(&mut self, certificate: CertificateId) -> Result<Option<ArchivedKey>, StoreError>;
    /// Archived keys with one of these public keys (SHA-256 over `SubjectPublicKeyInfo`), whoever's, without their envelopes.
    /// Reads the whole archive: ask about many at once.
    async fn with_keys(&mut self, spki_sha256: &[[u8; 32]]) -> Result<Vec<ArchivedKeyInfo>, StoreError>;
    /// Binds the archived key to its certificate. Safe to repeat; [`StoreError::Corrupt`] when there is no key or it is
    /// bound to another certificate.
    async fn bind(&mut self, enrollment: EnrollmentId, certificate: CertificateId) -> Result<(), StoreError>;
    /// Archived keys in order of their enrollment, after the given one, without their envelopes; also those that are bound to
    /// no certificate yet.
    async fn list(
        &mut self,
        after: Option<EnrollmentId>,
        limit: u32,
    ) -> Result<Vec<ArchivedKeyInfo>, StoreError>;
    /// The certificates of all archived keys, in no order that means anything. Reads the whole list.
    async fn certificates(&mut self) -> Result<Vec<CertificateId>, StoreError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.list(after, 1_000).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = Some(last.enrollment);
            all.extend(page.iter().filter_map(|key| key.certificate));
        }
    }
    /// As [`Self::list`], with their envelopes. On servers only recovery agents' logins may read them.
    async fn list_sealed(
        &mut self,
        after: Option<EnrollmentId>,
        limit: u32,
    ) -> Result<Vec<ArchivedKey>, StoreError>;
    /// Replaces the envelope `old` of an archived key by `new`, which is sealed to `kras`. `false` when it is no longer there
    /// or another one. On servers only recovery agents' logins may.
    async fn rewrap(
        &mut self,
        enrollment: EnrollmentId,
        old: &[u8],
        new: &[u8],
        kras: &[Thumbprint],
    ) -> Result<bool, StoreError>;
    /// How many archived keys there are, also those that are bound to no certificate yet.
    async fn count_all(&mut self) -> Result<u64, StoreError>;
    /// How many archived keys are bound to a certificate.
    async fn count(&mut self) -> Result<u64, StoreError>;
    /// Adds an in-flight key. [`StoreError::Conflict`] when the enrollment has one.
    async fn add_inflight(&mut self, key: &InflightKey) -> Result<(), StoreError>;
    /// The in-flight key of an enrollment.
    async fn inflight(&mut self, enrollment: EnrollmentId) -> Result<Option<InflightKey>, StoreError>;
    /// Overwrites and deletes the in-flight key. Safe to repeat.
    async fn shred_inflight(&mut self, enrollment: EnrollmentId) -> Result<(), StoreError>;
    /// In-flight keys in order of their enrollment, after the given one; for sealing them to others.
    async fn list_inflight(
        &mut self,
        after: Option<EnrollmentId>,
        limit: u32,
    ) -> Result<Vec<InflightKey>, StoreError>;
    /// Replaces the envelope `old` of an in-flight key by `new`. `false` when it is no longer there or another one.
    async fn reseal_inflight(
        &mut self,
        enrollment: EnrollmentId,
        old: &[u8],
        new: &[u8],
    ) -> Result<bool, StoreError>;
    /// How many in-flight keys there are.
    async fn count_inflight(&mut self) -> Result<u64, StoreError>;
}
