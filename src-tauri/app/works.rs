//! What the worker does: queued jobs and recurring duties, each handed to the flow that knows how.
#![expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use enroll::{Bench, Progress};
use jobs::{Duty, Handler, Heart, LeaseGuard, Next};
use lifecycle::{DrillSchedule, LifecycleError, ReadBack, Terms};
use model::{AuthorityId, Service, ServiceStatus, Span};
use observe::{MailboxReading, Observer, Watch};
pub(crate) use ports::chain;
use ports::{CertificateAuthority, DeliveryDoor, Directory, Disposition, StatusDoor};
use store::{DutyClaim, Job, JobKind, Store, StoreError};

/// How often a job is tried whose door is broken until a person mends it.
const OPERATOR_INTERVAL: Span = Span::minutes(10);

/// Carries out queued jobs.
pub(crate) struct Works {
    /// For enrollments.
    pub bench: Arc<Bench>,
    /// For repairs of what lists and responders said.
    pub status: Result<Arc<dyn StatusDoor>, String>,
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
                        after_trouble(of_store(&error))
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
            JobKind::Hold { certificate } => {
                let told = lifecycle::carry_hold(
                    bench.store.as_ref(),
                    &bench.authorities,
                    bench.clock.as_ref(),
                    *certificate,
                    &bench.actor,
                )
                .await;
                next("a hold", told)
            }
            JobKind::Withdrawal { certificate } => {
                let withdrawn = lifecycle::withdraw(
                    bench.store.as_ref(),
                    bench.delivery.as_ref(),
                    bench.clock.as_ref(),
                    *certificate,
                    &bench.actor,
                )
                .await;
                next("a withdrawal from Intune", withdrawn.map(|_| ()))
            }
            JobKind::Publication { subscriber } => crate::publishing::publish(bench, *subscriber).await,
            JobKind::Repair { finding } => {
                let outside = lifecycle::Outside {
                    authorities: &bench.authorities,
                    delivery: Some(bench.delivery.as_ref()),
                    book: bench.address_book.as_deref(),
                    status: self.status.as_deref().map_err(String::as_str),
                };
                let (store, clock) = (bench.store.as_ref(), bench.clock.as_ref());
                let repaired =
                    lifecycle::repair(store, outside, clock, &bench.ids, &bench.actor, *finding).await;
                next("a repair of what differs outside", repaired)
            }
            JobKind::Readback { certificate } => {
                let read = lifecycle::read_back(
                    bench.store.as_ref(),
                    bench.delivery.as_ref(),
                    bench.clock.as_ref(),
                    &bench.actor,
                    *certificate,
                )
                .await;
                match read {
                    Ok(ReadBack { again: Some(at), .. }) => {
                        Next::Again { after: Some(at.since(bench.clock.now())), failed: false }
                    }
                    read => next("a read-back", read.map(|_| ())),
                }
            }
        }
    }
}

pub(crate) fn next(what: &str, result: Result<(), LifecycleError>) -> Next {
    let error = match result {
        Ok(()) => return Next::Done,
        Err(error) => error,
    };
    tracing::warn!(error = %chain(&error), "{what} did not get through");
    let disposition = match &error {
        LifecycleError::Authority(error) => error.disposition(),
        LifecycleError::Delivery(error) => error.disposition(),
        LifecycleError::Book(error) => error.disposition(),
        LifecycleError::Store(error) => of_store(error),
        LifecycleError::NotPossible(_) => Disposition::Operator,
    };
    after_trouble(disposition)
}

/// What a failure of the database means to a job: it is tried again and reads anew where it stands, also when nobody knows
/// whether the last result was stored. A missing right is given by a person.
const fn of_store(error: &StoreError) -> Disposition {
    match error {
        StoreError::Denied { .. } => Disposition::Operator,
        _ => Disposition::Retry { after: None },
    }
}

const fn after_trouble(disposition: Disposition) -> Next {
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
    /// Where and how Exchange is asked who may use mailboxes; `None` where groups tell it.
    pub mailboxes: Option<MailboxReading>,
    /// Mailboxes and their holders, from the settings.
    pub holders: Vec<(String, model::GroupId)>,
    /// Time between runs.
    pub interval: Span,
    /// On what terms the plan acts.
    pub terms: Terms,
}

#[async_trait]
impl Duty for Sync {
    fn service(&self) -> Service {
        Service::Sync
    }
    fn interval(&self) -> Span {
        self.interval
    }
    async fn run(&self, claim: &DutyClaim) -> Result<String, String> {
        let observed = self.read(claim).await?;
        let bench = self.bench.as_ref();
        let (store, clock) = (bench.store.as_ref(), bench.clock.as_ref());
        let cycled = lifecycle::cycle(store, clock, &bench.ids, &self.terms, Some(claim))
            .await
            .map_err(|error| chain(&error))?;
        let revoked = if cycled.revoked > 0 {
            format!(", {} revocations or holds ordered", cycled.revoked)
        } else {
            String::new()
        };
        let released =
            if cycled.released > 0 { format!(", {} holds lifted", cycled.released) } else { String::new() };
        let told = format!(
            "{}: {} changed, {} left; {} considered, {} enrollments started{revoked}{released}, {} cannot be served",
            if observed.full { "read in full" } else { "read changes" },
            observed.changed,
            observed.left,
            cycled.considered,
            cycled.started,
            cycled.skipped
        );
        let mut for_people = Vec::new();
        if !observed.unknown.is_empty() {
            for_people.push(unknown(&observed.unknown));
        }
        for_people.extend(in_doubt(&observed.mailboxes));
        for_people.extend(withheld(&cycled));
        if for_people.is_empty() { Ok(told) } else { Err(format!("{told}; {}", for_people.join("; "))) }
    }
}

/// What was too much to be done without a person.
fn withheld(cycled: &lifecycle::Cycled) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(excess) = cycled.revocations_withheld {
        sentences.push(format!(
            "not all was revoked that is due: {}; if it is right, {}",
            excess.sentence("revocations and holds"),
            lifecycle::HOW_TO_GO_ON
        ));
    }
    if cycled.replacements_withheld > 0 {
        sentences.push(format!(
            "{} certificates that are to be replaced before they end wait for tomorrow, more than [limits] allow in 24 hours; or {}",
            cycled.replacements_withheld,
            lifecycle::HOW_TO_GO_ON
        ));
    }
    sentences
}

/// Most doubts that one result names.
const NAMED_DOUBTS: usize = 5;

/// What is in doubt about who may use mailboxes, as much as people read.
pub(crate) fn in_doubt(doubts: &[String]) -> Vec<String> {
    let mut told: Vec<String> = doubts.iter().take(NAMED_DOUBTS).cloned().collect();
    if doubts.len() > NAMED_DOUBTS {
        told.push(format!("and as much about {} further mailboxes", doubts.len() - NAMED_DOUBTS));
    }
    told
}

/// One sentence about groups that do not exist.
pub(crate) fn unknown(groups: &[model::GroupId]) -> String {
    let ids: Vec<String> = groups.iter().map(ToString::to_string).collect();
    format!(
        "the directory does not know the group {}: correct the templates or [[mailboxes]] that name it",
        ids.join(", ")
    )
}

/// How long a command waits for a service that reads the directory at the same moment.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(2);

/// How long a command's claim lasts unless it is kept.
const COMMANDS_LEASE: Span = Span::seconds(30);

impl Sync {
    /// Brings the snapshot up to date, as a command. While it does, no service reads the directory or plans.
    pub async fn observe(&self) -> Result<observe::Observed, String> {
        if self.directory.is_none() {
            return Err(no_tenant());
        }
        let store = &self.bench.store;
        let (claim, before) = self.claim().await?;
        let next_run = before.next_run;
        let started = self.bench.clock.now();
        let mut heart = Heart::of(claim.clone(), Arc::clone(store));
        let read = tokio::select! {
            read = self.read(&claim) => read,
            () = heart.lost() => {
                return Err("another installation took over reading the directory; try again".to_owned());
            }
        };
        drop(heart);
        let told = match &read {
            Ok(observed) => {
                Ok(format!("a command read {} changed, {} left", observed.changed, observed.left))
            }
            Err(error) => Err(format!("a command could not read the directory: {error}")),
        };
        // What the service itself did last, or could not do, stays to be read: this was a command's reading, which plans nothing.
        let (ran, result) = match (before.last_run, before.last_result) {
            (Some(ran), Some(said)) => (ran, if before.failed { Err(said) } else { Ok(said) }),
            (_, _) => (started, told),
        };
        let given_back = store::in_unit!(store, work => {
            let result = result.as_ref().map(String::as_str).map_err(String::as_str);
            work.services().finish(Service::Sync, &claim.owner, ran, result, next_run).await?
        });
        if let Err(error) = given_back {
            tracing::warn!(error = %chain(&error), "the claim on reading the directory runs out by itself");
        }
        read
    }

    /// The right to read, as soon as nobody else has it, and what stood in the duty's row.
    async fn claim(&self) -> Result<(DutyClaim, ServiceStatus), String> {
        let mut random = [0_u8; 8];
        self.bench.entropy.fill(&mut random);
        let owner = format!("command {} {:016x}", self.bench.actor, u64::from_be_bytes(random));
        let claim = DutyClaim { service: Service::Sync, owner, lease: COMMANDS_LEASE };
        let asked = std::time::Instant::now();
        loop {
            let claimed = store::in_unit!(self.bench.store, work => {
                let now = work.jobs().now().await?;
                work.services().ensure(Service::Sync, now).await?;
                let listed = work.services().list().await?;
                let due = listed.into_iter().find(|status| status.service == Service::Sync);
                let before = due.unwrap_or(ServiceStatus {
                    service: Service::Sync,
                    last_run: None,
                    last_result: None,
                    failed: false,
                    next_run: now,
                });
                work.services().wake(Service::Sync, now).await?;
                if !work.services().claim(Service::Sync, &claim.owner, now, claim.lease).await? {
                    // Nothing of this unit stays, the wish neither.
                    Err(StoreError::Stale { what: BUSY_READING })?;
                }
                before
            });
            match claimed {
                Ok(before) => return Ok((claim, before)),
                Err(StoreError::Stale { what: BUSY_READING }) if asked.elapsed() < PATIENCE => {
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                }
                Err(StoreError::Stale { what: BUSY_READING }) => {
                    return Err(
                        "a service reads the directory at this moment; try again when it is done".to_owned()
                    );
                }
                Err(error) => return Err(chain(&error)),
            }
        }
    }

    async fn read(&self, claim: &DutyClaim) -> Result<observe::Observed, String> {
        let Some(directory) = &self.directory else { return Err(no_tenant()) };
        let store: Arc<dyn Store> = Arc::clone(&self.bench.store);
        let templates: Vec<model::Template> = {
            let mut work = store.read().await.map_err(|error| chain(&error))?;
            let listed = work.templates().list().await.map_err(|error| chain(&error))?;
            listed.into_iter().map(|found| found.template).collect()
        };
        let watch = Watch { groups: lifecycle::watch(&templates), holders: self.holders.clone() };
        let observer = Observer {
            directory: Arc::clone(directory),
            store,
            clock: Arc::clone(&self.bench.clock),
            mailboxes: self.mailboxes.clone(),
            claim: Some(claim.clone()),
        };
        observer.observe(&watch).await.map_err(|error| chain(&error))
    }
}

/// Marks the refusal of a claim that another holds.
const BUSY_READING: &str = "the reading of the directory";

fn no_tenant() -> String {
    "no tenant is configured; fill in [tenant] in sealwright.toml".to_owned()
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
    /// Two daemons that publish at once do no harm: each list has a number of its own, and a higher one knows no less.
    async fn run(&self, _: &DutyClaim) -> Result<String, String> {
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

/// Calls a fire drill when one is due. Nothing is opened: officers hold it, wherever their keys are.
pub(crate) struct Drills {
    /// The archive.
    pub bench: Arc<Bench>,
    /// When, and how many keys.
    pub schedule: DrillSchedule,
}

#[async_trait]
impl Duty for Drills {
    fn service(&self) -> Service {
        Service::Drills
    }
    fn interval(&self) -> Span {
        Service::Drills.default_interval()
    }
    async fn run(&self, claim: &DutyClaim) -> Result<String, String> {
        let bench = self.bench.as_ref();
        lifecycle::call_drill(
            bench.store.as_ref(),
            bench.clock.as_ref(),
            bench.entropy.as_ref(),
            self.schedule,
            &bench.actor,
            claim,
        )
        .await
        .map_err(|error| chain(&error))
    }
}

/// Moves running campaigns on. While one runs it is due again within seconds; otherwise it is woken by whoever begins one.
pub(crate) struct Campaigns {
    bench: Arc<Bench>,
    is_running: AtomicBool,
}

/// Time between two turns of a running campaign.
const TURN: Span = Span::seconds(3);

impl Campaigns {
    pub(crate) const fn new(bench: Arc<Bench>) -> Self {
        Self { bench, is_running: AtomicBool::new(false) }
    }
}

#[async_trait]
impl Duty for Campaigns {
    fn service(&self) -> Service {
        Service::Campaigns
    }
    fn interval(&self) -> Span {
        if self.is_running.load(Ordering::Relaxed) { TURN } else { Service::Campaigns.default_interval() }
    }
    async fn run(&self, claim: &DutyClaim) -> Result<String, String> {
        let bench = self.bench.as_ref();
        let (store, clock) = (bench.store.as_ref(), bench.clock.as_ref());
        let turned = lifecycle::turn_campaigns(store, clock, &bench.ids, &bench.actor, claim)
            .await
            .map_err(|error| chain(&error))?;
        self.is_running.store(turned.iter().any(|one| one.is_running), Ordering::Relaxed);
        let told: Vec<String> = turned.iter().map(campaign_told).collect();
        let paused = turned.iter().any(|one| one.paused.is_some());
        let told = if told.is_empty() { "no campaign is under way".to_owned() } else { told.join("; ") };
        if paused { Err(told) } else { Ok(told) }
    }
}

fn campaign_told(turned: &lifecycle::Turned) -> String {
    let lifecycle::Turned { name, ordered, present, revoking, revoked, failed, .. } = turned;
    let done = format!(
        "campaign {name}: {ordered} ordered, {present} read back, {revoking} revocations ordered, {revoked} confirmed, {failed} \
         failed"
    );
    match &turned.paused {
        Some(why) => format!("{done}; paused: {why}"),
        None => done,
    }
}

/// Stands where a door would be while nothing can be handed over.
pub(crate) struct NoDelivery {
    /// Why, and what to do.
    hint: String,
}

impl NoDelivery {
    /// No tenant is configured.
    pub(crate) fn unconfigured() -> Self {
        Self::because("no tenant is configured; fill in [tenant] and [intune] in sealwright.toml".to_owned())
    }

    /// What is configured is not to be used.
    pub(crate) const fn because(hint: String) -> Self {
        Self { hint }
    }

    fn refused(&self) -> ports::DeliveryError {
        ports::DeliveryError::NotSetUp { hint: self.hint.clone() }
    }
}

#[async_trait]
impl DeliveryDoor for NoDelivery {
    async fn check(&self) -> Result<String, ports::DeliveryError> {
        Err(self.refused())
    }
    async fn deliver(&self, _: &ports::Package) -> Result<ports::DeliveryRecord, ports::DeliveryError> {
        Err(self.refused())
    }
    async fn find(
        &self,
        _: &str,
        _: model::Thumbprint,
    ) -> Result<Option<ports::DeliveryRecord>, ports::DeliveryError> {
        Err(self.refused())
    }
    async fn list(&self, _: Option<&str>) -> Result<ports::ListedPage, ports::DeliveryError> {
        Err(self.refused())
    }
    async fn withdraw(&self, _: &ports::DeliveryRecord) -> Result<(), ports::DeliveryError> {
        Err(self.refused())
    }
}
