//! The work queue. Claims are conditional updates, so that they mean the same on every database and need no locks.
//!
//! A lease is by the database's clock; `due_at` is compared with what the worker knows of it. The token grows with every claim and
//! stands in every `WHERE`: whoever lost a lease changes nothing.

use std::collections::BTreeSet;

use async_trait::async_trait;
use model::{JobId, Span, Timestamp};
use store::{Job, JobRepository, Lease, StoreError};

use crate::columns::{Columns, Row, json};
use crate::session::Session;
use crate::subscriber::{ASKED_AT_ONCE, InList};
use crate::value::args;

/// How long a job that this program cannot read is left to others.
const SET_ASIDE: Span = Span::hours(1);

/// Nothing rests longer than this; what is due later was put there by a clock that was wrong.
const LONGEST_REST: Span = Span::days(8);

/// A wish's moment, twice the same argument: its own, or the database's when it comes from a clock that is fast.
macro_rules! at_once {
    () => {
        "(CASE WHEN ? > {now} THEN {now} ELSE ? END)"
    };
}
pub(crate) use at_once;

/// All that an idle worker asks: the earliest job that is free, and the end of the earliest lease.
pub(crate) const TICK: [&str; 2] = [
    "SELECT due_at FROM job WHERE lease_until < {now} ORDER BY due_at, lease_until, id LIMIT 1",
    "SELECT CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END FROM job \
     WHERE lease_until > 0 AND lease_until >= {now} ORDER BY lease_until LIMIT 1",
];

/// A job with its token; the id alone when this program does not know its kind.
fn read(row: &Row) -> Result<(Lease, Option<StoreError>), StoreError> {
    let mut columns = Columns::new("job", row);
    let (id, due_at, attempts, token) = (columns.id()?, columns.time()?, columns.number()?, columns.int()?);
    let unknown = store::JobKind::Enrollment { enrollment: uuid::Uuid::nil().into() };
    let (kind, unreadable) = match columns.json() {
        Ok(kind) => (kind, None),
        Err(error) => (unknown, Some(error)),
    };
    Ok((Lease { job: Job { id, kind, due_at, attempts }, token }, unreadable))
}

#[async_trait]
impl JobRepository for Session {
    async fn now(&mut self) -> Result<Timestamp, StoreError> {
        match self.select_one("reading the clock", "SELECT {now}", args![]).await? {
            Some(row) => Columns::new("clock", &row).time(),
            None => Err(StoreError::Corrupt { what: "clock", detail: "it tells no time".to_owned() }),
        }
    }

    async fn add(&mut self, job: &Job, key: &str) -> Result<(), StoreError> {
        let sql = "SELECT due_at - {now} FROM job WHERE job_key = ?";
        if let Some(row) = self.select_one("reading the queue", sql, args![key]).await? {
            if Columns::new("job", &row).int()? > LONGEST_REST.as_millis() {
                let sql = "UPDATE job SET due_at = {now} WHERE job_key = ? AND due_at > {now}";
                self.run("queueing a job", sql, args![key]).await?;
            }
            return Ok(());
        }
        let sql = concat!(
            "INSERT INTO job (id, job_key, kind, due_at, attempts, lease_until, lease_token) VALUES (?, ?, ?, ",
            at_once!(),
            ", ?, 0, 0)"
        );
        let args = args![job.id, key, json("job", &job.kind)?, job.due_at, job.due_at, job.attempts];
        // Somebody else may have queued it in this moment.
        self.insert_missing("a job with this id", sql, args).await.map(|_| ())
    }

    async fn unqueued(&mut self, keys: &[String]) -> Result<Vec<String>, StoreError> {
        let mut queued = BTreeSet::new();
        let wanted: Vec<&str> = keys.iter().map(String::as_str).collect();
        for some in wanted.chunks(ASKED_AT_ONCE) {
            let Some(list) = InList::of(some) else { continue };
            let sql =
                format!("SELECT job_key FROM job WHERE job_key IN {} AND due_at - {{now}} <= ?", list.places);
            let mut args = list.values;
            args.extend(args![LONGEST_REST.as_millis()]);
            for row in &self.select("reading the queue", sql, args).await? {
                queued.insert(Columns::new("job", row).text()?);
            }
        }
        Ok(keys.iter().filter(|key| !queued.contains(*key)).cloned().collect())
    }

    async fn claim(
        &mut self,
        worker: &str,
        now: Timestamp,
        lease: Span,
        limit: u32,
    ) -> Result<Vec<Lease>, StoreError> {
        let candidates = "SELECT id, due_at, attempts, lease_token, kind FROM job \
                          WHERE due_at <= ? AND lease_until < {now} \
                          ORDER BY due_at, lease_until, id LIMIT ? {free}";
        let claim = "UPDATE job SET lease_owner = ?, lease_token = lease_token + 1, woken_at = NULL, \
                     lease_until = ? + {now} WHERE id = ? AND lease_token = ? AND lease_until < {now}";
        let mut leases = Vec::new();
        for row in &self.select("reading the queue", candidates, args![now, limit]).await? {
            let (mut found, unreadable) = read(row)?;
            if let Some(error) = unreadable {
                tracing::warn!(job = %found.job.id, %error, "a job is left to a newer program");
                let sql = "UPDATE job SET due_at = ? WHERE id = ? AND lease_token = ?";
                let args = args![now + SET_ASIDE, found.job.id, found.token];
                self.run("setting a job aside", sql, args).await?;
                continue;
            }
            let args = args![worker, lease.as_millis(), found.job.id, found.token];
            if self.run("claiming a job", claim, args).await? == 1 {
                found.token += 1;
                leases.push(found);
            }
        }
        Ok(leases)
    }

    async fn extend(&mut self, lease: &Lease, by: Span) -> Result<bool, StoreError> {
        let sql = "UPDATE job SET lease_until = ? + {now} WHERE id = ? AND lease_token = ?";
        let args = args![by.as_millis(), lease.job.id, lease.token];
        Ok(self.run("extending a lease", sql, args).await? == 1)
    }

    async fn finish(&mut self, lease: &Lease) -> Result<bool, StoreError> {
        let sql = "DELETE FROM job WHERE id = ? AND lease_token = ? AND woken_at IS NULL";
        if self.run("finishing a job", sql, args![lease.job.id, lease.token]).await? == 1 {
            return Ok(true);
        }
        // Somebody asked for it while it was worked on, for a reason that this run may not have seen: once more.
        let sql = "UPDATE job SET due_at = woken_at, attempts = 0, woken_at = NULL, lease_owner = NULL, \
                   lease_until = 0, lease_token = lease_token + 1 \
                   WHERE id = ? AND lease_token = ? AND woken_at IS NOT NULL";
        Ok(self.run("finishing a job", sql, args![lease.job.id, lease.token]).await? == 1)
    }

    /// A wish to have it at once that came while it was worked on wins over `due_at`.
    async fn park(&mut self, lease: &Lease, due_at: Timestamp, attempts: u32) -> Result<bool, StoreError> {
        let sql = "UPDATE job SET due_at = CASE WHEN woken_at < ? THEN woken_at ELSE ? END, attempts = ?, \
                   woken_at = NULL, lease_owner = NULL, lease_until = 0, lease_token = lease_token + 1 \
                   WHERE id = ? AND lease_token = ?";
        let args = args![due_at, due_at, attempts, lease.job.id, lease.token];
        Ok(self.run("giving a job back", sql, args).await? == 1)
    }

    async fn release(&mut self, worker: &str, except: &[JobId]) -> Result<u64, StoreError> {
        let mut sql = "UPDATE job SET lease_owner = NULL, lease_until = 0, lease_token = lease_token + 1 \
                       WHERE lease_owner = ?"
            .to_owned();
        let mut args = args![worker];
        if let Some(list) = InList::of(except) {
            sql.push_str(&format!(" AND id NOT IN {}", list.places));
            args.extend(list.values);
        }
        self.run("giving jobs back", sql, args).await
    }

    async fn wake(&mut self, key: &str, now: Timestamp) -> Result<bool, StoreError> {
        let at = at_once!();
        let sql = format!(
            "UPDATE job SET woken_at = {at}, due_at = CASE WHEN due_at > {at} THEN {at} ELSE due_at END \
             WHERE job_key = ?"
        );
        Ok(self.run("waking a job", sql, args![now, now, now, now, now, now, key]).await? == 1)
    }

    async fn next_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let mut next: Option<Timestamp> = None;
        for sql in TICK {
            if let Some(row) = self.select_one("reading the queue", sql, args![]).await? {
                let at = Columns::new("job", &row).time()?;
                next = Some(next.map_or(at, |earlier| earlier.min(at)));
            }
        }
        Ok(next)
    }

    async fn count(&mut self) -> Result<u64, StoreError> {
        self.number("counting jobs", "SELECT COUNT(*) FROM job", args![]).await
    }
}
