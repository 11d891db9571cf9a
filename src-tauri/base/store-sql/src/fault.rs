//! What went wrong on a database server, sorted by what to do about it.

use std::error::Error;

use store::StoreError;

/// Kind of a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FaultKind {
    /// Deadlock, lock wait, fail-over, overload: the whole unit again.
    Busy,
    /// A unique value exists; the statement alone failed.
    Unique,
    /// The login has no right to it.
    Denied,
    /// The connection is gone.
    Lost,
    /// A value does not fit its column.
    TooLong,
    /// No room, or the server takes no writes.
    Full,
    /// Anything else.
    Other,
}

/// A failure of a statement on a server.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) source: Box<dyn Error + Send + Sync>,
}

impl Fault {
    pub(crate) fn new(kind: FaultKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind, source: source.into() }
    }

    /// Whether the statement alone failed and the transaction around it goes on.
    pub(crate) const fn is_harmless(&self) -> bool {
        matches!(self.kind, FaultKind::Unique | FaultKind::Denied)
    }

    /// For a statement that was `doing` something.
    pub(crate) fn told(self, doing: &'static str) -> StoreError {
        let detail = self.source.to_string();
        match self.kind {
            FaultKind::Busy | FaultKind::Lost => StoreError::Busy { source: self.source },
            FaultKind::Unique => StoreError::Conflict { what: doing.to_owned() },
            FaultKind::Denied => StoreError::Denied { doing, detail },
            FaultKind::TooLong => StoreError::Unwritable {
                detail: format!("a value is longer than the database allows ({detail}); shorten it"),
            },
            FaultKind::Full => StoreError::Unwritable { detail },
            FaultKind::Other => StoreError::Driver { doing, source: self.source },
        }
    }

    /// For a row that was to be inserted.
    pub(crate) fn inserting(self, what: &'static str) -> StoreError {
        match self.kind {
            FaultKind::Unique => StoreError::Conflict { what: what.to_owned() },
            FaultKind::Busy
            | FaultKind::Denied
            | FaultKind::Lost
            | FaultKind::TooLong
            | FaultKind::Full
            | FaultKind::Other => self.told("adding a row"),
        }
    }

    /// For a commit: a connection that broke says nothing about whether the unit was kept.
    pub(crate) fn committing(self) -> StoreError {
        match self.kind {
            FaultKind::Lost => StoreError::OutcomeUnknown { source: self.source },
            FaultKind::Busy
            | FaultKind::Unique
            | FaultKind::Denied
            | FaultKind::TooLong
            | FaultKind::Full
            | FaultKind::Other => self.told("saving"),
        }
    }
}
