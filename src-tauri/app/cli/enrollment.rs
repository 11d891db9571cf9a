//! Commands about enrollments: which there are, and what a person decides about one that is stuck.

use std::sync::Arc;

use api::{EnrollmentDetails, GivenUp, Retried, find_enrollments};
use clap::Subcommand;
use serde_json::json;

use super::Outcome;
use super::certificate::{ask, host};
use super::output::{Failure, Output, table};
use crate::compose::Program;
use crate::daemon;
use crate::person::Deed;

impl EnrollmentCommand {
    /// What it is, as far as roles go.
    pub(super) const fn deed(&self) -> Deed {
        match self {
            Self::List { .. } => Deed::Look,
            Self::Retry { .. } => Deed::TryAgain,
            Self::GiveUp { .. } => Deed::Certificates,
        }
    }
}

/// Enrollments
#[derive(Debug, Subcommand)]
pub(super) enum EnrollmentCommand {
    /// List enrollments, last moved first
    List {
        /// running, waiting, stuck, rejected or done
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        /// Part of a name, of an address or of the template's name
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// Most lines
        #[arg(long, default_value_t = 100, value_name = "N")]
        limit: usize,
    },
    /// Try a stuck one again where it stands
    Retry {
        /// Its id, as `list` shows it
        #[arg(value_name = "ID")]
        id: String,
    },
    /// End a stuck one for good; not possible any more once the authority has issued
    GiveUp {
        /// Its id, as `list` shows it
        #[arg(value_name = "ID")]
        id: String,
        /// Why: a sentence for the audit log, at most 500 characters
        #[arg(long, value_name = "TEXT", value_parser = super::agent::reason)]
        reason: String,
    },
}

pub(super) async fn run(
    program: &Arc<Program>,
    command: EnrollmentCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        EnrollmentCommand::List { state, search, limit } => {
            list(program, state.as_deref(), search.as_deref(), limit, output).await
        }
        EnrollmentCommand::Retry { id } => retry(program, &id, output).await,
        EnrollmentCommand::GiveUp { id, reason } => give_up(program, &id, &reason, output).await,
    }
}

async fn list(
    program: &Program,
    state: Option<&str>,
    search: Option<&str>,
    limit: usize,
    output: &Output,
) -> Result<Outcome, Failure> {
    let (lines, more) = find_enrollments(program.store.as_ref(), state, search, limit).await?;
    output.result(&json!({ "enrollments": lines, "more": more }), || {
        let rows: Vec<Vec<String>> = lines
            .iter()
            .map(|line| {
                let said = line.last_error.as_ref().filter(|_| line.state != "done").unwrap_or(&line.reason);
                vec![
                    line.state.clone(),
                    line.who.clone(),
                    line.template.clone(),
                    line.station.clone(),
                    line.updated_at.clone(),
                    line.id.clone(),
                    said.clone(),
                ]
            })
            .collect();
        let headings = ["STATE", "WHO", "TEMPLATE", "STATION", "LAST MOVED", "ID", "REASON OR PROBLEM"];
        let mut text = table(&headings, &rows);
        if more {
            text.push_str("and more: narrow it down with --state and --search, or raise --limit\n");
        }
        text
    })?;
    Ok(Outcome::Done)
}

async fn retry(program: &Arc<Program>, id: &str, output: &Output) -> Result<Outcome, Failure> {
    let host = host(program);
    let retried: Retried = ask(&host, "retry_enrollment", json!({ "id": id })).await?;
    // Elsewhere the work is a daemon's alone; it takes up what is queued within seconds.
    if program.outside.is_none() && program.rights.may_work() {
        let idle = daemon::worker(program, false).run_until_idle().await;
        tracing::debug!(?idle, "the queue is worked off");
    }
    let now: EnrollmentDetails = ask(&host, "enrollment_details", json!({ "id": retried.line.id })).await?;
    output.result(&now, || {
        let line = &now.line;
        match (line.state.as_str(), &line.last_error) {
            ("done", _) => format!("{} has the certificate", line.who),
            (state, Some(error)) => format!("{} is at `{}` ({state}): {error}", line.who, line.station),
            (state, None) => {
                format!("{} is at `{}` ({state}); the service goes on with it", line.who, line.station)
            }
        }
    })?;
    let needs_person = matches!(now.line.state.as_str(), "stuck" | "rejected");
    Ok(if needs_person { Outcome::NeedsPerson } else { Outcome::Done })
}

async fn give_up(
    program: &Arc<Program>,
    id: &str,
    reason: &str,
    output: &Output,
) -> Result<Outcome, Failure> {
    let given_up: GivenUp =
        ask(&host(program), "give_up_enrollment", json!({ "id": id, "reason": reason })).await?;
    daemon::scrub(program).await;
    output.result(&given_up, || {
        let line = &given_up.line;
        let mut text = format!("the enrollment of {} is given up\n", line.who);
        if !given_up.key_removed {
            text.push_str("a daemon removes its key; this login may not\n");
        }
        if line.station == "request" {
            text.push_str(&format!(
                "an order may have been placed all the same: look for the reference {} in the authority's portal, and cancel or \
                 revoke what is there\n",
                line.id
            ));
        }
        text.push_str(
            "the plan may order anew once something changes; to prevent that, take the subscriber out of the enrollment group\n",
        );
        text
    })?;
    Ok(Outcome::Done)
}
