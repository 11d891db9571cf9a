//! Errors as they cross to the console: a closed code, a sentence, a hint.

use serde::{Deserialize, Serialize};
use store::StoreError;
use ts_rs::TS;

/// What the console may branch on. It never looks at texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ErrorCode {
    /// The request does not make sense.
    Invalid,
    /// What was asked for does not exist (any more).
    NotFound,
    /// The state of things does not allow it.
    NotPossible,
    /// The database is busy; the same request may succeed in a moment.
    Busy,
    /// The database failed.
    Database,
    /// There is no such command; console and program do not belong together.
    UnknownCommand,
}

/// An error with what to do about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
#[serde(rename_all = "camelCase")]
pub struct WireError {
    /// To branch on.
    pub code: ErrorCode,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Finds the matching log lines.
    pub trace_id: String,
}

impl WireError {
    /// An error with a hint; the trace id is filled in by [`crate::dispatch`].
    pub fn new(code: ErrorCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: Some(hint.into()), trace_id: String::new() }
    }

    /// Something does not exist.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            ErrorCode::NotFound,
            format!("this {what} does not exist"),
            "refresh the list; it may have been removed",
        )
    }
}

impl From<StoreError> for WireError {
    fn from(error: StoreError) -> Self {
        let code = if error.is_passing() { ErrorCode::Busy } else { ErrorCode::Database };
        let hint = if error.is_passing() {
            "try again in a moment"
        } else {
            "run `sealwright doctor` on this machine; it examines the database"
        };
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            message = format!("{message}: {inner}");
            cause = inner.source();
        }
        Self::new(code, message, hint)
    }
}
