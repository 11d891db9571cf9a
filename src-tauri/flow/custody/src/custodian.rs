//! The set in force for this home, and to whom keys are sealed at this moment.

use std::path::PathBuf;
use std::sync::Arc;

use admit::{AdmitError, Gate};
use crypto::SealingAgents;
use model::{AuditEvent, AuditKind, AuditOutcome, Clock};
use store::{Store, StoreError, StoredKraSetSignature};

use crate::book::{Book, fingerprints};
use crate::{CustodyError, Pin, PinFile, SetVersion, withdraw};

/// How often what is less than what was pinned is read again: a copy of the database may lag behind.
const LAG_ATTEMPTS: u32 = 4;

/// The sets of recovery agents, as this installation sees them.
pub struct Custody {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) pins: PinFile,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) actor: String,
    signed_only: bool,
    pub(crate) gate: Option<Arc<Gate>>,
}

impl Custody {
    /// With the pin in this file of the home, e.g. `kra-set.pin`. `actor` is named in versions and in audit events.
    pub fn new(store: Arc<dyn Store>, pin: PathBuf, clock: Arc<dyn Clock>, actor: String) -> Self {
        Self { store, pins: PinFile::new(pin), clock, actor, signed_only: false, gate: None }
    }

    /// Never goes by the unsigned list, also while there is no set.
    #[must_use]
    pub fn signed_only(mut self, signed_only: bool) -> Self {
        self.signed_only = signed_only;
        self
    }

    /// With the fleet that this installation belongs to: it signs what its people take back, and believes what others took back.
    #[must_use]
    pub fn in_fleet(mut self, gate: Arc<Gate>) -> Self {
        self.gate = Some(gate);
        self
    }

    /// The version in force, checked from what this home has pinned, which is moved forward; `None` while there is neither
    /// a pin nor a signed set, and the unsigned list serves. Reads the database each time.
    ///
    /// # Errors
    /// [`CustodyError::Missing`], [`CustodyError::Altered`] and [`CustodyError::Fork`] for a database that does not go on
    /// from the pin; [`CustodyError::Newer`] when its officers signed what only a newer program reads; [`CustodyError::Unpinned`] while there is no pin and somebody signed a set; [`CustodyError::Gone`]
    /// and [`CustodyError::Unsigned`] while there is nothing of either and the list must not serve.
    pub async fn in_force(&self) -> Result<Option<SetVersion>, CustodyError> {
        match self.to_follow().await? {
            None if self.signed_only => Err(CustodyError::Unsigned),
            found => Ok(found),
        }
    }

    /// The version that the next one follows; `None` when that is the first one, whether the unsigned list may serve
    /// meanwhile or not.
    ///
    /// # Errors
    /// As [`Self::in_force`], but for [`CustodyError::Unsigned`].
    pub async fn to_follow(&self) -> Result<Option<SetVersion>, CustodyError> {
        let mut attempt = 1;
        loop {
            // The pin first: another program of this home may see a newer version, and pin it, between the two.
            let pin = self.pins.load()?;
            let book = self.book().await?;
            match self.judge(&book, pin.as_ref()) {
                Err(CustodyError::Missing { .. } | CustodyError::Gone { .. }) if attempt < LAG_ATTEMPTS => {
                    self.store.pause(attempt).await;
                    attempt += 1;
                }
                judged => return judged,
            }
        }
    }

    /// To whom a private key is sealed at this moment: the set in force, or the unsigned list while there is none.
    ///
    /// # Errors
    /// As [`Self::in_force`]; [`CustodyError::Expired`] and [`CustodyError::List`] when nothing may be sealed to those who
    /// are there.
    pub async fn sealing(&self) -> Result<SealingAgents, CustodyError> {
        let now = self.clock.now();
        if let Some(set) = self.in_force().await? {
            return set.sealing(now);
        }
        let kras = self.store.read().await?.kras().list().await?;
        Ok(SealingAgents::of(&kras, now)?)
    }

    pub(crate) async fn book(&self) -> Result<Book, StoreError> {
        Ok(self.rows().await?.0)
    }

    /// The book, with what was taken back: nothing that decides to whom keys are sealed needs to know.
    pub(crate) async fn whole_book(&self) -> Result<Book, CustodyError> {
        let (mut book, signatures) = self.rows().await?;
        if let Some(gate) = &self.gate
            && signatures.iter().any(withdraw::is_one)
        {
            match gate.fleet().await {
                Ok(fleet) => book.judge_withdrawals(&signatures, &fleet),
                Err(AdmitError::Store(error)) => return Err(error.into()),
                // A home that trusts no fleet believes no installation either; the versions are open to it.
                Err(error) => tracing::debug!(%error, "nothing is believed to be taken back"),
            }
        }
        Ok(book)
    }

    async fn rows(&self) -> Result<(Book, Vec<StoredKraSetSignature>), StoreError> {
        let mut work = self.store.read().await?;
        // The versions last: a signature that comes between the two is seen the next time.
        let signatures = work.kra_sets().signatures().await?;
        let versions = work.kra_sets().versions().await?;
        Ok((Book::read(&versions, &signatures), signatures))
    }

    fn judge(&self, book: &Book, pin: Option<&Pin>) -> Result<Option<SetVersion>, CustodyError> {
        let agreed;
        let from = match pin {
            Some(pin) => pin,
            None => match self.agreed(book)? {
                Some(pin) => {
                    agreed = pin;
                    &agreed
                }
                None => {
                    let shown = book.shown();
                    if shown.is_empty() {
                        return Ok(None);
                    }
                    return Err(CustodyError::Unpinned { fingerprints: fingerprints(&shown) });
                }
            },
        };
        let set = book.in_force(from)?.clone();
        let seen = Pin::of(&set);
        if pin != Some(&seen) {
            tracing::info!(
                set = %set.name, version = set.version, fingerprint = %set.fingerprint(),
                "this installation pins the set of recovery agents"
            );
        }
        self.pins.advance(pin, &seen)?;
        Ok(Some(set))
    }

    /// The first version that a person at this home proposed or signed, once enough officers signed it.
    fn agreed(&self, book: &Book) -> Result<Option<Pin>, CustodyError> {
        let Some(digest) = self.pins.agreed()? else { return Ok(None) };
        let Some(Ok(set)) = book.find(digest).map(|entry| entry.set.as_ref()) else {
            return Err(CustodyError::Gone {
                fingerprint: digest.fingerprint(),
                file: self.pins.agreed_file(),
            });
        };
        Ok((set.version == 1 && book.is_rooted(set)).then(|| Pin::of(set)))
    }

    pub(crate) fn event(
        &self,
        kind: AuditKind,
        outcome: AuditOutcome,
        set: &SetVersion,
        detail: &str,
    ) -> AuditEvent {
        AuditEvent {
            kind,
            outcome,
            actor: self.actor.clone(),
            object: format!("set of recovery agents {}, version {}", set.name, set.version),
            detail: format!("fingerprint {}; {detail}", set.fingerprint()),
        }
    }
}
