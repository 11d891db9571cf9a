//! An orderly end: what runs may finish, what does not is given back.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jobs::WorkerOptions;
use model::Span;

use crate::bench::{Bench, Does, Running, eventually, job_id};

#[tokio::test]
async fn running_jobs_finish_and_waiting_ones_are_given_back_as_they_were() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::TakeMillis(400)), (2, Does::Done), (3, Does::Done)]).await;
    let options = WorkerOptions { concurrency: 1, ..Bench::options("us") };
    let running = Running::start(bench.worker(options));
    eventually("the first runs", || async { bench.script.total() == 1 }).await;
    running.end().await;
    assert_eq!(bench.script.runs_of(1), 1);
    assert_eq!(bench.script.dropped.load(Ordering::SeqCst), 0, "it was let finish");
    assert_eq!(bench.claimable().await, [(job_id(2), 0), (job_id(3), 0)]);
}

#[tokio::test]
async fn a_job_that_does_not_finish_in_time_is_dropped_and_due_at_once() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::NeverEnd), (2, Does::TakeMillis(150))]).await;
    let options = WorkerOptions { grace: Span::millis(500), ..Bench::options("us") };
    let running = Running::start(bench.worker(options));
    eventually("both run", || async { bench.script.total() == 2 }).await;
    let asked = Instant::now();
    running.end().await;
    assert!(asked.elapsed() < Duration::from_secs(5));
    assert_eq!(bench.script.dropped.load(Ordering::SeqCst), 1);
    assert_eq!(bench.claimable().await, [(job_id(1), 0)], "the other one was done");
}

#[tokio::test]
async fn nothing_is_started_after_the_stop() {
    let bench = Bench::new().await;
    let running = Running::start(bench.worker(Bench::options("us")));
    running.end().await;
    bench.queue(&[(1, Does::Done)]).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(bench.script.total(), 0);
}
