//! Failures of the library and of the store, as the answers of an authority.

use std::fmt::Display;

use crypto::CryptoError;
use ports::CaError;
use store::StoreError;

/// The order (or what it asks for) is at fault, unless the library itself failed.
pub(super) fn refused(authority: &str, error: CryptoError) -> CaError {
    let authority = authority.to_owned();
    if matches!(error, CryptoError::Library { .. }) {
        return CaError::Unavailable { authority, retry_after: None, source: Box::new(error) };
    }
    CaError::Rejected { authority, reason: error.to_string() }
}

/// The authority itself is at fault.
pub(super) fn misconfigured(authority: &str, hint: &dyn Display) -> CaError {
    CaError::Misconfigured { authority: authority.to_owned(), hint: hint.to_string() }
}

/// The books could not be read or written. Every use of them is safe to repeat, so no outcome is unknown. A disk that is full
/// is tried again like everything else that waits for the database: it has space again without anybody telling.
pub(super) fn books(authority: &str, error: StoreError) -> CaError {
    let needs_person =
        matches!(error, StoreError::Corrupt { .. } | StoreError::Schema(_) | StoreError::Denied { .. });
    if needs_person {
        return misconfigured(authority, &error);
    }
    CaError::Unavailable { authority: authority.to_owned(), retry_after: None, source: Box::new(error) }
}
