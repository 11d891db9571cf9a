//! The door to the organisation's address book, from which senders take the certificates that they encrypt to.

use async_trait::async_trait;
use model::{Span, SubscriberId};

use crate::{BoxError, Disposition};

/// What the address book shows of one subscriber.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookEntry {
    /// Entra object id.
    pub holder: SubscriberId,
    /// Primary address, by which people know the entry.
    pub address: String,
    /// `userCertificate`: X.509 certificates in DER, ours and those of others, in the book's order.
    pub certificates: Vec<Vec<u8>>,
    /// `userSMIMECertificate`: CMS `SignedData` in DER (RFC 2798 section 2.8), which their owners signed.
    pub smime: Vec<Vec<u8>>,
    /// Whether the entry comes from a directory elsewhere, so that it can be read here and is changed there.
    pub is_synchronised: bool,
}

/// A part of the list of all entries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BookPage {
    /// Entries, those without any certificate included.
    pub entries: Vec<BookEntry>,
    /// What to ask the next page with; `None` after the last.
    pub next: Option<String>,
}

/// What an entry is to show instead of what was seen of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookChange {
    /// The entry as it was read. What was not read cannot be kept, and the book replaces whole lists.
    pub seen: BookEntry,
    /// All X.509 certificates that are to be there afterwards, foreign ones included.
    pub certificates: Vec<Vec<u8>>,
    /// All S/MIME values that are to be there afterwards: some of those that were seen.
    pub smime: Vec<Vec<u8>>,
}

/// What came of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookReceipt {
    /// The entry as it was read back.
    pub entry: BookEntry,
    /// How this tenant takes values, to be given to the next change. Opaque to whoever keeps it.
    pub habit: Option<String>,
}

/// A door to an address book that shows certificates.
#[async_trait]
pub trait AddressBook: Send + Sync {
    /// Stable name of the book.
    fn name(&self) -> &'static str;
    /// Proves that credentials, permission and role suffice; one sentence for people. Writes nothing.
    async fn check(&self) -> Result<String, BookError>;
    /// The entry of one subscriber.
    async fn read(&self, holder: SubscriberId) -> Result<BookEntry, BookError>;
    /// Replaces what the entry shows, and reads it back: an answer without error means that it was seen to be as wanted. Where
    /// it comes out otherwise, what was there before is put back. `habit` is what an earlier receipt told.
    async fn change(&self, change: &BookChange, habit: Option<&str>) -> Result<BookReceipt, BookError>;
    /// The entries of all mailboxes, page by page; `after` is what the page before told.
    async fn list(&self, after: Option<&str>) -> Result<BookPage, BookError>;
}

/// Why an address book was not read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// Not reachable, throttled or overloaded. Nothing was changed.
    #[error("Exchange is unreachable or asks us to wait")]
    Unavailable {
        /// As told by the service.
        retry_after: Option<Span>,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// The change was sent and its answer lost: the entry is to be read before anything is sent again.
    #[error("Exchange may or may not have changed the address book entry {address}")]
    OutcomeUnknown {
        /// Which.
        address: String,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// The change was accepted, and reading back does not show it yet.
    #[error("Exchange accepted the change of {address} and does not show it yet")]
    NotShown {
        /// Which.
        address: String,
    },
    /// Credentials, permission or role are missing: nobody's entry can be changed.
    #[error("Exchange refused us: {hint}")]
    Unauthorized {
        /// What to do.
        hint: String,
    },
    /// The subscriber has no mailbox here.
    #[error("Exchange has no mailbox for {holder}: {detail}")]
    NoMailbox {
        /// Who.
        holder: SubscriberId,
        /// In the service's words.
        detail: String,
    },
    /// The entry comes from a directory elsewhere and is changed there.
    #[error(
        "{address} is synchronised from a directory on premises, where its certificates are to be changed: {detail}"
    )]
    Synchronised {
        /// Which.
        address: String,
        /// In the service's words.
        detail: String,
    },
    /// This change was refused; what was there before is there.
    #[error("Exchange did not take the certificates of {address}: {reason}")]
    Rejected {
        /// Which.
        address: String,
        /// In the service's words, and what each way of sending came to.
        reason: String,
    },
    /// The entry shows something else than before and than wanted, and could not be put back.
    #[error("the address book entry {address} is not as it was: {detail}")]
    Damaged {
        /// Which.
        address: String,
        /// What is there, and what to do.
        detail: String,
    },
    /// The answer is not what the protocol says. Nothing may be concluded from it.
    #[error("the answer of Exchange cannot be understood: {detail}")]
    Garbled {
        /// What is wrong.
        detail: String,
    },
}

impl BookError {
    /// The one place that decides what the scheduler does next.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable { retry_after, .. } => Disposition::Retry { after: *retry_after },
            Self::OutcomeUnknown { .. } | Self::NotShown { .. } => Disposition::LookUpFirst,
            Self::Unauthorized { .. } => Disposition::Operator,
            Self::Garbled { .. } => Disposition::Retry { after: None },
            Self::NoMailbox { .. }
            | Self::Synchronised { .. }
            | Self::Rejected { .. }
            | Self::Damaged { .. } => Disposition::Reject,
        }
    }
}
