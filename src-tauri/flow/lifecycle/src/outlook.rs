//! What the next cycle would say about one subscriber, with everything it goes by. Changes nothing.

use model::{SubscriberId, Template, Timestamp};
use plan::{Decision, Verdict};
use store::{PlanningRow, StoreError, Work};

use crate::cycle::{decide_row, situation};
use crate::limits::confirmed_at;

/// One subscriber as the plan sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct Outlook {
    /// What is known about it.
    pub row: PlanningRow,
    /// What is decided: the same that the service would decide now, before its limits.
    pub decision: Decision,
    /// The same, template by template.
    pub verdicts: Vec<Verdict>,
    /// When the last complete reading of the directory began: notices that are older were confirmed by it.
    pub confirmed_at: Option<Timestamp>,
}

/// Looks at one subscriber; `None` when nobody knows it.
///
/// # Errors
/// When the database cannot be read.
pub async fn outlook(
    work: &mut dyn Work,
    id: SubscriberId,
    now: Timestamp,
) -> Result<Option<Outlook>, StoreError> {
    let Some(row) = work.subscribers().planning(&[id]).await?.into_iter().next() else { return Ok(None) };
    let templates: Vec<Template> =
        work.templates().list().await?.into_iter().map(|versioned| versioned.template).collect();
    let confirmed_at = confirmed_at(work, now).await?;
    let decision = decide_row(work, &row, &templates, &row.refused, confirmed_at, now).await?;
    let seen = situation(work, &row, &row.refused, confirmed_at, now).await?;
    let verdicts = plan::explain(&seen, &decision, &templates, now);
    Ok(Some(Outlook { row, decision, verdicts, confirmed_at }))
}
