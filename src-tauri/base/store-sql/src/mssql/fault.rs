//! What the errors of SQL Server and of its driver ask of us.
//!
//! Numbers as in `sys.messages` and in "Troubleshoot transient connection errors in SQL Database". They were gathered from
//! the documentation; no live server was made to report them.

use tiberius::error::Error;

use crate::fault::{Fault, FaultKind};

/// From this severity on the server ends the connection.
const FATAL: u8 = 20;
/// Lock request time out period exceeded.
const LOCK_WAIT: u32 = 1222;

/// Sorts a driver's error.
pub(super) fn fault(error: Error) -> Fault {
    let kind = match &error {
        Error::Server(reported) if reported.class() >= FATAL => FaultKind::Lost,
        Error::Server(reported) => kind_of(reported.code()),
        Error::Io { .. } | Error::Protocol(_) => FaultKind::Lost,
        Error::Tls(said) => return Fault::new(FaultKind::Other, unproven(said)),
        Error::Routing { .. }
        | Error::Encoding(_)
        | Error::Conversion(_)
        | Error::Utf8
        | Error::Utf16
        | Error::ParseInt(_)
        | Error::BulkInput(_) => FaultKind::Other,
    };
    Fault::new(kind, error)
}

/// Whether the connection may be used again: the server answered, and it goes on listening.
pub(super) fn is_connection_sound(error: &Error) -> bool {
    matches!(error, Error::Server(reported)
        if reported.class() < FATAL && kind_of(reported.code()) != FaultKind::Lost)
}

/// Whether a lock was waited for as long as the session allows.
pub(super) fn has_waited_in_vain(fault: &Fault) -> bool {
    let code = fault.source.downcast_ref::<Error>().and_then(Error::code);
    code == Some(LOCK_WAIT)
}

fn unproven(said: &str) -> String {
    format!(
        "the server could not prove that it is the named one ({said}); give the certificate of its authority as ca-file, \
         and the name that its certificate carries as host"
    )
}

fn kind_of(number: u32) -> FaultKind {
    match number {
        // unique index, unique constraint
        2601 | 2627 => FaultKind::Unique,
        // deadlock, lock wait, no locks left; a snapshot that was overtaken by a write or a change of the schema; no
        // memory; paused or being upgraded; too many requests, sessions or operations
        1205
        | LOCK_WAIT
        | 1204
        | 3960
        | 3961
        | 3966
        | 701
        | 802
        | 8645
        | 8651
        | 17142
        | 17197
        | 18401
        | 10928
        | 10929
        | 10936
        | 40501
        | 49918..=49920 => FaultKind::Busy,
        // killed, shut down, not there for the moment, moved to another node, no longer the one that takes writes, no
        // transaction to end: the next connection leads to wherever the database is
        596 | 615 | 926 | 976 | 978 | 983 | 3902 | 3903 | 3906 | 4221 | 6005 | 40143 | 40166 | 40197
        | 40540 | 40613 => FaultKind::Lost,
        // object, column, statement, state of the server; the database's name or the way into it; sign-in (wrong,
        // untrusted, disabled, expired); firewall
        229
        | 230
        | 262
        | 297
        | 300
        | 371
        | 916
        | 4060
        | 15247
        | 18450
        | 18452
        | 18456
        | 18470
        | 18486..=18488
        | 40615
        | 40914 => FaultKind::Denied,
        // truncated text or bytes, a row or an index entry that is too long
        2628 | 8152 | 511 | 1946 => FaultKind::TooLong,
        // no space in a file group or in the log; the size that was paid for is reached
        1101 | 1105 | 9002 | 40544 => FaultKind::Full,
        _ => FaultKind::Other,
    }
}
