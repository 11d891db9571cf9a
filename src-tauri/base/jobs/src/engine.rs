//! Claimed and running work of one worker.
//!
//! Each piece of work runs in a task of its own, which keeps its claim alive and stores what became of it. The loop
//! around only waits for tasks to end, and that wait may be dropped at any point without losing anything.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use model::{Service, Span, Timestamp};
use store::{Lease, StoreError};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::lease::Claim;
use crate::settle::Settle;
use crate::worker::{ELSEWHERE, Worker};
use crate::{Duty, Idle, LeaseGuard, Next, backoff};

/// Jobs claimed at once for each that can run: one claim serves several, and a dead worker blocks few.
const AHEAD: usize = 4;

/// What a task works on, in case it ends without a word.
enum Running {
    Job(Lease),
    Duty(Service, Timestamp),
}

/// How a task ended.
pub(crate) enum Ended {
    Job(Next),
    Lost,
    Duty,
}

/// What a task says, or why it cannot.
pub(crate) type Word = Result<(Id, Ended), JoinError>;

/// Claimed and running work.
pub(crate) struct Engine<'a> {
    worker: &'a Worker,
    /// Jobs with the moment of their claim.
    claimed: VecDeque<(Lease, Instant)>,
    tasks: JoinSet<Ended>,
    running: HashMap<Id, Running>,
    /// Duties that somebody else was running, and when that was seen.
    elsewhere: HashMap<Service, Instant>,
    told: Idle,
}

impl<'a> Engine<'a> {
    pub(crate) fn new(worker: &'a Worker) -> Self {
        Self {
            worker,
            claimed: VecDeque::new(),
            tasks: JoinSet::new(),
            running: HashMap::new(),
            elsewhere: HashMap::new(),
            told: Idle::default(),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.claimed.is_empty() && self.running.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        let jobs = self.running.values().filter(|running| matches!(running, Running::Job(_))).count();
        jobs >= self.worker.options.concurrency.max(1)
    }

    pub(crate) fn runs_duty(&self, service: Service) -> bool {
        self.running.values().any(|running| matches!(running, Running::Duty(one, _) if *one == service))
    }

    /// Claims and starts jobs until as many run as may.
    pub(crate) async fn fill(&mut self) -> Result<(), StoreError> {
        let options = &self.worker.options;
        while !self.is_full() {
            if self.claimed.is_empty() {
                let now = self.worker.clock.now();
                // Looking costs no write; an idle worker must not touch the disk.
                let due = self.worker.store.read().await?.jobs().next_due().await?;
                if due.is_none_or(|due| due > now) {
                    return Ok(());
                }
                let limit = u32::try_from(options.concurrency.max(1) * AHEAD).unwrap_or(u32::MAX);
                let mut work = self.worker.store.begin().await?;
                let leases = work.jobs().claim(&options.name, now, options.lease, limit).await?;
                work.commit().await?;
                let claimed_at = Instant::now();
                self.claimed.extend(leases.into_iter().map(|lease| (lease, claimed_at)));
            }
            let Some((lease, claimed_at)) = self.claimed.pop_front() else { return Ok(()) };
            if self.still_held(&lease, claimed_at).await? {
                self.start_job(lease);
            }
        }
        Ok(())
    }

    /// Renews a claim that waited for its turn; `false` when somebody else has taken the job meanwhile.
    async fn still_held(&self, lease: &Lease, claimed_at: Instant) -> Result<bool, StoreError> {
        let span = self.worker.options.lease;
        if claimed_at.elapsed() < span.to_duration() / 3 {
            return Ok(true);
        }
        let mut work = self.worker.store.begin().await?;
        let held = work.jobs().extend(lease, span).await?;
        work.commit().await?;
        Ok(held)
    }

    fn start_job(&mut self, lease: Lease) {
        let handler = Arc::clone(&self.worker.handler);
        let settle = Settle::of(self.worker);
        let span = self.worker.options.lease;
        let guard = LeaseGuard::new(lease.clone());
        let claim = Claim::Job(lease.clone());
        let task = async move {
            let mut heart = beating(claim, &settle, span);
            let next = tokio::select! {
                next = handler.run(&guard.lease().job, &guard) => next,
                _ = heart.join_next() => {
                    guard.lose();
                    return Ended::Lost;
                }
            };
            heart.shutdown().await;
            settle.job(guard.lease(), next).await;
            Ended::Job(next)
        };
        let handle = self.tasks.spawn(task);
        self.running.insert(handle.id(), Running::Job(lease));
    }

    /// Claims a duty and starts it. `false` when somebody else runs it; that is not asked again at once.
    pub(crate) async fn start_duty(&mut self, duty: Arc<dyn Duty>) -> Result<bool, StoreError> {
        let worker = self.worker;
        let (service, span, now) = (duty.service(), worker.options.lease, worker.clock.now());
        if self.elsewhere.get(&service).is_some_and(|seen| seen.elapsed() < ELSEWHERE.to_duration()) {
            return Ok(false);
        }
        let mut work = worker.store.begin().await?;
        let claimed = work.services().claim(service, &worker.options.name, now, span).await?;
        work.commit().await?;
        if !claimed {
            self.elsewhere.insert(service, Instant::now());
            return Ok(false);
        }
        let settle = Settle::of(worker);
        let claim = Claim::Duty { service, worker: settle.name.clone(), clock: Arc::clone(&settle.clock) };
        let task = async move {
            let mut heart = beating(claim, &settle, span);
            let result = tokio::select! {
                result = duty.run() => result,
                _ = heart.join_next() => return Ended::Lost,
            };
            heart.shutdown().await;
            match &result {
                Ok(text) => tracing::info!(service = service.name(), result = %text, "a duty is done"),
                Err(text) => tracing::warn!(service = service.name(), error = %text, "a duty failed"),
            }
            let next_run = settle.clock.now() + backoff::spread(duty.interval(), settle.entropy.as_ref());
            settle.duty(service, now, &result, next_run).await;
            Ended::Duty
        };
        let handle = self.tasks.spawn(task);
        self.running.insert(handle.id(), Running::Duty(service, now));
        Ok(true)
    }

    /// Waits until a task has ended; for ever when none runs. May be dropped at any point.
    pub(crate) async fn one_ended(&mut self) -> Word {
        match self.tasks.join_next_with_id().await {
            Some(word) => word,
            None => std::future::pending().await,
        }
    }

    /// Takes note of a task that ended, and gives back what a broken one had claimed.
    pub(crate) async fn take_note(&mut self, word: Word) {
        match word {
            Ok((id, ended)) => {
                self.running.remove(&id);
                match ended {
                    Ended::Job(Next::Done) => self.told.done += 1,
                    Ended::Job(Next::Again { failed, .. }) => self.told.failed += u64::from(failed),
                    Ended::Lost => tracing::warn!("a claim was lost; the work is left to another worker"),
                    Ended::Duty => {}
                }
            }
            Err(broken) => {
                let settle = Settle::of(self.worker);
                match self.running.remove(&broken.id()) {
                    Some(Running::Job(lease)) => {
                        tracing::error!(job = %lease.job.id, kind = ?lease.job.kind, "the job panicked");
                        self.told.failed += 1;
                        settle.job(&lease, Next::Again { after: None, failed: true }).await;
                    }
                    Some(Running::Duty(service, started)) => {
                        tracing::error!(service = service.name(), "the duty panicked");
                        let next_run = settle.clock.now() + backoff::rest(4, settle.entropy.as_ref());
                        settle.duty(service, started, &Err("the duty panicked".to_owned()), next_run).await;
                    }
                    None => {}
                }
            }
        }
    }

    /// Gives back what was claimed and not started, waits for what runs, and drops what takes too long.
    pub(crate) async fn wind_up(mut self, grace: Span) -> Idle {
        let settle = Settle::of(self.worker);
        let at_once = Next::Again { after: Some(Span::default()), failed: false };
        for (lease, _) in std::mem::take(&mut self.claimed) {
            settle.untouched(&lease).await;
        }
        let end = Instant::now() + grace.to_duration();
        while !self.running.is_empty() {
            let word = tokio::time::timeout_at(end, self.one_ended()).await;
            let Ok(word) = word else { break };
            self.take_note(word).await;
        }
        if self.running.is_empty() {
            return self.told;
        }
        tracing::warn!(
            left = self.running.len(),
            "some work did not finish in time; it is taken up again later"
        );
        self.tasks.shutdown().await;
        for (_, running) in self.running.drain() {
            match running {
                Running::Job(lease) => settle.job(&lease, at_once).await,
                Running::Duty(service, started) => {
                    let why = "it was stopped before it had finished".to_owned();
                    settle.duty(service, started, &Err(why), settle.clock.now()).await;
                }
            }
        }
        self.told
    }
}

/// Keeps a claim alive in a task of its own, so that work which is slow to yield neither misses a beat nor holds the
/// database while it does. Ends when the claim is lost; dropped, it stops.
fn beating(claim: Claim, settle: &Settle, span: Span) -> JoinSet<()> {
    let store = Arc::clone(&settle.store);
    let mut heart = JoinSet::new();
    heart.spawn(async move { claim.keep(store.as_ref(), span).await });
    heart
}
