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
    /// Groups were nested or taken out, so that the link watches others than it should.
    OtherGroups,
}

/// The groups' link, together with what it is for: another watch, or other nested groups, need another link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct GroupsLink {
    watched: String,
    covered: String,
    link: String,
}

impl GroupsLink {
    pub(crate) fn new(watch: &Watch, covered: &[GroupId], link: String) -> Self {
        Self { watched: watched_text(watch), covered: groups_text(covered), link }
    }

    /// As it is kept: what is watched, what the link covers, the link.
    pub(crate) fn sealed(&self) -> String {
        format!("{}\n{}\n{}", self.watched, self.covered, self.link)
    }

    /// What was kept, when it belongs to this watch.
    pub(crate) fn open(cursor: &SyncCursor, watch: &Watch) -> Option<Self> {
        let mut lines = cursor.delta_link.splitn(3, '\n').map(str::to_owned);
        let (watched, covered, link) = (lines.next()?, lines.next()?, lines.next()?);
        (watched == watched_text(watch)).then_some(Self { watched, covered, link })
    }

    fn covers(&self, groups: &[GroupId]) -> bool {
        self.covered == groups_text(groups)
    }
}

fn groups_text(groups: &[GroupId]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn watched_text(watch: &Watch) -> String {
    let mut text = vec![groups_text(&watch.all_groups())];
    text.extend(watch.holders.iter().map(|(address, group)| format!("{address}={group}")));
    text.join(",")
}

impl Observer {
    pub(crate) async fn read_changes(
        &self,
        watch: &Watch,
        users: SyncCursor,
        groups: SyncCursor,
        groups_link: GroupsLink,
    ) -> Result<Reading, ObserveError> {
        let mut observed = Observed::default();
        let (changed_groups, link) = self.changed_groups(&groups_link.link).await?;
        let (changed, removed, users_link) = self.changed_users(&users.delta_link).await?;
        let known = self.store.read().await?.subscribers().known(&changed).await?;
        if known.len() > CHANGES_ONE_BY_ONE {
            return Ok(Reading::TooMany);
        }
        if !changed_groups.is_empty() {
            // What is nested since the link was taken would never be told by it.
            if !groups_link.covers(&self.covered(watch).await?) {
                return Ok(Reading::OtherGroups);
            }
            // A changed group that is not itself watched is nested in one that is; which one, the directory does not say.
            let nested = changed_groups.iter().any(|group| !watch.all_groups().contains(group));
            for group in &watch.groups {
                if nested || changed_groups.contains(group) {
                    self.refresh_known_group(*group, &mut observed).await?;
                }
            }
            self.refresh_holders(watch, &mut observed).await?;
        }
        for id in known {
            if self.refresh_user(id).await? {
                observed.changed += 1;
            }
        }
        let now = self.clock.now();
        let groups_link = GroupsLink { link, ..groups_link }.sealed();
        // An unchanged link means an unchanged directory: nothing needs to be written at all.
        let is_same = users_link == users.delta_link && groups_link == groups.delta_link;
        if is_same && observed == Observed::default() && removed.is_empty() {
            return Ok(Reading::Done(observed));
        }
        let users = SyncCursor { delta_link: users_link, read_at: now, ..users };
        let groups = SyncCursor { delta_link: groups_link, read_at: now, ..groups };
        let left = store::in_unit!(self.store, work => {
            self.hold(work.as_mut()).await?;
            let gone = work.subscribers().known(&removed).await?;
            for id in &gone {
                work.subscribers().mark_gone(*id, now).await?;
            }
            work.subscribers().set_cursor(&users).await?;
            work.subscribers().set_cursor(&groups).await?;
            gone.len() as u64
        })?;
        observed.left += left;
        Ok(Reading::Done(observed))
    }

    async fn changed_groups(&self, delta_link: &str) -> Result<(Vec<GroupId>, String), ObserveError> {
        let mut link = delta_link.to_owned();
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
}
