//! Records at Intune against what was handed over.

use model::{
    CertificateState, Delivery, DeliveryId, DeliveryState, DriftKind, DriftObject, DriftSide, DriftSighting,
    EnrollmentState, Timestamp,
};
use ports::DeliveryDoor;
use store::{Store, StoreError, Work};

use super::{ASKED, Count, PAGE, Recognised, next_page, note};
use crate::LifecycleError;
use crate::former::{Stay, stay};
use crate::ghosts::{Judged, judge};
use crate::readback::find;

/// Compares Intune; how many records of ours, and of others beside them.
pub(super) async fn compare(
    store: &dyn Store,
    door: &dyn DeliveryDoor,
    began: Timestamp,
    now: Timestamp,
) -> Result<Count, LifecycleError> {
    let mut recognised = Recognised::default();
    let (mut count, mut after) = (Count::default(), None);
    loop {
        let page = door.list(after.as_deref()).await?;
        let mut seen = Vec::new();
        let mut work = store.read().await?;
        for listed in &page.records {
            if !listed.ours {
                count.others += 1;
                continue;
            }
            count.compared += 1;
            let Judged { certificate, delivery, wrong } = judge(work.as_mut(), listed, now).await?;
            if let Some(delivery) = delivery {
                recognised.add(delivery.id.as_bytes());
            }
            let Some((kind, sentence)) = wrong else { continue };
            let record = listed.record.clone();
            let object = DriftObject::Record {
                id: record.id,
                thumbprint: record.thumbprint,
                user_principal_name: record.user_principal_name,
            };
            seen.push(DriftSighting { side: DriftSide::Intune, kind, object, certificate, sentence });
        }
        drop(work);
        note(store, &seen, began).await?;
        match next_page(after.as_deref(), page.next, "records at Intune")? {
            None => break,
            next => after = next,
        }
    }
    let (mut after, mut asked): (Option<DeliveryId>, u32) = (None, 0);
    loop {
        let mut work = store.read().await?;
        let ours = work.deliveries().list_all(after, PAGE).await?;
        let Some(last) = ours.last() else { return Ok(count) };
        after = Some(last.id);
        let mut gone = Vec::new();
        for delivery in ours {
            if !recognised.knows(delivery.id.as_bytes())
                && let Some(sentence) = missed(work.as_mut(), &delivery, now).await?
            {
                gone.push((delivery, sentence));
            }
        }
        drop(work);
        let mut seen = Vec::with_capacity(gone.len());
        for (delivery, sentence) in gone {
            if asked < ASKED {
                asked += 1;
                if find(store, door, &delivery).await?.is_some() {
                    let why =
                        "the list of records at Intune left out what is there; nothing is concluded from it";
                    return Err(LifecycleError::NotPossible(why.to_owned()));
                }
            }
            seen.push(DriftSighting {
                side: DriftSide::Intune,
                kind: DriftKind::Orphan,
                certificate: Some(delivery.certificate),
                object: DriftObject::Delivery {
                    id: delivery.id,
                    thumbprint: delivery.thumbprint,
                    user_principal_name: delivery.user_principal_name,
                },
                sentence,
            });
        }
        note(store, &seen, began).await?;
    }
}

/// Why a record should be there for a hand-over; `None` where nobody misses it.
pub(crate) async fn missed(
    work: &mut dyn Work,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    if matches!(delivery.state, DeliveryState::Planned | DeliveryState::Withdrawn) {
        return Ok(None);
    }
    let Some(row) = work.certificates().lookup(delivery.certificate).await? else { return Ok(None) };
    let certificate = row.certificate;
    // While it is on hold nothing is done with it; when the hold is lifted, its record is missed like any other.
    let is_good = matches!(certificate.state, CertificateState::Valid | CertificateState::Superseded);
    if !is_good || certificate.not_after < now {
        return Ok(None);
    }
    // It is being handed over, or waits for somebody.
    let order = work.enrollments().lookup(certificate.enrollment).await?;
    if order.is_some_and(|order| order.state != EnrollmentState::Done) {
        return Ok(None);
    }
    let person = work.subscribers().lookup(delivery.person).await?;
    if person.is_some_and(|person| person.gone_at.is_some()) {
        return Ok(None);
    }
    if stay(work, &certificate, now).await? == Stay::Leaves {
        return Ok(None);
    }
    Ok(Some(format!(
        "the certificate of {} was handed over for {}, and Intune has no record of it; a recovery agent hands the same key over \
         again: `sealwright certificate redeliver {} --kra KEY --reason TEXT`",
        certificate.mail, delivery.user_principal_name, delivery.thumbprint
    )))
}
