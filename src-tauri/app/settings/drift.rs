//! `[drift]`: how often the database is compared with the world outside.

use model::{Service, Span};
use serde::{Deserialize, Serialize};

/// The comparison with authorities, Intune and the address list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct DriftSection {
    /// Hours between comparisons; 0 for none.
    pub hours: u32,
}

impl Default for DriftSection {
    fn default() -> Self {
        Self { hours: 6 }
    }
}

impl DriftSection {
    /// Whether nothing was set.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a daemon compares at all.
    pub const fn is_on(self) -> bool {
        self.hours > 0
    }

    /// Time between comparisons; the usual one where they are switched off.
    pub fn interval(self) -> Span {
        if self.is_on() { Span::hours(i64::from(self.hours)) } else { Service::Drift.default_interval() }
    }
}
