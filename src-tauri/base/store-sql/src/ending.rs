//! Notices that certificates end before their time.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{CertificateId, CertificateState, Ending, EndingCause, EnrollmentId, SubscriberId, Timestamp};
use store::{EndingRepository, EndingRow, EndingsDue, StoreError};

use crate::codes::Coded as _;
use crate::columns::{Columns, Row};
use crate::session::Session;
use crate::subscriber::InList;
use crate::value::{Value, args};

/// Notices that have come due and can be acted upon: the certificate still runs and was not revoked by anybody else, and the
/// one of a mailbox was replaced, where it ends because of its people. Takes the present moment, when everything was read, the
/// present moment, and five codes.
macro_rules! due {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ending e JOIN certificate c ON c.id = e.certificate \
             WHERE e.done_at IS NULL AND e.due_at <= ? AND e.since < ? AND c.not_after > ? \
             AND {+}c.state IN (?, ?, ?) AND (e.cause <> ? OR {+}c.state = ?)"
        )
    };
}
/// Whose notices have come due, along an index that begins with those that are not done.
pub(crate) const DUE: &str =
    concat!(due!("DISTINCT e.subscriber"), " AND e.subscriber > ? ORDER BY e.subscriber LIMIT ?");
const COUNT_DUE: &str = due!("COUNT(*)");
/// Whoever has a notice that is not done.
pub(crate) const OWNERS: &str = "SELECT DISTINCT subscriber FROM ending WHERE done_at IS NULL AND subscriber > ? ORDER BY subscriber LIMIT ?";
/// The next to come due, with whom they are about.
pub(crate) const LIST: &str = "SELECT e.certificate, e.subscriber, e.cause, e.since, e.due_at, c.mail, c.thumbprint \
    FROM ending e JOIN certificate c ON c.id = e.certificate \
    WHERE e.done_at IS NULL AND c.not_after > ? AND {+}c.state IN (?, ?, ?) \
    ORDER BY e.due_at, e.since, e.subscriber, e.certificate LIMIT ?";

/// What [`due!`] asks for.
pub(crate) fn due_args(due: EndingsDue) -> Vec<Value> {
    let mut args = args![due.now, due.confirmed_at, due.now];
    args.extend(running());
    args.extend(args![EndingCause::HolderLeft.code(), CertificateState::Superseded.code()]);
    args
}

/// States in which a certificate can still end before its time.
pub(crate) fn running() -> Vec<Value> {
    [CertificateState::Valid, CertificateState::Superseded, CertificateState::Held]
        .map(crate::codes::Coded::value)
        .to_vec()
}

fn read(columns: &mut Columns<'_>) -> Result<Ending, StoreError> {
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
            let ending = read(&mut Columns::new("notice that a certificate ends", row))?;
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
        self.number("counting notices", COUNT_DUE, due_args(due)).await
    }

    async fn count_done(&mut self, from: Timestamp, until: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM ending WHERE done_at >= ? AND done_at <= ?";
        self.number("counting notices", sql, args![from, until]).await
    }

    async fn note_replacement(&mut self, enrollment: EnrollmentId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO replacement (enrollment, ordered_at) VALUES (?, ?)";
        self.insert("this replacement", sql, args![enrollment, at]).await
    }

    async fn count_replacements(&mut self, from: Timestamp, until: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) FROM replacement WHERE ordered_at >= ? AND ordered_at <= ?";
        self.number("counting replacements", sql, args![from, until]).await
    }

    async fn list(&mut self, now: Timestamp, limit: u32) -> Result<Vec<EndingRow>, StoreError> {
        let mut args = args![now];
        args.extend(running());
        args.extend(args![limit]);
        let rows = self.select("reading notices", LIST, args).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("notice that a certificate ends", row);
            Ok(EndingRow {
                ending: read(&mut columns)?,
                mail: columns.text()?,
                thumbprint: columns.thumbprint()?,
            })
        };
        rows.iter().map(read).collect()
    }
}
