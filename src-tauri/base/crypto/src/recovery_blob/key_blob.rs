//! The private key inside a recovery blob, in any of the forms in which Windows hands keys over.
//!
//! Told apart by their first octets. Errors name form and length and never show what is inside.

use openssl::rsa::Rsa;
use zeroize::Zeroizing;

use super::cng;
use super::rsa::{Numbers, from_primes};
use crate::asn1::{INTEGER, OCTET_STRING, Reader, SEQUENCE};
use crate::error::CryptoError;
use crate::key::PrivateKey;

/// RSA keys that the library can work with at all.
pub(super) const RSA_BITS: std::ops::RangeInclusive<usize> = 512..=16_384;

/// `PRIVATEKEYBLOB`, version 2, two reserved octets.
const CAPI: &[u8] = &[0x07, 0x02, 0, 0];

/// Octets before the numbers of a CAPI blob: `BLOBHEADER` and `RSAPUBKEY`.
const CAPI_HEADER: usize = 20;

pub(super) fn damaged(form: &'static str, length: usize, detail: &str) -> CryptoError {
    CryptoError::Malformed { expected: form, detail: format!("of its {length} octets, {detail}") }
}

/// Reads a key blob.
///
/// # Errors
/// `Malformed` for a damaged one, `Unsupported` for one of another form.
pub(super) fn read(blob: &[u8]) -> Result<PrivateKey, CryptoError> {
    match blob {
        [0x07, 0x02, 0, 0, ..] => capi(blob),
        [b'R', b'S', b'A', b'2' | b'3', ..] => cng::rsa(blob),
        [b'E', b'C', b'K' | b'S', ..] => cng::elliptic(blob),
        [SEQUENCE, ..] => der(blob),
        [OCTET_STRING, ..] => match Reader::only(blob) {
            Ok(inner) if inner.contents.first() != Some(&OCTET_STRING) => read(inner.contents),
            Ok(_) | Err(_) => Err(unknown(blob)),
        },
        _ => Err(unknown(blob)),
    }
}

fn unknown(blob: &[u8]) -> CryptoError {
    CryptoError::Unsupported {
        algorithm: format!("a private key of {} octets in an unknown form", blob.len()),
        hint: "keys of CAPI (PRIVATEKEYBLOB), CNG (RSA, ECDH, ECDSA) and PKCS#8 are read; it may also be a damaged blob",
    }
}

/// Takes octets off the front, never more than there are.
pub(super) struct Cut<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Cut<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// A little-endian number of 32 bits, as all headers of Windows have them.
    pub(super) fn number(&mut self) -> Option<usize> {
        let octets = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(octets)).ok()
    }
}

/// CAPI: little-endian numbers (`openssl rsa -outform MSBLOB` writes the same).
fn capi(blob: &[u8]) -> Result<PrivateKey, CryptoError> {
    const FORM: &str = "a CAPI private key blob";
    let bad = |detail: &str| damaged(FORM, blob.len(), detail);
    let header = || {
        let mut header = Cut { rest: blob.strip_prefix(CAPI)? };
        header.take(4)?; // CALG_RSA_KEYX or CALG_RSA_SIGN
        (header.take(4)? == b"RSA2").then_some(())?;
        Some((header.number()?, header.take(4)?))
    };
    let (bits, exponent) = header().ok_or_else(|| bad("the first do not name an RSA private key"))?;
    if !RSA_BITS.contains(&bits) {
        return Err(bad("the length of the key makes no sense"));
    }
    let (whole, half) = (bits.div_ceil(8), bits.div_ceil(16));
    let mut numbers = Cut { rest: blob.get(CAPI_HEADER..).unwrap_or_default() };
    let mut read = || {
        let (n, p, q) = (numbers.take(whole)?, numbers.take(half)?, numbers.take(half)?);
        // The rest follows from these; that it is there is asked all the same.
        numbers.take(3 * half + whole)?;
        Some((n, p, q))
    };
    let (n, p, q) = read().ok_or_else(|| bad("some are missing at the end"))?;
    if numbers.rest.iter().any(|octet| *octet != 0) {
        return Err(bad("there are too many"));
    }
    let turned = |octets: &[u8]| Zeroizing::new(octets.iter().rev().copied().collect::<Vec<u8>>());
    let numbers = Numbers { n: &turned(n), e: &turned(exponent), p: &turned(p), q: &turned(q) };
    from_primes(&numbers).map_err(|_| bad("the numbers do not belong together"))
}

/// PKCS#8, or the older form of RSA keys (PKCS#1).
fn der(blob: &[u8]) -> Result<PrivateKey, CryptoError> {
    const FORM: &str = "a private key (PKCS#8)";
    let second = || {
        let mut fields = Reader::new(Reader::only(blob).ok()?.contents);
        fields.expect(INTEGER, "the version").ok()?;
        fields.peek()
    };
    match second() {
        Some(SEQUENCE) => PrivateKey::from_pkcs8(blob),
        Some(INTEGER) => {
            let bad = |_| damaged(FORM, blob.len(), "the numbers do not belong together");
            let rsa = Rsa::private_key_from_der(blob).map_err(bad)?;
            PrivateKey::from_pkey(openssl::pkey::PKey::from_rsa(rsa).map_err(bad)?)
        }
        Some(_) | None => Err(damaged(FORM, blob.len(), "the structure cannot be read")),
    }
}
