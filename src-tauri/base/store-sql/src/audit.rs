//! The audit log: append only, each entry carries the hash of the one before it.
//!
//! An entry's hash is SHA-256 over: version (1 byte), previous hash (32), chain, position and time (8 bytes each,
//! big-endian), then kind, outcome, actor, object and detail, each with its length in front (8 bytes, big-endian). The
//! head row is updated first in the unit of work: it is the lock that keeps positions without gaps.

use async_trait::async_trait;
use model::{AuditEvent, AuditKind, AuditOutcome, AuditRecord, ForeignWords, Timestamp};
use sha2::{Digest, Sha256};
use store::{AuditRepository, ChainEnd, Page, PageRequest, StoreError, StoredTreeHead};

use crate::columns::{Columns, Row};
use crate::keyset::{Bounds, KeyKind, Place};
use crate::session::Session;
use crate::value::{Value, args};

const VERSION: u8 = 1;
/// The only chain so far.
const CHAIN: i64 = 1;
/// Entries read at once by [`AuditRepository::verify`].
const CHUNK: i64 = 1_000;

type Hash = [u8; 32];

/// An entry as the database holds it, not interpreted.
struct Entry {
    seq: i64,
    at: i64,
    /// Kind, outcome, actor, object, detail.
    texts: [String; 5],
    hash: Hash,
}

impl Entry {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let mut columns = Columns::new("audit entry", row);
        let (seq, at) = (columns.int()?, columns.int()?);
        let mut texts: [String; 5] = Default::default();
        for text in &mut texts {
            *text = columns.text()?;
        }
        Ok(Self { seq, at, texts, hash: columns.digest()? })
    }

    /// What the hash has to be behind `previous`.
    fn expected(&self, previous: &Hash) -> Hash {
        let mut hash = Sha256::new();
        hash.update([VERSION]);
        hash.update(previous);
        for number in [CHAIN, self.seq, self.at] {
            hash.update(number.to_be_bytes());
        }
        for text in &self.texts {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.finalize().into()
    }

    /// The entry in this program's words. One that it has no words for is shown as it stands: nobody shall be able to hide
    /// the log behind a word.
    fn record(self) -> AuditRecord {
        let [kind, outcome, actor, object, detail] = self.texts;
        let known =
            (AuditKind::from_name(&kind).filter(|kind| *kind != AuditKind::Unknown), read_outcome(&outcome));
        let foreign = match known {
            (Some(_), Some(_)) => None,
            _ => Some(ForeignWords { kind, outcome }),
        };
        let event = AuditEvent {
            kind: known.0.unwrap_or(AuditKind::Unknown),
            outcome: known.1.unwrap_or(AuditOutcome::Failure),
            actor,
            object,
            detail,
        };
        let (seq, at) = (self.seq, Timestamp::from_millis(self.at));
        AuditRecord { seq, at, event, hash: hex::encode(self.hash), foreign }
    }
}

const fn outcome_name(outcome: AuditOutcome) -> &'static str {
    match outcome {
        AuditOutcome::Success => "success",
        AuditOutcome::Failure => "failure",
    }
}

fn read_outcome(name: &str) -> Option<AuditOutcome> {
    [AuditOutcome::Success, AuditOutcome::Failure].into_iter().find(|one| outcome_name(*one) == name)
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT seq, at, kind, outcome, actor, object, detail, hash FROM audit_log ", $rest)
    };
}

macro_rules! tree_head {
    ($rest:literal) => {
        concat!("SELECT size, digest, body, signature FROM audit_tree_head ", $rest)
    };
}

fn read_tree_head(row: &Row) -> Result<StoredTreeHead, StoreError> {
    let mut columns = Columns::new("tree head", row);
    Ok(StoredTreeHead {
        size: columns.int()?,
        digest: columns.digest()?,
        body: columns.text()?,
        signature: columns.bytes()?,
    })
}

impl Session {
    async fn audit_head(&mut self) -> Result<Option<ChainEnd>, StoreError> {
        let sql = "SELECT seq, hash FROM audit_head WHERE chain = ?";
        let row = self.select_one("reading the head of the audit log", sql, args![CHAIN]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("head of the audit log", row);
            Ok(ChainEnd { seq: columns.int()?, hash: columns.digest()? })
        };
        row.as_ref().map(read).transpose()
    }
}

/// The head is locked on one server only. On a cluster another server may have taken the position in this moment: the
/// whole unit of work begins anew.
fn taken_elsewhere(error: StoreError) -> StoreError {
    let is_taken = matches!(error, StoreError::Conflict { .. });
    if is_taken { StoreError::Busy { source: Box::new(error) } } else { error }
}

#[async_trait]
impl AuditRepository for Session {
    async fn append(&mut self, event: &AuditEvent, at: Timestamp) -> Result<i64, StoreError> {
        let lock = "UPDATE audit_head SET seq = seq + 1 WHERE chain = ?";
        self.run("locking the audit log", lock, args![CHAIN]).await?;
        let ChainEnd { seq, hash: previous } = self.audit_head().await?.ok_or_else(|| {
            StoreError::Corrupt { what: "audit log", detail: "its head is missing".to_owned() }
        })?;
        let texts = [
            event.kind.name(),
            outcome_name(event.outcome).to_owned(),
            event.actor.clone(),
            event.object.clone(),
            event.detail.clone(),
        ];
        let entry = Entry { seq, at: at.as_millis(), texts, hash: previous };
        let hash = entry.expected(&previous);
        let [kind, outcome, actor, object, detail] = entry.texts;
        self.insert(
            "an audit entry at this position",
            "INSERT INTO audit_log (chain, seq, at, kind, outcome, actor, object, detail, hash) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            args![CHAIN, seq, at, kind, outcome, actor, object, detail, &hash],
        )
        .await
        .map_err(taken_elsewhere)?;
        let sql = "UPDATE audit_head SET hash = ? WHERE chain = ?";
        self.run("writing the head of the audit log", sql, args![&hash, CHAIN]).await?;
        Ok(seq)
    }

    async fn list(&mut self, page: &PageRequest) -> Result<Page<AuditRecord>, StoreError> {
        let bounds = Bounds::read(page, KeyKind::Int)?;
        let before = bounds.after.as_ref().map_or(Value::Int(i64::MAX), |after| after.key.clone());
        let sql = select!("WHERE chain = ? AND seq < ? ORDER BY seq DESC LIMIT ?");
        let args = vec![Value::Int(CHAIN), before, bounds.fetch()];
        let rows = self.select("reading the audit log", sql, args).await?;
        let mut entries = rows.iter().map(Entry::read).collect::<Result<Vec<_>, _>>()?;
        let mut places: Vec<Place> =
            entries.iter().map(|entry| Place { key: Value::Int(entry.seq), id: [0; 16] }).collect();
        let next = bounds.cut(&mut places);
        entries.truncate(places.len());
        Ok(Page { rows: entries.into_iter().map(Entry::record).collect(), next })
    }

    async fn verify_behind(
        &mut self,
        known: ChainEnd,
    ) -> Result<Result<ChainEnd, (i64, String)>, StoreError> {
        let Some(head) = self.audit_head().await? else {
            return Ok(Err((0, "the head of the log is missing".to_owned())));
        };
        let mut end = known;
        // Positions before the first are looked at too.
        let mut behind = if known == ChainEnd::EMPTY { i64::MIN } else { known.seq };
        loop {
            let sql = select!("WHERE chain = ? AND seq > ? ORDER BY seq LIMIT ?");
            let rows = self.select("verifying the audit log", sql, args![CHAIN, behind, CHUNK]).await?;
            for row in &rows {
                let entry = Entry::read(row)?;
                if let Some(broken) = fault(&entry, end, head.seq) {
                    return Ok(Err(broken));
                }
                end = ChainEnd { seq: entry.seq, hash: entry.hash };
                behind = entry.seq;
            }
            if rows.is_empty() {
                break;
            }
        }
        let last = end.seq;
        if last < head.seq {
            return Ok(Err((
                last + 1,
                format!("entry {} is missing: the log ends before its head", last + 1),
            )));
        }
        if head.seq < last {
            return Ok(Err((
                head.seq + 1,
                format!("entry {} is missing: the log ended behind entry {last} before", head.seq + 1),
            )));
        }
        if end.hash != head.hash {
            return Ok(Err((
                last,
                format!("entry {last} is not the one that the head of the log stands for"),
            )));
        }
        Ok(Ok(end))
    }

    async fn hashes(&mut self, after: i64, limit: u32) -> Result<Vec<Hash>, StoreError> {
        let sql = "SELECT hash FROM audit_log WHERE chain = ? AND seq > ? ORDER BY seq LIMIT ?";
        let rows = self.select("reading the audit log", sql, args![CHAIN, after, limit]).await?;
        rows.iter().map(|row| Columns::new("audit entry", row).digest()).collect()
    }

    async fn find(&mut self, seq: i64) -> Result<Option<(AuditRecord, Hash)>, StoreError> {
        let sql = select!("WHERE chain = ? AND seq = ?");
        let Some(row) = self.select_one("reading the audit log", sql, args![CHAIN, seq]).await? else {
            return Ok(None);
        };
        let sql = "SELECT hash FROM audit_log WHERE chain = ? AND seq = ?";
        let before = self.select_one("reading the audit log", sql, args![CHAIN, seq - 1]).await?;
        let previous = before.map(|row| Columns::new("audit entry", &row).digest()).transpose()?;
        Ok(Some((Entry::read(&row)?.record(), previous.unwrap_or_default())))
    }

    async fn tree_heads(
        &mut self,
        after: Option<&StoredTreeHead>,
        limit: u32,
    ) -> Result<Vec<StoredTreeHead>, StoreError> {
        let (size, digest) = after.map_or((i64::MIN, &[0; 32]), |after| (after.size, &after.digest));
        let sql = tree_head!(
            "WHERE chain = ? AND (size > ? OR (size = ? AND digest > ?)) ORDER BY size, digest LIMIT ?"
        );
        let args = args![CHAIN, size, size, digest, limit];
        self.select("reading tree heads", sql, args).await?.iter().map(read_tree_head).collect()
    }

    async fn largest_tree_heads(&mut self, limit: u32) -> Result<Vec<StoredTreeHead>, StoreError> {
        let sql = tree_head!("WHERE chain = ? ORDER BY size DESC, digest LIMIT ?");
        let rows = self.select("reading tree heads", sql, args![CHAIN, limit]).await?;
        rows.iter().map(read_tree_head).collect()
    }

    async fn add_tree_head(&mut self, head: &StoredTreeHead) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit_tree_head (chain, size, digest, body, signature) VALUES (?, ?, ?, ?, ?)";
        let args = args![CHAIN, head.size, &head.digest, &head.body, &head.signature];
        self.insert_missing("a tree head like this", sql, args).await.map(|_| ())
    }
}

/// What is wrong with an entry that follows the end of what was looked at so far.
fn fault(entry: &Entry, end: ChainEnd, head: i64) -> Option<(i64, String)> {
    let (seq, last) = (entry.seq, end.seq);
    if seq <= last {
        return Some((seq, format!("entry {seq} was inserted: the log begins with 1")));
    }
    if seq > head {
        return Some((seq, format!("entry {seq} was inserted: the head of the log stands at {head}")));
    }
    if seq > last + 1 {
        return Some((last + 1, format!("entry {} is missing", last + 1)));
    }
    if entry.expected(&end.hash) != entry.hash {
        return Some((seq, format!("entry {seq} was changed, or is not the one that followed entry {last}")));
    }
    None
}
