//! `sealwright tenant use` and `sealwright tenant test`: how the application signs in, and whether it can.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use zeroize::Zeroizing;

use super::Outcome;
use super::output::{Failure, Output};
use super::tenant_arguments::{WayCommand, WhichTenant};
use crate::compose::Program;
use crate::credential::{SignInWay, is_pem};
use crate::handout::must_be_new;
use crate::permissions::{self, Feature, For, Standing};
use crate::person::who;
use crate::settings::{ExchangeSection, Home, Settings, read_private, write_new_private};
use crate::tenant::TenantLink;
use crate::tenant_choice::{Choice, Typed, Which, facts, link};
use crate::works::chain;

/// Chooses how the application signs in.
pub(super) async fn choose(
    home: &Home,
    which: WhichTenant,
    command: WayCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    let WhichTenant { tenant, client_id, cloud, untried } = which;
    let choice = Choice::of(home, Which { tenant, client_id, cloud }, typed_way(command)?).await?;
    if !untried {
        // Tried before anything is written: what worked goes on working.
        facts(&choice.link(home)?).await?;
    }
    let file = choice.keep(home)?;
    output.result(&json!({ "signIn": choice.way(), "tried": !untried, "settings": file }), || {
        let tried = if untried { "untried, it is" } else { "it works, and is" };
        format!("{}\n{tried} written into {}", choice.way().words(), file.display())
    })?;
    Ok(Outcome::Done)
}

/// Asks for what is secret of a way.
fn typed_way(command: WayCommand) -> Result<Typed, Failure> {
    Ok(match command {
        WayCommand::Secret { stdin } => {
            Typed::Secret(typed("client secret (its value, not its id): ", stdin)?)
        }
        WayCommand::Certificate { file, leave, password_stdin, algorithm } => {
            let bytes = read_private(&file)?;
            let password = if is_pem(&bytes) {
                None
            } else {
                Some(typed("password of the PKCS#12 file: ", password_stdin)?)
            };
            Typed::Certificate { bytes, password, file, leave, algorithm: algorithm.into() }
        }
        WayCommand::Token { key, pin_stdin } => {
            Typed::Token { key, pin: typed("PIN of the token: ", pin_stdin)? }
        }
        WayCommand::KeyVault { certificate, identity } => {
            Typed::Keyless(SignInWay::KeyVault { certificate, identity_client_id: identity })
        }
        WayCommand::ManagedIdentity { client_id, object_id, resource_id } => {
            Typed::Keyless(SignInWay::ManagedIdentity { client_id, object_id, resource_id })
        }
        WayCommand::WorkloadIdentity { token_file } => {
            Typed::Keyless(SignInWay::WorkloadIdentity { token_file })
        }
    })
}

/// A secret that is typed, without the end of its line.
fn typed(prompt: &str, from_stdin: bool) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(format!("it could not be read: {error}"));
    let text = if !from_stdin && std::io::stdin().is_terminal() {
        Zeroizing::new(rpassword::prompt_password(prompt).map_err(unreadable)?)
    } else {
        let mut text = Zeroizing::new(String::with_capacity(4_096));
        std::io::stdin().take(64 * 1_024).read_to_string(&mut text).map_err(unreadable)?;
        text
    };
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Err(Failure::new("nothing was typed"));
    }
    Ok(Zeroizing::new(line.as_bytes().to_vec()))
}

/// The way into the tenant, with which application of which tenant it is for, and what Exchange is asked.
async fn configured(home: Home) -> Result<(Arc<TenantLink>, For, Option<ExchangeSection>), Failure> {
    let settings = Settings::load(&home)?;
    if let Some(tenant) = &settings.tenant {
        let to = For { tenant: tenant.id, client_id: tenant.client_id, cloud: tenant.cloud };
        return Ok((Arc::new(link(&home, &settings, None)?), to, settings.exchange.clone()));
    }
    let actor = who(&home).await?.actor;
    let program = Program::open(home, actor).await?;
    match (&program.tenant, &program.configured) {
        (Some(doors), Some(shared)) => {
            let tenant = &shared.tenant;
            let to = For { tenant: tenant.id, client_id: tenant.client_id, cloud: tenant.cloud };
            Ok((Arc::clone(&doors.link), to, shared.exchange.clone()))
        }
        _ => Err(Failure::with_hint(
            "no tenant is configured",
            "`sealwright tenant use --help` shows how to begin",
        )),
    }
}

/// Looks which permissions are there, and writes the script for the others.
pub(super) async fn check(
    home: Home,
    further: &[Feature],
    file: Option<&Path>,
    output: &Output,
) -> Result<Outcome, Failure> {
    if let Some(file) = file {
        must_be_new(file)?;
    }
    let (link, to, exchange) = configured(home).await?;
    let mut features = Feature::used(exchange.as_ref());
    for one in further {
        if !features.contains(one) {
            features.push(*one);
        }
    }
    let checked = permissions::check(&link, &features).await.map_err(|error| Failure::new(chain(&error)))?;
    let script = permissions::script(&checked, &to);
    let written = match (file, &script) {
        (Some(file), Some(script)) => {
            write_new_private(file, script.as_bytes())?;
            Some(file)
        }
        _ => None,
    };
    let missing = checked.iter().filter(|one| one.standing == Standing::Missing).count();
    output.result(&json!({ "permissions": checked, "missing": missing, "script": written }), || {
        let mut lines: Vec<String> = checked
            .iter()
            .map(|one| {
                let standing = match one.standing {
                    Standing::Granted => "granted     ",
                    Standing::Missing => "MISSING     ",
                    Standing::Untestable => "not testable",
                };
                let note =
                    one.note.as_ref().map_or_else(String::new, |note| format!("\n              {note}"));
                format!(
                    "{standing}  {} ({}), for {}: {}{note}",
                    one.permission,
                    one.service.name(),
                    one.feature.words(),
                    one.reason
                )
            })
            .collect();
        match (missing, written) {
            (0, _) => lines.push("nothing is missing".to_owned()),
            (_, Some(file)) => lines.push(format!("{} grants what is missing", file.display())),
            (_, None) => lines.push("--script FILE writes a script that grants what is missing".to_owned()),
        }
        lines.join("\n")
    })?;
    Ok(if missing == 0 { Outcome::Done } else { Outcome::NeedsPerson })
}

/// Signs in and tells how it went.
pub(super) async fn test(home: Home, output: &Output) -> Result<Outcome, Failure> {
    let (link, _, _) = configured(home).await?;
    let link = link.as_ref();
    let facts = facts(link).await?;
    let certificate = link.certificate().await;
    let value = json!({
        "signIn": link.way,
        "certificate": certificate.as_ref().map(|certificate| json!({
            "subject": certificate.subject(), "thumbprint": certificate.thumbprint(), "notAfter": certificate.not_after(),
        })),
        "token": {
            "tenant": facts.tenant, "application": facts.application, "object": facts.object, "audience": facts.audience,
            "roles": facts.roles, "expires": facts.expires,
        },
    });
    output.result(&value, || {
        let mut lines = vec![format!("signed in with: {}", link.way.words())];
        if let Some(certificate) = &certificate {
            lines.push(format!(
                "certificate:    {}, SHA-1 {}, until {}",
                certificate.subject(),
                certificate.thumbprint(),
                certificate.not_after()
            ));
        }
        lines.push(format!("tenant:         {}", facts.tenant));
        lines.push(format!("application:    {} (service principal {})", facts.application, facts.object));
        let roles = if facts.roles.is_empty() { "none".to_owned() } else { facts.roles.join(", ") };
        lines.push(format!("permissions:    {roles}"));
        if let Some(expires) = facts.expires {
            lines.push(format!("token until:    {expires}"));
        }
        lines.join("\n")
    })?;
    Ok(Outcome::Done)
}
