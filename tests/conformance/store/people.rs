//! Lists of people and shared mailboxes by how they stand.

use std::collections::BTreeSet;

use model::{
    Certificate, CertificateState, Ending, EndingCause, GroupId, Skip, Span, Subscriber, SubscriberId,
    SubscriberKind, TemplateId,
};
use store::{Entitlement, PageRequest, SubscriberFilter, SubscriberStanding, SubscriberSummary, Work};

use super::Database;
use super::sample::{NOW, add_certificate, add_recipes, certificate, id, mailbox, person, template};

async fn pages(work: &mut dyn Work, filter: &SubscriberFilter, limit: u32) -> Vec<Subscriber> {
    let mut request = PageRequest::first(limit);
    let mut seen = Vec::new();
    loop {
        let page = work.subscribers().list(filter, &request).await.unwrap();
        seen.extend(page.rows);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return seen,
        }
    }
}

/// Persons 1 to 40 in every mixture of certificates, notices, reasons, and having left; by number, what is expected of each.
async fn standing(work: &mut dyn Work) -> Vec<(Subscriber, SubscriberSummary)> {
    add_recipes(work).await;
    let mut everybody = Vec::new();
    for number in 1..=40_u128 {
        let on = |bit: u32| (number - 1) & (1 << bit) != 0;
        let mut one = if number > 32 { mailbox(number) } else { person(number) };
        one.gone_at = on(4).then_some(NOW);
        if one.gone_at.is_some() {
            one.groups.clear();
        }
        work.subscribers().set(&one).await.unwrap();
        let mut expected = SubscriberSummary::default();
        if on(0) {
            let days = 10 + i64::try_from(number).unwrap();
            let valid =
                Certificate { not_after: NOW + Span::days(days), ..certificate(100 + number, one.id) };
            add_certificate(work, &valid).await;
            (expected.valid, expected.ends_at) = (1, Some(valid.not_after));
            expected.held = vec![valid.template];
        }
        if on(1) {
            // Neither one that ended nor one that was revoked counts.
            let ended = Certificate { not_after: NOW, ..certificate(200 + number, one.id) };
            let revoked =
                Certificate { state: CertificateState::Revoked, ..certificate(300 + number, one.id) };
            add_certificate(work, &ended).await;
            add_certificate(work, &revoked).await;
            for (about, noted) in [(ended, on(2)), (revoked, on(3))] {
                if noted {
                    work.endings().note(&notice(&about)).await.unwrap();
                }
            }
        }
        if on(2) {
            let former = Certificate {
                state: CertificateState::Superseded,
                not_after: NOW + Span::days(3),
                ..certificate(400 + number, one.id)
            };
            add_certificate(work, &former).await;
            work.endings().note(&notice(&former)).await.unwrap();
            expected.notices = 1;
        }
        if on(3) {
            let why = |template: &str| Skip {
                subscriber: one.id,
                who: one.user_principal_name.clone(),
                template: template.to_owned(),
                why: format!("no {template}"),
            };
            work.subscribers().set_skip(one.id, &[why("Mail"), why("Login")]).await.unwrap();
            expected.hindrances = vec!["no Login".to_owned(), "no Mail".to_owned()];
        }
        everybody.push((one, expected));
    }
    everybody
}

fn notice(about: &Certificate) -> Ending {
    Ending {
        certificate: about.id,
        subscriber: about.subscriber,
        cause: EndingCause::Gone,
        since: NOW,
        due_at: NOW + Span::days(1),
    }
}

pub async fn lists_tell_apart_how_people_stand(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let everybody = standing(work.as_mut()).await;
    let ids: Vec<SubscriberId> = everybody.iter().rev().map(|(one, _)| one.id).collect();
    let expected: Vec<&SubscriberSummary> = everybody.iter().rev().map(|(_, summary)| summary).collect();
    let summaries = work.subscribers().summaries(&ids, NOW).await.unwrap();
    assert_eq!(summaries.iter().collect::<Vec<_>>(), expected);
    assert!(work.subscribers().summaries(&[], NOW).await.unwrap().is_empty());

    let is = |standing, one: &Subscriber, summary: &SubscriberSummary| match standing {
        SubscriberStanding::Covered => one.gone_at.is_none() && summary.valid > 0,
        SubscriberStanding::Partly => false,
        SubscriberStanding::Lacking => one.gone_at.is_none() && summary.valid == 0,
        SubscriberStanding::Hindered => one.gone_at.is_none() && !summary.hindrances.is_empty(),
        SubscriberStanding::Leaving => one.gone_at.is_some() || summary.notices > 0,
    };
    let standings = [
        SubscriberStanding::Covered,
        SubscriberStanding::Partly,
        SubscriberStanding::Lacking,
        SubscriberStanding::Hindered,
        SubscriberStanding::Leaving,
    ];
    for kind in [None, Some(SubscriberKind::Person), Some(SubscriberKind::SharedMailbox)] {
        for standing in standings {
            for search in [None, Some("person 0000")] {
                let filter = SubscriberFilter {
                    search: search.map(str::to_owned),
                    kind,
                    standing: Some((standing, NOW)),
                    entitlements: Vec::new(),
                };
                let wanted: BTreeSet<SubscriberId> = everybody
                    .iter()
                    .filter(|(one, summary)| {
                        let begins = |text: &str| {
                            one.display_name.as_deref().unwrap_or_default().to_lowercase().starts_with(text)
                        };
                        kind.is_none_or(|kind| one.kind == kind)
                            && is(standing, one, summary)
                            && search.is_none_or(begins)
                    })
                    .map(|(one, _)| one.id)
                    .collect();
                for limit in [3, 500] {
                    let found = pages(work.as_mut(), &filter, limit).await;
                    assert_eq!(found.len(), wanted.len(), "{filter:?}");
                    assert_eq!(found.iter().map(|one| one.id).collect::<BTreeSet<_>>(), wanted, "{filter:?}");
                }
                let counted = work.subscribers().count_listed(&filter, 1_000).await.unwrap();
                assert_eq!(counted, wanted.len() as u64, "{filter:?}");
                let floor = work.subscribers().count_listed(&filter, 2).await.unwrap();
                assert_eq!(floor, counted.min(2), "{filter:?}");
            }
        }
    }
}

pub async fn lists_tell_who_has_every_certificate_from_who_has_some(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    add_recipes(work.as_mut()).await;
    work.templates().add(&template(0x7f, "Login"), "susi", NOW).await.unwrap();
    let (mail, login): (TemplateId, TemplateId) = (id(0x7e), id(0x7f));
    let excluded: GroupId = id(0x63);
    // By number: who has which certificates, and is what.
    let held: [&[TemplateId]; 6] = [&[mail, login], &[mail], &[], &[mail], &[mail], &[login]];
    for (number, held) in (1_u128..).zip(held) {
        let mut one = if number == 4 { mailbox(number) } else { person(number) };
        if number == 5 {
            one.groups.push(excluded);
        }
        work.subscribers().set(&one).await.unwrap();
        for (index, by) in (0_u128..).zip(held) {
            let valid = Certificate { template: *by, ..certificate(100 + 10 * number + index, one.id) };
            add_certificate(work.as_mut(), &valid).await;
        }
        // One that has ended counts for nothing.
        let ended = Certificate { template: login, not_after: NOW, ..certificate(200 + number, one.id) };
        add_certificate(work.as_mut(), &ended).await;
    }
    let summaries = work.subscribers().summaries(&[id(1), id(2), id(3)], NOW).await.unwrap();
    let told: Vec<(u64, &[TemplateId])> =
        summaries.iter().map(|one| (one.valid, one.held.as_slice())).collect();
    assert_eq!(told, [(2, [mail, login].as_slice()), (1, &[mail]), (0, &[])]);

    let by = |template, exclude: Vec<GroupId>, mailboxes| Entitlement {
        template,
        include: vec![id(0x60), id(0x61)],
        exclude,
        mailboxes,
    };
    let nobody = Entitlement { include: Vec::new(), ..by(login, Vec::new(), true) };
    for (entitlements, covered, partly) in [
        (vec![], vec![1, 2, 4, 5, 6], vec![]),
        (vec![nobody], vec![1, 2, 4, 5, 6], vec![]),
        (vec![by(mail, vec![], true)], vec![1, 2, 4, 5], vec![6]),
        // The mailbox is not entitled to sign in, and neither is who is excluded.
        (vec![by(mail, vec![], true), by(login, vec![excluded], false)], vec![1, 4, 5], vec![2, 6]),
        (vec![by(login, vec![], true)], vec![1, 6], vec![2, 4, 5]),
    ] {
        for (standing, expected) in [
            (SubscriberStanding::Covered, covered),
            (SubscriberStanding::Partly, partly),
            (SubscriberStanding::Lacking, vec![3]),
        ] {
            let filter = SubscriberFilter {
                standing: Some((standing, NOW)),
                entitlements: entitlements.clone(),
                ..SubscriberFilter::default()
            };
            let found: BTreeSet<SubscriberId> =
                pages(work.as_mut(), &filter, 2).await.into_iter().map(|one| one.id).collect();
            let expected: BTreeSet<SubscriberId> = expected.into_iter().map(id).collect();
            assert_eq!(found, expected, "{filter:?}");
            let counted = work.subscribers().count_listed(&filter, 100).await.unwrap();
            assert_eq!(counted, expected.len() as u64, "{filter:?}");
        }
    }
}
