//! What the application proves its identity with.

use std::path::PathBuf;
use std::sync::Arc;

use crypto::{PrivateKey, X509Certificate};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entra::managed_identity::ManagedIdentity;
use crate::entra::signer::{AssertionAlgorithm, KeyAtHand, SharedSigner};
use crate::error::{NetError, SetupError};

/// Longer files are no tokens.
const LARGEST_TOKEN: u64 = 64 * 1_024;

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
    /// A certificate whose key signs an assertion (RFC 7523); preferred. [`Credential::certificate`] makes it of a key at hand.
    Certificate {
        /// Has the certificate that is registered at the application, and signs with its private key, RSA.
        signer: SharedSigner,
    },
    /// Somebody else's token in a file stands for it (workload identity federation). Whoever writes the file renews it, so it is
    /// read for each login.
    Federated {
        /// The file.
        token_file: PathBuf,
    },
    /// The Azure machine or service that we run on vouches for us.
    ManagedIdentity(Arc<ManagedIdentity>),
}

impl Credential {
    /// A certificate with its key at hand.
    ///
    /// # Errors
    /// `Credential` when the two do not belong together, or the key cannot sign.
    pub fn certificate(
        key: PrivateKey,
        certificate: X509Certificate,
        algorithm: AssertionAlgorithm,
    ) -> Result<Self, SetupError> {
        let refused = |detail: String| SetupError::Credential { detail };
        let ours = key.spki_der().map_err(|error| refused(error.to_string()))?;
        let theirs = certificate.spki_der().map_err(|error| refused(error.to_string()))?;
        if ours != theirs {
            return Err(refused(format!(
                "`{}` belongs to another private key; give the pair that was made together",
                certificate.subject()
            )));
        }
        // Both paddings need an RSA key; this one says so.
        key.sign_ps256(b"").map_err(|error| refused(error.to_string()))?;
        Ok(Self::Certificate { signer: Arc::new(KeyAtHand { key, certificate, algorithm }) })
    }

    /// Finds mistakes that Entra ID would only answer with an opaque number.
    pub(crate) fn check(&self) -> Result<(), SetupError> {
        match self {
            Self::Secret(secret) if secret.trim().is_empty() => Err(SetupError::Credential {
                detail: "the client secret is empty; copy its value (not its id) from the application's page"
                    .to_owned(),
            }),
            Self::Secret(_)
            | Self::Certificate { .. }
            | Self::Federated { .. }
            | Self::ManagedIdentity(_) => Ok(()),
        }
    }
}

/// The token that somebody else wrote, without the white space around it.
pub(super) async fn federated_token(file: &std::path::Path) -> Result<Zeroizing<String>, NetError> {
    let refused = |why: String| NetError::Unsendable {
        detail: format!(
            "the federated token in {} cannot be used: {why}; it is written by the platform (Kubernetes with workload identity, \
             a pipeline): check that it is mounted here and that this account may read it",
            file.display()
        ),
    };
    let length = tokio::fs::metadata(file).await.map_err(|error| refused(error.to_string()))?.len();
    if length > LARGEST_TOKEN {
        return Err(refused(format!("it has {length} bytes, too many for a token")));
    }
    let bytes = Zeroizing::new(tokio::fs::read(file).await.map_err(|error| refused(error.to_string()))?);
    let text = std::str::from_utf8(&bytes).map_err(|_| refused("it does not hold text".to_owned()))?.trim();
    if text.split('.').filter(|part| !part.is_empty()).count() != 3 {
        return Err(refused("it holds no token of three parts".to_owned()));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Secret(_) => f.write_str("Secret"),
            Self::Certificate { signer } => write!(f, "Certificate({signer:?})"),
            Self::Federated { token_file } => write!(f, "Federated({})", token_file.display()),
            Self::ManagedIdentity(identity) => write!(f, "{identity:?}"),
        }
    }
}
