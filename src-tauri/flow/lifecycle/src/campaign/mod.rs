//! Campaigns: many certificates replaced in a short time, because an authority says that they end.
//!
//! A campaign is a selection and terms; when it begins, each certificate becomes a member with a stage, and a duty of the
//! daemon moves the members on ([`turn`]): it orders with a new key through the ordinary enrollments, sees from those how far
//! each came, and orders the revocation of the old certificate through the ordinary jobs when the successor was read back.
//! There is no second queue: whatever is killed, stages follow from what enrollments and certificates say.

mod begin;
mod change;
mod figures;
mod select;
mod turn;
mod way;

pub use begin::{begin, may_begin_alone};
pub use change::{exclude, pause, resume, stop, write_down};
pub use figures::{CampaignFigures, Estimate, estimate, figures};
pub use select::{Hindrance, LeftOut, Preview, preview};
pub use turn::{Turned, turn};

use model::{AuditEvent, AuditKind, AuditOutcome, Campaign};
use store::StoreError;

/// Why a campaign could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// Its state does not allow it, or what it says cannot be done; the text says what to do.
    #[error("{0}")]
    NotPossible(String),
    /// It is more than one person may begin.
    #[error("{0}")]
    NeedsSecond(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl store::Setback for CampaignError {
    fn is_passing(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_passing())
    }
}

fn not_possible(text: impl Into<String>) -> CampaignError {
    CampaignError::NotPossible(text.into())
}

/// What the audit log says about a campaign.
fn event(
    kind: AuditKind,
    outcome: AuditOutcome,
    campaign: &Campaign,
    actor: &str,
    detail: String,
) -> AuditEvent {
    AuditEvent {
        kind,
        outcome,
        actor: actor.to_owned(),
        object: format!("campaign {}", campaign.name),
        detail,
    }
}
