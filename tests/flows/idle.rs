//! When there is nothing to do, next to nothing is done.

use std::time::Duration;

use store::Store as _;

use crate::program::until;
use crate::world::World;

/// The requests of one further cycle when everybody has everything.
async fn requests_of_a_quiet_cycle(people: usize, mailboxes: usize) -> Vec<String> {
    let world = World::of(people, mailboxes).await;
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    let started = world.store.read().await.unwrap().enrollments().counts().await.unwrap();
    // Whatever the first cycle set in motion has come to rest after a second one.
    world.sync().await;
    world.sim.clear_requests();
    let told = world.sync().await;
    assert!(told.contains("0 changed") && told.contains("0 enrollments started"), "{told}");
    assert!(told.contains("0 considered"), "nobody is looked at when nothing changed: {told}");
    assert_eq!(world.store.read().await.unwrap().enrollments().counts().await.unwrap(), started);
    daemon.stop().await;
    world.sim.requests().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_without_changes_costs_two_requests() {
    let mut requests = requests_of_a_quiet_cycle(3, 1).await;
    requests.sort();
    assert_eq!(requests, ["GET /v1.0/groups/delta", "GET /v1.0/users/delta"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_without_changes_costs_two_requests_in_a_larger_tenant_too() {
    assert_eq!(requests_of_a_quiet_cycle(40, 2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_service_does_not_write() {
    let world = World::of(2, 1).await;
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    let size =
        || std::fs::metadata(world.home().join("sealwright.db-wal")).map(|log| log.len()).unwrap_or_default();
    // Duties that run at the start may still be writing their result.
    until("the duties are noted", async || {
        let services = world.store.read().await.unwrap().services().list().await.unwrap();
        services.iter().all(|service| service.last_run.is_some()).then_some(())
    })
    .await;
    until("the audit log is signed for this hour", async || {
        let heads = world.store.read().await.unwrap().audit().largest_tree_heads(1).await.unwrap();
        (!heads.is_empty()).then_some(())
    })
    .await;
    world.store.scrub().await.unwrap();
    let before = size();
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(size(), before, "the write-ahead log grew in an idle time");
    daemon.stop().await;
}
