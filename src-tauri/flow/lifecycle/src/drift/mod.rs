//! Compares the database with the world outside, side by side, and repairs what differs through plans.
//!
//! ```text
//!  a page from outside ──► looked up here ──► what is wrong with it is noted
//!                                └──► recognised: 16 bytes are remembered
//!  then ours, a page at a time ──► whatever was not recognised is gone outside
//! ```
//!
//! So no side has to be in order, and nothing but the 16 bytes of what was recognised is held in memory. A side that cannot be
//! read in full changes nothing: no finding comes of it, and none is closed.

mod authority;
mod book;
mod intune;
mod repair;
mod status;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{AuthorityId, CertificateId, Clock, DriftSide, DriftSighting, Timestamp};
use ports::{AddressBook, CertificateAuthority, DeliveryDoor, StatusDoor, chain};
use store::{Store, StoreError};

use crate::LifecycleError;

pub(crate) use intune::missed;
pub(crate) use repair::{due as repairs_due, order as order_repairs};
pub use repair::{repair, repairs, revoke_shadow};
pub use status::{Refreshed, Source, refresh};

/// Rows of one page of ours.
const PAGE: u32 = 500;

/// So much that a list did not show is asked for one by one. When none of it is there, the list is believed about the rest.
const ASKED: u32 = 200;

/// The world outside, as far as it is set up here.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The authorities.
    pub authorities: &'a BTreeMap<AuthorityId, Arc<dyn CertificateAuthority>>,
    /// Intune; `None` where it is not configured.
    pub delivery: Option<&'a dyn DeliveryDoor>,
    /// The address list; `None` where nothing is published.
    pub book: Option<&'a dyn AddressBook>,
    /// How certificates stand whose authority tells no list; or why it cannot be asked, in one sentence.
    pub status: Result<&'a dyn StatusDoor, &'a str>,
}

/// What became of one side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SideCompared {
    /// Which.
    pub side: DriftSide,
    /// Its name for people.
    pub name: String,
    /// How much was compared.
    pub compared: Result<u64, NotCompared>,
    /// How much there is of others; nothing is said about it.
    pub others: u64,
}

/// How much a side told.
#[derive(Clone, Copy, Default)]
struct Count {
    compared: u64,
    others: u64,
}

/// Why a side was not compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotCompared {
    /// In one sentence.
    pub why: String,
    /// Whether it is so by its nature or setting, and not because something failed.
    pub is_expected: bool,
}

/// Reads every side in full and notes what differs. Two at once do no harm: of both readings the later one counts.
///
/// # Errors
/// When the database cannot be read or written. What a door says ends in the result of its side.
pub async fn compare(
    store: &dyn Store,
    outside: Outside<'_>,
    clock: &dyn Clock,
) -> Result<Vec<SideCompared>, StoreError> {
    let began = begin(store).await?;
    let read = match outside.delivery {
        None => Err(expected("it is not configured")),
        Some(door) => failed(intune::compare(store, door, began, clock.now()).await)?,
    };
    let intune = end(store, DriftSide::Intune, "Intune".to_owned(), began, read).await?;
    let began = begin(store).await?;
    let read = match outside.book {
        None => Err(expected("nothing is published in it: `publish` in [exchange] is not set")),
        Some(book) => failed(book::compare(store, book, began, clock).await)?,
    };
    let book = end(store, DriftSide::AddressBook, "Address list".to_owned(), began, read).await?;
    // Last, though told first: certificates name addresses of anybody's choice, which may be slow.
    let mut sides = compare_authorities(store, outside, clock).await?;
    sides.extend([intune, book]);
    Ok(sides)
}

/// Reads what the authorities say, and nothing else. Accounts that only say where imported certificates came from are authorities
/// too: theirs told somebody where they can be asked.
///
/// # Errors
/// As [`compare`].
pub async fn compare_authorities(
    store: &dyn Store,
    outside: Outside<'_>,
    clock: &dyn Clock,
) -> Result<Vec<SideCompared>, StoreError> {
    let accounts = store.read().await?.authorities().list().await?;
    let mut sides = Vec::new();
    for account in accounts {
        let began = begin(store).await?;
        let side = DriftSide::Authority(account.id);
        let read = match (outside.authorities.get(&account.id), outside.status) {
            (Some(door), _) if door.capabilities().lists_issued => failed(
                authority::compare(store, (side, account.id), door.as_ref(), began, clock.now()).await,
            )?,
            (Some(_), Ok(door)) => status::compare(store, (side, account.id), door, began, clock).await?,
            (None, _) if !account.is_imported() => {
                Err(expected("its account cannot be used on this machine"))
            }
            (_, Err(why)) => Err(NotCompared { why: why.to_owned(), is_expected: false }),
            (None, Ok(door)) => {
                // Whoever ran it may have switched it off long ago, which is no failure of ours.
                let read = status::compare(store, (side, account.id), door, began, clock).await?;
                read.map_err(|not| NotCompared { is_expected: true, ..not })
            }
        };
        sides.push(end(store, side, account.name, began, read).await?);
    }
    Ok(sides)
}

/// The beginning of a reading, by the clock that all installations share.
async fn begin(store: &dyn Store) -> Result<Timestamp, StoreError> {
    store.read().await?.jobs().now().await
}

fn expected(why: &str) -> NotCompared {
    NotCompared { why: why.to_owned(), is_expected: true }
}

/// Failures of the database end the comparison, those of a door only its side.
fn failed(read: Result<Count, LifecycleError>) -> Result<Result<Count, NotCompared>, StoreError> {
    match read {
        Ok(count) => Ok(Ok(count)),
        Err(LifecycleError::Store(error)) => Err(error),
        Err(error) => Ok(Err(NotCompared { why: chain(&error), is_expected: false })),
    }
}

/// Writes down how a reading ended.
async fn end(
    store: &dyn Store,
    side: DriftSide,
    name: String,
    began: Timestamp,
    read: Result<Count, NotCompared>,
) -> Result<SideCompared, StoreError> {
    store::in_unit!(store, work => {
        match &read {
            Ok(count) => work.drift().settle(side, began, count.compared).await?,
            Err(not) => work.drift().note_not_compared(side, began, &not.why).await?,
        }
    })?;
    let others = read.as_ref().map_or(0, |count| count.others);
    Ok(SideCompared { side, name, compared: read.map(|count| count.compared), others })
}

/// Writes down what a page showed.
async fn note(store: &dyn Store, seen: &[DriftSighting], began: Timestamp) -> Result<(), StoreError> {
    if seen.is_empty() {
        return Ok(());
    }
    store::in_unit!(store, work => {
        for one in seen {
            work.drift().see(one, began).await?;
        }
    })
}

/// Writes down of which certificates an authority said what is said here too.
async fn confirm(store: &dyn Store, agree: &[CertificateId], now: Timestamp) -> Result<(), StoreError> {
    if agree.is_empty() {
        return Ok(());
    }
    store::in_unit!(store, work => { work.certificates().mark_checked(agree, now).await?; })
}

/// The page behind a page. A list that does not come to an end is no list.
fn next_page(
    before: Option<&str>,
    next: Option<String>,
    whose: &str,
) -> Result<Option<String>, LifecycleError> {
    if next.is_some() && next.as_deref() == before {
        return Err(LifecycleError::NotPossible(format!("the list of {whose} does not come to an end")));
    }
    Ok(next)
}

/// What was recognised on a side, 16 bytes each.
#[derive(Default)]
struct Recognised {
    ids: Vec<[u8; 16]>,
    is_sorted: bool,
}

impl Recognised {
    fn add(&mut self, id: &[u8; 16]) {
        self.ids.push(*id);
        self.is_sorted = false;
    }

    fn knows(&mut self, id: &[u8; 16]) -> bool {
        if !self.is_sorted {
            self.ids.sort_unstable();
            self.is_sorted = true;
        }
        self.ids.binary_search(id).is_ok()
    }
}
