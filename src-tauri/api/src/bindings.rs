//! TypeScript for the console, written from the list of commands. `cargo run -p xtask -- bindings` stores it.

use std::fmt::Write as _;

use ts_rs::{Config, TS};

use crate::commands::{SETUP_SIGNATURES, SIGNATURES};

/// The whole bindings file.
pub fn typescript() -> String {
    let config = Config::default();
    let mut text = String::from(
        "// Generated from src-tauri/api by `./dev bindings`. Never edited by hand; `./dev check` fails when it is stale.\n\n",
    );
    work(&mut text, &config);
    ground(&mut text, &config);
    recovery(&mut text, &config);
    audit(&mut text, &config);
    setup(&mut text, &config);
    campaigns(&mut text, &config);
    tenant(&mut text, &config);
    text.push_str(&commands());
    text
}

macro_rules! declare_all {
    ($text:ident, $config:ident, $($name:ty),+ $(,)?) => {
        $(let _ = writeln!($text, "export {}\n", <$name as TS>::decl($config));)+
    };
}

/// What the page asks about campaigns.
fn campaigns(text: &mut String, config: &Config) {
    declare_all!(
        text,
        config,
        crate::CampaignsRequest,
        crate::Campaigns,
        crate::CampaignLine,
        crate::CampaignDetailsRequest,
        crate::CampaignDetails,
        crate::StageCount,
        crate::HourLine,
        crate::MemberLine,
        crate::PreviewCampaign,
        crate::CampaignPreview,
        crate::StartCampaign,
        crate::PauseCampaign,
        crate::ResumeCampaign,
        crate::StopCampaign,
    );
}

/// What the pages of every day ask.
fn work(text: &mut String, config: &Config) {
    declare_all!(
        text,
        config,
        crate::ErrorCode,
        crate::Matter,
        crate::Changed,
        crate::WireError,
        crate::OverviewRequest,
        crate::Overview,
        crate::SkipLine,
        crate::CalledDrillLine,
        crate::DrillLine,
        crate::ListCertificates,
        crate::CertificatePage,
        crate::CertificateLine,
        crate::FilterChoicesRequest,
        crate::FilterChoices,
        crate::Choice,
        crate::ListPeople,
        crate::PeoplePage,
        crate::PersonLine,
        crate::PersonDetailsRequest,
        crate::PersonDetails,
        crate::PersonGroup,
        crate::VerdictLine,
        crate::PersonCertificate,
        crate::EndingLine,
        crate::PersonEvent,
        crate::DutiesRequest,
        crate::Duties,
        crate::DutyLine,
        crate::DutyOff,
        crate::QueuedWork,
        crate::DriftRequest,
        crate::DriftView,
        crate::DriftSideLine,
        crate::DriftLine,
        crate::IgnoreDrift,
        crate::RepairDrift,
        crate::PlanForecastRequest,
        crate::PlanForecast,
        crate::CostLine,
        crate::HandOverLine,
        crate::IntentLine,
        crate::LimitLine,
        crate::RemovalLine,
        crate::CertificateDetailsRequest,
        crate::CertificateDetails,
        crate::HoldLine,
        crate::DeliveryLine,
        crate::ConfirmedLine,
        crate::RevokeCertificate,
        crate::RevocationOrdered,
        crate::HoldCertificate,
        crate::HoldOrdered,
        crate::ReleaseCertificate,
        crate::ReleaseOrdered,
        crate::RenewCertificate,
        crate::RenewalStarted,
        crate::CheckDeliveries,
        crate::DeliveryCheckQueued,
        crate::ExportCertificate,
        crate::ExportedCertificate,
        crate::ActivityRequest,
        crate::Activity,
        crate::EnrollmentLine,
        crate::ServiceLine,
        crate::EnrollmentDetailsRequest,
        crate::EnrollmentDetails,
        crate::JournalLine,
        crate::RetryEnrollment,
        crate::Retried,
        crate::GiveUpEnrollment,
        crate::GivenUp,
        crate::RunService,
        crate::ServiceStarted,
    );
}

/// What is set once and looked at seldom: templates, installations, the program itself.
fn ground(text: &mut String, config: &Config) {
    declare_all!(
        text,
        config,
        crate::TemplatesRequest,
        crate::Templates,
        crate::TemplateLine,
        crate::TemplateFields,
        crate::TemplateOrganization,
        crate::TemplateDetailsRequest,
        crate::TemplateDetails,
        crate::FindingLine,
        crate::TemplateVersionRequest,
        crate::TemplateVersion,
        crate::CheckTemplate,
        crate::TemplateFindings,
        crate::SaveTemplate,
        crate::TemplateSaved,
        crate::InstallationsRequest,
        crate::Installations,
        crate::FleetView,
        crate::InstallationLine,
        crate::AdmitInstallation,
        crate::RefuseInstallation,
        crate::RemoveInstallation,
        crate::InstallationDecided,
        crate::Right,
        crate::AboutRequest,
        crate::About,
        crate::about::KraLine,
        crate::about::AuthorityLine,
    );
}

/// What the page of the tenant asks.
fn tenant(text: &mut String, config: &Config) {
    declare_all!(
        text,
        config,
        crate::TenantCheckRequest,
        crate::TenantCheck,
        crate::PermissionLine,
        crate::PermissionStanding,
        crate::TenantSetupRequest,
        crate::TenantSetup,
        crate::WantedPermission,
        crate::TenantWay,
        crate::TryTenant,
        crate::TenantTrial,
        crate::SaveTenant,
        crate::TenantSaved,
        crate::ForgetTenantTrial,
        crate::SaveTenantScript,
        crate::TenantScriptSaved,
        crate::SignInStandingRequest,
        crate::SignInStanding,
        crate::SignedInPerson,
        crate::WaitingSignIn,
        crate::BeginSignIn,
        crate::CancelSignIn,
        crate::SignOut,
    );
}

/// What the recovery page asks.
fn recovery(text: &mut String, config: &Config) {
    declare_all!(
        text,
        config,
        crate::RecoveryDeskRequest,
        crate::RecoveryDesk,
        crate::EntryCheck,
        crate::RecoveryLine,
        crate::RecoveryKeyLine,
        crate::RecoverableKeysRequest,
        crate::RecoverableKeys,
        crate::RecoverableKey,
        crate::RequestRecovery,
        crate::RefuseRecovery,
        crate::WithdrawRecovery,
        crate::RecoveryClosed,
        crate::CompleteRecovery,
        crate::GivenMailFile,
        crate::RecoveryCompleted,
        crate::RecoveredFile,
        crate::DecryptedLine,
        crate::OfficersElsewhereRequest,
        crate::OfficersElsewhere,
        crate::OfficerElsewhere,
        crate::ExportRecovery,
        crate::RecoveryExported,
        crate::ImportRecoveryResponse,
        crate::RecoveryResponseImported,
        crate::SaveRecoveryReceipt,
        crate::SaveOwnerNotice,
        crate::RecoveryPaper,
        crate::OfficerTokensRequest,
        crate::OfficerTokens,
        crate::TokenKind,
        crate::TokenLine,
        crate::TokenKeyLine,
        crate::OfficerKey,
        crate::OfficerMlKem,
        crate::OfficerDeedNeedsRequest,
        crate::OfficerDeedNeeds,
        crate::MlKemNeed,
        crate::OfficerDeed,
        crate::BeginOfficerDeed,
        crate::OfficerDeedRequest,
        crate::EndOfficerDeed,
        crate::DeedLine,
        crate::SignInLine,
        crate::SetSigned,
        crate::DrillHeld,
        crate::KraSetRequest,
        crate::KraSet,
        crate::KraSetLine,
        crate::OfficerLine,
        crate::SignatureLine,
        crate::ProposeKraSet,
        crate::MlKemFile,
        crate::OfficersMlKem,
        crate::NewOfficer,
        crate::ArchiveInventoryRequest,
        crate::ArchiveInventory,
        crate::AlgorithmLine,
        crate::SealedToLine,
        crate::SetOfLine,
        crate::TrustKraSet,
        crate::WithdrawKraSet,
    );
}

/// What the assistant asks.
fn setup(text: &mut String, config: &Config) {
    declare_all!(
        text,
        config,
        crate::SetupStatusRequest,
        crate::SetupStatus,
        crate::SetupTarget,
        crate::SetupTest,
        crate::SetupTested,
        crate::SetupJoining,
        crate::SetupCopying,
        crate::SetupPlanRequest,
        crate::SetupPlan,
        crate::SetupApply,
        crate::SetupRolesRequest,
        crate::SetupRoles,
        crate::SetupFound,
        crate::SetupFounded,
        crate::SetupJoin,
        crate::SetupMove,
        crate::SetupFinish,
        crate::SetupFinished,
        crate::SetupCancel,
    );
}

/// What the page of the audit log asks.
fn audit(text: &mut String, config: &Config) {
    let kinds = model::AuditKind::ALL.map(|kind| format!("\"{}\"", kind.name())).join(" | ");
    let _ = writeln!(
        text,
        "/** What the log can say that happened, in the words of this program; another may have written others. */\n\
         export type AuditKindName = {kinds};\n"
    );
    declare_all!(
        text,
        config,
        crate::ListAudit,
        crate::AuditWish,
        crate::AuditPage,
        crate::AuditLine,
        crate::AuditEntryRequest,
        crate::AuditEntry,
        crate::AuditStandingRequest,
        crate::AuditStanding,
        crate::AuditSignatures,
        crate::AuditSigner,
        crate::AuditVerification,
        crate::VerifyAudit,
        crate::StopAuditVerification,
        crate::ProveAuditEntry,
        crate::ExportAudit,
        crate::AuditSaved,
    );
}

/// Names, requests and answers.
fn commands() -> String {
    let mut text =
        String::from("/** Every command: what it takes and what it gives. */\nexport interface Commands {\n");
    for (name, request, answer, description) in SIGNATURES.iter().chain(SETUP_SIGNATURES) {
        let _ =
            writeln!(text, "  /**{description} */\n  {name}: {{ request: {request}; answer: {answer} }};");
    }
    text.push_str("}\n");
    text
}
