//! Units of work of commands that change something: run again when the database asks for it.
//!
//! A refusal (no such thing, its state does not allow it) ends the unit at once and leaves nothing behind. A failure that
//! passes, such as a deadlock, runs the whole unit again; one whose outcome is unknown never does.

use lifecycle::LifecycleError;
use store::StoreError;

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

impl From<LifecycleError> for Trouble {
    fn from(error: LifecycleError) -> Self {
        match error {
            LifecycleError::Store(error) => Self::Store(error),
            LifecycleError::NotPossible(_) | LifecycleError::Authority(_) | LifecycleError::Delivery(_) => {
                Self::Refused(error.into())
            }
        }
    }
}

/// Runs a block in a unit of work of the host's store and commits it. The block may run several times; what is outside
/// the database is told only after it.
macro_rules! in_unit {
    ($host:expr, $work:ident => $body:block) => {{
        let mut tries = store::Tries::default();
        loop {
            let attempt = async {
                let mut $work = $host.store().begin().await?;
                let value = $body;
                $work.commit().await?;
                Ok::<_, $crate::unit::Trouble>(value)
            }
            .await;
            match attempt {
                Ok(value) => break Ok(value),
                Err($crate::unit::Trouble::Refused(error)) => break Err(error),
                Err($crate::unit::Trouble::Store(error)) => match tries.next(&error) {
                    Some(attempt) => $host.store().pause(attempt).await,
                    None => break Err($crate::WireError::from(error)),
                },
            }
        }
    }};
}
pub(crate) use in_unit;
