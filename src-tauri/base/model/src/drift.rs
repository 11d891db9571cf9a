//! Where the database and the world outside do not say the same.
//!
//! A comparison reads each side in full and notes what differs. What one reading shows may be on its way; what two complete
//! readings in a row show is a finding, and only findings are repaired.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::certificate::{SerialNumber, Thumbprint};
use crate::id::{AuthorityId, CertificateId, DeliveryId, DriftId, SubscriberId};
use crate::time::Timestamp;

/// What differs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DriftKind {
    /// The authority issued what was never ordered here.
    ShadowIssuance,
    /// A certificate that the authority does not know.
    MissingAtAuthority,
    /// Revoked at the authority and not here.
    RevokedThere,
    /// Revoked here and not at the authority.
    NotRevokedThere,
    /// On hold on one side only.
    HoldDiffers,
    /// Handed over to Intune, and gone there.
    Orphan,
    /// At Intune, and never handed over from here.
    Unknown,
    /// At Intune again after it was removed.
    Withdrawn,
    /// At Intune for somebody who left.
    Left,
    /// At Intune under a sign-in name that its person has no longer.
    FormerName,
    /// At Intune, though the certificate has ended and nothing old is decrypted with it.
    Ended,
    /// At Intune for somebody who was never to have it.
    WrongHolder,
    /// At Intune for another purpose than the template says.
    WrongPurpose,
    /// To be shown in the address list, and not there.
    NotShown,
    /// In the address list, and not to be there any more.
    StillShown,
    /// In the address list at somebody else's entry.
    WrongEntry,
    /// The same as the first two, at an entry that is changed in a directory on premises.
    OnPremises,
}

impl DriftKind {
    /// All kinds.
    pub const ALL: [Self; 17] = [
        Self::ShadowIssuance,
        Self::MissingAtAuthority,
        Self::RevokedThere,
        Self::NotRevokedThere,
        Self::HoldDiffers,
        Self::Orphan,
        Self::Unknown,
        Self::Withdrawn,
        Self::Left,
        Self::FormerName,
        Self::Ended,
        Self::WrongHolder,
        Self::WrongPurpose,
        Self::NotShown,
        Self::StillShown,
        Self::WrongEntry,
        Self::OnPremises,
    ];

    /// Stable name for scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShadowIssuance => "shadowIssuance",
            Self::MissingAtAuthority => "missingAtAuthority",
            Self::RevokedThere => "revokedThere",
            Self::NotRevokedThere => "notRevokedThere",
            Self::HoldDiffers => "holdDiffers",
            Self::Orphan => "orphan",
            Self::Unknown => "unknown",
            Self::Withdrawn => "withdrawn",
            Self::Left => "left",
            Self::FormerName => "formerName",
            Self::Ended => "ended",
            Self::WrongHolder => "wrongHolder",
            Self::WrongPurpose => "wrongPurpose",
            Self::NotShown => "notShown",
            Self::StillShown => "stillShown",
            Self::WrongEntry => "wrongEntry",
            Self::OnPremises => "onPremises",
        }
    }

    /// From the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// What a plan does about it; `None` where only a person can know what is right.
    pub const fn repair(self) -> Option<DriftRepair> {
        match self {
            Self::RevokedThere => Some(DriftRepair::MarkRevoked),
            Self::NotRevokedThere => Some(DriftRepair::RevokeAgain),
            Self::Unknown
            | Self::Withdrawn
            | Self::Left
            | Self::FormerName
            | Self::Ended
            | Self::WrongHolder => Some(DriftRepair::WithdrawRecord),
            Self::NotShown | Self::StillShown => Some(DriftRepair::PublishAgain),
            Self::ShadowIssuance
            | Self::MissingAtAuthority
            | Self::HoldDiffers
            | Self::Orphan
            | Self::WrongPurpose
            | Self::WrongEntry
            | Self::OnPremises => None,
        }
    }
}

/// What a plan does about a finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DriftRepair {
    /// Remove the record at Intune.
    WithdrawRecord,
    /// Write down that the authority has revoked it; the plan then orders another one for whoever is entitled.
    MarkRevoked,
    /// Ask the authority once more for a revocation that it was asked for before.
    RevokeAgain,
    /// Have publishing look at the entry once more.
    PublishAgain,
}

impl DriftRepair {
    /// One word for tables: `withdraw`, `markRevoked`, `revokeAgain` or `publish`.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::WithdrawRecord => "withdraw",
            Self::MarkRevoked => "markRevoked",
            Self::RevokeAgain => "revokeAgain",
            Self::PublishAgain => "publish",
        }
    }
}

/// What a finding is about. The same thing is the same finding, however often it is seen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DriftObject {
    /// A certificate in the books of its authority.
    Issued {
        /// Which authority.
        authority: AuthorityId,
        /// Its serial number there.
        serial: SerialNumber,
    },
    /// A record at Intune.
    Record {
        /// The service's own id.
        id: String,
        /// SHA-1 of the certificate.
        thumbprint: Thumbprint,
        /// For whom.
        user_principal_name: String,
    },
    /// A hand-over to Intune.
    Delivery {
        /// Which.
        id: DeliveryId,
        /// SHA-1 of the certificate.
        thumbprint: Thumbprint,
        /// For whom.
        user_principal_name: String,
    },
    /// A certificate of ours and an entry of the address list.
    Entry {
        /// Whose entry.
        holder: SubscriberId,
        /// SHA-1 of the certificate.
        thumbprint: Thumbprint,
        /// The entry's address.
        address: String,
    },
}

impl fmt::Display for DriftObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issued { serial, .. } => write!(f, "serial {serial}"),
            Self::Record { id, user_principal_name, .. } => write!(f, "record {id} of {user_principal_name}"),
            Self::Delivery { thumbprint, user_principal_name, .. } => {
                write!(f, "{thumbprint} for {user_principal_name}")
            }
            Self::Entry { thumbprint, address, .. } => write!(f, "{thumbprint} in the entry of {address}"),
        }
    }
}

/// A side that is compared with the database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DriftSide {
    /// The list of an authority.
    Authority(AuthorityId),
    /// Records at Intune.
    Intune,
    /// The entries of the address list.
    AddressBook,
}

impl DriftSide {
    /// Stable name in the database.
    pub fn name(self) -> String {
        match self {
            Self::Authority(id) => format!("authority {id}"),
            Self::Intune => "intune".to_owned(),
            Self::AddressBook => "addressBook".to_owned(),
        }
    }

    /// From the name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.split_once(' ') {
            Some(("authority", id)) => id.parse().ok().map(Self::Authority),
            None if name == "intune" => Some(Self::Intune),
            None if name == "addressBook" => Some(Self::AddressBook),
            Some(_) | None => None,
        }
    }
}

/// What a reading shows of one difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DriftSighting {
    /// On which side.
    pub side: DriftSide,
    /// What differs.
    pub kind: DriftKind,
    /// What it is about.
    pub object: DriftObject,
    /// Our certificate behind it, where there is one.
    pub certificate: Option<CertificateId>,
    /// What differs and what helps, for people.
    pub sentence: String,
}

/// How far a difference is believed, and what a person made of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DriftState {
    /// One complete reading showed it; it may be on its way.
    Noted,
    /// Two complete readings in a row showed it.
    Open,
    /// It is so, and a person says why it may be.
    Ignored,
    /// A complete reading does not show it any more.
    Closed,
}

impl DriftState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Noted, Self::Open, Self::Ignored, Self::Closed];

    /// Stable name for scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::Open => "open",
            Self::Ignored => "ignored",
            Self::Closed => "closed",
        }
    }

    /// From the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A difference with its history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DriftFinding {
    /// Made of kind and object: what comes back after it was gone has the id that it had.
    pub id: DriftId,
    /// What the last reading showed.
    pub seen: DriftSighting,
    /// Beginning of the reading that showed it first, since it was last gone.
    pub first_seen: Timestamp,
    /// Beginning of the last reading that showed it.
    pub last_seen: Timestamp,
    /// How far it is believed.
    pub state: DriftState,
    /// Who ignores it, why, and since when.
    pub decision: Option<DriftDecision>,
    /// When a repair was ordered last.
    pub ordered_at: Option<Timestamp>,
}

impl DriftFinding {
    /// What a plan does about it now: nothing before it is confirmed, once it is ignored, or between a repair and the reading
    /// that shows what came of it.
    pub fn repair(&self) -> Option<DriftRepair> {
        let is_ordered = self.ordered_at.is_some_and(|at| at >= self.last_seen);
        if self.state == DriftState::Open && !is_ordered { self.seen.kind.repair() } else { None }
    }
}

/// A person's word about a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DriftDecision {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What became of the last attempt to read a side in full.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DriftReading {
    /// Which side.
    pub side: DriftSide,
    /// When the last complete reading began; `None` when there was none.
    pub read_at: Option<Timestamp>,
    /// When reading was tried last.
    pub tried_at: Timestamp,
    /// How much the last complete reading compared.
    pub compared: u64,
    /// Why the last attempt compared nothing; `None` when it did.
    pub not_compared: Option<String>,
}

/// A repair as a plan names it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepairIntent {
    /// Of which finding.
    pub finding: DriftId,
    /// What differs.
    pub kind: DriftKind,
    /// What is done about it.
    pub repair: DriftRepair,
    /// To what, for people.
    pub object: String,
    /// Why, in one sentence.
    pub reason: String,
}

impl RepairIntent {
    /// What a plan does about a finding, if it does anything now.
    pub fn of(finding: &DriftFinding) -> Option<Self> {
        Some(Self {
            finding: finding.id,
            kind: finding.seen.kind,
            repair: finding.repair()?,
            object: finding.seen.object.to_string(),
            reason: finding.seen.sentence.clone(),
        })
    }

    /// Whether both mean the same deed; reasons may have other words.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.finding, self.kind, self.repair) == (other.finding, other.kind, other.repair)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for kind in DriftKind::ALL {
            assert_eq!(DriftKind::from_name(kind.name()), Some(kind));
        }
        for state in DriftState::ALL {
            assert_eq!(DriftState::from_name(state.name()), Some(state));
        }
        let authority = DriftSide::Authority(uuid::Uuid::from_u128(7).into());
        for side in [authority, DriftSide::Intune, DriftSide::AddressBook] {
            assert_eq!(DriftSide::from_name(&side.name()), Some(side));
        }
        assert_eq!(DriftSide::from_name("authority x"), None);
    }

    #[test]
    fn only_what_is_confirmed_and_not_under_repair_is_repaired() {
        let object =
            DriftObject::Issued { authority: uuid::Uuid::from_u128(1).into(), serial: "0a".parse().unwrap() };
        let seen = DriftSighting {
            side: DriftSide::Intune,
            kind: DriftKind::RevokedThere,
            object,
            certificate: None,
            sentence: "revoked there".to_owned(),
        };
        let at = Timestamp::from_seconds;
        let finding = DriftFinding {
            id: uuid::Uuid::from_u128(2).into(),
            seen,
            first_seen: at(1),
            last_seen: at(5),
            state: DriftState::Open,
            decision: None,
            ordered_at: None,
        };
        assert_eq!(finding.repair(), Some(DriftRepair::MarkRevoked));
        for state in [DriftState::Noted, DriftState::Ignored, DriftState::Closed] {
            assert_eq!(DriftFinding { state, ..finding.clone() }.repair(), None, "{state:?}");
        }
        let ordered = |when| DriftFinding { ordered_at: Some(when), ..finding.clone() };
        assert_eq!(ordered(at(6)).repair(), None, "no reading came after it");
        assert_eq!(ordered(at(4)).repair(), Some(DriftRepair::MarkRevoked), "it is there again, or still");
    }
}
