//! What a running daemon looks at again and again: whether it may go on with this database and in this fleet.

use std::sync::Arc;
use std::time::Duration;

use admit::AdmitError;
use evidence::EvidenceError;
use model::Span;
use store::StoreError;

use crate::compose::{ComposeError, Program};
use crate::works::chain;

/// Ends with the reason why this program may not go on: the schema was changed past it, or it was put out of the fleet.
/// Meanwhile it lets the others see that it is there, and seals what somebody began to seal and did not finish.
pub(crate) async fn watch(program: &Arc<Program>, every: Duration) -> ComposeError {
    loop {
        tokio::time::sleep(every).await;
        if let Some(reason) = look(program).await {
            return reason;
        }
    }
}

async fn look(program: &Program) -> Option<ComposeError> {
    match program.store.schema().await {
        Ok(schema) => {
            if let Err(error) = schema.gate_unchanged() {
                return Some(error.into());
            }
        }
        // An outage passes; the worker waits for the database by itself.
        Err(error) => {
            tracing::debug!(%error, "the schema could not be looked at");
            return None;
        }
    }
    program.mark_seen("daemon").await;
    match program.gate.recipients().await {
        Ok(_) => {}
        Err(AdmitError::Store(error)) => tracing::debug!(%error, "the fleet could not be looked at"),
        // A copy of the database may lag behind for a moment.
        Err(error @ AdmitError::Shortened { .. }) => {
            tracing::warn!(error = %chain(&error), "the list of installations is shorter than it was");
        }
        Err(error) => return Some(error.into()),
    }
    if program.store.is_shared() {
        reseal(program).await;
    }
    sign_audit_log(program).await;
    None
}

/// How long the log stays unsigned at most while a daemon runs and something is written.
const SIGN_EVERY: Span = Span::hours(1);

/// Signs the audit log unless somebody has done so within the hour. A log that was rewritten or cut off is a matter for
/// people: the daemon goes on with its work, which the log is not needed for, and says so each time.
pub(crate) async fn sign_audit_log(program: &Program) {
    let notary = program.notary();
    let signed = async {
        if notary.is_fresh(SIGN_EVERY).await? {
            return Ok(());
        }
        notary.sign().await.map(|_| ())
    };
    match signed.await {
        Ok(()) => {}
        Err(EvidenceError::Store(error)) => tracing::debug!(%error, "the audit log could not be signed"),
        Err(error @ EvidenceError::Broken { .. }) => {
            tracing::error!(error = %chain(&error), "`sealwright audit verify` says more; when the database was restored from a backup, `sealwright installation trust` \
                 accepts it as it is");
        }
        Err(error) => tracing::warn!(error = %chain(&error), "the audit log could not be signed"),
    }
}

/// Seals what is not sealed to exactly those who are admitted.
pub(crate) async fn reseal(program: &Program) {
    match program.gate.reseal().await {
        Ok(resealed) if !resealed.needs_person() => {}
        Ok(resealed) => tracing::warn!(
            closed = ?resealed.closed, damaged = ?resealed.damaged,
            "some secrets are not sealed to this installation; run `sealwright installation reseal` on one that can open them"
        ),
        Err(AdmitError::Store(StoreError::Denied { .. })) => {}
        Err(error) => tracing::warn!(error = %chain(&error), "secrets could not be sealed again"),
    }
}
