//! Carries out a plan that somebody saw. Only what the world still wants is done.

use std::collections::BTreeMap;

use model::{
    Action, AuditEvent, AuditKind, AuditOutcome, AuthorityId, CertificateId, Clock, DeliveryIntent,
    EndingCause, HoldCause, Ids, Intent, RemovalIntent, RepairIntent, SubscriberId, Template, TemplateId,
    Timestamp,
};
use plan::Plan;
use store::{PlanningRow, Store, StoreError, Work};

use crate::cycle::{CycleError, decide_row, give_notice};
use crate::drift::order_repairs;
use crate::limits::{Limits, confirmed_at, is_replacement, is_revocation, past, too_many_repairs};
use crate::saved::is_same;
use crate::{LifecycleError, handing, hold, publish, revoke, taking_back, withdraw};

/// What came of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Applied {
    /// Intents whose enrollment was started.
    pub started: Vec<Intent>,
    /// Intents that the world no longer wants, because it has moved since the plan was made.
    pub moved_on: Vec<Intent>,
    /// Repairs that were ordered.
    pub repairs: Vec<RepairIntent>,
    /// Hand-overs that failed before and are tried again at once.
    pub retried: Vec<DeliveryIntent>,
    /// What is taken back, beside what follows from intents.
    pub removals: Vec<RemovalIntent>,
}

/// Who stands for what a plan does.
#[derive(Clone, Copy, Debug)]
pub enum Consent<'a> {
    /// Whoever applies it alone, within these limits.
    Within(&'a Limits),
    /// They too; the limits do not hold.
    Of(&'a [String]),
}

/// Does what `wanted` lists, as far as a plan made at this moment still lists the same.
///
/// # Errors
/// [`CycleError::PastLimits`] when it is more than one person may have done.
pub async fn apply(
    store: &dyn Store,
    clock: &dyn Clock,
    ids: &Ids,
    wanted: &Plan,
    actor: &str,
    consent: Consent<'_>,
) -> Result<Applied, CycleError> {
    let mut applied = Applied::default();
    for chunk in wanted.intents.chunks(200) {
        let (started, moved_on) = store::in_unit!(store, work, CycleError => {
            start_wanted(work.as_mut(), ids, chunk, (actor, consent), clock.now()).await?
        })?;
        applied.started.extend(started);
        applied.moved_on.extend(moved_on);
    }
    for chunk in wanted.repairs.chunks(200) {
        let event = orders(chunk, wanted, actor);
        let ordered = store::in_unit!(store, work, CycleError => {
            // Who appends waits for the others who do: what they ordered is counted.
            work.audit().append(&event, clock.now()).await?;
            if let Consent::Within(limits) = consent
                && let Some(excess) = too_many_repairs(work.as_mut(), limits, chunk.len() as u64, clock.now()).await?
            {
                Err(CycleError::PastLimits(vec![excess.sentence("repairs")]))?;
            }
            order_repairs(work.as_mut(), ids, chunk, clock.now()).await?
        })?;
        applied.repairs.extend(ordered);
    }
    for chunk in wanted.deliveries.chunks(200) {
        let retried = store::in_unit!(store, work => {
            let mut retried = Vec::new();
            for intent in chunk {
                if handing::retry(work.as_mut(), ids, intent, clock.now()).await? {
                    retried.push(intent.clone());
                }
            }
            retried
        })?;
        applied.retried.extend(retried);
    }
    for chunk in wanted.removals.chunks(100) {
        let ordered = store::in_unit!(store, work => {
            taking_back::order(work.as_mut(), ids, chunk, clock.now()).await?
        })?;
        applied.removals.extend(ordered);
    }
    let revoked = applied.started.iter().filter(|one| is_revocation(one)).count();
    let mut told = format!(
        "{} started, {revoked} of them revocations or holds, {} no longer wanted",
        applied.started.len(),
        applied.moved_on.len()
    );
    if !wanted.repairs.is_empty() {
        told.push_str(&format!("; {} repairs ordered", applied.repairs.len()));
    }
    if !applied.retried.is_empty() {
        told.push_str(&format!("; {} hand-overs tried again", applied.retried.len()));
    }
    if !applied.removals.is_empty() {
        told.push_str(&format!("; {} removals ordered", applied.removals.len()));
    }
    if let Consent::Of(approvers) = consent {
        told.push_str(&format!("; approved by {}", approvers.join(", ")));
    }
    let event = AuditEvent {
        kind: AuditKind::PlanApplied,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("plan of {}", wanted.made_at),
        detail: told,
    };
    store::in_unit!(store, work => { work.audit().append(&event, clock.now()).await?; })?;
    Ok(applied)
}

/// That somebody orders these repairs.
fn orders(repairs: &[RepairIntent], plan: &Plan, actor: &str) -> AuditEvent {
    let each: Vec<String> =
        repairs.iter().map(|one| format!("difference {} ({})", one.finding, one.repair.verb())).collect();
    AuditEvent {
        kind: AuditKind::DriftDecided,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("plan of {}", plan.made_at),
        detail: format!("orders the repair of {}", each.join(", ")),
    }
}

/// Starts those intents that a plan made in this unit of work lists too: what a daemon has started, or finished, since the
/// plan was shown is not ordered once more. Answers which were started and which were not.
async fn start_wanted(
    work: &mut dyn Work,
    ids: &Ids,
    wanted: &[Intent],
    (actor, consent): (&str, Consent<'_>),
    now: Timestamp,
) -> Result<(Vec<Intent>, Vec<Intent>), CycleError> {
    let subscribers: Vec<SubscriberId> = wanted.iter().map(|intent| intent.subscriber).collect();
    let rows = work.subscribers().planning(&subscribers).await?;
    // After the subscribers, whom a template that is being saved holds.
    let prepared = Prepared::load(work).await?;
    let confirmed_at = confirmed_at(work, now).await?;
    let mut still: BTreeMap<SubscriberId, (&PlanningRow, Vec<Intent>)> = BTreeMap::new();
    for row in &rows {
        // Whoever looks at a plan decides anew about what was refused.
        let decision = decide_row(work, row, &prepared.templates, &[], confirmed_at, now).await?;
        give_notice(work, &decision).await?;
        publish::reconsider_row(work, ids, row, now).await?;
        still.insert(row.subscriber.id, (row, decision.intents));
    }
    // What is carried out is what was decided now, with its own words: those of a saved plan are whoever's saved it.
    let fresh = |intent: &Intent| {
        let (row, intents) = still.get(&intent.subscriber)?;
        intents.iter().find(|one| is_same(one, intent)).map(|found| (*row, found.clone()))
    };
    let found: Vec<Option<(&PlanningRow, Intent)>> = wanted.iter().map(fresh).collect();
    if let Consent::Within(limits) = consent {
        let intents: Vec<Intent> = found.iter().flatten().map(|(_, intent)| intent.clone()).collect();
        let sentences = past(work, limits, &intents, now).await?;
        if !sentences.is_empty() {
            return Err(CycleError::PastLimits(sentences));
        }
    }
    let (mut started, mut moved_on) = (Vec::new(), Vec::new());
    for (saved, found) in wanted.iter().zip(found) {
        let Some((row, intent)) = found else {
            moved_on.push(saved.clone());
            continue;
        };
        match carry_out(work, ids, &prepared, (&intent, row), actor, now).await? {
            Began::Started => started.push(intent),
            Began::NotNeeded | Began::NoAuthority(_) => moved_on.push(intent),
        }
    }
    Ok((started, moved_on))
}

/// Templates with the authorities they order from.
pub(crate) struct Prepared {
    pub(crate) templates: Vec<Template>,
    authorities: Vec<(TemplateId, Option<AuthorityId>)>,
}

impl Prepared {
    pub(crate) async fn load(work: &mut dyn Work) -> Result<Self, StoreError> {
        let templates: Vec<Template> =
            work.templates().list().await?.into_iter().map(|versioned| versioned.template).collect();
        let mut authorities = Vec::with_capacity(templates.len());
        for template in &templates {
            let found = work.authorities().find(&template.authority).await?;
            authorities.push((template.id, found.map(|authority| authority.id)));
        }
        Ok(Self { templates, authorities })
    }

    fn template(&self, id: TemplateId) -> Option<&Template> {
        self.templates.iter().find(|template| template.id == id)
    }

    fn authority(&self, id: TemplateId) -> Option<AuthorityId> {
        self.authorities.iter().find(|(template, _)| *template == id).and_then(|(_, authority)| *authority)
    }

    /// What to do about a template whose authority does not exist.
    fn without_authority(&self, id: TemplateId) -> Option<String> {
        let template = self.template(id)?;
        self.authority(id).is_none().then(|| {
            format!(
                "its template orders from the authority `{}`, which does not exist; correct the template, or set the authority \
                 up",
                template.authority
            )
        })
    }
}

/// What came of an intent.
pub(crate) enum Began {
    /// Its enrollment was started.
    Started,
    /// One is under way already, or the template is gone.
    NotNeeded,
    /// Its authority does not exist; what to do about it.
    NoAuthority(String),
}

/// Starts an enrollment, orders a revocation or a hold, or has one lifted.
pub(crate) async fn carry_out(
    work: &mut dyn Work,
    ids: &Ids,
    prepared: &Prepared,
    (intent, row): (&Intent, &PlanningRow),
    actor: &str,
    now: Timestamp,
) -> Result<Began, StoreError> {
    if let Some(why) = hindrance(work, prepared, (intent, row), now).await? {
        return Ok(match why {
            Hindrance::NoAuthority(why) => Began::NoAuthority(why),
            Hindrance::Awaited => Began::NotNeeded,
        });
    }
    let withdrawn = withdraw::follows(work, row, intent, now).await?;
    let began = match intent.action {
        Action::Enroll { .. } => {
            begin(work, ids, prepared, intent, &row.subscriber.user_principal_name, now).await?
        }
        Action::Revoke { certificate, cause, .. } => {
            let reason = cause.reason();
            let ordering =
                revoke::order(work, ids, certificate, reason, actor, Some(&intent.reason), now).await;
            let began = ordered(ordering)?;
            settle_notice(work, certificate, &began, now).await?;
            began
        }
        Action::Hold { certificate, .. } => {
            let (cause, why) = (HoldCause::Disabled, Some(intent.reason.as_str()));
            let began = ordered(hold::order(work, ids, certificate, cause, actor, why, now).await)?;
            settle_notice(work, certificate, &began, now).await?;
            began
        }
        Action::Release { certificate, .. } => {
            ordered(hold::release(work, ids, certificate, actor, Some(&intent.reason), now).await)?
        }
    };
    if let (Began::Started, Some(id)) = (&began, withdrawn) {
        withdraw::order(work, ids, id, now).await?;
    }
    Ok(began)
}

/// What keeps an intent from being carried out at this moment.
pub(crate) enum Hindrance {
    /// Its authority does not exist; what to do about it.
    NoAuthority(String),
    /// A former certificate whose successor is not in the address list yet: senders would be left with a revoked one.
    Awaited,
}

/// What keeps an intent from being carried out: neither the service nor `apply` would, and no plan lists it.
pub(crate) async fn hindrance(
    work: &mut dyn Work,
    prepared: &Prepared,
    (intent, row): (&Intent, &PlanningRow),
    now: Timestamp,
) -> Result<Option<Hindrance>, StoreError> {
    match intent.action {
        Action::Enroll { .. } => Ok(prepared.without_authority(intent.template).map(Hindrance::NoAuthority)),
        Action::Revoke { certificate, cause: EndingCause::Renamed | EndingCause::HolderLeft, .. }
            if publish::is_awaited(work, row, certificate, now).await? =>
        {
            Ok(Some(Hindrance::Awaited))
        }
        Action::Revoke { .. } | Action::Hold { .. } | Action::Release { .. } => Ok(None),
    }
}

/// A notice is done when what it comes to was ordered, and taken back when that cannot be any more.
async fn settle_notice(
    work: &mut dyn Work,
    certificate: CertificateId,
    began: &Began,
    now: Timestamp,
) -> Result<(), StoreError> {
    match began {
        Began::Started => work.endings().mark_done(certificate, now).await,
        Began::NotNeeded | Began::NoAuthority(_) => work.endings().retract(certificate).await,
    }
}

/// What was ordered, unless it cannot be any more: revoked meanwhile, or not ours.
fn ordered(result: Result<(), LifecycleError>) -> Result<Began, StoreError> {
    match result {
        Ok(()) => Ok(Began::Started),
        Err(LifecycleError::Store(error)) => Err(error),
        Err(
            LifecycleError::NotPossible(_)
            | LifecycleError::Authority(_)
            | LifecycleError::Delivery(_)
            | LifecycleError::Book(_),
        ) => Ok(Began::NotNeeded),
    }
}

/// Starts one enrollment.
async fn begin(
    work: &mut dyn Work,
    ids: &Ids,
    prepared: &Prepared,
    intent: &Intent,
    user_principal_name: &str,
    now: Timestamp,
) -> Result<Began, StoreError> {
    let found = (prepared.template(intent.template), prepared.authority(intent.template));
    let (Some(template), Some(authority)) = found else { return Ok(Began::NotNeeded) };
    if work.enrollments().find_open(intent.subscriber, intent.template).await?.is_some() {
        return Ok(Began::NotNeeded);
    }
    match enroll::start(work, ids, intent, template, authority, user_principal_name, now).await {
        Ok(enrollment) => {
            if is_replacement(intent) {
                work.endings().note_replacement(enrollment, now).await?;
            }
            Ok(Began::Started)
        }
        // Somebody else has started it since the look above: the unit of work begins anew and finds it.
        Err(error @ StoreError::Conflict { .. }) => Err(StoreError::Busy { source: Box::new(error) }),
        Err(error) => Err(error),
    }
}
