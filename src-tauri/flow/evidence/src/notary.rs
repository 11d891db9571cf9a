//! Signs the log as it stands, as one installation of the fleet, and remembers in its home what it signed.

use std::path::Path;
use std::sync::Arc;

use admit::{AdmitError, Digest, Fleet, Gate, Kept};
use crypto::CryptoError;
use model::{Clock, InstallationId, Span};
use store::{ChainEnd, Store, StoreError, StoredTreeHead};

use crate::head::{SignedHead, TreeHead};
use crate::tree::{Frontier, Hash};

/// Hashes read at once.
pub(crate) const CHUNK: u32 = 5_000;

/// File of the home, beside the pin of the admission log, that remembers the last head signed here.
const EXTENSION: &str = "head";

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
    /// A file that was given is not what it should be.
    #[error("{0}")]
    Unfit(String),
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

/// What is remembered in the home, and in the database with the head.
struct Known {
    head: SignedHead,
    said: TreeHead,
    frontier: Option<Frontier>,
}

/// Signs the log for one installation.
pub struct Notary {
    store: Arc<dyn Store>,
    gate: Arc<Gate>,
    clock: Arc<dyn Clock>,
    kept: Kept,
}

impl Notary {
    /// For the installation of this gate; `pin` is the path of its pin of the admission log.
    pub fn new(store: Arc<dyn Store>, gate: Arc<Gate>, clock: Arc<dyn Clock>, pin: &Path) -> Self {
        Self { store, gate, clock, kept: Kept::new(pin.with_extension(EXTENSION)) }
    }

    /// The last head that was signed here, whatever the database says; `None` when nothing was signed yet, or for another
    /// fleet.
    ///
    /// # Errors
    /// When the home cannot be read.
    pub fn remembered(&self, fleet: &Fleet) -> Result<Option<SignedHead>, EvidenceError> {
        let kept: Option<SignedHead> = self.kept.load()?;
        // One that does not fit belongs to a fleet that this home was part of before.
        Ok(kept.filter(|head| head.believed(fleet).is_ok_and(|said| said.installation == self.id())))
    }

    /// Forgets what was signed here, after people have decided to trust the database as it is, e.g. because it was restored
    /// from a backup. Heads that lie elsewhere still tell of what is missing.
    ///
    /// # Errors
    /// When the home cannot be written.
    pub fn forget(&self) -> Result<(), EvidenceError> {
        let _lock = self.kept.lock()?;
        Ok(self.kept.remove()?)
    }

    /// Whether anybody has signed the log within this time. Then a daemon that signs now and then need not.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_fresh(&self, within: Span) -> Result<bool, EvidenceError> {
        let newest = self.store.read().await?.audit().newest_tree_head_at().await?;
        Ok(newest.is_some_and(|at| at + within > self.clock.now()))
    }

    /// Checks what was appended since this installation signed last, signs the log as it stands now, keeps the head in the
    /// home first and then in the database. What a head covers was checked by whoever signed it.
    ///
    /// # Errors
    /// [`EvidenceError::Broken`] when the log does not go on from what was signed here before; then nothing is signed.
    pub async fn sign(&self) -> Result<Signed, EvidenceError> {
        let fleet = self.gate.fleet().await?;
        let known = self.known(&fleet).await?;
        let from = known.as_ref().map_or(ChainEnd::EMPTY, |known| known.said.end());
        let mut work = self.store.read().await?;
        let end = work.audit().verify_behind(from).await?.map_err(broken)?;
        if let Some(known) = &known
            && end == known.said.end()
        {
            return Ok(Signed { head: known.head.clone(), said: known.said.clone(), is_new: false });
        }
        let mut frontier = match known.and_then(|known| known.frontier) {
            Some(frontier) => frontier,
            // The edge of the tree is not to be had: from the beginning, and the root must come out as it was signed.
            None => Frontier::default(),
        };
        let signed_before = self.kept_said(&fleet)?;
        let mut after = i64::try_from(frontier.size()).unwrap_or(i64::MAX);
        while after < end.seq {
            let hashes = work.audit().hashes(after, CHUNK).await?;
            if hashes.is_empty() {
                return Err(broken((after + 1, format!("entry {} is missing", after + 1))));
            }
            let wanted = usize::try_from(end.seq - after).unwrap_or(usize::MAX);
            for hash in hashes.iter().take(wanted) {
                frontier.push(hash);
                after += 1;
                check_passing(&frontier, after, signed_before.as_ref())?;
            }
        }
        drop(work);

        let said = TreeHead {
            format: crate::head::Format::One,
            fleet: fleet.digest(),
            installation: self.id(),
            size: end.seq,
            root: Digest::from(frontier.root()),
            last: Digest::from(end.hash),
            at: self.clock.now(),
        };
        let head = SignedHead::sign(&said, self.gate.installation())?;
        let stored = StoredTreeHead {
            size: said.size,
            installation: said.installation,
            at: said.at,
            body: head.body.clone(),
            signature: head.signature.clone(),
            frontier: frontier.roots().concat(),
        };
        self.remember(&head, &said, &fleet)?;
        store::in_unit!(self.store, work => { work.audit().add_tree_head(&stored).await?; })?;
        Ok(Signed { head, said, is_new: true })
    }

    fn id(&self) -> InstallationId {
        self.gate.installation().id()
    }

    fn kept_said(&self, fleet: &Fleet) -> Result<Option<TreeHead>, EvidenceError> {
        Ok(self.remembered(fleet)?.and_then(|head| head.read().ok()))
    }

    /// What was signed here last: the home decides, the database only lends the edge of the tree.
    async fn known(&self, fleet: &Fleet) -> Result<Option<Known>, EvidenceError> {
        let Some(head) = self.remembered(fleet)? else { return Ok(None) };
        let said = head.read().map_err(EvidenceError::Unfit)?;
        let stored = self.store.read().await?.audit().newest_tree_head(said.installation).await?;
        let frontier = stored
            .filter(|stored| stored.size == said.size)
            .and_then(|stored| edge(said.size, &stored.frontier))
            .filter(|frontier| frontier.root() == *said.root.as_bytes());
        Ok(Some(Known { head, said, frontier }))
    }

    /// Keeps the larger of what is kept and this.
    fn remember(&self, head: &SignedHead, said: &TreeHead, fleet: &Fleet) -> Result<(), EvidenceError> {
        let _lock = self.kept.lock()?;
        if self.kept_said(fleet)?.is_none_or(|before| before.size < said.size) {
            self.kept.write(head)?;
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

/// The edge of a tree from its octets.
pub(crate) fn edge(size: i64, octets: &[u8]) -> Option<Frontier> {
    let (roots, rest) = octets.as_chunks::<32>();
    let roots: Vec<Hash> = roots.to_vec();
    rest.is_empty().then(|| Frontier::restore(u64::try_from(size).ok()?, roots)).flatten()
}
