//! Carries everything from the embedded database to a server, in the background, while the page shows how far it is.
//!
//! ```text
//!   running ─► checking ─► done     the server is in use
//!      │           ├─────► held     everything is on the server, but the home does not say so yet
//!      └───────────┴─────► failed   the embedded database is in use as before
//! ```

use std::sync::{Arc, PoisonError};

use api::{SetupCopying, WireError};
use model::{Clock as _, SystemClock};
use store_sql::CopyStep;
use tokio_util::sync::CancellationToken;

use super::assistant::{Assistant, Purpose, Stage};
use super::desk::Desk;
use super::not_possible;
use super::target::Target;
use crate::compose::{ComposeError, Program};
use crate::moving;
use crate::works::chain;

/// A copy under way, or one that has ended. Whoever asks may stop it or wait for its end, also several at once, and may
/// give up waiting.
#[derive(Clone)]
pub(super) struct Carrying {
    stop: CancellationToken,
    ended: CancellationToken,
}

/// What is left of a copy that was to be stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Left {
    /// There is none; the embedded database is in use.
    Nothing,
    /// Everything is on the server, which is in use.
    Moved,
    /// The move is not over.
    Held,
}

impl Assistant {
    /// Starts to copy.
    #[expect(clippy::disallowed_methods, reason = "its end is kept, and awaited when it is stopped")]
    pub(super) fn start_copy(&self) -> Result<(), WireError> {
        let (Some(own), Some(desk)) = (self.own.upgrade(), self.desk.upgrade()) else {
            return Err(not_possible("the program is ending"));
        };
        let mut state = self.state();
        let target = match &state.target {
            Some(target) if state.purpose == Purpose::Move && target.is_server() => Arc::clone(target),
            _ => return Err(not_possible("test the connection to the server first")),
        };
        if let Some(copying) = &state.copying
            && !matches!(copying.state.as_str(), "failed" | "held")
        {
            // Asked twice; it is under way.
            return Ok(());
        }
        let Some(program) = desk.program() else {
            return Err(not_possible("there is no embedded database to be moved"));
        };
        // What was copied before it was held stays copied.
        let held = state.copying.take().filter(|copying| copying.state == "held");
        state.copying = Some(SetupCopying {
            since: SystemClock.now().to_string(),
            state: "running".to_owned(),
            failure: None,
            ..held.unwrap_or_default()
        });
        let copy = Carrying { stop: CancellationToken::new(), ended: CancellationToken::new() };
        state.copy = Some(copy.clone());
        tokio::spawn(async move {
            // Told however it ends.
            let _ended = copy.ended.drop_guard();
            own.carry(desk, program, target, copy.stop).await;
        });
        Ok(())
    }

    async fn carry(
        self: Arc<Self>,
        desk: Arc<Desk>,
        program: Arc<Program>,
        target: Arc<Target>,
        stop: CancellationToken,
    ) {
        // What the worker writes would wait for the whole copy, and what it holds in memory is not in the database.
        desk.rest().await;
        match self.carry_over(&program, &target, &stop).await {
            Ok(()) => {
                // The console is never without a database, not even until somebody presses the last button.
                match Program::open(self.home.clone(), self.actor()).await {
                    Ok(moved) => desk.show(&Arc::new(moved)),
                    Err(error) => {
                        tracing::error!(error = %chain(&error), "the moved database could not be opened yet");
                    }
                }
                let mut state = self.state();
                state.stage = Stage::Ready;
                if let Some(copying) = &mut state.copying {
                    copying.state = "done".to_owned();
                    copying.rows = copying.of;
                }
            }
            Err(error) => {
                tracing::warn!(error = %chain(&error), "the move to a server failed");
                // Where the file cannot even be looked at, nobody works on it either.
                let is_before = moving::is_shut(&self.home).await.is_ok_and(|is_shut| !is_shut);
                if is_before {
                    desk.show(&program);
                }
                let mut state = self.state();
                if let Some(copying) = &mut state.copying {
                    copying.state = if is_before { "failed" } else { "held" }.to_owned();
                    copying.failure = Some(chain(&error));
                }
            }
        }
    }

    async fn carry_over(
        &self,
        program: &Program,
        target: &Target,
        stop: &CancellationToken,
    ) -> Result<(), ComposeError> {
        let wanted = target.settings(&self.home)?;
        target.keep_password(&self.home).await?;
        let tell = |step: CopyStep| {
            self.note(step);
            !stop.is_cancelled()
        };
        moving::carry(program, &target.location, &wanted, &tell).await.map(drop)
    }

    fn note(&self, step: CopyStep) {
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(copying) = &mut state.copying {
            copying.table = step.table.to_owned();
            copying.rows = number(step.rows);
            copying.of = number(step.of);
            copying.state = if step.comparing { "checking" } else { "running" }.to_owned();
        }
    }

    /// Asks a copy to stop, without waiting for it.
    pub(super) fn ask_to_stop(&self) {
        if let Some(copy) = &self.state().copy {
            copy.stop.cancel();
        }
    }

    /// Stops copying and waits for its end.
    pub(super) async fn stop_copy(&self) -> Left {
        let running = self.state().copy.clone();
        if let Some(copy) = running {
            copy.stop.cancel();
            copy.ended.cancelled().await;
        }
        match self.state().copying.as_ref().map(|copying| copying.state.as_str()) {
            None | Some("failed") => Left::Nothing,
            Some("done") => Left::Moved,
            // Also when it ended without a word.
            Some(_) => Left::Held,
        }
    }
}
