//! Setting up the way into the tenant from the console: chosen, tried, then kept.
//!
//! What is secret of a way goes in once and never comes back. The host holds what was tried until it is kept or forgotten, so
//! that nothing else is kept than what was tried. The page names no address that a secret could be sent to: where the services
//! are, the host knows from the cloud's name and from its settings file.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::TenantCheck;
use crate::setup::Password;
use crate::{ErrorCode, FileName, Host, WireError};

/// Asks for [`TenantSetup`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TenantSetupRequest {}

/// What is set up, and what a set-up asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TenantSetup {
    /// Where the tenant is named: `settings`, `shared` by all installations, or `none`.
    pub from: String,
    /// Its id.
    pub tenant_id: Option<String>,
    /// Application (client) id.
    pub client_id: Option<String>,
    /// `global`, `us-gov-l4`, `us-gov-l5` or `china`.
    pub cloud: String,
    /// How the application signs in, as [`TenantWay`] calls it; also `token`, which is chosen on the command line.
    pub way: Option<String>,
    /// Keys of `[tenant]` in the settings file that name other addresses than the cloud's; they stay.
    pub addresses: Vec<String>,
    /// Where a secret is kept: `keyring`, `credentials` or `file`.
    pub secrets: String,
    /// The settings file, with its whole path.
    pub settings: String,
    /// The folder that scripts are written into.
    pub folder: String,
    /// Every permission that the application is to have.
    pub permissions: Vec<WantedPermission>,
    /// Why nothing can be set up from here, in words; absent where it can.
    pub why_not: Option<String>,
}

/// A permission that the application is to have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WantedPermission {
    /// Its value, such as `User.Read.All`.
    pub permission: String,
    /// Whose it is, as the admin centre shows it.
    pub service: String,
    /// What it is for: a stable word such as `directory`.
    pub feature: String,
    /// Why it is wanted.
    pub reason: String,
    /// Whether this installation uses it; others are for what is switched on later.
    pub used: bool,
}

/// How the application signs in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TenantWay {
    /// A client secret; it comes as the secret.
    Secret {},
    /// A certificate with its private key, which is taken into the vault. The password of a PKCS#12 file comes as the secret.
    Certificate {
        /// Whole path of the file on the machine of the program: PEM with both, or PKCS#12.
        file: String,
    },
    /// A certificate whose key is in a key vault.
    KeyVault {
        /// `https://VAULT.vault.azure.net/certificates/NAME/VERSION`
        certificate: String,
        /// Client id of the identity that may use the key; the machine's own where there is none.
        identity: Option<String>,
    },
    /// The identity of the Azure machine or service that the program runs on.
    ManagedIdentity {
        /// Client id of an assigned one; the machine's own where there is none.
        identity: Option<String>,
    },
    /// A token that the platform writes into a file, which it names itself.
    WorkloadIdentity {},
}

/// Tries a way into a tenant. Nothing is written.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TryTenant {
    /// The tenant's id, or one of its domains.
    pub tenant: String,
    /// Application (client) id.
    pub client_id: String,
    /// `global`, `us-gov-l4`, `us-gov-l5` or `china`.
    pub cloud: String,
    /// How the application signs in.
    pub way: TenantWay,
    /// What is secret of that way.
    #[ts(type = "string | null")]
    pub secret: Option<Password>,
}

/// How a trial went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TenantTrial {
    /// Names this trial; the one before it is forgotten.
    pub trial: String,
    /// The tenant's id.
    pub tenant_id: String,
    /// How the application signs in, in words.
    pub sign_in: String,
    /// Why it could not sign in; absent where it could.
    pub failure: Option<WireError>,
    /// What was found; absent where it could not sign in.
    pub check: Option<TenantCheck>,
    /// Whether it signed in and no permission is missing.
    pub sound: bool,
}

/// Keeps what was tried.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SaveTenant {
    /// Which trial.
    pub trial: String,
    /// Also where it could not sign in, or permissions are missing.
    pub anyway: bool,
}

/// It was kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TenantSaved {
    /// The settings file.
    pub settings: String,
    /// Why this console goes on with the tenant that it had, in words; absent where it took up the new one.
    pub not_taken_up: Option<String>,
}

/// Forgets what was tried, and its secret.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ForgetTenantTrial {}

/// Writes the script that grants what is missing into a file, as it was shown last.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SaveTenantScript {
    /// The trial with which it was shown; absent for the tenant in use.
    pub trial: Option<String>,
    /// Name of a file that is not there yet, without a folder; it ends in `.ps1`.
    pub name: String,
}

/// The script was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TenantScriptSaved {
    /// Its whole path.
    pub file: String,
}

/// The host's side of the set-up. It holds what was tried, and its secret, in memory only.
#[async_trait]
pub trait TenantSetupHost: Send + Sync {
    /// What is set up.
    async fn standing(&self) -> Result<TenantSetup, WireError>;
    /// Signs in and tries every permission; writes nothing. What cannot even be tried is an error, and forgets the trial before.
    async fn try_out(&self, wanted: TryTenant) -> Result<TenantTrial, WireError>;
    /// Writes down what was tried, with an audit entry, and goes on with it. `ErrorCode::Stale` for another trial than the last,
    /// `ErrorCode::NotPossible` for one that is not sound, unless `anyway`.
    async fn keep(&self, trial: &str, anyway: bool) -> Result<TenantSaved, WireError>;
    /// Forgets what was tried.
    fn forget(&self);
    /// Writes a trial's script into a new file.
    fn save_script(&self, trial: &str, name: &FileName) -> Result<TenantScriptSaved, WireError>;
}

fn of(host: &dyn Host) -> Result<&dyn TenantSetupHost, WireError> {
    host.tenant_setup().ok_or_else(|| {
        WireError::new(
            ErrorCode::NotPossible,
            "the tenant cannot be set up from this console",
            "`sealwright tenant use --help` shows how the command line does it",
        )
    })
}

pub(crate) async fn tenant_setup(host: &dyn Host, _: TenantSetupRequest) -> Result<TenantSetup, WireError> {
    match host.tenant_setup() {
        Some(setup) => setup.standing().await,
        None => Ok(TenantSetup {
            from: if host.tenant().is_some() { "settings" } else { "none" }.to_owned(),
            cloud: "global".to_owned(),
            why_not: Some("the tenant cannot be set up from this console".to_owned()),
            ..TenantSetup::default()
        }),
    }
}

pub(crate) async fn try_tenant(host: &dyn Host, request: TryTenant) -> Result<TenantTrial, WireError> {
    of(host)?.try_out(request).await
}

pub(crate) async fn save_tenant(host: &dyn Host, request: SaveTenant) -> Result<TenantSaved, WireError> {
    of(host)?.keep(&request.trial, request.anyway).await
}

pub(crate) async fn forget_tenant_trial(
    host: &dyn Host,
    _: ForgetTenantTrial,
) -> Result<TenantSetup, WireError> {
    let setup = of(host)?;
    setup.forget();
    setup.standing().await
}

pub(crate) async fn save_tenant_script(
    host: &dyn Host,
    request: SaveTenantScript,
) -> Result<TenantScriptSaved, WireError> {
    let name = FileName::with_ending(&request.name, "ps1")?;
    match &request.trial {
        Some(trial) => of(host)?.save_script(trial, &name),
        None => super::of(host)?.save_script(&name),
    }
}
