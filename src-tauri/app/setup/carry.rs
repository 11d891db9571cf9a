//! Carries everything from the embedded database to a server, in the background, while the page shows how far it is.

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

impl Assistant {
    /// Starts to copy.
    #[expect(clippy::disallowed_methods, reason = "the handle is kept, and awaited when it is stopped")]
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
            && copying.state != "failed"
        {
            // Asked twice; it is under way.
            return Ok(());
        }
        let Some(program) = desk.program() else {
            return Err(not_possible("there is no embedded database to be moved"));
        };
        state.copying = Some(SetupCopying {
            since: SystemClock.now().to_string(),
            state: "running".to_owned(),
            ..SetupCopying::default()
        });
        let stop = CancellationToken::new();
        let task = tokio::spawn(own.carry(desk, program, target, stop.clone()));
        state.copy = Some((stop, task));
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
                match Program::open(self.home.clone(), self.actor.clone()).await {
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
                desk.show(&program);
                let mut state = self.state();
                if let Some(copying) = &mut state.copying {
                    copying.state = "failed".to_owned();
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
        let (from, to) = (&program.store, &target.location);
        moving::carry(&self.home, from, to, &wanted, &tell).await.map(drop)
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

    /// Stops copying and waits until everything is as before. `false` when it was too late: everything is moved.
    pub(super) async fn stop_copy(&self) -> bool {
        let running = self.state().copy.take();
        if let Some((stop, task)) = running {
            stop.cancel();
            if let Err(error) = task.await {
                tracing::error!(%error, "copying ended badly");
            }
        }
        self.state().copying.as_ref().is_none_or(|copying| copying.state != "done")
    }
}
