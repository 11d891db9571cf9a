//! One run of the saga that brings one subscriber one certificate.

use serde::{Deserialize, Serialize};

use crate::id::{AuthorityId, CertificateId, EnrollmentId, SubscriberId, TemplateId};
use crate::names::{CertificateNames, Profile};
use crate::template::KeyAlgorithm;
use crate::time::Timestamp;

/// The record that walks through the stations. All that a station needs to be repeated is in here or beside it in the store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrollment {
    /// Our id, and our reference at the authority.
    pub id: EnrollmentId,
    /// For whom.
    pub subscriber: SubscriberId,
    /// The subscriber's sign-in name when this was planned.
    pub user_principal_name: String,
    /// By which recipe.
    pub template: TemplateId,
    /// At which authority.
    pub authority: AuthorityId,
    /// Names to be certified, decided by the plan.
    pub names: CertificateNames,
    /// Profile to be asked for.
    pub profile: Profile,
    /// Key to be made.
    pub key: KeyAlgorithm,
    /// Whether the key is archived to the KRA set.
    pub archive: bool,
    /// Validity asked for, in days.
    pub validity_days: u32,
    /// The certificate that this one replaces.
    pub replaces: Option<CertificateId>,
    /// Why, in the plan's own sentence.
    pub reason: String,
    /// Where it stands.
    pub station: Station,
    /// How it is going there.
    pub state: EnrollmentState,
    /// The authority's handle while it makes up its mind.
    pub ticket: Option<String>,
    /// The certificate, once issued.
    pub certificate: Option<CertificateId>,
    /// Failed attempts at the present station.
    pub attempts: u32,
    /// What went wrong last, for people.
    pub last_error: Option<String>,
    /// When it was planned.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
}

/// The stations in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Station {
    /// Make the key pair and request, seal the key twice.
    Keygen,
    /// Get the certificate from the authority.
    Request,
    /// Bind the certificate to the sealed key.
    Archive,
    /// Hand the PKCS#12 to Intune and read it back.
    Deliver,
}

impl Station {
    /// All stations in order.
    pub const ALL: [Self; 4] = [Self::Keygen, Self::Request, Self::Archive, Self::Deliver];

    /// Lower-case name, as in the journal.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keygen => "keygen",
            Self::Request => "request",
            Self::Archive => "archive",
            Self::Deliver => "deliver",
        }
    }

    /// From the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|station| station.name() == name)
    }

    /// The station after this one.
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|station| *station > self)
    }
}

/// How an enrollment is going.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnrollmentState {
    /// Work is due or under way.
    Running,
    /// The outside world was asked and has not finished.
    Waiting,
    /// Needs a person; nothing is tried any more until somebody decides.
    Stuck,
    /// The authority refused, or a person gave it up: there is no certificate.
    Rejected,
    /// All stations passed.
    Done,
}

impl EnrollmentState {
    /// Whether the saga is over.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Rejected | Self::Done)
    }
}

/// An order that was refused, by its authority or before it was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// By which template it was.
    pub template: TemplateId,
    /// Names that were to be certified.
    pub names: CertificateNames,
    /// Profile that was asked for.
    pub profile: Profile,
    /// Kind of key that was to be certified.
    pub key: KeyAlgorithm,
    /// Whether the key was to be archived.
    pub archive: bool,
    /// Days that were asked for.
    pub validity_days: u32,
    /// When.
    pub at: Timestamp,
    /// A whole sentence, with the authority's words.
    pub why: String,
}

/// A line of the journal: written before an effect (`Started`) and after it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// Which enrollment.
    pub enrollment: EnrollmentId,
    /// At which station.
    pub station: Station,
    /// What happened.
    pub event: JournalEvent,
    /// For people.
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What a journal line says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JournalEvent {
    /// About to act.
    Started,
    /// Acted, result stored.
    Succeeded,
    /// Asked, answer pending.
    Waiting,
    /// Did not work; will be tried again.
    Failed,
    /// Did not work; a person must decide.
    Stuck,
    /// Refused for good.
    Rejected,
}
