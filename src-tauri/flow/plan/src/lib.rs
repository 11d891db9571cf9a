//! Decides who gets which certificate, and says why in one sentence.
//!
//! Pure: a [`Situation`] × templates × clock gives intents and skips, and nothing else happens. The same function serves
//! the daemon, `sealwright plan`, and the tests. Nothing is ever enrolled that was not decided here.
//!
//! ```text
//!  Situation (one subscriber) ─┐
//!  Templates ──────────────────┼─► decide ─► Intents (with reason) + Skips (with why)
//!  now ────────────────────────┘
//! ```
#![warn(missing_docs)]

mod cost;
mod decide;
mod endings;
mod explain;
mod holders;
mod holds;
mod lint;
mod names;
mod text;

pub use cost::{OrderCost, costs, dearer, total};
pub use decide::{
    Decision, Situation, decide, earliest_renewal, entitlement, keep_unambiguous, latest_renewal_lead,
    renewal,
};
pub use explain::{Answer, Verdict, explain};
pub use lint::{Finding, lint};
pub use names::{compose, profile_for};

use model::{DeliveryIntent, Intent, RemovalIntent, RepairIntent, Skip, Timestamp};
use serde::{Deserialize, Serialize};

/// A whole plan, as shown, saved and applied.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// When it was made.
    pub made_at: Timestamp,
    /// What is to be done.
    pub intents: Vec<Intent>,
    /// Who is entitled and cannot be served.
    pub skips: Vec<Skip>,
    /// What is repaired of what differs outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<RepairIntent>,
    /// What is handed over: what follows from its orders, and what failed before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<DeliveryIntent>,
    /// What is taken back from Intune, or out of the address list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removals: Vec<RemovalIntent>,
    /// What its orders cost, by template.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<OrderCost>,
}

impl Plan {
    /// One in which nothing is to be done.
    pub const fn empty(made_at: Timestamp) -> Self {
        Self {
            made_at,
            intents: Vec::new(),
            skips: Vec::new(),
            repairs: Vec::new(),
            deliveries: Vec::new(),
            removals: Vec::new(),
            costs: Vec::new(),
        }
    }
}
