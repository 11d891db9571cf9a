//! Holds: ordered with an audit entry, told to the authority as a job, lifted the same way.
//!
//! The inventory says *on hold* from the order on until the authority has confirmed that the hold is lifted: in between,
//! nothing is done with the certificate. Where an authority knows no holds, it is suspended here only, and the audit log says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{
    AuditEvent, AuditKind, AuditOutcome, AuthorityId, Certificate, CertificateId, CertificateState, Clock,
    Hold, HoldCause, HoldState, Ids, ImportOrigin, Timestamp,
};
use ports::{CertificateAuthority, CertificateRef};
use store::{Job, JobKind, Store, StoreError, Work};

use crate::revoke::still;
use crate::{LifecycleError, publish};

/// Puts a certificate on hold because somebody wants it.
///
/// # Errors
/// [`LifecycleError::NotPossible`] says why not and what to do.
pub async fn order_hold(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    actor: &str,
    now: Timestamp,
) -> Result<(), LifecycleError> {
    order(work, ids, id, HoldCause::ByHand, actor, None, now).await
}

/// Puts a certificate on hold, with a sentence why for the audit log.
pub(crate) async fn order(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    cause: HoldCause,
    actor: &str,
    why: Option<&str>,
    now: Timestamp,
) -> Result<(), LifecycleError> {
    let certificate = ours(work, id).await?;
    match certificate.state {
        CertificateState::Valid | CertificateState::Superseded => {}
        CertificateState::Held => return Err(not_possible("this certificate is on hold already")),
        CertificateState::Revoking | CertificateState::Revoked => {
            return Err(not_possible("this certificate is revoked, which is more than a hold"));
        }
    }
    if certificate.not_after <= now {
        return Err(not_possible("this certificate has ended; there is nothing to be put on hold"));
    }
    let event = requested(AuditKind::CertificateHoldRequest, &certificate, actor, why);
    work.audit().append(&event, now).await?;
    still(work, id, certificate.state).await?;
    let hold = Hold {
        certificate: id,
        subscriber: certificate.subscriber,
        cause,
        was: certificate.state,
        state: HoldState::Ordered,
        since: now,
    };
    if !work.certificates().hold(&hold).await? {
        return Err(changed().into());
    }
    publish::reconsider(work, ids, certificate.subscriber, now).await?;
    queue(work, ids, id, now).await?;
    Ok(())
}

/// Lifts a hold because somebody wants it. What the plan put on hold is the plan's to lift, for it would do so again.
///
/// # Errors
/// [`LifecycleError::NotPossible`] says why not and what to do.
pub async fn order_release(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    actor: &str,
    now: Timestamp,
) -> Result<(), LifecycleError> {
    let hold = work.certificates().lookup_hold(id).await?;
    if let Some(hold) = hold.filter(|hold| hold.cause == HoldCause::Disabled) {
        let owner = work.subscribers().lookup(hold.subscriber).await?;
        if owner.is_some_and(|owner| !owner.enabled && owner.gone_at.is_none()) {
            return Err(not_possible(
                "its owner's account is blocked in Entra, and the template puts it on hold for that: unblock the account, and the \
                 next reading of the directory lifts the hold",
            ));
        }
    }
    release(work, ids, id, actor, None, now).await
}

/// Lifts a hold, with a sentence why for the audit log. Safe to repeat.
pub(crate) async fn release(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    actor: &str,
    why: Option<&str>,
    now: Timestamp,
) -> Result<(), LifecycleError> {
    let certificate = ours(work, id).await?;
    let hold = work.certificates().lookup_hold(id).await?;
    let Some(hold) = hold.filter(|_| certificate.state == CertificateState::Held) else {
        return Err(not_possible("this certificate is not on hold"));
    };
    if hold.state == HoldState::Lifting {
        return Ok(());
    }
    let event = requested(AuditKind::CertificateReleaseRequest, &certificate, actor, why);
    work.audit().append(&event, now).await?;
    still(work, id, certificate.state).await?;
    if !work.certificates().set_hold(id, hold.state, HoldState::Lifting).await? {
        return Err(changed().into());
    }
    queue(work, ids, id, now).await?;
    Ok(())
}

/// Tells the authority what stands at the certificate: that it is on hold, or no longer. Safe to repeat, by several at once too.
///
/// # Errors
/// What was told stays so; the job comes again.
pub async fn carry_hold(
    store: &dyn Store,
    authorities: &BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>>,
    clock: &dyn Clock,
    id: CertificateId,
    actor: &str,
) -> Result<(), LifecycleError> {
    let mut work = store.read().await?;
    let (row, hold) = (work.certificates().lookup(id).await?, work.certificates().lookup_hold(id).await?);
    drop(work);
    // Revoked meanwhile, or lifted.
    let (Some(row), Some(hold)) = (row, hold) else { return Ok(()) };
    let certificate = row.certificate;
    let authority = authorities.get(&certificate.authority).ok_or_else(|| {
        LifecycleError::NotPossible(format!(
            "the authority account `{}` is not set up on this machine",
            row.authority_name
        ))
    })?;
    let reference =
        CertificateRef { serial: certificate.serial.clone(), reference: certificate.enrollment.to_string() };
    let knows_holds = authority.capabilities().hold;
    let told = |kind, detail: String| AuditEvent {
        kind,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("certificate {}", certificate.thumbprint),
        detail: format!("{} ({}): {detail}", certificate.mail, certificate.serial),
    };
    match hold.state {
        HoldState::AtAuthority | HoldState::HereOnly => Ok(()),
        HoldState::Ordered => {
            let (state, detail) = if knows_holds {
                authority.hold(&reference).await?;
                (HoldState::AtAuthority, format!("certificateHold at {}", row.authority_name))
            } else {
                let detail = format!(
                    "suspended here only: {} knows no holds, and whoever relies on the certificate does not notice",
                    row.authority_name
                );
                (HoldState::HereOnly, detail)
            };
            let event = told(AuditKind::CertificateHoldRequestProcessed, detail);
            store::in_unit!(store, work => {
                if work.certificates().set_hold(id, HoldState::Ordered, state).await? {
                    work.audit().append(&event, clock.now()).await?;
                }
            })?;
            Ok(())
        }
        HoldState::Lifting => {
            if knows_holds {
                authority.release(&reference).await?;
            }
            let event = told(AuditKind::CertificateReleaseRequestProcessed, "no longer on hold".to_owned());
            store::in_unit!(store, work => {
                if work.certificates().lift(id).await? {
                    work.audit().append(&event, clock.now()).await?;
                }
            })?;
            Ok(())
        }
    }
}

/// A certificate that an authority of ours issued.
async fn ours(work: &mut dyn Work, id: CertificateId) -> Result<Certificate, LifecycleError> {
    let row = work.certificates().lookup(id).await?;
    let row = row.ok_or_else(|| not_possible("this certificate does not exist"))?;
    match ImportOrigin::from_name(&row.authority_name) {
        None => Ok(row.certificate),
        Some(origin) => Err(LifecycleError::NotPossible(format!(
            "this certificate was {}; have it put on hold by the authority that issued it",
            origin.phrase()
        ))),
    }
}

fn requested(kind: AuditKind, certificate: &Certificate, actor: &str, why: Option<&str>) -> AuditEvent {
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    AuditEvent {
        kind,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("certificate {}", certificate.thumbprint),
        detail: format!("{}, serial {}{why}", certificate.mail, certificate.serial),
    }
}

/// One job for both ways: it reads what is to be told. One that is being carried out may have read already, and is done once
/// more.
async fn queue(work: &mut dyn Work, ids: &Ids, id: CertificateId, now: Timestamp) -> Result<(), StoreError> {
    let key = format!("hold {id}");
    if work.jobs().wake(&key, now).await? {
        return Ok(());
    }
    let job = Job { id: ids.next(), kind: JobKind::Hold { certificate: id }, due_at: now, attempts: 0 };
    work.jobs().add(&job, &key).await
}

fn not_possible(text: &str) -> LifecycleError {
    LifecycleError::NotPossible(text.to_owned())
}

/// The unit of work begins anew and finds how it stands.
fn changed() -> StoreError {
    StoreError::Busy { source: "somebody else changed the hold".into() }
}
