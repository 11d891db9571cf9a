//! Everything the console may ask: one list of commands, their requests and answers, and the bodies.
//!
//! Hosts (the window, the browser bridge, the command line) pass a name and a JSON payload to [`dispatch`]; roles and
//! validation live in the bodies, so that every host gets the same. The list in [`commands`] also yields the TypeScript
//! bindings ([`typescript`]); nothing private (keys, PKCS#12, passwords) ever crosses this border.
#![warn(missing_docs)]

mod about;
mod activity;
mod audit;
mod bindings;
mod campaigns;
mod certificates;
pub mod commands;
mod drift;
mod duties;
mod enrollments;
mod error;
mod host;
mod installations;
mod overview;
mod people;
mod plans;
mod recovery;
mod setup;
mod sign_in;
mod templates;
mod tenant;
mod unit;

pub use about::{About, AboutRequest};
pub use activity::{
    Activity, ActivityRequest, EnrollmentDetails, EnrollmentDetailsRequest, EnrollmentLine, JournalLine,
    Retried, RetryEnrollment, RunService, ServiceLine, ServiceStarted, word,
};
pub use audit::{
    AuditEntry, AuditEntryRequest, AuditLine, AuditPage, AuditSaved, AuditSignatures, AuditSigner,
    AuditStanding, AuditStandingRequest, AuditVerification, AuditWish, Auditor, CSV_COLUMNS, Export,
    ExportAudit, FileName, ListAudit, ProveAuditEntry, StopAuditVerification, VerifyAudit, Written, csv_line,
};
pub use bindings::typescript;
pub use campaigns::{
    CampaignDetails, CampaignDetailsRequest, CampaignHost, CampaignLine, CampaignPreview, Campaigns,
    CampaignsRequest, HourLine, MemberLine, PauseCampaign, PreviewCampaign, ResumeCampaign, StageCount,
    StartCampaign, StopCampaign,
};
pub use certificates::{
    CertificateDetails, CertificateDetailsRequest, CertificateLine, CertificatePage, CheckDeliveries, Choice,
    ConfirmedLine, DeliveryCheckQueued, DeliveryLine, ExportCertificate, ExportedCertificate, FilterChoices,
    FilterChoicesRequest, HoldCertificate, HoldLine, HoldOrdered, ListCertificates, ReleaseCertificate,
    ReleaseOrdered, RenewCertificate, RenewalStarted, RevocationOrdered, RevokeCertificate,
    certificate_status, find_certificate,
};
pub use commands::{dispatch, dispatch_setup};
pub use drift::{DriftLine, DriftRequest, DriftSideLine, DriftView, IgnoreDrift, RepairDrift};
pub use duties::{Duties, DutiesRequest, DutyLine, DutyOff, DutySetting, QueuedWork};
pub use enrollments::{GiveUpEnrollment, GivenUp, find_enrollments};
pub use error::{Changed, ErrorCode, Matter, WireError};
pub use host::{Facts, Host, Right};
pub use installations::{
    AdmitInstallation, Fleet, FleetView, InstallationDecided, InstallationLine, Installations,
    InstallationsRequest, Left, RefuseInstallation, RemoveInstallation, Sealing,
};
pub use overview::{CalledDrillLine, DrillLine, Overview, OverviewRequest, SkipLine, called_line};
pub use people::{
    EndingLine, ListPeople, PeoplePage, PersonCertificate, PersonDetails, PersonDetailsRequest, PersonEvent,
    PersonGroup, PersonLine, VerdictLine, find_person,
};
pub use plans::{
    CostLine, HandOverLine, IntentLine, LimitLine, PlanForecast, PlanForecastRequest, RemovalLine,
};
pub use recovery::{
    AlgorithmLine, ArchiveInventory, ArchiveInventoryRequest, BeginOfficerDeed, CompleteRecovery,
    DecryptedLine, DeedLine, DrillHeld, EndOfficerDeed, EntryCheck, ExportRecovery, GivenMailFile,
    ImportRecoveryResponse, KraSet, KraSetLine, KraSetRequest, MlKemFile, MlKemNeed, NewOfficer, OfficerDeed,
    OfficerDeedNeeds, OfficerDeedNeedsRequest, OfficerDeedRequest, OfficerElsewhere, OfficerKey, OfficerLine,
    OfficerMlKem, OfficerTokens, OfficerTokensRequest, OfficersElsewhere, OfficersElsewhereRequest,
    OfficersMlKem, ProposeKraSet, RecoverableKey, RecoverableKeys, RecoverableKeysRequest, RecoveredFile,
    RecoveryClosed, RecoveryCompleted, RecoveryDesk, RecoveryDeskRequest, RecoveryExported, RecoveryHost,
    RecoveryKeyLine, RecoveryLine, RecoveryPaper, RecoveryResponseImported, RefuseRecovery, RequestRecovery,
    SaveOwnerNotice, SaveRecoveryReceipt, SealedToLine, SetOfLine, SetSigned, SignInLine, SignatureLine,
    TokenKeyLine, TokenKind, TokenLine, TrustKraSet, WithdrawKraSet, WithdrawRecovery,
};
pub use setup::{
    Password, SetupApply, SetupCancel, SetupCopying, SetupFinish, SetupFinished, SetupFound, SetupFounded,
    SetupHost, SetupJoin, SetupJoining, SetupMove, SetupPlan, SetupPlanRequest, SetupRoles,
    SetupRolesRequest, SetupStatus, SetupStatusRequest, SetupTarget, SetupTest, SetupTested,
};
pub use sign_in::{
    BeginSignIn, CancelSignIn, SignInHost, SignInStanding, SignInStandingRequest, SignOut, SignedInPerson,
    WaitingSignIn,
};
pub use templates::{
    CheckTemplate, FindingLine, SaveTemplate, TemplateDetails, TemplateDetailsRequest, TemplateFields,
    TemplateFindings, TemplateLine, TemplateOrganization, TemplateSaved, TemplateVersion,
    TemplateVersionRequest, Templates, TemplatesRequest, examine_template, put_template,
};
pub use tenant::{
    ForgetTenantTrial, PermissionLine, PermissionStanding, SaveTenant, SaveTenantScript, TenantCheck,
    TenantCheckRequest, TenantHost, TenantSaved, TenantScriptSaved, TenantSetup, TenantSetupHost,
    TenantSetupRequest, TenantTrial, TenantWay, TryTenant, WantedPermission,
};
