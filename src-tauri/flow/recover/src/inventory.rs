//! What the archive is sealed with: counted envelope by envelope, and nothing opened.
//!
//! Whoever copies the archive today may have a quantum computer later. What only RSA or elliptic curves protect is told apart
//! from what takes ML-KEM keys as well; one recipient without one makes an envelope a classic one.

use std::collections::BTreeMap;

use crypto::open::Envelope;
use model::{EnrollmentId, Thumbprint};
use store::{ArchivedKey, Store, StoreError};

use crate::rearchive::Algorithms;

/// Envelopes read at once.
const PAGE: u32 = 200;

/// To whom an envelope is sealed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SealedTo {
    /// The officers' certificates as the archive records them, in their order.
    pub officers: Vec<Thumbprint>,
    /// How many of them it takes together; `None` when any one opens it.
    pub threshold: Option<u8>,
    /// Whether it takes their ML-KEM keys as well.
    pub hybrid: bool,
}

/// What there is.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Inventory {
    /// Archived keys.
    pub total: u64,
    /// Those that nobody opens without an ML-KEM key.
    pub hybrid: u64,
    /// Those that the certificates' keys alone open.
    pub classic_only: u64,
    /// Those that cannot be read.
    pub unreadable: u64,
    /// By how they are encrypted.
    pub algorithms: BTreeMap<Algorithms, u64>,
    /// By whom they are sealed to.
    pub sealed_to: BTreeMap<SealedTo, u64>,
}

impl Inventory {
    /// Reads the archive, page by page. `progress` is told how many were seen.
    ///
    /// # Errors
    /// When the archive cannot be read; on servers only recovery agents' logins may read envelopes.
    pub async fn take(store: &dyn Store, progress: &mut (dyn FnMut(u64) + Send)) -> Result<Self, StoreError> {
        let mut inventory = Self::default();
        let mut after: Option<EnrollmentId> = None;
        loop {
            let page = store.read().await?.archive().list_sealed(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(inventory) };
            after = Some(last.enrollment);
            for archived in &page {
                inventory.count(archived);
            }
            progress(inventory.total);
        }
    }

    /// Whether something in the archive opens without an ML-KEM key. Reads no further than to the first such key.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub async fn has_classic(store: &dyn Store) -> Result<bool, StoreError> {
        let mut after: Option<EnrollmentId> = None;
        loop {
            let page = store.read().await?.archive().list_sealed(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(false) };
            after = Some(last.enrollment);
            let is_classic = |archived: &ArchivedKey| {
                Envelope::parse(&archived.envelope).is_ok_and(|envelope| !envelope.is_hybrid())
            };
            if page.iter().any(is_classic) {
                return Ok(true);
            }
        }
    }

    fn count(&mut self, archived: &ArchivedKey) {
        self.total += 1;
        let Ok(envelope) = Envelope::parse(&archived.envelope) else {
            self.unreadable += 1;
            *self.algorithms.entry(Algorithms::unreadable()).or_default() += 1;
            return;
        };
        let hybrid = envelope.is_hybrid();
        if hybrid {
            self.hybrid += 1;
        } else {
            self.classic_only += 1;
        }
        *self.algorithms.entry(Algorithms::of(&envelope)).or_default() += 1;
        let mut officers = archived.kras.clone();
        officers.sort_unstable();
        let threshold = envelope.quorum().map(crypto::quorum::Quorum::threshold);
        *self.sealed_to.entry(SealedTo { officers, threshold, hybrid }).or_default() += 1;
    }
}
