//! Recovery keys on smartcards, tokens and HSMs, by PKCS#11.
//!
//! First [`TokenKey::find`] looks for the one token and the one certificate that an address names; nothing secret is
//! needed for that, so an officer sees which PIN is asked for. The PIN is sent with the first content key that is to be
//! unwrapped, after the recovery is on record, and once: a wrong one is not sent again, however many keys are waiting.
//!
//! A module may block for as long as somebody stands at the reader, and some for ever after a card was pulled out in the
//! middle (OpenSC 0.23); every call into it happens on a thread for such, and is waited for with patience that ends.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what a module answers is an open set, and what is not known here is a failure"
)]

mod fault;
mod module;
mod pin;
mod sign;
mod survey;
mod token;
mod unwrap;
mod uri;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use crypto::X509Certificate;
use ports::{RecoveryKey, RecoveryKeyError, Signature, WrappedKey};
use zeroize::Zeroizing;

pub use pin::Tries;
pub use survey::{SurveyedCertificate, SurveyedToken, survey};
pub(crate) use uri::SCHEME;
pub use uri::TokenUri;

use crate::patience::{PATIENCE, Patient, off_the_async_threads};
use token::{OnToken, Token};
use unwrap::{Opening, State};

/// A key on a token, found and not opened.
pub struct TokenKey {
    place: String,
    session: cryptoki::session::Session,
    module: cryptoki::context::Pkcs11,
    token: Token,
    chosen: OnToken,
}

impl TokenKey {
    /// Looks for the key that the address names.
    ///
    /// # Errors
    /// `Absent` when no token fits; `Unfit` when several do, when no certificate or several fit, or when the module cannot
    /// be loaded. The error lists what is there.
    pub async fn find(uri: &TokenUri) -> Result<Self, RecoveryKeyError> {
        let uri = uri.clone();
        off_the_async_threads("the token", PATIENCE, fault::silent, move || Self::look_for(&uri)).await
    }

    fn look_for(uri: &TokenUri) -> Result<Self, RecoveryKeyError> {
        let module = module::load(uri.module.as_deref())?;
        let token = token::choose(&module, uri)?;
        let place = token.place();
        let told = |error| fault::told(&place, error);
        let session = module.open_ro_session(token.slot).map_err(told)?;
        let found = token::certificates(&session).map_err(told)?;
        let chosen = token::choose_certificate(&place, found, uri)?;
        Ok(Self { place, session, module, token, chosen })
    }

    /// The token in words: `token KRA 1 (serial 0123)`.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The agent's certificate.
    pub const fn certificate(&self) -> &X509Certificate {
        &self.chosen.certificate
    }

    /// What the token says about its PIN.
    pub fn tries(&self) -> Tries {
        Tries::of(&self.token.info)
    }

    /// Whether the PIN is typed at the reader and must not be asked for here.
    pub fn has_pin_pad(&self) -> bool {
        self.token.info.protected_authentication_path()
    }

    /// Whether the token's keys can be used without a PIN.
    pub fn needs_no_pin(&self) -> bool {
        !self.token.info.login_required()
    }

    /// The key, to be opened with this PIN when it is first used; with none where the reader has a PIN pad.
    pub fn with_pin(self, pin: Option<Zeroizing<String>>) -> Pkcs11RecoveryKey {
        let opening = match (self.token.info.login_required(), pin) {
            (false, _) => Opening::NotNeeded,
            (true, _) if self.has_pin_pad() => Opening::AtTheReader,
            (true, pin) => Opening::With(pin.unwrap_or_default()),
        };
        let certificate = self.chosen.certificate.clone();
        let state =
            State::new(self.place.clone(), self.module, self.token, self.session, self.chosen, opening);
        let state = Patient::new(self.place.clone(), state, fault::silent);
        Pkcs11RecoveryKey { place: self.place, certificate, state }
    }
}

/// The private key of one recovery agent, on a token.
pub struct Pkcs11RecoveryKey {
    place: String,
    certificate: X509Certificate,
    state: Patient<State>,
}

impl Pkcs11RecoveryKey {
    /// The key, with another patience than usual for each operation.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { state: self.state.with_patience(patience), ..self }
    }
}

impl fmt::Debug for Pkcs11RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkcs11RecoveryKey({}, {})", self.place, self.certificate.subject())
    }
}

#[async_trait]
impl RecoveryKey for Pkcs11RecoveryKey {
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

/// The modules that are tried when none is named, for help and documents.
pub fn usual_modules() -> impl Iterator<Item = &'static Path> {
    module::USUAL.iter().map(Path::new)
}
