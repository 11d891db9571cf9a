//! Recurring duties: one worker at a time, on time, at once when wished, and never silently dead.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jobs::{Duty, WorkerOptions};
use model::{Clock, Service, ServiceStatus, Span};
use store::{DutyClaim, Store};

use crate::bench::{Bench, Running, eventually};

struct Scripted {
    service: Service,
    takes: Duration,
    result: fn() -> Result<String, String>,
    runs: AtomicU32,
    at_once: AtomicU32,
    most_at_once: AtomicU32,
}

impl Scripted {
    fn new(service: Service, takes: u64, result: fn() -> Result<String, String>) -> Arc<Self> {
        Arc::new(Self {
            service,
            takes: Duration::from_millis(takes),
            result,
            runs: AtomicU32::new(0),
            at_once: AtomicU32::new(0),
            most_at_once: AtomicU32::new(0),
        })
    }
    fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Duty for Scripted {
    fn service(&self) -> Service {
        self.service
    }
    fn interval(&self) -> Span {
        Span::minutes(15)
    }
    async fn run(&self, _: &DutyClaim) -> Result<String, String> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(self.takes).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        (self.result)()
    }
}

fn options(name: &str) -> WorkerOptions {
    WorkerOptions {
        lease: Span::millis(300),
        nap: Span::millis(10),
        grace: Span::millis(300),
        ..Bench::options(name)
    }
}

fn start(bench: &Bench, name: &str, duty: &Arc<Scripted>) -> Running {
    Running::start(bench.worker_on(bench.store.shared(), vec![duty.clone()], options(name)))
}

async fn status(bench: &Bench) -> Option<ServiceStatus> {
    bench.store.read().await.unwrap().services().list().await.unwrap().pop()
}

async fn has_result(bench: &Bench) -> bool {
    status(bench).await.is_some_and(|status| status.last_result.is_some())
}

#[tokio::test]
async fn a_duty_runs_at_its_interval_and_at_once_when_wished() {
    let bench = Bench::new().await;
    let duty = Scripted::new(Service::Sync, 0, || Ok("read changes: 0".to_owned()));
    let running = start(&bench, "us", &duty);
    eventually("it ran", || has_result(&bench)).await;
    let first = status(&bench).await.unwrap();
    assert_eq!((first.last_result.as_deref(), first.failed), (Some("read changes: 0"), false));
    assert_eq!(first.last_run, Some(bench.clock.now()));
    let rest = first.next_run.since(bench.clock.now()).as_millis();
    let interval = Span::minutes(15).as_millis();
    assert!((interval..=interval + interval / 50).contains(&rest), "{rest}");

    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(duty.runs(), 1, "not again before its time");
    bench.clock.advance(Span::minutes(16));
    eventually("it ran again", || async { duty.runs() == 2 }).await;

    eventually("it rests", || async { status(&bench).await.unwrap().next_run > bench.clock.now() }).await;
    let mut work = bench.store.begin().await.unwrap();
    work.services().wake(Service::Sync, bench.clock.now()).await.unwrap();
    work.commit().await.unwrap();
    eventually("it ran on demand", || async { duty.runs() == 3 }).await;
    running.end().await;
}

#[tokio::test]
async fn a_duty_that_fails_or_panics_says_so_and_comes_again() {
    for (result, said) in [
        (
            (|| Err("the tenant refused our credentials".to_owned())) as fn() -> Result<String, String>,
            "refused",
        ),
        (|| panic!("broken"), "panicked"),
    ] {
        let bench = Bench::new().await;
        let duty = Scripted::new(Service::Crl, 0, result);
        let running = start(&bench, "us", &duty);
        eventually("it ran", || has_result(&bench)).await;
        let told = status(&bench).await.unwrap();
        assert!(told.failed && told.last_result.unwrap().contains(said));
        assert!(told.next_run > bench.clock.now());
        bench.clock.advance(Span::minutes(20));
        eventually("it came again", || async { duty.runs() == 2 }).await;
        running.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_worker_runs_a_duty_however_long_it_takes() {
    let bench = Bench::new().await;
    // Longer than two claims; each is confirmed twice before it runs out, also by a worker that is held up for a second.
    let duty = Scripted::new(Service::Sync, 4_000, || Ok("done".to_owned()));
    let workers = ["one", "two"].map(|name| {
        let options = WorkerOptions { lease: Span::millis(1_500), ..options(name) };
        Running::start(bench.worker_on(bench.store.shared(), vec![duty.clone()], options))
    });
    eventually("it ran", || has_result(&bench)).await;
    for worker in workers {
        worker.end().await;
    }
    assert_eq!((duty.runs(), duty.most_at_once.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test]
async fn a_duty_that_is_stopped_in_the_middle_is_due_again() {
    let bench = Bench::new().await;
    let duty = Scripted::new(Service::Sync, 60_000, || Ok("done".to_owned()));
    let running = start(&bench, "us", &duty);
    eventually("it runs", || async { duty.runs() == 1 }).await;
    running.end().await;
    let told = status(&bench).await.unwrap();
    assert!(told.failed && told.next_run <= bench.clock.now(), "{told:?}");
    let heir = start(&bench, "heir", &duty);
    eventually("another worker runs it at once", || async { duty.runs() == 2 }).await;
    heir.end().await;
}
