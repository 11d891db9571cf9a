//! `[limits]`: how much the plan changes by itself before a person has to look.
//!
//! They stand in this installation's own settings, so that nobody raises them for all by writing one row. They protect from
//! mistakes, not from whoever writes the database.

use lifecycle::{Limit, Limits};
use serde::{Deserialize, Serialize};

/// The section. Numbers count 24 hours, shares are of all valid certificates; the smaller counts, and five are always within
/// a share.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LimitsSection {
    /// Revocations of leavers and former names, at most.
    pub revocations: u32,
    /// The same as a share, in percent.
    pub revocations_percent: u8,
    /// New certificates in place of ones that would run on, because a name or address changed, at most.
    pub replacements: u32,
    /// The same as a share, in percent.
    pub replacements_percent: u8,
    /// Repairs of what differs outside, at most.
    pub repairs: u32,
    /// The same as a share, in percent.
    pub repairs_percent: u8,
    /// Hours after which a saved plan is not carried out any more.
    pub plan_hours: u32,
}

impl Default for LimitsSection {
    fn default() -> Self {
        Self {
            revocations: 50,
            revocations_percent: 2,
            replacements: 50,
            replacements_percent: 2,
            repairs: 50,
            repairs_percent: 2,
            plan_hours: 24,
        }
    }
}

impl LimitsSection {
    /// Whether nothing was set.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// As the plan goes by them.
    pub fn limits(&self) -> Limits {
        let limit = |count: u32, percent: u8| Limit { count: count.into(), percent: percent.into() };
        Limits {
            revocations: limit(self.revocations, self.revocations_percent),
            replacements: limit(self.replacements, self.replacements_percent),
            repairs: limit(self.repairs, self.repairs_percent),
        }
    }
}
