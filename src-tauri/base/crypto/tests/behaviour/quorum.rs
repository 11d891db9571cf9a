//! Sealing to several who open only together.

use std::sync::LazyLock;

use crypto::open::{Envelope, unwrap_content_key};
use crypto::quorum::{MOST_OFFICERS, Quorum, Share};
use crypto::{CryptoError, PrivateKey, SealingAgents, X509Certificate};
use model::KeyAlgorithm;
use proptest::prelude::*;
use zeroize::Zeroizing;

use crate::support::{Identity, WORLD};

/// What is sealed: Susi's private key.
fn secret() -> Zeroizing<Vec<u8>> {
    WORLD.susi.key.to_pkcs8().unwrap()
}

/// Five officers with keys that are quick to make and to use, and one with RSA.
static OFFICERS: LazyLock<Vec<Identity>> = LazyLock::new(|| {
    let mut officers: Vec<Identity> = (0..5)
        .map(|number| {
            let key = PrivateKey::generate(KeyAlgorithm::P256).unwrap();
            WORLD.authority.issue(&format!("Officer {number}"), 100 + number, key)
        })
        .collect();
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    officers.push(WORLD.authority.issue("Officer with RSA", 110, key));
    officers
});

fn certificates(officers: &[Identity]) -> Vec<X509Certificate> {
    officers.iter().map(|officer| officer.certificate.clone()).collect()
}

fn seal(officers: &[Identity], threshold: u8) -> Vec<u8> {
    SealingAgents::new(certificates(officers), Some(threshold)).seal(&WORLD.susi.key).unwrap()
}

fn share(quorum: &Quorum, officer: &Identity) -> Result<Share, CryptoError> {
    let sealed = quorum.share_for(&officer.certificate)?.unwrap();
    let wrapped = &sealed.recipient_for(&officer.certificate).unwrap().wrapped;
    sealed.open(&unwrap_content_key(wrapped, &officer.key)?)
}

fn shares(envelope: &Envelope, officers: &[Identity]) -> Vec<Share> {
    let quorum = envelope.quorum().unwrap();
    officers.iter().map(|officer| share(quorum, officer).unwrap()).collect()
}

/// Every choice of the members of `0..of`, as bits.
fn choices(of: usize) -> impl Iterator<Item = Vec<usize>> {
    (0_u32..1 << of).map(move |bits| (0..of).filter(|index| bits & (1 << index) != 0).collect())
}

#[test]
fn every_choice_of_enough_officers_opens_and_no_choice_of_fewer_does() {
    let (mut opened, mut refused) = (0, 0);
    for count in 2..=5 {
        for threshold in 2..=u8::try_from(count).unwrap() {
            let envelope = Envelope::parse(&seal(&OFFICERS[..count], threshold)).unwrap();
            let all = shares(&envelope, &OFFICERS[..count]);
            let quorum = envelope.quorum().unwrap();
            for choice in choices(count) {
                let chosen: Vec<Share> = choice.iter().map(|index| all[*index].clone()).collect();
                match quorum.combine(&chosen) {
                    Ok((key, fitting)) => {
                        assert_eq!(fitting.len(), choice.len(), "all of them are true");
                        assert!(choice.len() >= usize::from(threshold), "{choice:?} of {threshold}/{count}");
                        assert_eq!(envelope.open_with_content_key(&key).unwrap(), secret());
                        opened += 1;
                    }
                    Err(error) => {
                        assert!(choice.len() < usize::from(threshold), "{choice:?} of {threshold}/{count}");
                        assert!(error.to_string().contains("it takes those of"), "{error}");
                        refused += 1;
                    }
                }
            }
        }
    }
    // All subsets of 2 to 5 officers, once for each threshold; those large enough are 1, 4 + 1, 11 + 5 + 1, 26 + 16 + 6 + 1.
    assert_eq!((opened, opened + refused), (72, 4 + 2 * 8 + 3 * 16 + 4 * 32));
}

/// The product of two elements of GF(256) modulo x^8 + x^4 + x^3 + x + 1 or x^8 + x^4 + x^3 + x^2 + 1, by hand.
fn multiply(mut a: u8, mut b: u8, modulus: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        let carry = a & 0x80 != 0;
        a <<= 1;
        if carry {
            a ^= modulus;
        }
        b >>= 1;
    }
    product
}

fn inverse(a: u8, modulus: u8) -> u8 {
    (1..=255).find(|b| multiply(a, *b, modulus) == 1).unwrap()
}

/// What each point counts in the value at `x` of the polynomial of least degree through points at these places (Lagrange).
fn weights(places: &[u8], x: u8, modulus: u8) -> Vec<u8> {
    let weight = |own: &u8| {
        places.iter().filter(|other| *other != own).fold(1, |product, other| {
            multiply(product, multiply(x ^ other, inverse(own ^ other, modulus), modulus), modulus)
        })
    };
    places.iter().map(weight).collect()
}

/// That value.
fn weighed(weights: &[u8], values: impl Iterator<Item = u8>, modulus: u8) -> u8 {
    weights.iter().zip(values).fold(0, |sum, (weight, value)| sum ^ multiply(*weight, value, modulus))
}

/// By which of the two customary polynomials the library counts in GF(256): with it, three shares foretell the others.
fn modulus(all: &[Share]) -> u8 {
    let value = |share: &Share, at: usize| share.as_bytes()[1 + at];
    let places: Vec<u8> = all[..3].iter().map(Share::place).collect();
    let foretells = |modulus: u8| {
        let weights = weights(&places, all[4].place(), modulus);
        (0..32).all(|at| {
            weighed(&weights, all[..3].iter().map(|share| value(share, at)), modulus) == value(&all[4], at)
        })
    };
    [0x1b, 0x1d].into_iter().find(|modulus| foretells(*modulus)).unwrap()
}

#[test]
fn one_share_too_few_says_nothing_whichever_they_are() {
    let envelope = Envelope::parse(&seal(&OFFICERS[..5], 3)).unwrap();
    let modulus = modulus(&shares(&envelope, &OFFICERS[..5]));
    // What an intruder with too few shares can compute is the polynomial of least degree through them. Over many deals of one
    // and the same secret its value at zero must be noise, for every choice of shares; if the dealer drew polynomials of a
    // lower degree, it would be the secret each time.
    for count in 2..=5_u8 {
        for threshold in 2..=count {
            for choice in choices(count.into()).filter(|choice| choice.len() + 1 == usize::from(threshold)) {
                let places: Vec<u8> = choice.iter().map(|index| u8::try_from(index + 1).unwrap()).collect();
                let weights = weights(&places, 0, modulus);
                let mut counts = [0_f64; 256];
                for _ in 0..128 {
                    let dealt: Vec<Vec<u8>> = blahaj::Sharks(threshold)
                        .dealer(&[0x5a; 32])
                        .take(count.into())
                        .map(|share| Vec::from(&share))
                        .collect();
                    // The first octet of each is its place.
                    for at in 1_usize..=32 {
                        let values = choice.iter().filter_map(|index| dealt[*index].get(at).copied());
                        counts[usize::from(weighed(&weights, values, modulus))] += 1.0;
                    }
                }
                let squared: f64 = counts.iter().map(|seen| (seen - 16.0).powi(2) / 16.0).sum();
                assert!(squared < 420.0, "{threshold} of {count}, {choice:?}: {squared}");
            }
        }
    }
}

#[test]
fn shares_of_the_same_key_look_like_noise() {
    // Four thousand first octets of one officer's share of one secret; chi-squared with 255 degrees of freedom, whose
    // value exceeds 400 less often than once in ten million times.
    let mut counts = [0_f64; 256];
    for _ in 0..4_096 {
        let share = blahaj::Sharks(2).dealer(&[0_u8; 32]).next().unwrap();
        counts[usize::from(Vec::from(&share)[1])] += 1.0;
    }
    let squared: f64 = counts.iter().map(|count| (count - 16.0).powi(2) / 16.0).sum();
    assert!(squared < 400.0, "{squared}");
}

#[test]
fn a_share_of_another_envelope_is_told_and_one_that_does_not_fit_does_no_harm() {
    let first = Envelope::parse(&seal(&OFFICERS[..3], 2)).unwrap();
    let second = Envelope::parse(&seal(&OFFICERS[..3], 2)).unwrap();
    let own = shares(&first, &OFFICERS[..3]);
    let foreign = shares(&second, &OFFICERS[..3]);
    let quorum = first.quorum().unwrap();

    let mixed = quorum.combine(&[own[0].clone(), foreign[1].clone()]);
    assert!(matches!(mixed, Err(CryptoError::Tampered)), "{mixed:?}");
    let (key, fitting) = quorum.combine(&[foreign[0].clone(), own[1].clone(), own[2].clone()]).unwrap();
    assert_eq!(fitting, [1, 2]);
    assert_eq!(first.open_with_content_key(&key).unwrap(), secret());
    // A false share under an officer's name does not stand in the way of the true one, before or behind it.
    let mut forged = own[0].as_bytes().to_vec();
    forged[7] ^= 1;
    let forged = Share::from_bytes(Zeroizing::new(forged)).unwrap();
    for all in [[forged.clone(), own[0].clone(), own[1].clone()], [own[0].clone(), own[1].clone(), forged]] {
        let (key, fitting) = quorum.combine(&all).unwrap();
        assert_eq!(fitting.len(), 2, "{fitting:?}");
        assert_eq!(first.open_with_content_key(&key).unwrap(), secret());
    }
    let twice = quorum.combine(&[own[0].clone(), own[0].clone()]);
    assert!(matches!(twice, Err(CryptoError::Unfit { .. })), "{twice:?}");

    for bytes in [vec![], vec![0; 33], vec![1; 32], vec![1; 34]] {
        assert!(Share::from_bytes(Zeroizing::new(bytes)).is_err());
    }
}

#[test]
fn an_officer_with_an_rsa_key_and_one_with_an_elliptic_curve_open_together() {
    let officers = &OFFICERS[3..6];
    let envelope = Envelope::parse(&seal(officers, 3)).unwrap();
    let (key, _) = envelope.quorum().unwrap().combine(&shares(&envelope, officers)).unwrap();
    assert_eq!(envelope.open_with_content_key(&key).unwrap(), secret());
    // Nobody opens it alone, and whoever reads it learns who could.
    assert!(envelope.recipients().is_empty() && !envelope.names_nobody());
    let told = envelope.describe_recipients();
    assert!(told.contains("3 of 3 officers together") && told.contains("serial 6e of"), "{told}");
    assert!(envelope.quorum().unwrap().share_for(&OFFICERS[0].certificate).unwrap().is_none());
}

#[test]
fn whoever_changes_a_stored_quorum_makes_it_unreadable_and_nothing_else() {
    let sealed = seal(&OFFICERS[..3], 2);
    let (mut opened, mut told) = (0, 0);
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1 << (at % 8);
        let Ok(envelope) = Envelope::parse(&altered) else {
            told += 1;
            continue;
        };
        let found = envelope.quorum().map(|quorum| {
            let shares: Vec<Share> =
                OFFICERS[..2].iter().filter_map(|officer| open_share(quorum, officer)).collect();
            quorum.combine(&shares).and_then(|(key, _)| envelope.open_with_content_key(&key))
        });
        match found {
            // What only concerns the third officer may change without harm.
            Some(Ok(content)) => {
                assert_eq!(content, secret(), "octet {at}");
                opened += 1;
            }
            Some(Err(_)) | None => told += 1,
        }
    }
    // At least the policy (three digests, the number) and two whole shares are guarded.
    assert!(told > 2 * opened, "{told} told, {opened} opened");
}

fn open_share(quorum: &Quorum, officer: &Identity) -> Option<Share> {
    let sealed = quorum.share_for(&officer.certificate).ok()??;
    let wrapped = &sealed.recipient_for(&officer.certificate)?.wrapped;
    sealed.open(&unwrap_content_key(wrapped, &officer.key).ok()?).ok()
}

#[test]
fn a_smaller_threshold_in_a_stored_envelope_opens_nothing() {
    let sealed = seal(&OFFICERS[..4], 3);
    let envelope = Envelope::parse(&sealed).unwrap();
    let two = shares(&envelope, &OFFICERS[..2]);
    // INTEGER 3, then the number of 16 octets: the beginning of the policy.
    let at = sealed.windows(5).position(|window| window == [2, 1, 3, 4, 16]).unwrap();
    let mut altered = sealed;
    altered[at + 2] = 2;
    let envelope = Envelope::parse(&altered).unwrap();
    let quorum = envelope.quorum().unwrap();
    assert_eq!(quorum.threshold(), 2);
    assert!(matches!(quorum.combine(&two), Err(CryptoError::Tampered)));
    // The officers' own programs notice it before anything is put together.
    assert!(open_share(quorum, &OFFICERS[0]).is_none());
}

#[test]
fn thresholds_and_officers_that_make_no_sense_are_refused() {
    let cases: [(&[Identity], u8, &str); 4] = [
        (&OFFICERS[..3], 1, "a threshold of 2 up to their number"),
        (&OFFICERS[..3], 4, "a threshold of 2 up to their number"),
        (&OFFICERS[..1], 1, "a threshold of 2 up to their number"),
        (&[], 0, "2 to 16 officers"),
    ];
    for (officers, threshold, sentence) in cases {
        let error =
            SealingAgents::new(certificates(officers), Some(threshold)).seal(&WORLD.susi.key).unwrap_err();
        assert!(error.to_string().contains(sentence), "{error}");
    }
    let twice = vec![OFFICERS[0].certificate.clone(), OFFICERS[0].certificate.clone()];
    let error = SealingAgents::new(twice, Some(2)).seal(&WORLD.susi.key).unwrap_err();
    assert!(error.to_string().contains("the same key"), "{error}");
    let many: Vec<X509Certificate> =
        (0..=MOST_OFFICERS).map(|index| OFFICERS[index % 5].certificate.clone()).collect();
    assert!(SealingAgents::new(many, Some(2)).seal(&WORLD.susi.key).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quorums_that_are_cut_off_or_altered_are_never_a_panic(at in 0_usize..2_000, bits: u8, cut in 0_usize..2_000) {
        let mut sealed = seal(&OFFICERS[..3], 2);
        let at = at % sealed.len();
        sealed[at] ^= bits;
        if let Ok(envelope) = Envelope::parse(&sealed) {
            envelope.describe_recipients();
        }
        sealed.truncate(cut.min(sealed.len() - 1));
        prop_assert!(Envelope::parse(&sealed).is_err());
    }
}
