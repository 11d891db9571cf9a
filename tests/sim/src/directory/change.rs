//! The log of changes and how a delta query reads it.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::property::PropertySet;
use crate::{Member, Removal};

use super::Directory;

/// One entry of the log. A change's version is its index plus one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    UserCreated(Uuid),
    UserEdited(Uuid, PropertySet),
    UserRemoved(Uuid, Removal),
    MemberAdded(Uuid, Member),
    MemberRemoved(Uuid, Member),
}

/// What became of one user between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserChange {
    /// Exists; these properties changed (all of them when created or restored).
    Present(PropertySet),
    Removed(Removal),
}

impl Directory {
    /// Users touched after version `from` up to version `to`, in the order of their first change, with the sum of what happened.
    pub(crate) fn user_changes(&self, from: usize, to: usize) -> Vec<(Uuid, UserChange)> {
        let mut order = Vec::new();
        let mut sums: HashMap<Uuid, UserChange> = HashMap::new();
        for change in self.between(from, to) {
            let (id, next) = match change {
                Change::UserCreated(id) => (*id, UserChange::Present(PropertySet::EVERY)),
                Change::UserEdited(id, changed) => {
                    let before = match sums.get(id) {
                        Some(UserChange::Present(earlier)) => *earlier,
                        Some(UserChange::Removed(_)) | None => PropertySet::default(),
                    };
                    (*id, UserChange::Present(before.union(*changed)))
                }
                Change::UserRemoved(id, removal) => (*id, UserChange::Removed(*removal)),
                Change::MemberAdded(..) | Change::MemberRemoved(..) => continue,
            };
            if sums.insert(id, next).is_none() {
                order.push(id);
            }
        }
        order.into_iter().filter_map(|id| sums.get(&id).map(|sum| (id, *sum))).collect()
    }

    /// Members that joined (`true`) or left (`false`) after version `from` up to version `to`, by group.
    ///
    /// The last word counts: who joined and left in between is reported as having left.
    pub(crate) fn member_changes(&self, from: usize, to: usize) -> BTreeMap<Uuid, Vec<(Member, bool)>> {
        let mut order: Vec<(Uuid, Member)> = Vec::new();
        let mut last: HashMap<(Uuid, Member), bool> = HashMap::new();
        for change in self.between(from, to) {
            let (group, member, joined) = match change {
                Change::MemberAdded(group, member) => (*group, *member, true),
                Change::MemberRemoved(group, member) => (*group, *member, false),
                Change::UserCreated(_) | Change::UserEdited(..) | Change::UserRemoved(..) => continue,
            };
            if last.insert((group, member), joined).is_none() {
                order.push((group, member));
            }
        }
        let mut by_group: BTreeMap<Uuid, Vec<(Member, bool)>> = BTreeMap::new();
        for (group, member) in order {
            if let Some(joined) = last.get(&(group, member)) {
                by_group.entry(group).or_default().push((member, *joined));
            }
        }
        by_group
    }

    fn between(&self, from: usize, to: usize) -> &[Change] {
        let to = to.min(self.log.len());
        &self.log[from.min(to)..to]
    }
}
