//! Repairs: ordered by a plan, carried out as a job that looks once more before it acts.

use std::collections::BTreeSet;

use enroll::order_publication;
use model::{
    AuditEvent, AuditKind, AuditOutcome, Clock, DriftFinding, DriftId, DriftKind, DriftObject, DriftRepair,
    DriftState, Ids, RepairIntent, RevocationReason, Timestamp,
};
use ports::{BookError, CertificateRef, DeliveryRecord, IssuedRecord, ListedRecord};
use store::{DriftFilter, Job, JobKind, Store, StoreError, Work};

use super::Outside;
use crate::LifecycleError;
use crate::ghosts::{Ghost, Judged, banish, judge};
use crate::publish::look;
use crate::revoke::{confirm, revoke};

/// What a plan would repair now.
pub(crate) async fn due(work: &mut dyn Work) -> Result<Vec<RepairIntent>, StoreError> {
    let filter = DriftFilter { states: vec![DriftState::Open], ..DriftFilter::default() };
    let (mut wanted, mut after) = (Vec::new(), None);
    loop {
        let page = work.drift().list(&filter, after, super::PAGE).await?;
        let Some(last) = page.last() else { return Ok(wanted) };
        after = Some(last.id);
        wanted.extend(page.iter().filter_map(RepairIntent::of));
    }
}

/// What a plan would repair now.
///
/// # Errors
/// When the database cannot be read.
pub async fn repairs(store: &dyn Store) -> Result<Vec<RepairIntent>, StoreError> {
    due(store.read().await?.as_mut()).await
}

/// Queues those that are still wanted, in the words of now; the rest has moved on.
pub(crate) async fn order(
    work: &mut dyn Work,
    ids: &Ids,
    wanted: &[RepairIntent],
    now: Timestamp,
) -> Result<Vec<RepairIntent>, StoreError> {
    let mut ordered = Vec::new();
    let mut before: BTreeSet<DriftId> = BTreeSet::new();
    for intent in wanted {
        let finding = work.drift().lookup(intent.finding).await?;
        let fresh = finding.as_ref().and_then(RepairIntent::of).filter(|fresh| fresh.is_same(intent));
        let Some(fresh) = fresh.filter(|fresh| before.insert(fresh.finding)) else { continue };
        // By the clock of readings: what was read before does not show the repair.
        let at = work.jobs().now().await?;
        work.drift().mark_ordered(fresh.finding, at).await?;
        let kind = JobKind::Repair { finding: fresh.finding };
        let job = Job { id: ids.next(), kind, due_at: now, attempts: 0 };
        work.jobs().add(&job, &format!("repair {}", fresh.finding)).await?;
        ordered.push(fresh);
    }
    Ok(ordered)
}

/// Carries out a repair, unless the world has moved meanwhile. Safe to repeat. That it helped is told by the next comparison.
///
/// # Errors
/// What a door says; the job comes again.
pub async fn repair(
    store: &dyn Store,
    outside: Outside<'_>,
    clock: &dyn Clock,
    ids: &Ids,
    actor: &str,
    id: DriftId,
) -> Result<(), LifecycleError> {
    let Some(finding) = store.read().await?.drift().lookup(id).await? else { return Ok(()) };
    if finding.state != DriftState::Open {
        return Ok(());
    }
    let done = match finding.seen.kind.repair() {
        None => return Ok(()),
        Some(DriftRepair::WithdrawRecord) => withdraw(store, outside, clock, actor, &finding).await?,
        Some(DriftRepair::MarkRevoked) => mark_revoked(store, outside, clock, actor, &finding).await?,
        Some(DriftRepair::RevokeAgain) => revoke_again(store, outside, clock, actor, &finding).await?,
        Some(DriftRepair::PublishAgain) => publish_again(store, outside, clock, ids, &finding).await?,
    };
    let event = event(&finding, actor, done);
    store::in_unit!(store, work => { work.audit().append(&event, clock.now()).await?; })?;
    Ok(())
}

fn event(finding: &DriftFinding, actor: &str, done: &str) -> AuditEvent {
    AuditEvent {
        kind: AuditKind::DriftRepaired,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("difference {}", finding.id),
        detail: format!("{} ({}): {done}", finding.seen.object, finding.seen.kind.name()),
    }
}

const NO_ACCOUNT: &str =
    "the authority's account cannot be used on this machine; do it on one where it can, or at the authority";
const NOT_NEEDED: &str = "nothing was to be done any more";

async fn withdraw(
    store: &dyn Store,
    outside: Outside<'_>,
    clock: &dyn Clock,
    actor: &str,
    finding: &DriftFinding,
) -> Result<&'static str, LifecycleError> {
    let door = outside
        .delivery
        .ok_or_else(|| LifecycleError::NotPossible("Intune is not configured on this machine".to_owned()))?;
    let DriftObject::Record { id, thumbprint, user_principal_name } = &finding.seen.object else {
        return Ok(NOT_NEEDED);
    };
    let record = DeliveryRecord {
        id: id.clone(),
        thumbprint: *thumbprint,
        user_principal_name: user_principal_name.clone(),
    };
    if door.find(user_principal_name, *thumbprint).await?.is_none_or(|found| found.id != *id) {
        return Ok(NOT_NEEDED);
    }
    let listed = ListedRecord { record, ours: true, intended_purpose: None };
    let mut work = store.read().await?;
    let Judged { delivery, wrong, .. } = judge(work.as_mut(), &listed, clock.now()).await?;
    drop(work);
    match wrong {
        Some((kind, why)) if kind == finding.seen.kind => {
            let ghost = Ghost { kind, record: listed.record, delivery, why };
            banish(store, door, clock, actor, &ghost).await?;
            Ok("the record was removed at Intune")
        }
        Some(_) | None => Ok(NOT_NEEDED),
    }
}

/// What the authority says now about a finding in its books.
async fn asked(
    store: &dyn Store,
    outside: Outside<'_>,
    finding: &DriftFinding,
) -> Result<Option<IssuedRecord>, LifecycleError> {
    let DriftObject::Issued { authority, serial } = &finding.seen.object else { return Ok(None) };
    let door = outside.authorities.get(authority);
    match (door, outside.status, finding.seen.certificate) {
        (Some(door), _, _) if door.capabilities().lists_issued => Ok(door.find_issued(serial).await?),
        (_, Ok(door), Some(certificate)) => super::status::asked(store, door, certificate).await,
        (_, Err(why), Some(_)) => Err(LifecycleError::NotPossible(why.to_owned())),
        (_, _, None) => Err(LifecycleError::NotPossible(NO_ACCOUNT.to_owned())),
    }
}

async fn mark_revoked(
    store: &dyn Store,
    outside: Outside<'_>,
    clock: &dyn Clock,
    actor: &str,
    finding: &DriftFinding,
) -> Result<&'static str, LifecycleError> {
    let said = asked(store, outside, finding).await?.and_then(|record| record.ended());
    let (Some((at, reason)), Some(certificate)) = (said, finding.seen.certificate) else {
        return Ok(NOT_NEEDED);
    };
    let Some(row) = store.read().await?.certificates().lookup(certificate).await? else {
        return Ok(NOT_NEEDED);
    };
    let told = format!("{}, as the authority says; it was not ordered here", reason.name());
    let thumbprint = row.certificate.thumbprint.to_string();
    confirm(store, (clock.now(), at), certificate, reason, actor, (&thumbprint, &told)).await?;
    Ok("it counts as revoked here too")
}

async fn revoke_again(
    store: &dyn Store,
    outside: Outside<'_>,
    clock: &dyn Clock,
    actor: &str,
    finding: &DriftFinding,
) -> Result<&'static str, LifecycleError> {
    let is_open = asked(store, outside, finding).await?.is_some_and(|record| record.ended().is_none());
    let Some(certificate) = finding.seen.certificate.filter(|_| is_open) else { return Ok(NOT_NEEDED) };
    let row = store.read().await?.certificates().lookup(certificate).await?;
    let Some((_, reason)) = row.and_then(|row| row.certificate.revoked) else { return Ok(NOT_NEEDED) };
    revoke(store, outside.authorities, clock, certificate, reason, actor).await?;
    Ok("the authority was asked to revoke it once more")
}

/// Hands the entry to publishing, which decides anew, keeps what others have there and is alone in writing it.
async fn publish_again(
    store: &dyn Store,
    outside: Outside<'_>,
    clock: &dyn Clock,
    ids: &Ids,
    finding: &DriftFinding,
) -> Result<&'static str, LifecycleError> {
    let book = outside.book.ok_or_else(|| {
        LifecycleError::NotPossible("nothing is published in the address list from this machine".to_owned())
    })?;
    let DriftObject::Entry { holder, thumbprint, .. } = &finding.seen.object else { return Ok(NOT_NEEDED) };
    let is_so = match book.read(*holder).await {
        Ok(entry) => {
            let looked = look(store.read().await?.as_mut(), book.name(), &entry, clock.now()).await?;
            let is_it = |kind, one| (kind, one) == (finding.seen.kind, *thumbprint);
            looked.apart.iter().any(|one| is_it(one.kind, one.thumbprint))
        }
        Err(BookError::NoMailbox { .. }) => finding.seen.kind == DriftKind::NotShown,
        Err(error) => return Err(error.into()),
    };
    if !is_so {
        return Ok(NOT_NEEDED);
    }
    store::in_unit!(store, work => {
        order_publication(work.as_mut(), ids, *holder, clock.now()).await?;
    })?;
    Ok("publishing was told to put the entry right")
}

/// Has a certificate revoked that was never ordered here, because a person says so. Nothing else ever does.
///
/// # Errors
/// [`LifecycleError::NotPossible`] for findings of another kind, and for what is revoked already.
pub async fn revoke_shadow(
    store: &dyn Store,
    outside: Outside<'_>,
    clock: &dyn Clock,
    actor: &str,
    id: DriftId,
    reason: RevocationReason,
) -> Result<(), LifecycleError> {
    let not_possible = |text: &str| LifecycleError::NotPossible(text.to_owned());
    let found = store.read().await?.drift().lookup(id).await?;
    let Some(finding) = found.filter(|one| one.seen.kind == DriftKind::ShadowIssuance) else {
        return Err(not_possible("this is no certificate that was issued without an order"));
    };
    if finding.state != DriftState::Open {
        return Err(not_possible(
            "only an open finding is acted upon: what was seen once may be on its way, and what is ignored may stay",
        ));
    }
    let record = asked(store, outside, &finding).await?.filter(|record| record.ended().is_none());
    let Some(record) = record else { return Err(not_possible("the authority has revoked it already")) };
    let DriftObject::Issued { authority, .. } = &finding.seen.object else {
        return Err(not_possible("nothing is known of its authority"));
    };
    let known = store.read().await?.certificates().find_by_serial(&record.serial).await?;
    if known.iter().any(|one| one.authority == *authority) {
        return Err(not_possible("it is known here by now; revoke it with `sealwright certificate revoke`"));
    }
    let Some(door) = outside.authorities.get(authority) else { return Err(not_possible(NO_ACCOUNT)) };
    // On record before it is asked for.
    let asks = event(&finding, actor, &format!("asks the authority to revoke it ({})", reason.name()));
    store::in_unit!(store, work => { work.audit().append(&asks, clock.now()).await?; })?;
    let reference = record.reference.unwrap_or_default();
    door.revoke(&CertificateRef { serial: record.serial, reference }, reason).await?;
    let done = event(&finding, actor, &format!("revoked at the authority ({})", reason.name()));
    store::in_unit!(store, work => { work.audit().append(&done, clock.now()).await?; })?;
    Ok(())
}
