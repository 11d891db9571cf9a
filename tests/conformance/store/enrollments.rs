//! Sagas and their journal.

use model::{Enrollment, EnrollmentState, JournalEntry, JournalEvent, KeyAlgorithm, Span, Station};
use store::{PageRequest, StoreError};

use super::Database;
use super::sample::{NOW, enrollment, enrollment_ids, id, opened, peopled, template, template_id};

pub async fn an_enrollment_comes_back_as_it_was_planned(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let open = opened(&store, 10).await;
    let mut work = store.read().await.unwrap();
    assert_eq!(work.enrollments().lookup(open.id).await.unwrap(), Some(open.clone()));
    assert_eq!(work.enrollments().find_open(id(1), template_id()).await.unwrap(), Some(open));
    assert_eq!(work.enrollments().find_open(id(2), template_id()).await.unwrap(), None);
}

pub async fn there_is_one_open_enrollment_for_a_subscriber_and_template(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let first = opened(&store, 10).await;
    let mut work = store.begin().await.unwrap();
    work.templates().add(&template(0x7f, "Another"), "susi", NOW).await.unwrap();
    for state in [EnrollmentState::Running, EnrollmentState::Waiting, EnrollmentState::Stuck] {
        work.enrollments().set_progress(&Enrollment { state, ..first.clone() }).await.unwrap();
        let refused = work.enrollments().add(&enrollment(11, id(1))).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict { .. }), "{state:?}: {refused}");
    }
    work.enrollments().add(&enrollment(12, id(2))).await.unwrap();
    let other = Enrollment { template: id(0x7f), ..enrollment(13, id(1)) };
    work.enrollments().add(&other).await.unwrap();

    for (number, state) in [(20, EnrollmentState::Rejected), (21, EnrollmentState::Done)] {
        let open = work.enrollments().find_open(id(1), template_id()).await.unwrap().unwrap();
        work.enrollments().set_progress(&Enrollment { state, ..open }).await.unwrap();
        work.enrollments().add(&enrollment(number, id(1))).await.unwrap();
    }
}

pub async fn of_many_programs_one_opens_the_enrollment(database: &impl Database) {
    let stores = [database.open().await, database.open().await];
    peopled(&stores[0], 1).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12_u128 {
        let store = stores[(number % 2) as usize].clone();
        tasks.spawn(async move {
            let mut work = store.begin().await.unwrap();
            match work.enrollments().add(&enrollment(100 + number, id(1))).await {
                Ok(()) => work.commit().await.map(|()| true),
                Err(StoreError::Conflict { .. }) => Ok(false),
                Err(other) => Err(other),
            }
        });
    }
    let opened = tasks.join_all().await.into_iter().filter(|one| *one.as_ref().unwrap()).count();
    assert_eq!(opened, 1);
}

pub async fn a_finished_enrollment_does_not_move(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    for (number, state) in [(10, EnrollmentState::Done), (11, EnrollmentState::Rejected)] {
        let open = opened(&store, number).await;
        let mut work = store.begin().await.unwrap();
        let done = Enrollment { state, ..open.clone() };
        work.enrollments().set_progress(&done).await.unwrap();
        let late = Enrollment { last_error: Some("late".to_owned()), ..open };
        let refused = work.enrollments().set_progress(&late).await.unwrap_err();
        assert!(matches!(refused, StoreError::Stale { .. }), "{refused}");
        assert_eq!(work.enrollments().lookup(done.id).await.unwrap(), Some(done));
        work.commit().await.unwrap();
    }
}

pub async fn progress_changes_nothing_that_was_planned(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let open = opened(&store, 10).await;
    let mut work = store.begin().await.unwrap();
    let moved = Enrollment {
        station: Station::Request,
        state: EnrollmentState::Waiting,
        ticket: Some("ticket 7".to_owned()),
        certificate: Some(id(77)),
        attempts: 3,
        last_error: Some("the authority did not answer".to_owned()),
        updated_at: NOW + Span::hours(2),
        ..open.clone()
    };
    let bent = Enrollment {
        reason: "another".to_owned(),
        key: KeyAlgorithm::Rsa2048,
        validity_days: 1,
        archive: false,
        ..moved.clone()
    };
    work.enrollments().set_progress(&bent).await.unwrap();
    assert_eq!(work.enrollments().lookup(open.id).await.unwrap(), Some(moved));
}

pub async fn a_finished_enrollment_makes_its_subscriber_due(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    for (number, state, due) in [(10, EnrollmentState::Rejected, 0), (11, EnrollmentState::Done, 1)] {
        let open = opened(&store, number).await;
        let mut work = store.begin().await.unwrap();
        work.enrollments().set_progress(&Enrollment { state, ..open }).await.unwrap();
        let found = work.subscribers().list_due(None, NOW, None, 10).await.unwrap();
        assert_eq!(found.len(), due, "{state:?}: a refusal must not be repeated at once");
        work.commit().await.unwrap();
    }
}

pub async fn enrollments_are_listed_last_moved_first(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 9).await;
    let mut work = store.begin().await.unwrap();
    for number in 1..=9_u128 {
        let moved = Enrollment {
            updated_at: NOW + Span::minutes(i64::try_from(number / 3).unwrap()),
            state: if number % 2 == 0 { EnrollmentState::Stuck } else { EnrollmentState::Running },
            ..enrollment(number, id(number))
        };
        work.enrollments().add(&moved).await.unwrap();
    }
    for limit in [1, 2, 4, 9] {
        for (state, wanted) in [
            (None, vec![9, 8, 7, 6, 5, 4, 3, 2, 1]),
            (Some(EnrollmentState::Stuck), vec![8, 6, 4, 2]),
            (Some(EnrollmentState::Done), vec![]),
        ] {
            let mut request = PageRequest::first(limit);
            let mut seen = Vec::new();
            loop {
                let page = work.enrollments().list(state, &request).await.unwrap();
                seen.extend(page.rows.into_iter().map(|row| row.id));
                request.after = page.next;
                if request.after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, enrollment_ids(&wanted), "{state:?}, {limit} a page");
        }
    }
}

pub async fn activity_is_counted_by_station_and_state(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 7).await;
    let mut work = store.begin().await.unwrap();
    let rows = [
        (Station::Keygen, EnrollmentState::Running),
        (Station::Request, EnrollmentState::Waiting),
        (Station::Request, EnrollmentState::Running),
        (Station::Deliver, EnrollmentState::Stuck),
        (Station::Request, EnrollmentState::Rejected),
        (Station::Deliver, EnrollmentState::Done),
        (Station::Deliver, EnrollmentState::Done),
    ];
    for (number, (station, state)) in (1_u128..).zip(rows) {
        let row = Enrollment { station, state, ..enrollment(number, id(number)) };
        work.enrollments().add(&row).await.unwrap();
    }
    let counts = work.enrollments().counts().await.unwrap();
    assert_eq!(counts.open, [1, 2, 0, 0]);
    assert_eq!((counts.stuck, counts.rejected, counts.done), (1, 1, 2));
}

pub async fn certificates_under_way_since_a_moment_are_counted(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 6).await;
    let (before, after) = (NOW + Span::days(-1), NOW + Span::days(1));
    let rows = [
        (EnrollmentState::Done, true, before),
        (EnrollmentState::Done, true, NOW),
        (EnrollmentState::Done, true, after),
        // Its key is under way although nothing has moved for a long time.
        (EnrollmentState::Stuck, true, before),
        (EnrollmentState::Running, false, after),
        (EnrollmentState::Rejected, false, after),
    ];
    let mut work = store.begin().await.unwrap();
    for (number, (state, certified, updated_at)) in (1_u128..).zip(rows) {
        let certificate = certified.then(|| id(100 + number));
        let row = Enrollment { state, certificate, updated_at, ..enrollment(number, id(number)) };
        work.enrollments().add(&row).await.unwrap();
    }
    for (since, count) in [(before, 4), (NOW, 3), (after, 2), (after + Span::millis(1), 1)] {
        assert_eq!(work.enrollments().count_certified_since(since).await.unwrap(), count, "{since}");
    }
}

pub async fn the_journal_keeps_its_order(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let open = opened(&store, 10).await;
    let mut written = Vec::new();
    for (n, event) in
        [JournalEvent::Started, JournalEvent::Failed, JournalEvent::Started, JournalEvent::Succeeded]
            .into_iter()
            .enumerate()
    {
        let entry = JournalEntry {
            enrollment: open.id,
            station: Station::Request,
            event,
            detail: (n % 2 == 1).then(|| format!("line {n}")),
            at: NOW,
        };
        let mut work = store.begin().await.unwrap();
        work.enrollments().add_journal(&entry).await.unwrap();
        work.commit().await.unwrap();
        written.push(entry);
    }
    let mut work = store.read().await.unwrap();
    assert_eq!(work.enrollments().journal(open.id).await.unwrap(), written);
    assert!(work.enrollments().journal(id(11)).await.unwrap().is_empty());
}

pub async fn a_second_request_never_replaces_the_first(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let open = opened(&store, 10).await;
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.enrollments().request(open.id).await.unwrap(), None);
    work.enrollments().add_request(open.id, &[1; 600], &[2; 32]).await.unwrap();
    let refused = work.enrollments().add_request(open.id, &[3; 600], &[4; 32]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { .. }), "{refused}");
    assert_eq!(work.enrollments().request(open.id).await.unwrap(), Some((vec![1; 600], [2; 32])));
}
