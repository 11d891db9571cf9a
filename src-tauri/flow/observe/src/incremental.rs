//! Reads what changed since the last reading.

use model::{GroupId, SubscriberId};
use store::SyncCursor;

use crate::{CHANGES_ONE_BY_ONE, ObserveError, Observed, Observer, Watch};

/// Name of the cursor over users.
pub(crate) const USERS: &str = "users";
/// Name of the cursor over groups.
pub(crate) const GROUPS: &str = "groups";

/// Outcome of a reading of changes.
pub(crate) enum Reading {
    /// All changes are in the snapshot.
    Done(Observed),
    /// So much changed that an enumeration is cheaper.
    TooMany,
}

/// The groups' link, together with what it watches: another watch needs another link.
pub(crate) fn sealed_link(watch: &Watch, link: &str) -> String {
    format!("{}\n{link}", watched_text(watch))
}

/// Whether the stored link belongs to this watch.
pub(crate) fn watches(cursor: &SyncCursor, watch: &Watch) -> bool {
    cursor.delta_link.split_once('\n').is_some_and(|(watched, _)| watched == watched_text(watch))
}

fn watched_text(watch: &Watch) -> String {
    let mut text: Vec<String> = watch.all_groups().iter().map(ToString::to_string).collect();
    text.extend(watch.holders.iter().map(|(address, group)| format!("{address}={group}")));
    text.join(",")
}

impl Observer {
    pub(crate) async fn read_changes(
        &self,
        watch: &Watch,
        users: SyncCursor,
        groups: SyncCursor,
    ) -> Result<Reading, ObserveError> {
        let mut observed = Observed::default();
        let (changed_groups, groups_link) = self.changed_groups(&groups).await?;
        let (changed, removed, users_link) = self.changed_users(&users.delta_link).await?;
        let known = self.known(&changed).await?;
        if known.len() > CHANGES_ONE_BY_ONE {
            return Ok(Reading::TooMany);
        }
        if !changed_groups.is_empty() {
            // A changed group that is not itself watched is nested in one that is; which one, the directory does not say.
            let nested = changed_groups.iter().any(|group| !watch.all_groups().contains(group));
            for group in &watch.groups {
                if nested || changed_groups.contains(group) {
                    self.refresh_group(*group, &mut observed).await?;
                }
            }
            self.refresh_holders(watch).await?;
        }
        for id in known {
            if self.refresh_user(id).await? {
                observed.changed += 1;
            }
        }
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        for id in removed {
            if work.subscribers().lookup(id).await?.is_some_and(|found| found.gone_at.is_none()) {
                work.subscribers().mark_gone(id, now).await?;
                observed.left += 1;
            }
        }
        // An unchanged link means an unchanged directory: nothing needs to be written at all.
        let groups_link = sealed_link(watch, &groups_link);
        if users_link != users.delta_link
            || groups_link != groups.delta_link
            || observed != Observed::default()
        {
            work.subscribers()
                .set_cursor(&SyncCursor { delta_link: users_link, read_at: now, ..users })
                .await?;
            work.subscribers()
                .set_cursor(&SyncCursor { delta_link: groups_link, read_at: now, ..groups })
                .await?;
        }
        work.commit().await?;
        Ok(Reading::Done(observed))
    }

    async fn changed_groups(&self, cursor: &SyncCursor) -> Result<(Vec<GroupId>, String), ObserveError> {
        let mut link = cursor.delta_link.split_once('\n').map_or("", |(_, link)| link).to_owned();
        let mut changed = Vec::new();
        loop {
            let changes = self.directory.group_changes(&[], Some(&link)).await?;
            changed.extend(changes.changed);
            changed.extend(changes.removed);
            match (changes.delta_link, changes.next) {
                (Some(done), _) => return Ok((changed, done)),
                (None, Some(next)) => link = next,
                (None, None) => return Ok((changed, link)),
            }
        }
    }

    async fn changed_users(
        &self,
        delta_link: &str,
    ) -> Result<(Vec<SubscriberId>, Vec<SubscriberId>, String), ObserveError> {
        let mut link = delta_link.to_owned();
        let (mut changed, mut removed) = (Vec::new(), Vec::new());
        loop {
            let changes = self.directory.user_changes(Some(&link)).await?;
            changed.extend(changes.changed);
            removed.extend(changes.removed);
            match (changes.delta_link, changes.next) {
                (Some(done), _) => return Ok((changed, removed, done)),
                (None, Some(next)) => link = next,
                (None, None) => return Ok((changed, removed, link)),
            }
        }
    }

    /// Those of the changed users that are in the snapshot, once each.
    async fn known(&self, changed: &[SubscriberId]) -> Result<Vec<SubscriberId>, ObserveError> {
        let mut ids = changed.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let mut work = self.store.read().await?;
        let mut known = Vec::new();
        for id in ids {
            if work.subscribers().lookup(id).await?.is_some_and(|found| found.gone_at.is_none()) {
                known.push(id);
            }
        }
        Ok(known)
    }
}
