//! Takes back what Intune holds for people who may no longer use a mailbox.
//!
//! Ordered together with the new key, and once more with the revocation of the old certificate. Who may use the mailbox is
//! asked when it is done: whoever came back in between keeps the record. What lies on devices stays there.

use model::{
    Action, CertificateId, Clock, Delivery, DeliveryState, EndingCause, Ids, Intent, MailboxHolder,
    SubscriberKind, Timestamp,
};
use ports::{DeliveryDoor, DeliveryRecord};
use store::{Job, JobKind, PlanningRow, Store, StoreError, Work};

use crate::LifecycleError;
use crate::limits::{holders_confirmed_at, losses_are_sure};
use crate::removal::{Removal, remove};

/// Queues it.
pub(crate) async fn order(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let job = Job { id: ids.next(), kind: JobKind::Withdrawal { certificate: id }, due_at: now, attempts: 0 };
    work.jobs().add(&job, &format!("withdrawal {id}")).await?;
    Ok(())
}

/// Of which certificate records are taken back when an intent is carried out: of the one that is revoked because somebody may
/// no longer use the mailbox, or is replaced where that has been read twice.
pub(crate) async fn follows(
    work: &mut dyn Work,
    row: &PlanningRow,
    intent: &Intent,
    now: Timestamp,
) -> Result<Option<CertificateId>, StoreError> {
    let replaced = match intent.action {
        Action::Revoke { certificate, cause: EndingCause::HolderLeft, .. } => return Ok(Some(certificate)),
        Action::Enroll { replaces: Some(replaced), .. } => replaced,
        Action::Enroll { replaces: None, .. }
        | Action::Revoke { .. }
        | Action::Hold { .. }
        | Action::Release { .. } => return Ok(None),
    };
    let Some(confirmed_at) = holders_confirmed_at(work, &row.subscriber, now).await? else {
        return Ok(None);
    };
    let is_confirmed = row.endings.iter().any(|ending| {
        ending.certificate == replaced
            && ending.cause == EndingCause::HolderLeft
            && ending.since < confirmed_at
    });
    Ok(is_confirmed.then_some(replaced))
}

/// Of all hand-overs of a certificate those to somebody who is not among the mailbox's people.
pub(crate) fn lost<'a>(
    deliveries: &'a [Delivery],
    holders: &'a [MailboxHolder],
) -> impl Iterator<Item = &'a Delivery> {
    deliveries.iter().filter(|one| {
        one.state != DeliveryState::Withdrawn && !holders.iter().any(|holder| holder.person == one.person)
    })
}

/// Withdraws the records of those who are not among the mailbox's people. Safe to repeat. Returns how many.
///
/// # Errors
/// What was withdrawn until then stays so.
pub async fn withdraw(
    store: &dyn Store,
    delivery: &dyn DeliveryDoor,
    clock: &dyn Clock,
    id: CertificateId,
    actor: &str,
) -> Result<u32, LifecycleError> {
    let mut work = store.read().await?;
    let Some(row) = work.certificates().lookup(id).await? else { return Ok(0) };
    let mailbox = row.certificate.subscriber;
    let Some(subscriber) = work.subscribers().lookup(mailbox).await? else { return Ok(0) };
    if subscriber.kind != SubscriberKind::SharedMailbox {
        return Ok(0);
    }
    if !losses_are_sure(work.as_mut(), &subscriber, clock.now()).await? {
        let why = format!(
            "who may use {} is in doubt, so nobody's record is taken back; it is tried again",
            row.certificate.mail
        );
        return Err(LifecycleError::NotPossible(why));
    }
    let holders = work.subscribers().holders(mailbox).await?;
    let deliveries = work.deliveries().list(id).await?;
    drop(work);
    let mut withdrawn = 0;
    for one in lost(&deliveries, &holders) {
        let found = delivery.find(&one.user_principal_name, one.thumbprint).await?;
        let known = one.record.clone().map(|id| DeliveryRecord {
            id,
            thumbprint: one.thumbprint,
            user_principal_name: one.user_principal_name.clone(),
        });
        // A person who was renamed has the record under another name; by its id it is found all the same.
        let record = found.or(known);
        let done = if record.is_some() { "was withdrawn from Intune" } else { "is not at Intune" };
        let detail = format!(
            "the record for {} {done}: may no longer use {}",
            one.user_principal_name, row.certificate.mail
        );
        let removal = Removal {
            record: record.as_ref(),
            delivery: Some((one, DeliveryState::Withdrawn)),
            thumbprint: row.certificate.thumbprint,
            detail,
        };
        remove(store, delivery, clock, actor, removal).await?;
        withdrawn += 1;
    }
    Ok(withdrawn)
}
