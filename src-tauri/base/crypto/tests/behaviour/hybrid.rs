//! Recipients of whom it takes two keys: the certificate's and an ML-KEM key.

use std::sync::LazyLock;

use crypto::hybrid::unwrap_hybrid;
use crypto::open::{Envelope, HybridKey, WrappedKey, unwrap_content_key};
use crypto::quorum::Share;
use crypto::rewrap::{is_sealed_to, rewrap, ways, ways_of_today};
use crypto::{CryptoError, MlKemPrivateKey, MlKemPublicKey, PrivateKey, SealingAgents, X509Certificate};
use model::KeyAlgorithm;
use proptest::prelude::*;
use zeroize::Zeroizing;

use crate::support::{Identity, WORLD};

struct Officer {
    identity: Identity,
    ml_kem: MlKemPrivateKey,
}

/// Sixteen officers, of whom the first has an RSA key and the others one on an elliptic curve.
static OFFICERS: LazyLock<Vec<Officer>> = LazyLock::new(|| {
    (0..16)
        .map(|number| {
            let kind = if number == 0 { KeyAlgorithm::Rsa2048 } else { KeyAlgorithm::P256 };
            let key = PrivateKey::generate(kind).unwrap();
            Officer {
                identity: WORLD.authority.issue(&format!("Officer {number}"), 200 + number, key),
                ml_kem: MlKemPrivateKey::generate().unwrap(),
            }
        })
        .collect()
});

fn certificates(officers: &[Officer]) -> Vec<X509Certificate> {
    officers.iter().map(|officer| officer.identity.certificate.clone()).collect()
}

fn public(officers: &[Officer]) -> Vec<MlKemPublicKey> {
    officers.iter().map(|officer| officer.ml_kem.public().clone()).collect()
}

fn agents(officers: &[Officer], threshold: Option<u8>) -> SealingAgents {
    SealingAgents::new(certificates(officers), threshold).with_ml_kem(public(officers)).unwrap()
}

fn seal(officers: &[Officer], threshold: Option<u8>) -> Vec<u8> {
    agents(officers, threshold).seal(&WORLD.susi.key).unwrap()
}

fn hybrid(wrapped: &WrappedKey) -> &HybridKey {
    let WrappedKey::Hybrid(hybrid) = wrapped else { panic!("not hybrid") };
    hybrid
}

fn unwrap_with(
    wrapped: &WrappedKey,
    key: &PrivateKey,
    ml_kem: &MlKemPrivateKey,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let first = unwrap_content_key(&hybrid(wrapped).classic, key)?;
    unwrap_hybrid(hybrid(wrapped), &first, ml_kem)
}

/// What the officer does with an envelope.
fn open(cms: &[u8], officer: &Officer) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let envelope = Envelope::parse(cms)?;
    let recipient = envelope.recipient_for(&officer.identity.certificate);
    let wrapped = recipient.map(|recipient| recipient.wrapped.clone()).filter(WrappedKey::is_hybrid);
    let wrapped = wrapped.ok_or(CryptoError::Tampered)?;
    envelope.open_with_content_key(&unwrap_with(&wrapped, &officer.identity.key, &officer.ml_kem)?)
}

fn secret() -> Zeroizing<Vec<u8>> {
    WORLD.susi.key.to_pkcs8().unwrap()
}

#[test]
fn each_of_one_and_of_sixteen_officers_opens_with_both_keys() {
    for count in [1, 16] {
        let officers = &OFFICERS[..count];
        let sealed = seal(officers, None);
        let envelope = Envelope::parse(&sealed).unwrap();
        assert!(envelope.is_hybrid() && envelope.recipients().len() == count);
        assert!(is_sealed_to(&envelope, &agents(officers, None)));
        assert_eq!(ways(&envelope), ways_of_today(&agents(officers, None)));
        for officer in officers {
            assert_eq!(open(&sealed, officer).unwrap(), secret());
        }
    }
}

#[test]
fn one_of_the_two_keys_alone_opens_nothing() {
    let sealed = seal(&OFFICERS[..2], None);
    let envelope = Envelope::parse(&sealed).unwrap();
    for officer in &OFFICERS[..2] {
        let wrapped = &envelope.recipient_for(&officer.identity.certificate).unwrap().wrapped;
        let refused = unwrap_content_key(wrapped, &officer.identity.key).unwrap_err();
        assert!(refused.to_string().contains("ML-KEM key as well"), "{refused}");
        // What the certificate's key does unwrap is a secret that has nothing to do with the content key.
        let first = unwrap_content_key(&hybrid(wrapped).classic, &officer.identity.key).unwrap();
        let opened = envelope.open_with_content_key(&first);
        assert!(matches!(opened, Err(CryptoError::Tampered)), "{opened:?}");
        // The ML-KEM key with any other first secret, of any length.
        for other in [Vec::new(), vec![0; 32], vec![7; 31], [&first[..], &[0]].concat()] {
            let opened = unwrap_hybrid(hybrid(wrapped), &other, &officer.ml_kem);
            assert!(matches!(opened, Err(CryptoError::Tampered)), "{opened:?}");
        }
    }
}

#[test]
fn another_ml_kem_key_is_told_by_its_name_and_opens_nothing_when_the_name_is_forged() {
    let officer = &OFFICERS[1];
    let envelope = Envelope::parse(&seal(&OFFICERS[1..2], None)).unwrap();
    let wrapped = &envelope.recipients()[0].wrapped;
    let stranger = &OFFICERS[2].ml_kem;
    let told = unwrap_with(wrapped, &officer.identity.key, stranger).unwrap_err().to_string();
    assert!(told.contains(&stranger.public().fingerprint()), "{told}");
    assert!(told.contains(&officer.ml_kem.public().fingerprint()), "{told}");

    // Decapsulation itself never fails (implicit rejection): what it gives must then unwrap nothing.
    let mut renamed = hybrid(wrapped).clone();
    renamed.ml_kem.key_id = stranger.public().id().to_vec();
    let first = unwrap_content_key(&renamed.classic, &officer.identity.key).unwrap();
    let opened = unwrap_hybrid(&renamed, &first, stranger);
    assert!(matches!(opened, Err(CryptoError::Tampered)), "{opened:?}");
}

#[test]
fn parts_of_two_envelopes_to_the_same_officer_do_not_mix() {
    for officer in &OFFICERS[..2] {
        let agents = SealingAgents::new(vec![officer.identity.certificate.clone()], None)
            .with_ml_kem(vec![officer.ml_kem.public().clone()])
            .unwrap();
        let made = || {
            let envelope = Envelope::parse(&agents.seal(&WORLD.susi.key).unwrap()).unwrap();
            hybrid(&envelope.recipients()[0].wrapped).clone()
        };
        let (one, two) = (made(), made());
        let mixed = [
            HybridKey { classic: two.classic.clone(), ..one.clone() },
            HybridKey { ml_kem: two.ml_kem.clone(), ..one.clone() },
            HybridKey { binding: two.binding.clone(), ..one.clone() },
            HybridKey { encrypted_key: two.encrypted_key.clone(), ..one.clone() },
            HybridKey { classic: two.classic.clone(), ml_kem: two.ml_kem.clone(), ..one.clone() },
            HybridKey { classic: two.classic.clone(), binding: two.binding.clone(), ..one.clone() },
            HybridKey { ml_kem: two.ml_kem, binding: two.binding, ..one.clone() },
        ];
        for mixture in mixed {
            let wrapped = WrappedKey::Hybrid(Box::new(mixture));
            let opened = unwrap_with(&wrapped, &officer.identity.key, &officer.ml_kem);
            assert!(matches!(opened, Err(CryptoError::Tampered)), "{opened:?}");
        }
        assert!(
            unwrap_with(&WrappedKey::Hybrid(Box::new(one)), &officer.identity.key, &officer.ml_kem).is_ok()
        );
    }
}

#[test]
fn shares_of_a_quorum_are_sealed_hybrid_and_too_few_officers_open_nothing() {
    for (count, threshold) in [(3, 2), (16, 5)] {
        let officers = &OFFICERS[..count];
        let sealed = seal(officers, Some(threshold));
        let envelope = Envelope::parse(&sealed).unwrap();
        let quorum = envelope.quorum().unwrap();
        assert!(quorum.is_hybrid() && envelope.is_hybrid());
        assert!(is_sealed_to(&envelope, &agents(officers, Some(threshold))));
        assert_eq!(ways(&envelope), [format!("{threshold} of {count} agents together and ML-KEM-768")]);
        let shares: Vec<Share> = officers
            .iter()
            .map(|officer| {
                let share = quorum.share_for(&officer.identity.certificate).unwrap().unwrap();
                let wrapped = &share.recipient_for(&officer.identity.certificate).unwrap().wrapped;
                assert!(unwrap_content_key(wrapped, &officer.identity.key).is_err());
                share.open(&unwrap_with(wrapped, &officer.identity.key, &officer.ml_kem).unwrap()).unwrap()
            })
            .collect();
        let needed = usize::from(threshold);
        let (key, _) = quorum.combine(&shares[count - needed..]).unwrap();
        assert_eq!(envelope.open_with_content_key(&key).unwrap(), secret());
        assert!(quorum.combine(&shares[..needed - 1]).is_err());
    }
}

#[test]
fn a_classic_envelope_is_moved_to_a_hybrid_set_and_back_by_its_content_key_alone() {
    let officers = &OFFICERS[..3];
    let to_hybrid = agents(officers, None);
    let classic = SealingAgents::new(certificates(officers), None);
    let sealed = classic.seal(&WORLD.susi.key).unwrap();
    let envelope = Envelope::parse(&sealed).unwrap();
    assert!(!envelope.is_hybrid() && !is_sealed_to(&envelope, &to_hybrid));
    let key = unwrap_content_key(&envelope.recipients()[0].wrapped, &holder(&envelope).identity.key).unwrap();

    let moved = rewrap(&sealed, &key, &to_hybrid).unwrap();
    let envelope = Envelope::parse(&moved).unwrap();
    assert!(
        envelope.is_hybrid() && is_sealed_to(&envelope, &to_hybrid) && !is_sealed_to(&envelope, &classic)
    );
    assert!(officers.iter().all(|officer| open(&moved, officer).unwrap() == secret()));
    // An officer's new ML-KEM key is another set.
    let mut keys = public(officers);
    keys[1] = OFFICERS[9].ml_kem.public().clone();
    let renewed = SealingAgents::new(certificates(officers), None).with_ml_kem(keys).unwrap();
    assert!(!is_sealed_to(&envelope, &renewed));

    let quorum = agents(officers, Some(2));
    let together = Envelope::parse(&rewrap(&moved, &key, &quorum).unwrap()).unwrap();
    assert!(together.is_hybrid() && is_sealed_to(&together, &quorum));
    let back = Envelope::parse(&rewrap(&moved, &key, &classic).unwrap()).unwrap();
    assert!(!back.is_hybrid() && is_sealed_to(&back, &classic));
}

/// Whose certificate the first recipient names.
fn holder(envelope: &Envelope) -> &'static Officer {
    let first = &envelope.recipients()[0];
    OFFICERS.iter().find(|officer| first.is(&officer.identity.certificate)).unwrap()
}

#[test]
fn each_agent_needs_an_ml_kem_key_of_its_own() {
    let refused = |keys: Vec<MlKemPublicKey>| {
        SealingAgents::new(certificates(&OFFICERS[..2]), None).with_ml_kem(keys).unwrap_err().to_string()
    };
    assert!(refused(Vec::new()).contains("each agent needs one"));
    assert!(refused(public(&OFFICERS[..1])).contains("each agent needs one"));
    let same = OFFICERS[0].ml_kem.public().clone();
    assert!(refused(vec![same.clone(), same]).contains("the same one"));
}

#[test]
fn a_key_file_opens_with_its_password_alone_and_holds_nothing_in_clear() {
    let key = MlKemPrivateKey::generate().unwrap();
    let pem = key.to_pem("correct horse").unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n") && pem.len() < 500, "{pem}");
    let read = MlKemPrivateKey::from_pem(pem.as_bytes(), "correct horse").unwrap();
    assert_eq!(read.public(), key.public());
    for wrong in ["", "correct horsf", "correct horse\0"] {
        let refused = MlKemPrivateKey::from_pem(pem.as_bytes(), wrong);
        assert!(matches!(refused, Err(CryptoError::WrongPassword { .. })), "{refused:?}");
    }
    assert!(key.to_pem("").is_err() && key.to_pem("pässword").is_err());
    let public = key.public().to_pem();
    assert_eq!(MlKemPublicKey::from_pem(public.as_bytes()).unwrap(), *key.public());
    for other in [public.as_bytes(), b"", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n!\n"] {
        let refused = MlKemPrivateKey::from_pem(other, "correct horse");
        assert!(matches!(refused, Err(CryptoError::Malformed { .. })), "{refused:?}");
    }
    // Another kind of key is no ML-KEM key, in either file.
    let spki = WORLD.susi.key.spki_der().unwrap();
    assert!(MlKemPublicKey::from_spki_der(&spki).is_err());
    let spki = key.public().spki_der();
    assert!(MlKemPublicKey::from_spki_der(&spki[..spki.len() - 1]).is_err());
    // Coefficients beyond the modulus (FIPS 203 section 7.2).
    let mut beyond = spki.to_vec();
    let end = beyond.len() - 40;
    beyond[end - 200..end].fill(0xff);
    assert!(MlKemPublicKey::from_spki_der(&beyond).is_err());
    assert!(
        !format!("{key:?}").contains("BEGIN") && format!("{key:?}").contains(&key.public().fingerprint())
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_flipped_bit_anywhere_in_an_envelope_is_refused(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        static SEALED: LazyLock<Vec<u8>> = LazyLock::new(|| seal(&OFFICERS[1..2], None));
        let mut altered = SEALED.clone();
        let at = at.index(altered.len());
        altered[at] ^= 1 << bit;
        // The version (RFC 5083 section 2.1), octets 25 to 27, decides nothing; whatever opens is the secret.
        if let Ok(opened) = open(&altered, &OFFICERS[1]) {
            prop_assert_eq!(opened, secret());
            prop_assert!((25..28).contains(&at), "octet {} can be altered", at);
        }
    }

    #[test]
    fn a_flipped_bit_in_any_part_that_is_unwrapped_is_refused(part in 0_usize..6, at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        static KEY: LazyLock<HybridKey> = LazyLock::new(|| {
            hybrid(&Envelope::parse(&seal(&OFFICERS[..1], None)).unwrap().recipients()[0].wrapped).clone()
        });
        let mut altered = KEY.clone();
        let octets = match part {
            0 => &mut altered.ml_kem.key_id,
            1 => &mut altered.ml_kem.ciphertext,
            2 => &mut altered.ml_kem.shared_info,
            3 => &mut altered.ml_kem.encrypted_key,
            4 => &mut altered.binding,
            _ => &mut altered.encrypted_key,
        };
        let at = at.index(octets.len());
        octets[at] ^= 1 << bit;
        let officer = &OFFICERS[0];
        let first = unwrap_content_key(&KEY.classic, &officer.identity.key).unwrap();
        prop_assert!(unwrap_hybrid(&altered, &first, &officer.ml_kem).is_err());
        prop_assert!(unwrap_hybrid(&KEY, &first, &officer.ml_kem).is_ok());
    }
}
