//! The records of imported PFX, and the history of their creation.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::PfxRecord;
use crate::{DuplicatePfx, PfxCreated};

/// What became of a create.
pub(crate) enum Added<'a> {
    Created(&'a PfxRecord),
    Duplicate,
}

/// All records. Each has a place in the order of creation, from which pages continue.
#[derive(Debug, Default)]
pub(crate) struct PfxStore {
    by_place: BTreeMap<u64, PfxRecord>,
    by_id: HashMap<String, u64>,
    /// Places by user principal name in lower case.
    by_name: HashMap<String, BTreeSet<u64>>,
    /// Places by user.
    by_user: HashMap<Uuid, BTreeSet<u64>>,
    last_place: u64,
    created: Vec<PfxCreated>,
    /// Creates, accepted or refused, by record id.
    attempts: HashMap<String, usize>,
}

impl PfxStore {
    /// Adds a record, or does with a duplicate what the world's options say.
    pub(crate) fn add(&mut self, record: PfxRecord, duplicates: DuplicatePfx) -> Added<'_> {
        *self.attempts.entry(record.id.clone()).or_default() += 1;
        if self.by_id.contains_key(&record.id) && duplicates != DuplicatePfx::Replace {
            return Added::Duplicate;
        }
        self.created.push(PfxCreated {
            at: record.created,
            record: record.id.clone(),
            user: record.user,
            user_principal_name: record.user_principal_name.clone(),
            thumbprint: record.thumbprint.clone(),
            intended_purpose: record.intended_purpose.clone(),
        });
        Added::Created(self.put(record))
    }

    /// Adds or replaces a record without counting it.
    pub(crate) fn put(&mut self, record: PfxRecord) -> &PfxRecord {
        self.remove(&record.id);
        self.last_place += 1;
        let place = self.last_place;
        self.by_id.insert(record.id.clone(), place);
        self.by_name.entry(record.user_principal_name.to_lowercase()).or_default().insert(place);
        self.by_user.entry(record.user).or_default().insert(place);
        self.by_place.entry(place).or_insert(record)
    }

    /// `false` when no record has exactly this id.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let Some(place) = self.by_id.remove(id) else { return false };
        let Some(record) = self.by_place.remove(&place) else { return false };
        if let Some(places) = self.by_name.get_mut(&record.user_principal_name.to_lowercase()) {
            places.remove(&place);
        }
        if let Some(places) = self.by_user.get_mut(&record.user) {
            places.remove(&place);
        }
        true
    }

    pub(crate) fn one(&self, id: &str) -> Option<&PfxRecord> {
        self.by_place.get(self.by_id.get(id)?)
    }

    /// Records after a place.
    pub(crate) fn after(&self, place: u64) -> impl Iterator<Item = (u64, &PfxRecord)> {
        self.by_place.range(place + 1..).map(|(place, record)| (*place, record))
    }

    /// Records after a place whose user principal name in lower case is exactly `name`.
    pub(crate) fn of_name(&self, name: &str, place: u64) -> impl Iterator<Item = (u64, &PfxRecord)> {
        let places = self.by_name.get(name).into_iter().flat_map(move |places| places.range(place + 1..));
        places.filter_map(|place| Some((*place, self.by_place.get(place)?)))
    }

    /// The records of a user.
    pub(crate) fn of_user(&self, user: Uuid) -> impl Iterator<Item = &PfxRecord> {
        let places = self.by_user.get(&user).into_iter().flatten();
        places.filter_map(|place| self.by_place.get(place))
    }

    /// Users that have records.
    pub(crate) fn users(&self) -> Vec<Uuid> {
        self.by_user.iter().filter(|(_, places)| !places.is_empty()).map(|(user, _)| *user).collect()
    }

    pub(crate) fn created(&self) -> &[PfxCreated] {
        &self.created
    }

    /// Creates beyond the first of each record.
    pub(crate) fn duplicates(&self) -> usize {
        self.attempts.values().map(|attempts| attempts - 1).sum()
    }
}
