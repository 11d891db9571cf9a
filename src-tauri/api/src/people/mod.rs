//! People and shared mailboxes: the list, and one of them in full with what the plan says. The shapes; bodies are beside
//! this file.

mod show;

pub use show::find_person;
pub(crate) use show::{ending_line, list_people, person_details};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::activity::JournalLine;
use crate::certificates::{CertificateLine, DeliveryLine};

/// Asks for a page of people.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListPeople {
    /// Beginning of display name, sign-in name or a mail address.
    pub search: Option<String>,
    /// `person` or `sharedMailbox`; both when absent.
    pub kind: Option<String>,
    /// `covered`, `partly`, `lacking`, `hindered` or `leaving`; all when absent.
    pub standing: Option<String>,
    /// Where to go on, from the answer before.
    pub after: Option<String>,
    /// Rows wanted, 1 to 500.
    pub limit: u32,
}

/// A page of people, by display name.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PeoplePage {
    /// Rows in order.
    pub rows: Vec<PersonLine>,
    /// For the next page.
    pub next: Option<String>,
    /// Matching rows in all, on the first page only; counted up to 10,000.
    pub total: Option<u32>,
    /// `total` stopped counting.
    pub total_is_floor: bool,
    /// When this was read, RFC 3339.
    pub at: String,
}

/// A person or a shared mailbox.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonLine {
    /// Entra object id.
    pub id: String,
    /// `person` or `sharedMailbox`.
    pub kind: String,
    /// Display name, or the sign-in name where there is none.
    pub name: String,
    /// Sign-in name.
    pub user_principal_name: String,
    /// Primary mail address.
    pub mail: Option<String>,
    /// Whether the account may sign in.
    pub enabled: bool,
    /// How it stands, the most urgent first: `gone`, `leaving`, `hindered`, `partly`, `covered`, `lacking`.
    pub standing: String,
    /// Since when it is in no enrollment group any more, RFC 3339.
    pub gone_at: Option<String>,
    /// Certificates that are valid.
    pub valid: u32,
    /// By how many templates.
    pub held: u32,
    /// By how many templates there is one, or should be.
    pub wanted: u32,
    /// When the first of them ends, RFC 3339.
    pub ends_at: Option<String>,
    /// Notices that certificates end before their time.
    pub notices: u32,
    /// What the last cycle said stands in the way, by template.
    pub hindrances: Vec<String>,
}

/// Asks for [`PersonDetails`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonDetailsRequest {
    /// Entra object id.
    pub id: String,
}

/// One person or shared mailbox in full.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonDetails {
    /// When this was read and decided, RFC 3339.
    pub at: String,
    /// The row.
    pub line: PersonLine,
    /// First name.
    pub given_name: Option<String>,
    /// Family name.
    pub surname: Option<String>,
    /// Further mail addresses.
    pub aliases: Vec<String>,
    /// Security identifier of the local directory.
    pub security_identifier: Option<String>,
    /// When the directory last confirmed all this, RFC 3339.
    pub seen_at: String,
    /// Enrollment groups that hold it, directly or through other groups.
    pub groups: Vec<PersonGroup>,
    /// For a shared mailbox: who may use it, by sign-in name.
    pub holders: Vec<String>,
    /// What the plan says, one for each template.
    pub verdicts: Vec<VerdictLine>,
    /// Certificates, newest first, at most 20.
    pub certificates: Vec<PersonCertificate>,
    /// There are more certificates.
    pub more_certificates: bool,
    /// Certificates that are to be revoked before their time, or were to be.
    pub endings: Vec<EndingLine>,
    /// When the last complete reading of the directory began, RFC 3339: a notice from before it was seen twice.
    pub confirmed_at: Option<String>,
    /// What was done, of the last enrollments, newest first.
    pub events: Vec<PersonEvent>,
}

/// An enrollment group.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonGroup {
    /// Entra object id.
    pub id: String,
    /// Templates that are for its members, by name.
    pub includes: Vec<String>,
    /// Templates that its members are excluded from, by name.
    pub excludes: Vec<String>,
}

/// What the plan says about one person and one template.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct VerdictLine {
    /// Template id.
    pub template_id: String,
    /// Template name.
    pub template: String,
    /// `enroll`, `renew`, `replace`, `hindered`, `underWay`, `covered` or `notEntitled`.
    pub answer: String,
    /// Why.
    pub reason: String,
    /// The certificate by this template that runs, or ran, longest.
    pub certificate: Option<String>,
}

/// A certificate of a person.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonCertificate {
    /// The row.
    pub line: CertificateLine,
    /// SHA-1 thumbprint.
    pub thumbprint: String,
    /// To whose devices it was handed over.
    pub deliveries: Vec<DeliveryLine>,
    /// How far it came in the global address list: `wanted`, `accepted`, `published`, `unwanted`, `withdrawn`, `needsOnPremises`,
    /// `noMailbox`, `refused`, `withheld`; absent where nothing is known of it.
    pub published: Option<String>,
}

/// A certificate that is to end before its time.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EndingLine {
    /// Certificate id.
    pub certificate: String,
    /// Its SHA-1 thumbprint.
    pub thumbprint: String,
    /// Whose: mail address or sign-in name.
    pub mail: String,
    /// Why: `gone`, `leftGroup` or `renamed`.
    pub cause: String,
    /// `planned`: notice is given with the next cycle; `noted`: it was given; `due`: the revocation is ordered with the next
    /// cycle, within the limits; `retracted`: it is taken back with the next cycle.
    pub state: String,
    /// When the cause was first seen, RFC 3339.
    pub since: String,
    /// When the grace has passed, RFC 3339.
    pub due_at: String,
}

/// A line of the journal of one of the enrollments.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PersonEvent {
    /// Which enrollment.
    pub enrollment: String,
    /// By which template.
    pub template: String,
    /// The line.
    pub line: JournalLine,
}
