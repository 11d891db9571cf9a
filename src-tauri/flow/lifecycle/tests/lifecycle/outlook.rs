//! What is told about one person beforehand is what the cycle does afterwards.

use lifecycle::{Outlook, cycle, outlook};
use model::{Action, Clock as _, EndingCause, Span, Subscriber};
use plan::Answer;
use store::{Store as _, SyncCursor};

use crate::sample::{NOW, World, id, person, template, terms};

async fn look(world: &World, number: u128) -> Option<Outlook> {
    let mut work = world.store.read().await.unwrap();
    outlook(work.as_mut(), id(number), world.clock.now()).await.unwrap()
}

async fn answer(world: &World, number: u128) -> (Answer, String) {
    let verdicts = look(world, number).await.unwrap().verdicts;
    assert_eq!(verdicts.len(), 1, "one template");
    (verdicts[0].answer, verdicts[0].reason.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_told_to_get_one_gets_it_and_nobody_else() {
    let blocked = Subscriber { enabled: false, ..person(3) };
    let staff = [person(1), person(2), blocked, person(4)];
    let world = World::of(&template(), &staff).await;
    world.certify(50, &staff[1], 300).await;
    world.certify(51, &staff[3], 5).await;
    let expected = [Answer::Enroll, Answer::Covered, Answer::Hindered, Answer::Renew];
    for (number, expected) in (1..).zip(expected) {
        assert_eq!(answer(&world, number).await.0, expected, "person {number}");
    }
    assert!(look(&world, 99).await.is_none(), "nobody knows them");

    let done = cycle(&*world.store, world.clock.as_ref(), &world.ids, &terms(), None).await.unwrap();
    assert_eq!((done.started, done.skipped), (2, 1));
    for (number, expected) in
        (1..).zip([Answer::UnderWay, Answer::Covered, Answer::Hindered, Answer::UnderWay])
    {
        assert_eq!(answer(&world, number).await.0, expected, "person {number} after the cycle");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_another_has_too_hinders_both() {
    let twin = Subscriber { mail: person(1).mail, ..person(2) };
    let world = World::of(&template(), &[person(1), twin]).await;
    for number in [1, 2] {
        let (answer, why) = answer(&world, number).await;
        assert_eq!(answer, Answer::Hindered);
        assert!(why.contains("also belongs to"), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_is_followed_from_the_notice_to_the_revocation() {
    let world = World::of(&template(), &[person(1)]).await;
    world.certify(50, &person(1), 300).await;
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().mark_gone(id(1), NOW).await.unwrap();
    work.commit().await.unwrap();

    let before = look(&world, 1).await.unwrap();
    assert_eq!(before.verdicts[0].answer, Answer::NotEntitled);
    assert_eq!(before.decision.endings[0].cause, EndingCause::Gone);
    assert!(before.row.endings.is_empty(), "looking gives no notice");

    cycle(&*world.store, world.clock.as_ref(), &world.ids, &terms(), None).await.unwrap();
    let noted = look(&world, 1).await.unwrap();
    assert_eq!((noted.row.endings.len(), noted.decision.endings.len()), (1, 0));
    assert!(noted.decision.intents.is_empty());

    world.clock.advance(Span::days(31));
    let now = world.clock.now();
    let mut work = world.store.begin().await.unwrap();
    let cursor = SyncCursor {
        resource: SyncCursor::COMPLETE.to_owned(),
        delta_link: String::new(),
        full_at: now - Span::hours(1),
        read_at: now,
    };
    work.subscribers().set_cursor(&cursor).await.unwrap();
    work.commit().await.unwrap();
    let due = look(&world, 1).await.unwrap();
    assert_eq!(due.confirmed_at, Some(cursor.full_at));
    assert!(
        matches!(due.decision.intents[0].action, Action::Revoke { certificate, .. } if certificate == id(50))
    );
}
