//! The durable work queue and the recurring duties.

use async_trait::async_trait;
use model::{CalledDrill, Drill, EnrollmentId, JobId, Service, ServiceStatus, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{StoreError, Work};

/// What a job is to do. Jobs hold ids, never things.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum JobKind {
    /// Move an enrollment on.
    Enrollment {
        /// Which.
        enrollment: EnrollmentId,
    },
    /// Order and confirm a revocation.
    Revocation {
        /// Which certificate.
        certificate: model::CertificateId,
        /// Why.
        reason: model::RevocationReason,
    },
    /// Take back the records of those who may no longer have the key of a shared mailbox's certificate.
    Withdrawal {
        /// Which certificate.
        certificate: model::CertificateId,
    },
    /// Have the address book show of a subscriber what it should.
    Publication {
        /// Whose entry.
        subscriber: model::SubscriberId,
    },
    /// Tell the authority of a hold, or that it is lifted: what is to be told stands at the certificate.
    Hold {
        /// Which certificate.
        certificate: model::CertificateId,
    },
    /// Read the deliveries of a certificate back.
    Readback {
        /// Which certificate.
        certificate: model::CertificateId,
    },
    /// Repair a difference between the database and the world outside.
    Repair {
        /// Of which finding.
        finding: model::DriftId,
    },
}

/// A piece of work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// Our id.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// Not before.
    pub due_at: Timestamp,
    /// Failed attempts in a row.
    pub attempts: u32,
}

impl Job {
    /// A look at what the address book shows of a subscriber, due at once, and the key that makes it unique.
    pub fn publication(id: JobId, subscriber: model::SubscriberId, now: Timestamp) -> (Self, String) {
        (
            Self { id, kind: JobKind::Publication { subscriber }, due_at: now, attempts: 0 },
            Self::publication_key(subscriber),
        )
    }

    /// The key of the job that looks at what the address book shows of a subscriber.
    pub fn publication_key(subscriber: model::SubscriberId) -> String {
        format!("publication {subscriber}")
    }

    /// A read-back of a certificate's deliveries, due at once, and the key that makes it unique.
    pub fn readback(id: JobId, certificate: model::CertificateId, now: Timestamp) -> (Self, String) {
        (
            Self { id, kind: JobKind::Readback { certificate }, due_at: now, attempts: 0 },
            format!("readback {certificate}"),
        )
    }
}

/// The right to work on a job until a moment. `token` fences: whatever is written with an old token is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// The job.
    pub job: Job,
    /// Grows with each claim.
    pub token: i64,
}

/// The queue. Leases are by the database's own clock, and so is what is due: workers whose clocks differ would otherwise
/// keep work lying or take it too early. [`JobRepository::now`] tells that time.
#[async_trait]
pub trait JobRepository: Send {
    /// The moment by the database's clock.
    async fn now(&mut self) -> Result<Timestamp, StoreError>;
    /// Puts a job into the queue. `key` makes it unique among unfinished jobs; a second one is silently left out. Work that
    /// is queued may begin: a `due_at` in the future comes from a clock that is fast, and means at once. So does one that
    /// an earlier job with this key had from a clock that was wrong by more than a week.
    async fn add(&mut self, job: &Job, key: &str) -> Result<(), StoreError>;
    /// Those of `keys` for which [`JobRepository::add`] would change something. Asking changes nothing and waits for nobody.
    async fn unqueued(&mut self, keys: &[String]) -> Result<Vec<String>, StoreError>;
    /// Claims up to `limit` jobs that are due and not leased, for `lease`. Due times are compared with `now`, the moment by
    /// the database's clock as the worker knows it.
    async fn claim(
        &mut self,
        worker: &str,
        now: Timestamp,
        lease: Span,
        limit: u32,
    ) -> Result<Vec<Lease>, StoreError>;
    /// Extends the lease. `false` when it was lost.
    async fn extend(&mut self, lease: &Lease, by: Span) -> Result<bool, StoreError>;
    /// The job is done; removes it, unless it was woken meanwhile: then it is due once more. `false` when the lease was
    /// lost.
    async fn finish(&mut self, lease: &Lease) -> Result<bool, StoreError>;
    /// Gives the job back, due at `due_at`, with `attempts` failures in a row. `false` when the lease was lost.
    async fn park(&mut self, lease: &Lease, due_at: Timestamp, attempts: u32) -> Result<bool, StoreError>;
    /// Gives back every job that `worker` holds, but for those in `except`; how many. For claims of which the worker never
    /// learned, because the connection broke while they were committed.
    async fn release(&mut self, worker: &str, except: &[JobId]) -> Result<u64, StoreError>;
    /// Makes the job with this key due at once; used by *run now* and by a person's decision. While it is being worked
    /// on, the wish is kept: parked again, it is due at once. A `now` that is fast means at once too. `false` when there is
    /// no such job.
    async fn wake(&mut self, key: &str, now: Timestamp) -> Result<bool, StoreError>;
    /// When the next job is due, `None` for an empty queue. Leased jobs count from the end of their lease.
    async fn next_due(&mut self) -> Result<Option<Timestamp>, StoreError>;
    /// How many jobs are queued or leased.
    async fn count(&mut self) -> Result<u64, StoreError>;
}

/// Recurring duties. One daemon at a time runs a duty: it claims the row.
#[async_trait]
pub trait ServiceRepository: Send {
    /// All services with their last and next run.
    async fn list(&mut self) -> Result<Vec<ServiceStatus>, StoreError>;
    /// Makes sure that a row exists; a new one is due at `first_run`.
    async fn ensure(&mut self, service: Service, first_run: Timestamp) -> Result<(), StoreError>;
    /// Claims a service that is due, for `lease`. `false` when it is not due or somebody else runs it. `worker` names this
    /// one run, so that a later run of the same worker does not pass for it.
    async fn claim(
        &mut self,
        service: Service,
        worker: &str,
        now: Timestamp,
        lease: Span,
    ) -> Result<bool, StoreError>;
    /// Keeps a claim for `lease` from this moment on. `false` when it was lost, even if nobody has it at present. The claim
    /// cannot be taken before this unit of work has ended.
    async fn keep(&mut self, service: Service, worker: &str, lease: Span) -> Result<bool, StoreError>;
    /// Stores the result and the next run, and gives the claim back. `false` when the claim was lost.
    async fn finish(
        &mut self,
        service: Service,
        worker: &str,
        started: Timestamp,
        result: Result<&str, &str>,
        next_run: Timestamp,
    ) -> Result<bool, StoreError>;
    /// The last fire drill that an officer drew. It lies beside the services, which it is like, though no daemon can hold one.
    async fn drill(&mut self) -> Result<Option<Drill>, StoreError>;
    /// Writes the last fire drill that an officer drew.
    async fn set_drill(&mut self, drill: &Drill) -> Result<(), StoreError>;
    /// The fire drill that was called last.
    async fn called_drill(&mut self) -> Result<Option<CalledDrill>, StoreError>;
    /// The same, to be changed: nobody else changes it before this unit of work has ended.
    async fn hold_called_drill(&mut self) -> Result<Option<CalledDrill>, StoreError>;
    /// Writes the called fire drill. What was there is to be held first ([`Self::hold_called_drill`]).
    async fn set_called_drill(&mut self, called: &CalledDrill) -> Result<(), StoreError>;
    /// Makes the service due at once; while it runs, once more when it has finished. A `now` that is fast means at once too.
    async fn wake(&mut self, service: Service, now: Timestamp) -> Result<(), StoreError>;
}

/// The right to carry out a duty, for one run of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DutyClaim {
    /// Which duty.
    pub service: Service,
    /// Names the run; no other run ever has the same name.
    pub owner: String,
    /// How long the claim lasts unless it is kept.
    pub lease: Span,
}

impl DutyClaim {
    /// Begins every unit of work of the duty: whoever was held up until another took the duty over stores nothing more.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the claim was lost.
    pub async fn hold(&self, work: &mut dyn Work) -> Result<(), StoreError> {
        if work.services().keep(self.service, &self.owner, self.lease).await? {
            return Ok(());
        }
        Err(StoreError::Stale { what: "the claim on this duty" })
    }
}
