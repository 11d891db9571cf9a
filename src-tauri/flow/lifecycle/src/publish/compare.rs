//! What an entry shows beside what it should show: for whoever looks, and for whoever changes it by hand.

use model::{SubscriberId, Thumbprint, Timestamp};
use ports::BookEntry;
use store::{CertificateFilter, CertificateOrder, PageRequest, Store, StoreError, Work};

use super::decide::{changes, merge, thumbprint};
use super::{MOST, Plan, load, ours};

/// An entry that does not show what it should.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Whose.
    pub holder: SubscriberId,
    /// The entry's address.
    pub address: String,
    /// Certificates of ours that should be there.
    pub lacks: Vec<Thumbprint>,
    /// Certificates of ours that should not be there.
    pub has_too_many: Vec<Thumbprint>,
    /// S/MIME values that carry only such certificates.
    pub stale_smime: usize,
    /// Whether it has to be changed on premises.
    pub is_synchronised: bool,
}

/// Compares an entry with what is known here. Changes nothing.
///
/// # Errors
/// The database's.
pub async fn compare(
    store: &dyn Store,
    book: &str,
    entry: &BookEntry,
    now: Timestamp,
) -> Result<Option<Difference>, StoreError> {
    let mut work = store.read().await?;
    let Plan { standing, candidates } = load(work.as_mut(), book, entry.holder, now).await?;
    let ours = ours(work.as_mut(), entry).await?;
    drop(work);
    let change = merge(entry, &ours, &standing, standing.wanted(&candidates));
    if !changes(&change) {
        return Ok(None);
    }
    let beside = |list: &[Vec<u8>], other: &[Vec<u8>]| -> Vec<Thumbprint> {
        list.iter().filter(|der| !other.contains(der)).filter_map(|der| thumbprint(der)).collect()
    };
    Ok(Some(Difference {
        holder: entry.holder,
        address: entry.address.clone(),
        lacks: beside(&change.certificates, &entry.certificates),
        has_too_many: beside(&entry.certificates, &change.certificates),
        stale_smime: entry.smime.len() - change.smime.len(),
        is_synchronised: entry.is_synchronised,
    }))
}

/// What is to be done about a subscriber's entry, without having seen it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wish {
    /// The certificate that it is to show, DER.
    pub add: Option<Vec<u8>>,
    /// Certificates of ours that are to go where it shows them.
    pub remove: Vec<Thumbprint>,
}

/// Decides about a subscriber without asking the book.
///
/// # Errors
/// The database's.
pub async fn wish(
    work: &mut dyn Work,
    book: &str,
    subscriber: SubscriberId,
    now: Timestamp,
) -> Result<Wish, StoreError> {
    let Plan { standing, candidates } = load(work, book, subscriber, now).await?;
    let wanted = standing.wanted(&candidates);
    let id = wanted.map(|one| one.certificate.id);
    let filter = CertificateFilter { subscriber: Some(subscriber), ..CertificateFilter::default() };
    let page = work.certificates().list(&filter, CertificateOrder::Newest, &PageRequest::first(MOST)).await?;
    let gone = page.rows.iter().map(|row| &row.certificate).filter(|one| standing.goes(one, id));
    Ok(Wish { add: wanted.map(|one| one.der.clone()), remove: gone.map(|one| one.thumbprint).collect() })
}
