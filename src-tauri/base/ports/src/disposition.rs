//! What the scheduler does after an error.

use model::Span;

/// A boxed cause.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the scheduler does next. Decided by the error's kind in one place per door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// Try again, not before `after` when the other side named a time.
    Retry {
        /// As told by the other side.
        after: Option<Span>,
    },
    /// It may have happened: look it up before anything is sent again.
    LookUpFirst,
    /// Everything at this door is broken until a person mends it (credentials, permissions, address).
    Operator,
    /// This one request can never succeed; others may.
    Reject,
}
