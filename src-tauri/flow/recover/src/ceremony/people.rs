//! How many persons have agreed, as far as the audit log tells.
//!
//! Who gave is sealed beside what was given, and seen by whoever asked when it is opened. Until then there are officers' keys to
//! be counted, and one person may hold two, or agree at one machine in two names. Each approval is on record with whoever gave it: that guards nothing, and it keeps
//! programs from telling that enough have agreed where the keys are enough and the persons are not.

use model::{AuditKind, AuditOutcome, is_same_person};
use store::{AuditFilter, PageRequest, RecoveryGrantInfo, StoreError};

use super::desk::{Desk, agreed};
use super::different::most_different;
use super::request::{CLOCKS_APART, Request};
use crate::RecoverError;

/// Pages of the log that are looked through.
const MOST_PAGES: u32 = 20;

/// Who has agreed to a request so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// Officers' keys that have given for every key of the request.
    pub keys: usize,
    /// Different persons who gave by them; `None` where the log could not be asked.
    pub persons: Option<usize>,
}

impl Agreement {
    /// What counts: persons with an officer's key each.
    pub fn counted(self) -> usize {
        self.persons.map_or(self.keys, |persons| persons.min(self.keys))
    }
}

/// One approval, as it is on record.
struct Approval {
    /// Whoever gave: an account, or without a network whoever has the officer's key.
    person: String,
    /// The machine, where fleets have several of them and it was one of them.
    machine: Option<String>,
    /// The officer, in words.
    officer: String,
}

impl Approval {
    /// From who acted and what is said of it.
    fn read(actor: &str, remark: &str, request: &Request) -> Option<Self> {
        let officer = remark.strip_prefix("officer: ")?;
        let officer = officer.rsplit_once(" (").map_or(officer, |(officer, _)| officer).to_owned();
        if let Some((person, _)) = actor.split_once("; imported by ") {
            return Some(Self { person: person.to_owned(), machine: None, officer });
        }
        let account = actor.split(" as ").next().unwrap_or(actor);
        let machine = account.split_once('@').filter(|_| request.fleet_size > 1);
        Some(Self { person: actor.to_owned(), machine: machine.map(|(_, name)| name.to_owned()), officer })
    }

    fn is_another(&self, other: &Self) -> bool {
        let is_same_machine = self.machine.is_some() && self.machine == other.machine;
        self.officer != other.officer && !is_same_machine && !is_same_person(&self.person, &other.person)
    }
}

impl Desk<'_> {
    /// Who has agreed to a request. The log is asked only where the keys would be enough.
    pub(super) async fn agreement(
        &self,
        request: &Request,
        granted: &[RecoveryGrantInfo],
    ) -> Result<Agreement, RecoverError> {
        let keys = agreed(request, granted).len();
        let is_asked = keys >= 2 && keys >= usize::from(request.approvals);
        let persons = if is_asked { self.persons(request).await? } else { None };
        Ok(Agreement { keys, persons })
    }

    /// How many different persons, with different officers' keys, are on record as having agreed.
    async fn persons(&self, request: &Request) -> Result<Option<usize>, StoreError> {
        let Some(first) = request.keys.first() else { return Ok(None) };
        let filter = AuditFilter {
            search: Some(request.id.to_string()),
            kinds: vec![AuditKind::KeyRecoveryApprovalProcessed.name()],
            outcome: Some(AuditOutcome::Success),
            from: Some(request.created_at - CLOCKS_APART),
            ..AuditFilter::default()
        };
        let mut found: Vec<Approval> = Vec::new();
        let mut page = PageRequest::first(500);
        for _ in 0..MOST_PAGES {
            let read = match self.store.read().await?.audit().search(&filter, &page).await {
                Ok(read) => read.page,
                Err(StoreError::Denied { .. }) => return Ok(None),
                Err(error) => return Err(error),
            };
            for row in read.rows.iter().filter(|row| row.foreign.is_none()) {
                let said = request.remark(&row.event).filter(|(key, _)| *key == first);
                found.extend(said.and_then(|(_, remark)| Approval::read(&row.event.actor, remark, request)));
            }
            page.after = read.next;
            if page.after.is_none() {
                let all: Vec<&Approval> = found.iter().collect();
                let is_another =
                    |heard: &[&Approval], one: &Approval| heard.iter().all(|earlier| earlier.is_another(one));
                return Ok(Some(most_different(&all, usize::from(request.approvals), &is_another).len()));
            }
        }
        // Too long a log to be sure: the keys are what is told then.
        Ok(None)
    }
}
