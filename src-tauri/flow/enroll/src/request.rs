//! Second station: the certificate from the authority.
//!
//! A resumed run asks the authority for our reference before it orders. What comes back is checked against what was
//! ordered; a certificate that does not fit is kept out of delivery until a person has looked.

use async_trait::async_trait;
use crypto::X509Certificate;
use model::{
    AuditEvent, AuditKind, AuditOutcome, Certificate, CertificateId, CertificateState, Enrollment, Station,
    Timestamp,
};
use ports::{IssuedCertificate, Order, Submission, Ticket};
use store::{StoreError, StoredCertificate, Work};

use crate::entitled::entitled;
use crate::error::chain;
use crate::{Acted, Bench, Step, StepError};

pub(crate) struct Request;

/// A certificate that fits its order.
#[derive(Clone)]
pub struct Checked {
    leaf: X509Certificate,
    chain: Vec<Vec<u8>>,
}

#[async_trait]
impl Step for Request {
    fn station(&self) -> Station {
        Station::Request
    }

    async fn act(&self, enrollment: &Enrollment, bench: &Bench, resumed: bool) -> Result<Acted, StepError> {
        if enrollment.certificate.is_some() {
            return Ok(Acted::Already);
        }
        let authority = bench.authority(enrollment.authority)?;
        let (request, spki_sha256) =
            bench.store.read().await?.enrollments().request(enrollment.id).await?.ok_or_else(|| {
                StepError::Stuck {
                    text: "the stored request is missing; the database was altered".to_owned(),
                }
            })?;
        let reference = enrollment.id.to_string();
        let order = Order {
            reference: reference.clone(),
            request,
            names: enrollment.names.clone(),
            profile: enrollment.profile,
            validity_days: enrollment.validity_days,
        };
        let submission = match &enrollment.ticket {
            Some(ticket) => authority.poll(&Ticket(ticket.clone())).await?,
            None if resumed && !authority.capabilities().lookup_by_reference => {
                return Err(StepError::Stuck {
                    text: format!(
                        "an earlier run may have placed order {reference}, and this authority cannot be asked; look \
                         for it in the authority's portal before you let it be placed again"
                    ),
                });
            }
            None => {
                let earlier = if resumed { authority.find(&reference).await? } else { None };
                match earlier {
                    Some(found) => found,
                    None => {
                        entitled(bench, enrollment).await?;
                        authority.submit(&order).await?
                    }
                }
            }
        };
        bench.reach("request.inside")?;
        match submission {
            Submission::Pending { ticket, ask_again } => Ok(Acted::Pending { ticket: ticket.0, ask_again }),
            Submission::Issued(issued) => {
                check(issued, enrollment, &spki_sha256, bench.clock.now()).map(Acted::Issued)
            }
        }
    }

    async fn keep(
        &self,
        acted: Acted,
        enrollment: &mut Enrollment,
        bench: &Bench,
        work: &mut dyn Work,
    ) -> Result<(), StoreError> {
        let Acted::Issued(Checked { leaf, chain }) = acted else { return Ok(()) };
        let id: CertificateId = bench.ids.next();
        let now = bench.clock.now();
        let names = &enrollment.names;
        let mail =
            names.mail_addresses.first().or(names.user_principal_name.as_ref()).cloned().unwrap_or_default();
        let certificate = Certificate {
            id,
            enrollment: enrollment.id,
            subscriber: enrollment.subscriber,
            template: enrollment.template,
            authority: enrollment.authority,
            purpose: enrollment.profile.purpose(),
            serial: leaf.serial(),
            thumbprint: leaf.thumbprint(),
            common_name: leaf.common_name().unwrap_or_else(|| mail.clone()),
            mail,
            not_before: leaf.not_before(),
            not_after: leaf.not_after(),
            state: CertificateState::Valid,
            revoked: None,
            archived: false,
            checked_at: now,
        };
        let event = AuditEvent {
            kind: AuditKind::CertificateIssued,
            outcome: AuditOutcome::Success,
            actor: bench.actor.clone(),
            object: format!("certificate {}", certificate.thumbprint),
            detail: format!(
                "enrollment {}, serial {}, for {}",
                enrollment.id, certificate.serial, certificate.mail
            ),
        };
        work.certificates().add(&StoredCertificate { certificate, der: leaf.der().to_vec(), chain }).await?;
        work.audit().append(&event, now).await?;
        enrollment.certificate = Some(id);
        Ok(())
    }
}

/// Holds what came back against what was ordered.
fn check(
    submitted: IssuedCertificate,
    enrollment: &Enrollment,
    spki_sha256: &[u8; 32],
    now: Timestamp,
) -> Result<Checked, StepError> {
    let quarantine = |why: String| StepError::Stuck {
        text: format!(
            "the authority issued a certificate that does not fit the order: {why}; it is not delivered"
        ),
    };
    let unreadable = |error: crypto::CryptoError| quarantine(chain(&error));
    let leaf = X509Certificate::from_der(&submitted.der).map_err(unreadable)?;
    if leaf.spki_sha256().map_err(unreadable)? != *spki_sha256 {
        return Err(quarantine("it certifies another public key".to_owned()));
    }
    let certified = leaf.mail_addresses();
    for mail in &enrollment.names.mail_addresses {
        if !certified.iter().any(|address| address.eq_ignore_ascii_case(mail)) {
            return Err(quarantine(format!("the address `{mail}` is missing")));
        }
    }
    if let Some(wanted) = &enrollment.names.user_principal_name
        && leaf.user_principal_name().as_ref() != Some(wanted)
    {
        return Err(quarantine(format!("the sign-in name `{wanted}` is missing")));
    }
    if leaf.not_after() <= now {
        return Err(quarantine(format!("it ended on {}", leaf.not_after())));
    }
    let mut child = leaf.clone();
    for der in &submitted.chain {
        let issuer = X509Certificate::from_der(der).map_err(unreadable)?;
        if !child.is_issued_by(&issuer) {
            return Err(quarantine(format!("`{}` did not issue `{}`", issuer.subject(), child.subject())));
        }
        child = issuer;
    }
    Ok(Checked { leaf, chain: submitted.chain })
}
