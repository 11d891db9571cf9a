//! One turn of the duty: what came further is noted, what may be revoked is ordered, and the next are ordered.
//!
//! Every step is a unit of work under the duty's claim that reads where its members stand and moves them on together with
//! what it orders: a process that dies leaves a member where it was, with nothing ordered, or one further.

use model::{
    AuditKind, AuditOutcome, Campaign, CampaignState, CertificateState, Clock, DeliveryState,
    EnrollmentState, Ids, Intent, Member, MemberStage, RevocationReason, Span, Timestamp,
};
use store::{DutyClaim, MovedMember, Store, StoreError, Work};

use super::event;
use super::select::{owners, way_of};
use super::way::{Affected, Recipes, Way};
use crate::{LifecycleError, publish, revoke};

/// Members that one unit of work moves on.
const PAGE: u32 = 100;
/// When a member is looked at again that has to wait.
const LATER: Span = Span::minutes(5);
/// Why an old certificate is kept although its successor's enrollment is done.
const NOT_THERE: &str = "the successor is not on record as read back for everybody who is to have it, or not in the address list yet; the \
                         old certificate is kept until it is (`sealwright certificate redeliver`, `sealwright gal status`)";

/// For so long what is under way in a stopped campaign is still noted.
const AFTERMATH: Span = Span::days(14);

/// What a turn did about one campaign.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Turned {
    /// Whose.
    pub name: String,
    /// Whether it runs.
    pub is_running: bool,
    /// Successors ordered, or found under way.
    pub ordered: u64,
    /// Successors that were read back.
    pub present: u64,
    /// Revocations ordered.
    pub revoking: u64,
    /// Revocations confirmed.
    pub revoked: u64,
    /// Members that failed.
    pub failed: u64,
    /// Why it paused in this turn.
    pub paused: Option<String>,
}

/// Everything that a step takes.
struct Turn<'a> {
    store: &'a dyn Store,
    clock: &'a dyn Clock,
    ids: &'a Ids,
    actor: &'a str,
    claim: &'a DutyClaim,
}

/// Moves every campaign on as far as it goes now.
///
/// # Errors
/// The database's; what was done until then stays.
pub async fn turn(
    store: &dyn Store,
    clock: &dyn Clock,
    ids: &Ids,
    actor: &str,
    claim: &DutyClaim,
) -> Result<Vec<Turned>, StoreError> {
    let turn = Turn { store, clock, ids, actor, claim };
    let campaigns = store.read().await?.campaigns().list().await?;
    let mut told = Vec::new();
    for campaign in campaigns {
        let is_over = |at: Option<Timestamp>| at.is_none_or(|at| at + AFTERMATH < clock.now());
        match campaign.state {
            CampaignState::Running | CampaignState::Paused => told.extend(turn.of_one(campaign).await?),
            CampaignState::Stopped if !is_over(campaign.ended_at) => {
                told.extend(turn.of_one(campaign).await?);
            }
            CampaignState::Draft | CampaignState::Done | CampaignState::Stopped => {}
        }
    }
    Ok(told)
}

impl Turn<'_> {
    /// One campaign's turn; `None` where a person has paused or stopped it in between: the next turn sees what they want.
    async fn of_one(&self, campaign: Campaign) -> Result<Option<Turned>, StoreError> {
        match self.of(campaign).await {
            Ok(told) => Ok(Some(told)),
            Err(StoreError::Stale { what: HALTED }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn of(&self, mut campaign: Campaign) -> Result<Turned, StoreError> {
        let mut told = Turned { name: campaign.name.clone(), ..Turned::default() };
        for stage in [MemberStage::Ordered, MemberStage::Issued, MemberStage::Failed] {
            self.follow(&campaign, stage, &mut told).await?;
        }
        self.confirm(&campaign, &mut told).await?;
        if campaign.state != CampaignState::Running {
            return Ok(told);
        }
        told.is_running = true;
        self.revoke(&campaign, &mut told).await?;
        if campaign.terms.revoke_at_deadline && campaign.terms.deadline <= self.clock.now() {
            self.revoke_the_rest(&campaign, &mut told).await?;
            return self.end(&campaign, told).await;
        }
        loop {
            self.order(&campaign, &mut told).await?;
            match self.next_wave(&campaign).await? {
                Some(next) if next.state == CampaignState::Running => campaign = next,
                Some(paused) => {
                    told.is_running = false;
                    told.paused = paused.note;
                    return Ok(told);
                }
                None => return self.end(&campaign, told).await,
            }
        }
    }

    /// Notes how far enrollments came.
    async fn follow(
        &self,
        campaign: &Campaign,
        stage: MemberStage,
        told: &mut Turned,
    ) -> Result<(), StoreError> {
        loop {
            if self.store.read().await?.campaigns().moved(campaign.id, stage, 1).await?.is_empty() {
                return Ok(());
            }
            let (present, failed, is_full) = store::in_unit!(self.store, work => {
                self.claim.hold(work.as_mut()).await?;
                let now = self.clock.now();
                let moved = work.campaigns().moved(campaign.id, stage, PAGE).await?;
                let (mut present, mut failed) = (0_u64, 0_u64);
                for one in &moved {
                    let next = followed(campaign, one, now);
                    present += u64::from(next.present_at.is_some() && one.member.present_at.is_none());
                    failed += u64::from(next.stage == MemberStage::Failed);
                    work.campaigns().set_member(&next, stage).await?;
                }
                (present, failed, moved.len() == PAGE as usize)
            })?;
            told.present += present;
            told.failed += failed;
            if !is_full {
                return Ok(());
            }
        }
    }

    /// Notes what the authority has revoked.
    async fn confirm(&self, campaign: &Campaign, told: &mut Turned) -> Result<(), StoreError> {
        loop {
            if self.store.read().await?.campaigns().confirmed(campaign.id, 1).await?.is_empty() {
                return Ok(());
            }
            let confirmed = store::in_unit!(self.store, work => {
                self.claim.hold(work.as_mut()).await?;
                let page = work.campaigns().confirmed(campaign.id, PAGE).await?;
                for member in &page {
                    let next = Member {
                        stage: MemberStage::Revoked,
                        revoked_at: Some(self.clock.now()),
                        ..member.clone()
                    };
                    work.campaigns().set_member(&next, MemberStage::Revoking).await?;
                }
                page.len() as u64
            })?;
            told.revoked += confirmed;
            if confirmed < u64::from(PAGE) {
                return Ok(());
            }
        }
    }

    /// Orders the revocation of old certificates whose successors have settled, within the campaign's own limit.
    async fn revoke(&self, campaign: &Campaign, told: &mut Turned) -> Result<(), StoreError> {
        let Some(reason) = campaign.terms.revoke else { return Ok(()) };
        loop {
            let until = |now: Timestamp| now - campaign.terms.settle();
            let mut work = self.store.read().await?;
            let now = self.clock.now();
            if work.campaigns().present(campaign.id, until(now), now, 1).await?.is_empty() {
                return Ok(());
            }
            drop(work);
            let (looked, ordered) = store::in_unit!(self.store, work => {
                self.claim.hold(work.as_mut()).await?;
                let work = work.as_mut();
                goes_on(work, campaign).await?;
                let now = self.clock.now();
                let done = work.campaigns().count_revoking_since(campaign.id, now - Span::hours(1)).await?;
                let left = u64::from(campaign.terms.revocations_per_hour).saturating_sub(done);
                let limit = u32::try_from(left).unwrap_or(PAGE).min(PAGE);
                let page = if limit == 0 {
                    Vec::new()
                } else {
                    work.campaigns().present(campaign.id, until(now), now, limit).await?
                };
                let mut ordered: u64 = 0;
                for member in &page {
                    let next = if has_taken_over(work, member, now).await? {
                        self.order_revocation(work, campaign, member, reason, now).await?
                    } else {
                        Member { why: Some(NOT_THERE.to_owned()), look_at: now + LATER, ..member.clone() }
                    };
                    ordered += u64::from(next.stage == MemberStage::Revoking);
                    moved_on(work, &next, member.stage).await?;
                }
                (page.len(), ordered)
            })?;
            told.revoking += ordered;
            if looked < PAGE as usize {
                return Ok(());
            }
        }
    }

    /// After the deadline, where that is wanted: whatever has no successor is revoked without one.
    async fn revoke_the_rest(&self, campaign: &Campaign, told: &mut Turned) -> Result<(), StoreError> {
        let reason = campaign.terms.revoke.unwrap_or(RevocationReason::Superseded);
        for stage in [
            MemberStage::Waiting,
            MemberStage::Ordered,
            MemberStage::Issued,
            MemberStage::ReadBack,
            MemberStage::Failed,
        ] {
            let mut after = None;
            loop {
                let (last, ordered) = store::in_unit!(self.store, work => {
                    self.claim.hold(work.as_mut()).await?;
                    let work = work.as_mut();
                    goes_on(work, campaign).await?;
                    let now = self.clock.now();
                    let page = work.campaigns().members(campaign.id, Some(stage), after, PAGE).await?;
                    let mut ordered: u64 = 0;
                    for member in &page {
                        let next = self.order_revocation(work, campaign, member, reason, now).await?;
                        ordered += u64::from(next.stage == MemberStage::Revoking);
                        moved_on(work, &next, stage).await?;
                    }
                    (page.last().map(|member| member.certificate), ordered)
                })?;
                told.revoking += ordered;
                if last.is_none() {
                    break;
                }
                after = last;
            }
        }
        Ok(())
    }

    /// Orders one revocation; what it says of a certificate that was revoked by somebody else is that.
    async fn order_revocation(
        &self,
        work: &mut dyn Work,
        campaign: &Campaign,
        member: &Member,
        reason: RevocationReason,
        now: Timestamp,
    ) -> Result<Member, StoreError> {
        let why = format!("campaign {}: {}", campaign.name, campaign.why);
        let ordered =
            revoke::order(work, self.ids, member.certificate, reason, self.actor, Some(&why), now).await;
        Ok(match ordered {
            Ok(()) => {
                let kept = member.why.clone().filter(|_| member.present_at.is_none());
                Member { stage: MemberStage::Revoking, revoking_at: Some(now), why: kept, ..member.clone() }
            }
            Err(LifecycleError::Store(error)) => return Err(error),
            Err(error) => match work.certificates().lookup(member.certificate).await? {
                Some(row) if row.certificate.state == CertificateState::Revoked => {
                    revoked_before(member, now)
                }
                Some(_) | None => {
                    Member { stage: MemberStage::Failed, why: Some(error.to_string()), ..member.clone() }
                }
            },
        })
    }

    /// Orders the successors of those whose wave has come.
    async fn order(&self, campaign: &Campaign, told: &mut Turned) -> Result<(), StoreError> {
        loop {
            let now = self.clock.now();
            let mut read = self.store.read().await?;
            if read.campaigns().waiting(campaign.id, campaign.wave, now, 1).await?.is_empty() {
                return Ok(());
            }
            drop(read);
            let (ordered, failed) = store::in_unit!(self.store, work => {
                self.claim.hold(work.as_mut()).await?;
                goes_on(work.as_mut(), campaign).await?;
                self.order_page(work.as_mut(), campaign, now).await?
            })?;
            told.ordered += ordered;
            told.failed += failed;
        }
    }

    async fn order_page(
        &self,
        work: &mut dyn Work,
        campaign: &Campaign,
        now: Timestamp,
    ) -> Result<(u64, u64), StoreError> {
        let page = work.campaigns().waiting(campaign.id, campaign.wave, now, PAGE).await?;
        let mut rows = Vec::with_capacity(page.len());
        for member in &page {
            rows.extend(work.certificates().lookup(member.certificate).await?);
        }
        let owners = owners(work, &rows).await?;
        // After the owners, whom a template that is being saved holds.
        let recipes = Recipes::load(work, campaign.terms.to_template).await?;
        let (mut ordered, mut failed) = (0, 0);
        for member in &page {
            let row = rows.iter().find(|row| row.certificate.id == member.certificate);
            let next = match row {
                None => cannot(member, "this certificate does not exist any more"),
                Some(row) => match row.certificate.state {
                    CertificateState::Revoked => revoked_before(member, now),
                    CertificateState::Revoking => Member {
                        stage: MemberStage::Revoking,
                        revoking_at: Some(now),
                        why: Some("its revocation was ordered before its turn".to_owned()),
                        ..member.clone()
                    },
                    CertificateState::Valid | CertificateState::Superseded | CertificateState::Held => {
                        let affected = Affected::Members(campaign.id);
                        let way = way_of(work, affected, &recipes, &owners, row, now).await?;
                        self.go(work, campaign, member, &recipes, (way, row, &owners), now).await?
                    }
                },
            };
            ordered += u64::from(next.stage == MemberStage::Ordered);
            failed += u64::from(next.stage == MemberStage::Failed);
            moved_on(work, &next, MemberStage::Waiting).await?;
        }
        Ok((ordered, failed))
    }

    /// Does what was decided about one member.
    async fn go(
        &self,
        work: &mut dyn Work,
        campaign: &Campaign,
        member: &Member,
        recipes: &Recipes,
        (way, row, owners): (
            Way,
            &store::CertificateRow,
            &std::collections::BTreeMap<model::SubscriberId, store::PlanningRow>,
        ),
        now: Timestamp,
    ) -> Result<Member, StoreError> {
        let (intent, authority) = match way {
            Way::Order(intent, authority) => (intent, authority),
            Way::Adopt(enrollment) => return Ok(ordered(member, enrollment, now)),
            Way::Wait(why) => {
                return Ok(Member { why: Some(why), look_at: now + LATER, ..member.clone() });
            }
            Way::Cannot(why) => return Ok(cannot(member, &why)),
        };
        let (Some((template, _)), Some(owner)) =
            (recipes.of(&row.certificate), owners.get(&member.subscriber))
        else {
            return Ok(cannot(member, "its owner or template is not known any more"));
        };
        let reason = format!("campaign {}: {}", campaign.name, campaign.why);
        let intent = Intent { reason, ..*intent };
        let upn = &owner.subscriber.user_principal_name;
        match enroll::start(work, self.ids, &intent, template, authority, upn, now).await {
            Ok(enrollment) => Ok(ordered(member, enrollment, now)),
            // Somebody else has started it since the look: the unit of work begins anew and finds it.
            Err(error @ StoreError::Conflict { .. }) => Err(StoreError::Busy { source: Box::new(error) }),
            Err(error) => Err(error),
        }
    }

    /// Opens the next wave when its time has come, or pauses the campaign when too much of this one failed. `None` when there
    /// is nothing to change.
    async fn next_wave(&self, campaign: &Campaign) -> Result<Option<Campaign>, StoreError> {
        let counts = self.store.read().await?.campaigns().wave_counts(campaign.id, campaign.wave).await?;
        let now = self.clock.now();
        let Some(mut next) = judged(campaign, &counts, now) else { return Ok(None) };
        let paused = next.note.clone().filter(|_| next.state == CampaignState::Paused);
        let stored: Result<(), StoreError> = store::in_unit!(self.store, work => {
            self.claim.hold(work.as_mut()).await?;
            if let Some(why) = &paused {
                let told = event(AuditKind::CampaignChanged, AuditOutcome::Failure, campaign, self.actor, why.clone());
                work.audit().append(&told, now).await?;
            }
            work.campaigns().set(&next).await?;
        });
        match stored {
            // A person was faster; the next turn sees what they want.
            Err(StoreError::Stale { what: "the campaign" }) => Ok(None),
            Err(error) => Err(error),
            Ok(()) => {
                next.version += 1;
                // A rest before the next wave has begun, and nothing is to be ordered in it.
                let is_open = next.wave > campaign.wave || next.state == CampaignState::Paused;
                Ok(is_open.then_some(next))
            }
        }
    }

    /// Calls a campaign done when nothing of it is left.
    async fn end(&self, campaign: &Campaign, mut told: Turned) -> Result<Turned, StoreError> {
        let mut read = self.store.read().await?;
        for stage in MemberStage::ALL.into_iter().filter(|stage| !stage.is_final()) {
            if read.campaigns().count_at(campaign.id, stage, 1).await? > 0 {
                return Ok(told);
            }
        }
        // What was stored since this turn read it is a person's or the next wave's.
        let Some(present) = read.campaigns().find(&campaign.name).await? else { return Ok(told) };
        drop(read);
        if present.state != CampaignState::Running {
            return Ok(told);
        }
        let now = self.clock.now();
        let done = Campaign { state: CampaignState::Done, ended_at: Some(now), ..present };
        let event = event(
            AuditKind::CampaignChanged,
            AuditOutcome::Success,
            campaign,
            self.actor,
            "done: nothing of it is left".to_owned(),
        );
        store::in_unit!(self.store, work => {
            self.claim.hold(work.as_mut()).await?;
            work.audit().append(&event, now).await?;
            work.campaigns().set(&done).await?;
        })?;
        told.is_running = false;
        Ok(told)
    }
}

/// Marks that a campaign was halted by a person while a turn was at it.
const HALTED: &str = "the campaign, which no longer runs";

/// Nothing is ordered or revoked in a campaign that somebody has paused or stopped meanwhile.
async fn goes_on(work: &mut dyn Work, campaign: &Campaign) -> Result<(), StoreError> {
    let present = work.campaigns().find(&campaign.name).await?;
    if present.is_some_and(|present| present.state == CampaignState::Running) {
        return Ok(());
    }
    Err(StoreError::Stale { what: HALTED })
}

/// Stores how far a member came; where somebody else moved it meanwhile, the unit of work begins anew with what is there.
async fn moved_on(work: &mut dyn Work, member: &Member, from: MemberStage) -> Result<(), StoreError> {
    if work.campaigns().set_member(member, from).await? {
        return Ok(());
    }
    Err(StoreError::Busy { source: "a member was taken out or moved on meanwhile".into() })
}

fn ordered(member: &Member, enrollment: model::EnrollmentId, now: Timestamp) -> Member {
    Member {
        stage: MemberStage::Ordered,
        enrollment: Some(enrollment),
        ordered_at: Some(now),
        why: None,
        ..member.clone()
    }
}

fn cannot(member: &Member, why: &str) -> Member {
    let why = format!("{why}; the old certificate is kept until the deadline");
    Member { stage: MemberStage::Failed, why: Some(why), ..member.clone() }
}

fn revoked_before(member: &Member, now: Timestamp) -> Member {
    Member {
        stage: MemberStage::Revoked,
        revoked_at: Some(now),
        why: Some("it was revoked before its turn".to_owned()),
        ..member.clone()
    }
}

/// Where a member stands whose enrollment came further.
fn followed(campaign: &Campaign, moved: &MovedMember, now: Timestamp) -> Member {
    let member = &moved.member;
    let sentence = |what: &str| {
        let why = moved.last_error.clone().unwrap_or_default();
        Some(format!(
            "{what} at {}: {why}; the old certificate is kept until the deadline",
            moved.station.name()
        ))
    };
    match moved.state {
        EnrollmentState::Done => {
            let is_left = campaign.terms.revoke.is_none();
            let stage = if is_left { MemberStage::Replaced } else { MemberStage::ReadBack };
            Member { stage, present_at: Some(now), why: None, look_at: now, ..member.clone() }
        }
        EnrollmentState::Rejected => {
            Member { stage: MemberStage::Failed, why: sentence("the order ended"), ..member.clone() }
        }
        EnrollmentState::Stuck => {
            Member { stage: MemberStage::Failed, why: sentence("the order needs a person"), ..member.clone() }
        }
        EnrollmentState::Running | EnrollmentState::Waiting => {
            Member { stage: MemberStage::Issued, ..member.clone() }
        }
    }
}

/// Whether the successor is good and with everybody who is to have it, senders included where the address book shows the old
/// one: nothing is revoked before.
async fn has_taken_over(work: &mut dyn Work, member: &Member, now: Timestamp) -> Result<bool, StoreError> {
    let Some(enrollment) = member.enrollment else { return Ok(false) };
    let successor = work.enrollments().lookup(enrollment).await?.and_then(|found| found.certificate);
    let Some(successor) = successor else { return Ok(false) };
    let good = work.certificates().lookup(successor).await?.is_some_and(|row| {
        matches!(row.certificate.state, CertificateState::Valid | CertificateState::Superseded)
    });
    let deliveries = work.deliveries().list(successor).await?;
    let somebody = deliveries.iter().any(|delivery| delivery.state == DeliveryState::Present);
    let delivered = somebody && deliveries.iter().all(|delivery| !delivery.state.is_open());
    if !good || !delivered {
        return Ok(false);
    }
    // An address list that cannot be changed holds nothing up for ever.
    let is_patient = member.present_at.is_some_and(|at| now < at + publish::LONGEST_WAIT);
    Ok(!is_patient || !publish::successor_waits(work, member.subscriber, member.certificate).await?)
}

/// What becomes of a campaign by how its present wave stands; `None` when it goes on as it is.
fn judged(campaign: &Campaign, counts: &[(MemberStage, u64)], now: Timestamp) -> Option<Campaign> {
    let of = |stages: &[MemberStage]| -> u64 {
        counts.iter().filter(|(stage, _)| stages.contains(stage)).map(|(_, count)| *count).sum()
    };
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let failed = of(&[MemberStage::Failed]);
    let open = of(&[MemberStage::Waiting, MemberStage::Ordered, MemberStage::Issued]);
    let share = u64::from(campaign.terms.failures_percent) * total;
    if failed * 100 > share {
        let note = format!(
            "{failed} of {total} in wave {} failed, more than {} percent: see why, mend it, then resume",
            campaign.wave, campaign.terms.failures_percent
        );
        return Some(Campaign { state: CampaignState::Paused, note: Some(note), ..campaign.clone() });
    }
    // A few that take their time do not hold up all others.
    if campaign.wave >= campaign.waves || (open > 0 && (open + failed) * 100 > share) {
        return None;
    }
    let settled_at = campaign.settled_at.unwrap_or(now);
    if now >= settled_at + campaign.terms.pause() {
        let (wave, wave_at) = (campaign.wave + 1, Some(now));
        return Some(Campaign { wave, wave_at, settled_at: None, ..campaign.clone() });
    }
    campaign.settled_at.is_none().then(|| Campaign { settled_at: Some(settled_at), ..campaign.clone() })
}
