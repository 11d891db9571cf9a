//! The signing bench of the built-in authority: certificates and revocation lists (RFC 5280).
//!
//! Everything that goes into an artefact is handed in: names, times, serial numbers, addresses. The bench decides what a
//! profile may contain and refuses the rest with a sentence; it keeps no books (that is the authority's ledger) and it
//! never certifies a name that its field cannot hold. Usages follow the S/MIME Baseline Requirements and RFC 5280.

mod authority;
mod crl;
mod leaf;
mod mail;
mod names;
mod organization;
mod signing;

pub use authority::{
    AuthoritySubject, issuing_certificate, officer_certificate, recovery_agent_certificate, root_certificate,
};
pub use crl::{CrlContents, RevokedSerial, crl, read_crl};
pub use leaf::{LeafOrder, PublicKeyKind, check_public_key, leaf_certificate, longest_validity};
pub use names::check_names;
pub use signing::Issuer;

use model::{Entropy, SerialNumber, Span, Timestamp};

use crate::error::CryptoError;

/// From when until when a certificate is valid. Both ends belong to it (RFC 5280 section 4.1.2.5); whole seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Validity {
    /// First moment.
    pub not_before: Timestamp,
    /// Last moment.
    pub not_after: Timestamp,
}

impl Validity {
    /// `length` beginning at `not_before`: the last second is the one before the next period would begin.
    pub fn lasting(not_before: Timestamp, length: Span) -> Self {
        Self { not_before, not_after: not_before + length - Span::seconds(1) }
    }
}

/// Where the world finds what belongs to an issuer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuerAddresses {
    /// The issuer's revocation list, an `http:` address.
    pub crl: String,
    /// The issuer's own certificate (DER), an `http:` address.
    pub certificate: String,
}

/// A fresh serial number: 17 octets, positive, 128 of its bits unpredictable (RFC 5280 section 4.1.2.2).
pub fn serial_number(entropy: &dyn Entropy) -> SerialNumber {
    let mut octets = [0_u8; 17];
    entropy.fill(&mut octets[1..]);
    // A fixed first octet keeps the number positive and its length constant.
    octets[0] = 0x53;
    SerialNumber::from_be_bytes(&octets)
}

fn unfit(what: impl Into<String>, why: impl Into<String>) -> CryptoError {
    CryptoError::Unfit { what: what.into(), why: why.into() }
}
