//! Renewal by hand: a new certificate with a new key (re-key) in place of one that still runs.

use model::{
    Certificate, CertificateId, CertificateState, EnrollmentId, Ids, ImportOrigin, Intent, Subscriber,
    Template, Timestamp,
};
use plan::{Decision, renewal};
use store::{StoreError, Work};

use crate::LifecycleError;
use crate::cycle::{situation, unambiguous};

/// Starts the enrollment that replaces a certificate, because a person wants it. Only the moment is the person's choice:
/// whatever keeps the plan from ordering for this subscriber and template keeps this from it too.
///
/// # Errors
/// [`LifecycleError::NotPossible`] says why not and what to do.
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
    if let Some(origin) = ImportOrigin::from_name(&row.authority_name) {
        return Err(LifecycleError::NotPossible(format!(
            "this certificate was {}; its owner gets a new one by a template, not in its place",
            origin.phrase()
        )));
    }
    let certificate = row.certificate;
    if certificate.state == CertificateState::Superseded {
        return Err(not_possible("a newer certificate took its place already; renew that one"));
    }
    if certificate.state == CertificateState::Held {
        return Err(not_possible(
            "this certificate is on hold, and nothing takes its place: lift the hold first, or revoke it",
        ));
    }
    let template = work
        .templates()
        .lookup(certificate.template)
        .await?
        .ok_or_else(|| not_possible("its template no longer exists"))?
        .template;
    let subscriber = work.subscribers().lookup(certificate.subscriber).await?.ok_or_else(|| {
        not_possible("its owner is no longer known; read the directory with `sealwright plan`")
    })?;
    let authority = work.authorities().find(&template.authority).await?.ok_or_else(|| {
        LifecycleError::NotPossible(format!(
            "its template orders from the authority `{}`, which does not exist; correct the template, or set the \
             authority up",
            template.authority
        ))
    })?;
    let intent = wanted(work, &subscriber, &template, &certificate, now).await?;
    let intent = Intent { reason: format!("renewal ordered by {actor}"), ..intent };
    let upn = &subscriber.user_principal_name;
    match enroll::start(work, ids, &intent, &template, authority.id, upn, now).await {
        // Somebody else has started it since the plan looked: the unit of work begins anew, and the plan says so.
        Err(error @ StoreError::Conflict { .. }) => Err(StoreError::Busy { source: Box::new(error) }.into()),
        started => Ok(started?),
    }
}

/// What the plan lets take the certificate's place.
async fn wanted(
    work: &mut dyn Work,
    subscriber: &Subscriber,
    template: &Template,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<Intent, LifecycleError> {
    let rows = work.subscribers().planning(&[subscriber.id]).await?;
    let row = rows.first().ok_or_else(|| {
        LifecycleError::NotPossible("its owner is not known any more; look again".to_owned())
    })?;
    let situation = situation(work, row, &[], None, now).await?;
    let not_possible =
        |why: &str| LifecycleError::NotPossible(format!("{} {why}", subscriber.user_principal_name));
    if !situation.holders_are_sure {
        return Err(not_possible(
            "is a mailbox of which it is not known for sure who may use it, and until then nobody gets a new key; `sealwright \
             service list` says what is in doubt",
        ));
    }
    let intent = renewal(&situation, template, certificate).map_err(|why| not_possible(&why))?;
    let decision = Decision { intents: vec![intent], ..Decision::default() };
    let mut kept = unambiguous(work, decision, subscriber).await?;
    kept.intents
        .pop()
        .ok_or_else(|| LifecycleError::NotPossible(kept.skips.pop().map(|skip| skip.why).unwrap_or_default()))
}
