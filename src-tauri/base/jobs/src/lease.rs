//! The right to work on one job, kept alive while the job runs.

use std::sync::Arc;

use model::{Clock, Service, Span};
use store::{Lease, Store, StoreError};
use tokio_util::sync::CancellationToken;

/// A claimed job and whether the claim still stands.
#[derive(Clone)]
pub struct LeaseGuard {
    lease: Lease,
    lost: CancellationToken,
}

impl LeaseGuard {
    /// A guard over a claimed job.
    pub fn new(lease: Lease) -> Self {
        Self { lease, lost: CancellationToken::new() }
    }

    /// The claim, for fencing.
    pub const fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Ends when somebody else has taken the job. The worker drops the job's future then; only what the job itself
    /// started elsewhere has to listen.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    pub(crate) fn lose(&self) {
        self.lost.cancel();
    }
}

/// What is kept alive.
pub(crate) enum Claim {
    Job(Lease),
    Duty { service: Service, worker: String, clock: Arc<dyn Clock> },
}

impl Claim {
    /// Extends the claim three times in each span; ends when it is lost.
    pub(crate) async fn keep(&self, store: &dyn Store, span: Span) {
        let pause = Span::millis((span.as_millis() / 3).max(1)).to_duration();
        loop {
            tokio::time::sleep(pause).await;
            match self.extend(store, span).await {
                Ok(true) => {}
                Ok(false) => return,
                // The claim may still stand; the next beat tells.
                Err(error) => tracing::warn!(%error, "a claim could not be extended"),
            }
        }
    }

    async fn extend(&self, store: &dyn Store, span: Span) -> Result<bool, StoreError> {
        let mut work = store.begin().await?;
        let held = match self {
            Self::Job(lease) => work.jobs().extend(lease, span).await?,
            Self::Duty { service, worker, clock } => {
                work.services().claim(*service, worker, clock.now(), span).await?
            }
        };
        work.commit().await?;
        Ok(held)
    }
}
