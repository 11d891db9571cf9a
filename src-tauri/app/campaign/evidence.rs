//! What a campaign did, for somebody who sees neither database nor log: every certificate with its successor, when it came how
//! far, and where the audit log tells of it.
//!
//! The report's SHA-256 is written into the audit log, and the report carries the proof that this entry is under a signed head:
//! nothing in it can be changed afterwards, and whoever has the head knows when it was written. It is what the database said at
//! that moment, and the log's positions lead to what was recorded while it was done.

use std::collections::BTreeMap;

use evidence::{EntryProof, Proven};
use model::{
    AuditEvent, AuditKind, AuditOutcome, Campaign, CampaignState, CertificateId, JournalEvent, Member,
    MemberStage, SerialNumber, Span, Station, Thumbprint, Timestamp,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{PageRequest, Store as _, StoreError, Work};

use crate::auditor::proof::newest;
use crate::compose::Program;
use crate::failure::Failure;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "sealwright campaign evidence 1")]
    One,
}

/// The file. The names of the fields are part of the format.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CampaignEvidence {
    format: Format,
    /// [`Report`] as JSON, octet for octet as its digest was recorded.
    report: String,
    proof: EntryProof,
}

/// What is told.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) why: String,
    pub(crate) state: CampaignState,
    pub(crate) deadline: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) created_by: String,
    pub(crate) approved_by: Vec<String>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) started_by: Option<String>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) written_at: Timestamp,
    pub(crate) stages: BTreeMap<String, u64>,
    /// Entries of the audit log about the campaign itself.
    pub(crate) entries: Vec<i64>,
    pub(crate) members: Vec<Line>,
}

/// One certificate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    pub(crate) serial: Option<SerialNumber>,
    pub(crate) thumbprint: Option<Thumbprint>,
    pub(crate) mail: Option<String>,
    pub(crate) stage: MemberStage,
    pub(crate) why: Option<String>,
    pub(crate) successor_serial: Option<SerialNumber>,
    pub(crate) successor_thumbprint: Option<Thumbprint>,
    pub(crate) ordered_at: Option<Timestamp>,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) archived_at: Option<Timestamp>,
    pub(crate) delivered_at: Option<Timestamp>,
    pub(crate) revocation_ordered_at: Option<Timestamp>,
    pub(crate) revoked_at: Option<Timestamp>,
    /// Positions in the audit log.
    pub(crate) entries: Vec<i64>,
}

impl CampaignEvidence {
    /// Writes down how a campaign stands, has the digest recorded, and proves that entry.
    pub(crate) async fn make(program: &Program, campaign: &Campaign) -> Result<Self, Failure> {
        let report = read(program, campaign).await?;
        let report = serde_json::to_string(&report)
            .map_err(|error| Failure::new(format!("the report cannot be written: {error}")))?;
        let event = AuditEvent {
            kind: AuditKind::CampaignChanged,
            outcome: AuditOutcome::Success,
            actor: program.actor.clone(),
            object: format!("campaign {}", campaign.name),
            detail: recorded(&report),
        };
        let seq = store::in_unit!(program.store, work => {
            work.audit().append(&event, program.clock.now()).await?
        })?;
        let fleet = program.gate.fleet().await?;
        let newest = newest(program, &fleet).await?;
        let proof = EntryProof::of(program.store.as_ref(), &fleet, &newest.head, seq).await?;
        Ok(Self { format: Format::One, report, proof })
    }

    /// Checks it with nothing but itself. Whether the signer belongs to the right fleet is not told by it: compare the
    /// fingerprint.
    ///
    /// # Errors
    /// Why it proves nothing.
    pub(crate) fn check(&self) -> Result<(Report, Proven), String> {
        let proven = self.proof.check().map_err(|error| error.to_string())?;
        let event = &self.proof.entry.event;
        if event.kind != AuditKind::CampaignChanged || event.detail != recorded(&self.report) {
            return Err(
                "the report is not the one that the audit log tells of: one of them was altered".to_owned()
            );
        }
        let report: Report = serde_json::from_str(&self.report)
            .map_err(|error| format!("the report cannot be read: {error}"))?;
        if event.object != format!("campaign {}", report.name) {
            return Err("the audit log tells of another campaign".to_owned());
        }
        Ok((report, proven))
    }
}

fn recorded(report: &str) -> String {
    format!("evidence written, SHA-256 {}", hex::encode(Sha256::digest(report.as_bytes())))
}

/// How far the clocks of machines that write into the log may be apart.
const CLOCKS_APART: Span = Span::days(1);
/// Members read at once.
const PAGE: u32 = 500;

async fn read(program: &Program, campaign: &Campaign) -> Result<Report, Failure> {
    let approved_by = program.campaign_approvers(campaign).await?;
    // Everything as it was at one moment.
    let mut work = program.store.read().await?;
    let positions = positions(work.as_mut(), campaign.created_at).await?;
    let mut report = Report {
        name: campaign.name.clone(),
        why: campaign.why.clone(),
        state: campaign.state,
        deadline: campaign.terms.deadline,
        created_at: campaign.created_at,
        created_by: campaign.created_by.clone(),
        approved_by,
        started_at: campaign.started_at,
        started_by: campaign.started_by.clone(),
        ended_at: campaign.ended_at,
        written_at: program.clock.now(),
        stages: BTreeMap::new(),
        entries: positions.get(&format!("campaign {}", campaign.name)).cloned().unwrap_or_default(),
        members: Vec::new(),
    };
    let mut after: Option<CertificateId> = None;
    loop {
        let page = work.campaigns().members(campaign.id, None, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(report) };
        after = Some(last.certificate);
        for member in &page {
            *report.stages.entry(member.stage.name().to_owned()).or_default() += 1;
            report.members.push(line(work.as_mut(), member, &positions).await?);
        }
    }
}

/// Where the log tells of each object since a moment.
async fn positions(work: &mut dyn Work, since: Timestamp) -> Result<BTreeMap<String, Vec<i64>>, StoreError> {
    let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut page = PageRequest::first(500);
    loop {
        let read = work.audit().list(&page).await?;
        for row in &read.rows {
            found.entry(row.event.object.clone()).or_default().push(row.seq);
        }
        let is_before = read.rows.last().is_none_or(|row| row.at + CLOCKS_APART < since);
        page.after = read.next;
        if is_before || page.after.is_none() {
            for seqs in found.values_mut() {
                seqs.sort_unstable();
            }
            return Ok(found);
        }
    }
}

async fn line(
    work: &mut dyn Work,
    member: &Member,
    positions: &BTreeMap<String, Vec<i64>>,
) -> Result<Line, StoreError> {
    let old = work.certificates().lookup(member.certificate).await?.map(|row| row.certificate);
    let (mut successor, mut journal) = (None, Vec::new());
    if let Some(id) = member.enrollment {
        journal = work.enrollments().journal(id).await?;
        if let Some(issued) = work.enrollments().lookup(id).await?.and_then(|found| found.certificate) {
            successor = work.certificates().lookup(issued).await?.map(|row| row.certificate);
        }
    }
    let passed = |station: Station| {
        let is_it =
            |entry: &&model::JournalEntry| entry.station == station && entry.event == JournalEvent::Succeeded;
        journal.iter().find(is_it).map(|entry| entry.at)
    };
    let objects = [
        old.as_ref().map(|old| format!("certificate {}", old.thumbprint)),
        successor.as_ref().map(|new| format!("certificate {}", new.thumbprint)),
        successor.as_ref().map(|new| format!("certificate {}", new.id)),
        member.enrollment.map(|id| format!("enrollment {id}")),
    ];
    let mut entries: Vec<i64> =
        objects.iter().flatten().filter_map(|object| positions.get(object)).flatten().copied().collect();
    entries.sort_unstable();
    Ok(Line {
        serial: old.as_ref().map(|old| old.serial.clone()),
        thumbprint: old.as_ref().map(|old| old.thumbprint),
        mail: old.as_ref().map(|old| old.mail.clone()),
        stage: member.stage,
        why: member.why.clone(),
        successor_serial: successor.as_ref().map(|new| new.serial.clone()),
        successor_thumbprint: successor.as_ref().map(|new| new.thumbprint),
        ordered_at: member.ordered_at,
        issued_at: passed(Station::Request),
        archived_at: passed(Station::Archive),
        delivered_at: passed(Station::Deliver),
        revocation_ordered_at: member.revoking_at,
        revoked_at: member.revoked_at,
        entries,
    })
}
