//! An application's certificate whose private key never leaves a key vault: the vault signs the digest of each assertion.
//!
//! Signing in to the vault needs a credential of its own, without a secret at best: a managed identity, or a federated token.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use crypto::X509Certificate;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::OnceCell;
use url::Url;

use crate::client::Client;
use crate::entra::Application;
use crate::entra::signer::{AssertionAlgorithm, AssertionSigner};
use crate::error::NetError;
use crate::key_vault::{Challenge, ChallengeError, KeyVault};
use crate::request::Request;

/// The version of the interface: old enough for every cloud.
const API: (&str, &str) = ("api-version", "7.4");

/// Where a certificate is in a vault, and who signs in to it.
#[derive(Clone, Debug)]
pub struct VaultCertificate {
    /// The vault: `https://NAME.vault.azure.net/`.
    pub vault: Url,
    /// Name of the certificate, which is also that of its key.
    pub name: String,
    /// Version, as 32 hexadecimal digits.
    pub version: String,
    /// The resource that tokens for it are made for.
    pub resource: String,
    /// Entra ID, without the tenant.
    pub authority: Url,
    /// Who signs in to the vault.
    pub application: Application,
}

/// Signs in a vault.
pub struct VaultSigner {
    client: Client,
    at: VaultCertificate,
    session: OnceCell<Arc<KeyVault>>,
    certificate: OnceCell<X509Certificate>,
}

#[derive(Deserialize)]
struct CertificateBundle {
    cer: String,
}

#[derive(Deserialize)]
struct Signed {
    value: String,
}

impl VaultSigner {
    /// A signer at `at`. Nothing is sent yet.
    pub fn new(client: Client, at: VaultCertificate) -> Self {
        Self { client, at, session: OnceCell::new(), certificate: OnceCell::new() }
    }

    async fn read_certificate(&self) -> Result<X509Certificate, NetError> {
        let session = self.session().await?;
        let segments = ["certificates", self.at.name.as_str(), self.at.version.as_str()];
        let request = Request::get(session.address(&segments, &[API]));
        let answer = session.send(&request).await.map_err(|error| self.refused(error))?;
        let bundle: CertificateBundle = answer.json()?;
        let der = STANDARD.decode(bundle.cer).map_err(|_| self.garbled("its certificate is not base64"))?;
        X509Certificate::from_der(&der).map_err(|error| self.garbled(&error.to_string()))
    }

    async fn session(&self) -> Result<&Arc<KeyVault>, NetError> {
        self.session
            .get_or_try_init(|| async {
                let VaultCertificate { vault, name, version, resource, .. } = &self.at;
                let path = ["certificates", name.as_str(), version.as_str()];
                let challenge = Challenge::of(&self.client, vault, &path, &[API], resource).await;
                let challenge = challenge.map_err(|error| match error {
                    ChallengeError::Net(error) => error,
                    ChallengeError::Foreign { .. } | ChallengeError::Unreadable { .. } => {
                        NetError::Unsendable { detail: error.to_string() }
                    }
                })?;
                let session = challenge.as_application(&self.at.authority, self.at.application.clone());
                let session = session.map_err(|error| NetError::Unsendable { detail: error.to_string() })?;
                Ok(Arc::new(session))
            })
            .await
    }

    /// A vault's refusal is not Entra ID's, nor that of whoever the token was for.
    fn refused(&self, error: NetError) -> NetError {
        let why = match &error {
            NetError::Forbidden { .. } => {
                "its identity needs the role \"Key Vault Crypto User\" and, to read the certificate, \"Key Vault Certificate User\" \
                 (or an access policy with keys: sign, certificates: get)"
            }
            NetError::NotFound { .. } => "check the name and the version of the certificate",
            NetError::Client { .. } => "the certificate's key must be RSA and may sign",
            NetError::Unreachable { .. }
            | NetError::OutcomeUnknown { .. }
            | NetError::Throttled { .. }
            | NetError::Server { .. }
            | NetError::Unauthorized { .. }
            | NetError::Gone { .. }
            | NetError::NotJson { .. }
            | NetError::Garbled { .. }
            | NetError::TooLarge { .. }
            | NetError::ForeignLink { .. }
            | NetError::LoginRefused(_)
            | NetError::Unsendable { .. } => return error,
        };
        NetError::Unsendable { detail: format!("{} gives no signature: {why}: {error}", self.place()) }
    }

    fn garbled(&self, detail: &str) -> NetError {
        NetError::Garbled {
            host: self.at.vault.host_str().unwrap_or_default().to_owned(),
            detail: detail.to_owned(),
        }
    }
}

#[async_trait]
impl AssertionSigner for VaultSigner {
    fn algorithm(&self) -> AssertionAlgorithm {
        AssertionAlgorithm::Ps256
    }

    fn place(&self) -> String {
        format!("the key of {} in {}", self.at.name, self.at.vault.host_str().unwrap_or("a key vault"))
    }

    async fn certificate(&self) -> Result<X509Certificate, NetError> {
        self.certificate.get_or_try_init(|| self.read_certificate()).await.cloned()
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NetError> {
        let session = self.session().await?;
        let segments = ["keys", self.at.name.as_str(), self.at.version.as_str(), "sign"];
        let digest = URL_SAFE_NO_PAD.encode(crypto::certificate::sha256(message));
        let body = json!({ "alg": self.algorithm().name(), "value": digest });
        let request = Request::post_json(session.address(&segments, &[API]), &body)?;
        let answer = session.send(&request).await.map_err(|error| self.refused(error))?;
        let signed: Signed = answer.json()?;
        URL_SAFE_NO_PAD.decode(signed.value).map_err(|_| self.garbled("its signature is not base64url"))
    }
}
