//! What the worker does: queued jobs and recurring duties, each handed to the flow that knows how.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use enroll::{Bench, Progress};
use jobs::{Duty, Handler, LeaseGuard, Next};
use lifecycle::LifecycleError;
use model::{AuthorityId, Service, Span};
use observe::{Observer, Watch};
use ports::{CertificateAuthority, DeliveryDoor, Directory, Disposition};
use store::{Job, JobKind, Store};

/// How often a job is tried whose door is broken until a person mends it.
const OPERATOR_INTERVAL: Span = Span::minutes(10);

/// Carries out queued jobs.
pub(crate) struct Works {
    /// For enrollments.
    pub bench: Arc<Bench>,
}

#[async_trait]
impl Handler for Works {
    async fn run(&self, job: &Job, lease: &LeaseGuard) -> Next {
        let bench = self.bench.as_ref();
        match &job.kind {
            JobKind::Enrollment { enrollment } => {
                match enroll::advance(bench, *enrollment, lease.lease()).await {
                    Ok(Progress::Finished | Progress::NeedsPerson | Progress::LeaseLost) => Next::Done,
                    Ok(Progress::Again { after, failed }) => Next::Again { after, failed },
                    Err(error) => {
                        tracing::warn!(%enrollment, error = %chain(&error), "the database failed during an enrollment");
                        Next::Again { after: None, failed: true }
                    }
                }
            }
            JobKind::Revocation { certificate, reason } => {
                let revoked = lifecycle::revoke(
                    bench.store.as_ref(),
                    &bench.authorities,
                    bench.clock.as_ref(),
                    *certificate,
                    *reason,
                    &bench.actor,
                )
                .await;
                next("a revocation", revoked)
            }
            JobKind::Readback { certificate } => {
                let read = lifecycle::read_back(
                    bench.store.as_ref(),
                    bench.delivery.as_ref(),
                    bench.clock.as_ref(),
                    *certificate,
                )
                .await;
                next("a read-back", read.map(|_| ()))
            }
        }
    }
}

fn next(what: &str, result: Result<(), LifecycleError>) -> Next {
    let error = match result {
        Ok(()) => return Next::Done,
        Err(error) => error,
    };
    tracing::warn!(error = %chain(&error), "{what} did not get through");
    let disposition = match &error {
        LifecycleError::Authority(error) => error.disposition(),
        LifecycleError::Delivery(error) => error.disposition(),
        LifecycleError::Store(_) => Disposition::Retry { after: None },
        LifecycleError::NotPossible(_) => Disposition::Operator,
    };
    match disposition {
        Disposition::Retry { after } => Next::Again { after, failed: true },
        Disposition::LookUpFirst => Next::Again { after: None, failed: true },
        Disposition::Operator | Disposition::Reject => {
            Next::Again { after: Some(OPERATOR_INTERVAL), failed: true }
        }
    }
}

/// Reads the directory, plans, and starts what the plan wants.
pub struct Sync {
    /// The door; `None` while no tenant is configured.
    pub directory: Option<Arc<dyn Directory>>,
    /// Everything else.
    pub bench: Arc<Bench>,
    /// Mailboxes and their holders, from the settings.
    pub holders: Vec<(String, model::GroupId)>,
    /// Time between runs.
    pub interval: Span,
}

#[async_trait]
impl Duty for Sync {
    fn service(&self) -> Service {
        Service::Sync
    }
    fn interval(&self) -> Span {
        self.interval
    }
    async fn run(&self) -> Result<String, String> {
        let observed = self.observe().await?;
        let bench = self.bench.as_ref();
        let cycled = lifecycle::cycle(bench.store.as_ref(), bench.clock.as_ref(), &bench.ids)
            .await
            .map_err(|error| chain(&error))?;
        let told = format!(
            "{}: {} changed, {} left; {} considered, {} enrollments started, {} cannot be served",
            if observed.full { "read in full" } else { "read changes" },
            observed.changed,
            observed.left,
            cycled.considered,
            cycled.started,
            cycled.skipped
        );
        if observed.unknown.is_empty() {
            Ok(told)
        } else {
            Err(format!("{told}; {}", unknown(&observed.unknown)))
        }
    }
}

/// One sentence about groups that do not exist.
pub(crate) fn unknown(groups: &[model::GroupId]) -> String {
    let ids: Vec<String> = groups.iter().map(ToString::to_string).collect();
    format!(
        "the directory does not know the group {}: correct the templates or [[mailboxes]] that name it",
        ids.join(", ")
    )
}

impl Sync {
    /// Brings the snapshot up to date.
    pub async fn observe(&self) -> Result<observe::Observed, String> {
        let Some(directory) = &self.directory else {
            return Err("no tenant is configured; fill in [tenant] in sealwright.toml".to_owned());
        };
        let store: Arc<dyn Store> = Arc::clone(&self.bench.store);
        let templates: Vec<model::Template> = {
            let mut work = store.read().await.map_err(|error| chain(&error))?;
            let listed = work.templates().list().await.map_err(|error| chain(&error))?;
            listed.into_iter().map(|found| found.template).collect()
        };
        let watch = Watch { groups: lifecycle::watch(&templates), holders: self.holders.clone() };
        let observer =
            Observer { directory: Arc::clone(directory), store, clock: Arc::clone(&self.bench.clock) };
        observer.observe(&watch).await.map_err(|error| chain(&error))
    }
}

/// Publishes revocation lists before the old ones end.
pub(crate) struct Crl {
    /// Authorities.
    pub authorities: BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>>,
}

#[async_trait]
impl Duty for Crl {
    fn service(&self) -> Service {
        Service::Crl
    }
    fn interval(&self) -> Span {
        Service::Crl.default_interval()
    }
    async fn run(&self) -> Result<String, String> {
        let (mut told, mut failed) = (Vec::new(), Vec::new());
        for authority in self.authorities.values() {
            match authority.publish_crl().await {
                Ok(sentence) => told.extend(sentence),
                Err(error) => failed.push(chain(&error)),
            }
        }
        if !failed.is_empty() {
            failed.extend(told);
            return Err(failed.join("; "));
        }
        Ok(if told.is_empty() { "no authority leaves this to us".to_owned() } else { told.join("; ") })
    }
}

/// Stands where a door would be while no tenant is configured.
pub(crate) struct NoDelivery;

#[async_trait]
impl DeliveryDoor for NoDelivery {
    async fn check(&self) -> Result<String, ports::DeliveryError> {
        Err(not_configured())
    }
    async fn deliver(&self, _: &ports::Package) -> Result<ports::DeliveryRecord, ports::DeliveryError> {
        Err(not_configured())
    }
    async fn find(
        &self,
        _: &str,
        _: model::Thumbprint,
    ) -> Result<Option<ports::DeliveryRecord>, ports::DeliveryError> {
        Err(not_configured())
    }
    async fn withdraw(&self, _: &ports::DeliveryRecord) -> Result<(), ports::DeliveryError> {
        Err(not_configured())
    }
}

fn not_configured() -> ports::DeliveryError {
    ports::DeliveryError::Unauthorized {
        hint: "no tenant is configured; fill in [tenant] and [intune] in sealwright.toml".to_owned(),
    }
}

/// An error with all its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
