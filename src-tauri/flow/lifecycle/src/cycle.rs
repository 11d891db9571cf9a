//! The planning cycle: whoever is due is decided about, and the decision is carried out.

use std::collections::BTreeSet;

use model::{
    Action, CertificateId, Clock, Ending, EnrollmentState, GroupId, Ids, Intent, Prices, Refusal, Skip,
    Subscriber, SubscriberId, Template, Timestamp,
};
use plan::{Decision, Plan, Situation, decide, keep_unambiguous, latest_renewal_lead};
use store::{DutyClaim, EndingsDue, PlanningRow, Store, StoreError, Work};

use crate::apply::{Began, Hindrance, Prepared, carry_out, hindrance};
use crate::drift::repairs_due;
use crate::limits::{
    Excess, Limits, confirmed_at, holders_are_sure, holders_confirmed_at, is_release, is_replacement,
    is_revocation, replacements, too_many_revocations,
};
use crate::taking_back::{self, of_former};
use crate::{former, handing, publish};

/// Subscribers decided about in one unit of work.
pub(crate) const PAGE: u32 = 200;

/// What a cycle did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cycled {
    /// Subscribers that were looked at.
    pub considered: u64,
    /// Enrollments that were started.
    pub started: u64,
    /// Entitled subscribers that cannot be served.
    pub skipped: u64,
    /// Revocations and holds that were ordered.
    pub revoked: u64,
    /// Holds that are lifted.
    pub released: u64,
    /// Revocations that wait for a person, being too many; all of them do.
    pub revocations_withheld: Option<Excess>,
    /// Replacements that wait for a person, being too many.
    pub replacements_withheld: u64,
}

/// On what terms the plan acts by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// How much of it.
    pub limits: Limits,
    /// In whose name, as the audit log shall say.
    pub actor: String,
}

/// Why a cycle ended early. What was decided until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum CycleError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// More than the limits allow, and nobody approved it. What was done until then stays.
    #[error("{}", .0.join("; "))]
    PastLimits(Vec<String>),
}

impl store::Setback for CycleError {
    fn is_passing(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_passing())
    }
}

/// Groups that templates refer to, which the observer must watch.
pub fn watch(templates: &[Template]) -> Vec<GroupId> {
    let mut groups: Vec<GroupId> = templates
        .iter()
        .flat_map(|template| template.assignment.include.iter().chain(&template.assignment.exclude))
        .copied()
        .collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// Decides about everybody who is due, and starts what was decided. When nobody is, it neither writes nor waits for those
/// who do. With a claim, nothing is stored once that was lost: one plans at a time.
///
/// # Errors
/// What was decided until then is kept.
pub async fn cycle(
    store: &dyn Store,
    clock: &dyn Clock,
    ids: &Ids,
    terms: &Terms,
    claim: Option<&DutyClaim>,
) -> Result<Cycled, CycleError> {
    let mut done = Cycled::default();
    let mut after: Option<SubscriberId> = None;
    let (due, excess) = revocations_due(store.read().await?.as_mut(), &terms.limits, clock.now()).await?;
    done.revocations_withheld = excess;
    loop {
        let now = clock.now();
        if !anybody_due(store, after, due, now).await? {
            break;
        }
        let page = store::in_unit!(store, work => {
            if let Some(claim) = claim {
                claim.hold(work.as_mut()).await?;
            }
            decide_page(work.as_mut(), ids, terms, (after, due), now).await?
        })?;
        let Some(page) = page else { break };
        done.considered += page.told.considered;
        done.started += page.told.started;
        done.skipped += page.told.skipped;
        done.revoked += page.told.revoked;
        done.released += page.told.released;
        done.revocations_withheld = done.revocations_withheld.or(page.told.revocations_withheld);
        done.replacements_withheld += page.told.replacements_withheld;
        after = Some(page.last);
        if !page.is_full {
            break;
        }
    }
    // Whoever saves a template marks everybody due. A cycle in which anybody was due asks the database who has more than a
    // template keeps now, and reads no more than those; in others nothing is asked.
    if done.considered > 0 {
        remove_former(store, clock, ids, claim).await?;
    }
    Ok(done)
}

/// Orders what a template lets stay on devices no longer and no other event told: it lets fewer stay than before.
async fn remove_former(
    store: &dyn Store,
    clock: &dyn Clock,
    ids: &Ids,
    claim: Option<&DutyClaim>,
) -> Result<(), StoreError> {
    let now = clock.now();
    let mut work = store.read().await?;
    let prepared = Prepared::load(work.as_mut()).await?;
    let (found, _) = of_former(work.as_mut(), &prepared, usize::MAX, now).await?;
    let certificates: BTreeSet<CertificateId> = found.iter().map(|one| one.certificate).collect();
    let keys: Vec<String> =
        certificates.iter().map(|id| store::Job::readback(ids.next(), *id, now).1).collect();
    let missing: BTreeSet<String> = work.jobs().unqueued(&keys).await?.into_iter().collect();
    drop(work);
    let lying: Vec<CertificateId> = certificates
        .into_iter()
        .zip(&keys)
        .filter(|(_, key)| missing.contains(*key))
        .map(|(id, _)| id)
        .collect();
    for some in lying.chunks(PAGE as usize) {
        store::in_unit!(store, work => {
            if let Some(claim) = claim {
                claim.hold(work.as_mut()).await?;
            }
            for id in some {
                former::look(work.as_mut(), ids, *id, false, now).await?;
            }
        })?;
    }
    Ok(())
}

/// The notices that are acted upon in this cycle; none of them when they are too many, and then by how much.
pub(crate) async fn revocations_due(
    work: &mut dyn Work,
    limits: &Limits,
    now: Timestamp,
) -> Result<(Option<EndingsDue>, Option<Excess>), StoreError> {
    let Some(confirmed_at) = confirmed_at(work, now).await? else { return Ok((None, None)) };
    let due = EndingsDue { now, confirmed_at };
    let wanted = work.endings().count_due(due).await?;
    let excess = too_many_revocations(work, limits, wanted, now).await?;
    Ok((excess.is_none().then_some(due), excess))
}

/// What was done about one page of those who are due.
struct DecidedPage {
    told: Cycled,
    last: SubscriberId,
    is_full: bool,
}

/// One unit of work of a cycle; `None` when nobody is due any more.
async fn decide_page(
    work: &mut dyn Work,
    ids: &Ids,
    terms: &Terms,
    (after, due): (Option<SubscriberId>, Option<EndingsDue>),
    now: Timestamp,
) -> Result<Option<DecidedPage>, StoreError> {
    let until = now + latest_renewal_lead(&Prepared::load(work).await?.templates);
    let rows = work.subscribers().list_due(after, until, due, PAGE).await?;
    // Only now: whoever saves a template marks everybody due, and reading who is due waited for that. What was read before
    // could be the templates as they were.
    let prepared = Prepared::load(work).await?;
    let Some(last) = rows.last().map(|row| row.subscriber.id) else { return Ok(None) };
    let mut told = Cycled::default();
    let mut replaced = None;
    for row in &rows {
        let mut decision =
            decide_row(work, row, &prepared.templates, &row.refused, due.map(|due| due.confirmed_at), now)
                .await?;
        told.considered += 1;
        keep_what_was_counted(&mut decision, row, due);
        let wanted = decision.intents.iter().filter(|intent| is_replacement(intent)).count() as u64;
        if wanted > 0 {
            // Counted in this unit of work, beside which nobody else orders.
            let (made, allowed) = match replaced {
                Some(known) => known,
                None => replacements(work, &terms.limits, now).await?,
            };
            let fits = made + wanted <= allowed;
            replaced = Some((if fits { made + wanted } else { made }, allowed));
            if !fits {
                told.replacements_withheld += wanted;
                withhold_replacements(&mut decision, allowed);
            }
        }
        let revocations = decision.intents.iter().filter(|intent| is_revocation(intent)).count() as u64;
        if let Some(excess) = too_many_revocations(work, &terms.limits, revocations, now).await? {
            told.revocations_withheld = Some(excess);
            decision.intents.retain(|intent| !is_revocation(intent));
        }
        give_notice(work, &decision).await?;
        publish::reconsider_row(work, ids, row, now).await?;
        for intent in &decision.intents {
            match carry_out(work, ids, &prepared, (intent, row), &terms.actor, now).await? {
                Began::Started if is_revocation(intent) => told.revoked += 1,
                Began::Started if is_release(intent) => told.released += 1,
                Began::Started => told.started += 1,
                Began::NotNeeded => {}
                Began::NoAuthority(why) => {
                    decision.revisit = true;
                    decision.skips.push(skip(intent, why));
                }
            }
        }
        told.skipped += decision.skips.len() as u64;
        work.subscribers().set_skip(row.subscriber.id, &decision.skips).await?;
        if !decision.revisit {
            work.subscribers().mark_planned(row.subscriber.id).await?;
        }
    }
    Ok(Some(DecidedPage { told, last, is_full: rows.len() == PAGE as usize }))
}

/// Leaves only those revocations that were counted when the cycle began: a clock that was put forward meanwhile, or a row that
/// somebody added, brings no more.
pub(crate) fn keep_what_was_counted(decision: &mut Decision, row: &PlanningRow, due: Option<EndingsDue>) {
    let was_counted = |id: CertificateId| {
        let is_due = |ending: &Ending| due.is_some_and(|due| ending.due_at <= due.now);
        row.endings.iter().any(|ending| ending.certificate == id && is_due(ending))
    };
    decision.intents.retain(|intent| match intent.action {
        Action::Revoke { certificate, .. } | Action::Hold { certificate, .. } => was_counted(certificate),
        Action::Enroll { .. } | Action::Release { .. } => true,
    });
}

/// Leaves the replacements of a decision to a person, and says so about the subscriber.
pub(crate) fn withhold_replacements(decision: &mut Decision, allowed: u64) {
    let (withheld, kept): (Vec<Intent>, Vec<Intent>) =
        std::mem::take(&mut decision.intents).into_iter().partition(is_replacement);
    decision.intents = kept;
    decision.revisit = true;
    for intent in &withheld {
        let why = format!(
            "{}, but {allowed} replacements in 24 hours are all that happens by itself; wait for tomorrow, or {HOW_TO_GO_ON}",
            intent.reason
        );
        decision.skips.push(skip(intent, why));
    }
}

/// What to do about what goes past the limits.
pub const HOW_TO_GO_ON: &str = "save the plan with `sealwright plan --out FILE`, have a second person approve it with `sealwright \
     plan --approve FILE`, then `sealwright apply FILE`";

fn skip(intent: &Intent, why: String) -> Skip {
    Skip {
        subscriber: intent.subscriber,
        who: intent.who.clone(),
        template: intent.template_name.clone(),
        why,
    }
}

/// Writes down which certificates are to end, and takes back what no longer holds.
pub(crate) async fn give_notice(work: &mut dyn Work, decision: &Decision) -> Result<(), StoreError> {
    for certificate in &decision.retracted {
        work.endings().retract(*certificate).await?;
    }
    for ending in &decision.endings {
        work.endings().note(ending).await?;
    }
    Ok(())
}

/// Looks without the right to write, for which others wait.
async fn anybody_due(
    store: &dyn Store,
    after: Option<SubscriberId>,
    due: Option<EndingsDue>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut work = store.read().await?;
    let prepared = Prepared::load(work.as_mut()).await?;
    let until = now + latest_renewal_lead(&prepared.templates);
    Ok(!work.subscribers().list_due(after, until, due, 1).await?.is_empty())
}

/// Decides about everybody and changes nothing: the plan that is shown.
pub async fn draft(store: &dyn Store, clock: &dyn Clock, prices: &Prices) -> Result<Plan, CycleError> {
    let now = clock.now();
    let mut whole = Plan::empty(now);
    let mut work = store.read().await?;
    let work = work.as_mut();
    let prepared = Prepared::load(work).await?;
    let confirmed_at = confirmed_at(work, now).await?;
    let mut published = taking_back::published(work).await?;
    let mut after: Option<SubscriberId> = None;
    loop {
        let rows = work.subscribers().list_all(after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = Some(last.subscriber.id);
        for row in &rows {
            // Whoever looks at a plan decides anew about what was refused.
            let mut decision = decide_row(work, row, &prepared.templates, &[], confirmed_at, now).await?;
            keep_what_can_be_done(work, &prepared, row, &mut decision, now).await?;
            let shown = published.remove(&row.subscriber.id).unwrap_or_default();
            whole.removals.extend(taking_back::of_decision(work, row, &decision, &shown, now).await?);
            whole.deliveries.extend(decision.intents.iter().filter_map(|one| handing::of_order(one, row)));
            whole.intents.extend(decision.intents);
            whole.skips.extend(decision.skips);
        }
    }
    // Whoever is gone and was given no notice yet is in none of those pages, and stands in the address list all the same.
    let gone: Vec<SubscriberId> = published.keys().copied().collect();
    for some in gone.chunks(PAGE as usize) {
        for row in work.subscribers().planning(some).await? {
            let decision = decide_row(work, &row, &prepared.templates, &[], confirmed_at, now).await?;
            let shown = published.remove(&row.subscriber.id).unwrap_or_default();
            whole.removals.extend(taking_back::of_decision(work, &row, &decision, &shown, now).await?);
        }
    }
    whole.repairs = repairs_due(work).await?;
    let [running, waiting] = handing::TRIED_AGAIN;
    let left = handing::left(work, &[running, waiting, EnrollmentState::Stuck], usize::MAX).await?;
    whole.deliveries.extend(left.retried);
    whole.skips.extend(left.stuck);
    whole.skips.extend(handing::lost(work, usize::MAX, now).await?);
    whole.removals.extend(of_former(work, &prepared, usize::MAX, now).await?.0);
    whole.costs = plan::costs(&whole.intents, &prepared.templates, prices);
    Ok(whole)
}

/// Takes out of a decision what would not be carried out at this moment, and says why.
pub(crate) async fn keep_what_can_be_done(
    work: &mut dyn Work,
    prepared: &Prepared,
    row: &PlanningRow,
    decision: &mut Decision,
    now: Timestamp,
) -> Result<(), StoreError> {
    for intent in std::mem::take(&mut decision.intents) {
        match hindrance(work, prepared, (&intent, row), now).await? {
            None => decision.intents.push(intent),
            Some(Hindrance::NoAuthority(why)) => decision.skips.push(skip(&intent, why)),
            // Nobody misses anything by it: the certificate runs on until then.
            Some(Hindrance::Awaited) => {}
        }
    }
    Ok(())
}

/// Decides about one subscriber, including whether its addresses are its own.
pub(crate) async fn decide_row(
    work: &mut dyn Work,
    row: &PlanningRow,
    templates: &[Template],
    refused: &[Refusal],
    confirmed_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Decision, StoreError> {
    let situation = situation(work, row, refused, confirmed_at, now).await?;
    unambiguous(work, decide(&situation, templates, now), &row.subscriber).await
}

/// What a row says, as the plan reads it.
pub(crate) async fn situation<'a>(
    work: &mut dyn Work,
    row: &'a PlanningRow,
    refused: &'a [Refusal],
    confirmed_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Situation<'a>, StoreError> {
    Ok(Situation {
        subscriber: &row.subscriber,
        certificates: &row.certificates,
        open: &row.open,
        refused,
        holders: &row.holders,
        delivered_to: &row.delivered_to,
        superseded: &row.superseded,
        ordered: &row.ordered,
        endings: &row.endings,
        holds: &row.holds,
        confirmed_at,
        holders_confirmed_at: holders_confirmed_at(work, &row.subscriber, now).await?,
        holders_are_sure: holders_are_sure(work, &row.subscriber, now).await?,
    })
}

/// Keeps of a decision what concerns addresses that nobody else has.
pub(crate) async fn unambiguous(
    work: &mut dyn Work,
    decision: Decision,
    subscriber: &Subscriber,
) -> Result<Decision, StoreError> {
    let mut addresses: BTreeSet<&str> = BTreeSet::new();
    for intent in &decision.intents {
        let Action::Enroll { names, .. } = &intent.action else { continue };
        for mail in &names.mail_addresses {
            addresses.insert(mail);
        }
    }
    let mut namesakes = Vec::new();
    for address in addresses {
        namesakes.extend(work.subscribers().find_by_name(address).await?);
    }
    Ok(keep_unambiguous(decision, subscriber, &namesakes))
}
