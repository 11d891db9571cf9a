//! Why the store did not do what was asked.

/// A store failure. `is_passing` says whether the whole unit of work may simply be tried again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Locked, deadlocked or unreachable for the moment.
    #[error("the database is busy or unreachable")]
    Busy {
        /// The driver's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A unique value exists already.
    #[error("{what} exists already")]
    Conflict {
        /// What kind of thing, e.g. "an open enrollment for this subscriber and template".
        what: String,
    },
    /// The row was changed by somebody else since it was read.
    #[error("{what} was changed in the meantime; read it again")]
    Stale {
        /// What kind of thing.
        what: &'static str,
    },
    /// A row does not hold what the program needs: a newer program wrote it, or the database was damaged.
    #[error("the database holds a {what} that cannot be read: {detail}")]
    Corrupt {
        /// What kind of thing.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The schema and the program do not belong together.
    #[error("{0}")]
    Schema(String),
    /// The disk is full or the file cannot be written.
    #[error("the database cannot be written: {detail}")]
    Unwritable {
        /// What the driver said.
        detail: String,
    },
    /// The login of this installation has no right to do this.
    #[error("the database login has no right to {doing}: {detail}")]
    Denied {
        /// What was being done.
        doing: &'static str,
        /// What the server said.
        detail: String,
    },
    /// The connection broke while the unit of work was being committed: it may have been kept or not. Never tried again
    /// blindly; read what is there.
    #[error(
        "the connection to the database broke while saving; what was saved must be looked at before it is done again"
    )]
    OutcomeUnknown {
        /// The driver's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Whoever asked for it wants it no longer; nothing was kept.
    #[error("it was stopped before it was done; nothing was kept")]
    Stopped,
    /// Anything else the driver reports.
    #[error("the database failed while {doing}")]
    Driver {
        /// What was being done.
        doing: &'static str,
        /// The driver's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether trying the whole unit of work again is the right answer.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }
}
