//! Commands that show and do what the plan wants, and the service's duties.

use model::{Enrollment, EnrollmentState};
use plan::Plan;
use serde_json::json;
use store::{PageRequest, Store as _};

use super::Outcome;
use super::arguments::{Apply, Plan as PlanOptions, ServiceCommand};
use super::output::{Failure, Output, table};
use crate::compose::Program;
use crate::daemon;
use crate::settings::write_private;

async fn fresh(program: &Program, offline: bool, output: &Output) -> Result<Plan, Failure> {
    if !offline {
        let observed = program.sync(&program.bench()).observe().await.map_err(|text| {
            Failure::with_hint(
                text,
                "`sealwright doctor` examines the way to the directory; --offline plans without it",
            )
        })?;
        if !observed.unknown.is_empty() {
            output.warning(&crate::works::unknown(&observed.unknown));
        }
    }
    Ok(lifecycle::draft(program.store.as_ref(), program.clock.as_ref()).await?)
}

pub(super) async fn plan(
    program: &Program,
    options: PlanOptions,
    output: &Output,
) -> Result<Outcome, Failure> {
    let plan = fresh(program, options.offline, output).await?;
    if let Some(path) = &options.out {
        let text = serde_json::to_string_pretty(&plan)
            .map_err(|error| Failure::new(format!("the plan cannot be written: {error}")))?;
        write_private(path, text.as_bytes())?;
    }
    output.result(&plan, || describe(&plan))?;
    Ok(Outcome::Done)
}

fn describe(plan: &Plan) -> String {
    let mut rows: Vec<Vec<String>> = plan
        .intents
        .iter()
        .map(|intent| {
            vec![
                intent.action.verb().to_owned(),
                intent.who.clone(),
                intent.template_name.clone(),
                intent.reason.clone(),
            ]
        })
        .collect();
    rows.extend(
        plan.skips
            .iter()
            .map(|skip| vec!["cannot".to_owned(), skip.who.clone(), skip.template.clone(), skip.why.clone()]),
    );
    let mut text = table(&["WHAT", "WHO", "TEMPLATE", "WHY"], &rows);
    text.push_str(&format!("{} to be done, {} cannot be served\n", plan.intents.len(), plan.skips.len()));
    text
}

pub(super) async fn apply(program: &Program, options: Apply, output: &Output) -> Result<Outcome, Failure> {
    let wanted = match &options.file {
        None => fresh(program, false, output).await?,
        Some(path) => {
            program.sync(&program.bench()).observe().await.map_err(Failure::new)?;
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))?;
            serde_json::from_str(&text).map_err(|error| {
                Failure::with_hint(
                    format!("{} is not a saved plan: {error}", path.display()),
                    "save one with `sealwright plan --out FILE`",
                )
            })?
        }
    };
    let applied = lifecycle::apply(
        program.store.as_ref(),
        program.clock.as_ref(),
        &program.ids,
        &wanted,
        &program.actor,
    )
    .await?;
    output.note(&format!(
        "{} enrollments started, {} intents no longer wanted",
        applied.started.len(),
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
