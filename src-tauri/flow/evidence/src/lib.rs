//! Evidence: what the audit log can prove about itself, to somebody who believes neither the database nor its administrator.
//!
//! ```text
//!  entry ─ chain of hashes ─► Merkle tree (RFC 6962) ─► root ─► signed by installations: tree heads
//!                                   │                              │
//!                                   ▼                              ▼
//!                        this entry is in it (inclusion)   the log only grew (consistency)
//! ```
//!
//! The chain alone shows a change that was made carelessly: who can write the database can also compute it anew. A tree head
//! is signed with a key that is in no database, by an installation of the fleet, and each installation remembers in its home
//! the last one that it signed. What was rewritten after that, or cut off, no longer fits.
#![warn(missing_docs)]

mod bundle;
mod cover;
mod head;
mod notary;
mod proof;
pub mod tree;
mod verify;
mod watch;

pub use bundle::{Bundle, page};
pub use cover::Cover;
pub use head::{SignedHead, TreeHead};
pub use notary::{EvidenceError, Notary, Signed};
pub use proof::{EntryProof, GrowthProof, Proven};
pub use verify::{HeadSigner, Report, verify, verify_chain, verify_watched};
pub use watch::{Progress, Stage, Watch};
