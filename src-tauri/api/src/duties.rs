//! What the service does again and again, as far as this installation's settings allow, and what is under way beside it.

use model::{CertificateState, Service, Span};
use serde::{Deserialize, Serialize};
use store::CertificateFilter;
use ts_rs::TS;

use crate::activity::{ServiceLine, service_line};
use crate::audit::AuditSignatures;
use crate::overview::clamp;
use crate::{Host, WireError};

/// How many revocations are counted.
const COUNT_LIMIT: u64 = 10_000;

/// Why a duty does nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum DutyOff {
    /// No tenant is configured here.
    NoTenant,
    /// There is no authority of our own.
    NoAuthority,
    /// The settings say so.
    SwitchedOff,
    /// Certificates are not published here.
    NotPublished,
}

/// What this installation's settings make of a duty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DutySetting {
    /// Which.
    pub service: Service,
    /// Why a daemon with these settings does nothing in it; `None` when it does.
    pub off: Option<DutyOff>,
    /// Time between runs.
    pub every: Span,
}

impl DutySetting {
    /// All duties as they are unless settings say otherwise.
    pub fn usual() -> Vec<Self> {
        let usual = |service: Service| Self { service, off: None, every: service.default_interval() };
        Service::ALL.into_iter().map(usual).collect()
    }
}

/// Asks for [`Duties`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DutiesRequest {}

/// What the service does.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Duties {
    /// When this was read, RFC 3339.
    pub at: String,
    /// The recurring duties, all of them.
    pub duties: Vec<DutyLine>,
    /// What is queued or under way beside them.
    pub work: QueuedWork,
    /// Who signed the audit log, and how far; absent where nobody examines it, or this login may not see it.
    pub audit: Option<AuditSignatures>,
}

/// A recurring duty.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DutyLine {
    /// Stable name: `sync`, `crl`, `drills`, `gal`, `campaigns`, `drift`.
    pub name: String,
    /// Why a daemon with this installation's settings does nothing in it.
    pub off: Option<DutyOff>,
    /// Minutes between runs.
    pub every_minutes: u32,
    /// Last and next run; absent while no daemon has ever taken it up.
    pub runs: Option<ServiceLine>,
}

/// What is queued or under way.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct QueuedWork {
    /// Jobs that are queued or worked on.
    pub jobs: u32,
    /// When the next of them is due, RFC 3339.
    pub next_due: Option<String>,
    /// Enrollments under way.
    pub enrollments: u32,
    /// Enrollments that need a person.
    pub stuck: u32,
    /// Revocations that were ordered and are not confirmed.
    pub revocations: u32,
    /// Deliveries that were not read back from Intune.
    pub deliveries: u32,
}

pub(crate) async fn duties(host: &dyn Host, _: DutiesRequest) -> Result<Duties, WireError> {
    let now = host.clock().now();
    let mut work = host.store().read().await?;
    let known = work.services().list().await?;
    let counts = work.enrollments().counts().await?;
    let revoking =
        CertificateFilter { states: vec![CertificateState::Revoking], ..CertificateFilter::default() };
    let revocations = work.certificates().count(&revoking, COUNT_LIMIT).await?;
    let (present, wanted) = work.deliveries().counts().await?;
    let jobs = work.jobs().count().await?;
    let next_due = work.jobs().next_due().await?;
    drop(work);
    let audit = match host.auditor() {
        // A login that may not read the log still sees the duties.
        Some(auditor) => auditor.signatures().await.ok(),
        None => None,
    };
    let duties = host.duties().into_iter().map(|setting| DutyLine {
        name: setting.service.name().to_owned(),
        off: setting.off,
        every_minutes: clamp(u64::try_from(setting.every.as_millis() / 60_000).unwrap_or(0)),
        runs: known.iter().find(|status| status.service == setting.service).map(service_line),
    });
    Ok(Duties {
        at: now.to_string(),
        duties: duties.collect(),
        work: QueuedWork {
            jobs: clamp(jobs),
            next_due: next_due.map(|at| at.to_string()),
            enrollments: clamp(counts.open.iter().sum()),
            stuck: clamp(counts.stuck),
            revocations: clamp(revocations),
            deliveries: clamp(wanted.saturating_sub(present)),
        },
        audit,
    })
}
