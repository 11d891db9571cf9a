//! Units of work on the books, which several daemons write at once.

use store::StoreError;

/// How often a unit of work begins anew.
const ATTEMPTS: u32 = 6;

/// Whether a unit of work that failed shall begin anew after so many attempts: a second look settles that the database was
/// busy, that somebody else entered the same reference, serial number or CRL number, and that the connection broke during
/// the commit.
pub(super) const fn begins_anew(error: &StoreError, attempts: u32) -> bool {
    let can_settle = matches!(
        error,
        StoreError::Busy { .. } | StoreError::Conflict { .. } | StoreError::OutcomeUnknown { .. }
    );
    can_settle && attempts < ATTEMPTS
}

/// Runs a block in a unit of work on the authority's books until it came through. The block must look first what is there
/// already, so that a second run finds what the first may have left.
macro_rules! in_books {
    ($authority:expr, $work:ident => $body:block) => {{
        let mut attempts = 0;
        loop {
            let done = async {
                let mut $work = $authority.store.begin().await?;
                let value = $body;
                $work.commit().await?;
                Ok::<_, store::StoreError>(value)
            }
            .await;
            attempts += 1;
            match done {
                Ok(value) => break Ok(value),
                Err(error) if $crate::builtin::books::begins_anew(&error, attempts) => {
                    $authority.store.pause(attempts).await;
                }
                Err(error) => break Err($crate::builtin::error::books(&$authority.name, error)),
            }
        }
    }};
}
pub(super) use in_books;
