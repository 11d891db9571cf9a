//! The door to shared mailboxes and who may use them.
//!
//! It tells what is written at the mailbox and no more: whom a name means, and who is in a group, the directory knows.

use async_trait::async_trait;
use model::{Span, SubscriberId};

use crate::{BoxError, Disposition};

/// A shared mailbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SharedMailbox {
    /// Entra object id.
    pub id: SubscriberId,
    /// Primary address.
    pub address: String,
    /// Everything by which the service may call it, the address and the id included: rights are believed to be this
    /// mailbox's when they bear one of these names.
    pub names: Vec<String>,
}

/// What somebody may do with a mailbox.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MailboxRight {
    /// Open it and read everything.
    FullAccess,
    /// Send mail as the mailbox.
    SendAs,
}

impl MailboxRight {
    /// As Exchange spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullAccess => "FullAccess",
            Self::SendAs => "SendAs",
        }
    }
}

/// One entry of a mailbox's rights, given to it directly.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MailboxGrant {
    /// To whom: a sign-in name, a display name, a group's name or a security identifier, as the service tells it.
    pub trustee: String,
    /// What.
    pub right: MailboxRight,
    /// Whether it is taken away instead of given. What is taken away stays so, whatever else gives it.
    pub is_denied: bool,
}

/// A door to the mailboxes of one tenant. It only reads.
#[async_trait]
pub trait MailboxDirectory: Send + Sync {
    /// Proves that credentials, permission and role suffice; one sentence for people.
    async fn check(&self) -> Result<String, MailboxError>;
    /// Every shared mailbox of the tenant.
    async fn shared_mailboxes(&self) -> Result<Vec<SharedMailbox>, MailboxError>;
    /// Who has one of `rights` at the mailbox: entries that were given there, without those that are inherited and without
    /// the mailbox itself.
    async fn grants(
        &self,
        mailbox: &SharedMailbox,
        rights: &[MailboxRight],
    ) -> Result<Vec<MailboxGrant>, MailboxError>;
}

/// Why mailboxes could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailboxError {
    /// Not reachable, throttled or overloaded.
    #[error("Exchange is unreachable or asks us to wait")]
    Unavailable {
        /// As told by the service.
        retry_after: Option<Span>,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// Credentials, permission or role are missing.
    #[error("Exchange refused us: {hint}")]
    Unauthorized {
        /// What to do.
        hint: String,
    },
    /// The mailbox is not there any more.
    #[error("Exchange does not know the mailbox {mailbox}: {detail}")]
    NotFound {
        /// Which.
        mailbox: String,
        /// In the service's words.
        detail: String,
    },
    /// The answer is not what the protocol says. Nothing may be concluded from it.
    #[error("the answer of Exchange cannot be understood: {detail}")]
    Garbled {
        /// What is wrong.
        detail: String,
    },
}

impl MailboxError {
    /// The one place that decides what the scheduler does next.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable { retry_after, .. } => Disposition::Retry { after: *retry_after },
            Self::NotFound { .. } | Self::Garbled { .. } => Disposition::Retry { after: None },
            Self::Unauthorized { .. } => Disposition::Operator,
        }
    }
}
