//! One deed at a time with an officer's key: begun, looked at, ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api::{BeginOfficerDeed, DeedLine, ErrorCode, OfficerKey, WireError};
use kra::Address;
use tokio::task::{AbortHandle, JoinSet};

use super::{ml_kem, officer, perform, sign_log};
use crate::compose::Program;

/// The deed that is under way, or how the last one ended.
#[derive(Default)]
pub(super) struct Deeds {
    current: Mutex<Current>,
    /// Goes away with the room; what was begun then ends where it waits.
    work: Mutex<JoinSet<()>>,
}

struct Current {
    /// Counts deeds, so that one that was cancelled says nothing about the next.
    number: u64,
    line: DeedLine,
    /// What waits for a sign-in to a vault, where nothing is tried that would have to be on record.
    sign_in: Option<AbortHandle>,
    /// Whether every password has been tried, so that waiting alone is cut short.
    waits_only: bool,
}

impl Default for Current {
    fn default() -> Self {
        Self { number: 0, line: none(), sign_in: None, waits_only: false }
    }
}

impl Deeds {
    /// How far it is.
    pub(super) fn line(&self) -> DeedLine {
        self.lock().line.clone()
    }

    /// Stops what waits for the officer, and forgets what has ended. What has begun to use the key goes on to its end: it is on
    /// record. A key that is just being opened is opened for nothing, so that a wrong password is on record whoever gave it up.
    pub(super) fn end(&self) -> DeedLine {
        let mut current = self.lock();
        if !is_at_work(&current.line.state) {
            current.number += 1;
            current.line = none();
            if let Some(sign_in) = current.sign_in.take()
                && std::mem::take(&mut current.waits_only)
            {
                sign_in.abort();
            }
        }
        current.line.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a deed says of itself while it is done.
pub(super) struct Report {
    deeds: Arc<Deeds>,
    number: u64,
}

impl Report {
    /// Says how far it is. `false` when it was cancelled: then nothing more is to be done.
    pub(super) fn tell(&self, change: impl FnOnce(&mut DeedLine)) -> bool {
        let mut current = self.deeds.lock();
        let is_current = current.number == self.number;
        if is_current {
            change(&mut current.line);
        }
        is_current
    }
}

impl Report {
    /// Says that nothing but waiting can be cut short now. `false` when it was cancelled.
    fn waits(&self) -> bool {
        let mut current = self.deeds.lock();
        let is_current = current.number == self.number;
        current.waits_only |= is_current;
        is_current
    }
}

fn none() -> DeedLine {
    DeedLine { state: "none".to_owned(), ..DeedLine::default() }
}

/// Whether the key is being used, so that a stop would leave half of it done.
fn is_at_work(state: &str) -> bool {
    matches!(state, "working" | "pinPad")
}

/// Begins a deed.
pub(super) fn begin(
    deeds: &Arc<Deeds>,
    program: &Arc<Program>,
    request: BeginOfficerDeed,
) -> Result<DeedLine, WireError> {
    let address = officer::address(program, &request.key.address)?;
    let ml_kem_file = request.key.ml_kem.as_ref().map(ml_kem::file).transpose()?;
    let mut current = deeds.lock();
    let state = current.line.state.as_str();
    if is_at_work(state) || matches!(state, "unlocking" | "signIn") {
        return Err(WireError::new(
            ErrorCode::NotPossible,
            "something is being done with an officer's key already",
            "wait until it has ended, or cancel it",
        ));
    }
    current.number += 1;
    current.waits_only = false;
    current.line = DeedLine { state: "unlocking".to_owned(), deed: Some(request.deed.clone()), ..none() };
    let begun = current.line.clone();
    let report = Arc::new(Report { deeds: Arc::clone(deeds), number: current.number });
    let program = Arc::clone(program);
    let mut work = deeds.work.lock().unwrap_or_else(PoisonError::into_inner);
    while work.try_join_next().is_some() {}
    let signs_in = matches!(address, Address::KeyVault(_));
    let task = work.spawn(async move {
        let BeginOfficerDeed { deed, key: OfficerKey { secret, ml_kem, .. } } = request;
        let unlocked = async {
            ml_kem::must_suffice(&program, &deed, ml_kem.is_some()).await?;
            let ml_kem = match ml_kem_file.zip(ml_kem) {
                Some((file, named)) => Some(ml_kem::open(&program, file, &named, &report).await?),
                None => None,
            };
            // Every password was tried, and a wrong one is on record; what is left for a vault is waiting for a sign-in.
            if signs_in && !report.waits() {
                return Ok(None);
            }
            officer::unlock(&program, &address, secret, ml_kem, &report).await.map(Some)
        };
        let ended = match unlocked.await {
            Ok(None) => return,
            Ok(Some(key)) => {
                let goes_on = report.tell(|line| {
                    line.key = Some(key.whose);
                    line.sign_in = None;
                    key.state.clone_into(&mut line.state);
                });
                if !goes_on {
                    return;
                }
                perform::perform(&program, &deed, key.key.as_ref(), &report).await
            }
            Err(error) => Err(error),
        };
        let unsigned = sign_log(&program).await;
        report.tell(|line| {
            line.sign_in = None;
            line.warning = line.warning.take().or(unsigned);
            match ended {
                Ok(()) => "done".clone_into(&mut line.state),
                Err(error) => {
                    "failed".clone_into(&mut line.state);
                    line.error = Some(error);
                }
            }
        });
    });
    current.sign_in = signs_in.then_some(task);
    Ok(begun)
}
