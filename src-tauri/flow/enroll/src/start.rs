//! Begins enrollments, and begins stuck ones anew.

use model::{
    Action, AuditEvent, AuditKind, AuditOutcome, AuthorityId, Enrollment, EnrollmentId, EnrollmentState, Ids,
    Intent, JournalEntry, JournalEvent, Station, Template, Timestamp,
};
use store::{Job, JobKind, PageRequest, Store, StoreError, Work};

/// Begins the enrollment that an intent wants: the record, its journal, and the job that moves it on.
///
/// # Errors
/// [`StoreError::Conflict`] when one is open for the same subscriber and template; [`StoreError::Corrupt`] for an intent that
/// orders no certificate.
pub async fn start(
    work: &mut dyn Work,
    ids: &Ids,
    intent: &Intent,
    template: &Template,
    authority: AuthorityId,
    user_principal_name: &str,
    now: Timestamp,
) -> Result<EnrollmentId, StoreError> {
    let Action::Enroll { names, profile, replaces, .. } = &intent.action else {
        return Err(StoreError::Corrupt { what: "intent", detail: "it orders no certificate".to_owned() });
    };
    let id: EnrollmentId = ids.next();
    let enrollment = Enrollment {
        id,
        subscriber: intent.subscriber,
        user_principal_name: user_principal_name.to_owned(),
        template: template.id,
        authority,
        names: names.clone(),
        profile: *profile,
        key: template.key,
        archive: template.archive,
        validity_days: template.validity_days,
        replaces: *replaces,
        reason: intent.reason.clone(),
        station: Station::Keygen,
        state: EnrollmentState::Running,
        ticket: None,
        certificate: None,
        attempts: 0,
        last_error: None,
        created_at: now,
        updated_at: now,
    };
    work.enrollments().add(&enrollment).await?;
    queue(work, ids, id, now).await?;
    Ok(id)
}

/// Lets a stuck enrollment be tried again at its present station: a person has decided.
///
/// # Errors
/// [`StoreError::Stale`] when somebody else has decided meanwhile.
pub async fn retry(
    work: &mut dyn Work,
    ids: &Ids,
    enrollment: &mut Enrollment,
    actor: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = AuditEvent {
        kind: AuditKind::EnrollmentStarted,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: format!("enrollment {}", enrollment.id),
        detail: format!("tried again at {}", enrollment.station.name()),
    };
    // Whoever appends to the log waits for the others who do: what is read from here on, nobody else decides about.
    work.audit().append(&event, now).await?;
    let present = work.enrollments().lookup(enrollment.id).await?;
    if present.is_none_or(|present| present.state != EnrollmentState::Stuck) {
        return Err(StoreError::Stale { what: "the enrollment" });
    }
    enrollment.state = EnrollmentState::Running;
    enrollment.attempts = 0;
    enrollment.updated_at = now;
    work.enrollments().set_progress(enrollment).await?;
    let entry = JournalEntry {
        enrollment: enrollment.id,
        station: enrollment.station,
        event: JournalEvent::Started,
        detail: Some(format!("tried again by {actor}")),
        at: now,
    };
    work.enrollments().add_journal(&entry).await?;
    hurry(work, ids, enrollment.id, now).await
}

/// Makes an open enrollment due at once, whatever it waits for.
///
/// # Errors
/// The database's.
pub async fn hurry(
    work: &mut dyn Work,
    ids: &Ids,
    id: EnrollmentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Waking comes first, since it holds a job that a worker is about to take off the queue.
    if work.jobs().wake(&key(id), now).await? { Ok(()) } else { queue(work, ids, id, now).await }
}

/// Queues a job for every open enrollment that has none. Every daemon does this once at its start: whatever came between
/// an enrollment and its job, the enrollment goes on. An enrollment that ends meanwhile gets a job that finds nothing to do.
pub async fn requeue(store: &dyn Store, ids: &Ids, now: Timestamp) -> Result<(), StoreError> {
    for state in [EnrollmentState::Running, EnrollmentState::Waiting] {
        let mut after = None;
        loop {
            let request = PageRequest { after, limit: 200 };
            let mut work = store.read().await?;
            let mut page = work.enrollments().list(Some(state), &request).await?;
            let keys: Vec<String> = page.rows.iter().map(|enrollment| key(enrollment.id)).collect();
            // Nearly always nothing is missing, and then nothing is written.
            let missing = work.jobs().unqueued(&keys).await?;
            drop(work);
            page.rows.retain(|enrollment| missing.contains(&key(enrollment.id)));
            if !page.rows.is_empty() {
                queue_all(store, ids, &page.rows, now).await?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// How often one page is queued while connections break.
const ATTEMPTS: u32 = 6;

/// Queues a job for each of them. Done again when the connection breaks while they are being saved: a job that is queued
/// already is not queued a second time.
async fn queue_all(
    store: &dyn Store,
    ids: &Ids,
    enrollments: &[Enrollment],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let queued = store::in_unit!(store, work => {
            for enrollment in enrollments {
                queue(work.as_mut(), ids, enrollment.id, now).await?;
            }
        });
        match queued {
            Err(StoreError::OutcomeUnknown { .. }) if attempt < ATTEMPTS => store.pause(attempt).await,
            told => return told,
        }
    }
}

/// Makes waiting enrollments due at once: what they waited for may have come.
pub async fn wake_waiting(work: &mut dyn Work, now: Timestamp) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let page = work
            .enrollments()
            .list(Some(EnrollmentState::Waiting), &PageRequest { after, limit: 500 })
            .await?;
        for enrollment in &page.rows {
            work.jobs().wake(&key(enrollment.id), now).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// The key under which an enrollment's job is unique.
pub(crate) fn key(id: EnrollmentId) -> String {
    format!("enrollment {id}")
}

pub(crate) async fn queue(
    work: &mut dyn Work,
    ids: &Ids,
    id: EnrollmentId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let job = Job { id: ids.next(), kind: JobKind::Enrollment { enrollment: id }, due_at: now, attempts: 0 };
    work.jobs().add(&job, &key(id)).await
}
