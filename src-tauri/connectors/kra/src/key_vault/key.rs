//! A recovery agent's key in a vault, as a recovery uses it.

use std::fmt;

use async_trait::async_trait;
use base64::Engine as _;
use crypto::X509Certificate;
use net::{NetError, Request};
use ports::{KeyEncryption, RecoveryKey, RecoveryKeyError, Signature, SignatureAlgorithm, WrappedKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use zeroize::Zeroizing;

use super::address::{KeyVaultAddress, VaultObject};
use super::bundle::{BASE64_URL, KeyBundle};
use super::error::{is_permission, not_signed, not_unwrapped};
use super::session::{API, KeyVaultSettings, Session};
use crate::hybrid::wants_ml_kem;

/// How many bytes a content key has: those of AES.
const CONTENT_KEYS: [usize; 3] = [16, 24, 32];

/// The private key of one recovery agent, in a vault that its officer has signed in to.
pub struct KeyVaultRecoveryKey {
    session: Session,
    address: KeyVaultAddress,
    place: String,
    certificate: X509Certificate,
    /// Bytes of the modulus.
    size: usize,
}

impl fmt::Debug for KeyVaultRecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyVaultRecoveryKey({}, {})", self.place, self.certificate.subject())
    }
}

/// A recovery agent as a vault holds it, to be added to those to whom keys are sealed.
#[derive(Clone, Debug)]
pub struct KeyVaultAgent {
    /// Its certificate.
    pub certificate: X509Certificate,
    /// Its key, with the version.
    pub address: KeyVaultAddress,
    /// By which algorithms its content keys may be encrypted.
    pub opens: Vec<KeyEncryption>,
}

impl KeyVaultRecoveryKey {
    /// Signs in and finds key and certificate. The certificate is the one of `candidates` that carries the vault's key, or
    /// else the certificate object of the same name.
    ///
    /// A disabled key is found, too; it is refused when it is used, so that the attempt is on record.
    ///
    /// # Errors
    /// `Locked` when the sign-in is refused; `Blocked` without permission; `Absent` when there is no such key; `Unfit` for
    /// an address that is no vault's or names no version, a vault that asks for another resource's token, a key that is not
    /// RSA, or no certificate; `Failed` when the service fails.
    pub async fn open(
        address: &KeyVaultAddress,
        settings: KeyVaultSettings,
        candidates: &[X509Certificate],
    ) -> Result<Self, RecoveryKeyError> {
        let session = Session::open(address, settings).await?;
        let found = Found::read(&session, address, candidates).await?;
        let place = match session.account() {
            Some(account) => format!("key vault {} as {account}", found.address),
            None => format!("key vault {}", found.address),
        };
        let Found { address, certificate, size, .. } = found;
        Ok(Self { session, address, place, certificate, size })
    }

    async fn operate(
        &self,
        operation: &str,
        algorithm: &str,
        value: &[u8],
    ) -> Result<Result<Zeroizing<Vec<u8>>, RecoveryKeyError>, NetError> {
        let mut segments = self.address.segments();
        segments.push(operation);
        let vault = self.session.vault();
        let body = json!({ "alg": algorithm, "value": BASE64_URL.encode(value) });
        let answer = vault.send(&Request::post_json(vault.address(&segments, &[API]), &body)?).await?;
        // First for what is wrong with answers in general; then without copying what is inside.
        answer.json::<IgnoredAny>()?;
        Ok(self.read(answer.body()))
    }

    /// The value in an answer. Nothing of it is copied to where it would not be wiped.
    fn read(&self, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        #[derive(Deserialize)]
        struct Opened<'a> {
            kid: &'a str,
            value: &'a str,
        }
        let failed = |text: &str| RecoveryKeyError::Failed { place: self.place.clone(), source: text.into() };
        let opened: Opened<'_> = serde_json::from_slice(body)
            .map_err(|_| failed("the vault's answer has another shape than expected"))?;
        let kid = opened.kid.parse::<KeyVaultAddress>();
        if !kid.is_ok_and(|kid| kid.is_same_object(&self.address)) {
            return Err(failed("the vault answered for another key; nothing was opened or signed"));
        }
        let mut value = Zeroizing::new(vec![0; base64::decoded_len_estimate(opened.value.len())]);
        let length = BASE64_URL
            .decode_slice(opened.value, &mut value)
            .map_err(|_| failed("the vault's answer is not base64url"))?;
        value.truncate(length);
        Ok(value)
    }
}

#[async_trait]
impl RecoveryKey for KeyVaultRecoveryKey {
    fn certificate_der(&self) -> &[u8] {
        self.certificate.der()
    }

    fn place(&self) -> String {
        self.place.clone()
    }

    async fn unwrap_key(&self, wrapped: &WrappedKey) -> Result<Zeroizing<Vec<u8>>, RecoveryKeyError> {
        let (algorithm, encrypted_key) = match wrapped {
            WrappedKey::Transport { algorithm, encrypted_key } => (algorithm, encrypted_key),
            WrappedKey::Hybrid(_) => return Err(wants_ml_kem(self.place.clone())),
            WrappedKey::Agreement(_) => {
                let reason =
                    "the content key was encrypted to an elliptic-curve key, which no key vault can use"
                        .to_owned();
                return Err(RecoveryKeyError::Unfit { place: self.place.clone(), reason });
            }
        };
        if encrypted_key.len() != self.size {
            return Err(RecoveryKeyError::DoesNotUnwrap { place: self.place.clone() });
        }
        // Both do the same with an RSA key; a role or policy may grant only one of them.
        let mut operation = "unwrapkey";
        let mut opened = self.operate(operation, name_of(*algorithm), encrypted_key).await;
        if opened.as_ref().is_err_and(is_permission) {
            operation = "decrypt";
            opened = self.operate(operation, name_of(*algorithm), encrypted_key).await;
        }
        let opened = opened.map_err(|error| not_unwrapped(&self.place, error))??;
        if !CONTENT_KEYS.contains(&opened.len()) {
            return Err(RecoveryKeyError::DoesNotUnwrap { place: self.place.clone() });
        }
        tracing::info!(target: "kra", key = %self.address, operation, algorithm = name_of(*algorithm), "a content key was opened");
        Ok(opened)
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, RecoveryKeyError> {
        // Agents in vaults have RSA keys; both paddings are there, and this is the one with a proof.
        let algorithm = SignatureAlgorithm::Ps256;
        let digest = crypto::signature::digest(algorithm, message);
        let signed = self.operate("sign", algorithm.name(), &digest).await;
        let octets = signed.map_err(|error| not_signed(&self.place, error))??.to_vec();
        let signature = Signature { algorithm, octets };
        if !self.certificate.verifies(message, &signature) {
            return Err(RecoveryKeyError::Failed {
                place: self.place.clone(),
                source: "what the vault signed does not fit the key's certificate".into(),
            });
        }
        tracing::info!(target: "kra", key = %self.address, "a statement was signed");
        Ok(signature)
    }
}

impl KeyVaultAgent {
    /// Signs in and finds an agent that keys can be sealed to.
    ///
    /// # Errors
    /// As [`KeyVaultRecoveryKey::open`]; `Blocked` also for a disabled key, `Unfit` for one that may neither unwrap nor
    /// decrypt.
    pub async fn find(
        address: &KeyVaultAddress,
        settings: KeyVaultSettings,
        candidates: &[X509Certificate],
    ) -> Result<Self, RecoveryKeyError> {
        let session = Session::open(address, settings).await?;
        let Found { address, certificate, bundle, .. } = Found::read(&session, address, candidates).await?;
        let place = format!("key vault {address}");
        if bundle.attributes.enabled == Some(false) {
            let hint = "this version of the key is disabled; enable it, or name another version".to_owned();
            return Err(RecoveryKeyError::Blocked { place, hint });
        }
        if !bundle.opens() {
            let reason =
                "its permitted operations include neither unwrapKey nor decrypt; add unwrapKey".to_owned();
            return Err(RecoveryKeyError::Unfit { place, reason });
        }
        let opens = vec![KeyEncryption::OaepSha256, KeyEncryption::OaepSha1, KeyEncryption::Pkcs1];
        Ok(Self { certificate, address, opens })
    }
}

/// A key with its certificate.
struct Found {
    address: KeyVaultAddress,
    bundle: KeyBundle,
    certificate: X509Certificate,
    size: usize,
}

impl Found {
    async fn read(
        session: &Session,
        address: &KeyVaultAddress,
        candidates: &[X509Certificate],
    ) -> Result<Self, RecoveryKeyError> {
        let place = format!("key vault {address}");
        let unfit = |reason: String| RecoveryKeyError::Unfit { place: place.clone(), reason };
        let (named, key) = match address.object {
            VaultObject::Key => (None, address.clone()),
            VaultObject::Certificate => {
                let (certificate, key) = session.certificate(address).await?;
                (Some(certificate), key)
            }
        };
        let bundle = session.key(&key).await?;
        let own =
            bundle.address().ok_or_else(|| unfit("the vault does not tell the key's address".to_owned()))?;
        if address.version.is_none() {
            let current = address.beside(address.object, &address.name, own.version.as_deref());
            return Err(unfit(format!(
                "the address names no version, and a recovery agent is one version of a key: when the key is rotated, what \
                 was archived before opens with the old version only; the current one is {current}"
            )));
        }
        if !own.is_same_object(&key) {
            return Err(unfit(format!("the vault answered for another key ({own})")));
        }
        let (spki, size) = bundle.public_key().map_err(unfit)?;
        let carries = |certificate: &X509Certificate| certificate.spki_der().is_ok_and(|own| own == spki);
        let certificate = match named {
            Some(certificate) => certificate,
            None => match candidates.iter().find(|candidate| carries(candidate)) {
                Some(candidate) => candidate.clone(),
                None => session.certificate_of(&key).await.ok_or_else(|| {
                    unfit(
                        "none of the archive's recovery agents has this key, and the vault shows no certificate for it; \
                         name the agent's certificate with --agent-certificate FILE"
                            .to_owned(),
                    )
                })?,
            },
        };
        if !carries(&certificate) {
            return Err(unfit(format!(
                "the certificate `{}` in the vault is not one of this key; it opens nothing that was sealed to it",
                certificate.subject()
            )));
        }
        Ok(Self { address: key, bundle, certificate, size })
    }
}

/// The algorithm as vaults call it.
const fn name_of(algorithm: KeyEncryption) -> &'static str {
    match algorithm {
        KeyEncryption::OaepSha256 => "RSA-OAEP-256",
        KeyEncryption::OaepSha1 => "RSA-OAEP",
        KeyEncryption::Pkcs1 => "RSA1_5",
    }
}
