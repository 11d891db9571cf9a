//! Which certificates end before their time, and which new names want a new one.
//!
//! A cause is noticed first and acted upon when the grace of the template has passed *and* a later complete reading of the
//! directory has shown it again: a page that was cut short, or a group that somebody emptied by mistake, revokes nothing.

use model::{
    Action, Certificate, CertificateNames, CertificateState, Ending, EndingCause, Intent, Span, Subscriber,
    SubscriberKind, Template, Timestamp, WhenDisabled,
};

use crate::decide::{Decision, Situation, date, display, short};
use crate::holders;
use crate::holds;
use crate::names::compose;
use crate::text::shown;

/// Decides which notices are given and taken back, and which have come due.
pub(crate) fn decide(
    situation: &Situation<'_>,
    templates: &[Template],
    now: Timestamp,
    decision: &mut Decision,
) {
    let known = |id| situation.certificates.iter().chain(situation.superseded).any(|one| one.id == id);
    // Revoked meanwhile, by whoever it was.
    let obsolete = situation.endings.iter().filter(|ending| !known(ending.certificate));
    decision.retracted.extend(obsolete.map(|ending| ending.certificate));
    for certificate in situation.certificates.iter().chain(situation.superseded) {
        let counts = matches!(
            certificate.state,
            CertificateState::Valid | CertificateState::Superseded | CertificateState::Held
        );
        let noted = situation.endings.iter().find(|ending| ending.certificate == certificate.id);
        let template = templates.iter().find(|template| template.id == certificate.template);
        let wanted = template
            .filter(|_| counts && certificate.not_after > now)
            .and_then(|template| cause(situation, template, certificate).map(|cause| (template, cause)));
        match (wanted, noted) {
            (None, None) => {}
            (None, Some(noted)) => decision.retracted.push(noted.certificate),
            (Some((_, (cause, grace))), None) => {
                decision.endings.push(notice(situation, certificate, cause, grace, now));
            }
            // Whoever left after a change of name has the grace of those who leave, and the other way round. What is confirmed
            // by another reading begins anew, too.
            (Some((_, (cause, grace))), Some(noted)) if is_another(noted, cause, grace) => {
                decision.retracted.push(noted.certificate);
                decision.endings.push(notice(situation, certificate, cause, grace, now));
            }
            (Some((template, (cause, _))), Some(noted)) => {
                let is_confirmed = match cause {
                    // The mailbox goes on with this certificate until another took its place.
                    EndingCause::HolderLeft => {
                        certificate.state == CertificateState::Superseded
                            && holders::is_confirmed(situation, noted.since)
                    }
                    EndingCause::Gone
                    | EndingCause::LeftGroup
                    | EndingCause::Renamed
                    | EndingCause::Disabled => {
                        situation.confirmed_at.is_some_and(|confirmed| noted.since < confirmed)
                    }
                };
                let is_due = noted.due_at <= now && is_confirmed;
                if is_due {
                    decision.intents.push(end(situation, template, certificate, noted, cause));
                }
            }
        }
    }
}

/// Whether a notice is about something else than what is the case now. Whether blocked accounts end certificates or only put
/// them on hold is told by the grace: a template that says otherwise now begins anew.
fn is_another(noted: &Ending, cause: EndingCause, grace: u32) -> bool {
    kind(noted.cause) != kind(cause)
        || (cause == EndingCause::Disabled && noted.due_at != noted.since + Span::days(i64::from(grace)))
}

/// Causes of one kind have the same grace, and the same reading confirms them.
const fn kind(cause: EndingCause) -> u8 {
    match cause {
        EndingCause::Gone | EndingCause::LeftGroup => 0,
        EndingCause::Renamed => 1,
        EndingCause::HolderLeft => 2,
        EndingCause::Disabled => 3,
    }
}

/// Why a certificate is to end, and the days of grace; `None` when it is not, or when the template lets it run on.
fn cause(
    situation: &Situation<'_>,
    template: &Template,
    certificate: &Certificate,
) -> Option<(EndingCause, u32)> {
    let subscriber = situation.subscriber;
    let policy = template.ending;
    let is_blocked = holds::is_blocked(subscriber);
    // Before anything that has a grace: a hold costs nothing that cannot be given back.
    if is_blocked && policy.disabled == WhenDisabled::Hold && certificate.state != CertificateState::Held {
        return Some((EndingCause::Disabled, 0));
    }
    if let Some(days) = policy.leaver_days {
        if subscriber.gone_at.is_some() {
            return Some((EndingCause::Gone, days));
        }
        if !is_member(subscriber, template) {
            return Some((EndingCause::LeftGroup, days));
        }
        if subscriber.kind == SubscriberKind::SharedMailbox
            && holders::went(situation, certificate).next().is_some()
        {
            return Some((EndingCause::HolderLeft, days));
        }
        if is_blocked && policy.disabled == WhenDisabled::Revoke {
            return Some((EndingCause::Disabled, days));
        }
    }
    // A former name stays in use until a certificate with the new one has taken its place.
    if subscriber.gone_at.is_some() || certificate.state != CertificateState::Superseded {
        return None;
    }
    renamed(situation, template, certificate).map(|change| (EndingCause::Renamed, change.days))
}

/// Whether the groups say that the template is for this subscriber. A template that is switched off orders nothing new, and
/// takes nothing away.
fn is_member(subscriber: &Subscriber, template: &Template) -> bool {
    let assignment = &template.assignment;
    subscriber.groups.iter().any(|group| assignment.include.contains(group))
        && !subscriber.groups.iter().any(|group| assignment.exclude.contains(group))
}

fn notice(
    situation: &Situation<'_>,
    certificate: &Certificate,
    cause: EndingCause,
    days: u32,
    now: Timestamp,
) -> Ending {
    // The grace of who left runs from the day they were missed; the second look has to come after the notice.
    let begun = match cause {
        EndingCause::Gone => situation.subscriber.gone_at.unwrap_or(now).min(now),
        EndingCause::LeftGroup | EndingCause::Renamed | EndingCause::HolderLeft | EndingCause::Disabled => {
            now
        }
    };
    Ending {
        certificate: certificate.id,
        subscriber: situation.subscriber.id,
        cause,
        since: now,
        due_at: begun + Span::days(i64::from(days)),
    }
}

/// The revocation, or the hold, that a notice comes to.
fn end(
    situation: &Situation<'_>,
    template: &Template,
    certificate: &Certificate,
    noted: &Ending,
    cause: EndingCause,
) -> Intent {
    let reason = match cause {
        EndingCause::Gone => {
            let by = date(situation.subscriber.gone_at.unwrap_or(noted.since));
            format!("left every enrollment group, or the organisation, by {by}")
        }
        EndingCause::LeftGroup => {
            format!("is in no enrollment group of `{}` since {}", template.name, date(noted.since))
        }
        EndingCause::Renamed => {
            format!("the certificate {} has a former name or address, and was replaced", short(certificate))
        }
        EndingCause::HolderLeft => format!(
            "the key of {} is with somebody who may no longer use the mailbox, and was replaced",
            short(certificate)
        ),
        EndingCause::Disabled => {
            format!("the account is blocked in Entra, as was seen first on {}", date(noted.since))
        }
    };
    let (certificate, thumbprint) = (certificate.id, certificate.thumbprint);
    let action = if cause == EndingCause::Disabled && template.ending.disabled == WhenDisabled::Hold {
        Action::Hold { certificate, thumbprint }
    } else {
        Action::Revoke { certificate, thumbprint, cause }
    };
    Intent {
        subscriber: situation.subscriber.id,
        who: display(situation.subscriber),
        template: template.id,
        template_name: template.name.clone(),
        action,
        reason,
    }
}

/// A name or address that differs from the one that a certificate was ordered by.
pub(crate) struct Change {
    what: &'static str,
    before: String,
    after: String,
    days: u32,
}

impl Change {
    /// The reason of the order for the new certificate.
    pub(crate) fn sentence(&self) -> String {
        format!("the {} changed from `{}` to `{}`", self.what, shown(&self.before), shown(&self.after))
    }
}

/// What changed about the subscriber since this certificate was ordered, as far as it stands in the certificate; `None` when
/// nothing did, or when the template lets it run on.
///
/// Only what identifies somebody counts: addresses, sign-in name, security identifier, first and family name. A display name
/// alone does not, nor what the template says about the organisation: an edited template shall not replace ten thousand
/// certificates that are paid for.
pub(crate) fn renamed(
    situation: &Situation<'_>,
    template: &Template,
    certificate: &Certificate,
) -> Option<Change> {
    let days = template.ending.renamed_days?;
    let (_, before) = situation.ordered.iter().find(|(id, _)| *id == certificate.id)?;
    let after = compose(situation.subscriber, template).ok()?;
    let (what, before, after) = difference(before, &after)?;
    Some(Change { what, before, after, days })
}

fn difference(before: &CertificateNames, after: &CertificateNames) -> Option<(&'static str, String, String)> {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    if let (Some(old), Some(new)) = (before.mail_addresses.first(), after.mail_addresses.first())
        && !same(old, new)
    {
        return Some(("mail address", old.clone(), new.clone()));
    }
    let texts = [
        ("sign-in name", &before.user_principal_name, &after.user_principal_name),
        ("security identifier", &before.security_identifier, &after.security_identifier),
    ];
    // What was not told, or is asked for only since the template was changed, is no change.
    for (what, old, new) in texts {
        if let (Some(old), Some(new)) = (old, new)
            && !same(old, new)
        {
            return Some((what, old.clone(), new.clone()));
        }
    }
    for (what, old, new) in [
        ("first name", &before.given_name, &after.given_name),
        ("family name", &before.surname, &after.surname),
    ] {
        if let (Some(old), Some(new)) = (old, new)
            && old != new
        {
            return Some((what, old.clone(), new.clone()));
        }
    }
    None
}
