//! Who belongs to the fleet of installations that share a database, and what is sealed to them.
//!
//! ```text
//!  found ──► ask ──► admit ──► remove        each an entry of the log: signed by one who was in,
//!    │        │        │         │           chained to the entry before it
//!    └────────┴────────┴────┬────┘
//!                         reseal             every secret to exactly those who are in
//! ```
//!
//! The database is believed in nothing. Whether an installation is admitted is told by the signed log alone, and each
//! installation pins in its home what it has seen of the log: whoever writes the database can neither admit himself nor
//! bring a removed installation back. What he can do is to break the log, and everybody then says which entry is
//! broken and refuses to go on.
//!
//! No network, no SQL. Nothing here opens archived keys.
#![warn(missing_docs)]

pub mod context;
mod error;
mod fingerprint;
mod fleet;
mod found;
mod gate;
mod installation;
mod kept;
mod pin;
mod reseal;
mod secret;
mod seen;
mod statement;
mod status;

pub use error::AdmitError;
pub use fingerprint::{Digest, Fingerprint, installation_id};
pub use fleet::{Fleet, Former, Member};
pub use found::Trusted;
pub use gate::{About, Asked, Gate};
pub use installation::Installation;
pub use kept::Kept;
pub use pin::{Pin, PinFile};
pub use reseal::{Exposure, Resealed};
pub use status::{Standing, Status, Waiting};
