//! The program as a host of the api's commands: for the window, the bridge, and the command line.
#![expect(clippy::wildcard_enum_match_arm, reason = "errors of all other kinds are told alike")]

use std::sync::{Arc, Mutex, PoisonError};

use admit::{AdmitError, Fingerprint, Resealed, Standing as Membership, Status};
use api::{
    Auditor, CampaignHost, DutyOff, DutySetting, ErrorCode, Facts, FileName, Fleet, FleetView, Host,
    InstallationLine, Left, PermissionLine, PermissionStanding, RecoveryHost, Sealing, SetupHost, SignInHost,
    TenantCheck, TenantHost, TenantScriptSaved, TenantSetupHost, WireError,
};
use async_trait::async_trait;
use custody::CustodyError;
use lifecycle::Limits;
use model::{Clock, Ids, InstallationId, Kra, Prices, Service, Span};
use store::{Store, StoreError};
use store_sql::SchemaInfo;

use crate::auditor::LogAuditor;
use crate::compose::Program;
use crate::failure::Failure;
use crate::handout::export_file;
use crate::permissions::{self, Checked, Feature, For, Standing};
use crate::settings::{Home, write_new_private};
use crate::tenant::TenantLink;
use crate::works::chain;

/// Serves commands from one composed program.
#[derive(Clone)]
pub struct ProgramHost {
    program: Arc<Program>,
    /// Wakes the worker of this process.
    waker: jobs::Waker,
    setup: Option<Arc<dyn SetupHost>>,
    recovery: Option<Arc<dyn RecoveryHost>>,
    tenant_setup: Option<Arc<dyn TenantSetupHost>>,
    sign_in: Option<Arc<dyn SignInHost>>,
    auditor: Arc<LogAuditor>,
    /// The script of the last check. What is written into a file is what was shown.
    script: Arc<Mutex<Option<String>>>,
}

impl ProgramHost {
    /// Serves this program.
    pub fn new(program: Arc<Program>, waker: jobs::Waker) -> Self {
        let auditor = Arc::new(LogAuditor::of(&program));
        Self {
            program,
            waker,
            setup: None,
            recovery: None,
            tenant_setup: None,
            sign_in: None,
            auditor,
            script: Arc::default(),
        }
    }

    /// What is served.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// With the way to a shared database.
    #[must_use]
    pub fn with_setup(self, setup: Arc<dyn SetupHost>) -> Self {
        Self { setup: Some(setup), ..self }
    }

    /// With the way to set up the tenant.
    #[must_use]
    pub fn with_tenant_setup(self, setup: Arc<dyn TenantSetupHost>) -> Self {
        Self { tenant_setup: Some(setup), ..self }
    }

    /// With a place to sign in.
    #[must_use]
    pub fn with_sign_in(self, sign_in: Arc<dyn SignInHost>) -> Self {
        Self { sign_in: Some(sign_in), ..self }
    }

    /// With a way to carry recoveries.
    #[must_use]
    pub fn with_recovery(self, recovery: Arc<dyn RecoveryHost>) -> Self {
        Self { recovery: Some(recovery), ..self }
    }
}

#[async_trait]
impl Host for ProgramHost {
    fn store(&self) -> &dyn Store {
        self.program.store.as_ref()
    }
    fn clock(&self) -> &dyn Clock {
        self.program.clock.as_ref()
    }
    fn ids(&self) -> &Ids {
        &self.program.ids
    }
    fn actor(&self) -> String {
        self.program.actor.clone()
    }
    fn facts(&self) -> Facts {
        let program = &self.program;
        let tenant = program.configured.as_ref().map(|configured| &configured.tenant);
        Facts {
            home: program.home.path().display().to_string(),
            database: program.store.to_string(),
            schema: program.schema,
            tenant: tenant.map(|found| found.id.to_string()),
            graph: tenant.and_then(|found| found.graph_url.as_ref().map(ToString::to_string)),
            simulated: tenant.is_some_and(|found| found.simulated),
            database_kind: program.store.kind().to_owned(),
            program_schema: SchemaInfo::KNOWN,
            read_only: program.outside.as_ref().map(|error| chain(error)),
            role: program.rights.role(),
            rights: program.rights.lines(),
        }
    }
    async fn sealing_agents(&self) -> Result<Vec<Kra>, StoreError> {
        match self.program.custody.in_force().await {
            Ok(Some(set)) => Ok(set.agents().collect()),
            Ok(None) => self.program.store.read().await?.kras().list().await,
            Err(CustodyError::Store(error)) => Err(error),
            Err(error) => {
                tracing::warn!(error = %chain(&error), "keys are sealed to nobody");
                Ok(Vec::new())
            }
        }
    }
    fn drill_interval(&self) -> Option<Span> {
        self.program.settings.recovery.drill_interval()
    }
    fn limits(&self) -> Limits {
        self.program.settings.limits.limits()
    }
    fn prices(&self) -> Prices {
        self.program.settings.prices.clone()
    }
    fn duties(&self) -> Vec<DutySetting> {
        let program = &self.program;
        let off = |service| match service {
            Service::Sync => program.configured.is_none().then_some(DutyOff::NoTenant),
            Service::Crl => program.authorities.is_empty().then_some(DutyOff::NoAuthority),
            Service::AddressBook => {
                let book = program.tenant.as_ref().and_then(|doors| doors.address_book.as_ref());
                book.is_none().then_some(DutyOff::NotPublished)
            }
            Service::Drills => {
                program.settings.recovery.drill_interval().is_none().then_some(DutyOff::SwitchedOff)
            }
            Service::Campaigns => None,
            Service::Drift => (!program.settings.drift.is_on()).then_some(DutyOff::SwitchedOff),
        };
        let every = |service: Service| match service {
            Service::Sync => program.settings.daemon.sync_interval(),
            Service::Drift => program.settings.drift.interval(),
            Service::Crl | Service::Drills | Service::AddressBook | Service::Campaigns => {
                service.default_interval()
            }
        };
        let setting = |service| DutySetting { service, off: off(service), every: every(service) };
        Service::ALL.into_iter().map(setting).collect()
    }
    fn work_queued(&self) {
        self.waker.wake();
    }
    fn fleet(&self) -> Option<&dyn Fleet> {
        self.program.store.is_shared().then_some(self as &dyn Fleet)
    }
    fn auditor(&self) -> Option<&dyn Auditor> {
        Some(self.auditor.as_ref())
    }
    fn setup(&self) -> Option<&dyn SetupHost> {
        self.setup.as_deref()
    }
    fn tenant(&self) -> Option<&dyn TenantHost> {
        self.program.tenant.is_some().then_some(self as &dyn TenantHost)
    }
    fn tenant_setup(&self) -> Option<&dyn TenantSetupHost> {
        self.tenant_setup.as_deref()
    }
    fn sign_in(&self) -> Option<&dyn SignInHost> {
        self.sign_in.as_deref()
    }
    fn recovery(&self) -> Option<&dyn RecoveryHost> {
        self.recovery.as_deref()
    }
    fn campaigns(&self) -> Option<&dyn CampaignHost> {
        Some(self as &dyn CampaignHost)
    }
}

impl ProgramHost {
    fn wire(error: AdmitError) -> WireError {
        match error {
            AdmitError::Store(error) => error.into(),
            other => WireError::new(ErrorCode::NotPossible, chain(&other), ""),
        }
    }
}

#[async_trait]
impl TenantHost for ProgramHost {
    async fn check(&self) -> Result<TenantCheck, WireError> {
        let (Some(doors), Some(shared)) = (&self.program.tenant, &self.program.configured) else {
            return Err(WireError::new(ErrorCode::NotPossible, "no tenant is configured here", ""));
        };
        let link = doors.link.as_ref();
        let checked = permissions::check(link, &Feature::used(shared.exchange.as_ref())).await;
        let checked = checked.map_err(|error| {
            WireError::new(
                ErrorCode::NotPossible,
                chain(&error),
                "choose another way to sign in below, or with `sealwright tenant use`",
            )
        })?;
        let tenant = &shared.tenant;
        let to = For { tenant: tenant.id, client_id: tenant.client_id, cloud: tenant.cloud };
        let told = told(link, checked, &to).await;
        self.script.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&told.script);
        Ok(told)
    }

    fn save_script(&self, name: &FileName) -> Result<TenantScriptSaved, WireError> {
        let script = self.script.lock().unwrap_or_else(PoisonError::into_inner).clone();
        save_script(&self.program.home, script.as_deref(), name)
    }
}

/// What was found about an application, for the console.
pub(crate) async fn told(link: &TenantLink, checked: Vec<Checked>, to: &For) -> TenantCheck {
    TenantCheck {
        sign_in: link.way.words(),
        certificate_until: link.certificate().await.map(|certificate| certificate.not_after().to_string()),
        script: permissions::script(&checked, to),
        permissions: checked.into_iter().map(line).collect(),
    }
}

/// Writes a script that was shown into the folder for exports.
pub(crate) fn save_script(
    home: &Home,
    script: Option<&str>,
    name: &FileName,
) -> Result<TenantScriptSaved, WireError> {
    let script = script.ok_or_else(|| {
        WireError::new(ErrorCode::NotPossible, "there is no script: nothing was found missing", "check again")
    })?;
    let file = export_file(home, name)?;
    write_new_private(&file, script.as_bytes()).map_err(Failure::from)?;
    Ok(TenantScriptSaved { file: file.display().to_string() })
}

fn line(checked: Checked) -> PermissionLine {
    PermissionLine {
        permission: checked.permission.to_owned(),
        service: checked.service.name().to_owned(),
        feature: checked.feature.word().to_owned(),
        reason: checked.reason.to_owned(),
        standing: match checked.standing {
            Standing::Granted => PermissionStanding::Granted,
            Standing::Missing => PermissionStanding::Missing,
            Standing::Untestable => PermissionStanding::Untestable,
        },
        note: checked.note,
    }
}

#[async_trait]
impl Fleet for ProgramHost {
    async fn view(&self) -> Result<FleetView, WireError> {
        match self.program.gate.status().await {
            Ok(status) => Ok(view(&self.program, &status)),
            Err(AdmitError::NotFounded) => Ok(FleetView::default()),
            Err(error @ AdmitError::Unpinned { .. }) => Ok(FleetView {
                here: Some(self.program.installation.id().to_string()),
                bystander: Some(chain(&error)),
                ..FleetView::default()
            }),
            Err(error) => Err(Self::wire(error)),
        }
    }

    async fn admit(&self, id: InstallationId, fingerprint: &str) -> Result<Sealing, WireError> {
        let compared: Fingerprint = fingerprint.parse().map_err(|_| {
            WireError::new(
                ErrorCode::Invalid,
                "this is no fingerprint",
                "copy all groups from the other machine's screen",
            )
        })?;
        self.program.gate.admit(id, compared).await.map(sealing).map_err(Self::wire)
    }

    async fn refuse(&self, id: InstallationId) -> Result<(), WireError> {
        self.program.gate.refuse(id).await.map_err(Self::wire)
    }

    async fn remove(&self, id: InstallationId) -> Result<Left, WireError> {
        let (exposure, resealed) = self.program.gate.remove(id, false).await.map_err(Self::wire)?;
        Ok(Left {
            knew: exposure.secrets.into_iter().chain(exposure.authorities).collect(),
            in_flight: exposure.in_flight,
            certificates: exposure.certificates,
            sealing: sealing(resealed),
        })
    }
}

fn sealing(resealed: Resealed) -> Sealing {
    Sealing {
        in_flight_unseen: resealed.in_flight_unseen,
        closed: resealed.closed,
        damaged: resealed.damaged,
    }
}

fn view(program: &Program, status: &Status) -> FleetView {
    let bystander = match &status.standing {
        Membership::Admitted => None,
        Membership::Waiting => Some("this installation waits to be admitted itself".to_owned()),
        Membership::Stranger if !program.rights.may_ask() => {
            let onlooker = program.rights.onlooker();
            Some(format!("{}; {}", onlooker.found, onlooker.hint))
        }
        Membership::Stranger => Some("this installation has not asked to be admitted".to_owned()),
        Membership::Removed { by, .. } => Some(format!("this installation was removed by {by}")),
    };
    let mut installations: Vec<InstallationLine> = Vec::new();
    for (member, says) in &status.members {
        installations.push(InstallationLine {
            id: member.id.to_string(),
            name: member.name.clone(),
            state: "admitted".to_owned(),
            fingerprint: member.fingerprint().to_string(),
            asked_at: says.as_ref().map_or(member.since, |row| row.asked_at).to_string(),
            seen_at: says.as_ref().map_or(member.since, |row| row.seen_at).to_string(),
            version: says.as_ref().map(|row| row.version.clone()).unwrap_or_default(),
            role: says.as_ref().map(|row| row.role.clone()).unwrap_or_default(),
            decided_at: Some(member.since.to_string()),
            decided_by: Some(member.by.clone()),
            knows: Vec::new(),
        });
    }
    for one in &status.waiting {
        installations.push(InstallationLine {
            id: one.id.to_string(),
            name: one.name.clone(),
            state: "waiting".to_owned(),
            fingerprint: one.fingerprint.to_string(),
            asked_at: one.asked_at.to_string(),
            seen_at: one.asked_at.to_string(),
            ..InstallationLine::default()
        });
    }
    for former in &status.removed {
        installations.push(InstallationLine {
            id: former.member.id.to_string(),
            name: former.member.name.clone(),
            state: "removed".to_owned(),
            fingerprint: former.member.fingerprint().to_string(),
            asked_at: former.member.since.to_string(),
            seen_at: former.at.to_string(),
            decided_at: Some(former.at.to_string()),
            decided_by: Some(former.by.clone()),
            ..InstallationLine::default()
        });
    }
    FleetView {
        fleet: status.fleet.to_string(),
        entries: u32::try_from(status.entries).unwrap_or(u32::MAX),
        head: status.head.fingerprint().to_string(),
        here: Some(program.installation.id().to_string()),
        bystander,
        installations,
    }
}
