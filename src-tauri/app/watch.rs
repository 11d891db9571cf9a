//! What a running daemon looks at again and again: whether it may go on with this database and in this fleet.

use std::sync::Arc;
use std::time::Duration;

use admit::AdmitError;
use evidence::EvidenceError;
use model::{Span, Timestamp};
use store::{Store as _, StoreError};

use crate::compose::{ComposeError, Program};
use crate::works::chain;

/// Ends with the reason why this program may not go on: the schema was changed past it, or it was put out of the fleet.
/// Meanwhile it lets the others see that it is there, and seals what somebody began to seal and did not finish.
pub(crate) async fn watch(program: &Arc<Program>, every: Duration) -> ComposeError {
    let mut vigil = Vigil::default();
    loop {
        tokio::time::sleep(every).await;
        if let Some(reason) = look(program, &mut vigil).await {
            return reason;
        }
    }
}

async fn look(program: &Program, vigil: &mut Vigil) -> Option<ComposeError> {
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
    vigil.keep(program).await;
    None
}

/// How long the log stays unsigned at most while a daemon runs and something is written.
const SIGN_EVERY: Span = Span::hours(1);
/// How often a daemon reads the whole log anew. What it signs in between it has compared with what it remembers only.
const VERIFY_EVERY: Span = Span::hours(24);

/// How often a daemon says what is wrong with the recovery agents, such as certificates that end soon.
const AGENTS_EVERY: Span = Span::hours(24);

/// What a running daemon last did about the audit log and the recovery agents.
#[derive(Default)]
struct Vigil {
    signed: Option<Timestamp>,
    verified: Option<Timestamp>,
    agents: Option<Timestamp>,
}

impl Vigil {
    /// Signs the log once an hour and verifies the whole of it once a day. A log that was rewritten or cut off is a matter
    /// for people: the daemon goes on with its work, which the log is not needed for, and says so each time.
    async fn keep(&mut self, program: &Program) {
        let now = program.clock.now();
        let is_due =
            |last: Option<Timestamp>, every| last.is_none_or(|last| last + every <= now || last > now);
        if is_due(self.signed, SIGN_EVERY) {
            self.signed = Some(now);
            say("signed", program.notary().sign_now_and_then(SIGN_EVERY).await.map(|_| ()));
        }
        if is_due(self.verified, VERIFY_EVERY) {
            self.verified = Some(now);
            say("verified", verify(program).await);
            remind(program).await;
        }
        if is_due(self.agents, AGENTS_EVERY) {
            self.agents = Some(now);
            crate::officers::warn(program).await;
        }
    }
}

/// A fire drill takes an officer; a daemon calls one, and says that it waits.
async fn remind(program: &Program) {
    let told = async { program.store.read().await?.services().called_drill().await };
    match told.await {
        Ok(Some(called)) if !called.is_complete() => {
            let overdue = called.is_overdue(program.clock.now());
            tracing::warn!(
                called = %called.at, until = %called.until, overdue, proven = %called.summary(),
                "a fire drill is called: officers prove with `sealwright recovery drill --kra KEY` that archived keys open"
            );
        }
        Ok(Some(called)) if called.counts().failed > 0 => {
            tracing::error!(called = %called.at, proven = %called.summary(), "archived keys failed in the last fire drill");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "whether a fire drill is called cannot be told"),
    }
}

async fn verify(program: &Program) -> Result<(), EvidenceError> {
    let fleet = program.gate.fleet().await?;
    let notary = program.notary();
    let report = evidence::verify(program.store.as_ref(), &fleet, &notary.remembered(&fleet)?).await?;
    if let Some(why) = &report.disregarded_why {
        tracing::warn!(heads = report.disregarded, %why, "signatures of the audit log count for nothing");
    }
    if let Some(largest) = &report.largest {
        notary.remember_seen(largest, &fleet)?;
    }
    Ok(())
}

fn say(what: &str, result: Result<(), EvidenceError>) {
    match result {
        Ok(()) => {}
        // An outage passes; the log is looked at again.
        Err(EvidenceError::Store(StoreError::Busy { source })) => {
            tracing::debug!(error = %source, "the audit log could not be {what}");
        }
        Err(error @ EvidenceError::Broken { .. }) => tracing::error!(
            error = %chain(&error),
            "compare with a backup and with heads that auditors keep; only when the database was restored from a backup, \
             `sealwright installation trust` accepts it as it is"
        ),
        Err(error) => tracing::warn!(error = %chain(&error), "the audit log could not be {what}"),
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
