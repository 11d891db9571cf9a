//! Jobs that are due, fail, rest and panic.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jobs::WorkerOptions;
use model::{Clock, Span};

use crate::bench::{Bench, Does, Running, Watched, eventually, job_id};

#[tokio::test]
async fn what_is_due_is_done_once_and_leaves_the_queue() {
    let bench = Bench::new().await;
    let jobs: Vec<_> = (1..=40).map(|number| (number, Does::Done)).collect();
    bench.queue(&jobs).await;
    let idle = bench.worker(Bench::options("us")).run_until_idle().await;
    assert_eq!((idle.done, idle.failed, idle.next_due), (40, 0, None));
    assert_eq!(bench.queued().await, 0);
    assert!((1..=40).all(|number| bench.script.runs_of(number) == 1));
}

#[tokio::test]
async fn a_job_parked_for_later_does_not_hold_up_idleness() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::RestFor(Span::hours(2))), (2, Does::Done)]).await;
    let worker = bench.worker(Bench::options("us"));
    let idle = worker.run_until_idle().await;
    assert_eq!((idle.done, idle.failed), (1, 0), "a rest is no failure");
    assert_eq!(idle.next_due, Some(bench.clock.now() + Span::hours(2)));
    assert_eq!(worker.run_until_idle().await.done, 0, "not yet");

    bench.clock.advance(Span::hours(2));
    bench.script.set(1, Does::Done);
    let idle = worker.run_until_idle().await;
    assert_eq!((idle.done, idle.next_due), (1, None));
}

#[tokio::test]
async fn a_failed_job_comes_back_after_a_longer_rest_each_time() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::Fail)]).await;
    let worker = bench.worker(Bench::options("us"));
    for (attempt, rest) in [5_000, 10_000, 20_000, 40_000].into_iter().enumerate() {
        let idle = worker.run_until_idle().await;
        assert_eq!((idle.done, idle.failed), (0, 1));
        let due = idle.next_due.expect("it comes back").since(bench.clock.now()).as_millis();
        assert!((rest..=rest + rest / 5).contains(&due), "{due} ms after failure {attempt}");
        bench.clock.advance(Span::millis(due));
    }
    bench.script.set(1, Does::RestFor(Span::seconds(1)));
    worker.run_until_idle().await;
    bench.clock.advance(Span::seconds(1));
    bench.script.set(1, Does::Done);
    assert_eq!(worker.run_until_idle().await.done, 1);
    let attempts: Vec<u32> =
        bench.script.runs.lock().unwrap().iter().map(|(_, attempts)| *attempts).collect();
    assert_eq!(attempts, [0, 1, 2, 3, 4, 0], "progress forgives earlier failures");
}

#[tokio::test]
async fn a_job_that_panics_is_parked_and_disturbs_nobody() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::Panic), (2, Does::Done), (3, Does::Panic), (4, Does::Done)]).await;
    let idle = bench.worker(Bench::options("us")).run_until_idle().await;
    assert_eq!((idle.done, idle.failed), (2, 2));
    assert_eq!(bench.queued().await, 2);
    assert!(idle.next_due.is_some_and(|due| due > bench.clock.now()));
    bench.clock.advance(Span::minutes(1));
    assert_eq!(bench.claimable().await, [(job_id(1), 1), (job_id(3), 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_jobs_run_at_once_than_may() {
    let bench = Bench::new().await;
    let jobs: Vec<_> = (1..=20).map(|number| (number, Does::TakeMillis(20))).collect();
    bench.queue(&jobs).await;
    let options = WorkerOptions { concurrency: 3, ..Bench::options("us") };
    let idle = bench.worker(options).run_until_idle().await;
    assert_eq!(idle.done, 20);
    assert_eq!(bench.script.most_at_once.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn interruptions_of_the_loop_lose_no_result() {
    let bench = Bench::new().await;
    let jobs: Vec<_> =
        (1..=60).map(|number| (number, Does::TakeMillis(u64::try_from(number % 4).unwrap()))).collect();
    bench.queue(&jobs).await;
    // The loop is woken far more often than jobs end.
    let options = WorkerOptions { concurrency: 4, nap: Span::millis(1), ..Bench::options("us") };
    let worker = bench.worker(options);
    let waker = worker.waker();
    let running = Running::start(worker);
    eventually("the queue is empty", || {
        waker.wake();
        async { bench.queued().await == 0 }
    })
    .await;
    running.end().await;
    assert!((1..=60).all(|number| bench.script.runs_of(number) == 1), "each exactly once");
}

#[tokio::test]
async fn a_woken_worker_starts_at_once() {
    let bench = Bench::new().await;
    let worker = bench.worker(WorkerOptions { nap: Span::minutes(5), ..Bench::options("us") });
    let waker = worker.waker();
    let running = Running::start(worker);
    tokio::time::sleep(Duration::from_millis(100)).await;
    bench.queue(&[(1, Does::Done)]).await;
    let asked = Instant::now();
    waker.wake();
    eventually("the job is done", || async { bench.queued().await == 0 }).await;
    assert!(asked.elapsed() < Duration::from_secs(5));
    running.end().await;
}

#[tokio::test]
async fn an_idle_worker_writes_nothing() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::RestFor(Span::hours(1)))]).await;
    bench.worker(Bench::options("us")).run_until_idle().await;
    let watched = Watched::new(bench.store.shared(), 0);
    let options = WorkerOptions { nap: Span::millis(5), ..Bench::options("us") };
    let running = Running::start(bench.worker_on(watched.clone(), Vec::new(), options));
    tokio::time::sleep(Duration::from_millis(400)).await;
    running.end().await;
    assert_eq!(watched.writes.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_busy_database_is_waited_for() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::Done), (2, Does::Fail)]).await;
    let watched = Watched::new(bench.store.shared(), 2);
    let idle = bench.worker_on(watched.clone(), Vec::new(), Bench::options("us")).run_until_idle().await;
    assert_eq!((idle.done, idle.failed), (1, 1));
    assert_eq!(watched.busy.load(Ordering::SeqCst), 0, "it really was refused");

    // Refused only when the result is to be stored.
    bench.clock.advance(Span::minutes(1));
    bench.script.set(2, Does::TakeMillis(100));
    let worker = bench.worker_on(watched.clone(), Vec::new(), Bench::options("us"));
    let (idle, ()) = tokio::join!(worker.run_until_idle(), async {
        eventually("the job runs", || async { bench.script.runs_of(2) == 2 }).await;
        watched.busy.store(2, Ordering::SeqCst);
    });
    assert_eq!((idle.done, bench.queued().await), (1, 0));
}
