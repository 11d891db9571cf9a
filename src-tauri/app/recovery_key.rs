//! What both command line and console heed when a recovery agent's key is unlocked: a try that failed is on record.

use kra::Address;
use model::text::{fitted, printable};
use model::{AuditEvent, AuditKind, AuditOutcome};
use ports::RecoveryKeyError;
use store::{Store as _, StoreError};

use crate::compose::Program;
use crate::failure::Failure;

/// Longest object that is recorded; paths may be longer.
const MOST_OF_OBJECT: usize = 200;

/// Why a key was not opened.
pub(crate) enum Trouble {
    /// The key says so.
    Key(RecoveryKeyError),
    /// Something before it.
    Other(Failure),
}

impl From<RecoveryKeyError> for Trouble {
    fn from(error: RecoveryKeyError) -> Self {
        Self::Key(error)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Key(error) => error.into(),
            Trouble::Other(failure) => failure,
        }
    }
}

/// Whoever tried to unlock a recovery agent's key with a wrong password, or one that is blocked, is on record: as is a wrong PIN
/// that a token tells of when its key is first used. What else went wrong is nobody's try.
///
/// # Errors
/// When it cannot be recorded.
pub(crate) async fn record(
    program: &Program,
    address: &Address,
    trouble: &Trouble,
) -> Result<(), StoreError> {
    let Trouble::Key(error @ (RecoveryKeyError::Locked { .. } | RecoveryKeyError::Blocked { .. })) = trouble
    else {
        return Ok(());
    };
    let event = AuditEvent {
        kind: AuditKind::RecoveryKeyUnlocking,
        outcome: AuditOutcome::Failure,
        actor: program.actor.clone(),
        object: fitted(&format!("recovery key {address}"), MOST_OF_OBJECT),
        detail: printable(&error.to_string()),
    };
    let now = program.clock.now();
    store::in_unit!(program.store, work => { work.audit().append(&event, now).await?; })
}
