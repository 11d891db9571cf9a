//! How far a verification is, and the way to end it before it is done.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stage {
    /// Each entry against its hash and the entry before it.
    #[default]
    Chain,
    /// The tree over all entries against the heads that were signed.
    Heads,
}

/// Watches one verification from outside.
#[derive(Debug, Default)]
pub struct Watch {
    stage: Mutex<Stage>,
    /// Entries looked at in this stage.
    done: AtomicI64,
    /// Entries to look at in each stage.
    of: AtomicI64,
    stopped: AtomicBool,
}

/// How far it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// What is looked at.
    pub stage: Stage,
    /// Entries looked at in this stage.
    pub done: i64,
    /// Entries to look at in each stage; 0 before that is known.
    pub of: i64,
}

impl Watch {
    /// How far it is.
    pub fn progress(&self) -> Progress {
        let stage = *self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        Progress { stage, done: self.done.load(Ordering::Relaxed), of: self.of.load(Ordering::Relaxed) }
    }

    /// Ends it soon; what was looked at until then says nothing.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(crate) fn begin(&self, stage: Stage, of: i64) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = stage;
        self.of.store(of, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
    }

    pub(crate) fn reach(&self, done: i64) {
        self.done.store(done, Ordering::Relaxed);
    }
}
