//! The cloud misbehaves: answers are lost, come too late, are no JSON, or are refusals. Everything is done in the end, and
//! nothing twice.

use std::time::Duration;

use sim::{Fault, FaultEffect, SimOptions, Tenant};

use crate::program::until;
use crate::proof;
use crate::world::{Pace, World};

const CREATE: &str = "POST /beta/deviceManagement/userPfxCertificates";
const LIST: &str = "GET /beta/deviceManagement/userPfxCertificates";
const TOKEN: &str = "POST /*/oauth2/v2.0/token";

/// Queues everything in a quiet world, spoils it, and lets the service work.
async fn survives(faults: &[Fault]) -> World {
    let world = World::of(3, 1).await;
    world.queue_all().await;
    for fault in faults {
        world.sim.add_fault(fault.clone());
    }
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
    world
}

/// How many remembered requests were spoilt.
fn spoilt(world: &World) -> usize {
    world.sim.requests().iter().filter(|request| request.fault.is_some()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_looked_up_and_not_sent_again() {
    let world = survives(&[Fault::once(CREATE, FaultEffect::LostAnswer).times(4)]).await;
    assert_eq!(spoilt(&world), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_ends_in_the_middle_is_looked_up_and_not_sent_again() {
    let world = survives(&[Fault::once(CREATE, FaultEffect::TruncatedBody).times(4)]).await;
    assert_eq!(spoilt(&world), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_before_anything_happened_is_made_good() {
    let cuts = [
        Fault::once(CREATE, FaultEffect::CutBefore).times(2),
        Fault::once(LIST, FaultEffect::CutBefore).times(2),
    ];
    assert_eq!(spoilt(&survives(&cuts).await), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_in_place_of_an_answer_is_no_answer() {
    let pages = [
        Fault::once(CREATE, FaultEffect::Html).times(2),
        Fault::once(LIST, FaultEffect::Html).times(2),
        Fault::once(TOKEN, FaultEffect::Html),
    ];
    assert_eq!(spoilt(&survives(&pages).await), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_throttling_with_a_named_wait_is_waited_out() {
    let throttled = FaultEffect::TooManyRequests { retry_after: Some(1) };
    let world = survives(&[Fault::once("/*", throttled).times(15)]).await;
    assert_eq!(spoilt(&world), 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_throttling_without_a_named_wait_is_waited_out() {
    let throttled = FaultEffect::TooManyRequests { retry_after: None };
    let world = survives(&[Fault::once("/*", throttled).times(8)]).await;
    assert_eq!(spoilt(&world), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn gateway_errors_and_a_token_refused_without_reason_are_made_good() {
    let faults = [
        Fault::once(CREATE, FaultEffect::Status { status: 502 }),
        Fault::once(CREATE, FaultEffect::Status { status: 504 }),
        Fault::once(CREATE, FaultEffect::Unauthorized),
        Fault::once(LIST, FaultEffect::Unauthorized),
        Fault::once(LIST, FaultEffect::Status { status: 500 }),
    ];
    assert_eq!(spoilt(&survives(&faults).await), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_goes_on_after_a_time_in_which_the_cloud_was_down() {
    let world = World::of(3, 1).await;
    world.queue_all().await;
    world.sim.add_fault(Fault::always("/*", FaultEffect::Unavailable { retry_after: Some(2) }));
    let mut daemon = world.daemon();
    until("the service has met the outage", async || (spoilt(&world) >= 4).then_some(())).await;
    assert_eq!(world.done().await, 0, "nothing can be delivered to a cloud that is down");
    world.sim.clear_faults();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_run_out_in_the_middle_are_replaced() {
    let tenant = Tenant::invent().people(6).mailboxes(1).build();
    let options = SimOptions::new(tenant).with_latency(Duration::from_millis(60));
    let world = World::with(options, &Pace { concurrency: 2, ..Pace::default() }).await;
    world.queue_all().await;
    let mut daemon = world.daemon();
    let created = async |count: usize| {
        until("some are delivered", async || (world.sim.pfx_created().len() >= count).then_some(())).await;
    };
    for count in [2, 5] {
        created(count).await;
        // By the cloud's clock the tokens are over; by the service's own they still last.
        world.sim.advance(Duration::from_hours(2));
    }
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    let refused = world.sim.requests().iter().filter(|request| request.status == 401).count();
    assert!(refused > 0, "the old token was tried once");
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_one_and_items_told_twice_give_everybody_one_certificate() {
    let tenant = Tenant::invent().people(5).mailboxes(1).build();
    let world = World::with(SimOptions::new(tenant).with_pages_of(2), &Pace::default()).await;
    world.sim.add_fault(Fault::always("GET /v1.0/groups/*", FaultEffect::RepeatedItems));
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whom_intune_refuses_waits_for_a_decision_and_stops_nobody_else() {
    let world = World::of(4, 0).await;
    let refused = world.sim.users().into_iter().find(|user| user.account_enabled).unwrap();
    world.sim.edit_user(refused.id, |user| user.intune_licensed = false).unwrap();
    let applied = world.run_json(&["apply"]).await;
    assert_eq!(applied.code, Some(3), "somebody must decide: {applied:?}");
    let told = applied.json();
    assert_eq!((told["done"].as_u64(), told["stuck"].as_u64()), (Some(6), Some(2)), "{told}");
    let said = world.run(&["apply"]).await;
    assert_eq!(said.code, Some(3));
    assert!(said.stdout.contains("licence"), "the reason is told: {said:?}");
    // The certificates exist, and so do their keys: with the recovery agents, and in flight until somebody decides.
    let mail: Vec<_> =
        proof::certificates(&world).await.into_iter().filter(|row| row.certificate.archived).collect();
    assert_eq!(mail.len(), 4);
}
