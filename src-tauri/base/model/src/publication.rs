//! What address books show of our certificates.

use serde::{Deserialize, Serialize};

use crate::id::{CertificateId, SubscriberId};
use crate::time::Timestamp;

/// A certificate and an address book.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Publication {
    /// Which certificate.
    pub certificate: CertificateId,
    /// Whose, and whose entry shows it.
    pub subscriber: SubscriberId,
    /// Stable name of the book.
    pub book: String,
    /// How far it came.
    pub state: PublicationState,
    /// Why it did not come further, and what to do, in a sentence.
    pub detail: Option<String>,
    /// When `state` was reached.
    pub at: Timestamp,
}

impl Publication {
    /// The book that Exchange Online keeps: the global address list.
    pub const EXCHANGE: &'static str = "exchange";
}

/// How far a publication came. Each word means what was seen, not what was sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PublicationState {
    /// It is to be published; nobody has seen it in the book.
    Wanted,
    /// The book's service took it; it was not read back yet.
    Accepted,
    /// It was read back from the book.
    Published,
    /// It is to be taken out.
    Unwanted,
    /// A reading showed that it is not in the book.
    Withdrawn,
    /// The entry is mastered in a directory on premises, and has to be changed there.
    NeedsOnPremises,
    /// The subscriber has no entry in this book.
    NoMailbox,
    /// The book's service did not take it.
    Refused,
    /// A person had it taken out, and it stays out until a person has it published.
    Withheld,
}

impl PublicationState {
    /// All states.
    pub const ALL: [Self; 9] = [
        Self::Wanted,
        Self::Accepted,
        Self::Published,
        Self::Unwanted,
        Self::Withdrawn,
        Self::NeedsOnPremises,
        Self::NoMailbox,
        Self::Refused,
        Self::Withheld,
    ];

    /// Stable name for scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Accepted => "accepted",
            Self::Published => "published",
            Self::Unwanted => "unwanted",
            Self::Withdrawn => "withdrawn",
            Self::NeedsOnPremises => "needsOnPremises",
            Self::NoMailbox => "noMailbox",
            Self::Refused => "refused",
            Self::Withheld => "withheld",
        }
    }

    /// Whether something is still to be done by itself.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Wanted | Self::Accepted | Self::Unwanted => true,
            Self::Published
            | Self::Withdrawn
            | Self::NeedsOnPremises
            | Self::NoMailbox
            | Self::Refused
            | Self::Withheld => false,
        }
    }

    /// Whether the book may show it.
    pub const fn may_be_shown(self) -> bool {
        match self {
            Self::Accepted | Self::Published | Self::Unwanted => true,
            Self::Wanted
            | Self::Withdrawn
            | Self::NeedsOnPremises
            | Self::NoMailbox
            | Self::Refused
            | Self::Withheld => false,
        }
    }
}
