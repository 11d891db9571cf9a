//! Every statement of the program, heard and read by the parser: the suite of promises that every store keeps, what each role
//! does, and a move run once more on SQLite to hear what they say in portable SQL; what is for SQL Server alone is said to
//! Microsoft's mock of it. A statement in the sources that nothing here made the program say is a failure, so that no
//! repository is added without its statements being read.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mssql_mock_tds::{ColumnValue, QueryResponse, TerminalError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use store::{Store, StoreError};
use tempfile::TempDir;
use tokio::time::timeout;

use super::connection::sent;
use super::literals::literals;
use super::migrate;
use super::mock_server::{Mock, address, row};
use super::pool::{Pool, dedicated};
use super::statement_tests::{parse, unreadable};
use super::translate::translate;
use crate::roles::{self, Role, TABLES};
use crate::schema::{SchemaInfo, Step};
use crate::server::{Authentication, Password, ServerKind, Tls};
use crate::session::Watch;
use crate::suite::{self, sample};
use crate::value::Value;
use crate::{Location, Options, SqlStore};

#[expect(dead_code, reason = "shared with the tests of roles")]
#[path = "../../../../../tests/conformance/store/deeds.rs"]
mod deeds;

/// Portable texts.
static HEARD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn listening() -> Options {
    let watch: Watch = Arc::new(|sql: &str| {
        HEARD.lock().unwrap().insert(sql.to_owned());
    });
    Options { watch: Some(watch), ..Options::default() }
}

/// A database of one test.
struct Watched(TempDir);

impl Watched {
    fn file(&self) -> PathBuf {
        self.0.path().join("sealwright.db")
    }

    async fn store(&self) -> SqlStore {
        SqlStore::open(&Location::Sqlite(self.file()), &listening()).await.unwrap()
    }
}

#[async_trait]
impl suite::Database for Watched {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.store().await)
    }

    async fn execute(&self, sql: &str, intruder: bool) -> Result<(), StoreError> {
        let mut connection = SqliteConnectOptions::new().filename(self.file()).connect().await.unwrap();
        if intruder {
            for trigger in ["audit_log_no_update", "audit_log_no_delete"] {
                let drop = format!("DROP TRIGGER IF EXISTS {trigger}");
                sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
            }
        }
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await;
        connection.close().await.unwrap();
        done.map(|_| ()).map_err(|error| StoreError::Driver { doing: "tampering", source: Box::new(error) })
    }
}

async fn watched() -> Watched {
    let watched = Watched(tempfile::tempdir().unwrap());
    SqlStore::migrate(&Location::Sqlite(watched.file()), &Options::default()).await.unwrap();
    watched
}

suite::store_conformance!(together watched);

/// What the roles do, and a move of everything; every table has a row.
async fn do_and_move() {
    let (from, to) = (watched().await, watched().await);
    let store = from.store().await;
    deeds::furnish(&store).await;
    for deed in deeds::DEEDS {
        let mut work = store.begin().await.unwrap();
        // Not all of it fits together; what is said is what counts.
        let _ = (deed.act)(work.as_mut()).await;
    }
    let target = to.store().await;
    store.move_to(&target, &|_| true).await.unwrap();
    for store in [store, target] {
        store.close().await;
    }
    let heard = HEARD.lock().unwrap();
    for table in TABLES {
        let written = format!("INSERT INTO {} (", table.name);
        assert!(heard.iter().any(|sql| sql.starts_with(&written)), "no row of {} was moved", table.name);
    }
}

/// Everything that is said to a server besides the work of repositories.
async fn talk_to_a_server() {
    let server = Mock::plain().await;
    let address = address("127.0.0.1", server.at.port(), Tls::Off, Authentication::Password);
    let login = Arc::new(Password::new("s3cr3t"));
    let pool = Pool::open(&address, login.clone(), 1, Duration::from_secs(10)).await.unwrap();
    for (number, told) in [(2627, "Violation of PRIMARY KEY constraint"), (1222, "Lock request time out")] {
        let error = TerminalError::new(number, 16, told);
        server.answers("UPDATE JOB SET KIND = @P1", QueryResponse::error_only(error)).await;
        let mut unit = pool.begin(false).await.unwrap();
        unit.execute("UPDATE JOB SET KIND = @P1", &[Value::Int(1)]).await.unwrap_err();
    }
    pool.close().await;

    let one = || row(vec![ColumnValue::Int(1)]);
    server.answers(migrate::LOCK, one()).await;
    let mut connection = dedicated(&address, login.clone()).await.unwrap();
    let step = Step {
        version: 9,
        min_client: 9,
        name: "small",
        sqlite: "",
        mysql: "",
        mssql: "CREATE TABLE dbo.small (id BIGINT)",
    };
    // The mock keeps nothing, and that is noticed.
    migrate::apply(&mut connection, &step).await.unwrap_err();
    drop(connection);

    // An empty database. The first step is longer than anything that the mock hears to its end.
    let location = Location::Server { address, login };
    let patience = Duration::from_secs(3);
    let made = timeout(patience, SqlStore::migrate(&location, &Options::default())).await;
    assert!(made.is_err(), "{made:?}");
    // One of ours, up to date.
    server.answers(migrate::IS_OURS, one()).await;
    let version = ColumnValue::BigInt(SchemaInfo::KNOWN);
    server.answers(migrate::INFO, row(vec![version, ColumnValue::BigInt(1)])).await;
    SqlStore::migrate(&location, &Options::default()).await.unwrap();

    let store = SqlStore::connect(&location, &listening()).await.unwrap();
    store.facts().await.unwrap();
    store.may_migrate().await.unwrap();
    store.sizes().await.unwrap();
    store.rights().await.unwrap();
    // The mock does not know; that it is asked counts.
    let _ = store.shortcomings().await;
    // What is locked only where others may be writing.
    let mut work = store.begin().await.unwrap();
    work.subscribers().planning(&[sample::id(1)]).await.unwrap();
    let _ = work.subscribers().set(&sample::person(1)).await;
    drop(work);
    store.close().await;
}

/// A literal that is, or begins, a statement.
fn is_statement(text: &str) -> bool {
    const VERBS: &str = "ALTER BEGIN COMMIT CREATE DECLARE DELETE DENY DROP EXEC EXECUTE GRANT IF INSERT KILL LOCK MERGE \
        REVOKE ROLLBACK SELECT SET SHOW TRUNCATE UPDATE USE WITH";
    let (verb, behind) = text.trim_start().split_once([' ', '\n']).unwrap_or((text, ""));
    VERBS.split(' ').any(|one| one == verb) && !behind.trim().is_empty()
}

/// Whether one of the texts holds all of a literal; what stands in braces may be anything.
fn is_in(literal: &str, texts: &BTreeSet<String>) -> bool {
    let open = literal.replace("{{", "{").replace("}}", "}");
    let pieces: Vec<&str> = open
        .split('{')
        .enumerate()
        .map(|(n, piece)| if n == 0 { piece } else { behind_brace(piece) })
        .collect();
    texts.iter().any(|text| {
        let mut rest = text.as_str();
        pieces.iter().all(|piece| match rest.find(piece) {
            Some(at) => {
                rest = &rest[at + piece.len()..];
                true
            }
            None => false,
        })
    })
}

fn behind_brace(piece: &str) -> &str {
    piece.split_once('}').map_or(piece, |(_, behind)| behind)
}

/// Statements that SQL Server never hears: where they stand and how they begin.
const FOR_OTHERS: &[(&str, &str)] = &[
    ("copy.rs", "ALTER TABLE "), // what is shut is a file
    ("database.rs", "SELECT m.tbl_name, SUM(s.pgsize) FROM dbstat"),
    ("database.rs", "SELECT table_name, CAST(data_length"),
    ("facts.rs", "SELECT VERSION(), CURRENT_USER()"),
    ("facts.rs", "SHOW SESSION STATUS"),
    ("facts.rs", "CREATE TABLE sealwright_probe LIKE"),
    ("subscriber.rs", "UPDATE subscriber SET due = 0 WHERE due = 1"), // on clusters of MariaDB
    ("roles/script.rs", "CREATE ROLE IF NOT EXISTS"),
    ("roles/script.rs", "REVOKE ALL PRIVILEGES"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_statement_of_the_program_is_t_sql() {
    tokio::join!(talk_to_a_server(), do_and_move(), keep_all_promises());

    let portable = HEARD.lock().unwrap().clone();
    let for_files = |sql: &String| sql.starts_with("ALTER TABLE ");
    let mut wrong = unreadable(portable.iter().filter(|sql| !for_files(sql)).cloned());
    let sent = sent::texts();
    wrong.extend(sent.iter().filter_map(|sql| parse(sql).err()));
    assert!(portable.len() > 300 && sent.len() > 150, "{} {}", portable.len(), sent.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));

    // The scripts are read by the parser in another test.
    let mut known: BTreeSet<String> = portable.iter().map(|sql| translate(sql)).collect();
    known.extend(portable);
    known.extend(sent);
    known.extend(roles::grant_statements(ServerKind::SqlServer, "sealwright"));
    known.insert(roles::grants(ServerKind::SqlServer, "sealwright"));
    let mut unused: BTreeSet<_> = FOR_OTHERS.iter().collect();
    let mut unheard = Vec::new();
    for literal in literals() {
        let file = literal.file.as_str();
        if file.starts_with("mysql/") || file.starts_with("sqlite/") || !is_statement(&literal.text) {
            continue;
        }
        let excused = FOR_OTHERS.iter().find(|(of, begin)| *of == file && literal.text.starts_with(begin));
        if let Some(excuse) = excused {
            unused.remove(excuse);
        } else if !is_in(&literal.text, &known) && !is_in(&translate(&literal.text), &known) {
            unheard.push(format!("{file}: {}", literal.text));
        }
    }
    assert!(unheard.is_empty(), "nothing made the program say:\n{}", unheard.join("\n"));
    assert!(unused.is_empty(), "these are in no source any more: {unused:?}");
}

#[test]
fn a_literal_is_found_whatever_is_put_into_it() {
    let texts = ["SELECT a, b FROM t WHERE c = {now} AND d IN (?, ?)".to_owned()].into();
    for literal in ["SELECT {} FROM t WHERE", "SELECT a, b FROM {table} WHERE c = {{now}} AND d IN {}"] {
        assert!(is_in(literal, &texts) && is_statement(literal), "{literal}");
    }
    assert!(!is_in("SELECT {} FROM u", &texts) && !is_in("SELECT b, {} FROM t", &texts));
    assert!(!is_statement("UPDATE") && !is_statement("the database"));
}
