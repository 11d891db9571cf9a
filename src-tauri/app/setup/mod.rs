//! The assistant of the first start, and the way from the embedded to a shared database: the program's side of
//! [`api::SetupHost`].
//!
//! ```text
//!   Desk ── what window and bridge show ──► the assistant while the home is empty or waits to be let in
//!                                      └──► the program afterwards
//!   Assistant: target ─► look ─► tables ─► found │ join │ carry ─► finish
//! ```
//!
//! It does what the commands `init`, `database use`, `database move`, `migrate` and `installation join` do, with their
//! functions. The password is in memory, wiped after use, and in the vault; it is never written anywhere else. A step that
//! failed can be done again; what was made is kept.
#![expect(clippy::wildcard_enum_match_arm, reason = "whatever comes later is treated alike")]

mod assistant;
mod carry;
mod desk;
mod folder;
mod found;
mod join;
mod look;
mod sign_in;
mod target;
mod tenant;

pub(crate) use desk::Desk;

use admit::AdmitError;
use api::{ErrorCode, WireError};

use crate::compose::ComposeError;
use crate::works::chain;

/// An error as the page gets it. Texts of the program say themselves what to do.
fn told(error: ComposeError) -> WireError {
    match error {
        ComposeError::Store(error) | ComposeError::Admit(AdmitError::Store(error)) => error.into(),
        ComposeError::Unreached(unreached) => {
            let code = if unreached.is_denied { ErrorCode::Forbidden } else { ErrorCode::NotPossible };
            WireError::new(code, unreached.message, unreached.hint)
        }
        other => not_possible(chain(&other)),
    }
}

fn not_possible(text: impl Into<String>) -> WireError {
    WireError { hint: None, ..WireError::new(ErrorCode::NotPossible, text, "") }
}
