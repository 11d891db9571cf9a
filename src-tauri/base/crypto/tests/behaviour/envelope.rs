//! Sealing and opening.

use crypto::open::{Envelope, KeyEncryption, RecipientIdentifier, WrappedKey, open, unwrap_content_key};
use crypto::seal::seal;
use crypto::{CryptoError, PrivateKey};
use model::KeyAlgorithm;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use proptest::prelude::*;

use crate::support::{Identity, WORLD, certify, pkey};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sealed_to_some_agents_is_opened_by_each_of_them(
        size in prop_oneof![0_usize..64, 0_usize..=65_536],
        count in 1_usize..=4,
        filling: u8,
    ) {
        let world = &*WORLD;
        let plaintext: Vec<u8> = (0..size).map(|at| filling.wrapping_add(at.to_le_bytes()[0])).collect();
        let envelope = seal(&plaintext, &world.agent_certificates(count)).unwrap();
        for (index, agent) in world.agents.iter().enumerate() {
            match open(&envelope, &agent.key, &agent.certificate) {
                Ok(opened) => {
                    prop_assert!(index < count);
                    prop_assert_eq!(&*opened, &plaintext);
                }
                Err(CryptoError::NotARecipient { .. }) => prop_assert!(index >= count),
                Err(other) => prop_assert!(false, "agent {} of {}: {}", index, count, other),
            }
        }
    }

    #[test]
    fn envelopes_that_are_cut_off_or_invented_are_refused(cut in 0_usize..700, noise: Vec<u8>) {
        let world = &*WORLD;
        let envelope = seal(b"a private key", &world.agent_certificates(2)).unwrap();
        let cut = cut.min(envelope.len() - 1);
        prop_assert!(Envelope::parse(&envelope[..cut]).is_err());
        prop_assert!(Envelope::parse(&noise).is_err());
        let mut longer = envelope;
        longer.extend_from_slice(&noise);
        prop_assert_eq!(Envelope::parse(&longer).is_ok(), noise.is_empty());
    }
}

#[test]
fn a_flipped_bit_anywhere_never_opens_to_something_else() {
    let world = &*WORLD;
    let (agent, plaintext) = (&world.agents[0], b"the private key of Susi Sorglos");
    let envelope = seal(plaintext, &world.agent_certificates(2)).unwrap();
    let mut tampered = 0;
    for at in 0..envelope.len() {
        let mut altered = envelope.clone();
        altered[at] ^= 1 << (at % 8);
        match open(&altered, &agent.key, &agent.certificate) {
            // What only concerns the other agent may change without harm.
            Ok(opened) => assert_eq!(&*opened, plaintext, "octet {at}"),
            Err(CryptoError::Tampered) => tampered += 1,
            Err(_) => {}
        }
    }
    // At least the agent's own encrypted content key, the nonce, the ciphertext and the tag.
    assert!(tampered >= 256 + 12 + plaintext.len() + 16, "only {tampered} alterations were called tampering");
}

/// The envelope with its tag cut to `size` octets and the tag's length in the parameters set to `named`.
fn with_tag(envelope: &[u8], size: usize, named: u8) -> Vec<u8> {
    let mut altered = envelope.to_vec();
    let removed = 16 - size;
    altered.truncate(altered.len() - removed);
    let tag_header = altered.len() - size - 2;
    assert_eq!(altered[tag_header..tag_header + 2], [0x04, 0x10]);
    altered[tag_header + 1] = u8::try_from(size).unwrap();
    // ContentInfo, its content [0], AuthEnvelopedData: three lengths of two octets, the first two with the
    // type between.
    for at in [2, 19, 23] {
        let length = u16::from_be_bytes([altered[at], altered[at + 1]]) - u16::try_from(removed).unwrap();
        altered[at..at + 2].copy_from_slice(&length.to_be_bytes());
    }
    let parameter = altered.windows(4).rposition(|window| window == [0x02, 0x01, 0x10, 0x80]).unwrap();
    altered[parameter + 2] = named;
    altered
}

#[test]
fn a_tag_too_short_to_prove_anything_is_not_believed() {
    let world = &*WORLD;
    let agent = &world.agents[0];
    let envelope = seal(b"secret", &world.agent_certificates(1)).unwrap();
    assert_eq!(with_tag(&envelope, 16, 16), envelope);
    assert_eq!(&**open(&with_tag(&envelope, 12, 12), &agent.key, &agent.certificate).unwrap(), b"secret");
    for (size, named) in [(0, 0), (1, 1), (4, 4), (8, 8), (11, 11), (12, 16), (16, 12), (1, 16)] {
        let refused = open(&with_tag(&envelope, size, named), &agent.key, &agent.certificate).unwrap_err();
        assert!(matches!(refused, CryptoError::Malformed { .. }), "{size} octets, named {named}: {refused}");
    }
}

#[test]
fn another_agent_is_told_who_can_open_the_envelope() {
    let world = &*WORLD;
    let envelope = seal(b"secret", &world.agent_certificates(2)).unwrap();
    let outsider = &world.agents[2];
    let refused = open(&envelope, &outsider.key, &outsider.certificate).unwrap_err().to_string();
    assert!(refused.contains("CN=Agent 12"), "{refused}");
    assert!(refused.contains("serial 0a of CN=Test Authority"), "{refused}");
    assert!(refused.contains("serial 0b of CN=Test Authority"), "{refused}");
}

#[test]
fn a_recipient_is_known_by_issuer_and_serial_number_together() {
    let world = &*WORLD;
    let envelope = Envelope::parse(&seal(b"secret", &world.agent_certificates(1)).unwrap()).unwrap();
    let key = pkey(&world.agents[0].key);
    let authority_key = world.authority.key.clone();
    let other_authority = Identity {
        certificate: certify("Other Authority", 1, &pkey(&authority_key), None),
        key: authority_key,
    };
    let other_issuer = certify("Agent 10", 10, &key, Some(&other_authority));
    let other_serial = certify("Agent 10", 11, &key, Some(&world.authority));
    let reissued = certify("Agent 10", 10, &key, Some(&world.authority));
    assert!(envelope.recipient_for(&other_issuer).is_none());
    assert!(envelope.recipient_for(&other_serial).is_none());
    assert!(envelope.recipient_for(&reissued).is_some());
}

#[test]
fn a_key_that_is_not_that_of_the_certificate_is_refused_before_anything_is_decrypted() {
    let world = &*WORLD;
    let envelope = seal(b"secret", &world.agent_certificates(1)).unwrap();
    let refused = open(&envelope, &world.agents[1].key, &world.agents[0].certificate);
    assert!(matches!(refused, Err(CryptoError::Unfit { .. })), "{refused:?}");
}

#[test]
fn opening_can_be_split_so_that_another_device_unwraps_the_content_key() {
    let world = &*WORLD;
    let agent = &world.agents[1];
    let envelope = Envelope::parse(&seal(b"secret", &world.agent_certificates(3)).unwrap()).unwrap();
    assert!(envelope.is_authenticated());
    assert_eq!(envelope.recipients().len(), 3);

    let recipient = envelope.recipient_for(&agent.certificate).unwrap();
    assert!(matches!(recipient.wrapped, WrappedKey::Transport { algorithm: KeyEncryption::OaepSha256, .. }));
    let RecipientIdentifier::IssuerAndSerialNumber { serial, .. } = &recipient.identifier else {
        panic!("recipients are named by issuer and serial number");
    };
    assert_eq!(*serial, agent.certificate.serial());

    let content_key = unwrap_content_key(&recipient.wrapped, &agent.key).unwrap();
    assert_eq!(&**envelope.open_with_content_key(&content_key).unwrap(), b"secret");
    for wrong in [&content_key[..31], &[0; 32], &[]] {
        assert!(matches!(envelope.open_with_content_key(wrong), Err(CryptoError::Tampered)));
    }
    assert!(matches!(
        unwrap_content_key(&recipient.wrapped, &world.agents[0].key),
        Err(CryptoError::Tampered)
    ));
}

#[test]
fn two_envelopes_of_the_same_secret_share_neither_key_nor_nonce() {
    let world = &*WORLD;
    let secret = [0; 64];
    let once = seal(&secret, &world.agent_certificates(1)).unwrap();
    let twice = seal(&secret, &world.agent_certificates(1)).unwrap();
    // Content key, nonce, ciphertext and tag are at the end; nothing of them may repeat.
    let tail = |envelope: &[u8]| envelope[envelope.len() - 80..].to_vec();
    let same = tail(&once).iter().zip(tail(&twice)).filter(|(a, b)| **a == *b).count();
    assert!(same < 16, "{same} of 80 octets repeat");
}

#[test]
fn the_parameters_of_oaep_are_exactly_those_that_key_vaults_know() {
    let envelope = seal(b"secret", &WORLD.agent_certificates(1)).unwrap();
    let identifier = "06092a864886f70d010107302ba00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201";
    assert!(hex::encode(&envelope).contains(identifier));
}

#[test]
fn nobody_weak_or_of_another_kind_becomes_a_recipient() {
    let world = &*WORLD;
    assert!(matches!(seal(b"x", &[]), Err(CryptoError::Unfit { .. })));

    for (name, curve) in [("Curve", Nid::SECP256K1), ("Long curve", Nid::SECP521R1)] {
        let group = EcGroup::from_curve_name(curve).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let recipients = [world.agents[0].certificate.clone(), certify(name, 98, &key, None)];
        let refused = seal(b"x", &recipients).unwrap_err();
        assert!(matches!(refused, CryptoError::Unsupported { .. }));
        assert!(refused.to_string().contains(&format!("CN={name}")), "{refused}");
        assert!(refused.to_string().contains("RSA key of 2048 bits or more, or one on P-256"), "{refused}");
    }

    let short = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
    let refused = seal(b"x", &[certify("Short", 99, &short, None)]).unwrap_err();
    assert!(matches!(refused, CryptoError::Unfit { .. }));
    assert!(refused.to_string().contains("1024 bits"), "{refused}");
}

#[test]
fn a_key_of_the_other_kind_is_told_which_kind_it_takes() {
    let world = &*WORLD;
    let curve = world.authority.issue("Curve", 30, PrivateKey::generate(KeyAlgorithm::P256).unwrap());
    let agents = [world.agents[0].certificate.clone(), curve.certificate.clone()];
    let envelope = Envelope::parse(&seal(b"secret", &agents).unwrap()).unwrap();
    let for_rsa = &envelope.recipient_for(&world.agents[0].certificate).unwrap().wrapped;
    let for_curve = &envelope.recipient_for(&curve.certificate).unwrap().wrapped;
    let refused = unwrap_content_key(for_rsa, &curve.key).unwrap_err().to_string();
    assert!(refused.contains("EC P-256") && refused.contains("to an RSA key"), "{refused}");
    let refused = unwrap_content_key(for_curve, &world.agents[0].key).unwrap_err().to_string();
    assert!(refused.contains("RSA 2048") && refused.contains("to an elliptic-curve key"), "{refused}");
    assert_eq!((for_rsa.label(), for_curve.label()), ("RSA-OAEP with SHA-256", "ECDH with SHA-256"));
}
