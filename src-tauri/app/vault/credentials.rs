//! What systemd hands to a service: files in a folder that only the service can see (systemd.exec(5), Credentials). They
//! are read and never written. Their modes are systemd's business: an access list for the service's account shows as a
//! group that may read.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use crypto::WrappingKey;
use crypto::wrap::KEY_SIZE;
use zeroize::Zeroizing;

use super::{Keeper, VaultError};
use crate::settings::SettingsError;

/// The credential under whose key the secrets of an installation are encrypted.
pub(super) const WRAPPING_KEY: &str = "sealwright-wrapping-key";

/// The credentials of this process, if it has any.
pub(super) struct Credentials(Option<PathBuf>);

impl Credentials {
    pub(super) fn of(folder: Option<PathBuf>) -> Self {
        Self(folder.filter(|folder| folder.is_absolute()))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|folder| folder.join(name).exists())
    }

    /// The wrapping key: 32 octets, or as many in hexadecimal digits.
    pub(super) fn wrapping_key(&self) -> Result<WrappingKey, VaultError> {
        let name = || WRAPPING_KEY.to_owned();
        let bytes = self.read(WRAPPING_KEY)?.ok_or_else(|| VaultError::CredentialAbsent { name: name() })?;
        let unfit = || VaultError::CredentialUnfit { name: name(), size: bytes.len() };
        if bytes.len() == KEY_SIZE {
            return Ok(WrappingKey::from_bytes(&bytes)?);
        }
        let mut digits = Zeroizing::new([0_u8; KEY_SIZE]);
        hex::decode_to_slice(bytes.trim_ascii(), &mut *digits).map_err(|_| unfit())?;
        Ok(WrappingKey::from_bytes(&*digits)?)
    }
}

impl Keeper for Credentials {
    fn put(&self, name: &str, _: &[u8]) -> Result<(), VaultError> {
        Err(VaultError::ReadOnly { name: name.to_owned() })
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let Some(folder) = &self.0 else { return Ok(None) };
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(SettingsError::Unreadable { path, source }.into()),
        }
    }

    fn remove(&self, name: &str) -> Result<bool, VaultError> {
        Err(VaultError::ReadOnly { name: name.to_owned() })
    }
}
