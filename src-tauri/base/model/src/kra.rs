//! Key recovery agents.

use serde::{Deserialize, Serialize};

use crate::certificate::Thumbprint;
use crate::time::Timestamp;

/// A key recovery agent: whoever holds the private key of this certificate can open archived keys.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kra {
    /// SHA-1 of the certificate.
    pub thumbprint: Thumbprint,
    /// Subject `commonName`.
    pub name: String,
    /// The certificate.
    #[serde(skip)]
    pub certificate_der: Vec<u8>,
    /// End of validity; the archive refuses expired agents.
    pub not_after: Timestamp,
    /// When it was added.
    pub added_at: Timestamp,
}

/// How a content key was encrypted to a recipient's RSA key (RFC 8017). Read from the envelope, never found by trial.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyEncryption {
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256; what this product writes.
    OaepSha256,
    /// RSAES-OAEP with SHA-1 and MGF1 with SHA-1: the default parameters.
    OaepSha1,
    /// RSAES-PKCS1-v1_5.
    Pkcs1,
}

impl KeyEncryption {
    /// The name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OaepSha256 => "RSA-OAEP with SHA-256",
            Self::OaepSha1 => "RSA-OAEP with SHA-1",
            Self::Pkcs1 => "RSA PKCS#1 v1.5",
        }
    }
}
