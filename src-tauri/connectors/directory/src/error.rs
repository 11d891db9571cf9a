//! What an error of the wire means to whoever asked the directory, and which permission would have helped.

use model::{GroupId, SubscriberId};
use net::{ErrorReply, NetError};
use ports::DirectoryError;

const USERS: &str = "User.Read.All";
const MEMBERS: &str = "GroupMember.Read.All";
const MAILBOXES: &str = "MailboxSettings.Read";

/// Codes that end a change link (besides status 410).
const LINK_ENDED: [&str; 3] = ["syncStateNotFound", "syncStateInvalid", "resyncRequired"];

/// What was asked for, in the words of an error message.
pub(crate) struct Asked {
    what: String,
    permissions: &'static [&'static str],
    is_change_link: bool,
}

impl Asked {
    const fn new(what: String, permissions: &'static [&'static str]) -> Self {
        Self { what, permissions, is_change_link: false }
    }

    pub(crate) fn users() -> Self {
        Self::new("the list of users".to_owned(), &[USERS])
    }

    pub(crate) fn groups() -> Self {
        Self::new("the list of groups".to_owned(), &[MEMBERS])
    }

    pub(crate) fn members(group: GroupId) -> Self {
        Self::new(format!("the group {group}"), &[MEMBERS, USERS])
    }

    pub(crate) fn user(id: SubscriberId) -> Self {
        Self::new(format!("the user {id}"), &[USERS])
    }

    pub(crate) fn mailbox(id: SubscriberId) -> Self {
        Self::new(format!("the mailbox of {id}"), &[MAILBOXES])
    }

    pub(crate) fn user_changes() -> Self {
        Self { is_change_link: true, ..Self::new("the changes of users".to_owned(), &[USERS]) }
    }

    pub(crate) fn group_changes() -> Self {
        Self { is_change_link: true, ..Self::new("the changes of groups".to_owned(), &[MEMBERS]) }
    }

    /// People are listed without their names: we may see that they are there, and no more.
    pub(crate) fn hidden(&self) -> DirectoryError {
        let hint = format!(
            "{} is shown without names; the application needs the application permission {USERS}, with admin consent",
            self.what
        );
        DirectoryError::Unauthorized { hint }
    }

    pub(crate) fn failed(&self, error: NetError) -> DirectoryError {
        match error {
            NetError::Unreachable { .. }
            // A read has no effect, whether its answer came back or not.
            | NetError::OutcomeUnknown { .. }
            | NetError::Throttled { .. }
            | NetError::Server { .. } => {
                DirectoryError::Unavailable { retry_after: error.retry_after(), source: error.into() }
            }
            NetError::LoginRefused(refusal) => DirectoryError::Unauthorized { hint: refusal.to_string() },
            NetError::Unauthorized { reply, .. } => DirectoryError::Unauthorized {
                hint: format!("a fresh token is not accepted; check that tenant and cloud belong together: {reply}"),
            },
            NetError::Forbidden { reply, .. } => DirectoryError::Unauthorized {
                hint: format!(
                    "reading {} needs the application permission {}, with admin consent: {reply}",
                    self.what,
                    self.permissions.join(" and ")
                ),
            },
            NetError::Gone { .. } if self.is_change_link => DirectoryError::LinkEnded,
            NetError::Client { reply, .. } if self.is_change_link && ends_link(&reply) => DirectoryError::LinkEnded,
            // A stored link of another place (the address in the settings was changed) is of no use.
            NetError::ForeignLink { .. } if self.is_change_link => {
                tracing::warn!(%error, "a stored change link is given up");
                DirectoryError::LinkEnded
            }
            NetError::NotFound { reply, .. } => DirectoryError::NotFound {
                what: self.what.clone(),
                hint: format!("it may have been deleted, or its id belongs to another tenant: {reply}"),
            },
            NetError::Gone { .. }
            | NetError::Client { .. }
            | NetError::ForeignLink { .. }
            | NetError::NotJson { .. }
            | NetError::Garbled { .. }
            | NetError::TooLarge { .. }
            | NetError::Unsendable { .. } => {
                DirectoryError::Garbled { detail: format!("{}: {error}", self.what) }
            }
        }
    }
}

fn ends_link(reply: &ErrorReply) -> bool {
    LINK_ENDED.iter().any(|code| reply.code.eq_ignore_ascii_case(code))
}

/// The directory's own "no such object".
pub(crate) fn says_no_such_object(reply: &ErrorReply) -> bool {
    matches!(reply.code.as_str(), "Request_ResourceNotFound" | "ResourceNotFound")
}

/// Accounts without a cloud mailbox are told by Exchange's codes, usually with 404. A 404 without any code is not Graph's.
pub(crate) fn says_no_mailbox(error: &NetError) -> bool {
    let code = error.reply().map_or("", |reply| reply.code.as_str());
    code == "MailboxNotEnabledForRESTAPI" || (matches!(error, NetError::NotFound { .. }) && !code.is_empty())
}
