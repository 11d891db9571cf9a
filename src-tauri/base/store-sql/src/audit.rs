//! The audit log: append only, each entry carries the hash of the one before it.
//!
//! An entry's hash is SHA-256 over: version (1 byte), previous hash (32), chain, position and time (8 bytes each,
//! big-endian), then kind, outcome, actor, object and detail, each with its length in front (8 bytes, big-endian). The
//! head row is updated first in the unit of work: it is the lock that keeps positions without gaps.

use async_trait::async_trait;
use model::{AuditEvent, AuditKind, AuditOutcome, AuditRecord, ForeignWords, Timestamp};
use sha2::{Digest, Sha256};
use store::{
    AuditFilter, AuditFound, AuditRepository, ChainEnd, Page, PageRequest, StoreError, StoredTreeHead,
    Stretch,
};

use crate::columns::{Columns, Row};
use crate::dialect::places;
use crate::keyset::{Bounds, KeyKind, Place};
use crate::session::Session;
use crate::value::{Value, args};

const VERSION: u8 = 1;
/// The only chain so far.
const CHAIN: i64 = 1;
/// Stretches that one search looks through at most.
const STRETCHES: u32 = 10;
/// Entries read at once by [`AuditRepository::verify_some`].
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

    /// Where the next stretch of the log before a position begins; `None` when there is nothing before it.
    async fn stretch_before(
        &mut self,
        before: &Value,
        wanted: &Wanted<'_>,
        bounds: &Bounds,
    ) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT MIN(seq) FROM (SELECT seq FROM audit_log WHERE chain = ? AND seq < ? ORDER BY seq DESC LIMIT ?) \
                   AS stretch";
        let args = vec![Value::Int(CHAIN), before.clone(), wanted.stretch(bounds)];
        let row = self.select_one("reading the audit log", sql, args).await?;
        row.as_ref().map_or(Ok(None), |row| Columns::new("audit entry", row).opt_int())
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

    async fn search(&mut self, filter: &AuditFilter, page: &PageRequest) -> Result<AuditFound, StoreError> {
        let bounds = Bounds::read(page, KeyKind::Int)?;
        let top = filter.up_to.map_or(i64::MAX, |seq| seq.saturating_add(1));
        let mut before = bounds.after.as_ref().map_or(Value::Int(top), |after| after.key.clone());
        let wanted = Wanted::of(filter);
        let mut found: Vec<Entry> = Vec::new();
        let mut looked_back_to = None;
        for _ in 0..STRETCHES {
            let Some(from) = self.stretch_before(&before, &wanted, &bounds).await? else { break };
            let (sql, args) = wanted.query(before, from, bounds.limit - found.len());
            for row in &self.select("reading the audit log", sql, args).await? {
                let entry = Entry::read(row)?;
                if !wanted.fits(&entry) {
                    continue;
                }
                // One more than wanted says that there is another page.
                if found.len() == bounds.limit {
                    let last = found.last().map(|entry: &Entry| entry.seq);
                    return Ok(answer(found, last, last));
                }
                found.push(entry);
            }
            before = Value::Int(from);
            looked_back_to = Some(from);
        }
        // What is not looked through yet is behind the next page, if anything is.
        let more = self.stretch_before(&before, &wanted, &bounds).await?;
        Ok(answer(found, more.and(looked_back_to), looked_back_to))
    }

    async fn verify_some(&mut self, known: ChainEnd) -> Result<Result<Stretch, (i64, String)>, StoreError> {
        let Some(head) = self.audit_head().await? else {
            return Ok(Err((0, "the head of the log is missing".to_owned())));
        };
        let mut end = known;
        // Positions before the first are looked at too.
        let behind = if known == ChainEnd::EMPTY { i64::MIN } else { known.seq };
        let sql = select!("WHERE chain = ? AND seq > ? ORDER BY seq LIMIT ?");
        let rows = self.select("verifying the audit log", sql, args![CHAIN, behind, CHUNK]).await?;
        for row in &rows {
            let entry = Entry::read(row)?;
            if let Some(broken) = fault(&entry, end, head.seq) {
                return Ok(Err(broken));
            }
            end = ChainEnd { seq: entry.seq, hash: entry.hash };
        }
        if rows.is_empty() { Ok(ends(end, head)) } else { Ok(Ok(Stretch { end, is_last: false })) }
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

/// Whether the log ends where its head says.
fn ends(end: ChainEnd, head: ChainEnd) -> Result<Stretch, (i64, String)> {
    let last = end.seq;
    if last < head.seq {
        return Err((last + 1, format!("entry {} is missing: the log ends before its head", last + 1)));
    }
    if head.seq < last {
        let first = head.seq + 1;
        return Err((first, format!("entry {first} is missing: the log ended behind entry {last} before")));
    }
    if end.hash != head.hash {
        return Err((last, format!("entry {last} is not the one that the head of the log stands for")));
    }
    Ok(Stretch { end, is_last: true })
}

fn answer(found: Vec<Entry>, next: Option<i64>, looked_back_to: Option<i64>) -> AuditFound {
    let next = next.map(|seq| Place { key: Value::Int(seq), id: [0; 16] }.to_cursor());
    AuditFound { page: Page { rows: found.into_iter().map(Entry::record).collect(), next }, looked_back_to }
}

/// A filter as it is asked.
struct Wanted<'a> {
    filter: &'a AuditFilter,
    /// Words of the search, in small letters.
    words: Vec<String>,
}

impl<'a> Wanted<'a> {
    fn of(filter: &'a AuditFilter) -> Self {
        let search = filter.search.as_deref().unwrap_or_default().to_lowercase();
        Self { filter, words: search.split_whitespace().map(str::to_owned).collect() }
    }

    /// How many entries are looked through at once. Words are compared here and not by the database, which would know
    /// small letters of its own language only, or none: every entry comes over.
    fn stretch(&self, bounds: &Bounds) -> Value {
        let AuditFilter { search: _, kinds, outcome, from, until, up_to: _ } = self.filter;
        let takes_all = kinds.is_empty() && outcome.is_none() && from.is_none() && until.is_none();
        if takes_all && self.words.is_empty() {
            return bounds.fetch();
        }
        Value::Int(if self.words.is_empty() { 20_000 } else { 2_000 })
    }

    fn query(&self, before: Value, from: i64, missing: usize) -> (String, Vec<Value>) {
        let mut sql = select!("WHERE chain = ? AND seq < ? AND seq >= ?").to_owned();
        let mut args = vec![Value::Int(CHAIN), before, Value::Int(from)];
        let AuditFilter { search: _, kinds, outcome, from, until, up_to: _ } = self.filter;
        if !kinds.is_empty() {
            sql.push_str(&format!(" AND kind IN {}", places(kinds.len())));
            args.extend(kinds.iter().map(Value::from));
        }
        if let Some(outcome) = outcome {
            sql.push_str(" AND outcome = ?");
            args.push(Value::from(outcome_name(*outcome)));
        }
        if let Some(from) = from {
            sql.push_str(" AND at >= ?");
            args.push(Value::from(*from));
        }
        if let Some(until) = until {
            sql.push_str(" AND at < ?");
            args.push(Value::from(*until));
        }
        sql.push_str(" ORDER BY seq DESC LIMIT ?");
        // Where the database compares everything, no more of them than the page lacks, and one that tells of another page.
        let most = if self.words.is_empty() { i64::try_from(missing).ok() } else { None };
        args.push(Value::Int(most.map_or(i64::from(i32::MAX), |missing| missing.saturating_add(1))));
        (sql, args)
    }

    fn fits(&self, entry: &Entry) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let [kind, _, actor, object, detail] = &entry.texts;
        let texts = [&kind.replace('_', " "), kind, actor, object, detail].map(|text| text.to_lowercase());
        self.words.iter().all(|word| {
            texts.iter().any(|text| text.contains(word.as_str()))
                || word.trim_start_matches('#') == entry.seq.to_string()
                || (word.len() == 64 && *word == hex::encode(entry.hash))
        })
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
