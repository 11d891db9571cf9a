//! Fire drills: the proof, on a sample, that what is archived can be recovered.

use serde::{Deserialize, Serialize};

use crate::entropy::Entropy;
use crate::id::CertificateId;
use crate::time::{Span, Timestamp};

/// The largest sample that the schedule draws.
pub const LARGEST_CALLED_SAMPLE: u32 = 40;

/// A fire drill that was held.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Drill {
    /// When it began.
    pub at: Timestamp,
    /// How many archived keys were tried.
    pub sample: u64,
    /// How many of them opened, and were the keys of their certificates.
    pub opened: u64,
    /// Of how many, sealed to a quorum, the officer's share opened. It proves the share, not the key.
    #[serde(default)]
    pub shares: u64,
    /// How many are sealed to other officers alone: nothing was proven of them, neither way.
    #[serde(default)]
    pub others: u64,
    /// Whose key opened them: the subject of the agent's certificate.
    pub agent: String,
    /// Those that did not open, by name: the first few. The audit log has all.
    pub failed: Vec<String>,
}

impl Drill {
    /// Names of failed keys that are kept beside the figures.
    pub const MOST_NAMES: usize = 20;

    /// In words: `20 of 20 keys opened`; `12 of 20 keys opened, 5 shares opened, 3 not this officer's`.
    pub fn summary(&self) -> String {
        let mut text = match (self.opened, self.shares) {
            (0, shares @ 1..) => format!("{shares} of {} shares opened", self.sample),
            (opened, 0) => format!("{opened} of {} keys opened", self.sample),
            (opened, shares) => format!("{opened} of {} keys opened, {shares} shares opened", self.sample),
        };
        if self.others > 0 {
            text.push_str(&format!(", {} not this officer's", self.others));
        }
        text
    }

    /// How many did not open although they are this officer's, or cannot be read.
    pub const fn failures(&self) -> u64 {
        self.sample.saturating_sub(self.opened + self.shares + self.others)
    }

    /// Whether everything opened that is this officer's, and something was.
    pub const fn succeeded(&self) -> bool {
        self.failures() == 0 && self.opened + self.shares > 0
    }
}

/// So many of them at random, without putting back; every one is as likely as any other.
pub fn draw_sample(mut all: Vec<CertificateId>, wanted: u64, entropy: &dyn Entropy) -> Vec<CertificateId> {
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX).min(all.len());
    for place in 0..wanted {
        let mut octets = [0; 16];
        entropy.fill(&mut octets);
        // So many more values than keys that the remainder favours none of them.
        let left = (all.len() - place) as u128;
        let drawn = usize::try_from(u128::from_le_bytes(octets) % left).unwrap_or(0);
        all.swap(place, place + drawn);
    }
    all.truncate(wanted);
    all
}

/// Whether another fire drill is due; `every` is `None` where nobody is to be reminded.
pub fn drill_is_due(last: Option<&Drill>, every: Option<Span>, now: Timestamp) -> bool {
    match (last, every) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(last), Some(every)) => !last.succeeded() || last.at + every <= now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_is_due_after_its_interval_after_a_failure_and_when_there_was_none() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let held = |days: i64, opened: u64| Drill {
            at: now + Span::days(-days),
            sample: 20,
            opened,
            shares: 0,
            others: 0,
            agent: "CN=Officer".to_owned(),
            failed: Vec::new(),
        };
        let every = Some(Span::days(90));
        assert!(drill_is_due(None, every, now));
        assert!(!drill_is_due(Some(&held(89, 20)), every, now));
        assert!(drill_is_due(Some(&held(90, 20)), every, now));
        assert!(drill_is_due(Some(&held(1, 19)), every, now), "what failed is tried again");
        assert!(!drill_is_due(None, None, now), "nobody wants to be reminded");
    }

    #[test]
    fn shares_prove_something_and_what_is_other_officers_proves_nothing_and_is_no_failure() {
        let held = |opened, shares, others| Drill {
            at: Timestamp::from_seconds(1_800_000_000),
            sample: 20,
            opened,
            shares,
            others,
            agent: "CN=Officer".to_owned(),
            failed: Vec::new(),
        };
        for (drill, failures, succeeded, summary) in [
            (held(20, 0, 0), 0, true, "20 of 20 keys opened"),
            (held(0, 20, 0), 0, true, "20 of 20 shares opened"),
            (held(12, 5, 3), 0, true, "12 of 20 keys opened, 5 shares opened, 3 not this officer's"),
            (held(12, 5, 2), 1, false, "12 of 20 keys opened, 5 shares opened, 2 not this officer's"),
            (held(0, 0, 20), 0, false, "0 of 20 keys opened, 20 not this officer's"),
        ] {
            assert_eq!((drill.failures(), drill.succeeded()), (failures, succeeded), "{summary}");
            assert_eq!(drill.summary(), summary);
        }
        let before = r#"{"at":"2026-11-22T12:00:00Z","sample":2,"opened":2,"agent":"CN=A","failed":[]}"#;
        let read: Drill = serde_json::from_str(before).unwrap();
        assert_eq!((read.shares, read.others, read.succeeded()), (0, 0, true), "as it was written before");
    }
}
