//! How much a plan may change in a day before a person has to look at it.

use model::{Action, EndingCause, Intent, Span, Timestamp};
use plan::Plan;
use store::{EndingsDue, Store, StoreError, Work};

use crate::cycle::is_replacement;

/// The span over which changes are counted.
const DAY: Span = Span::hours(24);
/// What is always allowed, so that a share of a small fleet is more than nothing.
const LEAST: u64 = 5;

/// How many changes of one kind a plan may make within 24 hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// At most so many.
    pub count: u64,
    /// And at most this share of all valid certificates, in percent; five are always allowed by it.
    pub percent: u64,
}

impl Limit {
    /// How many are allowed where so many certificates are valid.
    pub fn allowed(self, valid: u64) -> u64 {
        self.count.min((valid.saturating_mul(self.percent) / 100).max(LEAST))
    }
}

/// What a plan may do without anybody looking at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Revocations that nobody ordered.
    pub revocations: Limit,
    /// New certificates in place of ones that would run on, because names or addresses changed; each is paid for.
    pub replacements: Limit,
}

impl Default for Limits {
    /// Fifty in a day, and two of a hundred.
    fn default() -> Self {
        let limit = Limit { count: 50, percent: 2 };
        Self { revocations: limit, replacements: limit }
    }
}

/// More than a limit allows: nothing of the kind is done until a person has looked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Excess {
    /// How many were to be done.
    pub wanted: u64,
    /// How many were done in the last 24 hours.
    pub done: u64,
    /// How many are allowed in 24 hours.
    pub allowed: u64,
}

impl Excess {
    /// `37 revocations would come on top of 2 in the last 24 hours, where 5 are allowed`.
    pub fn sentence(self, what: &str) -> String {
        let Self { wanted, done, allowed } = self;
        format!(
            "{wanted} {what} would come on top of {done} in the last 24 hours, where {allowed} are allowed"
        )
    }

    /// What exceeds, if anything does.
    pub(crate) const fn of(wanted: u64, done: u64, allowed: u64) -> Option<Self> {
        if wanted > 0 && wanted + done > allowed { Some(Self { wanted, done, allowed }) } else { None }
    }
}

/// Notices that have come due, by what was read of the directory; `None` when it was never read as a whole.
pub(crate) async fn endings_due(
    work: &mut dyn Work,
    now: Timestamp,
) -> Result<Option<EndingsDue>, StoreError> {
    let confirmed_at = work.subscribers().complete_at().await?;
    Ok(confirmed_at.map(|confirmed_at| EndingsDue { now, confirmed_at }))
}

/// Whether so many revocations are too many.
pub(crate) async fn too_many_revocations(
    work: &mut dyn Work,
    limits: &Limits,
    wanted: u64,
    now: Timestamp,
) -> Result<Option<Excess>, StoreError> {
    if wanted == 0 {
        return Ok(None);
    }
    let done = work.endings().count_done(now - DAY).await?;
    let valid = work.certificates().counts(now).await?.valid;
    Ok(Excess::of(wanted, done, limits.revocations.allowed(valid)))
}

/// How many replacements are left for today, and how many were allowed and made.
pub(crate) async fn replacements_left(
    work: &mut dyn Work,
    limits: &Limits,
    now: Timestamp,
) -> Result<(u64, u64), StoreError> {
    let done = work.endings().count_given(EndingCause::Renamed, now - DAY).await?;
    let valid = work.certificates().counts(now).await?.valid;
    Ok((done, limits.replacements.allowed(valid)))
}

/// What a plan would do past the limits, were it carried out now: nothing, or a sentence for each kind.
///
/// # Errors
/// When the database cannot be read.
pub async fn excesses(
    store: &dyn Store,
    limits: &Limits,
    plan: &Plan,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let count = |is: fn(&Intent) -> bool| plan.intents.iter().filter(|intent| is(intent)).count() as u64;
    let revocations = count(|intent| matches!(intent.action, Action::Revoke { .. }));
    let replacements = count(is_replacement);
    let mut work = store.read().await?;
    let mut sentences = Vec::new();
    if let Some(excess) = too_many_revocations(work.as_mut(), limits, revocations, now).await? {
        sentences.push(excess.sentence("revocations"));
    }
    if replacements > 0 {
        let (done, allowed) = replacements_left(work.as_mut(), limits, now).await?;
        sentences
            .extend(Excess::of(replacements, done, allowed).map(|excess| excess.sentence("replacements")));
    }
    Ok(sentences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_fleet_may_change_five_a_day_and_a_large_one_no_more_than_the_count() {
        let limit = Limit { count: 50, percent: 2 };
        for (valid, allowed) in [(0, 5), (25, 5), (250, 5), (300, 6), (1_000, 20), (100_000, 50)] {
            assert_eq!(limit.allowed(valid), allowed, "{valid} valid");
        }
        assert_eq!(Limit { count: 0, percent: 100 }.allowed(1_000), 0, "nothing without a person");
    }

    #[test]
    fn what_was_done_in_the_last_day_counts() {
        assert_eq!(Excess::of(0, 100, 5), None, "nothing is wanted");
        assert_eq!(Excess::of(5, 0, 5), None);
        assert_eq!(Excess::of(1, 5, 5), Some(Excess { wanted: 1, done: 5, allowed: 5 }));
    }
}
