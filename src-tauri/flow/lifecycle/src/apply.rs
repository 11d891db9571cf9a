//! Carries out a plan that somebody saw. Only what the world still wants is done.

use std::collections::BTreeMap;

use model::{
    Action, AuditEvent, AuditKind, AuditOutcome, AuthorityId, Clock, Ids, Intent, SubscriberId, Template,
    TemplateId, Timestamp,
};
use plan::Plan;
use store::{Store, StoreError, Work};

use crate::cycle::{CycleError, draft};

/// What came of a plan.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Applied {
    /// Intents whose enrollment was started.
    pub started: Vec<Intent>,
    /// Intents that the world no longer wants, because it has moved since the plan was made.
    pub moved_on: Vec<Intent>,
}

/// Starts what `wanted` lists, as far as a plan made at this moment still lists the same.
pub async fn apply(
    store: &dyn Store,
    clock: &dyn Clock,
    ids: &Ids,
    wanted: &Plan,
    actor: &str,
) -> Result<Applied, CycleError> {
    let fresh = draft(store, clock).await?;
    let still: BTreeMap<(SubscriberId, TemplateId), &Action> =
        fresh.intents.iter().map(|intent| ((intent.subscriber, intent.template), &intent.action)).collect();
    let mut applied = Applied::default();
    for chunk in wanted.intents.chunks(200) {
        let now = clock.now();
        let mut work = store.begin().await?;
        let prepared = Prepared::load(work.as_mut()).await?;
        for intent in chunk {
            let still_wanted = still.get(&(intent.subscriber, intent.template)) == Some(&&intent.action);
            let subscriber = work.subscribers().lookup(intent.subscriber).await?;
            let started = match subscriber {
                Some(found) if still_wanted => {
                    matches!(
                        begin(work.as_mut(), ids, &prepared, intent, &found.user_principal_name, now).await?,
                        Began::Started
                    )
                }
                Some(_) | None => false,
            };
            if started {
                applied.started.push(intent.clone());
            } else {
                applied.moved_on.push(intent.clone());
            }
        }
        work.commit().await?;
    }
    let mut work = store.begin().await?;
    let event = AuditEvent {
        kind: AuditKind::PlanApplied,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("plan of {}", wanted.made_at),
        detail: format!("{} started, {} no longer wanted", applied.started.len(), applied.moved_on.len()),
    };
    work.audit().append(&event, clock.now()).await?;
    work.commit().await?;
    Ok(applied)
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

/// Starts one enrollment.
pub(crate) async fn begin(
    work: &mut dyn Work,
    ids: &Ids,
    prepared: &Prepared,
    intent: &Intent,
    user_principal_name: &str,
    now: Timestamp,
) -> Result<Began, StoreError> {
    let template = prepared.templates.iter().find(|template| template.id == intent.template);
    let authority = prepared
        .authorities
        .iter()
        .find(|(template, _)| *template == intent.template)
        .and_then(|(_, id)| *id);
    let Some(template) = template else { return Ok(Began::NotNeeded) };
    let Some(authority) = authority else {
        return Ok(Began::NoAuthority(format!(
            "its template orders from the authority `{}`, which does not exist; correct the template, or set the authority up",
            template.authority
        )));
    };
    if work.enrollments().find_open(intent.subscriber, intent.template).await?.is_some() {
        return Ok(Began::NotNeeded);
    }
    enroll::start(work, ids, intent, template, authority, user_principal_name, now).await?;
    Ok(Began::Started)
}
