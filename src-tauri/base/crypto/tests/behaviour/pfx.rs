//! PKCS#12 files.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crypto::pfx::{build, generate_password, open};
use crypto::{CryptoError, PrivateKey};
use model::{Entropy, KeyAlgorithm, PfxProfile, SystemEntropy};
use proptest::prelude::*;

use crate::support::WORLD;

const PASSWORD: &str = "J7vYQ2mW9xTnB4cZ8kLpR5sD1fGhA6eU";

fn written(profile: PfxProfile) -> Vec<u8> {
    let world = &*WORLD;
    let chain = [world.authority.certificate.clone()];
    build(&world.susi.key, &world.susi.certificate, &chain, PASSWORD, profile, "Susi").unwrap().to_vec()
}

#[test]
fn both_profiles_give_back_key_certificate_and_chain() {
    let world = &*WORLD;
    for profile in [PfxProfile::Modern, PfxProfile::Compatible] {
        let opened = open(&written(profile), PASSWORD).unwrap();
        assert_eq!(opened.key.spki_der().unwrap(), world.susi.key.spki_der().unwrap());
        assert_eq!(opened.certificate, world.susi.certificate);
        assert_eq!(opened.chain, std::slice::from_ref(&world.authority.certificate));
    }
}

#[test]
fn the_certificate_itself_in_the_chain_is_written_once() {
    let world = &*WORLD;
    let chain = [world.susi.certificate.clone(), world.authority.certificate.clone()];
    let (key, certificate) = (&world.susi.key, &world.susi.certificate);
    let file = build(key, certificate, &chain, PASSWORD, PfxProfile::Modern, "Susi").unwrap();
    assert_eq!(open(&file, PASSWORD).unwrap().chain, std::slice::from_ref(&world.authority.certificate));
}

#[test]
fn a_friendly_name_of_any_characters_keeps_nobody_from_their_key() {
    let (key, certificate) = (&WORLD.susi.key, &WORLD.susi.certificate);
    for name in ["", "Paula 🎉", "🎉", "Weiß-Żółć 李 عبد", "\u{0}a\u{1}\u{ffff}", &"Ä".repeat(1_000)]
    {
        for profile in [PfxProfile::Modern, PfxProfile::Compatible] {
            let file = build(key, certificate, &[], PASSWORD, profile, name).unwrap();
            assert_eq!(open(&file, PASSWORD).unwrap().certificate, *certificate, "{name:?}");
        }
    }
}

#[test]
fn the_chain_comes_back_from_issuer_to_root_in_whatever_order_it_was_written() {
    let world = &*WORLD;
    let issuing = world.authority.issue("Issuing", 60, PrivateKey::generate(KeyAlgorithm::P256).unwrap());
    let person = issuing.issue("Person", 61, PrivateKey::generate(KeyAlgorithm::P256).unwrap());
    let (root, issuing) = (world.authority.certificate.clone(), issuing.certificate);
    let stranger = world.agents[0].certificate.clone();
    for written in [[&issuing, &root, &stranger], [&stranger, &root, &issuing], [&root, &stranger, &issuing]]
    {
        let chain = written.map(Clone::clone);
        let file = build(&person.key, &person.certificate, &chain, PASSWORD, PfxProfile::Modern, "").unwrap();
        let opened = open(&file, PASSWORD).unwrap();
        assert_eq!(opened.chain, [issuing.clone(), root.clone(), stranger.clone()]);
    }
}

#[test]
fn the_profiles_use_the_algorithms_they_are_named_for() {
    const PBES2: &str = "06092a864886f70d01050d";
    const PBKDF2_HMAC_SHA256: &str = "06082a864886f70d0209";
    const AES_256_CBC: &str = "060960864801650304012a";
    const TRIPLE_DES: &str = "060a2a864886f70d010c0103";
    const SHA1: &str = "06052b0e03021a";
    const SHA256: &str = "0609608648016503040201";
    const ANY_RC2: [&str; 2] = ["060a2a864886f70d010c0105", "060a2a864886f70d010c0106"];
    let (modern, compatible) =
        (hex::encode(written(PfxProfile::Modern)), hex::encode(written(PfxProfile::Compatible)));
    // The certificates' bag names its encryption in the clear; the key's bag lies in a bag in the clear.
    for oid in [PBES2, PBKDF2_HMAC_SHA256, AES_256_CBC] {
        assert_eq!(modern.matches(oid).count(), 2, "{oid}");
        assert_eq!(compatible.matches(oid).count(), 0, "{oid}");
    }
    assert_eq!(compatible.matches(TRIPLE_DES).count(), 2);
    assert_eq!(modern.matches(TRIPLE_DES).count(), 0);
    // The digest of the MAC; PBES2 names SHA-256 only within HMAC.
    assert_eq!([modern.matches(SHA256).count(), modern.matches(SHA1).count()], [1, 0]);
    assert_eq!([compatible.matches(SHA256).count(), compatible.matches(SHA1).count()], [0, 1]);
    for oid in ANY_RC2 {
        assert_eq!(modern.matches(oid).count() + compatible.matches(oid).count(), 0);
    }
}

#[test]
fn a_wrong_password_is_told_apart_from_a_damaged_file() {
    for profile in [PfxProfile::Modern, PfxProfile::Compatible] {
        let file = written(profile);
        for wrong in ["", "secret", "with\0nul"] {
            assert!(matches!(open(&file, wrong), Err(CryptoError::WrongPassword { .. })), "{wrong:?}");
        }
        let refused = open(&file[..file.len() - 7], PASSWORD).unwrap_err();
        assert!(matches!(refused, CryptoError::Malformed { .. }), "{refused}");
        assert!(refused.to_string().contains("cut off"), "{refused}");
    }
}

#[test]
fn other_files_are_refused_with_what_they_are() {
    let base64_text = b"MIIKcwIBAzCCCh0GCSqGSIb3DQEHAaCCCg4Egg";
    for (bytes, reason) in [
        (&b"\n<!DOCTYPE html><html>Sign in to continue</html>"[..], "web page"),
        (WORLD.susi.certificate.pem().as_bytes(), "PEM"),
        (base64_text, "base64"),
        (b"", "empty"),
        (b"PK\x03\x04", "another kind of file"),
        (WORLD.susi.certificate.der(), "structure"),
    ] {
        let refused = open(bytes, PASSWORD).unwrap_err();
        assert!(matches!(refused, CryptoError::Malformed { .. }), "{refused}");
        assert!(refused.to_string().contains(reason), "{refused}");
    }
}

#[test]
fn a_certificate_of_another_key_is_not_written() {
    let world = &*WORLD;
    let stranger = &world.agents[0].certificate;
    let refused = build(&world.susi.key, stranger, &[], PASSWORD, PfxProfile::Modern, "").unwrap_err();
    assert!(refused.to_string().contains("another private key"), "{refused}");
}

#[test]
fn passwords_that_readers_disagree_on_are_not_written() {
    let world = &*WORLD;
    for password in ["", "geheim-für-Jürgen-und-niemanden-sonst", "with\0nul"] {
        let refused =
            build(&world.susi.key, &world.susi.certificate, &[], password, PfxProfile::Modern, "Susi");
        assert!(matches!(refused, Err(CryptoError::Unfit { .. })), "{password:?}");
    }
}

#[test]
fn short_passwords_are_stretched_and_generated_ones_are_not() {
    let world = &*WORLD;
    let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
    let person = world.authority.issue("Person", 40, key);
    let rounds = |password: &str| {
        let file =
            build(&person.key, &person.certificate, &[], password, PfxProfile::Modern, "Person").unwrap();
        assert_eq!(open(&file, password).unwrap().certificate, person.certificate);
        hex::encode(&*file)
    };
    // INTEGER 2048 and INTEGER 600000, as key derivation and MAC write them.
    assert_eq!(rounds(PASSWORD).matches("02020800").count(), 3);
    assert_eq!(rounds("correct horse").matches("0203 0927c0".replace(' ', "").as_str()).count(), 3);
}

#[test]
fn generated_passwords_are_30_letters_and_digits_without_favourites() {
    let mut counts = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..2_000 {
        let password = generate_password(&SystemEntropy);
        assert_eq!(password.len(), 30);
        for character in password.chars() {
            *counts.entry(character).or_insert(0_u32) += 1;
        }
        assert!(seen.insert(password.to_string()), "a password came twice");
    }
    assert!(counts.keys().all(char::is_ascii_alphanumeric));
    assert_eq!(counts.len(), 62);
    // 60,000 characters, 968 of each expected with a deviation of 31; a plain remainder would favour eight
    // by a quarter.
    for (character, count) in counts {
        assert!((780..1_160).contains(&count), "`{character}` came {count} times");
    }
}

/// Gives the same octets again and again.
struct Repeating(Mutex<std::iter::Cycle<std::vec::IntoIter<u8>>>);

impl Entropy for Repeating {
    fn fill(&self, out: &mut [u8]) {
        let mut octets = self.0.lock().unwrap();
        out.fill_with(|| octets.next().unwrap());
    }
}

#[test]
fn octets_that_would_favour_some_letters_are_thrown_away() {
    let entropy = Repeating(Mutex::new(vec![248, 255, 61, 62].into_iter().cycle()));
    assert_eq!(*generate_password(&entropy), "9A".repeat(15));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn altered_cut_off_and_invented_files_never_stop_the_program(at: usize, octet: u8, cut: usize, noise: Vec<u8>) {
        let file = written(PfxProfile::Modern);
        prop_assert!(open(&file[..cut % file.len()], PASSWORD).is_err());
        prop_assert!(open(&noise, PASSWORD).is_err());
        // Past the outer header and before the MAC's rounds, which an alteration could raise beyond patience.
        let mut altered = file.clone();
        let at = 100 + at % (file.len() - 300);
        altered[at] = octet;
        prop_assert_eq!(open(&altered, PASSWORD).is_ok(), altered == file);
    }
}
