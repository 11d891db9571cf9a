//! The service is killed (`SIGKILL`: no destructor, no flush) before, inside and after every station, twice, and at random
//! moments. Whoever starts it again finds everything, and does nothing a second time.

use std::time::Duration;

use model::Entropy as _;
use sim::{SimOptions, Tenant};
use support::SeededEntropy;

use crate::proof;
use crate::world::{Pace, World};

/// Kills at `point` when it is reached for the second time, and the next service when it reaches it for the third time.
async fn rises_again(point: &str) {
    let world = World::of(4, 1).await;
    for nth in [2, 3] {
        let mut daemon = world.probed(&format!("kill:{point}:{nth}"));
        daemon.killed().await;
    }
    assert!(world.done().await < world.expected().len() as u64, "it was killed in the middle of its work");
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

macro_rules! kills {
    ($($name:ident: $point:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            rises_again($point).await;
        }
    )*};
}

kills! {
    a_kill_before_the_key_is_made_loses_nothing_and_doubles_nothing: "keygen.before";
    a_kill_while_the_key_is_made_loses_nothing_and_doubles_nothing: "keygen.inside";
    a_kill_after_the_key_was_sealed_loses_nothing_and_doubles_nothing: "keygen.after";
    a_kill_before_the_order_loses_nothing_and_doubles_nothing: "request.before";
    a_kill_after_the_authority_issued_and_before_we_noted_it_loses_nothing_and_doubles_nothing: "request.inside";
    a_kill_after_the_certificate_was_stored_loses_nothing_and_doubles_nothing: "request.after";
    a_kill_before_archiving_loses_nothing_and_doubles_nothing: "archive.before";
    a_kill_while_archiving_loses_nothing_and_doubles_nothing: "archive.inside";
    a_kill_after_archiving_loses_nothing_and_doubles_nothing: "archive.after";
    a_kill_before_delivery_loses_nothing_and_doubles_nothing: "deliver.before";
    a_kill_after_intune_took_it_and_before_we_noted_it_loses_nothing_and_doubles_nothing: "deliver.inside";
    a_kill_after_delivery_loses_nothing_and_doubles_nothing: "deliver.after";
}

/// Ten kills at moments that a seed chooses, while thirty people and two mailboxes are served.
///
/// A moment is a number of enrollments done and a few milliseconds after that, not a time: a fast machine does all of the
/// work in the time that a slow one takes to begin.
async fn survives_random_kills(seed: u64) {
    const KILLS: u64 = 10;
    let tenant = Tenant::invent().people(30).mailboxes(2).seed(seed).build();
    let options = SimOptions::new(tenant).with_latency(Duration::from_millis(15));
    let world = World::with(options, &Pace::default()).await;
    let all = world.expected().len() as u64;
    let dice = SeededEntropy::new(seed);
    let mut in_the_middle = 0;
    for kill in 0..KILLS {
        let mut random = [0; 2];
        dice.fill(&mut random);
        let step = all / (KILLS + 2);
        let enough = kill * step + u64::from(random[0]) % step;
        let mut daemon = world.daemon();
        daemon.ready().await;
        world.until_at_least(enough, &mut daemon).await;
        tokio::time::sleep(Duration::from_micros(u64::from(random[1]) * 100)).await;
        daemon.kill().await;
        in_the_middle += u32::from(world.done().await < all);
    }
    assert!(in_the_middle >= 5, "only {in_the_middle} kills met it at work");
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_at_random_moments_lose_nothing_and_double_nothing() {
    survives_random_kills(4_711).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_kills_at_other_random_moments_lose_nothing_and_double_nothing() {
    survives_random_kills(815).await;
}
