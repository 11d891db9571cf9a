//! To whom archived keys are sealed: sets of recovery agents, signed by their officers and pinned by each installation.
//!
//! ```text
//!  propose ──► sign, by as many officers as the version before needs to open a key ──► in force
//!                                      │
//!   each home: pin ──► verified from there on ──► pin moves forward ──► keys are sealed to it, or to nobody
//! ```
//!
//! The database is believed in nothing. Whether a version is in force is told by the signatures of the version before it,
//! the first by its own officers; and where the chain begins, by what the home has pinned. Whoever writes the database can
//! neither add an agent nor lower a quorum nor bring an old version back. What he can do is to break the chain, and then
//! nothing is archived until somebody has looked.
//!
//! As long as there is neither a signed set nor a pin, the unsigned list of agents serves; `sealwright doctor` says so.
//!
//! No network, no SQL. Nothing here opens archived keys: of a recovery key only its signature is asked.
#![warn(missing_docs)]

mod book;
mod custodian;
mod error;
mod pin;
mod propose;
mod set;
mod status;
mod withdraw;

pub use book::Signer;
pub use custodian::Custody;
pub use error::CustodyError;
pub use pin::{Pin, PinFile};
pub use propose::{Draft, Proposal, Signed};
pub use set::{Candidate, Officer, Policy, SIGNED_PREFIX, SetVersion, officer_name};
pub use status::{Line, Standing, Status, recorded_agents};
pub use withdraw::Withdrawal;
