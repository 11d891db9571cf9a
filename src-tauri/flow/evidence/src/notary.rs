//! Signs the log as it stands, as one installation of the fleet, and remembers in its home what it signed.

use std::path::Path;
use std::sync::Arc;

use admit::{AdmitError, Digest, Fleet, Gate, Kept};
use crypto::CryptoError;
use model::{Clock, InstallationId, Span};
use serde::{Deserialize, Serialize};
use store::{ChainEnd, Store, StoreError};

use crate::head::{Format, SignedHead, TreeHead};
use crate::tree::{Frontier, Hash};

/// Rows read at once.
pub(crate) const CHUNK: u32 = 5_000;

/// File of the home, beside the pin of the admission log, that remembers the last head signed here.
const SIGNED: &str = "head";
/// The one that remembers the largest head of others that was found true here.
const SEEN: &str = "vouched";
/// Where both go when people decide to trust the database as it is.
const FORMER: &str = "former-heads";

/// How many of the largest heads are looked at when a daemon asks whether somebody has signed already.
const LOOKED_AT: u32 = 20;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The log is not as it was written.
    #[error("the audit log is not as it was written: {why}")]
    Broken {
        /// The first entry that is wrong or missing.
        seq: i64,
        /// Which, and why.
        why: String,
    },
    /// What was asked for cannot be had, or a file that was given is not what it should be.
    #[error("{0}")]
    Unfit(String),
    /// Somebody stopped the verification: it says nothing.
    #[error("the verification was stopped before it was done")]
    Stopped,
    /// Who belongs to the fleet, or what this installation remembers.
    #[error(transparent)]
    Admit(#[from] AdmitError),
    /// The key.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What signing came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// The head.
    pub head: SignedHead,
    /// What it says.
    pub said: TreeHead,
    /// Whether it was new; an unchanged log is not signed again.
    pub is_new: bool,
}

/// What is remembered in the home: the head, and the right edge of its tree to go on from.
#[derive(Serialize, Deserialize)]
struct Remembered {
    head: SignedHead,
    edge: Vec<Digest>,
}

/// Signs the log for one installation.
pub struct Notary {
    store: Arc<dyn Store>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    signed: Kept,
    seen: Kept,
    former: Kept,
}

impl Notary {
    /// For the installation of this gate; `pin` is the path of its pin of the admission log.
    pub fn new(store: Arc<dyn Store>, gate: Arc<Gate>, clock: Arc<dyn Clock>, pin: &Path) -> Self {
        let [signed, seen, former] =
            [SIGNED, SEEN, FORMER].map(|extension| Kept::new(pin.with_extension(extension)));
        Self { store, gate, clock, signed, seen, former }
    }

    /// The heads that this home remembers, whatever the database says: the last that was signed here, and the largest of
    /// others that was found true here. Those of a fleet that the home was part of before are left out.
    ///
    /// # Errors
    /// When the home cannot be read.
    pub fn remembered(&self, fleet: &Fleet) -> Result<Vec<SignedHead>, EvidenceError> {
        let signed: Option<Remembered> = self.signed.load()?;
        let seen: Option<SignedHead> = self.seen.load()?;
        let mut heads: Vec<SignedHead> =
            signed.map(|remembered| remembered.head).into_iter().chain(seen).collect();
        heads.retain(|head| head.believed(fleet).is_ok());
        Ok(heads)
    }

    /// Remembers a head of whomever that was found true here, so that a log that falls behind it is noticed although this
    /// installation never signs: an auditor's.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn remember_seen(&self, head: &SignedHead, fleet: &Fleet) -> Result<(), EvidenceError> {
        let size = |head: &SignedHead| head.believed(fleet).map_or(-1, |said| said.size);
        let _lock = self.seen.lock()?;
        let before: Option<SignedHead> = self.seen.load()?;
        if before.is_none_or(|before| size(&before) < size(head)) {
            self.seen.write(head)?;
        }
        Ok(())
    }

    /// Sets aside what this home remembers, after people have decided to trust the database as it is, e.g. because it was
    /// restored from a backup. It stays in the file `admission.former-heads`; heads that lie elsewhere still tell of what is
    /// missing.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn forget(&self) -> Result<(), EvidenceError> {
        let _lock = self.signed.lock()?;
        let signed: Option<Remembered> = self.signed.load()?;
        let seen: Option<SignedHead> = self.seen.load()?;
        let mut former: Vec<SignedHead> = self.former.load()?.unwrap_or_default();
        former.extend(signed.map(|remembered| remembered.head));
        former.extend(seen);
        if !former.is_empty() {
            self.former.write(&former)?;
        }
        self.signed.remove()?;
        self.seen.remove()?;
        Ok(())
    }

    /// Checks what was appended since this installation signed last, signs the log as it stands now, keeps the head in the
    /// home first and then in the database.
    ///
    /// # Errors
    /// [`EvidenceError::Broken`] when the log does not go on from what was signed here before; then nothing is signed.
    /// [`EvidenceError::Unfit`] when this installation is not one of the fleet.
    pub async fn sign(&self) -> Result<Signed, EvidenceError> {
        self.sign_unless(None).await
    }

    /// The same for a daemon that signs now and then: the head goes into the database only when nobody of the fleet has
    /// signed within this time. What this installation remembers is checked and moved forward in any case.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub async fn sign_now_and_then(&self, every: Span) -> Result<Signed, EvidenceError> {
        self.sign_unless(Some(every)).await
    }

    async fn sign_unless(&self, every: Option<Span>) -> Result<Signed, EvidenceError> {
        let fleet = self.gate.fleet().await?;
        if fleet.member(self.id()).is_none() {
            return Err(EvidenceError::Unfit(
                "this installation is not admitted to the fleet, so its signature would count for nobody; an admitted one \
                 signs"
                    .to_owned(),
            ));
        }
        let before = self.before(&fleet)?;
        let from = before.as_ref().map_or(ChainEnd::EMPTY, |(_, said, _)| said.end());
        let mut work = self.store.read().await?;
        let end = work.audit().verify_behind(from).await?.map_err(broken)?;
        if let Some((head, said, _)) = &before
            && end == said.end()
        {
            return Ok(Signed { head: head.clone(), said: said.clone(), is_new: false });
        }
        let signed_before = before.as_ref().map(|(_, said, _)| said.clone());
        // Without the edge from the beginning; the root must then come out as it was signed.
        let mut frontier = before.and_then(|(_, _, edge)| edge).unwrap_or_default();
        let mut at = i64::try_from(frontier.size()).unwrap_or(i64::MAX);
        while at < end.seq {
            let hashes = work.audit().hashes(at, CHUNK).await?;
            if hashes.is_empty() {
                return Err(broken((at + 1, format!("entry {} is missing", at + 1))));
            }
            let wanted = usize::try_from(end.seq - at).unwrap_or(usize::MAX);
            for hash in hashes.iter().take(wanted) {
                frontier.push(hash);
                at += 1;
                check_passing(&frontier, at, signed_before.as_ref())?;
            }
        }
        drop(work);

        let said = TreeHead {
            format: Format::One,
            fleet: fleet.digest(),
            installation: self.id(),
            size: end.seq,
            root: Digest::from(frontier.root()),
            last: Digest::from(end.hash),
            at: self.clock.now(),
        };
        let head = SignedHead::sign(&said, self.gate.installation())?;
        self.remember_signed(&head, &said, &frontier, &fleet)?;
        let somebody_has = match every {
            Some(every) => self.is_fresh(&fleet, every).await?,
            None => false,
        };
        if !somebody_has {
            let stored = head.stored(said.size);
            store::in_unit!(self.store, work => { work.audit().add_tree_head(&stored).await?; })?;
        }
        Ok(Signed { head, said, is_new: true })
    }

    /// Whether one of the fleet has signed within this time, by a head that is in the database and to be believed.
    async fn is_fresh(&self, fleet: &Fleet, within: Span) -> Result<bool, EvidenceError> {
        let now = self.clock.now();
        let largest = self.store.read().await?.audit().largest_tree_heads(LOOKED_AT).await?;
        let mut believed = largest.iter().filter_map(|stored| {
            SignedHead::of(stored).believed(fleet).ok().filter(|said| said.size == stored.size)
        });
        Ok(believed.any(|said| said.at <= now && said.at + within > now))
    }

    fn id(&self) -> InstallationId {
        self.gate.installation().id()
    }

    /// What was signed here last in this fleet, and the edge of its tree if it leads to the signed root.
    fn before(
        &self,
        fleet: &Fleet,
    ) -> Result<Option<(SignedHead, TreeHead, Option<Frontier>)>, EvidenceError> {
        let Some(Remembered { head, edge }) = self.signed.load::<Remembered>()? else { return Ok(None) };
        let Some(said) = head.believed(fleet).ok().filter(|said| said.installation == self.id()) else {
            return Ok(None);
        };
        let roots: Vec<Hash> = edge.iter().map(|digest| *digest.as_bytes()).collect();
        let edge = u64::try_from(said.size)
            .ok()
            .and_then(|size| Frontier::restore(size, roots))
            .filter(|edge| edge.root() == *said.root.as_bytes());
        Ok(Some((head, said, edge)))
    }

    /// Keeps the larger of what is kept and this.
    fn remember_signed(
        &self,
        head: &SignedHead,
        said: &TreeHead,
        edge: &Frontier,
        fleet: &Fleet,
    ) -> Result<(), EvidenceError> {
        let _lock = self.signed.lock()?;
        if self.before(fleet)?.is_none_or(|(_, before, _)| before.size < said.size) {
            let edge = edge.roots().iter().map(|root| Digest::from(*root)).collect();
            self.signed.write(&Remembered { head: head.clone(), edge })?;
        }
        Ok(())
    }
}

/// Where the tree passes the size that was signed before, its root must be the one that was signed.
fn check_passing(frontier: &Frontier, at: i64, before: Option<&TreeHead>) -> Result<(), EvidenceError> {
    let Some(before) = before.filter(|before| before.size == at) else { return Ok(()) };
    if frontier.root() == *before.root.as_bytes() {
        return Ok(());
    }
    let why =
        format!("one of the entries 1 to {at} is another than the one that was signed here on {}", before.at);
    Err(EvidenceError::Broken { seq: at, why })
}

pub(crate) fn broken((seq, why): (i64, String)) -> EvidenceError {
    EvidenceError::Broken { seq, why }
}
