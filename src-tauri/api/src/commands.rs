//! The list of commands. One line each: name, request, answer, body.

use model::Ids;
use serde_json::Value;

use crate::audit::{
    AuditEntry, AuditEntryRequest, AuditPage, AuditSaved, AuditStanding, AuditStandingRequest,
    AuditVerification, ExportAudit, ListAudit, ProveAuditEntry, StopAuditVerification, VerifyAudit,
};
use crate::installations::{
    AdmitInstallation, InstallationDecided, Installations, InstallationsRequest, RefuseInstallation,
    RemoveInstallation,
};
use crate::recovery::{
    ArchiveInventory, ArchiveInventoryRequest, BeginOfficerDeed, CompleteRecovery, DeedLine, EndOfficerDeed,
    ExportRecovery, ImportRecoveryResponse, KraSet, KraSetRequest, OfficerDeedNeeds, OfficerDeedNeedsRequest,
    OfficerDeedRequest, OfficerTokens, OfficerTokensRequest, OfficersElsewhere, OfficersElsewhereRequest,
    ProposeKraSet, RecoverableKeys, RecoverableKeysRequest, RecoveryClosed, RecoveryCompleted, RecoveryDesk,
    RecoveryDeskRequest, RecoveryExported, RecoveryLine, RecoveryPaper, RecoveryResponseImported,
    RefuseRecovery, RequestRecovery, SaveOwnerNotice, SaveRecoveryReceipt, TrustKraSet, WithdrawKraSet,
    WithdrawRecovery,
};
use crate::setup::{
    SetupApply, SetupCancel, SetupFinish, SetupFinished, SetupFound, SetupFounded, SetupHost, SetupJoin,
    SetupJoining, SetupMove, SetupPlan, SetupPlanRequest, SetupRoles, SetupRolesRequest, SetupStatus,
    SetupStatusRequest, SetupTest, SetupTested,
};
use crate::sign_in::{BeginSignIn, CancelSignIn, SignInStanding, SignInStandingRequest, SignOut};
use crate::templates::{
    CheckTemplate, SaveTemplate, TemplateDetails, TemplateDetailsRequest, TemplateFindings, TemplateSaved,
    TemplateVersion, TemplateVersionRequest, Templates, TemplatesRequest,
};
use crate::tenant::{
    ForgetTenantTrial, SaveTenant, SaveTenantScript, TenantSaved, TenantScriptSaved, TenantSetup,
    TenantSetupRequest, TenantTrial, TryTenant,
};
use crate::{
    About, AboutRequest, Activity, ActivityRequest, CampaignDetails, CampaignDetailsRequest, CampaignPreview,
    Campaigns, CampaignsRequest, CertificateDetails, CertificateDetailsRequest, CertificatePage,
    CheckDeliveries, DeliveryCheckQueued, DriftLine, DriftRequest, DriftView, Duties, DutiesRequest,
    EnrollmentDetails, EnrollmentDetailsRequest, ErrorCode, ExportCertificate, ExportedCertificate,
    FilterChoices, FilterChoicesRequest, GiveUpEnrollment, GivenUp, HoldCertificate, HoldOrdered, Host,
    IgnoreDrift, ListCertificates, ListPeople, Overview, OverviewRequest, PauseCampaign, PeoplePage,
    PersonDetails, PersonDetailsRequest, PlanForecast, PlanForecastRequest, PreviewCampaign,
    ReleaseCertificate, ReleaseOrdered, RenewCertificate, RenewalStarted, RepairDrift, ResumeCampaign,
    Retried, RetryEnrollment, RevocationOrdered, RevokeCertificate, RunService, ServiceStarted,
    StartCampaign, StopCampaign, TenantCheck, TenantCheckRequest, WireError, about, activity, audit,
    campaigns, certificates, drift, duties, enrollments, installations, overview, people, plans, recovery,
    setup, sign_in, templates, tenant,
};

type Signature = (&'static str, &'static str, &'static str, &'static str);

macro_rules! commands {
    ($list:ident, $signatures:ident, $run:ident, $host:ty;
     $($(#[doc = $doc:literal])+ $name:ident($request:ty) -> $answer:ty = $body:path;)+) => {
        const $list: &[&str] = &[$(stringify!($name)),+];

        /// `(name, request type, answer type, description)` of all commands, for the bindings.
        pub(crate) const $signatures: &[Signature] =
            &[$((stringify!($name), stringify!($request), stringify!($answer), concat!($($doc),+))),+];

        async fn $run(host: &$host, name: &str, payload: Value) -> Result<Value, WireError> {
            match name {
                $(stringify!($name) => {
                    let request: $request = serde_json::from_value(payload).map_err(|error| {
                        WireError::new(ErrorCode::Invalid, format!("the request `{name}` is malformed: {error}"),
                            "update the console and the program together")
                    })?;
                    let result: Result<$answer, WireError> = $body(host, request).await;
                    answer(host.ids(), name, result)
                })+
                _ => Err(WireError::new(ErrorCode::UnknownCommand, format!("there is no command `{name}`"),
                    "update the console and the program together")),
            }
        }
    };
}

/// Names of all commands.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().chain(SETUP_NAMES).copied()
}

/// Runs the command `name` with `payload` on behalf of `host`'s actor.
///
/// # Errors
/// [`ErrorCode::UnknownCommand`] for a name that is not in the list, [`ErrorCode::Invalid`] for a payload of another
/// shape, and whatever the body reports.
pub async fn dispatch(host: &dyn Host, name: &str, payload: Value) -> Result<Value, WireError> {
    if !SETUP_NAMES.contains(&name) {
        return run(host, name, payload).await;
    }
    match host.setup() {
        Some(setup) => run_setup(setup, name, payload).await,
        // The page asks at its start; nothing is to be set up.
        None if name == "setup_status" => answer(host.ids(), name, Ok(SetupStatus::default())),
        None => Err(WireError::new(
            ErrorCode::NotPossible,
            "there is nothing to set up here",
            "a shared database is chosen on the machine whose home is to use it",
        )),
    }
}

/// Runs the command `name` of a home that holds no Sealwright yet: only those of the assistant are answered.
///
/// # Errors
/// [`ErrorCode::NotSetUp`] for all other commands; otherwise as [`dispatch`].
pub async fn dispatch_setup(host: &dyn SetupHost, name: &str, payload: Value) -> Result<Value, WireError> {
    if NAMES.contains(&name) {
        return Err(WireError::new(
            ErrorCode::NotSetUp,
            "this home holds no Sealwright yet",
            "go through the assistant, or run `sealwright init`",
        ));
    }
    run_setup(host, name, payload).await
}

commands! {
    NAMES, SIGNATURES, run, dyn Host;
    /// Figures of the first page.
    overview(OverviewRequest) -> Overview = overview::overview;
    /// A page of the certificates table.
    list_certificates(ListCertificates) -> CertificatePage = certificates::list_certificates;
    /// What the filter pills offer.
    filter_choices(FilterChoicesRequest) -> FilterChoices = certificates::filter_choices;
    /// One certificate in full.
    certificate_details(CertificateDetailsRequest) -> CertificateDetails = certificates::certificate_details;
    /// Orders a revocation.
    revoke_certificate(RevokeCertificate) -> RevocationOrdered = certificates::revoke_certificate;
    /// Puts a certificate on hold.
    hold_certificate(HoldCertificate) -> HoldOrdered = certificates::hold_certificate;
    /// Lifts a hold.
    release_certificate(ReleaseCertificate) -> ReleaseOrdered = certificates::release_certificate;
    /// Orders a new certificate with a new key.
    renew_certificate(RenewCertificate) -> RenewalStarted = certificates::renew_certificate;
    /// Reads the deliveries of a certificate back from Intune.
    check_deliveries(CheckDeliveries) -> DeliveryCheckQueued = certificates::check_deliveries;
    /// Exports a certificate without its key.
    export_certificate(ExportCertificate) -> ExportedCertificate = certificates::export_certificate;
    /// A page of people and shared mailboxes.
    list_people(ListPeople) -> PeoplePage = people::list_people;
    /// One person or shared mailbox in full, with what the plan says.
    person_details(PersonDetailsRequest) -> PersonDetails = people::person_details;
    /// What the next cycle would do.
    plan_forecast(PlanForecastRequest) -> PlanForecast = plans::plan_forecast;
    /// What is going on.
    activity(ActivityRequest) -> Activity = activity::activity;
    /// One enrollment with its journal.
    enrollment_details(EnrollmentDetailsRequest) -> EnrollmentDetails = activity::enrollment_details;
    /// Tries a stuck enrollment again.
    retry_enrollment(RetryEnrollment) -> Retried = activity::retry_enrollment;
    /// Ends a stuck enrollment for good.
    give_up_enrollment(GiveUpEnrollment) -> GivenUp = enrollments::give_up_enrollment;
    /// The recurring duties, and what is under way beside them.
    duties(DutiesRequest) -> Duties = duties::duties;
    /// Starts a duty at once.
    run_service(RunService) -> ServiceStarted = activity::run_service;
    /// What differs between the database and the world outside.
    drift(DriftRequest) -> DriftView = drift::drift;
    /// Leaves a finding as it is, or takes that back.
    ignore_drift(IgnoreDrift) -> DriftLine = drift::ignore_drift;
    /// Orders the repair of a finding.
    repair_drift(RepairDrift) -> DriftLine = drift::repair_drift;
    /// All templates.
    templates(TemplatesRequest) -> Templates = templates::templates;
    /// One template in full.
    template_details(TemplateDetailsRequest) -> TemplateDetails = templates::template_details;
    /// Whether somebody changed a template.
    template_version(TemplateVersionRequest) -> TemplateVersion = templates::template_version;
    /// What is wrong with a template that is being edited.
    check_template(CheckTemplate) -> TemplateFindings = templates::check_template;
    /// Saves a template on top of the version that was edited.
    save_template(SaveTemplate) -> TemplateSaved = templates::save_template;
    /// Who shares the database.
    installations(InstallationsRequest) -> Installations = installations::installations;
    /// Lets an installation in.
    admit_installation(AdmitInstallation) -> InstallationDecided = installations::admit_installation;
    /// Turns an installation down.
    refuse_installation(RefuseInstallation) -> InstallationDecided = installations::refuse_installation;
    /// Puts an installation out.
    remove_installation(RemoveInstallation) -> InstallationDecided = installations::remove_installation;
    /// Recovery requests, and what has to be right before one.
    recovery_desk(RecoveryDeskRequest) -> RecoveryDesk = recovery::recovery_desk;
    /// Archived keys of a person.
    recoverable_keys(RecoverableKeysRequest) -> RecoverableKeys = recovery::recoverable_keys;
    /// Asks for keys.
    request_recovery(RequestRecovery) -> RecoveryLine = recovery::request_recovery;
    /// Refuses a request for everybody.
    refuse_recovery(RefuseRecovery) -> RecoveryClosed = recovery::refuse_recovery;
    /// Takes one's own request back.
    withdraw_recovery(WithdrawRecovery) -> RecoveryClosed = recovery::withdraw_recovery;
    /// Does what was asked, once enough officers have agreed.
    complete_recovery(CompleteRecovery) -> RecoveryCompleted = recovery::complete_recovery;
    /// For which officers without a network a request can be written out.
    officers_elsewhere(OfficersElsewhereRequest) -> OfficersElsewhere = recovery::officers_elsewhere;
    /// Writes a request out for an officer without a network.
    export_recovery(ExportRecovery) -> RecoveryExported = recovery::export_recovery;
    /// Takes in what an officer without a network answered.
    import_recovery_response(ImportRecoveryResponse) -> RecoveryResponseImported = recovery::import_recovery_response;
    /// Writes the receipt of a request that was opened.
    save_recovery_receipt(SaveRecoveryReceipt) -> RecoveryPaper = recovery::save_recovery_receipt;
    /// Writes a notice for the owner of a key that was asked for.
    save_owner_notice(SaveOwnerNotice) -> RecoveryPaper = recovery::save_owner_notice;
    /// What is in the readers.
    officer_tokens(OfficerTokensRequest) -> OfficerTokens = recovery::officer_tokens;
    /// What an officer has to have at hand for a deed.
    officer_deed_needs(OfficerDeedNeedsRequest) -> OfficerDeedNeeds = recovery::officer_deed_needs;
    /// Begins what takes an officer's key.
    begin_officer_deed(BeginOfficerDeed) -> DeedLine = recovery::begin_officer_deed;
    /// How far it is.
    officer_deed(OfficerDeedRequest) -> DeedLine = recovery::officer_deed;
    /// Stops it, or forgets how it ended.
    end_officer_deed(EndOfficerDeed) -> DeedLine = recovery::end_officer_deed;
    /// With what the archive is sealed.
    archive_inventory(ArchiveInventoryRequest) -> ArchiveInventory = recovery::archive_inventory;
    /// The set of recovery agents.
    kra_set(KraSetRequest) -> KraSet = recovery::kra_set;
    /// Proposes a version of it.
    propose_kra_set(ProposeKraSet) -> KraSet = recovery::propose_kra_set;
    /// Takes a proposed version back.
    withdraw_kra_set(WithdrawKraSet) -> KraSet = recovery::withdraw_kra_set;
    /// Lets this installation go by a version.
    trust_kra_set(TrustKraSet) -> KraSet = recovery::trust_kra_set;
    /// A page of the audit log.
    list_audit(ListAudit) -> AuditPage = audit::list_audit;
    /// One entry of the audit log.
    audit_entry(AuditEntryRequest) -> AuditEntry = audit::audit_entry;
    /// Who vouches for the audit log.
    audit_standing(AuditStandingRequest) -> AuditStanding = audit::audit_standing;
    /// Verifies the audit log.
    verify_audit(VerifyAudit) -> AuditVerification = audit::verify_audit;
    /// Stops the verification of the audit log.
    stop_audit_verification(StopAuditVerification) -> AuditVerification = audit::stop_audit_verification;
    /// Writes a proof of one entry.
    prove_audit_entry(ProveAuditEntry) -> AuditSaved = audit::prove_audit_entry;
    /// Writes entries into a file.
    export_audit(ExportAudit) -> AuditSaved = audit::export_audit;
    /// How the application signs in to the tenant, and which permissions it has there.
    tenant_check(TenantCheckRequest) -> TenantCheck = tenant::tenant_check;
    /// All campaigns.
    campaigns(CampaignsRequest) -> Campaigns = campaigns::campaigns;
    /// How one campaign stands.
    campaign_details(CampaignDetailsRequest) -> CampaignDetails = campaigns::campaign_details;
    /// What a campaign would do now.
    preview_campaign(PreviewCampaign) -> CampaignPreview = campaigns::preview_campaign;
    /// Has a campaign begin.
    start_campaign(StartCampaign) -> CampaignDetails = campaigns::start_campaign;
    /// Has a campaign order and revoke nothing more.
    pause_campaign(PauseCampaign) -> CampaignDetails = campaigns::pause_campaign;
    /// Has a campaign go on.
    resume_campaign(ResumeCampaign) -> CampaignDetails = campaigns::resume_campaign;
    /// Ends a campaign.
    stop_campaign(StopCampaign) -> CampaignDetails = campaigns::stop_campaign;
    /// What is set up of the way into the tenant.
    tenant_setup(TenantSetupRequest) -> TenantSetup = tenant::tenant_setup;
    /// Tries another way into a tenant.
    try_tenant(TryTenant) -> TenantTrial = tenant::try_tenant;
    /// Keeps the way that was tried.
    save_tenant(SaveTenant) -> TenantSaved = tenant::save_tenant;
    /// Forgets the way that was tried.
    forget_tenant_trial(ForgetTenantTrial) -> TenantSetup = tenant::forget_tenant_trial;
    /// Writes the script that grants what is missing.
    save_tenant_script(SaveTenantScript) -> TenantScriptSaved = tenant::save_tenant_script;
    /// Who is signed in.
    sign_in_standing(SignInStandingRequest) -> SignInStanding = sign_in::sign_in_standing;
    /// Begins a sign-in.
    begin_sign_in(BeginSignIn) -> SignInStanding = sign_in::begin_sign_in;
    /// Ends a sign-in that waits.
    cancel_sign_in(CancelSignIn) -> SignInStanding = sign_in::cancel_sign_in;
    /// Signs out.
    sign_out(SignOut) -> SignInStanding = sign_in::sign_out;
    /// What runs here.
    about(AboutRequest) -> About = about::about;
}

commands! {
    SETUP_NAMES, SETUP_SIGNATURES, run_setup, dyn SetupHost;
    /// Where the assistant stands.
    setup_status(SetupStatusRequest) -> SetupStatus = setup::setup_status;
    /// Tries a database and looks around in it.
    setup_test(SetupTest) -> SetupTested = setup::setup_test;
    /// What would be done to the schema.
    setup_plan(SetupPlanRequest) -> SetupPlan = setup::setup_plan;
    /// Brings the schema up.
    setup_apply(SetupApply) -> SetupStatus = setup::setup_apply;
    /// Grant scripts for the database administrator, and what this login may do.
    setup_roles(SetupRolesRequest) -> SetupRoles = setup::setup_roles;
    /// Founds a fleet, an authority and a recovery agent.
    setup_found(SetupFound) -> SetupFounded = setup::setup_found;
    /// Asks to be let into the fleet that is there.
    setup_join(SetupJoin) -> SetupJoining = setup::setup_join;
    /// Moves the embedded database to the tested server.
    setup_move(SetupMove) -> SetupStatus = setup::setup_move;
    /// Ends the assistant.
    setup_finish(SetupFinish) -> SetupFinished = setup::setup_finish;
    /// Goes back to the choice of a database.
    setup_cancel(SetupCancel) -> SetupStatus = setup::setup_cancel;
}

fn answer<T: serde::Serialize>(
    ids: &Ids,
    name: &str,
    result: Result<T, WireError>,
) -> Result<Value, WireError> {
    match result {
        Ok(value) => serde_json::to_value(value).map_err(|error| {
            WireError::new(ErrorCode::Database, error.to_string(), "report this as a defect")
        }),
        Err(mut error) => {
            let trace: model::JobId = ids.next();
            error.trace_id = trace.to_string();
            tracing::warn!(command = name, trace_id = %error.trace_id, error = %error.message, "command failed");
            Err(error)
        }
    }
}
