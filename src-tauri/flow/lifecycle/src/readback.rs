//! Reads deliveries back from Intune: what is there is called present, what is not is called missing.
//!
//! A missing record cannot be written again from here: the private key is in the archive, which only a key recovery
//! agent opens. The state says so, and a person decides (renew, or recover).

use model::{CertificateId, Clock, DeliveryState, Ids, Timestamp};
use ports::DeliveryDoor;
use store::{Job, JobKind, Store, Work};

use crate::LifecycleError;

/// Queues a read-back.
pub async fn order_readback(
    work: &mut dyn Work,
    ids: &Ids,
    id: CertificateId,
    now: Timestamp,
) -> Result<(), LifecycleError> {
    let missing = || LifecycleError::NotPossible("this certificate does not exist".to_owned());
    work.certificates().lookup(id).await?.ok_or_else(missing)?;
    let key = format!("readback {id}");
    // One that is being carried out may have read already: it is done once more.
    if work.jobs().wake(&key, now).await? {
        return Ok(());
    }
    let job = Job { id: ids.next(), kind: JobKind::Readback { certificate: id }, due_at: now, attempts: 0 };
    work.jobs().add(&job, &key).await?;
    Ok(())
}

/// Reads the deliveries of a certificate back. Returns how many are present and how many are missing.
pub async fn read_back(
    store: &dyn Store,
    delivery: &dyn DeliveryDoor,
    clock: &dyn Clock,
    id: CertificateId,
) -> Result<(u32, u32), LifecycleError> {
    let deliveries = store.read().await?.deliveries().list(id).await?;
    let (mut present, mut missing) = (0, 0);
    for one in deliveries {
        if matches!(one.state, DeliveryState::Planned | DeliveryState::Withdrawn) {
            continue;
        }
        let record = delivery.find(&one.user_principal_name, one.thumbprint).await?;
        let state = if record.is_some() { DeliveryState::Present } else { DeliveryState::Missing };
        match state {
            DeliveryState::Present => present += 1,
            DeliveryState::Missing
            | DeliveryState::Planned
            | DeliveryState::Accepted
            | DeliveryState::Withdrawn => missing += 1,
        }
        let id = record.as_ref().map(|found| found.id.as_str()).or(one.record.as_deref());
        store::in_unit!(store, work => {
            work.deliveries().set_state(one.id, state, id, clock.now()).await?;
        })?;
    }
    Ok((present, missing))
}
