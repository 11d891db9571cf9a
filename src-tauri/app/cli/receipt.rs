//! `recovery receipt`: what is left of a recovery, with proof; and how such a proof is checked.

use std::path::Path;

use admit::Fingerprint;
use model::RecoveryRequestId;
use recover::ceremony::Desk;
use serde_json::json;

use super::Outcome;
use super::audit::{note, proves_nothing, signed_by};
use super::output::{Failure, Output};
use crate::compose::Program;
use crate::handout::must_be_new;
use crate::receipt::Receipt;
use crate::receipt::making::{self, write};
use crate::settings::write_new_private;

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

/// The receipt of a request that was opened; whoever reads the terminal learns where it is not signed to the end.
pub(super) async fn made(
    program: &Program,
    desk: &Desk<'_>,
    id: RecoveryRequestId,
    output: &Output,
) -> Result<Receipt, Failure> {
    let (receipt, newest) = making::made(program, desk, id).await?;
    note(&newest, output);
    Ok(receipt)
}

/// By the option's name.
fn notice(receipt: &Receipt, owner: Option<&str>) -> Result<String, Failure> {
    making::notice(receipt, owner).map_err(|failure| Failure {
        hint: failure.hint.map(|hint| format!("--owner MAIL: {hint}")),
        ..failure
    })
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
            output.result(&json!({ "proven": false, "why": why }), || proves_nothing(&why))?;
            Ok(Outcome::NeedsPerson)
        }
    }
}
