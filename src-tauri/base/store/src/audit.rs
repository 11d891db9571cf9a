//! The audit log: append only, chained by hash.

use async_trait::async_trait;
use model::{AuditEvent, AuditOutcome, AuditRecord, Timestamp};

use crate::{Page, PageRequest, StoreError};

/// Where a chain ends: the last entry's position and hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainEnd {
    /// Position of the last entry; 0 for an empty log.
    pub seq: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl ChainEnd {
    /// The end of an empty log.
    pub const EMPTY: Self = Self { seq: 0, hash: [0; 32] };
}

/// Which entries are wanted; the default wants all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditFilter {
    /// Words that all stand somewhere in the entry, letter case aside: in what happened, actor, object or detail. A number is
    /// also the position, and 64 hexadecimal digits the hash.
    pub search: Option<String>,
    /// What happened, as it stands in the log: one of these; empty for anything.
    pub kinds: Vec<String>,
    /// How it ended.
    pub outcome: Option<AuditOutcome>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Only positions up to this one.
    pub up_to: Option<i64>,
}

/// A page of entries, newest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditFound {
    /// The entries. A page may hold fewer than were wanted, even none, and still have a next one: only so many entries are
    /// looked through at once.
    pub page: Page<AuditRecord>,
    /// The lowest position that was looked at; `None` when the log has nothing there any more.
    pub looked_back_to: Option<i64>,
}

/// How far a part of the chain was found right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// The last entry of the part.
    pub end: ChainEnd,
    /// Whether the log ends there.
    pub is_last: bool,
}

/// What an installation signed about the log as it stood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredTreeHead {
    /// Number of entries that it says it covers.
    pub size: i64,
    /// SHA-256 over statement, a zero octet, and signature: nobody can take its place with another.
    pub digest: [u8; 32],
    /// The signed statement, JSON.
    pub body: String,
    /// Signature over the statement.
    pub signature: Vec<u8>,
}

/// The audit log. There is no way to change or remove an entry.
#[async_trait]
pub trait AuditRepository: Send {
    /// Appends an event in this unit of work; returns its position.
    async fn append(&mut self, event: &AuditEvent, at: Timestamp) -> Result<i64, StoreError>;
    /// All entries, newest first.
    async fn list(&mut self, page: &PageRequest) -> Result<Page<AuditRecord>, StoreError> {
        Ok(self.search(&AuditFilter::default(), page).await?.page)
    }
    /// Entries that the filter wants, newest first. There is no index for it: the log is looked through from its end, a
    /// bounded number of entries at a time.
    async fn search(&mut self, filter: &AuditFilter, page: &PageRequest) -> Result<AuditFound, StoreError>;
    /// Recomputes the whole chain. `Ok(Ok(n))` when all `n` entries are as they were written, `Ok(Err((seq, why)))`
    /// with the first entry that is not.
    async fn verify(&mut self) -> Result<Result<i64, (i64, String)>, StoreError> {
        Ok(self.verify_behind(ChainEnd::EMPTY).await?.map(|end| end.seq))
    }
    /// Recomputes the chain behind an entry that is known to be right, and says where the log ends now; or the first entry
    /// that is not as it was written, and why.
    async fn verify_behind(
        &mut self,
        mut known: ChainEnd,
    ) -> Result<Result<ChainEnd, (i64, String)>, StoreError> {
        loop {
            match self.verify_some(known).await? {
                Ok(stretch) if stretch.is_last => return Ok(Ok(stretch.end)),
                Ok(stretch) => known = stretch.end,
                Err(broken) => return Ok(Err(broken)),
            }
        }
    }
    /// The same for the next part of the log alone, so that a long one can be verified bit by bit within one unit of work.
    async fn verify_some(&mut self, known: ChainEnd) -> Result<Result<Stretch, (i64, String)>, StoreError>;
    /// The hashes of the entries behind position `after` in order, at most `limit`. What they stand for is not looked at.
    async fn hashes(&mut self, after: i64, limit: u32) -> Result<Vec<[u8; 32]>, StoreError>;
    /// One entry, and the hash of the entry before it.
    async fn find(&mut self, seq: i64) -> Result<Option<(AuditRecord, [u8; 32])>, StoreError>;
    /// Signed tree heads by size, behind the one of `after`; at most `limit`. Whether they are to be believed is decided by
    /// the reader.
    async fn tree_heads(
        &mut self,
        after: Option<&StoredTreeHead>,
        limit: u32,
    ) -> Result<Vec<StoredTreeHead>, StoreError>;
    /// The tree heads that say that they cover most, the largest first.
    async fn largest_tree_heads(&mut self, limit: u32) -> Result<Vec<StoredTreeHead>, StoreError>;
    /// Adds a tree head; exactly the same one that is there already stays.
    async fn add_tree_head(&mut self, head: &StoredTreeHead) -> Result<(), StoreError>;
}
