//! What is written down of a request for somebody who sits elsewhere: an officer without a network, an owner, an auditor; and
//! what that officer answers.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::RecoveryLine;
use crate::Matter;

/// Asks for [`OfficersElsewhere`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficersElsewhereRequest {
    /// Which request.
    pub id: String,
}

/// For whom a request can be written out.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficersElsewhere {
    /// Officers who have a part in every key of it, or had one.
    pub officers: Vec<OfficerElsewhere>,
}

/// An officer who may sit at a machine without a network.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OfficerElsewhere {
    /// Name.
    pub name: String,
    /// Subject of the certificate.
    pub subject: String,
    /// SHA-1 of the certificate.
    pub thumbprint: String,
    /// Why a request cannot be written out for this officer; `None` when it can.
    pub why_not: Option<String>,
    /// What that is about, where the console says it in words of its own.
    pub about: Option<Matter>,
}

/// Writes a request out for one officer.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportRecovery {
    /// Which request.
    pub id: String,
    /// SHA-1 of the officer's certificate.
    pub officer: String,
    /// Days in which it has to be answered.
    pub days: u8,
    /// Name of the new file in [`RecoveryDesk`](super::RecoveryDesk)'s `exports`; it ends in `.bundle`.
    pub name: String,
}

/// A request was written out.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryExported {
    /// Where the bundle is.
    pub file: String,
    /// Subject of the officer's certificate.
    pub officer: String,
    /// Until when it has to be answered, RFC 3339.
    pub expires_at: String,
    /// Fingerprint of the fleet, which the officer compares.
    pub fleet: String,
    /// Fingerprint of the request, which the officer compares.
    pub fingerprint: String,
    /// Something that did not work beside it.
    pub warning: Option<String>,
}

/// Takes in what an officer without a network answered.
#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ImportRecoveryResponse {
    /// The file's octets, in base64.
    pub content: String,
}

impl std::fmt::Debug for ImportRecoveryResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportRecoveryResponse").finish_non_exhaustive()
    }
}

/// An answer was taken in.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryResponseImported {
    /// Subject of the officer's certificate.
    pub officer: String,
    /// The request that was agreed to.
    pub request: RecoveryLine,
    /// Something that did not work beside it.
    pub warning: Option<String>,
}

/// Writes the receipt of a request that was opened.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SaveRecoveryReceipt {
    /// Which request.
    pub id: String,
    /// Name of the new file in [`RecoveryDesk`](super::RecoveryDesk)'s `exports`; it ends in `.receipt`.
    pub name: String,
}

/// Writes a text for an owner, which somebody looks over and sends.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SaveOwnerNotice {
    /// Which request.
    pub id: String,
    /// To whom: the address in the certificate of one of its keys.
    pub owner: String,
    /// Name of the new file in [`RecoveryDesk`](super::RecoveryDesk)'s `exports`; it ends in `.txt`.
    pub name: String,
}

/// A receipt or a notice was written.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryPaper {
    /// Where it is.
    pub file: String,
    /// Entries of the audit log that nobody has signed yet: written after the last signature that this login may use.
    #[ts(type = "number")]
    pub unsigned: i64,
}
