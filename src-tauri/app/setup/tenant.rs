//! The way into the tenant, set up from the console: the program's side of [`api::TenantSetupHost`].
//!
//! What was tried is held here, with its secret, until it is kept, forgotten or replaced; kept is what was tried, and nothing
//! else. The page is not trusted: it names a cloud and never an address, and a file only to have a private key taken out of it,
//! of which nothing is shown. The console then goes on with the new tenant, without being opened anew.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use api::{
    ErrorCode, FileName, Password, TenantSaved, TenantScriptSaved, TenantSetup, TenantSetupHost, TenantTrial,
    TenantWay, TryTenant, WantedPermission, WireError,
};
use async_trait::async_trait;
use clap::ValueEnum as _;
use model::{AuditEvent, AuditKind, AuditOutcome, JobId};
use store::Store as _;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::desk::Desk;
use super::told;
use crate::compose::{ComposeError, Program};
use crate::credential::{Algorithm, SignInWay, is_pem};
use crate::failure::Failure;
use crate::host;
use crate::installation::host_name;
use crate::permissions::{self, Feature, PERMISSIONS};
use crate::recovery::places;
use crate::settings::{Cloud, FILE, Home, Settings, Tenant, read_private};
use crate::tenant_choice::{Choice, TenantName, Typed, Which};
use crate::vault::Vault;
use crate::works::chain;

/// How long what was tried is held for somebody to decide.
const HELD: Duration = Duration::from_mins(30);
/// The largest file that a key is looked for in, in octets.
const LARGEST: u64 = 1024 * 1024;

/// What was tried.
struct Trial {
    id: String,
    choice: Arc<Choice>,
    script: Option<String>,
    is_sound: bool,
    at: Instant,
}

/// Where the tenant of one program is set up.
pub(super) struct TenantDesk {
    program: Arc<Program>,
    desk: Weak<Desk>,
    trial: Mutex<Option<Trial>>,
    /// One at a time.
    step: tokio::sync::Mutex<()>,
}

impl TenantDesk {
    pub(super) fn of(program: &Arc<Program>, desk: Weak<Desk>) -> Self {
        Self {
            program: Arc::clone(program),
            desk,
            trial: Mutex::default(),
            step: tokio::sync::Mutex::default(),
        }
    }

    fn home(&self) -> &Home {
        &self.program.home
    }

    fn held(&self) -> MutexGuard<'_, Option<Trial>> {
        let mut held = self.trial.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|trial| trial.at.elapsed() > HELD) {
            *held = None;
        }
        held
    }

    fn must_be_changeable(&self) -> Result<(), WireError> {
        match self.why_not() {
            None => Ok(()),
            Some(why) => Err(WireError::new(
                ErrorCode::NotPossible,
                why,
                "set up a home of your own with `sealwright init`, and open it",
            )),
        }
    }

    fn why_not(&self) -> Option<String> {
        let configured = self.program.configured.as_ref();
        configured
            .is_some_and(|shared| shared.tenant.simulated)
            .then(|| "this is a simulated tenant, which stays as it is".to_owned())
    }

    async fn record(&self, choice: &Choice, outcome: AuditOutcome, detail: String) -> Result<(), WireError> {
        let program = &self.program;
        let now = program.clock.now();
        let event = AuditEvent {
            kind: AuditKind::SettingChanged,
            outcome,
            actor: program.actor.clone(),
            object: format!("tenant {}", choice.tenant().id),
            detail,
        };
        let recorded = store::in_unit!(program.store, work => {
            work.audit().append(&event, now).await?;
        });
        Ok(recorded?)
    }
}

#[async_trait]
impl TenantSetupHost for TenantDesk {
    async fn standing(&self) -> Result<TenantSetup, WireError> {
        let home = self.home();
        let settings = Settings::load(home).map_err(|error| told(error.into()))?;
        let own = settings.tenant.as_deref();
        let shared = self.program.configured.as_ref();
        let tenant = own.or_else(|| shared.map(|shared| &shared.tenant));
        let from = match (own, shared) {
            (Some(_), _) => "settings",
            (None, Some(_)) => "shared",
            (None, None) => "none",
        };
        let exchange = match (own, shared) {
            (None, Some(shared)) => shared.exchange.as_ref(),
            _ => settings.exchange.as_ref(),
        };
        let used = Feature::used(exchange);
        let vault = Vault::open(home).map_err(|error| told(ComposeError::Unusable(chain(&error))))?;
        Ok(TenantSetup {
            from: from.to_owned(),
            tenant_id: tenant.map(|tenant| tenant.id.to_string()),
            client_id: tenant.map(|tenant| tenant.client_id.to_string()),
            cloud: cloud_word(tenant.map(|tenant| tenant.cloud).unwrap_or_default()),
            way: tenant.and_then(|tenant| tenant.way().ok()).map(|way| word(&way).to_owned()),
            addresses: own.map(addresses).unwrap_or_default(),
            secrets: vault.place().to_string(),
            settings: home.path().join(FILE).display().to_string(),
            folder: home.exports().display().to_string(),
            permissions: PERMISSIONS
                .iter()
                .map(|permission| WantedPermission {
                    permission: permission.name.to_owned(),
                    service: permission.service.name().to_owned(),
                    feature: permission.feature.word().to_owned(),
                    reason: permission.reason.to_owned(),
                    used: used.contains(&permission.feature),
                })
                .collect(),
            why_not: self.why_not(),
        })
    }

    async fn try_out(&self, wanted: TryTenant) -> Result<TenantTrial, WireError> {
        let _step = self.step.lock().await;
        self.must_be_changeable()?;
        self.forget();
        let which = Which {
            tenant: Some(wanted.tenant.parse::<TenantName>().map_err(|why| {
                invalid(&format!("`{}`: {why}", shown(&wanted.tenant)), "copy it from the registration")
            })?),
            client_id: Some(id("application id", &wanted.client_id)?),
            cloud: Some(Cloud::from_str(&wanted.cloud, false).map_err(|_| {
                invalid(&format!("`{}` is no cloud", shown(&wanted.cloud)), "choose one of those offered")
            })?),
        };
        let typed = typed(wanted.way, wanted.secret.as_ref())?;
        let choice = Choice::of(self.home(), which, typed).await?;
        let link = choice.link(self.home())?;
        let checked = permissions::check(&link, &Feature::used(choice.exchange())).await;
        let (failure, check) = match checked {
            Ok(checked) => (None, Some(host::told(&link, checked, &choice.application()).await)),
            Err(error) => (Some(WireError::from(Failure::new(chain(&error)))), None),
        };
        // A script is there where something is missing.
        let script = check.as_ref().and_then(|check| check.script.clone());
        let is_sound = check.is_some() && script.is_none();
        let trial = TenantTrial {
            trial: self.program.ids.next::<JobId>().to_string(),
            tenant_id: choice.tenant().id.to_string(),
            sign_in: choice.way().words(),
            failure,
            check,
            sound: is_sound,
        };
        let at = Instant::now();
        *self.held() =
            Some(Trial { id: trial.trial.clone(), choice: Arc::new(choice), script, is_sound, at });
        Ok(trial)
    }

    async fn keep(&self, trial: &str, anyway: bool) -> Result<TenantSaved, WireError> {
        let _step = self.step.lock().await;
        self.must_be_changeable()?;
        let choice = {
            let held = self.held();
            let held = held.as_ref().filter(|held| held.id == trial).ok_or_else(gone)?;
            if !held.is_sound && !anyway {
                return Err(WireError::new(
                    ErrorCode::NotPossible,
                    "what was tried does not work, or lacks permissions",
                    "mend it and try again, or save it all the same",
                ));
            }
            Arc::clone(&held.choice)
        };
        let words = format!("{} signs in with: {}", host_name(), choice.way().words());
        // State first: a change that is not on record is not made.
        self.record(&choice, AuditOutcome::Success, words.clone()).await?;
        let (home, kept) = (self.home().clone(), Arc::clone(&choice));
        // A keyring may ask a person first.
        let written = tokio::task::spawn_blocking(move || kept.keep(&home)).await;
        let written = written.unwrap_or_else(|error| Err(Failure::new(format!("it was cut off: {error}"))));
        let file = match written {
            Ok(file) => file,
            Err(failure) => {
                self.record(&choice, AuditOutcome::Failure, format!("{words}: {}", failure.message)).await?;
                return Err(failure.into());
            }
        };
        self.forget();
        let not_taken_up = match self.desk.upgrade() {
            Some(desk) => desk.reopen().await.err().map(|error| chain(&error)),
            None => Some("the program is ending".to_owned()),
        };
        Ok(TenantSaved { settings: file.display().to_string(), not_taken_up })
    }

    fn forget(&self) {
        *self.held() = None;
    }

    fn save_script(&self, trial: &str, name: &FileName) -> Result<TenantScriptSaved, WireError> {
        let script = {
            let held = self.held();
            held.as_ref().filter(|held| held.id == trial).ok_or_else(gone)?.script.clone()
        };
        host::save_script(self.home(), script.as_deref(), name)
    }
}

fn typed(way: TenantWay, secret: Option<&Password>) -> Result<Typed, WireError> {
    let secret = secret.filter(|secret| !secret.is_empty());
    let octets = |secret: &Password| Zeroizing::new(secret.reveal().trim().as_bytes().to_vec());
    Ok(match way {
        TenantWay::Secret {} => {
            let secret = secret.ok_or_else(|| {
                invalid("the client secret is missing", "copy its value, not its id, from the registration")
            })?;
            Typed::Secret(octets(secret))
        }
        TenantWay::Certificate { file } => {
            let file = places::place("the file with certificate and key", Some(&file))?;
            let bytes = key_file(&file)?;
            let password = if is_pem(&bytes) {
                None
            } else {
                // A password may begin or end with a blank.
                let text = secret.map(Password::reveal).unwrap_or_default();
                Some(Zeroizing::new(text.as_bytes().to_vec()))
            };
            Typed::Certificate { bytes, password, file, leave: false, algorithm: Algorithm::default() }
        }
        TenantWay::KeyVault { certificate, identity } => {
            let certificate = certificate.trim().parse().map_err(|_| {
                invalid(
                    "this is no address of a certificate in a key vault",
                    "copy the certificate identifier from the vault's page, with its version",
                )
            })?;
            let identity_client_id = optional_id("identity's client id", identity.as_deref())?;
            Typed::Keyless(SignInWay::KeyVault { certificate, identity_client_id })
        }
        TenantWay::ManagedIdentity { identity } => {
            let client_id = optional_id("identity's client id", identity.as_deref())?;
            Typed::Keyless(SignInWay::ManagedIdentity {
                client_id: client_id.map(|id| id.to_string()),
                object_id: None,
                resource_id: None,
            })
        }
        TenantWay::WorkloadIdentity {} => Typed::Keyless(SignInWay::WorkloadIdentity { token_file: None }),
    })
}

/// A file that a private key is to be taken out of.
fn key_file(file: &Path) -> Result<Zeroizing<Vec<u8>>, WireError> {
    // A pipe would be waited for, and a large file is something else.
    if std::fs::metadata(file).is_ok_and(|found| !found.is_file() || found.len() > LARGEST) {
        return Err(invalid(
            &format!("{} is no file with a certificate", file.display()),
            "name the PEM or PKCS#12 file with certificate and private key",
        ));
    }
    read_private(file).map_err(|error| WireError::from(Failure::from(error)))
}

/// Keys of `[tenant]` that name other addresses than the cloud's.
fn addresses(tenant: &Tenant) -> Vec<String> {
    let named = [
        ("authority-url", tenant.authority_url.is_some()),
        ("graph-url", tenant.graph_url.is_some()),
        ("exchange-url", tenant.exchange_url.is_some()),
        ("key-vault-suffix", tenant.key_vault_suffix.is_some()),
        ("managed-hsm-suffix", tenant.managed_hsm_suffix.is_some()),
        ("proxy", tenant.proxy.is_some()),
        ("extra-root-ca", tenant.extra_root_ca.is_some()),
    ];
    named.into_iter().filter(|(_, is_named)| *is_named).map(|(key, _)| key.to_owned()).collect()
}

fn cloud_word(cloud: Cloud) -> String {
    cloud.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

const fn word(way: &SignInWay) -> &'static str {
    match way {
        SignInWay::Secret { .. } => "secret",
        SignInWay::Certificate { .. } => "certificate",
        SignInWay::Token { .. } => "token",
        SignInWay::KeyVault { .. } => "keyVault",
        SignInWay::ManagedIdentity { .. } => "managedIdentity",
        SignInWay::WorkloadIdentity { .. } => "workloadIdentity",
    }
}

fn optional_id(what: &str, typed: Option<&str>) -> Result<Option<Uuid>, WireError> {
    typed.map(str::trim).filter(|typed| !typed.is_empty()).map(|typed| id(what, typed)).transpose()
}

fn id(what: &str, typed: &str) -> Result<Uuid, WireError> {
    typed.trim().parse().map_err(|_| {
        invalid(
            &format!("`{}` is no {what}", shown(typed)),
            "copy it from the Entra admin centre: 00000000-0000-0000-0000-000000000000",
        )
    })
}

fn shown(typed: &str) -> String {
    model::text::fitted(&model::text::printable(typed), 100)
}

fn invalid(text: &str, hint: &str) -> WireError {
    WireError::new(ErrorCode::Invalid, text, hint)
}

fn gone() -> WireError {
    WireError::new(ErrorCode::Stale, "what was tried is not held any more", "try it again, then save it")
}
