//! How long a failed job rests.

use model::{Entropy, Span};

/// Rest after the first failure.
const FIRST: Span = Span::seconds(5);
/// Longest rest.
const LONGEST: Span = Span::minutes(30);

/// Doubles with each failure in a row; up to a fifth is added at random, so that a fleet does not come back at once.
pub(crate) fn rest(failures: u32, entropy: &dyn Entropy) -> Span {
    let doubled = FIRST.as_millis().saturating_mul(1_i64 << failures.min(20));
    let rest = doubled.min(LONGEST.as_millis());
    Span::millis(rest + random_part(rest / 5, entropy))
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
    fn at_most_a_fifth_is_added() {
        assert_eq!(rest(0, &Constant(255)).as_millis(), 6_000);
    }
}
