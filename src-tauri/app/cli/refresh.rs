//! `sealwright certificate refresh`: asks the authorities now how certificates stand.

use std::sync::Arc;

use clap::Args;
use lifecycle::{Refreshed, Source};
use model::Service;
use serde_json::{Value, json};
use store::Store as _;

use super::Outcome;
use super::certificate::find;
use super::output::{Failure, Output};
use crate::compose::Program;
use crate::drifts::lines;

/// Which certificates are asked about.
///
/// The built-in authority is asked itself; of others the revocation lists and OCSP responders are read that certificates name.
#[derive(Debug, Args)]
pub(super) struct Refresh {
    /// Ids, thumbprints or serial numbers in any spelling
    #[arg(value_name = "CERTIFICATE", required_unless_present = "all")]
    pub certificates: Vec<String>,
    /// All that run; what two readings in a row show is a finding (`drift list`)
    #[arg(long, conflicts_with = "certificates")]
    all: bool,
}

/// Of the named ones, or, where none is named, of all authorities.
pub(super) async fn run(
    program: &Arc<Program>,
    named: &[String],
    output: &Output,
) -> Result<Outcome, Failure> {
    // On a server what is written down about certificates may be a daemon's alone.
    if !program.rights.may_work() {
        let now = program.clock.now();
        store::in_unit!(program.store, work => {
            work.services().ensure(Service::Drift, now).await?;
            work.services().wake(Service::Drift, now).await?;
        })?;
        output.result(&json!({ "due": now }), || {
            "the service that runs asks within seconds; `sealwright drift list` shows what differs".to_owned()
        })?;
        return Ok(Outcome::Done);
    }
    if named.is_empty() { all(program, output).await } else { some(program, named, output).await }
}

async fn all(program: &Arc<Program>, output: &Output) -> Result<Outcome, Failure> {
    let bench = program.bench();
    let drift = program.drift(&bench);
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let sides = lifecycle::compare_authorities(store, drift.outside(), clock).await?;
    let mut work = program.store.read().await?;
    let (open, noted) = (
        work.drift().count(model::DriftState::Open).await?,
        work.drift().count(model::DriftState::Noted).await?,
    );
    drop(work);
    let told: Vec<Value> = sides
        .iter()
        .map(|one| {
            let not = one.compared.as_ref().err().map(|not| not.why.as_str());
            json!({ "authority": one.name, "compared": one.compared.as_ref().ok(), "notCompared": not })
        })
        .collect();
    output.result(&json!({ "authorities": told, "open": open, "seenOnce": noted }), || {
        let mut text = lines(&sides);
        text.push_str(&format!("{open} findings, {noted} seen once (`sealwright drift list --all`)\n"));
        text
    })?;
    let has_failed = sides.iter().any(|one| one.compared.as_ref().is_err_and(|not| !not.is_expected));
    Ok(if open > 0 || noted > 0 || has_failed { Outcome::NeedsPerson } else { Outcome::Done })
}

async fn some(program: &Arc<Program>, named: &[String], output: &Output) -> Result<Outcome, Failure> {
    let mut wanted = Vec::with_capacity(named.len());
    for typed in named {
        wanted.push(find(program, typed).await?);
    }
    let bench = program.bench();
    let drift = program.drift(&bench);
    let (store, clock) = (program.store.as_ref(), program.clock.as_ref());
    let refreshed = lifecycle::refresh_status(store, drift.outside(), clock, &wanted).await?;
    let told: Vec<Value> = refreshed.iter().map(value).collect();
    output.result(&json!({ "certificates": told }), || refreshed.iter().map(sentence).collect::<String>())?;
    let wants_a_look =
        refreshed.iter().any(|one| one.difference.is_some() || matches!(one.source, Source::Unread(_)));
    Ok(if wants_a_look { Outcome::NeedsPerson } else { Outcome::Done })
}

fn value(one: &Refreshed) -> Value {
    let (source, said_at, unread) = match &one.source {
        Source::Authority => (Some("authority"), None, None),
        Source::Address(address, at) => (Some(address.as_str()), Some(*at), None),
        Source::Nowhere => (None, None, None),
        Source::Unread(why) => (None, None, Some(why)),
    };
    json!({
        "id": one.certificate.id, "serial": one.certificate.serial.to_string(), "mail": one.certificate.mail,
        "state": one.certificate.state, "checkedAt": one.certificate.checked_at, "source": source,
        "saidAt": said_at, "unread": unread, "difference": one.difference,
    })
}

fn sentence(one: &Refreshed) -> String {
    let certificate = &one.certificate;
    let told = match (&one.source, &one.difference) {
        (Source::Unread(why), _) => format!("nothing could be read; {why}"),
        (Source::Nowhere, _) => "it names no address at which its status could be read".to_owned(),
        (_, Some(difference)) => difference.clone(),
        (Source::Authority, None) => "the authority says the same".to_owned(),
        (Source::Address(address, at), None) => format!("{address} says the same, as of {at}"),
    };
    format!("{} {} ({}): {told}\n", certificate.serial, certificate.mail, certificate.not_after)
}
