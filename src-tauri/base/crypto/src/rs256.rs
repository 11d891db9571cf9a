//! Signatures by keys that are known by their two numbers only, as a JSON Web Key tells them (RFC 7517, RFC 7518).

use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sign::Verifier;

/// Keys below this many bits verify nothing.
const MINIMUM_BITS: u32 = 2_048;

/// Whether `signature` over `message` is `RS256` by the RSA key of these numbers (big-endian). `false` for keys that are too
/// short, and for whatever is no key or no signature.
pub fn verifies(modulus: &[u8], exponent: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let verify = || -> Result<bool, ErrorStack> {
        let rsa = Rsa::from_public_components(BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?)?;
        let key = PKey::from_rsa(rsa)?;
        if key.bits() < MINIMUM_BITS {
            return Ok(false);
        }
        Verifier::new(MessageDigest::sha256(), &key)?.verify_oneshot(signature, message)
    };
    // A signature of another shape is an error to the library and no signature to everybody else.
    verify().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bits: u32) -> (PKey<openssl::pkey::Private>, Vec<u8>, Vec<u8>) {
        let rsa = Rsa::generate(bits).unwrap();
        let (modulus, exponent) = (rsa.n().to_vec(), rsa.e().to_vec());
        (PKey::from_rsa(rsa).unwrap(), modulus, exponent)
    }

    fn signed(key: &PKey<openssl::pkey::Private>, message: &[u8]) -> Vec<u8> {
        let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), key).unwrap();
        signer.sign_oneshot_to_vec(message).unwrap()
    }

    #[test]
    fn the_right_signature_verifies_and_nothing_else_does() {
        let (key, modulus, exponent) = numbers(2_048);
        let good = signed(&key, b"message");
        assert!(verifies(&modulus, &exponent, b"message", &good));
        let (other, ..) = numbers(2_048);
        let mut bent = good.clone();
        bent[17] ^= 1;
        for (message, signature) in [
            (b"massage".as_slice(), good.as_slice()),
            (b"message", &bent),
            (b"message", &good[1..]),
            (b"message", b""),
            (b"message", &signed(&other, b"message")),
        ] {
            assert!(!verifies(&modulus, &exponent, message, signature));
        }
        assert!(!verifies(&[], &exponent, b"message", &good));
        assert!(!verifies(&modulus, &[], b"message", &good));
    }

    #[test]
    fn short_keys_verify_nothing() {
        let (key, modulus, exponent) = numbers(1_024);
        assert!(!verifies(&modulus, &exponent, b"message", &signed(&key, b"message")));
    }
}
