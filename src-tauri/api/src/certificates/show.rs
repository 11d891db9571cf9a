//! Reading certificates.

use crypto::X509Certificate;
use model::{
    Canary, CertificateId, CertificateState, Delivery, DeliveryProof, DriftState, ImportOrigin,
    RevocationReason, SerialNumber, Span, Thumbprint, Timestamp,
};
use store::{CertificateFilter, CertificateOrder, CertificateRow, DriftFilter, PageRequest};

use super::{
    CertificateDetails, CertificateDetailsRequest, CertificateLine, CertificatePage, Choice, ConfirmedLine,
    DeliveryLine, FilterChoices, FilterChoicesRequest, HoldLine, ListCertificates,
};
use crate::activity::{journal_line, parse_id, word};
use crate::overview::clamp;
use crate::{ErrorCode, Host, WireError};

/// How many differences are told of one certificate.
const DIFFERENCES: u32 = 20;

/// How many rows are counted before the console says "10,000+".
const COUNT_LIMIT: u64 = 10_000;

pub(crate) async fn list_certificates(
    host: &dyn Host,
    request: ListCertificates,
) -> Result<CertificatePage, WireError> {
    let now = host.clock().now();
    let filter = filter(&request, now)?;
    let order = order(&request.order)?;
    let first = request.after.is_none();
    let mut work = host.store().read().await?;
    let page = PageRequest { after: request.after, limit: request.limit.clamp(1, 500) };
    let page = work.certificates().list(&filter, order, &page).await?;
    let total = if first { Some(work.certificates().count(&filter, COUNT_LIMIT).await?) } else { None };
    Ok(CertificatePage {
        rows: page.rows.iter().map(|row| certificate_line(row, now)).collect(),
        next: page.next,
        total: total.map(clamp),
        total_is_floor: total.is_some_and(|count| count >= COUNT_LIMIT),
        at: now.to_string(),
    })
}

pub(crate) async fn filter_choices(
    host: &dyn Host,
    _: FilterChoicesRequest,
) -> Result<FilterChoices, WireError> {
    let mut work = host.store().read().await?;
    let templates = work.templates().list().await?;
    let authorities = work.authorities().list().await?;
    Ok(FilterChoices {
        templates: templates
            .into_iter()
            .map(|found| Choice { id: found.template.id.to_string(), name: found.template.name })
            .collect(),
        authorities: authorities
            .into_iter()
            .map(|found| Choice { id: found.id.to_string(), name: found.name })
            .collect(),
        revocation_reasons: RevocationReason::ALL.iter().map(|reason| reason.name().to_owned()).collect(),
    })
}

pub(crate) async fn certificate_details(
    host: &dyn Host,
    request: CertificateDetailsRequest,
) -> Result<CertificateDetails, WireError> {
    let id: CertificateId = parse_id("certificate", &request.id)?;
    let now = host.clock().now();
    let mut work = host.store().read().await?;
    let row = work.certificates().lookup(id).await?.ok_or_else(|| WireError::not_found("certificate"))?;
    let stored =
        work.certificates().lookup_stored(id).await?.ok_or_else(|| WireError::not_found("certificate"))?;
    let hold = work.certificates().lookup_hold(id).await?;
    let filter =
        DriftFilter { states: vec![DriftState::Open], certificate: Some(id), ..DriftFilter::default() };
    let differences = work.drift().list(&filter, None, DIFFERENCES).await?;
    let deliveries = work.deliveries().list(id).await?;
    let canaries = work.canaries().list(id).await?;
    let archived = work.archive().find(id).await?;
    let kras = custody::recorded_agents(work.as_mut()).await?;
    let subscriber = work.subscribers().lookup(row.certificate.subscriber).await?;
    let enrollment = work.enrollments().lookup(row.certificate.enrollment).await?;
    let journal = work.enrollments().journal(row.certificate.enrollment).await?;
    drop(work);

    let leaf = X509Certificate::from_der(&stored.der).map_err(|error| unreadable(&error))?;
    let chain = stored
        .chain
        .iter()
        .map(|der| X509Certificate::from_der(der).map(|issuer| issuer.subject()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unreadable(&error))?;
    let recipients = archived.map(|key| key.kras).unwrap_or_default();
    Ok(CertificateDetails {
        line: certificate_line(&row, now),
        subscriber: subscriber.map_or_else(
            || row.certificate.mail.clone(),
            |found| match found.display_name {
                Some(name) => format!("{name} ({})", found.user_principal_name),
                None => found.user_principal_name,
            },
        ),
        purpose: word(row.certificate.purpose),
        serial: row.certificate.serial.to_string(),
        thumbprint: row.certificate.thumbprint.to_string(),
        sha256: hex::encode(leaf.sha256()),
        subject: leaf.subject(),
        issuer: leaf.issuer(),
        mail_addresses: leaf.mail_addresses(),
        user_principal_name: leaf.user_principal_name(),
        not_before: row.certificate.not_before.to_string(),
        revoked_at: row.certificate.revoked.map(|(at, _)| at.to_string()),
        revocation_reason: row.certificate.revoked.map(|(_, reason)| reason.name().to_owned()),
        hold: hold.map(|hold| HoldLine {
            since: hold.since.to_string(),
            cause: word(hold.cause),
            state: word(hold.state),
        }),
        differences: differences.into_iter().map(|one| one.seen.sentence).collect(),
        chain,
        archive_recipients: recipients
            .iter()
            .map(|thumbprint| {
                kras.iter()
                    .find(|kra| kra.thumbprint == *thumbprint)
                    .map_or_else(|| format!("former agent {thumbprint}"), |kra| kra.name.clone())
            })
            .collect(),
        reason: enrollment.map(|found| found.reason).unwrap_or_default(),
        enrollment: row.certificate.enrollment.to_string(),
        deliveries: delivery_lines(deliveries, &canaries),
        events: journal.into_iter().map(journal_line).collect(),
        pem: leaf.pem(),
    })
}

/// Deliveries with what their canary mails proved.
pub(crate) fn delivery_lines(deliveries: Vec<Delivery>, canaries: &[Canary]) -> Vec<DeliveryLine> {
    let line = |delivery: Delivery| {
        let canary = canaries.iter().find(|canary| canary.delivery == delivery.id);
        let confirmed = canary.and_then(|canary| canary.confirmed.as_ref());
        let proofs = delivery.state.proofs().iter().copied();
        DeliveryLine {
            user_principal_name: delivery.user_principal_name,
            state: word(delivery.state),
            proofs: proofs.chain(confirmed.map(|_| DeliveryProof::Confirmed)).map(word).collect(),
            at: delivery.at.to_string(),
            record: delivery.record,
            confirmed: confirmed.map(|told| ConfirmedLine {
                at: told.at.to_string(),
                by: told.by.clone(),
                device: told.device.clone(),
            }),
            canary_until: canary.filter(|canary| canary.waits()).map(|canary| canary.expires_at.to_string()),
        }
    };
    deliveries.into_iter().map(line).collect()
}

pub(super) fn unreadable(error: &crypto::CryptoError) -> WireError {
    WireError::new(
        ErrorCode::Database,
        format!("the stored certificate cannot be read: {error}"),
        "run `sealwright doctor`; the database may be damaged",
    )
}

/// Effective state: `valid`, `expired`, `held`, `revoking`, `revoked`, `superseded`.
pub fn certificate_status(certificate: &model::Certificate, now: Timestamp) -> String {
    match certificate.state {
        CertificateState::Valid if certificate.not_after <= now => "expired".to_owned(),
        CertificateState::Valid
        | CertificateState::Revoking
        | CertificateState::Revoked
        | CertificateState::Superseded
        | CertificateState::Held => word(certificate.state),
    }
}

pub(crate) fn certificate_line(row: &CertificateRow, now: Timestamp) -> CertificateLine {
    let certificate = &row.certificate;
    CertificateLine {
        id: certificate.id.to_string(),
        status: certificate_status(certificate, now),
        checked_at: certificate.checked_at.to_string(),
        common_name: certificate.common_name.clone(),
        mail: certificate.mail.clone(),
        template: row.template_name.clone(),
        authority: row.authority_name.clone(),
        not_after: certificate.not_after.to_string(),
        delivered: row.delivered.0,
        deliveries: row.delivered.1,
        archived: certificate.archived,
        imported: ImportOrigin::from_name(&row.authority_name).is_some(),
    }
}

fn order(text: &str) -> Result<CertificateOrder, WireError> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| {
        WireError::new(
            ErrorCode::Invalid,
            format!("certificates cannot be ordered by `{text}`"),
            "use commonName, mail, notAfter or newest",
        )
    })
}

/// Translates the console's filter. "Expired" is not stored: it is a valid certificate past its end.
pub(crate) fn filter(request: &ListCertificates, now: Timestamp) -> Result<CertificateFilter, WireError> {
    let mut filter = CertificateFilter {
        search: request.search.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
        template: request.template.as_deref().map(|id| parse_id("template", id)).transpose()?,
        authority: request.authority.as_deref().map(|id| parse_id("authority", id)).transpose()?,
        archived: request.archived,
        ..CertificateFilter::default()
    };
    match request.status.as_deref() {
        None => {}
        Some("valid") => {
            filter.states = vec![CertificateState::Valid];
            filter.expires_from = Some(now);
        }
        Some("expired") => {
            filter.states = vec![CertificateState::Valid];
            filter.expires_until = Some(now);
        }
        Some("revoking") => filter.states = vec![CertificateState::Revoking],
        Some("revoked") => filter.states = vec![CertificateState::Revoked],
        Some("held") => filter.states = vec![CertificateState::Held],
        Some("superseded") => filter.states = vec![CertificateState::Superseded],
        Some(other) => {
            return Err(WireError::new(
                ErrorCode::Invalid,
                format!("`{other}` is not a status of a certificate"),
                "use valid, expired, held, revoking, revoked or superseded",
            ));
        }
    }
    if let Some(days) = request.expires_within_days {
        let until = now + Span::days(i64::from(days));
        filter.expires_from = Some(filter.expires_from.unwrap_or(now));
        filter.expires_until = Some(filter.expires_until.map_or(until, |earlier| earlier.min(until)));
    }
    Ok(filter)
}

/// Finds one certificate by id, thumbprint, or serial number in any spelling; for people who type.
///
/// # Errors
/// [`ErrorCode::NotFound`] when there is none, [`ErrorCode::NotPossible`] when several have that serial number.
pub async fn find_certificate(host: &dyn Host, text: &str) -> Result<CertificateId, WireError> {
    let mut work = host.store().read().await?;
    if let Ok(id) = text.parse::<CertificateId>()
        && work.certificates().lookup(id).await?.is_some()
    {
        return Ok(id);
    }
    if let Ok(thumbprint) = text.parse::<Thumbprint>()
        && let Some(found) = work.certificates().find_by_thumbprint(thumbprint).await?
    {
        return Ok(found.id);
    }
    if let Ok(serial) = text.parse::<SerialNumber>() {
        let found = work.certificates().find_by_serial(&serial).await?;
        match found.as_slice() {
            [] => {}
            [one] => return Ok(one.id),
            [..] => {
                return Err(WireError::new(
                    ErrorCode::NotPossible,
                    format!("several authorities issued a certificate with serial number {serial}"),
                    "name it by its thumbprint",
                ));
            }
        }
    }
    Err(WireError::new(
        ErrorCode::NotFound,
        format!("no certificate has the id, thumbprint or serial number `{text}`"),
        "`sealwright certificate list --search NAME` shows them",
    ))
}
