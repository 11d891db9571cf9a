//! Campaigns: many certificates replaced in a short time, because an authority says that they end.

use serde::{Deserialize, Serialize};

use crate::certificate::SerialNumber;
use crate::id::{
    AuthorityId, CampaignId, CertificateId, EnrollmentId, InstallationId, SubscriberId, TemplateId,
};
use crate::revocation::RevocationReason;
use crate::time::{Span, Timestamp};

/// Which certificates a campaign replaces: those that run and fulfil every condition that is given.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Selection {
    /// Issued by this authority account.
    pub authority: Option<AuthorityId>,
    /// By this template: the authority's product.
    pub template: Option<TemplateId>,
    /// Validity began at or after this moment.
    pub issued_from: Option<Timestamp>,
    /// Validity began before this moment.
    pub issued_until: Option<Timestamp>,
    /// With one of these serial numbers; any when empty.
    pub serials: Vec<SerialNumber>,
    /// Whether certificates that newer ones have replaced already are revoked with them.
    pub superseded: bool,
}

/// How a campaign goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CampaignTerms {
    /// When the authority revokes what is left.
    pub deadline: Timestamp,
    /// Certificates that are ordered together; at least 1.
    pub wave_size: u32,
    /// Rest between two waves, in minutes.
    pub pause_minutes: u32,
    /// The campaign pauses when more than this share of a wave fails, in percent.
    pub failures_percent: u8,
    /// The template that successors are ordered by; each certificate's own when absent.
    pub to_template: Option<TemplateId>,
    /// Why the old certificates are revoked; when absent they are not, and the authority does it.
    pub revoke: Option<RevocationReason>,
    /// Revocations that are ordered in an hour, at most.
    pub revocations_per_hour: u32,
    /// Minutes that a successor must have been there before the old certificate is revoked, so that devices have fetched it.
    pub settle_minutes: u32,
    /// Whether certificates without a successor are revoked at the deadline, too.
    pub revoke_at_deadline: bool,
}

impl CampaignTerms {
    /// Rest between two waves.
    pub fn pause(&self) -> Span {
        Span::minutes(self.pause_minutes.into())
    }

    /// How long a successor must have been there before the old certificate is revoked.
    pub fn settle(&self) -> Span {
        Span::minutes(self.settle_minutes.into())
    }
}

/// Where a campaign stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CampaignState {
    /// Written down; nothing has changed.
    Draft,
    /// Orders, reads back and revokes.
    Running,
    /// Orders and revokes nothing more until a person resumes it; what is under way comes to its end.
    Paused,
    /// Every certificate was replaced and, where wanted, revoked, or taken out.
    Done,
    /// Ended by a person before that.
    Stopped,
}

impl CampaignState {
    /// Stable name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }
}

/// A person's signature under a saved plan or a campaign, made on one installation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approval {
    /// On which installation it was made.
    pub installation: InstallationId,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// RSASSA-PSS with SHA-256 in base64.
    pub signature: String,
}

/// A campaign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Campaign {
    /// Our id.
    pub id: CampaignId,
    /// Short unique name.
    pub name: String,
    /// Why, in a sentence that goes into every order's reason.
    pub why: String,
    /// Which certificates.
    pub selection: Selection,
    /// How.
    pub terms: CampaignTerms,
    /// Where it stands.
    pub state: CampaignState,
    /// When it was written down.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// How many certificates were selected then: more are never replaced without being looked at again.
    pub looked_at: u64,
    /// Signatures: of whoever wrote it down, then of those who agreed.
    pub approvals: Vec<Approval>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// Who had it begin.
    pub started_by: Option<String>,
    /// When it was done or stopped.
    pub ended_at: Option<Timestamp>,
    /// The wave that is under way, from 1.
    pub wave: u32,
    /// How many waves there are.
    pub waves: u32,
    /// When that wave was opened.
    pub wave_at: Option<Timestamp>,
    /// When the last of that wave was settled, so that the rest before the next one has begun.
    pub settled_at: Option<Timestamp>,
    /// Why it is paused, for people.
    pub note: Option<String>,
    /// Grows with each change; not part of what is written down.
    #[serde(skip)]
    pub version: i64,
}

/// How far a member of a campaign came. Each word means what was seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MemberStage {
    /// Its wave has not come, or something is waited for.
    Waiting,
    /// A successor with a new key is ordered.
    Ordered,
    /// The authority has issued the successor.
    Issued,
    /// The successor was handed over and read back; the old certificate is still good.
    ReadBack,
    /// The revocation of the old certificate is ordered.
    Revoking,
    /// The authority has confirmed the revocation.
    Revoked,
    /// The successor is there, and the old certificate is left to the authority.
    Replaced,
    /// Taken out by a person.
    Excluded,
    /// Something stands in the way; the old certificate is kept.
    Failed,
}

impl MemberStage {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 9] = [
        Self::Waiting,
        Self::Ordered,
        Self::Issued,
        Self::ReadBack,
        Self::Revoking,
        Self::Revoked,
        Self::Replaced,
        Self::Excluded,
        Self::Failed,
    ];

    /// Stable name, as on the command line and in evidence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ordered => "ordered",
            Self::Issued => "issued",
            Self::ReadBack => "readBack",
            Self::Revoking => "revoking",
            Self::Revoked => "revoked",
            Self::Replaced => "replaced",
            Self::Excluded => "excluded",
            Self::Failed => "failed",
        }
    }

    /// From the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name().eq_ignore_ascii_case(name))
    }

    /// Whether nothing more is done about the member.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Revoked | Self::Replaced | Self::Excluded)
    }
}

/// A certificate in a campaign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Which campaign.
    pub campaign: CampaignId,
    /// Which certificate is to be replaced.
    pub certificate: CertificateId,
    /// Whose.
    pub subscriber: SubscriberId,
    /// In which wave it is ordered; 0 for those that cannot be replaced.
    pub wave: u32,
    /// How far it came.
    pub stage: MemberStage,
    /// The enrollment that brings the successor.
    pub enrollment: Option<EnrollmentId>,
    /// What stands in the way, for people.
    pub why: Option<String>,
    /// Not looked at before.
    pub look_at: Timestamp,
    /// When the successor was ordered.
    pub ordered_at: Option<Timestamp>,
    /// When it had been read back.
    pub present_at: Option<Timestamp>,
    /// When the revocation was ordered.
    pub revoking_at: Option<Timestamp>,
    /// When the authority had confirmed it.
    pub revoked_at: Option<Timestamp>,
}

impl Member {
    /// A certificate about which nothing was done yet.
    pub const fn new(
        campaign: CampaignId,
        certificate: CertificateId,
        subscriber: SubscriberId,
        look_at: Timestamp,
    ) -> Self {
        Self {
            campaign,
            certificate,
            subscriber,
            wave: 0,
            stage: MemberStage::Waiting,
            enrollment: None,
            why: None,
            look_at,
            ordered_at: None,
            present_at: None,
            revoking_at: None,
            revoked_at: None,
        }
    }
}

/// What marks a serial number as decimal.
const DECIMAL: &str = "dec:";
/// Most octets of a serial number, with one of padding.
const OCTETS: usize = 21;

/// Serial numbers out of pasted text: one a line, or several with commas or semicolons between; hexadecimal with or without
/// colons, blanks and `0x`, or decimal with `dec:` before it. Answers them, each once, and what is none.
pub fn read_serials(text: &str) -> (Vec<SerialNumber>, Vec<String>) {
    let (mut serials, mut others) = (Vec::new(), Vec::new());
    let mut known = std::collections::BTreeSet::new();
    for token in text.split(['\n', '\r', ',', ';']).map(str::trim).filter(|token| !token.is_empty()) {
        match read_serial(token) {
            Some(serial) if known.insert(serial.clone()) => serials.push(serial),
            Some(_) => {}
            None => others.push(crate::text::fitted(token, 80)),
        }
    }
    (serials, others)
}

fn read_serial(token: &str) -> Option<SerialNumber> {
    let lower = token.to_ascii_lowercase();
    let serial = match lower.strip_prefix(DECIMAL) {
        Some(digits) => decimal(digits.trim())?,
        None => lower.strip_prefix("0x").unwrap_or(&lower).replace('\t', "").parse().ok()?,
    };
    (!serial.as_be_bytes().is_empty()).then_some(serial)
}

fn decimal(digits: &str) -> Option<SerialNumber> {
    if digits.is_empty() {
        return None;
    }
    let mut octets = [0_u8; OCTETS];
    for digit in digits.bytes() {
        if !digit.is_ascii_digit() {
            return None;
        }
        let mut carry = u16::from(digit - b'0');
        for octet in octets.iter_mut().rev() {
            let value = u16::from(*octet) * 10 + carry;
            let [high, low] = value.to_be_bytes();
            *octet = low;
            carry = u16::from(high);
        }
        if carry > 0 {
            return None;
        }
    }
    Some(SerialNumber::from_be_bytes(&octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_read_in_every_spelling_and_once() {
        let text = "0A:FF:12, 0x0aff12\n0A FF 12;dec:720658\r\n 1\nDEC: 340282366920938463463374607431768211456\nxyz, dec:12a, 0";
        let (serials, others) = read_serials(text);
        let told: Vec<String> = serials.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["0aff12", "01", "0100000000000000000000000000000000"]);
        assert_eq!(others, ["xyz", "dec:12a", "0"]);
    }

    #[test]
    fn a_decimal_number_that_no_serial_number_can_be_is_none() {
        assert!(decimal(&"9".repeat(60)).is_none(), "longer than 21 octets");
        assert!(decimal("").is_none() && decimal("-1").is_none());
        assert_eq!(decimal("00255").unwrap().to_string(), "ff");
    }

    #[test]
    fn stages_have_names_of_their_own() {
        for stage in MemberStage::ALL {
            assert_eq!(MemberStage::from_name(stage.name()), Some(stage));
        }
    }
}
