//! The planning cycle: whoever is due is decided about, and the decision is carried out.

use std::collections::BTreeSet;

use model::{Action, Clock, GroupId, Ids, Refusal, Skip, Subscriber, SubscriberId, Template, Timestamp};
use plan::{Decision, Plan, Situation, decide, keep_unambiguous, latest_renewal_lead};
use store::{DutyClaim, PlanningRow, Store, StoreError, Work};

use crate::apply::{Began, Prepared, begin};

/// Subscribers decided about in one unit of work.
const PAGE: u32 = 200;

/// What a cycle did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cycled {
    /// Subscribers that were looked at.
    pub considered: u64,
    /// Enrollments that were started.
    pub started: u64,
    /// Entitled subscribers that cannot be served.
    pub skipped: u64,
}

/// Why a cycle ended early. What was decided until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum CycleError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    claim: Option<&DutyClaim>,
) -> Result<Cycled, CycleError> {
    let mut done = Cycled::default();
    let mut after: Option<SubscriberId> = None;
    loop {
        let now = clock.now();
        if !anybody_due(store, after, now).await? {
            return Ok(done);
        }
        let page = store::in_unit!(store, work => {
            if let Some(claim) = claim {
                claim.hold(work.as_mut()).await?;
            }
            decide_page(work.as_mut(), ids, after, now).await?
        })?;
        let Some(page) = page else { return Ok(done) };
        done.considered += page.told.considered;
        done.started += page.told.started;
        done.skipped += page.told.skipped;
        after = Some(page.last);
        if !page.is_full {
            return Ok(done);
        }
    }
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
    after: Option<SubscriberId>,
    now: Timestamp,
) -> Result<Option<DecidedPage>, StoreError> {
    let until = now + latest_renewal_lead(&Prepared::load(work).await?.templates);
    let rows = work.subscribers().list_due(after, until, PAGE).await?;
    // Only now: whoever saves a template marks everybody due, and reading who is due waited for that. What was read before
    // could be the templates as they were.
    let prepared = Prepared::load(work).await?;
    let Some(last) = rows.last().map(|row| row.subscriber.id) else { return Ok(None) };
    let mut told = Cycled::default();
    for row in &rows {
        let mut decision = decide_row(work, row, &prepared.templates, &row.refused, now).await?;
        told.considered += 1;
        for intent in &decision.intents {
            let upn = &row.subscriber.user_principal_name;
            match begin(work, ids, &prepared, intent, upn, now).await? {
                Began::Started => told.started += 1,
                Began::NotNeeded => {}
                Began::NoAuthority(why) => {
                    decision.revisit = true;
                    decision.skips.push(Skip {
                        subscriber: intent.subscriber,
                        who: intent.who.clone(),
                        template: intent.template_name.clone(),
                        why,
                    });
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

/// Looks without the right to write, for which others wait.
async fn anybody_due(
    store: &dyn Store,
    after: Option<SubscriberId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut work = store.read().await?;
    let prepared = Prepared::load(work.as_mut()).await?;
    let until = now + latest_renewal_lead(&prepared.templates);
    Ok(!work.subscribers().list_due(after, until, 1).await?.is_empty())
}

/// Decides about everybody and changes nothing: the plan that is shown.
pub async fn draft(store: &dyn Store, clock: &dyn Clock) -> Result<Plan, CycleError> {
    let now = clock.now();
    let mut whole = Plan { made_at: now, intents: Vec::new(), skips: Vec::new() };
    let mut work = store.read().await?;
    let templates: Vec<Template> =
        work.templates().list().await?.into_iter().map(|versioned| versioned.template).collect();
    let mut after: Option<SubscriberId> = None;
    loop {
        let rows = work.subscribers().list_all(after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(whole) };
        after = Some(last.subscriber.id);
        for row in &rows {
            // Whoever looks at a plan decides anew about what was refused.
            let decision = decide_row(work.as_mut(), row, &templates, &[], now).await?;
            whole.intents.extend(decision.intents);
            whole.skips.extend(decision.skips);
        }
    }
}

/// Decides about one subscriber, including whether its addresses are its own.
pub(crate) async fn decide_row(
    work: &mut dyn Work,
    row: &PlanningRow,
    templates: &[Template],
    refused: &[Refusal],
    now: Timestamp,
) -> Result<Decision, StoreError> {
    let situation = Situation {
        subscriber: &row.subscriber,
        certificates: &row.certificates,
        open: &row.open,
        refused,
        holders: &row.holders,
        delivered_to: &row.delivered_to,
    };
    unambiguous(work, decide(&situation, templates, now), &row.subscriber).await
}

/// Keeps of a decision what concerns addresses that nobody else has.
pub(crate) async fn unambiguous(
    work: &mut dyn Work,
    decision: Decision,
    subscriber: &Subscriber,
) -> Result<Decision, StoreError> {
    let mut addresses: BTreeSet<&str> = BTreeSet::new();
    for intent in &decision.intents {
        let Action::Enroll { names, .. } = &intent.action;
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
