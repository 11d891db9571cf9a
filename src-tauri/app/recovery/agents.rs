//! The set of recovery agents: shown, proposed, trusted.

use admit::Fingerprint;
use api::{
    ErrorCode, KraSet, KraSetLine, Matter, MlKemFile, NewOfficer, OfficerLine, ProposeKraSet, SignatureLine,
    TrustKraSet, WireError, WithdrawKraSet,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use crypto::{MlKemPublicKey, X509Certificate};
use custody::{Draft, Line, Officer, Policy, Standing};
use kra::{Address, StoreKey, TokenKey};
use model::{Kra, Span, Thumbprint, Timestamp};
use store::Store as _;

use super::{officer, sign_log_quietly};
use crate::compose::Program;
use crate::failure::{Failure, matter_of_set, wire_custody};
use crate::officers::{candidate, kept_officers, wake_waiting};
use crate::works::chain;

/// Warn about certificates that end within so many days.
const SOON: u32 = 60;

/// What there is, and what this home makes of it.
pub(super) async fn show(program: &Program) -> Result<KraSet, WireError> {
    let status = program.custody.status().await.map_err(wire_custody)?;
    let now = program.clock.now();
    let list = program.store.read().await?.kras().list().await?;
    let (state, trouble, about) = match &status.in_force {
        Ok(Some(_)) => ("signed", None, None),
        Ok(None) => ("list", None, None),
        Err(error) => ("trouble", Some(chain(error)), matter_of_set(error)),
    };
    let mut versions = Vec::new();
    for line in status.lines.iter().rev() {
        versions.push(of_version(program, line, now).await);
    }
    Ok(KraSet {
        at: now.to_string(),
        state: state.to_owned(),
        trouble,
        about,
        pinned: status.pin.as_ref().map(|pin| pin.digest.fingerprint().to_string()),
        versions,
        list: list.iter().map(|kra| of_agent(kra, now)).collect(),
        warn_days: SOON,
    })
}

async fn of_version(program: &Program, line: &Line, now: Timestamp) -> KraSetLine {
    let mut told = KraSetLine {
        version: u32::try_from(line.version).unwrap_or(u32::MAX),
        fingerprint: line.fingerprint.to_string(),
        standing: line.standing.code().to_owned(),
        collected: line.collected,
        needed: line.needed,
        signatures: line
            .signers
            .iter()
            .map(|one| SignatureLine { officer: one.officer.clone(), refused: one.refused.clone() })
            .collect(),
        ..KraSetLine::default()
    };
    match &line.standing {
        Standing::Refused(why) => told.why = Some(why.clone()),
        Standing::Withdrawn(withdrawal) => {
            told.withdrawn_by = Some(withdrawal.by.clone());
            told.withdrawn_at = Some(withdrawal.at.to_string());
        }
        Standing::InForce
        | Standing::Superseded
        | Standing::Proposed
        | Standing::Overtaken
        | Standing::Untrusted
        | Standing::Fork => {}
    }
    if let Some(set) = &line.set {
        told.name.clone_from(&set.name);
        told.quorum = set.policy.threshold().unwrap_or(0);
        told.approvals = set.policy.approvals_needed();
        told.policy = set.policy.describe(set.officers.len());
        told.at = set.at.to_string();
        told.by.clone_from(&set.by);
        told.withdrawable = match line.standing {
            Standing::Proposed => program.custody.may_withdraw(set),
            Standing::Overtaken => true,
            Standing::InForce
            | Standing::Superseded
            | Standing::Withdrawn(_)
            | Standing::Untrusted
            | Standing::Fork
            | Standing::Refused(_) => false,
        };
        let lines = set.agents().zip(&set.officers).map(|(agent, officer)| of_officer(&agent, officer, now));
        told.officers = lines.collect();
    }
    if line.standing == Standing::Proposed {
        match program.custody.to_sign(Some(line.fingerprint)).await {
            Ok(proposal) => {
                told.changes = proposal.changes();
                told.electors = proposal.electors.iter().map(|one| one.name.clone()).collect();
            }
            // Such a version cannot be signed here, and the page says why.
            Err(error) => told.why = Some(chain(&error)),
        }
    }
    told
}

fn of_officer(agent: &Kra, officer: &Officer, now: Timestamp) -> OfficerLine {
    let ml_kem = officer.ml_kem.as_ref().map(MlKemPublicKey::fingerprint);
    OfficerLine { ml_kem, ..of_agent(agent, now) }
}

fn of_agent(agent: &Kra, now: Timestamp) -> OfficerLine {
    let subject = X509Certificate::from_der(&agent.certificate_der).map(|found| found.subject());
    OfficerLine {
        name: agent.name.clone(),
        subject: subject.unwrap_or_default(),
        thumbprint: agent.thumbprint.to_string(),
        not_after: agent.not_after.to_string(),
        ends_soon: agent.not_after < now + Span::days(i64::from(SOON)),
        ml_kem: None,
    }
}

/// Proposes the first or the next version.
pub(super) async fn propose(program: &Program, request: ProposeKraSet) -> Result<KraSet, WireError> {
    let before = program.custody.to_follow().await.map_err(wire_custody)?;
    let mut officers = Vec::new();
    if !request.keep.is_empty() {
        let kept = kept_officers(program, before.as_ref()).await?;
        for typed in &request.keep {
            let thumbprint: Thumbprint = typed.parse().map_err(|_| WireError::not_found("officer"))?;
            let officer = kept.iter().find(|officer| officer.certificate.thumbprint() == thumbprint);
            officers.push(officer.ok_or_else(|| WireError::not_found("officer"))?.clone());
        }
    }
    for new in &request.add {
        let certificate = certificate_of(program, new).await?;
        let mut officer = candidate(program, certificate, before.as_ref()).await?;
        if let Some(file) = new.ml_kem() {
            officer.ml_kem = Some(ml_kem_of(file)?);
        }
        officers.push(officer);
    }
    for given in &request.ml_kem {
        let thumbprint: Thumbprint = given.officer.parse().map_err(|_| WireError::not_found("officer"))?;
        let officer = officers.iter_mut().find(|one| one.certificate.thumbprint() == thumbprint);
        officer.ok_or_else(|| WireError::not_found("officer"))?.ml_kem = Some(ml_kem_of(&given.key)?);
    }
    let policy = match request.quorum {
        0 => Policy::AnyOne { approvals: request.approvals },
        threshold => Policy::Quorum { threshold },
    };
    let name = request.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let proposed = program.custody.propose(&Draft { name, policy, officers }).await;
    sign_log_quietly(program).await;
    proposed.map_err(wire_custody)?;
    show(program).await
}

/// Takes a proposed version back.
pub(super) async fn withdraw(program: &Program, request: &WithdrawKraSet) -> Result<KraSet, WireError> {
    let which = fingerprint(&request.fingerprint)?;
    let withdrawn = program.custody.withdraw(Some(which)).await;
    sign_log_quietly(program).await;
    withdrawn.map_err(wire_custody)?;
    show(program).await
}

/// The public half of an officer's ML-KEM key.
fn ml_kem_of(file: &MlKemFile) -> Result<MlKemPublicKey, WireError> {
    let bytes = BASE64_STANDARD.decode(&file.content).unwrap_or_default();
    MlKemPublicKey::from_pem(&bytes).map_err(|error| {
        WireError::new(
            ErrorCode::Invalid,
            format!("{} holds no public ML-KEM key: {error}", file.name),
            "choose the public half that `sealwright kra ml-kem` writes beside the key (`.pub.pem`)",
        )
        .about(Some(Matter::MlKemNotPublic))
    })
}

async fn certificate_of(program: &Program, new: &NewOfficer) -> Result<X509Certificate, WireError> {
    match new {
        NewOfficer::Certificate { name, content, .. } => {
            let certificate = BASE64_STANDARD.decode(content).ok();
            let certificate = certificate.and_then(|bytes: Vec<u8>| X509Certificate::from_bytes(&bytes).ok());
            certificate.ok_or_else(|| {
                WireError::new(
                    ErrorCode::Invalid,
                    format!("{name} holds no certificate"),
                    "choose the officer's certificate, PEM or DER; not a file with a key",
                )
            })
        }
        NewOfficer::Token { address, .. } => match officer::address(program, address)? {
            Address::Token(uri) => {
                let key = TokenKey::find(&uri).await.map_err(Failure::from)?;
                Ok(key.certificate().clone())
            }
            Address::Store(address) => {
                let key = StoreKey::find(&address).await.map_err(Failure::from)?;
                Ok(key.certificate().clone())
            }
            Address::File(_) | Address::KeyVault(_) => Err(WireError::new(
                ErrorCode::Invalid,
                "this is no token",
                "choose a token, or add the officer's certificate as a file",
            )),
        },
    }
}

/// Goes by the version with a fingerprint that a person has compared, where this home goes by none yet. A page that lies must not
/// move it from the one that it has.
pub(super) async fn trust(program: &Program, request: &TrustKraSet) -> Result<KraSet, WireError> {
    let wanted = fingerprint(&request.fingerprint)?;
    let status = program.custody.status().await.map_err(wire_custody)?;
    if let Some(pin) = &status.pin {
        return Err(WireError::new(
            ErrorCode::NotPossible,
            format!(
                "this installation goes by version {} ({}) already",
                pin.version,
                pin.digest.fingerprint()
            ),
            "to put another version in its place, use the command line: `sealwright kra set trust FINGERPRINT`",
        ));
    }
    let trusted = program.custody.trust(wanted).await;
    sign_log_quietly(program).await;
    trusted.map_err(wire_custody)?;
    if let Some(warning) = go_on(program).await {
        tracing::warn!("{warning}");
    }
    show(program).await
}

/// What waited for a set goes on; not every officer's login may say so.
pub(super) async fn go_on(program: &Program) -> Option<String> {
    let woken = wake_waiting(program).await;
    woken.err().map(|error| format!("enrollments that waited go on some minutes later: {}", error.message))
}

/// A fingerprint as it was typed or copied.
pub(super) fn fingerprint(typed: &str) -> Result<Fingerprint, WireError> {
    typed.parse().map_err(|_| {
        WireError::new(
            ErrorCode::Invalid,
            "this is no fingerprint",
            "copy all groups, as an officer's screen shows them",
        )
    })
}
