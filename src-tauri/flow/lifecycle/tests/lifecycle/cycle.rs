//! The planning cycle and plans that are applied.

use std::path::PathBuf;
use std::time::Duration;

use lifecycle::{Consent, Cycled, apply, cycle, draft};
use model::{Enrollment, MailboxHolder, Prices, Span, Subscriber, SubscriberKind};
use store::{PageRequest, Store as _};

use crate::sample::{World, id, person, template, terms};

async fn run(world: &World) -> Cycled {
    cycle(&*world.store, world.clock.as_ref(), &world.ids, &terms(), None).await.unwrap()
}

async fn enrollments(world: &World) -> Vec<Enrollment> {
    let mut work = world.store.read().await.unwrap();
    work.enrollments().list(None, &PageRequest::first(500)).await.unwrap().rows
}

/// The database and its log, byte for byte.
fn on_disk(world: &World) -> [Vec<u8>; 2] {
    let file = world.store.file();
    let mut log = file.clone().into_os_string();
    log.push("-wal");
    [std::fs::read(&file).unwrap(), std::fs::read(PathBuf::from(log)).unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_without_anything_due_neither_writes_nor_waits_for_writers() {
    let world = World::of(&template(), &[person(1), person(2)]).await;
    for (number, owner) in [(50, person(1)), (51, person(2))] {
        world.certify(number, &owner, 300).await;
    }
    assert_eq!(run(&world).await.considered, 2, "new ones are looked at");
    let before = on_disk(&world);
    let writer = world.store.begin().await.unwrap();
    let idle = tokio::time::timeout(Duration::from_secs(2), run(&world)).await;
    assert_eq!(idle.unwrap(), Cycled::default());
    drop(writer);
    assert!(on_disk(&world) == before, "not a byte differs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_that_finds_everything_as_it_was_writes_nothing() {
    // Blocked, and the certificate ends: looked at in every cycle, with the same outcome.
    let blocked = Subscriber { enabled: false, ..person(1) };
    let world = World::of(&template(), std::slice::from_ref(&blocked)).await;
    world.certify(50, &blocked, 5).await;
    let first = run(&world).await;
    assert_eq!((first.considered, first.skipped), (1, 1));
    let before = on_disk(&world);
    assert_eq!(run(&world).await, first);
    assert!(on_disk(&world) == before, "not a byte differs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lapsed_certificate_is_replaced_and_then_nobody_is_considered_for_it() {
    let world = World::of(&template(), &[person(1)]).await;
    let lapsed = world.certify(50, &person(1), -3).await;
    assert_eq!(run(&world).await.started, 1);
    let orders: Vec<Enrollment> =
        enrollments(&world).await.into_iter().filter(|order| !order.state.is_final()).collect();
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].replaces, Some(lapsed.id));

    let world = World::of(&template(), &[person(1)]).await;
    world.certify(50, &person(1), -3).await;
    world.certify(51, &person(1), 300).await;
    assert_eq!(run(&world).await.started, 0);
    assert_eq!(run(&world).await.considered, 0, "the lapsed one has a successor");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_new_holders_of_a_mailbox_do_not_stop_the_cycle() {
    let mailbox = Subscriber { kind: SubscriberKind::SharedMailbox, enabled: false, ..person(1) };
    let world = World::of(&template(), &[mailbox.clone(), person(2)]).await;
    world.certify(50, &mailbox, 300).await;
    let holders: Vec<MailboxHolder> = (5..8)
        .map(|number| MailboxHolder {
            mailbox: mailbox.id,
            person: id(number),
            user_principal_name: format!("holder{number}@nordwind.example"),
        })
        .collect();
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().set_holders(mailbox.id, &holders).await.unwrap();
    work.commit().await.unwrap();
    let done = run(&world).await;
    assert_eq!((done.considered, done.started, done.skipped), (2, 2, 0));
    let orders = enrollments(&world).await;
    let order =
        orders.iter().find(|order| order.subscriber == mailbox.id && order.replaces.is_some()).unwrap();
    assert!(holders.iter().all(|holder| order.reason.contains(&holder.user_principal_name)), "{order:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_plan_that_is_applied_later_only_what_is_still_wanted_is_started() {
    let world = World::of(&template(), &[person(1), person(2), person(3)]).await;
    let plan = draft(&*world.store, world.clock.as_ref(), &Prices::default()).await.unwrap();
    assert_eq!(plan.intents.len(), 3);
    world.clock.advance(Span::hours(1));
    let renamed = Subscriber { mail: Some("new@nordwind.example".to_owned()), ..person(2) };
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().set(&renamed).await.unwrap();
    work.subscribers().mark_gone(id(3), plan.made_at).await.unwrap();
    work.commit().await.unwrap();
    let applied = apply(
        &*world.store,
        world.clock.as_ref(),
        &world.ids,
        &plan,
        "susi",
        Consent::Within(&terms().limits),
    )
    .await
    .unwrap();
    let who = |intents: &[model::Intent]| intents.iter().map(|one| one.subscriber).collect::<Vec<_>>();
    assert_eq!(who(&applied.started), [id(1)]);
    assert_eq!(who(&applied.moved_on), [id(2), id(3)]);
    assert_eq!(enrollments(&world).await.len(), 1);
}
