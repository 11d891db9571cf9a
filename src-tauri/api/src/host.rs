//! What a command body needs from whoever hosts it.

use model::{Clock, Ids};
use store::Store;

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
}

/// The narrow face of a host.
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
    /// New work was queued: a worker in this process may start at once.
    fn work_queued(&self);
}
