//! Whose hand signs an application's assertions: a key at hand, or one on a token or in a vault that never leaves it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use crypto::{PrivateKey, X509Certificate};

use crate::error::NetError;

/// How an assertion is signed (RFC 7518 section 3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AssertionAlgorithm {
    /// RSASSA-PSS with SHA-256; what Entra ID recommends. The certificate is named by `x5t#S256`.
    #[default]
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, for ADFS and for tokens that know no PSS. The certificate is named by `x5t`.
    Rs256,
}

impl AssertionAlgorithm {
    /// The name in the header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }
}

/// Signs with the private key of an application's certificate, wherever that key is.
#[async_trait]
pub trait AssertionSigner: Send + Sync {
    /// How it signs. The header says so before anything is signed.
    fn algorithm(&self) -> AssertionAlgorithm;

    /// Where the key is, for people: `a file`, `key vault https://…`.
    fn place(&self) -> String;

    /// The certificate that is registered at the application, whose key this is.
    ///
    /// # Errors
    /// As [`AssertionSigner::sign`]: a token or vault may have to be asked for it.
    async fn certificate(&self) -> Result<X509Certificate, NetError>;

    /// Signs `message`.
    ///
    /// # Errors
    /// `Unsendable` when the key cannot sign until somebody changes something; errors of the way where a vault signs.
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NetError>;
}

/// A key that is in this process.
pub(super) struct KeyAtHand {
    pub(super) key: PrivateKey,
    pub(super) certificate: X509Certificate,
    pub(super) algorithm: AssertionAlgorithm,
}

#[async_trait]
impl AssertionSigner for KeyAtHand {
    fn algorithm(&self) -> AssertionAlgorithm {
        self.algorithm
    }

    fn place(&self) -> String {
        "this installation".to_owned()
    }

    async fn certificate(&self) -> Result<X509Certificate, NetError> {
        Ok(self.certificate.clone())
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NetError> {
        let signed = match self.algorithm {
            AssertionAlgorithm::Ps256 => self.key.sign_ps256(message),
            AssertionAlgorithm::Rs256 => self.key.sign_sha256(message),
        };
        signed.map_err(|error| NetError::Unsendable { detail: error.to_string() })
    }
}

impl fmt::Debug for dyn AssertionSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AssertionSigner({}, {})", self.algorithm().name(), self.place())
    }
}

/// A signer that several share.
pub type SharedSigner = Arc<dyn AssertionSigner>;
