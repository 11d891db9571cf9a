//! Settings that all installations share, and secrets sealed to them.

use async_trait::async_trait;
use model::Timestamp;

use crate::StoreError;

/// A shared setting and the version under which it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredSetting {
    /// Its name, e.g. `tenant`.
    pub name: String,
    /// JSON without secrets.
    pub body: String,
    /// Grows by one with every change.
    pub version: i64,
    /// Last change.
    pub changed_at: Timestamp,
    /// Who changed it.
    pub changed_by: String,
}

/// Settings that all installations share.
#[async_trait]
pub trait SettingRepository: Send {
    /// All, by name.
    async fn list(&mut self) -> Result<Vec<StoredSetting>, StoreError>;
    /// By name.
    async fn find(&mut self, name: &str) -> Result<Option<StoredSetting>, StoreError>;
    /// Writes the setting read as `version`; 0 for one that did not exist. [`StoreError::Stale`] when somebody was
    /// faster.
    async fn set(
        &mut self,
        name: &str,
        body: &str,
        version: i64,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// Takes the setting read as `version` away. [`StoreError::Stale`] when somebody was faster.
    async fn remove(&mut self, name: &str, version: i64) -> Result<(), StoreError>;
}

/// A secret, sealed to the admitted installations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredSecret {
    /// Its name, e.g. `tenant`; also what the envelope is bound to.
    pub name: String,
    /// CMS `AuthEnvelopedData`.
    pub sealed: Vec<u8>,
    /// When it was sealed last.
    pub sealed_at: Timestamp,
}

/// Secrets of all installations. Secrets of authority accounts lie beside those.
#[async_trait]
pub trait SecretRepository: Send {
    /// All, by name.
    async fn list(&mut self) -> Result<Vec<StoredSecret>, StoreError>;
    /// By name.
    async fn find(&mut self, name: &str) -> Result<Option<StoredSecret>, StoreError>;
    /// Writes the secret; replaces an older one.
    async fn set(&mut self, secret: &StoredSecret) -> Result<(), StoreError>;
    /// Takes the secret away. `false` when there is none.
    async fn remove(&mut self, name: &str) -> Result<bool, StoreError>;
    /// Replaces the envelope `old` of a secret by `new`. `false` when it is no longer there or another one.
    async fn reseal(&mut self, name: &str, old: &[u8], new: &[u8], at: Timestamp)
    -> Result<bool, StoreError>;
}
