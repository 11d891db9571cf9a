//! The small numbers that stand for states in the database. A number never changes its meaning; new ones are added.

use model::names::Profile;
use model::{
    CampaignState, CertificateState, DeliveryState, DriftKind, DriftState, EndingCause, EnrollmentState,
    HoldCause, HoldState, JournalEvent, KeyAlgorithm, MemberStage, PublicationState, Purpose, RecoveryState,
    RevocationReason, Station, SubscriberKind,
};

use crate::value::Value;

/// A state with a number in the database.
pub(crate) trait Coded: Copy {
    /// What a row with an unknown number is called in the error.
    const WHAT: &'static str;
    fn code(self) -> i64;
    fn from_code(code: i64) -> Option<Self>;
    fn value(self) -> Value {
        Value::Int(self.code())
    }
}

macro_rules! codes {
    ($($type:ty, $what:literal { $($variant:ident = $code:literal),+ $(,)? })+) => {$(
        impl Coded for $type {
            const WHAT: &'static str = $what;
            fn code(self) -> i64 {
                match self { $(Self::$variant => $code),+ }
            }
            fn from_code(code: i64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    )+};
}

codes! {
    SubscriberKind, "kind of subscriber" { Person = 1, SharedMailbox = 2 }
    Station, "station" { Keygen = 1, Request = 2, Archive = 3, Deliver = 4 }
    EnrollmentState, "state of an enrollment" { Running = 1, Waiting = 2, Stuck = 3, Rejected = 4, Done = 5 }
    JournalEvent, "journal event" {
        Started = 1, Succeeded = 2, Waiting = 3, Failed = 4, Stuck = 5, Rejected = 6,
    }
    CertificateState, "state of a certificate" { Valid = 1, Revoking = 2, Revoked = 3, Superseded = 4, Held = 5 }
    HoldCause, "cause of a hold" { ByHand = 1, Disabled = 2 }
    HoldState, "state of a hold" { Ordered = 1, AtAuthority = 2, HereOnly = 3, Lifting = 4 }
    DeliveryState, "state of a delivery" { Planned = 1, Accepted = 2, Present = 3, Missing = 4, Withdrawn = 5 }
    PublicationState, "state of a publication" {
        Wanted = 1, Accepted = 2, Published = 3, Unwanted = 4, Withdrawn = 5, NeedsOnPremises = 6, NoMailbox = 7, Refused = 8, Withheld = 9,
    }
    DriftKind, "kind of difference" {
        ShadowIssuance = 1, MissingAtAuthority = 2, RevokedThere = 3, NotRevokedThere = 4, Orphan = 5, Unknown = 6,
        Withdrawn = 7, Left = 8, FormerName = 9, Ended = 10, WrongHolder = 11, WrongPurpose = 12, HoldDiffers = 13,
        NotShown = 14, StillShown = 15, WrongEntry = 16, OnPremises = 17,
    }
    DriftState, "state of a difference" { Noted = 1, Open = 2, Ignored = 3, Closed = 4 }
    CampaignState, "state of a campaign" { Draft = 1, Running = 2, Paused = 3, Done = 4, Stopped = 5 }
    MemberStage, "stage of a campaign's member" {
        Waiting = 1, Ordered = 2, Issued = 3, ReadBack = 4, Revoking = 5, Revoked = 6, Replaced = 7, Excluded = 8, Failed = 9,
    }
    EndingCause, "cause of an ending" { Gone = 1, LeftGroup = 2, Renamed = 3, HolderLeft = 4, Disabled = 5 }
    Purpose, "purpose" { Smime = 1, Cba = 2 }
    RecoveryState, "state of a recovery request" { Waiting = 1, Opened = 2, Done = 3, Withdrawn = 4, Refused = 5 }
    Profile, "profile" { SmimeSponsor = 1, SmimeMailbox = 2, ClientAuth = 3 }
    KeyAlgorithm, "key algorithm" { Rsa2048 = 1, Rsa3072 = 2, Rsa4096 = 3, P256 = 4, P384 = 5 }
}

impl Coded for RevocationReason {
    const WHAT: &'static str = "revocation reason";
    /// The codes of RFC 5280.
    fn code(self) -> i64 {
        Self::code(self).into()
    }
    fn from_code(code: i64) -> Option<Self> {
        u8::try_from(code).ok().and_then(Self::from_code)
    }
}
