//! Changing certificates: what is ordered here is carried out by a worker, which may be another process.

use lifecycle::LifecycleError;
use model::{AuditEvent, AuditKind, AuditOutcome, CertificateId, RevocationReason};

use super::show::unreadable;
use super::{
    CheckDeliveries, DeliveryCheckQueued, ExportCertificate, ExportedCertificate, HoldCertificate,
    HoldOrdered, ReleaseCertificate, ReleaseOrdered, RenewCertificate, RenewalStarted, RevocationOrdered,
    RevokeCertificate,
};
use crate::activity::parse_id;
use crate::unit::in_unit;
use crate::{ErrorCode, Host, WireError};

impl From<LifecycleError> for WireError {
    fn from(error: LifecycleError) -> Self {
        match error {
            LifecycleError::NotPossible(text) => {
                Self::new(ErrorCode::NotPossible, text, "refresh; its state may have changed")
            }
            LifecycleError::Store(error) => error.into(),
            LifecycleError::Authority(error) => {
                Self::new(ErrorCode::NotPossible, error.to_string(), "see Activity; it is tried again")
            }
            LifecycleError::Delivery(error) => {
                Self::new(ErrorCode::NotPossible, error.to_string(), "see Activity; it is tried again")
            }
            LifecycleError::Book(error) => {
                Self::new(ErrorCode::NotPossible, error.to_string(), "see Services; it is tried again")
            }
        }
    }
}

pub(crate) async fn revoke_certificate(
    host: &dyn Host,
    request: RevokeCertificate,
) -> Result<RevocationOrdered, WireError> {
    let id: CertificateId = parse_id("certificate", &request.id)?;
    let reason = RevocationReason::from_name(&request.reason).ok_or_else(|| {
        let names: Vec<_> = RevocationReason::ALL.iter().map(|reason| reason.name()).collect();
        WireError::new(
            ErrorCode::Invalid,
            format!("`{}` is not a revocation reason", request.reason),
            format!("use one of: {}", names.join(", ")),
        )
    })?;
    let now = host.clock().now();
    in_unit!(host, work => {
        lifecycle::order_revocation(work.as_mut(), host.ids(), id, reason, &host.actor(), now).await?;
    })?;
    host.work_queued();
    Ok(RevocationOrdered { at: now.to_string() })
}

pub(crate) async fn hold_certificate(
    host: &dyn Host,
    request: HoldCertificate,
) -> Result<HoldOrdered, WireError> {
    let id: CertificateId = parse_id("certificate", &request.id)?;
    let now = host.clock().now();
    in_unit!(host, work => {
        lifecycle::order_hold(work.as_mut(), host.ids(), id, &host.actor(), now).await?;
    })?;
    host.work_queued();
    Ok(HoldOrdered { at: now.to_string() })
}

pub(crate) async fn release_certificate(
    host: &dyn Host,
    request: ReleaseCertificate,
) -> Result<ReleaseOrdered, WireError> {
    let id: CertificateId = parse_id("certificate", &request.id)?;
    let now = host.clock().now();
    in_unit!(host, work => {
        lifecycle::order_release(work.as_mut(), host.ids(), id, &host.actor(), now).await?;
    })?;
    host.work_queued();
    Ok(ReleaseOrdered { at: now.to_string() })
}

pub(crate) async fn renew_certificate(
    host: &dyn Host,
    request: RenewCertificate,
) -> Result<RenewalStarted, WireError> {
    let id: CertificateId = parse_id("certificate", &request.id)?;
    let now = host.clock().now();
    let enrollment = in_unit!(host, work => {
        let enrollment = lifecycle::renew(work.as_mut(), host.ids(), id, &host.actor(), now).await?;
        let event = AuditEvent {
            kind: AuditKind::EnrollmentStarted,
            outcome: AuditOutcome::Success,
            actor: host.actor(),
            object: format!("enrollment {enrollment}"),
            detail: format!("renewal of certificate {id}"),
        };
        work.audit().append(&event, now).await?;
        enrollment
    })?;
    host.work_queued();
    Ok(RenewalStarted { enrollment: enrollment.to_string() })
}

pub(crate) async fn check_deliveries(
    host: &dyn Host,
    request: CheckDeliveries,
) -> Result<DeliveryCheckQueued, WireError> {
    let id: CertificateId = parse_id("certificate", &request.id)?;
    let now = host.clock().now();
    in_unit!(host, work => {
        lifecycle::order_readback(work.as_mut(), host.ids(), id, now).await?;
    })?;
    host.work_queued();
    Ok(DeliveryCheckQueued { at: now.to_string() })
}

pub(crate) async fn export_certificate(
    host: &dyn Host,
    request: ExportCertificate,
) -> Result<ExportedCertificate, WireError> {
    let id: CertificateId = parse_id("certificate", &request.id)?;
    let now = host.clock().now();
    let (mail, pem) = in_unit!(host, work => {
        let stored =
            work.certificates().lookup_stored(id).await?.ok_or_else(|| WireError::not_found("certificate"))?;
        let mut pem = String::new();
        for der in std::iter::once(&stored.der).chain(&stored.chain) {
            let certificate = crypto::X509Certificate::from_der(der).map_err(|error| unreadable(&error))?;
            pem.push_str(&certificate.pem());
        }
        let event = AuditEvent {
            kind: AuditKind::CertificateExported,
            outcome: AuditOutcome::Success,
            actor: host.actor(),
            object: format!("certificate {}", stored.certificate.thumbprint),
            detail: "without the private key".to_owned(),
        };
        work.audit().append(&event, now).await?;
        (stored.certificate.mail, pem)
    })?;
    let name: String = mail
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '-' | '_') { c } else { '_' })
        .collect();
    Ok(ExportedCertificate { file_name: format!("{name}.pem"), pem })
}
