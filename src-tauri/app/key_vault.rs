//! How recovery keys in Azure Key Vault are reached: the section `[key-vault]` of the settings, and what it takes from the
//! tenant where it says nothing.

use kra::{KeyVaultSettings, VaultSignIn};
use net::entra::DeviceSignIn;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::compose::{ComposeError, Program};
use crate::works::chain;

/// Answers of vaults have a few kilobytes.
const LARGEST_ANSWER: usize = 256 * 1_024;

/// `[key-vault]`
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeyVaultSection {
    /// Application that officers sign in to; that of `[tenant]` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<Uuid>,
    /// Tenant of the vaults; that of `[tenant]` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<Uuid>,
    /// A vault under another name than Microsoft's: a gateway to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// Sign-in address, where it is not the cloud's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority_url: Option<Url>,
}

/// What is said about one sign-in, before the settings and the tenant are asked.
pub(crate) struct Wishes {
    /// Application.
    pub(crate) client_id: Option<Uuid>,
    /// Tenant.
    pub(crate) tenant: Option<Uuid>,
    /// The application signs in for itself with this, and nobody by device code.
    pub(crate) secret: Option<Zeroizing<String>>,
    /// Shows a person where to sign in.
    pub(crate) show: Box<dyn Fn(&DeviceSignIn) + Send + Sync>,
}

/// The ways to vaults for one command.
pub(crate) fn ways(program: &Program, wishes: Wishes) -> Result<KeyVaultSettings, ComposeError> {
    let section = program.settings.key_vault.clone().unwrap_or_default();
    let tenant = program.configured.as_ref();
    let mut settings = match tenant {
        Some(tenant) => tenant.http()?,
        None => net::Settings::new(concat!("Sealwright/", env!("CARGO_PKG_VERSION"))),
    };
    settings.answer_limit = LARGEST_ANSWER;
    let client = net::Client::new(&settings, program.ids.clone(), Arc::clone(&program.clock))
        .map_err(|error| ComposeError::Unusable(chain(&error)))?;
    // The application that officers sign in to has no secret; the tenant's own may have one.
    let officers = if wishes.secret.is_some() { None } else { section.client_id };
    let client_id = wishes.client_id.or(officers).or_else(|| Some(tenant?.tenant.client_id));
    let client_id = client_id.ok_or_else(|| {
        ComposeError::Unusable(
            "no application is named through which to sign in to the vault: name one with --key-vault-client-id, or as client-id \
             under [key-vault] in sealwright.toml. It is an app registration of your tenant with the delegated permission \
             user_impersonation of Azure Key Vault and `Allow public client flows` switched on"
                .to_owned(),
        )
    })?;
    let sign_in = match wishes.secret {
        Some(secret) => VaultSignIn::Application { client_id, secret },
        None => VaultSignIn::Person { client_id, show: wishes.show },
    };
    Ok(KeyVaultSettings {
        client,
        gateway: section.url,
        authority: section.authority_url.or_else(|| tenant?.tenant.authority_url.clone()),
        tenant: wishes.tenant.or(section.tenant_id).or_else(|| Some(tenant?.tenant.id)),
        sign_in,
    })
}
