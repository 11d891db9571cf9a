//! A pace that one process keeps by itself. Several processes share one through the database (`jobs::SharedPace`).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::Span;
use ports::Pace;
use tokio::time::{Instant, sleep_until};

/// Whoever would wait longer comes again later.
const PATIENCE: Duration = Duration::from_mins(1);

/// Gives turns at even intervals, in the order in which they are asked for.
pub struct LocalPace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl LocalPace {
    /// `None` when `rate` is no sensible number.
    pub fn per_second(rate: f32) -> Option<Self> {
        (0.001..=1_000.0)
            .contains(&rate)
            .then(|| Self { interval: Duration::from_secs_f32(1.0 / rate), next: Mutex::new(None) })
    }
}

#[async_trait]
impl Pace for LocalPace {
    async fn draw(&self) -> Result<(), Span> {
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let at = next.map_or(now, |next| next.max(now));
            let wait = at.duration_since(now);
            if wait > PATIENCE {
                return Err(Span::millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)));
            }
            *next = Some(at + self.interval);
            at
        };
        sleep_until(at).await;
        Ok(())
    }

    async fn rest(&self, span: Span) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + span.to_duration();
        *next = Some(next.map_or(until, |next| next.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_keep_their_distance_however_many_ask_at_once() {
        let pace = LocalPace::per_second(20.0).unwrap();
        let started = Instant::now();
        let turns = tokio::join!(pace.draw(), pace.draw(), pace.draw(), pace.draw());
        assert_eq!(turns, (Ok(()), Ok(()), Ok(()), Ok(())));
        assert!(started.elapsed() >= Duration::from_millis(150), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_rest_holds_everybody_up_and_a_long_one_is_the_schedulers_business() {
        let pace = LocalPace::per_second(1_000.0).unwrap();
        pace.rest(Span::millis(150)).await;
        let started = Instant::now();
        pace.draw().await.unwrap();
        assert!(started.elapsed() >= Duration::from_millis(140), "{:?}", started.elapsed());
        pace.rest(Span::minutes(10)).await;
        assert!(pace.draw().await.unwrap_err() > Span::minutes(9));
    }

    #[test]
    fn rates_that_make_no_sense_are_refused() {
        for rate in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e9] {
            assert!(LocalPace::per_second(rate).is_none(), "{rate}");
        }
    }
}
