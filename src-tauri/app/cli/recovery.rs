//! Commands about archived keys. The recovered key goes into a PKCS#12 file of the owner's and nowhere else.

use std::sync::Arc;

use crypto::open::Envelope;
use crypto::quorum::Quorum;
use model::{CertificateId, CertificateState, PfxProfile, Thumbprint};
use serde_json::json;
use store::{CertificateFilter, CertificateOrder, PageRequest, Store as _, StoreError, Work};

use super::arguments::RecoveryCommand;
use super::certificate::find;
use super::output::{Failure, Output, table};
use super::{Outcome, agent, bundle, ceremony, drill, inventory, mails};
use crate::compose::Program;
use crate::handout::{must_be_new, must_be_writable};
use crate::settings::write_new_private;

pub(super) async fn run(
    program: &Arc<Program>,
    command: RecoveryCommand,
    output: &Output,
) -> Result<Outcome, Failure> {
    match command {
        RecoveryCommand::Ceremony(command) => ceremony::run(program, command, output).await,
        RecoveryCommand::List { search } => list(program, search, output).await,
        RecoveryCommand::Open { which, agent: by, out, out_password, compatible } => {
            let id = find(program, &which.certificate).await?;
            ceremony::check_alone(program).await?;
            // Before anything is opened: where the key and its password go must be free.
            must_be_writable(&out)?;
            match &out_password {
                Some(path) => must_be_writable(path)?,
                None if output.is_json() => return Err(no_password_in_json("--out-password FILE")),
                None => {}
            }
            let key = agent::open(program, &by.key, output).await?;
            let request = recover::Request {
                certificate: id,
                actor: program.actor.clone(),
                reason: by.reason,
                profile: if compatible { PfxProfile::Compatible } else { PfxProfile::Modern },
            };
            let recovered = agent::recover(program, key.as_ref(), &request, output).await?;
            write_new_private(&out, &recovered.pfx)?;
            let shown = match &out_password {
                Some(path) => {
                    // Without its password the file is good for nobody.
                    if let Err(error) = write_new_private(path, recovered.password.as_bytes()) {
                        let _gone = std::fs::remove_file(&out);
                        return Err(error.into());
                    }
                    None
                }
                None => Some(recovered.password.as_str()),
            };
            let value = json!({
                "certificate": id.to_string(),
                "thumbprint": recovered.certificate.thumbprint.to_string(),
                "file": out,
                "passwordFile": out_password,
            });
            output.result(&value, || {
                let password = match (shown, &out_password) {
                    (Some(password), _) => format!("its password, shown this once: {password}"),
                    (None, Some(path)) => format!("its password is in {}", path.display()),
                    (None, None) => String::new(),
                };
                format!(
                    "recovered the key of {} ({}) into {}\n{password}\nthe certificate is not revoked by this",
                    recovered.certificate.common_name,
                    recovered.certificate.mail,
                    out.display()
                )
            })?;
            Ok(Outcome::Done)
        }
        RecoveryCommand::Decrypt(arguments) => mails::decrypt(program, &arguments, output).await,
        RecoveryCommand::Inventory => inventory::run(program, output).await,
        RecoveryCommand::Drill(arguments) => drill::run(program, &arguments, output).await,
        RecoveryCommand::Drills => drill::list(program, output).await,
        RecoveryCommand::Export { what, officer: Some(officer), days, out } => {
            bundle::export(program, &what, &officer, days, &out, output).await
        }
        RecoveryCommand::Export { what, officer: None, out, .. } => {
            let id = find(program, &what).await?;
            let archived = program.store.read().await?.archive().find_sealed(id).await?;
            let archived =
                archived.ok_or_else(|| Failure::new("the key of this certificate is not in the archive"))?;
            must_be_new(&out)?;
            let event = model::AuditEvent {
                kind: model::AuditKind::ArchivedKeyExported,
                outcome: model::AuditOutcome::Success,
                actor: program.actor.clone(),
                object: format!("certificate {id}"),
                detail: "as it is sealed; a recovery agent's key opens it".to_owned(),
            };
            store::in_unit!(program.store, work => {
                work.audit().append(&event, program.clock.now()).await?;
            })?;
            write_new_private(&out, &archived.envelope)?;
            output.result(&json!({ "file": out, "recipients": archived.kras }), || {
                let how = match Envelope::parse(&archived.envelope) {
                    Ok(envelope) if envelope.quorum().is_some() => format!(
                        "{}: other programs cannot, `sealwright recovery request` asks them",
                        envelope.describe_recipients()
                    ),
                    Ok(_) | Err(_) => {
                        "a recovery agent opens it with: openssl cms -decrypt -inform DER -in FILE -inkey \
                                       AGENT.key -recip AGENT.crt"
                            .to_owned()
                    }
                };
                format!("written to {}; {how}", out.display())
            })?;
            Ok(Outcome::Done)
        }
    }
}

/// To whom a key is sealed, and how many of them open it only together. Logins that may not read envelopes are told the first.
async fn sealed_to(
    work: &mut dyn Work,
    id: CertificateId,
) -> Result<(Vec<Thumbprint>, Option<u8>), StoreError> {
    match work.archive().find_sealed(id).await {
        Ok(None) => Ok((Vec::new(), None)),
        Ok(Some(archived)) => {
            let envelope = Envelope::parse(&archived.envelope).ok();
            let threshold = envelope.as_ref().and_then(Envelope::quorum).map(Quorum::threshold);
            Ok((archived.kras, threshold))
        }
        Err(StoreError::Denied { .. }) => {
            let archived = work.archive().find(id).await?;
            Ok((archived.map(|archived| archived.kras).unwrap_or_default(), None))
        }
        Err(error) => Err(error),
    }
}

async fn list(program: &Arc<Program>, search: Option<String>, output: &Output) -> Result<Outcome, Failure> {
    let filter = CertificateFilter {
        search,
        archived: Some(true),
        states: vec![
            CertificateState::Valid,
            CertificateState::Superseded,
            CertificateState::Held,
            CertificateState::Revoking,
            CertificateState::Revoked,
        ],
        ..CertificateFilter::default()
    };
    let now = program.clock.now();
    let mut work = program.store.read().await?;
    let kras = custody::recorded_agents(work.as_mut()).await?;
    let page =
        work.certificates().list(&filter, CertificateOrder::CommonName, &PageRequest::first(500)).await?;
    let mut lines = Vec::new();
    let mut values = Vec::new();
    for row in &page.rows {
        let certificate = &row.certificate;
        let (thumbprints, threshold) = sealed_to(work.as_mut(), certificate.id).await?;
        let name = |thumbprint: &Thumbprint| {
            let known = kras.iter().find(|kra| kra.thumbprint == *thumbprint);
            known.map_or_else(|| thumbprint.to_string(), |kra| kra.name.clone())
        };
        let recipients: Vec<String> = thumbprints.iter().map(name).collect();
        let opened_by = match threshold {
            Some(threshold) => format!("{threshold} together of {}", recipients.join(", ")),
            None => recipients.join(", "),
        };
        let status = api::certificate_status(certificate, now);
        values.push(json!({
            "id": certificate.id, "thumbprint": certificate.thumbprint, "commonName": certificate.common_name,
            "mail": certificate.mail, "status": status, "notBefore": certificate.not_before, "notAfter": certificate.not_after,
            "agents": recipients, "threshold": threshold,
        }));
        lines.push(vec![
            certificate.common_name.clone(),
            certificate.mail.clone(),
            status,
            certificate.not_before.to_string().chars().take(10).collect(),
            certificate.not_after.to_string().chars().take(10).collect(),
            opened_by,
            certificate.thumbprint.to_string(),
        ]);
    }
    output.result(&json!({ "keys": values, "more": page.next.is_some() }), || {
        table(&["COMMON NAME", "E-MAIL", "STATUS", "FROM", "TO", "OPENED BY", "THUMBPRINT"], &lines)
    })?;
    Ok(Outcome::Done)
}

/// What scripts print is kept in logs; a password does not belong there.
pub(super) fn no_password_in_json(option: &str) -> Failure {
    Failure {
        code: 2,
        message: "with --json the password is not printed".to_owned(),
        hint: Some(format!("name a new file for it: {option}")),
    }
}
