//! Secrets wrapped under a key that rests elsewhere.

use crypto::CryptoError;
use crypto::wrap::{MARK, WrappingKey, fingerprint_of, is_wrapped};

const PURPOSE: &str = "database password";

#[test]
fn a_wrapped_secret_opens_for_its_own_purpose_and_for_no_other() {
    let key = WrappingKey::generate().unwrap();
    for secret in [b"".as_slice(), b"s3cr3t", &[7; 5_000]] {
        let wrapped = key.wrap(PURPOSE, secret).unwrap();
        assert_eq!(&**key.unwrap(PURPOSE, &wrapped).unwrap(), secret);
        for other in ["", "database", "database password ", "installation key"] {
            assert!(matches!(key.unwrap(other, &wrapped), Err(CryptoError::Tampered)), "`{other}`");
        }
    }
}

#[test]
fn the_same_secret_never_looks_the_same_twice() {
    let key = WrappingKey::generate().unwrap();
    let (first, second) = (key.wrap(PURPOSE, b"s3cr3t").unwrap(), key.wrap(PURPOSE, b"s3cr3t").unwrap());
    assert_ne!(first, second);
    assert!(!first.windows(6).any(|window| window == b"s3cr3t"));
}

#[test]
fn a_key_that_comes_back_from_its_keeper_is_the_same_key() {
    let key = WrappingKey::generate().unwrap();
    let wrapped = key.wrap(PURPOSE, b"s3cr3t").unwrap();
    let again = WrappingKey::from_bytes(key.expose()).unwrap();
    assert_eq!(again.fingerprint(), key.fingerprint());
    assert_eq!(&**again.unwrap(PURPOSE, &wrapped).unwrap(), b"s3cr3t");
    for wrong in [0, 16, 31, 33, 64] {
        assert!(WrappingKey::from_bytes(&vec![1; wrong]).is_err(), "{wrong} octets are no key");
    }
}

#[test]
fn another_key_is_told_from_altered_octets() {
    let (key, other) = (WrappingKey::generate().unwrap(), WrappingKey::generate().unwrap());
    let wrapped = key.wrap(PURPOSE, b"s3cr3t").unwrap();
    assert_eq!(fingerprint_of(&wrapped).unwrap(), key.fingerprint());
    let refused = other.unwrap(PURPOSE, &wrapped).err().unwrap();
    assert!(matches!(refused, CryptoError::Unfit { .. }), "{refused}");
    assert!(refused.to_string().contains(&key.fingerprint()), "{refused}");
    // Every octet after the fingerprint counts.
    for at in MARK.len() + 16..wrapped.len() {
        let mut altered = wrapped.clone();
        altered[at] ^= 1;
        assert!(matches!(key.unwrap(PURPOSE, &altered), Err(CryptoError::Tampered)), "octet {at}");
    }
}

#[test]
fn a_wrapped_secret_that_is_cut_short_never_opens() {
    let key = WrappingKey::generate().unwrap();
    let wrapped = key.wrap(PURPOSE, b"s3cr3t").unwrap();
    assert!(is_wrapped(&wrapped) && !is_wrapped(b"s3cr3t"));
    for length in 0..wrapped.len() {
        assert!(key.unwrap(PURPOSE, &wrapped[..length]).is_err(), "{length} octets");
    }
}
