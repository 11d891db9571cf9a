//! What address books show of our certificates.

use async_trait::async_trait;
use model::{CertificateId, Publication, PublicationState, SubscriberId, Thumbprint, Timestamp};

use crate::StoreError;

/// A publication, with what people know the certificate by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicationRow {
    /// The publication.
    pub publication: Publication,
    /// The certificate's mail address.
    pub mail: String,
    /// Its SHA-1.
    pub thumbprint: Thumbprint,
}

/// Publications. At most one per certificate and book; rows stay when a certificate was taken out.
#[async_trait]
pub trait PublicationRepository: Send {
    /// Writes how far a publication came, whether it was known or not.
    async fn set(&mut self, publication: &Publication) -> Result<(), StoreError>;
    /// Those of a subscriber's certificates.
    async fn of(&mut self, book: &str, subscriber: SubscriberId) -> Result<Vec<Publication>, StoreError>;
    /// Whose publications are open, in order of id.
    async fn open(
        &mut self,
        book: &str,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> Result<Vec<SubscriberId>, StoreError>;
    /// Valid mail certificates that were handed over and about which nothing is known for this book, in order of id.
    async fn lacking(
        &mut self,
        book: &str,
        now: Timestamp,
        after: Option<CertificateId>,
        limit: u32,
    ) -> Result<Vec<(CertificateId, SubscriberId)>, StoreError>;
    /// Whose certificate stands in the book though it has ended or is being revoked, in order of id.
    async fn outlived(
        &mut self,
        book: &str,
        now: Timestamp,
        after: Option<SubscriberId>,
        limit: u32,
    ) -> Result<Vec<SubscriberId>, StoreError>;
    /// How this book takes values, as was found out by writing and reading back. Opaque.
    async fn habit(&mut self, book: &str) -> Result<Option<String>, StoreError>;
    /// Writes how this book takes values.
    async fn set_habit(&mut self, book: &str, habit: &str, at: Timestamp) -> Result<(), StoreError>;
    /// How many there are in each state that occurs.
    async fn counts(&mut self, book: &str) -> Result<Vec<(PublicationState, u64)>, StoreError>;
    /// Those in one state, in order of certificate, from behind `after`.
    async fn list(
        &mut self,
        book: &str,
        state: PublicationState,
        after: Option<CertificateId>,
        limit: u32,
    ) -> Result<Vec<PublicationRow>, StoreError>;
}
