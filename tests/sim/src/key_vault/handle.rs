//! What a test may do with the vault behind everybody's back.

use std::collections::BTreeSet;

use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;

use super::key::Version;
use super::{VaultChallenge, VaultKeyAttributes, VaultLie, VaultPermission, VaultRefusal};
use crate::{Sim, SimError, tls};

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultKeyKind {
    /// RSA with so many bits.
    Rsa(u32),
    /// RSA with so many bits, in hardware: told as `RSA-HSM`.
    RsaHsm(u32),
    /// P-256, which signs and does nothing else.
    Ec,
}

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultKeySpec {
    /// The kind.
    pub kind: VaultKeyKind,
    /// The common name of a self-signed certificate; `None` for a key without one.
    pub certificate: Option<String>,
}

impl VaultKeySpec {
    /// RSA 2048 with a certificate of this common name.
    pub fn certified(common_name: &str) -> Self {
        Self { kind: VaultKeyKind::Rsa(2048), certificate: Some(common_name.to_owned()) }
    }

    /// A key without certificate.
    pub fn bare(kind: VaultKeyKind) -> Self {
        Self { kind, certificate: None }
    }
}

/// A version of a key that was made, as the outside sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultKey {
    /// The version.
    pub version: String,
    /// `https://localhost:…/keys/{name}/{version}`
    pub address: String,
    /// The same of the certificate, where there is one.
    pub certificate_address: String,
    /// Its public key, PEM.
    pub public_key_pem: String,
    /// Its certificate, PEM.
    pub certificate_pem: Option<String>,
}

impl Sim {
    /// Makes a key, or a newer version of one that is there.
    ///
    /// # Errors
    /// [`SimError::Crypto`].
    pub fn add_vault_key(&self, name: &str, spec: &VaultKeySpec) -> Result<VaultKey, SimError> {
        let (key, hsm) = match spec.kind {
            VaultKeyKind::Rsa(bits) => (PKey::from_rsa(Rsa::generate(bits)?)?, false),
            VaultKeyKind::RsaHsm(bits) => (PKey::from_rsa(Rsa::generate(bits)?)?, true),
            VaultKeyKind::Ec => {
                let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
                (PKey::from_ec_key(EcKey::generate(&group)?)?, false)
            }
        };
        let mut version = Version::new(key, hsm, self.now())?;
        if let Some(common_name) = &spec.certificate {
            version.certificate = Some(tls::self_signed(common_name, &version.key)?);
        }
        let pem = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let base = self.base_url();
        let told = VaultKey {
            address: format!("{base}/keys/{name}/{}", version.id),
            certificate_address: format!("{base}/certificates/{name}/{}", version.id),
            public_key_pem: pem(version.key.public_key_to_pem()?),
            certificate_pem: match &version.certificate {
                Some(certificate) => Some(pem(certificate.to_pem()?)),
                None => None,
            },
            version: version.id.clone(),
        };
        self.world.key_vault.write().keys.entry(name.to_owned()).or_default().versions.push(version);
        Ok(told)
    }

    /// Changes a version of a key.
    ///
    /// # Errors
    /// [`SimError::NoSuchKey`].
    pub fn edit_vault_key(
        &self,
        name: &str,
        version: &str,
        edit: impl FnOnce(&mut VaultKeyAttributes),
    ) -> Result<(), SimError> {
        let mut vault = self.world.key_vault.write();
        let versions = vault.keys.get_mut(name).map(|key| &mut key.versions);
        let found = versions.and_then(|versions| versions.iter_mut().find(|one| one.id == version));
        edit(&mut found.ok_or_else(|| SimError::NoSuchKey(format!("{name}/{version}")))?.attributes);
        Ok(())
    }

    /// Puts a certificate (PEM) in place of the one that belongs to a version, whether or not it fits the key.
    ///
    /// # Errors
    /// [`SimError::NoSuchKey`], [`SimError::Crypto`].
    pub fn put_vault_certificate(&self, name: &str, version: &str, pem: &str) -> Result<(), SimError> {
        let certificate = openssl::x509::X509::from_pem(pem.as_bytes())?;
        let mut vault = self.world.key_vault.write();
        let versions = vault.keys.get_mut(name).map(|key| &mut key.versions);
        let found = versions.and_then(|versions| versions.iter_mut().find(|one| one.id == version));
        found.ok_or_else(|| SimError::NoSuchKey(format!("{name}/{version}")))?.certificate =
            Some(certificate);
        Ok(())
    }

    /// Deletes a key with all its versions; it stays recoverable.
    ///
    /// # Errors
    /// [`SimError::NoSuchKey`].
    pub fn delete_vault_key(&self, name: &str) -> Result<(), SimError> {
        let now = self.now();
        let mut vault = self.world.key_vault.write();
        let key = vault.keys.get_mut(name).ok_or_else(|| SimError::NoSuchKey(name.to_owned()))?;
        key.deleted = Some(now);
        Ok(())
    }

    /// What everybody may do from now on.
    pub fn set_vault_permissions(&self, permissions: &[VaultPermission]) {
        let permissions: BTreeSet<_> = permissions.iter().copied().collect();
        self.world.key_vault.write().permissions = permissions;
    }

    /// In which words the vault refuses.
    pub fn set_vault_refusal(&self, refusal: VaultRefusal) {
        self.world.key_vault.write().refusal = refusal;
    }

    /// What the vault tells those who come without a token.
    pub fn set_vault_challenge(&self, challenge: VaultChallenge) {
        self.world.key_vault.write().challenge = challenge;
    }

    /// Shuts the vault's firewall to everybody, or opens it.
    pub fn set_vault_firewall(&self, closed: bool) {
        self.world.key_vault.write().closed_by_firewall = closed;
    }

    /// Lets the vault say what is not so.
    pub fn set_vault_lie(&self, lie: Option<VaultLie>) {
        self.world.key_vault.write().lie = lie;
    }
}
