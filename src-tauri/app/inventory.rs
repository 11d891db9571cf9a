//! The archive counted, with the names of officers and sets that belong to it: for command line and console.

use custody::{CustodyError, SetVersion};
use model::text::printable;
use model::{Kra, Thumbprint};
use recover::inventory::{Inventory, SealedTo};
use store::Store as _;

use crate::compose::Program;

/// What was counted, and what tells whose it is.
pub(crate) struct Counted {
    /// The archive.
    pub(crate) inventory: Inventory,
    /// Everybody who was ever named as a recovery agent.
    pub(crate) agents: Vec<Kra>,
    /// All versions that can be read.
    pub(crate) sets: Vec<SetVersion>,
    /// Whether the set in force seals to ML-KEM keys as well.
    pub(crate) goes_hybrid: bool,
}

impl Counted {
    /// Reads the archive, page by page. `progress` is told how many were seen.
    ///
    /// # Errors
    /// When database or pin cannot be read; on servers only recovery agents' logins may read envelopes.
    pub(crate) async fn of(
        program: &Program,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Self, CustodyError> {
        let status = program.custody.status().await?;
        let sets: Vec<SetVersion> = status.lines.into_iter().filter_map(|line| line.set).collect();
        let agents = custody::recorded_agents(program.store.read().await?.as_mut()).await?;
        let inventory = Inventory::take(program.store.as_ref(), progress).await?;
        let goes_hybrid = status.in_force.ok().flatten().is_some_and(|set| set.is_hybrid());
        Ok(Self { inventory, agents, sets, goes_hybrid })
    }
}

/// The newest version of a set with these officers that seals so.
pub(crate) fn version_of<'a>(sealed: &SealedTo, sets: &'a [SetVersion]) -> Option<&'a SetVersion> {
    sets.iter().rev().find(|set| {
        let mut officers: Vec<Thumbprint> =
            set.officers.iter().map(|officer| officer.certificate.thumbprint()).collect();
        officers.sort_unstable();
        officers == sealed.officers
            && set.policy.threshold() == sealed.threshold
            && set.is_hybrid() == sealed.hybrid
    })
}

/// The name of a recovery agent, or the thumbprint where there is none.
pub(crate) fn name_of(thumbprint: Thumbprint, agents: &[Kra]) -> String {
    let known = agents.iter().find(|agent| agent.thumbprint == thumbprint);
    known.map_or_else(|| thumbprint.to_string(), |agent| printable(&agent.name))
}
