//! Reads deliveries back from Intune: what is there is called present, what is not is called missing. What is to stay on
//! devices no longer is withdrawn here, too.
//!
//! A missing record cannot be written again from here: the private key is in the archive, which only a key recovery
//! agent opens. The state says so, and a person decides (renew, or recover).

use model::{CertificateId, Clock, Delivery, DeliveryState, Ids, Timestamp};
use ports::{DeliveryDoor, DeliveryRecord};
use store::{Store, Work};

use crate::LifecycleError;
use crate::former::{Stay, look, stay, why_it_goes};
use crate::removal::{Removal, remove};

/// Queues a read-back.
pub async fn order_readback(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    now: Timestamp,
) -> Result<(), LifecycleError> {
    let missing = || LifecycleError::NotPossible("this certificate does not exist".to_owned());
    work.certificates().lookup(id).await?.ok_or_else(missing)?;
    Ok(look(work, ids, id, true, now).await?)
}

/// What a read-back found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ReadBack {
    /// Records that are there.
    pub present: u32,
    /// Records that should be there.
    pub missing: u32,
    /// Records that were removed because the template lets no more former certificates stay on devices.
    pub withdrawn: u32,
    /// When to look again: then the certificate is to leave the devices.
    pub again: Option<Timestamp>,
}

/// Reads the deliveries of a certificate back, and withdraws them when it is to stay on devices no longer.
pub async fn read_back(
    store: &dyn Store,
    delivery: &dyn DeliveryDoor,
    clock: &dyn Clock,
    actor: &str,
    id: CertificateId,
) -> Result<ReadBack, LifecycleError> {
    let mut work = store.read().await?;
    let deliveries = work.deliveries().list(id).await?;
    let certificate = work.certificates().lookup(id).await?.map(|row| row.certificate);
    let standing = match &certificate {
        None => Stay::Stays,
        Some(certificate) => stay(work.as_mut(), certificate, clock.now()).await?,
    };
    drop(work);
    let mut read = ReadBack {
        again: if let Stay::Until(at) = standing { Some(at) } else { None },
        ..ReadBack::default()
    };
    for one in deliveries {
        if matches!(one.state, DeliveryState::Planned | DeliveryState::Withdrawn) {
            continue;
        }
        let record = find(store, delivery, &one).await?;
        let state = match (&record, &certificate) {
            (Some(record), Some(certificate)) if standing == Stay::Leaves => {
                let detail = why_it_goes(&one.user_principal_name);
                let thumbprint = certificate.thumbprint;
                let to = Some((&one, DeliveryState::Withdrawn));
                let removal = Removal { record: Some(record), delivery: to, thumbprint, detail };
                remove(store, delivery, clock, actor, removal).await?;
                read.withdrawn += 1;
                continue;
            }
            (Some(_), _) => DeliveryState::Present,
            (None, _) if standing == Stay::Leaves => DeliveryState::Withdrawn,
            (None, _) => DeliveryState::Missing,
        };
        match state {
            DeliveryState::Present => read.present += 1,
            DeliveryState::Withdrawn => {}
            DeliveryState::Missing | DeliveryState::Planned | DeliveryState::Accepted => read.missing += 1,
        }
        let id = record.as_ref().map(|found| found.id.as_str()).or(one.record.as_deref());
        store::in_unit!(store, work => {
            work.deliveries().set_state(one.id, state, id, clock.now()).await?;
        })?;
    }
    Ok(read)
}

/// The record of a delivery, under the present sign-in name of its person or under the one of its time.
pub(crate) async fn find(
    store: &dyn Store,
    door: &dyn DeliveryDoor,
    delivery: &Delivery,
) -> Result<Option<DeliveryRecord>, LifecycleError> {
    let person = store.read().await?.subscribers().lookup(delivery.person).await?;
    let recorded = &delivery.user_principal_name;
    if let Some(person) = person
        && !person.user_principal_name.eq_ignore_ascii_case(recorded)
        && let Some(found) = door.find(&person.user_principal_name, delivery.thumbprint).await?
    {
        return Ok(Some(found));
    }
    Ok(door.find(recorded, delivery.thumbprint).await?)
}
