//! The durable queue at work: claims what is due, runs it, gives it back or takes it off.
//!
//! Several workers, in one process or many, may serve one database: a claim is a lease with a fencing token, so that a
//! late worker's writing is refused. Whoever dies leaves a lease that runs out; the job is then taken up by another.
//! What is due is due by the database's clock ([`DueBy`]), since the clocks of several machines differ.
//! Only this crate retries; nothing below it does. An idle worker costs one indexed query now and then, however much
//! lies in the database.
#![warn(missing_docs)]

mod backoff;
mod engine;
mod lease;
mod pace;
mod settle;
mod tempo;
mod waker;
mod worker;

use async_trait::async_trait;
use model::{Service, Span, Timestamp};
use store::DutyClaim;

pub use lease::{Heart, LeaseGuard};
pub use pace::SharedPace;
pub use tempo::{DueBy, SKEW, is_skewed};
pub use waker::Waker;
pub use worker::{Worker, WorkerOptions};

/// What became of a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// It is over; take it off the queue.
    Done,
    /// It goes on later.
    Again {
        /// Not before this span; otherwise the worker's own back-off decides.
        after: Option<Span>,
        /// Whether it failed, which lengthens the back-off.
        failed: bool,
    },
}

/// Carries out jobs. Must be safe to run again after a crash at any point.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Runs one job under a lease.
    async fn run(&self, job: &store::Job, lease: &LeaseGuard) -> Next;
}

/// Carries out one recurring duty.
#[async_trait]
pub trait Duty: Send + Sync {
    /// Which.
    fn service(&self) -> Service;
    /// Time between runs.
    fn interval(&self) -> Span;
    /// Runs it; one sentence about what came of it, or about why it failed. The worker keeps the claim alive; what the duty
    /// stores, it stores in units of work that begin with [`DutyClaim::hold`].
    async fn run(&self, claim: &DutyClaim) -> Result<String, String>;
}

/// What a worker did until nothing was due any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Idle {
    /// Jobs taken off the queue.
    pub done: u64,
    /// Runs that failed and come again.
    pub failed: u64,
    /// When the next job is due, if any waits.
    pub next_due: Option<Timestamp>,
}
