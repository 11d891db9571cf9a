//! Key blobs of Windows' newer library (CNG, `bcrypt.h`): little-endian headers before big-endian numbers.

use const_oid::ObjectIdentifier;
use openssl::ec::EcKey;
use openssl::pkey::PKey;
use zeroize::Zeroizing;

use super::key_blob::{Cut, RSA_BITS, damaged};
use super::rsa::{Numbers, from_primes};
use crate::asn1::{INTEGER, OCTET_STRING, OID, SEQUENCE, tlv};
use crate::error::CryptoError;
use crate::key::PrivateKey;

const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

const BIT_STRING: u8 = 0x03;

/// `BCRYPT_RSAKEY_BLOB` with the primes (`RSA2`), or with all numbers (`RSA3`).
pub(super) fn rsa(blob: &[u8]) -> Result<PrivateKey, CryptoError> {
    const FORM: &str = "a CNG private key blob (RSA)";
    let bad = |detail: &str| damaged(FORM, blob.len(), detail);
    let is_full = blob.starts_with(b"RSA3");
    let mut cut = Cut { rest: blob.get(4..).unwrap_or_default() };
    let mut sizes = || Some([cut.number()?, cut.number()?, cut.number()?, cut.number()?, cut.number()?]);
    let [bits, e, n, p, q] = sizes().ok_or_else(|| bad("the header is cut off"))?;
    if !RSA_BITS.contains(&bits) || n != bits.div_ceil(8) || e > n || p > n || q > n {
        return Err(bad("the lengths of the numbers make no sense"));
    }
    let mut numbers = || {
        let found = (cut.take(e)?, cut.take(n)?, cut.take(p)?, cut.take(q)?);
        if is_full {
            // Two exponents and the coefficient of the primes, and the private exponent: they follow from the rest.
            cut.take(p + q + p + n)?;
        }
        Some(found)
    };
    let (e, n, p, q) = numbers().ok_or_else(|| bad("some are missing at the end"))?;
    if cut.rest.iter().any(|octet| *octet != 0) {
        return Err(bad("there are too many"));
    }
    from_primes(&Numbers { n, e, p, q }).map_err(|_| bad("the numbers do not belong together"))
}

/// `BCRYPT_ECCKEY_BLOB` with a private key, for ECDH (`ECK`) or ECDSA (`ECS`).
pub(super) fn elliptic(blob: &[u8]) -> Result<PrivateKey, CryptoError> {
    const FORM: &str = "a CNG private key blob (elliptic curve)";
    let bad = |detail: &str| damaged(FORM, blob.len(), detail);
    let (curve, size) = match blob.get(3) {
        Some(b'2') => (P256, 32),
        Some(b'4') => (P384, 48),
        Some(b'6') => (P521, 66),
        Some(b'1' | b'3' | b'5') => return Err(bad("the first say that it is a public key")),
        Some(_) | None => {
            return Err(CryptoError::Unsupported {
                algorithm: format!("an elliptic-curve key blob of {} octets on an unnamed curve", blob.len()),
                hint: "keys on P-256, P-384 and P-521 are read",
            });
        }
    };
    let mut cut = Cut { rest: blob.get(4..).unwrap_or_default() };
    if cut.number() != Some(size) {
        return Err(bad("the length of the numbers makes no sense"));
    }
    let mut numbers = || Some((cut.take(2 * size)?, cut.take(size)?));
    let (point, scalar) = numbers().ok_or_else(|| bad("some are missing at the end"))?;
    if cut.rest.iter().any(|octet| *octet != 0) {
        return Err(bad("there are too many"));
    }
    // ECPrivateKey (RFC 5915), in which a point in front of 4 is not compressed.
    let point = [&[0, 4], point].concat();
    let scalar = Zeroizing::new(tlv(OCTET_STRING, scalar));
    let public = [tlv(0xa0, &tlv(OID, curve.as_bytes())), tlv(0xa1, &tlv(BIT_STRING, &point))].concat();
    let mut fields = Zeroizing::new(Vec::with_capacity(3 + scalar.len() + public.len()));
    fields.extend_from_slice(&[INTEGER, 1, 1]);
    fields.extend_from_slice(&scalar);
    fields.extend_from_slice(&public);
    let der = Zeroizing::new(tlv(SEQUENCE, &fields));
    let read = || {
        let key = EcKey::private_key_from_der(&der)?;
        key.check_key()?;
        PKey::from_ec_key(key)
    };
    PrivateKey::from_pkey(read().map_err(|_| bad("the numbers do not belong together"))?)
}
