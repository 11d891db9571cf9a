//! Calling fire drills: once for all daemons, at random, never twice.

use std::collections::BTreeSet;
use std::sync::Arc;

use lifecycle::{DrillSchedule, call_drill};
use model::{AuditKind, CertificateId, DrillFinding, DrillOfficer, DrillProof, Service, Span};
use store::{ArchivedKey, DutyClaim, PageRequest, Store, StoreError};
use support::{Peers, SeededEntropy, fresh_store};

use crate::sample::{NOW, World, person, template};

const SCHEDULE: DrillSchedule =
    DrillSchedule { every: Some(Span::days(90)), sample: 3, time: Span::days(14) };

fn claim(owner: &str) -> DutyClaim {
    DutyClaim { service: Service::Drills, owner: owner.to_owned(), lease: Span::minutes(1) }
}

/// Takes the claim as a daemon does; `false` when somebody else has it.
async fn claimed(store: &Arc<dyn Store>, claim: &DutyClaim) -> bool {
    store::in_unit!(store, work => {
        let now = work.jobs().now().await?;
        work.services().ensure(Service::Drills, now).await?;
        work.services().wake(Service::Drills, now).await?;
        work.services().claim(Service::Drills, &claim.owner, now, claim.lease).await?
    })
    .unwrap()
}

async fn give_back(store: &Arc<dyn Store>, claim: &DutyClaim) {
    store::in_unit!(store, work => {
        let now = work.jobs().now().await?;
        work.services().finish(Service::Drills, &claim.owner, now, Ok("done"), now).await?
    })
    .unwrap();
}

async fn called_by(
    world: &World,
    store: &Arc<dyn Store>,
    owner: &str,
    seed: u64,
) -> Result<String, StoreError> {
    let entropy = SeededEntropy::new(seed);
    call_drill(store.as_ref(), world.clock.as_ref(), &entropy, SCHEDULE, owner, &claim(owner)).await
}

/// A world with so many archived keys.
async fn archive(store: &Arc<dyn Store>, keys: u128) -> World {
    let world = World::on(&template(), &[person(1)], Arc::clone(store)).await;
    for number in 50..50 + keys {
        let certificate = world.certify(number, &person(1), 300).await;
        let mut work = store.begin().await.unwrap();
        let key = ArchivedKey {
            enrollment: certificate.enrollment,
            certificate: Some(certificate.id),
            spki_sha256: [1; 32],
            envelope: vec![7; 40],
            kras: Vec::new(),
            sealed_at: NOW,
        };
        work.archive().add(&key).await.unwrap();
        work.commit().await.unwrap();
    }
    world
}

async fn calls(store: &Arc<dyn Store>) -> Vec<String> {
    let entries = store.read().await.unwrap().audit().list(&PageRequest::first(100)).await.unwrap().rows;
    let wanted = entries.into_iter().filter(|entry| entry.event.kind == AuditKind::KeyRecoveryDrillCalled);
    wanted.map(|entry| entry.event.detail).collect()
}

async fn is_called_once(stores: &[Arc<dyn Store>]) {
    let world = Arc::new(archive(&stores[0], 10).await);
    let mut tasks = tokio::task::JoinSet::new();
    for (number, store) in stores.iter().enumerate() {
        let (store, world) = (Arc::clone(store), Arc::clone(&world));
        tasks.spawn(async move {
            let owner = format!("daemon {number}");
            // Each comes to its turn, one after the other, and wants to call it.
            while !claimed(&store, &claim(&owner)).await {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            let told = called_by(&world, &store, &owner, number as u64).await.unwrap();
            give_back(&store, &claim(&owner)).await;
            told
        });
    }
    let told = tasks.join_all().await;
    let calls = calls(&stores[0]).await;
    assert_eq!(calls.len(), 1, "{told:?}");
    let called = stores[0].read().await.unwrap().services().called_drill().await.unwrap().unwrap();
    assert_eq!(called.keys.len(), 3);
    let distinct: BTreeSet<CertificateId> = called.keys.iter().map(|key| key.certificate).collect();
    assert_eq!(distinct.len(), 3, "drawn without putting back");
    assert!(calls[0].ends_with(&format!(": {}", called.sample_named())), "{calls:?}");
    assert_eq!(called.until, called.at + Span::days(14));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_daemons_call_one_drill() {
    is_called_once(Peers::on_sqlite(3).await.stores()).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn and_so_do_several_on_a_server() {
    is_called_once(Peers::on_mariadb(4).await.stores()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_claim_calls_none() {
    let fresh = fresh_store().await;
    let store = fresh.shared();
    let world = archive(&store, 2).await;
    assert!(claimed(&store, &claim("ours")).await);
    let refused = called_by(&world, &store, "late", 1).await;
    assert!(matches!(refused, Err(StoreError::Stale { .. })), "{refused:?}");
    assert!(calls(&store).await.is_empty());
    called_by(&world, &store, "ours", 1).await.unwrap();
    assert_eq!(calls(&store).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_archive_calls_none_and_a_complete_drill_waits_for_its_interval() {
    let fresh = fresh_store().await;
    let store = fresh.shared();
    let world = archive(&store, 0).await;
    assert!(claimed(&store, &claim("ours")).await);
    let told = called_by(&world, &store, "ours", 1).await.unwrap();
    assert!(told.contains("nothing is archived") && calls(&store).await.is_empty(), "{told}");
    drop(world);

    let fresh = fresh_store().await;
    let store = fresh.shared();
    let world = archive(&store, 4).await;
    assert!(claimed(&store, &claim("ours")).await);
    let told = called_by(&world, &store, "ours", 1).await.unwrap();
    assert!(told.contains("0 of 3 keys proven, 3 not tried yet"), "{told}");
    let officer = DrillOfficer { subject: "CN=Officer".to_owned(), key: "k".to_owned() };
    let change = async |days: i64, prove: bool| {
        let mut work = store.begin().await.unwrap();
        let mut called = work.services().hold_called_drill().await.unwrap().unwrap();
        called.at = called.at + Span::days(days);
        if prove {
            let proof = |key: &model::DrillKey| DrillFinding {
                certificate: key.certificate,
                sealed: Some("e".to_owned()),
                proof: DrillProof::Opened,
            };
            let findings = called.keys.iter().map(proof).collect();
            called.note(&officer, NOW, findings);
        }
        work.services().set_called_drill(&called).await.unwrap();
        work.commit().await.unwrap();
    };
    // Long past, and not held: it stays the one that is called.
    change(-400, false).await;
    called_by(&world, &store, "ours", 2).await.unwrap();
    assert_eq!(calls(&store).await.len(), 1);
    // Held: the next one is due. What a clock that was wrong dated ahead is dated anew, and none is called.
    change(0, true).await;
    called_by(&world, &store, "ours", 3).await.unwrap();
    assert_eq!(calls(&store).await.len(), 2);
    change(4_000, true).await;
    let told = called_by(&world, &store, "ours", 4).await.unwrap();
    assert!(told.contains("dated anew"), "{told}");
    let told = called_by(&world, &store, "ours", 5).await.unwrap();
    assert!(told.starts_with("complete"), "{told}");
    assert_eq!(calls(&store).await.len(), 2);
}
