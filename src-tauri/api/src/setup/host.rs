//! What the assistant needs from whoever hosts it.

use async_trait::async_trait;
use model::Ids;

use super::{
    Password, SetupFinished, SetupFound, SetupFounded, SetupJoining, SetupPlan, SetupRoles, SetupStatus,
    SetupTarget, SetupTested,
};
use crate::WireError;

/// The host's side of the assistant: it holds the database under test and the password between the steps, and makes the
/// home. Every method can be called again after it failed; none undoes what another has done on a server.
#[async_trait]
pub trait SetupHost: Send + Sync {
    /// New ids, for trace ids.
    fn ids(&self) -> &Ids;
    /// Where the assistant stands. Asked every second or two while something is under way, so it answers from memory,
    /// except that while [`SetupStatus::joining`] waits it looks into the admission log.
    async fn status(&self) -> Result<SetupStatus, WireError>;
    /// Signs in to `target` and looks around; changes nothing there. What can be used (no obstacle) becomes the
    /// assistant's target, and the password is kept in memory until [`SetupHost::finish`] or [`SetupHost::cancel`].
    async fn test(&self, target: SetupTarget, password: Option<Password>) -> Result<SetupTested, WireError>;
    /// The SQL that would bring the target's schema to this program's version. Changes nothing.
    async fn plan(&self) -> Result<SetupPlan, WireError>;
    /// Brings the target's schema to this program's version; nothing happens when it is there already. The embedded
    /// database is made by this. `ErrorCode::Forbidden` when the login may not.
    async fn apply(&self) -> Result<(), WireError>;
    /// The grant scripts for the kind of server, and what the login may do now (probed anew).
    async fn roles(&self) -> Result<SetupRoles, WireError>;
    /// Makes this installation's key pair, founds the fleet (on a server), the authority and the recovery agent. Refused
    /// with `ErrorCode::NotPossible` when somebody founded a fleet there meanwhile. What exists is kept.
    async fn found(&self, founding: SetupFound) -> Result<SetupFounded, WireError>;
    /// Makes this installation's key pair, trusts the fleet whose fingerprint a person compared (`fleet`, in the spelling
    /// of [`SetupTested::fleet`]), and asks to be let in. `ErrorCode::NotPossible` when the database holds another fleet.
    /// Asking again changes nothing.
    async fn join(&self, fleet: &str) -> Result<SetupJoining, WireError>;
    /// Begins the assistant for a move of this home's embedded database.
    async fn begin_move(&self) -> Result<(), WireError>;
    /// Starts to copy the embedded database to the target, in the background; [`SetupStatus::copying`] tells how far it
    /// is. The embedded database stays as it is; workers of this process rest meanwhile.
    async fn copy(&self) -> Result<(), WireError>;
    /// Writes the settings (address and the place of the password, never the password itself) and opens the program, or
    /// says that it has to be started again.
    async fn finish(&self) -> Result<SetupFinished, WireError>;
    /// Back to the choice of a database. Forgets the password; stops copying; ends a move, so that the purpose is `first`
    /// again. An installation that asked to be let in stays asked.
    async fn cancel(&self) -> Result<(), WireError>;
}
