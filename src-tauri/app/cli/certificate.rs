//! Commands about certificates.

use std::io::IsTerminal as _;
use std::sync::Arc;

use api::{CertificateDetails, CertificatePage, ExportedCertificate, HoldLine, Host as _, dispatch};
use lifecycle::read_back;
use model::{
    AuditEvent, AuditKind, AuditOutcome, Certificate, CertificateId, Delivery, DeliveryState, Hold,
    HoldState, RevocationReason,
};
use ports::Package;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::Store as _;

use super::arguments::{CertificateCommand, CertificateList, OptionalAgent};
use super::ceremony::check_alone;
use super::import::agrees;
use super::output::{Failure, Output, line, table};
use super::{Outcome, agent};
use crate::compose::Program;
use crate::daemon;
use crate::host::ProgramHost;
use crate::works::chain;

/// A host for the api's commands whose worker is whoever runs next.
pub(super) fn host(program: &Arc<Program>) -> ProgramHost {
    program.host(jobs::Waker::default())
}

/// Asks for one of the api's commands.
pub(super) async fn ask<T: DeserializeOwned>(
    host: &ProgramHost,
    name: &str,
    payload: Value,
) -> Result<T, Failure> {
    let answer = dispatch(host, name, payload).await?;
    serde_json::from_value(answer)
        .map_err(|error| Failure::new(format!("the answer cannot be read: {error}")))
}

/// Finds the certificate that was typed.
pub(super) async fn find(program: &Arc<Program>, typed: &str) -> Result<CertificateId, Failure> {
    Ok(api::find_certificate(&host(program), typed).await?)
}

pub(super) async fn run(
    program: &Arc<Program>,
    command: CertificateCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        CertificateCommand::List(options) => list(program, options, output).await,
        CertificateCommand::Show(which) => {
            let id = find(program, &which.certificate).await?;
            let details: CertificateDetails =
                ask(&host(program), "certificate_details", json!({ "id": id.to_string() })).await?;
            output.result(&details, || describe(&details))?;
            Ok(Outcome::Done)
        }
        CertificateCommand::Export { which, out } => {
            let id = find(program, &which.certificate).await?;
            let exported: ExportedCertificate =
                ask(&host(program), "export_certificate", json!({ "id": id.to_string() })).await?;
            match out {
                None if !output.is_json() => line(exported.pem.trim_end()),
                None => output.result(&exported, String::new)?,
                Some(path) => {
                    std::fs::write(&path, &exported.pem).map_err(|error| {
                        Failure::new(format!("{} cannot be written: {error}", path.display()))
                    })?;
                    output.result(&json!({ "file": path }), || format!("written to {}", path.display()))?;
                }
            }
            Ok(Outcome::Done)
        }
        CertificateCommand::Revoke { which, reason, yes } => {
            revoke(program, &which.certificate, &reason, yes, output).await
        }
        CertificateCommand::Hold(which) => hold(program, &which.certificate, output).await,
        CertificateCommand::Release(which) => release(program, &which.certificate, output).await,
        CertificateCommand::Refresh(which) => super::refresh::run(program, &which.certificates, output).await,
        CertificateCommand::Renew(which) => renew(program, &which.certificate, output).await,
        CertificateCommand::Redeliver { which, agent: by } => {
            redeliver(program, &which.certificate, &by, output).await
        }
    }
}

async fn list(program: &Arc<Program>, options: CertificateList, output: &Output) -> Result<Outcome, Failure> {
    let host = host(program);
    let template = match &options.template {
        None => None,
        Some(name) => {
            let found = host.store().read().await?.templates().find(name).await?;
            let found = found.ok_or_else(|| {
                Failure::with_hint(
                    format!("there is no template `{name}`"),
                    "`sealwright template list` shows them",
                )
            })?;
            Some(found.template.id.to_string())
        }
    };
    let mut rows = Vec::new();
    let mut after: Option<String> = None;
    let mut total = None;
    let wanted = options.limit as usize;
    while rows.len() < wanted {
        let limit = (wanted - rows.len()).min(500);
        let payload = json!({
            "search": options.search, "status": options.status, "template": template, "authority": null,
            "expiresWithinDays": options.expires_within, "archived": null, "order": options.order,
            "after": after, "limit": limit,
        });
        let page: CertificatePage = ask(&host, "list_certificates", payload).await?;
        total = total.or(page.total);
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    output.result(&json!({ "certificates": rows, "total": total, "more": after.is_some() }), || {
        let lines: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                vec![
                    row.status.clone(),
                    row.common_name.clone(),
                    row.mail.clone(),
                    row.template.clone(),
                    row.authority.clone(),
                    row.not_after.chars().take(10).collect(),
                    format!("{}/{}", row.delivered, row.deliveries),
                    if row.archived { "yes".to_owned() } else { "no".to_owned() },
                    row.id.clone(),
                ]
            })
            .collect();
        let headings =
            ["STATUS", "COMMON NAME", "E-MAIL", "TEMPLATE", "CA", "EXPIRES", "DELIVERED", "ARCHIVED", "ID"];
        let mut text = table(&headings, &lines);
        if let Some(total) = total {
            text.push_str(&format!("{} of {total}\n", rows.len()));
        }
        if rows.is_empty() && options.search.is_some() {
            text.push_str(
                "search finds the beginning of a name or mail address, or a whole serial number or thumbprint\n",
            );
        }
        text
    })?;
    Ok(Outcome::Done)
}

/// What was seen of a delivery, for people.
fn proof_words(proof: &str) -> &str {
    match proof {
        "opened" => "opened before it was sent",
        "accepted" => "accepted by Intune",
        "readBack" => "read back",
        "confirmed" => "proven by a canary mail",
        newer => newer,
    }
}

fn describe(details: &CertificateDetails) -> String {
    let mut rows = vec![
        ("status", details.line.status.clone()),
        ("subscriber", details.subscriber.clone()),
        ("subject", details.subject.clone()),
        ("issuer", details.issuer.clone()),
        ("template", details.line.template.clone()),
        ("authority", details.line.authority.clone()),
        ("mail", details.mail_addresses.join(", ")),
        ("sign-in name", details.user_principal_name.clone().unwrap_or_default()),
        ("valid", format!("{} to {}", details.not_before, details.line.not_after)),
        ("serial", details.serial.clone()),
        ("thumbprint", details.thumbprint.clone()),
        ("confirmed", format!("by its authority, as of {}", details.line.checked_at)),
        ("SHA-256", details.sha256.clone()),
        ("archived to", details.archive_recipients.join(", ")),
        ("ordered because", details.reason.clone()),
    ];
    if let (Some(at), Some(reason)) = (&details.revoked_at, &details.revocation_reason) {
        rows.push(("revoked", format!("{at}, {reason}")));
    }
    if let Some(hold) = &details.hold {
        rows.push(("on hold", format!("since {}, {}", hold.since, hold_words(hold))));
    }
    rows.extend(details.differences.iter().map(|one| ("differs outside", one.clone())));
    for delivery in &details.deliveries {
        rows.push((
            "delivery",
            format!("{}: {} at {}", delivery.user_principal_name, delivery.state, delivery.at),
        ));
        if !delivery.proofs.is_empty() {
            let proofs: Vec<&str> = delivery.proofs.iter().map(|proof| proof_words(proof)).collect();
            rows.push(("", format!("  {}", proofs.join(", "))));
        }
        if let Some(told) = &delivery.confirmed {
            let device = told.device.as_ref().map(|device| format!(" on {device}")).unwrap_or_default();
            rows.push(("", format!("  canary mail read{device}; told by {} at {}", told.by, told.at)));
        }
        if let Some(until) = &delivery.canary_until {
            rows.push(("", format!("  a canary mail waits to be read until {until}")));
        }
    }
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect();
    let mut text = String::new();
    for row in &rows {
        text.push_str(&format!("{:<16} {}\n", row[0], row[1]));
    }
    text
}

/// Why a certificate is on hold, and how far that came.
fn hold_words(hold: &HoldLine) -> String {
    let cause = match hold.cause.as_str() {
        "byHand" => "by hand",
        "disabled" => "because the account is blocked",
        newer => newer,
    };
    let state = match hold.state.as_str() {
        "ordered" => "the authority is to be told",
        "atAuthority" => "on the authority's revocation list",
        "hereOnly" => "suspended here only, since its authority knows no holds",
        "lifting" => "about to be lifted",
        newer => newer,
    };
    format!("{cause}; {state}")
}

/// The order is durable; carrying it out here only saves the wait for the service.
async fn tell_authority(program: &Arc<Program>, id: CertificateId) -> Result<Option<Hold>, Failure> {
    lifecycle::carry_hold(
        program.store.as_ref(),
        &program.authority_ports(),
        program.clock.as_ref(),
        id,
        &program.actor,
    )
    .await?;
    Ok(program.store.read().await?.certificates().lookup_hold(id).await?)
}

async fn hold(program: &Arc<Program>, typed: &str, output: &Output) -> Result<Outcome, Failure> {
    let id = find(program, typed).await?;
    let _: Value = ask(&host(program), "hold_certificate", json!({ "id": id.to_string() })).await?;
    let hold = tell_authority(program, id).await?;
    let here_only = hold.is_some_and(|hold| hold.state == HoldState::HereOnly);
    output.result(&json!({ "held": id.to_string(), "atAuthority": !here_only }), || {
        if here_only {
            "on hold here only: its authority knows no holds, and whoever relies on the certificate does not notice".to_owned()
        } else {
            "on hold, and on the authority's revocation list until `sealwright certificate release`".to_owned()
        }
    })?;
    Ok(Outcome::Done)
}

async fn release(program: &Arc<Program>, typed: &str, output: &Output) -> Result<Outcome, Failure> {
    let id = find(program, typed).await?;
    let _: Value = ask(&host(program), "release_certificate", json!({ "id": id.to_string() })).await?;
    tell_authority(program, id).await?;
    output.result(&json!({ "released": id.to_string() }), || "no longer on hold".to_owned())?;
    Ok(Outcome::Done)
}

async fn revoke(
    program: &Arc<Program>,
    typed: &str,
    reason: &str,
    yes: bool,
    output: &Output,
) -> Result<Outcome, Failure> {
    let id = find(program, typed).await?;
    let host = host(program);
    if !yes {
        if output.is_json() || !std::io::stdin().is_terminal() {
            return Err(Failure {
                code: 2,
                message:
                    "nobody can be asked whether this certificate is to be revoked, which cannot be undone"
                        .to_owned(),
                hint: Some(
                    "look whose it is with `sealwright certificate show CERTIFICATE`, then add --yes"
                        .to_owned(),
                ),
            });
        }
        let details: CertificateDetails =
            ask(&host, "certificate_details", json!({ "id": id.to_string() })).await?;
        output.note(&describe(&details));
        output.note(&format!("it is to be revoked ({reason}), which cannot be undone"));
        if !agrees()? {
            return Err(Failure::new("nothing was revoked"));
        }
    }
    let _: Value =
        ask(&host, "revoke_certificate", json!({ "id": id.to_string(), "reason": reason })).await?;
    // The order is durable; carrying it out here only saves the wait for the service. The first reason stays.
    let ordered = program.store.read().await?.certificates().lookup(id).await?;
    let ordered = ordered.and_then(|row| row.certificate.revoked).map(|(_, reason)| reason);
    let reason =
        ordered.or_else(|| RevocationReason::from_name(reason)).unwrap_or(RevocationReason::Unspecified);
    lifecycle::revoke(
        program.store.as_ref(),
        &program.authority_ports(),
        program.clock.as_ref(),
        id,
        reason,
        &program.actor,
    )
    .await?;
    output.result(&json!({ "revoked": id.to_string(), "reason": reason.name() }), || {
        format!("revoked ({}) and on the authority's revocation list", reason.name())
    })?;
    Ok(Outcome::Done)
}

async fn renew(program: &Arc<Program>, typed: &str, output: &Output) -> Result<Outcome, Failure> {
    let id = find(program, typed).await?;
    let started: api::RenewalStarted =
        ask(&host(program), "renew_certificate", json!({ "id": id.to_string() })).await?;
    let idle = daemon::worker(program, false).run_until_idle().await;
    tracing::debug!(?idle, "the queue is worked off");
    let enrollment: api::EnrollmentDetails =
        ask(&host(program), "enrollment_details", json!({ "id": started.enrollment })).await?;
    output.result(&enrollment, || {
        let line = &enrollment.line;
        match (&line.last_error, &enrollment.certificate) {
            (None, Some(certificate)) if line.state == "done" => {
                format!("renewed: the new certificate is {certificate}")
            }
            (error, _) => format!(
                "the renewal is at `{}` ({}): {}",
                line.station,
                line.state,
                error.as_deref().unwrap_or("the service goes on with it")
            ),
        }
    })?;
    Ok(if enrollment.line.state == "done" { Outcome::Done } else { Outcome::NeedsPerson })
}

async fn redeliver(
    program: &Arc<Program>,
    typed: &str,
    by: &OptionalAgent,
    output: &Output,
) -> Result<Outcome, Failure> {
    let id = find(program, typed).await?;
    let door = program.tenant.as_ref().and_then(|doors| doors.delivery.clone()).ok_or_else(|| {
        Failure::with_hint("Intune is not configured", "fill in [tenant] and [intune] in sealwright.toml")
    })?;
    let store = program.store.as_ref();
    let clock = program.clock.as_ref();
    let row = store.read().await?.certificates().lookup(id).await?;
    if by.address.is_some() && row.is_some_and(|row| row.certificate.state == model::CertificateState::Held) {
        return Err(Failure::with_hint(
            "this certificate is on hold, and is not delivered",
            "lift that with `sealwright certificate release`",
        ));
    }
    let missing = read_back(store, door.as_ref(), clock, &program.actor, id).await?.missing;
    let mut handed_over: Vec<String> = Vec::new();
    if missing > 0
        && let Some(address) = &by.address
    {
        check_alone(program).await?;
        let key = agent::open_at(program, address, &by.unlock, output).await?;
        let template = template_of(program, id).await?;
        let request = recover::Request {
            certificate: id,
            actor: program.actor.clone(),
            reason: by.reason.clone().unwrap_or_default(),
            profile: template.delivery.pfx,
        };
        let recovered = agent::recover(program, key.as_ref(), &request, output).await?;
        for delivery in store.read().await?.deliveries().list(id).await? {
            if delivery.state != DeliveryState::Missing {
                continue;
            }
            let receiver = receiver(program, id, &delivery).await?;
            output.note(&format!("handing it over to the devices of {receiver} …"));
            record_delivery(program, &recovered.certificate, &receiver).await?;
            let package = Package {
                person: delivery.person,
                user_principal_name: receiver.clone(),
                thumbprint: delivery.thumbprint,
                intended_purpose: template.delivery.intended_purpose,
                connector: template.delivery.connector.clone(),
                not_before: recovered.certificate.not_before,
                not_after: recovered.certificate.not_after,
                pfx: recovered.pfx.clone(),
                password: recovered.password.clone(),
            };
            door.deliver(&package).await?;
            handed_over.push(receiver);
        }
    }
    let (present, missing) = if handed_over.is_empty() {
        read_back_counts(program, id).await?
    } else {
        let read = read_back(store, door.as_ref(), clock, &program.actor, id).await?;
        (read.present, read.missing)
    };
    output.result(&json!({ "present": present, "missing": missing, "handedOver": handed_over }), || {
        let to = if handed_over.is_empty() { "nobody".to_owned() } else { handed_over.join(", ") };
        let mut text = format!("{present} present at Intune, {missing} missing, handed over to: {to}\n");
        if missing > 0 && by.address.is_none() {
            text.push_str(
                "the key is in the archive: name a recovery agent's key with --kra KEY --reason TEXT to hand it over \
                 again, or renew the certificate\n",
            );
        }
        text
    })?;
    Ok(if missing > 0 { Outcome::NeedsPerson } else { Outcome::Done })
}

/// To whom a missing delivery goes: whom the directory names at this moment, not whom a row named once. The subscriber,
/// or somebody who may use the mailbox; nobody who left or is blocked.
async fn receiver(program: &Arc<Program>, id: CertificateId, delivery: &Delivery) -> Result<String, Failure> {
    let mut work = program.store.read().await?;
    let row = work.certificates().lookup(id).await?;
    let row = row.ok_or_else(|| Failure::new("this certificate does not exist"))?;
    let subscriber = row.certificate.subscriber;
    let may = delivery.person == subscriber
        || work
            .subscribers()
            .holders(subscriber)
            .await?
            .iter()
            .any(|holder| holder.person == delivery.person);
    let person = work.subscribers().lookup(delivery.person).await?;
    drop(work);
    let refuse = |why: &str| {
        Failure::with_hint(
            format!("{} gets nothing: {why}", delivery.user_principal_name),
            "`sealwright recovery open` gives the key to whoever may have it, on record",
        )
    };
    let Some(door) = program.tenant.as_ref() else { return Err(refuse("no tenant is configured")) };
    if !may {
        return Err(refuse("the person may not use this mailbox any more"));
    }
    if person.is_some_and(|found| found.gone_at.is_some()) {
        return Err(refuse("the person left the enrollment groups"));
    }
    let told = door.directory.user(delivery.person).await.map_err(|error| Failure::new(chain(&error)))?;
    match told {
        None => Err(refuse("the directory does not know the person any more")),
        Some(user) if user.enabled == Some(false) => Err(refuse("the account is blocked in Entra")),
        Some(user) => Ok(user.user_principal_name),
    }
}

/// Before a key leaves: to whom, on record.
async fn record_delivery(
    program: &Arc<Program>,
    certificate: &Certificate,
    receiver: &str,
) -> Result<(), Failure> {
    let event = AuditEvent {
        kind: AuditKind::CertificateDelivered,
        outcome: AuditOutcome::Success,
        actor: program.actor.clone(),
        object: format!("certificate {}", certificate.thumbprint),
        detail: format!("recovered key about to be handed over again to the devices of {receiver}"),
    };
    store::in_unit!(program.store, work => { work.audit().append(&event, program.clock.now()).await?; })?;
    Ok(())
}

async fn read_back_counts(program: &Arc<Program>, id: CertificateId) -> Result<(u32, u32), Failure> {
    let deliveries = program.store.read().await?.deliveries().list(id).await?;
    let count = |state| deliveries.iter().filter(|delivery| delivery.state == state).count();
    let clamp = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok((clamp(count(DeliveryState::Present)), clamp(count(DeliveryState::Missing))))
}

async fn template_of(program: &Arc<Program>, id: CertificateId) -> Result<model::Template, Failure> {
    let mut work = program.store.read().await?;
    let row = work.certificates().lookup(id).await?;
    let row = row.ok_or_else(|| Failure::new("this certificate does not exist"))?;
    let template = work.templates().lookup(row.certificate.template).await?;
    template.map(|found| found.template).ok_or_else(|| Failure::new("its template no longer exists"))
}
