//! The world's clock: the machine's time plus what tests have added. Tokens and delta links expire by it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Only moves forward relative to the machine's clock.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_millis: AtomicI64,
}

impl Clock {
    /// A clock that is behind the machine's at the start.
    pub(crate) fn behind(by: Duration) -> Self {
        Self { ahead_millis: AtomicI64::new(-millis(by)) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.ahead_millis.load(Ordering::Relaxed));
        Timestamp::now().checked_add(ahead).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn advance(&self, by: Duration) {
        // Saturation is not needed: nobody advances by 290 million years twice.
        self.ahead_millis.fetch_add(millis(by), Ordering::Relaxed);
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
