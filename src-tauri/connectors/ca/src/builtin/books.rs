//! Units of work on the books, which several daemons write at once.

use store::{Setback, StoreError};

/// A failure of a unit of work on the books.
pub(super) struct Trouble(pub(super) StoreError);

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl Setback for Trouble {
    /// A second look settles that the database was busy, that somebody else entered the same reference, serial number or
    /// CRL number, and that the connection broke during the commit.
    fn is_passing(&self) -> bool {
        let Self(error) = self;
        matches!(
            error,
            StoreError::Busy { .. } | StoreError::Conflict { .. } | StoreError::OutcomeUnknown { .. }
        )
    }
}

/// Runs a block in a unit of work on the authority's books until it came through. The block must look first what is there
/// already, so that a second run finds what the first may have left.
macro_rules! in_books {
    ($authority:expr, $work:ident => $body:block) => {
        store::in_unit!($authority.store, $work, $crate::builtin::books::Trouble => $body)
            .map_err(|trouble| $crate::builtin::error::books(&$authority.name, trouble.0))
    };
}
pub(super) use in_books;
