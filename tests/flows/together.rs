//! Several programs work on one home at the same time.

use std::time::Duration;

use sim::{Fault, FaultEffect, SimOptions, Tenant};
use store::Store as _;

use crate::program::until;
use crate::proof;
use crate::world::{Pace, World};

async fn world() -> World {
    let tenant = Tenant::invent().people(20).mailboxes(2).build();
    // Few at a time, so that there is something left for the second one.
    World::with(SimOptions::new(tenant), &Pace { concurrency: 2, lease_seconds: 2, ..Pace::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_share_the_work_and_double_nothing() {
    let world = world().await;
    let queued = world.queue_all().await;
    let (mut first, mut second) = (world.daemon(), world.daemon());
    world.until_done(&mut first).await;
    let issued: Vec<usize> = [&first, &second]
        .iter()
        .map(|daemon| {
            let lines = daemon.lines();
            lines.iter().filter(|line| line["fields"]["message"] == "certificate issued").count()
        })
        .collect();
    assert_eq!(issued.iter().sum::<usize>(), queued, "each order by one of them");
    assert!(issued.iter().all(|count| *count > 0), "both worked: {issued:?}");
    first.stop().await;
    second.stop().await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_services_that_start_together_read_the_directory_once() {
    let world = world().await;
    let (mut first, mut second) = (world.daemon(), world.daemon());
    world.until_done(&mut first).await;
    first.stop().await;
    second.stop().await;
    let synced = [&first, &second]
        .iter()
        .map(|daemon| daemon.log().matches("enrollments started").count())
        .sum::<usize>();
    assert_eq!(synced, 1, "one of them ran the duty");
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_on_the_same_file_while_a_service_is_at_work() {
    let world = world().await;
    let mut daemon = world.daemon();
    daemon.ready().await;
    let mut rounds = 0;
    loop {
        let listed = world.json(&["certificate", "list"]).await;
        assert!(listed["certificates"].is_array());
        assert_eq!(world.json(&["audit", "verify"]).await["intact"], true);
        // Writers too: an import marks everybody due while the service is writing.
        let exported = world.run(&["template", "export", "Mail"]).await;
        let mut template: toml::Table = exported.stdout.parse().unwrap();
        template.insert("description".to_owned(), format!("round {rounds}").into());
        assert_eq!(world.import_text(&template.to_string()).await.done()["outcome"], "replaced");
        rounds += 1;
        if world.done().await >= world.expected().len() as u64 {
            break;
        }
        assert!(rounds < 200 && daemon.is_running());
    }
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_applies_beside_a_service_doubles_nothing() {
    let world = world().await;
    let mut daemon = world.daemon();
    daemon.ready().await;
    let applied = world.run_json(&["apply"]).await;
    assert_eq!(applied.code, Some(0), "{applied:?}");
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_slept_past_its_claims_leaves_the_work_to_whoever_took_it_over() {
    let tenant = Tenant::invent().people(8).mailboxes(1).build();
    let pace = Pace { concurrency: 1, lease_seconds: 1, ..Pace::default() };
    let world = World::with(SimOptions::new(tenant), &pace).await;
    world.queue_all().await;
    // Its first record is made; the answer comes while it sleeps.
    world.sim.add_fault(Fault::once(
        "POST /beta/deviceManagement/userPfxCertificates",
        FaultEffect::Delay { millis: 2_000 },
    ));
    let mut sleeper = world.daemon();
    until("it has sent something", async || (!world.sim.pfx_created().is_empty()).then_some(())).await;
    // Not in the middle of writing: the embedded database would wait for it as long as it sleeps.
    until("it sleeps without the right to write", async || {
        sleeper.pause();
        let free = tokio::time::timeout(Duration::from_millis(300), world.store.begin()).await;
        if matches!(free, Ok(Ok(_))) {
            return Some(());
        }
        sleeper.resume();
        None
    })
    .await;
    let mut other = world.daemon();
    world.until_done(&mut other).await;
    sleeper.resume();
    // It wakes up with an answer and a handful of claims, all of them void.
    until("it has noticed", async || sleeper.log().contains("a claim was lost").then_some(())).await;
    sleeper.stop().await;
    other.stop().await;
    proof::everything_is_done_once(&world).await;
}
