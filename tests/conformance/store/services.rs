//! Recurring duties.

use std::sync::Mutex;
use std::time::Duration;

use model::{CalledDrill, Drill, DrillFinding, DrillOfficer, DrillProof, Service, Span};
use store::{DutyClaim, StoreError};
use tokio::sync::oneshot;

use super::Database;
use super::sample::NOW;

const LONG: Span = Span::minutes(5);

pub async fn a_service_is_run_by_one_worker_at_a_time(database: &impl Database) {
    let (ours, theirs) = (database.open().await, database.open().await);
    let mut work = ours.begin().await.unwrap();
    work.services().ensure(Service::Sync, NOW).await.unwrap();
    work.services().ensure(Service::Sync, NOW + Span::days(1)).await.unwrap();
    assert!(
        !work.services().claim(Service::Sync, "us", NOW - Span::millis(1), LONG).await.unwrap(),
        "not due"
    );
    assert!(work.services().claim(Service::Sync, "us", NOW, LONG).await.unwrap());
    assert!(!work.services().claim(Service::Crl, "us", NOW, LONG).await.unwrap(), "never entered");
    work.commit().await.unwrap();
    let mut work = theirs.begin().await.unwrap();
    assert!(!work.services().claim(Service::Sync, "them", NOW, LONG).await.unwrap());
}

pub async fn the_last_fire_drill_is_kept_and_is_no_service(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.services().drill().await.unwrap(), None);
    let first = Drill {
        at: NOW,
        sample: 20,
        opened: 15,
        shares: 3,
        others: 1,
        agent: "CN=Jörg".to_owned(),
        failed: vec!["susi".to_owned()],
    };
    work.services().set_drill(&first).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.services().drill().await.unwrap(), Some(first.clone()));
    let second = Drill { at: NOW + Span::days(1), opened: 16, failed: Vec::new(), ..first };
    work.services().set_drill(&second).await.unwrap();
    assert_eq!(work.services().drill().await.unwrap(), Some(second));
    assert_eq!(work.services().list().await.unwrap(), [], "no daemon has to do with it");
}

pub async fn the_called_fire_drill_is_kept_beside_the_one_that_was_drawn(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.services().hold_called_drill().await.unwrap(), None);
    let mut called = super::sample::called_drill();
    work.services().set_called_drill(&called).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.services().hold_called_drill().await.unwrap(), Some(called.clone()));
    called.until = NOW + Span::days(30);
    work.services().set_called_drill(&called).await.unwrap();
    assert_eq!(work.services().called_drill().await.unwrap(), Some(called));
    assert_eq!(work.services().drill().await.unwrap(), None, "nobody drew one");
    assert_eq!(work.services().list().await.unwrap(), [], "it is no service");
}

/// Two officers note what they proved at the same time: neither's is lost.
#[expect(clippy::disallowed_methods, reason = "the task is awaited below")]
pub async fn what_two_officers_note_at_once_is_all_kept(database: &impl Database) {
    let (ours, theirs) = (database.open().await, database.open().await);
    let mut work = ours.begin().await.unwrap();
    work.services().set_called_drill(&super::sample::called_drill()).await.unwrap();
    work.commit().await.unwrap();
    let mut work = ours.begin().await.unwrap();
    let mut called = work.services().hold_called_drill().await.unwrap().unwrap();
    let other = tokio::spawn(async move {
        store::in_unit!(theirs, work => {
            let mut called = work.services().hold_called_drill().await?.unwrap();
            called.note(&officer("CN=Theirs"), NOW, opened(&called, 1));
            work.services().set_called_drill(&called).await?;
        })
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    called.note(&officer("CN=Ours"), NOW, opened(&called, 0));
    work.services().set_called_drill(&called).await.unwrap();
    work.commit().await.unwrap();
    other.await.unwrap().unwrap();
    let kept = ours.read().await.unwrap().services().called_drill().await.unwrap().unwrap();
    assert_eq!(kept.counts().proven, 2, "{kept:?}");
}

fn officer(subject: &str) -> DrillOfficer {
    DrillOfficer { subject: subject.to_owned(), key: subject.to_owned() }
}

fn opened(called: &CalledDrill, place: usize) -> Vec<DrillFinding> {
    let certificate = called.keys[place].certificate;
    vec![DrillFinding { certificate, sealed: Some("e".to_owned()), proof: DrillProof::Opened }]
}

pub async fn a_claim_that_ran_out_goes_to_another(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.services().ensure(Service::Crl, NOW).await.unwrap();
    assert!(work.services().claim(Service::Crl, "slow", NOW, Span::millis(50)).await.unwrap());
    work.commit().await.unwrap();
    tokio::time::sleep(Duration::from_millis(80)).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.services().claim(Service::Crl, "quick", NOW, LONG).await.unwrap());
    let late = work.services().finish(Service::Crl, "slow", NOW, Ok("late"), NOW).await.unwrap();
    assert!(!late, "the result of a lost claim is not kept");
    assert_eq!(work.services().list().await.unwrap()[0].last_result, None);
}

pub async fn its_own_worker_keeps_a_claim_longer(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.services().ensure(Service::Sync, NOW).await.unwrap();
    assert!(work.services().claim(Service::Sync, "us", NOW, LONG).await.unwrap());
    assert!(!work.services().claim(Service::Sync, "us", NOW, LONG).await.unwrap(), "claimed already");
    work.services().ensure(Service::Crl, NOW).await.unwrap();
    assert!(work.services().claim(Service::Crl, "us", NOW, Span::millis(50)).await.unwrap());
    assert!(!work.services().keep(Service::Crl, "them", LONG).await.unwrap());
    assert!(work.services().keep(Service::Crl, "us", LONG).await.unwrap());
    work.commit().await.unwrap();
    tokio::time::sleep(Duration::from_millis(80)).await;
    let mut work = store.begin().await.unwrap();
    assert!(!work.services().claim(Service::Crl, "them", NOW, LONG).await.unwrap());
}

pub async fn a_claim_that_was_lost_is_never_its_own_again(database: &impl Database) {
    let store = database.open().await;
    let short = Span::millis(50);
    let mut work = store.begin().await.unwrap();
    work.services().ensure(Service::Sync, NOW).await.unwrap();
    assert!(work.services().claim(Service::Sync, "run 1", NOW, short).await.unwrap());
    work.commit().await.unwrap();
    tokio::time::sleep(Duration::from_millis(80)).await;
    let mut work = store.begin().await.unwrap();
    assert!(work.services().claim(Service::Sync, "run 2", NOW, LONG).await.unwrap());
    assert!(work.services().finish(Service::Sync, "run 2", NOW, Ok("read"), NOW).await.unwrap());
    work.commit().await.unwrap();
    // Due again and free; the first run is over all the same.
    let mut work = store.begin().await.unwrap();
    assert!(!work.services().keep(Service::Sync, "run 1", LONG).await.unwrap());
    assert!(!work.services().finish(Service::Sync, "run 1", NOW, Ok("late"), NOW).await.unwrap());
    let claim = DutyClaim { service: Service::Sync, owner: "run 1".to_owned(), lease: LONG };
    assert!(matches!(claim.hold(work.as_mut()).await, Err(StoreError::Stale { .. })));
}

#[expect(clippy::disallowed_methods, reason = "the task is awaited below")]
pub async fn a_claim_that_is_held_in_a_unit_of_work_is_not_taken_before_its_end(database: &impl Database) {
    let (ours, theirs) = (database.open().await, database.open().await);
    let short = Span::millis(50);
    let mut work = ours.begin().await.unwrap();
    work.services().ensure(Service::Sync, NOW).await.unwrap();
    assert!(work.services().claim(Service::Sync, "us", NOW, short).await.unwrap());
    work.commit().await.unwrap();
    tokio::time::sleep(Duration::from_millis(80)).await;
    // It ran out. We hold it in a unit that takes its time; somebody else wants it.
    let mut work = ours.begin().await.unwrap();
    assert!(work.services().keep(Service::Sync, "us", LONG).await.unwrap());
    let (begun, has_begun) = oneshot::channel();
    let begun = Mutex::new(Some(begun));
    let taken = tokio::spawn(async move {
        store::in_unit!(theirs, work => {
            if let Some(begun) = begun.lock().unwrap().take() {
                begun.send(()).ok();
            }
            work.services().claim(Service::Sync, "them", NOW, LONG).await?
        })
    });
    // Where writers queue, its unit cannot even begin before ours ends.
    if let Ok(told) = tokio::time::timeout(Duration::from_secs(2), has_begun).await {
        told.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    work.commit().await.unwrap();
    assert!(!taken.await.unwrap().unwrap(), "it was held");
}

pub async fn a_wish_from_a_fast_clock_means_at_once(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    let now = work.jobs().now().await.unwrap();
    let fast = now + Span::hours(2);
    work.services().ensure(Service::Sync, now + Span::days(1)).await.unwrap();
    work.services().wake(Service::Sync, fast).await.unwrap();
    let next_run = work.services().list().await.unwrap()[0].next_run;
    assert!(next_run >= now && next_run < now + Span::minutes(5), "{next_run}");
}

pub async fn a_result_is_kept_and_the_next_run_set(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.services().ensure(Service::Crl, NOW).await.unwrap();
    for service in Service::ALL.into_iter().rev().filter(|service| *service != Service::Crl) {
        work.services().ensure(service, NOW + Span::days(1)).await.unwrap();
    }
    assert!(work.services().claim(Service::Crl, "us", NOW, LONG).await.unwrap());
    let next = NOW + Span::hours(6);
    assert!(work.services().finish(Service::Crl, "us", NOW, Err("no key"), next).await.unwrap());
    let listed = work.services().list().await.unwrap();
    assert_eq!(listed.iter().map(|status| status.service).collect::<Vec<_>>(), Service::ALL);
    let crl = &listed[1];
    assert_eq!((crl.last_run, crl.last_result.as_deref(), crl.failed), (Some(NOW), Some("no key"), true));
    assert_eq!(crl.next_run, next);
    assert!(!work.services().claim(Service::Crl, "us", NOW, LONG).await.unwrap(), "not due again");

    work.services().wake(Service::Crl, NOW).await.unwrap();
    assert!(work.services().claim(Service::Crl, "them", NOW, LONG).await.unwrap());
    assert!(work.services().finish(Service::Crl, "them", NOW, Ok("published"), next).await.unwrap());
    let crl = &work.services().list().await.unwrap()[1];
    assert_eq!((crl.last_result.as_deref(), crl.failed, crl.next_run), (Some("published"), false, next));
}

pub async fn a_wish_that_comes_while_a_service_runs_is_not_lost(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.services().ensure(Service::Sync, NOW).await.unwrap();
    assert!(work.services().claim(Service::Sync, "us", NOW, LONG).await.unwrap());
    let wish = NOW + Span::seconds(3);
    work.services().wake(Service::Sync, wish).await.unwrap();
    // Keeping the claim does not swallow the wish.
    assert!(work.services().keep(Service::Sync, "us", LONG).await.unwrap());
    let next = NOW + Span::minutes(15);
    assert!(work.services().finish(Service::Sync, "us", NOW, Ok("read"), next).await.unwrap());
    assert_eq!(work.services().list().await.unwrap()[0].next_run, wish);
    assert!(work.services().claim(Service::Sync, "us", wish, LONG).await.unwrap());
    assert!(work.services().finish(Service::Sync, "us", wish, Ok("read"), next).await.unwrap());
    assert_eq!(work.services().list().await.unwrap()[0].next_run, next, "granted once");
}
