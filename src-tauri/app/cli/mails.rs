//! `recovery decrypt`: hands out decrypted mails in place of the key.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use model::text::printable;
use recover::mail::{DecryptedMail, LARGEST, LARGEST_TOGETHER, MailError};
use recover::{GivenMail, MailsRequest};
use serde_json::{Value, json};

use super::arguments::{Agent, OneCertificate};
use super::ceremony::check_alone;
use super::certificate::find;
use super::output::{Failure, Output};
use super::recovery::must_be_new;
use super::{Outcome, agent};
use crate::compose::Program;
use crate::settings::write_new_private;
use crate::works::chain;

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
    let prepared = Prepared::of(mails, out)?;
    let key = agent::open(program, &by.address, by.secret_file.as_deref(), &by.vault, output).await?;
    let request = MailsRequest { certificate, actor: program.actor.clone(), reason: by.reason.clone() };
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let opened = recover::decrypt_mails(store, clock, key.as_ref(), &request, &prepared.given).await;
    agent::sign_log(program, output).await;
    let opened = opened?;

    let Written { values, text, failed } = prepared.write(&opened.mails)?;
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

/// Mails that were read, and where each goes.
pub(super) struct Prepared {
    pub(super) given: Vec<GivenMail>,
    targets: Vec<PathBuf>,
}

/// What was written.
pub(super) struct Written {
    pub(super) values: Vec<Value>,
    pub(super) text: String,
    pub(super) failed: usize,
}

impl Prepared {
    /// Before anything is opened: all mails are there, and where they go is free.
    pub(super) fn of(mails: &[PathBuf], out: &Path) -> Result<Self, Failure> {
        let targets = targets(mails, out)?;
        let mut room = LARGEST_TOGETHER;
        let given = mails.iter().map(|file| read(file, &mut room)).collect::<Result<Vec<_>, _>>()?;
        std::fs::create_dir_all(out)
            .map_err(|error| Failure::new(format!("{} cannot be made: {error}", out.display())))?;
        Ok(Self { given, targets })
    }

    /// Writes what was decrypted; what was not, or cannot be written, is told and stops no others.
    #[expect(clippy::unnecessary_wraps, reason = "those who hand files out share one form")]
    pub(super) fn write(&self, outcomes: &[Result<DecryptedMail, MailError>]) -> Result<Written, Failure> {
        let mut values = Vec::new();
        let mut text = String::new();
        let mut failed = 0;
        for ((mail, target), outcome) in self.given.iter().zip(&self.targets).zip(outcomes) {
            let written = match outcome {
                Ok(mail_in_clear) => write_new_private(target, &mail_in_clear.mime)
                    .map(|()| mail_in_clear)
                    .map_err(|error| chain(&error)),
                Err(error) => Err(error.to_string()),
            };
            match written {
                Ok(mail_in_clear) => {
                    let remarks = mail_in_clear.remarks();
                    let line = format!("{} → {}", mail.name, target.display());
                    for line in std::iter::once(&line).chain(&remarks) {
                        text.push_str(&printable(line));
                        text.push_str("\n  ");
                    }
                    text.truncate(text.trim_end().len());
                    text.push('\n');
                    let layers: Vec<_> = mail_in_clear
                        .layers
                        .iter()
                        .map(|layer| {
                            json!({ "cipher": layer.cipher, "key": layer.key, "authenticated": layer.authenticated })
                        })
                        .collect();
                    values.push(
                        json!({ "mail": mail.name, "file": target, "layers": layers, "remarks": remarks }),
                    );
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
}

/// Where each mail goes: under its own name, with the ending of a mail.
fn targets(mails: &[PathBuf], out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut taken: BTreeSet<OsString> = BTreeSet::new();
    let mut targets = Vec::with_capacity(mails.len());
    for mail in mails {
        let stem = mail.file_stem().ok_or_else(|| Failure::new(format!("{} is no file", mail.display())))?;
        let mut name = stem.to_owned();
        name.push(".eml");
        // Some file systems take large and small letters for the same.
        if !taken.insert(name.to_ascii_lowercase()) {
            return Err(Failure::with_hint(
                format!("two of the mails would be written as {}", Path::new(&name).display()),
                "rename one of them, or decrypt them into different folders",
            ));
        }
        let target = out.join(&name);
        must_be_new(&target)?;
        targets.push(target);
    }
    Ok(targets)
}

/// `room` is how many octets may still be read.
fn read(file: &Path, room: &mut u64) -> Result<GivenMail, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::new(format!("{} cannot be read: {error}", file.display()));
    let size = std::fs::metadata(file).map_err(unreadable)?.len();
    if size > LARGEST as u64 {
        return Err(Failure::new(format!(
            "{} is larger than {} MB, which no mail is",
            file.display(),
            LARGEST / 1024 / 1024
        )));
    }
    let mut bytes = Vec::new();
    // The file may have grown since.
    let most = (LARGEST as u64).min(*room) + 1;
    std::fs::File::open(file).and_then(|open| open.take(most).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 >= most {
        return Err(Failure::with_hint(
            format!("the mails are larger than {} MB together", LARGEST_TOGETHER / 1024 / 1024),
            "decrypt them in several runs",
        ));
    }
    *room -= bytes.len() as u64;
    Ok(GivenMail { name: file.display().to_string(), bytes })
}
