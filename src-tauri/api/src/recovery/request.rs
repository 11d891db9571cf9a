//! Requests, the keys they name, and what comes of them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for [`RecoveryDesk`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryDeskRequest {
    /// Closed and expired requests too.
    pub all: bool,
}

/// What the recovery page starts with.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryDesk {
    /// When this was read, RFC 3339.
    pub at: String,
    /// Who acts here, as the audit log names them.
    pub actor: String,
    /// What has to be right before anything begins.
    pub checks: Vec<EntryCheck>,
    /// How many officers have to agree at least, whoever's key it is.
    pub approvals: u8,
    /// Requests, the newest first.
    pub requests: Vec<RecoveryLine>,
    /// Whether there are more than are listed.
    pub more: bool,
    /// Longest life of a request, in days.
    pub longest_days: u8,
    /// Keys that one request may name at most.
    pub most_keys: u32,
    /// Mails that are decrypted at once at most.
    pub most_mails: u32,
    /// Octets that the mails of one completion have together at most, as they lie on disk.
    pub most_octets: u32,
    /// A folder that files may be written below, to start from.
    pub folder: String,
    /// The one folder for receipts, notices and bundles, which is made when there is a first one.
    pub exports: String,
}

/// Something that has to be right before a recovery.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EntryCheck {
    /// What: `role`, `fleet`, `clock` or `set`.
    pub what: String,
    /// `good`, `warning` or `bad`; nothing is begun where one is bad.
    pub verdict: String,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A recovery request.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryLine {
    /// Its id.
    pub id: String,
    /// Why it is not to be believed; then nothing else is told.
    pub not_believed: Option<String>,
    /// What its signature covers, in hexadecimal digits; whoever agrees says which one was read.
    pub digest: String,
    /// The same for people: compared with what an officer without a network is shown.
    pub fingerprint: String,
    /// `waits`, `ready`, `opened`, `done`, `withdrawn`, `refused` or `expired`.
    pub state: String,
    /// Who asks.
    pub requester: String,
    /// The machine where it was asked.
    pub machine: String,
    /// The case it belongs to.
    pub case_number: String,
    /// What allows it.
    pub legal_basis: String,
    /// Why.
    pub reason: String,
    /// What shall come of it: `decryptedMails`, `ownersDevices`, `fileForOwner`, `fileForOther` or `sealedAnew`.
    pub wanted: String,
    /// Who gets the keys, with `fileForOther`; the set, with `sealedAnew`.
    pub to: Option<String>,
    /// Which keys.
    pub keys: Vec<RecoveryKeyLine>,
    /// How many officers have to agree.
    pub needed: u8,
    /// How many have given for every key.
    pub agreed: u8,
    /// Names of the officers who have given.
    pub officers: Vec<String>,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it ends, RFC 3339.
    pub expires_at: String,
    /// Whether the actor asked for it here, so that it is completed and taken back here.
    pub own: bool,
    /// Why the actor cannot agree to it here; `None` where an officer's key decides.
    pub may_not_agree: Option<String>,
}

/// A key in a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryKeyLine {
    /// Certificate id.
    pub certificate: String,
    /// Whose, by the certificate.
    pub mail: String,
    /// Subject of the certificate.
    pub subject: String,
    /// SHA-1 of the certificate.
    pub thumbprint: String,
}

/// Asks for [`RecoverableKeys`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoverableKeysRequest {
    /// Name, address, serial number or thumbprint.
    pub search: String,
    /// Only keys of certificates that were valid at some time from this day on (`2024-01-31`).
    pub from: Option<String>,
    /// Only keys of certificates that were valid at some time up to this day.
    pub to: Option<String>,
}

/// Keys that could be asked for.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoverableKeys {
    /// The keys, the newest first, at most 100.
    pub keys: Vec<RecoverableKey>,
    /// Whether there are more.
    pub more: bool,
}

/// A certificate whose key is, or is not, in the archive.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoverableKey {
    /// Certificate id.
    pub certificate: String,
    /// Whose.
    pub common_name: String,
    /// Address.
    pub mail: String,
    /// Start of validity, RFC 3339.
    pub not_before: String,
    /// End of validity, RFC 3339.
    pub not_after: String,
    /// Effective state of the certificate, as in the certificates table.
    pub status: String,
    /// What the key is for.
    pub purpose: String,
    /// SHA-1 of the certificate.
    pub thumbprint: String,
    /// Who can take part in opening it.
    pub officers: Vec<String>,
    /// How many of them together open it; 0 where any one does.
    pub quorum: u8,
    /// Why it cannot be asked for; `None` when it can.
    pub why_not: Option<String>,
}

/// Asks for keys.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecovery {
    /// Certificate ids. With `sealedAnew` none means those that wait for it.
    pub certificates: Vec<String>,
    /// The case it belongs to.
    pub case_number: String,
    /// What allows it.
    pub legal_basis: String,
    /// Why.
    pub reason: String,
    /// What shall come of it, as in [`RecoveryLine`].
    pub wanted: String,
    /// Who gets the keys, with `fileForOther`.
    pub to: Option<String>,
    /// Days until it expires.
    pub days: u8,
}

/// Refuses a request for everybody.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RefuseRecovery {
    /// Which.
    pub id: String,
    /// Why; whoever asked reads it in the audit log.
    pub reason: String,
}

/// Takes the actor's own request back.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WithdrawRecovery {
    /// Which.
    pub id: String,
}

/// A request was closed.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryClosed {
    /// Which.
    pub id: String,
}

/// Does what was asked.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CompleteRecovery {
    /// Which request.
    pub id: String,
    /// A folder on this machine for files or mails, which is made; not for `ownersDevices`.
    pub folder: Option<String>,
    /// A new file on this machine for the passwords of PKCS#12 files, in another folder than theirs.
    pub password_file: Option<String>,
    /// For old clients: Triple DES and SHA-1 inside the PKCS#12.
    pub compatible: bool,
    /// Mails to be decrypted, with `decryptedMails`.
    pub mails: Vec<GivenMailFile>,
}

/// A mail that is to be decrypted.
#[derive(Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct GivenMailFile {
    /// Name of its file, without a folder.
    pub name: String,
    /// Its octets, in base64.
    pub content: String,
}

impl std::fmt::Debug for GivenMailFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GivenMailFile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What came of it.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCompleted {
    /// Which request.
    pub id: String,
    /// PKCS#12 files that were written.
    pub files: Vec<RecoveredFile>,
    /// Where their passwords are.
    pub password_file: Option<String>,
    /// Mails, in the order in which they were given.
    pub mails: Vec<DecryptedLine>,
    /// Addresses whose keys the service hands over now.
    pub on_their_way: Vec<String>,
    /// Addresses whose keys are on all devices already, as far as Intune has said.
    pub there_already: Vec<String>,
    /// Keys that were sealed anew.
    pub sealed_anew: u32,
    /// Whether the request is closed; it stays open where mails were not decrypted, so that it can be completed with others.
    pub closed: bool,
    /// Something that did not work beside it.
    pub warning: Option<String>,
}

/// A PKCS#12 file that was written.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecoveredFile {
    /// Whose key.
    pub mail: String,
    /// Where it is.
    pub path: String,
}

/// What became of a mail.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DecryptedLine {
    /// Name of its file.
    pub name: String,
    /// Where it was written in clear; `None` where it was not decrypted.
    pub path: Option<String>,
    /// Why it was not decrypted.
    pub failure: Option<String>,
    /// What is to be known about it, such as parts that were not encrypted and were left out.
    pub remarks: Vec<String>,
}
