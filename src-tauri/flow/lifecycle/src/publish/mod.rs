//! What the address book shows of our subscribers, brought to what it should show.
//!
//! One job for each subscriber and never two at once: it reads the entry, merges, writes, and believes what it reads back. It
//! decides anew each time, so that a job that died between writing and reading back finds on its next run what it has done.

mod compare;
mod decide;
mod look;
mod order;
mod sweep;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use model::{
    AuditEvent, AuditKind, AuditOutcome, CertificateState, Clock, Publication, PublicationState,
    SubscriberId, Thumbprint, Timestamp,
};
use ports::{AddressBook, BookChange, BookEntry, BookError};
use store::{CertificateFilter, CertificateOrder, PageRequest, Store, StoreError, Work};

use crate::LifecycleError;
use decide::{Candidate, Ours, Standing, changes, merge, thumbprint, thumbprints};

pub use compare::{Difference, Wish, compare, wish};
pub(crate) use look::{Apart, look, missed};
pub(crate) use order::{LONGEST_WAIT, is_awaited, reconsider, reconsider_row, removals, successor_waits};
pub use order::{publish_again, withhold};
pub use sweep::{Sweep, Swept, sweep};

/// Most valid certificates of one subscriber that are looked at.
const MOST: u32 = 100;

/// What is to be done at a book that keeps an entry from being changed here.
const ON_PREMISES: &str = "the entry comes from a directory on premises: change the certificates of the account there \
     (userCertificate), then `sealwright gal publish --person NAME` reads it again";

/// What an entry came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// It shows what it should.
    AsWanted,
    /// A person has to see to it; the publications say why.
    NeedsPerson,
}

/// Everything that is known before the book is asked.
struct Plan {
    standing: Standing,
    candidates: Vec<Candidate>,
}

/// Brings the entry of one subscriber to what it should show. Safe to repeat.
///
/// # Errors
/// What was found out until then is kept with the publications.
pub async fn publish(
    store: &dyn Store,
    book: &dyn AddressBook,
    clock: &dyn Clock,
    subscriber: SubscriberId,
    actor: &str,
) -> Result<Shown, LifecycleError> {
    let mut work = store.read().await?;
    let Plan { standing, candidates } = load(work.as_mut(), book.name(), subscriber, clock.now()).await?;
    let habit = work.publications().habit(book.name()).await?;
    drop(work);
    let wanted = standing.wanted(&candidates);
    let ledger = Ledger { store, clock, book: book.name(), standing: &standing, wanted };
    // State first: whatever keeps us from the book, what is to be done there stands written.
    ledger.intend().await?;
    let entry = match book.read(subscriber).await {
        Ok(entry) => entry,
        Err(BookError::NoMailbox { detail, .. }) => {
            ledger.without_mailbox(&detail).await?;
            return Ok(Shown::NeedsPerson);
        }
        Err(error) => return Err(error.into()),
    };
    let ours = ours(store.read().await?.as_mut(), &entry).await?;
    let change = merge(&entry, &ours, &standing, wanted);
    if !changes(&change) {
        return Ok(ledger.settle(&entry, None).await?);
    }
    if entry.is_synchronised {
        return Ok(ledger.settle(&entry, Some((PublicationState::NeedsOnPremises, ON_PREMISES))).await?);
    }
    // A change that was taken once and is not there: perhaps this tenant takes values in another way by now.
    let is_doubted = standing.publications.iter().any(|one| one.state == PublicationState::Accepted);
    match book.change(&change, habit.as_deref().filter(|_| !is_doubted)).await {
        Ok(receipt) => {
            let learned = receipt.habit.filter(|learned| Some(learned) != habit.as_ref());
            ledger.done(&change, &ours, learned.as_deref(), actor).await?;
            Ok(ledger.settle(&receipt.entry, None).await?)
        }
        Err(BookError::Synchronised { detail, .. }) => {
            let why = format!("{ON_PREMISES} (Exchange says: {detail})");
            Ok(ledger.settle(&entry, Some((PublicationState::NeedsOnPremises, &why))).await?)
        }
        Err(error @ (BookError::Rejected { .. } | BookError::Damaged { .. })) => {
            let why = error.to_string();
            ledger.failed(&entry.address, &why, actor).await?;
            Ok(ledger.settle(&entry, Some((PublicationState::Refused, &why))).await?)
        }
        Err(error) => {
            if matches!(error, BookError::NotShown { .. } | BookError::OutcomeUnknown { .. }) {
                ledger.accepted(&error.to_string()).await?;
            }
            Err(error.into())
        }
    }
}

async fn load(
    work: &mut dyn Work,
    book: &str,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<Plan, StoreError> {
    let rows = work.subscribers().planning(&[subscriber]).await?;
    let row = rows.first();
    let publications = work.publications().of(book, subscriber).await?;
    let filter = CertificateFilter {
        subscriber: Some(subscriber),
        states: vec![CertificateState::Valid],
        ..CertificateFilter::default()
    };
    let page = work.certificates().list(&filter, CertificateOrder::Newest, &PageRequest::first(MOST)).await?;
    let mut intended = BTreeMap::new();
    let mut candidates = Vec::with_capacity(page.rows.len());
    for found in page.rows {
        let id = found.certificate.id;
        let Some(stored) = work.certificates().lookup_stored(id).await? else { continue };
        let template = found.certificate.template;
        let purpose = match intended.entry(template) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                let found = work.templates().lookup(template).await?;
                let purpose = found.map(|found| found.template.delivery.intended_purpose);
                *unknown.insert(purpose.unwrap_or_default())
            }
        };
        let deliveries = work.deliveries().list(id).await?.into_iter().map(|one| one.state).collect();
        candidates.push(Candidate {
            certificate: found.certificate,
            der: stored.der,
            deliveries,
            intended: purpose,
        });
    }
    let standing = Standing {
        subscriber,
        is_gone: row.is_none_or(|row| row.subscriber.gone_at.is_some()),
        endings: row
            .map(|row| row.endings.iter().map(|one| (one.certificate, one.cause)).collect())
            .unwrap_or_default(),
        publications,
        now,
    };
    Ok(Plan { standing, candidates })
}

async fn ours(work: &mut dyn Work, entry: &BookEntry) -> Result<Ours, StoreError> {
    let mut ours = Ours::new();
    for thumbprint in thumbprints(entry) {
        if let Some(found) = work.certificates().find_by_thumbprint(thumbprint).await? {
            ours.insert(thumbprint, found);
        }
    }
    Ok(ours)
}

/// Writes down how far the publications of one subscriber came.
struct Ledger<'a> {
    store: &'a dyn Store,
    clock: &'a dyn Clock,
    book: &'a str,
    standing: &'a Standing,
    wanted: Option<&'a Candidate>,
}

impl Ledger<'_> {
    /// The publications as they are, and one for the wanted certificate where there is none yet.
    fn rows(&self) -> Vec<Publication> {
        let mut rows = self.standing.publications.clone();
        if let Some(wanted) = self.wanted
            && rows.iter().all(|one| one.certificate != wanted.certificate.id)
        {
            rows.push(Publication {
                certificate: wanted.certificate.id,
                subscriber: self.standing.subscriber,
                book: self.book.to_owned(),
                state: PublicationState::Wanted,
                detail: None,
                at: self.standing.now,
            });
        }
        rows
    }

    fn is_wanted(&self, row: &Publication) -> bool {
        self.wanted.is_some_and(|wanted| wanted.certificate.id == row.certificate)
    }

    async fn write(
        &self,
        decide: impl Fn(&Publication) -> (PublicationState, Option<String>),
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let known = &self.standing.publications;
        let mut changed = Vec::new();
        for row in self.rows() {
            let (state, detail) = decide(&row);
            if (state, &detail) != (row.state, &row.detail) || !known.contains(&row) {
                changed.push(Publication { state, detail, at: now, ..row });
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        store::in_unit!(self.store, work => {
            for one in &changed {
                work.publications().set(one).await?;
            }
        })
    }

    /// What is wanted and was not seen is wanted, what may be there and is not wanted is to go.
    async fn intend(&self) -> Result<(), StoreError> {
        self.write(|row| {
            let state = match (self.is_wanted(row), row.state) {
                (true, PublicationState::Published | PublicationState::Accepted) => row.state,
                (true, _) => PublicationState::Wanted,
                (false, state) if state.may_be_shown() => PublicationState::Unwanted,
                (false, state) => state,
            };
            (state, row.detail.clone().filter(|_| state == row.state))
        })
        .await
    }

    async fn accepted(&self, why: &str) -> Result<(), StoreError> {
        self.write(|row| {
            let state = if self.is_wanted(row) { PublicationState::Accepted } else { intended(row) };
            (state, Some(why.to_owned()).filter(|_| state.is_open()))
        })
        .await
    }

    async fn without_mailbox(&self, detail: &str) -> Result<(), StoreError> {
        self.write(|row| {
            if self.is_wanted(row) {
                return (PublicationState::NoMailbox, Some(detail.to_owned()));
            }
            let state = if row.state.is_open() || row.state.may_be_shown() {
                PublicationState::Withdrawn
            } else {
                row.state
            };
            (state, None)
        })
        .await
    }

    /// Says of each certificate what the entry shows; `hindered` is said of those that are not as they should be.
    async fn settle(
        &self,
        entry: &BookEntry,
        hindered: Option<(PublicationState, &str)>,
    ) -> Result<Shown, StoreError> {
        let mut work = self.store.read().await?;
        let mut there: Vec<(model::CertificateId, bool)> = Vec::new();
        let shown: Vec<Thumbprint> = entry.certificates.iter().filter_map(|der| thumbprint(der)).collect();
        for row in self.rows() {
            let found = work.certificates().lookup(row.certificate).await?;
            let is_shown = found.is_some_and(|found| shown.contains(&found.certificate.thumbprint));
            there.push((row.certificate, is_shown));
        }
        drop(work);
        self.write(|row| {
            let is_there = there.contains(&(row.certificate, true));
            if row.state == PublicationState::Withheld {
                let why = hindered.filter(|_| is_there).map(|(_, why)| why.to_owned());
                return (row.state, why);
            }
            match (is_there, self.is_wanted(row), hindered) {
                // Seen; also what is not wanted and was left there, since nothing takes the place of what is valid.
                (true, true, _) | (true, false, None) => (PublicationState::Published, None),
                (false, true, Some((state, why))) | (true, false, Some((state, why))) => {
                    (state, Some(why.to_owned()))
                }
                (false, true, None) => (PublicationState::Accepted, row.detail.clone()),
                (false, false, _) => (PublicationState::Withdrawn, None),
            }
        })
        .await?;
        Ok(if hindered.is_some() { Shown::NeedsPerson } else { Shown::AsWanted })
    }

    /// What was done goes on record, with what was learned about the book.
    async fn done(
        &self,
        change: &BookChange,
        ours: &Ours,
        learned: Option<&str>,
        actor: &str,
    ) -> Result<(), StoreError> {
        let taken = change.seen.certificates.iter().filter(|der| !change.certificates.contains(der));
        let taken: Vec<String> = taken
            .filter_map(|der| thumbprint(der))
            .filter(|one| ours.contains_key(one))
            .map(|one| one.to_string())
            .collect();
        let added = self.wanted.filter(|one| !change.seen.certificates.contains(&one.der));
        let mut told: Vec<String> = Vec::new();
        told.extend(added.map(|one| format!("published {}", one.certificate.thumbprint)));
        told.extend((!taken.is_empty()).then(|| format!("taken out {}", taken.join(", "))));
        let signed = change.seen.smime.len() - change.smime.len();
        told.extend(
            (signed > 0).then(|| format!("taken out {signed} S/MIME values with ended certificates of ours")),
        );
        let event = Self::event(
            &change.seen.address,
            AuditOutcome::Success,
            &format!("{}; read back", told.join("; ")),
            actor,
        );
        let now = self.clock.now();
        store::in_unit!(self.store, work => {
            work.audit().append(&event, now).await?;
            if let Some(habit) = learned {
                work.publications().set_habit(self.book, habit, now).await?;
            }
        })
    }

    async fn failed(&self, address: &str, why: &str, actor: &str) -> Result<(), StoreError> {
        let event = Self::event(address, AuditOutcome::Failure, why, actor);
        let now = self.clock.now();
        store::in_unit!(self.store, work => { work.audit().append(&event, now).await?; })
    }

    fn event(address: &str, outcome: AuditOutcome, detail: &str, actor: &str) -> AuditEvent {
        AuditEvent {
            kind: AuditKind::AddressBookChanged,
            outcome,
            actor: actor.to_owned(),
            object: format!("address book entry {address}"),
            detail: detail.to_owned(),
        }
    }
}

/// What stands of a certificate that is not the wanted one while a change is on its way.
fn intended(row: &Publication) -> PublicationState {
    if row.state.may_be_shown() { PublicationState::Unwanted } else { row.state }
}
