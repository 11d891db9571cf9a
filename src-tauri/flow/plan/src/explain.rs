//! What the plan says about one subscriber, template by template: also where nothing is to be done, and why.

use model::{Action, CertificateId, Subscriber, Template, TemplateId, Timestamp};

use crate::decide::{Decision, Situation, date, earliest_renewal, entitlement, newest, short};
use crate::holds;

/// What the plan says about one subscriber and one template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Which template.
    pub template: TemplateId,
    /// Its name.
    pub template_name: String,
    /// In a word.
    pub answer: Answer,
    /// Why, as something that is said about the subscriber.
    pub reason: String,
    /// The certificate by this template that runs, or ran, longest; none where there never was one.
    pub certificate: Option<CertificateId>,
}

/// The word for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// A first certificate is to be ordered.
    Enroll,
    /// A certificate that ends soon, or has ended, is to be followed by another.
    Renew,
    /// A certificate with a former name or address is to be replaced.
    Replace,
    /// Something would be ordered, or somebody served, and cannot be.
    Hindered,
    /// An enrollment is under way.
    UnderWay,
    /// There is a certificate, and nothing to be done about it.
    Covered,
    /// The template is not for this subscriber.
    NotEntitled,
}

impl Answer {
    /// All answers.
    pub const ALL: [Self; 7] = [
        Self::Enroll,
        Self::Renew,
        Self::Replace,
        Self::Hindered,
        Self::UnderWay,
        Self::Covered,
        Self::NotEntitled,
    ];

    /// A stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enroll => "enroll",
            Self::Renew => "renew",
            Self::Replace => "replace",
            Self::Hindered => "hindered",
            Self::UnderWay => "underWay",
            Self::Covered => "covered",
            Self::NotEntitled => "notEntitled",
        }
    }
}

/// Tells a decision template by template. `decision` is what [`crate::decide`] made of the same situation, and
/// [`crate::keep_unambiguous`] left of it.
pub fn explain(
    situation: &Situation<'_>,
    decision: &Decision,
    templates: &[Template],
    now: Timestamp,
) -> Vec<Verdict> {
    templates.iter().map(|template| verdict(situation, decision, template, now)).collect()
}

fn verdict(situation: &Situation<'_>, decision: &Decision, template: &Template, now: Timestamp) -> Verdict {
    let suspended = holds::in_use(situation, template.id);
    let held = newest(situation.certificates, template.id).or(suspended.map(|(certificate, _)| certificate));
    let (answer, reason) = ordered(decision, template)
        .or_else(|| hindered(decision, template))
        .or_else(|| unentitled(situation.subscriber, template))
        .unwrap_or_else(|| {
            if situation.open.contains(&template.id) {
                return (Answer::UnderWay, "an enrollment is under way; see Activity".to_owned());
            }
            if let Some((certificate, hold)) = suspended {
                return (Answer::Hindered, holds::sentence(certificate, hold));
            }
            let Some(certificate) = held.filter(|held| held.not_after > now) else {
                // The plan either orders, or says what hinders it.
                return (Answer::Hindered, "the plan decided nothing about this template".to_owned());
            };
            let renewed = earliest_renewal(certificate, template);
            let until = date(certificate.not_after);
            let reason = format!(
                "the certificate {} runs until {until} and is renewed from {} on",
                short(certificate),
                date(renewed)
            );
            (Answer::Covered, reason)
        });
    Verdict {
        template: template.id,
        template_name: template.name.clone(),
        answer,
        reason,
        certificate: held.map(|certificate| certificate.id),
    }
}

fn ordered(decision: &Decision, template: &Template) -> Option<(Answer, String)> {
    let mut of_template = decision.intents.iter().filter(|intent| intent.template == template.id);
    of_template.find_map(|intent| {
        let answer = match &intent.action {
            Action::Enroll { replaces: None, .. } => Answer::Enroll,
            Action::Enroll { renamed: true, .. } => Answer::Replace,
            Action::Enroll { .. } => Answer::Renew,
            // It is about a certificate; notices tell of it.
            Action::Revoke { .. } | Action::Hold { .. } | Action::Release { .. } => return None,
        };
        Some((answer, intent.reason.clone()))
    })
}

fn hindered(decision: &Decision, template: &Template) -> Option<(Answer, String)> {
    let whys: Vec<&str> = decision
        .skips
        .iter()
        .filter(|skip| skip.template == template.name)
        .map(|skip| skip.why.as_str())
        .collect();
    (!whys.is_empty()).then(|| (Answer::Hindered, whys.join("; ")))
}

fn unentitled(subscriber: &Subscriber, template: &Template) -> Option<(Answer, String)> {
    let reason = match subscriber.gone_at {
        Some(at) => format!("left every enrollment group, or the organisation, by {}", date(at)),
        None => entitlement(subscriber, template).err()?,
    };
    Some((Answer::NotEntitled, reason))
}
