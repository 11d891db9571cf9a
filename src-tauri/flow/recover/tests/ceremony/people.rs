//! Who may, when, and what is said otherwise.

use std::sync::Arc;

use model::{RecoveryState, Span};
use recover::ceremony::Wanted;
use store::Store as _;
use support::{Failing, Faulty};

use crate::stage::{Officer, Stage, why};

#[tokio::test]
async fn whoever_asked_does_not_agree_on_any_machine_and_nobody_agrees_twice() {
    let mut stage = Stage::of(3, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let own = why(stage.approve(request.id, 0, 0).await);
    assert!(own.contains("asked for this recovery, and cannot agree to it too"), "{own}");
    stage.people[3].actor = "ANNA@dora-pc".to_owned();
    assert!(why(stage.approve(request.id, 3, 0).await).contains("cannot agree to it too"));

    // Whoever agrees twice counts once, with the same key at another machine too.
    for person in [1, 1, 2] {
        assert_eq!(stage.approve(request.id, person, 0).await.unwrap().given.counted(), 1);
    }
    assert!(why(stage.open(request.id).await).contains("1 of 2 officers have agreed"));
    // One person with two officers' keys is one person, and so are two machines of hers.
    stage.people[2].actor = "bert@cora-pc".to_owned();
    let given = stage.approve(request.id, 2, 1).await.unwrap().given;
    assert_eq!((given.keys, given.persons, given.counted()), (2, Some(1), 1), "two keys, and one person");
    let listed = stage.desk(0).listed(request.id).await.unwrap();
    assert_eq!((listed.standing(stage.desk(0).clock.now()), listed.agreement), ("waits", given));
    let one_person = why(stage.open(request.id).await);
    assert!(one_person.contains("1 of 2 officers have agreed"), "{one_person}");
    assert_eq!(stage.officers.iter().map(Officer::used).sum::<u32>(), 4, "nothing else was unwrapped");
    let refused = stage.log().await.into_iter().filter(|(_, is_well, _)| !is_well).count();
    assert_eq!(refused, 2 + 1, "who tried what she may not, and who opened too early, is on record");
    // Another person, with either of the two keys, makes it two: the choice of who counts is not the first one's.
    stage.people[3].actor = "dora@dora-pc".to_owned();
    let given = stage.approve(request.id, 3, 1).await.unwrap().given;
    assert_eq!((given.keys, given.persons), (2, Some(2)));
    assert!(stage.open(request.id).await.is_ok());
}

#[tokio::test]
async fn nobody_agrees_to_opening_the_own_key() {
    let mut stage = Stage::of(3, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    for account in ["person1@pc-7", "p1@pc-7", "Person1@example.com"] {
        stage.people[1].actor = account.to_owned();
        let own = why(stage.approve(request.id, 1, 0).await);
        assert!(own.contains("nobody agrees to opening the own key"), "{account}: {own}");
    }
    assert_eq!(stage.officers[0].used(), 0);
}

#[tokio::test]
async fn only_whoever_asked_goes_on_and_only_on_the_machine_where_it_was_asked() {
    let mut stage = Stage::of(2, None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    stage.approve(request.id, 1, 0).await.unwrap();
    let given = recover::ceremony::Given::Files(model::PfxProfile::Modern);
    let elsewhere = why(stage.desk(2).open(request.id, given).await);
    assert!(elsewhere.contains("was made on another machine (anna@anna-pc)"), "{elsewhere}");
    assert!(why(stage.desk(2).withdraw(request.id).await).contains("another machine"));
    stage.people[0].actor = "eve@anna-pc".to_owned();
    let other = why(stage.open(request.id).await);
    assert!(other.contains("is anna@anna-pc's; you are eve@anna-pc"), "{other}");
}

#[tokio::test]
async fn requests_expire_and_are_withdrawn_and_refused_and_then_nobody_agrees_any_more() {
    let stage = Stage::of(3, Some(2)).await;
    let mut asked = Vec::new();
    for _ in 0..3 {
        stage.clock.advance(Span::seconds(1));
        asked.push(stage.ask(Wanted::FileForOwner).await.unwrap().id);
    }
    let [expired, withdrawn, refused] = asked.try_into().unwrap();
    stage.approve(expired, 1, 0).await.unwrap();
    stage.approve(expired, 2, 1).await.unwrap();
    stage.desk(0).withdraw(withdrawn).await.unwrap();
    assert!(why(stage.desk(0).refuse(refused, "no").await).contains("recovery withdraw"));
    stage.desk(1).refuse(refused, "no legal basis").await.unwrap();
    for (id, sentence) in [(withdrawn, "it was withdrawn"), (refused, "an officer refused it")] {
        assert!(why(stage.approve(id, 2, 0).await).contains(sentence));
        assert!(why(stage.desk(0).withdraw(id).await).contains(sentence));
    }
    stage.clock.advance(Span::days(7));
    for told in [why(stage.approve(expired, 3, 2).await), why(stage.open(expired).await)] {
        assert!(told.contains("it expired on") && told.contains("ask again"), "{told}");
    }
    let states: Vec<RecoveryState> = stage
        .desk(1)
        .list(10)
        .await
        .unwrap()
        .into_iter()
        .map(|listed| listed.request.unwrap().state)
        .collect();
    assert_eq!(states, [RecoveryState::Refused, RecoveryState::Withdrawn, RecoveryState::Waiting]);
}

#[tokio::test]
async fn a_request_from_a_clock_that_is_hours_ahead_is_told_as_that() {
    let stage = Stage::of(2, None).await;
    stage.clock.advance(Span::hours(2));
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    stage.clock.set(crate::sample::NOW + Span::days(1));
    let told = why(stage.approve(request.id, 1, 0).await);
    assert!(told.contains("one of the two clocks is wrong"), "{told}");
}

#[tokio::test]
async fn an_officer_without_a_part_and_a_wrong_pin_give_nothing() {
    let mut stage = Stage::of(2, Some(2)).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let stranger = Officer::new("Officer of another archive");
    let told = why(stage.desk(1).approve(&request, &stranger).await);
    assert!(
        told.contains("not sealed to `CN=Officer of another archive`") && told.contains("2 of 2"),
        "{told}"
    );
    assert_eq!((stranger.used(), stage.log().await.len()), (0, 2), "not even tried, and on record");

    stage.officers[0].is_locked = true;
    let told = why(stage.approve(request.id, 1, 0).await);
    assert!(told.contains("does not open: 2 tries are left"), "{told}");
    assert_eq!(stage.officers[0].used(), 1, "a PIN is never tried again by itself");
    let log = stage.log().await;
    let bert = "bert@bert-pc".to_owned();
    assert_eq!(
        log[2..],
        [
            ("KEY_RECOVERY_APPROVAL".to_owned(), true, bert.clone()),
            ("KEY_RECOVERY_APPROVAL_PROCESSED".to_owned(), false, bert),
        ]
    );
    assert!(stage.store.read().await.unwrap().recoveries().granted(request.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_recorded_does_not_happen() {
    let stage = Stage::of(2, None).await;
    let request = stage.ask(Wanted::FileForOwner).await.unwrap();
    let faulty = Faulty::over(stage.store.shared());
    let ways = [Failing::LostAndUndone, Failing::LostButKept];
    for how in ways {
        faulty.fail(1, how);
        let told = stage.desk_on(1, faulty.as_ref()).approve(&request, &stage.officers[0]).await;
        assert!(told.is_err(), "{how:?}");
        assert_eq!(stage.officers[0].used(), 0, "{how:?}: the officer's key was not used");
    }
    stage.approve(request.id, 1, 0).await.unwrap();
    for how in ways {
        faulty.fail(1, how);
        let given = recover::ceremony::Given::Files(model::PfxProfile::Modern);
        let told = stage.desk_on(0, faulty.as_ref()).open(request.id, given).await;
        assert!(told.is_err(), "{how:?}");
    }
    assert_eq!(faulty.outstanding(), 0);
    // After a commit of which nobody knows, the request goes on from where it is.
    assert_eq!(stage.open(request.id).await.unwrap().files.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_who_agree_in_the_same_moment_all_count() {
    let stage = Arc::new(Stage::of(3, Some(3)).await);
    let request = stage.ask(Wanted::FileForOwner).await.unwrap().id;
    let mut race = tokio::task::JoinSet::new();
    for (person, officer) in [(1, 0), (1, 0), (2, 1), (3, 2)] {
        let stage = Arc::clone(&stage);
        race.spawn(async move { stage.approve(request, person, officer).await.map(|_| ()) });
    }
    for told in race.join_all().await {
        told.unwrap();
    }
    assert_eq!(stage.open(request).await.unwrap().files.len(), 1);
}

#[tokio::test]
async fn whoever_gave_with_two_keys_keeps_nobody_from_counting_with_one_of_them() {
    for threshold in [None, Some(2)] {
        let mut stage = Stage::of(2, threshold).await;
        stage.approvals = 2;
        let request = stage.ask(Wanted::FileForOwner).await.unwrap();
        assert_eq!(request.approvals, 2);
        stage.approve(request.id, 1, 0).await.unwrap();
        stage.approve(request.id, 1, 1).await.unwrap();
        let told = why(stage.open(request.id).await);
        assert!(told.contains("1 of 2 officers have agreed"), "{told}");
        // Bert with the second key, and Cora with the first, which Bert has used too.
        stage.approve(request.id, 2, 0).await.unwrap();
        assert_eq!(stage.open(request.id).await.unwrap().files.len(), 1, "{threshold:?}");
    }
}
