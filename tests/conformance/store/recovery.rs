//! Requests to recover archived keys.

use model::RecoveryState::{Done, Opened, Refused, Waiting, Withdrawn};
use store::{RecoveryGrantInfo, Store, StoreError};

use super::Database;
use super::sample::{
    add_certificate, add_recipes, certificate, id, person, recovery_grant, recovery_request,
};

async fn with_a_certificate(store: &dyn Store) {
    let mut work = store.begin().await.unwrap();
    add_recipes(work.as_mut()).await;
    work.subscribers().set(&person(1)).await.unwrap();
    add_certificate(work.as_mut(), &certificate(1, id(1))).await;
    work.commit().await.unwrap();
}

pub async fn a_request_goes_on_from_the_state_that_it_is_in(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    for number in 1..=3 {
        work.recoveries().add(&recovery_request(number), &[7; 50]).await.unwrap();
    }
    let again = work.recoveries().add(&recovery_request(3), &[7; 50]).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    drop(work);
    let mut work = store.begin().await.unwrap();
    for number in 1..=3 {
        work.recoveries().add(&recovery_request(number), &[7; 50]).await.unwrap();
    }
    assert!(work.recoveries().set_state(id(1), Waiting, Opened).await.unwrap());
    assert!(!work.recoveries().set_state(id(1), Waiting, Withdrawn).await.unwrap());
    assert!(!work.recoveries().set_state(id(9), Waiting, Opened).await.unwrap());
    work.commit().await.unwrap();

    let mut work = store.read().await.unwrap();
    let listed = work.recoveries().list(2).await.unwrap();
    assert_eq!(listed, [recovery_request(3), recovery_request(2)], "the newest first");
    let mut first = recovery_request(1);
    first.state = Opened;
    assert_eq!(work.recoveries().lookup(id(1)).await.unwrap(), Some(first));
    assert_eq!(work.recoveries().lookup(id(9)).await.unwrap(), None);
    assert_eq!(work.recoveries().sealed_key(id(1)).await.unwrap(), Some(vec![7; 50]));
}

pub async fn a_closed_request_loses_its_one_time_key(database: &impl Database) {
    let store = database.open().await;
    for (number, closed) in [(1, Done), (2, Withdrawn), (3, Refused)] {
        let mut work = store.begin().await.unwrap();
        work.recoveries().add(&recovery_request(number), &[7; 50]).await.unwrap();
        assert!(work.recoveries().set_state(id(number), Waiting, closed).await.unwrap());
        assert_eq!(work.recoveries().sealed_key(id(number)).await.unwrap(), None);
        work.commit().await.unwrap();
    }
}

pub async fn a_grant_is_kept_once_and_one_does_not_stand_in_the_way_of_another(database: &impl Database) {
    let store = database.open().await;
    with_a_certificate(store.as_ref()).await;
    let mut work = store.begin().await.unwrap();
    work.recoveries().add(&recovery_request(1), &[7; 50]).await.unwrap();
    for officer in [2, 1] {
        work.recoveries().add_grant(&recovery_grant(1, officer)).await.unwrap();
    }
    work.commit().await.unwrap();

    let mut work = store.begin().await.unwrap();
    let again = work.recoveries().add_grant(&recovery_grant(1, 2)).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
    drop(work);
    let mut work = store.begin().await.unwrap();
    let under_the_same_name = store::StoredRecoveryGrant { sealed: vec![9; 700], ..recovery_grant(1, 2) };
    work.recoveries().add_grant(&under_the_same_name).await.unwrap();
    drop(work);
    let mut work = store.read().await.unwrap();
    let both = [recovery_grant(1, 1), recovery_grant(1, 2)];
    assert_eq!(work.recoveries().grants(id(1)).await.unwrap(), both, "the oldest first");
    let infos = both.map(|grant| RecoveryGrantInfo {
        certificate: grant.certificate,
        officer: grant.officer,
        granted_at: grant.granted_at,
    });
    assert_eq!(work.recoveries().granted(id(1)).await.unwrap(), infos);
    assert!(work.recoveries().grants(id(2)).await.unwrap().is_empty());
}

pub async fn the_database_refuses_to_change_or_delete_grants(database: &impl Database) {
    let store = database.open().await;
    with_a_certificate(store.as_ref()).await;
    let mut work = store.begin().await.unwrap();
    work.recoveries().add(&recovery_request(1), &[7; 50]).await.unwrap();
    work.recoveries().add_grant(&recovery_grant(1, 1)).await.unwrap();
    work.commit().await.unwrap();
    for sql in ["UPDATE recovery_grant SET granted_at = 0", "DELETE FROM recovery_grant"] {
        assert!(database.execute(sql, false).await.is_err(), "{sql}");
    }
    assert_eq!(store.read().await.unwrap().recoveries().grants(id(1)).await.unwrap().len(), 1);
}
