//! `recovery decrypt`: hands out decrypted mails in place of the key.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use model::text::printable;
use recover::MailsRequest;
use recover::mail::{DecryptedMail, MailError};
use serde_json::{Value, json};

use super::arguments::{Agent, OneCertificate};
use super::ceremony::check_alone;
use super::certificate::find;
use super::output::{Failure, Output};
use super::{Outcome, agent};
use crate::compose::Program;
use crate::handout::Mails;

/// Mails and whose they are
#[derive(Debug, Args)]
pub(super) struct DecryptArguments {
    /// Whose mails
    #[command(flatten)]
    which: OneCertificate,
    /// Mails (.eml) or CMS messages (.p7m: DER, BER, PEM or base64)
    #[arg(required = true, value_name = "MAIL")]
    mails: Vec<PathBuf>,
    /// Whose key opens the archived key
    #[command(flatten)]
    agent: Agent,
    /// Folder for the decrypted mails, each under the name of its file with the ending .eml; made if there is none
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

pub(super) async fn decrypt(
    program: &Arc<Program>,
    arguments: &DecryptArguments,
    output: &Output,
) -> Result<Outcome, Failure> {
    let DecryptArguments { which, mails, agent: by, out } = arguments;
    let certificate = find(program, &which.certificate).await?;
    check_alone(program).await?;
    let prepared = Mails::read(mails, out)?;
    let key = agent::open(program, &by.key, output).await?;
    let request = MailsRequest { certificate, actor: program.actor.clone(), reason: by.reason.clone() };
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let opened = recover::decrypt_mails(store, clock, key.as_ref(), &request, &prepared.given).await;
    agent::sign_log(program, output).await;
    let opened = opened?;

    let Written { values, text, failed } = written(&prepared, &opened.mails)?;
    let done = prepared.given.len() - failed;
    let value = json!({
        "certificate": certificate.to_string(),
        "thumbprint": opened.certificate.thumbprint.to_string(),
        "decrypted": done,
        "failed": failed,
        "mails": values,
    });
    output.result(&value, || {
        format!(
            "{text}decrypted {done} of {} with the key of {} ({}); the key was not kept",
            prepared.given.len(),
            opened.certificate.common_name,
            opened.certificate.mail
        )
    })?;
    Ok(if failed == 0 { Outcome::Done } else { Outcome::NeedsPerson })
}

/// What was written, for scripts and for people.
pub(super) struct Written {
    pub(super) values: Vec<Value>,
    pub(super) text: String,
    pub(super) failed: usize,
}

/// Writes what was decrypted.
///
/// # Errors
/// When the folder for it cannot be made.
pub(super) fn written(
    mails: &Mails,
    outcomes: &[Result<DecryptedMail, MailError>],
) -> Result<Written, Failure> {
    let mut values = Vec::new();
    let mut text = String::new();
    let mut failed = 0;
    for mail in mails.write(outcomes)? {
        match mail.outcome {
            Ok((target, clear)) => {
                let remarks = clear.remarks();
                let line = format!("{} → {}", mail.name, target.display());
                for line in std::iter::once(&line).chain(&remarks) {
                    text.push_str(&printable(line));
                    text.push_str("\n  ");
                }
                text.truncate(text.trim_end().len());
                text.push('\n');
                let layers: Vec<_> = clear
                    .layers
                    .iter()
                    .map(|layer| {
                        json!({ "cipher": layer.cipher, "key": layer.key, "authenticated": layer.authenticated })
                    })
                    .collect();
                values
                    .push(json!({ "mail": mail.name, "file": target, "layers": layers, "remarks": remarks }));
            }
            Err(error) => {
                failed += 1;
                text.push_str(&printable(&format!("{}: {error}", mail.name)));
                text.push('\n');
                values.push(json!({ "mail": mail.name, "error": error }));
            }
        }
    }
    Ok(Written { values, text, failed })
}
