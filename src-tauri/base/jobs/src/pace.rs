//! One pace for all installations, kept in the database.
//!
//! Every call that counts is drawn there, so that all daemons together never call more often than they may. A rest that
//! one of them was told to take (`Retry-After`) is taken by all.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::Span;
use ports::Pace;
use store::{Rate, Store, StoreError};
use tokio::time::Instant;

/// Whoever would wait longer comes again later.
const PATIENCE: Duration = Duration::from_mins(1);

/// How old the knowledge of a rest may be where calls are not counted.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// After a rest calls begin again one by one for this long: a crowd that had waited would only be told to rest again.
const RECOVERY: Duration = Duration::from_secs(10);

/// The time between two calls of one process then; long enough for an answer.
const GAP: Duration = Duration::from_millis(300);

/// When to come again while the database is out of reach.
const OUTAGE: Span = Span::seconds(10);

/// The pace of one bucket, as one process sees it.
pub struct SharedPace {
    store: Arc<dyn Store>,
    name: String,
    rate: Option<Rate>,
    /// In this process one asks at a time, in the order in which they came: a crowd costs no more than one.
    line: tokio::sync::Mutex<()>,
    known: Mutex<Known>,
}

/// What is known about rests without asking.
#[derive(Default)]
struct Known {
    until: Option<Instant>,
    asked: Option<Instant>,
    /// When a call was let through last.
    passed: Option<Instant>,
}

impl SharedPace {
    /// The bucket `name`, such as `ca <id>`. Without a rate calls are not counted, and only rests are shared.
    pub fn new(store: Arc<dyn Store>, name: impl Into<String>, rate: Option<Rate>) -> Self {
        Self { store, name: name.into(), rate, line: tokio::sync::Mutex::default(), known: Mutex::default() }
    }

    /// So many calls per second, evenly. `None` when it is no number between 0.001 and 1000.
    #[expect(clippy::cast_possible_truncation, reason = "at most a million milliseconds")]
    pub fn per_second(rate: f32) -> Option<Rate> {
        let interval = || (1_000.0 / f64::from(rate)).ceil().max(1.0) as i64;
        (0.001..=1_000.0).contains(&rate).then(|| Rate { interval: Span::millis(interval()), burst: 1 })
    }

    /// So many calls per minute, evenly; at least one, and no more than 60,000.
    pub fn per_minute(calls: u32) -> Rate {
        let interval = 60_000_u32.div_ceil(calls.max(1));
        Rate { interval: Span::millis(i64::from(interval)), burst: 1 }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing when the call may be made; otherwise how long to wait before asking again.
    async fn ask(&self) -> Result<Option<Span>, StoreError> {
        match self.rate {
            Some(rate) => {
                let drawn =
                    store::in_unit!(self.store, work => { work.budgets().draw(&self.name, rate).await? });
                match drawn {
                    // Perhaps it was drawn; another one is, so that there are never too many.
                    Err(StoreError::OutcomeUnknown { .. }) => Ok(Some(Span::millis(1))),
                    told => told,
                }
            }
            None => self.ask_for_rest().await,
        }
    }

    async fn ask_for_rest(&self) -> Result<Option<Span>, StoreError> {
        match self.known().answer() {
            Answer::Free => return Ok(None),
            Answer::Wait(span) => return Ok(Some(span)),
            Answer::Ask => {}
        }
        let left = self.store.read().await?.budgets().resting(&self.name).await?;
        let mut known = self.known();
        known.asked = Some(Instant::now());
        if let Some(left) = left {
            known.learn(left);
        }
        let wait = known.left();
        if wait.is_none() {
            known.passed = Some(Instant::now());
        }
        Ok(wait)
    }
}

impl Known {
    fn learn(&mut self, rest: Span) {
        let until = Instant::now() + rest.to_duration();
        self.until = Some(self.until.map_or(until, |known| known.max(until)));
    }

    fn left(&self) -> Option<Span> {
        span(self.until?.saturating_duration_since(Instant::now()))
    }

    /// What is known without asking the database. While calls begin again, others may have been told to rest once more.
    fn answer(&self) -> Answer {
        if let Some(left) = self.left() {
            return Answer::Wait(left);
        }
        if self.until.is_some_and(|until| until.elapsed() < RECOVERY) {
            let gap = self.passed.map(|passed| GAP.saturating_sub(passed.elapsed()));
            return gap.and_then(span).map_or(Answer::Ask, Answer::Wait);
        }
        match self.asked {
            Some(asked) if asked.elapsed() < LOOK_AGAIN => Answer::Free,
            Some(_) | None => Answer::Ask,
        }
    }
}

/// What is known about a bucket whose calls are not counted.
enum Answer {
    Free,
    Wait(Span),
    Ask,
}

/// A wait, unless it is over.
fn span(wait: Duration) -> Option<Span> {
    (!wait.is_zero()).then(|| Span::millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX).max(1)))
}

#[async_trait]
impl Pace for SharedPace {
    async fn draw(&self) -> Result<(), Span> {
        let end = Instant::now() + PATIENCE;
        let Ok(_turn) = tokio::time::timeout_at(end, self.line.lock()).await else {
            return Err(OUTAGE);
        };
        loop {
            let wait = match self.ask().await {
                Ok(None) => return Ok(()),
                Ok(Some(wait)) => wait,
                Err(error) => {
                    tracing::warn!(bucket = %self.name, %error, "the shared budget cannot be asked");
                    return Err(OUTAGE);
                }
            };
            if Instant::now() + wait.to_duration() > end {
                return Err(wait);
            }
            tokio::time::sleep(wait.to_duration()).await;
        }
    }

    async fn rest(&self, span: Span) {
        self.known().learn(span);
        let told = store::in_unit!(self.store, work => { work.budgets().rest(&self.name, span).await? });
        match told {
            Ok(()) => {
                tracing::info!(bucket = %self.name, seconds = span.as_millis() / 1_000, "all rest, as they were asked to");
            }
            Err(error) => tracing::warn!(bucket = %self.name, %error, "the others could not be told to rest"),
        }
    }
}
