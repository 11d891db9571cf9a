//! `kra rearchive`: seals what is archived to the recovery agents of today, after an officer has looked who they are.
//!
//! Whoever changed them chose who reads the archive from now on. So they are shown, and agreed to, before the officer's PIN is
//! asked for; and a list that nobody signed is taken only where the officer says so.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Args;
use crypto::{SealingAgents, X509Certificate};
use custody::SetVersion;
use model::text::printable;
use recover::rearchive::{Left, Progress, Rearchival, Rearchived};
use serde_json::{Value, json};

use super::arguments::Agent;
use super::import::agrees;
use super::output::{Failure, Output, table};
use super::{Outcome, agent};
use crate::compose::Program;
use crate::daemon;
use crate::works::chain;

/// Keys that are listed to people; `--json` lists all.
const MOST_LINES: usize = 40;

/// What is sealed anew, and how much of it
#[derive(Debug, Args)]
pub(super) struct RearchiveArguments {
    /// Whose key opens what is archived
    #[command(flatten)]
    agent: Agent,
    /// Only show what would be done
    #[arg(long)]
    plan: bool,
    /// Seal at most so many anew
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Go on without asking: for scripts, after a look at the agents that `--plan` shows
    #[arg(long)]
    yes: bool,
    /// Seal to the unsigned list of agents. Nobody vouches for it: whoever writes the database could have added an agent, who
    /// then reads the whole archive
    #[arg(long)]
    unsigned_list: bool,
}

pub(super) async fn run(
    program: &Program,
    arguments: &RearchiveArguments,
    output: &Output,
) -> Result<Outcome, Failure> {
    let RearchiveArguments { agent: by, plan, limit, yes, unsigned_list } = arguments;
    let (plan, limit) = (*plan, *limit);
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let target = Target::of(program).await?;
    output.note(&target.described());
    if !plan {
        target.confirm(*yes, *unsigned_list, *output)?;
    }
    let agents = &target.agents;
    let key = agent::open(program, &by.key, output).await?;
    let rearchival = Rearchival {
        store,
        clock,
        probe: program.probe.as_ref(),
        agent: key.as_ref(),
        agents,
        custody: &program.custody,
        gate: &program.gate,
        actor: program.actor.clone(),
        reason: by.reason.clone(),
        only_look: plan,
        limit,
    };
    let stopped = Arc::new(AtomicBool::new(false));
    // Heard from now on: what comes between the record and the first key stops it as well.
    let asked = daemon::asked_to_stop();
    let mut listener = tokio::task::JoinSet::new();
    listener.spawn({
        let stopped = Arc::clone(&stopped);
        async move {
            asked.await;
            stopped.store(true, Ordering::SeqCst);
        }
    });
    let bar = indicatif::ProgressBar::new(0);
    let begun = Instant::now();
    let mut progress = |told: Progress| {
        bar.set_length(told.total);
        bar.set_position(told.seen);
        bar.set_message(format!("{} sealed anew, {}", told.rewrapped, rate(told.rewrapped, begun)));
    };
    let stop = || stopped.load(Ordering::SeqCst);
    let ended = rearchival.run(&mut progress, &stop).await;
    listener.shutdown().await;
    bar.finish_and_clear();
    if !plan {
        agent::sign_log(program, output).await;
    }
    let done = ended?;
    let was_stopped = stopped.load(Ordering::SeqCst);
    let value = told(&done, plan, was_stopped, &target, begun);
    output.result(&value, || text(&done, plan, was_stopped, begun))?;
    // A plan leaves nothing undone that it was to do.
    let remains = if plan {
        !done.left.is_empty() || !done.together.is_empty() || !done.awaited.is_empty()
    } else {
        done.remains()
    };
    Ok(if remains { Outcome::NeedsPerson } else { Outcome::Done })
}

/// To whom everything is to be sealed, and who says so.
struct Target {
    agents: SealingAgents,
    /// `None` where it is the unsigned list.
    set: Option<SetVersion>,
}

impl Target {
    async fn of(program: &Program) -> Result<Self, Failure> {
        let told = |error| Failure::new(chain(&error));
        let set = program.custody.in_force().await.map_err(told)?;
        let agents = match &set {
            Some(set) => set.sealing(program.clock.now()).map_err(told)?,
            None => program.custody.sealing().await.map_err(told)?,
        };
        Ok(Self { agents, set })
    }

    /// The agents, one a line, under the sentence who says that they are.
    fn described(&self) -> String {
        let count = self.agents.certificates.len();
        let who = match self.agents.threshold {
            Some(threshold) => format!("{threshold} of {count} together open it"),
            None if count == 1 => "the one opens it".to_owned(),
            None => format!("any one of {count} opens it"),
        };
        let by = match &self.set {
            Some(set) => format!(
                "the signed set `{}`, version {}, fingerprint {}",
                printable(&set.name),
                set.version,
                set.fingerprint()
            ),
            None => "the unsigned list".to_owned(),
        };
        let line = |agent: &X509Certificate| {
            format!("\n  {} (SHA-1 {})", printable(&agent.subject()), agent.thumbprint())
        };
        let lines: String = self.agents.certificates.iter().map(line).collect();
        format!("the archive is to be sealed to {by}; {who}:{lines}")
    }

    /// Before a PIN is asked for: whether the archive is to be theirs.
    fn confirm(&self, yes: bool, unsigned_list: bool, output: Output) -> Result<(), Failure> {
        let usage = |message: &str, hint: &str| Failure {
            code: 2,
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
        };
        if self.set.is_none() && !unsigned_list {
            return Err(usage(
                "the agents stand in a list that nobody signed: whoever writes the database could have added one, who would \
                 read the whole archive",
                "make a signed set of them (`sealwright kra set propose --name NAME --keep`, then `kra set sign`); or compare \
                 every thumbprint with its officer and add --unsigned-list",
            ));
        }
        if yes {
            return Ok(());
        }
        if output.is_json() || !std::io::stdin().is_terminal() {
            return Err(usage(
                "nobody can be asked whether the archive is to be sealed to these agents",
                "look at them with --plan, then add --yes",
            ));
        }
        output.note("compare them with the officers, by another way than this database");
        if agrees()? { Ok(()) } else { Err(Failure::new("nothing was sealed anew")) }
    }
}

fn rate(rewrapped: u64, begun: Instant) -> String {
    let seconds = begun.elapsed().as_secs_f64().max(0.001);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = rewrapped as f64 / seconds;
    format!("{rate:.1} a second")
}

fn told(done: &Rearchived, plan: bool, stopped: bool, target: &Target, begun: Instant) -> Value {
    let algorithms: Vec<Value> = done
        .algorithms
        .iter()
        .map(|(found, count)| {
            json!({ "cipher": found.cipher, "wrapped": found.wrapped, "before": count.before, "after": count.after })
        })
        .collect();
    let of = |left: &[Left]| -> Vec<Value> {
        left.iter().map(|left| json!({ "key": left.key, "why": left.why })).collect()
    };
    json!({
        "plan": plan, "stopped": stopped, "agents": target.agents.thumbprints, "threshold": target.agents.threshold,
        "set": target.set.as_ref().map(|set| json!({
            "name": set.name, "version": set.version, "fingerprint": set.fingerprint().to_string(),
        })),
        "total": done.total, "settled": done.settled, "together": done.together,
        "sealedAnew": done.rewrapped, "elsewhere": done.elsewhere, "notReached": done.not_reached, "left": of(&done.left),
        "awaited": of(&done.awaited),
        "algorithms": algorithms, "milliseconds": u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

fn text(done: &Rearchived, plan: bool, stopped: bool, begun: Instant) -> String {
    let anew = if plan { "to be sealed anew" } else { "sealed anew" };
    let mut text = format!(
        "{} of {} archived keys {anew}; {} were sealed to these agents already",
        done.rewrapped, done.total, done.settled
    );
    if !plan {
        text.push_str(&format!(" ({})", rate(done.rewrapped, begun)));
    }
    text.push('\n');
    if done.elsewhere > 0 {
        text.push_str(&format!(
            "{} were replaced by somebody else meanwhile; run it again\n",
            done.elsewhere
        ));
    }
    if !done.together.is_empty() {
        text.push_str(&format!(
            "{} are sealed to several together and stay as they are: one officer's key does not open them; `sealwright recovery \
             request --seal-anew` asks several\n",
            done.together.len()
        ));
    }
    if done.not_reached > 0 {
        let why = if stopped { "it was stopped" } else { "the limit was reached" };
        text.push_str(&format!(
            "{} were not looked at, because {why}; run it again to go on\n",
            done.not_reached
        ));
    }
    let rows: Vec<Vec<String>> = done
        .algorithms
        .iter()
        .map(|(found, count)| {
            vec![
                found.cipher.clone(),
                found.wrapped.clone(),
                count.before.to_string(),
                count.after.to_string(),
            ]
        })
        .collect();
    text.push_str(&table(&["CONTENT", "CONTENT KEY", "BEFORE", "AFTER"], &rows));
    if !done.awaited.is_empty() {
        text.push_str(&format!(
            "{} stay as they are, because officers have agreed to recover them; run it again when those requests are closed:\n",
            done.awaited.len()
        ));
        text.push_str(&lines(&done.awaited));
    }
    if !done.left.is_empty() {
        text.push_str(&format!("{} stay as they are:\n", done.left.len()));
        text.push_str(&lines(&done.left));
        text.push_str("another officer's key may open them: run it again with that one\n");
    }
    text
}

/// Keys with their reasons, as many as people read.
fn lines(left: &[Left]) -> String {
    let mut text = String::new();
    for left in left.iter().take(MOST_LINES) {
        text.push_str(&printable(&format!("  {}: {}", left.key, left.why)));
        text.push('\n');
    }
    if left.len() > MOST_LINES {
        text.push_str("  …; --json lists all\n");
    }
    text
}
