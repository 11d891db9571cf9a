//! Enumerates everything that is watched.

use model::GroupId;
use ports::DirectoryError;
use store::SyncCursor;

use crate::incremental::{GROUPS, GroupsLink, USERS};
use crate::{ObserveError, Observed, Observer, Watch};

impl Observer {
    /// Enumerates every watched group. The change links are taken first, so that nothing that happens meanwhile is lost.
    pub(crate) async fn read_everything(&self, watch: &Watch) -> Result<Observed, ObserveError> {
        let started = self.clock.now();
        let users_link = self.users_link().await?;
        let groups_link = self.groups_link(watch).await?;
        let mut observed = Observed { full: true, ..Observed::default() };
        for group in &watch.groups {
            self.refresh_known_group(*group, &mut observed).await?;
        }
        self.refresh_holders(watch, &mut observed).await?;
        let cursor = |resource: &str, delta_link| SyncCursor {
            resource: resource.to_owned(),
            delta_link,
            full_at: started,
            read_at: started,
        };
        let mut cursors = vec![cursor(USERS, users_link), cursor(GROUPS, groups_link.sealed())];
        // Whoever is in a group that was not found may be there still: only a reading that found them all confirms that
        // somebody left.
        if observed.unknown.is_empty() {
            cursors.push(cursor(SyncCursor::COMPLETE, String::new()));
        }
        store::in_unit!(self.store, work => {
            self.hold(work.as_mut()).await?;
            for cursor in &cursors {
                work.subscribers().set_cursor(cursor).await?;
            }
        })?;
        Ok(observed)
    }

    async fn users_link(&self) -> Result<String, ObserveError> {
        let mut next: Option<String> = None;
        loop {
            let changes = self.directory.user_changes(next.as_deref()).await?;
            match (changes.delta_link, changes.next) {
                (Some(link), _) => return Ok(link),
                (None, Some(link)) => next = Some(link),
                (None, None) => return Err(no_link("users")),
            }
        }
    }

    /// The watched groups and all groups nested in them: those by which membership can change.
    pub(crate) async fn covered(&self, watch: &Watch) -> Result<Vec<GroupId>, ObserveError> {
        let mut covered = watch.all_groups();
        for group in watch.all_groups() {
            match self.directory.nested_groups(group).await {
                Ok(nested) => covered.extend(nested),
                // Told when its members are read.
                Err(DirectoryError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        covered.sort_unstable();
        covered.dedup();
        Ok(covered)
    }

    async fn groups_link(&self, watch: &Watch) -> Result<GroupsLink, ObserveError> {
        let covered = self.covered(watch).await?;
        let mut next: Option<String> = None;
        loop {
            let changes = self.directory.group_changes(&covered, next.as_deref()).await?;
            match (changes.delta_link, changes.next) {
                (Some(link), _) => return Ok(GroupsLink::new(watch, &covered, link)),
                (None, Some(link)) => next = Some(link),
                (None, None) => return Err(no_link("groups")),
            }
        }
    }
}

fn no_link(resource: &str) -> ObserveError {
    ObserveError::Directory(DirectoryError::Garbled {
        detail: format!("the reading of {resource} ended without a link for the next one"),
    })
}
