//! Sealed private keys.

use model::EnrollmentId;
use store::{ArchivedKey, InflightKey, StoreError};

use super::Database;
use super::sample::{NOW, add_certificate, certificate, enrollment, id, opened, peopled, thumbprint};

/// As large as one that is sealed to as many officers as a set may have, with RSA keys of 4096 bits and ML-KEM keys.
fn key(enrollment: EnrollmentId) -> ArchivedKey {
    ArchivedKey {
        enrollment,
        certificate: None,
        spki_sha256: [4; 32],
        envelope: vec![5; 70_000],
        kras: (1..=16).map(thumbprint).collect(),
        sealed_at: NOW,
    }
}

pub async fn an_archived_key_is_bound_to_one_certificate(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let open = opened(&store, 10).await;
    let mut work = store.begin().await.unwrap();
    add_certificate(work.as_mut(), &certificate(20, id(1))).await;
    add_certificate(work.as_mut(), &certificate(21, id(1))).await;
    work.archive().add(&key(open.id)).await.unwrap();
    assert_eq!(work.archive().count().await.unwrap(), 0, "not bound yet");

    work.archive().bind(open.id, id(20)).await.unwrap();
    work.archive().bind(open.id, id(20)).await.unwrap();
    let bound = ArchivedKey { certificate: Some(id(20)), ..key(open.id) };
    let about = work.archive().lookup(open.id).await.unwrap().unwrap();
    assert_eq!((about.certificate, about.kras.clone()), (bound.certificate, bound.kras.clone()));
    assert_eq!(work.archive().find(id(20)).await.unwrap(), Some(about));
    assert_eq!(work.archive().find_sealed(id(20)).await.unwrap(), Some(bound));
    assert_eq!(work.archive().count().await.unwrap(), 1);

    assert!(work.archive().bind(open.id, id(21)).await.is_err(), "bound to another certificate");
    assert!(work.archive().bind(id(20), id(21)).await.is_err(), "an enrollment without a key");
}

pub async fn an_enrollment_has_one_archived_key(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let open = opened(&store, 10).await;
    let mut work = store.begin().await.unwrap();
    work.archive().add(&key(open.id)).await.unwrap();
    let second = ArchivedKey { envelope: vec![6; 10], ..key(open.id) };
    let refused = work.archive().add(&second).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { .. }), "{refused}");
    let about = work.archive().lookup(open.id).await.unwrap().unwrap();
    assert_eq!((about.enrollment, about.sealed_at), (open.id, key(open.id).sealed_at));
}

pub async fn an_archived_key_is_sealed_to_others_only_while_it_is_as_it_was_read(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 3).await;
    let mut work = store.begin().await.unwrap();
    add_certificate(work.as_mut(), &certificate(20, id(1))).await;
    work.commit().await.unwrap();
    let mut all = Vec::new();
    for (number, person) in [(10, 1), (11, 2), (12, 3)] {
        let open = enrollment(number, id(person));
        let mut key = key(open.id);
        key.envelope[0] = u8::try_from(number).unwrap();
        let mut work = store.begin().await.unwrap();
        work.enrollments().add(&open).await.unwrap();
        work.archive().add(&key).await.unwrap();
        if number == 11 {
            key.certificate = Some(id(20));
            work.archive().bind(key.enrollment, id(20)).await.unwrap();
        }
        work.commit().await.unwrap();
        all.push(key);
    }
    all.sort_by_key(|key| key.enrollment.to_string());
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.archive().count_all().await.unwrap(), 3);
    assert_eq!(work.archive().list_sealed(None, 10).await.unwrap(), all);
    assert_eq!(work.archive().list_sealed(Some(all[0].enrollment), 1).await.unwrap(), all[1..2]);
    assert_eq!(work.archive().list_sealed(Some(all[2].enrollment), 10).await.unwrap(), []);
    let about = work.archive().list(Some(all[0].enrollment), 10).await.unwrap();
    let expected: Vec<_> = all[1..].iter().map(|key| (key.enrollment, key.certificate)).collect();
    assert_eq!(about.iter().map(|key| (key.enrollment, key.certificate)).collect::<Vec<_>>(), expected);

    let (old, new, others) = (all[1].envelope.clone(), vec![9; 2_500], [thumbprint(3)]);
    let enrollment = all[1].enrollment;
    assert!(!work.archive().rewrap(enrollment, &new, &old, &others).await.unwrap(), "not what is there");
    assert!(!work.archive().rewrap(id(77), &old, &new, &others).await.unwrap(), "no such key");
    assert!(work.archive().rewrap(enrollment, &old, &new, &others).await.unwrap());
    assert!(!work.archive().rewrap(enrollment, &old, &new, &others).await.unwrap(), "somebody was faster");
    all[1].envelope = new;
    all[1].kras = others.to_vec();
    assert_eq!(work.archive().list_sealed(None, 10).await.unwrap(), all, "this one, and nothing else of it");
}

pub async fn an_in_flight_key_exists_until_it_is_shredded(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let open = opened(&store, 10).await;
    let mut work = store.begin().await.unwrap();
    let inflight = InflightKey { enrollment: open.id, envelope: vec![3; 2_000] };
    work.archive().add_inflight(&inflight).await.unwrap();
    let refused = work.archive().add_inflight(&inflight).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { .. }), "{refused}");
    assert_eq!(work.archive().inflight(open.id).await.unwrap(), Some(inflight));
    assert_eq!(work.archive().count_inflight().await.unwrap(), 1);
    work.archive().shred_inflight(open.id).await.unwrap();
    work.archive().shred_inflight(open.id).await.unwrap();
    assert_eq!(work.archive().inflight(open.id).await.unwrap(), None);
    assert_eq!(work.archive().count_inflight().await.unwrap(), 0);
}
