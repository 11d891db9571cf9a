//! Why a certificate was revoked.

use serde::{Deserialize, Serialize};

/// RFC 5280 section 5.3.1, the reasons that a subscriber's certificate can have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RevocationReason {
    /// No reason given; the CRL entry then carries no reason code.
    Unspecified,
    /// The private key may be in other hands.
    KeyCompromise,
    /// Name or another attribute changed.
    AffiliationChanged,
    /// A newer certificate replaced it.
    Superseded,
    /// It is no longer needed for its purpose.
    CessationOfOperation,
    /// Suspended; the only reason that can be taken back.
    CertificateHold,
    /// The person lost the right to it.
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// All reasons, in the order a person is offered them.
    pub const ALL: [Self; 7] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::PrivilegeWithdrawn,
    ];

    /// The `CRLReason` code of RFC 5280.
    pub const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::PrivilegeWithdrawn => 9,
        }
    }

    /// From the `CRLReason` code; `None` for codes that no subscriber's certificate can have.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The RFC's own spelling, e.g. `keyCompromise`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }

    /// From the RFC's spelling.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name().eq_ignore_ascii_case(name))
    }
}
