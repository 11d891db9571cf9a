//! `recovery drill`: the proof that what is archived can be recovered.

use clap::Args;
use model::text::printable;
use recover::drill::{FireDrill, Held};
use serde_json::json;

use super::Outcome;
use super::agent::{self, KeyArguments, reason};
use super::output::{Failure, Output};
use crate::compose::Program;

/// A fire drill
#[derive(Debug, Args)]
pub(super) struct DrillArguments {
    /// Whose key
    #[command(flatten)]
    pub key: KeyArguments,
    /// How many keys are tried, at most 500
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=recover::drill::LARGEST_SAMPLE))]
    pub sample: u64,
    /// Why: a case number or sentence for the audit log, at most 500 characters
    #[arg(long, default_value = "fire drill", value_name = "TEXT", value_parser = reason)]
    pub reason: String,
}

/// What follows from it, one sentence each.
fn hints(held: &Held) -> Vec<&'static str> {
    let mut hints = Vec::new();
    if held.drill.shares > 0 {
        hints.push(
            "a share proves this officer's part: keys that are sealed to several together open with the shares of enough \
             officers, so let each hold a drill",
        );
    }
    if !held.others.is_empty() {
        hints.push(
            "what is not this officer's was not tried: hold a drill with the keys of those to whom it is sealed (`sealwright \
             recovery list` names them)",
        );
    }
    if !held.failed.is_empty() {
        hints.push(
            "what did not open is damaged or was altered: restore it from a backup of the database, or renew the certificate",
        );
    }
    hints
}

pub(super) async fn run(
    program: &Program,
    arguments: &DrillArguments,
    output: &Output,
) -> Result<Outcome, Failure> {
    let key = agent::open(program, &arguments.key, output).await?;
    let drill = FireDrill {
        store: program.store.as_ref(),
        clock: program.clock.as_ref(),
        entropy: program.entropy.as_ref(),
        agent: key.as_ref(),
        actor: program.actor.clone(),
        reason: arguments.reason.clone(),
        sample: arguments.sample,
    };
    let bar = indicatif::ProgressBar::new(arguments.sample);
    let mut progress = |tried: u64, of: u64| {
        bar.set_length(of);
        bar.set_position(tried);
    };
    let held = drill.hold(&mut progress).await;
    bar.finish_and_clear();
    agent::sign_log(program, output).await;
    let held = held?;
    let failed: Vec<_> = held.failed.iter().map(|(key, why)| json!({ "key": key, "why": why })).collect();
    let value = json!({
        "at": held.drill.at, "sample": held.drill.sample, "opened": held.drill.opened,
        "sharesOpened": held.drill.shares, "notThisOfficers": held.others, "agent": held.drill.agent, "failed": failed,
    });
    output.result(&value, || {
        let mut text = format!("fire drill: {} by {}\n", held.drill.summary(), printable(&held.drill.agent));
        for (key, why) in &held.failed {
            text.push_str(&printable(&format!("  {key}: {why}")));
            text.push('\n');
        }
        for hint in hints(&held) {
            text.push_str(hint);
            text.push('\n');
        }
        text.push_str("nothing of the keys was kept");
        text
    })?;
    Ok(if held.drill.succeeded() { Outcome::Done } else { Outcome::NeedsPerson })
}
