//! Whom certificates are about (RFC 3647: the subscriber).

use serde::{Deserialize, Serialize};

use crate::id::{GroupId, SubscriberId};
use crate::time::Timestamp;

/// A person or a shared mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SubscriberKind {
    /// An Entra user who signs in.
    Person,
    /// A mailbox that several people use; nobody signs in as it.
    SharedMailbox,
}

/// One entry of the local snapshot of the directory, as last observed.
///
/// An attribute that the directory did not tell is `None`; it is never taken as "was cleared".
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscriber {
    /// Entra object id.
    pub id: SubscriberId,
    /// Person or shared mailbox.
    pub kind: SubscriberKind,
    /// Sign-in name; Intune addresses records by it.
    pub user_principal_name: String,
    /// Primary SMTP address as Entra spells it.
    pub mail: Option<String>,
    /// Further SMTP addresses (without the `smtp:` prefix), primary not included.
    pub aliases: Vec<String>,
    /// What address books show.
    pub display_name: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Family name.
    pub surname: Option<String>,
    /// Entra `accountEnabled`.
    pub enabled: bool,
    /// AD security identifier (`S-1-5-21-…`) of synchronised people, for strong mapping.
    pub on_premises_sid: Option<String>,
    /// Groups of ours (enrollment groups) that hold it, directly or through other groups.
    pub groups: Vec<GroupId>,
    /// When the directory last confirmed this entry.
    pub seen_at: Timestamp,
    /// When the entry vanished from the directory or from every enrollment group.
    pub gone_at: Option<Timestamp>,
}

/// A person who may use a shared mailbox and therefore receives its key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailboxHolder {
    /// The shared mailbox.
    pub mailbox: SubscriberId,
    /// The person.
    pub person: SubscriberId,
    /// The person's sign-in name, to whose devices the key goes.
    pub user_principal_name: String,
}
