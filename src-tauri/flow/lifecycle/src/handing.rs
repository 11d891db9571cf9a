//! Hand-overs that a plan brings about: those that follow from its orders, those that failed before and are tried again, and
//! those that nobody but a person can bring about.

use std::collections::BTreeSet;

use model::{
    Action, CertificateState, DeliveryCause, DeliveryId, DeliveryIntent, DeliveryState, DriftFinding,
    DriftKind, DriftObject, DriftState, Enrollment, EnrollmentState, Ids, Intent, Skip, Station,
    SubscriberKind, Timestamp,
};
use store::{DriftFilter, PageRequest, PlanningRow, StoreError, Work};

use crate::drift::missed;

/// Rows of one page.
const PAGE: u32 = 500;

/// To whose devices the key of an order goes; `None` for what orders nothing. The station that hands over asks the same.
pub(crate) fn of_order(intent: &Intent, row: &PlanningRow) -> Option<DeliveryIntent> {
    let Action::Enroll { .. } = &intent.action else { return None };
    let subscriber = &row.subscriber;
    let own = (subscriber.id, subscriber.user_principal_name.as_str());
    let receivers = enroll::receivers(subscriber.kind, own, &row.holders);
    let to: Vec<String> = receivers.into_iter().map(|(_, name)| name.to_owned()).collect();
    let reason = match subscriber.kind {
        SubscriberKind::Person => "the new certificate goes to its owner's devices".to_owned(),
        SubscriberKind::SharedMailbox => {
            format!("the new key goes to everybody who may use the mailbox: {}", to.len())
        }
    };
    Some(DeliveryIntent {
        subscriber: subscriber.id,
        who: intent.who.clone(),
        template: intent.template,
        template_name: intent.template_name.clone(),
        to,
        cause: DeliveryCause::Ordered,
        reason,
    })
}

/// States of enrollments whose hand-over is tried again by itself.
pub(crate) const TRIED_AGAIN: [EnrollmentState; 2] = [EnrollmentState::Running, EnrollmentState::Waiting];

/// What is left of earlier hand-overs.
pub(crate) struct Left {
    /// Tried again by itself.
    pub(crate) retried: Vec<DeliveryIntent>,
    /// Those that need a person.
    pub(crate) stuck: Vec<Skip>,
    /// Whether all that is open was looked through.
    pub(crate) is_whole: bool,
}

/// Issued certificates whose hand-over failed, among those of so many pages of enrollments in each of these states.
pub(crate) async fn left(
    work: &mut dyn Work,
    states: &[EnrollmentState],
    pages: usize,
) -> Result<Left, StoreError> {
    let mut left = Left { retried: Vec::new(), stuck: Vec::new(), is_whole: true };
    for &state in states {
        let mut after = None;
        for _ in 0..pages {
            let page = work.enrollments().list(Some(state), &PageRequest { after, limit: PAGE }).await?;
            for enrollment in page.rows.iter().filter(|one| one.station == Station::Deliver) {
                let Some(intent) = retried(work, enrollment).await? else { continue };
                if state == EnrollmentState::Stuck {
                    let why = format!(
                        "its certificate is not handed over and needs a person: {}; mend that, then `sealwright enrollment \
                         retry {}`",
                        intent.reason, enrollment.id
                    );
                    let (subscriber, who) = (intent.subscriber, intent.who);
                    left.stuck.push(Skip { subscriber, who, template: intent.template_name, why });
                } else {
                    left.retried.push(intent);
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        left.is_whole &= after.is_none();
    }
    Ok(left)
}

/// The hand-over of an enrollment that failed at its last station; `None` for one that is only under way, or that a hold keeps.
async fn retried(work: &mut dyn Work, enrollment: &Enrollment) -> Result<Option<DeliveryIntent>, StoreError> {
    let (Some(why), Some(id)) = (&enrollment.last_error, enrollment.certificate) else { return Ok(None) };
    let Some(row) = work.certificates().lookup(id).await? else { return Ok(None) };
    if row.certificate.state == CertificateState::Held {
        return Ok(None);
    }
    let open = work.deliveries().list(id).await?.into_iter().filter(|one| one.state.is_open());
    Ok(Some(DeliveryIntent {
        subscriber: enrollment.subscriber,
        who: row.certificate.mail,
        template: enrollment.template,
        template_name: row.template_name,
        to: open.map(|one| one.user_principal_name).collect(),
        cause: DeliveryCause::Retried { enrollment: enrollment.id },
        reason: why.clone(),
    }))
}

/// Has a hand-over tried again at once, if it failed and is not done. Answers whether it is.
pub(crate) async fn retry(
    work: &mut dyn Work,
    ids: &Ids,
    intent: &DeliveryIntent,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let DeliveryCause::Retried { enrollment: id } = intent.cause else { return Ok(false) };
    let Some(enrollment) = work.enrollments().lookup(id).await? else { return Ok(false) };
    let is_open = matches!(enrollment.state, EnrollmentState::Running | EnrollmentState::Waiting);
    if !is_open || enrollment.station != Station::Deliver || retried(work, &enrollment).await?.is_none() {
        return Ok(false);
    }
    enroll::hurry(work, ids, id, now).await?;
    Ok(true)
}

/// Records that are gone at Intune: the key lies in the archive alone, so that a person has to hand it over again. At most so
/// many.
pub(crate) async fn lost(work: &mut dyn Work, most: usize, now: Timestamp) -> Result<Vec<Skip>, StoreError> {
    let mut lost = Vec::new();
    let mut told: BTreeSet<DeliveryId> = BTreeSet::new();
    let mut after = None;
    loop {
        let page = work.deliveries().list_in(DeliveryState::Missing, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for delivery in &page {
            if lost.len() >= most {
                return Ok(lost);
            }
            let Some(why) = missed(work, delivery, now).await? else { continue };
            let Some(row) = work.certificates().lookup(delivery.certificate).await? else { continue };
            told.insert(delivery.id);
            lost.push(Skip {
                subscriber: row.certificate.subscriber,
                who: delivery.user_principal_name.clone(),
                template: row.template_name,
                why,
            });
        }
    }
    let filter = DriftFilter {
        states: vec![DriftState::Open],
        kind: Some(DriftKind::Orphan),
        ..DriftFilter::default()
    };
    let mut after = None;
    loop {
        let page: Vec<DriftFinding> = work.drift().list(&filter, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(lost) };
        after = Some(last.id);
        for finding in page {
            let DriftObject::Delivery { id, user_principal_name, .. } = finding.seen.object else { continue };
            let Some(certificate) = finding.seen.certificate.filter(|_| !told.contains(&id)) else {
                continue;
            };
            if lost.len() >= most {
                return Ok(lost);
            }
            let Some(row) = work.certificates().lookup(certificate).await? else { continue };
            lost.push(Skip {
                subscriber: row.certificate.subscriber,
                who: user_principal_name,
                template: row.template_name,
                why: finding.seen.sentence,
            });
        }
    }
}
