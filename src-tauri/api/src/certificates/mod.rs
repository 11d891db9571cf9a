//! The certificates table, one certificate in full, and what can be done with it: the shapes. Bodies are beside this file.

mod change;
mod show;

pub(crate) use change::{
    check_deliveries, export_certificate, hold_certificate, release_certificate, renew_certificate,
    revoke_certificate,
};
pub(crate) use show::{
    certificate_details, certificate_line, delivery_lines, filter_choices, list_certificates,
};
pub use show::{certificate_status, find_certificate};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::activity::JournalLine;

/// Asks for a page of the table.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ListCertificates {
    /// Beginning of name or mail address, or a whole serial number or thumbprint in any spelling.
    pub search: Option<String>,
    /// Effective status wanted: `valid`, `expired`, `held`, `revoking`, `revoked` or `superseded`; all when absent.
    pub status: Option<String>,
    /// Template id.
    pub template: Option<String>,
    /// Authority id.
    pub authority: Option<String>,
    /// Ends within this many days from now.
    pub expires_within_days: Option<u32>,
    /// With or without an archived key.
    pub archived: Option<bool>,
    /// `commonName`, `mail`, `notAfter` or `newest`.
    pub order: String,
    /// Where to go on, from the answer before.
    pub after: Option<String>,
    /// Rows wanted, 1 to 500.
    pub limit: u32,
}

/// A page of the table.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CertificatePage {
    /// Rows in order.
    pub rows: Vec<CertificateLine>,
    /// For the next page.
    pub next: Option<String>,
    /// Matching rows in all, on the first page only; counted up to 10,000.
    pub total: Option<u32>,
    /// `total` stopped counting.
    pub total_is_floor: bool,
    /// When this was read, RFC 3339.
    pub at: String,
}

/// A row of the table.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CertificateLine {
    /// Id.
    pub id: String,
    /// Effective state: `valid`, `expired`, `held`, `revoking`, `revoked`, `superseded`.
    pub status: String,
    /// When the authority last confirmed the state, RFC 3339.
    pub checked_at: String,
    /// Common name.
    pub common_name: String,
    /// Mail address, or the sign-in name where there is none.
    pub mail: String,
    /// Template name.
    pub template: String,
    /// Authority name.
    pub authority: String,
    /// End of validity, RFC 3339.
    pub not_after: String,
    /// Deliveries read back from Intune.
    pub delivered: u32,
    /// Deliveries wanted.
    pub deliveries: u32,
    /// The private key is in the archive.
    pub archived: bool,
    /// It came from elsewhere with its key: it is neither renewed nor revoked from here.
    pub imported: bool,
}

/// Asks for [`FilterChoices`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FilterChoicesRequest {}

/// What the filter pills offer.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FilterChoices {
    /// Templates.
    pub templates: Vec<Choice>,
    /// Authorities.
    pub authorities: Vec<Choice>,
    /// Revocation reasons, RFC 5280 names.
    pub revocation_reasons: Vec<String>,
}

/// An id with the name that people read.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// Asks for [`CertificateDetails`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CertificateDetailsRequest {
    /// Id.
    pub id: String,
}

/// One certificate in full.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CertificateDetails {
    /// The row.
    pub line: CertificateLine,
    /// Whom it is about: display name and sign-in name.
    pub subscriber: String,
    /// `smime` or `cba`.
    pub purpose: String,
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// SHA-1, lower-case hexadecimal.
    pub thumbprint: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// Subject as text (RFC 4514).
    pub subject: String,
    /// Issuer as text (RFC 4514).
    pub issuer: String,
    /// `rfc822Name` entries.
    pub mail_addresses: Vec<String>,
    /// UPN otherName.
    pub user_principal_name: Option<String>,
    /// Start of validity, RFC 3339.
    pub not_before: String,
    /// When it was revoked, RFC 3339.
    pub revoked_at: Option<String>,
    /// Why, RFC 5280 name.
    pub revocation_reason: Option<String>,
    /// The hold that it is on.
    pub hold: Option<HoldLine>,
    /// What is otherwise outside, in sentences: the authority says something else, or a device record or an entry in the address
    /// list is not as it should be. Seen in two readings in a row.
    pub differences: Vec<String>,
    /// Chain, issuer first: subjects as text.
    pub chain: Vec<String>,
    /// Names of the recovery agents that can open the archived key.
    pub archive_recipients: Vec<String>,
    /// Why it was ordered.
    pub reason: String,
    /// The enrollment that brought it.
    pub enrollment: String,
    /// To whose devices it went.
    pub deliveries: Vec<DeliveryLine>,
    /// What happened, in order.
    pub events: Vec<JournalLine>,
    /// PEM, to be copied.
    pub pem: String,
}

/// A hold.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HoldLine {
    /// Since when, RFC 3339.
    pub since: String,
    /// `byHand` or `disabled`: who lifts it.
    pub cause: String,
    /// `ordered`, `atAuthority`, `hereOnly` or `lifting`.
    pub state: String,
}

/// A hand-over to the devices of one person.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryLine {
    /// Sign-in name.
    pub user_principal_name: String,
    /// `planned`, `accepted`, `present`, `missing`, `withdrawn`.
    pub state: String,
    /// What was seen of it, in order: `opened` (by us, before it was sent), `accepted`, `readBack`, `confirmed` (a canary mail
    /// was read on a device).
    pub proofs: Vec<String>,
    /// When that state was reached, RFC 3339.
    pub at: String,
    /// Record id at Intune.
    pub record: Option<String>,
    /// Who told that a canary mail was read.
    pub confirmed: Option<ConfirmedLine>,
    /// A canary mail waits to be read; its code is taken until then, RFC 3339.
    pub canary_until: Option<String>,
}

/// That a canary mail was read.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmedLine {
    /// When its code was told, RFC 3339.
    pub at: String,
    /// Who entered it.
    pub by: String,
    /// On which device it was read, in their words.
    pub device: Option<String>,
}

/// Orders a revocation.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevokeCertificate {
    /// Id.
    pub id: String,
    /// RFC 5280 name.
    pub reason: String,
}

/// The revocation is ordered; a worker carries it out.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RevocationOrdered {
    /// When, RFC 3339.
    pub at: String,
}

/// Puts a certificate on hold, which can be taken back.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HoldCertificate {
    /// Id.
    pub id: String,
}

/// It is on hold here; a worker tells the authority.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct HoldOrdered {
    /// When, RFC 3339.
    pub at: String,
}

/// Lifts a hold.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseCertificate {
    /// Id.
    pub id: String,
}

/// The hold is to be lifted; a worker tells the authority first.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseOrdered {
    /// When, RFC 3339.
    pub at: String,
}

/// Orders a new certificate (new key) in place of this one.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RenewCertificate {
    /// Id.
    pub id: String,
}

/// The enrollment that will bring the new certificate.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RenewalStarted {
    /// Id of the enrollment.
    pub enrollment: String,
}

/// Reads the records back from Intune; what is not there is shown as missing.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CheckDeliveries {
    /// Id of the certificate.
    pub id: String,
}

/// The read-back is queued.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryCheckQueued {
    /// When, RFC 3339.
    pub at: String,
}

/// Exports a certificate without its key.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportCertificate {
    /// Id.
    pub id: String,
}

/// A certificate without its key.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ExportedCertificate {
    /// A file name that fits.
    pub file_name: String,
    /// The certificate and its chain, PEM.
    pub pem: String,
}
