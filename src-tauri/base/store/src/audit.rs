//! The audit log: append only, chained by hash.

use async_trait::async_trait;
use model::{AuditEvent, AuditRecord, Timestamp};

use crate::{Page, PageRequest, StoreError};

/// The audit log. There is no way to change or remove an entry.
#[async_trait]
pub trait AuditRepository: Send {
    /// Appends an event in this unit of work; returns its position.
    async fn append(&mut self, event: &AuditEvent, at: Timestamp) -> Result<i64, StoreError>;
    /// Entries, newest first.
    async fn list(&mut self, page: &PageRequest) -> Result<Page<AuditRecord>, StoreError>;
    /// Recomputes the whole chain. `Ok(Ok(n))` when all `n` entries are as they were written, `Ok(Err((seq, why)))`
    /// with the first entry that is not.
    async fn verify(&mut self) -> Result<Result<i64, (i64, String)>, StoreError>;
}
