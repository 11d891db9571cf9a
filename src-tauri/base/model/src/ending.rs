//! Certificates that are to be revoked when a grace has passed, because of what the directory says.

use serde::{Deserialize, Serialize};

use crate::id::{CertificateId, SubscriberId};
use crate::revocation::RevocationReason;
use crate::time::Timestamp;

/// Why a certificate is to end before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EndingCause {
    /// The subscriber left the organisation, or every enrollment group.
    Gone,
    /// The subscriber left the groups of the certificate's template.
    LeftGroup,
    /// Name or address changed, and a certificate with the new ones takes its place.
    Renamed,
    /// Somebody who has the key of a shared mailbox may no longer use it, and a certificate with another key takes its place.
    HolderLeft,
    /// The account is blocked, and the template says that this ends its certificates, or puts them on hold.
    Disabled,
}

impl EndingCause {
    /// All causes.
    pub const ALL: [Self; 5] = [Self::Gone, Self::LeftGroup, Self::Renamed, Self::HolderLeft, Self::Disabled];

    /// What the authority is told (RFC 5280 section 5.3.1).
    pub const fn reason(self) -> RevocationReason {
        match self {
            Self::Gone => RevocationReason::CessationOfOperation,
            Self::LeftGroup | Self::Disabled => RevocationReason::PrivilegeWithdrawn,
            Self::Renamed => RevocationReason::AffiliationChanged,
            Self::HolderLeft => RevocationReason::Superseded,
        }
    }
}

/// Notice that a certificate ends. It can be taken back until the revocation is ordered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ending {
    /// Which certificate.
    pub certificate: CertificateId,
    /// Whose.
    pub subscriber: SubscriberId,
    /// Why.
    pub cause: EndingCause,
    /// When the cause was first seen.
    pub since: Timestamp,
    /// When the grace has passed.
    pub due_at: Timestamp,
}
