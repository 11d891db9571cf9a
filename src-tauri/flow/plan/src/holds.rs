//! Certificates on hold: nothing takes their place, and the plan lifts what it put on hold itself.

use model::{
    Action, Certificate, CertificateState, Hold, HoldCause, HoldState, Intent, Subscriber, SubscriberKind,
    Template, TemplateId, WhenDisabled,
};

use crate::decide::{Decision, Situation, date, display, short};

/// Whether the account is blocked, as a person's is. Nobody signs in as a shared mailbox, whose account is always blocked; and
/// of whoever is gone nothing is known any more.
pub(crate) fn is_blocked(subscriber: &Subscriber) -> bool {
    subscriber.kind == SubscriberKind::Person && !subscriber.enabled && subscriber.gone_at.is_none()
}

/// The certificate by a template that would be in use were it not on hold, with its hold.
pub(crate) fn in_use<'a>(
    situation: &Situation<'a>,
    template: TemplateId,
) -> Option<(&'a Certificate, &'a Hold)> {
    let certificates: &'a [Certificate] = situation.certificates;
    let holds: &'a [Hold] = situation.holds;
    let hold_of = |one: &Certificate| holds.iter().find(|hold| hold.certificate == one.id);
    let counts = |one: &&Certificate| match one.state {
        CertificateState::Valid => true,
        CertificateState::Held => hold_of(one).is_none_or(|hold| hold.was == CertificateState::Valid),
        CertificateState::Revoking | CertificateState::Revoked | CertificateState::Superseded => false,
    };
    let of_template = certificates.iter().filter(|one| one.template == template).filter(counts);
    let newest = of_template.max_by_key(|one| one.not_after)?;
    if newest.state == CertificateState::Held { Some((newest, hold_of(newest)?)) } else { None }
}

/// Why nothing is ordered in the place of a certificate on hold.
pub(crate) fn sentence(certificate: &Certificate, hold: &Hold) -> String {
    let (which, since) = (short(certificate), date(hold.since));
    match hold.cause {
        HoldCause::ByHand => format!(
            "the certificate {which} is on hold since {since}, and nothing takes its place: lift that with `sealwright \
             certificate release`, or revoke it"
        ),
        HoldCause::Disabled => format!(
            "the certificate {which} is on hold since {since}, and nothing takes its place while the account is blocked in Entra; \
             unblock it, or take it out of the enrollment group"
        ),
    }
}

/// Lifts the holds of blocked accounts that are no longer blocked, or that the template no longer asks for.
pub(crate) fn lift(situation: &Situation<'_>, templates: &[Template], decision: &mut Decision) {
    let subscriber = situation.subscriber;
    if subscriber.gone_at.is_some() || subscriber.kind != SubscriberKind::Person {
        return;
    }
    for hold in situation.holds {
        let found = situation.certificates.iter().find(|one| one.id == hold.certificate);
        let Some(certificate) = found.filter(|one| one.state == CertificateState::Held) else { continue };
        let Some(template) = templates.iter().find(|one| one.id == certificate.template) else { continue };
        if hold.cause != HoldCause::Disabled || hold.state == HoldState::Lifting {
            continue;
        }
        let reason = if subscriber.enabled {
            "the account is no longer blocked in Entra".to_owned()
        } else if template.ending.disabled == WhenDisabled::Nothing {
            format!("the template `{}` no longer asks for holds", template.name)
        } else {
            continue;
        };
        decision.intents.push(Intent {
            subscriber: subscriber.id,
            who: display(subscriber),
            template: template.id,
            template_name: template.name.clone(),
            action: Action::Release { certificate: certificate.id, thumbprint: certificate.thumbprint },
            reason,
        });
    }
}
