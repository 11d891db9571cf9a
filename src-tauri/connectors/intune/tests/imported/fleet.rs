//! Several daemons at one tenant.

use std::sync::Arc;
use std::time::{Duration, Instant};

use intune::{IntuneDelivery, Settings};
use jobs::SharedPace;
use model::{Span, SystemClock};
use ports::{DeliveryDoor as _, DeliveryError};
use sim::FaultEffect;
use store::Store;
use support::Peers;

use crate::world::{graph, package, settings, world};

/// The door of one daemon, at the pace of all.
fn door(sim: &sim::Sim, store: &Arc<dyn Store>, writes_per_second: Option<f32>) -> Arc<IntuneDelivery> {
    let rests = Arc::new(SharedPace::new(Arc::clone(store), "intune 1", None));
    let rate = writes_per_second.and_then(SharedPace::per_second);
    let writes = Arc::new(SharedPace::new(Arc::clone(store), "intune 1", rate));
    let graph = Arc::new(graph(sim).at_pace(rests));
    let door =
        IntuneDelivery::new(graph, Arc::new(SystemClock), Settings { writes_per_second, ..settings(sim) });
    Arc::new(door.unwrap().at_pace(writes))
}

#[tokio::test(flavor = "multi_thread")]
async fn three_daemons_that_are_throttled_do_not_storm() {
    let world = world().await;
    let peers = Peers::on_sqlite(3).await;
    let storm = Duration::from_secs(5);
    world.spoil_posts(FaultEffect::TooManyRequests { retry_after: Some(1) });
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for store in peers.stores() {
        let door = door(&world.sim, store, None);
        for _ in 0..5 {
            let (door, package) = (Arc::clone(&door), package(&world.person()));
            tasks.spawn(async move {
                // As the scheduler does it: again when it was told to.
                loop {
                    match door.deliver(&package).await {
                        Ok(_) => return,
                        Err(DeliveryError::Unavailable { retry_after, .. }) => {
                            let rest = retry_after.unwrap_or(Span::seconds(1)).to_duration();
                            tokio::time::sleep(rest).await;
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    }
    tokio::time::sleep(storm).await;
    let refused = world.asked("POST");
    world.sim.clear_faults();
    tasks.join_all().await;
    assert_eq!(world.sim.pfx_records().len(), 15, "everybody has one");
    assert_eq!(world.sim.pfx_duplicates(), 0);
    // At most fifteen at first; each of five rests is then followed by one or two of each daemon, not by all fifteen.
    assert!((1..=15 + 5 * 6).contains(&refused), "{refused} in {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn three_daemons_together_write_no_faster_than_one_may() {
    let world = world().await;
    let peers = Peers::on_sqlite(3).await;
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for store in peers.stores() {
        let door = door(&world.sim, store, Some(5.0));
        for _ in 0..2 {
            let (door, packages) = (Arc::clone(&door), [(); 2].map(|()| package(&world.person())));
            tasks.spawn(async move {
                for package in packages {
                    door.deliver(&package).await.unwrap();
                }
            });
        }
    }
    tasks.join_all().await;
    assert_eq!(world.sim.pfx_records().len(), 12);
    assert!(began.elapsed() >= Duration::from_millis(11 * 200 - 400), "{:?}", began.elapsed());
}
