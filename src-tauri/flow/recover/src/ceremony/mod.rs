//! Recoveries that more than one person carries: asked for, agreed to by officers, opened by whoever asked.
//!
//! ```text
//!  whoever asks                        each officer, on a machine of his own          whoever asks
//!  ask ── one-time key, signed ──►  grant ── share or content key, sealed to it ──►  open ──► what was wanted
//! ```
//!
//! The guard is in the cryptography where the key was sealed to a quorum: an officer's grant is that officer's share,
//! re-encrypted to the one-time key of this request, and fewer grants than the quorum needs say nothing. Where any one agent
//! can open a key, a grant is the content key, and that it takes several persons is a rule which the programs keep.
//!
//! The database is believed in nothing: the request is signed by the installation of whoever asks, each grant is bound to the
//! request's digest and sealed, and names and times of those who granted stand inside of what is sealed. Each step is on
//! record before it happens; if the record cannot be written, nothing is opened.

mod anew;
mod approve;
mod ask;
mod bundle;
mod carried;
mod desk;
mod different;
mod grant;
mod open;
mod people;
mod request;
mod response;
mod spare;

pub use approve::Granted;
pub use ask::{Openers, Wish};
pub use bundle::{Bundle, Exported, LARGEST_BUNDLE, SealedBundle};
pub use carried::{Carried, Known};
pub use desk::{Desk, KnownAgents, Listed};
pub use open::{Given, Opened};
pub use people::Agreement;
pub use request::{AskedKey, MOST_KEYS, MOST_SEALED_ANEW, Request, Wanted};
pub use response::Imported;
pub use spare::{Awaited, awaited};
