//! What every test needs: a clock that stands still until it is told to move, randomness that repeats itself, and a
//! store that nobody else uses. Nothing here is shipped.
#![warn(missing_docs)]

mod clock;
mod entropy;
mod fresh;

pub use clock::ManualClock;
pub use entropy::SeededEntropy;
pub use fresh::{FreshStore, fresh_store};

use std::sync::Arc;

/// Ids that repeat themselves from run to run, stamped by `clock`.
pub fn seeded_ids(clock: &Arc<ManualClock>, seed: u64) -> model::Ids {
    model::Ids::new(Arc::clone(clock) as Arc<dyn model::Clock>, Arc::new(SeededEntropy::new(seed)))
}
