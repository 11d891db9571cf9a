//! `recovery drill`: the proof that what is archived can be recovered.

use clap::Args;
use model::text::printable;
use model::{CalledDrill, DrillKey, DrillState};
use recover::drill::{FireDrill, Held, Sample};
use serde_json::json;
use store::Store as _;

use super::Outcome;
use super::agent::{self, KeyArguments, reason};
use super::output::{Failure, Output, table};
use crate::compose::Program;

/// A fire drill
#[derive(Debug, Args)]
pub(super) struct DrillArguments {
    /// Whose key
    #[command(flatten)]
    pub key: KeyArguments,
    /// Draw an extra sample of so many keys, at most 500, in place of the drill that was called
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=recover::drill::LARGEST_SAMPLE))]
    pub sample: Option<u64>,
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

/// Keys of an extra sample where nobody says how many.
const EXTRA: u64 = 20;

/// The drill that was called as long as there is something to prove in it.
async fn called_or_extra(program: &Program) -> Result<Sample, Failure> {
    let called = recover::drill::called(program.store.as_ref()).await?;
    let is_open = called.is_some_and(|called| !called.is_complete() || called.counts().failed > 0);
    Ok(if is_open { Sample::Called } else { Sample::Drawn(EXTRA) })
}

/// Shows the called drill, key by key, and the last one that an officer drew.
pub(super) async fn list(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    let now = program.clock.now();
    let called = recover::drill::called(program.store.as_ref()).await?;
    let drawn = program.store.read().await?.services().drill().await?;
    let keys: Vec<_> =
        called.iter().flat_map(|called| called.keys.iter().map(move |key| (called, key))).collect();
    let by = |called: &CalledDrill, key: &DrillKey| -> Vec<String> {
        let officers = key.tries.iter().filter_map(|one| called.officers.get(one.by));
        officers.map(|officer| officer.subject.clone()).collect()
    };
    let told: Vec<_> = keys
        .iter()
        .map(|(called, key)| {
            json!({
                "certificate": key.certificate, "thumbprint": key.thumbprint, "name": key.name, "stands": key.state(),
                "why": key.why(), "triedBy": by(called, key),
            })
        })
        .collect();
    let value = json!({
        "called": called.as_ref().map(|called| api::called_line(called, now)), "keys": told, "drawn": drawn,
    });
    output.result(&value, || {
        let mut text = String::new();
        match &called {
            None => {
                text.push_str("no fire drill was called yet; a daemon calls one once keys are archived\n");
            }
            Some(called) => {
                let late = match (called.is_complete(), called.is_overdue(now)) {
                    (true, _) => "complete".to_owned(),
                    (false, true) => format!("overdue since {}", called.until),
                    (false, false) => format!("to be held until {}", called.until),
                };
                text.push_str(&format!("called on {}, {late}: {}\n", called.at, called.summary()));
                let lines: Vec<Vec<String>> = keys
                    .iter()
                    .map(|(called, key)| {
                        let stands = match key.state() {
                            DrillState::NotTried => "not tried yet".to_owned(),
                            DrillState::Partly { shares, needed } => format!("{shares} of {needed} shares"),
                            DrillState::Proven => "proven".to_owned(),
                            DrillState::Failed => format!("failed: {}", key.why().unwrap_or_default()),
                        };
                        let (name, thumbprint) = (key.name.clone(), key.thumbprint.to_string());
                        vec![name, stands, by(called, key).join(", "), thumbprint]
                    })
                    .collect();
                text.push_str(&table(&["E-MAIL", "STANDS", "TRIED BY", "THUMBPRINT"], &lines));
            }
        }
        if let Some(drawn) = &drawn {
            text.push_str(&format!(
                "\nlast extra sample: {} on {} by {}",
                drawn.summary(),
                drawn.at,
                printable(&drawn.agent)
            ));
        }
        text
    })?;
    Ok(Outcome::Done)
}

pub(super) async fn run(
    program: &Program,
    arguments: &DrillArguments,
    output: &Output,
) -> Result<Outcome, Failure> {
    let key = agent::open(program, &arguments.key, output).await?;
    let sample = match arguments.sample {
        Some(wanted) => Sample::Drawn(wanted),
        None => called_or_extra(program).await?,
    };
    let drill = FireDrill {
        store: program.store.as_ref(),
        clock: program.clock.as_ref(),
        entropy: program.entropy.as_ref(),
        agent: key.as_ref(),
        actor: program.actor.clone(),
        reason: arguments.reason.clone(),
        sample,
    };
    let bar = indicatif::ProgressBar::new(EXTRA);
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
        "called": held.called.as_ref().map(|called| api::called_line(called, program.clock.now())),
    });
    output.result(&value, || {
        let mut text = format!("fire drill: {} by {}\n", held.drill.summary(), printable(&held.drill.agent));
        for (key, why) in &held.failed {
            text.push_str(&printable(&format!("  {key}: {why}")));
            text.push('\n');
        }
        match &held.called {
            Some(called) => {
                text.push_str(&format!("the drill called on {}: {}\n", called.at, called.summary()));
            }
            None if arguments.sample.is_none() => {
                text.push_str("none is called, so an extra sample was drawn\n");
            }
            None => {}
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
