//! `sealwright delivery`: records at Intune that should not be there, found by a listing and removed by a person's word.

use clap::Subcommand;
use lifecycle::{Ghost, banish, survey};
use serde_json::{Value, json};

use super::Outcome;
use super::output::{Failure, Output, table};
use crate::compose::Program;
use crate::person::Deed;

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
}

impl DeliveryCommand {
    /// What it is, as far as roles go.
    pub(super) const fn deed(&self) -> Deed {
        match self {
            Self::Ghosts => Deed::Look,
            Self::Withdraw { .. } => Deed::Certificates,
        }
    }
}

pub(super) async fn run(
    program: &Program,
    command: DeliveryCommand,
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
    let wanted = match command {
        DeliveryCommand::Withdraw { records } => records,
        DeliveryCommand::Ghosts => {
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
            return Ok(if found.ghosts.is_empty() { Outcome::Done } else { Outcome::NeedsPerson });
        }
    };
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

fn value(ghost: &Ghost) -> Value {
    json!({
        "kind": ghost.kind.name(), "record": ghost.record.id, "userPrincipalName": ghost.record.user_principal_name,
        "thumbprint": ghost.record.thumbprint, "certificate": ghost.delivery.as_ref().map(|delivery| delivery.certificate),
        "why": ghost.why,
    })
}
