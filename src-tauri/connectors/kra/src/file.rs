//! A recovery agent's key in a PKCS#12 file, opened with its password for one session.
//!
//! The key stays in memory until the value is dropped. Validity is not looked at: what was sealed to an agent must open
//! after the agent's certificate has expired, too.

use std::fmt;
use std::path::Path;

use async_trait::async_trait;
use crypto::open::unwrap_content_key;
use crypto::{CryptoError, PrivateKey, X509Certificate, pfx};
use ports::{RecoveryKey, RecoveryKeyError, Signature, WrappedKey};
use zeroize::Zeroizing;

use crate::hybrid::wants_ml_kem;

/// A file with one key has a few kilobytes.
const LARGEST_FILE: u64 = 1 << 20;

/// The private key of one recovery agent, from a PKCS#12 file.
pub struct FileRecoveryKey {
    place: String,
    key: PrivateKey,
    certificate: X509Certificate,
}

impl fmt::Debug for FileRecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileRecoveryKey({}, {})", self.place, self.certificate.subject())
    }
}

impl FileRecoveryKey {
    /// Opens the file.
    ///
    /// # Errors
    /// `Locked` for a wrong password; `Unfit` when it is no PKCS#12 file, holds no private key, or one that is neither RSA nor elliptic curve; `Failed`
    /// when it cannot be read.
    pub fn open(path: &Path, password: &str) -> Result<Self, RecoveryKeyError> {
        let (place, bytes) = read_key_file(path, "file")?;
        Self::from_bytes(&bytes, password, place)
    }

    /// Opens the contents of a file; `place` names it in logs and errors.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn from_bytes(
        bytes: &[u8],
        password: &str,
        place: impl Into<String>,
    ) -> Result<Self, RecoveryKeyError> {
        let place = place.into();
        let opened = match pfx::open(bytes, password) {
            Ok(opened) => opened,
            Err(error) => return Err(refused(place, error)),
        };
        Ok(Self { place, key: opened.key, certificate: opened.certificate })
    }
}

#[async_trait]
impl RecoveryKey for FileRecoveryKey {
    fn certificate_der(&self) -> &[u8] {
        self.certificate.der()
    }

    fn place(&self) -> String {
        self.place.clone()
    }

    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        if wrapped.is_hybrid() {
            return Err(wants_ml_kem(self.place.clone()));
        }
        unwrap_content_key(wrapped, &self.key).map_err(|error| refused(self.place.clone(), error))
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, RecoveryKeyError> {
        self.key.sign(message).map_err(|error| refused(self.place.clone(), error))
    }
}

/// Reads a file with a key; and its place, for logs and errors.
pub(crate) fn read_key_file(
    path: &Path,
    what: &str,
) -> Result<(String, Zeroizing<Vec<u8>>), RecoveryKeyError> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let place = format!("{what} {}", name.to_string_lossy());
    let failed =
        |source: std::io::Error| RecoveryKeyError::Failed { place: place.clone(), source: Box::new(source) };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > LARGEST_FILE {
        let reason = format!("it has {size} bytes; a file with a recovery key has a few kilobytes");
        return Err(RecoveryKeyError::Unfit { place, reason });
    }
    let bytes = Zeroizing::new(std::fs::read(path).map_err(failed)?);
    Ok((place, bytes))
}

pub(crate) fn refused(place: String, error: CryptoError) -> RecoveryKeyError {
    if matches!(error, CryptoError::WrongPassword { .. }) {
        let hint = "the password is wrong; mind capital letters and the keyboard layout".to_owned();
        return RecoveryKeyError::Locked { place, hint };
    }
    if matches!(error, CryptoError::Tampered) {
        return RecoveryKeyError::DoesNotUnwrap { place };
    }
    if matches!(error, CryptoError::Library { .. }) {
        return RecoveryKeyError::Failed { place, source: Box::new(error) };
    }
    RecoveryKeyError::Unfit { place, reason: error.to_string() }
}
