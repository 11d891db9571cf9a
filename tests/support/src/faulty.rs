//! A store whose units of work fail as those of a database server do: refused, undone at the end, or with an end of which
//! nobody can tell whether it was one.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use store::{
    ArchiveRepository, AuditRepository, AuthorityRepository, BudgetRepository, CampaignRepository,
    CanaryRepository, CertificateRepository, DeliveryRepository, DriftRepository, EndingRepository,
    EnrollmentRepository, InstallationRepository, IssuanceLedger, JobRepository, KraRepository,
    KraSetRepository, PublicationRepository, RecoveryRepository, SecretRepository, ServiceRepository,
    SettingRepository, Store, StoreError, SubscriberRepository, TemplateRepository, Work,
};

/// How a writing unit of work fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failing {
    /// It is not even begun.
    Begin,
    /// It is undone when it is to be committed, as the victim of a deadlock or of a cluster's certification.
    Commit,
    /// The connection breaks during the commit, which had its effect.
    LostButKept,
    /// The connection breaks during the commit, which had no effect.
    LostAndUndone,
}

impl Failing {
    /// All ways.
    pub const ALL: [Self; 4] = [Self::Begin, Self::Commit, Self::LostButKept, Self::LostAndUndone];
}

/// A store that counts its writing units and makes chosen ones fail.
pub struct Faulty {
    inner: Arc<dyn Store>,
    begun: AtomicU32,
    plan: Mutex<Vec<(u32, Failing)>>,
}

impl Faulty {
    /// Fails nothing yet.
    pub fn over(inner: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { inner, begun: AtomicU32::new(0), plan: Mutex::default() })
    }

    /// Lets the `nth` writing unit from here on fail (1 is the next one), once.
    pub fn fail(&self, nth: u32, how: Failing) {
        let number = self.begun() + nth;
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).push((number, how));
    }

    /// How many writing units were begun, or refused.
    pub fn begun(&self) -> u32 {
        self.begun.load(Ordering::SeqCst)
    }

    /// How many planned failures have not come yet.
    pub fn outstanding(&self) -> usize {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn due(&self, number: u32) -> Option<Failing> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        let place = plan.iter().position(|(planned, _)| *planned == number)?;
        Some(plan.swap_remove(place).1)
    }
}

#[async_trait]
impl Store for Faulty {
    async fn begin(&self) -> Result<Box<dyn Work>, StoreError> {
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let failing = self.due(number);
        if failing == Some(Failing::Begin) {
            return Err(StoreError::Busy { source: "the test lets nobody begin".into() });
        }
        Ok(Box::new(Unit { inner: self.inner.begin().await?, failing }))
    }

    async fn read(&self) -> Result<Box<dyn Work>, StoreError> {
        self.inner.read().await
    }

    async fn pause(&self, attempt: u32) {
        self.inner.pause(attempt).await;
    }
}

struct Unit {
    inner: Box<dyn Work>,
    failing: Option<Failing>,
}

#[async_trait]
impl Work for Unit {
    fn subscribers(&mut self) -> &mut dyn SubscriberRepository {
        self.inner.subscribers()
    }
    fn templates(&mut self) -> &mut dyn TemplateRepository {
        self.inner.templates()
    }
    fn authorities(&mut self) -> &mut dyn AuthorityRepository {
        self.inner.authorities()
    }
    fn kras(&mut self) -> &mut dyn KraRepository {
        self.inner.kras()
    }
    fn kra_sets(&mut self) -> &mut dyn KraSetRepository {
        self.inner.kra_sets()
    }
    fn enrollments(&mut self) -> &mut dyn EnrollmentRepository {
        self.inner.enrollments()
    }
    fn archive(&mut self) -> &mut dyn ArchiveRepository {
        self.inner.archive()
    }
    fn recoveries(&mut self) -> &mut dyn RecoveryRepository {
        self.inner.recoveries()
    }
    fn certificates(&mut self) -> &mut dyn CertificateRepository {
        self.inner.certificates()
    }
    fn deliveries(&mut self) -> &mut dyn DeliveryRepository {
        self.inner.deliveries()
    }
    fn canaries(&mut self) -> &mut dyn CanaryRepository {
        self.inner.canaries()
    }
    fn publications(&mut self) -> &mut dyn PublicationRepository {
        self.inner.publications()
    }
    fn campaigns(&mut self) -> &mut dyn CampaignRepository {
        self.inner.campaigns()
    }
    fn endings(&mut self) -> &mut dyn EndingRepository {
        self.inner.endings()
    }
    fn jobs(&mut self) -> &mut dyn JobRepository {
        self.inner.jobs()
    }
    fn services(&mut self) -> &mut dyn ServiceRepository {
        self.inner.services()
    }
    fn audit(&mut self) -> &mut dyn AuditRepository {
        self.inner.audit()
    }
    fn ledger(&mut self) -> &mut dyn IssuanceLedger {
        self.inner.ledger()
    }
    fn installations(&mut self) -> &mut dyn InstallationRepository {
        self.inner.installations()
    }
    fn settings(&mut self) -> &mut dyn SettingRepository {
        self.inner.settings()
    }
    fn secrets(&mut self) -> &mut dyn SecretRepository {
        self.inner.secrets()
    }
    fn drift(&mut self) -> &mut dyn DriftRepository {
        self.inner.drift()
    }
    fn budgets(&mut self) -> &mut dyn BudgetRepository {
        self.inner.budgets()
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let broken = || StoreError::OutcomeUnknown { source: "the test cut the connection".into() };
        match self.failing {
            None | Some(Failing::Begin) => self.inner.commit().await,
            Some(Failing::Commit) => Err(StoreError::Busy { source: "the test chose this victim".into() }),
            Some(Failing::LostAndUndone) => Err(broken()),
            Some(Failing::LostButKept) => {
                self.inner.commit().await?;
                Err(broken())
            }
        }
    }
}
