//! The one way in which a record at Intune is removed, whatever it is removed for.

use model::{AuditEvent, AuditKind, AuditOutcome, Clock, Delivery, DeliveryState, Thumbprint};
use ports::{DeliveryDoor, DeliveryRecord};
use store::Store;

use crate::LifecycleError;

/// What is removed, and what is written down about it.
pub(crate) struct Removal<'a> {
    /// The record; `None` where there is none, and only that is written down.
    pub(crate) record: Option<&'a DeliveryRecord>,
    /// The hand-over behind it with the state that it comes to.
    pub(crate) delivery: Option<(&'a Delivery, DeliveryState)>,
    /// Of which certificate.
    pub(crate) thumbprint: Thumbprint,
    /// For whom and why, for the audit log.
    pub(crate) detail: String,
}

/// Removes a record, by the id that a list showed; gone is what the list does not show any more. What lies on devices stays
/// there. Safe to repeat.
pub(crate) async fn remove(
    store: &dyn Store,
    door: &dyn DeliveryDoor,
    clock: &dyn Clock,
    actor: &str,
    removal: Removal<'_>,
) -> Result<(), LifecycleError> {
    if let Some(record) = removal.record {
        door.withdraw(record).await?;
    }
    let event = event(actor, AuditOutcome::Success, removal.thumbprint, removal.detail);
    store::in_unit!(store, work => {
        let now = clock.now();
        work.audit().append(&event, now).await?;
        if let Some((delivery, state)) = removal.delivery {
            let id = removal.record.map(|record| record.id.as_str());
            work.deliveries().set_state(delivery.id, state, id, now).await?;
        }
    })?;
    Ok(())
}

/// What the audit log says about a removal.
pub(crate) fn event(
    actor: &str,
    outcome: AuditOutcome,
    thumbprint: Thumbprint,
    detail: String,
) -> AuditEvent {
    AuditEvent {
        kind: AuditKind::CertificateWithdrawn,
        outcome,
        actor: actor.to_owned(),
        object: format!("certificate {thumbprint}"),
        detail,
    }
}
