//! What is particular to SQLite: the file, its rights, several programs on it, wiped keys, clear errors.

#![expect(clippy::unwrap_used, reason = "a test target from end to end")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

use model::{AuditEvent, AuditKind, AuditOutcome, AuthorityId, EnrollmentId, Timestamp};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row as _, SqliteConnection};
use store::{InflightKey, Store, StoreError};
use store_sql::{Location, Options, SqlStore};
use support::fresh_store;
use tempfile::TempDir;
use uuid::Uuid;

async fn connect(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).connect().await.unwrap()
}

async fn open(path: &Path) -> Result<SqlStore, StoreError> {
    SqlStore::open(&Location::Sqlite(path.to_owned()), &Options::default()).await
}

const PLANTED: &[u8] = b"in-flight-key-of-";

/// Whose planted bytes a file holds.
fn planted_in(path: &Path) -> BTreeSet<Vec<u8>> {
    let bytes = std::fs::read(path).unwrap_or_default();
    let mut found = BTreeSet::new();
    let mut rest = bytes.as_slice();
    while let Some(start) = rest.iter().position(|byte| *byte == PLANTED[0]) {
        rest = &rest[start..];
        if let Some(whose) = rest.strip_prefix(PLANTED).and_then(|behind| behind.get(..36)) {
            found.insert(whose.to_vec());
        }
        rest = &rest[1..];
    }
    found
}

#[tokio::test]
async fn a_new_file_has_big_pages_a_write_ahead_log_and_one_reader() {
    let store = fresh_store().await;
    let mut connection = connect(store.path().unwrap()).await;
    let page: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(&mut connection).await.unwrap();
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await.unwrap();
    assert_eq!((page, journal.as_str()), (16_384, "wal"));
    let schema = store.check().await.unwrap();
    // Programs that know no sets of recovery agents would go on sealing to the unsigned list; those that know no ML-KEM keys, without them; those that know no holds cannot read a certificate on one.
    assert_eq!((schema.version, schema.min_client), (schema.known, 9));
    #[cfg(unix)]
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", store.path().unwrap().display());
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{file}: nobody else reads it");
    }
}

#[tokio::test]
async fn a_copy_made_at_work_holds_what_is_there_and_is_never_written_over() {
    let store = fresh_store().await;
    let event = AuditEvent {
        kind: AuditKind::KraAdded,
        outcome: AuditOutcome::Success,
        actor: "a test".to_owned(),
        object: "an agent".to_owned(),
        detail: String::new(),
    };
    let mut work = store.begin().await.unwrap();
    work.audit().append(&event, Timestamp::from_seconds(1_772_438_400)).await.unwrap();
    work.commit().await.unwrap();
    // Neither a reader nor a writer is in the way.
    let reading = store.read().await.unwrap();
    let writing = store.begin().await.unwrap();
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.db");
    store.copy_to(&copy).await.unwrap();
    drop((reading, writing));

    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&copy).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "nobody else reads it");
    }
    let copied = open(&copy).await.unwrap();
    copied.check().await.unwrap();
    let mut work = copied.read().await.unwrap();
    assert_eq!(work.audit().verify().await.unwrap(), Ok(1));
    let refused = store.copy_to(&copy).await.unwrap_err();
    assert!(refused.to_string().contains("copy.db"), "{refused}");
}

#[tokio::test]
async fn every_table_is_strict() {
    let store = fresh_store().await;
    let mut connection = connect(store.path().unwrap()).await;
    let loose = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 \
                 AND name NOT LIKE 'sqlite_%'";
    let loose: Vec<String> = sqlx::query_scalar(loose).fetch_all(&mut connection).await.unwrap();
    assert!(loose.is_empty(), "{loose:?}");
}

#[tokio::test]
async fn many_programs_may_make_the_database_at_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sealwright.db");
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let path = path.clone();
        tasks.spawn(async move { open(&path).await.map(|_| ()) });
    }
    for opened in tasks.join_all().await {
        opened.unwrap();
    }
    let steps: Vec<i64> = sqlx::query_scalar("SELECT version FROM schema_step ORDER BY version")
        .fetch_all(&mut connect(&path).await)
        .await
        .unwrap();
    let version = i64::try_from(steps.len()).unwrap();
    assert_eq!(steps, (1..=version).collect::<Vec<_>>(), "each step once");
}

const SHARED_FILE: &str = "SEALWRIGHT_TEST_SHARED_FILE";
const DRAWN_BY_EACH: usize = 25;

async fn draw(path: &Path) {
    let store = open(path).await.unwrap();
    for _ in 0..DRAWN_BY_EACH {
        let mut work = store.begin().await.unwrap();
        work.ledger().next_crl_number(AuthorityId::from(Uuid::from_u128(1))).await.unwrap();
        work.commit().await.unwrap();
    }
    store.close().await;
}

/// The other process of `several_processes_write_one_file`; alone it does nothing.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the parent process tells its child which file")]
async fn a_process_of_its_own() {
    if let Some(path) = std::env::var_os(SHARED_FILE) {
        draw(Path::new(&path)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_write_one_file() {
    let store = fresh_store().await;
    let children: Vec<_> = (0..3)
        .map(|_| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "a_process_of_its_own"])
                .env(SHARED_FILE, store.path().unwrap())
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    draw(store.path().unwrap()).await;
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut work = store.begin().await.unwrap();
    let next = work.ledger().next_crl_number(AuthorityId::from(Uuid::from_u128(1))).await.unwrap();
    assert_eq!(next, 4 * DRAWN_BY_EACH as u64 + 1);
    drop(work);
    store.check().await.unwrap();
}

/// The process that `what_was_confirmed_survives_a_kill` kills; alone it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[expect(clippy::disallowed_methods, reason = "the parent process tells its child which file")]
async fn a_process_to_be_killed() {
    let Some(path) = std::env::var_os(DOOMED_FILE) else { return };
    let store = open(Path::new(&path)).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..6_u128 {
        let store = store.clone();
        tasks.spawn(async move {
            for number in 0..100_000_u128 {
                let own = u128::from(std::process::id()) * 1_000_000_000;
                let authority = AuthorityId::from(Uuid::from_u128(own + worker * 1_000_000 + number));
                let mut work = store.begin().await.unwrap();
                work.ledger().next_crl_number(authority).await.unwrap();
                work.commit().await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "kept {authority}").unwrap();
            }
        });
    }
    tasks.join_all().await;
}

const DOOMED_FILE: &str = "SEALWRIGHT_TEST_DOOMED_FILE";

#[tokio::test]
async fn what_was_confirmed_survives_a_kill() {
    let store = fresh_store().await;
    for round in 1..=3_usize {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_process_to_be_killed", "--nocapture"])
            .env(DOOMED_FILE, store.path().unwrap())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut confirmed: Vec<AuthorityId> = Vec::new();
        let kept = |line: &str| line.strip_prefix("kept ").and_then(|id| id.parse::<AuthorityId>().ok());
        while confirmed.len() < round * 170 {
            confirmed.extend(kept(&lines.next().unwrap().unwrap()));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        confirmed.extend(lines.map_while(Result::ok).filter_map(|line| kept(&line)));

        let mut work = store.begin().await.unwrap();
        for authority in &confirmed {
            let next = work.ledger().next_crl_number(*authority).await.unwrap();
            assert_eq!(next, 2, "{authority} was confirmed");
        }
        drop(work);
        store.check().await.unwrap();
    }
}

#[tokio::test]
async fn shredded_keys_are_neither_in_the_file_nor_in_its_log() {
    let store = fresh_store().await;
    let ids: Vec<EnrollmentId> = (1..=120_u128).map(|number| Uuid::from_u128(number).into()).collect();
    let named = |id: &EnrollmentId| id.to_string().into_bytes();
    let planted = |id: &EnrollmentId| [PLANTED.to_vec(), named(id)].concat();
    // Set up as the store sets up its own connections, but for references, which are not the matter here.
    let mut connection = connect(store.path().unwrap()).await;
    let set_up = "PRAGMA foreign_keys = OFF; PRAGMA secure_delete = ON";
    sqlx::raw_sql(set_up).execute(&mut connection).await.unwrap();
    for (place, id) in ids.iter().enumerate() {
        let envelope = planted(id).repeat(1 + place % 90);
        sqlx::query("INSERT INTO inflight_key (enrollment, envelope) VALUES (?, ?)")
            .bind(id.as_bytes().as_slice())
            .bind(envelope)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
    assert!(store.scrub().await.unwrap());
    let all: BTreeSet<Vec<u8>> = ids.iter().map(named).collect();
    assert_eq!(planted_in(store.path().unwrap()), all, "the search finds what is there");

    // Out of order, with others kept and added in between, so that pages are split and joined.
    for (turn, id) in ids.iter().enumerate().filter(|(place, _)| place % 3 != 0) {
        let mut work = store.begin().await.unwrap();
        work.archive().shred_inflight(ids[(turn * 7) % ids.len()]).await.unwrap();
        work.archive().shred_inflight(*id).await.unwrap();
        work.commit().await.unwrap();
    }
    let mut work = store.read().await.unwrap();
    let mut kept = BTreeSet::new();
    for id in &ids {
        let found: Option<InflightKey> = work.archive().inflight(*id).await.unwrap();
        kept.extend(found.map(|key| named(&key.enrollment)));
    }
    drop(work);
    assert!(!kept.is_empty() && kept.len() < ids.len());
    assert!(store.scrub().await.unwrap());
    assert_eq!(planted_in(store.path().unwrap()), kept, "those that were not shredded, and no others");
    assert!(planted_in(&store.path().unwrap().with_file_name("sealwright.db-wal")).is_empty());
}

#[tokio::test]
async fn the_log_is_not_emptied_under_a_reader() {
    let store = fresh_store().await;
    let mut reader = store.read().await.unwrap();
    reader.jobs().count().await.unwrap();
    let second = SqlStore::open(
        &Location::Sqlite(store.file()),
        &Options { busy_timeout: std::time::Duration::from_millis(50), ..Options::default() },
    )
    .await
    .unwrap();
    let mut work = second.begin().await.unwrap();
    work.ledger().next_crl_number(AuthorityId::from(Uuid::from_u128(1))).await.unwrap();
    work.commit().await.unwrap();
    assert!(!second.scrub().await.unwrap());
    drop(reader);
    assert!(second.scrub().await.unwrap());
}

#[tokio::test]
async fn a_lock_of_another_program_is_passing() {
    let store = fresh_store().await;
    let hasty = SqlStore::open(
        &Location::Sqlite(store.file()),
        &Options { busy_timeout: std::time::Duration::from_millis(50), ..Options::default() },
    )
    .await
    .unwrap();
    let held = store.begin().await.unwrap();
    let Err(refused) = hasty.begin().await else { panic!("two writers at once") };
    assert!(refused.is_passing(), "{refused}");
    drop(held);
    hasty.begin().await.unwrap();
}

#[tokio::test]
async fn a_place_that_cannot_hold_a_database_is_named() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("nowhere").join("sealwright.db");
    let refused = open(&missing).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Unwritable { detail } if detail.contains("nowhere")), "{refused}");

    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "no database at all, but long enough to look at ".repeat(40)).unwrap();
    let refused = open(&text).await.unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");

    let refused = open(folder.path()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unwritable { .. }), "{refused}");
}

#[tokio::test]
async fn a_damaged_reference_is_found_by_an_examination() {
    let store = fresh_store().await;
    let mut connection = connect(store.path().unwrap()).await;
    sqlx::raw_sql("PRAGMA foreign_keys = OFF").execute(&mut connection).await.unwrap();
    let orphan = "INSERT INTO template_body (template, body) VALUES (zeroblob(16), '{}')";
    sqlx::raw_sql(orphan).execute(&mut connection).await.unwrap();
    let found = store.check().await.unwrap_err();
    assert!(found.to_string().contains("template_body"), "{found}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_told_and_not_guessed() {
    let store = fresh_store().await;
    let mut connection = connect(store.path().unwrap()).await;
    let newer = "INSERT INTO subscriber (id, kind, upn, aliases, enabled, seen_at, sort_lc, due) \
                 VALUES (zeroblob(16), 9, 'susi@example.com', '[]', 1, 0, 'susi', 1)";
    sqlx::raw_sql(newer).execute(&mut connection).await.unwrap();
    let kinds = sqlx::query("SELECT kind FROM subscriber").fetch_one(&mut connection).await.unwrap();
    assert_eq!(kinds.get::<i64, _>(0), 9);
    let mut work = store.read().await.unwrap();
    let refused = work.subscribers().lookup(Uuid::nil().into()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");
    assert!(refused.to_string().contains("kind of subscriber"), "{refused}");
}
