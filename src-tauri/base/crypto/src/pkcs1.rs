//! Takes the padding of RSAES-PKCS1-v1_5 off (RFC 8017 section 7.2.2), for places that do the bare RSA operation.
//!
//! As in [`crate::oaep`] nothing here branches on what is secret, indexes by it or ends early because of it; one decision
//! falls at the end, and every failure is the one error [`CryptoError::Tampered`]. With this padding more depends on it: who
//! could tell a whole padding from a broken one could decrypt anything by asking often enough (Bleichenbacher, 1998).

use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeGreater as _};
use zeroize::Zeroizing;

use crate::error::CryptoError;

/// Two octets before the padding, one behind it.
const AROUND: usize = 3;
const SHORTEST_PADDING: u32 = 8;

/// Takes the padding off `encoded`, the result of the bare RSA operation with a modulus of `modulus_octets`. Leading zeros
/// that a device left out are put back.
///
/// # Errors
/// `Tampered` whatever the cause.
pub fn unpad(encoded: &[u8], modulus_octets: usize) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    // Both lengths are public: one is that of the key, the other the device's habit.
    let smallest = AROUND + SHORTEST_PADDING as usize;
    if encoded.len() > modulus_octets || modulus_octets < smallest {
        return Err(CryptoError::Tampered);
    }
    let mut whole = Zeroizing::new(vec![0; modulus_octets]);
    whole[modulus_octets - encoded.len()..].copy_from_slice(encoded);

    let (start, rest) = whole.split_at(2);
    let mut whole_padding = start[0].ct_eq(&0) & start[1].ct_eq(&2);
    // Octets that are not zero, one zero, then the message: every octet is looked at, whatever it is.
    let mut looking = Choice::from(1);
    let mut found = 0_u32;
    for (at, octet) in (0_u32..).zip(rest) {
        let is_zero = octet.ct_eq(&0);
        found.conditional_assign(&at, looking & is_zero);
        looking &= !is_zero;
    }
    whole_padding &= !looking & !SHORTEST_PADDING.ct_gt(&found);

    // The one decision. Only when the padding is whole does the length of the message matter, and then it is no secret:
    // the envelope says which cipher the key is for.
    if !bool::from(whole_padding) {
        return Err(CryptoError::Tampered);
    }
    let begin = usize::try_from(found).map_err(|_| CryptoError::Tampered)? + 1;
    Ok(Zeroizing::new(rest[begin..].to_vec()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn padded(message: &[u8], modulus_octets: usize) -> Vec<u8> {
        let mut block = vec![0, 2];
        block.extend((AROUND..modulus_octets - message.len()).map(|at| u8::try_from(at % 255 + 1).unwrap()));
        block.push(0);
        block.extend_from_slice(message);
        block
    }

    proptest! {
        #[test]
        fn what_was_padded_comes_back(message in proptest::collection::vec(any::<u8>(), 0..=117)) {
            let block = padded(&message, 128);
            prop_assert_eq!(&*unpad(&block, 128).unwrap(), &message);
            // A device that leaves the leading zero out.
            prop_assert_eq!(&*unpad(&block[1..], 128).unwrap(), &message);
        }

        #[test]
        fn a_padding_that_is_bent_before_the_message_gives_no_message_or_a_longer_one(
            at in 0_usize..100, flip in 1_u8..=255
        ) {
            let mut block = padded(&[7; 24], 128);
            block[at] ^= flip;
            match unpad(&block, 128) {
                Err(error) => prop_assert!(matches!(error, CryptoError::Tampered)),
                Ok(message) => {
                    // The two leading octets and the end of the padding were left alone; a zero that came into the padding
                    // behind its eighth octet ends it early, and what begins there is longer than the message.
                    prop_assert!(at >= 2);
                    prop_assert!(message.len() == 24 || block[at] == 0 && message.len() > 24);
                }
            }
        }
    }

    #[test]
    fn every_flaw_is_the_same_error() {
        let whole = padded(b"content key", 64);
        let bent = |at: usize, octet: u8| {
            let mut block = whole.clone();
            block[at] = octet;
            block
        };
        let cases = [
            ("a first octet that is not zero", bent(0, 1)),
            ("the type of a signature", bent(1, 1)),
            ("seven octets of padding", bent(9, 0)),
            ("no end", [vec![0, 2], vec![1; 62]].concat()),
            ("longer than the modulus", [vec![0], whole.clone()].concat()),
            ("nothing", Vec::new()),
        ];
        for (what, block) in cases {
            assert!(matches!(unpad(&block, 64).unwrap_err(), CryptoError::Tampered), "{what}");
        }
        assert_eq!(unpad(&bent(10, 0), 64).unwrap().len(), 64 - 11, "eight octets of padding are enough");
        assert!(
            matches!(unpad(&[], 8).unwrap_err(), CryptoError::Tampered),
            "a modulus too short for any padding"
        );
    }
}
