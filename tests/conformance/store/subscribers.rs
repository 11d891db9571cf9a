//! The snapshot of the directory.

use std::collections::BTreeSet;

use model::{
    CertificateState, Enrollment, EnrollmentState, Handover, MailboxHolder, Span, Subscriber, SubscriberId,
    SubscriberKind, Timestamp,
};
use store::{PageRequest, Store, SubscriberFilter, SyncCursor, Work};

use super::Database;
use super::sample::{
    NOW, add_certificate, add_recipes, certificate, delivery, enrollment, id, mailbox, peopled, person,
    template, template_id,
};

async fn waits(work: &mut dyn Work, number: u128) -> bool {
    let due = work.subscribers().list_due(None, NOW, None, 1_000).await.unwrap();
    due.iter().any(|row| row.subscriber.id == id(number))
}

async fn due(store: &dyn Store, until: Timestamp) -> Vec<SubscriberId> {
    let rows = store.read().await.unwrap().subscribers().list_due(None, until, None, 100).await.unwrap();
    rows.into_iter().map(|row| row.subscriber.id).collect()
}

pub async fn an_observation_that_says_the_same_is_not_due(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    assert!(work.subscribers().set(&person(1)).await.unwrap(), "a new one differs");
    assert!(waits(work.as_mut(), 1).await);
    work.subscribers().mark_planned(id(1)).await.unwrap();

    let mut same = person(1);
    same.seen_at = NOW + Span::hours(1);
    same.groups.reverse();
    same.aliases.reverse();
    assert!(!work.subscribers().set(&same).await.unwrap());
    assert!(!waits(work.as_mut(), 1).await);
    let kept = work.subscribers().lookup(id(1)).await.unwrap().unwrap();
    assert_eq!(kept.seen_at, NOW + Span::hours(1), "it was seen all the same");
}

pub async fn every_other_observation_is_due(database: &impl Database) {
    type Change = (&'static str, fn(&mut Subscriber));
    let changes: [Change; 12] = [
        ("kind", |one| one.kind = SubscriberKind::SharedMailbox),
        ("sign-in name", |one| "neu@example.com".clone_into(&mut one.user_principal_name)),
        ("mail", |one| one.mail = None),
        ("aliases", |one| one.aliases.truncate(1)),
        ("display name", |one| one.display_name = Some("Susi Neu".to_owned())),
        ("given name", |one| one.given_name = None),
        ("surname", |one| one.surname = Some("Neu".to_owned())),
        ("enabled", |one| one.enabled = false),
        ("security identifier", |one| one.on_premises_sid = None),
        ("more groups", |one| one.groups.push(id(0x63))),
        ("fewer groups", |one| one.groups.truncate(1)),
        ("gone", |one| one.gone_at = Some(NOW)),
    ];
    let store = database.open().await;
    for (what, change) in changes {
        let mut work = store.begin().await.unwrap();
        work.subscribers().set(&person(1)).await.unwrap();
        work.subscribers().mark_planned(id(1)).await.unwrap();
        let mut other = person(1);
        change(&mut other);
        assert!(work.subscribers().set(&other).await.unwrap(), "{what}");
        assert!(waits(work.as_mut(), 1).await, "{what}");
        assert_eq!(work.subscribers().lookup(id(1)).await.unwrap(), Some(other), "{what}");
    }
}

pub async fn a_subscriber_is_found_by_any_name_in_any_letter_case(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let mut twin = person(2);
    twin.aliases = vec!["PERSON1@Example.com".to_owned(), "jörg@example.com".to_owned()];
    work.subscribers().set(&person(1)).await.unwrap();
    work.subscribers().set(&twin).await.unwrap();
    let mut found = async |name: &str| -> Vec<SubscriberId> {
        work.subscribers().find_by_name(name).await.unwrap().into_iter().map(|one| one.id).collect()
    };
    assert_eq!(found("P1@EXAMPLE.NET").await, [id(1)]);
    assert_eq!(found("JÖRG@example.com ").await, [id(2)]);
    assert_eq!(found("person1@example.com").await, [id(1), id(2)], "an address used twice");
    assert!(found("person").await.is_empty(), "a beginning is no name");

    twin.aliases = Vec::new();
    work.subscribers().set(&twin).await.unwrap();
    assert!(work.subscribers().find_by_name("jörg@example.com").await.unwrap().is_empty());
}

pub async fn whoever_leaves_the_last_group_is_gone(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.subscribers().members(id(0x61)).await.unwrap(), [id(1), id(2)]);

    work.subscribers().mark_left(id(1), id(0x99), NOW).await.unwrap();
    assert!(!waits(work.as_mut(), 1).await, "it never was in that group");
    work.subscribers().mark_left(id(1), id(0x61), NOW).await.unwrap();
    assert!(waits(work.as_mut(), 1).await);
    assert_eq!(work.subscribers().members(id(0x61)).await.unwrap(), [id(2)]);
    assert_eq!(work.subscribers().members(id(0x62)).await.unwrap(), [id(1), id(2)]);
    assert_eq!(work.subscribers().lookup(id(1)).await.unwrap().unwrap().gone_at, None);

    work.subscribers().mark_left(id(1), id(0x62), NOW + Span::days(1)).await.unwrap();
    let left = work.subscribers().lookup(id(1)).await.unwrap().unwrap();
    assert_eq!((left.gone_at, left.groups), (Some(NOW + Span::days(1)), Vec::new()));
    assert_eq!(work.subscribers().count().await.unwrap(), (1, 0));
}

pub async fn a_vanished_subscriber_that_comes_back_is_due(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    work.subscribers().mark_gone(id(1), NOW).await.unwrap();
    work.subscribers().mark_gone(id(1), NOW + Span::days(1)).await.unwrap();
    assert!(waits(work.as_mut(), 1).await);
    assert_eq!(work.subscribers().lookup(id(1)).await.unwrap().unwrap().gone_at, Some(NOW), "the first time");
    assert!(work.subscribers().members(id(0x61)).await.unwrap().is_empty());
    assert!(work.subscribers().list_all(None, 10).await.unwrap().is_empty());

    work.subscribers().mark_planned(id(1)).await.unwrap();
    assert!(work.subscribers().set(&person(1)).await.unwrap());
    assert!(waits(work.as_mut(), 1).await);
    assert_eq!(work.subscribers().members(id(0x61)).await.unwrap(), [id(1)]);
}

pub async fn whoever_vanished_comes_back_with_the_groups_told_then_and_no_others(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let mut work = store.begin().await.unwrap();
    work.subscribers().mark_gone(id(1), NOW).await.unwrap();
    let gone = work.subscribers().lookup(id(1)).await.unwrap().unwrap();
    assert!(gone.groups.is_empty(), "whoever is gone is in no group: {:?}", gone.groups);

    let back = Subscriber { groups: vec![id(0x62)], ..person(1) };
    assert!(work.subscribers().set(&back).await.unwrap());
    assert_eq!(work.subscribers().lookup(id(1)).await.unwrap(), Some(back));
    assert_eq!(work.subscribers().members(id(0x61)).await.unwrap(), [id(2)]);
    assert_eq!(work.subscribers().members(id(0x62)).await.unwrap(), [id(1), id(2)]);
}

pub async fn of_many_ids_those_in_the_snapshot_are_known(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 5).await;
    let mut work = store.begin().await.unwrap();
    work.subscribers().mark_gone(id(3), NOW).await.unwrap();
    assert!(work.subscribers().known(&[]).await.unwrap().is_empty());
    assert_eq!(
        work.subscribers().known(&[id(4), id(99), id(1), id(4), id(3)]).await.unwrap(),
        [id(1), id(4)]
    );
    let tenant: Vec<SubscriberId> = (1..=9_000).rev().map(id).collect();
    assert_eq!(work.subscribers().known(&tenant).await.unwrap(), [id(1), id(2), id(4), id(5)]);
}

fn holder(person: u128, upn: &str) -> MailboxHolder {
    MailboxHolder { mailbox: id(9), person: id(person), user_principal_name: upn.to_owned() }
}

pub async fn a_mailbox_is_due_when_its_people_change(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.subscribers().set(&mailbox(9)).await.unwrap();
    let (first, second) = (holder(1, "b@example.com"), holder(2, "a@example.com"));
    let sets: [(&[MailboxHolder], bool); 5] = [
        (&[first.clone(), second.clone()], true),
        (&[second.clone(), first.clone()], false),
        (&[second.clone(), holder(1, "new@example.com")], true),
        (std::slice::from_ref(&second), true),
        (std::slice::from_ref(&second), false),
    ];
    for (holders, changes) in sets {
        work.subscribers().mark_planned(id(9)).await.unwrap();
        work.subscribers().set_holders(id(9), holders).await.unwrap();
        assert_eq!(waits(work.as_mut(), 9).await, changes, "{holders:?}");
    }
    work.subscribers().set_holders(id(9), &[first.clone(), second.clone()]).await.unwrap();
    assert_eq!(work.subscribers().holders(id(9)).await.unwrap(), [second, first], "by sign-in name");
}

pub async fn everybody_is_due_after_mark_all_due(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 5).await;
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.subscribers().mark_all_due().await.unwrap(), 5);
    assert_eq!(work.subscribers().list_due(None, NOW, None, 10).await.unwrap().len(), 5);
}

pub async fn due_pages_cover_everybody_once_in_order_of_id(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 30).await;
    let mut work = store.begin().await.unwrap();
    for number in (1..=30).rev().filter(|number| number % 3 != 0) {
        let mut changed = person(number);
        changed.surname = None;
        work.subscribers().set(&changed).await.unwrap();
    }
    for number in [3_u128, 4] {
        let ends = model::Certificate { not_after: NOW, ..certificate(100 + number, id(number)) };
        add_certificate(work.as_mut(), &ends).await;
    }
    let mut seen = Vec::new();
    loop {
        let rows =
            work.subscribers().list_due(seen.last().copied(), NOW + Span::days(1), None, 4).await.unwrap();
        assert!(rows.len() <= 4);
        let Some(last) = rows.last() else { break };
        let last = last.subscriber.id;
        seen.extend(rows.iter().map(|row| row.subscriber.id));
        assert_eq!(seen.last(), Some(&last));
    }
    let wanted: Vec<SubscriberId> =
        (1..=30).filter(|number| number % 3 != 0 || *number == 3).map(id).collect();
    assert_eq!(seen, wanted);

    let all = work.subscribers().list_all(Some(id(28)), 10).await.unwrap();
    assert_eq!(all.iter().map(|row| row.subscriber.id).collect::<Vec<_>>(), [id(29), id(30)]);
}

pub async fn a_certificate_near_its_end_makes_its_owner_due(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let mut work = store.begin().await.unwrap();
    add_certificate(work.as_mut(), &certificate(10, id(1))).await;
    add_certificate(work.as_mut(), &certificate(11, id(2))).await;
    work.subscribers().mark_gone(id(2), NOW).await.unwrap();
    work.subscribers().mark_planned(id(2)).await.unwrap();
    work.commit().await.unwrap();

    let end = NOW + Span::days(365);
    assert!(due(store.as_ref(), end).await.is_empty(), "ends at that moment, not before");
    assert_eq!(
        due(store.as_ref(), end + Span::millis(1)).await,
        [id(1)],
        "and whoever is gone renews nothing"
    );

    let mut work = store.begin().await.unwrap();
    work.certificates().mark_superseded(id(10)).await.unwrap();
    work.subscribers().mark_planned(id(1)).await.unwrap();
    work.commit().await.unwrap();
    assert!(due(store.as_ref(), end + Span::days(1)).await.is_empty());
}

pub async fn a_certificate_with_a_valid_successor_makes_nobody_due(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 4).await;
    let mut work = store.begin().await.unwrap();
    work.templates().add(&template(0x7f, "Other"), "susi", NOW).await.unwrap();
    let lapsed = |number, owner: u128| model::Certificate {
        not_before: NOW - Span::days(365),
        not_after: NOW - Span::days(1),
        ..certificate(number, id(owner))
    };
    for owner in 1..=4 {
        add_certificate(work.as_mut(), &lapsed(10 + owner, owner)).await;
    }
    add_certificate(work.as_mut(), &certificate(21, id(1))).await;
    let other = model::Certificate { template: id(0x7f), ..certificate(22, id(2)) };
    add_certificate(work.as_mut(), &other).await;
    let revoked = model::Certificate { state: CertificateState::Revoked, ..certificate(23, id(3)) };
    add_certificate(work.as_mut(), &revoked).await;
    work.commit().await.unwrap();
    assert_eq!(
        due(store.as_ref(), NOW + Span::days(1)).await,
        [id(2), id(3), id(4)],
        "neither one by another template nor a revoked one is a successor"
    );
    assert_eq!(due(store.as_ref(), NOW + Span::days(366)).await.len(), 4, "the successor itself ends");
}

pub async fn a_planning_row_tells_everything_about_its_subscriber(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    add_recipes(work.as_mut()).await;
    work.subscribers().set(&person(1)).await.unwrap();
    work.subscribers().set(&mailbox(9)).await.unwrap();
    let holders = [holder(1, "susi@example.com"), holder(2, "otto@example.com")];
    work.subscribers().set_holders(id(9), &holders).await.unwrap();
    let state = |number, state| model::Certificate { state, ..certificate(number, id(9)) };
    let all = [
        state(20, CertificateState::Valid),
        state(21, CertificateState::Revoked),
        state(22, CertificateState::Superseded),
        state(23, CertificateState::Revoking),
        state(24, CertificateState::Valid),
    ];
    for one in &all {
        add_certificate(work.as_mut(), one).await;
    }
    add_certificate(work.as_mut(), &certificate(30, id(1))).await;
    work.enrollments().add(&enrollment(40, id(9))).await.unwrap();
    let deliveries = [
        delivery(50, id(24), id(1)),
        delivery(51, id(20), id(2)),
        delivery(52, id(30), id(1)),
        delivery(53, id(22), id(1)),
    ];
    work.deliveries().add_missing(&deliveries).await.unwrap();

    let rows = work.subscribers().list_due(None, NOW, None, 10).await.unwrap();
    let [susi, shared] = rows.try_into().unwrap();
    assert_eq!(susi.subscriber, person(1));
    assert_eq!(susi.certificates, [certificate(30, id(1))]);
    assert_eq!((susi.open.len(), susi.holders.len()), (0, 0));
    assert_eq!(shared.subscriber, mailbox(9));
    assert_eq!(
        shared.certificates,
        [all[4].clone(), all[3].clone(), all[0].clone()],
        "live ones, newest first"
    );
    assert_eq!(shared.open, [template_id()]);
    assert_eq!(shared.holders.into_iter().collect::<Vec<_>>(), holders);
    assert_eq!(
        shared.delivered_to.into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from([(24, 1), (20, 2), (22, 1)].map(|(certificate, person)| Handover {
            certificate: id(certificate),
            person: id(person),
            withdrawn: false,
        })),
        "of replaced ones, too"
    );

    assert!(shared.refused.is_empty());
    for (number, minutes) in [(40, 9), (41, 2), (42, 20)] {
        if number > 40 {
            work.enrollments().add(&enrollment(number, id(9))).await.unwrap();
        }
        let refused = Enrollment {
            state: EnrollmentState::Rejected,
            last_error: Some(format!("refusal {number}")),
            updated_at: NOW + Span::minutes(minutes),
            ..enrollment(number, id(9))
        };
        work.enrollments().set_progress(&refused).await.unwrap();
    }
    let rows = work.subscribers().list_all(Some(id(1)), 10).await.unwrap();
    assert!(rows[0].open.is_empty(), "an enrollment that is over is not open");
    let whys: Vec<&str> = rows[0].refused.iter().map(|refusal| refusal.why.as_str()).collect();
    assert_eq!(whys, ["refusal 42", "refusal 40", "refusal 41"], "newest first");
    let newest = &rows[0].refused[0];
    assert_eq!((newest.template, newest.at), (template_id(), NOW + Span::minutes(20)));
    let ordered = enrollment(42, id(9));
    assert_eq!((&newest.names, newest.profile), (&ordered.names, ordered.profile));
}

/// All pages of a search, `limit` at a time.
async fn pages(work: &mut dyn Work, search: Option<&str>, limit: u32) -> Vec<Subscriber> {
    let filter = SubscriberFilter { search: search.map(str::to_owned), ..SubscriberFilter::default() };
    let mut request = PageRequest::first(limit);
    let mut seen = Vec::new();
    loop {
        let page = work.subscribers().list(&filter, &request).await.unwrap();
        assert!(page.rows.len() <= limit as usize);
        seen.extend(page.rows);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return seen,
        }
    }
}

pub async fn pages_by_display_name_cover_everybody_once(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    for number in 1..=23 {
        let mut one = person(number);
        one.display_name = match number % 4 {
            0 => None,
            1 => Some("anna".to_owned()),
            2 => Some("Anna".to_owned()),
            _ => Some(format!("Zoë {number}")),
        };
        work.subscribers().set(&one).await.unwrap();
    }
    let whole = pages(work.as_mut(), None, 500).await;
    assert_eq!(whole.len(), 23);
    let names: Vec<String> = whole
        .iter()
        .map(|one| one.display_name.clone().unwrap_or(one.user_principal_name.clone()).to_lowercase())
        .collect();
    assert!(names.is_sorted(), "{names:?}");
    for limit in [1, 2, 5, 23] {
        assert_eq!(pages(work.as_mut(), None, limit).await, whole, "{limit} a page");
    }
}

pub async fn a_search_finds_beginnings_of_names_and_addresses(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    for number in 1..=12 {
        work.subscribers().set(&person(number)).await.unwrap();
    }
    let mut other = person(99);
    other.display_name = Some("Ångström, Ane".to_owned());
    work.subscribers().set(&other).await.unwrap();
    let mut found = async |search: &str| -> Vec<SubscriberId> {
        pages(work.as_mut(), Some(search), 3).await.into_iter().map(|one| one.id).collect()
    };
    assert_eq!(found("ÅNG").await, [id(99)]);
    assert_eq!(found("p99@").await, [id(99)], "an alias");
    assert_eq!(found("PERSON1").await, [id(1), id(10), id(11), id(12)], "sign-in name and address alike");
    assert_eq!(found("Person 0000").await.len(), 9);
    assert!(found("erson").await.is_empty(), "not in the middle");
    assert!(found("%").await.is_empty());
    assert_eq!(found("  ").await.len(), 13, "an empty search excludes nothing");
}

pub async fn a_search_with_thousands_of_matches_misses_none(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2_300).await;
    let mut work = store.read().await.unwrap();
    let found = pages(work.as_mut(), Some("person"), 500).await;
    let ids: BTreeSet<SubscriberId> = found.iter().map(|one| one.id).collect();
    assert_eq!((found.len(), ids.len()), (2_300, 2_300));
}

pub async fn a_delta_cursor_is_kept_replaced_and_forgotten(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let cursor = |link: &str| SyncCursor {
        resource: "users".to_owned(),
        delta_link: link.to_owned(),
        full_at: NOW,
        read_at: NOW + Span::minutes(5),
    };
    assert_eq!(work.subscribers().cursor("users").await.unwrap(), None);
    work.subscribers().set_cursor(&cursor("one")).await.unwrap();
    work.subscribers().set_cursor(&cursor("two")).await.unwrap();
    assert_eq!(work.subscribers().cursor("users").await.unwrap(), Some(cursor("two")));
    assert_eq!(work.subscribers().cursor("groups").await.unwrap(), None);
    work.subscribers().drop_cursor("users").await.unwrap();
    assert_eq!(work.subscribers().cursor("users").await.unwrap(), None);
}
