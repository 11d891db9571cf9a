//! Keys and their versions. An older version stays usable when a newer one is made.

use jiff::Timestamp;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use serde::Deserialize;

use super::KeyVault;
use super::error::VaultError;

/// What may be changed about a version of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultKeyAttributes {
    /// A disabled key neither decrypts nor unwraps.
    pub enabled: bool,
    /// Encrypts and wraps from here on; decrypts and unwraps before, too.
    pub not_before: Option<Timestamp>,
    /// Encrypts and wraps until here; decrypts and unwraps after, too.
    pub expires: Option<Timestamp>,
    /// `key_ops`: what the key is for, whoever asks.
    pub operations: Vec<String>,
}

/// One version.
pub(super) struct Version {
    /// 32 hexadecimal digits.
    pub(super) id: String,
    pub(super) key: PKey<Private>,
    /// Whether its kind is told as `RSA-HSM`.
    pub(super) hsm: bool,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) attributes: VaultKeyAttributes,
    /// The certificate object of the same name and version.
    pub(super) certificate: Option<X509>,
}

/// Attributes as a request writes them; times in seconds.
#[derive(Deserialize)]
pub(super) struct Changes {
    enabled: Option<bool>,
    nbf: Option<i64>,
    exp: Option<i64>,
}

impl Version {
    pub(super) fn new(key: PKey<Private>, hsm: bool, at: Timestamp) -> Result<Self, ErrorStack> {
        let mut random = [0; 16];
        openssl::rand::rand_bytes(&mut random)?;
        let operations: &[&str] = if key.rsa().is_ok() {
            &["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]
        } else {
            &["sign", "verify"]
        };
        Ok(Self {
            id: hex::encode(random),
            key,
            hsm,
            created: at,
            updated: at,
            attributes: VaultKeyAttributes {
                enabled: true,
                not_before: None,
                expires: None,
                operations: operations.iter().map(|name| (*name).to_owned()).collect(),
            },
            certificate: None,
        })
    }

    pub(super) fn change(&mut self, changes: &Changes, at: Timestamp) {
        let time = |seconds: Option<i64>| seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let attributes = &mut self.attributes;
        attributes.enabled = changes.enabled.unwrap_or(attributes.enabled);
        attributes.not_before = time(changes.nbf).or(attributes.not_before);
        attributes.expires = time(changes.exp).or(attributes.expires);
        self.updated = at;
    }
}

/// All versions under one name, oldest first.
#[derive(Default)]
pub(super) struct NamedKey {
    pub(super) versions: Vec<Version>,
    /// Deleted keys can be recovered for 90 days.
    pub(super) deleted: Option<Timestamp>,
}

impl NamedKey {
    /// The version that is asked for, or the newest.
    pub(super) fn version(&self, name: &str, version: Option<&str>) -> Result<&Version, VaultError> {
        let found = match version {
            None => self.versions.last(),
            Some(wanted) => self.versions.iter().find(|one| one.id == wanted),
        };
        found.ok_or_else(|| VaultError::not_found("key", name))
    }

    pub(super) fn version_mut(&mut self, name: &str, version: &str) -> Result<&mut Version, VaultError> {
        let found = self.versions.iter_mut().find(|one| one.id == version);
        found.ok_or_else(|| VaultError::not_found("key", name))
    }
}

impl KeyVault {
    pub(super) fn living(&self, name: &str) -> Result<&NamedKey, VaultError> {
        let found = self.keys.get(name).filter(|key| key.deleted.is_none());
        found.ok_or_else(|| VaultError::not_found("key", name))
    }

    pub(super) fn living_mut(&mut self, name: &str) -> Result<&mut NamedKey, VaultError> {
        let found = self.keys.get_mut(name).filter(|key| key.deleted.is_none());
        found.ok_or_else(|| VaultError::not_found("key", name))
    }
}
