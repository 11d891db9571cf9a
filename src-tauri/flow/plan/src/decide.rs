//! The decision about one subscriber.

use model::{
    Action, Certificate, CertificateId, CertificateNames, CertificateState, Ending, Handover, Hold, Intent,
    MailboxHolder, Purpose, Refusal, Skip, Span, Subscriber, SubscriberKind, Template, TemplateId, Timestamp,
};

use crate::endings;
use crate::holders::{self, Change};
use crate::holds;
use crate::names::{compose, profile_for};
use crate::text::shown;

/// All that is known about one subscriber.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// The subscriber.
    pub subscriber: &'a Subscriber,
    /// Certificates that are neither revoked nor superseded; those on hold too.
    pub certificates: &'a [Certificate],
    /// Templates with an enrollment under way.
    pub open: &'a [TemplateId],
    /// Orders that an authority refused lately.
    pub refused: &'a [Refusal],
    /// For a shared mailbox: who may use it.
    pub holders: &'a [MailboxHolder],
    /// For each certificate of a shared mailbox: to whom it is or will be delivered.
    pub delivered_to: &'a [Handover],
    /// Certificates that a newer one took the place of.
    pub superseded: &'a [Certificate],
    /// The names by which all those certificates were ordered.
    pub ordered: &'a [(CertificateId, CertificateNames)],
    /// Notices about them that are not done.
    pub endings: &'a [Ending],
    /// The holds that certificates among them are on.
    pub holds: &'a [Hold],
    /// When the last complete reading of the directory began: what was seen before it was seen twice.
    pub confirmed_at: Option<Timestamp>,
    /// For a shared mailbox: when the last complete reading of who may use it began.
    pub holders_confirmed_at: Option<Timestamp>,
    /// For a shared mailbox: whether `holders` names nobody who might have lost that right.
    pub holders_are_sure: bool,
}

/// What was decided about one subscriber.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    /// What is to be done.
    pub intents: Vec<Intent>,
    /// What cannot be done: at most one entry for each template.
    pub skips: Vec<Skip>,
    /// Certificates that are to end when a grace has passed: notices to be given.
    pub endings: Vec<Ending>,
    /// Notices to be taken back, since their cause is gone.
    pub retracted: Vec<CertificateId>,
    /// What stands in the way is not this subscriber's own: look again at the next cycle, though nothing about it changed.
    pub revisit: bool,
}

/// How long nothing is ordered again after an authority refused: whatever it names wants a person, not a repetition.
const REST_AFTER_REFUSAL: Span = Span::hours(24);

/// Decides about one subscriber.
pub fn decide(situation: &Situation<'_>, templates: &[Template], now: Timestamp) -> Decision {
    let mut decision = Decision::default();
    let subscriber = situation.subscriber;
    endings::decide(situation, templates, now, &mut decision);
    holds::lift(situation, templates, &mut decision);
    if subscriber.gone_at.is_some() {
        return decision;
    }
    for template in templates.iter().filter(|template| is_entitled(subscriber, template)) {
        if situation.open.contains(&template.id) {
            continue;
        }
        if let Some((held, hold)) = holds::in_use(situation, template.id) {
            if held.not_after <= now || renewal_is_due(held, template, now) {
                decision.skips.push(skip(subscriber, template, holds::sentence(held, hold)));
            }
            continue;
        }
        let (replaces, reason) = match newest(situation.certificates, template.id) {
            Some(certificate) if certificate.not_after <= now => {
                (Replaces::ended(certificate), enrollment_reason(subscriber, template, Some(certificate)))
            }
            Some(certificate) if renewal_is_due(certificate, template, now) => {
                (Replaces::ended(certificate), renewal_reason(certificate, template, now))
            }
            Some(certificate) => match endings::renamed(situation, template, certificate) {
                Some(change) => (Replaces::early(certificate), change.sentence()),
                None => match holders::change(situation, certificate, template) {
                    Change::None => continue,
                    Change::Told { why, revisit } => {
                        decision.revisit |= revisit;
                        decision.skips.push(skip(subscriber, template, why));
                        continue;
                    }
                    Change::Rekey(reason) => (Replaces::early(certificate), reason),
                },
            },
            None => (Replaces::Nothing, enrollment_reason(subscriber, template, None)),
        };
        if !situation.holders_are_sure {
            decision.revisit = true;
            let why = "who may use this mailbox is not known for sure, and until then nobody gets a new key: what is in doubt stands \
                       with the service `sync` (`sealwright service list`); one that [exchange] does not read, or Exchange does \
                       not list, gets none either";
            decision.skips.push(skip(subscriber, template, why.to_owned()));
            continue;
        }
        match intent(situation, template, replaces, reason) {
            Ok(intent) => match resting(situation.refused, &intent, template, now) {
                None => decision.intents.push(intent),
                Some(why) => {
                    decision.revisit = true;
                    decision.skips.push(skip(subscriber, template, why));
                }
            },
            Err(why) => decision.skips.push(skip(subscriber, template, why)),
        }
    }
    decision
}

/// What replaces this certificate because a person wants it, however long it still runs: the same that [`decide`] would
/// order if it ended today, and nothing that [`decide`] would not. A refusal of the last hours is no hindrance: whoever
/// orders by hand has mended it. Addresses that others claim too are for [`keep_unambiguous`].
///
/// # Errors
/// Why nothing may be ordered, as something that is said about the subscriber.
pub fn renewal(
    situation: &Situation<'_>,
    template: &Template,
    certificate: &Certificate,
) -> Result<Intent, String> {
    if situation.subscriber.gone_at.is_some() {
        return Err("is no longer in an enrollment group".to_owned());
    }
    entitlement(situation.subscriber, template)?;
    if let Some((held, hold)) = holds::in_use(situation, template.id) {
        return Err(format!("gets nothing new: {}", holds::sentence(held, hold)));
    }
    if situation.open.contains(&template.id) {
        return Err("has a new certificate on its way already; see Activity".to_owned());
    }
    let reason = format!("the certificate {} is renewed by hand", short(certificate));
    intent(situation, template, Replaces::ended(certificate), reason)
}

/// What a new certificate takes the place of.
#[derive(Clone, Copy)]
enum Replaces {
    /// It is the first.
    Nothing,
    /// One that ends, or that somebody wants renewed.
    Ended(CertificateId),
    /// One that would run on, with a former name or address, or whose key is not with those who may use the mailbox.
    Early(CertificateId),
}

impl Replaces {
    const fn ended(certificate: &Certificate) -> Self {
        Self::Ended(certificate.id)
    }
    const fn early(certificate: &Certificate) -> Self {
        Self::Early(certificate.id)
    }
    const fn id(self) -> Option<CertificateId> {
        match self {
            Self::Nothing => None,
            Self::Ended(id) | Self::Early(id) => Some(id),
        }
    }
}

/// Takes back mail certificates for addresses that several subscribers claim: mail for one must never be readable by
/// another. `namesakes` are other subscribers, not gone, that have one of the addresses.
pub fn keep_unambiguous(decision: Decision, subscriber: &Subscriber, namesakes: &[Subscriber]) -> Decision {
    let mut kept = Decision { intents: Vec::new(), ..decision };
    for intent in decision.intents {
        let Action::Enroll { names, .. } = &intent.action else {
            kept.intents.push(intent);
            continue;
        };
        let rival = namesakes.iter().find(|other| {
            other.id != subscriber.id
                && other.gone_at.is_none()
                && names.mail_addresses.iter().any(|mail| {
                    other.mail.iter().chain(&other.aliases).any(|theirs| theirs.eq_ignore_ascii_case(mail))
                })
        });
        match rival {
            None => kept.intents.push(intent),
            Some(other) => {
                kept.revisit = true;
                let mail = names.mail_addresses.first().cloned().unwrap_or_default();
                kept.skips.push(Skip {
                    subscriber: intent.subscriber,
                    who: intent.who,
                    template: intent.template_name,
                    why: format!(
                        "the mail address `{mail}` also belongs to {}; mail encrypted to it could reach the wrong \
                         person: leave the address with one account only",
                        display(other)
                    ),
                });
            }
        }
    }
    kept
}

/// The longest lead, before expiry, at which any of these templates can renew; what ends later needs no look.
pub fn latest_renewal_lead(templates: &[Template]) -> Span {
    let longest = templates
        .iter()
        .filter(|template| template.enabled)
        .map(|template| template.renew_before().as_millis())
        .max()
        .unwrap_or(0);
    Span::millis(longest + longest / JITTER_SHARE)
}

/// A tenth of the lead is spread over the fleet, so that certificates of one day are not all renewed on one day.
const JITTER_SHARE: i64 = 10;

/// When this certificate becomes due for renewal by its template: the lead of the template, plus up to a tenth of it,
/// fixed for each certificate by its thumbprint; never in the first half of its life. (An authority may shorten what was
/// asked for, to its own end for example; whatever is ordered then is as short, and would be renewed in every cycle.)
pub fn earliest_renewal(certificate: &Certificate, template: &Template) -> Timestamp {
    let lead = template.renew_before().as_millis();
    let share = i64::from(certificate.thumbprint.as_bytes()[0]);
    let jitter = lead / JITTER_SHARE * share / 255;
    let life = certificate.not_after.since(certificate.not_before).as_millis();
    let half = certificate.not_before + Span::millis(life / 2);
    (certificate.not_after - Span::millis(lead + jitter)).max(half)
}

fn renewal_is_due(certificate: &Certificate, template: &Template, now: Timestamp) -> bool {
    earliest_renewal(certificate, template) <= now
}

fn is_entitled(subscriber: &Subscriber, template: &Template) -> bool {
    entitlement(subscriber, template).is_ok()
}

/// Whether the template is for this subscriber.
///
/// # Errors
/// Why not, as something that is said about the subscriber.
pub fn entitlement(subscriber: &Subscriber, template: &Template) -> Result<(), String> {
    let assignment = &template.assignment;
    let name = &template.name;
    if !template.enabled {
        return Err(format!("gets nothing by the template `{name}`, which is switched off; enable it first"));
    }
    if !subscriber.groups.iter().any(|group| assignment.include.contains(group)) {
        return Err(format!("is in no enrollment group of the template `{name}`"));
    }
    if subscriber.groups.iter().any(|group| assignment.exclude.contains(group)) {
        return Err(format!("is in a group that the template `{name}` excludes"));
    }
    if subscriber.kind == SubscriberKind::SharedMailbox
        && !(assignment.shared_mailboxes && template.purpose == Purpose::Smime)
    {
        return Err(format!("is a shared mailbox, and the template `{name}` is for people only"));
    }
    Ok(())
}

/// The certificate that runs longest, or ran longest when all have ended.
pub(crate) fn newest(certificates: &[Certificate], template: TemplateId) -> Option<&Certificate> {
    certificates
        .iter()
        .filter(|certificate| {
            certificate.template == template && certificate.state == CertificateState::Valid
        })
        .max_by_key(|certificate| certificate.not_after)
}

/// Why nothing is ordered for the time being: the same order was refused. One with other names, or by a template that asks
/// for something else now, is another order.
fn resting(refused: &[Refusal], intent: &Intent, template: &Template, now: Timestamp) -> Option<String> {
    let Action::Enroll { names, profile, .. } = &intent.action else { return None };
    let same = |refusal: &&Refusal| {
        refusal.template == intent.template
            && refusal.names == *names
            && refusal.profile == *profile
            && (refusal.key, refusal.archive, refusal.validity_days)
                == (template.key, template.archive, template.validity_days)
    };
    let refusal = refused.iter().filter(same).max_by_key(|refusal| refusal.at)?;
    let again = refusal.at + REST_AFTER_REFUSAL;
    (again > now).then(|| {
        format!(
            "{} (on {}); mend that, then order again with `sealwright apply`, or wait: it is ordered again after {again}",
            shown(&refusal.why),
            refusal.at
        )
    })
}

fn intent(
    situation: &Situation<'_>,
    template: &Template,
    replaces: Replaces,
    reason: String,
) -> Result<Intent, String> {
    let subscriber = situation.subscriber;
    if subscriber.kind == SubscriberKind::Person && !subscriber.enabled {
        return Err("may not sign in (the account is blocked in Entra); unblock it, or take it out of the enrollment group".to_owned());
    }
    if subscriber.kind == SubscriberKind::SharedMailbox && situation.holders.is_empty() {
        return Err("is a shared mailbox and nobody is named who may use it; give somebody Full Access in Exchange where \
                    [exchange] is switched on in the settings, otherwise name a group of holders under [[mailboxes]]"
            .to_owned());
    }
    let names = compose(subscriber, template)?;
    Ok(Intent {
        subscriber: subscriber.id,
        who: display(subscriber),
        template: template.id,
        template_name: template.name.clone(),
        action: Action::Enroll {
            names,
            profile: profile_for(subscriber, template),
            replaces: replaces.id(),
            renamed: matches!(replaces, Replaces::Early(_)),
        },
        reason,
    })
}

fn enrollment_reason(subscriber: &Subscriber, template: &Template, lapsed: Option<&Certificate>) -> String {
    let who = match subscriber.kind {
        SubscriberKind::Person => "is in an enrollment group",
        SubscriberKind::SharedMailbox => "is a shared mailbox in an enrollment group",
    };
    match lapsed {
        Some(certificate) => format!(
            "{who} of `{}`, and the last certificate by it ended on {}",
            template.name,
            date(certificate.not_after)
        ),
        None => format!("{who} of `{}` and has no certificate by it", template.name),
    }
}

fn renewal_reason(certificate: &Certificate, template: &Template, now: Timestamp) -> String {
    let days = certificate.not_after.since(now).as_millis() / Span::days(1).as_millis();
    format!(
        "the certificate {} ends on {}, in {days} days; `{}` renews {} days before",
        short(certificate),
        date(certificate.not_after),
        template.name,
        template.renew_before_days
    )
}

/// The beginning of the thumbprint, by which people tell certificates apart.
pub(crate) fn short(certificate: &Certificate) -> String {
    certificate.thumbprint.to_string().chars().take(8).collect()
}

pub(crate) fn skip(subscriber: &Subscriber, template: &Template, why: String) -> Skip {
    Skip { subscriber: subscriber.id, who: display(subscriber), template: template.name.clone(), why }
}

pub(crate) fn display(subscriber: &Subscriber) -> String {
    let upn = shown(&subscriber.user_principal_name);
    match subscriber.display_name.as_deref().map(shown) {
        Some(name) if !name.is_empty() => format!("{name} ({upn})"),
        Some(_) | None => upn,
    }
}

pub(crate) fn date(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}
