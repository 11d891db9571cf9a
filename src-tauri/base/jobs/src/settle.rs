//! Stores what became of a piece of work, with a little patience while the database is busy.

use std::sync::Arc;

use model::{Clock, Entropy, Service, Span, Timestamp};
use store::{Lease, Store, StoreError};

use crate::worker::Worker;
use crate::{Next, backoff};

/// How often it is tried.
const TRIES: u32 = 4;

/// What a task needs to store its result.
pub(crate) struct Settle {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) name: String,
}

/// What is to be stored.
enum Outcome<'a> {
    Finished(&'a Lease),
    Parked(&'a Lease, Timestamp, u32),
    Duty(Service, Timestamp, &'a Result<String, String>, Timestamp),
}

impl Settle {
    pub(crate) fn of(worker: &Worker) -> Self {
        Self {
            store: Arc::clone(&worker.store),
            clock: Arc::clone(&worker.clock),
            entropy: Arc::clone(&worker.entropy),
            name: worker.options.name.clone(),
        }
    }

    /// Takes a job off the queue or gives it back for later.
    pub(crate) async fn job(&self, lease: &Lease, next: Next) {
        let outcome = match next {
            Next::Done => Outcome::Finished(lease),
            Next::Again { after, failed } => {
                let rest = after.unwrap_or_else(|| backoff::rest(lease.job.attempts, self.entropy.as_ref()));
                let attempts = if failed { lease.job.attempts.saturating_add(1) } else { 0 };
                Outcome::Parked(lease, self.clock.now() + rest, attempts)
            }
        };
        self.keep(&outcome, &lease.job.id.to_string()).await;
    }

    /// Gives a job back as it was before the claim.
    pub(crate) async fn untouched(&self, lease: &Lease) {
        let outcome = Outcome::Parked(lease, lease.job.due_at, lease.job.attempts);
        self.keep(&outcome, &lease.job.id.to_string()).await;
    }

    /// Stores the result of a duty and its next run.
    pub(crate) async fn duty(
        &self,
        service: Service,
        started: Timestamp,
        result: &Result<String, String>,
        next_run: Timestamp,
    ) {
        self.keep(&Outcome::Duty(service, started, result, next_run), service.name()).await;
    }

    async fn keep(&self, outcome: &Outcome<'_>, what: &str) {
        let mut tries = 1;
        loop {
            match self.write(outcome).await {
                Ok(true) => return,
                Ok(false) => {
                    tracing::warn!(what, "a claim was lost; nothing was stored");
                    return;
                }
                Err(error) if error.is_passing() && tries < TRIES => {
                    tracing::debug!(what, %error, tries, "the database is busy; trying again");
                    tokio::time::sleep(Span::millis(100 << tries).to_duration()).await;
                    tries += 1;
                }
                Err(error) => {
                    tracing::warn!(what, %error, "a result could not be stored; the claim runs out by itself");
                    return;
                }
            }
        }
    }

    async fn write(&self, outcome: &Outcome<'_>) -> Result<bool, StoreError> {
        let mut work = self.store.begin().await?;
        let held = match *outcome {
            Outcome::Finished(lease) => work.jobs().finish(lease).await?,
            Outcome::Parked(lease, due_at, attempts) => work.jobs().park(lease, due_at, attempts).await?,
            Outcome::Duty(service, started, result, next_run) => {
                let result = result.as_ref().map(String::as_str).map_err(String::as_str);
                work.services().finish(service, &self.name, started, result, next_run).await?
            }
        };
        work.commit().await?;
        Ok(held)
    }
}
