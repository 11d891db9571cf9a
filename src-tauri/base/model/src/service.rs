//! Recurring duties of the daemon.

use serde::{Deserialize, Serialize};

use crate::time::{Span, Timestamp};

/// A recurring duty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Service {
    /// Read the directory, plan, and start what the plan wants.
    Sync,
    /// Publish the built-in authority's revocation list before the old one ends.
    Crl,
    /// Call a fire drill when one is due.
    Drills,
    /// See to it that the address book shows what it should.
    #[serde(rename = "gal")]
    AddressBook,
    /// Move running campaigns on: order, read back, revoke, wave after wave.
    Campaigns,
    /// Compare the database with authorities, Intune and the address list.
    Drift,
}

impl Service {
    /// All services, in the order they are listed.
    pub const ALL: [Self; 6] =
        [Self::Sync, Self::Crl, Self::Drills, Self::AddressBook, Self::Campaigns, Self::Drift];

    /// Stable name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Crl => "crl",
            Self::Drills => "drills",
            Self::AddressBook => "gal",
            Self::Campaigns => "campaigns",
            Self::Drift => "drift",
        }
    }

    /// From the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// How often it runs unless the settings say otherwise.
    pub const fn default_interval(self) -> Span {
        match self {
            Self::Sync | Self::AddressBook => Span::minutes(15),
            Self::Crl | Self::Drift => Span::hours(6),
            Self::Drills => Span::hours(1),
            Self::Campaigns => Span::minutes(5),
        }
    }
}

/// When a service ran and will run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatus {
    /// Which.
    pub service: Service,
    /// Start of the last run.
    pub last_run: Option<Timestamp>,
    /// What came of it, one sentence.
    pub last_result: Option<String>,
    /// Whether the last run failed.
    pub failed: bool,
    /// Next run.
    pub next_run: Timestamp,
}
