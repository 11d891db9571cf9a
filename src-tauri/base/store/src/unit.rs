//! Units of work that are tried again.

use crate::StoreError;

/// Attempts at one unit of work.
const ATTEMPTS: u32 = 6;

/// Why a unit of work ended without being kept: a failure of the database, or what a crate makes of it.
pub trait Setback: From<StoreError> {
    /// Whether the whole unit may simply run again.
    fn is_passing(&self) -> bool;
}

impl Setback for StoreError {
    fn is_passing(&self) -> bool {
        Self::is_passing(self)
    }
}

/// Counts the attempts of [`in_unit!`](crate::in_unit).
#[derive(Debug, Default)]
pub struct Tries {
    made: u32,
}

impl Tries {
    /// Number of the next attempt when the failure is one that passes and there is an attempt left.
    pub fn next(&mut self, error: &impl Setback) -> Option<u32> {
        self.made += 1;
        if error.is_passing() && self.made < ATTEMPTS { Some(self.made) } else { None }
    }
}

/// Runs a block in a unit of work and commits it. The whole block runs again when the database was busy, chose it as the
/// victim of a deadlock, or lost the connection before the commit; it must therefore change nothing outside the unit.
///
/// ```ignore
/// let started = store::in_unit!(store, work => {
///     work.jobs().add(&job, &key).await?;
///     1
/// })?;
/// ```
/// The value is a `Result<_, StoreError>`. A failure of the commit itself whose outcome is unknown is never repeated.
///
/// With an error of one's own, a [`Setback`], the block may end in more ways, and the error says what runs again:
/// `in_unit!(store, work, Trouble => { … })`.
#[macro_export]
macro_rules! in_unit {
    ($store:expr, $work:ident => $body:block) => {
        $crate::in_unit!($store, $work, $crate::StoreError => $body)
    };
    ($store:expr, $work:ident, $error:ty => $body:block) => {{
        let mut tries = $crate::Tries::default();
        loop {
            let attempt = async {
                let mut $work = $store.begin().await?;
                let value = $body;
                $work.commit().await?;
                Ok::<_, $error>(value)
            }
            .await;
            match attempt {
                Err(error) => match tries.next(&error) {
                    Some(attempt) => $store.pause(attempt).await,
                    None => break Err(error),
                },
                done => break done,
            }
        }
    }};
}
