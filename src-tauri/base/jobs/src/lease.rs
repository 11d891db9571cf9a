//! The right to work on one job or duty: kept alive while the work runs, and watched.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use model::Span;
use store::{DutyClaim, Lease, Store, StoreError};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
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

/// Until when a claim certainly stands, by this machine's steady clock.
///
/// A process may be stopped for minutes between two instructions, and the database may be out of reach: then others may
/// have taken the work, and nothing more is done until the database has been asked.
#[derive(Clone)]
pub(crate) struct Term(Arc<(Mutex<Instant>, Notify)>);

impl Term {
    /// `until` counts from before the claim was asked for.
    pub(crate) fn until(until: Instant) -> Self {
        Self(Arc::new((Mutex::new(until), Notify::new())))
    }

    fn end(&self) -> Instant {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never shortens.
    fn prolong(&self, until: Instant) {
        let mut end = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *end = until.max(*end);
        drop(end);
        self.0.1.notify_waiters();
    }

    /// Whether somebody else may have the work.
    pub(crate) fn is_in_doubt(&self) -> bool {
        Instant::now() >= self.end()
    }

    /// Ends when the claim is in doubt. Looks at the clock whenever it is polled, not only when a timer says so: after a
    /// stop of the whole process timers come late.
    async fn in_doubt(&self) {
        loop {
            let mut timer = pin!(tokio::time::sleep_until(self.end()));
            poll_fn(|context| {
                if Instant::now() >= self.end() { Poll::Ready(()) } else { timer.as_mut().poll(context) }
            })
            .await;
            if Instant::now() >= self.end() {
                return;
            }
        }
    }

    async fn confirmed(&self) {
        loop {
            let told = self.0.1.notified();
            if Instant::now() < self.end() {
                return;
            }
            told.await;
        }
    }

    /// Runs the work, and lets it rest while the claim is in doubt, but not for long: it may rest in the middle of a unit
    /// of work, and its locks would keep everybody waiting, also the beat that would confirm the claim. `None` when it
    /// was given up; then others have it, or will.
    pub(crate) async fn while_held<F: Future>(&self, work: F) -> Option<F::Output> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                () = self.in_doubt() => tokio::time::timeout(REST, self.confirmed()).await.ok()?,
                done = &mut work => return Some(done),
            }
        }
    }
}

/// What is kept alive.
pub(crate) enum Claim {
    Job(Lease),
    Duty(DutyClaim),
}

/// How long work rests whose claim is in doubt.
const REST: Duration = Duration::from_secs(1);

/// Pause after a beat that failed, while the database is out of reach.
const TROUBLE: Duration = Duration::from_secs(1);

/// How long the answer to a beat is waited for, at most.
const ANSWER: Duration = Duration::from_secs(5);

impl Claim {
    /// Extends the claim three times in each span; ends when it is lost.
    async fn keep(&self, store: &dyn Store, span: Span, term: &Term) {
        let pause = Span::millis((span.as_millis() / 3).max(1)).to_duration();
        let mut wait = pause;
        loop {
            tokio::time::sleep(wait).await;
            let asked = Instant::now();
            let patience = pause.clamp(TROUBLE, ANSWER);
            match tokio::time::timeout(patience, self.extend(store, span)).await {
                Ok(Ok(true)) => {
                    term.prolong(asked + span.to_duration());
                    wait = pause;
                    continue;
                }
                Ok(Ok(false)) => return,
                // The claim may still stand; the next beat tells.
                Ok(Err(error)) => tracing::warn!(%error, "a claim could not be extended"),
                Err(_) => tracing::debug!("a claim could not be extended in time"),
            }
            wait = pause.min(TROUBLE);
            // What a duty does outside the database does no harm, and what it stores is fenced. It may itself be what the
            // beat waits for: a unit of work that holds the claim's row for longer than the claim lasts.
            if let Self::Duty(_) = self {
                term.prolong(Instant::now() + wait + patience);
            }
        }
    }

    async fn extend(&self, store: &dyn Store, span: Span) -> Result<bool, StoreError> {
        store::in_unit!(store, work => {
            match self {
                Self::Job(lease) => work.jobs().extend(lease, span).await?,
                Self::Duty(claim) => work.services().keep(claim.service, &claim.owner, span).await?,
            }
        })
    }
}

/// Keeps a claim alive in a task of its own, so that work which is slow to yield neither misses a beat nor holds the
/// database while it does. Ends when the claim is lost; dropped, it stops.
pub(crate) fn beating(claim: Claim, store: Arc<dyn Store>, span: Span, term: Term) -> JoinSet<()> {
    let mut heart = JoinSet::new();
    heart.spawn(async move { claim.keep(store.as_ref(), span, &term).await });
    heart
}

/// Keeps the claim on a duty alive for somebody who is no worker, until it is dropped.
pub struct Heart(JoinSet<()>);

impl Heart {
    /// Begins to beat.
    pub fn of(claim: DutyClaim, store: Arc<dyn Store>) -> Self {
        let span = claim.lease;
        let term = Term::until(Instant::now() + span.to_duration());
        Self(beating(Claim::Duty(claim), store, span, term))
    }

    /// Ends when the claim is lost.
    pub async fn lost(&mut self) {
        self.0.join_next().await;
    }
}
