//! What takes an officer's key: agreeing, signing a set, a fire drill. Each is one deed, begun with the key's address and
//! secret, and looked at until it has ended: a vault may ask for a sign-in in a browser, a reader for its PIN pad.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::RecoveryLine;
use crate::overview::CalledDrillLine;
use crate::{Password, WireError};

/// Asks for [`OfficerTokens`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficerTokensRequest {
    /// PKCS#11 module of the card's maker; the system's own list of modules where there is none.
    pub module: Option<String>,
}

/// What is in the readers and in Windows' certificate stores. No PIN is asked for.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficerTokens {
    /// Tokens, by reader; then certificate stores that have keys.
    pub tokens: Vec<TokenLine>,
    /// What could not be looked at, and why.
    pub warnings: Vec<String>,
}

/// Where keys at hand are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum TokenKind {
    /// On a token in a reader.
    #[default]
    Reader,
    /// Behind certificates in one of Windows' certificate stores.
    CertificateStore,
}

/// A token in a reader, or a certificate store.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TokenLine {
    /// Which of the two. A store has label and keys, and nothing else of what follows.
    pub kind: TokenKind,
    /// The reader.
    pub reader: String,
    /// Label of the token, or the store's path.
    pub label: String,
    /// Its serial number.
    pub serial: String,
    /// Its model.
    pub model: String,
    /// What there is to say about PIN tries that are left; `None` where nothing is.
    pub tries: Option<String>,
    /// Whether it is locked, so that no PIN helps.
    pub locked: bool,
    /// Whether the PIN is typed elsewhere than into the page: at the reader, or, for a certificate store, in Windows' own window.
    pub pin_pad: bool,
    /// Why it cannot be read.
    pub unreadable: Option<String>,
    /// Certificates with a key on it.
    pub keys: Vec<TokenKeyLine>,
}

/// A certificate with a key on a token.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TokenKeyLine {
    /// Its address, for [`OfficerKey`].
    pub address: String,
    /// Subject of the certificate.
    pub subject: String,
    /// SHA-1 of the certificate.
    pub thumbprint: String,
    /// End of validity, RFC 3339.
    pub not_after: String,
    /// Whether keys are sealed to it, or were.
    pub is_agent: bool,
}

/// An officer's key and what opens it.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficerKey {
    /// A PKCS#12 file, `pkcs11:…`, or `https://VAULT.vault.azure.net/keys/NAME/VERSION`.
    pub address: String,
    /// Password of the file or PIN of the token; none for a vault or a PIN pad. Used once and forgotten.
    #[ts(type = "string | null")]
    pub secret: Option<Password>,
    /// The officer's ML-KEM key, where keys are sealed to it as well ([`OfficerDeedNeeds`]).
    pub ml_kem: Option<OfficerMlKem>,
}

/// An officer's ML-KEM key: a file, since no card and no vault holds one.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficerMlKem {
    /// The file with the private key (PEM), by its whole path on this machine.
    pub file: String,
    /// Its password. Used once and forgotten.
    #[ts(type = "string")]
    pub secret: Password,
}

/// Asks for [`OfficerDeedNeeds`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficerDeedNeedsRequest {
    /// Before which deed.
    pub deed: OfficerDeed,
}

/// What an officer has to have at hand for a deed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficerDeedNeeds {
    /// The officer's ML-KEM key.
    pub ml_kem: MlKemNeed,
}

/// Whether a deed takes the officer's ML-KEM key beside the officer's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum MlKemNeed {
    /// Nothing at hand is sealed to one.
    None,
    /// Some of what is tried may be sealed to it, and does not open without.
    Possible,
    /// Without it the deed cannot be done.
    Needed,
}

/// What an officer does with the key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum OfficerDeed {
    /// Agrees to a request.
    Approve {
        /// Which.
        request: String,
        /// The digest of what was read.
        digest: String,
    },
    /// Signs a proposed version of the set of recovery agents.
    SignSet {
        /// The fingerprint that was compared.
        fingerprint: String,
    },
    /// Proves on a random sample that archived keys open.
    Drill {
        /// How many keys are drawn and tried; the drill that was called where there is none.
        sample: Option<u32>,
    },
}

/// Begins a deed.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BeginOfficerDeed {
    /// What.
    pub deed: OfficerDeed,
    /// With which key.
    pub key: OfficerKey,
}

/// Asks for [`DeedLine`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficerDeedRequest {}

/// Stops a deed that waits, and forgets one that has ended.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EndOfficerDeed {}

/// How far a deed is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DeedLine {
    /// `none`, `unlocking`, `signIn` (see `sign_in`), `pinPad`, `working`, `done` or `failed`.
    pub state: String,
    /// What is being done.
    pub deed: Option<OfficerDeed>,
    /// Where the key is and whose it is, once that is known.
    pub key: Option<String>,
    /// Where to sign in, while the state is `signIn`.
    pub sign_in: Option<SignInLine>,
    /// How many were tried, in a fire drill.
    pub tried: u32,
    /// Of how many.
    pub of: u32,
    /// The request that was agreed to.
    pub approved: Option<RecoveryLine>,
    /// The version that was signed.
    pub signed: Option<SetSigned>,
    /// The fire drill that was held.
    pub drill: Option<DrillHeld>,
    /// Why it failed.
    pub error: Option<WireError>,
    /// Something that did not work beside it, or has to be known before the next try.
    pub warning: Option<String>,
}

/// A sign-in in a browser, on any machine.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInLine {
    /// Where.
    pub address: String,
    /// The code to enter there.
    pub code: String,
    /// For how many minutes it is good.
    pub minutes: u32,
}

/// An officer signed a version of the set.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetSigned {
    /// The officer.
    pub officer: String,
    /// Name of the set.
    pub name: String,
    /// Version.
    pub version: u32,
    /// Signatures that are there.
    pub collected: u8,
    /// How many it takes.
    pub needed: u8,
    /// Whether this installation goes by it.
    pub in_force: bool,
}

/// A fire drill was held.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DrillHeld {
    /// Keys that were tried.
    pub sample: u32,
    /// Keys that opened.
    pub opened: u32,
    /// Keys sealed to a quorum of which the officer's share opened.
    pub shares: u32,
    /// Keys that are other officers', not tried.
    pub others: u32,
    /// What did not open: key and why.
    pub failed: Vec<String>,
    /// Whether everything opened that is the officer's, and something was.
    pub succeeded: bool,
    /// How it stands with the called drill now, where this was one.
    pub called: Option<CalledDrillLine>,
}
