//! A database that fails: every unit of work in every way, and outages.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jobs::{Duty, WorkerOptions};
use model::{Service, Span};
use store::{DutyClaim, Store, StoreError, Work};
use support::{Failing, Faulty, Peers};

use crate::bench::{Bench, Does, Running, eventually};

#[tokio::test]
async fn a_unit_of_work_that_fails_anywhere_runs_no_job_twice_and_forgets_none() {
    for how in Failing::ALL {
        for nth in 1..=6 {
            let bench = Bench::new().await;
            bench.queue(&[(1, Does::Done), (2, Does::RestFor(Span::hours(1))), (3, Does::Done)]).await;
            let faulty = Faulty::over(bench.store.shared());
            faulty.fail(nth, how);
            let options = WorkerOptions { concurrency: 1, ..Bench::options("us") };
            let worker = bench.worker_on(faulty.clone(), Vec::new(), options);
            let asked = Instant::now();
            worker.run_until_idle().await;
            assert!(asked.elapsed() < Duration::from_secs(20), "{how:?} at {nth}: no claim had to run out");
            let runs = [1, 2, 3].map(|number| bench.script.runs_of(number));
            assert_eq!((runs, bench.queued().await), ([1, 1, 1], 1), "{how:?} at {nth}");
        }
    }
}

/// Holds its claim in every unit of work, as duties do.
struct Fenced {
    store: Arc<dyn Store>,
    takes: Duration,
    /// What became of each unit of work.
    units: Mutex<Vec<Result<(), StoreError>>>,
}

#[async_trait]
impl Duty for Fenced {
    fn service(&self) -> Service {
        Service::Sync
    }
    fn interval(&self) -> Span {
        Span::minutes(15)
    }
    async fn run(&self, claim: &DutyClaim) -> Result<String, String> {
        tokio::time::sleep(self.takes).await;
        let done = store::in_unit!(self.store, work => { claim.hold(work.as_mut()).await?; });
        let told = if done.is_ok() { Ok("done".to_owned()) } else { Err("lost".to_owned()) };
        self.units.lock().unwrap().push(done);
        told
    }
}

#[tokio::test]
async fn a_duty_is_run_although_units_of_work_fail() {
    for how in Failing::ALL {
        for nth in 1..=4 {
            let bench = Bench::new().await;
            let faulty = Faulty::over(bench.store.shared());
            faulty.fail(nth, how);
            let duty = Arc::new(Fenced {
                store: bench.store.shared(),
                takes: Duration::ZERO,
                units: Mutex::default(),
            });
            let options = WorkerOptions { nap: Span::millis(10), ..Bench::options("us") };
            let running = Running::start(bench.worker_on(faulty.clone(), vec![duty.clone()], options));
            eventually("its result is kept", || async {
                let listed = bench.store.read().await.unwrap().services().list().await.unwrap();
                listed.first().is_some_and(|status| status.last_result.is_some())
            })
            .await;
            running.end().await;
            let units = duty.units.lock().unwrap();
            assert!(matches!(units.as_slice(), [Ok(())]), "{how:?} at {nth}: {units:?}");
        }
    }
}

#[tokio::test]
async fn whoever_wakes_after_another_ran_the_duty_stores_nothing() {
    let bench = Bench::new().await;
    let now = model::Clock::now(bench.clock.as_ref());
    let claim =
        |owner: &str| DutyClaim { service: Service::Sync, owner: owner.to_owned(), lease: Span::millis(40) };
    let (paused, other) = (claim("us, the first run"), claim("them"));
    let mut work = bench.store.begin().await.unwrap();
    work.services().ensure(Service::Sync, now).await.unwrap();
    assert!(work.services().claim(Service::Sync, &paused.owner, now, paused.lease).await.unwrap());
    work.commit().await.unwrap();
    tokio::time::sleep(Duration::from_millis(80)).await;
    // Nobody has taken it yet: it is still the first one's.
    let mut work = bench.store.begin().await.unwrap();
    paused.hold(work.as_mut()).await.unwrap();
    work.commit().await.unwrap();
    tokio::time::sleep(Duration::from_millis(80)).await;
    let mut work = bench.store.begin().await.unwrap();
    assert!(work.services().claim(Service::Sync, &other.owner, now, other.lease).await.unwrap());
    assert!(work.services().finish(Service::Sync, &other.owner, now, Ok("done"), now).await.unwrap());
    work.commit().await.unwrap();
    // It is due again and nobody has it; for the one that was paused it is over all the same.
    let mut work = bench.store.begin().await.unwrap();
    let told = paused.hold(work.as_mut()).await;
    assert!(matches!(told, Err(StoreError::Stale { .. })), "{told:?}");
}

/// A database that can be taken away.
struct Away {
    inner: Arc<dyn Store>,
    is_away: AtomicBool,
}

impl Away {
    fn check(&self) -> Result<(), StoreError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StoreError::Busy { source: "nobody answers".into() });
        }
        Ok(())
    }
}

#[async_trait]
impl Store for Away {
    async fn begin(&self) -> Result<Box<dyn Work>, StoreError> {
        self.check()?;
        self.inner.begin().await
    }
    async fn read(&self) -> Result<Box<dyn Work>, StoreError> {
        self.check()?;
        self.inner.read().await
    }
    async fn pause(&self, _: u32) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_within_seconds_after_an_outage_that_outlasted_the_leases() {
    let bench = Bench::new().await;
    bench.queue(&[(1, Does::TakeMillis(300)), (2, Does::TakeMillis(300)), (3, Does::Done)]).await;
    let away = Arc::new(Away { inner: bench.store.shared(), is_away: AtomicBool::new(false) });
    let options = WorkerOptions { lease: Span::millis(600), nap: Span::millis(50), ..Bench::options("us") };
    let running = Running::start(bench.worker_on(away.clone(), Vec::new(), options));
    eventually("they run", || async { bench.script.total() >= 2 }).await;
    away.is_away.store(true, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(bench.queued().await > 0);
    let back = Instant::now();
    away.is_away.store(false, Ordering::SeqCst);
    eventually("all is done", || async { bench.queued().await == 0 }).await;
    assert!(back.elapsed() < Duration::from_secs(8), "{:?}", back.elapsed());
    running.end().await;
}

/// Stops everything in this process for a while, as SIGSTOP does; beside it `meanwhile` happens.
fn hold_up(meanwhile: impl Future<Output = ()> + Send) {
    std::thread::scope(|scope| {
        let beside = scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(meanwhile);
        });
        beside.join().unwrap();
    });
}

#[tokio::test]
async fn whoever_was_held_up_asks_before_it_does_anything_more() {
    for is_taken in [true, false] {
        let bench = Bench::new().await;
        bench.queue(&[(1, Does::TakeMillis(700))]).await;
        let options =
            WorkerOptions { lease: Span::millis(500), nap: Span::millis(20), ..Bench::options("us") };
        let running = Running::start(bench.worker(options));
        eventually("it runs", || async { bench.script.total() == 1 }).await;
        let (file, now) = (bench.store.file(), model::Clock::now(bench.clock.as_ref()));
        hold_up(async {
            tokio::time::sleep(Duration::from_millis(900)).await;
            if is_taken {
                let location = store_sql::Location::Sqlite(file);
                let other =
                    store_sql::SqlStore::open(&location, &store_sql::Options::default()).await.unwrap();
                let mut work = other.begin().await.unwrap();
                let leases = work.jobs().claim("them", now, Span::minutes(5), 9).await.unwrap();
                work.commit().await.unwrap();
                assert_eq!(leases.len(), 1, "the lease ran out");
            }
        });
        let dropped = || bench.script.dropped.load(Ordering::SeqCst);
        eventually("it is done, or left to the other", || async {
            if is_taken { dropped() == 1 } else { bench.queued().await == 0 }
        })
        .await;
        running.end().await;
        // A beat that comes late after the stop makes it give up what nobody took, and do it again.
        if is_taken {
            assert_eq!((dropped(), bench.script.total()), (1, 1), "left to the other, once");
        }
        assert_eq!(bench.queued().await, u64::from(is_taken), "taken: {is_taken}");
    }
}

/// Holds its claim in a unit of work that takes longer than the claim lasts.
struct Slow {
    store: Arc<dyn Store>,
    runs: AtomicU32,
    done: AtomicBool,
}

#[async_trait]
impl Duty for Slow {
    fn service(&self) -> Service {
        Service::Sync
    }
    fn interval(&self) -> Span {
        Span::minutes(15)
    }
    async fn run(&self, claim: &DutyClaim) -> Result<String, String> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        let mut work = self.store.begin().await.unwrap();
        claim.hold(work.as_mut()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(3)).await;
        work.commit().await.unwrap();
        self.done.store(true, Ordering::SeqCst);
        Ok("done".to_owned())
    }
}

/// The beat that confirms the claim has to wait for the very unit of work that holds it.
async fn comes_to_an_end(peers: &Peers) {
    let bench = Bench::new().await;
    let [ours, duties] = peers.stores() else { panic!("two") };
    let duty =
        Arc::new(Slow { store: Arc::clone(duties), runs: AtomicU32::new(0), done: AtomicBool::new(false) });
    let options = WorkerOptions { lease: Span::millis(600), nap: Span::millis(20), ..Bench::options("us") };
    let running = Running::start(bench.worker_on(Arc::clone(ours), vec![duty.clone()], options));
    eventually("it is done", || async { duty.done.load(Ordering::SeqCst) }).await;
    running.end().await;
    assert_eq!(duty.runs.load(Ordering::SeqCst), 1, "at the first time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_of_work_that_outlasts_its_claim_is_not_in_its_own_way() {
    comes_to_an_end(&Peers::on_sqlite(2).await).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nor_is_it_on_a_server() {
    comes_to_an_end(&Peers::on_mariadb(2).await).await;
}
