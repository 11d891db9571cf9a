//! Last station: the PKCS#12 for the devices of each person, read back; then the in-flight key is shredded.

use admit::context::inflight_key;
use async_trait::async_trait;
use crypto::{CryptoError, PrivateKey, X509Certificate, pfx};
use model::{
    AuditEvent, AuditKind, AuditOutcome, CertificateState, Delivery, DeliveryState, Enrollment, Station,
    Template,
};
use ports::{DeliveryRecord, Package};
use store::{CertificateFilter, CertificateOrder, Job, PageRequest, StoreError, StoredCertificate, Work};

use crate::archive::own;
use crate::entitled::{may_hold, receiver};
use crate::error::chain;
use crate::publish::want_published;
use crate::{Acted, Bench, Step, StepError};

/// Most former certificates of one person that are looked at after a renewal.
const MOST_FORMER: u32 = 100;

pub(crate) struct Deliver;

#[async_trait]
impl Step for Deliver {
    fn station(&self) -> Station {
        Station::Deliver
    }

    async fn act(&self, enrollment: &Enrollment, bench: &Bench, resumed: bool) -> Result<Acted, StepError> {
        let stuck = |text: String| StepError::Stuck { text };
        let mut work = bench.store.read().await?;
        let certificate = own(work.as_mut(), enrollment).await?;
        let deliveries = work.deliveries().list(certificate.certificate.id).await?;
        let inflight = work.archive().inflight(enrollment.id).await?;
        let template = work.templates().lookup(enrollment.template).await?;
        drop(work);
        let template = template
            .map(|found| found.template)
            .ok_or_else(|| stuck("its template no longer exists; import it again, then retry".to_owned()))?;
        if certificate.certificate.state == CertificateState::Held {
            return Err(StepError::Operator {
                text: "the certificate is on hold; it is delivered when that is lifted with `sealwright certificate release`"
                    .to_owned(),
            });
        }
        let mut key: Option<PrivateKey> = None;
        let mut records = Vec::with_capacity(deliveries.len());
        for delivery in deliveries.iter().filter(|delivery| delivery.state.is_open()) {
            may_hold(bench, enrollment, delivery).await?;
            let upn = receiver(bench, enrollment, delivery).await?;
            let earlier = if resumed { bench.delivery.find(&upn, delivery.thumbprint).await? } else { None };
            let record = if let Some(found) = earlier {
                found
            } else {
                let opened = match key.take() {
                    Some(opened) => opened,
                    None => open_inflight(bench, enrollment, inflight.as_ref())?,
                };
                let package = pack(&opened, &certificate, delivery, upn, &template, bench)
                    .map_err(|error| stuck(format!("the PKCS#12 could not be made: {}", chain(&error))))?;
                key = Some(opened);
                hand_over(bench, &package).await?
            };
            bench.reach("deliver.inside")?;
            records.push((delivery.id, record.id));
        }
        Ok(Acted::Delivered(records))
    }

    async fn keep(
        &self,
        acted: Acted,
        enrollment: &mut Enrollment,
        bench: &Bench,
        work: &mut dyn Work,
    ) -> Result<(), StoreError> {
        let now = bench.clock.now();
        if let Acted::Delivered(records) = acted {
            for (delivery, record) in &records {
                work.deliveries().set_state(*delivery, DeliveryState::Present, Some(record), now).await?;
            }
            if let Some(certificate) = enrollment.certificate {
                let event = AuditEvent {
                    kind: AuditKind::CertificateDelivered,
                    outcome: AuditOutcome::Success,
                    actor: bench.actor.clone(),
                    object: format!("certificate {certificate}"),
                    detail: format!("{} records at Intune, read back", records.len()),
                };
                work.audit().append(&event, now).await?;
            }
        }
        if let Some(replaced) = enrollment.replaces {
            work.certificates().mark_superseded(replaced).await?;
            look_at_former(work, bench, enrollment).await?;
        }
        if let (Some(book), Some(certificate)) = (&bench.address_book, enrollment.certificate) {
            want_published(work, &bench.ids, book.name(), certificate, now).await?;
        }
        work.archive().shred_inflight(enrollment.id).await
    }
}

/// Has the former certificates read back when the template does not let all of them stay on devices: what is read back is
/// decided upon.
async fn look_at_former(
    work: &mut dyn Work,
    bench: &Bench,
    enrollment: &Enrollment,
) -> Result<(), StoreError> {
    let template = work.templates().lookup(enrollment.template).await?;
    if template.is_none_or(|found| found.template.delivery.former_that_stay().is_none()) {
        return Ok(());
    }
    let filter = CertificateFilter {
        subscriber: Some(enrollment.subscriber),
        template: Some(enrollment.template),
        ..CertificateFilter::default()
    };
    let page = PageRequest::first(MOST_FORMER);
    let former = work.certificates().list(&filter, CertificateOrder::Newest, &page).await?.rows;
    for row in former.iter().filter(|row| enrollment.certificate != Some(row.certificate.id)) {
        let (job, key) = Job::readback(bench.ids.next(), row.certificate.id, bench.clock.now());
        work.jobs().add(&job, &key).await?;
    }
    Ok(())
}

/// Sends one package and reads it back: only what was read back counts as present.
async fn hand_over(bench: &Bench, package: &Package) -> Result<DeliveryRecord, StepError> {
    bench.delivery.deliver(package).await?;
    bench.delivery.find(&package.user_principal_name, package.thumbprint).await?.ok_or_else(|| {
        StepError::Retry {
            after: None,
            text: format!(
                "Intune accepted the certificate for {} and does not show it on reading back",
                package.user_principal_name
            ),
        }
    })
}

fn open_inflight(
    bench: &Bench,
    enrollment: &Enrollment,
    inflight: Option<&store::InflightKey>,
) -> Result<PrivateKey, StepError> {
    let stuck = |text: String| StepError::Stuck { text };
    let inflight = inflight.ok_or_else(|| {
        stuck(
            "the in-flight key is gone; let a key recovery agent recover the key, or renew the certificate"
                .to_owned(),
        )
    })?;
    let installation = &bench.installation;
    let context = inflight_key(enrollment.id);
    let pkcs8 =
        crypto::open::open_bound(&context, &inflight.envelope, &installation.key, &installation.certificate)
            .map_err(|error| {
                if !matches!(error, CryptoError::NotARecipient { .. }) {
                    return stuck(format!("the in-flight key does not open: {}", chain(&error)));
                }
                // Another daemon can go on with it, or this one as soon as it is sealed again.
                let text = format!(
                    "the in-flight key is not sealed to this installation: {}; run `sealwright installation reseal` on an \
                     installation that was admitted before, or let its daemon deliver",
                    chain(&error)
                );
                StepError::Operator { text }
            })?;
    PrivateKey::from_pkcs8(&pkcs8).map_err(|error| stuck(chain(&error)))
}

fn pack(
    key: &PrivateKey,
    stored: &StoredCertificate,
    delivery: &Delivery,
    user_principal_name: String,
    template: &Template,
    bench: &Bench,
) -> Result<Package, CryptoError> {
    let leaf = X509Certificate::from_der(&stored.der)?;
    let chain =
        stored.chain.iter().map(|der| X509Certificate::from_der(der)).collect::<Result<Vec<_>, _>>()?;
    let password = pfx::generate_password(bench.entropy.as_ref());
    let friendly_name = format!("{} ({})", stored.certificate.common_name, template.name);
    let pfx = pfx::build(key, &leaf, &chain, &password, template.delivery.pfx, &friendly_name)?;
    Ok(Package {
        person: delivery.person,
        user_principal_name,
        thumbprint: delivery.thumbprint,
        intended_purpose: template.delivery.intended_purpose,
        connector: template.delivery.connector.clone(),
        not_before: stored.certificate.not_before,
        not_after: stored.certificate.not_after,
        pfx,
        password,
    })
}
