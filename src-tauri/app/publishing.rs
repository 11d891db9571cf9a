//! What the worker does about the address list: one job for each entry, and a duty that looks whether the book can be reached and
//! orders what is lacking.

use std::sync::Arc;

use async_trait::async_trait;
use enroll::Bench;
use jobs::{Duty, Next};
use lifecycle::{LifecycleError, Sweep};
use model::{PublicationState, Service, Span, SubscriberId, Timestamp};
use ports::{AddressBook, BookError, Disposition};
use store::{DutyClaim, StoreError};
use tokio::sync::Mutex;

use crate::works::{chain, next};

/// How often all certificates are looked through for those about which nothing is known.
const SWEEP_EVERY: Span = Span::hours(24);
/// For how long a job rests while the book refuses us: one finding tells it, and not one for each person.
const REST: Span = Span::minutes(15);

/// Carries out the job of one entry.
pub(crate) async fn publish(bench: &Bench, subscriber: SubscriberId) -> Next {
    // Where nothing is published any more, nothing is taken out either: `[exchange] publish` says so.
    let Some(book) = &bench.address_book else { return Next::Done };
    match is_refused(bench).await {
        Ok(false) => {}
        Ok(true) => return Next::Again { after: Some(REST), failed: false },
        Err(error) => return next("a look at the address list", Err(error.into())),
    }
    let (store, clock) = (bench.store.as_ref(), bench.clock.as_ref());
    let done = lifecycle::publish(store, book.as_ref(), clock, subscriber, &bench.actor).await;
    if let Err(LifecycleError::Book(error)) = &done
        && error.disposition() == Disposition::Operator
    {
        tracing::warn!(error = %chain(error), "nothing can be published");
        let told: Result<(), StoreError> = store::in_unit!(bench.store, work => {
            let now = bench.clock.now();
            work.services().ensure(Service::AddressBook, now).await?;
            work.services().wake(Service::AddressBook, now).await?;
        });
        if let Err(error) = told {
            tracing::warn!(error = %chain(&error), "the duty that says so could not be woken");
        }
        return Next::Again { after: Some(REST), failed: true };
    }
    next("publishing in the address list", done.map(|_| ()))
}

/// Whether the duty found that the book refuses us, and has not looked again.
async fn is_refused(bench: &Bench) -> Result<bool, StoreError> {
    let services = bench.store.read().await?.services().list().await?;
    Ok(services.iter().any(|status| status.service == Service::AddressBook && status.failed))
}

/// Sees to it that the address list shows what it should.
pub(crate) struct Publishing {
    bench: Arc<Bench>,
    book: Arc<dyn AddressBook>,
    /// When this process last looked through all certificates.
    swept: Mutex<Option<Timestamp>>,
}

impl Publishing {
    pub(crate) fn new(bench: Arc<Bench>, book: Arc<dyn AddressBook>) -> Self {
        Self { bench, book, swept: Mutex::new(None) }
    }
}

#[async_trait]
impl Duty for Publishing {
    fn service(&self) -> Service {
        Service::AddressBook
    }
    fn interval(&self) -> Span {
        Service::AddressBook.default_interval()
    }
    async fn run(&self, claim: &DutyClaim) -> Result<String, String> {
        let wakes = is_refused(&self.bench).await.map_err(|error| chain(&error))?;
        let checked = match self.book.check().await {
            Ok(_) => None,
            // The one finding: jobs rest as long as it stands.
            Err(error @ BookError::Unauthorized { .. }) => return Err(chain(&error)),
            Err(error) => Some(format!("; Exchange cannot be asked at present: {}", chain(&error))),
        };
        let bench = self.bench.as_ref();
        let now = bench.clock.now();
        let mut last = self.swept.lock().await;
        let thoroughly = last.is_none_or(|at| at + SWEEP_EVERY <= now || at > now);
        let (store, clock) = (bench.store.as_ref(), bench.clock.as_ref());
        let swept =
            lifecycle::sweep(store, clock, &bench.ids, self.book.name(), Sweep { thoroughly, wakes }, claim)
                .await
                .map_err(|error| chain(&error))?;
        if thoroughly {
            *last = Some(now);
        }
        drop(last);
        let open: u64 =
            swept.counts.iter().filter(|(state, _)| state.is_open()).map(|(_, count)| count).sum();
        let mut told =
            format!("{} certificates are published, {open} wait", swept.count(PublicationState::Published));
        for (state, words) in [
            (PublicationState::NeedsOnPremises, "are to be changed on premises"),
            (PublicationState::NoMailbox, "have no mailbox"),
            (PublicationState::Refused, "were refused: `sealwright gal status` says why"),
        ] {
            if swept.count(state) > 0 {
                told.push_str(&format!(", {} {words}", swept.count(state)));
            }
        }
        told.push_str(&checked.unwrap_or_default());
        Ok(told)
    }
}
