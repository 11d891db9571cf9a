//! Claimed and running work of one worker.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use model::{Service, Span};
use store::{Lease, Store, StoreError};
use tokio::task::{Id, JoinSet};

use crate::worker::Worker;
use crate::{Duty, Idle, LeaseGuard, Next, backoff};

/// Jobs claimed at once for each that can run: one claim serves several, and a dead worker blocks few.
const AHEAD: usize = 4;
/// A duty holds its claim this many times longer than a job does; nobody extends it meanwhile.
const DUTY_LEASES: i64 = 5;

enum Running {
    Job(Lease),
    Duty(Service),
}

enum Ended {
    Job(Lease, Next),
    JobLost,
    Duty,
}

/// Claimed and running work.
pub(crate) struct Engine<'a> {
    worker: &'a Worker,
    claimed: VecDeque<Lease>,
    tasks: JoinSet<Ended>,
    running: HashMap<Id, Running>,
    told: Idle,
}

impl<'a> Engine<'a> {
    pub(crate) fn new(worker: &'a Worker) -> Self {
        Self { worker, claimed: VecDeque::new(), tasks: JoinSet::new(), running: HashMap::new(), told: Idle::default() }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.claimed.is_empty() && self.running.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.running.len() >= self.worker.options.concurrency
    }

    pub(crate) const fn told(&self) -> Idle {
        self.told
    }

    pub(crate) fn runs_duty(&self, service: Service) -> bool {
        self.running.values().any(|running| matches!(running, Running::Duty(one) if *one == service))
    }

    /// Claims and starts jobs until as many run as may.
    pub(crate) async fn fill(&mut self) -> Result<(), StoreError> {
        let options = &self.worker.options;
        while !self.is_full() {
            if self.claimed.is_empty() {
                let limit = u32::try_from(options.concurrency * AHEAD).unwrap_or(u32::MAX);
                // Looking costs no write; an idle worker must not touch the disk.
                let now = self.worker.clock.now();
                let due = self.worker.store.read().await?.jobs().next_due().await?;
                if due.is_none_or(|due| due > now) {
                    return Ok(());
                }
                let mut work = self.worker.store.begin().await?;
                let leases = work.jobs().claim(&options.name, now, options.lease, limit).await?;
                work.commit().await?;
                self.claimed.extend(leases);
            }
            let Some(lease) = self.claimed.pop_front() else { return Ok(()) };
            self.start_job(lease);
        }
        Ok(())
    }

    fn start_job(&mut self, lease: Lease) {
        let handler = Arc::clone(&self.worker.handler);
        let store = Arc::clone(&self.worker.store);
        let span = self.worker.options.lease;
        let guard = LeaseGuard::new(lease.clone());
        let task = async move {
            let beat = guard.keep_alive(store, span);
            let job = handler.run(&guard.lease().job, &guard);
            tokio::select! {
                next = job => Ended::Job(guard.lease().clone(), next),
                () = beat => Ended::JobLost,
            }
        };
        let handle = self.tasks.spawn(task);
        self.running.insert(handle.id(), Running::Job(lease));
    }

    /// Claims a duty and starts it; somebody else may have been faster.
    pub(crate) async fn start_duty(&mut self, duty: Arc<dyn Duty>) -> Result<(), StoreError> {
        let worker = self.worker;
        let service = duty.service();
        let now = worker.clock.now();
        let lease = Span::millis(worker.options.lease.as_millis() * DUTY_LEASES);
        let mut work = worker.store.begin().await?;
        let claimed = work.services().claim(service, &worker.options.name, now, lease).await?;
        work.commit().await?;
        if !claimed {
            return Ok(());
        }
        let (store, clock) = (Arc::clone(&worker.store), Arc::clone(&worker.clock));
        let name = worker.options.name.clone();
        let task = async move {
            let started = clock.now();
            let result = duty.run().await;
            match &result {
                Ok(text) => tracing::info!(service = service.name(), result = %text, "a duty is done"),
                Err(text) => tracing::warn!(service = service.name(), error = %text, "a duty failed"),
            }
            let stored = async {
                let mut work = store.begin().await?;
                let result = result.as_ref().map(String::as_str).map_err(String::as_str);
                let next = clock.now() + duty.interval();
                work.services().finish(service, &name, started, result, next).await?;
                work.commit().await
            };
            if let Err(error) = stored.await {
                tracing::warn!(service = service.name(), %error, "the result of a duty could not be stored");
            }
            Ended::Duty
        };
        let handle = self.tasks.spawn(task);
        self.running.insert(handle.id(), Running::Duty(service));
        Ok(())
    }

    /// Waits until one piece of work has ended, and stores what became of it. For ever when none runs.
    pub(crate) async fn one_finished(&mut self) {
        let ended = match self.tasks.join_next_with_id().await {
            None => return std::future::pending().await,
            Some(ended) => ended,
        };
        match ended {
            Ok((id, ended)) => {
                self.running.remove(&id);
                match ended {
                    Ended::Job(lease, next) => self.settle(&lease, next).await,
                    Ended::JobLost => tracing::warn!("a claim was lost; another worker has the job"),
                    Ended::Duty => {}
                }
            }
            Err(broken) => {
                let running = self.running.remove(&broken.id());
                if let Some(Running::Job(lease)) = running {
                    tracing::error!(job = %lease.job.id, %broken, "a job panicked");
                    self.settle(&lease, Next::Again { after: None, failed: true }).await;
                }
            }
        }
    }

    async fn settle(&mut self, lease: &Lease, next: Next) {
        match next {
            Next::Done => self.told.done += 1,
            Next::Again { failed, .. } => self.told.failed += u64::from(failed),
        }
        let stored = async {
            let mut work = self.worker.store.begin().await?;
            let held = match next {
                Next::Done => work.jobs().finish(lease).await?,
                Next::Again { after, failed } => {
                    let attempts = if failed { lease.job.attempts.saturating_add(1) } else { 0 };
                    let rest = after
                        .unwrap_or_else(|| backoff::rest(lease.job.attempts, self.worker.entropy.as_ref()));
                    work.jobs().park(lease, self.worker.clock.now() + rest, attempts).await?
                }
            };
            work.commit().await?;
            Ok::<_, StoreError>(held)
        };
        match stored.await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(job = %lease.job.id, "a claim was lost; nothing was stored"),
            Err(error) => {
                tracing::warn!(job = %lease.job.id, %error, "a job could not be given back; its claim runs out");
            }
        }
    }

    /// Gives back what was claimed and not started, waits for what runs, and drops what takes too long.
    pub(crate) async fn wind_up(mut self, grace: Span) {
        for lease in std::mem::take(&mut self.claimed) {
            self.settle(&lease, Next::Again { after: Some(Span::default()), failed: false }).await;
        }
        let finishing = async {
            while !self.running.is_empty() {
                self.one_finished().await;
            }
        };
        if tokio::time::timeout(grace.to_duration(), finishing).await.is_err() {
            tracing::warn!(left = self.running.len(), "some work did not finish in time; it is taken up again later");
            self.tasks.shutdown().await;
            let left: Vec<Lease> = self
                .running
                .drain()
                .filter_map(|(_, running)| match running {
                    Running::Job(lease) => Some(lease),
                    Running::Duty(_) => None,
                })
                .collect();
            for lease in left {
                self.settle(&lease, Next::Again { after: Some(Span::default()), failed: false }).await;
            }
        }
    }
}
