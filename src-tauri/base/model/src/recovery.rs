//! Requests to recover archived keys.

use serde::{Deserialize, Serialize};

/// How far a request came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RecoveryState {
    /// It waits for officers, or for whoever asked to go on.
    Waiting,
    /// Its keys were opened at least once, and what was wanted is not known to be done.
    Opened,
    /// What was wanted is done.
    Done,
    /// Whoever asked took it back.
    Withdrawn,
    /// An officer refused it.
    Refused,
}

impl RecoveryState {
    /// Whether nothing can come of it any more.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Done | Self::Withdrawn | Self::Refused)
    }
}
