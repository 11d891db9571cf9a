//! Private keys.

use crypto::{CryptoError, PrivateKey};
use model::KeyAlgorithm;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Verifier;
use proptest::prelude::*;

use crate::support::{WORLD, pkey};

#[test]
fn every_algorithm_gives_a_key_of_its_kind() {
    let algorithms = [
        KeyAlgorithm::Rsa2048,
        KeyAlgorithm::Rsa3072,
        KeyAlgorithm::Rsa4096,
        KeyAlgorithm::P256,
        KeyAlgorithm::P384,
    ];
    for algorithm in algorithms {
        let key = PrivateKey::generate(algorithm).unwrap();
        assert_eq!(key.kind(), algorithm.label());
    }
}

#[test]
fn a_key_survives_pkcs8_and_pem() {
    let key = PrivateKey::generate(KeyAlgorithm::P384).unwrap();
    let again = PrivateKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
    assert_eq!(again.spki_sha256().unwrap(), key.spki_sha256().unwrap());
    let older_form = pkey(&key).ec_key().unwrap().private_key_to_pem().unwrap();
    assert_eq!(PrivateKey::from_pem(&older_form).unwrap().spki_der().unwrap(), key.spki_der().unwrap());
}

#[test]
fn debug_shows_the_kind_of_a_key_and_nothing_else() {
    assert_eq!(format!("{:?}", WORLD.susi.key), "PrivateKey(RSA 2048)");
}

#[test]
fn signatures_verify_under_the_public_half() {
    for key in [&WORLD.susi.key, &WORLD.authority.key] {
        let signature = key.sign_sha256(b"data").unwrap();
        let public = PKey::public_key_from_der(&key.spki_der().unwrap()).unwrap();
        let mut verifier = Verifier::new(MessageDigest::sha256(), &public).unwrap();
        assert!(verifier.verify_oneshot(&signature, b"data").unwrap());
        let mut verifier = Verifier::new(MessageDigest::sha256(), &public).unwrap();
        assert!(!verifier.verify_oneshot(&signature, b"date").unwrap_or(false));
    }
}

#[test]
fn a_certificate_believes_its_own_key_and_no_altered_or_foreign_signature() {
    let signature = WORLD.susi.key.sign_ps256(b"data").unwrap();
    assert!(WORLD.susi.certificate.verifies_ps256(b"data", &signature));
    assert!(!WORLD.susi.certificate.verifies_ps256(b"date", &signature));
    assert!(!WORLD.agents[0].certificate.verifies_ps256(b"data", &signature));
    assert!(!WORLD.authority.certificate.verifies_ps256(b"data", &signature), "not an RSA key");
    for other in [&signature[1..], &[signature.as_slice(), b"\0"].concat(), b""] {
        assert!(!WORLD.susi.certificate.verifies_ps256(b"data", other));
    }
    // The older padding over the same data is another kind of signature.
    let older = WORLD.susi.key.sign_sha256(b"data").unwrap();
    assert!(!WORLD.susi.certificate.verifies_ps256(b"data", &older));
}

#[test]
fn only_rsa_keys_sign_client_assertions() {
    assert_eq!(WORLD.susi.key.sign_ps256(b"header.payload").unwrap().len(), 256);
    let refused = WORLD.authority.key.sign_ps256(b"header.payload").unwrap_err();
    assert!(matches!(refused, CryptoError::Unfit { .. }), "{refused}");
}

#[test]
fn keys_that_cannot_be_used_are_refused_with_what_to_do() {
    let ed25519 = PKey::generate_ed25519().unwrap();
    let refused = PrivateKey::from_pkcs8(&ed25519.private_key_to_pkcs8().unwrap()).unwrap_err();
    assert!(matches!(refused, CryptoError::Unsupported { .. }));
    assert!(refused.to_string().contains("Ed25519"), "{refused}");

    let cipher = openssl::symm::Cipher::aes_128_cbc();
    let locked = pkey(&WORLD.authority.key).private_key_to_pem_pkcs8_passphrase(cipher, b"secret").unwrap();
    let refused = PrivateKey::from_pem(&locked).unwrap_err().to_string();
    assert!(refused.contains("encrypted"), "{refused}");

    let refused = PrivateKey::from_pem(WORLD.susi.certificate.pem().as_bytes()).unwrap_err().to_string();
    assert!(refused.contains("BEGIN PRIVATE KEY"), "{refused}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_that_are_cut_off_or_run_on_are_refused(cut in 0_usize..138, noise in prop::collection::vec(any::<u8>(), 1..20)) {
        let pkcs8 = WORLD.authority.key.to_pkcs8().unwrap();
        prop_assert!(PrivateKey::from_pkcs8(&pkcs8[..cut.min(pkcs8.len() - 1)]).is_err());
        let mut longer = pkcs8.to_vec();
        longer.extend_from_slice(&noise);
        prop_assert!(PrivateKey::from_pkcs8(&longer).is_err());
        prop_assert!(PrivateKey::from_pkcs8(&noise).is_err());
    }
}
