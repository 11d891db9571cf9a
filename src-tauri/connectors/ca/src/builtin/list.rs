//! The revocation list: made from the books, kept at hand, written to a file, served to whoever asks.
//!
//! Several daemons may serve one authority. Numbers come from the books, so that no two lists share one, and a list that
//! lacks somebody else's revocation is replaced when it is next looked at.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;

use crypto::issue::{CrlContents, RevokedSerial, crl, read_crl};
use model::{RevocationReason, SerialNumber, Span, Timestamp};
use ports::CaError;
use store::{RevokedEntry, StoreError};

use super::authority::BuiltinAuthority;
use super::books::in_books;
use super::error::{books, misconfigured};
use super::file;

/// How old the comparison with the books may be before a list is served again.
const LOOK_AGAIN: Span = Span::minutes(1);

/// Something that the addresses in certificates lead to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublishedFile {
    /// Content type (RFC 2585).
    pub media_type: &'static str,
    /// DER.
    pub bytes: Vec<u8>,
}

/// A list that was made or found, and when it was last held against the books.
#[derive(Clone, Debug)]
pub(super) struct CurrentList {
    pub(super) der: Vec<u8>,
    pub(super) contents: CrlContents,
    compared_at: Timestamp,
    /// The how many-th list this process began to make; 0 for one that it found.
    turn: u64,
    /// Whether it lies where it is to be read from.
    is_published: bool,
}

impl BuiltinAuthority {
    /// Names of everything that [`Self::published`] gives, below the base address.
    pub const PUBLISHED: [&str; 4] = ["issuing.crl", "issuing.cer", "root.crl", "root.cer"];

    /// What the addresses in certificates lead to, by the name below the base address; `None` for other names.
    ///
    /// The daemon's HTTP route gives this to anybody. It makes a new list when the one at hand is past half of its life
    /// or lacks a revocation.
    ///
    /// # Errors
    /// As [`Self::current_crl`].
    pub async fn published(&self, name: &str) -> Result<Option<PublishedFile>, CaError> {
        let crl = |bytes| Ok(Some(PublishedFile { media_type: "application/pkix-crl", bytes }));
        let certificate = |bytes| Ok(Some(PublishedFile { media_type: "application/pkix-cert", bytes }));
        match name {
            "issuing.crl" => crl(self.current_crl().await?),
            "root.crl" => crl(self.settings.root_crl.clone()),
            "issuing.cer" => certificate(self.settings.issuing.clone()),
            "root.cer" => certificate(self.settings.root.clone()),
            _ => Ok(None),
        }
    }

    /// The revocation list in force (DER).
    ///
    /// # Errors
    /// `Unavailable` when the books cannot be read, `Misconfigured` when the file cannot be written.
    pub async fn current_crl(&self) -> Result<Vec<u8>, CaError> {
        let mut slot = self.current.lock().await;
        let now = self.clock.now();
        if slot.is_none() {
            *slot = self.list_on_file().await;
        }
        if let Some(known) = slot.as_mut()
            && now < half_life(&known.contents)
        {
            if now.since(known.compared_at) >= Span::default() && now.since(known.compared_at) < LOOK_AGAIN {
                return Ok(known.der.clone());
            }
            let mut work = self.store.read().await.map_err(|error| books(&self.name, error))?;
            let revoked = self.revoked(&mut *work, now).await.map_err(|error| books(&self.name, error))?;
            if names_all(&known.contents, &revoked) {
                known.compared_at = now;
                return Ok(known.der.clone());
            }
        }
        self.renew_list(&mut slot).await.map(|list| list.der)
    }

    /// Makes and publishes a new list whatever the present one says.
    pub(super) async fn publish(&self) -> Result<CurrentList, CaError> {
        let mut slot = self.current.lock().await;
        self.renew_list(&mut slot).await
    }

    /// A moment to ask [`Self::publish_since`] about: to be taken when the books have been written to.
    pub(super) fn moment(&self) -> u64 {
        self.lists_begun.load(Ordering::SeqCst)
    }

    /// Sees to it that a list is published that was begun after `moment`. Whoever waits while one is made shares the next
    /// one with all who wait: a list names everything, so one for each would take time with the square of their number.
    pub(super) async fn publish_since(&self, moment: u64) -> Result<(), CaError> {
        let mut slot = self.current.lock().await;
        if slot.as_ref().is_some_and(|list| list.is_published && list.turn > moment) {
            return Ok(());
        }
        self.renew_list(&mut slot).await.map(|_| ())
    }

    /// The newest list known to this process or lying in the file; never makes one.
    pub(super) async fn known_list(&self) -> Option<CurrentList> {
        let mut slot = self.current.lock().await;
        if slot.is_none() {
            *slot = self.list_on_file().await;
        }
        slot.clone()
    }

    async fn renew_list(&self, slot: &mut Option<CurrentList>) -> Result<CurrentList, CaError> {
        // Counted before the books are read: what is in them by now is on this list.
        let turn = self.lists_begun.fetch_add(1, Ordering::SeqCst) + 1;
        let list = CurrentList { turn, ..self.sign_list().await? };
        *slot = Some(list.clone());
        if let Some(path) = &self.settings.crl_file {
            self.write_file(path, &list).await?;
        }
        let list = CurrentList { is_published: true, ..list };
        *slot = Some(list.clone());
        tracing::info!(
            authority = %self.name,
            number = list.contents.number,
            revoked = list.contents.revoked.len(),
            next_update = %list.contents.next_update,
            "revocation list published"
        );
        Ok(list)
    }

    /// One unit of work: the number is taken and the revocations are read at the same moment, so a higher number never
    /// knows less. A number of which it is unknown whether it was taken is never used.
    async fn sign_list(&self) -> Result<CurrentList, CaError> {
        let now = self.clock.now();
        let (number, revoked) = in_books!(self, work => {
            let number = work.ledger().next_crl_number(self.id).await?;
            (number, self.revoked(work.as_mut(), now).await?)
        })?;
        let contents = CrlContents {
            number,
            this_update: now,
            next_update: now + self.settings.crl_validity(),
            revoked: revoked
                .into_iter()
                .map(|entry| RevokedSerial {
                    serial: entry.serial,
                    revoked_at: entry.revoked_at,
                    reason: entry.reason,
                })
                .collect(),
        };
        let der = crl(&self.issuer, &contents).map_err(|error| misconfigured(&self.name, &error))?;
        Ok(CurrentList { der, contents, compared_at: now, turn: 0, is_published: false })
    }

    /// Revocations that belong on a list of `now`. A certificate that has expired stays for one more list's life, so that
    /// it is on at least one list made after its end (RFC 5280 section 3.3).
    async fn revoked(
        &self,
        work: &mut dyn store::Work,
        now: Timestamp,
    ) -> Result<Vec<RevokedEntry>, StoreError> {
        let since = now - self.settings.crl_validity();
        work.ledger().list_revoked(self.id, since).await
    }

    /// A list that an earlier process left in the file, if it is ours.
    async fn list_on_file(&self) -> Option<CurrentList> {
        let der = tokio::fs::read(self.settings.crl_file.as_ref()?).await.ok()?;
        let contents = read_crl(self.issuer.certificate(), &der).ok()?;
        // Long ago, so that it is held against the books before it is served.
        let compared_at = Timestamp::default();
        Some(CurrentList { der, contents, compared_at, turn: 0, is_published: true })
    }

    async fn write_file(&self, path: &Path, list: &CurrentList) -> Result<(), CaError> {
        // Another process may have been faster with a newer list.
        if let Some(there) = self.list_on_file().await
            && there.contents.number > list.contents.number
        {
            return Ok(());
        }
        let mut tag = [0_u8; 8];
        self.entropy.fill(&mut tag);
        file::replace(path, &list.der, &format!("{:016x}", u64::from_be_bytes(tag))).await.map_err(|error| {
            misconfigured(
                &self.name,
                &format!(
                    "the revocation list cannot be written to {}: {error}; check folder and permissions",
                    path.display()
                ),
            )
        })
    }
}

/// From here on a list is replaced, so that its readers always hold one that lasts.
fn half_life(contents: &CrlContents) -> Timestamp {
    let life = contents.next_update.since(contents.this_update);
    contents.this_update + Span::millis(life.as_millis() / 2)
}

/// Whether a list says what the books say: everything in them, for the same reason, and no hold that was lifted since. What
/// has left the books with its certificate may stand on a list for a while.
fn names_all(contents: &CrlContents, revoked: &[RevokedEntry]) -> bool {
    let listed: BTreeMap<&SerialNumber, RevocationReason> =
        contents.revoked.iter().map(|entry| (&entry.serial, entry.reason)).collect();
    let held = |reason: &RevocationReason| *reason == RevocationReason::CertificateHold;
    let holds = revoked.iter().filter(|entry| held(&entry.reason)).count();
    revoked.iter().all(|entry| listed.get(&entry.serial) == Some(&entry.reason))
        && listed.values().filter(|reason| held(reason)).count() == holds
}
