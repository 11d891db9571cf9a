//! Recovery keys behind certificates in Windows' certificate stores, by its library for keys (CNG, `NCrypt`): kept by Windows
//! itself, in a TPM, by the software of a smartcard's or HSM's maker.
//!
//! First [`StoreKey::find`] looks for the certificate; nothing secret is needed for that, and nobody is asked. The key itself
//! is looked for with the first content key that is to be unwrapped, after the recovery is on record; then Windows shows its
//! own dialog where a PIN is wanted, or none when the PIN was given, which is handed over once.
//!
//! ```text
//!  address ──► certificate ──► answers as Windows means them, ways and paddings (every system's tests) ──► machine
//!                                                                                   Windows: `NCrypt` │ elsewhere: a sentence
//! ```
//!
//! Compiled and linked for Windows; not verified on a live Windows (docs/recovery.md says what was run).

mod address;
mod answer;
mod key;
mod operation;

#[cfg(not(windows))]
#[path = "elsewhere.rs"]
mod machine;
#[cfg(windows)]
#[path = "windows/mod.rs"]
mod machine;

use std::fmt;

use async_trait::async_trait;
use crypto::X509Certificate;
use ports::{RecoveryKey, RecoveryKeyError, Signature, WrappedKey};
use zeroize::Zeroizing;

pub(crate) use address::SCHEME;
pub use address::{StoreAddress, StoreLocation};

use crate::patience::{PATIENCE, Patient, off_the_async_threads};
use key::{Found, Provider};
use operation::State;

/// A key of a certificate in a store, found and not opened.
pub struct StoreKey {
    place: String,
    certificate: X509Certificate,
    provider: Provider,
    entry: Box<dyn key::Entry>,
}

impl StoreKey {
    /// Looks for the certificate that the address names.
    ///
    /// # Errors
    /// `Absent` when it is not there; `Unfit` when it has no private key there, and on every system but Windows.
    pub async fn find(address: &StoreAddress) -> Result<Self, RecoveryKeyError> {
        let address = *address;
        off_the_async_threads(&address.to_string(), PATIENCE, silent, move || {
            Self::of(address.to_string(), machine::find(&address)?)
        })
        .await
    }

    fn of(place: String, found: Found) -> Result<Self, RecoveryKeyError> {
        let Some(provider) = found.provider else {
            return Err(answer::Answer::CRYPT_E_NO_KEY_PROPERTY.told(&place));
        };
        let certificate = X509Certificate::from_der(&found.certificate_der)
            .map_err(|error| RecoveryKeyError::Unfit { place: place.clone(), reason: error.to_string() })?;
        Ok(Self { place, certificate, provider, entry: found.entry })
    }

    /// Its address.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The agent's certificate.
    pub const fn certificate(&self) -> &X509Certificate {
        &self.certificate
    }

    /// Who keeps the key, by Windows' name.
    pub fn provider(&self) -> &str {
        &self.provider.name
    }

    /// The key, to be opened when it is first used: with this PIN and without any dialog, or as Windows asks for it.
    pub fn with_pin(self, pin: Option<Zeroizing<String>>) -> StoreRecoveryKey {
        let certificate = self.certificate.clone();
        let state = State::new(self.place.clone(), self.certificate, self.entry, self.provider.legacy, pin);
        let state = Patient::new(self.place.clone(), state, silent);
        StoreRecoveryKey { place: self.place, certificate, state }
    }
}

/// The private key of one recovery agent, behind a certificate in a store.
pub struct StoreRecoveryKey {
    place: String,
    certificate: X509Certificate,
    state: Patient<State>,
}

impl fmt::Debug for StoreRecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreRecoveryKey({}, {})", self.place, self.certificate.subject())
    }
}

#[async_trait]
impl RecoveryKey for StoreRecoveryKey {
    fn certificate_der(&self) -> &[u8] {
        self.certificate.der()
    }

    fn place(&self) -> String {
        self.place.clone()
    }

    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        let wrapped = wrapped.clone();
        self.state.with(move |state| state.unwrap_key(&wrapped)).await
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, RecoveryKeyError> {
        let message = message.to_vec();
        self.state.with(move |state| state.sign(&message)).await
    }
}

/// A certificate in a store whose private key Windows knows of.
#[derive(Debug)]
pub struct StoredCertificate {
    /// The address of its key.
    pub address: StoreAddress,
    /// Who keeps the key, by Windows' name.
    pub provider: String,
    /// The certificate.
    pub certificate: X509Certificate,
}

/// Lists the certificates with private keys in the personal stores of the person and the machine; none where there is no
/// Windows. No key is touched for it, and nobody is asked.
///
/// # Errors
/// `Failed` when a store does not open.
pub async fn survey() -> Result<Vec<StoredCertificate>, RecoveryKeyError> {
    off_the_async_threads("the certificate store", PATIENCE, silent, || {
        let mut all = Vec::new();
        for location in StoreLocation::ALL {
            for found in machine::list(location)? {
                // What cannot be read is no agent's.
                let Ok(certificate) = X509Certificate::from_der(&found.certificate_der) else { continue };
                let address = StoreAddress { location, thumbprint: certificate.thumbprint() };
                let Some(provider) = found.provider else { continue };
                all.push(StoredCertificate { address, provider: provider.name, certificate });
            }
        }
        Ok(all)
    })
    .await
}

/// Nobody answers: a dialog that nobody sees, or a card's software that waits for ever.
fn silent(place: &str) -> RecoveryKeyError {
    RecoveryKeyError::Absent {
        place: place.to_owned(),
        hint: "Windows does not answer; look for a dialog behind other windows and for the card in its reader, and begin again"
            .to_owned(),
    }
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn where_there_is_no_windows_it_is_said_and_nothing_is_listed() {
        let address: StoreAddress =
            r"cert:\CurrentUser\My\00112233445566778899aabbccddeeff00112233".parse().unwrap();
        let refused = StoreKey::find(&address).await.map(|key| key.place).unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Unfit { .. }), "{refused}");
        let told = refused.to_string();
        assert!(told.starts_with(&address.to_string()) && told.contains("Windows machine"), "{told}");
        assert!(survey().await.unwrap().is_empty());
    }
}
