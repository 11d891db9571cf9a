//! What MySQL's and MariaDB's error numbers ask of us.

use std::error::Error;
use std::io::{self, ErrorKind};

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use crate::fault::{Fault, FaultKind};

/// Sorts a driver's error.
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else the driver knows is told as it is")]
pub(crate) fn fault(error: sqlx::Error) -> Fault {
    let kind = match &error {
        sqlx::Error::Database(reported) => reported_kind(reported.as_ref()),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => FaultKind::Lost,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => FaultKind::Busy,
        sqlx::Error::Tls(source) if was_cut_off(source.as_ref()) => FaultKind::Lost,
        sqlx::Error::Tls(source) => {
            let hint = format!(
                "the server could not prove that it is the named one ({source}); give the certificate of its authority \
                 as ca-file, and the name that its certificate carries as host"
            );
            return Fault::new(FaultKind::Other, hint);
        }
        _ => FaultKind::Other,
    };
    Fault::new(kind, error)
}

/// Whether the connection broke while both sides were still introducing themselves, which says nothing about who the
/// server is.
fn was_cut_off(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if let Some(
            ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::NotConnected
            | ErrorKind::TimedOut
            | ErrorKind::UnexpectedEof,
        ) = kind
        {
            return true;
        }
        // OpenSSL says this in words only.
        if error.to_string().to_ascii_lowercase().contains("unexpected eof") {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Numbers as in <https://mariadb.com/kb/en/mariadb-error-code-reference/> and MySQL's server error reference.
fn reported_kind(reported: &dyn DatabaseError) -> FaultKind {
    let Some(reported) = reported.try_downcast_ref::<MySqlDatabaseError>() else { return FaultKind::Other };
    match reported.number() {
        // duplicate entry, duplicate entry (with key name)
        1062 | 1586 => FaultKind::Unique,
        // lock wait, deadlock, too many connections, user limit, read-only for the moment (fail-over); undone at COMMIT by
        // the other servers of a group
        1205 | 1213 | 1040 | 1203 | 1226 | 1290 | 1792 | 1836 | 3572 | 3101 => FaultKind::Busy,
        // shutdown, connection killed, interrupted; closed for having said nothing (MySQL's farewell); a server that lost its
        // cluster (said instead of an answer to COMMIT, it leaves open what the others made of that)
        1053 | 1927 | 1152 | 1317 | 1969 | 3024 | 4031 | 1047 | 1180 => FaultKind::Lost,
        // access to database, user, command, column, routine, special privilege, unknown user
        1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1698 => FaultKind::Denied,
        // data too long, row too large, packet too large
        1406 | 1118 | 1153 => FaultKind::TooLong,
        // disk full, table full
        1021 | 1114 => FaultKind::Full,
        _ => FaultKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_breaks_during_the_handshake_is_lost_and_not_distrusted() {
        let broken = io::Error::from(ErrorKind::BrokenPipe);
        assert_eq!(fault(sqlx::Error::Tls(broken.into())).kind, FaultKind::Lost);
        assert_eq!(fault(sqlx::Error::Tls("unexpected EOF".into())).kind, FaultKind::Lost);
        let distrusted = fault(sqlx::Error::Tls("certificate verify failed".into()));
        assert_eq!(distrusted.kind, FaultKind::Other);
        assert!(distrusted.source.to_string().contains("ca-file"), "{}", distrusted.source);
    }
}
