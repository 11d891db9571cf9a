//! Renewal by hand: a new certificate with a new key (re-key) in place of one that still runs.

use model::{Action, CertificateId, CertificateState, EnrollmentId, Ids, Intent, Timestamp};
use plan::{compose, profile_for};
use store::Work;

use crate::LifecycleError;

/// Starts the enrollment that replaces a certificate, because a person wants it.
pub async fn renew(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    actor: &str,
    now: Timestamp,
) -> Result<EnrollmentId, LifecycleError> {
    let not_possible = |text: &str| LifecycleError::NotPossible(text.to_owned());
    let row = work
        .certificates()
        .lookup(id)
        .await?
        .ok_or_else(|| not_possible("this certificate does not exist"))?;
    let certificate = row.certificate;
    if certificate.state == CertificateState::Superseded {
        return Err(not_possible("a newer certificate took its place already; renew that one"));
    }
    let template = work
        .templates()
        .lookup(certificate.template)
        .await?
        .ok_or_else(|| not_possible("its template no longer exists"))?
        .template;
    let subscriber = work
        .subscribers()
        .lookup(certificate.subscriber)
        .await?
        .filter(|found| found.gone_at.is_none())
        .ok_or_else(|| not_possible("its owner is no longer in an enrollment group"))?;
    let authority = work.authorities().find(&template.authority).await?.ok_or_else(|| {
        LifecycleError::NotPossible(format!("there is no authority `{}`", template.authority))
    })?;
    if work.enrollments().find_open(subscriber.id, template.id).await?.is_some() {
        return Err(not_possible("a new certificate is already on its way; see Activity"));
    }
    let names = compose(&subscriber, &template).map_err(LifecycleError::NotPossible)?;
    let intent = Intent {
        subscriber: subscriber.id,
        who: subscriber.user_principal_name.clone(),
        template: template.id,
        template_name: template.name.clone(),
        action: Action::Enroll { names, profile: profile_for(&subscriber, &template), replaces: Some(id) },
        reason: format!("renewal ordered by {actor}"),
    };
    let started =
        enroll::start(work, ids, &intent, &template, authority.id, &subscriber.user_principal_name, now)
            .await?;
    Ok(started)
}
