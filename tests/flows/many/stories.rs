//! The stories themselves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sim::{SimOptions, Tenant};
use support::{Galera, MariaDb, Proxy};

use super::fleet::Fleet;
use super::havoc::{Blows, Havoc};
use super::{people, report};
use crate::proof;
use crate::world::{Pace, Ways, World};

/// Seconds by which the clocks of eight machines are wrong.
const CLOCKS: [i32; 8] = [0, 180, -180, 300, -300, 60, -60, 0];

/// Shorter than the pauses that befall the services, longer than a database takes to end what they left lying.
const LEASE: u32 = 6;

fn pace() -> Pace {
    Pace { lease_seconds: LEASE, concurrency: 2, grace_seconds: 10, watch_seconds: 10 }
}

fn options(people: usize, seed: u64) -> SimOptions {
    let tenant = Tenant::invent().people(people).mailboxes(people / 20 + 1).seed(seed).build();
    SimOptions::new(tenant).with_latency(Duration::from_millis(15))
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_services_on_one_server_lose_nothing_and_double_nothing_whatever_befalls_them() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let proxy = Proxy::before(SocketAddr::from(([127, 0, 0, 1], database.port()))).await;
    let ways = Ways { story: database.port(), program: proxy.port() };
    let world = World::on(&database, ways, options(people(60), 2_026), &pace()).await;
    let all = world.expected().len() as u64;
    assert_eq!(world.queue_all().await as u64, all);

    let mut fleet = Fleet::of(&world, &database, &CLOCKS.map(|skew| (skew, proxy.port()))).await;
    let begun = Instant::now();
    fleet.start_all();
    // The longer the story, the more blows, and the more is done between two of them.
    let pace = Duration::from_millis(600)
        .mul_f64((f64::from(u32::try_from(all).unwrap()) / 120.0).sqrt().clamp(1.0, 4.0));
    let mut havoc = Havoc::new(4_711, pace, Some(&proxy));
    havoc.rage(&mut fleet, all * 9 / 10).await;
    havoc.calm(&mut fleet);
    fleet.until_done().await;
    let took = begun.elapsed();
    fleet.stop_all().await;

    let proven = proof::everything_is_done(&world).await;
    let blows = havoc.blows;
    report::tell("eight daemons on MariaDB", &world, &fleet, took, LEASE, blows, &proven);
    assert!(blows.kills >= 2 && blows.pauses >= 1 && blows.cuts >= 1, "too little befell them: {blows:?}");
    assert!(fleet.deaths.iter().any(|death| death.left > 0), "somebody died at work");
    assert!(fleet.deaths.iter().all(|death| death.left == 0 || death.continued.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_when_the_server_is_killed_and_when_it_hangs() {
    let server = MariaDb::own().await;
    let database = server.database().await;
    let ways = Ways { story: database.port(), program: database.port() };
    let world = World::on(&database, ways, options(people(30).min(200), 7), &pace()).await;
    let all = world.expected().len() as u64;
    assert_eq!(world.queue_all().await as u64, all);
    let mut fleet = Fleet::of(&world, &database, &[(0, database.port()); 3]).await;
    let begun = Instant::now();
    fleet.start_all();
    for share in 1..=3 {
        while fleet.look().await.0 < all * share / 5 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if share == 2 {
            server.pause();
            tokio::time::sleep(Duration::from_secs(4)).await;
            server.resume();
        } else {
            server.kill();
            tokio::time::sleep(Duration::from_secs(1)).await;
            server.start().await;
        }
    }
    fleet.until_done().await;
    let took = begun.elapsed();
    fleet.stop_all().await;
    let proven = proof::everything_is_done(&world).await;
    report::tell("the server dies", &world, &fleet, took, LEASE, Blows::default(), &proven);
}

/// With the lease that the program ships with, and without one that anybody could wait for.
#[tokio::test(flavor = "multi_thread")]
async fn the_work_of_a_service_goes_on_within_seconds_of_its_death_and_at_once_after_its_end() {
    let server = MariaDb::shared().await;
    let database = server.database().await;
    let port = database.port();
    let ways = Ways { story: port, program: port };
    let few =
        || SimOptions::new(Tenant::invent().people(20).build()).with_latency(Duration::from_millis(200));

    let lease_seconds = sealwright::settings::Daemon::default().lease_seconds;
    let shipped = Pace { lease_seconds, ..pace() };
    let world = World::on(&database, ways, few(), &shipped).await;
    assert!(world.queue_all().await > 0);
    let mut fleet = Fleet::of(&world, &database, &[(0, port); 2]).await;
    let begun = Instant::now();
    fleet.start_all();
    fleet.at_work(0).await;
    fleet.kill(0).await;
    fleet.until_done().await;
    let took = begun.elapsed();
    fleet.stop_all().await;
    let proven = proof::everything_is_done(&world).await;
    let blows = Blows { kills: 1, ..Blows::default() };
    report::tell("a service dies", &world, &fleet, took, lease_seconds, blows, &proven);
    let idle = fleet.deaths[0].continued.expect("it died at work, and others went on");
    assert!(idle < Duration::from_secs(45), "work lay idle for {idle:?}");

    // Whoever had to wait for these claims to run out would stand still for too long.
    let database = server.database().await;
    let long = Pace { lease_seconds: 3_600, grace_seconds: 1, ..pace() };
    let world = World::on(&database, ways, few(), &long).await;
    assert!(world.queue_all().await > 0);
    let mut fleet = Fleet::of(&world, &database, &[(0, port); 2]).await;
    fleet.start_all();
    fleet.retire(0).await;
    fleet.until_done().await;
    fleet.stop_all().await;
    proof::everything_is_done(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_services_on_a_cluster_go_on_when_one_of_its_servers_is_taken_away() {
    if let Some(obstacle) = Galera::obstacle() {
        report::skipped("a cluster of three", &format!("there can be no cluster here: {obstacle}"));
        return;
    }
    let cluster = Arc::new(Galera::start().await);
    let database = cluster.database().await;
    let last = cluster.size() - 1;
    let direct = Proxy::before(cluster.address(last)).await;
    let ways = Ways { story: direct.port(), program: direct.port() };
    let world = World::on(&database, ways, options(people(40), 31), &pace()).await;
    let all = world.expected().len() as u64;
    assert_eq!(world.queue_all().await as u64, all);

    // Each server has its share of the services, which go to another one while it is away.
    let mut proxies = Vec::new();
    for home in 0..cluster.size() {
        proxies.push(Arc::new(Proxy::before(cluster.address(home)).await));
    }
    let watching = watch(&cluster, &proxies);
    let members: Vec<(i32, u16)> =
        CLOCKS.iter().zip(proxies.iter().cycle()).map(|(skew, proxy)| (*skew, proxy.port())).collect();
    let mut fleet = Fleet::of(&world, &database, &members).await;
    let begun = Instant::now();
    fleet.start_all();
    let mut havoc = Havoc::new(815, Duration::from_millis(1_500), None);
    havoc.rage(&mut fleet, all / 5).await;
    cluster.unplug(0);
    let unplugged = Instant::now();
    havoc.rage(&mut fleet, all * 3 / 5).await;
    while cluster.serves(0) {
        assert!(unplugged.elapsed() < Duration::from_mins(1), "the server noticed that it is alone");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    cluster.plug_in(0);
    havoc.rage(&mut fleet, all * 9 / 10).await;
    havoc.calm(&mut fleet);
    fleet.until_done().await;
    let took = begun.elapsed();
    fleet.stop_all().await;
    watching.abort();

    let proven = proof::everything_is_done(&world).await;
    report::tell("a cluster of three", &world, &fleet, took, LEASE, havoc.blows, &proven);
    assert!(proxies.iter().map(|proxy| proxy.cut()).sum::<u64>() > 0, "services were led elsewhere");
}

/// Leads each proxy to its own server while that serves, and to another one while it does not; as a load balancer does,
/// connections that lead to a lost server are cut.
#[expect(clippy::disallowed_methods, reason = "the story ends it")]
fn watch(cluster: &Arc<Galera>, proxies: &[Arc<Proxy>]) -> tokio::task::JoinHandle<()> {
    let (cluster, proxies) = (Arc::clone(cluster), proxies.to_vec());
    tokio::spawn(async move {
        let mut led: Vec<usize> = (0..proxies.len()).collect();
        loop {
            let asked = Arc::clone(&cluster);
            let look = move || (0..asked.size()).map(|server| asked.serves(server)).collect::<Vec<bool>>();
            let serves = tokio::task::spawn_blocking(look).await.unwrap();
            for (home, proxy) in proxies.iter().enumerate() {
                let servers = (0..serves.len()).map(|step| (home + step) % serves.len());
                let Some(best) = servers.into_iter().find(|server| serves[*server]) else { continue };
                if led[home] != best {
                    led[home] = best;
                    proxy.lead_to(cluster.address(best));
                    proxy.cut_all();
                }
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    })
}
