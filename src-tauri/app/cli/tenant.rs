//! Commands about the tenant that all installations share.

use model::{AuditEvent, AuditKind, AuditOutcome};
use serde_json::json;
use store::Store as _;

use super::Outcome;
use super::output::{Failure, Output};
use super::tenant_arguments::TenantCommand;
use crate::compose::Program;
use crate::tenant::{CREDENTIAL, ConfiguredTenant, SETTING};

pub(super) async fn run(
    program: &Program,
    command: TenantCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        TenantCommand::Show => show(program, output).await,
        TenantCommand::Share => share(program, output).await,
        TenantCommand::Unshare => unshare(program, output).await,
        TenantCommand::Use { .. } | TenantCommand::Test | TenantCommand::Check { .. } => {
            Err(Failure::new("the way to sign in is chosen and tried before a home is opened"))
        }
    }
}

async fn show(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    let stored = program.store.read().await?.settings().find(SETTING).await?;
    let own = program.settings.tenant.is_some();
    let value = json!({
        "tenant": program.configured.as_ref().map(|configured| configured.tenant.id),
        "here": if own { "settings" } else if program.configured.is_some() { "shared" } else { "none" },
        "shared": stored.as_ref().map(|setting| json!({ "version": setting.version, "changedAt": setting.changed_at,
            "changedBy": setting.changed_by })),
    });
    output.result(&value, || {
        let shared = match &stored {
            None => {
                "no tenant is shared; `sealwright tenant share` shares the one in sealwright.toml".to_owned()
            }
            Some(setting) => {
                format!(
                    "a tenant is shared: version {}, by {} on {}",
                    setting.version, setting.changed_by, setting.changed_at
                )
            }
        };
        match &program.configured {
            None => shared,
            Some(configured) => format!(
                "tenant {}, from {}\n{shared}",
                configured.tenant.id,
                if own { "this installation's sealwright.toml" } else { "the database" }
            ),
        }
    })?;
    Ok(Outcome::Done)
}

async fn share(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    let configured = ConfiguredTenant::of_settings(&program.home, &program.settings)?.ok_or_else(|| {
        Failure::with_hint("sealwright.toml names no tenant", "fill in [tenant], then try again")
    })?;
    if configured.shared.tenant.way()?.is_of_this_machine() {
        return Err(Failure::with_hint(
            "the application signs in with a token in this machine, which the others do not have",
            "let each installation name its own in its sealwright.toml, or use a certificate, a key vault or managed identities",
        ));
    }
    if let Some(intune) = &configured.shared.intune {
        crate::connector::all(intune, &configured.shared).map_err(Failure::new)?;
    }
    // For people only: what is used is signed and sealed.
    let body = json!({ "tenant": configured.shared.tenant.id }).to_string();
    let stored = program.store.read().await?.settings().find(SETTING).await?;
    let version = stored.map_or(0, |setting| setting.version);
    let (actor, now) = (program.actor.clone(), program.clock.now());
    // The secret first: a setting without one would stop the others.
    program.gate.put_secret(CREDENTIAL, &configured.to_secret()?).await?;
    let event = AuditEvent {
        kind: AuditKind::SettingChanged,
        outcome: AuditOutcome::Success,
        actor: actor.clone(),
        object: format!("tenant {}", configured.shared.tenant.id),
        detail: "shared with all installations".to_owned(),
    };
    store::in_unit!(program.store, work => {
        work.settings().set(SETTING, &body, version, &actor, now).await?;
        work.audit().append(&event, now).await?;
    })?;
    output.result(&json!({ "shared": configured.shared.tenant.id, "version": version + 1 }), || {
        "all admitted installations use this tenant from their next start on, unless their own sealwright.toml names one; \
         its credential is sealed to them"
            .to_owned()
    })?;
    Ok(Outcome::Done)
}

async fn unshare(program: &Program, output: &Output) -> Result<Outcome, Failure> {
    let Some(stored) = program.store.read().await?.settings().find(SETTING).await? else {
        return Err(Failure::new("no tenant is shared"));
    };
    let now = program.clock.now();
    let event = AuditEvent {
        kind: AuditKind::SettingChanged,
        outcome: AuditOutcome::Success,
        actor: program.actor.clone(),
        object: "tenant".to_owned(),
        detail: "no longer shared".to_owned(),
    };
    store::in_unit!(program.store, work => {
        work.settings().remove(SETTING, stored.version).await?;
        work.audit().append(&event, now).await?;
    })?;
    program.gate.remove_secret(CREDENTIAL).await?;
    output.result(&json!({ "shared": null }), || {
        "no tenant is shared any more; whoever knew its credential still knows it".to_owned()
    })?;
    Ok(Outcome::Done)
}
