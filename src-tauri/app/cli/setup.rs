//! Commands that set up and examine: init, migrate, config, doctor, authorities, recovery agents.

use ca::builtin::{BuiltinSettings, Founding};
use ports::CertificateAuthority as _;
use serde_json::json;
use store::Store as _;

use super::Outcome;
use super::arguments::{AuthorityCommand, ConfigAction, ConfigCommand, Init};
use super::output::{Failure, Output, table};
use crate::compose::Program;
use crate::doctor::{Verdict, examine};
use crate::foundation::Foundation;
use crate::init::{EXAMPLE, file_stem, found_authority, prepare};
use crate::installation::actor;
use crate::settings::{FILE, Home, Settings, write_private};
use crate::works::chain;

pub(super) async fn init(home: &Home, options: Init, output: &Output) -> Result<Outcome, Failure> {
    let fresh = !crate::installation::exists(home);
    if fresh {
        output.note("making this installation's key pair and database …");
    }
    let settings = home.path().join(FILE);
    if !settings.exists() {
        home.create()?;
        write_private(&settings, EXAMPLE.as_bytes())?;
    }
    let foundation = prepare(home, &actor()).await?;
    if !options.no_authority {
        refuse_another_address(&foundation, &options).await?;
    }
    let mut founded = false;
    let local_address = options.pki_url.is_none();
    if !options.no_authority {
        if foundation.store.read().await?.authorities().find(&options.authority).await?.is_none() {
            output.note(&format!("founding the authority `{}` …", options.authority));
        }
        let url = options
            .pki_url
            .unwrap_or_else(|| format!("http://127.0.0.1:8441/pki/{}", file_stem(&options.authority)));
        let mut founding = Founding::new(options.authority.clone(), url);
        founding.organization = options.organization;
        founding.country = options.country;
        founded = found_authority(&foundation, founding).await?;
        Program::on(foundation, "console").await?.publish_first_lists().await?;
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
                hints.push("[intune] is missing: certificates cannot be delivered; `sealwright connector import` begins it");
            }
            let way =
                settings.tenant.as_ref().and_then(|tenant| tenant.way().err()).map(|error| chain(&error));
            if let Some(why) = &way {
                hints.push(why);
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
                Verdict::NotForRole => "-- ",
                Verdict::Warning => "hm ",
                Verdict::Bad => "BAD",
            };
            let aside = if finding.verdict == Verdict::NotForRole { "not for this role: " } else { "" };
            text.push_str(&format!("{mark} {:<24} {aside}{}\n", finding.what, finding.found));
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
                        let usable = match program.authorities.contains_key(&account.id) {
                            true => "yes",
                            false if account.is_imported() => "issues nothing",
                            false => "no: run `sealwright doctor`",
                        };
                        vec![
                            account.name.clone(),
                            account.connector.clone(),
                            usable.to_owned(),
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
                if account.is_imported() {
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

/// An authority keeps the address that its certificates carry: whoever names another one now is told so, not ignored.
async fn refuse_another_address(foundation: &Foundation, options: &Init) -> Result<(), Failure> {
    let Some(wanted) = options.pki_url.as_deref() else { return Ok(()) };
    let Some(authority) = foundation.store.read().await?.authorities().find(&options.authority).await? else {
        return Ok(());
    };
    let Ok(settings) = serde_json::from_str::<BuiltinSettings>(&authority.settings) else { return Ok(()) };
    if settings.base_url.trim_end_matches('/') == wanted.trim_end_matches('/') {
        return Ok(());
    }
    Err(Failure::with_hint(
        format!(
            "the authority `{}` was founded with the address {}, which its certificates carry for ever",
            options.authority, settings.base_url
        ),
        "nothing was changed; found another authority with `--authority NAME --pki-url URL`, or, where nothing was issued yet, \
         remove the home folder and run init again",
    ))
}
