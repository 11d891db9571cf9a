//! Units that share a commit: each whole or not at all, whatever its neighbours do.

use std::time::Duration;

use model::{AuthorityId, Span, Timestamp};
use store::{AdmissionEntry, Job, JobKind, Store as _, StoreError, Work};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Location, Options, SqlStore};

async fn open(folder: &TempDir) -> SqlStore {
    let location = Location::Sqlite(folder.path().join("sealwright.db"));
    let options = Options { busy_timeout: Duration::from_secs(2), ..Options::default() };
    SqlStore::open(&location, &options).await.unwrap()
}

async fn queue(work: &mut dyn Work, number: u128) -> Result<(), StoreError> {
    let kind = JobKind::Enrollment { enrollment: Uuid::from_u128(number).into() };
    let due_at = Timestamp::from_seconds(1);
    let job = Job { id: Uuid::from_u128(number).into(), kind, due_at, attempts: 0 };
    work.jobs().add(&job, &number.to_string()).await
}

async fn kept(store: &SqlStore) -> Vec<u128> {
    let mut work = store.begin().await.unwrap();
    let leases = work.jobs().claim("us", Timestamp::from_seconds(9), Span::minutes(1), 1_000).await.unwrap();
    let mut numbers: Vec<u128> = leases.into_iter().map(|lease| lease.job.id.uuid().as_u128()).collect();
    numbers.sort_unstable();
    numbers
}

/// Long enough for whoever can go on to have gone on.
async fn settled() {
    tokio::time::sleep(Duration::from_millis(60)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn units_that_queue_share_a_commit() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let before = store.file().writer().batches().await;
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..8_u128 {
        let store = store.clone();
        tasks.spawn(async move {
            for number in 0..40_u128 {
                let mut work = store.begin().await.unwrap();
                queue(work.as_mut(), worker * 100 + number).await.unwrap();
                work.commit().await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(kept(&store).await.len(), 320);
    let batches = store.file().writer().batches().await - before;
    assert!(batches <= 160, "320 units in {batches} commits");
}

#[tokio::test]
async fn a_lone_unit_is_committed_at_once() {
    let folder = TempDir::new().unwrap();
    let (store, other) = (open(&folder).await, open(&folder).await);
    for number in 1..=5 {
        let mut work = store.begin().await.unwrap();
        queue(work.as_mut(), number).await.unwrap();
        work.commit().await.unwrap();
        assert_eq!(u128::from(other.read().await.unwrap().jobs().count().await.unwrap()), number);
    }
}

/// Three units in one batch; the middle one ends as `middle` says. Answers what the outer two heard.
async fn three(store: &SqlStore, middle: impl AsyncFnOnce(Box<dyn Work>)) -> [Result<(), StoreError>; 2] {
    let mut first = store.begin().await.unwrap();
    queue(first.as_mut(), 1).await.unwrap();
    let second = async {
        let mut work = store.begin().await.unwrap();
        queue(work.as_mut(), 2).await.unwrap();
        // By now the first has released its savepoint and waits for the batch.
        settled().await;
        middle(work).await;
    };
    let third = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut work = store.begin().await?;
        queue(work.as_mut(), 3).await?;
        work.commit().await
    };
    let first = async {
        settled().await;
        first.commit().await
    };
    let (first, (), third) = tokio::join!(first, second, third);
    [first, third]
}

#[tokio::test]
async fn a_dropped_unit_is_undone_alone() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let heard = three(&store, async |work| drop(work)).await;
    assert!(heard.iter().all(Result::is_ok), "{heard:?}");
    assert_eq!(kept(&store).await, [1, 3]);
}

#[tokio::test]
async fn a_refused_statement_spoils_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let heard = three(&store, async |mut work| {
        let authority: AuthorityId = Uuid::nil().into();
        work.ledger().next_crl_number(authority).await.unwrap();
        let entry = AdmissionEntry { seq: 1, body: "{}".to_owned(), signature: Vec::new() };
        work.installations().add_admission(&entry).await.unwrap();
        let refused = work.installations().add_admission(&entry).await.unwrap_err();
        assert!(matches!(refused, StoreError::Stale { .. }), "{refused}");
        work.commit().await.unwrap();
    })
    .await;
    assert!(heard.iter().all(Result::is_ok), "{heard:?}");
    assert_eq!(kept(&store).await, [1, 2, 3]);
}

#[tokio::test]
async fn when_the_transaction_fails_every_unit_of_it_hears_and_nothing_is_kept() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.file().writer().limit_pages(60).await;
    let heard = three(&store, async |mut work| {
        let der = vec![7; 3_000_000];
        let id = Uuid::from_u128(9).into();
        let big = store::IssuedEntry {
            authority: id,
            serial: "0a".parse().unwrap(),
            reference: "big".to_owned(),
            spki_sha256: [0; 32],
            der,
            not_after: Timestamp::from_seconds(9),
            issued_at: Timestamp::from_seconds(1),
        };
        let full = work.ledger().add(&big).await.unwrap_err();
        assert!(
            matches!(&full, StoreError::Unwritable { detail } if detail.contains("disk is full")),
            "{full}"
        );
        let later = queue(work.as_mut(), 22).await.unwrap_err();
        assert!(matches!(later, StoreError::Unwritable { .. }), "a spoiled unit does nothing more: {later}");
        let told = work.commit().await.unwrap_err();
        assert!(matches!(told, StoreError::Unwritable { .. }), "{told}");
    })
    .await;
    let [first, third] = heard;
    assert!(matches!(first, Err(StoreError::Unwritable { .. })), "in the same batch: {first:?}");
    third.unwrap();
    assert_eq!(kept(&store).await, [3], "the next batch is a new one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_give_up_leave_nothing_half_done() {
    let folder = TempDir::new().unwrap();
    let (store, other) = (open(&folder).await, open(&folder).await);
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..6_u64 {
        let store = store.clone();
        tasks.spawn(async move {
            let mut sure = Vec::new();
            for turn in 0..60_u64 {
                let number = u128::from(worker * 1_000 + turn);
                // Some wait as long as it takes, however busy the machine is; the others give up somewhere on the way.
                let patience = match turn % 6 {
                    0 => Duration::from_mins(1),
                    _ => Duration::from_micros((worker * 37 + turn * 91) % 2_500),
                };
                let unit = async {
                    let mut work = store.begin().await?;
                    queue(work.as_mut(), number).await?;
                    queue(work.as_mut(), number + 500).await?;
                    work.commit().await
                };
                if let Ok(done) = tokio::time::timeout(patience, unit).await {
                    done.unwrap();
                    sure.push(number);
                }
            }
            sure
        });
    }
    let sure: Vec<u128> = tasks.join_all().await.into_iter().flatten().collect();
    let kept = kept(&store).await;
    assert!(sure.iter().all(|number| kept.contains(number)), "what was confirmed is there");
    let other_half = |number: u128| if number % 1_000 < 500 { number + 500 } else { number - 500 };
    assert!(kept.iter().all(|number| kept.contains(&other_half(*number))), "each unit whole or not at all");
    assert!(sure.len() >= 60 && sure.len() < 360, "{} were confirmed, some were not", sure.len());
    // Nothing holds the file: another program writes at once.
    let mut work = tokio::time::timeout(Duration::from_secs(1), other.begin()).await.unwrap().unwrap();
    queue(work.as_mut(), 999_999).await.unwrap();
    work.commit().await.unwrap();
    drop(store);
}
