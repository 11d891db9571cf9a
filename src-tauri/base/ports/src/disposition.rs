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

/// An error with all its causes in one line; what a cause only repeats is left out.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
