//! What no event tells: certificates that were handed over before publishing was switched on, those that ran out, and work that
//! was left lying while the book could not be reached.

use enroll::{order_publication, want_published};
use model::{CertificateId, Clock, Ids, PublicationState, SubscriberId};
use store::{DutyClaim, Store, StoreError};

/// Subscribers for whom jobs are ordered in one unit of work.
const PAGE: u32 = 200;

/// What a sweep found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Jobs that were ordered or woken.
    pub ordered: u64,
    /// How many publications there are in each state.
    pub counts: Vec<(PublicationState, u64)>,
}

impl Swept {
    /// How many are in a state.
    pub fn count(&self, state: PublicationState) -> u64 {
        self.counts.iter().find(|(one, _)| *one == state).map_or(0, |(_, count)| *count)
    }
}

/// How much a sweep does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sweep {
    /// Whether it looks through all certificates for those about which nothing is known.
    pub thoroughly: bool,
    /// Whether jobs that rest are woken, because the book takes changes again.
    pub wakes: bool,
}

/// Orders what is lacking.
///
/// # Errors
/// What was ordered until then is kept.
pub async fn sweep(
    store: &dyn Store,
    clock: &dyn Clock,
    ids: &Ids,
    book: &str,
    how: Sweep,
    claim: &DutyClaim,
) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    if how.thoroughly {
        let mut after: Option<CertificateId> = None;
        loop {
            let now = clock.now();
            let lacking = store.read().await?.publications().lacking(book, now, after, PAGE).await?;
            let Some((last, _)) = lacking.last() else { break };
            after = Some(*last);
            let done: Result<(), StoreError> = store::in_unit!(store, work => {
                claim.hold(work.as_mut()).await?;
                for (certificate, _) in &lacking {
                    want_published(work.as_mut(), ids, book, *certificate, now).await?;
                }
            });
            done?;
            swept.ordered += lacking.len() as u64;
        }
    }
    for outlived in [true, false] {
        let mut after: Option<SubscriberId> = None;
        loop {
            let now = clock.now();
            let mut work = store.read().await?;
            let page = if outlived {
                work.publications().outlived(book, now, after, PAGE).await?
            } else {
                work.publications().open(book, after, PAGE).await?
            };
            drop(work);
            let Some(last) = page.last() else { break };
            after = Some(*last);
            let keys: Vec<String> = page.iter().map(|id| store::Job::publication_key(*id)).collect();
            let lying = store.read().await?.jobs().unqueued(&keys).await?;
            let done: Result<(), StoreError> = store::in_unit!(store, work => {
                claim.hold(work.as_mut()).await?;
                for (id, key) in page.iter().zip(&keys) {
                    if how.wakes || lying.contains(key) {
                        order_publication(work.as_mut(), ids, *id, now).await?;
                    }
                }
            });
            done?;
            swept.ordered += lying.len() as u64;
        }
    }
    swept.counts = store.read().await?.publications().counts(book).await?;
    Ok(swept)
}
