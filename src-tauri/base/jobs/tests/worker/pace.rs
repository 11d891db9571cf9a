//! One pace for several installations.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use jobs::SharedPace;
use model::Span;
use ports::Pace;
use store::{Rate, Store};
use support::{Peers, fresh_store};

/// Lets so many installations call as fast as they may; answers how many calls were made.
async fn calls(stores: Vec<Arc<dyn Store>>, rate: Rate, each: u32) -> u32 {
    let mut tasks = tokio::task::JoinSet::new();
    for store in stores {
        let pace = Arc::new(SharedPace::new(store, "ca 1", Some(rate)));
        // Each installation has several jobs at once.
        for _ in 0..3 {
            let pace = Arc::clone(&pace);
            tasks.spawn(async move {
                for _ in 0..each {
                    pace.draw().await.unwrap();
                }
                each
            });
        }
    }
    tasks.join_all().await.into_iter().sum()
}

async fn holds(stores: Vec<Arc<dyn Store>>) {
    let rate = Rate { interval: Span::millis(50), burst: 3 };
    // Counted from before the first call: however late a machine notes that it may call, the time is long enough.
    let began = Instant::now();
    assert_eq!(calls(stores, rate, 4).await, 48);
    assert!(began.elapsed() >= Duration::from_millis(50 * (48 - 3) - 100), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn four_installations_together_never_call_more_often_than_one_may() {
    holds(Peers::on_sqlite(4).await.stores().to_vec()).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nor_do_they_on_a_server() {
    holds(Peers::on_mariadb(4).await.stores().to_vec()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rest_that_one_was_told_to_take_is_taken_by_all() {
    for rate in [None, SharedPace::per_second(1_000.0)] {
        let store = fresh_store().await;
        let pace = |name: &str| SharedPace::new(store.shared(), name, rate);
        let (one, two, elsewhere) = (pace("graph 1"), pace("graph 1"), pace("graph 2"));
        let asked = Instant::now();
        one.rest(Span::seconds(3)).await;
        elsewhere.draw().await.unwrap();
        assert!(asked.elapsed() < Duration::from_millis(2_500), "another bucket is not concerned");
        two.draw().await.unwrap();
        assert!(asked.elapsed() >= Duration::from_millis(2_900), "{:?}", asked.elapsed());
        one.draw().await.unwrap();

        one.rest(Span::hours(1)).await;
        for resting in [one, pace("graph 1")] {
            let wait = resting.draw().await.unwrap_err();
            assert!(wait > Span::minutes(59), "left to the scheduler: {wait:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_does_not_come_back_all_at_once_after_a_rest() {
    let peers = Peers::on_sqlite(3).await;
    let began = Instant::now();
    // The other side refuses everybody for three seconds, and asks for half a second each time.
    let storm = Duration::from_secs(3);
    let refused = Arc::new(AtomicU32::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for store in peers.stores() {
        let pace = Arc::new(SharedPace::new(Arc::clone(store), "graph 1", None));
        for _ in 0..8 {
            let (pace, refused) = (Arc::clone(&pace), Arc::clone(&refused));
            tasks.spawn(async move {
                loop {
                    pace.draw().await.unwrap();
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    if began.elapsed() > storm {
                        return;
                    }
                    refused.fetch_add(1, Ordering::SeqCst);
                    pace.rest(Span::millis(500)).await;
                }
            });
        }
    }
    tasks.join_all().await;
    let refused = refused.load(Ordering::SeqCst);
    // At most all 24 at first, since nobody knew; then one or two of each installation after each of six rests.
    assert!((1..=24 + 6 * 6).contains(&refused), "{refused}");
}

#[test]
fn rates_are_rounded_so_that_they_are_never_exceeded() {
    let interval = |rate| SharedPace::per_second(rate).map(|rate| rate.interval.as_millis());
    assert_eq!(interval(300.0), Some(4));
    assert_eq!(interval(0.5), Some(2_000));
    for rate in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e9] {
        assert_eq!(interval(rate), None, "{rate}");
    }
    for (calls, millis) in [(1, 60_000), (7, 8_572), (60, 1_000), (59_999, 2), (60_000, 1), (u32::MAX, 1)] {
        let rate = SharedPace::per_minute(calls);
        assert_eq!((rate.interval.as_millis(), rate.burst), (millis, 1), "{calls} a minute");
    }
    assert_eq!(SharedPace::per_minute(0), SharedPace::per_minute(1));
}
