//! Ends stuck enrollments that nobody wants to go on with: the one way out besides trying again.

use model::{
    AuditEvent, AuditKind, AuditOutcome, CertificateId, Enrollment, EnrollmentId, EnrollmentState, Ids,
    JournalEntry, JournalEvent, Timestamp,
};
use store::{Store, StoreError, Work, in_unit};

use crate::start::{key, queue};

/// Why an enrollment was not given up.
#[derive(Debug, thiserror::Error)]
pub enum GiveUpError {
    /// There is none with this id.
    #[error("there is no enrollment {0}")]
    Unknown(EnrollmentId),
    /// It goes on by itself, or has ended.
    #[error("this enrollment does not wait for a person")]
    NotStuck,
    /// Its certificate exists, so that the saga only goes forward.
    #[error(
        "the authority has issued the certificate of this enrollment, so that it can only go forward: what hinders it has \
         to be mended"
    )]
    Issued {
        /// The certificate.
        certificate: CertificateId,
    },
    /// Nobody says why.
    #[error("giving up an enrollment needs a reason; it is recorded in the audit log")]
    NoReason,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ends a stuck enrollment for good: nothing is ordered for it any more. Who and why is on record. Its key, if one was made,
/// is of no use to anybody: [`forget_key`] removes it, and whoever may not leaves that to the job that is queued here.
///
/// # Errors
/// [`GiveUpError::Issued`] once there is a certificate, whatever hinders its delivery.
pub async fn give_up(
    work: &mut dyn Work,
    ids: &Ids,
    id: EnrollmentId,
    reason: &str,
    actor: &str,
    now: Timestamp,
) -> Result<Enrollment, GiveUpError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(GiveUpError::NoReason);
    }
    let event = AuditEvent {
        kind: AuditKind::EnrollmentGivenUp,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("enrollment {id}"),
        detail: format!("reason: {reason}"),
    };
    // As when it is tried again: what is read behind this, nobody else decides about.
    work.audit().append(&event, now).await?;
    let mut enrollment = work.enrollments().lookup(id).await?.ok_or(GiveUpError::Unknown(id))?;
    if let Some(certificate) = enrollment.certificate.filter(|_| !enrollment.state.is_final()) {
        return Err(GiveUpError::Issued { certificate });
    }
    if enrollment.state != EnrollmentState::Stuck {
        return Err(GiveUpError::NotStuck);
    }
    let told = format!("given up by {actor}: {reason}");
    let entry = JournalEntry {
        enrollment: id,
        station: enrollment.station,
        event: JournalEvent::Rejected,
        detail: Some(told.clone()),
        at: now,
    };
    work.enrollments().add_journal(&entry).await?;
    enrollment.state = EnrollmentState::Rejected;
    enrollment.last_error = Some(told);
    enrollment.updated_at = now;
    work.enrollments().set_progress(&enrollment).await?;
    if !work.jobs().wake(&key(id), now).await? {
        queue(work, ids, id, now).await?;
    }
    Ok(enrollment)
}

/// Removes the in-flight key of an enrollment that ended without a certificate. Does nothing when there is none.
///
/// # Errors
/// [`StoreError::Denied`] for a login that does not do a daemon's work.
pub async fn forget_key(store: &dyn Store, id: EnrollmentId) -> Result<(), StoreError> {
    // Nearly always it is gone already, and then nothing is written.
    if store.read().await?.archive().inflight(id).await?.is_none() {
        return Ok(());
    }
    in_unit!(store, work => { work.archive().shred_inflight(id).await?; })
}
