//! The audit log: append only, each entry carries the hash of the one before it.
//!
//! An entry's hash is SHA-256 over: version (1 byte), previous hash (32), chain, position and time (8 bytes each,
//! big-endian), then kind, outcome, actor, object and detail, each with its length in front (8 bytes, big-endian). The
//! head row is updated first in the unit of work: it is the lock that keeps positions without gaps.

use async_trait::async_trait;
use model::{AuditEvent, AuditKind, AuditOutcome, AuditRecord, Timestamp};
use sha2::{Digest, Sha256};
use store::{AuditRepository, Page, PageRequest, StoreError};

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

    fn record(self) -> Result<AuditRecord, StoreError> {
        let [kind, outcome, actor, object, detail] = self.texts;
        let unknown = |detail: String| StoreError::Corrupt { what: "audit entry", detail };
        let seq = self.seq;
        let event = AuditEvent {
            kind: AuditKind::from_name(&kind)
                .ok_or_else(|| unknown(format!("entry {seq} has the unknown kind `{kind}`")))?,
            outcome: read_outcome(&outcome)
                .ok_or_else(|| unknown(format!("entry {seq} has the unknown outcome `{outcome}`")))?,
            actor,
            object,
            detail,
        };
        Ok(AuditRecord { seq, at: Timestamp::from_millis(self.at), event, hash: hex::encode(self.hash) })
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

impl Session {
    async fn audit_head(&mut self) -> Result<Option<(i64, Hash)>, StoreError> {
        let sql = "SELECT seq, hash FROM audit_head WHERE chain = ?";
        let row = self.select_one("reading the head of the audit log", sql, args![CHAIN]).await?;
        let read = |row: &Row| {
            let mut columns = Columns::new("head of the audit log", row);
            Ok((columns.int()?, columns.digest()?))
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
        let (seq, previous) = self.audit_head().await?.ok_or_else(|| StoreError::Corrupt {
            what: "audit log",
            detail: "its head is missing".to_owned(),
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
        Ok(Page { rows: entries.into_iter().map(Entry::record).collect::<Result<_, _>>()?, next })
    }

    async fn verify(&mut self) -> Result<Result<i64, (i64, String)>, StoreError> {
        let Some((head, head_hash)) = self.audit_head().await? else {
            return Ok(Err((0, "the head of the log is missing".to_owned())));
        };
        let (mut last, mut previous): (i64, Hash) = (0, [0; 32]);
        // Positions before the first are looked at too.
        let mut behind = i64::MIN;
        loop {
            let sql = select!("WHERE chain = ? AND seq > ? ORDER BY seq LIMIT ?");
            let rows = self.select("verifying the audit log", sql, args![CHAIN, behind, CHUNK]).await?;
            for row in &rows {
                let entry = Entry::read(row)?;
                if let Some(broken) = fault(&entry, last, &previous, head) {
                    return Ok(Err(broken));
                }
                (last, previous, behind) = (entry.seq, entry.hash, entry.seq);
            }
            if rows.is_empty() {
                break;
            }
        }
        if last < head {
            return Ok(Err((
                last + 1,
                format!("entry {} is missing: the log ends before its head", last + 1),
            )));
        }
        if previous != head_hash {
            return Ok(Err((
                last,
                format!("entry {last} is not the one that the head of the log stands for"),
            )));
        }
        Ok(Ok(last))
    }
}

/// What is wrong with an entry that follows position `last` with hash `previous`.
fn fault(entry: &Entry, last: i64, previous: &Hash, head: i64) -> Option<(i64, String)> {
    let seq = entry.seq;
    if seq <= last {
        return Some((seq, format!("entry {seq} was inserted: the log begins with 1")));
    }
    if seq > head {
        return Some((seq, format!("entry {seq} was inserted: the head of the log stands at {head}")));
    }
    if seq > last + 1 {
        return Some((last + 1, format!("entry {} is missing", last + 1)));
    }
    if entry.expected(previous) != entry.hash {
        return Some((seq, format!("entry {seq} was changed, or is not the one that followed entry {last}")));
    }
    None
}
