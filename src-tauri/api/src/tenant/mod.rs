//! What the application may do in the tenant, for the page that sets it up.

mod setup;

pub use setup::{
    ForgetTenantTrial, SaveTenant, SaveTenantScript, TenantSaved, TenantScriptSaved, TenantSetup,
    TenantSetupHost, TenantSetupRequest, TenantTrial, TenantWay, TryTenant, WantedPermission,
};
pub(crate) use setup::{forget_tenant_trial, save_tenant, save_tenant_script, tenant_setup, try_tenant};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ErrorCode, FileName, Host, WireError};

/// Asks for [`TenantCheck`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TenantCheckRequest {}

/// How the application signs in, and which permissions it has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TenantCheck {
    /// How it signs in, in words.
    pub sign_in: String,
    /// End of the certificate that signs in, RFC 3339; absent where none does.
    pub certificate_until: Option<String>,
    /// Every permission that is wanted.
    pub permissions: Vec<PermissionLine>,
    /// A PowerShell script that grants what is missing; absent when nothing is.
    pub script: Option<String>,
}

/// One application permission.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PermissionLine {
    /// Its value, such as `User.Read.All`.
    pub permission: String,
    /// Whose it is, as the admin centre shows it.
    pub service: String,
    /// What it is for: a stable word such as `directory`.
    pub feature: String,
    /// Why it is wanted.
    pub reason: String,
    /// How it stands.
    pub standing: PermissionStanding,
    /// What else is to be known.
    pub note: Option<String>,
}

/// How a permission stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PermissionStanding {
    /// It is there, and where it can be tried it works.
    Granted,
    /// It is not there, or does not work.
    Missing,
    /// Nobody can say from here.
    Untestable,
}

/// Asks the tenant.
#[async_trait]
pub trait TenantHost: Send + Sync {
    /// Looks which permissions there are and tries each reading; changes nothing.
    async fn check(&self) -> Result<TenantCheck, WireError>;
    /// Writes the script of the last check into a new file of that name.
    fn save_script(&self, name: &FileName) -> Result<TenantScriptSaved, WireError>;
}

fn of(host: &dyn Host) -> Result<&dyn TenantHost, WireError> {
    host.tenant().ok_or_else(|| {
        WireError::new(
            ErrorCode::NotPossible,
            "no tenant is configured here",
            "set it up on the page Tenant, or with `sealwright tenant use`",
        )
    })
}

pub(crate) async fn tenant_check(host: &dyn Host, _: TenantCheckRequest) -> Result<TenantCheck, WireError> {
    of(host)?.check().await
}
