//! What a command body needs from whoever hosts it.

use async_trait::async_trait;
use lifecycle::Limits;
use model::{Clock, Ids, Kra, Prices, Span};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};
use ts_rs::TS;

use crate::audit::Auditor;
use crate::campaigns::CampaignHost;
use crate::duties::DutySetting;
use crate::installations::Fleet;
use crate::recovery::RecoveryHost;
use crate::setup::SetupHost;
use crate::sign_in::SignInHost;
use crate::tenant::{TenantHost, TenantSetupHost};

/// Facts about the running program, for the About page.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Where settings and the embedded database lie.
    pub home: String,
    /// The database, without credentials.
    pub database: String,
    /// Schema version.
    pub schema: i64,
    /// Tenant id, when one is configured.
    pub tenant: Option<String>,
    /// Directory and device management address, when configured.
    pub graph: Option<String>,
    /// Whether this is the simulated tenant of the demo.
    pub simulated: bool,
    /// Kind of database: `sqlite`, `mysql`, `mariadb`, `mssql`.
    pub database_kind: String,
    /// The schema version that this program was built for.
    pub program_schema: i64,
    /// Why nothing can be changed from here, such as a schema of a later program; `None` when it can.
    pub read_only: Option<String>,
    /// The role that the login seems to have, by its rights; `None` on an embedded database or when no role fits.
    pub role: Option<String>,
    /// What the login may do; empty on an embedded database, where the file's rights decide.
    pub rights: Vec<Right>,
}

/// Whether a database login may do something.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Right {
    /// What: a stable word such as `certificates`, or a text for people where there is none.
    pub area: String,
    /// Whether it may.
    pub allowed: bool,
    /// In words: what it may do, or what is missing and what to do about it.
    pub why: String,
}

/// The narrow face of a host.
#[async_trait]
pub trait Host: Send + Sync {
    /// The database.
    fn store(&self) -> &dyn Store;
    /// The time.
    fn clock(&self) -> &dyn Clock;
    /// New ids.
    fn ids(&self) -> &Ids;
    /// Who is asking, as the audit log shall name them.
    fn actor(&self) -> String;
    /// Facts for the About page.
    fn facts(&self) -> Facts;
    /// The recovery agents to whom new keys are sealed; none while the set is not to be trusted.
    async fn sealing_agents(&self) -> Result<Vec<Kra>, StoreError>;
    /// How often a fire drill is to be held; `None` where nobody is to be reminded.
    fn drill_interval(&self) -> Option<Span> {
        None
    }
    /// How much the plan changes by itself in 24 hours.
    fn limits(&self) -> Limits {
        Limits::default()
    }
    /// What certificates cost, as this installation's settings say.
    fn prices(&self) -> Prices {
        Prices::default()
    }
    /// What this installation's settings make of the recurring duties.
    fn duties(&self) -> Vec<DutySetting> {
        DutySetting::usual()
    }
    /// New work was queued: a worker in this process may start at once.
    fn work_queued(&self);
    /// The installations that share the database; `None` with an embedded one.
    fn fleet(&self) -> Option<&dyn Fleet> {
        None
    }
    /// Who examines the audit log; `None` where nobody does.
    fn auditor(&self) -> Option<&dyn Auditor> {
        None
    }
    /// The way to a shared database; `None` where there is none from here.
    fn setup(&self) -> Option<&dyn SetupHost> {
        None
    }
    /// The way into the tenant; `None` while none is configured.
    fn tenant(&self) -> Option<&dyn TenantHost> {
        None
    }
    /// Who looks at campaigns beforehand and has them begin; `None` where nobody does.
    fn campaigns(&self) -> Option<&dyn CampaignHost> {
        None
    }
    /// The way to set up the tenant; `None` where there is none from here.
    fn tenant_setup(&self) -> Option<&dyn TenantSetupHost> {
        None
    }
    /// Where persons sign in; `None` where nobody does.
    fn sign_in(&self) -> Option<&dyn SignInHost> {
        None
    }
    /// The way to carry recoveries; `None` where the program is not composed with it.
    fn recovery(&self) -> Option<&dyn RecoveryHost> {
        None
    }
}
