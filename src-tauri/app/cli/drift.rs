//! `sealwright drift`: what differs between the database and the world outside, and what repairs it.

use std::io::IsTerminal as _;

use clap::{Args, Subcommand};
use lifecycle::{Consent, CycleError};
use model::{
    AuditEvent, AuditKind, AuditOutcome, DriftDecision, DriftFinding, DriftId, DriftKind, DriftReading,
    DriftSide, DriftState, RepairIntent, RevocationReason, Service,
};
use plan::Plan;
use serde_json::{Value, json};
use store::{DriftFilter, Store as _, StoreError, Work};

use super::Outcome;
use super::agent::reason;
use super::import::agrees;
use super::output::{Failure, Output, table};
use crate::compose::Program;
use crate::daemon;
use crate::drifts::lines;
use crate::person::Deed;

/// What differs outside.
#[derive(Debug, Subcommand)]
pub(super) enum DriftCommand {
    /// List what differs; exit code 3 while something is found
    List(Wanted),
    /// One finding with its history
    Show {
        /// Its id, as `list` shows it
        finding: DriftId,
    },
    /// Compare now. What this reading shows and the one before it showed too is a finding
    Check,
    /// Leave a finding as it is, and say why
    Ignore {
        /// Its id
        finding: DriftId,
        /// Why: a sentence for the audit log, at most 500 characters
        #[arg(long, value_name = "TEXT", value_parser = reason, required_unless_present = "undo")]
        reason: Option<String>,
        /// Take that back
        #[arg(long, conflicts_with = "reason")]
        undo: bool,
    },
    /// Repair findings, within the limits of a day; `plan --out` and `apply` do the same for two persons
    Repair {
        /// Their ids
        #[arg(value_name = "FINDING", required_unless_present = "all")]
        findings: Vec<DriftId>,
        /// All that can be repaired
        #[arg(long, conflicts_with = "findings")]
        all: bool,
        /// Leave the work to the service
        #[arg(long)]
        queue: bool,
    },
    /// Have a certificate revoked that its authority issued and nobody here ordered
    Revoke {
        /// The finding's id
        finding: DriftId,
        /// Why, e.g. `keyCompromise`
        #[arg(long, default_value = "unspecified", value_parser = revocation)]
        reason: RevocationReason,
        /// Ask nobody
        #[arg(long)]
        yes: bool,
    },
}

/// Which are listed.
#[derive(Debug, Args)]
pub(super) struct Wanted {
    /// Also those that were seen once, are ignored, or are closed
    #[arg(long)]
    all: bool,
    /// Only of this kind, e.g. `orphan`
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<DriftKind>,
}

fn kind(text: &str) -> Result<DriftKind, String> {
    DriftKind::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = DriftKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("there are: {}", names.join(", "))
    })
}

fn revocation(text: &str) -> Result<RevocationReason, String> {
    RevocationReason::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = RevocationReason::ALL.iter().map(|reason| reason.name()).collect();
        format!("there are: {}", names.join(", "))
    })
}

impl DriftCommand {
    /// What it is, as far as roles go.
    pub(super) const fn deed(&self) -> Deed {
        match self {
            Self::List(_) | Self::Show { .. } => Deed::Look,
            Self::Check => Deed::TryAgain,
            Self::Ignore { .. } | Self::Repair { .. } | Self::Revoke { .. } => Deed::Certificates,
        }
    }
}

pub(super) async fn run(
    program: &Program,
    command: DriftCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        DriftCommand::List(wanted) => list(program, &wanted, output).await,
        DriftCommand::Show { finding } => show(program, finding, output).await,
        DriftCommand::Check => check(program, output).await,
        DriftCommand::Ignore { finding, reason, .. } => ignore(program, finding, reason, output).await,
        DriftCommand::Repair { findings, queue, .. } => repair(program, &findings, queue, output).await,
        DriftCommand::Revoke { finding, reason, yes } => revoke(program, finding, reason, yes, output).await,
    }
}

/// Findings that are read at once.
const PAGE: u32 = 1_000;

/// All that the filter lets through.
async fn all(work: &mut dyn Work, filter: &DriftFilter) -> Result<Vec<DriftFinding>, StoreError> {
    let (mut listed, mut after): (Vec<DriftFinding>, _) = (Vec::new(), None);
    loop {
        let page = work.drift().list(filter, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(listed) };
        after = Some(last.id);
        listed.extend(page);
    }
}

async fn list(program: &Program, wanted: &Wanted, output: &Output) -> Result<Outcome, Failure> {
    let states = if wanted.all { Vec::new() } else { vec![DriftState::Open] };
    let filter = DriftFilter { states, kind: wanted.kind, ..DriftFilter::default() };
    let mut work = program.store.read().await?;
    let listed = all(work.as_mut(), &filter).await?;
    let readings = work.drift().readings().await?;
    let (open, noted) =
        (work.drift().count(DriftState::Open).await?, work.drift().count(DriftState::Noted).await?);
    let accounts = work.authorities().list().await?;
    drop(work);
    let name = |side: DriftSide| match side {
        DriftSide::Intune => "Intune".to_owned(),
        DriftSide::AddressBook => "Address list".to_owned(),
        DriftSide::Authority(id) => accounts
            .iter()
            .find(|account| account.id == id)
            .map_or_else(|| id.to_string(), |account| account.name.clone()),
    };
    let sides: Vec<Value> = readings.iter().map(|one| reading(one, &name(one.side))).collect();
    let findings: Vec<Value> = listed.iter().map(value).collect();
    let told = json!({ "open": open, "seenOnce": noted, "findings": findings, "sides": sides });
    output.result(&told, || {
        let rows: Vec<Vec<String>> = listed.iter().map(row).collect();
        let mut text = String::new();
        if !rows.is_empty() {
            text.push_str(&table(&["FINDING", "KIND", "STATE", "ABOUT", "REPAIR", "WHY"], &rows));
        }
        for one in &readings {
            let read = one.read_at.map_or_else(
                || "never compared".to_owned(),
                |at| format!("{} compared on {at}", one.compared),
            );
            let not =
                one.not_compared.as_ref().map(|why| format!("; not compared on {}: {why}", one.tried_at));
            text.push_str(&format!("{}: {read}{}\n", name(one.side), not.unwrap_or_default()));
        }
        if readings.is_empty() {
            text.push_str("nothing was compared yet: `sealwright drift check` does it now\n");
        }
        text.push_str(&format!("{open} findings, {noted} seen once\n"));
        text
    })?;
    Ok(if open > 0 { Outcome::NeedsPerson } else { Outcome::Done })
}

fn row(finding: &DriftFinding) -> Vec<String> {
    let repair = finding.repair().map_or("a person", |repair| repair.verb());
    vec![
        finding.id.to_string(),
        finding.seen.kind.name().to_owned(),
        finding.state.name().to_owned(),
        finding.seen.object.to_string(),
        if finding.state == DriftState::Open { repair.to_owned() } else { String::new() },
        finding.seen.sentence.clone(),
    ]
}

fn reading(reading: &DriftReading, name: &str) -> Value {
    json!({
        "side": name, "readAt": reading.read_at, "triedAt": reading.tried_at, "compared": reading.compared,
        "notCompared": reading.not_compared,
    })
}

fn value(finding: &DriftFinding) -> Value {
    json!({
        "id": finding.id, "kind": finding.seen.kind, "state": finding.state, "object": finding.seen.object,
        "about": finding.seen.object.to_string(), "certificate": finding.seen.certificate,
        "why": finding.seen.sentence, "firstSeen": finding.first_seen, "lastSeen": finding.last_seen,
        "repair": finding.repair(), "orderedAt": finding.ordered_at,
        "ignored": finding.decision.as_ref().map(|one| json!({ "at": one.at, "by": one.by, "reason": one.reason })),
    })
}

async fn find(program: &Program, id: DriftId) -> Result<DriftFinding, Failure> {
    let found = program.store.read().await?.drift().lookup(id).await?;
    found.ok_or_else(|| {
        Failure::with_hint(format!("there is no finding {id}"), "`sealwright drift list --all` lists them")
    })
}

async fn show(program: &Program, id: DriftId, output: &Output) -> Result<Outcome, Failure> {
    let finding = find(program, id).await?;
    output.result(&value(&finding), || {
        let mut text = format!(
            "{} ({}): {}\n{}\nseen from {} to {}\n",
            finding.seen.kind.name(),
            finding.state.name(),
            finding.seen.object,
            finding.seen.sentence,
            finding.first_seen,
            finding.last_seen
        );
        if let Some(one) = &finding.decision {
            text.push_str(&format!("ignored by {} on {}: {}\n", one.by, one.at, one.reason));
        }
        if let Some(at) = finding.ordered_at {
            text.push_str(&format!("a repair was ordered on {at}\n"));
        }
        if finding.repair().is_some() {
            text.push_str(&format!("`sealwright drift repair {id}` repairs it\n"));
        }
        text
    })?;
    Ok(Outcome::Done)
}

async fn check(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    // On a server the books and what is written down about them may be a daemon's alone.
    if !program.rights.may_work() {
        let now = program.clock.now();
        store::in_unit!(program.store, work => {
            work.services().ensure(Service::Drift, now).await?;
            work.services().wake(Service::Drift, now).await?;
        })?;
        output.result(&json!({ "due": now }), || {
            "the service that runs compares within seconds; `sealwright drift list` shows what it found"
                .to_owned()
        })?;
        return Ok(Outcome::Done);
    }
    let sides = program.drift(&program.bench()).compare().await?;
    let mut work = program.store.read().await?;
    let (open, noted) =
        (work.drift().count(DriftState::Open).await?, work.drift().count(DriftState::Noted).await?);
    drop(work);
    let told: Vec<Value> = sides
        .iter()
        .map(|one| {
            let not = one.compared.as_ref().err().map(|not| not.why.as_str());
            json!({
                "side": one.name, "compared": one.compared.as_ref().ok(), "others": one.others, "notCompared": not,
            })
        })
        .collect();
    output.result(&json!({ "sides": told, "open": open, "seenOnce": noted }), || {
        let mut text = lines(&sides);
        text.push_str(&format!(
            "{open} findings (`sealwright drift list`), {noted} seen once: what the next comparison shows again is a finding\n"
        ));
        text
    })?;
    let has_failed = sides.iter().any(|one| one.compared.as_ref().is_err_and(|not| !not.is_expected));
    Ok(if open > 0 || has_failed { Outcome::NeedsPerson } else { Outcome::Done })
}

async fn ignore(
    program: &Program,
    id: DriftId,
    reason: Option<String>,
    output: &Output,
) -> Result<Outcome, Failure> {
    let finding = find(program, id).await?;
    let (now, actor) = (program.clock.now(), &program.actor);
    let decision = reason.map(|reason| DriftDecision { at: now, by: actor.clone(), reason });
    let detail = match &decision {
        Some(one) => {
            format!("{} ({}) is ignored: {}", finding.seen.object, finding.seen.kind.name(), one.reason)
        }
        None => format!("{} ({}) is ignored no longer", finding.seen.object, finding.seen.kind.name()),
    };
    let event = AuditEvent {
        kind: AuditKind::DriftDecided,
        outcome: AuditOutcome::Success,
        actor: actor.clone(),
        object: format!("difference {id}"),
        detail,
    };
    let decided: Result<bool, StoreError> = store::in_unit!(program.store, work => {
        let decided = work.drift().decide(id, decision.as_ref()).await?;
        if decided {
            work.audit().append(&event, now).await?;
        }
        decided
    });
    if !decided? {
        let message = format!("the finding is {}, and nothing was changed", finding.state.name());
        return Err(Failure::with_hint(
            message,
            "only what is open is ignored, and only what is ignored is taken up again",
        ));
    }
    let finding = find(program, id).await?;
    output.result(&value(&finding), || format!("the finding is {}", finding.state.name()))?;
    Ok(Outcome::Done)
}

async fn repair(
    program: &Program,
    findings: &[DriftId],
    queue: bool,
    output: &Output,
) -> Result<Outcome, Failure> {
    let repairs: Vec<RepairIntent> = if findings.is_empty() {
        lifecycle::repairs(program.store.as_ref()).await?
    } else {
        let mut repairs = Vec::with_capacity(findings.len());
        for id in findings {
            let finding = find(program, *id).await?;
            repairs.push(RepairIntent::of(&finding).ok_or_else(|| Failure {
                code: 3,
                message: format!(
                    "{id} is not repaired by a plan; nothing was done: {}",
                    finding.seen.sentence
                ),
                hint: Some("`sealwright drift list` says who or what repairs it".to_owned()),
            })?);
        }
        repairs
    };
    let plan = Plan { repairs, ..Plan::empty(program.clock.now()) };
    let limits = program.settings.limits.limits();
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let consent = Consent::Within(&limits);
    let applied = match lifecycle::apply(store, clock, &program.ids, &plan, &program.actor, consent).await {
        Err(CycleError::PastLimits(sentences)) => return Err(super::plan::past_limits(&sentences)),
        applied => applied?,
    };
    if !queue && program.rights.may_work() {
        let idle = daemon::worker(program, false).run_until_idle().await;
        tracing::debug!(?idle, "the queue is worked off");
    }
    output.result(&json!({ "ordered": applied.repairs }), || {
        format!(
            "{} repairs ordered; the next comparison (`sealwright drift check`) tells whether they helped",
            applied.repairs.len()
        )
    })?;
    Ok(Outcome::Done)
}

async fn revoke(
    program: &Program,
    id: DriftId,
    reason: RevocationReason,
    yes: bool,
    output: &Output,
) -> Result<Outcome, Failure> {
    let finding = find(program, id).await?;
    if !yes {
        if output.is_json() || !std::io::stdin().is_terminal() {
            return Err(Failure::usage(
                "nobody can be asked whether this certificate is to be revoked, which cannot be undone",
                "look at it with `sealwright drift show FINDING`, then add --yes",
            ));
        }
        output.note(&format!("{}: {}", finding.seen.object, finding.seen.sentence));
        output.note(&format!("it is to be revoked ({}), which cannot be undone", reason.name()));
        if !agrees()? {
            return Err(Failure::new("nothing was revoked"));
        }
    }
    let bench = program.bench();
    let drift = program.drift(&bench);
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    lifecycle::revoke_shadow(store, drift.outside(), clock, &program.actor, id, reason).await?;
    output.result(&json!({ "revoked": finding.seen.object, "reason": reason.name() }), || {
        format!("{} is revoked ({})", finding.seen.object, reason.name())
    })?;
    Ok(Outcome::Done)
}
