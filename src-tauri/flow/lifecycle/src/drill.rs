//! Calls fire drills: draws the sample that officers prove to be recoverable. Nothing is opened here, and nobody but the
//! schedule decides what is tried.

use model::{
    AuditEvent, AuditKind, AuditOutcome, CalledDrill, Clock, DrillKey, DrillStep, Entropy, Span, Thumbprint,
    draw_sample, drill_step,
};
use store::{DutyClaim, Store, StoreError};

/// How drills are called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DrillSchedule {
    /// How often; `None` for never.
    pub every: Option<Span>,
    /// How many keys are tried, if there are so many.
    pub sample: u32,
    /// How long officers have.
    pub time: Span,
}

/// Calls a drill when one is due; what there is to say about it, in one sentence. Due times are by the database's clock, which
/// all daemons share.
///
/// # Errors
/// [`StoreError::Stale`] when the claim was lost; otherwise what the database says.
pub async fn call_drill(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    schedule: DrillSchedule,
    actor: &str,
    claim: &DutyClaim,
) -> Result<String, StoreError> {
    let mut work = store.read().await?;
    let now = work.jobs().now().await?;
    let archived = work.archive().count().await?;
    let called = work.services().called_drill().await?;
    drop(work);
    let step = drill_step(called.as_ref(), schedule.every, archived, now);
    let open = |called: &CalledDrill| {
        let late = if called.is_overdue(now) { "overdue since" } else { "to be held until" };
        format!("called on {}, {late} {}: {}", called.at, called.until, called.summary())
    };
    Ok(match (step, &called) {
        (DrillStep::Unwanted, _) => "no fire drills are wanted".to_owned(),
        (DrillStep::NothingArchived, _) => "nothing is archived, so there is nothing to try".to_owned(),
        (DrillStep::Open, Some(called)) => open(called),
        (DrillStep::NotDue, Some(called)) => format!("complete: {}", called.summary()),
        (DrillStep::Redate, _) => {
            store::in_unit!(store, work => {
                claim.hold(work.as_mut()).await?;
                if let Some(mut called) = work.services().hold_called_drill().await? {
                    (called.at, called.until) = (now, now + schedule.time);
                    work.services().set_called_drill(&called).await?;
                }
            })?;
            "the last one was dated ahead by a clock that was wrong, and is dated anew".to_owned()
        }
        (DrillStep::Call | DrillStep::Open | DrillStep::NotDue, _) => {
            let keys = draw(store, entropy, schedule.sample).await?;
            let mut drill =
                CalledDrill { at: now, until: now + schedule.time, seq: 0, officers: Vec::new(), keys };
            let event = AuditEvent {
                kind: AuditKind::KeyRecoveryDrillCalled,
                outcome: AuditOutcome::Success,
                actor: actor.to_owned(),
                object: "archive".to_owned(),
                detail: format!(
                    "sample of {} out of {archived}; to be held until {}: {}",
                    drill.keys.len(),
                    drill.until,
                    drill.sample_named()
                ),
            };
            drill.seq = store::in_unit!(store, work => {
                claim.hold(work.as_mut()).await?;
                let before = work.services().hold_called_drill().await?;
                // Whoever had the claim before may have called it in the meantime.
                if before.as_ref().map(|before| before.seq) != called.as_ref().map(|called| called.seq) {
                    Err(StoreError::Stale { what: "the called fire drill" })?;
                }
                let seq = work.audit().append(&event, clock.now()).await?;
                work.services().set_called_drill(&CalledDrill { seq, ..drill.clone() }).await?;
                seq
            })?;
            open(&drill)
        }
    })
}

/// Keys of certificates, drawn at random out of all that are archived.
async fn draw(store: &dyn Store, entropy: &dyn Entropy, sample: u32) -> Result<Vec<DrillKey>, StoreError> {
    let mut work = store.read().await?;
    let drawn = draw_sample(work.archive().certificates().await?, u64::from(sample), entropy);
    let mut keys = Vec::with_capacity(drawn.len());
    for id in drawn {
        // What is archived has a certificate; where somebody took it out, the key stays in the sample and fails by its id.
        let found = work.certificates().lookup(id).await?.map(|row| row.certificate);
        keys.push(found.map_or_else(
            || DrillKey::drawn(id, Thumbprint::new([0; 20]), &format!("certificate {id}, which is missing")),
            |found| DrillKey::drawn(id, found.thumbprint, &found.mail),
        ));
    }
    Ok(keys)
}
