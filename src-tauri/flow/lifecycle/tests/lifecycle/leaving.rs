//! Whoever leaves, and whoever has another name: notice, grace, and the limits of what happens by itself.

use lifecycle::{
    Allowance, Consent, CycleError, Cycled, Forecast, Horizon, Limit, Limits, Terms, apply, cycle, draft,
    excesses, forecast, moved_on,
};
use model::{
    Action, AuditKind, CertificateState, Clock, EndingCause, Prices, RevocationReason, Span, Subscriber,
    SubscriberId, Template,
};
use store::{PageRequest, Store as _, SyncCursor};

use crate::sample::{NOW, World, id, person, template, terms};

/// More than there is in these stories.
const ALL: Horizon = Horizon { subscribers: 1_000, told: 1_000 };

async fn foretold(world: &World) -> Forecast {
    forecast(&*world.store, &terms().limits, &Prices::default(), ALL, world.clock.now()).await.unwrap()
}

/// Runs a cycle, of which everything was foretold.
async fn run(world: &World) -> Cycled {
    let told = foretold(world).await;
    let done = cycle(&*world.store, world.clock.as_ref(), &world.ids, &terms(), None).await.unwrap();
    let expected = Cycled {
        considered: told.considered,
        started: told.enroll + told.renew + told.replace,
        skipped: told.skips.len() as u64,
        revoked: told.revoke + told.hold,
        released: told.release,
        revocations_withheld: told.revocations_withheld,
        replacements_withheld: told.replacements_withheld,
    };
    assert_eq!(done, expected, "{told:?}");
    assert_eq!(told.intents.len() as u64, done.started + done.revoked + done.released);
    assert!(told.is_whole);
    done
}

/// The directory was read as a whole, beginning now, and showed the same.
async fn read_everything(world: &World) {
    let now = world.clock.now();
    let resource = SyncCursor::COMPLETE.to_owned();
    let mut work = world.store.begin().await.unwrap();
    let cursor = SyncCursor { resource, delta_link: String::new(), full_at: now, read_at: now };
    work.subscribers().set_cursor(&cursor).await.unwrap();
    work.commit().await.unwrap();
}

async fn leave(world: &World, number: u128) {
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().mark_gone(id(number), world.clock.now()).await.unwrap();
    work.commit().await.unwrap();
}

async fn set(world: &World, subscriber: &Subscriber) {
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().set(subscriber).await.unwrap();
    work.commit().await.unwrap();
}

async fn state(world: &World, number: u128) -> (CertificateState, Option<RevocationReason>) {
    let mut work = world.store.read().await.unwrap();
    let certificate = work.certificates().lookup(id(number)).await.unwrap().unwrap().certificate;
    (certificate.state, certificate.revoked.map(|(_, reason)| reason))
}

/// People with certificates numbered 50 and up, who were decided about.
async fn staffed(people: u128) -> World {
    let staff: Vec<Subscriber> = (1..=people).map(person).collect();
    let world = World::of(&template(), &staff).await;
    for (number, owner) in (50..).zip(&staff) {
        world.certify(number, owner, 300).await;
    }
    run(&world).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_s_certificate_is_revoked_after_the_grace_and_a_second_complete_reading() {
    let world = staffed(2).await;
    read_everything(&world).await;
    world.clock.advance(Span::hours(1));
    leave(&world, 1).await;
    assert_eq!(run(&world).await.revoked, 0);
    world.clock.advance(Span::days(31));
    assert_eq!(run(&world).await, Cycled::default(), "nobody has looked again: nobody is even considered");
    read_everything(&world).await;
    world.clock.advance(Span::hours(1));
    let done = run(&world).await;
    assert_eq!((done.considered, done.revoked), (1, 1));
    assert_eq!(state(&world, 50).await.0, CertificateState::Revoking);
    assert_eq!(state(&world, 51).await.0, CertificateState::Valid);
    assert_eq!(run(&world).await.revoked, 0, "once");

    let mut work = world.store.read().await.unwrap();
    let found = work.audit().list(&PageRequest::first(50)).await.unwrap();
    let event =
        found.rows.iter().find(|row| row.event.kind == AuditKind::CertificateRevocationRequest).unwrap();
    assert_eq!(event.event.actor, "the service");
    assert!(event.event.detail.contains("cessationOfOperation"), "{}", event.event.detail);
    assert!(event.event.detail.contains("left every enrollment group"), "{}", event.event.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_within_the_grace_keeps_what_they_have() {
    let world = staffed(1).await;
    leave(&world, 1).await;
    run(&world).await;
    assert_eq!(world.store.read().await.unwrap().endings().list(NOW, 10).await.unwrap().len(), 1);
    set(&world, &person(1)).await;
    run(&world).await;
    assert_eq!(world.store.read().await.unwrap().endings().list(NOW, 10).await.unwrap(), []);
    world.clock.advance(Span::days(40));
    read_everything(&world).await;
    run(&world).await;
    assert_eq!(state(&world, 50).await.0, CertificateState::Valid);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_too_many_would_be_revoked_none_is_until_a_person_has_looked() {
    let world = staffed(20).await;
    for number in 1..=6 {
        leave(&world, number).await;
    }
    run(&world).await;
    world.clock.advance(Span::days(31));
    read_everything(&world).await;
    world.clock.advance(Span::hours(1));
    let held = run(&world).await;
    let excess = held.revocations_withheld.unwrap();
    assert_eq!((excess.wanted, excess.done, excess.allowed, held.revoked), (6, 0, 5, 0));
    for number in 50..56 {
        assert_eq!(state(&world, number).await.0, CertificateState::Valid);
    }
    // A person sees all six, and why; and what goes past the limits.
    let plan = draft(&*world.store, world.clock.as_ref(), &Prices::default()).await.unwrap();
    let revoked: Vec<SubscriberId> = plan.intents.iter().map(|intent| intent.subscriber).collect();
    assert_eq!(revoked, (1..=6).map(id).collect::<Vec<_>>());
    let past = excesses(&*world.store, &terms().limits, &plan, world.clock.now()).await.unwrap();
    assert_eq!(
        past,
        ["6 revocations and holds would come on top of 0 in the last 24 hours, where 5 are allowed"]
    );
    let approvers = ["anna@console".to_owned()];
    let (store, clock) = (&*world.store, world.clock.as_ref());
    let alone = Consent::Within(&terms().limits);
    let refused = apply(store, clock, &world.ids, &plan, "susi", alone).await.unwrap_err();
    assert!(matches!(refused, CycleError::PastLimits(_)), "{refused}");
    assert_eq!(state(&world, 50).await.0, CertificateState::Valid);
    let applied = apply(store, clock, &world.ids, &plan, "susi", Consent::Of(&approvers)).await.unwrap();
    assert_eq!(applied.started.len(), 6);
    assert_eq!(state(&world, 50).await.0, CertificateState::Revoking);
    assert_eq!(
        draft(store, clock, &Prices::default()).await.unwrap().intents,
        [],
        "after a plan was applied there is nothing to do"
    );

    // What was done counts: one more today is one too many, tomorrow it is not.
    leave(&world, 7).await;
    run(&world).await;
    world.clock.advance(Span::hours(1));
    let mut work = world.store.begin().await.unwrap();
    work.endings().retract(id(56)).await.unwrap();
    let since = world.clock.now() - Span::days(40);
    let due_at = world.clock.now();
    let cause = EndingCause::Gone;
    work.endings()
        .note(&model::Ending { certificate: id(56), subscriber: id(7), cause, since, due_at })
        .await
        .unwrap();
    work.commit().await.unwrap();
    assert_eq!(run(&world).await.revocations_withheld.unwrap().done, 6);
    world.clock.advance(Span::days(1));
    assert_eq!(run(&world).await.revoked, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_brings_a_new_certificate_and_too_many_wait_for_a_person() {
    let world = staffed(8).await;
    let renamed =
        |number: u128| Subscriber { mail: Some(format!("new{number}@nordwind.example")), ..person(number) };
    set(&world, &renamed(1)).await;
    let done = run(&world).await;
    assert_eq!(world.store.read().await.unwrap().endings().list(NOW, 10).await.unwrap(), [], "in use still");
    assert_eq!((done.started, done.replacements_withheld), (1, 0));
    let mut work = world.store.read().await.unwrap();
    let open = work.enrollments().find_open(id(1), template().id).await.unwrap().unwrap();
    assert_eq!(open.replaces, Some(id(50)));
    assert_eq!(open.names.mail_addresses, ["new1@nordwind.example"]);
    drop(work);

    for number in 2..=8 {
        set(&world, &renamed(number)).await;
    }
    let done = run(&world).await;
    assert_eq!((done.started, done.replacements_withheld), (4, 3), "five in a day");
    let skips = world.store.read().await.unwrap().subscribers().list_skips(10).await.unwrap();
    assert_eq!(skips.len(), 3);
    assert!(skips[0].why.contains("5 replacements in 24 hours"), "{}", skips[0].why);
    world.clock.advance(Span::hours(25));
    assert_eq!(run(&world).await.started, 3, "the next day goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_happens_by_itself_where_the_limits_say_so() {
    let world = staffed(2).await;
    leave(&world, 1).await;
    run(&world).await;
    world.clock.advance(Span::days(31));
    read_everything(&world).await;
    world.clock.advance(Span::hours(1));
    let none = Limit { count: 0, percent: 0 };
    let terms = Terms { limits: Limits { revocations: none, replacements: none, repairs: none }, ..terms() };
    let done = cycle(&*world.store, world.clock.as_ref(), &world.ids, &terms, None).await.unwrap();
    assert_eq!((done.revoked, done.revocations_withheld.unwrap().wanted), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_tells_what_the_world_does_not_want_any_more() {
    let world = World::of(&template(), &[person(1), person(2)]).await;
    let saved = draft(&*world.store, world.clock.as_ref(), &Prices::default()).await.unwrap();
    world.clock.advance(Span::hours(2));
    let fresh = draft(&*world.store, world.clock.as_ref(), &Prices::default()).await.unwrap();
    assert_eq!(moved_on(&saved, &fresh), Vec::<&model::Intent>::new(), "hours alone change nothing");
    leave(&world, 2).await;
    let fresh = draft(&*world.store, world.clock.as_ref(), &Prices::default()).await.unwrap();
    let moved = moved_on(&saved, &fresh);
    assert_eq!(moved.len(), 1);
    assert_eq!(moved[0].subscriber, id(2));
    assert!(matches!(moved[0].action, Action::Enroll { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_revokes_nothing_by_a_template_that_never_said_so() {
    let silent = Template { ending: model::EndingPolicy::default(), ..template() };
    let world = World::of(&silent, &[person(1)]).await;
    world.certify(50, &person(1), 300).await;
    leave(&world, 1).await;
    run(&world).await;
    world.clock.advance(Span::days(200));
    read_everything(&world).await;
    run(&world).await;
    assert_eq!(state(&world, 50).await.0, CertificateState::Valid);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_foretold_changes_nothing_and_counts_what_was_done() {
    let world = staffed(3).await;
    leave(&world, 1).await;
    let renamed = Subscriber { mail: Some("new2@nordwind.example".to_owned()), ..person(2) };
    set(&world, &renamed).await;
    let told = foretold(&world).await;
    assert_eq!((told.replace, told.noticed, told.revoke, told.deliveries), (1, 1, 0, 1));
    assert_eq!(told.replacements, Allowance { done: 0, allowed: 5 });
    assert_eq!(foretold(&world).await, told, "looking changes nothing");
    run(&world).await;
    assert_eq!(foretold(&world).await.replacements, Allowance { done: 1, allowed: 5 });

    world.clock.advance(Span::days(31));
    read_everything(&world).await;
    world.clock.advance(Span::hours(1));
    assert_eq!(foretold(&world).await.revoke, 1);
    run(&world).await;
    let told = foretold(&world).await;
    assert_eq!(told.revocations, Allowance { done: 1, allowed: 5 });
    assert_eq!(told.confirmed_at, Some(world.clock.now() - Span::hours(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_the_first_are_told_and_all_that_were_looked_at_are_counted() {
    let staff: Vec<Subscriber> = (1..=201).map(person).collect();
    let world = World::of(&template(), &staff).await;
    let horizon = Horizon { subscribers: 200, told: 3 };
    let now = world.clock.now();
    let told = forecast(&*world.store, &terms().limits, &Prices::default(), horizon, now).await.unwrap();
    assert_eq!((told.considered, told.enroll, told.intents.len(), told.is_whole), (200, 200, 3, false));
    let horizon = Horizon { subscribers: 201, ..horizon };
    let told = forecast(&*world.store, &terms().limits, &Prices::default(), horizon, now).await.unwrap();
    assert_eq!((told.considered, told.enroll, told.is_whole), (201, 201, true));
}
