//! Envelopes for elliptic-curve agents, opened and made by OpenSSL's command line and by Bouncy Castle.

use crypto::CryptoError;
use crypto::PrivateKey;
use crypto::agree::{AgreedKey, KeyDerivation, KeyWrap};
use crypto::open::{Envelope, WrappedKey, open};
use crypto::seal::seal;
use model::KeyAlgorithm;

use crate::programs::Bench;
use crate::support::{Identity, WORLD, pkey};

const SECRET: &[u8] = b"the private key of Susi Sorglos, as PKCS#8 \x00\r\n\xff";
const CURVES: [(&str, KeyAlgorithm); 2] = [("p256", KeyAlgorithm::P256), ("p384", KeyAlgorithm::P384)];

/// An agent on the curve, with files for the programs.
fn agent(bench: &Bench, name: &str, algorithm: KeyAlgorithm, serial: u32) -> Identity {
    let agent = WORLD.authority.issue(name, serial, PrivateKey::generate(algorithm).unwrap());
    bench.write(&format!("{name}.pem"), agent.certificate.pem());
    bench.write(&format!("{name}.der"), agent.certificate.der());
    bench.write(&format!("{name}.key"), pkey(&agent.key).private_key_to_pem_pkcs8().unwrap());
    bench.write(&format!("{name}.pk8"), &*agent.key.to_pkcs8().unwrap());
    agent
}

fn agreed(envelope: &[u8], agent: &Identity) -> AgreedKey {
    match &Envelope::parse(envelope).unwrap().recipient_for(&agent.certificate).unwrap().wrapped {
        WrappedKey::Agreement(agreed) => agreed.clone(),
        other @ (WrappedKey::Transport { .. } | WrappedKey::Hybrid(_)) => {
            panic!("not by agreement: {other:?}")
        }
    }
}

#[test]
fn openssl_and_bouncy_castle_open_what_is_sealed_to_both_curves_and_to_rsa_at_once() {
    let bench = Bench::new();
    let curves: Vec<Identity> =
        (40..).zip(CURVES).map(|(serial, (name, curve))| agent(&bench, name, curve, serial)).collect();
    let outsider = agent(&bench, "outsider", KeyAlgorithm::P256, 49);
    let rsa = &WORLD.agents[0];
    let mut recipients: Vec<_> = curves.iter().map(|agent| agent.certificate.clone()).collect();
    recipients.push(rsa.certificate.clone());
    let sealed = seal(SECRET, &recipients).unwrap();
    bench.write("sealed", &sealed);
    let mut altered = sealed.clone();
    let at = altered.len() - 18 - 5;
    altered[at] ^= 1;
    bench.write("altered", altered);

    let decrypt = |envelope: &str, agent: &str| {
        bench.openssl(&format!(
            "cms -decrypt -binary -inform DER -in {envelope} -recip {agent}.pem -inkey {agent}.key"
        ))
    };
    for (name, _) in CURVES {
        assert_eq!(decrypt("sealed", name).unwrap(), SECRET, "{name}");
        decrypt("altered", name).unwrap_err();
    }
    decrypt("sealed", "outsider").unwrap_err();
    let work = ["p256", "p384"].map(|name| format!("open-agreed sealed {name}.der {name}.pk8 {name}.out"));
    let mut work = work.to_vec();
    work.push("open-agreed altered p256.der p256.pk8 wrong.out".to_owned());
    bench.write("curves", seal(SECRET, &recipients[..2]).unwrap());
    work.push("canonical curves".to_owned());
    let answers = bench.bouncy_castle(&work);
    assert_eq!(answers[..2], ["opened", "opened"], "{answers:?}");
    assert!(answers[2].starts_with("refused"), "{answers:?}");
    assert_eq!(answers[3], "canonical");
    for (name, _) in CURVES {
        assert_eq!(bench.read(&format!("{name}.out")), SECRET, "{name}");
    }
    // Bouncy Castle puts recipients of both kinds in an order of its own; OpenSSL writes them as they are here.
    let rewritten = bench.openssl("cms -cmsout -inform DER -outform DER -in sealed").unwrap();
    assert_eq!(rewritten, sealed);
    // And ourselves, each by the own key only.
    for agent in curves.iter().chain([rsa]) {
        assert_eq!(&**open(&sealed, &agent.key, &agent.certificate).unwrap(), SECRET);
    }
    let refused = open(&sealed, &outsider.key, &outsider.certificate).unwrap_err();
    assert!(matches!(refused, CryptoError::NotARecipient { .. }), "{refused}");
}

#[test]
fn what_openssl_seals_to_a_curve_is_opened_by_the_derivation_that_the_envelope_names() {
    let bench = Bench::new();
    bench.write("secret", SECRET);
    let ways = [
        ("-aes256", KeyDerivation::Sha1, KeyWrap::Aes256, false),
        ("-aes128", KeyDerivation::Sha1, KeyWrap::Aes128, false),
        ("-aes-256-gcm -keyopt ecdh_kdf_md:sha256", KeyDerivation::Sha256, KeyWrap::Aes256, true),
        ("-aes256 -keyopt ecdh_kdf_md:sha384", KeyDerivation::Sha384, KeyWrap::Aes256, false),
        ("-aes256 -keyid", KeyDerivation::Sha1, KeyWrap::Aes256, false),
    ];
    for (serial, (name, curve)) in (40..).zip(CURVES) {
        let agent = agent(&bench, name, curve, serial);
        for (options, derivation, wrap, authenticated) in ways {
            // The agent comes after -keyid and before -keyopt.
            let (before, after) = options
                .split_once(" -keyopt")
                .map_or((options, String::new()), |(a, b)| (a, format!("-keyopt{b}")));
            bench
                .openssl(&format!("cms -encrypt -binary -in secret -outform DER -out made {before} -recip {name}.pem {after}"))
                .unwrap();
            let made = bench.read("made");
            let found = agreed(&made, &agent);
            assert_eq!((found.derivation, found.wrap), (derivation, wrap), "{name} {options}");
            assert_eq!(Envelope::parse(&made).unwrap().is_authenticated(), authenticated);
            assert_eq!(&**open(&made, &agent.key, &agent.certificate).unwrap(), SECRET, "{name} {options}");
        }
        // A derivation that is not opened here is named as the reason.
        bench
            .openssl(&format!(
                "cms -encrypt -binary -in secret -outform DER -out made -aes256 -recip {name}.pem -keyopt ecdh_kdf_md:sha512"
            ))
            .unwrap();
        let refused = open(&bench.read("made"), &agent.key, &agent.certificate).unwrap_err();
        assert!(refused.to_string().contains("not supported here"), "{refused}");
    }
}

#[test]
fn user_keying_material_goes_into_the_derivation() {
    let bench = Bench::new();
    bench.write("secret", SECRET);
    let agent = agent(&bench, "p256", KeyAlgorithm::P256, 40);
    let other = self::agent(&bench, "second", KeyAlgorithm::P256, 41);
    let work = ["with", "without"].map(|ukm| format!("agree {ukm} p256.der second.der secret {ukm}.out"));
    assert_eq!(bench.bouncy_castle(&work), ["sealed", "sealed"]);
    let (with, without) = (bench.read("with.out"), bench.read("without.out"));
    for made in [&with, &without] {
        // Two recipients share one agreement of the sender's.
        assert_eq!(Envelope::parse(made).unwrap().recipients().len(), 2);
        for agent in [&agent, &other] {
            assert_eq!(&**open(made, &agent.key, &agent.certificate).unwrap(), SECRET);
        }
    }
    assert!(agreed(&with, &agent).shared_info.len() > agreed(&without, &agent).shared_info.len() + 16);
}

#[test]
fn an_altered_agreement_is_tampering_whatever_was_altered() {
    let bench = Bench::new();
    let agent = agent(&bench, "p256", KeyAlgorithm::P256, 40);
    let sealed = seal(SECRET, std::slice::from_ref(&agent.certificate)).unwrap();
    let found = agreed(&sealed, &agent);
    let unwrap =
        |altered: AgreedKey| crypto::open::unwrap_content_key(&WrappedKey::Agreement(altered), &agent.key);
    assert_eq!(unwrap(found.clone()).unwrap().len(), 32);
    let cut = |bytes: &[u8], by: usize| bytes[..bytes.len() - by].to_vec();
    let flipped = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    let altered = [
        AgreedKey { point: flipped(&found.point, 5), ..found.clone() },
        AgreedKey { point: flipped(&found.point, 64), ..found.clone() },
        AgreedKey { point: cut(&found.point, 1), ..found.clone() },
        AgreedKey { point: vec![0], ..found.clone() },
        AgreedKey { point: Vec::new(), ..found.clone() },
        AgreedKey { derivation: KeyDerivation::Sha1, ..found.clone() },
        AgreedKey { wrap: KeyWrap::Aes128, ..found.clone() },
        AgreedKey { shared_info: flipped(&found.shared_info, 3), ..found.clone() },
        AgreedKey { encrypted_key: flipped(&found.encrypted_key, 0), ..found.clone() },
        AgreedKey { encrypted_key: cut(&found.encrypted_key, 8), ..found.clone() },
        AgreedKey { encrypted_key: cut(&found.encrypted_key, 1), ..found.clone() },
        AgreedKey { encrypted_key: cut(&found.encrypted_key, 32), ..found.clone() },
        AgreedKey { encrypted_key: vec![0; 4_096], ..found.clone() },
        AgreedKey { encrypted_key: Vec::new(), ..found.clone() },
    ];
    for (number, altered) in altered.into_iter().enumerate() {
        assert!(matches!(unwrap(altered), Err(CryptoError::Tampered)), "alteration {number}");
    }
    // A card is handed only points of its own curve.
    let elsewhere = self::agent(&bench, "p384", KeyAlgorithm::P384, 41);
    let point = crypto::agree::peer_point(&found, &agent.certificate).unwrap();
    assert_eq!(point, found.point);
    let refused = crypto::agree::peer_point(&found, &elsewhere.certificate);
    assert!(matches!(refused, Err(CryptoError::Tampered)));
    let off = AgreedKey { point: flipped(&found.point, 64), ..found };
    assert!(matches!(crypto::agree::peer_point(&off, &agent.certificate), Err(CryptoError::Tampered)));
}
