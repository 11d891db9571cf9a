//! Notices that certificates end before their time.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{CertificateId, Ending, EndingCause, SubscriberId, Timestamp};
use store::{EndingRepository, EndingsDue, StoreError};

use crate::codes::Coded as _;
use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::subscriber::InList;
use crate::value::args;

/// Whose notices have come due, along an index that begins with those that are not done.
pub(crate) const DUE: &str = "SELECT DISTINCT subscriber FROM ending \
    WHERE done_at IS NULL AND due_at <= ? AND since < ? AND subscriber > ? ORDER BY subscriber LIMIT ?";
/// Whoever has a notice that is not done.
pub(crate) const OWNERS: &str = "SELECT DISTINCT subscriber FROM ending WHERE done_at IS NULL AND subscriber > ? ORDER BY subscriber LIMIT ?";
pub(crate) const LIST: &str = "SELECT certificate, subscriber, cause, since, due_at FROM ending \
    WHERE done_at IS NULL ORDER BY due_at, since, subscriber, certificate LIMIT ?";

fn read(row: &Row) -> Result<Ending, StoreError> {
    let mut columns = Columns::new("notice that a certificate ends", row);
    Ok(Ending {
        certificate: columns.id()?,
        subscriber: columns.id()?,
        cause: columns.coded()?,
        since: columns.time()?,
        due_at: columns.time()?,
    })
}

impl Session {
    /// Notices about these subscribers' certificates that are not done.
    pub(crate) async fn open_endings(
        &mut self,
        of: &[SubscriberId],
    ) -> Result<BTreeMap<SubscriberId, Vec<Ending>>, StoreError> {
        let mut endings: BTreeMap<SubscriberId, Vec<Ending>> = BTreeMap::new();
        let Some(list) = InList::of(of) else { return Ok(endings) };
        let sql = format!(
            "SELECT certificate, subscriber, cause, since, due_at FROM ending \
             WHERE done_at IS NULL AND subscriber IN {} ORDER BY subscriber, certificate",
            list.places
        );
        for row in &self.select("reading notices", sql, list.values).await? {
            let ending = read(row)?;
            endings.entry(ending.subscriber).or_default().push(ending);
        }
        Ok(endings)
    }
}

#[async_trait]
impl EndingRepository for Session {
    async fn note(&mut self, ending: &Ending) -> Result<(), StoreError> {
        let sql = "INSERT INTO ending (certificate, subscriber, cause, since, due_at) VALUES (?, ?, ?, ?, ?)";
        let args =
            args![ending.certificate, ending.subscriber, ending.cause.code(), ending.since, ending.due_at];
        if self.insert_missing("this notice", sql, args).await? {
            return Ok(());
        }
        // What was done and undone, for example a revocation that was lifted, begins anew.
        let sql = "UPDATE ending SET cause = ?, since = ?, due_at = ?, done_at = NULL \
                   WHERE certificate = ? AND done_at IS NOT NULL";
        let args = args![ending.cause.code(), ending.since, ending.due_at, ending.certificate];
        self.run("giving notice", sql, args).await.map(|_| ())
    }

    async fn retract(&mut self, certificate: CertificateId) -> Result<(), StoreError> {
        let sql = "DELETE FROM ending WHERE certificate = ? AND done_at IS NULL";
        self.run("taking a notice back", sql, args![certificate]).await.map(|_| ())
    }

    async fn mark_done(&mut self, certificate: CertificateId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE ending SET done_at = ? WHERE certificate = ? AND done_at IS NULL";
        self.run("marking a notice done", sql, args![at, certificate]).await.map(|_| ())
    }

    async fn count_due(&mut self, due: EndingsDue) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM ending WHERE done_at IS NULL AND due_at <= ? AND since < ?";
        self.number("counting notices", sql, args![due.now, due.confirmed_at]).await
    }

    async fn count_done(&mut self, from: Timestamp) -> Result<u64, StoreError> {
        self.number("counting notices", "SELECT COUNT(*) FROM ending WHERE done_at >= ?", args![from]).await
    }

    async fn count_given(&mut self, cause: EndingCause, from: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM ending WHERE cause = ? AND since >= ?";
        self.number("counting notices", sql, args![cause.code(), from]).await
    }

    async fn list(&mut self, limit: u32) -> Result<Vec<Ending>, StoreError> {
        self.select("reading notices", LIST, args![limit]).await?.iter().map(read).collect()
    }
}
