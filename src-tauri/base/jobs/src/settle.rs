//! Stores what became of a piece of work, with patience while the database is busy or out of reach.

use std::sync::Arc;
use std::time::Duration;

use model::{Entropy, Span, Timestamp};
use store::{DutyClaim, Lease, Store, StoreError};
use tokio::time::Instant;

use crate::tempo::Tempo;
use crate::worker::Worker;
use crate::{Next, backoff};

/// How long it is tried where others wait for it.
const SOON: Duration = Duration::from_secs(2);

/// Longest pause between two tries.
const PAUSE: Duration = Duration::from_secs(2);

/// What a task needs to store its result.
pub(crate) struct Settle {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) tempo: Arc<Tempo>,
    pub(crate) entropy: Arc<dyn Entropy>,
    /// How long it is tried.
    patience: Duration,
}

/// What is to be stored. Each is fenced by the claim, so that storing it a second time changes nothing.
enum Outcome<'a> {
    Finished(&'a Lease),
    Parked(&'a Lease, Timestamp, u32),
    Duty(&'a DutyClaim, Timestamp, &'a Result<String, String>, Timestamp),
}

impl Settle {
    /// For whoever is waited for.
    pub(crate) fn soon(worker: &Worker) -> Self {
        Self::within(worker, SOON)
    }

    /// For a task of its own: as long as the claim lasts. Then others may have the work.
    pub(crate) fn within(worker: &Worker, patience: Duration) -> Self {
        Self {
            store: Arc::clone(&worker.store),
            tempo: Arc::clone(&worker.tempo),
            entropy: Arc::clone(&worker.entropy),
            patience,
        }
    }

    /// Takes a job off the queue or gives it back for later.
    pub(crate) async fn job(&self, lease: &Lease, next: Next) {
        let outcome = match next {
            Next::Done => Outcome::Finished(lease),
            Next::Again { after, failed } => {
                let rest = after.unwrap_or_else(|| backoff::rest(lease.job.attempts, self.entropy.as_ref()));
                let attempts = if failed { lease.job.attempts.saturating_add(1) } else { 0 };
                Outcome::Parked(lease, self.tempo.now() + rest, attempts)
            }
        };
        self.keep(&outcome, &lease.job.id.to_string()).await;
    }

    /// Stores the result of a duty; it rests for `rest`.
    pub(crate) async fn duty(
        &self,
        claim: &DutyClaim,
        started: Timestamp,
        result: &Result<String, String>,
        rest: Span,
    ) {
        let next_run = self.tempo.now() + rest;
        self.keep(&Outcome::Duty(claim, started, result, next_run), claim.service.name()).await;
    }

    async fn keep(&self, outcome: &Outcome<'_>, what: &str) {
        let end = Instant::now() + self.patience;
        let mut pause = Duration::from_millis(100);
        loop {
            match self.write(outcome).await {
                Ok(true) => return,
                Ok(false) => {
                    tracing::warn!(what, "a claim was lost; nothing was stored");
                    return;
                }
                // Stored or not: the claim tells, and a second time changes nothing.
                Err(error @ (StoreError::Busy { .. } | StoreError::OutcomeUnknown { .. }))
                    if Instant::now() + pause < end =>
                {
                    tracing::debug!(what, %error, "a result could not be stored yet; trying again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE);
                }
                Err(error) => {
                    tracing::warn!(what, %error, "a result could not be stored; the claim runs out by itself");
                    return;
                }
            }
        }
    }

    async fn write(&self, outcome: &Outcome<'_>) -> Result<bool, StoreError> {
        store::in_unit!(self.store, work => {
            match *outcome {
                Outcome::Finished(lease) => work.jobs().finish(lease).await?,
                Outcome::Parked(lease, due_at, attempts) => work.jobs().park(lease, due_at, attempts).await?,
                Outcome::Duty(claim, started, result, next_run) => {
                    let result = result.as_ref().map(String::as_str).map_err(String::as_str);
                    work.services().finish(claim.service, &claim.owner, started, result, next_run).await?
                }
            }
        })
    }
}
