//! How the directory changes: each change is applied and logged in one place, so that delta queries cannot miss one.

use std::sync::Arc;

use uuid::Uuid;

use crate::property::PropertySet;
use crate::{Member, Removal, SimError, User};

use super::{Change, Directory, LiveGroup, Slot};

impl Directory {
    /// Gives a user a place without logging it. `false` when the id is taken.
    pub(super) fn admit(&mut self, user: User) -> bool {
        if self.by_id.contains_key(&user.id) {
            return false;
        }
        let place = self.slots.len() as u64 + 1;
        self.by_id.insert(user.id, place);
        // Names are unique in a real tenant; of two equal ones in an export, the first answers to the name.
        self.by_name.entry(user.user_principal_name.to_lowercase()).or_insert(place);
        self.slots.push(Slot::Living(Arc::new(user)));
        self.living += 1;
        true
    }

    pub(crate) fn add_user(&mut self, user: User, groups: &[Uuid]) -> Result<(), SimError> {
        let id = user.id;
        if let Some(unknown) = groups.iter().find(|group| !self.groups_by_id.contains_key(group)) {
            return Err(SimError::NoSuchGroup(*unknown));
        }
        if !self.admit(user) {
            return Err(SimError::UserExists(id));
        }
        self.log.push(Change::UserCreated(id));
        for group in groups {
            self.add_member(*group, Member::User(id))?;
        }
        Ok(())
    }

    pub(crate) fn remove_user(&mut self, id: Uuid, removal: Removal) -> Result<(), SimError> {
        let place = self.place_of(id)?;
        let user = match &self.slots[place] {
            Slot::Living(user) => Arc::clone(user),
            // Emptying the recycle bin.
            Slot::Binned(..) if removal == Removal::Hard => {
                self.slots[place] = Slot::Gone;
                self.log.push(Change::UserRemoved(id, removal));
                return Ok(());
            }
            Slot::Binned(..) | Slot::Gone => return Err(SimError::NoSuchUser(id.to_string())),
        };
        let groups = self.leave_all(id);
        self.forget_name(&user.user_principal_name, place);
        self.slots[place] = match removal {
            Removal::Soft => Slot::Binned(user, groups),
            Removal::Hard => Slot::Gone,
        };
        self.living -= 1;
        self.membership_version += 1;
        self.log.push(Change::UserRemoved(id, removal));
        Ok(())
    }

    pub(crate) fn restore_user(&mut self, id: Uuid) -> Result<(), SimError> {
        let place = self.place_of(id)?;
        let Slot::Binned(user, groups) = std::mem::replace(&mut self.slots[place], Slot::Gone) else {
            return Err(SimError::NoSuchUser(id.to_string()));
        };
        self.by_name.entry(user.user_principal_name.to_lowercase()).or_insert(place as u64 + 1);
        self.slots[place] = Slot::Living(user);
        self.living += 1;
        self.log.push(Change::UserCreated(id));
        for group in groups {
            self.add_member(group, Member::User(id))?;
        }
        Ok(())
    }

    /// Applies `edit` and logs the properties that differ afterwards.
    pub(crate) fn edit_user(
        &mut self,
        id: Uuid,
        edit: impl FnOnce(&mut User) -> Result<(), SimError>,
    ) -> Result<(), SimError> {
        let place = self.place_of(id)?;
        let Slot::Living(before) = &self.slots[place] else {
            return Err(SimError::NoSuchUser(id.to_string()));
        };
        let before = Arc::clone(before);
        let mut after = User::clone(&before);
        edit(&mut after)?;
        after.id = id;
        let changed = PropertySet::difference(&before, &after);
        if before.user_principal_name != after.user_principal_name {
            self.forget_name(&before.user_principal_name, place);
            self.by_name.entry(after.user_principal_name.to_lowercase()).or_insert(place as u64 + 1);
        }
        self.slots[place] = Slot::Living(Arc::new(after));
        if !changed.is_empty() {
            self.log.push(Change::UserEdited(id, changed));
        }
        Ok(())
    }

    pub(crate) fn add_member(&mut self, group: Uuid, member: Member) -> Result<(), SimError> {
        match member {
            Member::User(id) if self.user(id).is_none() => return Err(SimError::NoSuchUser(id.to_string())),
            Member::Group(id) if !self.groups_by_id.contains_key(&id) => {
                return Err(SimError::NoSuchGroup(id));
            }
            Member::User(_) | Member::Group(_) => {}
        }
        if self.group_mut(group)?.join(member) {
            self.membership_version += 1;
            self.log.push(Change::MemberAdded(group, member));
        }
        Ok(())
    }

    pub(crate) fn remove_member(&mut self, group: Uuid, member: Member) -> Result<(), SimError> {
        if self.group_mut(group)?.leave(member) {
            self.membership_version += 1;
            self.log.push(Change::MemberRemoved(group, member));
        }
        Ok(())
    }

    pub(crate) fn remove_from_all_groups(&mut self, id: Uuid) -> Result<(), SimError> {
        if self.user(id).is_none() {
            return Err(SimError::NoSuchUser(id.to_string()));
        }
        self.leave_all(id);
        Ok(())
    }

    /// The groups that the user has left.
    fn leave_all(&mut self, id: Uuid) -> Vec<Uuid> {
        let member = Member::User(id);
        let mut left = Vec::new();
        for living in &mut self.groups {
            if living.leave(member) {
                left.push(living.group.id);
                self.log.push(Change::MemberRemoved(living.group.id, member));
            }
        }
        self.membership_version += 1;
        left
    }

    fn forget_name(&mut self, name: &str, place: usize) {
        let name = name.to_lowercase();
        if self.by_name.get(&name) == Some(&(place as u64 + 1)) {
            self.by_name.remove(&name);
        }
    }

    /// The index of the slot.
    fn place_of(&self, id: Uuid) -> Result<usize, SimError> {
        let missing = || SimError::NoSuchUser(id.to_string());
        let place = *self.by_id.get(&id).ok_or_else(missing)?;
        usize::try_from(place - 1).map_err(|_| missing())
    }

    fn group_mut(&mut self, id: Uuid) -> Result<&mut LiveGroup, SimError> {
        let place = *self.groups_by_id.get(&id).ok_or(SimError::NoSuchGroup(id))?;
        let index = usize::try_from(place - 1).map_err(|_| SimError::NoSuchGroup(id))?;
        self.groups.get_mut(index).ok_or(SimError::NoSuchGroup(id))
    }
}
