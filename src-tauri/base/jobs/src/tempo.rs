//! What time it is for the queue.
//!
//! Several daemons share one queue, and their clocks differ. What is due is therefore due by the database's clock, which
//! each worker reads again at every turn; in between it counts on by this machine's steady clock, which no administrator
//! and no time server sets back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{Clock, Span, Timestamp};
use store::{StoreError, Work};
use tokio::time::Instant;

/// A clock that differs by more than this from the database's is talked about.
pub const SKEW: Span = Span::minutes(2);

/// How often it is talked about.
const TELL_EVERY: Duration = Duration::from_hours(1);

/// Whose clock says what is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DueBy {
    /// The database's, so that all workers agree.
    #[default]
    Database,
    /// The worker's own: for stories in which time stands still or leaps.
    Own,
}

/// The time of one worker.
pub(crate) struct Tempo {
    own: Arc<dyn Clock>,
    due_by: DueBy,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the database's clock said, and when.
    read: Option<(Timestamp, Instant)>,
    told: Option<Instant>,
}

impl Tempo {
    pub(crate) fn new(own: Arc<dyn Clock>, due_by: DueBy) -> Self {
        Self { own, due_by, state: Mutex::default() }
    }

    /// The moment, as far as it is known without asking.
    pub(crate) fn now(&self) -> Timestamp {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match (self.due_by, state.read) {
            (DueBy::Database, Some((then, at))) => {
                then + Span::millis(i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX))
            }
            (DueBy::Database, None) | (DueBy::Own, _) => self.own.now(),
        }
    }

    /// The moment; asks the database.
    pub(crate) async fn read(&self, work: &mut dyn Work) -> Result<Timestamp, StoreError> {
        if self.due_by == DueBy::Own {
            return Ok(self.own.now());
        }
        let now = work.jobs().now().await?;
        let difference = self.own.now().since(now);
        let is_news = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.read = Some((now, Instant::now()));
            let is_apart = is_skewed(difference);
            let is_news = is_apart && state.told.is_none_or(|told| told.elapsed() > TELL_EVERY);
            if is_news {
                state.told = Some(Instant::now());
            } else if !is_apart {
                state.told = None;
            }
            is_news
        };
        if is_news {
            tracing::warn!(
                difference_seconds = difference.as_millis() / 1_000,
                "this machine's clock and the database's differ; work is done by the database's, but set both right"
            );
        }
        Ok(now)
    }
}

/// Whether two clocks differ so much that a person should set them.
pub const fn is_skewed(difference: Span) -> bool {
    difference.as_millis().saturating_abs() > SKEW.as_millis()
}
