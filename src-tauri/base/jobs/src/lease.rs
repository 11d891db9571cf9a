//! The right to work on one job, kept alive while the job runs.

use std::sync::Arc;

use model::Span;
use store::{Lease, Store};
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

    /// Ends when somebody else has taken the job.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Extends the claim again and again; ends when it is lost.
    pub(crate) async fn keep_alive(&self, store: Arc<dyn Store>, span: Span) {
        let pause = Span::millis((span.as_millis() / 3).max(1)).to_duration();
        loop {
            tokio::time::sleep(pause).await;
            let extended = async {
                let mut work = store.begin().await?;
                let held = work.jobs().extend(&self.lease, span).await?;
                work.commit().await?;
                Ok::<_, store::StoreError>(held)
            };
            match extended.await {
                Ok(true) => {}
                Ok(false) => {
                    self.lost.cancel();
                    return;
                }
                // The claim may still stand; the next beat tells.
                Err(error) => tracing::warn!(job = %self.lease.job.id, %error, "a claim could not be extended"),
            }
        }
    }
}
