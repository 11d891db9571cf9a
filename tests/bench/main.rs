//! What the product costs, as ratios to bare references measured in the same run (docs/BENCHMARKS.md explains each).
//!
//! `./dev bench` builds this and the program with optimisation and prints a table. The program under test is the real
//! daemon in a process of its own; the simulated tenant runs in this process, so its work is not counted. Nothing here
//! asserts a time: a figure is read, compared with the last one, and thought about.
//!
//! `SEALWRIGHT_BENCH_PEOPLE` sets the size of the large tenant (default 10,000), `SEALWRIGHT_BENCH_ROUNDS` the number of
//! interleaved rounds (default 5).
#![expect(clippy::print_stdout, reason = "a table for people is what this program makes")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot run must say so loudly"
)]
#![expect(clippy::disallowed_methods, reason = "the size comes from the environment")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded for people anyway")]

mod process;
mod raw;
mod world;

use std::time::Duration;

use process::Daemon;
use world::World;

fn main() {
    // `cargo bench` and `cargo test --benches` pass arguments of their own; only the former may spend minutes.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    let rounds = number("SEALWRIGHT_BENCH_ROUNDS", 5);
    let people = number("SEALWRIGHT_BENCH_PEOPLE", 10_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("figure  what                                                          median   all rounds");
    runtime.block_on(async {
        p1(rounds).await;
        p2(rounds).await;
        large(people).await;
    });
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number"))
}

fn row(figure: &str, what: &str, mut ratios: Vec<f64>, unit: &str) {
    let all: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    ratios.sort_by(f64::total_cmp);
    println!("{figure:<7} {what:<60} {:>8.3}{unit}  {}", ratios[ratios.len() / 2], all.join(" "));
}

/// Enrolment of RSA-2048 people by the daemon ÷ bare key generation.
async fn p1(rounds: usize) {
    const PEOPLE: usize = 60;
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        let bare = raw::cpu_seconds(|| raw::generate(model::KeyAlgorithm::Rsa2048, PEOPLE)) / PEOPLE as f64;
        let world = World::new(PEOPLE, "rsa-2048").await;
        let mut daemon = Daemon::start(&world);
        daemon.until_enrolled(&world, PEOPLE as u64).await;
        let ours = daemon.cpu_seconds() / PEOPLE as f64;
        daemon.stop();
        world.assert_complete(PEOPLE as u64).await;
        ratios.push(ours / bare);
    }
    row("P1", "processor time per RSA-2048 person ÷ bare key generation", ratios, "");
}

/// Enrolment of P-256 people by the daemon ÷ a raw loop over the same cryptography and one commit.
async fn p2(rounds: usize) {
    const PEOPLE: usize = 300;
    let mut ratios = Vec::new();
    let mut ours_each = Vec::new();
    let mut raw_each = Vec::new();
    for _ in 0..rounds {
        let bare = raw::whole_loop(PEOPLE).await / PEOPLE as f64;
        let world = World::new(PEOPLE, "p-256").await;
        let mut daemon = Daemon::start(&world);
        daemon.until_enrolled(&world, PEOPLE as u64).await;
        let ours = daemon.cpu_seconds() / PEOPLE as f64;
        daemon.stop();
        world.assert_complete(PEOPLE as u64).await;
        ratios.push(ours / bare);
        ours_each.push(ours * 1_000.0);
        raw_each.push(bare * 1_000.0);
    }
    row("P2", "processor time per P-256 person ÷ raw loop", ratios, "");
    row("", "  the daemon, per person", ours_each, " ms");
    row("", "  the raw loop, per person", raw_each, " ms");
}

/// One large tenant: idle cycles, memory, idleness.
async fn large(people: usize) {
    let world = World::new(people, "p-256").await;
    let mut daemon = Daemon::start(&world);
    daemon.until_enrolled(&world, 100).await;
    let early = daemon.resident_megabytes();
    daemon.until_enrolled(&world, people as u64).await;
    let full = daemon.cpu_seconds();
    // One cycle looks at everybody whose enrollment has ended; after it nothing is left to be looked at.
    daemon.sync(&world).await;
    let late = daemon.resident_megabytes();
    let mut cycles = Vec::new();
    let mut requests = Vec::new();
    for _ in 0..5 {
        let (before, asked) = (daemon.cpu_nanoseconds(), world.sim.request_count());
        daemon.sync(&world).await;
        cycles.push(daemon.cpu_nanoseconds().saturating_sub(before) as f64 / 1e9 / full);
        requests.push((world.sim.request_count() - asked) as f64);
    }
    let share: Vec<f64> = cycles.iter().map(|share| share * 1_000.0).collect();
    row("P5", &format!("idle cycle over {people} ÷ enrolling them, per mille"), share, " ‰");
    row("P5", "  HTTP requests of an idle cycle", requests, "");
    row("P10", &format!("resident memory after {people} people ÷ after 100"), vec![late / early], "");
    row("P10", "  absolute", vec![late], " MB");
    let mut idle = Vec::new();
    for _ in 0..3 {
        let before = daemon.cpu_nanoseconds();
        tokio::time::sleep(Duration::from_mins(1)).await;
        idle.push(daemon.cpu_nanoseconds().saturating_sub(before) as f64 / 1e6);
    }
    row("P13", &format!("idle daemon over {people} certificates, per minute"), idle, " ms");
    daemon.stop();
    world.assert_complete(people as u64).await;
}
