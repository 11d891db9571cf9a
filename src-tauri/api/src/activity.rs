//! What is going on: enrollments with their station, what is stuck and why, the daemon's duties.

use model::{Enrollment, EnrollmentId, EnrollmentState, JournalEntry, Service, ServiceStatus};
use serde::{Deserialize, Serialize};
use store::{PageRequest, Work};
use ts_rs::TS;

use crate::overview::clamp;
use crate::unit::in_unit;
use crate::{ErrorCode, Host, WireError};

/// Asks for [`Activity`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ActivityRequest {
    /// Only enrollments in this state: `running`, `waiting`, `stuck`, `rejected`, `done`; all when absent.
    pub state: Option<String>,
    /// Where to go on, from the answer before.
    pub after: Option<String>,
}

/// What is going on.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// When this was read, RFC 3339.
    pub at: String,
    /// Under way at each station: keygen, request, archive, deliver.
    pub at_station: Vec<u32>,
    /// Need a person.
    pub stuck: u32,
    /// Refused by the authority.
    pub rejected: u32,
    /// Finished.
    pub done: u32,
    /// Enrollments, last moved first.
    pub enrollments: Vec<EnrollmentLine>,
    /// For the next page.
    pub next: Option<String>,
    /// The daemon's duties.
    pub services: Vec<ServiceLine>,
}

/// One enrollment.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EnrollmentLine {
    /// Id.
    pub id: String,
    /// Common name asked for.
    pub who: String,
    /// Template name.
    pub template: String,
    /// Station: `keygen`, `request`, `archive`, `deliver`.
    pub station: String,
    /// State: `running`, `waiting`, `stuck`, `rejected`, `done`.
    pub state: String,
    /// Why it was started.
    pub reason: String,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Failed attempts at this station.
    pub attempts: u32,
    /// When it last moved, RFC 3339.
    pub updated_at: String,
}

/// A duty of the daemon.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ServiceLine {
    /// Stable name: `sync`, `crl`.
    pub name: String,
    /// Last start, RFC 3339.
    pub last_run: Option<String>,
    /// What came of it.
    pub last_result: Option<String>,
    /// The last run failed.
    pub failed: bool,
    /// Next start, RFC 3339.
    pub next_run: String,
}

/// Asks for [`EnrollmentDetails`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EnrollmentDetailsRequest {
    /// Id.
    pub id: String,
}

/// One enrollment with its journal.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EnrollmentDetails {
    /// The line.
    pub line: EnrollmentLine,
    /// The journal in order.
    pub journal: Vec<JournalLine>,
    /// The certificate, once issued.
    pub certificate: Option<String>,
}

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct JournalLine {
    /// When, RFC 3339.
    pub at: String,
    /// Station.
    pub station: String,
    /// `started`, `succeeded`, `waiting`, `failed`, `stuck`, `rejected`.
    pub event: String,
    /// For people.
    pub detail: Option<String>,
}

/// Tries a stuck enrollment again at its present station.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RetryEnrollment {
    /// Id.
    pub id: String,
}

/// The enrollment is due again.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Retried {
    /// The line as it is afterwards.
    pub line: EnrollmentLine,
}

/// Starts a duty at once.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RunService {
    /// Stable name.
    pub name: String,
}

/// The duty is due at once; whichever daemon is awake takes it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStarted {
    /// When it was asked for, RFC 3339.
    pub at: String,
}

/// The wire spelling of a serialisable enum without fields.
pub fn word<T: Serialize>(value: T) -> String {
    serde_json::to_value(value).ok().and_then(|json| json.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(crate) fn service_line(status: &ServiceStatus) -> ServiceLine {
    ServiceLine {
        name: status.service.name().to_owned(),
        last_run: status.last_run.map(|at| at.to_string()),
        last_result: status.last_result.clone(),
        failed: status.failed,
        next_run: status.next_run.to_string(),
    }
}

pub(crate) fn journal_line(entry: JournalEntry) -> JournalLine {
    JournalLine {
        at: entry.at.to_string(),
        station: entry.station.name().to_owned(),
        event: word(entry.event),
        detail: entry.detail,
    }
}

pub(crate) async fn enrollment_line(
    work: &mut dyn Work,
    enrollment: &Enrollment,
) -> Result<EnrollmentLine, WireError> {
    let template = work.templates().lookup(enrollment.template).await?;
    let template = template.map_or_else(|| enrollment.template.to_string(), |found| found.template.name);
    Ok(line_of(enrollment, template))
}

pub(crate) fn line_of(enrollment: &Enrollment, template: String) -> EnrollmentLine {
    EnrollmentLine {
        id: enrollment.id.to_string(),
        who: enrollment.names.common_name.clone(),
        template,
        station: enrollment.station.name().to_owned(),
        state: word(enrollment.state),
        reason: enrollment.reason.clone(),
        last_error: enrollment.last_error.clone(),
        attempts: enrollment.attempts,
        updated_at: enrollment.updated_at.to_string(),
    }
}

/// A state from its word on the wire.
pub(crate) fn enrollment_state(text: &str) -> Result<EnrollmentState, WireError> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| {
        WireError::new(
            ErrorCode::Invalid,
            format!("`{text}` is not a state of an enrollment"),
            "use running, waiting, stuck, rejected or done",
        )
    })
}

pub(crate) fn parse_id<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, WireError> {
    text.parse().map_err(|_| {
        let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        WireError::new(
            ErrorCode::Invalid,
            format!("`{text}` is not the id of {article} {what}"),
            "copy the id from a list",
        )
    })
}

pub(crate) async fn activity(host: &dyn Host, request: ActivityRequest) -> Result<Activity, WireError> {
    let state = request.state.as_deref().map(enrollment_state).transpose()?;
    let mut work = host.store().read().await?;
    let counts = work.enrollments().counts().await?;
    let page = work.enrollments().list(state, &PageRequest { after: request.after, limit: 50 }).await?;
    let mut enrollments = Vec::with_capacity(page.rows.len());
    for enrollment in &page.rows {
        enrollments.push(enrollment_line(work.as_mut(), enrollment).await?);
    }
    let services = work.services().list().await?;
    Ok(Activity {
        at: host.clock().now().to_string(),
        at_station: counts.open.iter().map(|count| clamp(*count)).collect(),
        stuck: clamp(counts.stuck),
        rejected: clamp(counts.rejected),
        done: clamp(counts.done),
        enrollments,
        next: page.next,
        services: services.iter().map(service_line).collect(),
    })
}

pub(crate) async fn enrollment_details(
    host: &dyn Host,
    request: EnrollmentDetailsRequest,
) -> Result<EnrollmentDetails, WireError> {
    let id: EnrollmentId = parse_id("enrollment", &request.id)?;
    let mut work = host.store().read().await?;
    let enrollment =
        work.enrollments().lookup(id).await?.ok_or_else(|| WireError::not_found("enrollment"))?;
    let journal = work.enrollments().journal(id).await?;
    Ok(EnrollmentDetails {
        line: enrollment_line(work.as_mut(), &enrollment).await?,
        journal: journal.into_iter().map(journal_line).collect(),
        certificate: enrollment.certificate.map(|id| id.to_string()),
    })
}

pub(crate) async fn retry_enrollment(
    host: &dyn Host,
    request: RetryEnrollment,
) -> Result<Retried, WireError> {
    let id: EnrollmentId = parse_id("enrollment", &request.id)?;
    let now = host.clock().now();
    let line = in_unit!(host, work => {
        let mut enrollment =
            work.enrollments().lookup(id).await?.ok_or_else(|| WireError::not_found("enrollment"))?;
        if enrollment.state != EnrollmentState::Stuck {
            Err(WireError::new(
                ErrorCode::NotPossible,
                "this enrollment does not wait for a person",
                "refresh; it may have moved on",
            ))?;
        }
        enroll::retry(work.as_mut(), host.ids(), &mut enrollment, &host.actor(), now).await?;
        enrollment_line(work.as_mut(), &enrollment).await?
    })?;
    host.work_queued();
    Ok(Retried { line })
}

pub(crate) async fn run_service(host: &dyn Host, request: RunService) -> Result<ServiceStarted, WireError> {
    let service = Service::from_name(&request.name).ok_or_else(|| WireError::not_found("service"))?;
    let now = host.clock().now();
    in_unit!(host, work => {
        // A duty that no daemon has ever taken up has no row yet.
        work.services().ensure(service, now).await?;
        work.services().wake(service, now).await?;
    })?;
    host.work_queued();
    Ok(ServiceStarted { at: now.to_string() })
}
