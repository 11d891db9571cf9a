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
