//! What differs between the database and the world outside: shown, ignored with a reason, repaired within the limits.

use lifecycle::{Consent, CycleError};
use model::{
    AuditEvent, AuditKind, AuditOutcome, DriftDecision, DriftFinding, DriftId, DriftSide, DriftState,
    RepairIntent,
};
use plan::Plan;
use serde::{Deserialize, Serialize};
use store::DriftFilter;
use ts_rs::TS;

use crate::activity::parse_id;
use crate::overview::clamp;
use crate::unit::in_unit;
use crate::{ErrorCode, Host, WireError};

/// Most findings of one answer.
const TOLD: u32 = 500;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// Asks for [`DriftView`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DriftRequest {
    /// In which state: `noted`, `open`, `ignored` or `closed`.
    pub state: String,
}

/// What differs.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DriftView {
    /// When this was read, RFC 3339.
    pub at: String,
    /// Findings that are open.
    pub open: u32,
    /// What one reading showed and none after it yet.
    pub noted: u32,
    /// Findings that somebody ignores.
    pub ignored: u32,
    /// What became of the last reading of each side.
    pub sides: Vec<DriftSideLine>,
    /// Those in the wanted state, at most 500.
    pub findings: Vec<DriftLine>,
}

/// A side that is compared.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DriftSideLine {
    /// `authority`, `intune` or `addressBook`.
    pub side: String,
    /// The authority's name; absent for the others.
    pub authority: Option<String>,
    /// When the last complete reading began, RFC 3339.
    pub read_at: Option<String>,
    /// How much it compared.
    pub compared: u32,
    /// Why the last attempt compared nothing.
    pub not_compared: Option<String>,
}

/// A finding.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DriftLine {
    /// Id.
    pub id: String,
    /// What differs, e.g. `orphan`.
    pub kind: String,
    /// `noted`, `open`, `ignored` or `closed`.
    pub state: String,
    /// What it is about.
    pub about: String,
    /// Why, and what helps.
    pub why: String,
    /// Our certificate behind it.
    pub certificate: Option<String>,
    /// Beginning of the first reading that showed it, RFC 3339.
    pub first_seen: String,
    /// Beginning of the last one, RFC 3339.
    pub last_seen: String,
    /// What a plan does about it now: `withdraw`, `markRevoked`, `revokeAgain` or `publish`.
    pub repair: Option<String>,
    /// When a repair was ordered last, RFC 3339.
    pub ordered_at: Option<String>,
    /// Who ignores it.
    pub ignored_by: Option<String>,
    /// Why it is ignored.
    pub reason: Option<String>,
}

/// Leaves a finding as it is, or takes that back.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct IgnoreDrift {
    /// Which.
    pub id: String,
    /// Why; absent to take it back.
    pub reason: Option<String>,
}

/// Orders the repair of a finding.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RepairDrift {
    /// Which.
    pub id: String,
}

pub(crate) async fn drift(host: &dyn Host, request: DriftRequest) -> Result<DriftView, WireError> {
    let state = DriftState::from_name(&request.state).ok_or_else(|| {
        let names: Vec<&str> = DriftState::ALL.iter().map(|state| state.name()).collect();
        WireError::new(
            ErrorCode::Invalid,
            format!("`{}` is no state of a finding", request.state),
            format!("use one of: {}", names.join(", ")),
        )
    })?;
    let mut work = host.store().read().await?;
    let filter = DriftFilter { states: vec![state], ..DriftFilter::default() };
    let findings = work.drift().list(&filter, None, TOLD).await?;
    let open = work.drift().count(DriftState::Open).await?;
    let noted = work.drift().count(DriftState::Noted).await?;
    let ignored = work.drift().count(DriftState::Ignored).await?;
    let readings = work.drift().readings().await?;
    let accounts = work.authorities().list().await?;
    drop(work);
    let name = |side: DriftSide| match side {
        DriftSide::Intune | DriftSide::AddressBook => None,
        DriftSide::Authority(id) => {
            let known = accounts.iter().find(|account| account.id == id);
            Some(known.map_or_else(|| id.to_string(), |account| account.name.clone()))
        }
    };
    let sides = readings.into_iter().map(|reading| DriftSideLine {
        side: match reading.side {
            DriftSide::Authority(_) => "authority".to_owned(),
            side @ (DriftSide::Intune | DriftSide::AddressBook) => side.name(),
        },
        authority: name(reading.side),
        read_at: reading.read_at.map(|at| at.to_string()),
        compared: clamp(reading.compared),
        not_compared: reading.not_compared,
    });
    Ok(DriftView {
        at: host.clock().now().to_string(),
        open: clamp(open),
        noted: clamp(noted),
        ignored: clamp(ignored),
        sides: sides.collect(),
        findings: findings.iter().map(line).collect(),
    })
}

fn line(finding: &DriftFinding) -> DriftLine {
    DriftLine {
        id: finding.id.to_string(),
        kind: finding.seen.kind.name().to_owned(),
        state: finding.state.name().to_owned(),
        about: finding.seen.object.to_string(),
        why: finding.seen.sentence.clone(),
        certificate: finding.seen.certificate.map(|id| id.to_string()),
        first_seen: finding.first_seen.to_string(),
        last_seen: finding.last_seen.to_string(),
        repair: finding.repair().map(|repair| repair.verb().to_owned()),
        ordered_at: finding.ordered_at.map(|at| at.to_string()),
        ignored_by: finding.decision.as_ref().map(|one| one.by.clone()),
        reason: finding.decision.as_ref().map(|one| one.reason.clone()),
    }
}

async fn find(host: &dyn Host, id: &str) -> Result<DriftFinding, WireError> {
    let id: DriftId = parse_id("finding", id)?;
    let found = host.store().read().await?.drift().lookup(id).await?;
    found.ok_or_else(|| {
        WireError::new(ErrorCode::NotFound, "this finding does not exist", "load the page anew")
    })
}

pub(crate) async fn ignore_drift(host: &dyn Host, request: IgnoreDrift) -> Result<DriftLine, WireError> {
    let finding = find(host, &request.id).await?;
    let reason = request.reason.map(|reason| reason.trim().to_owned());
    if reason.as_ref().is_some_and(|reason| reason.is_empty() || reason.chars().count() > LONGEST_REASON) {
        return Err(WireError::new(
            ErrorCode::Invalid,
            "a reason has 1 to 500 characters",
            "say in one sentence why it may stay",
        ));
    }
    let (now, by) = (host.clock().now(), host.actor());
    let detail = match &reason {
        Some(reason) => {
            format!("{} ({}) is ignored: {reason}", finding.seen.object, finding.seen.kind.name())
        }
        None => format!("{} ({}) is ignored no longer", finding.seen.object, finding.seen.kind.name()),
    };
    let decision = reason.map(|reason| DriftDecision { at: now, by: by.clone(), reason });
    let event = AuditEvent {
        kind: AuditKind::DriftDecided,
        outcome: AuditOutcome::Success,
        actor: by,
        object: format!("difference {}", finding.id),
        detail,
    };
    in_unit!(host, work => {
        if !work.drift().decide(finding.id, decision.as_ref()).await? {
            Err(WireError::new(
                ErrorCode::Stale,
                format!("the finding is {} by now", finding.state.name()),
                "load the page anew",
            ))?;
        }
        work.audit().append(&event, now).await?;
    })?;
    Ok(line(&find(host, &request.id).await?))
}

pub(crate) async fn repair_drift(host: &dyn Host, request: RepairDrift) -> Result<DriftLine, WireError> {
    let finding = find(host, &request.id).await?;
    let Some(repair) = RepairIntent::of(&finding) else {
        return Err(WireError::new(
            ErrorCode::NotPossible,
            "a plan does nothing about this finding now",
            finding.seen.sentence,
        ));
    };
    let plan = Plan { repairs: vec![repair], ..Plan::empty(host.clock().now()) };
    let limits = host.limits();
    let consent = Consent::Within(&limits);
    match lifecycle::apply(host.store(), host.clock(), host.ids(), &plan, &host.actor(), consent).await {
        Ok(_) => {}
        Err(CycleError::Store(error)) => return Err(error.into()),
        Err(error @ CycleError::PastLimits(_)) => {
            return Err(WireError::new(ErrorCode::NotPossible, error.to_string(), lifecycle::HOW_TO_GO_ON));
        }
    }
    host.work_queued();
    Ok(line(&find(host, &request.id).await?))
}
