//! An RSA key from its two primes.
//!
//! Blobs carry the private exponent modulo φ(n) or λ(n), with or without the numbers of the Chinese remainder theorem.
//! All of them follow from the primes, so they are computed, and what a blob says about them is not asked.

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use zeroize::Zeroizing;

use crate::asn1::{INTEGER, SEQUENCE, tlv};
use crate::error::CryptoError;
use crate::key::PrivateKey;

/// Modulus, public exponent and primes, big-endian.
pub(super) struct Numbers<'a> {
    pub(super) n: &'a [u8],
    pub(super) e: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
}

/// A secret number; wiped when dropped.
struct Secret(BigNum);

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.clear();
    }
}

impl Secret {
    fn new() -> Result<Self, ErrorStack> {
        let mut number = BigNum::new_secure()?;
        number.set_const_time();
        Ok(Self(number))
    }

    fn of(octets: &[u8]) -> Result<Self, ErrorStack> {
        let mut number = Self::new()?;
        number.0.copy_from_slice(octets)?;
        Ok(number)
    }
}

/// The key.
///
/// # Errors
/// When the numbers do not belong together.
pub(super) fn from_primes(numbers: &Numbers<'_>) -> Result<PrivateKey, CryptoError> {
    let der = pkcs1(numbers).map_err(CryptoError::library("reading an RSA key"))?;
    let der = der.ok_or(CryptoError::Tampered)?;
    let read = || {
        let rsa = Rsa::private_key_from_der(&der)?;
        if rsa.check_key()? { PKey::from_rsa(rsa).map(Some) } else { Ok(None) }
    };
    let key = read().map_err(CryptoError::library("reading an RSA key"))?;
    PrivateKey::from_pkey(key.ok_or(CryptoError::Tampered)?)
}

/// `RSAPrivateKey` (RFC 8017 appendix A.1.2); nothing when the modulus is not the product of the primes.
#[expect(clippy::many_single_char_names, reason = "the names that RFC 8017 gives these numbers")]
fn pkcs1(numbers: &Numbers<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, ErrorStack> {
    let mut context = BigNumContext::new_secure()?;
    let (n, e) = (BigNum::from_slice(numbers.n)?, BigNum::from_slice(numbers.e)?);
    let (p, q) = (Secret::of(numbers.p)?, Secret::of(numbers.q)?);
    let one = BigNum::from_u32(1)?;
    let mut product = Secret::new()?;
    product.0.checked_mul(&p.0, &q.0, &mut context)?;
    if product.0 != n || p.0 <= one || q.0 <= one {
        return Ok(None);
    }
    let (mut p1, mut q1, mut phi) = (Secret::new()?, Secret::new()?, Secret::new()?);
    p1.0.checked_sub(&p.0, &one)?;
    q1.0.checked_sub(&q.0, &one)?;
    phi.0.checked_mul(&p1.0, &q1.0, &mut context)?;
    // λ(n), as OpenSSL makes keys too.
    let (mut common, mut lambda) = (Secret::new()?, Secret::new()?);
    common.0.gcd(&p1.0, &q1.0, &mut context)?;
    lambda.0.checked_div(&phi.0, &common.0, &mut context)?;
    let (mut d, mut dp, mut dq, mut inverse) =
        (Secret::new()?, Secret::new()?, Secret::new()?, Secret::new()?);
    d.0.mod_inverse(&e, &lambda.0, &mut context)?;
    dp.0.nnmod(&d.0, &p1.0, &mut context)?;
    dq.0.nnmod(&d.0, &q1.0, &mut context)?;
    inverse.0.mod_inverse(&q.0, &p.0, &mut context)?;
    let fields: [&BigNumRef; 8] = [&n, &e, &d.0, &p.0, &q.0, &dp.0, &dq.0, &inverse.0];
    // Large enough from the beginning, so that no copy stays behind when it grows.
    let mut sequence = Zeroizing::new(Vec::with_capacity(numbers.n.len() * 5 + 64));
    sequence.extend_from_slice(&[INTEGER, 1, 0]);
    for field in fields {
        sequence.extend_from_slice(&integer(field));
    }
    Ok(Some(Zeroizing::new(tlv(SEQUENCE, &sequence))))
}

/// A positive `INTEGER`.
fn integer(number: &BigNumRef) -> Zeroizing<Vec<u8>> {
    let octets = Zeroizing::new(number.to_vec());
    let mut signed = Zeroizing::new(Vec::with_capacity(octets.len() + 1));
    if octets.first().is_none_or(|first| first & 0x80 != 0) {
        signed.push(0);
    }
    signed.extend_from_slice(&octets);
    Zeroizing::new(tlv(INTEGER, &signed))
}
