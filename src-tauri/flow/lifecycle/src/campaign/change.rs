//! What a person does about a campaign.

use model::{
    AuditKind, AuditOutcome, Campaign, CampaignState, CertificateId, Clock, EnrollmentState, Ids, Member,
    MemberStage, Service,
};
use store::{Store, StoreError, Work};

use super::{CampaignError, event, not_possible};

/// Members that are changed in one unit of work.
const PAGE: u32 = 200;

/// Writes a campaign down. Nothing else changes.
///
/// # Errors
/// [`CampaignError::NotPossible`] when it could not be carried out as it is, or its name is taken.
pub async fn write_down(
    store: &dyn Store,
    clock: &dyn Clock,
    campaign: &Campaign,
) -> Result<(), CampaignError> {
    let name = campaign.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(model::text::is_hidden) {
        return Err(not_possible("a campaign's name has 1 to 100 characters that can be seen"));
    }
    if campaign.why.trim().is_empty() {
        return Err(not_possible("say why, with --why; it stands in every order and in the audit log"));
    }
    let terms = &campaign.terms;
    if terms.deadline <= clock.now() {
        return Err(not_possible(format!("the deadline {} has passed", terms.deadline)));
    }
    if terms.wave_size == 0 || terms.failures_percent > 100 {
        return Err(not_possible("a wave has one certificate at least, and a share is 100 percent at most"));
    }
    if terms.revoke.is_some() && terms.revocations_per_hour == 0 {
        return Err(not_possible(
            "with no revocation in an hour nothing is ever revoked; leave revoking to the authority with --keep-old",
        ));
    }
    let told = event(
        AuditKind::CampaignChanged,
        AuditOutcome::Success,
        campaign,
        &campaign.created_by,
        format!("written down, {} certificates: {}", campaign.looked_at, campaign.why),
    );
    let added = store::in_unit!(store, work => {
        work.audit().append(&told, clock.now()).await?;
        work.campaigns().add(campaign).await?;
    });
    match added {
        Err(StoreError::Conflict { .. }) => {
            Err(not_possible(format!("there is a campaign `{}` already; choose another name", campaign.name)))
        }
        added => Ok(added?),
    }
}

/// Orders and revokes nothing more until it is resumed. What is under way comes to its end.
///
/// # Errors
/// [`CampaignError::NotPossible`] when it does not run.
pub async fn pause(
    store: &dyn Store,
    clock: &dyn Clock,
    campaign: &Campaign,
    actor: &str,
) -> Result<(), CampaignError> {
    if campaign.state != CampaignState::Running {
        return Err(not_possible(format!("this campaign is {}, and does not run", campaign.state.name())));
    }
    let note = format!("paused by {actor}");
    let paused = Campaign { state: CampaignState::Paused, note: Some(note), ..campaign.clone() };
    change(store, clock, &paused, actor, "paused").await
}

/// Goes on. What failed is tried once more.
///
/// # Errors
/// [`CampaignError::NotPossible`] when it is not paused.
pub async fn resume(
    store: &dyn Store,
    clock: &dyn Clock,
    ids: &Ids,
    campaign: &Campaign,
    actor: &str,
) -> Result<(), CampaignError> {
    if !matches!(campaign.state, CampaignState::Paused | CampaignState::Running) {
        return Err(not_possible(format!("this campaign is {}, and cannot go on", campaign.state.name())));
    }
    let mut after = None;
    loop {
        let failed = store
            .read()
            .await?
            .campaigns()
            .members(campaign.id, Some(MemberStage::Failed), after, PAGE)
            .await?;
        let Some(last) = failed.last() else { break };
        after = Some(last.certificate);
        store::in_unit!(store, work => {
            for member in &failed {
                again(work.as_mut(), clock, ids, member, actor).await?;
            }
        })?;
    }
    let resumed = Campaign { state: CampaignState::Running, note: None, ..campaign.clone() };
    change(store, clock, &resumed, actor, "resumed").await
}

/// Has one member tried again: its stuck enrollment goes on, or it is looked at anew.
async fn again(
    work: &mut dyn Work,
    clock: &dyn Clock,
    ids: &Ids,
    member: &Member,
    actor: &str,
) -> Result<(), StoreError> {
    let now = clock.now();
    let mut next = Member { why: None, look_at: now, ..member.clone() };
    let known = match member.enrollment {
        Some(id) => work.enrollments().lookup(id).await?,
        None => None,
    };
    let open = known.filter(|enrollment| !enrollment.state.is_final());
    if open.is_some() {
        next.stage = MemberStage::Ordered;
    } else {
        next.stage = MemberStage::Waiting;
        next.enrollment = None;
    }
    // Taken out or moved on meanwhile: nothing is tried again for it.
    if !work.campaigns().set_member(&next, MemberStage::Failed).await? {
        return Ok(());
    }
    if let Some(mut enrollment) = open
        && enrollment.state == EnrollmentState::Stuck
    {
        enroll::retry(work, ids, &mut enrollment, actor, now).await?;
    }
    Ok(())
}

/// Ends it for good: nothing more is ordered or revoked. What is under way comes to its end.
///
/// # Errors
/// [`CampaignError::NotPossible`] when it has ended.
pub async fn stop(
    store: &dyn Store,
    clock: &dyn Clock,
    campaign: &Campaign,
    actor: &str,
    reason: &str,
) -> Result<(), CampaignError> {
    if matches!(campaign.state, CampaignState::Done | CampaignState::Stopped) {
        return Err(not_possible(format!("this campaign is {} already", campaign.state.name())));
    }
    if reason.trim().is_empty() {
        return Err(not_possible("say why it is stopped; it is recorded in the audit log"));
    }
    let stopped = Campaign {
        state: CampaignState::Stopped,
        ended_at: Some(clock.now()),
        note: Some(format!("stopped by {actor}: {reason}")),
        ..campaign.clone()
    };
    change(store, clock, &stopped, actor, &format!("stopped: {reason}")).await
}

/// Takes certificates out. One whose revocation is ordered stays in; so does one that is not a member. Answers how many were
/// taken out.
///
/// # Errors
/// [`CampaignError::NotPossible`] when it has ended, or has no members yet.
pub async fn exclude(
    store: &dyn Store,
    clock: &dyn Clock,
    campaign: &Campaign,
    certificates: &[CertificateId],
    actor: &str,
    reason: &str,
) -> Result<u64, CampaignError> {
    if !matches!(campaign.state, CampaignState::Running | CampaignState::Paused) {
        return Err(not_possible(format!(
            "this campaign is {}; members are taken out while it runs or is paused",
            campaign.state.name()
        )));
    }
    if reason.trim().is_empty() {
        return Err(not_possible("say why they are taken out: it goes on record"));
    }
    let why = format!("taken out by {actor}: {reason}");
    let mut out = 0;
    for some in certificates.chunks(PAGE as usize) {
        out += store::in_unit!(store, work => {
            let mut taken: u64 = 0;
            for id in some {
                let Some(member) = work.campaigns().member(campaign.id, *id).await? else { continue };
                if matches!(member.stage, MemberStage::Revoking) || member.stage.is_final() {
                    continue;
                }
                let next = Member { stage: MemberStage::Excluded, why: Some(why.clone()), ..member.clone() };
                taken += u64::from(work.campaigns().set_member(&next, member.stage).await?);
            }
            if taken > 0 {
                let detail = format!("{taken} taken out: {reason}");
                let told = event(AuditKind::CampaignChanged, AuditOutcome::Success, campaign, actor, detail);
                work.audit().append(&told, clock.now()).await?;
            }
            taken
        })?;
    }
    Ok(out)
}

/// Stores a new state with an entry in the audit log, and has the duty look at once.
async fn change(
    store: &dyn Store,
    clock: &dyn Clock,
    campaign: &Campaign,
    actor: &str,
    detail: &str,
) -> Result<(), CampaignError> {
    let told = event(AuditKind::CampaignChanged, AuditOutcome::Success, campaign, actor, detail.to_owned());
    let stored: Result<(), StoreError> = store::in_unit!(store, work => {
        let now = clock.now();
        work.audit().append(&told, now).await?;
        work.campaigns().set(campaign).await?;
        work.services().ensure(Service::Campaigns, now).await?;
        work.services().wake(Service::Campaigns, now).await?;
    });
    match stored {
        Err(StoreError::Stale { .. }) => Err(not_possible(
            "somebody else, or the service, changed this campaign at the same moment; look at it and try again",
        )),
        stored => Ok(stored?),
    }
}
