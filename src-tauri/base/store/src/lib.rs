//! What is remembered, as traits: repositories behind one unit of work.
//!
//! A [`Store`] opens a [`Work`]: a transaction (or a consistent read) that reaches every repository. Nothing is kept
//! unless [`Work::commit`] is called. Verbs: `lookup` by id, `find` by attribute, `list` by filter and page, `add`,
//! `set_*`, `mark_*`. Time comes in as a parameter; leases alone use the database's own clock, because several
//! daemons with different clocks share one database.
//!
//! The traits never mention a database. `store-sql` implements them; `tests/conformance` says what they promise.
#![warn(missing_docs)]

mod archive;
mod audit;
mod authority;
mod budget;
mod campaign;
mod canary;
mod certificate;
mod delivery;
mod drift;
mod ending;
mod enrollment;
mod error;
mod installation;
mod job;
mod kra_set;
mod ledger;
mod page;
mod publication;
mod recovery;
mod setting;
mod subscriber;
mod template;
mod unit;

use async_trait::async_trait;

pub use archive::{ArchiveRepository, ArchivedKey, ArchivedKeyInfo, InflightKey};
pub use audit::{AuditFilter, AuditFound, AuditRepository, ChainEnd, StoredTreeHead, Stretch};
pub use authority::{AuthorityRepository, KraRepository, StoredAuthority};
pub use budget::{BudgetRepository, Rate};
pub use campaign::{CampaignHour, CampaignRepository, MovedMember};
pub use canary::CanaryRepository;
pub use certificate::{
    CertificateCounts, CertificateFilter, CertificateOrder, CertificateRepository, CertificateRow,
    StoredCertificate,
};
pub use delivery::DeliveryRepository;
pub use drift::{DriftFilter, DriftRepository};
pub use ending::{EndingRepository, EndingRow, EndingsDue};
pub use enrollment::{ActivityCounts, EnrollmentRepository};
pub use error::StoreError;
pub use installation::{AdmissionEntry, InstallationRepository, StoredInstallation};
pub use job::{DutyClaim, Job, JobKind, JobRepository, Lease, ServiceRepository};
pub use kra_set::{KraSetRepository, StoredKraSet, StoredKraSetSignature};
pub use ledger::{IssuanceLedger, IssuedEntry, ListedIssue, RevokedEntry};
pub use page::{Page, PageRequest};
pub use publication::{PublicationRepository, PublicationRow};
pub use recovery::{RecoveryGrantInfo, RecoveryRepository, StoredRecoveryGrant, StoredRecoveryRequest};
pub use setting::{SecretRepository, SettingRepository, StoredSecret, StoredSetting};
pub use subscriber::{
    Entitlement, PlanningRow, SubscriberFilter, SubscriberRepository, SubscriberStanding, SubscriberSummary,
    SyncCursor,
};
pub use template::{TemplateRepository, VersionedTemplate};
pub use unit::{Setback, Tries};

/// The database, whatever it is.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a unit of work that may write. Waits for other writers within reason.
    async fn begin(&self) -> Result<Box<dyn Work>, StoreError>;
    /// Opens a unit of work for reading only; it never waits for writers.
    async fn read(&self) -> Result<Box<dyn Work>, StoreError>;
    /// Waits a moment before a unit of work is tried for the `attempt`th time, longer each time and never the same.
    async fn pause(&self, attempt: u32);
}

/// A unit of work. Dropped without [`Work::commit`], it leaves nothing behind.
#[async_trait]
pub trait Work: Send {
    /// The snapshot of the directory.
    fn subscribers(&mut self) -> &mut dyn SubscriberRepository;
    /// Templates.
    fn templates(&mut self) -> &mut dyn TemplateRepository;
    /// Authority accounts.
    fn authorities(&mut self) -> &mut dyn AuthorityRepository;
    /// Key recovery agents.
    fn kras(&mut self) -> &mut dyn KraRepository;
    /// Sets of recovery agents, as their officers signed them.
    fn kra_sets(&mut self) -> &mut dyn KraSetRepository;
    /// Sagas and their journal.
    fn enrollments(&mut self) -> &mut dyn EnrollmentRepository;
    /// Sealed private keys.
    fn archive(&mut self) -> &mut dyn ArchiveRepository;
    /// Requests to recover archived keys.
    fn recoveries(&mut self) -> &mut dyn RecoveryRepository;
    /// The certificate inventory.
    fn certificates(&mut self) -> &mut dyn CertificateRepository;
    /// Hand-overs to Intune.
    fn deliveries(&mut self) -> &mut dyn DeliveryRepository;
    /// Canary mails.
    fn canaries(&mut self) -> &mut dyn CanaryRepository;
    /// What address books show.
    fn publications(&mut self) -> &mut dyn PublicationRepository;
    /// Notices that certificates end before their time.
    fn endings(&mut self) -> &mut dyn EndingRepository;
    /// The work queue.
    fn jobs(&mut self) -> &mut dyn JobRepository;
    /// Recurring duties.
    fn services(&mut self) -> &mut dyn ServiceRepository;
    /// The audit log.
    fn audit(&mut self) -> &mut dyn AuditRepository;
    /// What the built-in authority issued and revoked.
    fn ledger(&mut self) -> &mut dyn IssuanceLedger;
    /// Who shares the database.
    fn installations(&mut self) -> &mut dyn InstallationRepository;
    /// Settings that all installations share.
    fn settings(&mut self) -> &mut dyn SettingRepository;
    /// Secrets sealed to the installations.
    fn secrets(&mut self) -> &mut dyn SecretRepository;
    /// What differs between the database and the world outside.
    fn drift(&mut self) -> &mut dyn DriftRepository;
    /// How often others may be called.
    fn budgets(&mut self) -> &mut dyn BudgetRepository;
    /// Campaigns and their members.
    fn campaigns(&mut self) -> &mut dyn CampaignRepository;
    /// Makes everything done in this unit durable, all or nothing.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
