//! The living directory: users, groups, memberships, and the log of changes from which delta queries are answered.
//!
//! Every collection has a stable order (order of creation), and pages continue after a position in that order, so that
//! changes between two pages can neither skip nor repeat those who did not change.

mod change;
mod mutate;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use uuid::Uuid;

use crate::lock::Shared;
use crate::{Group, Member, Tenant, User};

pub(crate) use change::{Change, UserChange};

/// A user's place in the directory; it is never given to anybody else.
#[derive(Debug)]
enum Slot {
    Living(Arc<User>),
    /// In the recycle bin, with the groups to return to.
    Binned(Arc<User>, Vec<Uuid>),
    Gone,
}

/// A group and its direct members in the order in which they joined.
#[derive(Debug)]
pub(crate) struct LiveGroup {
    pub(crate) group: Arc<GroupFacts>,
    members: BTreeMap<u64, Member>,
    places: HashMap<Member, u64>,
    next_place: u64,
}

/// What Graph tells about a group.
#[derive(Debug)]
pub(crate) struct GroupFacts {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    pub(crate) mail: Option<String>,
}

impl LiveGroup {
    fn new(group: &Group) -> Self {
        let facts = GroupFacts {
            id: group.id,
            display_name: group.display_name.clone(),
            description: group.description.clone(),
            mail: group.mail.clone(),
        };
        let mut living =
            Self { group: Arc::new(facts), members: BTreeMap::new(), places: HashMap::new(), next_place: 1 };
        for member in &group.members {
            living.join(*member);
        }
        living
    }

    /// `false` when already a member.
    fn join(&mut self, member: Member) -> bool {
        if self.places.contains_key(&member) {
            return false;
        }
        self.places.insert(member, self.next_place);
        self.members.insert(self.next_place, member);
        self.next_place += 1;
        true
    }

    /// `false` when not a member.
    fn leave(&mut self, member: Member) -> bool {
        let Some(place) = self.places.remove(&member) else { return false };
        self.members.remove(&place);
        true
    }

    /// Direct members after a place, with their places.
    pub(crate) fn members_after(&self, place: u64) -> impl Iterator<Item = (u64, Member)> {
        self.members.range(place + 1..).map(|(place, member)| (*place, *member))
    }

    pub(crate) fn member_count(&self) -> usize {
        self.members.len()
    }
}

/// The places (ascending) of everybody below a group, computed once per state of the memberships.
#[derive(Debug, Default)]
struct Below {
    users: Vec<u64>,
    groups: Vec<u64>,
}

/// Users, groups, memberships, changes.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Place = index + 1.
    slots: Vec<Slot>,
    by_id: HashMap<Uuid, u64>,
    by_name: HashMap<String, u64>,
    living: usize,
    /// Place = index + 1.
    groups: Vec<LiveGroup>,
    groups_by_id: HashMap<Uuid, u64>,
    log: Vec<Change>,
    membership_version: u64,
    below: Shared<HashMap<Uuid, (u64, Arc<Below>)>>,
}

impl Directory {
    /// The directory as it is at the start. Users whose id is taken already are left out (the tenant's maker prevents it).
    pub(crate) fn new(tenant: &Tenant) -> Self {
        let mut directory = Self {
            slots: Vec::with_capacity(tenant.users.len()),
            by_id: HashMap::with_capacity(tenant.users.len()),
            by_name: HashMap::with_capacity(tenant.users.len()),
            living: 0,
            groups: tenant.groups.iter().map(LiveGroup::new).collect(),
            groups_by_id: HashMap::new(),
            log: Vec::new(),
            membership_version: 0,
            below: Shared::default(),
        };
        for (place, group) in (1..).zip(&tenant.groups) {
            directory.groups_by_id.insert(group.id, place);
        }
        for user in &tenant.users {
            directory.admit(user.clone());
        }
        directory
    }

    /// The version of the directory: how many changes have been logged.
    pub(crate) fn version(&self) -> usize {
        self.log.len()
    }

    pub(crate) fn user_count(&self) -> usize {
        self.living
    }

    pub(crate) fn user(&self, id: Uuid) -> Option<&Arc<User>> {
        self.living_at(*self.by_id.get(&id)?)
    }

    /// By object id or user principal name in any case.
    pub(crate) fn user_called(&self, id_or_upn: &str) -> Option<&Arc<User>> {
        if let Ok(id) = id_or_upn.parse::<Uuid>() {
            return self.user(id);
        }
        self.living_at(*self.by_name.get(&id_or_upn.to_lowercase())?)
    }

    /// Living users after a place, with their places.
    pub(crate) fn users_after(&self, place: u64) -> impl Iterator<Item = (u64, &Arc<User>)> {
        let from = usize::try_from(place).unwrap_or(usize::MAX).min(self.slots.len());
        (place + 1..).zip(&self.slots[from..]).filter_map(|(place, slot)| match slot {
            Slot::Living(user) => Some((place, user)),
            Slot::Binned(..) | Slot::Gone => None,
        })
    }

    pub(crate) fn group(&self, id: Uuid) -> Option<&LiveGroup> {
        self.group_at(*self.groups_by_id.get(&id)?)
    }

    /// Groups after a place, with their places.
    pub(crate) fn groups_after(&self, place: u64) -> impl Iterator<Item = (u64, &LiveGroup)> {
        let from = usize::try_from(place).unwrap_or(usize::MAX).min(self.groups.len());
        (place + 1..).zip(&self.groups[from..])
    }

    /// How many users and groups are below a group, at any depth.
    pub(crate) fn count_below(&self, group: Uuid) -> (usize, usize) {
        let below = self.below(group);
        (below.users.len(), below.groups.len())
    }

    /// Users below a group at any depth, each once, after a place.
    pub(crate) fn users_below(&self, group: Uuid, place: u64, limit: usize) -> Vec<(u64, Arc<User>)> {
        let below = self.below(group);
        let from = below.users.partition_point(|at| *at <= place);
        let places = below.users[from..].iter().take(limit);
        places.filter_map(|at| Some((*at, Arc::clone(self.living_at(*at)?)))).collect()
    }

    /// Groups below a group at any depth, each once, after a place. The group itself is not below itself.
    pub(crate) fn groups_below(&self, group: Uuid, place: u64, limit: usize) -> Vec<(u64, Arc<GroupFacts>)> {
        let below = self.below(group);
        let from = below.groups.partition_point(|at| *at <= place);
        let places = below.groups[from..].iter().take(limit);
        places.filter_map(|at| Some((*at, Arc::clone(&self.group_at(*at)?.group)))).collect()
    }

    fn below(&self, group: Uuid) -> Arc<Below> {
        if let Some((version, known)) = self.below.read().get(&group)
            && *version == self.membership_version
        {
            return Arc::clone(known);
        }
        let mut users = HashSet::new();
        let mut groups = HashSet::new();
        let mut to_visit = vec![group];
        while let Some(id) = to_visit.pop() {
            let Some(living) = self.group(id) else { continue };
            for (_, member) in living.members_after(0) {
                match member {
                    Member::User(user) => users.extend(self.by_id.get(&user).copied()),
                    Member::Group(nested) => {
                        // Groups may contain each other in a ring.
                        if nested != group && groups.insert(nested) {
                            to_visit.push(nested);
                        }
                    }
                }
            }
        }
        let mut below = Below {
            users: users.into_iter().collect(),
            groups: groups.iter().filter_map(|id| self.groups_by_id.get(id).copied()).collect(),
        };
        below.users.sort_unstable();
        below.groups.sort_unstable();
        let below = Arc::new(below);
        self.below.write().insert(group, (self.membership_version, Arc::clone(&below)));
        below
    }

    fn living_at(&self, place: u64) -> Option<&Arc<User>> {
        match self.slots.get(usize::try_from(place).ok()?.checked_sub(1)?)? {
            Slot::Living(user) => Some(user),
            Slot::Binned(..) | Slot::Gone => None,
        }
    }

    fn group_at(&self, place: u64) -> Option<&LiveGroup> {
        self.groups.get(usize::try_from(place).ok()?.checked_sub(1)?)
    }
}
