//! The operations on the token: log in, find the key, unwrap by the envelope's algorithm.
//!
//! An algorithm is never found by trial. Where there are two ways to do the same one (OAEP by the token, or the bare
//! operation there and the padding taken off here), the second is taken only when the token refuses to begin the first.

use crypto::{CryptoError, X509Certificate, agree, oaep};
use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::Ulong;
use ports::{AgreedKey, KeyEncryption, RecoveryKeyError, WrappedKey};
use zeroize::Zeroizing;

use super::fault;
use super::pin::{self, Tries};
use super::token::{OnToken, Token};
use crate::hybrid::wants_ml_kem;

/// How far the key is open.
pub(super) enum Opening {
    /// With this PIN, at the first use.
    With(Zeroizing<String>),
    /// By a PIN that is typed at the reader.
    AtTheReader,
    /// The token wants no PIN.
    NotNeeded,
    /// Open.
    Open(Key),
    /// It was tried and refused. A second try is another session's, with a person who knows.
    Spent,
    /// It was taken out. What is put in later may be another.
    Gone,
}

/// The private key on the open token.
pub(super) struct Key {
    pub(super) object: ObjectHandle,
    pub(super) again: Again,
}

/// What kept a key from decrypting or signing.
pub(super) enum Stopped {
    ByToken(Error),
    /// The login that such a key wants for each single use.
    ByLogin(RecoveryKeyError),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::ByToken(error)
    }
}

/// Whether the key wants the PIN at every use (`CKA_ALWAYS_AUTHENTICATE`).
pub(super) enum Again {
    No,
    AtTheReader,
    With(Zeroizing<String>),
}

/// A session with a token, for one recovery key.
pub(super) struct State {
    pub(super) place: String,
    module: Pkcs11,
    token: Token,
    pub(super) session: Session,
    id: Vec<u8>,
    pub(super) certificate: X509Certificate,
    pub(super) opening: Opening,
}

impl State {
    pub(super) fn new(
        place: String,
        module: Pkcs11,
        token: Token,
        session: Session,
        chosen: OnToken,
        opening: Opening,
    ) -> Self {
        Self { place, module, token, session, id: chosen.id, certificate: chosen.certificate, opening }
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
        // Before the PIN is sent.
        if wrapped.is_hybrid() {
            return Err(wants_ml_kem(self.place.clone()));
        }
        self.open()?;
        let Opening::Open(key) = &self.opening else { return Err(self.spent()) };
        match wrapped {
            WrappedKey::Hybrid(_) => Err(wants_ml_kem(self.place.clone())),
            WrappedKey::Transport { algorithm: KeyEncryption::Pkcs1, encrypted_key } => {
                self.pkcs1(key, encrypted_key)
            }
            WrappedKey::Transport { algorithm, encrypted_key } => self.oaep(key, *algorithm, encrypted_key),
            WrappedKey::Agreement(agreed) => self.agree(key, agreed),
        }
    }

    /// What a refusal leaves behind.
    pub(super) fn after<T>(&mut self, done: &Result<T, RecoveryKeyError>) {
        // A PIN that was refused at the use is not sent again for the next key either.
        if matches!(done, Err(RecoveryKeyError::Locked { .. } | RecoveryKeyError::Blocked { .. })) {
            self.opening = Opening::Spent;
        }
        if matches!(done, Err(RecoveryKeyError::Absent { .. })) {
            self.opening = Opening::Gone;
        }
        // An operation that failed is over, but not in every module: OpenSC 0.23 refuses the next one (`OPERATION_ACTIVE`)
        // when it failed while the length of its result was asked for. A session that is opened while the old one is
        // there is logged in as that one is; where the token is gone, none is opened.
        if matches!(done, Err(RecoveryKeyError::DoesNotUnwrap { .. } | RecoveryKeyError::Unfit { .. }))
            && let Ok(fresh) = self.module.open_ro_session(self.token.slot)
        {
            self.session = fresh;
        }
    }

    pub(super) fn open(&mut self) -> Result<(), RecoveryKeyError> {
        let (pin, log_in) = match &mut self.opening {
            Opening::Open(_) => return Ok(()),
            Opening::Spent => return Err(self.spent()),
            Opening::Gone => return Err(fault::absent(&self.place)),
            Opening::NotNeeded => (None, false),
            Opening::AtTheReader => (None, true),
            Opening::With(pin) => (Some(std::mem::take(pin)), true),
        };
        // Whatever happens now, it does not happen a second time with the same PIN.
        self.opening = Opening::Spent;
        if log_in {
            let told = |error| self.midway(error);
            let info = self.module.get_token_info(self.token.slot).map_err(told)?;
            if Tries::of(&info) == Tries::Locked {
                return Err(pin::blocked(&self.place));
            }
            if let Some(pin) = &pin {
                pin::check(&self.place, &info, pin)?;
            }
            self.log_in(UserType::User, pin.as_ref().map(|pin| pin.as_str()))?;
        }
        self.opening = Opening::Open(self.find_key(pin)?);
        Ok(())
    }

    pub(super) fn log_in(&self, user: UserType, pin: Option<&str>) -> Result<(), RecoveryKeyError> {
        pin::login(&self.place, &self.session, user, pin, || {
            self.module.get_token_info(self.token.slot).map_or(Tries::Untold, |info| Tries::of(&info))
        })
    }

    pub(super) fn spent(&self) -> RecoveryKeyError {
        RecoveryKeyError::Locked {
            place: self.place.clone(),
            hint: "it was not opened before, and is not tried again by itself; begin anew with the right PIN"
                .to_owned(),
        }
    }

    /// The private key that belongs to the certificate.
    fn find_key(&self, pin: Option<Zeroizing<String>>) -> Result<Key, RecoveryKeyError> {
        let told = |error| self.midway(error);
        let subject = self.certificate.subject();
        let modulus = self.certificate.rsa_modulus();
        let kind = if modulus.is_some() { KeyType::RSA } else { KeyType::EC };
        let template = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::KeyType(kind),
            Attribute::Id(self.id.clone()),
        ];
        let objects = self.session.find_objects(&template).map_err(told)?;
        let wanted = [AttributeType::Modulus, AttributeType::AlwaysAuthenticate];
        for object in &objects {
            let mut belongs = modulus.is_some() || self.has_its_point()?;
            let mut always = false;
            for attribute in self.session.get_attributes(*object, &wanted).map_err(told)? {
                match attribute {
                    Attribute::Modulus(octets) => {
                        let first = octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len());
                        belongs = modulus.as_deref() == Some(&octets[first..]);
                    }
                    Attribute::AlwaysAuthenticate(answer) => always = answer,
                    _ => {}
                }
            }
            if belongs {
                let again = match (always, pin) {
                    (false, _) => Again::No,
                    (true, None) => Again::AtTheReader,
                    (true, Some(pin)) => Again::With(pin),
                };
                return Ok(Key { object: *object, again });
            }
        }
        let reason = if objects.is_empty() {
            format!("it has the certificate `{subject}` and no private key under the same identifier")
        } else {
            format!(
                "the private key under the identifier of the certificate `{subject}` is that of another certificate"
            )
        };
        Err(RecoveryKeyError::Unfit { place: self.place.clone(), reason })
    }

    /// Whether the elliptic-curve key under this identifier is the certificate's. The private half has no public point;
    /// where the public half is not on the token either, the envelope will tell.
    fn has_its_point(&self) -> Result<bool, RecoveryKeyError> {
        let template = [Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::Id(self.id.clone())];
        let own = self.certificate.spki_der().unwrap_or_default();
        let mut told_otherwise = false;
        for object in self.session.find_objects(&template).map_err(|error| self.midway(error))? {
            let read = self.session.get_attributes(object, &[AttributeType::EcPoint]);
            for attribute in read.map_err(|error| self.midway(error))? {
                if let Attribute::EcPoint(octets) = attribute {
                    // In an octet string, with a header of two octets; or as it is.
                    if own.ends_with(octets.get(2..).unwrap_or(&octets)) || own.ends_with(&octets) {
                        return Ok(true);
                    }
                    told_otherwise = true;
                }
            }
        }
        Ok(!told_otherwise)
    }

    /// The token takes the padding off, and what it does about a wrong one is its own matter: every answer about the
    /// ciphertext is told alike, and a wrong result is found by the cipher, as with any wrong key.
    fn pkcs1(&self, key: &Key, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        if !self.can(MechanismType::RSA_PKCS)? {
            return Err(self.cannot("RSA PKCS#1 v1.5 (CKM_RSA_PKCS)"));
        }
        self.decrypt(key, &Mechanism::RsaPkcs, encrypted).map_err(|stopped| self.told(stopped))
    }

    fn oaep(
        &self,
        key: &Key,
        algorithm: KeyEncryption,
        encrypted: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        let (hash, mask) = if algorithm == KeyEncryption::OaepSha1 {
            (MechanismType::SHA1, PkcsMgfType::MGF1_SHA1)
        } else {
            (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256)
        };
        if self.can(MechanismType::RSA_PKCS_OAEP)? {
            let parameters = PkcsOaepParams::new(hash, mask, PkcsOaepSource::empty());
            match self.decrypt(key, &Mechanism::RsaPkcsOaep(parameters), encrypted) {
                Err(Stopped::ByToken(error)) if fault::is_mechanism_refused(&error) => {}
                done => return done.map_err(|stopped| self.told(stopped)),
            }
        }
        if !self.can(MechanismType::RSA_X_509)? {
            return Err(
                self.cannot(&format!("{} and not the bare operation (CKM_RSA_X_509)", algorithm.label()))
            );
        }
        let padded = match self.decrypt(key, &Mechanism::RsaX509, encrypted) {
            Err(Stopped::ByToken(error)) if fault::is_mechanism_refused(&error) => {
                return Err(
                    self.cannot(&format!("{} and not the bare operation (CKM_RSA_X_509)", algorithm.label()))
                );
            }
            done => done.map_err(|stopped| self.told(stopped))?,
        };
        let octets = self.certificate.rsa_modulus().map_or(0, |modulus| modulus.len());
        oaep::unpad(algorithm, &padded, octets).map_err(|_| self.does_not_unwrap())
    }

    fn decrypt(
        &self,
        key: &Key,
        mechanism: &Mechanism<'_>,
        encrypted: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Stopped> {
        let pin = match &key.again {
            Again::No => return Ok(Zeroizing::new(self.session.decrypt(mechanism, key.object, encrypted)?)),
            Again::AtTheReader => None,
            Again::With(pin) => Some(pin.as_str()),
        };
        // Such a key wants the PIN between the beginning and the decryption. The crate has no call for the second half in
        // one piece; in parts it is the same for modules that know them.
        self.session.decrypt_init(mechanism, key.object)?;
        self.log_in(UserType::ContextSpecific, pin).map_err(Stopped::ByLogin)?;
        let mut plain = Zeroizing::new(self.session.decrypt_update(encrypted)?);
        let rest = Zeroizing::new(self.session.decrypt_final()?);
        let mut whole = Zeroizing::new(Vec::with_capacity(plain.len() + rest.len()));
        whole.append(&mut plain);
        whole.extend_from_slice(&rest);
        Ok(whole)
    }

    fn agree(&self, key: &Key, agreed: &AgreedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        if !self.can(MechanismType::ECDH1_DERIVE)? {
            return Err(self.cannot("ECDH (CKM_ECDH1_DERIVE)"));
        }
        // Before the token sees it: a point of another curve is no business of its.
        let point = agree::peer_point(agreed, &self.certificate).map_err(|error| match error {
            CryptoError::Unfit { .. } => {
                RecoveryKeyError::Unfit { place: self.place.clone(), reason: error.to_string() }
            }
            _ => self.does_not_unwrap(),
        })?;
        // An uncompressed point is an octet and two coordinates; the shared secret is as long as one.
        let size = point.len() / 2;
        let shared = self.derive(key, &point, size).map_err(|error| self.undone(error))?;
        if shared.len() > size {
            return Err(self.does_not_unwrap());
        }
        let mut whole = Zeroizing::new(vec![0; size]);
        whole[size - shared.len()..].copy_from_slice(&shared);
        agree::unwrap_agreed(agreed, &whole).map_err(|_| self.does_not_unwrap())
    }

    /// The X coordinate of the shared point. It leaves the token for the key derivation, which few tokens know in the
    /// form that CMS wants; the private key stays.
    fn derive(&self, key: &Key, point: &[u8], size: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::GENERIC_SECRET),
            Attribute::ValueLen(Ulong::try_from(size)?),
            Attribute::Token(false),
            Attribute::Private(true),
            Attribute::Sensitive(false),
            Attribute::Extractable(true),
        ];
        let parameters = Ecdh1DeriveParams::new(EcKdf::null(), point);
        let secret = self.session.derive_key(&Mechanism::Ecdh1Derive(parameters), key.object, &template)?;
        let read = self.session.get_attributes(secret, &[AttributeType::Value]);
        // It is gone with the session at the latest.
        let _ = self.session.destroy_object(secret);
        let value = read?.into_iter().find_map(|attribute| match attribute {
            Attribute::Value(octets) => Some(Zeroizing::new(octets)),
            _ => None,
        });
        value.ok_or(Error::NotSupported)
    }

    pub(super) fn can(&self, mechanism: MechanismType) -> Result<bool, RecoveryKeyError> {
        let known = self.module.get_mechanism_list(self.token.slot);
        Ok(known.map_err(|error| self.midway(error))?.contains(&mechanism))
    }

    fn cannot(&self, what: &str) -> RecoveryKeyError {
        RecoveryKeyError::Unfit {
            place: self.place.clone(),
            reason: format!(
                "it cannot do {what}, which the envelope needs; open it with another agent's key, and seal new keys to an \
                 agent whose card can"
            ),
        }
    }

    fn does_not_unwrap(&self) -> RecoveryKeyError {
        RecoveryKeyError::DoesNotUnwrap { place: self.place.clone() }
    }

    fn told(&self, stopped: Stopped) -> RecoveryKeyError {
        match stopped {
            Stopped::ByToken(error) => self.undone(error),
            // The wrong PIN, a locked one, the button for no, a card that went: what the login said.
            Stopped::ByLogin(error) => error,
        }
    }

    fn undone(&self, error: Error) -> RecoveryKeyError {
        match error {
            // Ours: the login for one operation, or its parts, or the value of a derived secret.
            Error::NotSupported
            | Error::NullFunctionPointer
            | Error::Pkcs11(RvError::FunctionNotSupported | RvError::OperationNotInitialized, _) => {
                RecoveryKeyError::Unfit {
                    place: self.place.clone(),
                    reason: "its key wants the PIN at every single use, or keeps the shared secret to itself, and its module \
                             does not offer that in a way this program knows; use a key that is made for encryption"
                        .to_owned(),
                }
            }
            other => fault::undone(&self.place, other, || self.is_there()),
        }
    }

    fn midway(&self, error: Error) -> RecoveryKeyError {
        fault::midway(&self.place, error, || self.is_there())
    }

    pub(super) fn is_there(&self) -> bool {
        self.module.get_slot_info(self.token.slot).is_ok_and(|slot| slot.token_present())
    }
}
