//! What authorities say about certificates after their issue: revocation lists (RFC 5280 section 5) and answers of OCSP
//! responders (RFC 6960).
//!
//! Nothing is believed that the certificate's own issuer, or a responder that it named for this, did not sign; nor what is
//! out of date. Lists that speak of some certificates or reasons only are refused where that cannot be told from one that
//! speaks of all: what such a list leaves out is not *good*.

mod list;
mod ocsp;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc6960::ID_PKIX_OCSP;
use model::{RevocationReason, Span, Standing, Timestamp};

pub use self::list::{Edition, RevocationList};
pub use self::ocsp::{NONCE_OCTETS, ocsp_answer, ocsp_question};
use crate::asn1::{self, Element, Flaw, Reader};
use crate::certificate::X509Certificate;

const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 0x1f];
const AUTHORITY_INFO_ACCESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.1");

/// Identifier octet of the URI alternative of `GeneralName` (RFC 5280 section 4.2.1.6).
const URI: u8 = 0x86;

/// How far an authority's clock may differ from ours.
const TOLERANCE: Span = Span::minutes(10);
/// Addresses of one certificate that are read; real ones name one or two.
const MOST_ADDRESSES: usize = 8;

/// Where a certificate says that its status can be had.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StatusAddresses {
    /// Of revocation lists that its issuer signs, for all reasons.
    pub lists: Vec<String>,
    /// Of OCSP responders.
    pub responders: Vec<String>,
}

/// The addresses in a certificate; none where it names none, or where they cannot be read.
pub fn status_addresses(certificate: &X509Certificate) -> StatusAddresses {
    StatusAddresses {
        lists: lists_of(certificate).unwrap_or_default(),
        responders: responders_of(certificate).unwrap_or_default(),
    }
}

fn lists_of(certificate: &X509Certificate) -> Result<Vec<String>, Flaw> {
    let Some(value) = certificate.extension(CRL_DISTRIBUTION_POINTS) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut points = Reader::new(Reader::only(value)?.contents);
    while !points.is_at_end() {
        let mut point = Reader::new(points.expect(asn1::SEQUENCE, "a distribution point")?.contents);
        let name = point.optional(0xa0)?;
        // Lists for some reasons only, or by another issuer, say nothing of what they leave out.
        if let Some(name) = name.filter(|_| point.is_at_end()) {
            found.extend(uris_of_point(name)?);
        }
    }
    found.truncate(MOST_ADDRESSES);
    Ok(found)
}

/// The addresses in a `DistributionPointName`; none where it is relative to the issuer.
fn uris_of_point(name: Element<'_>) -> Result<Vec<String>, Flaw> {
    let Some(full) = Reader::new(name.contents).optional(0xa0)? else { return Ok(Vec::new()) };
    let mut names = Reader::new(full.contents);
    let mut found = Vec::new();
    while !names.is_at_end() {
        let one = names.next_element()?;
        if one.tag == URI {
            found.push(String::from_utf8_lossy(one.contents).into_owned());
        }
    }
    Ok(found)
}

fn responders_of(certificate: &X509Certificate) -> Result<Vec<String>, Flaw> {
    let Some(value) = certificate.extension(AUTHORITY_INFO_ACCESS.as_bytes()) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut accesses = Reader::new(Reader::only(value)?.contents);
    while !accesses.is_at_end() {
        let mut access = Reader::new(accesses.expect(asn1::SEQUENCE, "an access")?.contents);
        let method = access.expect(asn1::OID, "an access method")?;
        let place = access.next_element()?;
        if method.contents == ID_PKIX_OCSP.as_bytes() && place.tag == URI {
            found.push(String::from_utf8_lossy(place.contents).into_owned());
        }
    }
    found.truncate(MOST_ADDRESSES);
    Ok(found)
}

/// Reasons that no subscriber's certificate can have are told as none.
fn revoked(at: Timestamp, code: Option<i64>) -> Standing {
    let reason = code.and_then(|code| u8::try_from(code).ok()).and_then(RevocationReason::from_code);
    match reason {
        Some(RevocationReason::CertificateHold) => Standing::Held(at),
        reason => Standing::Revoked(at, reason.unwrap_or(RevocationReason::Unspecified)),
    }
}

fn in_force(said_at: Timestamp, until: Timestamp, now: Timestamp) -> Result<(), String> {
    if said_at > now + TOLERANCE {
        return Err(format!("it is of {said_at}, which is in the future: compare the clocks"));
    }
    if until + TOLERANCE <= now {
        return Err(format!("it ended on {until}, and its authority has given no newer one there"));
    }
    Ok(())
}
