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
    /// Somebody else changed it since it was read; [`WireError::changed`] says who and when, where that is known.
    Stale,
    /// The database login of this installation has no right to do this.
    Forbidden,
    /// The connection broke while saving: it may have been saved or not. Look before doing it again.
    OutcomeUnknown,
    /// The database belongs to another version of the program.
    Schema,
    /// This home holds no Sealwright yet; only the assistant's commands are answered.
    NotSetUp,
    /// The database failed.
    Database,
    /// There is no such command; console and program do not belong together.
    UnknownCommand,
}

/// What an error is about, where the console has words of its own for it: its message was written for a terminal and names
/// commands, or tells a fingerprint that nobody shall go by because it stood on the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Matter {
    /// The signed set of recovery agents is not one that this installation goes by.
    SetUntrusted,
    /// No version of a signed set is in force, and one has to be.
    SetMissing,
    /// The certificate of an officer of the set in force has ended.
    OfficerEnded,
    /// Fewer officers have agreed than have to.
    ApprovalsMissing,
    /// Nothing in an officer's certificate tells who that is, on a machine without a network.
    OfficerNameless,
    /// The officer has agreed already.
    OfficerAgreed,
    /// A key in a Windows certificate store wants a PIN or a confirmation that nobody was asked for.
    PinUnasked,
    /// What is asked for takes the officer's ML-KEM key too, and none was named.
    MlKemMissing,
    /// The password of the file with the ML-KEM key is wrong.
    MlKemLocked,
    /// The file that was named holds no ML-KEM key, or cannot be read.
    MlKemUnfit,
    /// It is not the ML-KEM key of the officer whose own key it was named with.
    MlKemForeign,
    /// The file that was chosen for a set holds no public half of an ML-KEM key.
    MlKemNotPublic,
}

/// Who changed something, and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The version that is there now.
    pub version: u32,
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub by: String,
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
    /// What it is about, where the console says that in words of its own.
    #[serde(default)]
    pub about: Option<Matter>,
    /// Who was faster, with [`ErrorCode::Stale`].
    #[serde(default)]
    pub changed: Option<Box<Changed>>,
    /// Finds the matching log lines.
    pub trace_id: String,
}

impl WireError {
    /// An error with a hint; the trace id is filled in by [`crate::dispatch`].
    pub fn new(code: ErrorCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: Some(hint.into()),
            about: None,
            changed: None,
            trace_id: String::new(),
        }
    }

    /// The same, about something for which the console has words of its own.
    #[must_use]
    pub fn about(self, about: Option<Matter>) -> Self {
        Self { about, ..self }
    }

    /// Somebody was faster; the page shows what they did beside what was typed.
    pub fn stale(what: &str, changed: Changed) -> Self {
        Self {
            changed: Some(Box::new(changed)),
            ..Self::new(
                ErrorCode::Stale,
                format!("{what} was changed in the meantime"),
                "compare both versions and save what shall hold",
            )
        }
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
        let (code, hint) = match &error {
            StoreError::Busy { .. } => (ErrorCode::Busy, "try again in a moment"),
            StoreError::Stale { .. } => {
                (ErrorCode::Stale, "look at it again; somebody else changed it a moment ago")
            }
            StoreError::Conflict { .. } => (ErrorCode::NotPossible, "choose another name"),
            StoreError::Denied { .. } => (
                ErrorCode::Forbidden,
                "ask the database administrator to give this login the role that the task needs; Settings, Database shows \
                 what it may do",
            ),
            StoreError::OutcomeUnknown { .. } => {
                (ErrorCode::OutcomeUnknown, "refresh and look whether it was done before doing it again")
            }
            StoreError::Schema(_) => (
                ErrorCode::Schema,
                "update this program, or have the database upgraded; Settings, Database shows both versions",
            ),
            // Anything that a later version of the store adds is examined like a failure.
            StoreError::Corrupt { .. } | StoreError::Unwritable { .. } | StoreError::Driver { .. } | _ => {
                (ErrorCode::Database, "run `sealwright doctor` on this machine; it examines the database")
            }
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
