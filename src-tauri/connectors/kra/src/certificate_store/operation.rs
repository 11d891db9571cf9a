//! The operations: find the key, unwrap by the envelope's algorithm, sign.
//!
//! An algorithm is never found by trial. Where there are two ways to do the same one (the padding taken off by Windows or
//! here), the second is taken only when Windows does not know the first. PKCS#1 v1.5 is asked for bare and its padding taken
//! off here in constant time, because Windows tells a broken padding from a whole one; where a provider insists on taking it
//! off, nothing that it answers about the ciphertext is told.

use crypto::signature::{digest, ecdsa_from_numbers};
use crypto::{CryptoError, X509Certificate, agree, oaep, pkcs1};
use ports::{AgreedKey, KeyEncryption, RecoveryKeyError, Signature, SignatureAlgorithm, WrappedKey};
use zeroize::Zeroizing;

use super::answer::Answer;
use super::key::{Decryption, Dialogs, Digest, Entry, Key, Signing, public_blob};
use crate::hybrid::wants_ml_kem;

/// How far the key is open.
enum Opening {
    /// With this PIN at the first use, and no dialog; or as Windows asks for it.
    With(Option<Zeroizing<String>>),
    /// Open.
    Open(Box<dyn Key>, Dialogs),
    /// It was tried and refused. A second try is another session's, with a person who knows.
    Spent,
    /// The card was taken out. What is put in later may be another.
    Gone,
}

/// A certificate in a store with its key, for one recovery key.
pub(super) struct State {
    place: String,
    certificate: X509Certificate,
    entry: Box<dyn Entry>,
    /// Whether the key is kept by a provider of the older library.
    legacy: bool,
    opening: Opening,
}

impl State {
    pub(super) fn new(
        place: String,
        certificate: X509Certificate,
        entry: Box<dyn Entry>,
        legacy: bool,
        pin: Option<Zeroizing<String>>,
    ) -> Self {
        Self { place, certificate, entry, legacy, opening: Opening::With(pin) }
    }

    /// Unwraps a content key. Blocks.
    pub(super) fn unwrap_key(
        &mut self,
        wrapped: &WrappedKey,
    ) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        let unwrapped = self.unwrap_opened(wrapped);
        self.after(&unwrapped);
        unwrapped
    }

    fn unwrap_opened(&mut self, wrapped: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        // Before a dialog is shown.
        if wrapped.is_hybrid() {
            return Err(wants_ml_kem(self.place.clone()));
        }
        self.open()?;
        let Opening::Open(key, dialogs) = &self.opening else { return Err(self.spent()) };
        match wrapped {
            WrappedKey::Hybrid(_) => Err(wants_ml_kem(self.place.clone())),
            WrappedKey::Transport { algorithm, encrypted_key } => {
                self.decrypt(key.as_ref(), *algorithm, encrypted_key, *dialogs)
            }
            WrappedKey::Agreement(agreed) => self.agree(key.as_ref(), agreed, *dialogs),
        }
    }

    /// Signs a message. Blocks.
    pub(super) fn sign(&mut self, message: &[u8]) -> Result<Signature, RecoveryKeyError> {
        let algorithm = self.certificate.signs_by().map_err(|error| self.unfit(error.to_string()))?;
        let signed = self.sign_opened(algorithm, message);
        self.after(&signed);
        let signature = signed?;
        // A provider that signs something else is found out here, and not by whoever relies on it.
        if self.certificate.verifies(message, &signature) {
            return Ok(signature);
        }
        Err(self.unfit("what its key signed does not fit the certificate beside it".to_owned()))
    }

    fn sign_opened(
        &mut self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Signature, RecoveryKeyError> {
        self.open()?;
        let Opening::Open(key, dialogs) = &self.opening else { return Err(self.spent()) };
        self.sign_by(key.as_ref(), algorithm, message, *dialogs)
    }

    fn open(&mut self) -> Result<(), RecoveryKeyError> {
        let pin = match &mut self.opening {
            Opening::Open(..) => return Ok(()),
            Opening::Spent => return Err(self.spent()),
            Opening::Gone => return Err(Answer::SCARD_W_REMOVED_CARD.told(&self.place)),
            Opening::With(pin) => pin.take(),
        };
        // Whatever happens now, it does not happen a second time with the same PIN.
        self.opening = Opening::Spent;
        let dialogs = if pin.is_some() { Dialogs::Never } else { Dialogs::Shown };
        let purpose = format!("Sealwright: recovery key of {}", self.certificate.subject());
        let key = self.entry.key(&purpose, dialogs).map_err(|answer| self.not_found(answer))?;
        if let Some(pin) = &pin {
            match key.take_pin(pin) {
                // A key that knows no PIN wants none.
                Err(answer) if !answer.is_another_use() => return Err(answer.told(&self.place)),
                Ok(()) | Err(_) => {}
            }
        }
        self.opening = Opening::Open(key, dialogs);
        Ok(())
    }

    /// What a refusal leaves behind.
    fn after<T>(&mut self, done: &Result<T, RecoveryKeyError>) {
        if matches!(
            done,
            Err(RecoveryKeyError::Locked { .. }
                | RecoveryKeyError::Unasked { .. }
                | RecoveryKeyError::Blocked { .. })
        ) {
            self.opening = Opening::Spent;
        }
        if matches!(done, Err(RecoveryKeyError::Absent { .. })) {
            self.opening = Opening::Gone;
        }
    }

    fn decrypt(
        &self,
        key: &dyn Key,
        algorithm: KeyEncryption,
        encrypted: &[u8],
        dialogs: Dialogs,
    ) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        let Some(modulus) = self.certificate.rsa_modulus() else {
            return Err(
                self.unfit("the content key was encrypted to an RSA key, and this is none".to_owned())
            );
        };
        let decrypt = |how| key.decrypt(how, encrypted, dialogs);
        let taken_off = |padded: Zeroizing<Vec<u8>>| match algorithm {
            KeyEncryption::Pkcs1 => pkcs1::unpad(&padded, modulus.len()),
            KeyEncryption::OaepSha1 | KeyEncryption::OaepSha256 => {
                oaep::unpad(algorithm, &padded, modulus.len())
            }
        };
        let done = match algorithm {
            KeyEncryption::Pkcs1 => match decrypt(Decryption::Bare) {
                Err(answer) if answer.knows_no_bare_operation() => {
                    return decrypt(Decryption::Pkcs1).map_err(|answer| answer.unpadded(&self.place));
                }
                done => done,
            },
            KeyEncryption::OaepSha1 | KeyEncryption::OaepSha256 => {
                let digest = if algorithm == KeyEncryption::OaepSha1 { Digest::Sha1 } else { Digest::Sha256 };
                match decrypt(Decryption::Oaep(digest)) {
                    Err(answer) if answer.knows_no_such_way() => match decrypt(Decryption::Bare) {
                        Err(answer) if answer.knows_no_bare_operation() => {
                            return Err(self.cannot(algorithm, answer));
                        }
                        done => done,
                    },
                    done => return self.settled(done, algorithm),
                }
            }
        };
        taken_off(self.settled(done, algorithm)?).map_err(|_| self.does_not_unwrap())
    }

    fn settled(
        &self,
        done: Result<Zeroizing<Vec<u8>>, Answer>,
        algorithm: KeyEncryption,
    ) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        done.map_err(|answer| {
            if answer.knows_no_such_way() {
                self.cannot(algorithm, answer)
            } else {
                answer.undone(&self.place)
            }
        })
    }

    fn cannot(&self, algorithm: KeyEncryption, answer: Answer) -> RecoveryKeyError {
        self.unfit(format!(
            "its key storage provider cannot do {}, which the envelope needs, and not the bare operation; open it with another \
             agent's key, and seal new keys to an agent whose provider can ({answer})",
            algorithm.label()
        ))
    }

    fn agree(
        &self,
        key: &dyn Key,
        agreed: &AgreedKey,
        dialogs: Dialogs,
    ) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        // Before a card sees it: a point of another curve is no business of its.
        let point = agree::peer_point(agreed, &self.certificate).map_err(|error| {
            if matches!(error, CryptoError::Unfit { .. }) {
                self.unfit(error.to_string())
            } else {
                self.does_not_unwrap()
            }
        })?;
        let Some(peer) = public_blob(&point) else {
            return Err(self.unfit("its curve is neither P-256 nor P-384".to_owned()));
        };
        let blocks = agree::derivation_blocks(agreed);
        let derived = key.agree(&peer, agreed.derivation.into(), &blocks, dialogs).map_err(|answer| {
            if answer.knows_no_such_way() || answer == Answer::NTE_BAD_KEY {
                return self.unfit(format!(
                    "its key agrees on nothing: Windows keeps it as a key for signatures (ECDSA), or its provider does not know \
                     ECDH; make a key for encryption, whose certificate has the key usage keyAgreement alone ({answer})"
                ));
            }
            answer.undone(&self.place)
        })?;
        agree::unwrap_derived(agreed, &derived).map_err(|_| self.does_not_unwrap())
    }

    fn sign_by(
        &self,
        key: &dyn Key,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        dialogs: Dialogs,
    ) -> Result<Signature, RecoveryKeyError> {
        let sign = |how, algorithm| key.sign(how, &digest(algorithm, message), dialogs);
        let (algorithm, done) = match algorithm {
            SignatureAlgorithm::Rs256 | SignatureAlgorithm::Ps256 => {
                match sign(Signing::Pkcs1, SignatureAlgorithm::Rs256) {
                    // A TPM's key may know one of the two paddings only.
                    Err(answer) if answer.knows_no_such_way() => {
                        (SignatureAlgorithm::Ps256, sign(Signing::Pss, SignatureAlgorithm::Ps256))
                    }
                    done => (SignatureAlgorithm::Rs256, done),
                }
            }
            SignatureAlgorithm::Es256 | SignatureAlgorithm::Es384 => {
                (algorithm, sign(Signing::Ecdsa, algorithm))
            }
        };
        let octets = done.map_err(|answer| {
            if answer.is_another_use() {
                return self.unfit(format!(
                    "its key only decrypts and may not sign; let another officer of the set sign, or give this one a key that may \
                     do both ({answer})"
                ));
            }
            answer.told(&self.place)
        })?;
        let octets = match algorithm {
            SignatureAlgorithm::Rs256 | SignatureAlgorithm::Ps256 => octets,
            SignatureAlgorithm::Es256 | SignatureAlgorithm::Es384 => {
                ecdsa_from_numbers(&octets).map_err(|error| self.unfit(error.to_string()))?
            }
        };
        Ok(Signature { algorithm, octets })
    }

    fn not_found(&self, answer: Answer) -> RecoveryKeyError {
        if self.legacy && answer.may_be_a_legacy_key() {
            return self.unfit(format!(
                "its key is kept by a provider of Windows' older library (CryptoAPI), which this program does not use; import the \
                 PKCS#12 file again into a key storage provider: `certutil -csp \"Microsoft Software Key Storage Provider\" \
                 -importPFX FILE` ({answer})"
            ));
        }
        answer.told(&self.place)
    }

    fn spent(&self) -> RecoveryKeyError {
        RecoveryKeyError::Locked {
            place: self.place.clone(),
            hint: "it was not opened before, and is not tried again by itself; begin anew with the right PIN"
                .to_owned(),
        }
    }

    fn does_not_unwrap(&self) -> RecoveryKeyError {
        RecoveryKeyError::DoesNotUnwrap { place: self.place.clone() }
    }

    fn unfit(&self, reason: String) -> RecoveryKeyError {
        RecoveryKeyError::Unfit { place: self.place.clone(), reason }
    }
}

#[cfg(test)]
#[path = "operation_tests.rs"]
mod tests;
