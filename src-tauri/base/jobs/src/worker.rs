//! The worker: loop, options, orderly end.

use std::sync::Arc;

use model::{Clock, Entropy, Span, Timestamp};
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::tempo::{DueBy, Tempo};
use crate::{Duty, Handler, Idle, Waker};

/// When to look again after a duty that is due but in other hands.
pub(crate) const ELSEWHERE: Span = Span::seconds(5);

/// When to look again after jobs that others claimed at the same moment.
const TAKEN: Span = Span::millis(250);

/// Longest pause while the database is out of reach.
const OUTAGE: Span = Span::seconds(5);

/// How much later than its interval a duty may be due before a wrong clock is suspected.
const SLACK: Span = Span::minutes(2);

/// How often in a row the queue may fail before [`Worker::run_until_idle`] gives up.
const TROUBLES: u32 = 40;

/// How a worker behaves.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Names the worker in the database; unique for ever: what stands under this name was claimed by this worker.
    pub name: String,
    /// Jobs run at once.
    pub concurrency: usize,
    /// How long a claim lasts unless it is extended, as it is three times in that span while the work runs. So the work
    /// of a dead worker is taken up within this time.
    pub lease: Span,
    /// How long running jobs may take to finish after a stop.
    pub grace: Span,
    /// Longest sleep: work that other processes queue is seen after it at the latest.
    pub nap: Span,
    /// Whose clock says what is due.
    pub due_by: DueBy,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            name: "worker".to_owned(),
            concurrency: 4,
            lease: Span::seconds(15),
            grace: Span::seconds(20),
            nap: Span::seconds(30),
            due_by: DueBy::default(),
        }
    }
}

/// Works one queue.
pub struct Worker {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) tempo: Arc<Tempo>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) duties: Vec<Arc<dyn Duty>>,
    pub(crate) options: WorkerOptions,
    waker: Waker,
}

impl Worker {
    /// A worker that carries out jobs by `handler` and the given duties.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        handler: Arc<dyn Handler>,
        duties: Vec<Arc<dyn Duty>>,
        options: WorkerOptions,
    ) -> Self {
        let tempo = Arc::new(Tempo::new(clock, options.due_by));
        Self { store, tempo, entropy, handler, duties, options, waker: Waker::default() }
    }

    /// Wakes this worker.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Works until told to stop; then lets running jobs finish within the grace time and gives the others back. However
    /// long the database is out of reach, the worker goes on when it is back.
    pub async fn run(&self, stop: CancellationToken) {
        let mut engine = Engine::new(self);
        let mut trouble = Span::millis(500);
        while !stop.is_cancelled() {
            // A turn may wait for the database; what it leaves half done at a stop is given back below.
            let turn = tokio::select! {
                turn = self.turn(&mut engine) => turn,
                () = stop.cancelled() => break,
            };
            let pause = match turn {
                Ok(pause) => {
                    trouble = Span::millis(500);
                    pause
                }
                Err(error) => {
                    tracing::warn!(%error, "the queue could not be read; trying again");
                    trouble = Span::millis(trouble.as_millis() * 2).min(OUTAGE);
                    Some(trouble)
                }
            };
            let nap = pause.unwrap_or(self.options.nap).min(self.options.nap).to_duration();
            let ended = tokio::select! {
                () = stop.cancelled() => None,
                () = self.waker.woken() => None,
                word = engine.one_ended() => Some(word),
                () = tokio::time::sleep(nap) => None,
            };
            if let Some(word) = ended {
                engine.take_note(word).await;
            }
        }
        engine.wind_up(self.options.grace).await;
    }

    /// Runs jobs until none is due and none is running. Jobs parked for later do not count; duties are left alone.
    pub async fn run_until_idle(&self) -> Idle {
        let mut engine = Engine::new(self);
        let mut troubles = 0_u32;
        loop {
            match engine.fill().await {
                Ok(()) => troubles = 0,
                Err(error) if troubles < TROUBLES => {
                    troubles += 1;
                    tracing::warn!(%error, "the queue could not be read; trying again");
                    tokio::time::sleep(Span::millis(250).to_duration()).await;
                    continue;
                }
                Err(error) => {
                    tracing::error!(%error, "the queue cannot be read");
                    break;
                }
            }
            if engine.is_idle() {
                break;
            }
            let word = engine.one_ended().await;
            engine.take_note(word).await;
        }
        let told = engine.wind_up(self.options.grace).await;
        let next_due = async { self.store.read().await?.jobs().next_due().await };
        Idle { next_due: next_due.await.ok().flatten(), ..told }
    }

    /// One turn: starts what is due. Returns how long to sleep when nothing happens.
    async fn turn(&self, engine: &mut Engine<'_>) -> Result<Option<Span>, StoreError> {
        let next_duty = self.start_duties(engine).await?;
        engine.fill().await?;
        if engine.is_full() {
            return Ok(None);
        }
        let next_job = self.store.read().await?.jobs().next_due().await?;
        let now = self.tempo.now();
        let next = [next_duty, next_job].into_iter().flatten().min();
        // What is due and could not be claimed was claimed by others at the same moment.
        Ok(next.map(|due| if due > now { due.since(now) } else { TAKEN }))
    }

    async fn ensure_duties(&self) -> Result<(), StoreError> {
        store::in_unit!(self.store, work => {
            let now = self.tempo.read(work.as_mut()).await?;
            for duty in &self.duties {
                work.services().ensure(duty.service(), now).await?;
            }
        })
    }

    /// Starts duties that are due; returns when the next one is.
    async fn start_duties(&self, engine: &mut Engine<'_>) -> Result<Option<Timestamp>, StoreError> {
        if self.duties.is_empty() {
            return Ok(None);
        }
        let mut work = self.store.read().await?;
        let now = self.tempo.read(work.as_mut()).await?;
        let mut listed = work.services().list().await?;
        drop(work);
        if listed.len() < self.duties.len() {
            self.ensure_duties().await?;
            listed = self.store.read().await?.services().list().await?;
        }
        let mut next: Option<Timestamp> = None;
        for duty in &self.duties {
            let service = duty.service();
            if engine.runs_duty(service) {
                continue;
            }
            let status = listed.iter().find(|status| status.service == service);
            let due = status.map_or(now, |status| status.next_run);
            // Nobody lets a duty rest much longer than its interval, unless with a wrong clock.
            let interval = duty.interval();
            let latest = now + interval + Span::millis(interval.as_millis() / 10) + SLACK;
            let is_astray = due > latest;
            let again = if due > now && !is_astray {
                due
            } else if engine.start_duty(Arc::clone(duty), status, is_astray).await? {
                continue;
            } else {
                now + ELSEWHERE
            };
            next = Some(next.map_or(again, |earlier| earlier.min(again)));
        }
        Ok(next)
    }
}
