//! What an authority says about a certificate after its issue.

use crate::revocation::RevocationReason;
use crate::time::Timestamp;

/// An authority's word on one certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuthorityWord {
    /// What it says.
    pub standing: Standing,
    /// When it was said (`thisUpdate`).
    pub said_at: Timestamp,
}

/// How a certificate stands at its authority.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Neither revoked nor on hold.
    Good,
    /// On hold since.
    Held(Timestamp),
    /// Revoked, when and why.
    Revoked(Timestamp, RevocationReason),
    /// Whoever was asked does not know it.
    Unknown,
}
