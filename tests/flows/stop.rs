//! Asked to stop, the service finishes or parks what it has begun, and says goodbye with 0.

use std::time::Duration;

use sim::{Fault, FaultEffect, SimOptions, Tenant};
use store::Store as _;

use crate::program::{Daemon, until};
use crate::proof;
use crate::world::{Pace, World};

async fn at_work(latency: u64, grace_seconds: u32) -> (World, Daemon) {
    let tenant = Tenant::invent().people(8).mailboxes(1).build();
    let options = SimOptions::new(tenant).with_latency(Duration::from_millis(latency));
    // Long leases: what is parked must be free at once, not when a lease runs out.
    let world =
        World::with(options, &Pace { grace_seconds, lease_seconds: 120, concurrency: 2, ..Pace::default() })
            .await;
    world.queue_all().await;
    let daemon = world.daemon();
    (world, daemon)
}

/// Demands that a service that is started now can take everything up at once.
async fn a_new_service_goes_on(world: &World) {
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_stopped_finishes_what_it_has_begun_and_gives_the_rest_back() {
    let (world, mut daemon) = at_work(100, 10).await;
    until("something is delivered", async || (world.sim.pfx_created().len() >= 2).then_some(())).await;
    let took = daemon.stop().await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    let left = world.store.read().await.unwrap().jobs().count().await.unwrap();
    assert!(left > 0, "it was stopped in the middle");
    a_new_service_goes_on(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_stopped_drops_what_takes_longer_than_the_grace() {
    let (world, mut daemon) = at_work(0, 1).await;
    // The record is made, its answer comes after the service has lost patience.
    world.sim.add_fault(Fault::always(
        "POST /beta/deviceManagement/userPfxCertificates",
        FaultEffect::Delay { millis: 20_000 },
    ));
    until("something is under way", async || (!world.sim.pfx_created().is_empty()).then_some(())).await;
    let took = daemon.stop().await;
    assert!(took < Duration::from_secs(6), "the grace is one second: {took:?}");
    world.sim.clear_faults();
    a_new_service_goes_on(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_stopped_as_soon_as_it_is_ready_ends_well() {
    let (world, mut daemon) = at_work(0, 10).await;
    daemon.ready().await;
    daemon.stop().await;
    a_new_service_goes_on(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_service_leaves_nothing_in_the_write_ahead_log() {
    let (world, mut daemon) = at_work(0, 10).await;
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    let log = world.home().join("sealwright.db-wal");
    let bytes = std::fs::metadata(&log).map(|log| log.len()).unwrap_or_default();
    assert_eq!(bytes, 0, "overwritten in-flight keys are neither in the file nor in the log");
}
