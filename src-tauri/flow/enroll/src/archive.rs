//! Third station: the certificate meets its sealed key, and the hand-overs are decided.

use async_trait::async_trait;
use crypto::X509Certificate;
use model::{
    AuditEvent, AuditKind, AuditOutcome, Delivery, DeliveryState, Enrollment, MailboxHolder, Station,
    SubscriberId, SubscriberKind,
};
use store::{StoreError, Work};

use crate::error::chain;
use crate::{Acted, Bench, Step, StepError};

pub(crate) struct Archive;

#[async_trait]
impl Step for Archive {
    fn station(&self) -> Station {
        Station::Archive
    }

    async fn act(&self, enrollment: &Enrollment, bench: &Bench, _resumed: bool) -> Result<Acted, StepError> {
        bench.reach("archive.inside")?;
        let stuck = |text: String| StepError::Stuck { text };
        let mut work = bench.store.read().await?;
        let certificate = own(work.as_mut(), enrollment).await?;
        if !enrollment.archive {
            return Ok(Acted::Bound);
        }
        let archived = work.archive().lookup(enrollment.id).await?.ok_or_else(|| {
            stuck(
                "the archived key is missing; the database was altered, and the certificate must not be used"
                    .to_owned(),
            )
        })?;
        drop(work);
        let leaf = X509Certificate::from_der(&certificate.der).map_err(|error| stuck(chain(&error)))?;
        let fingerprint = leaf.spki_sha256().map_err(|error| stuck(chain(&error)))?;
        if fingerprint != archived.spki_sha256 {
            return Err(stuck("the archived key is not the key of the certificate".to_owned()));
        }
        if archived.kras.is_empty() {
            return Err(stuck("the archived key is sealed to no recovery agent".to_owned()));
        }
        Ok(Acted::Bound)
    }

    async fn keep(
        &self,
        _acted: Acted,
        enrollment: &mut Enrollment,
        bench: &Bench,
        work: &mut dyn Work,
    ) -> Result<(), StoreError> {
        let certificate = stored(work, enrollment).await?.certificate;
        let now = bench.clock.now();
        if enrollment.archive {
            work.archive().bind(enrollment.id, certificate.id).await?;
            work.certificates().mark_archived(certificate.id).await?;
            let event = AuditEvent {
                kind: AuditKind::KeyArchivalRequestProcessed,
                outcome: AuditOutcome::Success,
                actor: bench.actor.clone(),
                object: format!("certificate {}", certificate.thumbprint),
                detail: format!("enrollment {}", enrollment.id),
            };
            work.audit().append(&event, now).await?;
        }
        let planned = |person, user_principal_name| Delivery {
            id: bench.ids.next(),
            certificate: certificate.id,
            thumbprint: certificate.thumbprint,
            person,
            user_principal_name,
            state: DeliveryState::Planned,
            record: None,
            at: now,
        };
        let subscriber = work.subscribers().lookup(enrollment.subscriber).await?;
        let kind = subscriber.map_or(SubscriberKind::Person, |found| found.kind);
        let holders = match kind {
            SubscriberKind::SharedMailbox => work.subscribers().holders(enrollment.subscriber).await?,
            SubscriberKind::Person => Vec::new(),
        };
        let own = (enrollment.subscriber, enrollment.user_principal_name.as_str());
        let deliveries: Vec<Delivery> = receivers(kind, own, &holders)
            .into_iter()
            .map(|(person, user_principal_name)| planned(person, user_principal_name.to_owned()))
            .collect();
        work.deliveries().add_missing(&deliveries).await
    }
}

/// To whose devices a certificate goes, with their sign-in names: to its owner's, or to those of a mailbox's people.
pub fn receivers<'a>(
    kind: SubscriberKind,
    own: (SubscriberId, &'a str),
    holders: &'a [MailboxHolder],
) -> Vec<(SubscriberId, &'a str)> {
    match kind {
        SubscriberKind::Person => vec![own],
        SubscriberKind::SharedMailbox => {
            holders.iter().map(|holder| (holder.person, holder.user_principal_name.as_str())).collect()
        }
    }
}

/// The certificate that the station before stored.
async fn stored(
    work: &mut dyn Work,
    enrollment: &Enrollment,
) -> Result<store::StoredCertificate, StoreError> {
    let corrupt =
        |text: &str| StoreError::Corrupt { what: "enrollment", detail: format!("{} {text}", enrollment.id) };
    let id = enrollment.certificate.ok_or_else(|| corrupt("has no stored certificate"))?;
    let found = work.certificates().lookup_stored(id).await?;
    let found = found.ok_or_else(|| corrupt("has no stored certificate"))?;
    // Otherwise who writes an enrollment of his own could have another's key delivered to himself.
    if found.certificate.enrollment != enrollment.id {
        return Err(corrupt("names the certificate of another enrollment"));
    }
    Ok(found)
}

/// The same for what acts outside: what is not its own needs a person.
pub(crate) async fn own(
    work: &mut dyn Work,
    enrollment: &Enrollment,
) -> Result<store::StoredCertificate, StepError> {
    stored(work, enrollment).await.map_err(|error| {
        if matches!(error, StoreError::Corrupt { .. }) {
            return StepError::Stuck { text: format!("{}; the database was altered", chain(&error)) };
        }
        error.into()
    })
}
