//! The certificate stores of this Windows, and their keys.

mod ffi;

use ports::RecoveryKeyError;
use zeroize::Zeroizing;

use super::StoreAddress;
use super::address::StoreLocation;
use super::answer::Answer;
use super::key::{Decryption, Dialogs, Digest, Entry, Found, Key, Provider, Signing};

const SALT_OCTETS: u32 = 32;

/// Looks for one certificate.
pub(super) fn find(address: &StoreAddress) -> Result<Found, RecoveryKeyError> {
    let absent = || RecoveryKeyError::Absent {
        place: address.to_string(),
        hint: format!(
            "no certificate with this thumbprint is in {}; `sealwright kra tokens` lists those with keys. A card's come into \
             CurrentUser\\My when the card is put in",
            address.location
        ),
    };
    let Some(store) = open(address.location)? else { return Err(absent()) };
    store.find(address.thumbprint.as_bytes()).map(found).ok_or_else(absent)
}

/// All certificates with private keys.
pub(super) fn list(location: StoreLocation) -> Result<Vec<Found>, RecoveryKeyError> {
    let Some(store) = open(location)? else { return Ok(Vec::new()) };
    Ok(store.certificates().into_iter().map(found).filter(|one| one.provider.is_some()).collect())
}

/// The personal store; `None` where there never was one.
fn open(location: StoreLocation) -> Result<Option<ffi::Store>, RecoveryKeyError> {
    let whose = match location {
        StoreLocation::CurrentUser => ffi::Whose::Person,
        StoreLocation::LocalMachine => ffi::Whose::Machine,
    };
    match ffi::Store::open(whose) {
        Ok(store) => Ok(Some(store)),
        Err(Answer::ERROR_FILE_NOT_FOUND) => Ok(None),
        Err(answer) => Err(answer.told(&format!("the certificate store {location}"))),
    }
}

fn found(certificate: ffi::Certificate) -> Found {
    let provider = certificate.provider().map(|(name, kind)| Provider { name, legacy: kind != 0 });
    Found { certificate_der: certificate.der(), provider, entry: Box::new(Stored(certificate)) }
}

struct Stored(ffi::Certificate);

impl Entry for Stored {
    fn key(&self, purpose: &str, dialogs: Dialogs) -> Result<Box<dyn Key>, Answer> {
        let key = self.0.key(silent(dialogs))?;
        // A provider that shows no dialog knows no such text.
        let _ = key.set(ffi::Text::Purpose, purpose, true);
        Ok(Box::new(Opened(key)))
    }
}

const fn silent(dialogs: Dialogs) -> bool {
    matches!(dialogs, Dialogs::Never)
}

struct Opened(ffi::PrivateKey);

impl Key for Opened {
    fn take_pin(&self, pin: &str) -> Result<(), Answer> {
        self.0.set(ffi::Text::Pin, pin, true)
    }

    fn decrypt(
        &self,
        how: Decryption,
        encrypted: &[u8],
        dialogs: Dialogs,
    ) -> Result<Zeroizing<Vec<u8>>, Answer> {
        let padding = match how {
            Decryption::Bare => ffi::Padding::None,
            Decryption::Pkcs1 => ffi::Padding::Pkcs1,
            Decryption::Oaep(digest) => ffi::Padding::Oaep(digest),
        };
        self.0.decrypt(padding, encrypted, silent(dialogs))
    }

    fn agree(
        &self,
        peer: &[u8],
        digest: Digest,
        behind: &[Vec<u8>],
        dialogs: Dialogs,
    ) -> Result<Zeroizing<Vec<u8>>, Answer> {
        let secret = self.0.agree(peer, silent(dialogs))?;
        let hashes: Vec<_> =
            behind.iter().map(|behind| secret.hash(digest, behind)).collect::<Result<_, _>>()?;
        let mut derived = Zeroizing::new(Vec::with_capacity(hashes.iter().map(|hash| hash.len()).sum()));
        hashes.iter().for_each(|hash| derived.extend_from_slice(hash));
        Ok(derived)
    }

    fn sign(&self, how: Signing, digest: &[u8], dialogs: Dialogs) -> Result<Vec<u8>, Answer> {
        let padding = match how {
            Signing::Pkcs1 => ffi::SignaturePadding::Pkcs1(Digest::Sha256),
            Signing::Pss => ffi::SignaturePadding::Pss(Digest::Sha256, SALT_OCTETS),
            Signing::Ecdsa => ffi::SignaturePadding::None,
        };
        self.0.sign(padding, digest, silent(dialogs))
    }
}

#[cfg(test)]
mod tests;
