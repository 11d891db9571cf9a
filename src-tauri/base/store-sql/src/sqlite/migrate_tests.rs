//! Migrations of databases that exist: applied once, copied before, rolled back whole, refused when too new.

use std::path::PathBuf;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};
use store::StoreError;
use tempfile::TempDir;

use super::{Lock, Migrated, Step, info, migrate};
use crate::schema::STEPS;

const fn step(version: i64, min_client: i64, name: &'static str, sql: &'static str) -> Step {
    Step { version, min_client, name, sqlite: sql, mysql: sql, mssql: sql }
}

const FIRST: Step =
    step(1, 1, "0001_one", "CREATE TABLE one (id INTEGER) STRICT; INSERT INTO one VALUES (7);");
const ADDED: Step =
    step(2, 1, "0002_two", "ALTER TABLE one ADD COLUMN extra INTEGER; UPDATE one SET extra = 8;");
const BREAKING: Step = step(3, 3, "0003_three", "ALTER TABLE one DROP COLUMN id;");

struct Base {
    folder: TempDir,
}

impl Base {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }
    fn path(&self) -> PathBuf {
        self.folder.path().join("sealwright.db")
    }
    async fn connect(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(self.path()).create_if_missing(true).connect().await.unwrap()
    }
    async fn migrate(&self, steps: &[Step]) -> Result<Migrated, StoreError> {
        let _lock = Lock::take(&self.path()).await?;
        migrate(&mut self.connect().await, &self.path(), steps).await
    }
    async fn number(&self, sql: &'static str) -> Option<i64> {
        sqlx::query_scalar(sql).fetch_one(&mut self.connect().await).await.ok()
    }
}

#[tokio::test]
async fn missing_steps_are_applied_once_and_an_existing_database_is_copied_before() {
    let base = Base::new();
    let made = base.migrate(&[FIRST]).await.unwrap();
    assert_eq!((made.from, made.to, made.copy), (0, 1, None), "nothing to copy of a new one");
    assert_eq!(base.migrate(&[FIRST]).await.unwrap(), Migrated { from: 1, to: 1, copy: None });

    let grown = base.migrate(&[FIRST, ADDED]).await.unwrap();
    assert_eq!((grown.from, grown.to), (1, 2));
    assert_eq!(base.number("SELECT extra FROM one").await, Some(8));

    let copy = grown.copy.expect("a copy was made");
    let mut connection = SqliteConnectOptions::new().filename(&copy).connect().await.unwrap();
    let old: i64 = sqlx::query_scalar("SELECT id FROM one").fetch_one(&mut connection).await.unwrap();
    assert_eq!(old, 7);
    assert!(sqlx::query("SELECT extra FROM one").fetch_one(&mut connection).await.is_err(), "as it was");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let rights = std::fs::metadata(copy).unwrap().permissions();
        assert_eq!(rights.mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing_of_itself() {
    const BROKEN: Step =
        step(2, 2, "0002_broken", "CREATE TABLE half (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1);");
    let base = Base::new();
    base.migrate(&[FIRST]).await.unwrap();
    assert!(base.migrate(&[FIRST, BROKEN]).await.is_err());
    assert_eq!(base.number("SELECT COUNT(*) FROM sqlite_master WHERE name = 'half'").await, Some(0));
    assert_eq!(base.number("SELECT version FROM schema_info").await, Some(1));
    assert_eq!(base.migrate(&[FIRST, ADDED]).await.unwrap().to, 2, "the right step can follow");
}

#[tokio::test]
async fn an_older_program_goes_on_until_a_step_shuts_it_out() {
    let base = Base::new();
    base.migrate(&[FIRST, ADDED]).await.unwrap();
    let older = base.migrate(&[FIRST]).await.unwrap();
    assert_eq!((older.from, older.to), (2, 2), "an addition does not concern it");

    base.migrate(&[FIRST, ADDED, BREAKING]).await.unwrap();
    let refused = base.migrate(&[FIRST, ADDED]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Schema(_)));
    let text = refused.to_string();
    assert!(text.contains("schema 3") && text.contains("update this installation"), "{text}");
    assert!(info(&mut base.connect().await, &[FIRST, ADDED]).await.unwrap().gate().is_err());
}

#[tokio::test]
async fn a_step_in_another_form_than_the_applied_one_is_refused() {
    const OTHER: Step = step(1, 1, "0001_one", "CREATE TABLE one (id INTEGER, more INTEGER) STRICT;");
    let base = Base::new();
    base.migrate(&[FIRST]).await.unwrap();
    let refused = base.migrate(&[OTHER]).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Schema(text) if text.contains("0001_one")), "{refused}");
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let base = Base::new();
    let foreign = "CREATE TABLE moz_places (id INTEGER)";
    sqlx::raw_sql(AssertSqlSafe(foreign)).execute(&mut base.connect().await).await.unwrap();
    let refused = base.migrate(&[FIRST]).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Schema(text) if text.contains("moz_places")), "{refused}");
    assert_eq!(base.number("SELECT COUNT(*) FROM sqlite_master").await, Some(1));
}

#[test]
fn steps_are_numbered_without_gaps_and_named_after_their_numbers() {
    for (version, step) in (1..).zip(STEPS) {
        assert_eq!(step.version, version);
        assert!(step.name.starts_with(&format!("{version:04}_")), "{}", step.name);
        assert!(step.min_client <= step.version);
    }
}
