//! The time of a demo: the machine's, or so much before it that the story ends in the present.

use std::sync::atomic::{AtomicI64, Ordering};

use model::{Clock, Span, SystemClock, Timestamp};

/// A clock that can be set forward.
pub(crate) struct DemoClock {
    ahead_millis: AtomicI64,
}

impl DemoClock {
    /// Behind the machine's clock by so much.
    pub(crate) fn behind(by: Span) -> Self {
        Self { ahead_millis: AtomicI64::new(-by.as_millis()) }
    }

    /// Lets time pass at once.
    pub(crate) fn pass(&self, time: Span) {
        self.ahead_millis.fetch_add(time.as_millis(), Ordering::Relaxed);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + Span::millis(self.ahead_millis.load(Ordering::Relaxed))
    }
}
