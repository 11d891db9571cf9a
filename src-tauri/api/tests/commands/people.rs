//! People and shared mailboxes as the console asks for them.

use std::fmt::Debug;
use std::str::FromStr;

use api::{ErrorCode, PeoplePage, PersonDetails, PlanForecast, find_person};
use model::{
    Certificate, CertificateNames, CertificateState, Clock as _, CommonName, Delivery, DeliveryState, Ending,
    EndingCause, EndingPolicy, Enrollment, EnrollmentState, JournalEntry, JournalEvent, KeyAlgorithm,
    MailboxHolder, Purpose, SerialNumber, Skip, Span, Station, Subscriber, SubscriberKind, Template,
    Thumbprint, Timestamp,
};
use serde_json::{Value, json};
use store::{Store as _, StoredCertificate, Work};

use crate::host::{Console, World};

fn id<T: FromStr<Err: Debug>>(number: u128) -> T {
    format!("00000000-0000-0000-0000-{number:012x}").parse().unwrap()
}

fn template(number: u128, name: &str, purpose: Purpose) -> Template {
    Template {
        id: id(number),
        name: name.to_owned(),
        description: String::new(),
        enabled: true,
        purpose,
        common_name: CommonName::DisplayName,
        organization: None,
        key: KeyAlgorithm::Rsa2048,
        authority: "CA".to_owned(),
        validity_days: 365,
        renew_before_days: 28,
        archive: purpose == Purpose::Smime,
        post_quantum: false,
        delivery: model::DeliveryPolicy::default(),
        assignment: model::Assignment {
            include: vec![id(100)],
            exclude: vec![id(101)],
            shared_mailboxes: purpose == Purpose::Smime,
        },
        ending: EndingPolicy::USUAL,
    }
}

fn person(number: u128, name: &str) -> Subscriber {
    let address = format!("{}@nordwind.example", name.to_lowercase().replace(' ', "."));
    Subscriber {
        id: id(number),
        kind: SubscriberKind::Person,
        user_principal_name: address.clone(),
        mail: Some(address),
        aliases: vec![format!("p{number}@nordwind.example")],
        display_name: Some(name.to_owned()),
        given_name: Some("Susi".to_owned()),
        surname: Some("Muster".to_owned()),
        enabled: true,
        on_premises_sid: None,
        groups: vec![id(100)],
        seen_at: Timestamp::from_seconds(1_772_438_400),
        gone_at: None,
    }
}

/// A certificate by the mail template with its enrollment and one line in its journal.
async fn certify(work: &mut dyn Work, number: u128, owner: &Subscriber, now: Timestamp) {
    let authority = work.authorities().find("CA").await.unwrap().unwrap().id;
    let enrollment = Enrollment {
        id: id(number),
        subscriber: owner.id,
        user_principal_name: owner.user_principal_name.clone(),
        template: id(10),
        authority,
        names: CertificateNames::default(),
        profile: model::names::Profile::SmimeMailbox,
        key: KeyAlgorithm::Rsa2048,
        archive: true,
        validity_days: 365,
        replaces: None,
        reason: "first".to_owned(),
        station: Station::Deliver,
        state: EnrollmentState::Done,
        ticket: None,
        certificate: Some(id(number)),
        attempts: 0,
        last_error: None,
        created_at: now,
        updated_at: now,
    };
    work.enrollments().add(&enrollment).await.unwrap();
    for (line, event) in [(1, JournalEvent::Started), (2, JournalEvent::Succeeded)] {
        let entry = JournalEntry {
            enrollment: enrollment.id,
            station: Station::Request,
            event,
            detail: Some(format!("line {line}")),
            at: now,
        };
        work.enrollments().add_journal(&entry).await.unwrap();
    }
    let mut digest = [0xab; 20];
    digest[4..].copy_from_slice(&number.to_be_bytes());
    let certificate = Certificate {
        id: id(number),
        enrollment: enrollment.id,
        subscriber: owner.id,
        template: id(10),
        authority,
        purpose: Purpose::Smime,
        serial: SerialNumber::from_be_bytes(&number.to_be_bytes()),
        thumbprint: Thumbprint::new(digest),
        common_name: owner.display_name.clone().unwrap_or_default(),
        mail: owner.mail.clone().unwrap_or_default(),
        not_before: now - Span::days(10),
        not_after: now + Span::days(300),
        state: CertificateState::Valid,
        revoked: None,
        archived: true,
        checked_at: now,
    };
    let stored = StoredCertificate { certificate, der: vec![1; 40], chain: Vec::new() };
    work.certificates().add(&stored).await.unwrap();
    let delivery = Delivery {
        id: id(number),
        certificate: id(number),
        thumbprint: Thumbprint::new(digest),
        person: owner.id,
        user_principal_name: owner.user_principal_name.clone(),
        state: DeliveryState::Present,
        record: None,
        at: now,
    };
    work.deliveries().add_missing(&[delivery]).await.unwrap();
}

/// Anna has a mail certificate, Bert none and something stands in the way, Carla is leaving, Dora left, a mailbox has none.
async fn staffed() -> World {
    let world = World::new().await;
    let now = world.clock.now();
    let mut work = world.fresh.begin().await.unwrap();
    work.templates().add(&template(10, "Mail", Purpose::Smime), "susi", now).await.unwrap();
    work.templates().add(&template(11, "Sign-in", Purpose::Cba), "susi", now).await.unwrap();
    let (anna, bert, carla) = (person(1, "Anna Muster"), person(2, "Bert Muster"), person(3, "Carla Muster"));
    let dora = Subscriber { gone_at: Some(now), groups: Vec::new(), ..person(4, "Dora Muster") };
    let carla = Subscriber { groups: vec![id(100), id(101)], ..carla };
    let mailbox = Subscriber {
        kind: SubscriberKind::SharedMailbox,
        display_name: Some(" ".to_owned()),
        enabled: false,
        ..person(5, "Info")
    };
    for one in [&anna, &bert, &carla, &dora, &mailbox] {
        work.subscribers().set(one).await.unwrap();
    }
    let holder = MailboxHolder {
        mailbox: mailbox.id,
        person: anna.id,
        user_principal_name: anna.user_principal_name.clone(),
    };
    work.subscribers().set_holders(mailbox.id, &[holder]).await.unwrap();
    certify(work.as_mut(), 50, &anna, now).await;
    certify(work.as_mut(), 51, &carla, now).await;
    let ending = Ending {
        certificate: id(51),
        subscriber: carla.id,
        cause: EndingCause::LeftGroup,
        since: now,
        due_at: now + Span::days(30),
    };
    work.endings().note(&ending).await.unwrap();
    let skip = Skip {
        subscriber: bert.id,
        who: "Bert".to_owned(),
        template: "Mail".to_owned(),
        why: "has no mail address".to_owned(),
    };
    work.subscribers().set_skip(bert.id, &[skip]).await.unwrap();
    work.commit().await.unwrap();
    world
}

async fn list(console: &Console, change: &Value) -> Result<PeoplePage, api::WireError> {
    let mut request = json!({ "search": null, "kind": null, "standing": null, "after": null, "limit": 100 });
    for (name, value) in change.as_object().unwrap() {
        request[name] = value.clone();
    }
    console.call("list_people", request).await
}

#[tokio::test]
async fn everybody_is_listed_with_how_they_stand() {
    let world = staffed().await;
    let page = list(&world.console("susi"), &json!({})).await.unwrap();
    let told: Vec<(&str, &str, u32)> =
        page.rows.iter().map(|row| (row.name.as_str(), row.standing.as_str(), row.valid)).collect();
    assert_eq!(
        told,
        [
            ("Anna Muster", "partly", 1),
            ("Bert Muster", "hindered", 0),
            ("Carla Muster", "leaving", 1),
            ("Dora Muster", "gone", 0),
            ("info@nordwind.example", "lacking", 0),
        ],
        "a mailbox without a display name goes by its sign-in name"
    );
    assert_eq!((page.total, page.total_is_floor, page.next.is_none()), (Some(5), false, true));
    let of: Vec<(u32, u32)> = page.rows.iter().map(|row| (row.held, row.wanted)).collect();
    // Carla is excluded from what she still has, and Dora is in no group any more.
    assert_eq!(of, [(1, 2), (0, 2), (1, 1), (0, 0), (0, 1)]);
    assert_eq!(page.rows[1].hindrances, ["has no mail address"]);
    assert_eq!(page.rows[2].notices, 1);
    assert_eq!(page.rows[0].ends_at, Some((world.clock.now() + Span::days(300)).to_string()));
}

#[tokio::test]
async fn a_wish_narrows_the_list_and_pages_go_on_where_they_ended() {
    let world = staffed().await;
    let console = world.console("susi");
    for (wish, expected) in [
        (json!({ "search": " BERT " }), vec!["Bert Muster"]),
        (json!({ "search": "p3@" }), vec!["Carla Muster"]),
        (json!({ "standing": "covered" }), vec!["Carla Muster"]),
        (json!({ "standing": "partly" }), vec!["Anna Muster"]),
        (json!({ "standing": "lacking" }), vec!["Bert Muster", "info@nordwind.example"]),
        (json!({ "standing": "lacking", "kind": "person" }), vec!["Bert Muster"]),
        (json!({ "standing": "hindered" }), vec!["Bert Muster"]),
        (json!({ "standing": "leaving" }), vec!["Carla Muster", "Dora Muster"]),
        (json!({ "kind": "sharedMailbox" }), vec!["info@nordwind.example"]),
    ] {
        let page = list(&console, &wish).await.unwrap();
        let names: Vec<&str> = page.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, expected, "{wish}");
        assert_eq!(page.total, Some(u32::try_from(expected.len()).unwrap()), "{wish}");
    }
    let first = list(&console, &json!({ "limit": 2 })).await.unwrap();
    let second = list(&console, &json!({ "limit": 2, "after": first.next })).await.unwrap();
    assert_eq!((second.rows[0].name.as_str(), second.total), ("Carla Muster", None));
    for wish in [json!({ "kind": "robot" }), json!({ "standing": "gone" })] {
        assert_eq!(list(&console, &wish).await.unwrap_err().code, ErrorCode::Invalid, "{wish}");
    }
}

async fn details(console: &Console, number: u128) -> PersonDetails {
    let request = json!({ "id": id::<model::SubscriberId>(number).to_string() });
    console.call("person_details", request).await.unwrap()
}

fn answers(details: &PersonDetails) -> Vec<(&str, &str)> {
    details.verdicts.iter().map(|one| (one.template.as_str(), one.answer.as_str())).collect()
}

#[tokio::test]
async fn one_person_is_told_in_full() {
    let world = staffed().await;
    let console = world.console("susi");
    let anna = details(&console, 1).await;
    assert_eq!(answers(&anna), [("Mail", "covered"), ("Sign-in", "enroll")]);
    assert_eq!(anna.verdicts[0].certificate.as_deref(), Some(anna.certificates[0].line.id.as_str()));
    assert_eq!(anna.certificates[0].deliveries[0].state, "present");
    assert_eq!(anna.groups[0].includes, ["Mail", "Sign-in"]);
    assert_eq!(anna.aliases, ["p1@nordwind.example"]);
    let events: Vec<Option<&str>> = anna.events.iter().map(|one| one.line.detail.as_deref()).collect();
    assert_eq!(events, [Some("line 2"), Some("line 1")], "newest first");
    assert!(!anna.more_certificates && anna.endings.is_empty());

    let mailbox = details(&console, 5).await;
    assert_eq!(mailbox.holders, ["anna.muster@nordwind.example"]);
    assert_eq!(answers(&mailbox), [("Mail", "enroll"), ("Sign-in", "notEntitled")]);

    let dora = details(&console, 4).await;
    assert_eq!(answers(&dora), [("Mail", "notEntitled"), ("Sign-in", "notEntitled")]);
    assert!(dora.groups.is_empty());
}

#[tokio::test]
async fn a_notice_is_told_with_what_the_next_cycle_makes_of_it() {
    let world = staffed().await;
    let console = world.console("susi");
    let carla = details(&console, 3).await;
    assert_eq!(carla.endings.len(), 1);
    assert_eq!((carla.endings[0].state.as_str(), carla.endings[0].cause.as_str()), ("noted", "leftGroup"));
    assert_eq!(carla.groups[1].excludes, ["Mail", "Sign-in"]);
    // Back in the group alone: the notice is taken back.
    let mut work = world.fresh.begin().await.unwrap();
    work.subscribers().set(&person(3, "Carla Muster")).await.unwrap();
    // Anna leaves: notice will be given.
    work.subscribers().mark_gone(id(1), world.clock.now()).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(details(&console, 3).await.endings[0].state, "retracted");
    let anna = details(&console, 1).await;
    assert_eq!((anna.endings[0].state.as_str(), anna.endings[0].cause.as_str()), ("planned", "gone"));
}

#[tokio::test]
async fn a_person_is_found_by_any_name_and_nobody_for_two() {
    let world = staffed().await;
    let console = world.console("susi");
    let mut work = world.fresh.begin().await.unwrap();
    let twin = Subscriber { aliases: vec!["p1@nordwind.example".to_owned()], ..person(6, "Emil Muster") };
    work.subscribers().set(&twin).await.unwrap();
    work.commit().await.unwrap();
    let own: model::SubscriberId = id(2);
    for typed in ["bert.muster@nordwind.example", " P2@nordwind.example", &own.to_string()] {
        assert_eq!(find_person(&console, typed).await.unwrap(), own, "{typed}");
    }
    assert_eq!(find_person(&console, "nobody").await.unwrap_err().code, ErrorCode::NotFound);
    let refused = find_person(&console, "p1@nordwind.example").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotPossible);
    assert!(refused.message.contains(&id::<model::SubscriberId>(6).to_string()), "{}", refused.message);
    let request = json!({ "id": id::<model::SubscriberId>(99).to_string() });
    let missing = console.call::<PersonDetails>("person_details", request).await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn what_the_next_cycle_would_do_is_told_with_reasons_limits_and_notices() {
    let world = staffed().await;
    let console = world.console("susi");
    let told: PlanForecast = console.call("plan_forecast", json!({})).await.unwrap();
    let mut intents: Vec<(&str, &str, &str)> =
        told.intents.iter().map(|one| (one.who.as_str(), one.verb.as_str(), one.template.as_str())).collect();
    intents.sort_unstable();
    assert_eq!(
        intents,
        [
            ("Anna Muster (anna.muster@nordwind.example)", "enroll", "Sign-in"),
            ("Bert Muster (bert.muster@nordwind.example)", "enroll", "Mail"),
            ("Bert Muster (bert.muster@nordwind.example)", "enroll", "Sign-in"),
            ("info@nordwind.example", "enroll", "Mail"),
        ]
    );
    assert_eq!((told.considered, told.whole, told.enroll, told.deliveries), (5, true, 4, 4));
    assert!(told.intents.iter().all(|one| one.reason.contains("has no certificate by it")));
    let costs: Vec<(&str, u32, Option<&str>)> =
        told.costs.iter().map(|one| (one.template.as_str(), one.orders, one.sum.as_deref())).collect();
    assert_eq!(costs, [("Mail", 2, Some("6.40 EUR")), ("Sign-in", 2, None)]);
    assert_eq!((told.cost, told.unpriced), (vec!["6.40 EUR".to_owned()], 2));
    assert_eq!((told.removed, told.removals.len(), told.handed.len()), (0, 0, 0), "each key to one person");
    assert_eq!((told.revocations.done, told.revocations.allowed), (0, 5));
    let upcoming: Vec<(&str, &str)> =
        told.upcoming.iter().map(|one| (one.mail.as_str(), one.state.as_str())).collect();
    assert_eq!(upcoming, [("carla.muster@nordwind.example", "noted")]);
    assert_eq!((told.confirmed_at, told.revocations_withheld, told.replacements_withheld), (None, None, 0));
}
