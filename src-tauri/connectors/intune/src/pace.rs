//! Keeps writes apart in time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Gives turns at even intervals, in the order in which they are asked for.
pub(crate) struct Pace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    pub(crate) fn unlimited() -> Self {
        Self { interval: Duration::ZERO, next: Mutex::new(None) }
    }

    /// `None` when `rate` is no sensible number.
    pub(crate) fn per_second(rate: f32) -> Option<Self> {
        (0.001..=1_000.0)
            .contains(&rate)
            .then(|| Self { interval: Duration::from_secs_f32(1.0 / rate), next: Mutex::new(None) })
    }

    /// Waits for the next turn.
    pub(crate) async fn turn(&self) {
        if self.interval.is_zero() {
            return;
        }
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let at = next.map_or(now, |next| next.max(now));
            *next = Some(at + self.interval);
            at
        };
        sleep_until(at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_keep_their_distance_however_many_ask_at_once() {
        let pace = Pace::per_second(20.0).unwrap();
        let started = Instant::now();
        tokio::join!(pace.turn(), pace.turn(), pace.turn(), pace.turn());
        assert!(started.elapsed() >= Duration::from_millis(150), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn unlimited_turns_do_not_wait() {
        let pace = Pace::unlimited();
        let started = Instant::now();
        for _ in 0..1_000 {
            pace.turn().await;
        }
        assert!(started.elapsed() < Duration::from_millis(100));
    }

    #[test]
    fn rates_that_make_no_sense_are_refused() {
        for rate in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e9] {
            assert!(Pace::per_second(rate).is_none(), "{rate}");
        }
    }
}
