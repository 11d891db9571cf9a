//! Units of work of commands that change something: run again when the database asks for it.
//!
//! A refusal (no such thing, its state does not allow it) ends the unit at once and leaves nothing behind. A failure that
//! passes, such as a deadlock, runs the whole unit again; one whose outcome is unknown never does.

use lifecycle::LifecycleError;
use store::{Setback, StoreError};

use crate::WireError;

/// Why a unit of work ended.
pub(crate) enum Trouble {
    /// The database.
    Store(StoreError),
    /// The body says no.
    Refused(WireError),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<WireError> for Trouble {
    fn from(error: WireError) -> Self {
        Self::Refused(error)
    }
}

impl From<Trouble> for WireError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Store(error) => error.into(),
            Trouble::Refused(error) => error,
        }
    }
}

impl Setback for Trouble {
    fn is_passing(&self) -> bool {
        match self {
            Self::Store(error) => error.is_passing(),
            Self::Refused(_) => false,
        }
    }
}

impl From<LifecycleError> for Trouble {
    fn from(error: LifecycleError) -> Self {
        match error {
            LifecycleError::Store(error) => Self::Store(error),
            LifecycleError::NotPossible(_)
            | LifecycleError::Authority(_)
            | LifecycleError::Delivery(_)
            | LifecycleError::Book(_) => Self::Refused(error.into()),
        }
    }
}

/// Runs a block in a unit of work of the host's store and commits it. The block may run several times; what is outside
/// the database is told only after it.
macro_rules! in_unit {
    ($host:expr, $work:ident => $body:block) => {
        store::in_unit!($host.store(), $work, $crate::unit::Trouble => $body).map_err($crate::WireError::from)
    };
}
pub(crate) use in_unit;
