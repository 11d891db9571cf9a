//! The set of recovery agents, as the console shows and changes it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Matter;

/// Asks for [`KraSet`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KraSetRequest {}

/// To whom archived keys are sealed.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KraSet {
    /// When this was read, RFC 3339.
    pub at: String,
    /// `signed` (a set is in force), `list` (the unsigned list serves) or `trouble` (nothing is archived).
    pub state: String,
    /// Why nothing is archived, and what to do.
    pub trouble: Option<String>,
    /// What that is about, where the console says it in words of its own.
    pub about: Option<Matter>,
    /// Fingerprint of the version that this installation goes by.
    pub pinned: Option<String>,
    /// All versions, the newest first.
    pub versions: Vec<KraSetLine>,
    /// The unsigned list.
    pub list: Vec<OfficerLine>,
    /// Days before the end of a certificate from which it is warned.
    pub warn_days: u32,
}

/// A version of the set.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct KraSetLine {
    /// Number.
    pub version: u32,
    /// Fingerprint, for comparison by another way than the database.
    pub fingerprint: String,
    /// `inForce`, `superseded`, `proposed`, `overtaken`, `withdrawn`, `untrusted`, `fork` or `refused`.
    pub standing: String,
    /// Why it is refused.
    pub why: Option<String>,
    /// Name of the set.
    pub name: String,
    /// How many officers together open a key; 0 where any one does.
    pub quorum: u8,
    /// How many persons have to agree to a recovery besides who asks.
    pub approvals: u8,
    /// The policy in words.
    pub policy: String,
    /// Officers.
    pub officers: Vec<OfficerLine>,
    /// When it was proposed, RFC 3339.
    pub at: String,
    /// By whom.
    pub by: String,
    /// What it changes beside the version in force, one sentence each, for a proposed version.
    pub changes: Vec<String>,
    /// Signatures that are there.
    pub signatures: Vec<SignatureLine>,
    /// Officers whose signatures count.
    pub collected: u8,
    /// How many it takes; `None` while the version before is not there.
    pub needed: Option<u8>,
    /// Who may sign it.
    pub electors: Vec<String>,
    /// Whether whoever is at work here may take it back.
    pub withdrawable: bool,
    /// Who took it back.
    pub withdrawn_by: Option<String>,
    /// When, RFC 3339.
    pub withdrawn_at: Option<String>,
}

/// An officer.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficerLine {
    /// Name.
    pub name: String,
    /// Subject of the certificate.
    pub subject: String,
    /// SHA-1 of the certificate.
    pub thumbprint: String,
    /// End of validity, RFC 3339.
    pub not_after: String,
    /// Whether it has ended or ends soon.
    pub ends_soon: bool,
    /// Fingerprint of the officer's ML-KEM key, 40 hexadecimal digits; `None` where there is none.
    pub ml_kem: Option<String>,
}

/// A signature under a version.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignatureLine {
    /// The officer, where it is one.
    pub officer: Option<String>,
    /// Why it counts for nothing.
    pub refused: Option<String>,
}

/// Proposes the first or the next version.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProposeKraSet {
    /// Name; the first version needs one.
    pub name: Option<String>,
    /// How many officers together open a key; 0 where any one does.
    pub quorum: u8,
    /// Where any one opens: how many persons have to agree besides who asks.
    pub approvals: u8,
    /// Officers of the version in force, or of the list, who stay: SHA-1 of their certificates.
    pub keep: Vec<String>,
    /// New officers.
    pub add: Vec<NewOfficer>,
    /// ML-KEM keys for officers who stay, each in place of the one that the officer had; who is not named here keeps it.
    pub ml_kem: Vec<OfficersMlKem>,
}

/// The public half of an ML-KEM key, as it was chosen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MlKemFile {
    /// Name of the file, for messages.
    pub name: String,
    /// PEM, in base64.
    pub content: String,
}

/// Whose ML-KEM key it is to be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficersMlKem {
    /// The officer: SHA-1 of the certificate.
    pub officer: String,
    /// The public half.
    pub key: MlKemFile,
}

/// Somebody who becomes an officer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum NewOfficer {
    /// By the certificate in a file.
    Certificate {
        /// Name of the file, for messages.
        name: String,
        /// PEM or DER, in base64.
        content: String,
        /// The officer's ML-KEM key; without it somebody who is an officer already keeps the one that is there.
        ml_kem: Option<MlKemFile>,
    },
    /// By the key on a token.
    Token {
        /// `pkcs11:…`
        address: String,
        /// As with a certificate.
        ml_kem: Option<MlKemFile>,
    },
}

impl NewOfficer {
    /// The ML-KEM key that was chosen for the officer.
    pub const fn ml_kem(&self) -> Option<&MlKemFile> {
        match self {
            Self::Certificate { ml_kem, .. } | Self::Token { ml_kem, .. } => ml_kem.as_ref(),
        }
    }
}

/// Lets this installation go by a version.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TrustKraSet {
    /// The fingerprint, as the officers told it.
    pub fingerprint: String,
}

/// Takes a proposed version back.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WithdrawKraSet {
    /// Its fingerprint.
    pub fingerprint: String,
}
