//! Workstations and daemons that share the database, and the log of who let whom in.

use async_trait::async_trait;
use model::{InstallationId, Timestamp};

use crate::StoreError;

/// What an installation says about itself. Nobody vouches for this row: whether it is admitted is told by the
/// signed [`AdmissionEntry`] log alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredInstallation {
    /// Its own id.
    pub id: InstallationId,
    /// The machine's name, for people.
    pub name: String,
    /// Its certificate, DER. Secrets are sealed to it once it is admitted.
    pub certificate_der: Vec<u8>,
    /// When it asked to be admitted.
    pub asked_at: Timestamp,
    /// When it last said that it is there.
    pub seen_at: Timestamp,
    /// The program's version, e.g. `0.1.0`.
    pub version: String,
    /// What it runs as at the moment, e.g. `daemon` or `console`.
    pub role: String,
}

/// An entry of the admission log. What it says and whether its signature holds is decided by the reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdmissionEntry {
    /// Position, from 1, without gaps.
    pub seq: i64,
    /// The signed statement, JSON.
    pub body: String,
    /// Signature over the statement by an installation that was admitted before.
    pub signature: Vec<u8>,
}

/// Installations and the admission log.
#[async_trait]
pub trait InstallationRepository: Send {
    /// All that ever asked, oldest first.
    async fn list(&mut self) -> Result<Vec<StoredInstallation>, StoreError>;
    /// Writes the row of an installation; replaces an older one with this id.
    async fn set(&mut self, installation: &StoredInstallation) -> Result<(), StoreError>;
    /// It is there. Nothing happens when there is no such row.
    async fn mark_seen(
        &mut self,
        id: InstallationId,
        version: &str,
        role: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// Takes the row away, e.g. of one that was refused. `false` when there is none.
    async fn remove(&mut self, id: InstallationId) -> Result<bool, StoreError>;
    /// The admission log in order.
    async fn admissions(&mut self) -> Result<Vec<AdmissionEntry>, StoreError>;
    /// Appends to the admission log. [`StoreError::Stale`] when somebody else took the position.
    async fn add_admission(&mut self, entry: &AdmissionEntry) -> Result<(), StoreError>;
}
