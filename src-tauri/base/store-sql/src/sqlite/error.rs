//! Turns what the driver reports into what the caller can act on.

use sqlx::error::DatabaseError;
use store::StoreError;

/// Primary result codes of SQLite (the low byte of the extended ones), <https://www.sqlite.org/rescode.html>.
mod sqlite {
    pub(super) const ERROR: i32 = 1;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const CONSTRAINT: i32 = 19;
    pub(super) const NOTADB: i32 = 26;
}

/// The store's error for a driver's error that came up while `doing` something.
pub(crate) fn store_error(doing: &'static str, error: sqlx::Error) -> StoreError {
    if let sqlx::Error::Database(reported) = &error {
        if reported.is_unique_violation() {
            return StoreError::Conflict { what: doing.to_owned() };
        }
        if let Some(known) = known(reported.as_ref()) {
            return match known {
                Known::Busy => StoreError::Busy { source: Box::new(error) },
                Known::Unwritable(hint) => {
                    StoreError::Unwritable { detail: format!("{hint} ({})", reported.message()) }
                }
                Known::Damaged => {
                    StoreError::Corrupt { what: "database file", detail: reported.message().to_owned() }
                }
            };
        }
    }
    if let sqlx::Error::Io(io) = &error {
        return StoreError::Unwritable { detail: io.to_string() };
    }
    if matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed) {
        return StoreError::Busy { source: Box::new(error) };
    }
    StoreError::Driver { doing, source: Box::new(error) }
}

/// Like [`store_error`], for an insert: a unique violation says that `what` exists.
pub(crate) fn insert_error(what: &'static str, error: sqlx::Error) -> StoreError {
    let is_unique = error.as_database_error().is_some_and(DatabaseError::is_unique_violation);
    if is_unique {
        StoreError::Conflict { what: what.to_owned() }
    } else {
        store_error("adding a row", error)
    }
}

enum Known {
    Busy,
    Unwritable(&'static str),
    Damaged,
}

/// Whether the error concerns its statement alone and the transaction around it goes on.
pub(crate) fn is_harmless(error: &sqlx::Error) -> bool {
    let reported = error.as_database_error().and_then(primary_code);
    matches!(reported, Some(sqlite::ERROR | sqlite::CONSTRAINT))
}

fn primary_code(reported: &dyn DatabaseError) -> Option<i32> {
    let extended: i32 = reported.code()?.parse().ok()?;
    Some(extended & 0xff)
}

fn known(reported: &dyn DatabaseError) -> Option<Known> {
    match primary_code(reported)? {
        sqlite::BUSY | sqlite::LOCKED => Some(Known::Busy),
        sqlite::FULL => Some(Known::Unwritable("the disk is full; free some space and try again")),
        sqlite::READONLY => {
            Some(Known::Unwritable("the file or its folder is read-only for this account; change its rights"))
        }
        sqlite::IOERR => Some(Known::Unwritable("the disk reports an error; check it before going on")),
        sqlite::CANTOPEN => {
            Some(Known::Unwritable("the file cannot be opened; check that its folder exists"))
        }
        sqlite::CORRUPT | sqlite::NOTADB => Some(Known::Damaged),
        _ => None,
    }
}
