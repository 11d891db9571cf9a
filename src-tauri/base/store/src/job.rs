//! The durable work queue and the recurring duties.

use async_trait::async_trait;
use model::{EnrollmentId, JobId, Service, ServiceStatus, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::StoreError;

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
    /// Read the deliveries of a certificate back.
    Readback {
        /// Which certificate.
        certificate: model::CertificateId,
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

/// The right to work on a job until a moment. `token` fences: whatever is written with an old token is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    /// The job.
    pub job: Job,
    /// Grows with each claim.
    pub token: i64,
}

/// The queue. Lease times are taken from the database's own clock.
#[async_trait]
pub trait JobRepository: Send {
    /// Puts a job into the queue. `key` makes it unique among unfinished jobs; a second one is silently left out.
    async fn add(&mut self, job: &Job, key: &str) -> Result<(), StoreError>;
    /// Claims up to `limit` jobs that are due and not leased, for `lease`. Due times are compared with `now`.
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
    /// Makes the job with this key due at once; used by *run now* and by a person's decision. While it is being worked
    /// on, the wish is kept: parked again, it is due at once. `false` when there is no such job.
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
    /// Claims a service that is due, for `lease`. `false` when it is not due or somebody else runs it. Its own worker
    /// keeps a claim longer by claiming again.
    async fn claim(
        &mut self,
        service: Service,
        worker: &str,
        now: Timestamp,
        lease: Span,
    ) -> Result<bool, StoreError>;
    /// Stores the result and the next run, and gives the claim back. `false` when the claim was lost.
    async fn finish(
        &mut self,
        service: Service,
        worker: &str,
        started: Timestamp,
        result: Result<&str, &str>,
        next_run: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Makes the service due at once; while it runs, once more when it has finished.
    async fn wake(&mut self, service: Service, now: Timestamp) -> Result<(), StoreError>;
}
