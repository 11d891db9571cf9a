//! `sealwright delivery`: records at Intune that should not be there, found by a listing and removed by a person's word; and
//! canary mails, which prove that a delivered key works.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use lifecycle::{CanaryMail, Ghost, Survey, banish, confirm_canary, survey, write_canaries};
use serde_json::{Value, json};

use super::output::{Failure, Output, table};
use super::{Outcome, certificate};
use crate::compose::Program;
use crate::handout::try_writing_in;
use crate::person::Deed;
use crate::settings::write_new_private;

/// Hand-overs to Intune.
#[derive(Debug, Subcommand)]
pub(super) enum DeliveryCommand {
    /// List the records at Intune that should not be there: unknown ones, former sign-in names, ended certificates, leavers
    ///
    /// Only records with the key of one of this tenant's known connectors are looked at. Changes nothing.
    Ghosts,
    /// Remove such records at Intune, and look whether they are gone. What devices have is not known
    Withdraw {
        /// Their ids, as `ghosts` shows them
        #[arg(value_name = "RECORD", required = true)]
        records: Vec<String>,
    },
    /// Write a canary mail for each person whose devices got a certificate's key: whoever reads it there has a code to tell
    ///
    /// Each is a file (.eml), encrypted to the certificate. Let the person open it on the device, or send it as it is. It is
    /// good for 30 days, and takes the place of the one before it.
    Canary(CanaryOptions),
    /// Take the code that somebody read in a canary mail: the proof that the key works on that device
    Confirm {
        /// As it stands in the mail, with or without hyphens
        code: String,
        /// On which device it was read, in the person's words
        #[arg(long, value_name = "TEXT")]
        device: Option<String>,
    },
}

/// Which canary mails, and where they go.
#[derive(Debug, Args)]
pub(super) struct CanaryOptions {
    /// Id, thumbprint or serial number, as `certificate list` shows them
    certificate: String,
    /// For this person alone: a sign-in name
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// The folder where the mails are written; made when it is not there
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
}

impl DeliveryCommand {
    /// What it is, as far as roles go.
    pub(super) const fn deed(&self) -> Deed {
        match self {
            Self::Ghosts => Deed::Look,
            Self::Withdraw { .. } | Self::Canary(_) | Self::Confirm { .. } => Deed::Certificates,
        }
    }
}

pub(super) async fn run(
    program: &Arc<Program>,
    command: DeliveryCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        DeliveryCommand::Canary(options) => canary(program, &options, output).await,
        DeliveryCommand::Confirm { code, device } => confirm(program, &code, device.as_deref(), output).await,
        DeliveryCommand::Ghosts => ghosts(program, None, output).await,
        DeliveryCommand::Withdraw { records } => ghosts(program, Some(records), output).await,
    }
}

/// Writes the mails into new files. That something can be written there is tried before any code is drawn.
async fn canary(
    program: &Arc<Program>,
    options: &CanaryOptions,
    output: &Output,
) -> Result<Outcome, Failure> {
    let id = certificate::find(program, &options.certificate).await?;
    std::fs::create_dir_all(&options.out).map_err(|error| {
        Failure::with_hint(
            format!("the folder {} cannot be made: {error}", options.out.display()),
            "name another place with --out",
        )
    })?;
    try_writing_in(&options.out).map_err(|error| {
        Failure::with_hint(
            format!("nothing can be written to {}: {error}; no mail was made", options.out.display()),
            "name another place with --out",
        )
    })?;
    let (store, clock, entropy) = (program.store.as_ref(), program.clock.as_ref(), program.entropy.as_ref());
    let mails = write_canaries(store, entropy, clock, &program.actor, id, options.person.as_deref()).await?;
    let mut told = Vec::new();
    for (number, mail) in (1..).zip(&mails) {
        let file = keep(&options.out, mail, number)?;
        told.push(json!({
            "userPrincipalName": mail.user_principal_name, "file": file.display().to_string(), "until": mail.expires_at,
        }));
    }
    output.result(&json!({ "mails": told }), || {
        let mut text = String::new();
        for mail in &told {
            let part = |name: &str| mail[name].as_str().unwrap_or_default().to_owned();
            text.push_str(&format!(
                "{}: {} (until {})\n",
                part("userPrincipalName"),
                part("file"),
                part("until")
            ));
        }
        text.push_str(
            "Who reads one tells the code in it: `sealwright delivery confirm CODE --device NAME`\n",
        );
        text
    })?;
    Ok(Outcome::Done)
}

/// Puts a mail into a file of its own that is not there yet. Nothing in it is a secret of ours.
fn keep(folder: &Path, mail: &CanaryMail, number: u32) -> Result<PathBuf, Failure> {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '@');
    let letters = mail.user_principal_name.chars().take(80);
    let name: String = letters.map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let stamp = mail.expires_at.as_seconds();
    let file = folder.join(format!("canary-{name}-{stamp}-{number}.eml"));
    write_new_private(&file, &mail.eml)?;
    Ok(file)
}

async fn confirm(
    program: &Arc<Program>,
    code: &str,
    device: Option<&str>,
    output: &Output,
) -> Result<Outcome, Failure> {
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let proved = confirm_canary(store, clock, &program.actor, code, device).await?;
    let (delivery, told) = (&proved.delivery, &proved.confirmation);
    let value = json!({
        "userPrincipalName": delivery.user_principal_name, "certificate": delivery.certificate,
        "thumbprint": delivery.thumbprint, "at": told.at, "by": told.by, "device": told.device, "known": proved.is_known,
    });
    output.result(&value, || {
        let device = told.device.as_ref().map(|device| format!(" on {device}")).unwrap_or_default();
        let before = if proved.is_known { "was told before: " } else { "" };
        format!(
            "{before}{} reads mail{device} with the key of {} ({}, told by {})\n",
            delivery.user_principal_name, delivery.thumbprint, told.at, told.by
        )
    })?;
    Ok(Outcome::Done)
}

/// Lists records that should not be there, or removes those that are named.
async fn ghosts(
    program: &Program,
    withdraw: Option<Vec<String>>,
    output: &Output,
) -> Result<Outcome, Failure> {
    let door = program.tenant.as_ref().and_then(|doors| doors.delivery.clone()).ok_or_else(|| {
        Failure::with_hint(
            "Intune is not configured",
            "begin with `sealwright tenant use` and `sealwright connector import`",
        )
    })?;
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let found = survey(store, door.as_ref(), clock).await?;
    let Some(wanted) = withdraw else { return tell(&found, output) };
    let mut chosen: Vec<&Ghost> = Vec::new();
    for id in &wanted {
        let ghost = found.ghosts.iter().find(|ghost| ghost.record.id.eq_ignore_ascii_case(id));
        chosen.push(ghost.ok_or_else(|| {
            Failure::with_hint(
                format!("{id} is no record that should not be there; nothing was removed"),
                "`sealwright delivery ghosts` lists those that are",
            )
        })?);
    }
    for ghost in &chosen {
        banish(store, door.as_ref(), clock, &program.actor, ghost).await?;
        output.note(&format!("{} is removed and no longer listed", ghost.record.id));
    }
    let removed: Vec<Value> = chosen.iter().map(|ghost| value(ghost)).collect();
    output.result(&json!({ "withdrawn": removed }), || {
        format!("{} records removed at Intune; what devices have is not known", chosen.len())
    })?;
    Ok(Outcome::Done)
}

/// Tells what should not be there.
fn tell(found: &Survey, output: &Output) -> Result<Outcome, Failure> {
    let ghosts: Vec<Value> = found.ghosts.iter().map(value).collect();
    let told = json!({ "listed": found.listed, "ours": found.ours, "ghosts": ghosts });
    output.result(&told, || {
        let mut text = String::new();
        if !found.ghosts.is_empty() {
            let rows: Vec<Vec<String>> = found
                .ghosts
                .iter()
                .map(|ghost| {
                    let record = &ghost.record;
                    let (name, id) = (record.user_principal_name.clone(), record.id.clone());
                    vec![ghost.kind.name().to_owned(), name, id, ghost.why.clone()]
                })
                .collect();
            text.push_str(&table(&["KIND", "SIGN-IN NAME", "RECORD", "WHY"], &rows));
        }
        text.push_str(&format!(
            "{} of {} records with a key of ours should not be there ({} records in all)\n",
            found.ghosts.len(),
            found.ours,
            found.listed
        ));
        if !found.ghosts.is_empty() {
            text.push_str("`sealwright delivery withdraw RECORD…` removes them\n");
        }
        text
    })?;
    Ok(if found.ghosts.is_empty() { Outcome::Done } else { Outcome::NeedsPerson })
}

fn value(ghost: &Ghost) -> Value {
    json!({
        "kind": ghost.kind.name(), "record": ghost.record.id, "userPrincipalName": ghost.record.user_principal_name,
        "thumbprint": ghost.record.thumbprint, "certificate": ghost.delivery.as_ref().map(|delivery| delivery.certificate),
        "why": ghost.why,
    })
}
