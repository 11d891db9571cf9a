//! Several machines with several clocks: what is due is due by the database's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jobs::{DueBy, Duty, Worker, WorkerOptions};
use model::{Clock, Service, Span, SystemClock, Timestamp};
use store::{DutyClaim, Job, JobKind, Store};
use support::{ManualClock, SeededEntropy};
use tokio_util::sync::CancellationToken;

use crate::bench::{Bench, Does, eventually, job_id};

fn off_by(span: Span) -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(SystemClock.now() + span))
}

fn worker(bench: &Bench, clock: Arc<dyn Clock>, duties: Vec<Arc<dyn Duty>>, name: &str) -> Worker {
    let options = WorkerOptions {
        due_by: DueBy::Database,
        nap: Span::millis(50),
        grace: Span::seconds(2),
        ..Bench::options(name)
    };
    Worker::new(
        bench.store.shared(),
        clock,
        Arc::new(SeededEntropy::new(1)),
        bench.script.clone(),
        duties,
        options,
    )
}

async fn queue_at(bench: &Bench, number: u128, due_at: Timestamp, does: Does) {
    bench.script.set(number, does);
    let kind = JobKind::Enrollment { enrollment: uuid::Uuid::from_u128(number).into() };
    let mut work = bench.store.begin().await.unwrap();
    let job = Job { id: job_id(number), kind, due_at, attempts: 0 };
    work.jobs().add(&job, &format!("key {number}")).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test]
async fn a_worker_whose_clock_is_wrong_neither_leaves_work_lying_nor_takes_it_too_early() {
    for wrong in [Span::hours(-3), Span::minutes(-10), Span::minutes(10), Span::hours(3)] {
        let bench = Bench::new().await;
        queue_at(&bench, 1, SystemClock.now(), Does::Done).await;
        queue_at(&bench, 2, SystemClock.now(), Does::RestFor(Span::minutes(1))).await;
        let idle = worker(&bench, off_by(wrong), Vec::new(), "us").run_until_idle().await;
        assert_eq!((idle.done, bench.script.total()), (1, 2), "{wrong:?}: both ran, and the rest is a rest");
        let rest = idle.next_due.unwrap().since(SystemClock.now());
        assert!((50_000..=60_000).contains(&rest.as_millis()), "{wrong:?}: {rest:?}");
    }
}

#[tokio::test]
async fn what_a_console_with_a_fast_clock_queues_or_wakes_is_due_at_once() {
    let bench = Bench::new().await;
    let fast = SystemClock.now() + Span::hours(2);
    queue_at(&bench, 1, fast, Does::Done).await;
    queue_at(&bench, 2, SystemClock.now(), Does::RestFor(Span::hours(5))).await;
    let us = worker(&bench, Arc::new(SystemClock), Vec::new(), "us");
    assert_eq!(us.run_until_idle().await.done, 1);
    bench.script.set(2, Does::Done);
    let mut work = bench.store.begin().await.unwrap();
    assert!(work.jobs().wake("key 2", fast).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(us.run_until_idle().await.done, 1);
}

/// Counts its runs.
#[derive(Default)]
struct Counted(AtomicU32);

#[async_trait]
impl Duty for Counted {
    fn service(&self) -> Service {
        Service::Sync
    }
    fn interval(&self) -> Span {
        Span::minutes(15)
    }
    async fn run(&self, _: &DutyClaim) -> Result<String, String> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok("done".to_owned())
    }
}

#[tokio::test]
async fn two_daemons_with_clocks_hours_apart_run_a_duty_once_per_interval() {
    let bench = Bench::new().await;
    let duty = Arc::new(Counted::default());
    let stop = CancellationToken::new();
    let workers = [Span::hours(-2), Span::hours(2)].map(|wrong| {
        worker(&bench, off_by(wrong), vec![duty.clone()], &format!("off by {}", wrong.as_millis()))
    });
    let (one, two) = (workers[0].run(stop.clone()), workers[1].run(stop.clone()));
    let watch = async {
        eventually("it ran", || async { duty.0.load(Ordering::SeqCst) > 0 }).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(duty.0.load(Ordering::SeqCst), 1, "nobody spins and nobody takes it early");
        let told = bench.store.read().await.unwrap().services().list().await.unwrap().remove(0);
        let rest = told.next_run.since(SystemClock.now()).as_millis();
        assert!((840_000..=930_000).contains(&rest), "{rest}");
        stop.cancel();
    };
    tokio::join!(one, two, watch);
}

#[tokio::test]
async fn a_next_run_that_a_wrong_clock_set_is_not_believed() {
    let bench = Bench::new().await;
    let mut work = bench.store.begin().await.unwrap();
    work.services().ensure(Service::Sync, SystemClock.now() + Span::days(400)).await.unwrap();
    work.commit().await.unwrap();
    let duty = Arc::new(Counted::default());
    let stop = CancellationToken::new();
    let us = worker(&bench, Arc::new(SystemClock), vec![duty.clone()], "us");
    let asked = Instant::now();
    let watch = async {
        eventually("it ran", || async { duty.0.load(Ordering::SeqCst) == 1 }).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        stop.cancel();
    };
    tokio::join!(us.run(stop.clone()), watch);
    assert!(asked.elapsed() < Duration::from_secs(10));
    assert_eq!(duty.0.load(Ordering::SeqCst), 1, "and then it rests as it should");
}
