//! A program that is held up in the middle of its work holds nobody else up for long.
#![cfg(unix)]

use std::time::{Duration, Instant};

use model::{AuditEvent, AuditKind, AuditOutcome, Timestamp};
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::{ConnectOptions as _, Executor as _};
use store::{Store as _, StoreError};
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

    // MariaDB ends the unit after five seconds; MySQL closes the connection after thirty, and whoever waits is refused
    // before that and comes again.
    let is_mariadb = database.execute("SELECT VERSION()").contains("MariaDB");
    let patience = Duration::from_secs(if is_mariadb { 12 } else { 60 });
    let begun = Instant::now();
    store::in_unit!(open, work => { work.audit().append(&event("a daemon"), now).await?; }).unwrap();
    assert!(begun.elapsed() < patience, "{:?}", begun.elapsed());
    // Whoever wakes up finds that nothing of the unit was kept.
    assert!(lying.commit().await.is_err());
    let mut work = open.read().await.unwrap();
    let told = work.audit().verify().await.unwrap();
    assert!(told.is_ok(), "{told:?}");
}

#[tokio::test]
async fn whoever_asks_what_a_login_may_do_is_not_kept_waiting_by_a_locked_table() {
    let database = MariaDb::shared().await.database().await;
    let location = Location::Server { address: database.address(), login: database.login() };
    SqlStore::migrate(&location, &Options::default()).await.unwrap();
    let options = Options { statement_timeout: Duration::from_secs(3), ..Options::default() };
    let store = SqlStore::open(&location, &options).await.unwrap();

    let address = database.address();
    let by_hand = MySqlConnectOptions::new()
        .host(&address.host)
        .port(address.port)
        .database(&address.database)
        .username(&database.owner().user)
        .password(&database.password())
        .ssl_mode(MySqlSslMode::Required);
    let mut owner = by_hand.connect().await.unwrap();
    owner.execute("LOCK TABLES job WRITE").await.unwrap();
    // The server itself would wait for a day.
    let told = tokio::time::timeout(Duration::from_mins(1), store.rights()).await.unwrap();
    assert!(matches!(told, Err(StoreError::Busy { .. })), "{told:?}");
    owner.execute("UNLOCK TABLES").await.unwrap();
    assert!(store.rights().await.unwrap().unwrap().is_mighty());
}
