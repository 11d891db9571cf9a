//! Moves one enrollment through its stations until it is done, must wait, or needs a person.

use model::text::fitted;
use model::{
    AuditEvent, AuditKind, AuditOutcome, Enrollment, EnrollmentId, EnrollmentState, JournalEntry,
    JournalEvent, Span, Station,
};
use store::{Lease, StoreError, Work};

use crate::{Acted, Bench, ENROLL, Step, StepError, forget_key};

/// How often a broken door is tried.
const OPERATOR_INTERVAL: Span = Span::minutes(10);

/// Where the enrollment stands after a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Nothing more to do, ever.
    Finished,
    /// Nothing more to do until a person decides.
    NeedsPerson,
    /// Again, not before this span.
    Again {
        /// Span.
        after: Option<Span>,
        /// Whether the run failed (counts for back-off).
        failed: bool,
    },
    /// Somebody else holds the claim; nothing was stored.
    LeaseLost,
}

/// Runs the enrollment as far as it goes. `lease` fences: nothing is stored once it is lost.
///
/// # Errors
/// When the database fails; the job is then tried again.
pub async fn advance(bench: &Bench, id: EnrollmentId, lease: &Lease) -> Result<Progress, StoreError> {
    let Some(mut enrollment) = bench.store.read().await?.enrollments().lookup(id).await? else {
        return Ok(Progress::Finished);
    };
    if enrollment.state.is_final() {
        if enrollment.state == EnrollmentState::Rejected {
            // A person gave it up whose login may not remove keys in flight.
            forget_key(bench.store.as_ref(), id).await?;
        }
        return Ok(Progress::Finished);
    }
    if enrollment.state == EnrollmentState::Stuck {
        return Ok(Progress::NeedsPerson);
    }
    // The first station of a run may have been begun by a run that died; later ones are begun by this run itself.
    let mut resumed = has_begun(bench, &enrollment).await?;
    if !claim_holds(bench, &enrollment, lease, resumed).await? {
        return Ok(Progress::LeaseLost);
    }
    loop {
        let step = step_at(enrollment.station);
        let name = enrollment.station.name();
        let acted = match bench.reach(&format!("{name}.before")) {
            Ok(()) => step.act(&enrollment, bench, resumed).await,
            Err(error) => Err(error),
        };
        let outcome = match acted {
            Ok(acted) => settle(bench, step, acted, &mut enrollment, lease).await?,
            Err(StepError::Store(error)) => return Err(error),
            Err(error) => store_failure(bench, &mut enrollment, lease, error).await?,
        };
        if let Err(error) = bench.reach(&format!("{name}.after")) {
            return Ok(if outcome.is_some() { Progress::Finished } else { again(&error) });
        }
        match outcome {
            Some(progress) => return Ok(progress),
            None => resumed = false,
        }
    }
}

fn again(error: &StepError) -> Progress {
    tracing::debug!(%error, "interrupted between stations");
    Progress::Again { after: None, failed: true }
}

fn step_at(station: Station) -> &'static dyn Step {
    match station {
        Station::Keygen => ENROLL[0],
        Station::Request => ENROLL[1],
        Station::Archive => ENROLL[2],
        Station::Deliver => ENROLL[3],
    }
}

async fn has_begun(bench: &Bench, enrollment: &Enrollment) -> Result<bool, StoreError> {
    let journal = bench.store.read().await?.enrollments().journal(enrollment.id).await?;
    Ok(journal
        .iter()
        .any(|entry| entry.station == enrollment.station && entry.event == JournalEvent::Started))
}

fn entry(
    enrollment: &Enrollment,
    event: JournalEvent,
    detail: Option<String>,
    bench: &Bench,
) -> JournalEntry {
    JournalEntry {
        enrollment: enrollment.id,
        station: enrollment.station,
        event,
        detail,
        at: bench.clock.now(),
    }
}

/// Before anything is done outside: whether the claim still holds. Jobs are claimed ahead; one may have waited here until
/// its claim ran out, and somebody else may be at work on it. Notes the start of a run that is not resumed.
async fn claim_holds(
    bench: &Bench,
    enrollment: &Enrollment,
    lease: &Lease,
    resumed: bool,
) -> Result<bool, StoreError> {
    store::in_unit!(bench.store, work => {
        let holds = work.jobs().extend(lease, bench.lease).await?;
        if holds && !resumed {
            work.enrollments().add_journal(&entry(enrollment, JournalEvent::Started, None, bench)).await?;
        }
        holds
    })
}

/// Stores what a station did and moves on. `None`: the next station may run at once.
///
/// When it is unknown whether that was stored, the job is tried again: the run after this reads where the enrollment
/// stands, and looks before it does anything outside.
async fn settle(
    bench: &Bench,
    step: &dyn Step,
    acted: Acted,
    enrollment: &mut Enrollment,
    lease: &Lease,
) -> Result<Option<Progress>, StoreError> {
    let stored = store::in_unit!(bench.store, work => {
        if work.jobs().extend(lease, bench.lease).await? {
            let mut moved = enrollment.clone();
            let progress = keep(bench, step, acted.clone(), &mut moved, work.as_mut()).await?;
            Some((moved, progress))
        } else {
            None
        }
    })?;
    let Some((moved, progress)) = stored else { return Ok(Some(Progress::LeaseLost)) };
    *enrollment = moved;
    Ok(progress)
}

async fn keep(
    bench: &Bench,
    step: &dyn Step,
    acted: Acted,
    enrollment: &mut Enrollment,
    work: &mut dyn Work,
) -> Result<Option<Progress>, StoreError> {
    enrollment.updated_at = bench.clock.now();
    enrollment.attempts = 0;
    enrollment.last_error = None;
    if let Acted::Pending { ticket, ask_again } = acted {
        enrollment.state = EnrollmentState::Waiting;
        enrollment.ticket = Some(ticket);
        work.enrollments().add_journal(&entry(enrollment, JournalEvent::Waiting, None, bench)).await?;
        work.enrollments().set_progress(enrollment).await?;
        return Ok(Some(Progress::Again { after: Some(ask_again), failed: false }));
    }
    step.keep(acted, enrollment, bench, work).await?;
    work.enrollments().add_journal(&entry(enrollment, JournalEvent::Succeeded, None, bench)).await?;
    enrollment.state = EnrollmentState::Running;
    let Some(next) = enrollment.station.next() else {
        enrollment.state = EnrollmentState::Done;
        work.enrollments().set_progress(enrollment).await?;
        return Ok(Some(Progress::Finished));
    };
    enrollment.station = next;
    work.enrollments().add_journal(&entry(enrollment, JournalEvent::Started, None, bench)).await?;
    work.enrollments().set_progress(enrollment).await?;
    Ok(None)
}

async fn store_failure(
    bench: &Bench,
    enrollment: &mut Enrollment,
    lease: &Lease,
    error: StepError,
) -> Result<Option<Progress>, StoreError> {
    let text = error.to_string();
    let (event, state, progress) = match error {
        StepError::Retry { after, .. } => {
            (JournalEvent::Failed, EnrollmentState::Running, Progress::Again { after, failed: true })
        }
        StepError::Operator { .. } => (
            JournalEvent::Failed,
            EnrollmentState::Waiting,
            Progress::Again { after: Some(OPERATOR_INTERVAL), failed: true },
        ),
        StepError::Stuck { .. } => (JournalEvent::Stuck, EnrollmentState::Stuck, Progress::NeedsPerson),
        StepError::Rejected { .. } => (JournalEvent::Rejected, EnrollmentState::Rejected, Progress::Finished),
        StepError::Store(error) => return Err(error),
    };
    tracing::warn!(enrollment = %enrollment.id, station = enrollment.station.name(), error = %text, "a station failed");
    let mut failed = enrollment.clone();
    failed.state = state;
    failed.attempts += 1;
    failed.last_error = Some(text.clone());
    failed.updated_at = bench.clock.now();
    let holds = store::in_unit!(bench.store, work => {
        let holds = work.jobs().extend(lease, bench.lease).await?;
        if holds {
            work.enrollments().add_journal(&entry(enrollment, event, Some(text.clone()), bench)).await?;
            work.enrollments().set_progress(&failed).await?;
            if let Some(event) = not_issued(bench, &failed, &text) {
                work.audit().append(&event, failed.updated_at).await?;
            }
            if state == EnrollmentState::Rejected {
                // Nothing was certified: the key is of no use to anybody.
                work.archive().shred_inflight(enrollment.id).await?;
            }
        }
        holds
    })?;
    *enrollment = failed;
    Ok(Some(if holds { progress } else { Progress::LeaseLost }))
}

/// Longest reason that is recorded; the journal has all of it.
const MOST_OF_REASON: usize = 500;

/// For the auditor: an authority refused, what it issued does not fit, or nobody can tell whether it issued.
fn not_issued(bench: &Bench, failed: &Enrollment, why: &str) -> Option<AuditEvent> {
    let has_ended = matches!(failed.state, EnrollmentState::Rejected | EnrollmentState::Stuck);
    (has_ended && failed.station == Station::Request).then(|| AuditEvent {
        kind: AuditKind::CertificateIssued,
        outcome: AuditOutcome::Failure,
        actor: bench.actor.clone(),
        object: format!("enrollment {}", failed.id),
        detail: fitted(why, MOST_OF_REASON),
    })
}
