//! The names that a certificate carries.

use serde::{Deserialize, Serialize};

use crate::template::Purpose;

/// Subject and subject alternative names asked for (RFC 5280 sections 4.1.2.6 and 4.2.1.6).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateNames {
    /// `commonName`, at most 64 characters.
    pub common_name: String,
    /// `givenName`.
    pub given_name: Option<String>,
    /// `surname`.
    pub surname: Option<String>,
    /// `organizationName`.
    pub organization: Option<String>,
    /// `organizationIdentifier`.
    pub organization_identifier: Option<String>,
    /// `countryName`.
    pub country: Option<String>,
    /// `rfc822Name` entries, the primary address first.
    pub mail_addresses: Vec<String>,
    /// Microsoft's UPN otherName, for sign-in.
    pub user_principal_name: Option<String>,
    /// AD security identifier, written as the SID extension (KB5014754).
    pub security_identifier: Option<String>,
}

/// Which certificate profile an authority is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// S/MIME BR sponsor-validated, multipurpose generation: a person of an organisation.
    SmimeSponsor,
    /// S/MIME BR mailbox-validated, multipurpose generation: an address only.
    SmimeMailbox,
    /// Client authentication with a UPN.
    ClientAuth,
}

impl Profile {
    /// The use this profile serves.
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::SmimeSponsor | Self::SmimeMailbox => Purpose::Smime,
            Self::ClientAuth => Purpose::Cba,
        }
    }
}
