//! Commands that set up and examine: init, migrate, config, doctor, authorities, recovery agents.

use std::sync::Arc;

use ca::builtin::Founding;
use crypto::X509Certificate;
use model::{Clock, Entropy, Ids, SystemClock, SystemEntropy, Thumbprint};
use ports::CertificateAuthority as _;
use serde_json::json;
use store::Store as _;

use super::Outcome;
use super::arguments::{AuthorityCommand, ConfigAction, ConfigCommand, Init, KraCommand};
use super::output::{Failure, Output, table};
use super::recovery::{must_be_new, no_password_in_json};
use crate::compose::{Program, open_store};
use crate::doctor::{Verdict, examine};
use crate::init::{add_kra, file_stem, found_authority, kra as read_kra, make_kra, prepare};
use crate::installation::actor;
use crate::settings::{FILE, Home, Settings, write_new_private, write_private};
use crate::works::chain;

/// A settings file to start from.
const EXAMPLE: &str = include_str!("../example.toml");

pub(super) async fn init(home: &Home, options: Init, output: &Output) -> Result<Outcome, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let ids = Ids::new(Arc::clone(&clock), Arc::clone(&entropy));
    let fresh = !home.database().exists();
    if fresh {
        output.note("making this installation's key pair and database …");
    }
    let store = prepare(home, clock.as_ref(), entropy.as_ref()).await?;
    let settings = home.path().join(FILE);
    if !settings.exists() {
        write_private(&settings, EXAMPLE.as_bytes())?;
    }
    let mut founded = false;
    let local_address = options.pki_url.is_none();
    if !options.no_authority {
        if store.read().await?.authorities().find(&options.authority).await?.is_none() {
            output.note(&format!("founding the authority `{}` …", options.authority));
        }
        let url = options
            .pki_url
            .unwrap_or_else(|| format!("http://127.0.0.1:8441/pki/{}", file_stem(&options.authority)));
        let mut founding = Founding::new(options.authority.clone(), url);
        founding.organization = options.organization;
        founding.country = options.country;
        founded = found_authority(home, &store, founding, clock.as_ref(), &ids, entropy, &actor()).await?;
        drop(store);
        Program::open(home.clone(), actor()).await?.publish_first_lists().await?;
    }
    let loopback = local_address && founded;
    let value = json!({
        "home": home.path(), "settings": settings, "authority": options.authority, "founded": founded,
        "loopbackAddress": loopback,
    });
    output.result(&value, || {
        if !fresh && !founded {
            return format!("{} is set up already; nothing was changed", home.path().display());
        }
        let warning = if loopback {
            "\n\nWARNING: certificates will name http://127.0.0.1:8441/pki as the place of their revocation list, which \
             only this machine can reach.\nFor real use remove this folder now, before anything is issued, and run init \
             with --pki-url http://…"
        } else {
            ""
        };
        format!(
            "{} is set up.\nNext:\n  1. fill in [tenant] and [intune] in {}\n  2. sealwright kra create NAME --out \
             FILE   (at least one key recovery agent; keep the file apart)\n  3. sealwright template new NAME --group \
             ID > template.toml, then sealwright template import template.toml\n  4. sealwright doctor\n  5. \
             sealwright plan, then sealwright apply or sealwright --daemon{warning}",
            home.path().display(),
            settings.display()
        )
    })?;
    Ok(Outcome::Done)
}

pub(super) async fn migrate(home: &Home, output: &Output) -> Result<Outcome, Failure> {
    if !home.database().exists() {
        return Err(Failure::with_hint(
            format!("{} holds no database", home.path().display()),
            "run `sealwright init` first",
        ));
    }
    // Opening brings an embedded database to this program's schema, after a copy of the older one.
    let schema = open_store(home).await?.schema().await?;
    let value = json!({ "schema": schema.version });
    output.result(&value, || format!("the database has schema {}", schema.version))?;
    Ok(Outcome::Done)
}

pub(super) fn config(home: &Home, command: &ConfigCommand, output: &Output) -> Result<Outcome, Failure> {
    match command.action {
        ConfigAction::Example => output.result(&json!({ "toml": EXAMPLE }), || EXAMPLE.to_owned())?,
        ConfigAction::Check => {
            let settings = Settings::load(home)?;
            let mut hints = Vec::new();
            if settings.tenant.is_none() {
                hints.push("[tenant] is missing: nothing is read or delivered");
            }
            if settings.intune.is_none() {
                hints.push("[intune] is missing: certificates cannot be delivered");
            }
            if settings.tenant.as_ref().is_some_and(|tenant| {
                tenant.client_secret_file.is_none() && tenant.client_certificate_file.is_none()
            }) {
                hints.push("[tenant] names neither client-certificate-file nor client-secret-file");
            }
            if !settings.daemon.listen.ip().is_loopback() {
                hints.push("[daemon] listen must be a loopback address");
            }
            let file = home.path().join(FILE);
            output.result(&json!({ "file": file, "hints": hints }), || {
                if hints.is_empty() {
                    format!("{} is well-formed and complete", file.display())
                } else {
                    format!("{} is well-formed\n  {}", file.display(), hints.join("\n  "))
                }
            })?;
            return Ok(if hints.is_empty() { Outcome::Done } else { Outcome::NeedsPerson });
        }
    }
    Ok(Outcome::Done)
}

pub(super) async fn doctor(home: Home, output: &Output) -> Result<Outcome, Failure> {
    let findings = examine(home).await;
    let sick = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    output.result(&json!({ "findings": findings, "healthy": !sick }), || {
        let mut text = String::new();
        for finding in &findings {
            let mark = match finding.verdict {
                Verdict::Good => "ok ",
                Verdict::Warning => "hm ",
                Verdict::Bad => "BAD",
            };
            text.push_str(&format!("{mark} {:<24} {}\n", finding.what, finding.found));
            if let Some(hint) = &finding.hint {
                text.push_str(&format!("{:29}→ {hint}\n", ""));
            }
        }
        text
    })?;
    Ok(if sick { Outcome::NeedsPerson } else { Outcome::Done })
}

pub(super) async fn authority(
    program: &Program,
    command: AuthorityCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        AuthorityCommand::List => {
            let accounts = program.store.read().await?.authorities().list().await?;
            let values: Vec<_> = accounts
                .iter()
                .map(|account| {
                    json!({ "id": account.id, "name": account.name, "connector": account.connector,
                        "usable": program.authorities.contains_key(&account.id), "addedAt": account.added_at })
                })
                .collect();
            output.result(&json!({ "authorities": values }), || {
                let rows: Vec<Vec<String>> = accounts
                    .iter()
                    .map(|account| {
                        let usable = program.authorities.contains_key(&account.id);
                        vec![
                            account.name.clone(),
                            account.connector.clone(),
                            if usable { "yes" } else { "no: run `sealwright doctor`" }.to_owned(),
                            account.added_at.to_string(),
                        ]
                    })
                    .collect();
                table(&["NAME", "CONNECTOR", "USABLE HERE", "ADDED"], &rows)
            })?;
            Ok(Outcome::Done)
        }
        AuthorityCommand::Check { name } => {
            let mut rows = Vec::new();
            let mut sick = false;
            for account in program.store.read().await?.authorities().list().await? {
                if name.as_ref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&account.name)) {
                    continue;
                }
                let told = match program.authorities.get(&account.id) {
                    None => Err("not usable on this machine".to_owned()),
                    Some(authority) => {
                        authority.check().await.map(|info| info.summary).map_err(|error| chain(&error))
                    }
                };
                sick |= told.is_err();
                rows.push((account.name, told));
            }
            if rows.is_empty() {
                return Err(Failure::with_hint(
                    "there is no such authority",
                    "`sealwright authority list` shows them",
                ));
            }
            let values: Vec<_> = rows
                .iter()
                .map(|(name, told)| json!({ "name": name, "usable": told.is_ok(), "told": told.as_ref().unwrap_or_else(|text| text) }))
                .collect();
            output.result(&json!({ "authorities": values }), || {
                rows.iter()
                    .map(|(name, told)| match told {
                        Ok(text) => format!("ok   {name}: {text}\n"),
                        Err(text) => format!("BAD  {name}: {text}\n"),
                    })
                    .collect()
            })?;
            Ok(if sick { Outcome::NeedsPerson } else { Outcome::Done })
        }
        AuthorityCommand::Crl { name, out } => {
            let account = program.store.read().await?.authorities().find(&name).await?;
            let authority =
                account.and_then(|found| program.authorities.get(&found.id).cloned()).ok_or_else(|| {
                    Failure::with_hint(
                        format!("there is no usable built-in authority `{name}`"),
                        "`sealwright authority list` shows them",
                    )
                })?;
            let told = authority.publish_crl().await?.unwrap_or_default();
            let der = authority.current_crl().await?;
            if let Some(path) = &out {
                std::fs::write(path, &der).map_err(|error| {
                    Failure::new(format!("{} cannot be written: {error}", path.display()))
                })?;
            }
            output.result(
                &json!({ "authority": name, "published": told, "file": out, "bytes": der.len() }),
                || match &out {
                    Some(path) => format!("{told}\nwritten to {}", path.display()),
                    None => told.clone(),
                },
            )?;
            Ok(Outcome::Done)
        }
    }
}

pub(super) async fn kra(program: &Program, command: KraCommand, output: &Output) -> Result<Outcome, Failure> {
    let now = program.clock.now();
    match command {
        KraCommand::List => {
            let kras = program.store.read().await?.kras().list().await?;
            output.result(&json!({ "kras": kras }), || {
                let rows: Vec<Vec<String>> = kras
                    .iter()
                    .map(|kra| vec![kra.name.clone(), kra.not_after.to_string(), kra.thumbprint.to_string()])
                    .collect();
                table(&["NAME", "VALID UNTIL", "THUMBPRINT"], &rows)
            })?;
        }
        KraCommand::Create { name, out, out_password } => {
            must_be_new(&out)?;
            match &out_password {
                Some(path) => must_be_new(path)?,
                None if output.is_json() => return Err(no_password_in_json("--out-password FILE")),
                None => {}
            }
            output.note("making a key pair (RSA 3072) …");
            let made = make_kra(&name, now, program.entropy.as_ref())?;
            // First the file, then the set: an agent whose key was never written must not be sealed to.
            write_new_private(&out, &made.pfx)?;
            if let Some(path) = &out_password {
                write_new_private(path, made.password.as_bytes())?;
            }
            add_kra(program.store.as_ref(), &made.kra, &program.actor, now).await?;
            wake_waiting(program).await?;
            let value = json!({ "name": name, "thumbprint": made.kra.thumbprint, "file": out, "passwordFile": out_password });
            output.result(&value, || {
                let password = match &out_password {
                    Some(path) => format!("its password is in {}", path.display()),
                    None => format!("its password, shown this once: {}", made.password.as_str()),
                };
                format!(
                    "added `{name}` ({})\nits key is in {}; take the file off this machine\n{password}",
                    made.kra.thumbprint,
                    out.display()
                )
            })?;
        }
        KraCommand::Add { certificate } => {
            let bytes = std::fs::read(&certificate).map_err(|error| {
                Failure::new(format!("{} cannot be read: {error}", certificate.display()))
            })?;
            let agent = X509Certificate::from_bytes(&bytes)?;
            if agent.spki_sha256()? == program.installation.certificate.spki_sha256()? {
                return Err(Failure::new(
                    "this is the key of this installation: as a recovery agent it would let the service open the archive; \
                     name the certificate of a person's key",
                ));
            }
            if program
                .store
                .read()
                .await?
                .certificates()
                .find_by_thumbprint(agent.thumbprint())
                .await?
                .is_some()
            {
                return Err(Failure::new(
                    "this certificate belongs to a person or mailbox whom this program serves; a recovery agent has a \
                     key pair of its own: `sealwright kra create NAME --out FILE` makes one",
                ));
            }
            let kra = read_kra(&agent, now)?;
            add_kra(program.store.as_ref(), &kra, &program.actor, now).await?;
            wake_waiting(program).await?;
            output.result(&json!({ "name": kra.name, "thumbprint": kra.thumbprint }), || {
                format!("added `{}` ({}); new keys are sealed to it too", kra.name, kra.thumbprint)
            })?;
        }
        KraCommand::Remove { thumbprint } => {
            let thumbprint: Thumbprint =
                thumbprint.parse().map_err(|error| Failure::new(format!("{error}")))?;
            let mut work = program.store.begin().await?;
            if !work.kras().remove(thumbprint).await? {
                return Err(Failure::with_hint(
                    format!("there is no recovery agent {thumbprint}"),
                    "`sealwright kra list` shows them",
                ));
            }
            let event = model::AuditEvent {
                kind: model::AuditKind::KraRemoved,
                outcome: model::AuditOutcome::Success,
                actor: program.actor.clone(),
                object: format!("recovery agent {thumbprint}"),
                detail: "new keys are no longer sealed to it".to_owned(),
            };
            work.audit().append(&event, now).await?;
            work.commit().await?;
            let left = program.store.read().await?.kras().list().await?.len();
            output.result(&json!({ "removed": thumbprint, "left": left }), || {
                let warning = if left == 0 {
                    "\nWARNING: it was the last one; nothing that archives keys is issued until there is another"
                } else {
                    ""
                };
                format!("new keys are no longer sealed to it; it still opens what was archived before{warning}")
            })?;
        }
    }
    Ok(Outcome::Done)
}

/// Enrollments that waited for a recovery agent go on at once.
async fn wake_waiting(program: &Program) -> Result<(), Failure> {
    let mut work = program.store.begin().await?;
    enroll::wake_waiting(work.as_mut(), program.clock.now()).await?;
    work.commit().await?;
    Ok(())
}
