//! How much a plan may change in a day before a person has to look at it.

use model::{Action, Intent, Span, Subscriber, SubscriberKind, Timestamp};
use plan::Plan;
use store::{Store, StoreError, SyncCursor, Work};

/// The span over which changes are counted.
const DAY: Span = Span::hours(24);
/// How far others' clocks may be ahead. What lies further in the future was written by a clock that was wrong, and neither
/// confirms anything nor counts.
const TOLERANCE: Span = Span::minutes(10);
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
    /// Revocations and holds that nobody ordered.
    pub revocations: Limit,
    /// New certificates in place of ones that would run on, because names, addresses or the people of a mailbox changed; each is paid for.
    pub replacements: Limit,
    /// Repairs of what differs outside.
    pub repairs: Limit,
}

impl Default for Limits {
    /// Fifty in a day, and two of a hundred.
    fn default() -> Self {
        let limit = Limit { count: 50, percent: 2 };
        Self { revocations: limit, replacements: limit, repairs: limit }
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

/// When the last complete reading of the directory began; `None` when there was none, or only one of the future.
pub(crate) async fn confirmed_at(
    work: &mut dyn Work,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    Ok(work.subscribers().fully_read_at(SyncCursor::COMPLETE).await?.filter(|at| *at <= now + TOLERANCE))
}

/// When the last complete reading of a mailbox's people began; `None` for a person, and as for [`confirmed_at`].
pub(crate) async fn holders_confirmed_at(
    work: &mut dyn Work,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    if subscriber.kind != SubscriberKind::SharedMailbox {
        return Ok(None);
    }
    let read = work.subscribers().fully_read_at(&SyncCursor::people_of(subscriber.id)).await?;
    Ok(read.filter(|at| *at <= now + TOLERANCE))
}

/// For so long those who use a mailbox are taken to be the ones that the mail service told last.
const SURE: Span = DAY;

/// Whether nobody is known to use the mailbox who may not: a new key goes to nobody before that is so again. Where groups say
/// who they are, it always is.
pub(crate) async fn holders_are_sure(
    work: &mut dyn Work,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if subscriber.kind != SubscriberKind::SharedMailbox {
        return Ok(true);
    }
    if work.subscribers().fully_read_at(SyncCursor::MAILBOXES).await?.is_none() {
        return Ok(true);
    }
    let told = work.subscribers().fully_read_at(&SyncCursor::sure_of(subscriber.id)).await?;
    Ok(told.is_some_and(|at| now <= at + SURE && at <= now + TOLERANCE))
}

/// Whether those who are not known to use the mailbox may not use it, without a doubt.
pub(crate) async fn losses_are_sure(
    work: &mut dyn Work,
    subscriber: &Subscriber,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let confirmed = holders_confirmed_at(work, subscriber, now).await?;
    let told = work.subscribers().fully_read_at(&SyncCursor::sure_of(subscriber.id)).await?;
    Ok(holders_are_sure(work, subscriber, now).await? && confirmed >= told)
}

/// Whether so many revocations are too many, after those of the last 24 hours.
pub(crate) async fn too_many_revocations(
    work: &mut dyn Work,
    limits: &Limits,
    wanted: u64,
    now: Timestamp,
) -> Result<Option<Excess>, StoreError> {
    if wanted == 0 {
        return Ok(None);
    }
    let (done, allowed) = revocations(work, limits, now).await?;
    Ok(Excess::of(wanted, done, allowed))
}

/// How many revocations were ordered by the plan in the last 24 hours, and how many are allowed.
pub(crate) async fn revocations(
    work: &mut dyn Work,
    limits: &Limits,
    now: Timestamp,
) -> Result<(u64, u64), StoreError> {
    let done = work.endings().count_done(now - DAY, now + TOLERANCE).await?;
    let valid = work.certificates().counts(now).await?.valid;
    Ok((done, limits.revocations.allowed(valid)))
}

/// How many replacements were ordered in the last 24 hours, and how many are allowed.
pub(crate) async fn replacements(
    work: &mut dyn Work,
    limits: &Limits,
    now: Timestamp,
) -> Result<(u64, u64), StoreError> {
    let done = work.endings().count_replacements(now - DAY, now + TOLERANCE).await?;
    let valid = work.certificates().counts(now).await?.valid;
    Ok((done, limits.replacements.allowed(valid)))
}

/// Whether so many repairs are too many, after those of the last 24 hours.
pub(crate) async fn too_many_repairs(
    work: &mut dyn Work,
    limits: &Limits,
    wanted: u64,
    now: Timestamp,
) -> Result<Option<Excess>, StoreError> {
    if wanted == 0 {
        return Ok(None);
    }
    // Repairs are dated by the clock that readings are dated by.
    let shared = work.jobs().now().await?;
    let done = work.drift().count_ordered(shared - DAY, shared + TOLERANCE).await?;
    let valid = work.certificates().counts(now).await?.valid;
    Ok(Excess::of(wanted, done, limits.repairs.allowed(valid)))
}

/// What intents would do past the limits: nothing, or a sentence for each kind.
pub(crate) async fn past(
    work: &mut dyn Work,
    limits: &Limits,
    intents: &[Intent],
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let count = |is: fn(&Intent) -> bool| intents.iter().filter(|intent| is(intent)).count() as u64;
    let mut sentences = Vec::new();
    if let Some(excess) = too_many_revocations(work, limits, count(is_revocation), now).await? {
        sentences.push(excess.sentence("revocations and holds"));
    }
    let wanted = count(is_replacement);
    if wanted > 0 {
        let (done, allowed) = replacements(work, limits, now).await?;
        sentences.extend(Excess::of(wanted, done, allowed).map(|excess| excess.sentence("replacements")));
    }
    Ok(sentences)
}

/// Whether it revokes, or puts on hold: a reading that is wrong about a company does as much harm by either, and both count
/// against one limit.
pub(crate) const fn is_revocation(intent: &Intent) -> bool {
    matches!(intent.action, Action::Revoke { .. } | Action::Hold { .. })
}

/// Whether it lifts a hold.
pub(crate) const fn is_release(intent: &Intent) -> bool {
    matches!(intent.action, Action::Release { .. })
}

/// Whether it replaces a certificate that would run on.
pub(crate) const fn is_replacement(intent: &Intent) -> bool {
    matches!(intent.action, Action::Enroll { renamed: true, .. })
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
    let mut work = store.read().await?;
    let mut sentences = past(work.as_mut(), limits, &plan.intents, now).await?;
    let repairs = too_many_repairs(work.as_mut(), limits, plan.repairs.len() as u64, now).await?;
    sentences.extend(repairs.map(|excess| excess.sentence("repairs")));
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
