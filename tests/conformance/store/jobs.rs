//! The queue. Leases are by the database's clock, so these tests really wait, a few milliseconds at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{JobId, Span, Timestamp};
use store::{Job, JobKind, Lease, Store, StoreError};

use super::Database;
use super::sample::{NOW, id};

const LONG: Span = Span::minutes(5);
/// Has run out when a test has slept; until somebody else claims the job it can be extended all the same.
const SHORT: Span = Span::millis(500);

fn job(number: u128, due_at: Timestamp) -> Job {
    Job { id: id(number), kind: JobKind::Enrollment { enrollment: id(number) }, due_at, attempts: 0 }
}

async fn queue(store: &dyn Store, jobs: &[Job]) {
    let mut work = store.begin().await.unwrap();
    for one in jobs {
        work.jobs().add(one, &format!("key {}", one.id)).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn claim(store: &dyn Store, worker: &str, now: Timestamp, lease: Span, limit: u32) -> Vec<Lease> {
    // Two that claim at the same moment may lock each other out; then one of them begins anew, as every worker does.
    let leases: Result<Vec<Lease>, StoreError> =
        store::in_unit!(store, work => { work.jobs().claim(worker, now, lease, limit).await? });
    leases.unwrap()
}

fn numbers(leases: &[Lease]) -> Vec<JobId> {
    leases.iter().map(|lease| lease.job.id).collect()
}

pub async fn a_key_is_queued_once_until_its_job_is_done(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.jobs().add(&job(1, NOW), "one").await.unwrap();
    work.jobs().add(&job(2, NOW), "one").await.unwrap();
    work.jobs().add(&job(3, NOW), "two").await.unwrap();
    assert_eq!(work.jobs().count().await.unwrap(), 2);
    let leases = work.jobs().claim("us", NOW, LONG, 10).await.unwrap();
    assert_eq!(numbers(&leases), [id(1), id(3)]);
    assert_eq!(leases[0].job, job(1, NOW), "a job comes back as it was queued");
    assert!(work.jobs().finish(&leases[0]).await.unwrap());
    work.jobs().add(&job(2, NOW), "one").await.unwrap();
    assert_eq!(numbers(&work.jobs().claim("us", NOW, LONG, 10).await.unwrap()), [id(2)]);
}

pub async fn jobs_are_claimed_when_due_and_the_longest_due_first(database: &impl Database) {
    let store = database.open().await;
    let due = |minutes| NOW + Span::minutes(minutes);
    queue(store.as_ref(), &[job(1, due(3)), job(2, due(1)), job(3, due(2)), job(4, due(9))]).await;
    assert!(claim(store.as_ref(), "us", NOW, LONG, 10).await.is_empty());
    assert_eq!(numbers(&claim(store.as_ref(), "us", due(3), LONG, 2).await), [id(2), id(3)]);
    assert_eq!(numbers(&claim(store.as_ref(), "us", due(3), LONG, 2).await), [id(1)]);
    assert!(claim(store.as_ref(), "others", due(3), LONG, 2).await.is_empty());
}

pub async fn eight_workers_claim_each_of_five_hundred_jobs_once(database: &impl Database) {
    let stores = [database.open().await, database.open().await];
    let jobs: Vec<Job> = (1..=500).map(|number| job(number, NOW)).collect();
    queue(stores[0].as_ref(), &jobs).await;
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..8_usize {
        let store = stores[worker % 2].clone();
        tasks.spawn(async move {
            let mut done = Vec::new();
            loop {
                let leases = claim(store.as_ref(), &format!("worker {worker}"), NOW, LONG, 7).await;
                if leases.is_empty() {
                    return done;
                }
                for lease in leases {
                    let finished: Result<bool, StoreError> =
                        store::in_unit!(store, work => { work.jobs().finish(&lease).await? });
                    assert!(finished.unwrap(), "nobody else has it");
                    done.push(lease.job.id);
                }
            }
        });
    }
    let done = tasks.join_all().await;
    let mut times: BTreeMap<JobId, u32> = BTreeMap::new();
    for job in done.iter().flatten() {
        *times.entry(*job).or_default() += 1;
    }
    assert_eq!(times.len(), 500);
    assert!(times.values().all(|times| *times == 1), "each exactly once");
    assert_eq!(stores[0].read().await.unwrap().jobs().count().await.unwrap(), 0);
}

pub async fn a_lease_that_ran_out_goes_to_another_and_the_old_token_is_refused(database: &impl Database) {
    let store = database.open().await;
    queue(store.as_ref(), &[job(1, NOW)]).await;
    let old = claim(store.as_ref(), "slow", NOW, SHORT, 1).await.remove(0);
    tokio::time::sleep(Duration::from_millis(550)).await;
    let new = claim(store.as_ref(), "quick", NOW, LONG, 1).await.remove(0);
    assert_eq!(new.job, old.job);
    assert!(new.token > old.token);

    let mut work = store.begin().await.unwrap();
    assert!(!work.jobs().extend(&old, LONG).await.unwrap());
    assert!(!work.jobs().park(&old, NOW, 9).await.unwrap());
    assert!(!work.jobs().finish(&old).await.unwrap());
    assert_eq!(work.jobs().count().await.unwrap(), 1);
    assert!(work.jobs().extend(&new, LONG).await.unwrap());
    assert!(work.jobs().finish(&new).await.unwrap());
    assert!(!work.jobs().finish(&new).await.unwrap(), "finished once");
}

pub async fn an_extended_lease_is_not_taken_over(database: &impl Database) {
    let store = database.open().await;
    queue(store.as_ref(), &[job(1, NOW)]).await;
    let lease = claim(store.as_ref(), "us", NOW, SHORT, 1).await.remove(0);
    let mut work = store.begin().await.unwrap();
    assert!(work.jobs().extend(&lease, LONG).await.unwrap());
    work.commit().await.unwrap();
    tokio::time::sleep(Duration::from_millis(550)).await;
    assert!(claim(store.as_ref(), "others", NOW, LONG, 1).await.is_empty());
}

pub async fn a_parked_job_rests_until_it_is_due(database: &impl Database) {
    let store = database.open().await;
    queue(store.as_ref(), &[job(1, NOW)]).await;
    let lease = claim(store.as_ref(), "us", NOW, LONG, 1).await.remove(0);
    let later = NOW + Span::minutes(10);
    let mut work = store.begin().await.unwrap();
    assert!(work.jobs().park(&lease, later, 3).await.unwrap());
    assert!(!work.jobs().finish(&lease).await.unwrap(), "it was given back");
    assert_eq!(work.jobs().next_due().await.unwrap(), Some(later));
    assert!(work.jobs().claim("us", later - Span::millis(1), LONG, 1).await.unwrap().is_empty());
    let again = work.jobs().claim("us", later, LONG, 1).await.unwrap().remove(0);
    assert_eq!((again.job.attempts, again.job.due_at), (3, later));
}

pub async fn a_woken_job_is_due_at_once(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.jobs().add(&job(1, NOW + Span::hours(5)), "one").await.unwrap();
    work.jobs().add(&job(2, NOW - Span::hours(5)), "two").await.unwrap();
    assert!(work.jobs().wake("one", NOW).await.unwrap());
    assert!(work.jobs().wake("two", NOW).await.unwrap());
    assert!(!work.jobs().wake("three", NOW).await.unwrap());
    let leases = work.jobs().claim("us", NOW, LONG, 9).await.unwrap();
    assert_eq!(numbers(&leases), [id(2), id(1)], "waking never makes a job wait longer");
}

pub async fn a_wish_that_comes_while_a_job_runs_is_not_lost(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.jobs().add(&job(1, NOW), "one").await.unwrap();
    let running = work.jobs().claim("us", NOW, LONG, 1).await.unwrap().remove(0);
    let wish = NOW + Span::seconds(1);
    assert!(work.jobs().wake("one", wish).await.unwrap());
    assert!(work.jobs().claim("others", wish, LONG, 1).await.unwrap().is_empty(), "still leased");
    assert!(work.jobs().park(&running, NOW + Span::hours(1), 1).await.unwrap());
    let again = work.jobs().claim("us", wish, LONG, 1).await.unwrap().remove(0);
    // The wish is granted; the next rest is a rest.
    assert!(work.jobs().park(&again, NOW + Span::hours(1), 1).await.unwrap());
    assert!(work.jobs().claim("us", wish, LONG, 1).await.unwrap().is_empty());
}

pub async fn the_next_due_time_looks_at_leases_too(database: &impl Database) {
    let store = database.open().await;
    assert_eq!(store.read().await.unwrap().jobs().next_due().await.unwrap(), None);
    queue(store.as_ref(), &[job(2, NOW)]).await;
    let resting = claim(store.as_ref(), "us", NOW, LONG, 1).await.remove(0);
    let mut work = store.begin().await.unwrap();
    assert!(work.jobs().park(&resting, NOW + Span::days(9_000), 0).await.unwrap());
    work.commit().await.unwrap();
    queue(store.as_ref(), &[job(1, NOW)]).await;
    assert_eq!(store.read().await.unwrap().jobs().next_due().await.unwrap(), Some(NOW));
    let lease = claim(store.as_ref(), "us", NOW, LONG, 1).await.remove(0);
    let end = store.read().await.unwrap().jobs().next_due().await.unwrap().unwrap();
    assert!(end > NOW, "the lease's end, by the database's clock");
    let mut work = store.begin().await.unwrap();
    assert!(work.jobs().finish(&lease).await.unwrap());
    assert_eq!(work.jobs().next_due().await.unwrap(), Some(NOW + Span::days(9_000)));
}

pub async fn the_database_has_a_clock_of_its_own(database: &impl Database) {
    let (ours, theirs) = (database.open().await, database.open().await);
    let first = ours.read().await.unwrap().jobs().now().await.unwrap();
    tokio::time::sleep(Duration::from_millis(30)).await;
    let second = theirs.read().await.unwrap().jobs().now().await.unwrap();
    let passed = second.since(first).as_millis();
    assert!((20..60_000).contains(&passed), "{passed} ms");
}

pub async fn what_a_fast_clock_queues_is_due_at_once(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let now = work.jobs().now().await.unwrap();
    work.jobs().add(&job(1, now + Span::hours(3)), "one").await.unwrap();
    let due = work.jobs().next_due().await.unwrap().unwrap();
    assert!(due >= now && due < now + Span::minutes(5), "{due}");
    let lease = work.jobs().claim("us", due, LONG, 1).await.unwrap().remove(0);
    // A rest is a rest, and a wish from a fast clock ends it at once.
    assert!(work.jobs().park(&lease, now + Span::hours(1), 0).await.unwrap());
    work.jobs().add(&job(2, now), "one").await.unwrap();
    assert_eq!(work.jobs().next_due().await.unwrap(), Some(now + Span::hours(1)));
    assert!(work.jobs().wake("one", now + Span::hours(2)).await.unwrap());
    let due = work.jobs().next_due().await.unwrap().unwrap();
    assert!(due < now + Span::minutes(5), "{due}");
    // What rests for years was put there by a clock that was wrong; whoever queues it again has it at once.
    let lease = work.jobs().claim("us", due, LONG, 1).await.unwrap().remove(0);
    assert!(work.jobs().park(&lease, now + Span::days(4_000), 0).await.unwrap());
    work.jobs().add(&job(3, now), "one").await.unwrap();
    let due = work.jobs().next_due().await.unwrap().unwrap();
    assert!(due < now + Span::minutes(5), "{due}");
}

pub async fn jobs_that_a_worker_does_not_know_of_are_given_back(database: &impl Database) {
    let store = database.open().await;
    queue(store.as_ref(), &[job(1, NOW), job(2, NOW), job(3, NOW), job(4, NOW)]).await;
    let ours = claim(store.as_ref(), "us", NOW, LONG, 3).await;
    let theirs = claim(store.as_ref(), "them", NOW, LONG, 3).await;
    assert_eq!((ours.len(), theirs.len()), (3, 1));
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.jobs().release("us", &[ours[1].job.id]).await.unwrap(), 2);
    assert!(work.jobs().extend(&ours[1], LONG).await.unwrap());
    assert!(!work.jobs().extend(&ours[0], LONG).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(numbers(&claim(store.as_ref(), "others", NOW, LONG, 9).await), [id(1), id(3)]);
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.jobs().release("us", &[]).await.unwrap(), 1);
    assert_eq!(work.jobs().release("nobody", &[]).await.unwrap(), 0);
}

pub async fn a_job_that_many_queue_at_once_is_there_once(database: &impl Database) {
    let stores = [database.open().await, database.open().await];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12_u128 {
        let store = stores[usize::from(number % 2 == 0)].clone();
        tasks.spawn(async move {
            store::in_unit!(store, work => {
                for key in ["one", "two", "three"] {
                    let new = job(100 * number + key.len() as u128, NOW);
                    work.jobs().add(&new, key).await?;
                }
            })
        });
    }
    for told in tasks.join_all().await {
        told.unwrap();
    }
    assert_eq!(stores[0].read().await.unwrap().jobs().count().await.unwrap(), 3);
}

pub async fn what_is_not_queued_is_told(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let (now, day) = (work.jobs().now().await.unwrap(), Span::days(1));
    for (number, key) in [(1, "due"), (2, "resting"), (3, "astray")] {
        work.jobs().add(&job(number, NOW), key).await.unwrap();
    }
    work.commit().await.unwrap();
    // A rest, and one that only a wrong clock can have made: what is added under its key changes that.
    for claimed in claim(store.as_ref(), "us", now, LONG, 3).await {
        let days = i64::from(claimed.job.id == id(2)) + 30 * i64::from(claimed.job.id == id(3));
        let mut work = store.begin().await.unwrap();
        assert!(work.jobs().park(&claimed, now + Span::millis(days * day.as_millis()), 0).await.unwrap());
        work.commit().await.unwrap();
    }
    let keys = ["gone", "resting", "astray", "due"].map(str::to_owned);
    let mut work = store.read().await.unwrap();
    assert_eq!(work.jobs().unqueued(&keys).await.unwrap(), ["gone", "astray"]);
    assert!(work.jobs().unqueued(&[]).await.unwrap().is_empty());
}

pub async fn a_job_of_a_newer_program_blocks_nobody(database: &impl Database) {
    let store = database.open().await;
    queue(store.as_ref(), &[job(1, NOW), job(2, NOW)]).await;
    let newer = r#"UPDATE job SET kind = '{"kind":"fromTheFuture"}' WHERE job_key LIKE '%01'"#;
    database.execute(newer, false).await.unwrap();
    assert_eq!(numbers(&claim(store.as_ref(), "us", NOW, LONG, 1).await), []);
    assert_eq!(numbers(&claim(store.as_ref(), "us", NOW, LONG, 1).await), [id(2)]);
    assert_eq!(store.read().await.unwrap().jobs().count().await.unwrap(), 2, "it is kept for the newer one");
}
