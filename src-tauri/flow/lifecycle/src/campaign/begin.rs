//! How a campaign begins: what is selected becomes members, in waves, and the duty is told.

use model::{
    AuditKind, AuditOutcome, Campaign, CampaignState, CertificateId, Clock, Member, MemberStage, Service,
    Span, SubscriberId,
};
use store::{Store, StoreError};

use super::select::{Walk, owners, way_of};
use super::way::{Affected, Recipes, Way};
use super::{CampaignError, event, not_possible};
use crate::apply::Consent;
use crate::limits::Limits;

/// Members that are added in one unit of work.
const ADDED: usize = 500;

/// Whether one person may have so many certificates replaced: as many as the plan may in a day, with those of campaigns that
/// began in the last 24 hours.
///
/// # Errors
/// When the database cannot be read.
pub async fn may_begin_alone(
    store: &dyn Store,
    limits: &Limits,
    members: u64,
    clock: &dyn Clock,
) -> Result<bool, StoreError> {
    let now = clock.now();
    let mut work = store.read().await?;
    let valid = work.certificates().counts(now).await?.valid;
    // What was begun in the last day counts: a large campaign does not become small by being cut up.
    let lately = |one: &&Campaign| one.started_at.is_some_and(|at| at > now - Span::days(1));
    let begun: u64 = work.campaigns().list().await?.iter().filter(lately).map(|one| one.looked_at).sum();
    let members = members.saturating_add(begun);
    Ok(members <= limits.replacements.allowed(valid).min(limits.revocations.allowed(valid)))
}

/// A certificate, and what keeps it from being replaced.
struct Found {
    certificate: CertificateId,
    subscriber: SubscriberId,
    why: Option<String>,
}

/// Begins a campaign that is written down. When it is interrupted, beginning again goes on where it was.
///
/// # Errors
/// [`CampaignError::NeedsSecond`] when it is more than the limits allow and nobody else agreed.
pub async fn begin(
    store: &dyn Store,
    clock: &dyn Clock,
    campaign: &Campaign,
    actor: &str,
    consent: Consent<'_>,
) -> Result<Campaign, CampaignError> {
    if campaign.state != CampaignState::Draft {
        return Err(not_possible(format!("this campaign is {}; only a draft begins", campaign.state.name())));
    }
    if campaign.terms.deadline <= clock.now() {
        return Err(not_possible("its deadline has passed; write down another one"));
    }
    let found = select(store, clock, campaign).await?;
    let selected = found.len() as u64;
    if selected == 0 {
        return Err(not_possible("nothing is selected; `sealwright campaign preview` says why"));
    }
    if selected > campaign.looked_at {
        return Err(not_possible(format!(
            "{selected} certificates are selected now, and it was {} when it was written down; look at a new one",
            campaign.looked_at
        )));
    }
    let approvers: &[String] = match consent {
        Consent::Of(approvers) => approvers,
        Consent::Within(limits) => {
            if !may_begin_alone(store, limits, selected, clock).await? {
                return Err(CampaignError::NeedsSecond(format!(
                    "{selected} certificates are more than one person may have replaced by [limits]; a second person looks \
                     at it with `sealwright campaign preview` and agrees with `sealwright campaign approve`"
                )));
            }
            &[]
        }
    };
    let waves = add(store, clock, campaign, &found).await?;
    let mut begun = Campaign {
        state: CampaignState::Running,
        started_at: Some(clock.now()),
        started_by: Some(actor.to_owned()),
        wave: 1,
        waves,
        wave_at: Some(clock.now()),
        ..campaign.clone()
    };
    let mut detail = format!("{selected} certificates until {}: {}", begun.terms.deadline, begun.why);
    if !approvers.is_empty() {
        detail.push_str(&format!("; approved by {}", approvers.join(", ")));
    }
    let told = event(AuditKind::CampaignStarted, AuditOutcome::Success, campaign, actor, detail);
    store::in_unit!(store, work => {
        let now = clock.now();
        work.audit().append(&told, now).await?;
        work.campaigns().set(&begun).await?;
        work.services().ensure(Service::Campaigns, now).await?;
        work.services().wake(Service::Campaigns, now).await?;
    })?;
    begun.version += 1;
    Ok(begun)
}

/// Everything that is selected, with what keeps it from being replaced.
async fn select(
    store: &dyn Store,
    clock: &dyn Clock,
    campaign: &Campaign,
) -> Result<Vec<Found>, CampaignError> {
    let now = clock.now();
    let mut work = store.read().await?;
    let work = work.as_mut();
    let recipes = Recipes::load(work, campaign.terms.to_template).await?;
    let mut walk = Walk::new(&campaign.selection, now);
    let mut found = Vec::new();
    while let Some(rows) = walk.next(work).await? {
        let owners = owners(work, &rows).await?;
        for row in &rows {
            let affected = Affected::Chosen(walk.chosen());
            let why = match way_of(work, affected, &recipes, &owners, row, now).await? {
                Way::Cannot(why) => Some(why),
                Way::Order(..) | Way::Adopt(_) | Way::Wait(_) => None,
            };
            let (certificate, subscriber) = (row.certificate.id, row.certificate.subscriber);
            found.push(Found { certificate, subscriber, why });
        }
    }
    Ok(found)
}

/// Adds the members that are not there yet; answers how many waves there are.
async fn add(
    store: &dyn Store,
    clock: &dyn Clock,
    campaign: &Campaign,
    found: &[Found],
) -> Result<u32, CampaignError> {
    let now = clock.now();
    let size = campaign.terms.wave_size.max(1);
    let mut placed: u32 = 0;
    let mut members = Vec::with_capacity(found.len());
    for one in found {
        let mut member = Member::new(campaign.id, one.certificate, one.subscriber, now);
        if let Some(why) = &one.why {
            member.stage = MemberStage::Failed;
            member.why = Some(why.clone());
        } else {
            member.wave = placed / size + 1;
            placed += 1;
        }
        members.push(member);
    }
    for some in members.chunks(ADDED) {
        store::in_unit!(store, work => { work.campaigns().add_members(some).await?; })?;
    }
    Ok(placed.div_ceil(size))
}
