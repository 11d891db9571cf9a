//! What the application proves its identity with.

use crypto::{PrivateKey, X509Certificate};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::SetupError;

/// An application's registration, as the settings name it.
#[derive(Clone, Debug)]
pub struct Application {
    /// Directory (tenant) id.
    pub tenant: Uuid,
    /// Application (client) id.
    pub client_id: Uuid,
    /// What it logs in with.
    pub credential: Credential,
}

/// What an application logs in with.
#[derive(Clone)]
pub enum Credential {
    /// A client secret.
    Secret(Zeroizing<String>),
    /// A certificate whose key signs an assertion (RFC 7523); preferred.
    Certificate {
        /// The private key, RSA.
        key: PrivateKey,
        /// The certificate that is registered at the application.
        certificate: X509Certificate,
    },
}

impl Credential {
    /// Finds mistakes that Entra ID would only answer with an opaque number.
    pub(crate) fn check(&self) -> Result<(), SetupError> {
        let refused = |detail: String| SetupError::Credential { detail };
        match self {
            Self::Secret(secret) if secret.trim().is_empty() => Err(refused(
                "the client secret is empty; copy its value (not its id) from the application's page"
                    .to_owned(),
            )),
            Self::Secret(_) => Ok(()),
            Self::Certificate { key, certificate } => {
                let ours = key.spki_der().map_err(|error| refused(error.to_string()))?;
                let theirs = certificate.spki_der().map_err(|error| refused(error.to_string()))?;
                if ours != theirs {
                    return Err(refused(format!(
                        "`{}` belongs to another private key; give the pair that was made together",
                        certificate.subject()
                    )));
                }
                key.sign_ps256(b"").map(drop).map_err(|error| refused(error.to_string()))
            }
        }
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Secret(_) => f.write_str("Secret"),
            Self::Certificate { certificate, .. } => write!(f, "Certificate({})", certificate.subject()),
        }
    }
}
