//! The program as a host of the api's commands: for the window, the bridge, and the command line.

use std::sync::Arc;

use api::{Facts, Host};
use model::{Clock, Ids};
use store::Store;

/// Serves commands from one composed program.
#[derive(Clone)]
pub struct ProgramHost {
    /// The database.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Ids,
    /// Who is asking.
    pub actor: String,
    /// For the About page.
    pub facts: Facts,
    /// Wakes the worker of this process.
    pub waker: jobs::Waker,
}

impl Host for ProgramHost {
    fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }
    fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }
    fn ids(&self) -> &Ids {
        &self.ids
    }
    fn actor(&self) -> String {
        self.actor.clone()
    }
    fn facts(&self) -> Facts {
        self.facts.clone()
    }
    fn work_queued(&self) {
        self.waker.wake();
    }
}
