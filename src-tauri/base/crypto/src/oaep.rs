//! Takes the padding of RSAES-OAEP off (RFC 8017 section 7.1.2), for cards that do the bare RSA operation and no more.
//!
//! What the card returns is secret until the padding was found whole. Therefore nothing here branches on it, indexes by
//! it or ends early because of it; one decision falls at the end, and every failure is the one error
//! [`CryptoError::Tampered`]. Who could tell a wrong first octet from a wrong hash would have an oracle (Manger, 2001).

use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

use crate::envelope::KeyEncryption;
use crate::error::CryptoError;

/// Takes the padding off `encoded`, the result of the bare RSA operation with a modulus of `modulus_octets`, under an
/// empty label. Leading zeros that a device left out are put back.
///
/// # Errors
/// `Unsupported` when `algorithm` is no OAEP; `Tampered` for everything else.
pub fn unpad(
    algorithm: KeyEncryption,
    encoded: &[u8],
    modulus_octets: usize,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    match algorithm {
        KeyEncryption::OaepSha256 => {
            unpad_with::<32>(encoded, modulus_octets, |seed, mask| mgf1(seed, mask, sha256), sha256)
        }
        KeyEncryption::OaepSha1 => {
            unpad_with::<20>(encoded, modulus_octets, |seed, mask| mgf1(seed, mask, sha1), sha1)
        }
        KeyEncryption::Pkcs1 => Err(CryptoError::Unsupported {
            algorithm: algorithm.label().to_owned(),
            hint: "this padding is taken off by the device that holds the key, or not at all",
        }),
    }
}

fn sha256(pieces: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece);
    }
    Zeroizing::new(hash.finalize().into())
}

fn sha1(pieces: &[&[u8]]) -> Zeroizing<[u8; 20]> {
    let mut hash = Sha1::new();
    for piece in pieces {
        hash.update(piece);
    }
    Zeroizing::new(hash.finalize().into())
}

/// XORs the mask of MGF1 (RFC 8017 appendix B.2.1) onto `masked`.
fn mgf1<const HASH: usize>(seed: &[u8], masked: &mut [u8], hash: fn(&[&[u8]]) -> Zeroizing<[u8; HASH]>) {
    for (counter, chunk) in (0_u32..).zip(masked.chunks_mut(HASH)) {
        let mask = hash(&[seed, &counter.to_be_bytes()]);
        chunk.iter_mut().zip(mask.iter()).for_each(|(octet, mask)| *octet ^= mask);
    }
}

fn unpad_with<const HASH: usize>(
    encoded: &[u8],
    modulus_octets: usize,
    mask: impl Fn(&[u8], &mut [u8]),
    hash: fn(&[&[u8]]) -> Zeroizing<[u8; HASH]>,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    // Both lengths are public: one is that of the key, the other the device's habit.
    if encoded.len() > modulus_octets || modulus_octets < 2 * HASH + 2 {
        return Err(CryptoError::Tampered);
    }
    let mut whole = Zeroizing::new(vec![0; modulus_octets]);
    whole[modulus_octets - encoded.len()..].copy_from_slice(encoded);

    let (first, masked) = whole.split_at_mut(1);
    let (seed, block) = masked.split_at_mut(HASH);
    mask(block, seed);
    mask(seed, block);

    let (label, rest) = block.split_at(HASH);
    let mut whole_padding = first[0].ct_eq(&0) & label.ct_eq(&*hash(&[]));
    // Zeros, one octet 01, then the message: every octet is looked at, whatever it is.
    let mut looking = Choice::from(1);
    let mut found = 0_u32;
    for (at, octet) in (0_u32..).zip(rest) {
        let (is_zero, is_one) = (octet.ct_eq(&0), octet.ct_eq(&1));
        found.conditional_assign(&at, looking & is_one);
        whole_padding &= !looking | is_zero | is_one;
        looking &= !is_one;
    }
    whole_padding &= !looking;

    // The one decision. Only when the padding is whole does the length of the message matter, and then it is no secret:
    // the envelope says which cipher the key is for.
    if !bool::from(whole_padding) {
        return Err(CryptoError::Tampered);
    }
    let begin = usize::try_from(found).map_err(|_| CryptoError::Tampered)? + 1;
    Ok(Zeroizing::new(rest[begin..].to_vec()))
}

#[cfg(test)]
#[path = "oaep_tests.rs"]
mod tests;
