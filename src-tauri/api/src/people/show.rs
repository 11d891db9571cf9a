//! Reading people.

use std::collections::BTreeMap;

use lifecycle::Outlook;
use model::{
    Action, Certificate, CertificateId, Ending, EnrollmentId, Publication, Purpose, Subscriber, SubscriberId,
    SubscriberKind, Template, Thumbprint, Timestamp,
};
use store::{
    CertificateFilter, CertificateOrder, Entitlement, PageRequest, SubscriberFilter, SubscriberStanding,
    SubscriberSummary, Work,
};

use super::{
    EndingLine, ListPeople, PeoplePage, PersonCertificate, PersonDetails, PersonDetailsRequest, PersonEvent,
    PersonGroup, PersonLine, VerdictLine,
};
use crate::activity::{journal_line, parse_id, word};
use crate::certificates::{certificate_line, delivery_lines};
use crate::overview::clamp;
use crate::{ErrorCode, Host, WireError};

/// How many rows are counted before the console says "10,000+".
const COUNT_LIMIT: u64 = 10_000;
/// Most certificates of one person that are told.
const CERTIFICATES: u32 = 20;
/// Most enrollments whose journals are told.
const JOURNALS: usize = 6;

pub(crate) async fn list_people(host: &dyn Host, request: ListPeople) -> Result<PeoplePage, WireError> {
    let now = host.clock().now();
    let mut filter = filter(&request, now)?;
    let first = request.after.is_none();
    let mut work = host.store().read().await?;
    let templates: Vec<Template> =
        work.templates().list().await?.into_iter().map(|found| found.template).collect();
    filter.entitlements = templates.iter().filter_map(entitlement).collect();
    let page = PageRequest { after: request.after, limit: request.limit.clamp(1, 500) };
    let page = work.subscribers().list(&filter, &page).await?;
    let total = if first { Some(work.subscribers().count_listed(&filter, COUNT_LIMIT).await?) } else { None };
    let ids: Vec<SubscriberId> = page.rows.iter().map(|one| one.id).collect();
    let summaries = work.subscribers().summaries(&ids, now).await?;
    Ok(PeoplePage {
        rows: page.rows.iter().zip(&summaries).map(|(one, summary)| line(one, summary, &templates)).collect(),
        next: page.next,
        total: total.map(clamp),
        total_is_floor: total.is_some_and(|count| count >= COUNT_LIMIT),
        at: now.to_string(),
    })
}

fn filter(request: &ListPeople, now: Timestamp) -> Result<SubscriberFilter, WireError> {
    let kind = match request.kind.as_deref() {
        None => None,
        Some("person") => Some(SubscriberKind::Person),
        Some("sharedMailbox") => Some(SubscriberKind::SharedMailbox),
        Some(other) => {
            return Err(WireError::new(
                ErrorCode::Invalid,
                format!("`{other}` is not a kind of subscriber"),
                "use person or sharedMailbox",
            ));
        }
    };
    let standing = match request.standing.as_deref() {
        None => None,
        Some("covered") => Some(SubscriberStanding::Covered),
        Some("partly") => Some(SubscriberStanding::Partly),
        Some("lacking") => Some(SubscriberStanding::Lacking),
        Some("hindered") => Some(SubscriberStanding::Hindered),
        Some("leaving") => Some(SubscriberStanding::Leaving),
        Some(other) => {
            return Err(WireError::new(
                ErrorCode::Invalid,
                format!("people cannot be listed by `{other}`"),
                "use covered, partly, lacking, hindered or leaving",
            ));
        }
    };
    Ok(SubscriberFilter {
        search: request.search.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
        kind,
        standing: standing.map(|one| (one, now)),
        entitlements: Vec::new(),
    })
}

/// To whom a template gives certificates, as the store asks it of many; [`plan::entitlement`] says it of one. `None` where it
/// gives none to anybody.
fn entitlement(template: &Template) -> Option<Entitlement> {
    let assignment = &template.assignment;
    (template.enabled && !assignment.include.is_empty()).then(|| Entitlement {
        template: template.id,
        include: assignment.include.clone(),
        exclude: assignment.exclude.clone(),
        mailboxes: assignment.shared_mailboxes && template.purpose == Purpose::Smime,
    })
}

fn line(one: &Subscriber, summary: &SubscriberSummary, templates: &[Template]) -> PersonLine {
    // By how many templates there is a certificate, of how many by which there is one or should be.
    let held = summary.held.len();
    let missing = templates
        .iter()
        .filter(|template| !summary.held.contains(&template.id) && plan::entitlement(one, template).is_ok())
        .count();
    let name = one.display_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let standing = if one.gone_at.is_some() {
        "gone"
    } else if summary.notices > 0 {
        "leaving"
    } else if !summary.hindrances.is_empty() {
        "hindered"
    } else if held > 0 && missing > 0 {
        "partly"
    } else if held > 0 {
        "covered"
    } else {
        "lacking"
    };
    PersonLine {
        id: one.id.to_string(),
        kind: word(one.kind),
        name: name.unwrap_or(&one.user_principal_name).to_owned(),
        user_principal_name: one.user_principal_name.clone(),
        mail: one.mail.clone(),
        enabled: one.enabled,
        standing: standing.to_owned(),
        gone_at: one.gone_at.map(|at| at.to_string()),
        valid: clamp(summary.valid),
        held: clamp(held as u64),
        wanted: clamp((held + missing) as u64),
        ends_at: summary.ends_at.map(|at| at.to_string()),
        notices: clamp(summary.notices),
        hindrances: summary.hindrances.clone(),
    }
}

pub(crate) async fn person_details(
    host: &dyn Host,
    request: PersonDetailsRequest,
) -> Result<PersonDetails, WireError> {
    let id: SubscriberId = parse_id("person", &request.id)?;
    let now = host.clock().now();
    let mut work = host.store().read().await?;
    let outlook = lifecycle::outlook(work.as_mut(), id, now).await?;
    let Some(outlook) = outlook else { return Err(WireError::not_found("person")) };
    let summary = work.subscribers().summaries(&[id], now).await?.into_iter().next().unwrap_or_default();
    let templates: Vec<Template> =
        work.templates().list().await?.into_iter().map(|found| found.template).collect();
    let filter = CertificateFilter { subscriber: Some(id), ..CertificateFilter::default() };
    let order = CertificateOrder::Newest;
    let page = work.certificates().list(&filter, order, &PageRequest::first(CERTIFICATES)).await?;
    let mut certificates = Vec::with_capacity(page.rows.len());
    let publications = work.publications().of(Publication::EXCHANGE, id).await?;
    let mut told = open_enrollments(work.as_mut(), &outlook, &templates).await?;
    for row in &page.rows {
        let deliveries = work.deliveries().list(row.certificate.id).await?;
        let canaries = work.canaries().list(row.certificate.id).await?;
        certificates.push(PersonCertificate {
            line: certificate_line(row, now),
            thumbprint: row.certificate.thumbprint.to_string(),
            deliveries: delivery_lines(deliveries, &canaries),
            published: publications
                .iter()
                .find(|one| one.certificate == row.certificate.id)
                .map(|one| one.state.name().to_owned()),
        });
        told.push((row.certificate.enrollment, row.template_name.clone()));
    }
    told.truncate(JOURNALS);
    let events = events(work.as_mut(), told).await?;
    let Outlook { row, verdicts, .. } = &outlook;
    let one = &row.subscriber;
    Ok(PersonDetails {
        at: now.to_string(),
        line: line(one, &summary, &templates),
        given_name: one.given_name.clone(),
        surname: one.surname.clone(),
        aliases: one.aliases.clone(),
        security_identifier: one.on_premises_sid.clone(),
        seen_at: one.seen_at.to_string(),
        groups: groups(one, &templates),
        holders: row.holders.iter().map(|holder| holder.user_principal_name.clone()).collect(),
        verdicts: verdicts
            .iter()
            .map(|verdict| VerdictLine {
                template_id: verdict.template.to_string(),
                template: verdict.template_name.clone(),
                answer: verdict.answer.word().to_owned(),
                reason: verdict.reason.clone(),
                certificate: verdict.certificate.map(|id| id.to_string()),
            })
            .collect(),
        certificates,
        more_certificates: page.next.is_some(),
        endings: endings(&outlook),
        confirmed_at: outlook.confirmed_at.map(|at| at.to_string()),
        events,
    })
}

/// Enrollments that have no certificate yet, with the names of their templates.
async fn open_enrollments(
    work: &mut dyn Work,
    outlook: &Outlook,
    templates: &[Template],
) -> Result<Vec<(EnrollmentId, String)>, WireError> {
    let mut open = Vec::new();
    for template in templates.iter().filter(|template| outlook.row.open.contains(&template.id)) {
        let found = work.enrollments().find_open(outlook.row.subscriber.id, template.id).await?;
        open.extend(found.map(|enrollment| (enrollment.id, template.name.clone())));
    }
    Ok(open)
}

async fn events(
    work: &mut dyn Work,
    enrollments: Vec<(EnrollmentId, String)>,
) -> Result<Vec<PersonEvent>, WireError> {
    let mut events = Vec::new();
    for (enrollment, template) in enrollments {
        for entry in work.enrollments().journal(enrollment).await? {
            let event = PersonEvent {
                enrollment: enrollment.to_string(),
                template: template.clone(),
                line: journal_line(entry.clone()),
            };
            events.push((entry.at, event));
        }
    }
    // Stable: lines of one moment stay in the order of their journal, the last in front.
    events.reverse();
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(events.into_iter().map(|(_, event)| event).collect())
}

fn groups(one: &Subscriber, templates: &[Template]) -> Vec<PersonGroup> {
    let named = |is: &dyn Fn(&Template) -> bool| {
        templates.iter().filter(|template| is(template)).map(|template| template.name.clone()).collect()
    };
    one.groups
        .iter()
        .map(|group| PersonGroup {
            id: group.to_string(),
            includes: named(&|template| template.assignment.include.contains(group)),
            excludes: named(&|template| template.assignment.exclude.contains(group)),
        })
        .collect()
}

/// Notices that are there or will be given, with what the next cycle does about each; the next to come due first.
fn endings(outlook: &Outlook) -> Vec<EndingLine> {
    let Outlook { row, decision, .. } = outlook;
    let known: BTreeMap<CertificateId, &Certificate> =
        row.certificates.iter().chain(&row.superseded).map(|one| (one.id, one)).collect();
    let is_due = |id: CertificateId| {
        decision
            .intents
            .iter()
            .any(|intent| matches!(intent.action, Action::Revoke { certificate, .. } | Action::Hold { certificate, .. } if certificate == id))
    };
    // One that is given anew takes the place of the one that is taken back.
    let stays = row
        .endings
        .iter()
        .filter(|one| !decision.endings.iter().any(|planned| planned.certificate == one.certificate));
    let mut found: Vec<(&Ending, &str)> = stays
        .map(|one| {
            let state = if decision.retracted.contains(&one.certificate) {
                "retracted"
            } else if is_due(one.certificate) {
                "due"
            } else {
                "noted"
            };
            (one, state)
        })
        .chain(decision.endings.iter().map(|one| (one, "planned")))
        .collect();
    found.sort_by_key(|(one, _)| (one.due_at, one.certificate));
    found
        .into_iter()
        .filter_map(|(one, state)| {
            // Of what was revoked meanwhile, only the notice is left.
            let certificate = known.get(&one.certificate)?;
            Some(ending_line(one, certificate.thumbprint, &certificate.mail, state))
        })
        .collect()
}

pub(crate) fn ending_line(one: &Ending, thumbprint: Thumbprint, mail: &str, state: &str) -> EndingLine {
    EndingLine {
        certificate: one.certificate.to_string(),
        thumbprint: thumbprint.to_string(),
        mail: mail.to_owned(),
        cause: word(one.cause),
        state: state.to_owned(),
        since: one.since.to_string(),
        due_at: one.due_at.to_string(),
    }
}

/// Finds one person or shared mailbox by object id, sign-in name or mail address; for people who type.
///
/// # Errors
/// [`ErrorCode::NotFound`] when there is none, [`ErrorCode::NotPossible`] when several have that address.
pub async fn find_person(host: &dyn Host, text: &str) -> Result<SubscriberId, WireError> {
    let mut work = host.store().read().await?;
    if let Ok(id) = text.trim().parse::<SubscriberId>()
        && work.subscribers().lookup(id).await?.is_some()
    {
        return Ok(id);
    }
    let found = work.subscribers().find_by_name(text).await?;
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => Err(WireError::new(
            ErrorCode::NotFound,
            format!("nobody has the object id, sign-in name or mail address `{text}`"),
            "`sealwright people list --search NAME` shows them",
        )),
        several => {
            let ids: Vec<String> = several.iter().map(|one| one.id.to_string()).collect();
            Err(WireError::new(
                ErrorCode::NotPossible,
                format!("several have the address `{text}`: {}", ids.join(", ")),
                "name one of them by its object id",
            ))
        }
    }
}
