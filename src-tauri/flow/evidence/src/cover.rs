//! Who signed lately, and how far: cheap enough to be shown whenever somebody looks.

use admit::Fleet;
use store::Store;

use crate::head::{SignedHead, TreeHead};
use crate::notary::EvidenceError;
use crate::verify::{HeadSigner, signers};

/// How many of the largest heads are looked at.
const LOOKED_AT: u32 = 100;

/// Who vouches for the log. That the heads fit is for [`crate::verify()`] to say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cover {
    /// The newest head of each installation that signed lately, the one that covers most first.
    pub signers: Vec<HeadSigner>,
    /// So many of the first entries are under a head.
    pub entries: i64,
}

impl Cover {
    /// Reads the largest heads of the database, and those that are `remembered` elsewhere.
    ///
    /// # Errors
    /// The database's.
    pub async fn read(
        store: &dyn Store,
        fleet: &Fleet,
        remembered: &[SignedHead],
    ) -> Result<Self, EvidenceError> {
        let stored = store.read().await?.audit().largest_tree_heads(LOOKED_AT).await?;
        let mut heads: Vec<(TreeHead, SignedHead)> = stored
            .iter()
            .map(SignedHead::of)
            .chain(remembered.iter().cloned())
            .filter_map(|head| head.believed(fleet).ok().map(|said| (said, head)))
            .collect();
        heads.sort_by_key(|(said, _)| said.size);
        let entries = heads.last().map_or(0, |(said, _)| said.size);
        Ok(Self { signers: signers(&heads, fleet), entries })
    }
}
