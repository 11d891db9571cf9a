//! The assistant of the first start, and the way from the embedded to a shared database: what it asks and is told.
//!
//! The steps go one way: choose and test a database, bring its schema up, grant roles, then found a fleet or ask to be
//! let into one. The password is given once, to `setup_test`; the host keeps what it needs and never gives it back.

mod bodies;
mod host;
mod target;

pub(crate) use bodies::{
    setup_apply, setup_cancel, setup_finish, setup_found, setup_join, setup_move, setup_plan, setup_roles,
    setup_status, setup_test,
};
pub use host::SetupHost;
pub use target::{Password, SetupTarget, SetupTest, SetupTested};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::host::Right;

/// Asks for [`SetupStatus`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupStatusRequest {}

/// Where the assistant stands. The page shows the step that follows from it, also after it was closed and opened again.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupStatus {
    /// This home holds no Sealwright yet: nothing but the assistant can be shown.
    pub needed: bool,
    /// The embedded database of this home can be moved to a server from here.
    pub movable: bool,
    /// What the assistant is asked for: `first` or `move`.
    pub purpose: String,
    /// The next step: `choose`, `schema`, `keys`, `waiting`, `copy` or `ready`.
    pub stage: String,
    /// The home folder.
    pub home: String,
    /// The name of this machine, as others will see it.
    pub machine: String,
    /// The database that was tested, without its password.
    pub target: Option<SetupTarget>,
    /// What was found there.
    pub tested: Option<SetupTested>,
    /// Values to start from when a fleet is founded.
    pub proposal: Option<SetupFound>,
    /// While this installation waits to be let in.
    pub joining: Option<SetupJoining>,
    /// While rows are copied from the embedded database, and after it.
    pub copying: Option<SetupCopying>,
}

/// This installation asks to be let into a fleet.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupJoining {
    /// Fingerprint of this installation's certificate, eight groups of four digits.
    pub fingerprint: String,
    /// Fingerprint of the fleet that is in the database.
    pub fleet: String,
    /// Since when it asks, RFC 3339.
    pub asked_at: String,
    /// `waiting`, `admitted` or `refused`.
    pub state: String,
}

/// Rows on their way to the server.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupCopying {
    /// The table under way.
    pub table: String,
    /// Rows copied so far, of all tables.
    pub rows: u32,
    /// Rows in all.
    pub of: u32,
    /// Since when, RFC 3339.
    pub since: String,
    /// `running`, `checking`, `done`, `failed`, or `held`: everything is on the server, but the home could not be switched
    /// over to it yet.
    pub state: String,
    /// Why it failed or is held, and what to do. Where it failed, the embedded database is as it was.
    pub failure: Option<String>,
}

/// Asks for [`SetupPlan`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupPlanRequest {}

/// What would be done to the schema.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupPlan {
    /// Schema version that is there; 0 for an empty database.
    pub from: u32,
    /// Schema version of this program.
    pub to: u32,
    /// The SQL, as a script that a database administrator can run instead.
    pub sql: String,
    /// Whether this login may run it; otherwise the database administrator does.
    pub may_apply: bool,
}

/// Brings the schema up.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupApply {}

/// Asks for [`SetupRoles`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupRolesRequest {}

/// Scripts for the database administrator.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupRoles {
    /// Makes the roles and grants them what they need.
    pub script: String,
    /// Names of the roles that it makes, in the order of `docs`.
    pub roles: Vec<String>,
    /// What the login in use may do at the moment.
    pub rights: Vec<Right>,
}

/// Founds a fleet with this installation as its first: authority and recovery agent, as `sealwright init` does.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupFound {
    /// Name of the built-in authority; none is founded when empty.
    pub authority: String,
    /// Organisation in its subject; left out when empty.
    pub organization: String,
    /// ISO 3166 country code; left out when empty.
    pub country: String,
    /// Where devices find its revocation list, e.g. `http://pki.example.com/pki/ca`.
    pub pki_url: String,
    /// Name of the first recovery agent; none is made when empty.
    pub kra: String,
    /// The folder on this machine into which the agent's key and its password are written.
    pub kra_folder: String,
}

/// What was founded.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupFounded {
    /// Fingerprint of this installation's certificate, eight groups of four digits.
    pub fingerprint: String,
    /// Fingerprint of the fleet; empty with an embedded database.
    pub fleet: String,
    /// The file with the recovery agent's key.
    pub kra_file: Option<String>,
    /// The file with its password.
    pub kra_password_file: Option<String>,
}

/// Asks to be let into the fleet that is in the database.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupJoin {
    /// The fleet's fingerprint that the person compared with an admitted installation's screen, in any spelling.
    pub fleet: String,
}

/// Starts to copy the embedded database to the tested server. The assistant begins for that purpose.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupMove {
    /// `begin` opens the assistant for a move, `copy` starts copying once the schema is there.
    pub step: String,
}

/// Ends the assistant: writes the settings and opens the program.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupFinish {}

/// How it goes on.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupFinished {
    /// The program has to be started again, by a person.
    pub restart: bool,
}

/// Goes back to the choice of a database; forgets the password. What was made on the server stays.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetupCancel {}
