//! Claimed and running work of one worker.
//!
//! Each piece of work runs in a task of its own, which keeps its claim alive and stores what became of it. The loop
//! around only waits for tasks to end, and that wait may be dropped at any point without losing anything.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use model::{JobId, Service, ServiceStatus, Span, Timestamp};
use store::{DutyClaim, Lease, StoreError};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::lease::{Claim, Term, beating};
use crate::settle::Settle;
use crate::worker::{ELSEWHERE, Worker};
use crate::{Duty, Idle, LeaseGuard, Next, backoff};

/// Jobs claimed at once for each that can run: one claim serves several, and a dead worker blocks few.
const AHEAD: usize = 4;

/// A duty is claimed for no longer than this at a time: whoever dies in the middle of one shall not hold it up.
const DUTY_LEASE: Span = Span::seconds(30);

/// Most that is kept of what a duty says, in UTF-16 units.
const RESULT: usize = 4_000;

/// How long giving back what was dropped may take in all.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// What a task works on, in case it ends without a word.
enum Running {
    Job(Lease, Term),
    /// With the start, and the rest after a failure.
    Duty(DutyClaim, Timestamp, Span),
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
    /// Jobs with the moment before their claim.
    claimed: VecDeque<(Lease, Instant)>,
    tasks: JoinSet<Ended>,
    running: HashMap<Id, Running>,
    /// Duties that somebody else was running, and when that was seen.
    elsewhere: HashMap<Service, Instant>,
    /// A claim was broken off, by the connection or by a stop: jobs may be ours without our knowledge.
    unsure: bool,
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
            unsure: false,
            told: Idle::default(),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.claimed.is_empty() && self.running.is_empty()
    }

    pub(crate) fn is_full(&self) -> bool {
        let jobs = self.running.values().filter(|running| matches!(running, Running::Job(..))).count();
        jobs >= self.worker.options.concurrency.max(1)
    }

    pub(crate) fn runs_duty(&self, service: Service) -> bool {
        self.running
            .values()
            .any(|running| matches!(running, Running::Duty(claim, ..) if claim.service == service))
    }

    /// Claims and starts jobs until as many run as may.
    pub(crate) async fn fill(&mut self) -> Result<(), StoreError> {
        while !self.is_full() {
            if self.claimed.is_empty() {
                self.claim().await?;
            }
            let Some((lease, mut claimed_at)) = self.claimed.front().cloned() else { return Ok(()) };
            let is_held = self.still_held(&lease, &mut claimed_at).await?;
            self.claimed.pop_front();
            if is_held {
                self.start_job(lease, claimed_at);
            }
        }
        Ok(())
    }

    async fn claim(&mut self) -> Result<(), StoreError> {
        let options = &self.worker.options;
        // This worker was held up: it would find its own work free.
        if self.running.values().any(|running| matches!(running, Running::Job(_, term) if term.is_in_doubt()))
        {
            return Ok(());
        }
        if self.unsure {
            self.release().await?;
            self.unsure = false;
        }
        // Looking costs no write; an idle worker must not touch the disk.
        let mut work = self.worker.store.read().await?;
        let now = self.worker.tempo.read(work.as_mut()).await?;
        let due = work.jobs().next_due().await?;
        drop(work);
        if due.is_none_or(|due| due > now) {
            return Ok(());
        }
        let limit = u32::try_from(options.concurrency.max(1) * AHEAD).unwrap_or(u32::MAX);
        let asked = Instant::now();
        self.unsure = true;
        let claimed = store::in_unit!(self.worker.store, work => {
            work.jobs().claim(&options.name, now, options.lease, limit).await?
        });
        self.unsure = matches!(claimed, Err(StoreError::OutcomeUnknown { .. }));
        self.claimed.extend(claimed?.into_iter().map(|lease| (lease, asked)));
        Ok(())
    }

    /// Gives back whatever stands under this worker's name and is not in work.
    async fn release(&self) -> Result<(), StoreError> {
        let running = self.running.values().filter_map(|running| match running {
            Running::Job(lease, _) => Some(lease.job.id),
            Running::Duty(..) => None,
        });
        let kept: Vec<JobId> = running.collect();
        let name = &self.worker.options.name;
        store::in_unit!(self.worker.store, work => { work.jobs().release(name, &kept).await? })?;
        Ok(())
    }

    /// Renews a claim that waited for its turn; `false` when somebody else has taken the job meanwhile.
    async fn still_held(&self, lease: &Lease, claimed_at: &mut Instant) -> Result<bool, StoreError> {
        let span = self.worker.options.lease;
        if claimed_at.elapsed() < span.to_duration() / 3 {
            return Ok(true);
        }
        *claimed_at = Instant::now();
        store::in_unit!(self.worker.store, work => { work.jobs().extend(lease, span).await? })
    }

    fn start_job(&mut self, lease: Lease, claimed_at: Instant) {
        let handler = Arc::clone(&self.worker.handler);
        let span = self.worker.options.lease;
        let settle = Settle::within(self.worker, span.to_duration());
        let guard = LeaseGuard::new(lease.clone());
        let claim = Claim::Job(lease.clone());
        let term = Term::until(claimed_at + span.to_duration());
        let running = Running::Job(lease, term.clone());
        let task = async move {
            let mut heart = beating(claim, Arc::clone(&settle.store), span, term.clone());
            let next = tokio::select! {
                next = term.while_held(handler.run(&guard.lease().job, &guard)) => next,
                _ = heart.join_next() => None,
            };
            let Some(next) = next else {
                guard.lose();
                return Ended::Lost;
            };
            heart.shutdown().await;
            settle.job(guard.lease(), next).await;
            Ended::Job(next)
        };
        let handle = self.tasks.spawn(task);
        self.running.insert(handle.id(), running);
    }

    /// Claims a duty and starts it. `false` when somebody else runs it; that is not asked again at once. `status` is how
    /// it stood before; `is_astray` says that its next run was set by a clock that was wrong.
    pub(crate) async fn start_duty(
        &mut self,
        duty: Arc<dyn Duty>,
        status: Option<&ServiceStatus>,
        is_astray: bool,
    ) -> Result<bool, StoreError> {
        let (worker, service) = (self.worker, duty.service());
        if self.elsewhere.get(&service).is_some_and(|seen| seen.elapsed() < ELSEWHERE.to_duration()) {
            return Ok(false);
        }
        let now = worker.tempo.now();
        let claim =
            DutyClaim { service, owner: self.name_of_run(), lease: worker.options.lease.min(DUTY_LEASE) };
        let asked = Instant::now();
        let claimed = store::in_unit!(worker.store, work => {
            if is_astray {
                work.services().wake(service, now).await?;
            }
            work.services().claim(service, &claim.owner, now, claim.lease).await?
        });
        let claimed = match claimed {
            // Ours if it stands under our name.
            Err(StoreError::OutcomeUnknown { .. }) => store::in_unit!(worker.store, work => {
                work.services().keep(service, &claim.owner, claim.lease).await?
            })?,
            told => told?,
        };
        if !claimed {
            self.elsewhere.insert(service, Instant::now());
            return Ok(false);
        }
        let after_failure = backoff::retry(status, duty.interval());
        self.spawn_duty(duty, claim, asked, now, after_failure);
        Ok(true)
    }

    fn spawn_duty(
        &mut self,
        duty: Arc<dyn Duty>,
        claim: DutyClaim,
        asked: Instant,
        started: Timestamp,
        after_failure: Span,
    ) {
        let span = claim.lease;
        let settle = Settle::within(self.worker, span.to_duration());
        let term = Term::until(asked + span.to_duration());
        let running = Running::Duty(claim.clone(), started, after_failure);
        let task = async move {
            let mut heart =
                beating(Claim::Duty(claim.clone()), Arc::clone(&settle.store), span, term.clone());
            let result = tokio::select! {
                result = term.while_held(duty.run(&claim)) => result,
                _ = heart.join_next() => None,
            };
            let Some(result) = result else { return Ended::Lost };
            heart.shutdown().await;
            let service = claim.service.name();
            // What others said may stand in it: it goes into a log and a column.
            let fit = |text: String| model::text::fitted(&text, RESULT);
            let result = result.map(fit).map_err(fit);
            match &result {
                Ok(text) => tracing::info!(service, result = %text, "a duty is done"),
                Err(text) => tracing::warn!(service, error = %text, "a duty failed"),
            }
            let rest = if result.is_ok() { duty.interval() } else { after_failure };
            let rest = backoff::spread(rest, settle.entropy.as_ref());
            settle.duty(&claim, started, &result, rest).await;
            Ended::Duty
        };
        let handle = self.tasks.spawn(task);
        self.running.insert(handle.id(), running);
    }

    /// No two runs have the same name, so that none passes for another.
    fn name_of_run(&self) -> String {
        let mut random = [0_u8; 8];
        self.worker.entropy.fill(&mut random);
        format!("{} {:016x}", self.worker.options.name, u64::from_be_bytes(random))
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
                let settle = Settle::soon(self.worker);
                match self.running.remove(&broken.id()) {
                    Some(Running::Job(lease, _)) => {
                        tracing::error!(job = %lease.job.id, kind = ?lease.job.kind, "the job panicked");
                        self.told.failed += 1;
                        settle.job(&lease, Next::Again { after: None, failed: true }).await;
                    }
                    Some(Running::Duty(claim, started, rest)) => {
                        tracing::error!(service = claim.service.name(), "the duty panicked");
                        settle.duty(&claim, started, &Err("the duty panicked".to_owned()), rest).await;
                    }
                    None => {}
                }
            }
        }
    }

    /// Gives back what was claimed and not started, waits for what runs, and drops what takes too long.
    pub(crate) async fn wind_up(mut self, grace: Span) -> Idle {
        let end = Instant::now() + grace.to_duration();
        if self.unsure || !self.claimed.is_empty() {
            self.claimed.clear();
            if let Ok(Err(error)) = tokio::time::timeout_at(end, self.release()).await {
                tracing::warn!(%error, "claimed work could not be given back; its claims run out by themselves");
            }
        }
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
        let settle = Settle::soon(self.worker);
        let at_once = Next::Again { after: Some(Span::default()), failed: false };
        let give_back = async {
            for (_, running) in self.running.drain() {
                match running {
                    Running::Job(lease, _) => settle.job(&lease, at_once).await,
                    Running::Duty(claim, started, _) => {
                        let why = "it was stopped before it had finished".to_owned();
                        settle.duty(&claim, started, &Err(why), Span::default()).await;
                    }
                }
            }
        };
        if tokio::time::timeout(LAST_WORDS, give_back).await.is_err() {
            tracing::warn!("the database is out of reach; claims run out by themselves");
        }
        self.told
    }
}
