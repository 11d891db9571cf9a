//! Reads the directory into the local snapshot: people, shared mailboxes and who may use them.
//!
//! Changes are read by delta queries, so that a cycle without changes costs two requests, however large the tenant.
//! Once a day, and whenever a delta link has ended, every enrollment group is enumerated in full: that is the truth.
//! Nothing is decided here and nothing outside the snapshot is changed.
#![warn(missing_docs)]

mod full;
mod incremental;
mod mailboxes;
mod refresh;

pub use mailboxes::MailboxReading;

use std::sync::Arc;

use model::{Clock, GroupId, Span};
use ports::{Directory, DirectoryError, Disposition};
use store::{DutyClaim, Store, StoreError, Work};

/// How old a full enumeration may get.
const FULL_EVERY: Span = Span::hours(24);
/// More changed people than this are read by enumeration instead of one by one.
const CHANGES_ONE_BY_ONE: usize = 500;

/// Which part of the directory is of interest.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Watch {
    /// Enrollment groups of all templates, included and excluded ones.
    pub groups: Vec<GroupId>,
    /// Shared mailboxes by address, each with the group of people who may use it.
    pub holders: Vec<(String, GroupId)>,
}

impl Watch {
    /// All groups whose membership matters.
    pub(crate) fn all_groups(&self) -> Vec<GroupId> {
        let mut groups: Vec<GroupId> =
            self.groups.iter().copied().chain(self.holders.iter().map(|(_, group)| *group)).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

/// What a reading found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Observed {
    /// Entries that differ from the snapshot before.
    pub changed: u64,
    /// Entries that vanished or left a group.
    pub left: u64,
    /// Whether everything was enumerated.
    pub full: bool,
    /// Watched groups that the directory does not know. Nothing is concluded from them: nobody is taken to have left.
    pub unknown: Vec<GroupId>,
    /// What is in doubt about who may use mailboxes, a sentence each. Nobody is taken to have lost access because of it.
    pub mailboxes: Vec<String>,
}

/// Reads one directory into one store.
pub struct Observer {
    /// The door.
    pub directory: Arc<dyn Directory>,
    /// Where the snapshot lies.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The service that knows who may use mailboxes; `None` where groups tell it.
    pub mailboxes: Option<MailboxReading>,
    /// The right to read, where several might: nothing is stored once it was lost, since what was read before may be older
    /// than what another reader has stored.
    pub claim: Option<DutyClaim>,
}

/// Why a reading ended early. What was read until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ObserveError {
    /// What to do next.
    pub const fn disposition(&self) -> Disposition {
        match self {
            Self::Directory(error) => error.disposition(),
            Self::Store(StoreError::Denied { .. }) => Disposition::Operator,
            Self::Store(_) => Disposition::Retry { after: None },
        }
    }
}

impl Observer {
    /// Begins every unit of work that stores something.
    pub(crate) async fn hold(&self, work: &mut dyn Work) -> Result<(), StoreError> {
        match &self.claim {
            Some(claim) => claim.hold(work).await,
            None => Ok(()),
        }
    }

    /// Reads what changed, or everything when that is due; then who may use mailboxes, when that is due.
    pub async fn observe(&self, watch: &Watch) -> Result<Observed, ObserveError> {
        let mut observed = self.read_directory(watch).await?;
        self.read_mailboxes(&mut observed).await?;
        Ok(observed)
    }

    async fn read_directory(&self, watch: &Watch) -> Result<Observed, ObserveError> {
        let mut work = self.store.read().await?;
        let users = work.subscribers().cursor(incremental::USERS).await?;
        let groups = work.subscribers().cursor(incremental::GROUPS).await?;
        drop(work);
        let now = self.clock.now();
        if let (Some(users), Some(groups)) = (users, groups)
            // A reading from the future was made by a clock that was wrong.
            && (now - FULL_EVERY..=now).contains(&users.full_at)
            && let Some(link) = incremental::GroupsLink::open(&groups, watch)
        {
            match self.read_changes(watch, users, groups, link).await {
                Err(ObserveError::Directory(DirectoryError::LinkEnded)) => {
                    tracing::info!("the directory's change link has ended; reading everything");
                }
                Ok(incremental::Reading::TooMany) => {
                    tracing::info!("many changes; reading everything");
                }
                Ok(incremental::Reading::OtherGroups) => {
                    tracing::info!("other groups are nested in the watched ones; reading everything");
                }
                Ok(incremental::Reading::Done(observed)) => return Ok(observed),
                Err(error) => return Err(error),
            }
        }
        self.read_everything(watch).await
    }
}
