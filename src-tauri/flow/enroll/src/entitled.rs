//! Looks once more, before money is spent or a key is handed over, whether the person is still there and is to have it.
//!
//! Between the plan and a station hours may pass: an authority that takes its time, an Intune that is down. And who may
//! order by hand can write enrollments, but neither people nor templates: what is certified follows from those alone.

use model::{AuthorityId, Delivery, Enrollment, Subscriber, SubscriberKind, Template};

use crate::{Bench, StepError};

/// Whether the subscriber may still get what was planned, and whether the plan would still decide so: what an enrollment
/// says of itself (names, kind of key, archive, authority) is believed only as far as directory and template say the same.
/// Asked only before anything was ordered. Gives the template.
pub(crate) async fn entitled(bench: &Bench, enrollment: &Enrollment) -> Result<Template, StepError> {
    let mut work = bench.store.read().await?;
    let subscriber = work.subscribers().lookup(enrollment.subscriber).await?;
    let template = work.templates().lookup(enrollment.template).await?.map(|found| found.template);
    let authority = match &template {
        Some(template) => work.authorities().find(&template.authority).await?.map(|found| found.id),
        None => None,
    };
    drop(work);
    let why = match (subscriber, template) {
        (None, _) => "left the enrollment groups before anything was ordered".to_owned(),
        (Some(_), None) => "has a template that no longer exists".to_owned(),
        (Some(subscriber), Some(template)) => {
            match deviation(&subscriber, &template, authority, enrollment) {
                None => return Ok(template),
                Some(why) => why,
            }
        }
    };
    Err(StepError::Rejected {
        text: format!("{} {why}; nothing was ordered", enrollment.user_principal_name),
    })
}

/// Why the enrollment is not what would be decided now; said about the subscriber.
fn deviation(
    subscriber: &Subscriber,
    template: &Template,
    authority: Option<AuthorityId>,
    enrollment: &Enrollment,
) -> Option<String> {
    if subscriber.gone_at.is_some() {
        return Some("left the enrollment groups before anything was ordered".to_owned());
    }
    if subscriber.kind == SubscriberKind::Person && !subscriber.enabled {
        return Some("was blocked in Entra before anything was ordered".to_owned());
    }
    if let Err(why) = plan::entitlement(subscriber, template) {
        return Some(why);
    }
    match plan::compose(subscriber, template) {
        Err(why) => return Some(why),
        Ok(names) if names != enrollment.names => {
            return Some("has other names by now than those that were to be certified".to_owned());
        }
        Ok(_) => {}
    }
    let planned = (enrollment.profile, enrollment.key, enrollment.archive, enrollment.validity_days);
    let present =
        (plan::profile_for(subscriber, template), template.key, template.archive, template.validity_days);
    (planned != present || authority != Some(enrollment.authority)).then(|| {
        format!("is to get something else by the template `{}` than what was planned", template.name)
    })
}

/// Who may be given the key: whom the certificate names, or the people of a shared mailbox.
pub(crate) async fn may_hold(
    bench: &Bench,
    enrollment: &Enrollment,
    delivery: &Delivery,
) -> Result<(), StepError> {
    if delivery.person == enrollment.subscriber {
        return Ok(());
    }
    let holders = bench.store.read().await?.subscribers().holders(enrollment.subscriber).await?;
    if holders.iter().any(|holder| holder.person == delivery.person) {
        return Ok(());
    }
    Err(StepError::Stuck {
        text: format!(
            "{} is neither the owner of this certificate nor named as one who may use the mailbox, and gets no key; if \
             that is wrong, give that person the right to use it again and try again, otherwise revoke the certificate",
            delivery.user_principal_name
        ),
    })
}

/// The sign-in name to which a delivery goes: the present one of whoever it was decided for.
pub(crate) async fn receiver(
    bench: &Bench,
    enrollment: &Enrollment,
    delivery: &Delivery,
) -> Result<String, StepError> {
    let found = bench.store.read().await?.subscribers().lookup(delivery.person).await?;
    match found {
        // Holders of mailboxes need not be in an enrollment group; nothing more is known about them than the name that was
        // read of them, which is not left to whoever can write a delivery.
        None => {
            let holders = bench.store.read().await?.subscribers().holders(enrollment.subscriber).await?;
            let named = holders.into_iter().find(|holder| holder.person == delivery.person);
            named.map(|holder| holder.user_principal_name).ok_or_else(|| StepError::Stuck {
                text: format!(
                    "{} is not known any more; try again when the directory was read, or revoke the certificate",
                    delivery.user_principal_name
                ),
            })
        }
        // Who left the enrollment groups may use a mailbox all the same.
        Some(person)
            if (person.gone_at.is_some() && person.id == enrollment.subscriber) || !person.enabled =>
        {
            Err(StepError::Stuck {
                text: format!(
                    "{} left or was blocked before the key was delivered; revoke the certificate, or try again when the \
                 person is back",
                    delivery.user_principal_name
                ),
            })
        }
        Some(person) => Ok(person.user_principal_name),
    }
}
