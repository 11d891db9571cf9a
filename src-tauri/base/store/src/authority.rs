//! Authority accounts and key recovery agents.

use async_trait::async_trait;
use model::{AuthorityId, Kra, Thumbprint, Timestamp};

use crate::StoreError;

/// An account at a certification authority.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredAuthority {
    /// Our id.
    pub id: AuthorityId,
    /// Short unique name; templates refer to it.
    pub name: String,
    /// Which connector serves it, e.g. `builtin`.
    pub connector: String,
    /// The connector's own settings as JSON, without secrets.
    pub settings: String,
    /// The connector's secrets, sealed (CMS) to the installations that may use them, for [`AuthorityRepository::add`].
    /// Never read back with the rest: [`AuthorityRepository::sealed`] reads them, for which most roles have no right.
    pub sealed_secrets: Option<Vec<u8>>,
    /// When it was added.
    pub added_at: Timestamp,
}

impl StoredAuthority {
    /// Whether it only stands for where something was imported from, and issues nothing.
    pub fn is_imported(&self) -> bool {
        self.connector == model::ImportOrigin::CONNECTOR
    }
}

/// Authority accounts.
#[async_trait]
pub trait AuthorityRepository: Send {
    /// All, by name.
    async fn list(&mut self) -> Result<Vec<StoredAuthority>, StoreError>;
    /// By id.
    async fn lookup(&mut self, id: AuthorityId) -> Result<Option<StoredAuthority>, StoreError>;
    /// By name, ignoring case.
    async fn find(&mut self, name: &str) -> Result<Option<StoredAuthority>, StoreError>;
    /// Adds an account. [`StoreError::Conflict`] when the name is taken.
    async fn add(&mut self, authority: &StoredAuthority) -> Result<(), StoreError>;
    /// The sealed secrets of an account; `None` when it has none.
    async fn sealed(&mut self, id: AuthorityId) -> Result<Option<Vec<u8>>, StoreError>;
    /// Replaces the envelope `old` of an account's secrets by `new`. `false` when it is another one by now.
    async fn reseal(&mut self, id: AuthorityId, old: &[u8], new: &[u8]) -> Result<bool, StoreError>;
}

/// Certificates of key recovery agents.
#[async_trait]
pub trait KraRepository: Send {
    /// All, oldest first.
    async fn list(&mut self) -> Result<Vec<Kra>, StoreError>;
    /// Adds an agent. [`StoreError::Conflict`] when the certificate is known.
    async fn add(&mut self, kra: &Kra) -> Result<(), StoreError>;
    /// Removes an agent from the set to which *new* keys are sealed; old envelopes stay as they are.
    async fn remove(&mut self, thumbprint: Thumbprint) -> Result<bool, StoreError>;
}
