//! Signing in to a vault: first it is asked what it wants, then an officer signs in, then a token is sent; in this order.

use crypto::X509Certificate;
use net::entra::{Application, Credential, DeviceSignIn, PublicApplication};
use net::{Challenge, Client, KeyVault, NetError, Request};
use ports::RecoveryKeyError;
use serde::de::DeserializeOwned;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::address::{KeyVaultAddress, VaultObject};
use super::bundle::{CertificateBundle, DeletedBundle, KeyBundle};
use super::error::{not_challenged, refused};
use super::place::Place;

/// The version of the interface: old enough for every cloud.
pub(super) const API: (&str, &str) = ("api-version", "7.4");

/// How vaults are reached, and who signs in.
pub struct KeyVaultSettings {
    /// The HTTP client. Answers of vaults are short: give it a small limit.
    pub client: Client,
    /// A vault elsewhere than under Microsoft's names: a gateway, or a simulator.
    pub gateway: Option<Url>,
    /// Where to sign in, where it is not the cloud's own.
    pub authority: Option<Url>,
    /// The tenant that the vault must belong to; the one that the vault names otherwise.
    pub tenant: Option<Uuid>,
    /// Who signs in.
    pub sign_in: VaultSignIn,
}

/// Who signs in to a vault.
pub enum VaultSignIn {
    /// A person, elsewhere, by a code that is shown to them.
    Person {
        /// The application that they sign in to.
        client_id: Uuid,
        /// Shows address and code.
        show: Box<dyn Fn(&DeviceSignIn) + Send + Sync>,
    },
    /// An application for itself.
    Application {
        /// Which.
        client_id: Uuid,
        /// Its secret.
        secret: Zeroizing<String>,
    },
}

/// A vault that somebody has signed in to.
pub(super) struct Session {
    vault: KeyVault,
}

impl Session {
    /// Signs in for what `address` leads to. Nothing is sent to a host that is no vault, and no token to one that asks for
    /// another resource's.
    pub(super) async fn open(
        address: &KeyVaultAddress,
        settings: KeyVaultSettings,
    ) -> Result<Self, RecoveryKeyError> {
        let name = format!("key vault {address}");
        let unfit = |reason: String| RecoveryKeyError::Unfit { place: name.clone(), reason };
        let place = Place::of(address, settings.gateway.as_ref()).map_err(unfit)?;
        let challenge =
            Challenge::of(&settings.client, address.vault(), &address.segments(), &[API], &place.resource)
                .await;
        let challenge = challenge.map_err(|error| not_challenged(&name, error))?;
        let tenant = challenge.tenant();
        if let Some(expected) = settings.tenant.filter(|expected| *expected != tenant) {
            return Err(unfit(format!(
                "the vault belongs to the tenant {tenant}, and you sign in to {expected}; if that is right, say \
                 --key-vault-tenant {tenant}"
            )));
        }
        let authority = settings.authority.unwrap_or(place.authority);
        let vault = match settings.sign_in {
            VaultSignIn::Application { client_id, secret } => {
                let application = Application { tenant, client_id, credential: Credential::Secret(secret) };
                challenge.as_application(&authority, application).map_err(|error| unfit(error.to_string()))?
            }
            VaultSignIn::Person { client_id, show } => {
                let application = PublicApplication { tenant, client_id };
                let scope = challenge.delegated_scope();
                let begun = DeviceSignIn::begin(&settings.client, &authority, application, &scope).await;
                let begun = begun.map_err(|error| refused(&name, error))?;
                show(&begun);
                challenge.as_person(begun.wait().await.map_err(|error| refused(&name, error))?)
            }
        };
        Ok(Self { vault })
    }

    /// Who signed in, where that is known.
    pub(super) fn account(&self) -> Option<&str> {
        self.vault.account()
    }

    /// The session itself, for what is sent and answered by a key.
    pub(super) fn vault(&self) -> &KeyVault {
        &self.vault
    }

    async fn read<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<T, NetError> {
        let request = Request::get(self.vault.address(segments, &[API]));
        self.vault.send(&request).await?.json()
    }

    /// Reads a key. One that is missing is looked for among the deleted ones and the other versions.
    pub(super) async fn key(&self, address: &KeyVaultAddress) -> Result<KeyBundle, RecoveryKeyError> {
        let place = format!("key vault {address}");
        match self.read(&address.segments()).await {
            Err(NetError::NotFound { .. }) => {
                Err(RecoveryKeyError::Absent { hint: self.missing(address).await, place })
            }
            Err(error) => Err(refused(&place, error)),
            Ok(key) => Ok(key),
        }
    }

    async fn missing(&self, address: &KeyVaultAddress) -> String {
        let name = &address.name;
        if let Ok(deleted) = self.read::<DeletedBundle>(&["deletedkeys", name]).await {
            let until = deleted
                .purge
                .and_then(|seconds| seconds.checked_mul(1_000))
                .map_or_else(String::new, |at| format!(" until {}", model::Timestamp::from_millis(at)));
            return format!(
                "the key was deleted and can be recovered{until}: `az keyvault key recover --name {name}`, by whoever \
                 administers the vault"
            );
        }
        let newest = address.beside(VaultObject::Key, name, None);
        match self.read::<KeyBundle>(&newest.segments()).await.ok().and_then(|key| key.address()) {
            Some(current) if address.version.is_some() => format!(
                "the vault has no such version of `{name}`; its current one is {}",
                current.version.as_deref().unwrap_or_default()
            ),
            _ => format!(
                "the vault has no key `{name}`; check the address, and in the portal the list of its keys"
            ),
        }
    }

    /// The certificate at an address, and the key that it belongs to.
    pub(super) async fn certificate(
        &self,
        address: &KeyVaultAddress,
    ) -> Result<(X509Certificate, KeyVaultAddress), RecoveryKeyError> {
        let place = format!("key vault {address}");
        let bundle: CertificateBundle = match self.read(&address.segments()).await {
            Err(NetError::NotFound { .. }) => {
                let hint = format!(
                    "the vault has no such certificate `{}`; name a key with /keys/ if it has none",
                    address.name
                );
                return Err(RecoveryKeyError::Absent { place, hint });
            }
            other => other.map_err(|error| refused(&place, error))?,
        };
        let key = bundle.kid.parse::<KeyVaultAddress>().ok();
        // Reached by the way that was typed, whatever host the vault calls itself.
        let key = key.map(|key| address.beside(key.object, &key.name, key.version.as_deref()));
        match (bundle.certificate(), key.filter(|key| key.object == VaultObject::Key)) {
            (Some(certificate), Some(key)) => Ok((certificate, key)),
            (None, _) => Err(RecoveryKeyError::Unfit { place, reason: "it holds no certificate".to_owned() }),
            (_, None) => Err(RecoveryKeyError::Unfit { place, reason: "it belongs to no key".to_owned() }),
        }
    }

    /// The certificate object of a key, where the vault shows one.
    pub(super) async fn certificate_of(&self, key: &KeyVaultAddress) -> Option<X509Certificate> {
        let beside = key.beside(VaultObject::Certificate, &key.name, key.version.as_deref());
        let (certificate, of) = self.certificate(&beside).await.ok()?;
        of.is_same_object(key).then_some(certificate)
    }
}
