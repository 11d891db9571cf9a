//! Looks once more, before money is spent or a key is handed over, whether the person is still there.
//!
//! Between the plan and a station hours may pass: an authority that takes its time, an Intune that is down.

use model::{Delivery, Enrollment, SubscriberKind};

use crate::{Bench, StepError};

/// Whether the subscriber may still get what was planned. Asked only before anything was ordered.
pub(crate) async fn entitled(bench: &Bench, enrollment: &Enrollment) -> Result<(), StepError> {
    let found = bench.store.read().await?.subscribers().lookup(enrollment.subscriber).await?;
    let gone = match &found {
        None => true,
        Some(subscriber) => subscriber.gone_at.is_some(),
    };
    let blocked =
        found.is_some_and(|subscriber| subscriber.kind == SubscriberKind::Person && !subscriber.enabled);
    if gone || blocked {
        let what = if gone { "left the enrollment groups" } else { "was blocked in Entra" };
        return Err(StepError::Rejected {
            text: format!(
                "{} {what} before anything was ordered; nothing was ordered",
                enrollment.user_principal_name
            ),
        });
    }
    Ok(())
}

/// The sign-in name to which a delivery goes: the present one of whoever it was decided for.
pub(crate) async fn receiver(bench: &Bench, delivery: &Delivery) -> Result<String, StepError> {
    let found = bench.store.read().await?.subscribers().lookup(delivery.person).await?;
    match found {
        // Holders of mailboxes need not be in an enrollment group; nothing more is known about them than their name.
        None => Ok(delivery.user_principal_name.clone()),
        Some(person) if person.gone_at.is_some() || !person.enabled => Err(StepError::Stuck {
            text: format!(
                "{} left or was blocked before the key was delivered; revoke the certificate, or try again when the \
                 person is back",
                delivery.user_principal_name
            ),
        }),
        Some(person) => Ok(person.user_principal_name),
    }
}
