//! Makes receipts of the log and the database, for the command line and for the console.

use std::path::Path;

use evidence::EntryProof;
use model::{RecoveryRequestId, Span};
use recover::ceremony::{Carried, Desk, Request};
use store::{PageRequest, Store as _};

use super::{Receipt, is_about};
use crate::auditor::proof::{Newest, newest};
use crate::compose::Program;
use crate::failure::Failure;
use crate::settings::write_new_private;

/// How far the clocks of machines that write into the log may be apart.
const CLOCKS_APART: Span = Span::days(1);

/// The receipt of a request that was opened, and the head of the log that vouches for it.
pub(crate) async fn made(
    program: &Program,
    desk: &Desk<'_>,
    id: RecoveryRequestId,
) -> Result<(Receipt, Newest), Failure> {
    let request = desk.request(id).await?;
    let entries = entries(program, &request).await?;
    let fleet = program.gate.fleet().await?;
    let newest = newest(program, &fleet).await?;
    let proofs = EntryProof::of_all(program.store.as_ref(), &fleet, &newest.head, &entries).await?;
    let stored = program.store.read().await?.recoveries().lookup(id).await?;
    let stored = stored.ok_or_else(|| Failure::new(format!("recovery request {id} is gone")))?;
    let carried = Carried::of(program.store.as_ref(), &stored).await?;
    let receipt = Receipt::of(carried, proofs)
        .map_err(|why| Failure::new(format!("there is no receipt for recovery request {id}: {why}")))?;
    Ok((receipt, newest))
}

/// Positions of all entries about a request, the oldest first.
async fn entries(program: &Program, request: &Request) -> Result<Vec<i64>, Failure> {
    let mut found = Vec::new();
    let mut page = PageRequest::first(500);
    loop {
        let read = program.store.read().await?.audit().list(&page).await?;
        found.extend(read.rows.iter().filter(|row| is_about(request, row)).map(|row| row.seq));
        let is_before = read.rows.last().is_none_or(|row| row.at + CLOCKS_APART < request.created_at);
        page.after = read.next;
        if is_before || page.after.is_none() {
            break;
        }
    }
    found.reverse();
    Ok(found)
}

/// The notice to an owner; where keys of one owner alone were asked for, it need not be said to whom.
pub(crate) fn notice(receipt: &Receipt, owner: Option<&str>) -> Result<String, Failure> {
    let owners = receipt.told.owners();
    let usage = |message: String| Failure {
        code: 2,
        message,
        hint: Some(format!("name one of: {}", owners.join(", "))),
    };
    let owner = match (owner, owners.as_slice()) {
        (Some(owner), _) => owner,
        (None, [only]) => only,
        (None, _) => {
            return Err(usage("keys of several owners were asked for: to whom is the notice?".to_owned()));
        }
    };
    receipt.told.notice(owner).ok_or_else(|| usage(format!("no key of {owner} was asked for")))
}

/// Writes a receipt with its proofs.
pub(crate) fn write(file: &Path, receipt: &Receipt) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(receipt)
        .map_err(|error| Failure::new(format!("the receipt cannot be written: {error}")))?;
    Ok(write_new_private(file, text.as_bytes())?)
}
