//! Commands that show and do what the plan wants, and the service's duties.

use std::io::IsTerminal as _;
use std::path::Path;

use clap::Subcommand;
use lifecycle::{Consent, CycleError};
use model::{
    AuditEvent, AuditKind, AuditOutcome, Enrollment, EnrollmentState, Intent, RepairIntent, Span,
    is_same_person,
};
use plan::Plan;
use serde_json::json;
use store::{PageRequest, Store as _};

use super::Outcome;
use super::arguments::{Apply, Plan as PlanOptions};
use super::import::agrees;
use super::output::{Failure, Output, table};
use super::plan_text::{Shown, counts};
use crate::compose::Program;
use crate::daemon;
use crate::plan_file::{Believed, PlanFile};

/// The service's recurring duties
#[derive(Debug, Subcommand)]
pub(super) enum ServiceCommand {
    /// Last and next runs
    List,
    /// Make one due at once
    Run {
        /// `sync`, `crl`, `drills`, `gal`, `campaigns` or `drift`
        name: String,
    },
}

async fn fresh(program: &Program, offline: bool, output: &Output) -> Result<Plan, Failure> {
    if !offline {
        let observed = program.sync(&program.bench()).observe().await.map_err(|text| {
            Failure::with_hint(
                text,
                "`sealwright doctor` examines the way to the directory; `sealwright plan --offline` plans without it",
            )
        })?;
        if !observed.unknown.is_empty() {
            output.warning(&crate::works::unknown(&observed.unknown));
        }
        for doubt in crate::works::in_doubt(&observed.mailboxes) {
            output.warning(&doubt);
        }
    }
    Ok(lifecycle::draft(program.store.as_ref(), program.clock.as_ref(), &program.settings.prices).await?)
}

pub(super) async fn plan(
    program: &Program,
    options: PlanOptions,
    output: &Output,
) -> Result<Outcome, Failure> {
    if let Some(path) = &options.approve {
        return approve(program, path, options.yes, output).await;
    }
    // Before the directory is read, which takes a while.
    if let Some(path) = options.out.as_deref().filter(|path| !options.force && path.exists()) {
        return Err(Failure::with_hint(
            format!("{} is there already, and was left as it is", path.display()),
            "name another file, or add --force to replace it",
        ));
    }
    let plan = fresh(program, options.offline, output).await?;
    let past_limits = excesses(program, &plan).await?;
    if let Some(path) = &options.out {
        let fleet = program.gate.fleet().await?;
        let (actor, now) = (&program.actor, program.clock.now());
        let file =
            PlanFile::make(plan.clone(), lasts(program), &fleet, program.gate.installation(), actor, now)
                .and_then(|file| file.text())
                .map_err(Failure::new)?;
        write_for_others(path, &file)?;
    }
    let upcoming = program.store.read().await?.endings().list(plan.made_at, UPCOMING).await?;
    let shown = Shown { plan: &plan, past_limits: &past_limits, upcoming: &upcoming };
    output.result(&shown.value()?, || {
        let mut text = shown.text();
        if let Some(path) = &options.out {
            let until = plan.made_at + lasts(program);
            text.push_str(&format!("\nsaved in {}, good until {until}\n", path.display()));
        }
        text
    })?;
    Ok(Outcome::Done)
}

/// Most notices that are listed.
const UPCOMING: u32 = 100;

/// How long this installation lets a saved plan be carried out.
fn lasts(program: &Program) -> Span {
    Span::hours(i64::from(program.settings.limits.plan_hours))
}

/// A plan holds no secret, and goes from its maker to whoever approves it and back: other accounts may read it.
fn write_for_others(path: &Path, text: &str) -> Result<(), Failure> {
    let unwritable = |error| Failure::new(format!("{} cannot be written: {error}", path.display()));
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    std::fs::write(&new, text).map_err(unwritable)?;
    std::fs::rename(&new, path).map_err(unwritable)
}

async fn excesses(program: &Program, plan: &Plan) -> Result<Vec<String>, Failure> {
    let (limits, now) = (program.settings.limits.limits(), program.clock.now());
    Ok(lifecycle::excesses(program.store.as_ref(), &limits, plan, now).await?)
}

/// The plan in a file, as far as it is to be believed.
async fn saved(program: &Program, path: &Path) -> Result<(PlanFile, Believed), Failure> {
    let not_usable = |why: String| {
        Failure::with_hint(
            format!("{} cannot be used: {why}", path.display()),
            "save a plan with `sealwright plan --out FILE`",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| not_usable(error.to_string()))?;
    let file = PlanFile::read(&text).map_err(not_usable)?;
    let fleet = program.gate.fleet().await?;
    let believed = file.believed(&fleet, lasts(program), program.clock.now()).map_err(not_usable)?;
    Ok((file, believed))
}

/// The intents of a saved plan in the words of a plan that is made now; refused when one of them is not wanted any more.
async fn as_wanted_now(
    program: &Program,
    path: &Path,
    saved: &Plan,
    output: &Output,
) -> Result<Plan, Failure> {
    let fresh = fresh(program, false, output).await?;
    let moved = lifecycle::moved_on(saved, &fresh);
    let repairs = lifecycle::repairs_moved_on(saved, &fresh);
    let otherwise = lifecycle::follows_otherwise(saved, &fresh);
    if !(moved.is_empty() && repairs.is_empty() && otherwise.is_empty()) {
        return Err(not_as_it_was(path, &moved, &repairs, &otherwise));
    }
    // What a saved plan calls people and why is its maker's word.
    Ok(lifecycle::as_wanted_now(saved, &fresh))
}

/// Shows a saved plan, asks, and puts the signature of another person under it.
async fn approve(program: &Program, path: &Path, yes: bool, output: &Output) -> Result<Outcome, Failure> {
    let (mut file, believed) = saved(program, path).await?;
    if is_same_person(&believed.maker, &program.actor) {
        return Err(Failure::with_hint(
            format!("{} made this plan, and nobody approves their own", believed.maker),
            "somebody else approves it, on another machine of the fleet where there are several",
        ));
    }
    let plan = as_wanted_now(program, path, &believed.body.plan, output).await?;
    let past_limits = excesses(program, &plan).await?;
    let shown = Shown { plan: &plan, past_limits: &past_limits, upcoming: &[] };
    if !yes {
        if output.is_json() || !std::io::stdin().is_terminal() {
            return Err(Failure::usage(
                "nobody can be asked whether this plan is to be carried out",
                "look at it with `sealwright plan`, then add --yes",
            ));
        }
        output.note(&shown.text());
        if !agrees()? {
            return Err(Failure::new("nothing was approved"));
        }
    }
    let (installation, now) = (program.gate.installation(), program.clock.now());
    file.approve(installation, &program.actor, now).map_err(Failure::new)?;
    let fleet = program.gate.fleet().await?;
    let counted = file.believed(&fleet, lasts(program), now).map_err(Failure::new)?;
    if counted.approvers.len() == believed.approvers.len() {
        return Err(Failure::with_hint(
            "this signature would not count: the plan was made or approved on this machine already",
            "approve it on another machine of the fleet",
        ));
    }
    let event = AuditEvent {
        kind: AuditKind::PlanApproved,
        outcome: AuditOutcome::Success,
        actor: program.actor.clone(),
        object: format!("plan of {}", plan.made_at),
        detail: format!("made by {}; {}", believed.maker, counts(&plan)),
    };
    // On record before it counts.
    store::in_unit!(program.store, work => { work.audit().append(&event, now).await?; })?;
    write_for_others(path, &file.text().map_err(Failure::new)?)?;
    let value =
        json!({ "made": believed.maker, "approved": counted.approvers, "expires": counted.body.expires_at });
    output.result(&value, || {
        format!(
            "approved: {}; made by {}, approved by {}; good until {}",
            counts(&plan),
            believed.maker,
            counted.approvers.join(", "),
            counted.body.expires_at
        )
    })?;
    Ok(Outcome::Done)
}

/// Most intents that an error names.
const NAMED: usize = 10;

fn not_as_it_was(path: &Path, moved: &[&Intent], repairs: &[&RepairIntent], otherwise: &[String]) -> Failure {
    let repair = |intent: &&RepairIntent| format!("{} {}", intent.repair.verb(), intent.object);
    let unwanted: Vec<String> = moved
        .iter()
        .map(|intent| format!("{} {} ({})", intent.action.verb(), intent.who, intent.template_name))
        .chain(repairs.iter().map(repair))
        .collect();
    let mut told = Vec::new();
    if !unwanted.is_empty() {
        told.push(format!("it does not want any more: {}", first(&unwanted, ", ")));
    }
    if !otherwise.is_empty() {
        told.push(first(otherwise, "; "));
    }
    Failure::with_hint(
        format!(
            "nothing was done: the world has moved since {} was made: {}",
            path.display(),
            told.join("; ")
        ),
        "make and look at a new plan",
    )
}

/// As many as an error names.
fn first(all: &[String], between: &str) -> String {
    let named = all[..all.len().min(NAMED)].join(between);
    if all.len() > NAMED { format!("{named} and {} more", all.len() - NAMED) } else { named }
}

/// What is said about more than one person may have done: somebody has to decide.
pub(super) fn past_limits(sentences: &[String]) -> Failure {
    let hint = format!(
        "look at it first; then {}. The limits stand in [limits] of sealwright.toml",
        lifecycle::HOW_TO_GO_ON
    );
    Failure { code: 3, message: format!("nothing more was done: {}", sentences.join("; ")), hint: Some(hint) }
}

pub(super) async fn apply(program: &Program, options: Apply, output: &Output) -> Result<Outcome, Failure> {
    let (wanted, approvers) = match &options.file {
        None => (fresh(program, false, output).await?, Vec::new()),
        Some(path) => {
            let (_, believed) = saved(program, path).await?;
            let plan = as_wanted_now(program, path, &believed.body.plan, output).await?;
            (plan, believed.approvers)
        }
    };
    let limits = program.settings.limits.limits();
    let consent = if approvers.is_empty() { Consent::Within(&limits) } else { Consent::Of(&approvers) };
    let excesses = excesses(program, &wanted).await?;
    if !excesses.is_empty() && approvers.is_empty() {
        return Err(past_limits(&excesses));
    }
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let applied = match lifecycle::apply(store, clock, &program.ids, &wanted, &program.actor, consent).await {
        Err(CycleError::PastLimits(sentences)) => return Err(past_limits(&sentences)),
        applied => applied?,
    };
    let began = |verb: &str| applied.started.iter().filter(|intent| intent.action.verb() == verb).count();
    let (revoked, held, released) = (began("revoke"), began("hold"), began("release"));
    output.note(&format!(
        "{} enrollments started, {revoked} revocations and {} repairs ordered, {held} certificates put on hold, {released} \
         taken off hold, {} hand-overs tried again, {} removals ordered, {} intents no longer wanted",
        applied.started.len() - revoked - held - released,
        applied.repairs.len(),
        applied.retried.len(),
        applied.removals.len(),
        applied.moved_on.len()
    ));
    // On a server the work may be a daemon's alone; it takes up what is queued within seconds.
    let queue = options.queue || !program.rights.may_work();
    if !queue {
        let idle = daemon::worker(program, false).run_until_idle().await;
        tracing::debug!(?idle, "the queue is worked off");
    }
    let mut work = program.store.read().await?;
    let counts = work.enrollments().counts().await?;
    let mut hindered = Vec::new();
    for state in [EnrollmentState::Stuck, EnrollmentState::Waiting, EnrollmentState::Running] {
        let listed = work.enrollments().list(Some(state), &PageRequest::first(50)).await?.rows;
        hindered.extend(listed.into_iter().filter(|enrollment| enrollment.last_error.is_some()));
    }
    let why = |enrollment: &Enrollment| enrollment.last_error.clone().unwrap_or_default();
    let value = json!({
        "started": applied.started.len(),
        "revoked": revoked,
        "held": held,
        "released": released,
        "repaired": applied.repairs.len(),
        "retried": applied.retried.len(),
        "removed": applied.removals.len(),
        "movedOn": applied.moved_on.len(),
        "open": counts.open.iter().sum::<u64>(),
        "stuck": counts.stuck,
        "rejected": counts.rejected,
        "done": counts.done,
        "hindered": hindered.iter().map(|enrollment| json!({
            "who": enrollment.names.common_name,
            "station": enrollment.station.name(),
            "state": enrollment.state,
            "why": why(enrollment),
        })).collect::<Vec<_>>(),
    });
    output.result(&value, || {
        let mut text = format!(
            "{} under way, {} done, {} rejected, {} need a person\n",
            counts.open.iter().sum::<u64>(),
            counts.done,
            counts.rejected,
            counts.stuck
        );
        for enrollment in &hindered {
            text.push_str(&format!(
                "  {} at {}: {}\n",
                enrollment.names.common_name,
                enrollment.station.name(),
                why(enrollment)
            ));
        }
        text
    })?;
    // What is only queued, or under way in a service beside this command, needs nobody.
    let needs_person = counts.stuck > 0 || (!queue && !hindered.is_empty());
    Ok(if needs_person { Outcome::NeedsPerson } else { Outcome::Done })
}

pub(super) async fn service(
    program: &Program,
    command: ServiceCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        ServiceCommand::List => {
            let services = program.store.read().await?.services().list().await?;
            output.result(&json!({ "services": services }), || {
                let rows: Vec<Vec<String>> = services
                    .iter()
                    .map(|status| {
                        vec![
                            status.service.name().to_owned(),
                            status.last_run.map_or_else(|| "never".to_owned(), |at| at.to_string()),
                            status.next_run.to_string(),
                            if status.failed { "failed" } else { "well" }.to_owned(),
                            status.last_result.clone().unwrap_or_default(),
                        ]
                    })
                    .collect();
                table(&["SERVICE", "LAST RUN", "NEXT RUN", "STATE", "RESULT"], &rows)
            })?;
        }
        ServiceCommand::Run { name } => {
            let service = model::Service::from_name(&name).ok_or_else(|| {
                let names: Vec<&str> = model::Service::ALL.iter().map(|service| service.name()).collect();
                Failure::with_hint(
                    format!("there is no service `{name}`"),
                    format!("there are: {}", names.join(", ")),
                )
            })?;
            let now = program.clock.now();
            store::in_unit!(program.store, work => {
                work.services().ensure(service, now).await?;
                work.services().wake(service, now).await?;
            })?;
            output.result(&json!({ "service": name, "due": now }), || {
                format!("`{name}` is due; the service that runs takes it within seconds")
            })?;
        }
    }
    Ok(Outcome::Done)
}
