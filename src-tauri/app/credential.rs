//! With what an application of ours signs in at Entra ID, as the settings say: `[tenant.sign-in]` and `[database.entra.sign-in]`.
//!
//! Secrets never stand in the settings. They are in files of their own, or in the vault of the installation; a key on a token
//! or in a key vault stays there, and a managed identity has none. The one place here that reads what Azure tells a process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::{PrivateKey, X509Certificate, pfx};
use kra::{Pkcs11RecoveryKey, TokenKey, TokenUri};
use model::kra::SignatureAlgorithm;
use net::entra::{
    Application, AssertionAlgorithm, AssertionSigner, Credential, IdentityPlace, ManagedIdentity,
    VaultCertificate, VaultSigner, WhichIdentity,
};
use net::{Endpoints, NetError};
use ports::{RecoveryKey as _, RecoveryKeyError};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::compose::ComposeError;
use crate::settings::{Home, read_private};
use crate::vault::{SecretName, Vault};
use crate::works::chain;

/// The folder in which the agent of Azure Arc leaves its challenges.
const ARC_CHALLENGES: &str = if cfg!(windows) {
    r"C:\ProgramData\AzureConnectedMachineAgent\Tokens"
} else {
    "/var/opt/azcmagent/tokens"
};

/// How an application signs in.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "with", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum SignInWay {
    /// A client secret.
    Secret {
        /// The file that holds it; in the vault of the installation otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<PathBuf>,
    },
    /// A certificate whose private key is at hand.
    Certificate {
        /// PEM with both, or PKCS#12 whose password is in the vault; both in the vault otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<PathBuf>,
        /// How assertions are signed.
        #[serde(default)]
        algorithm: Algorithm,
    },
    /// A certificate whose private key is on a token of this machine; its PIN is in the vault.
    Token {
        /// `pkcs11:…`, as `sealwright kra tokens` shows it.
        key: String,
    },
    /// A certificate whose private key is in a key vault, signed in to without a secret.
    KeyVault {
        /// `https://NAME.vault.azure.net/certificates/NAME/VERSION`
        certificate: Url,
        /// Client id of the identity that may use the key: a managed identity that is assigned, or with a federated token the
        /// application itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity_client_id: Option<Uuid>,
    },
    /// The Azure machine or service that we run on.
    ManagedIdentity {
        /// Which of several, by client id;
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        /// or by the object id of its service principal;
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object_id: Option<String>,
        /// or by its resource id. The machine's own where none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource_id: Option<String>,
    },
    /// A token that the platform (Kubernetes, a pipeline) writes into a file.
    WorkloadIdentity {
        /// The file; the one that `AZURE_FEDERATED_TOKEN_FILE` names otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_file: Option<PathBuf>,
    },
}

/// How assertions are signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Algorithm {
    /// What Entra ID recommends.
    #[default]
    #[serde(rename = "PS256")]
    Ps256,
    /// For ADFS.
    #[serde(rename = "RS256")]
    Rs256,
}

impl From<Algorithm> for AssertionAlgorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Ps256 => Self::Ps256,
            Algorithm::Rs256 => Self::Rs256,
        }
    }
}

impl SignInWay {
    /// The way that a section names: in its table `sign-in`, or by one of the two files that stand for the simple ones.
    ///
    /// # Errors
    /// When it names none, or two.
    pub(crate) fn of(
        section: &str,
        named: Option<&Self>,
        certificate_file: Option<&PathBuf>,
        secret_file: Option<&PathBuf>,
    ) -> Result<Self, ComposeError> {
        match (named, certificate_file, secret_file) {
            (Some(way), None, None) => Ok(way.clone()),
            (Some(_), ..) => Err(unusable(format!(
                "[{section}.sign-in] says how the application signs in, and [{section}] names a file too; take one of them away"
            ))),
            (None, Some(file), _) => {
                Ok(Self::Certificate { file: Some(file.clone()), algorithm: Algorithm::default() })
            }
            (None, None, Some(file)) => Ok(Self::Secret { file: Some(file.clone()) }),
            (None, None, None) => Err(unusable(format!(
                "[{section}] says nothing of how the application signs in: name client-certificate-file or client-secret-file, or \
                 see `sealwright tenant use --help`"
            ))),
        }
    }

    /// In words.
    pub(crate) fn words(&self) -> String {
        let file = |file: &Option<PathBuf>| match file {
            Some(file) => format!("in {}", file.display()),
            None => "in the vault of this installation".to_owned(),
        };
        match self {
            Self::Secret { file: at } => format!("client secret {}", file(at)),
            Self::Certificate { file: at, algorithm } => {
                format!("certificate with its key {}, {algorithm:?}", file(at))
            }
            Self::Token { key } => format!("certificate with its key on a token ({key})"),
            Self::KeyVault { certificate, .. } => {
                format!("certificate with its key in a key vault ({certificate})")
            }
            Self::ManagedIdentity { client_id: None, object_id: None, resource_id: None } => {
                "managed identity of this machine".to_owned()
            }
            Self::ManagedIdentity { client_id, object_id, resource_id } => {
                let id = client_id.as_ref().or(object_id.as_ref()).or(resource_id.as_ref());
                format!("managed identity {}", id.map_or("", String::as_str))
            }
            Self::WorkloadIdentity { .. } => "federated token of the platform".to_owned(),
        }
    }

    /// Whether only this machine can sign in this way.
    pub(crate) const fn is_of_this_machine(&self) -> bool {
        matches!(self, Self::Token { .. })
    }

    /// The secret part: what is in files and vault, as [`Around::credential`] takes it. Empty where there is none.
    pub(crate) fn material(&self, home: &Home) -> Result<Zeroizing<Vec<u8>>, ComposeError> {
        match self {
            Self::Secret { file: Some(file) } => Ok(read_private(&home.resolve(file))?),
            Self::Secret { file: None } => kept(home)?.ok_or_else(|| absent("client secret", "secret")),
            Self::Certificate { file: Some(file), .. } => {
                let bytes = read_private(&home.resolve(file))?;
                if is_pem(&bytes) {
                    return Ok(bytes);
                }
                let password = kept(home)?.unwrap_or_default();
                from_pkcs12(&bytes, &password, file)
            }
            Self::Certificate { file: None, .. } => {
                kept(home)?.ok_or_else(|| absent("certificate with its key", "certificate"))
            }
            Self::Token { .. } => Ok(kept(home)?.unwrap_or_default()),
            Self::KeyVault { .. } | Self::ManagedIdentity { .. } | Self::WorkloadIdentity { .. } => {
                Ok(Zeroizing::default())
            }
        }
    }
}

fn kept(home: &Home) -> Result<Option<Zeroizing<Vec<u8>>>, ComposeError> {
    let vault = Vault::open(home).map_err(|error| unusable(chain(&error)))?;
    vault.read(SecretName::TENANT_CREDENTIAL).map_err(|error| unusable(chain(&error)))
}

fn absent(what: &str, command: &str) -> ComposeError {
    unusable(format!(
        "the {what} of [tenant] is not in the vault of this installation; store it with `sealwright tenant use {command}`, or give \
         it to the service as the systemd credential `tenant-credential`"
    ))
}

fn unusable(text: String) -> ComposeError {
    ComposeError::Unusable(text)
}

/// Whether the bytes are PEM, and not PKCS#12.
pub(crate) fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|window| window == b"-----BEGIN ")
}

/// Key and certificate of a PKCS#12 file, as PEM.
pub(crate) fn from_pkcs12(
    bytes: &[u8],
    password: &[u8],
    file: &Path,
) -> Result<Zeroizing<Vec<u8>>, ComposeError> {
    let password = std::str::from_utf8(password).unwrap_or_default().trim_end_matches(['\r', '\n']);
    let wrong = |error: crypto::CryptoError| {
        unusable(format!(
            "{}: {error}; the password of a PKCS#12 file is stored with `sealwright tenant use certificate FILE`",
            file.display()
        ))
    };
    let opened = pfx::open(bytes, password).map_err(wrong)?;
    let pkcs8 = opened.key.to_pkcs8().map_err(wrong)?;
    let body = Zeroizing::new(STANDARD.encode(&*pkcs8));
    let certificate = opened.certificate.pem();
    // Room for everything from the start: growing would leave copies of the key behind.
    let mut pem = Zeroizing::new(Vec::with_capacity(body.len() * 2 + certificate.len() + 128));
    pem.extend_from_slice(b"-----BEGIN PRIVATE KEY-----\n");
    for line in body.as_bytes().chunks(64) {
        pem.extend_from_slice(line);
        pem.push(b'\n');
    }
    pem.extend_from_slice(b"-----END PRIVATE KEY-----\n");
    pem.extend_from_slice(certificate.as_bytes());
    Ok(pem)
}

/// What is around a credential when it is put together.
pub(crate) struct Around<'a> {
    /// Where files are.
    pub(crate) home: &'a Home,
    /// Tenant.
    pub(crate) tenant: Uuid,
    /// Application.
    pub(crate) client_id: Uuid,
    /// The cloud's addresses, with what the settings say of them.
    pub(crate) endpoints: &'a Endpoints,
    /// A vault under another name than Microsoft's, as `[key-vault] url` names it.
    pub(crate) gateway: Option<&'a Url>,
    /// How the network is reached.
    pub(crate) client: &'a net::Client,
    /// Whether the secret part is the one that is in force: a trial's is not, and leaves the vault alone.
    pub(crate) is_kept: bool,
}

impl Around<'_> {
    /// The credential of a way, with its secret part. Nothing is sent yet.
    pub(crate) fn credential(&self, way: &SignInWay, material: &[u8]) -> Result<Credential, ComposeError> {
        match way {
            SignInWay::Secret { .. } => {
                let text = std::str::from_utf8(material)
                    .map_err(|_| unusable("the application's client secret is no text".to_owned()))?;
                Ok(Credential::Secret(Zeroizing::new(text.trim().to_owned())))
            }
            SignInWay::Certificate { algorithm, .. } => {
                let wrong =
                    |error: crypto::CryptoError| unusable(format!("the application's certificate: {error}"));
                let key = PrivateKey::from_pem(material).map_err(wrong)?;
                let certificate = X509Certificate::from_pem(material).map_err(wrong)?;
                Credential::certificate(key, certificate, (*algorithm).into())
                    .map_err(|error| unusable(chain(&error)))
            }
            SignInWay::Token { key } => {
                let uri: TokenUri =
                    key.parse().map_err(|error| unusable(format!("[tenant.sign-in] key: {error}")))?;
                let pin = std::str::from_utf8(material).unwrap_or_default().trim_end_matches(['\r', '\n']);
                let signer = TokenSigner {
                    uri,
                    home: self.home.clone(),
                    is_kept: self.is_kept,
                    state: tokio::sync::Mutex::new(TokenState {
                        pin: Some(Zeroizing::new(pin.to_owned())),
                        key: None,
                    }),
                };
                Ok(Credential::Certificate { signer: Arc::new(signer) })
            }
            SignInWay::KeyVault { certificate, identity_client_id } => {
                let at = self.in_vault(certificate, *identity_client_id)?;
                Ok(Credential::Certificate { signer: Arc::new(VaultSigner::new(self.client.clone(), at)) })
            }
            SignInWay::ManagedIdentity { client_id, object_id, resource_id } => {
                let which = match (client_id, object_id, resource_id) {
                    (None, None, None) => WhichIdentity::System,
                    (Some(id), None, None) => WhichIdentity::ClientId(id.clone()),
                    (None, Some(id), None) => WhichIdentity::ObjectId(id.clone()),
                    (None, None, Some(id)) => WhichIdentity::ResourceId(id.clone()),
                    _ => {
                        return Err(unusable(
                            "[tenant.sign-in] names an identity twice; leave one of client-id, object-id and resource-id"
                                .to_owned(),
                        ));
                    }
                };
                self.managed(which)
            }
            SignInWay::WorkloadIdentity { token_file } => {
                let told = Platform::of_this_process().token_file;
                let file = token_file.as_ref().map(|file| self.home.resolve(file)).or(told).ok_or_else(|| {
                    unusable(
                        "no federated token is named: the platform sets AZURE_FEDERATED_TOKEN_FILE, or [tenant.sign-in] names \
                         token-file"
                            .to_owned(),
                    )
                })?;
                Ok(Credential::Federated { token_file: file })
            }
        }
    }

    fn managed(&self, which: WhichIdentity) -> Result<Credential, ComposeError> {
        let place = Platform::of_this_process().place()?;
        let agent = concat!("Sealwright/", env!("CARGO_PKG_VERSION"));
        let identity = ManagedIdentity::new(self.client, agent, place, which);
        identity
            .map(|identity| Credential::ManagedIdentity(Arc::new(identity)))
            .map_err(|error| unusable(chain(&error)))
    }

    fn in_vault(&self, address: &Url, identity: Option<Uuid>) -> Result<VaultCertificate, ComposeError> {
        let wrong = |why: &str| unusable(format!("[tenant.sign-in] certificate: {address} {why}"));
        let host = address.host_str().unwrap_or_default();
        let is_gateway = self.gateway.is_some_and(|gateway| gateway.origin() == address.origin());
        let resource = if is_gateway {
            Some(format!("https://{}", self.endpoints.key_vault))
        } else {
            self.endpoints.vault_resource(host)
        };
        let resource = resource.filter(|_| address.scheme() == "https").ok_or_else(|| {
            wrong("is no vault of this cloud; another gateway to it is named as url under [key-vault]")
        })?;
        let segments: Vec<&str> = address.path_segments().into_iter().flatten().collect();
        let ["certificates", name, version] = segments.as_slice() else {
            return Err(wrong(
                "names no version of a certificate; copy the certificate identifier from the vault's page: \
                 https://VAULT.vault.azure.net/certificates/NAME/VERSION",
            ));
        };
        let platform = Platform::of_this_process();
        let (client_id, credential) = match (platform.token_file, identity) {
            (Some(token_file), identity) => {
                (identity.unwrap_or(self.client_id), Credential::Federated { token_file })
            }
            (None, Some(id)) => (id, self.managed(WhichIdentity::ClientId(id.to_string()))?),
            (None, None) => (self.client_id, self.managed(WhichIdentity::System)?),
        };
        let mut vault = address.clone();
        vault.set_path("/");
        vault.set_query(None);
        Ok(VaultCertificate {
            vault,
            name: (*name).to_owned(),
            version: (*version).to_owned(),
            resource,
            authority: self.endpoints.authority.clone(),
            application: Application { tenant: self.tenant, client_id, credential },
        })
    }
}

/// What Azure tells the processes that it runs.
#[derive(Default)]
struct Platform {
    identity_endpoint: Option<String>,
    identity_header: Option<String>,
    imds_endpoint: Option<String>,
    machine: Option<String>,
    token_file: Option<PathBuf>,
}

impl Platform {
    #[expect(
        clippy::disallowed_methods,
        reason = "Azure tells a process by its environment who vouches for it"
    )]
    fn of_this_process() -> Self {
        let told = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            identity_endpoint: told("IDENTITY_ENDPOINT"),
            identity_header: told("IDENTITY_HEADER"),
            imds_endpoint: told("IMDS_ENDPOINT"),
            machine: told("AZURE_POD_IDENTITY_AUTHORITY_HOST"),
            token_file: told("AZURE_FEDERATED_TOKEN_FILE").map(PathBuf::from),
        }
    }

    fn place(self) -> Result<IdentityPlace, ComposeError> {
        let parsed = |name: &str, text: &str| {
            Url::parse(text).map_err(|_| unusable(format!("{name}, which Azure sets, is no address: {text}")))
        };
        match (self.identity_endpoint, self.identity_header, self.imds_endpoint, self.machine) {
            (Some(endpoint), Some(header), ..) => Ok(IdentityPlace::AppService {
                endpoint: parsed("IDENTITY_ENDPOINT", &endpoint)?,
                header: Zeroizing::new(header),
            }),
            (Some(endpoint), None, Some(_), _) => Ok(IdentityPlace::Arc {
                endpoint: parsed("IDENTITY_ENDPOINT", &endpoint)?,
                challenges: PathBuf::from(ARC_CHALLENGES),
            }),
            (_, _, _, Some(base)) => {
                Ok(IdentityPlace::Imds { base: parsed("AZURE_POD_IDENTITY_AUTHORITY_HOST", &base)? })
            }
            _ => IdentityPlace::machine().map_err(|error| unusable(chain(&error))),
        }
    }
}

/// Signs on a token. It is a recovery agent's kind of key as far as the token goes; nothing but signing is done with it here.
struct TokenSigner {
    uri: TokenUri,
    home: Home,
    /// Whether the PIN is the vault's.
    is_kept: bool,
    state: tokio::sync::Mutex<TokenState>,
}

struct TokenState {
    /// `None` after it was refused: it is not sent again, for tokens lock themselves.
    pin: Option<Zeroizing<String>>,
    key: Option<(Pkcs11RecoveryKey, X509Certificate)>,
}

impl TokenSigner {
    async fn find(&self) -> Result<TokenKey, NetError> {
        TokenKey::find(&self.uri).await.map_err(|error| refused(&error))
    }

    /// A PIN that was wrong is not kept: a service that starts again and again would lock the token with it. Nothing else is
    /// taken out: not in a trial, and not what somebody has stored meanwhile.
    fn forget_pin(&self, pin: Option<&str>) -> &'static str {
        if !self.is_kept {
            return "; nothing was changed: try again with the right PIN, before the token locks itself";
        }
        let Some(pin) = pin else { return "" };
        let removed = Vault::open(&self.home).and_then(|vault| {
            let stored = vault.read(SecretName::TENANT_CREDENTIAL)?;
            if stored.is_none_or(|stored| without_line_end(&stored) != pin.as_bytes()) {
                return Ok(false);
            }
            vault.remove(SecretName::TENANT_CREDENTIAL)
        });
        match removed {
            Ok(true) => {
                "; it was taken out of the vault, so that it does not lock the token: store the right one with `sealwright tenant \
                 use token`"
            }
            Ok(false) | Err(_) => "; stop the service before it locks the token, and give it the right one",
        }
    }
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    bytes.get(..end).unwrap_or_default()
}

fn refused(error: &RecoveryKeyError) -> NetError {
    NetError::Unsendable { detail: format!("the key that signs in to Entra ID: {}", chain(error)) }
}

#[async_trait]
impl AssertionSigner for TokenSigner {
    fn algorithm(&self) -> AssertionAlgorithm {
        // What the token connector signs by.
        AssertionAlgorithm::Rs256
    }

    fn place(&self) -> String {
        "the token".to_owned()
    }

    async fn certificate(&self) -> Result<X509Certificate, NetError> {
        if let Some((_, certificate)) = &self.state.lock().await.key {
            return Ok(certificate.clone());
        }
        Ok(self.find().await?.certificate().clone())
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NetError> {
        let mut state = self.state.lock().await;
        if state.key.is_none() {
            let found = self.find().await?;
            let certificate = found.certificate().clone();
            if found.has_pin_pad() {
                let detail = format!(
                    "the PIN of {} is typed at its reader, and a service has nobody to do so; use a token without a PIN pad",
                    found.place()
                );
                return Err(NetError::Unsendable { detail });
            }
            let pin = state.pin.clone().filter(|pin| !pin.is_empty());
            if pin.is_none() && !found.needs_no_pin() {
                let detail = format!(
                    "the PIN of {} is not in the vault of this installation; store it with `sealwright tenant use token`",
                    found.place()
                );
                return Err(NetError::Unsendable { detail });
            }
            state.key = Some((found.with_pin(pin), certificate));
        }
        let Some((key, _)) = &state.key else {
            return Err(NetError::Unsendable { detail: "the token is not there".to_owned() });
        };
        let signed = key.sign(message).await;
        match signed {
            Ok(signature) if signature.algorithm == SignatureAlgorithm::Rs256 => Ok(signature.octets),
            Ok(_) => Err(NetError::Unsendable {
                detail: "the key on the token is not RSA, and Entra ID takes no other; make an RSA key of 2048 bits or more"
                    .to_owned(),
            }),
            Err(error @ (RecoveryKeyError::Locked { .. } | RecoveryKeyError::Blocked { .. })) => {
                state.key = None;
                let pin = state.pin.take();
                let told = if matches!(error, RecoveryKeyError::Locked { .. }) {
                    self.forget_pin(pin.as_ref().map(|pin| pin.as_str()))
                } else {
                    ""
                };
                Err(NetError::Unsendable {
                    detail: format!("the key that signs in to Entra ID: {}{told}", chain(&error)),
                })
            }
            Err(error) => {
                // It may have been pulled out; next time it is looked for again.
                state.key = None;
                Err(refused(&error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refused_pin_that_is_in_force_is_taken_out_of_the_vault() {
        let folder = tempfile::TempDir::new().unwrap();
        let home = Home::find(Some(folder.path().join("home"))).unwrap();
        home.create().unwrap();
        let vault = Vault::open(&home).unwrap();
        let signer = |is_kept| TokenSigner {
            uri: "pkcs11:token=T;object=K".parse().unwrap(),
            home: home.clone(),
            is_kept,
            state: tokio::sync::Mutex::new(TokenState { pin: None, key: None }),
        };
        let stored = || vault.read(SecretName::TENANT_CREDENTIAL).unwrap().map(|stored| stored.to_vec());

        vault.put(SecretName::TENANT_CREDENTIAL, b"the client secret in force").unwrap();
        assert!(signer(false).forget_pin(Some("0000")).contains("nothing was changed"));
        assert_eq!(stored().unwrap(), b"the client secret in force", "a trial takes nothing out");
        assert!(signer(true).forget_pin(Some("0000")).contains("stop the service"));
        assert_eq!(stored().unwrap(), b"the client secret in force", "that is not the PIN that was refused");

        vault.put(SecretName::TENANT_CREDENTIAL, b"0000\n").unwrap();
        signer(false).forget_pin(Some("0000"));
        assert!(stored().is_some(), "a trial takes nothing out, whatever it is");
        assert!(signer(true).forget_pin(Some("0000")).contains("taken out"));
        assert_eq!(stored(), None);
    }
}
