//! What is written down for the auditor.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

/// An event to be appended to the audit log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// What happened.
    pub kind: AuditKind,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Who did it: an operating system account with host, behind it whoever was signed in, or `daemon`.
    pub actor: String,
    /// What it was done to.
    pub object: String,
    /// Anything else the auditor should read. Never a secret.
    pub detail: String,
}

/// Event names after Dogtag's vocabulary.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuditKind {
    /// An authority was made.
    AuthorityCreated,
    /// A KRA certificate was added.
    KraAdded,
    /// A KRA certificate was taken out of the set.
    KraRemoved,
    /// A version of a set of recovery agents was proposed.
    KraSetProposed,
    /// Somebody asked an officer's key to sign a version of a set.
    KraSetSigningRequest,
    /// An officer's key signed it, or did not.
    KraSetSigned,
    /// An installation goes by a version of a set, because a person compared its fingerprint.
    KraSetTrusted,
    /// A proposed version was taken back.
    KraSetWithdrawn,
    /// A template was written.
    TemplateChanged,
    /// An enrollment was started.
    EnrollmentStarted,
    /// A person ended an enrollment that was stuck.
    EnrollmentGivenUp,
    /// An authority issued a certificate.
    CertificateIssued,
    /// A private key went into the archive.
    KeyArchivalRequestProcessed,
    /// A PKCS#12 was handed to Intune.
    CertificateDelivered,
    /// A record at Intune was removed, or could not be.
    CertificateWithdrawn,
    /// Canary mails were written to who has a certificate's key.
    CanaryWritten,
    /// The code of a canary mail was told, or one that none has.
    CanaryConfirmed,
    /// A revocation was ordered.
    CertificateRevocationRequest,
    /// The authority confirmed a revocation.
    CertificateRevocationRequestProcessed,
    /// Somebody ordered that a certificate is put on hold.
    CertificateHoldRequest,
    /// The authority confirmed it, or knows no holds.
    CertificateHoldRequestProcessed,
    /// Somebody ordered that a hold is lifted.
    CertificateReleaseRequest,
    /// The hold was lifted.
    CertificateReleaseRequestProcessed,
    /// Somebody asked to open an archived key.
    KeyRecoveryRequest,
    /// An archived key was opened, or could not be.
    KeyRecoveryRequestProcessed,
    /// An officer is about to agree to a recovery, by giving what only the officer's key can give.
    KeyRecoveryApproval,
    /// The officer has given it, or could not.
    KeyRecoveryApprovalProcessed,
    /// Whoever asked for a recovery is about to open the keys with what officers gave.
    KeyRecoveryOpening,
    /// A request for a recovery was done, withdrawn or refused.
    KeyRecoveryRequestClosed,
    /// Somebody asked to seal archived keys to other recovery agents.
    KeyRearchivalRequest,
    /// They were sealed, or could not be. Their private keys were not opened for it.
    KeyRearchivalRequestProcessed,
    /// The schedule drew a sample of the archive, for officers to prove that it can be recovered.
    KeyRecoveryDrillCalled,
    /// Somebody asked to prove on a sample that archived keys can be recovered.
    KeyRecoveryDrillRequest,
    /// The sample was opened, or could not be; nothing of it was kept.
    KeyRecoveryDrillRequestProcessed,
    /// Somebody tried to unlock a recovery agent's key, with a wrong password or PIN, or one that is blocked.
    RecoveryKeyUnlocking,
    /// An archived key was written out as it is sealed, also for an officer without a network.
    ArchivedKeyExported,
    /// Somebody asked to take in a certificate with its key from elsewhere.
    KeyImportRequest,
    /// It went into the archive, or could not.
    KeyImportRequestProcessed,
    /// A certificate was exported without its key.
    CertificateExported,
    /// A plan that goes past the limits was approved by another person.
    PlanApproved,
    /// A plan was applied.
    PlanApplied,
    /// A person decided about a difference between the database and the world outside.
    DriftDecided,
    /// Such a difference was repaired, or could not be.
    DriftRepaired,
    /// A workstation or daemon asked to be admitted.
    InstallationAdmissionRequest,
    /// A workstation or daemon was admitted, or founded the fleet.
    InstallationAdmitted,
    /// A workstation or daemon that asked was turned away.
    InstallationRefused,
    /// A workstation or daemon trusts the fleet that it was shown, after people compared its fingerprint.
    FleetTrusted,
    /// A workstation or daemon was removed.
    InstallationRemoved,
    /// The key pair of an installation was written out, under a password.
    InstallationKeyExported,
    /// The secrets of an installation were moved to another place, such as a keyring.
    InstallationKeyMoved,
    /// An installation that had lost its key pair has it again.
    InstallationKeyRestored,
    /// The embedded database was copied into a file.
    DatabaseCopied,
    /// An installation encrypts passwords to the key of an Intune connector from now on, because a person compared its
    /// fingerprint; or the comparison failed.
    ConnectorKeyTrusted,
    /// A connector was taken out of an installation's settings.
    ConnectorRemoved,
    /// Somebody asked to move the embedded database to a server.
    DatabaseMoveRequest,
    /// A credential was written or taken away.
    SecretChanged,
    /// A setting that all installations share was written or taken away.
    SettingChanged,
    /// Secrets were sealed to other installations than before.
    SecretsResealed,
    /// What an address book shows of somebody was changed, or could not be.
    AddressBookChanged,
    /// A person had a campaign begin: with how many certificates, by when, and who agreed.
    CampaignStarted,
    /// A campaign was made, agreed to, paused, resumed, stopped, ended or written out, or members were taken out of it.
    CampaignChanged,
    /// Something that this program has no word for: written by a newer one, or by none. Never written.
    Unknown,
}

impl AuditKind {
    /// Every kind that this program writes.
    pub const ALL: [Self; 61] = [
        Self::AuthorityCreated,
        Self::KraAdded,
        Self::KraRemoved,
        Self::KraSetProposed,
        Self::KraSetSigningRequest,
        Self::KraSetSigned,
        Self::KraSetTrusted,
        Self::KraSetWithdrawn,
        Self::TemplateChanged,
        Self::EnrollmentStarted,
        Self::EnrollmentGivenUp,
        Self::CertificateIssued,
        Self::KeyArchivalRequestProcessed,
        Self::CertificateDelivered,
        Self::CertificateWithdrawn,
        Self::CanaryWritten,
        Self::CanaryConfirmed,
        Self::CertificateRevocationRequest,
        Self::CertificateRevocationRequestProcessed,
        Self::CertificateHoldRequest,
        Self::CertificateHoldRequestProcessed,
        Self::CertificateReleaseRequest,
        Self::CertificateReleaseRequestProcessed,
        Self::KeyRecoveryRequest,
        Self::KeyRecoveryRequestProcessed,
        Self::KeyRecoveryApproval,
        Self::KeyRecoveryApprovalProcessed,
        Self::KeyRecoveryOpening,
        Self::KeyRecoveryRequestClosed,
        Self::KeyRearchivalRequest,
        Self::KeyRearchivalRequestProcessed,
        Self::KeyRecoveryDrillCalled,
        Self::KeyRecoveryDrillRequest,
        Self::KeyRecoveryDrillRequestProcessed,
        Self::RecoveryKeyUnlocking,
        Self::ArchivedKeyExported,
        Self::KeyImportRequest,
        Self::KeyImportRequestProcessed,
        Self::CertificateExported,
        Self::PlanApproved,
        Self::PlanApplied,
        Self::DriftDecided,
        Self::DriftRepaired,
        Self::InstallationAdmissionRequest,
        Self::InstallationAdmitted,
        Self::InstallationRefused,
        Self::FleetTrusted,
        Self::InstallationRemoved,
        Self::InstallationKeyExported,
        Self::InstallationKeyMoved,
        Self::InstallationKeyRestored,
        Self::DatabaseCopied,
        Self::DatabaseMoveRequest,
        Self::ConnectorKeyTrusted,
        Self::ConnectorRemoved,
        Self::SecretChanged,
        Self::SettingChanged,
        Self::SecretsResealed,
        Self::AddressBookChanged,
        Self::CampaignChanged,
        Self::CampaignStarted,
    ];

    /// The name in the log, e.g. `KEY_RECOVERY_REQUEST`.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }
    /// From the name in the log.
    pub fn from_name(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
    }
}

/// How an audited action ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AuditOutcome {
    /// It did what was asked.
    Success,
    /// It did not.
    Failure,
}

/// An entry of the chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// Position, from 1, without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub event: AuditEvent,
    /// SHA-256 over the previous hash and this entry, hexadecimal.
    pub hash: String,
    /// Kind and outcome as they stand in the log, where this program does not know one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<ForeignWords>,
}

/// Kind and outcome of an entry in another program's words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ForeignWords {
    /// What happened.
    pub kind: String,
    /// How it ended.
    pub outcome: String,
}

/// Whether two names of actors are one person's: an account of the operating system, whatever the machine, in any case; or
/// whoever was signed in, whatever the account (`anna@desk as anna@example.com (object id)`).
pub fn is_same_person(one: &str, other: &str) -> bool {
    let account = |actor: &str| actor.split('@').next().unwrap_or_default().trim().to_lowercase();
    account(one) == account(other) || signed_in(one).is_some_and(|id| signed_in(other) == Some(id))
}

/// The object id of whoever was signed in.
fn signed_in(actor: &str) -> Option<Uuid> {
    let (_, person) = actor.split_once(" as ")?;
    let (_, id) = person.strip_suffix(')')?.rsplit_once('(')?;
    id.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_person_is_told_by_the_account_or_by_who_was_signed_in() {
        const ANNA: &str = "0b0b0b0b-1111-2222-3333-444444444444";
        const BEN: &str = "0c0c0c0c-1111-2222-3333-444444444444";
        let actor = |account: &str, name: &str, id: &str| format!("{account} as {name} ({id})");
        let anna = actor("anna@desk", "anna@example.com", ANNA);
        assert!(is_same_person("anna@desk", "Anna@other"));
        assert!(is_same_person(&anna, "anna@other"), "signing in makes nobody another person");
        assert!(
            is_same_person(&anna, &actor("anna@desk", "ben@example.com", BEN)),
            "nor does signing in as another"
        );
        let renamed = actor("root@server", "anna.b@example.com", &ANNA.to_uppercase());
        assert!(is_same_person(&anna, &renamed), "another account, another name, one person");
        assert!(
            !is_same_person(&anna, &actor("ben@desk", "anna@example.com", BEN)),
            "names are given to others"
        );
        assert!(!is_same_person(&anna, "ben@desk"));
        for broken in
            ["ben@desk as x ()", "ben@desk as x (y", "ben@desk (0b0b0b0b-1111-2222-3333-444444444444)"]
        {
            assert!(!is_same_person(&anna, broken) && is_same_person(broken, broken), "{broken}");
        }
        assert!(!is_same_person("ben@desk as x ()", "carl@desk as x ()"), "no id is not an id");
    }

    #[test]
    fn all_kinds_are_listed_once() {
        // What serde would take, as it tells it.
        let told = serde_json::from_str::<AuditKind>("\"?\"").unwrap_err().to_string();
        let known: BTreeSet<&str> = told.split('`').skip(3).step_by(2).collect();
        let mut listed: Vec<String> = AuditKind::ALL.map(AuditKind::name).to_vec();
        listed.push(AuditKind::Unknown.name());
        assert_eq!(listed.len(), known.len());
        assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
    }
}
