//! `recovery receipt`: what is left of a recovery, with proof; and how such a proof is checked.

use std::path::Path;

use admit::Fingerprint;
use evidence::EntryProof;
use model::{RecoveryRequestId, Span};
use recover::ceremony::{Carried, Desk, Request};
use serde_json::json;
use store::{PageRequest, Store as _};

use super::Outcome;
use super::audit::{note, signed_by};
use super::output::{Failure, Output};
use crate::auditor::proof::newest;
use crate::compose::Program;
use crate::handout::must_be_new;
use crate::receipt::{Receipt, is_about};
use crate::settings::write_new_private;

/// How far the clocks of machines that write into the log may be apart.
const CLOCKS_APART: Span = Span::days(1);

/// Where a receipt goes.
pub(super) struct Wanted<'a> {
    pub out: Option<&'a Path>,
    pub notice: Option<&'a Path>,
    pub owner: Option<&'a str>,
}

pub(super) async fn show(
    program: &Program,
    desk: &Desk<'_>,
    id: RecoveryRequestId,
    wanted: &Wanted<'_>,
    output: &Output,
) -> Result<Outcome, Failure> {
    for file in [wanted.out, wanted.notice].into_iter().flatten() {
        must_be_new(file)?;
    }
    let receipt = made(program, desk, id, output).await?;
    let notice = match wanted.notice {
        Some(file) => Some((file, notice(&receipt, wanted.owner)?)),
        None => None,
    };
    if let Some(file) = wanted.out {
        write(file, &receipt)?;
    }
    if let Some((file, text)) = &notice {
        write_new_private(file, text.as_bytes())?;
    }
    let value = json!({ "file": wanted.out, "notice": wanted.notice, "receipt": receipt });
    output.result(&value, || {
        let mut text = receipt.told.text();
        if let Some(file) = wanted.out {
            text.push_str(&format!(
                "\nwith its proofs in {}; anybody checks it with `sealwright audit check FILE`",
                file.display()
            ));
        }
        if let Some((file, _)) = &notice {
            text.push_str(&format!(
                "\na notice to the owner is in {}: look it over and send it; this program sent nothing",
                file.display()
            ));
        }
        text
    })?;
    Ok(Outcome::Done)
}

/// The receipt of a request that was opened.
pub(super) async fn made(
    program: &Program,
    desk: &Desk<'_>,
    id: RecoveryRequestId,
    output: &Output,
) -> Result<Receipt, Failure> {
    let request = desk.request(id).await?;
    let entries = entries(program, &request).await?;
    let fleet = program.gate.fleet().await?;
    let newest = newest(program, &fleet).await?;
    note(&newest, output);
    let proofs = EntryProof::of_all(program.store.as_ref(), &fleet, &newest.head, &entries).await?;
    let stored = program.store.read().await?.recoveries().lookup(id).await?;
    let stored = stored.ok_or_else(|| Failure::new(format!("recovery request {id} is gone")))?;
    let carried = Carried::of(program.store.as_ref(), &stored).await?;
    Receipt::of(carried, proofs)
        .map_err(|why| Failure::new(format!("there is no receipt for recovery request {id}: {why}")))
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

fn notice(receipt: &Receipt, owner: Option<&str>) -> Result<String, Failure> {
    let owners = receipt.told.owners();
    let usage = |message: String| Failure {
        code: 2,
        message,
        hint: Some(format!("--owner MAIL, one of: {}", owners.join(", "))),
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
pub(super) fn write(file: &Path, receipt: &Receipt) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(receipt)
        .map_err(|error| Failure::new(format!("the receipt cannot be written: {error}")))?;
    Ok(write_new_private(file, text.as_bytes())?)
}

/// Checks a receipt with nothing but the file.
pub(super) fn check(receipt: &Receipt, output: &Output) -> Result<Outcome, Failure> {
    match receipt.check() {
        Ok(proven) => {
            let value = json!({
                "proven": true, "receipt": receipt.told, "entries": receipt.entries(), "size": proven.head.size,
                "signer": Fingerprint::of(&proven.signer), "signedAt": proven.head.at, "root": proven.head.root,
                "fleet": proven.head.fleet,
            });
            output.result(&value, || {
                format!(
                    "{}\nproven: {} of {} entries of the audit log stand so in it\n{}\ncompare the fingerprints with `sealwright \
                     installation list`",
                    receipt.told.text(),
                    receipt.entries(),
                    proven.head.size,
                    signed_by(&proven)
                )
            })?;
            Ok(Outcome::Done)
        }
        Err(why) => {
            output.result(&json!({ "proven": false, "why": why }), || format!("it proves nothing: {why}"))?;
            Ok(Outcome::NeedsPerson)
        }
    }
}
