//! `[tenant]`: which one, how we sign in, and where its services are.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::compose::ComposeError;
use crate::credential::SignInWay;

/// The Entra tenant and how we sign in.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tenant {
    /// Tenant id.
    pub id: uuid::Uuid,
    /// Application (client) id of our registration.
    pub client_id: uuid::Uuid,
    /// File that holds the client secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// PEM file with certificate and private key, in place of a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate_file: Option<PathBuf>,
    /// Which Microsoft cloud.
    #[serde(default)]
    pub cloud: Cloud,
    /// Sign-in address, where it is not the cloud's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority_url: Option<Url>,
    /// Graph address, where it is not the cloud's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph_url: Option<Url>,
    /// Exchange Online's address, where it is not the cloud's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_url: Option<Url>,
    /// What the names of key vaults end with, where it is not the cloud's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_vault_suffix: Option<String>,
    /// What the names of managed HSMs end with, where it is not the cloud's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_hsm_suffix: Option<String>,
    /// PEM file with one more root that TLS servers may chain to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_root_ca: Option<PathBuf>,
    /// HTTP proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Url>,
    /// The demo's simulated tenant; the console shows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// Every other way to sign in than by one of the two files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignInWay>,
}

impl Tenant {
    /// An application of a tenant of the worldwide cloud; how it signs in is not said yet.
    pub(crate) const fn new(id: uuid::Uuid, client_id: uuid::Uuid) -> Self {
        Self {
            id,
            client_id,
            client_secret_file: None,
            client_certificate_file: None,
            cloud: Cloud::Global,
            authority_url: None,
            graph_url: None,
            exchange_url: None,
            key_vault_suffix: None,
            managed_hsm_suffix: None,
            extra_root_ca: None,
            proxy: None,
            simulated: false,
            sign_in: None,
        }
    }

    /// How the application signs in.
    pub(crate) fn way(&self) -> Result<SignInWay, ComposeError> {
        SignInWay::of(
            "tenant",
            self.sign_in.as_ref(),
            self.client_certificate_file.as_ref(),
            self.client_secret_file.as_ref(),
        )
    }

    /// Where its services are.
    pub(crate) fn endpoints(&self) -> net::Endpoints {
        let mut endpoints = net::Endpoints::of(self.cloud.into());
        let url = |into: &mut Url, from: &Option<Url>| {
            if let Some(from) = from {
                into.clone_from(from);
            }
        };
        url(&mut endpoints.authority, &self.authority_url);
        url(&mut endpoints.graph, &self.graph_url);
        url(&mut endpoints.exchange, &self.exchange_url);
        if let Some(suffix) = &self.key_vault_suffix {
            endpoints.key_vault.clone_from(suffix);
        }
        if let Some(suffix) = &self.managed_hsm_suffix {
            endpoints.managed_hsm = Some(suffix.clone());
        }
        endpoints
    }
}

/// Microsoft clouds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// Worldwide.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovL4,
    /// US Government L5 (`DoD`).
    UsGovL5,
    /// China, operated by 21Vianet.
    China,
}

impl From<Cloud> for net::Cloud {
    fn from(cloud: Cloud) -> Self {
        match cloud {
            Cloud::Global => Self::Global,
            Cloud::UsGovL4 => Self::UsGovL4,
            Cloud::UsGovL5 => Self::UsGovL5,
            Cloud::China => Self::China,
        }
    }
}
