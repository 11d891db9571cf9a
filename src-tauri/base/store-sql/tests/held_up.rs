//! A program that is held up in the middle of a unit of work holds nobody else up for long.
#![cfg(unix)]

use std::time::{Duration, Instant};

use model::{AuditEvent, AuditKind, AuditOutcome, Timestamp};
use store::Store as _;
use store_sql::{Location, Options, SqlStore};
use support::MariaDb;

#[tokio::test]
async fn a_unit_of_work_that_is_left_lying_lets_go_of_the_audit_log_within_seconds() {
    let database = MariaDb::shared().await.database().await;
    let location = Location::Server { address: database.address(), login: database.login() };
    SqlStore::migrate(&location, &Options::default()).await.unwrap();
    let (closed, open) = (
        SqlStore::open(&location, &Options::default()).await.unwrap(),
        SqlStore::open(&location, &Options::default()).await.unwrap(),
    );
    let event = |actor: &str| AuditEvent {
        kind: AuditKind::CertificateIssued,
        outcome: AuditOutcome::Success,
        actor: actor.to_owned(),
        object: "a certificate".to_owned(),
        detail: String::new(),
    };
    let now = Timestamp::from_seconds(1_772_438_400);
    let mut lying = closed.begin().await.unwrap();
    lying.audit().append(&event("a laptop"), now).await.unwrap();

    // MariaDB ends a unit of work that says nothing. MySQL closes its connection, later, so that whoever waits may have
    // to begin anew.
    let is_mariadb = database.execute("SELECT VERSION()").contains("MariaDB");
    let patience = Duration::from_secs(if is_mariadb { 12 } else { 45 });
    let begun = Instant::now();
    let appended = store::in_unit!(open, work => {
        work.audit().append(&event("a daemon"), now).await?;
    });
    appended.unwrap();
    assert!(begun.elapsed() < patience, "{:?}", begun.elapsed());
    // Whoever wakes up finds that nothing of the unit was kept.
    assert!(lying.commit().await.is_err());
    let mut work = open.read().await.unwrap();
    let told = work.audit().verify().await.unwrap();
    assert!(told.is_ok(), "{told:?}");
}
