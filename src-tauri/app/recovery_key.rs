//! What both command line and console heed about recovery agents' keys: which are near, and that a try to unlock one that
//! failed is on record.

use std::path::PathBuf;

use kra::Address;
use kra::certificate_store::{self, StoredCertificate};
use kra::pkcs11::{self, SurveyedToken};
use model::text::{fitted, printable};
use model::{AuditEvent, AuditKind, AuditOutcome};
use ports::RecoveryKeyError;
use store::{Store as _, StoreError};

use crate::compose::Program;
use crate::failure::Failure;
use crate::works::chain;

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

/// Keys that can be named from this machine.
pub(crate) struct Nearby {
    /// What is in the readers.
    pub(crate) tokens: Vec<SurveyedToken>,
    /// What has a key in Windows' certificate stores.
    pub(crate) stored: Vec<StoredCertificate>,
    /// What could not be looked at, and why.
    pub(crate) warnings: Vec<String>,
}

/// Looks at tokens, by this PKCS#11 module or the first of the usual ones, and at Windows' certificate stores. Asks for no PIN.
///
/// # Errors
/// Those of the module. Where none was named and a certificate store has keys, nobody needs a module, and it is a warning.
pub(crate) async fn nearby(module: Option<PathBuf>) -> Result<Nearby, RecoveryKeyError> {
    let was_named = module.is_some();
    let mut warnings = Vec::new();
    let stored = certificate_store::survey().await.unwrap_or_else(|error| {
        warnings.push(chain(&error));
        Vec::new()
    });
    let tokens = match pkcs11::survey(module).await {
        Err(error) if !was_named && !stored.is_empty() => {
            warnings.push(chain(&error));
            Vec::new()
        }
        found => found?,
    };
    Ok(Nearby { tokens, stored, warnings })
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
