//! The audit log: append only, chained by hash.

use async_trait::async_trait;
use model::{AuditEvent, AuditRecord, Timestamp};

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
    /// Entries, newest first.
    async fn list(&mut self, page: &PageRequest) -> Result<Page<AuditRecord>, StoreError>;
    /// Recomputes the whole chain. `Ok(Ok(n))` when all `n` entries are as they were written, `Ok(Err((seq, why)))`
    /// with the first entry that is not.
    async fn verify(&mut self) -> Result<Result<i64, (i64, String)>, StoreError> {
        Ok(self.verify_behind(ChainEnd::EMPTY).await?.map(|end| end.seq))
    }
    /// Recomputes the chain behind an entry that is known to be right, and says where the log ends now; or the first entry
    /// that is not as it was written, and why.
    async fn verify_behind(&mut self, known: ChainEnd)
    -> Result<Result<ChainEnd, (i64, String)>, StoreError>;
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
