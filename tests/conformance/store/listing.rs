//! Lists of certificates, compared with a plain filter and sort over the same certificates.

use std::sync::Arc;

use model::{Certificate, CertificateId, CertificateState, Entropy, Span};
use store::{CertificateFilter, CertificateOrder, PageRequest, Store, StoreError, Work};
use support::SeededEntropy;

use super::Database;
use super::sample::{
    NOW, add_certificate, authority, authority_id, certificate, id, peopled, template, template_id,
    thumbprint,
};

const ORDERS: [CertificateOrder; 4] = [
    CertificateOrder::CommonName,
    CertificateOrder::Mail,
    CertificateOrder::NotAfter,
    CertificateOrder::Newest,
];

const STATES: [CertificateState; 5] = CertificateState::ALL;

/// Certificates that share names, addresses, ends and states in every mixture.
async fn crowd(store: &Arc<dyn Store>, count: u128) -> Vec<Certificate> {
    peopled(store, 5).await;
    let mut work = store.begin().await.unwrap();
    work.templates().add(&template(0x7f, "Another"), "susi", NOW).await.unwrap();
    work.authorities().add(&authority(0xcb, "Outside")).await.unwrap();
    let entropy = SeededEntropy::new(17);
    let mut crowd = Vec::new();
    for number in 1..=count {
        let mut dice = [0_u8; 8];
        entropy.fill(&mut dice);
        let names = ["Anna", "anna", "Änne", "Bert Anton", "Zoë", "Ann"];
        let name = names[usize::from(dice[0]) % names.len()];
        let one = Certificate {
            common_name: name.to_owned(),
            mail: format!("{}@example.com", names[usize::from(dice[1]) % names.len()].to_lowercase()),
            not_after: NOW + Span::days(i64::from(dice[2] % 7)),
            state: STATES[usize::from(dice[3]) % 4],
            template: if dice[4] % 3 == 0 { id(0x7f) } else { template_id() },
            authority: if dice[5] % 3 == 0 { id(0xcb) } else { authority_id() },
            archived: dice[6] % 2 == 0,
            ..certificate(1_000 + number, id(1 + u128::from(dice[7]) % 5))
        };
        add_certificate(work.as_mut(), &one).await;
        crowd.push(one);
    }
    work.commit().await.unwrap();
    crowd
}

fn matches(filter: &CertificateFilter, one: &Certificate) -> bool {
    let search = filter.search.as_deref().unwrap_or_default().trim().to_lowercase();
    let begins = |text: &str| text.to_lowercase().starts_with(&search);
    (search.is_empty() || begins(&one.common_name) || begins(&one.mail))
        && (filter.states.is_empty() || filter.states.contains(&one.state))
        && filter.template.is_none_or(|template| one.template == template)
        && filter.authority.is_none_or(|authority| one.authority == authority)
        && filter.subscriber.is_none_or(|subscriber| one.subscriber == subscriber)
        && filter.expires_from.is_none_or(|from| one.not_after >= from)
        && filter.expires_until.is_none_or(|until| one.not_after < until)
        && filter.archived.is_none_or(|archived| one.archived == archived)
}

fn expected(
    crowd: &[Certificate],
    filter: &CertificateFilter,
    order: CertificateOrder,
) -> Vec<CertificateId> {
    let mut rows: Vec<&Certificate> = crowd.iter().filter(|one| matches(filter, one)).collect();
    match order {
        CertificateOrder::CommonName => rows.sort_by_key(|one| (one.common_name.to_lowercase(), one.id)),
        CertificateOrder::Mail => rows.sort_by_key(|one| (one.mail.to_lowercase(), one.id)),
        CertificateOrder::NotAfter => rows.sort_by_key(|one| (one.not_after, one.id)),
        CertificateOrder::Newest => rows.sort_by_key(|one| std::cmp::Reverse(one.id)),
    }
    rows.into_iter().map(|one| one.id).collect()
}

async fn pages(
    work: &mut dyn Work,
    filter: &CertificateFilter,
    order: CertificateOrder,
    limit: u32,
) -> Vec<CertificateId> {
    let mut request = PageRequest::first(limit);
    let mut seen = Vec::new();
    loop {
        let page = work.certificates().list(filter, order, &request).await.unwrap();
        assert!(page.rows.len() <= limit as usize);
        assert!(page.next.is_none() || page.rows.len() == limit as usize, "only the last page is short");
        seen.extend(page.rows.into_iter().map(|row| row.certificate.id));
        request.after = page.next;
        if request.after.is_none() {
            return seen;
        }
    }
}

fn filters() -> Vec<CertificateFilter> {
    let plain = CertificateFilter::default;
    let mut filters = vec![
        plain(),
        CertificateFilter { states: vec![CertificateState::Valid], ..plain() },
        CertificateFilter { states: vec![STATES[1], STATES[2], STATES[1]], ..plain() },
        CertificateFilter { states: STATES.to_vec(), ..plain() },
        CertificateFilter { template: Some(id(0x7f)), ..plain() },
        CertificateFilter { authority: Some(id(0xcb)), ..plain() },
        CertificateFilter { subscriber: Some(id(3)), ..plain() },
        CertificateFilter { archived: Some(true), ..plain() },
        CertificateFilter { archived: Some(false), ..plain() },
        CertificateFilter { expires_from: Some(NOW + Span::days(2)), ..plain() },
        CertificateFilter { expires_until: Some(NOW + Span::days(2)), ..plain() },
        CertificateFilter { template: Some(id(0x99)), ..plain() },
    ];
    for search in ["ANN", "änne", "z", "bert anton", "nobody", " ", "a", "%", "_"] {
        filters.push(CertificateFilter { search: Some(search.to_owned()), ..plain() });
    }
    filters.push(CertificateFilter {
        search: Some("ann".to_owned()),
        states: vec![STATES[0], STATES[3]],
        template: Some(template_id()),
        authority: Some(authority_id()),
        subscriber: None,
        expires_from: Some(NOW + Span::days(1)),
        expires_until: Some(NOW + Span::days(6)),
        archived: Some(true),
    });
    filters.push(CertificateFilter {
        search: Some("ann".to_owned()),
        subscriber: Some(id(2)),
        states: vec![STATES[0]],
        ..plain()
    });
    filters.push(CertificateFilter {
        states: vec![STATES[0], STATES[2]],
        template: Some(template_id()),
        authority: Some(id(0xcb)),
        expires_from: Some(NOW + Span::days(1)),
        expires_until: Some(NOW + Span::days(6)),
        archived: Some(false),
        ..plain()
    });
    filters
}

pub async fn every_order_and_filter_gives_each_match_once_in_order(database: &impl Database) {
    let store = database.open().await;
    let crowd = crowd(&store, 240).await;
    let mut work = store.read().await.unwrap();
    for filter in filters() {
        for order in ORDERS {
            let expected = expected(&crowd, &filter, order);
            for limit in [7, 100, 500] {
                let seen = pages(work.as_mut(), &filter, order, limit).await;
                assert_eq!(seen, expected, "{order:?}, {limit} a page, {filter:?}");
            }
            let count = work.certificates().count(&filter, 10_000).await.unwrap();
            assert_eq!(count, expected.len() as u64, "{filter:?}");
            let capped = work.certificates().count(&filter, 5).await.unwrap();
            assert_eq!(capped, expected.len().min(5) as u64, "{filter:?}");
        }
    }
}

/// Databases do not agree which of these characters is the greater one; each keeps to its own order on every page.
pub async fn names_in_rare_characters_are_listed_once_on_every_page(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    let mut all = Vec::new();
    for number in 1..=24_u128 {
        let name = ["\u{ff46}", "\u{1f600}", "Anna"][usize::try_from(number % 3).unwrap()];
        let one = Certificate {
            common_name: format!("{name} {}", number % 4),
            mail: format!("{name}@example.com"),
            state: STATES[usize::try_from(number % 4).unwrap()],
            ..certificate(number, id(1))
        };
        add_certificate(work.as_mut(), &one).await;
        all.push(one);
    }
    work.commit().await.unwrap();
    let mut work = store.read().await.unwrap();
    let plain = CertificateFilter::default;
    for filter in [
        plain(),
        CertificateFilter { states: vec![STATES[0], STATES[1], STATES[2]], ..plain() },
        CertificateFilter { subscriber: Some(id(1)), ..plain() },
        CertificateFilter { search: Some("\u{ff26}".to_owned()), ..plain() },
        CertificateFilter { search: Some("\u{1f600}".to_owned()), ..plain() },
    ] {
        for order in [CertificateOrder::CommonName, CertificateOrder::Mail] {
            let whole = pages(work.as_mut(), &filter, order, 500).await;
            let mut sorted = whole.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, expected_in_any_order(&all, &filter), "{order:?}, {filter:?}");
            for limit in 1..=7 {
                let seen = pages(work.as_mut(), &filter, order, limit).await;
                assert_eq!(seen, whole, "{order:?}, {limit} a page, {filter:?}");
            }
        }
    }
}

fn expected_in_any_order(all: &[Certificate], filter: &CertificateFilter) -> Vec<CertificateId> {
    let mut expected = expected(all, filter, CertificateOrder::Newest);
    expected.reverse();
    expected
}

pub async fn rows_that_come_between_pages_hide_and_repeat_nothing(database: &impl Database) {
    let store = database.open().await;
    let crowd = crowd(&store, 120).await;
    let mut number = 5_000;
    for order in ORDERS {
        let filter = CertificateFilter::default();
        let mut request = PageRequest::first(9);
        let mut seen = Vec::new();
        loop {
            let mut work = store.begin().await.unwrap();
            let page = work.certificates().list(&filter, order, &request).await.unwrap();
            seen.extend(page.rows.iter().map(|row| row.certificate.id));
            // One that sorts in front of the place, one that shares its key, one behind.
            let here = &page.rows.last().unwrap().certificate;
            for name in ["Aaron", here.common_name.as_str(), "zzz"] {
                number += 1;
                let new = Certificate {
                    common_name: name.to_owned(),
                    mail: here.mail.clone(),
                    not_after: here.not_after,
                    ..certificate(number, id(1))
                };
                add_certificate(work.as_mut(), &new).await;
            }
            work.commit().await.unwrap();
            request.after = page.next;
            if request.after.is_none() || seen.len() > 1_000 {
                break;
            }
        }
        let mut distinct = seen.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), seen.len(), "{order:?}: nothing twice");
        let missed = crowd.iter().filter(|one| distinct.binary_search(&one.id).is_err()).count();
        assert_eq!(missed, 0, "{order:?}: all that were there from the beginning");
    }
}

pub async fn a_serial_number_or_thumbprint_is_found_in_every_spelling(database: &impl Database) {
    let store = database.open().await;
    crowd(&store, 30).await;
    let mut work = store.begin().await.unwrap();
    // A name that is hexadecimal too must not hide the person.
    add_certificate(work.as_mut(), &Certificate { common_name: "Ada".to_owned(), ..certificate(77, id(1)) })
        .await;
    let ada = Certificate { serial: "0ada".parse().unwrap(), ..certificate(78, id(1)) };
    add_certificate(work.as_mut(), &ada).await;
    let colons = |text: String| {
        let pairs: Vec<&str> =
            text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        pairs.join(":").to_uppercase()
    };
    let print = thumbprint(77).to_string();
    let serial = certificate(77, id(1)).serial.to_string();
    for search in
        [print.clone(), colons(print), serial.clone(), colons(serial.clone()), format!(" 00{serial} ")]
    {
        let filter = CertificateFilter { search: Some(search.clone()), ..CertificateFilter::default() };
        for order in ORDERS {
            let found = pages(work.as_mut(), &filter, order, 10).await;
            assert_eq!(found, [id(77)], "{search}, {order:?}");
        }
        assert_eq!(work.certificates().count(&filter, 10).await.unwrap(), 1);
    }
    let filter = CertificateFilter { search: Some("ada".to_owned()), ..CertificateFilter::default() };
    let found = pages(work.as_mut(), &filter, CertificateOrder::Newest, 10).await;
    assert_eq!(found, [id(78), id(77)], "a name and a serial number");
    let other = CertificateFilter { subscriber: Some(id(1)), ..filter };
    assert_eq!(pages(work.as_mut(), &other, CertificateOrder::Newest, 10).await.len(), 2);
}

pub async fn a_search_with_thousands_of_matches_misses_none(database: &impl Database) {
    let store = database.open().await;
    let crowd = {
        peopled(&store, 1).await;
        let mut work = store.begin().await.unwrap();
        let mut crowd = Vec::new();
        for number in 1..=5_300_u128 {
            // Every hundredth matches by its address only.
            let name = if number % 100 == 0 { "Other" } else { "Person" };
            let one = Certificate {
                common_name: format!("{name} {:03}", number % 700),
                state: STATES[usize::from(number % 53 == 0)],
                ..certificate(number, id(1))
            };
            add_certificate(work.as_mut(), &one).await;
            crowd.push(one);
        }
        work.commit().await.unwrap();
        crowd
    };
    let mut work = store.read().await.unwrap();
    for states in [vec![], vec![STATES[0], STATES[1]]] {
        let filter =
            CertificateFilter { search: Some("person".to_owned()), states, ..CertificateFilter::default() };
        for order in ORDERS {
            let seen = pages(work.as_mut(), &filter, order, 500).await;
            assert!(seen == expected(&crowd, &filter, order), "{order:?}");
        }
        assert_eq!(work.certificates().count(&filter, 10_000).await.unwrap(), 5_300);
        assert_eq!(work.certificates().count(&filter, 5_000).await.unwrap(), 5_000);
    }
}

pub async fn a_place_of_another_order_is_refused(database: &impl Database) {
    let store = database.open().await;
    crowd(&store, 20).await;
    let mut work = store.read().await.unwrap();
    let filter = CertificateFilter::default();
    let first =
        work.certificates().list(&filter, CertificateOrder::NotAfter, &PageRequest::first(5)).await.unwrap();
    for after in [first.next.unwrap(), "nonsense".to_owned(), String::new()] {
        let request = PageRequest { after: Some(after), limit: 5 };
        let refused = work.certificates().list(&filter, CertificateOrder::Mail, &request).await.unwrap_err();
        assert!(matches!(refused, StoreError::Stale { .. }), "{refused}");
    }
}
