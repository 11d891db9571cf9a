//! Verifies the whole log: the chain, and every head that was ever signed about it.

use admit::Fleet;
use model::{InstallationId, Timestamp};
use serde::Serialize;
use store::{ChainEnd, Store};

use crate::head::{SignedHead, TreeHead};
use crate::notary::{CHUNK, EvidenceError, broken};
use crate::tree::Frontier;

/// What was verified.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Entries, each as it was written.
    pub entries: i64,
    /// Root of the Merkle tree over all of them, hexadecimal.
    pub root: String,
    /// Signed heads that fit.
    pub heads: u64,
    /// The newest of each installation, the one that covers most first.
    pub signers: Vec<HeadSigner>,
    /// Entries behind the last that a head covers: whoever could write the database could still have written these.
    pub unsigned: i64,
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
/// [`EvidenceError::Broken`] names the first entry that is not as it was written, or the head that does not fit.
pub async fn verify(store: &dyn Store, fleet: &Fleet, kept: &[SignedHead]) -> Result<Report, EvidenceError> {
    let mut work = store.read().await?;
    let end = work.audit().verify_behind(ChainEnd::EMPTY).await?.map_err(broken)?;

    let mut heads = Vec::new();
    for (number, head) in kept.iter().enumerate() {
        let said = head.believed(fleet);
        heads.push(said.map_err(|why| EvidenceError::Unfit(format!("kept head {}: {why}", number + 1)))?);
    }
    let mut after = None;
    loop {
        let stored = work.audit().tree_heads(after, CHUNK).await?;
        let Some(last) = stored.last() else { break };
        after = Some((last.size, last.installation));
        for one in &stored {
            let signed = SignedHead { body: one.body.clone(), signature: one.signature.clone() };
            let of = |why: String| {
                let name = fleet
                    .member(one.installation)
                    .map_or_else(|| one.installation.to_string(), |m| m.name.clone());
                broken((one.size, format!("the tree head of `{name}` over {} entries: {why}", one.size)))
            };
            let said = signed.believed(fleet).map_err(of)?;
            if (said.size, said.installation) != (one.size, one.installation) {
                return Err(of("it stands in another's place".to_owned()));
            }
            heads.push(said);
        }
    }
    heads.sort_by_key(|head| head.size);
    if let Some(head) = heads.last().filter(|head| head.size > end.seq) {
        let why = format!(
            "entry {} is missing: {} entries were there when `{}` signed on {}",
            end.seq + 1,
            head.size,
            name(fleet, head.installation),
            head.at
        );
        return Err(broken((end.seq + 1, why)));
    }

    let mut frontier = Frontier::default();
    let mut to_fit = heads.iter().peekable();
    fit(&frontier, &mut to_fit, fleet)?;
    let mut read = 0_i64;
    while read < end.seq {
        let hashes = work.audit().hashes(read, CHUNK).await?;
        if hashes.is_empty() {
            return Err(broken((read + 1, format!("entry {} is missing", read + 1))));
        }
        for hash in hashes {
            frontier.push(&hash);
            read += 1;
            fit(&frontier, &mut to_fit, fleet)?;
        }
    }
    Ok(Report {
        entries: end.seq,
        root: hex::encode(frontier.root()),
        heads: heads.len() as u64,
        unsigned: end.seq - heads.last().map_or(0, |head| head.size),
        signers: signers(&heads, fleet),
    })
}

/// Compares the heads that cover exactly as much as the tree has now.
fn fit<'a>(
    tree: &Frontier,
    heads: &mut std::iter::Peekable<impl Iterator<Item = &'a TreeHead>>,
    fleet: &Fleet,
) -> Result<(), EvidenceError> {
    let size = i64::try_from(tree.size()).unwrap_or(i64::MAX);
    while let Some(head) = heads.next_if(|head| head.size <= size) {
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

fn signers(heads: &[TreeHead], fleet: &Fleet) -> Vec<HeadSigner> {
    let mut signers: Vec<HeadSigner> = Vec::new();
    for head in heads.iter().rev() {
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
    let member = fleet.member(id).or_else(|| fleet.former(id).map(|former| &former.member));
    member.map_or_else(|| id.to_string(), |member| member.name.clone())
}
