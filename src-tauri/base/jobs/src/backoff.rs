//! How long a failed job rests.

use model::{Entropy, ServiceStatus, Span};

/// Rest after the first failure.
const FIRST: Span = Span::seconds(5);
/// Longest rest.
const LONGEST: Span = Span::minutes(30);

/// Rest of a duty after its first failure.
const FIRST_RETRY: Span = Span::minutes(1);

/// Doubles with each failure in a row; up to a fifth is added at random, so that a fleet does not come back at once.
pub(crate) fn rest(failures: u32, entropy: &dyn Entropy) -> Span {
    let doubled = FIRST.as_millis().saturating_mul(1_i64 << failures.min(20));
    let rest = doubled.min(LONGEST.as_millis());
    Span::millis(rest + random_part(rest / 5, entropy))
}

/// How long a duty rests after a failure: a minute, and twice as long each time, but no longer than its interval. How often
/// it failed before, whoever ran it, is told by the rest that it had.
pub(crate) fn retry(before: Option<&ServiceStatus>, interval: Span) -> Span {
    let rested = before
        .filter(|status| status.failed)
        .and_then(|status| status.last_run.map(|last_run| status.next_run.since(last_run).as_millis()));
    let doubled = rested.unwrap_or_default().saturating_mul(2).max(FIRST_RETRY.as_millis());
    Span::millis(doubled).min(interval)
}

/// An interval with up to a fiftieth added at random, so that daemons do not move in step.
pub(crate) fn spread(interval: Span, entropy: &dyn Entropy) -> Span {
    let millis = interval.as_millis();
    Span::millis(millis + random_part(millis / 50, entropy))
}

fn random_part(most: i64, entropy: &dyn Entropy) -> i64 {
    let mut random = [0_u8; 1];
    entropy.fill(&mut random);
    most * i64::from(random[0]) / 255
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Service, Timestamp};

    struct Constant(u8);
    impl Entropy for Constant {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[test]
    fn rests_double_up_to_half_an_hour() {
        let rests: Vec<i64> = (0..12).map(|n| rest(n, &Constant(0)).as_millis() / 1_000).collect();
        assert_eq!(rests, [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_800, 1_800, 1_800]);
    }

    #[test]
    fn a_duty_that_fails_rests_longer_each_time_up_to_its_interval() {
        let start = Timestamp::from_seconds(1_700_000_000);
        let mut status = ServiceStatus {
            service: Service::Sync,
            last_run: Some(start),
            last_result: None,
            failed: false,
            next_run: start + Span::minutes(15),
        };
        let mut rests = Vec::new();
        for _ in 0..6 {
            let rest = retry(Some(&status), Span::minutes(15));
            rests.push(rest.as_millis() / 60_000);
            status = ServiceStatus { failed: true, next_run: start + rest, ..status };
        }
        assert_eq!(rests, [1, 2, 4, 8, 15, 15]);
        // A person who wants it at once does not make it rest for ever less than a minute.
        let woken = ServiceStatus { next_run: start, ..status };
        assert_eq!(retry(Some(&woken), Span::minutes(15)), Span::minutes(1));
        assert_eq!(retry(None, Span::seconds(20)), Span::seconds(20));
    }

    #[test]
    fn at_most_a_fifth_is_added() {
        assert_eq!(rest(0, &Constant(255)).as_millis(), 6_000);
    }
}
