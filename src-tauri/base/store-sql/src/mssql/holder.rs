//! Who holds what a statement waited for in vain.
//!
//! SQL Server has no limit for a transaction that asks for nothing: a program that is stopped in the middle of a unit of
//! work keeps its locks until its session ends. A machine that sleeps or is cut off is noticed by the server itself within a
//! minute, because it no longer answers the server's TCP; a stopped program on a running machine is not. So whoever waits
//! says which session it is, as far as the server lets this login see the others.

use super::connection::Connection;
use super::fault::has_waited_in_vain;
use super::row::Row;
use crate::fault::{Fault, FaultKind};

/// Sessions with an open transaction in this database, the one that has been silent for longest first. A login without
/// VIEW SERVER STATE (on Azure SQL: VIEW DATABASE STATE) sees none but its own.
pub(super) const HOLDERS: &str = "SELECT TOP (1) CAST(session_id AS BIGINT), CAST(program_name AS NVARCHAR(128)), \
     CAST(host_name AS NVARCHAR(128)), CAST(login_name AS NVARCHAR(128)), \
     CAST(DATEDIFF(second, last_request_end_time, GETDATE()) AS BIGINT) FROM sys.dm_exec_sessions \
     WHERE database_id = DB_ID() AND open_transaction_count > 0 AND session_id <> @@SPID AND status = 'sleeping' \
     ORDER BY last_request_end_time";

/// The fault with what is known about the holder, when it is one of waiting; otherwise as it was.
pub(super) async fn named(connection: &mut Connection, fault: Fault) -> Fault {
    if !has_waited_in_vain(&fault) || connection.is_unsure() {
        return fault;
    }
    let rows = connection.batch(HOLDERS).await.unwrap_or_default();
    let holder = rows.first().and_then(|row| told(row).ok());
    let holder = holder.unwrap_or_else(|| {
        "an administrator of the server sees who holds it (`docs/database.md`, \"Who holds a lock\")"
            .to_owned()
    });
    Fault::new(
        FaultKind::Busy,
        format!("what is needed here was locked by another program for 15 seconds; {holder}"),
    )
}

fn told(row: &Row) -> Result<String, String> {
    let session = row.int(0)?.unwrap_or_default();
    let said =
        |column| row.text(column).map(|text| text.filter(|text| !text.is_empty()).unwrap_or("?").to_owned());
    let (program, host, login) = (said(1)?, said(2)?, said(3)?);
    let silent = row.int(4)?.unwrap_or_default();
    Ok(format!(
        "session {session} ({program} on {host}, login {login}) has a transaction open and has asked for nothing for \
         {silent} seconds: let that program go on, end it, or have an administrator of the server run KILL {session}"
    ))
}
