//! One verification at a time, in the background: its progress can be asked for, and it can be stopped.
#![expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::AuditVerification;
use evidence::{EvidenceError, Stage, Watch};
use model::Timestamp;

use super::proof::{self, Examined};
use crate::compose::Program;
use crate::works::chain;

/// The verification that runs, or ran last.
#[derive(Default)]
pub(super) struct Verification {
    run: Arc<Mutex<Option<Run>>>,
}

struct Run {
    since: Timestamp,
    watch: Arc<Watch>,
    /// What it came to.
    ended: Option<AuditVerification>,
}

impl Verification {
    /// Begins, unless one runs.
    pub(super) fn begin(&self, program: &Arc<Program>) -> AuditVerification {
        let mut state = lock(&self.run);
        if let Some(run) = state.as_ref().filter(|run| run.ended.is_none()) {
            return run.told();
        }
        let run = Run { since: program.clock.now(), watch: Arc::default(), ended: None };
        let told = run.told();
        let watch = Arc::clone(&run.watch);
        *state = Some(run);
        drop(state);
        let (program, state) = (Arc::clone(program), Arc::clone(&self.run));
        in_background(async move {
            let found = examine(&program, &watch).await;
            let ended_at = program.clock.now().to_string();
            if let Some(run) = lock(&state).as_mut() {
                run.ended = Some(AuditVerification { ended_at: Some(ended_at), ..run.with(found) });
            }
        });
        told
    }

    pub(super) fn stop(&self) -> Option<AuditVerification> {
        let state = lock(&self.run);
        let run = state.as_ref().filter(|run| run.ended.is_none())?;
        run.watch.stop();
        Some(run.told())
    }

    pub(super) fn told(&self) -> Option<AuditVerification> {
        lock(&self.run).as_ref().map(Run::told)
    }
}

impl Drop for Verification {
    /// Nobody can ask for it any more.
    fn drop(&mut self) {
        self.stop();
    }
}

impl Run {
    fn told(&self) -> AuditVerification {
        self.ended.clone().unwrap_or_else(|| {
            self.with(AuditVerification { state: "running".to_owned(), ..AuditVerification::default() })
        })
    }

    /// With how far it is.
    fn with(&self, found: AuditVerification) -> AuditVerification {
        let progress = self.watch.progress();
        let stage = match progress.stage {
            Stage::Chain => "chain",
            Stage::Heads => "heads",
        };
        AuditVerification {
            stage: stage.to_owned(),
            done: progress.done,
            of: progress.of,
            since: self.since.to_string(),
            ..found
        }
    }
}

fn lock(run: &Mutex<Option<Run>>) -> MutexGuard<'_, Option<Run>> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "it only reads, and may end with the program at any place")]
fn in_background(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

/// What `audit verify` does.
async fn examine(program: &Program, watch: &Watch) -> AuditVerification {
    let intact = AuditVerification { state: "intact".to_owned(), ..AuditVerification::default() };
    let found = proof::examine(program, Vec::new(), watch).await.map(|examined| match examined {
        Examined::Heads(report) => AuditVerification {
            entries: report.entries,
            vouched: report.vouched,
            heads: Some(clamp(report.heads)),
            disregarded: clamp(report.disregarded),
            disregarded_why: report.disregarded_why,
            ..intact
        },
        Examined::Chain(entries) => AuditVerification { entries, ..intact },
    });
    found.unwrap_or_else(|error| match error {
        EvidenceError::Broken { seq, why } => {
            tracing::error!(entry = seq, %why, "the audit log is not as it was written");
            AuditVerification {
                state: "broken".to_owned(),
                seq: Some(seq),
                why: Some(why),
                ..AuditVerification::default()
            }
        }
        EvidenceError::Stopped => {
            AuditVerification { state: "stopped".to_owned(), ..AuditVerification::default() }
        }
        other => {
            tracing::warn!(error = %chain(&other), "the audit log could not be verified");
            AuditVerification {
                state: "failed".to_owned(),
                why: Some(chain(&other)),
                ..AuditVerification::default()
            }
        }
    })
}

fn clamp(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
