//! Public keys of Intune connectors.

use crypto::{ConnectorKey, CryptoError, PrivateKey};
use model::KeyAlgorithm;
use openssl::bn::BigNum;
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::{Padding, Rsa};
use proptest::prelude::*;

use crate::support::{WORLD, pkey};

fn blob(magic: [u8; 4], fields: [u32; 5], parts: &[&[u8]]) -> Vec<u8> {
    let mut blob = magic.to_vec();
    for field in fields {
        blob.extend_from_slice(&field.to_le_bytes());
    }
    blob.extend(parts.concat());
    blob
}

fn modulus() -> Vec<u8> {
    pkey(&WORLD.susi.key).rsa().unwrap().n().to_vec()
}

#[test]
fn blob_pem_and_certificate_of_one_key_have_one_fingerprint() {
    let world = &*WORLD;
    let pem = pkey(&world.susi.key).public_key_to_pem().unwrap();
    let from_pem = ConnectorKey::read(&pem).unwrap();
    let exported = blob(*b"RSA1", [2048, 3, 256, 0, 0], &[&[1, 0, 1], &modulus()]);

    assert_eq!(exported.len(), 283);
    assert!(hex::encode(&exported).starts_with("525341310008000003000000000100000000000000000000010001"));
    assert_eq!(from_pem.to_cng_blob(), exported);

    let expected = hex::encode(world.susi.key.spki_sha256().unwrap());
    let certificate = &world.susi.certificate;
    for file in [&pem[..], &exported, certificate.der(), certificate.pem().as_bytes(), from_pem.spki_der()] {
        assert_eq!(ConnectorKey::read(file).unwrap().fingerprint(), expected);
    }
}

#[test]
fn blobs_with_private_parts_or_the_wrong_length_are_refused() {
    let (exponent, modulus) = ([1, 0, 1], modulus());
    let reasons = [
        (blob(*b"RSA2", [2048, 3, 256, 128, 128], &[&exponent, &modulus, &[1; 256]]), "private key"),
        (blob(*b"RSA3", [2048, 3, 256, 128, 128], &[&exponent, &modulus, &[1; 256]]), "private key"),
        (blob(*b"RSA1", [2048, 3, 256, 128, 128], &[&exponent, &modulus, &[1; 256]]), "private key"),
        (blob(*b"RSA1", [2048, 3, 256, 0, 0], &[&exponent, &modulus[1..]]), "cut off"),
        (blob(*b"RSA1", [2048, 3, 256, 0, 0], &[&exponent, &modulus, &[0]]), "too long"),
        (blob(*b"RSA1", [2048, 3, 256, 0, 0], &[])[..20].to_vec(), "cut off"),
        (blob(*b"RSA1", [3072, 3, 256, 0, 0], &[&exponent, &modulus]), "another size"),
        (blob(*b"RSA1", [2048, u32::MAX, u32::MAX, 0, 0], &[&exponent, &modulus]), "cut off"),
        (blob(*b"ECK1", [32, 0, 0, 0, 0], &[]), "Export-IntunePublicKey"),
        (pkey(&WORLD.susi.key).private_key_to_pem_pkcs8().unwrap(), "private key"),
        (b"<html></html>".to_vec(), "Export-IntunePublicKey"),
        (Vec::new(), "Export-IntunePublicKey"),
    ];
    for (file, reason) in reasons {
        let refused = ConnectorKey::read(&file).unwrap_err();
        assert!(matches!(refused, CryptoError::Malformed { .. }), "{refused}");
        assert!(refused.to_string().contains(reason), "expected `{reason}`: {refused}");
    }
}

#[test]
fn keys_of_another_kind_strength_or_exponent_are_refused() {
    let curve = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let short = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    let three =
        Rsa::from_public_components(BigNum::from_slice(&modulus()).unwrap(), BigNum::from_u32(3).unwrap());
    let three = PKey::from_rsa(three.unwrap()).unwrap();
    for (spki, reason) in [
        (curve.spki_der().unwrap(), "RSA"),
        (short.public_key_to_der().unwrap(), "1024 bits"),
        (three.public_key_to_der().unwrap(), "65537"),
    ] {
        let refused = ConnectorKey::read(&spki).unwrap_err();
        assert!(matches!(refused, CryptoError::Unfit { .. }), "{refused}");
        assert!(refused.to_string().contains(reason), "{refused}");
    }
}

#[test]
fn passwords_of_up_to_126_ascii_characters_are_encrypted() {
    let key = ConnectorKey::read(WORLD.susi.certificate.der()).unwrap();
    let private = pkey(&WORLD.susi.key);
    for length in [1, 32, 126] {
        let password = "pA55".repeat(32)[..length].to_owned();
        let encrypted = key.encrypt_password(&password).unwrap();
        let mut decrypter = Decrypter::new(&private).unwrap();
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
        decrypter.set_rsa_oaep_md(MessageDigest::sha512()).unwrap();
        decrypter.set_rsa_mgf1_md(MessageDigest::sha512()).unwrap();
        let mut out = vec![0; decrypter.decrypt_len(&encrypted).unwrap()];
        let size = decrypter.decrypt(&encrypted, &mut out).unwrap();
        assert_eq!(&out[..size], password.as_bytes());
    }
    for (password, reason) in
        [("x".repeat(127), "at most 126"), ("pässword".to_owned(), "ASCII"), (String::new(), "empty")]
    {
        let refused = key.encrypt_password(&password).unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
        assert!(password.is_empty() || !refused.contains(&password), "the password is in the error");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_off_and_invented_files_are_refused(cut in 0_usize..283, noise: Vec<u8>, tail in prop::collection::vec(any::<u8>(), 1..9)) {
        let blob = ConnectorKey::read(WORLD.susi.certificate.der()).unwrap().to_cng_blob();
        prop_assert!(ConnectorKey::read(&blob[..cut]).is_err());
        prop_assert!(ConnectorKey::read(&noise).is_err());
        prop_assert!(ConnectorKey::read(&[b"RSA1", &noise[..]].concat()).is_err());
        prop_assert!(ConnectorKey::read(&[&blob[..], &tail[..]].concat()).is_err());
    }
}
