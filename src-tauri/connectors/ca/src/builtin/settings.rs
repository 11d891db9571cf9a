//! What the built-in authority needs to know beside its private key. Nothing here is secret.

use std::path::PathBuf;

use crypto::issue::IssuerAddresses;
use model::Span;
use serde::{Deserialize, Serialize};

/// Settings of one built-in authority, as JSON in [`store::StoredAuthority::settings`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BuiltinSettings {
    /// Root certificate, DER.
    #[serde(with = "base64_text")]
    pub root: Vec<u8>,
    /// Issuing certificate, DER, signed by the root.
    #[serde(with = "base64_text")]
    pub issuing: Vec<u8>,
    /// The root's revocation list, DER; made when the authority was founded.
    #[serde(with = "base64_text")]
    pub root_crl: Vec<u8>,
    /// Where the world finds lists and certificates, e.g. `http://pki.contoso.com/ca`. Certificates carry it: once they
    /// are issued, the address must be kept.
    pub base_url: String,
    /// Also write the revocation list to this file, for a web server of your own.
    #[serde(default)]
    pub crl_file: Option<PathBuf>,
    /// How long a revocation list is valid, in hours.
    #[serde(default = "one_week")]
    pub crl_validity_hours: u32,
    /// Policies of your own, as dotted numbers; written into every certificate beside the profile's.
    #[serde(default)]
    pub policies: Vec<String>,
    /// At most so many orders a minute, of all daemons together; no limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders_per_minute: Option<u32>,
}

const fn one_week() -> u32 {
    7 * 24
}

impl BuiltinSettings {
    /// How long a revocation list is valid unless somebody says otherwise, in hours.
    pub const DEFAULT_CRL_VALIDITY_HOURS: u32 = one_week();

    /// How long a revocation list is valid.
    pub fn crl_validity(&self) -> Span {
        Span::hours(i64::from(self.crl_validity_hours))
    }

    pub(super) fn issuing_addresses(&self) -> IssuerAddresses {
        addresses(&self.base_url, "issuing")
    }
}

/// The two addresses of one step of the hierarchy; `BuiltinAuthority::PUBLISHED` serves the same names.
pub(super) fn addresses(base_url: &str, step: &str) -> IssuerAddresses {
    let base = base_url.trim_end_matches('/');
    IssuerAddresses { crl: format!("{base}/{step}.crl"), certificate: format!("{base}/{step}.cer") }
}

/// Bytes as base64 in JSON.
mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD
            .decode(text)
            .map_err(|_| de::Error::custom("a certificate or list here must be base64 of DER"))
    }
}
