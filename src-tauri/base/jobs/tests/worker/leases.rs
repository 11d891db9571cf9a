//! Claims that are kept, lost, and handed over. Leases are by the database's clock, so these tests really wait.

use std::sync::atomic::Ordering;

use jobs::WorkerOptions;
use model::{Clock, Span};
use store::Store;

use crate::bench::{Bench, Does, Running, eventually};

fn short(name: &str, concurrency: usize) -> WorkerOptions {
    WorkerOptions { lease: Span::millis(300), concurrency, nap: Span::millis(20), ..Bench::options(name) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_longer_than_its_lease_is_not_taken_over() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::TakeMillis(1_200))]).await;
    let workers =
        [Running::start(bench.worker(short("one", 2))), Running::start(bench.worker(short("two", 2)))];
    eventually("the job is done", || async { bench.queued().await == 0 }).await;
    for worker in workers {
        worker.end().await;
    }
    assert_eq!(bench.script.runs_of(1), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_wait_for_their_turn_are_not_run_twice() {
    let bench = Bench::new().await;
    // Each worker claims more than it can run within one lease.
    let jobs: Vec<_> = (1..=10).map(|number| (number, Does::TakeMillis(150))).collect();
    bench.queue(&jobs).await;
    let workers =
        [Running::start(bench.worker(short("one", 1))), Running::start(bench.worker(short("two", 1)))];
    eventually("the queue is empty", || async { bench.queued().await == 0 }).await;
    for worker in workers {
        worker.end().await;
    }
    for number in 1..=10 {
        assert_eq!(bench.script.runs_of(number), 1, "job {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_a_claim_is_stopped_and_stores_nothing() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::NeverEnd)]).await;
    let running = Running::start(bench.worker(short("us", 1)));
    eventually("the job runs", || async { bench.script.total() == 1 }).await;
    let guard = bench.script.guards.lock().unwrap()[0].clone();

    // Somebody else writes under the same token: the worker's own is worth nothing from here on.
    let later = bench.clock.now() + Span::hours(1);
    let mut work = bench.store.begin().await.unwrap();
    assert!(work.jobs().park(guard.lease(), later, 7).await.unwrap());
    work.commit().await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(5), guard.lost()).await.expect("the job is told");
    eventually("the job is dropped", || async { bench.script.dropped.load(Ordering::SeqCst) == 1 }).await;
    running.end().await;
    assert_eq!(bench.store.read().await.unwrap().jobs().next_due().await.unwrap(), Some(later));
    bench.clock.advance(Span::hours(1));
    assert_eq!(bench.claimable().await[0].1, 7, "as the other left it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_work_of_a_dead_worker_is_taken_up() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::NeverEnd), (2, Does::NeverEnd), (3, Does::NeverEnd)]).await;
    let dead = bench.worker(short("dead", 1));
    // Dropped in the middle: nothing is given back.
    let killed = tokio::time::timeout(std::time::Duration::from_millis(150), dead.run_until_idle()).await;
    assert!(killed.is_err());
    for number in 1..=3 {
        bench.script.set(number, Does::Done);
    }
    let heir = Running::start(bench.worker(short("heir", 1)));
    eventually("the queue is empty", || async { bench.queued().await == 0 }).await;
    heir.end().await;
    assert_eq!((bench.script.runs_of(1), bench.script.runs_of(2), bench.script.runs_of(3)), (2, 1, 1));
}
