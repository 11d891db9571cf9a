//! With what the archive is sealed, for the page.

use api::{AlgorithmLine, ArchiveInventory, SealedToLine, SetOfLine, WireError};
use model::text::printable;

use crate::compose::Program;
use crate::failure::wire_custody;
use crate::inventory::{Counted, name_of, version_of};

/// Counts the archive. Nothing is opened.
pub(super) async fn count(program: &Program) -> Result<ArchiveInventory, WireError> {
    let Counted { inventory, agents, sets, goes_hybrid } =
        Counted::of(program, &mut |_| {}).await.map_err(wire_custody)?;
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let algorithms = inventory.algorithms.iter().map(|(found, count)| AlgorithmLine {
        cipher: found.cipher.clone(),
        wrapped: found.wrapped.clone(),
        count: number(*count),
    });
    let sealed_to = inventory.sealed_to.iter().map(|(sealed, count)| SealedToLine {
        officers: sealed.officers.iter().map(|officer| name_of(*officer, &agents)).collect(),
        quorum: sealed.threshold.unwrap_or(0),
        hybrid: sealed.hybrid,
        set: version_of(sealed, &sets).map(|set| SetOfLine {
            name: printable(&set.name),
            version: u32::try_from(set.version).unwrap_or(u32::MAX),
        }),
        count: number(*count),
    });
    Ok(ArchiveInventory {
        at: program.clock.now().to_string(),
        total: number(inventory.total),
        hybrid: number(inventory.hybrid),
        classic: number(inventory.classic_only),
        unreadable: number(inventory.unreadable),
        goes_hybrid,
        algorithms: algorithms.collect(),
        sealed_to: sealed_to.collect(),
    })
}
