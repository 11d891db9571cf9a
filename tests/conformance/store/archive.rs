//! Sealed private keys.

use model::EnrollmentId;
use store::{ArchivedKey, InflightKey, StoreError};

use super::Database;
use super::sample::{NOW, add_certificate, certificate, id, opened, peopled, thumbprint};

fn key(enrollment: EnrollmentId) -> ArchivedKey {
    ArchivedKey {
        enrollment,
        certificate: None,
        spki_sha256: [4; 32],
        envelope: vec![5; 3_000],
        kras: vec![thumbprint(1), thumbprint(2)],
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
