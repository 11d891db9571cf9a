//! Entries in the order in which they were written, a bounded number at a time.

use model::{AuditRecord, Timestamp};
use store::{AuditFilter, PageRequest, Store as _};

use crate::failure::Failure;
use crate::foundation::Foundation;

/// Entries read at once.
const CHUNK: u32 = 500;

/// Hands over each entry that was not written before `since`, the oldest first.
pub(crate) async fn oldest_first(
    program: &Foundation,
    since: Option<Timestamp>,
    mut each: impl FnMut(AuditRecord) -> Result<(), Failure> + Send,
) -> Result<(), Failure> {
    let mut work = program.store.read().await?;
    let newest = work.audit().list(&PageRequest::first(1)).await?.rows;
    let last = newest.first().map_or(0, |record| record.seq);
    let mut read = 0;
    while read < last {
        // The store reads from the end: each chunk is the end of what lies before it and was not read yet.
        let up_to = last.min(read + i64::from(CHUNK));
        let filter = AuditFilter { up_to: Some(up_to), ..AuditFilter::default() };
        let found = work.audit().search(&filter, &PageRequest::first(CHUNK)).await?;
        let fits = |record: &AuditRecord| record.seq > read && since.is_none_or(|since| record.at >= since);
        for record in found.page.rows.into_iter().rev().filter(fits) {
            each(record)?;
        }
        read = up_to;
    }
    Ok(())
}
