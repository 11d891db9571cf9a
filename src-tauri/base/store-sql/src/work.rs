//! One unit of work reaches every repository: they are all faces of the same transaction.

use async_trait::async_trait;
use store::{
    ArchiveRepository, AuditRepository, AuthorityRepository, BudgetRepository, CampaignRepository,
    CanaryRepository, CertificateRepository, DeliveryRepository, DriftRepository, EndingRepository,
    EnrollmentRepository, InstallationRepository, IssuanceLedger, JobRepository, KraRepository,
    KraSetRepository, PublicationRepository, RecoveryRepository, SecretRepository, ServiceRepository,
    SettingRepository, StoreError, SubscriberRepository, TemplateRepository, Work,
};

use crate::session::Session;

#[async_trait]
impl Work for Session {
    fn subscribers(&mut self) -> &mut dyn SubscriberRepository {
        self
    }
    fn templates(&mut self) -> &mut dyn TemplateRepository {
        self
    }
    fn authorities(&mut self) -> &mut dyn AuthorityRepository {
        self
    }
    fn kras(&mut self) -> &mut dyn KraRepository {
        self
    }
    fn kra_sets(&mut self) -> &mut dyn KraSetRepository {
        self
    }
    fn enrollments(&mut self) -> &mut dyn EnrollmentRepository {
        self
    }
    fn archive(&mut self) -> &mut dyn ArchiveRepository {
        self
    }
    fn recoveries(&mut self) -> &mut dyn RecoveryRepository {
        self
    }
    fn certificates(&mut self) -> &mut dyn CertificateRepository {
        self
    }
    fn deliveries(&mut self) -> &mut dyn DeliveryRepository {
        self
    }
    fn canaries(&mut self) -> &mut dyn CanaryRepository {
        self
    }
    fn publications(&mut self) -> &mut dyn PublicationRepository {
        self
    }
    fn endings(&mut self) -> &mut dyn EndingRepository {
        self
    }
    fn jobs(&mut self) -> &mut dyn JobRepository {
        self
    }
    fn services(&mut self) -> &mut dyn ServiceRepository {
        self
    }
    fn audit(&mut self) -> &mut dyn AuditRepository {
        self
    }
    fn ledger(&mut self) -> &mut dyn IssuanceLedger {
        self
    }
    fn installations(&mut self) -> &mut dyn InstallationRepository {
        self
    }
    fn settings(&mut self) -> &mut dyn SettingRepository {
        self
    }
    fn secrets(&mut self) -> &mut dyn SecretRepository {
        self
    }
    fn drift(&mut self) -> &mut dyn DriftRepository {
        self
    }
    fn budgets(&mut self) -> &mut dyn BudgetRepository {
        self
    }
    fn campaigns(&mut self) -> &mut dyn CampaignRepository {
        self
    }
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Self::commit(*self).await
    }
}
