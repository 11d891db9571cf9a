//! Verifies the whole log: the chain, and every head that was signed about it.

use admit::Fleet;
use model::{InstallationId, Timestamp};
use serde::Serialize;
use store::{ChainEnd, PageRequest, Store, Work};

use crate::head::{SignedHead, TreeHead};
use crate::notary::{CHUNK, EvidenceError, broken};
use crate::tree::Frontier;
use crate::watch::{Stage, Watch};

/// What was verified.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Entries; the chain of hashes holds from the first to the last.
    pub entries: i64,
    /// The first so many of them are those that installations of the fleet have signed. Whoever could write the database
    /// could have written those behind them anew.
    pub vouched: i64,
    /// Root of the Merkle tree over all entries, hexadecimal.
    pub root: String,
    /// Signed heads that fit.
    pub heads: u64,
    /// Heads in the database that are not to be believed, and count for nothing.
    pub disregarded: u64,
    /// About the first of those.
    pub disregarded_why: Option<String>,
    /// The newest of each installation, the one that covers most first.
    pub signers: Vec<HeadSigner>,
    /// The head that covers most.
    #[serde(skip)]
    pub largest: Option<SignedHead>,
}

/// Who vouches for the log, and how far.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeadSigner {
    /// Which installation.
    pub installation: InstallationId,
    /// Its name.
    pub name: String,
    /// How many entries its newest head covers.
    pub size: i64,
    /// When it was signed, by the signer's clock.
    pub at: Timestamp,
}

/// Verifies the chain of hashes from the first entry to the last, and every signed head: those of the database, and those
/// `kept` elsewhere (the home of this installation, an auditor's safe).
///
/// # Errors
/// [`EvidenceError::Broken`] names the first entry that is not as it was written or signed; [`EvidenceError::Unfit`] a kept
/// head that is not to be believed.
pub async fn verify(store: &dyn Store, fleet: &Fleet, kept: &[SignedHead]) -> Result<Report, EvidenceError> {
    verify_watched(store, fleet, kept, &Watch::default()).await
}

/// The same while somebody watches.
///
/// # Errors
/// As [`verify`], and [`EvidenceError::Stopped`].
pub async fn verify_watched(
    store: &dyn Store,
    fleet: &Fleet,
    kept: &[SignedHead],
    watch: &Watch,
) -> Result<Report, EvidenceError> {
    let mut work = store.read().await?;
    let end = chain(work.as_mut(), watch).await?;

    let mut heads: Vec<(TreeHead, SignedHead)> = Vec::new();
    for (number, head) in kept.iter().enumerate() {
        let said = head.believed(fleet);
        let said = said.map_err(|why| EvidenceError::Unfit(format!("kept head {}: {why}", number + 1)))?;
        heads.push((said, head.clone()));
    }
    // Whoever may write heads may write nonsense: it must not spoil what the true ones tell.
    let (mut disregarded, mut disregarded_why) = (0, None);
    let mut after = None;
    loop {
        let stored = work.audit().tree_heads(after.as_ref(), CHUNK).await?;
        for one in &stored {
            let head = SignedHead::of(one);
            match head.believed(fleet) {
                Ok(said) => heads.push((said, head)),
                Err(why) => {
                    disregarded += 1;
                    disregarded_why.get_or_insert(why);
                }
            }
        }
        after = stored.into_iter().last();
        if after.is_none() {
            break;
        }
    }
    // The same head from two places stands beside itself, also where several installations signed at the same size.
    heads.sort_by(|(one, a), (other, b)| {
        (one.size, one.at, &a.body, &a.signature).cmp(&(other.size, other.at, &b.body, &b.signature))
    });
    heads.dedup_by(|one, other| one.1 == other.1);
    if let Some((said, _)) = heads.last().filter(|(said, _)| said.size > end.seq) {
        let why = format!(
            "entry {} is missing: {} entries were there when `{}` signed on {}",
            end.seq + 1,
            said.size,
            name(fleet, said.installation),
            said.at
        );
        return Err(broken((end.seq + 1, why)));
    }

    let mut tree = Frontier::default();
    let mut to_fit = heads.as_slice();
    fit(&tree, &mut to_fit, fleet)?;
    let mut read = 0_i64;
    watch.begin(Stage::Heads, end.seq);
    while read < end.seq {
        if watch.is_stopped() {
            return Err(EvidenceError::Stopped);
        }
        let hashes = work.audit().hashes(read, CHUNK).await?;
        if hashes.is_empty() {
            return Err(broken((read + 1, format!("entry {} is missing", read + 1))));
        }
        let wanted = usize::try_from(end.seq - read).unwrap_or(usize::MAX);
        for hash in hashes.iter().take(wanted) {
            tree.push(hash);
            read += 1;
            fit(&tree, &mut to_fit, fleet)?;
        }
        watch.reach(read);
    }
    Ok(Report {
        entries: end.seq,
        vouched: heads.last().map_or(0, |(said, _)| said.size),
        root: hex::encode(tree.root()),
        heads: heads.len() as u64,
        disregarded,
        disregarded_why,
        signers: signers(&heads, fleet),
        largest: heads.pop().map(|(_, head)| head),
    })
}

/// Verifies the chain of hashes alone, where it is not known who may sign; answers how many entries there are.
///
/// # Errors
/// [`EvidenceError::Broken`] names the first entry that does not fit; [`EvidenceError::Stopped`].
pub async fn verify_chain(store: &dyn Store, watch: &Watch) -> Result<i64, EvidenceError> {
    Ok(chain(store.read().await?.as_mut(), watch).await?.seq)
}

async fn chain(work: &mut dyn Work, watch: &Watch) -> Result<ChainEnd, EvidenceError> {
    let newest = work.audit().list(&PageRequest::first(1)).await?.rows;
    watch.begin(Stage::Chain, newest.first().map_or(0, |entry| entry.seq));
    let mut known = ChainEnd::EMPTY;
    loop {
        if watch.is_stopped() {
            return Err(EvidenceError::Stopped);
        }
        let stretch = work.audit().verify_some(known).await?.map_err(broken)?;
        known = stretch.end;
        watch.reach(known.seq);
        if stretch.is_last {
            return Ok(known);
        }
    }
}

/// Compares the heads that cover exactly as much as the tree has now, and leaves those that cover more.
fn fit(tree: &Frontier, heads: &mut &[(TreeHead, SignedHead)], fleet: &Fleet) -> Result<(), EvidenceError> {
    let size = i64::try_from(tree.size()).unwrap_or(i64::MAX);
    while let Some(((head, _), larger)) = heads.split_first().filter(|((head, _), _)| head.size <= size) {
        *heads = larger;
        if *head.root.as_bytes() != tree.root() {
            let why = format!(
                "one of the entries 1 to {size} is another than when `{}` signed them on {}",
                name(fleet, head.installation),
                head.at
            );
            return Err(broken((size, why)));
        }
    }
    Ok(())
}

pub(crate) fn signers(heads: &[(TreeHead, SignedHead)], fleet: &Fleet) -> Vec<HeadSigner> {
    let mut signers: Vec<HeadSigner> = Vec::new();
    for (head, _) in heads.iter().rev() {
        if signers.iter().all(|known| known.installation != head.installation) {
            signers.push(HeadSigner {
                installation: head.installation,
                name: name(fleet, head.installation),
                size: head.size,
                at: head.at,
            });
        }
    }
    signers
}

fn name(fleet: &Fleet, id: InstallationId) -> String {
    fleet.member(id).map_or_else(|| id.to_string(), |member| member.name.clone())
}
