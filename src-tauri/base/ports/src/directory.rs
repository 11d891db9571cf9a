//! The door to the directory of people and groups.

use async_trait::async_trait;
use model::{GroupId, Span, SubscriberId, SubscriberKind};

use crate::{BoxError, Disposition};

/// A user as the directory tells it. Attributes that were not told are `None`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObservedUser {
    /// Entra object id.
    pub id: SubscriberId,
    /// Sign-in name.
    pub user_principal_name: String,
    /// Primary SMTP address.
    pub mail: Option<String>,
    /// Further SMTP addresses.
    pub aliases: Vec<String>,
    /// Display name.
    pub display_name: Option<String>,
    /// First name.
    pub given_name: Option<String>,
    /// Family name.
    pub surname: Option<String>,
    /// `accountEnabled`; `None` when not told.
    pub enabled: Option<bool>,
    /// AD security identifier.
    pub on_premises_sid: Option<String>,
}

/// Whom a name means that another service told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Called {
    /// One user.
    User(Box<ObservedUser>),
    /// One group.
    Group(GroupId),
    /// A security identifier that nobody has: what was called by it does not exist any more.
    Gone,
    /// Nobody, as far as can be seen; or several, so that it is not known which. Why, for people.
    Unclear(String),
}

/// A page of an enumeration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserPage {
    /// Users of this page.
    pub users: Vec<ObservedUser>,
    /// To be passed to read on; `None` on the last page.
    pub next: Option<String>,
}

/// Changes of users since the link that was passed in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// Users that changed; attributes that did not change may be absent.
    pub changed: Vec<SubscriberId>,
    /// Users removed from the directory.
    pub removed: Vec<SubscriberId>,
    /// Next page of the same reading.
    pub next: Option<String>,
    /// On the last page: the link for the next reading.
    pub delta_link: Option<String>,
}

/// Changes of groups since the link that was passed in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupChanges {
    /// Watched groups (or groups nested in them) whose members changed or that are new in this reading.
    pub changed: Vec<GroupId>,
    /// Watched groups that were deleted.
    pub removed: Vec<GroupId>,
    /// Next page of the same reading.
    pub next: Option<String>,
    /// On the last page: the link for the next reading.
    pub delta_link: Option<String>,
}

/// A door to one directory.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Proves that credentials and permissions suffice; one sentence for people.
    async fn check(&self) -> Result<String, DirectoryError>;
    /// Members of the group, directly or through other groups, a page at a time.
    async fn members(&self, group: GroupId, next: Option<&str>) -> Result<UserPage, DirectoryError>;
    /// Groups nested in the group, at any depth.
    async fn nested_groups(&self, group: GroupId) -> Result<Vec<GroupId>, DirectoryError>;
    /// One user; `None` when the directory does not know it (any more).
    async fn user(&self, id: SubscriberId) -> Result<Option<ObservedUser>, DirectoryError>;
    /// Whom a name means to which mailboxes gave rights: a sign-in name, an address, an id or a security identifier of a
    /// user or a group. Never a guess: what fits several is unclear, and a bare name is.
    async fn called(&self, name: &str) -> Result<Called, DirectoryError>;
    /// Whether an account is a person or a shared mailbox. Accounts without a mailbox are persons.
    async fn kind(&self, id: SubscriberId) -> Result<SubscriberKind, DirectoryError>;
    /// Changes of users since `link` (a `next` or `delta_link`). `None`: a link for changes from this moment on is wanted.
    async fn user_changes(&self, link: Option<&str>) -> Result<Changes, DirectoryError>;
    /// Changes of the watched groups since `link`. `None`: a link for changes from this moment on is wanted, together
    /// with whatever the first reading tells.
    async fn group_changes(
        &self,
        watched: &[GroupId],
        link: Option<&str>,
    ) -> Result<GroupChanges, DirectoryError>;
}

/// Why the directory could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// Not reachable, throttled or overloaded.
    #[error("the directory is unreachable or asks us to wait")]
    Unavailable {
        /// As told by the service.
        retry_after: Option<Span>,
        /// Cause.
        #[source]
        source: BoxError,
    },
    /// Credentials or permissions are missing.
    #[error("the directory refused our credentials: {hint}")]
    Unauthorized {
        /// What to do.
        hint: String,
    },
    /// The change link is too old or was reset: everything must be read anew.
    #[error("the directory's change link has ended; everything is read anew")]
    LinkEnded,
    /// A configured object does not exist.
    #[error("the directory does not know {what}: {hint}")]
    NotFound {
        /// What was asked for.
        what: String,
        /// What to do.
        hint: String,
    },
    /// The answer is not what the protocol says.
    #[error("the directory's answer cannot be understood: {detail}")]
    Garbled {
        /// What is wrong.
        detail: String,
    },
}

impl DirectoryError {
    /// The one place that decides what the scheduler does next.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Unavailable { retry_after, .. } => Disposition::Retry { after: *retry_after },
            Self::LinkEnded | Self::Garbled { .. } => Disposition::Retry { after: None },
            Self::Unauthorized { .. } | Self::NotFound { .. } => Disposition::Operator,
        }
    }
}
