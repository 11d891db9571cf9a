//! Signing on the token: the officer's consent to a set of recovery agents.
//!
//! The same key, the same PIN, sent once. Many cards hash nothing themselves; they are given the digest.

use crypto::signature::{digest, digest_info, ecdsa_from_numbers};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::session::UserType;
use ports::{RecoveryKeyError, Signature, SignatureAlgorithm};

use super::fault;
use super::unwrap::{Again, Key, Opening, State, Stopped};

impl State {
    /// Signs a message. Blocks.
    pub(super) fn sign(&mut self, message: &[u8]) -> Result<Signature, RecoveryKeyError> {
        let algorithm = self.certificate.signs_by().map_err(|error| self.unfit(error.to_string()))?;
        let signed = self.sign_opened(algorithm, message);
        self.after(&signed);
        let signature = signed?;
        // A module that signs something else is found out here, and not by whoever relies on it.
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
        let Opening::Open(key) = &self.opening else { return Err(self.spent()) };
        self.sign_by(key, algorithm, message)
    }

    fn sign_by(
        &self,
        key: &Key,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Signature, RecoveryKeyError> {
        if algorithm == SignatureAlgorithm::Rs256 {
            if self.can(MechanismType::SHA256_RSA_PKCS)? {
                match self.use_key(key, &Mechanism::Sha256RsaPkcs, message) {
                    Err(Stopped::ByToken(error)) if is_refused_to_begin(&error) => {}
                    done => return self.settled(algorithm, done),
                }
            }
            if !self.can(MechanismType::RSA_PKCS)? {
                return Err(self.only_decrypts());
            }
            let done = self.use_key(key, &Mechanism::RsaPkcs, &digest_info(message));
            return self.settled(algorithm, done);
        }
        if !self.can(MechanismType::ECDSA)? {
            return Err(self.only_decrypts());
        }
        let numbers = self.use_key(key, &Mechanism::Ecdsa, &digest(algorithm, message));
        let signature = self.settled(algorithm, numbers)?;
        let octets = ecdsa_from_numbers(&signature.octets).map_err(|error| self.unfit(error.to_string()))?;
        Ok(Signature { octets, ..signature })
    }

    fn use_key(&self, key: &Key, mechanism: &Mechanism<'_>, data: &[u8]) -> Result<Vec<u8>, Stopped> {
        let pin = match &key.again {
            Again::No => return Ok(self.session.sign(mechanism, key.object, data)?),
            Again::AtTheReader => None,
            Again::With(pin) => Some(pin.as_str()),
        };
        // Such a key wants the PIN between the beginning and the signature. The crate has no call for the second half in one
        // piece; in parts it is the same for modules that know them.
        self.session.sign_init(mechanism, key.object)?;
        self.log_in(UserType::ContextSpecific, pin).map_err(Stopped::ByLogin)?;
        self.session.sign_update(data)?;
        Ok(self.session.sign_final()?)
    }

    fn settled(
        &self,
        algorithm: SignatureAlgorithm,
        done: Result<Vec<u8>, Stopped>,
    ) -> Result<Signature, RecoveryKeyError> {
        match done {
            Ok(octets) => Ok(Signature { algorithm, octets }),
            Err(Stopped::ByLogin(error)) => Err(error),
            Err(Stopped::ByToken(error)) if may_not_sign(&error) => Err(self.only_decrypts()),
            Err(Stopped::ByToken(error)) => Err(fault::midway(&self.place, error, || self.is_there())),
        }
    }

    fn only_decrypts(&self) -> RecoveryKeyError {
        self.unfit(
            "its key only decrypts and may not sign; let another officer of the set sign, or give this one a key that may \
             do both"
                .to_owned(),
        )
    }

    fn unfit(&self, reason: String) -> RecoveryKeyError {
        RecoveryKeyError::Unfit { place: self.place.clone(), reason }
    }
}

/// Whether the token refused to begin, so that the bare operation may be tried.
fn is_refused_to_begin(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::MechanismInvalid | RvError::MechanismParamInvalid | RvError::FunctionNotSupported,
            _
        )
    )
}

fn may_not_sign(error: &Error) -> bool {
    is_refused_to_begin(error)
        || matches!(
            error,
            Error::NotSupported
                | Error::NullFunctionPointer
                | Error::Pkcs11(
                    RvError::KeyFunctionNotPermitted
                        | RvError::KeyTypeInconsistent
                        | RvError::AttributeTypeInvalid
                        | RvError::OperationNotInitialized,
                    _
                )
        )
}
