//! Former certificates on devices: how many stay is the template's to say; older ones are withdrawn.
//!
//! A certificate that was replaced stays where it is until its successor was read back and a week has passed, so that devices
//! have the new one before the old one goes. What the template says is never gone below: whatever is in doubt stays.

use model::{Certificate, CertificateId, CertificateState, DeliveryState, Ids, Span, Timestamp};
use store::{CertificateFilter, CertificateOrder, Job, PageRequest, StoreError, Work};

/// How long a successor must have been there before a former certificate goes: devices that are off over a week-end take it
/// before.
pub(crate) const SETTLING: Span = Span::days(7);

/// Most newer certificates that are looked at. Nobody has so many; with more, everything stays.
const MOST: u32 = 500;

/// Whether a certificate stays on devices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stay {
    /// It does.
    Stays,
    /// Until this moment.
    Until(Timestamp),
    /// It is to be withdrawn.
    Leaves,
}

/// Why the record of somebody is removed.
pub(crate) fn why_it_goes(user_principal_name: &str) -> String {
    format!(
        "record of {user_principal_name} removed at Intune: newer certificates are there, and the template keeps no more of the \
         former ones on devices"
    )
}

/// Has a certificate read back, which removes what is to stay no longer. One that is queued already is due at once where
/// `hurries`, and left alone otherwise.
pub(crate) async fn look(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    hurries: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (job, key) = Job::readback(ids.next(), id, now);
    // One that is being carried out may have read already: it is done once more.
    if hurries && work.jobs().wake(&key, now).await? {
        return Ok(());
    }
    work.jobs().add(&job, &key).await
}

/// Decides about one certificate.
pub(crate) async fn stay(
    work: &mut dyn Work,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<Stay, StoreError> {
    let template = work.templates().lookup(certificate.template).await?;
    let Some(former) = template.and_then(|found| found.template.delivery.former_that_stay()) else {
        return Ok(Stay::Stays);
    };
    let filter = CertificateFilter {
        subscriber: Some(certificate.subscriber),
        template: Some(certificate.template),
        ..CertificateFilter::default()
    };
    let order = CertificateOrder::Newest;
    let page = work.certificates().list(&filter, order, &PageRequest::first(MOST)).await?;
    if page.next.is_some() {
        return Ok(Stay::Stays);
    }
    let place = |one: &Certificate| (one.not_before, one.id);
    let mut settled = Vec::new();
    for row in page.rows {
        let other = row.certificate;
        if place(&other) <= place(certificate) {
            continue;
        }
        let deliveries = work.deliveries().list(other.id).await?;
        // Every person that is to have the newer one has it; some do, and it opens mail.
        let is_held = deliveries.iter().any(|one| one.state == DeliveryState::Present);
        let is_ended = matches!(other.state, CertificateState::Revoking | CertificateState::Revoked);
        if is_held && !is_ended && !deliveries.iter().any(|one| one.state.is_open()) {
            settled.push(other.not_before + SETTLING);
        }
    }
    settled.sort_unstable();
    // Beside the newest one so many more stay: with the next one, this goes.
    let goes = usize::try_from(former).ok().and_then(|former| settled.get(former));
    Ok(match goes {
        None => Stay::Stays,
        Some(at) if *at > now => Stay::Until(*at),
        Some(_) => Stay::Leaves,
    })
}
