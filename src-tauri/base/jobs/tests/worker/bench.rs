//! A worker over a fresh store, with a handler that follows a script and remembers what it ran.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jobs::{DueBy, Duty, Handler, LeaseGuard, Next, Worker, WorkerOptions};
use model::{JobId, Span};
use store::{Job, JobKind, Store, StoreError, Work};
use support::{FreshStore, ManualClock, SeededEntropy, fresh_store};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What a job does when it is run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Does {
    Done,
    Fail,
    RestFor(Span),
    Panic,
    TakeMillis(u64),
    NeverEnd,
}

/// Runs jobs by script and remembers them.
#[derive(Default)]
pub(crate) struct Script {
    does: Mutex<BTreeMap<JobId, Does>>,
    pub(crate) runs: Mutex<Vec<(JobId, u32)>>,
    pub(crate) guards: Mutex<Vec<LeaseGuard>>,
    pub(crate) at_once: AtomicUsize,
    pub(crate) most_at_once: AtomicUsize,
    pub(crate) dropped: AtomicUsize,
}

struct Present<'a>(&'a Script, bool);

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Ordering::SeqCst);
        self.0.dropped.fetch_add(usize::from(!self.1), Ordering::SeqCst);
    }
}

#[async_trait]
impl Handler for Script {
    async fn run(&self, job: &Job, lease: &LeaseGuard) -> Next {
        self.runs.lock().unwrap().push((job.id, job.attempts));
        self.guards.lock().unwrap().push(lease.clone());
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        let mut present = Present(self, false);
        let does = self.does.lock().unwrap().get(&job.id).copied().unwrap_or(Does::Done);
        let next = match does {
            Does::Done => Next::Done,
            Does::Fail => Next::Again { after: None, failed: true },
            Does::RestFor(span) => Next::Again { after: Some(span), failed: false },
            Does::Panic => panic!("this job is broken"),
            Does::TakeMillis(millis) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Next::Done
            }
            Does::NeverEnd => std::future::pending().await,
        };
        present.1 = true;
        next
    }
}

impl Script {
    pub(crate) fn runs_of(&self, number: u128) -> usize {
        self.runs.lock().unwrap().iter().filter(|(id, _)| *id == job_id(number)).count()
    }
    pub(crate) fn total(&self) -> usize {
        self.runs.lock().unwrap().len()
    }
    pub(crate) fn set(&self, number: u128, does: Does) {
        self.does.lock().unwrap().insert(job_id(number), does);
    }
}

pub(crate) fn job_id(number: u128) -> JobId {
    Uuid::from_u128(number).into()
}

/// A store, a clock, a script, and workers on them.
pub(crate) struct Bench {
    pub(crate) store: FreshStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) script: Arc<Script>,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self { store: fresh_store().await, clock: Arc::default(), script: Arc::default() }
    }

    pub(crate) fn options(name: &str) -> WorkerOptions {
        WorkerOptions {
            name: name.to_owned(),
            concurrency: 2,
            // The bench's clock leaps.
            due_by: DueBy::Own,
            ..WorkerOptions::default()
        }
    }

    pub(crate) fn worker(&self, options: WorkerOptions) -> Worker {
        self.worker_on(self.store.shared(), Vec::new(), options)
    }

    pub(crate) fn worker_on(
        &self,
        store: Arc<dyn Store>,
        duties: Vec<Arc<dyn Duty>>,
        options: WorkerOptions,
    ) -> Worker {
        let clock = Arc::clone(&self.clock) as Arc<dyn model::Clock>;
        let handler = Arc::clone(&self.script) as Arc<dyn Handler>;
        Worker::new(store, clock, Arc::new(SeededEntropy::new(1)), handler, duties, options)
    }

    /// Queues jobs that are due, each with what it does.
    pub(crate) async fn queue(&self, jobs: &[(u128, Does)]) {
        let mut work = self.store.begin().await.unwrap();
        for (number, does) in jobs {
            self.script.set(*number, *does);
            let kind = JobKind::Enrollment { enrollment: Uuid::from_u128(*number).into() };
            let due_at = model::Clock::now(self.clock.as_ref());
            let job = Job { id: job_id(*number), kind, due_at, attempts: 0 };
            work.jobs().add(&job, &format!("key {number}")).await.unwrap();
        }
        work.commit().await.unwrap();
    }

    pub(crate) async fn queued(&self) -> u64 {
        self.store.read().await.unwrap().jobs().count().await.unwrap()
    }

    /// Claims what is due, as another worker would; by id, with failures in a row.
    pub(crate) async fn claimable(&self) -> Vec<(JobId, u32)> {
        let mut work = self.store.begin().await.unwrap();
        let now = model::Clock::now(self.clock.as_ref());
        let leases = work.jobs().claim("another", now, Span::minutes(1), 100).await.unwrap();
        let mut jobs: Vec<_> = leases.into_iter().map(|lease| (lease.job.id, lease.job.attempts)).collect();
        jobs.sort_unstable();
        jobs
    }
}

/// A worker that runs until it is told to stop.
pub(crate) struct Running {
    pub(crate) stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    #[expect(clippy::disallowed_methods, reason = "the handle is awaited in `end`")]
    pub(crate) fn start(worker: Worker) -> Self {
        let stop = CancellationToken::new();
        let token = stop.clone();
        Self { stop, task: tokio::spawn(async move { worker.run(token).await }) }
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// Waits until something holds; panics with its name after ten seconds.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    for _ in 0..1_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never came true: {what}");
}

/// A store that counts units for writing, and refuses some of them as busy.
pub(crate) struct Watched {
    inner: Arc<dyn Store>,
    pub(crate) writes: AtomicU32,
    /// Units still to be refused.
    pub(crate) busy: AtomicU32,
}

impl Watched {
    pub(crate) fn new(inner: Arc<dyn Store>, busy: u32) -> Arc<Self> {
        Arc::new(Self { inner, writes: AtomicU32::new(0), busy: AtomicU32::new(busy) })
    }
}

#[async_trait]
impl Store for Watched {
    async fn begin(&self) -> Result<Box<dyn Work>, StoreError> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        let refuse = self.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if refuse.is_ok() {
            return Err(StoreError::Busy { source: "somebody else writes".into() });
        }
        self.inner.begin().await
    }
    async fn read(&self) -> Result<Box<dyn Work>, StoreError> {
        self.inner.read().await
    }
    async fn pause(&self, attempt: u32) {
        self.inner.pause(attempt).await;
    }
}
