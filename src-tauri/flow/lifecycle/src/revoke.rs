//! Revocation: ordered with an audit entry, carried out as a job, called done when the authority has confirmed.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{
    AuditEvent, AuditKind, AuditOutcome, AuthorityId, CertificateId, CertificateState, Clock, Ids,
    ImportOrigin, RevocationReason, Timestamp,
};
use ports::{CertificateAuthority, CertificateRef};
use store::{Job, JobKind, Store, StoreError, Work};

use crate::LifecycleError;
use crate::publish;

/// Orders the revocation of a certificate. Safe to repeat; the first reason stays.
pub async fn order_revocation(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    reason: RevocationReason,
    actor: &str,
    now: Timestamp,
) -> Result<(), LifecycleError> {
    order(work, ids, id, reason, actor, None, now).await
}

/// Orders the revocation of a certificate, with a sentence why for the audit log.
pub(crate) async fn order(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    reason: RevocationReason,
    actor: &str,
    why: Option<&str>,
    now: Timestamp,
) -> Result<(), LifecycleError> {
    let row = work
        .certificates()
        .lookup(id)
        .await?
        .ok_or_else(|| LifecycleError::NotPossible("this certificate does not exist".to_owned()))?;
    if let Some(origin) = ImportOrigin::from_name(&row.authority_name) {
        return Err(LifecycleError::NotPossible(format!(
            "this certificate was {}; have it revoked by the authority that issued it",
            origin.phrase()
        )));
    }
    if reason == RevocationReason::CertificateHold {
        return Err(LifecycleError::NotPossible(
            "a hold is no revocation, for it can be lifted: use `sealwright certificate hold`".to_owned(),
        ));
    }
    match row.certificate.state {
        CertificateState::Revoked => {
            return Err(LifecycleError::NotPossible("this certificate is revoked already".to_owned()));
        }
        CertificateState::Revoking => return Ok(()),
        CertificateState::Valid | CertificateState::Superseded | CertificateState::Held => {}
    }
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    let event = AuditEvent {
        kind: AuditKind::CertificateRevocationRequest,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("certificate {}", row.certificate.thumbprint),
        detail: format!(
            "{} ({}), serial {}{why}",
            reason.name(),
            row.certificate.mail,
            row.certificate.serial
        ),
    };
    work.audit().append(&event, now).await?;
    still(work, id, row.certificate.state).await?;
    work.certificates().mark_revoking(id, reason, now).await?;
    let job = Job {
        id: ids.next(),
        kind: JobKind::Revocation { certificate: id, reason },
        due_at: now,
        attempts: 0,
    };
    work.jobs().add(&job, &format!("revocation {id}")).await?;
    // Senders stop before the authority has answered.
    publish::reconsider(work, ids, row.certificate.subscriber, now).await?;
    Ok(())
}

/// Looks once more, after the audit log was appended to: whoever appends waits for the others who do, so that what is read
/// from here on nobody else decides about. When somebody was faster, the unit of work begins anew and finds it.
pub(crate) async fn still(
    work: &mut dyn Work,
    id: CertificateId,
    state: CertificateState,
) -> Result<(), StoreError> {
    match work.certificates().lookup(id).await? {
        Some(row) if row.certificate.state == state => Ok(()),
        Some(_) | None => Err(StoreError::Busy { source: "somebody else changed the certificate".into() }),
    }
}

/// Carries out an ordered revocation. Safe to repeat, by several at once too.
pub async fn revoke(
    store: &dyn Store,
    authorities: &BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>>,
    clock: &dyn Clock,
    id: CertificateId,
    reason: RevocationReason,
    actor: &str,
) -> Result<(), LifecycleError> {
    let found = store.read().await?.certificates().lookup(id).await?;
    let Some(row) = found else { return Ok(()) };
    let certificate = row.certificate;
    // Whatever the row says: that it is revoked is known when the authority has said so, and asking it twice does no harm.
    let authority = authorities.get(&certificate.authority).ok_or_else(|| {
        LifecycleError::NotPossible(format!(
            "the authority account `{}` is not set up on this machine",
            row.authority_name
        ))
    })?;
    let reference =
        CertificateRef { serial: certificate.serial.clone(), reference: certificate.enrollment.to_string() };
    authority.revoke(&reference, reason).await?;
    let (now, thumbprint) = (clock.now(), certificate.thumbprint.to_string());
    confirm(store, (now, now), id, reason, actor, (&thumbprint, reason.name())).await?;
    Ok(())
}

/// Writes down that the authority revoked it, at the moment that it names, and said so now; nothing if that is known.
pub(crate) async fn confirm(
    store: &dyn Store,
    (now, revoked_at): (Timestamp, Timestamp),
    id: CertificateId,
    reason: RevocationReason,
    actor: &str,
    (thumbprint, detail): (&str, &str),
) -> Result<(), StoreError> {
    let event = AuditEvent {
        kind: AuditKind::CertificateRevocationRequestProcessed,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("certificate {thumbprint}"),
        detail: detail.to_owned(),
    };
    store::in_unit!(store, work => {
        let known = work.certificates().lookup(id).await?.map(|row| row.certificate.state);
        if let Some(state) = known
            && state != CertificateState::Revoked
        {
            work.audit().append(&event, now).await?;
            still(work.as_mut(), id, state).await?;
            work.certificates().mark_revoked(id, reason, revoked_at).await?;
            work.certificates().mark_checked(&[id], now).await?;
        }
    })
}
