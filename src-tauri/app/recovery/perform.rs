//! What is done with an officer's key once it is there.

use admit::{Digest, Fingerprint};
use api::{DrillHeld, ErrorCode, OfficerDeed, SetSigned, WireError, called_line};
use ports::RecoveryKey;
use recover::drill::{FireDrill, Sample};

use super::deeds::Report;
use super::lines::{Names, line};
use super::{agents, desk_of};
use crate::compose::Program;
use crate::failure::{wire, wire_custody};
use store::Store as _;

/// Why a fire drill from the console is held, for the audit log.
const DRILL_REASON: &str = "fire drill";

/// Does it.
pub(super) async fn perform(
    program: &Program,
    deed: &OfficerDeed,
    key: &dyn RecoveryKey,
    told: &Report,
) -> Result<(), WireError> {
    match deed {
        OfficerDeed::Approve { request, digest } => approve(program, request, digest, key, told).await,
        OfficerDeed::SignSet { fingerprint } => sign_set(program, fingerprint, key, told).await,
        OfficerDeed::Drill { sample } => drill(program, *sample, key, told).await,
    }
}

async fn approve(
    program: &Program,
    request: &str,
    digest: &str,
    key: &dyn RecoveryKey,
    told: &Report,
) -> Result<(), WireError> {
    let desk = desk_of(program).await?;
    let id = request.parse().map_err(|_| WireError::not_found("recovery request"))?;
    let asked = desk.request(id).await.map_err(wire)?;
    // What the page showed is what is agreed to, and nothing that took its place since.
    if asked.digest.to_string() != digest {
        return Err(WireError::new(
            ErrorCode::Stale,
            "this is another request than the one that was shown",
            "read it again; somebody may have altered the database",
        ));
    }
    desk.approve(&asked, key).await.map_err(wire)?;
    let listed = desk.listed(id).await.map_err(wire)?;
    let mut work = program.store.read().await?;
    let names = Names::of(&custody::recorded_agents(work.as_mut()).await?);
    let approved = line(&desk, &listed, &names, desk.clock.now());
    told.tell(|line| line.approved = Some(approved));
    Ok(())
}

async fn sign_set(
    program: &Program,
    fingerprint: &str,
    key: &dyn RecoveryKey,
    told: &Report,
) -> Result<(), WireError> {
    let fingerprint: Fingerprint = agents::fingerprint(fingerprint)?;
    let proposal = program.custody.to_sign(Some(fingerprint)).await.map_err(wire_custody)?;
    let digest: Digest = proposal.set.digest;
    let signed = program.custody.sign(digest, key).await.map_err(wire_custody)?;
    let warning = if signed.in_force { agents::go_on(program).await } else { None };
    let set = &signed.proposal.set;
    told.tell(|line| {
        line.warning = warning;
        line.signed = Some(SetSigned {
            officer: signed.officer.clone(),
            name: set.name.clone(),
            version: u32::try_from(set.version).unwrap_or(u32::MAX),
            collected: signed.proposal.collected,
            needed: signed.proposal.needed,
            in_force: signed.in_force,
        });
    });
    Ok(())
}

async fn drill(
    program: &Program,
    sample: Option<u32>,
    key: &dyn RecoveryKey,
    told: &Report,
) -> Result<(), WireError> {
    let drill = FireDrill {
        store: program.store.as_ref(),
        clock: program.clock.as_ref(),
        entropy: program.entropy.as_ref(),
        agent: key,
        actor: program.actor.clone(),
        reason: DRILL_REASON.to_owned(),
        sample: sample.map_or(Sample::Called, |wanted| Sample::Drawn(u64::from(wanted))),
    };
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let mut progress = |tried: u64, of: u64| {
        told.tell(|line| {
            line.tried = count(tried);
            line.of = count(of);
        });
    };
    let held = drill.hold(&mut progress).await.map_err(wire)?;
    told.tell(|line| {
        line.drill = Some(DrillHeld {
            sample: count(held.drill.sample),
            opened: count(held.drill.opened),
            shares: count(held.drill.shares),
            others: count(held.drill.others),
            failed: held.failed.iter().map(|(key, why)| format!("{key}: {why}")).collect(),
            succeeded: held.drill.succeeded(),
            called: held.called.as_ref().map(|called| called_line(called, program.clock.now())),
        });
    });
    Ok(())
}
