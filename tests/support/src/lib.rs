//! What every test needs: a clock that stands still until it is told to move, randomness that repeats itself, a store
//! that nobody else uses, and database servers to put stores on. Nothing here is shipped.
#![warn(missing_docs)]

mod clock;
mod entropy;
mod faulty;
mod fresh;
#[cfg(unix)]
mod mariadb;
mod peers;
#[cfg(target_os = "linux")]
mod piv;
mod proxy;
#[cfg(unix)]
mod softhsm;
#[cfg(unix)]
mod tools;

pub use clock::ManualClock;
pub use entropy::SeededEntropy;
pub use faulty::{Failing, Faulty};
pub use fresh::{FreshStore, fresh_store};
#[cfg(unix)]
pub use mariadb::{Account, Database, Galera, MariaDb};
pub use peers::Peers;
#[cfg(target_os = "linux")]
pub use piv::{CardReader, PIV_PIN, PIV_PUK, PivCard, opensc_module};
pub use proxy::Proxy;
#[cfg(unix)]
pub use softhsm::{SOFTHSM_MODULE, SoftHsm};
#[cfg(unix)]
pub use tools::{TokenAgent, system_library};

use std::sync::Arc;

/// Ids that repeat themselves from run to run, stamped by `clock`.
pub fn seeded_ids(clock: &Arc<ManualClock>, seed: u64) -> model::Ids {
    model::Ids::new(Arc::clone(clock) as Arc<dyn model::Clock>, Arc::new(SeededEntropy::new(seed)))
}
