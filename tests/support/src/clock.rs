//! A clock that moves only when a test says so.

use std::sync::atomic::{AtomicI64, Ordering};

use model::{Clock, Span, Timestamp};

/// Stands still at a moment until [`ManualClock::advance`] or [`ManualClock::set`].
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Stands at this moment.
    pub const fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.as_millis()))
    }

    /// Moves on (or back, by a negative span).
    pub fn advance(&self, by: Span) {
        self.0.fetch_add(by.as_millis(), Ordering::SeqCst);
    }

    /// Jumps to a moment.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.as_millis(), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// Stands at 2026-03-02T08:00:00Z, a Monday morning.
    fn default() -> Self {
        Self::at(Timestamp::from_seconds(1_772_438_400))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_only_when_told() {
        let clock = ManualClock::default();
        assert_eq!(clock.now().to_string(), "2026-03-02T08:00:00Z");
        clock.advance(Span::minutes(5));
        assert_eq!(clock.now().to_string(), "2026-03-02T08:05:00Z");
    }
}
