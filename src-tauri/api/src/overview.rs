//! The first page: coverage, what needs a person, what expires.

use model::{CalledDrill, Drill, EnrollmentState, Timestamp, drill_is_due, is_newer_than_called};
use serde::{Deserialize, Serialize};
use store::{PageRequest, Work};
use ts_rs::TS;

use crate::activity::{EnrollmentLine, ServiceLine, enrollment_line, service_line};
use crate::{Host, WireError};

/// Asks for [`Overview`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OverviewRequest {}

/// Figures of the first page, all as of `at`.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// When these figures were read, RFC 3339.
    pub at: String,
    /// People in enrollment groups.
    pub people: u32,
    /// Shared mailboxes in enrollment groups.
    pub mailboxes: u32,
    /// Valid certificates.
    pub valid: u32,
    /// Of these: end within 30 days.
    pub expiring: u32,
    /// Past the end of validity.
    pub expired: u32,
    /// Revoked or being revoked.
    pub revoked: u32,
    /// Replaced by newer ones.
    pub superseded: u32,
    /// Private keys in the archive.
    pub archived: u32,
    /// Deliveries read back from Intune.
    pub delivered: u32,
    /// Deliveries wanted.
    pub deliveries: u32,
    /// Ends of validity in each of the next 12 periods of 31 days.
    pub expiring_by_month: Vec<u32>,
    /// Enrollments under way.
    pub running: u32,
    /// Enrollments that need a person, at most 20.
    pub stuck: Vec<EnrollmentLine>,
    /// Enrollments that need a person, in all.
    pub stuck_total: u32,
    /// Entitled people without a certificate, with the reason, at most 50.
    pub skipped: Vec<SkipLine>,
    /// The daemon's duties.
    pub services: Vec<ServiceLine>,
    /// The fire drill that was called last.
    pub called_drill: Option<CalledDrillLine>,
    /// The last fire drill that an officer drew, where it is newer: archived keys that were opened as a proof.
    pub drill: Option<DrillLine>,
    /// Whether this login may not see fire drills; then `drill` and `called_drill` say nothing.
    pub drill_hidden: bool,
    /// Whether a fire drill is due: one is called and not complete, or none was called and none drawn for long.
    pub drill_due: bool,
}

/// A fire drill that the schedule called, for officers to hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CalledDrillLine {
    /// When it was called, RFC 3339.
    pub at: String,
    /// Until when it should be held, RFC 3339.
    pub until: String,
    /// Whether that is past, and it is not complete.
    pub overdue: bool,
    /// Whether it is known of every key whether it can be recovered.
    pub complete: bool,
    /// When anything of it was tried last, RFC 3339.
    pub tried_at: Option<String>,
    /// Keys of the sample.
    pub keys: u32,
    /// Of these: proven to be recoverable.
    pub proven: u32,
    /// Of these: some officers' shares opened, and too few.
    pub partly: u32,
    /// Of these: not tried by anybody who could open them.
    pub not_tried: u32,
    /// Those that did not open or are gone, by name, with the reason.
    pub failed: Vec<String>,
    /// Who has proven something of it.
    pub officers: Vec<String>,
}

/// How a called drill stands, for people.
pub fn called_line(called: &CalledDrill, now: Timestamp) -> CalledDrillLine {
    let counts = called.counts();
    let failed = called.failed().map(|key| format!("{}: {}", key.described(), key.why().unwrap_or_default()));
    CalledDrillLine {
        at: called.at.to_string(),
        until: called.until.to_string(),
        overdue: called.is_overdue(now),
        complete: called.is_complete(),
        tried_at: called.last_tried().map(|at| at.to_string()),
        keys: clamp(counts.keys),
        proven: clamp(counts.proven),
        partly: clamp(counts.partly),
        not_tried: clamp(counts.not_tried),
        failed: failed.collect(),
        officers: called.proven_by().into_iter().map(str::to_owned).collect(),
    }
}

/// Both kinds of drills, or that this login may not see them.
async fn drills(
    work: &mut dyn Work,
) -> Result<Option<(Option<CalledDrill>, Option<Drill>)>, store::StoreError> {
    let called = match work.services().called_drill().await {
        // A portal's login has nothing to do with it, and cannot tell that there was none.
        Err(store::StoreError::Denied { .. }) => return Ok(None),
        found => found?,
    };
    let drawn = work.services().drill().await?.filter(|drill| is_newer_than_called(drill, called.as_ref()));
    Ok(Some((called, drawn)))
}

/// A fire drill that an officer drew.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DrillLine {
    /// When, RFC 3339.
    pub at: String,
    /// Keys that were tried.
    pub sample: u32,
    /// Keys that opened.
    pub opened: u32,
    /// Keys sealed to a quorum of which the officer's share opened.
    pub shares: u32,
    /// Keys that are other officers' and were not tried.
    pub others: u32,
    /// Whether everything opened that is the officer's, and something was.
    pub succeeded: bool,
    /// Whose key opened them.
    pub agent: String,
    /// Keys that did not open, the first few.
    pub failed: Vec<String>,
}

/// Somebody entitled who gets no certificate, and why.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SkipLine {
    /// Name for people.
    pub who: String,
    /// Template name.
    pub template: String,
    /// Why not, and what would help.
    pub why: String,
}

pub(crate) fn clamp(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(crate) async fn overview(host: &dyn Host, _: OverviewRequest) -> Result<Overview, WireError> {
    let now = host.clock().now();
    let mut work = host.store().read().await?;
    let (people, mailboxes) = work.subscribers().count().await?;
    let certificates = work.certificates().counts(now).await?;
    let archived = work.archive().count().await?;
    let (delivered, deliveries) = work.deliveries().counts().await?;
    let counts = work.enrollments().counts().await?;
    let stuck = work.enrollments().list(Some(EnrollmentState::Stuck), &PageRequest::first(20)).await?;
    let skips = work.subscribers().list_skips(50).await?;
    let services = work.services().list().await?;
    let seen = drills(work.as_mut()).await?;
    let drill_hidden = seen.is_none();
    let (called, drill) = seen.unwrap_or_default();
    let mut stuck_lines = Vec::with_capacity(stuck.rows.len());
    for enrollment in &stuck.rows {
        stuck_lines.push(enrollment_line(work.as_mut(), enrollment).await?);
    }
    Ok(Overview {
        at: now.to_string(),
        people: clamp(people),
        mailboxes: clamp(mailboxes),
        valid: clamp(certificates.valid),
        expiring: clamp(certificates.expiring),
        expired: clamp(certificates.expired),
        revoked: clamp(certificates.revoked),
        superseded: clamp(certificates.superseded),
        archived: clamp(archived),
        delivered: clamp(delivered),
        deliveries: clamp(deliveries),
        expiring_by_month: certificates.by_month.iter().map(|count| clamp(*count)).collect(),
        running: clamp(counts.open.iter().sum()),
        stuck: stuck_lines,
        stuck_total: clamp(counts.stuck),
        skipped: skips
            .into_iter()
            .map(|skip| SkipLine { who: skip.who, template: skip.template, why: skip.why })
            .collect(),
        services: services.iter().map(service_line).collect(),
        drill_hidden,
        drill_due: match &called {
            Some(called) => !called.is_complete(),
            None => !drill_hidden && archived > 0 && drill_is_due(drill.as_ref(), host.drill_interval(), now),
        },
        called_drill: called.as_ref().map(|called| called_line(called, now)),
        drill: drill.map(|held| DrillLine {
            at: held.at.to_string(),
            sample: clamp(held.sample),
            opened: clamp(held.opened),
            shares: clamp(held.shares),
            others: clamp(held.others),
            succeeded: held.succeeded(),
            agent: held.agent,
            failed: held.failed,
        }),
    })
}
