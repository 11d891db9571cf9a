//! A recovery agent's key together with the agent's ML-KEM key: what is sealed to both takes both.
//!
//! The agent's own key may live anywhere; it is asked for the first of two secrets and sees nothing else. The ML-KEM key is a
//! file, because no card and no vault holds one yet.

use std::fmt;
use std::path::Path;

use async_trait::async_trait;
use crypto::hybrid::{check_key, unwrap_hybrid};
use crypto::{MlKemPrivateKey, MlKemPublicKey};
use ports::{RecoveryKey, RecoveryKeyError, Signature, WrappedKey};
use zeroize::Zeroizing;

use crate::file::{read_key_file, refused};

/// An ML-KEM key from a file, opened with its password for one session.
pub struct MlKemFile {
    place: String,
    key: MlKemPrivateKey,
}

impl fmt::Debug for MlKemFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MlKemFile({}, {})", self.place, self.key.public().fingerprint())
    }
}

impl MlKemFile {
    /// Opens the file: PEM, PKCS#8 under a password.
    ///
    /// # Errors
    /// `Locked` for a wrong password; `Unfit` when it is no such file, or holds another kind of key; `Failed` when it cannot
    /// be read.
    pub fn open(path: &Path, password: &str) -> Result<Self, RecoveryKeyError> {
        let (place, bytes) = read_key_file(path, "ML-KEM key file")?;
        match MlKemPrivateKey::from_pem(&bytes, password) {
            Ok(key) => Ok(Self { place, key }),
            Err(error) => Err(refused(place, error)),
        }
    }

    /// Its public half.
    pub const fn public(&self) -> &MlKemPublicKey {
        self.key.public()
    }
}

/// A recovery agent's key, wherever it lives, with the agent's ML-KEM key.
pub struct HybridRecoveryKey {
    own: Box<dyn RecoveryKey>,
    ml_kem: MlKemFile,
}

impl HybridRecoveryKey {
    /// Both keys of one agent. Whether they belong together is told by what is sealed to them.
    pub fn new(own: Box<dyn RecoveryKey>, ml_kem: MlKemFile) -> Self {
        Self { own, ml_kem }
    }
}

#[async_trait]
impl RecoveryKey for HybridRecoveryKey {
    fn certificate_der(&self) -> &[u8] {
        self.own.certificate_der()
    }

    fn place(&self) -> String {
        format!("{} with {}", self.own.place(), self.ml_kem.place)
    }

    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        let WrappedKey::Hybrid(hybrid) = wrapped else { return self.own.unwrap_key(wrapped).await };
        // Before a PIN is sent, or a vault asked: whether it is the right file.
        check_key(hybrid, self.ml_kem.public()).map_err(|error| refused(self.ml_kem.place.clone(), error))?;
        let first = self.own.unwrap_key(&hybrid.classic).await?;
        unwrap_hybrid(hybrid, &first, &self.ml_kem.key).map_err(|error| refused(self.place(), error))
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, RecoveryKeyError> {
        self.own.sign(message).await
    }
}

/// What a key says that was not given its agent's ML-KEM key.
pub(crate) fn wants_ml_kem(place: String) -> RecoveryKeyError {
    let reason = "this was sealed to the officer's ML-KEM key as well, and takes both: name the file of the ML-KEM key too \
                  (on the command line `--ml-kem FILE`)"
        .to_owned();
    RecoveryKeyError::Unfit { place, reason }
}
