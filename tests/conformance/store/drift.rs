//! What differs between the database and the world outside.

use model::{DriftFinding, DriftKind, DriftSide, DriftSighting, DriftState, Span, Timestamp};
use store::{DriftFilter, Work};

use super::Database;
use super::sample::{NOW, drift_decision, drift_sighting, id};

fn at(hours: i64) -> Timestamp {
    NOW + Span::hours(hours)
}

/// A complete reading at this hour that shows these.
async fn reading(work: &mut dyn Work, hours: i64, seen: &[DriftSighting]) {
    for one in seen {
        work.drift().see(one, at(hours)).await.unwrap();
    }
    work.drift().settle(DriftSide::Intune, at(hours), 9).await.unwrap();
}

async fn all(work: &mut dyn Work) -> Vec<DriftFinding> {
    work.drift().list(&DriftFilter::default(), None, 100).await.unwrap()
}

/// State, first and last hour of the only one.
async fn only(work: &mut dyn Work) -> (DriftState, Timestamp, Timestamp) {
    let found = all(work).await;
    assert_eq!(found.len(), 1, "one is expected");
    let one = &found[0];
    (one.state, one.first_seen, one.last_seen)
}

pub async fn what_two_complete_readings_in_a_row_show_is_confirmed(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let work = work.as_mut();
    let one = drift_sighting(1);
    // Twice in one reading, as a list does whose pages move.
    reading(work, 0, &[one.clone(), one.clone()]).await;
    assert_eq!(only(work).await, (DriftState::Noted, at(0), at(0)));
    let told = DriftSighting { sentence: "in other words".to_owned(), ..one.clone() };
    reading(work, 6, std::slice::from_ref(&told)).await;
    assert_eq!(only(work).await, (DriftState::Open, at(0), at(6)));
    let known = &all(work).await[0];
    assert_eq!((&known.seen, &known.decision, known.ordered_at), (&told, &None, None));
    assert_eq!(work.drift().lookup(known.id).await.unwrap().as_ref(), Some(known));
    assert_eq!(work.drift().lookup(id(1)).await.unwrap(), None);
    assert_eq!(work.drift().count(DriftState::Open).await.unwrap(), 1);
    let readings = work.drift().readings().await.unwrap();
    assert_eq!(readings.len(), 1);
    assert_eq!(
        (readings[0].side, readings[0].read_at, readings[0].compared),
        (DriftSide::Intune, Some(at(6)), 9)
    );
    assert_eq!(readings[0].not_compared, None);
}

pub async fn what_a_reading_in_full_does_not_show_is_closed_or_forgotten(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let work = work.as_mut();
    reading(work, 0, &[drift_sighting(1)]).await;
    reading(work, 6, &[]).await;
    assert_eq!(all(work).await, [], "it was on its way");
    reading(work, 12, &[drift_sighting(1)]).await;
    reading(work, 18, &[drift_sighting(1)]).await;
    let known = all(work).await[0].id;
    work.drift().mark_ordered(known, at(19)).await.unwrap();
    assert_eq!(work.drift().count_ordered(at(19), at(20)).await.unwrap(), 1);
    assert_eq!(work.drift().count_ordered(at(20), at(30)).await.unwrap(), 0);
    // Another side says nothing about it.
    work.drift().settle(DriftSide::Authority(id(0xca)), at(20), 3).await.unwrap();
    assert_eq!(only(work).await, (DriftState::Open, at(12), at(18)));
    reading(work, 24, &[]).await;
    assert_eq!(only(work).await, (DriftState::Closed, at(12), at(18)));
    // What comes back begins anew, under the id that it had.
    reading(work, 30, &[drift_sighting(1)]).await;
    assert_eq!(only(work).await, (DriftState::Noted, at(30), at(30)));
    let again = &all(work).await[0];
    assert_eq!((again.id, again.ordered_at), (known, None));
}

pub async fn a_reading_that_was_not_complete_confirms_and_closes_nothing(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let work = work.as_mut();
    // Broken off after it had shown one.
    work.drift().see(&drift_sighting(1), at(0)).await.unwrap();
    work.drift().note_not_compared(DriftSide::Intune, at(0), "unreachable").await.unwrap();
    let readings = work.drift().readings().await.unwrap();
    assert_eq!((readings[0].read_at, readings[0].not_compared.as_deref()), (None, Some("unreachable")));
    reading(work, 6, &[drift_sighting(1)]).await;
    assert_eq!(only(work).await.0, DriftState::Noted, "one complete reading showed it");
    work.drift().note_not_compared(DriftSide::Intune, at(8), "asks us to wait").await.unwrap();
    assert_eq!(only(work).await.0, DriftState::Noted);
    reading(work, 12, &[drift_sighting(1)]).await;
    assert_eq!(only(work).await.0, DriftState::Open);
    work.drift().note_not_compared(DriftSide::Intune, at(18), "unreachable").await.unwrap();
    assert_eq!(only(work).await, (DriftState::Open, at(0), at(12)), "nothing is closed");
    let known = &work.drift().readings().await.unwrap()[0];
    assert_eq!((known.read_at, known.tried_at, known.compared), (Some(at(12)), at(18), 9));
    // Of two readings at once the later one says what is there.
    work.drift().see(&drift_sighting(1), at(24)).await.unwrap();
    work.drift().see(&drift_sighting(1), at(23)).await.unwrap();
    work.drift().settle(DriftSide::Intune, at(23), 9).await.unwrap();
    assert_eq!(only(work).await, (DriftState::Open, at(0), at(24)));
}

pub async fn a_person_ignores_what_is_confirmed_and_takes_it_back(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let work = work.as_mut();
    reading(work, 0, &[drift_sighting(1)]).await;
    let known = all(work).await[0].id;
    let decision = drift_decision();
    assert!(!work.drift().decide(known, Some(&decision)).await.unwrap(), "it is not confirmed");
    reading(work, 6, &[drift_sighting(1)]).await;
    assert!(!work.drift().decide(known, None).await.unwrap(), "nobody ignores it");
    assert!(work.drift().decide(known, Some(&decision)).await.unwrap());
    assert_eq!(all(work).await[0].decision, Some(decision.clone()));
    reading(work, 12, &[drift_sighting(1)]).await;
    assert_eq!(only(work).await.0, DriftState::Ignored, "seeing it again changes no decision");
    assert!(work.drift().decide(known, None).await.unwrap());
    assert_eq!((only(work).await.0, all(work).await[0].decision.clone()), (DriftState::Open, None));
    assert!(work.drift().decide(known, Some(&decision)).await.unwrap());
    reading(work, 18, &[]).await;
    assert_eq!(only(work).await.0, DriftState::Closed);
}

pub async fn differences_are_listed_once_by_state_and_kind(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let work = work.as_mut();
    let mut seen: Vec<DriftSighting> = (1..=7).map(drift_sighting).collect();
    seen.push(DriftSighting { kind: DriftKind::WrongHolder, ..drift_sighting(1) });
    reading(work, 0, &seen).await;
    reading(work, 6, &seen[..5]).await;
    let mut filter = DriftFilter::default();
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = work.drift().list(&filter, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        listed.extend(page);
    }
    assert_eq!(listed.len(), 5, "three were forgotten");
    assert!(listed.is_sorted_by_key(|one| one.id));
    filter.kind = Some(DriftKind::WrongHolder);
    assert_eq!(work.drift().list(&filter, None, 10).await.unwrap(), []);
    filter = DriftFilter {
        states: vec![DriftState::Open, DriftState::Ignored],
        kind: Some(DriftKind::Unknown),
        ..DriftFilter::default()
    };
    assert_eq!(work.drift().list(&filter, None, 10).await.unwrap().len(), 5);
    filter.states = vec![DriftState::Closed];
    assert_eq!(work.drift().list(&filter, None, 10).await.unwrap(), []);
}
