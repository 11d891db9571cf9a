//! Against the libraries of the Windows that runs the tests. Those below `windows_itself` want one that decrypts, which Wine's
//! key storage provider does not (`NCryptDecrypt` and `NCryptSecretAgreement` are not there in Wine 8); `./dev cross` leaves them out.

use std::sync::LazyLock;

use crypto::issue::{
    AuthoritySubject, Validity, recovery_agent_certificate, root_certificate, serial_number,
};
use crypto::open::Envelope;
use crypto::{PrivateKey, X509Certificate};
use model::{KeyAlgorithm, PfxProfile, Span, SystemEntropy, Thumbprint, Timestamp};
use ports::SignatureAlgorithm;

use super::super::operation::State;
use super::super::{StoreKey, survey};
use super::*;

const SECRET: &[u8] = b"the private key of Susi Sorglos";

struct Agent {
    key: PrivateKey,
    certificate: X509Certificate,
}

static RSA: LazyLock<Agent> = LazyLock::new(|| {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let der = recovery_agent_certificate("Agent 1", &key, validity(), serial_number(&SystemEntropy)).unwrap();
    Agent { key, certificate: X509Certificate::from_der(&der).unwrap() }
});

fn validity() -> Validity {
    Validity::lasting(Timestamp::from_seconds(1_772_443_800), Span::days(3_650))
}

/// The numbers of a private key in PKCS#8, one after the other: of every INTEGER and OCTET STRING that holds no other.
fn numbers(der: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut found) = (der, Vec::new());
    while let [tag, first, after @ ..] = rest {
        let (size, after) = match first {
            0x81 => (usize::from(after[0]), &after[1..]),
            0x82 => (usize::from(u16::from_be_bytes([after[0], after[1]])), &after[2..]),
            short => (usize::from(*short), after),
        };
        let (contents, behind) = after.split_at(size);
        match tag {
            0x02 => found.push(contents.strip_prefix(&[0]).unwrap_or(contents).to_vec()),
            0x04 if contents.first() != Some(&0x30) => found.push(contents.to_vec()),
            0x04 | 0x30 => found.extend(numbers(contents)),
            _ => {}
        }
        rest = behind;
    }
    found
}

/// `BCRYPT_RSAKEY_BLOB` with the primes.
fn rsa_blob(key: &PrivateKey) -> Vec<u8> {
    // The versions of PKCS#8 and PKCS#1, then n, e, d, p, q.
    let parts = numbers(&key.to_pkcs8().unwrap());
    let (n, e, p, q) = (&parts[2], &parts[3], &parts[5], &parts[6]);
    let size = |number: &[u8]| u32::try_from(number.len()).unwrap().to_le_bytes();
    let head = [2_048_u32.to_le_bytes(), size(e), size(n), size(p), size(q)].concat();
    [b"RSA2", head.as_slice(), e, n, p, q].concat()
}

/// A key of Windows' in the place of a certificate that would name it.
struct Held(std::sync::Mutex<Option<ffi::PrivateKey>>);

impl Entry for Held {
    fn key(&self, _: &str, _: Dialogs) -> Result<Box<dyn Key>, Answer> {
        let key = self.0.lock().unwrap().take().ok_or(Answer::NTE_BAD_KEYSET)?;
        Ok(Box::new(Opened(key)))
    }
}

fn state(agent: &Agent, entry: Box<dyn Entry>) -> State {
    State::new("cert:a".to_owned(), agent.certificate.clone(), entry, false, None)
}

fn held(agent: &Agent, key: ffi::PrivateKey) -> State {
    state(agent, Box::new(Held(std::sync::Mutex::new(Some(key)))))
}

#[test]
fn certificates_are_found_by_their_thumbprints_and_nothing_else() {
    let other = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let other =
        recovery_agent_certificate("Agent 2", &other, validity(), serial_number(&SystemEntropy)).unwrap();
    let store = ffi::Store::in_memory(&[RSA.certificate.der(), &other]).unwrap();
    let found = store.find(RSA.certificate.thumbprint().as_bytes()).unwrap();
    assert_eq!(found.der(), RSA.certificate.der());
    assert!(found.provider().is_none());
    assert!(store.find(&[7; 20]).is_none());
    let mut all: Vec<Vec<u8>> = store.certificates().iter().map(ffi::Certificate::der).collect();
    all.sort();
    let mut expected = vec![RSA.certificate.der().to_vec(), other];
    expected.sort();
    assert_eq!(all, expected);
    // What was found outlives its store.
    drop(store);
    assert_eq!(found.clone().der(), RSA.certificate.der());
}

#[test]
fn a_certificate_without_a_key_and_one_of_the_older_library_say_so() {
    let store = ffi::Store::in_memory(&[RSA.certificate.der()]).unwrap();
    let thumbprint = RSA.certificate.thumbprint();
    let bare = found(store.find(thumbprint.as_bytes()).unwrap());
    let refused = StoreKey::of("cert:a".to_owned(), bare).map(|key| key.place().to_owned()).unwrap_err();
    assert!(refused.to_string().contains("without its private key"), "{refused}");

    let provider = "Microsoft Enhanced Cryptographic Provider v1.0";
    store.find(thumbprint.as_bytes()).unwrap().name_legacy_provider(provider).unwrap();
    let legacy = found(store.find(thumbprint.as_bytes()).unwrap());
    let key = StoreKey::of("cert:a".to_owned(), legacy).unwrap();
    assert_eq!(key.provider(), provider);
    let sealed = crypto::seal::seal(SECRET, std::slice::from_ref(&RSA.certificate)).unwrap();
    let wrapped = Envelope::parse(&sealed).unwrap().recipients()[0].wrapped.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let refused =
        runtime.block_on(ports::RecoveryKey::unwrap_key(&key.with_pin(None), &wrapped)).unwrap_err();
    assert!(refused.to_string().contains("certutil -csp"), "{refused}");
}

#[tokio::test]
async fn the_stores_of_person_and_machine_open_and_a_certificate_that_is_not_there_is_absent() {
    for one in survey().await.unwrap() {
        assert_eq!(one.certificate.thumbprint(), one.address.thumbprint);
    }
    for location in StoreLocation::ALL {
        let address = StoreAddress { location, thumbprint: Thumbprint::new([7; 20]) };
        let refused = StoreKey::find(&address).await.map(|key| key.place().to_owned()).unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Absent { .. }), "{refused}");
        assert!(refused.to_string().contains("kra tokens"), "{refused}");
    }
}

#[test]
fn a_key_of_windows_own_provider_signs() {
    let key = ffi::PrivateKey::of_rsa_blob(&rsa_blob(&RSA.key)).unwrap();
    let signature = held(&RSA, key).sign(b"a set").unwrap();
    assert_eq!(signature.algorithm, SignatureAlgorithm::Rs256);
    assert!(RSA.certificate.verifies(b"a set", &signature));
}

mod windows_itself {
    use ports::{KeyEncryption, WrappedKey};

    use super::*;

    const PASSWORD: &str = "Correct horse, battery";

    #[test]
    fn a_key_out_of_a_pkcs12_file_unwraps_by_every_algorithm_and_signs() {
        let pfx =
            crypto::pfx::build(&RSA.key, &RSA.certificate, &[], PASSWORD, PfxProfile::Compatible, "Agent 1");
        let store = ffi::Store::of_pfx(&pfx.unwrap(), PASSWORD).unwrap();
        let stored = store.find(RSA.certificate.thumbprint().as_bytes()).unwrap();
        let mut agent = state(&RSA, Box::new(Stored(stored.clone())));
        let sealed = crypto::seal::seal(SECRET, std::slice::from_ref(&RSA.certificate)).unwrap();
        let envelope = Envelope::parse(&sealed).unwrap();
        let content_key = agent.unwrap_key(&envelope.recipients()[0].wrapped).unwrap();
        assert_eq!(&**envelope.open_with_content_key(&content_key).unwrap(), SECRET);

        for (algorithm, padding) in [
            (KeyEncryption::Pkcs1, ffi::Padding::Pkcs1),
            (KeyEncryption::OaepSha1, ffi::Padding::Oaep(Digest::Sha1)),
            (KeyEncryption::OaepSha256, ffi::Padding::Oaep(Digest::Sha256)),
        ] {
            let mut encrypted_key = stored.key(true).unwrap().encrypt(padding, &[7; 32]).unwrap();
            let wrapped = WrappedKey::Transport { algorithm, encrypted_key: encrypted_key.clone() };
            assert_eq!(*agent.unwrap_key(&wrapped).unwrap(), [7; 32], "{algorithm:?}");
            encrypted_key[100] ^= 1;
            let refused = agent.unwrap_key(&WrappedKey::Transport { algorithm, encrypted_key }).unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }), "{algorithm:?}: {refused}");
        }
        // The bare operation is known to Windows' own provider.
        let wrapped = stored.key(true).unwrap().encrypt(ffi::Padding::Pkcs1, &[7; 32]).unwrap();
        let padded = stored.key(true).unwrap().decrypt(ffi::Padding::None, &wrapped, true).unwrap();
        assert_eq!(*crypto::pkcs1::unpad(&padded, 256).unwrap(), [7; 32]);

        let signature = agent.sign(b"a set").unwrap();
        assert!(RSA.certificate.verifies(b"a set", &signature));
    }

    #[test]
    fn keys_on_curves_agree_and_sign() {
        for (algorithm, magic, size) in
            [(KeyAlgorithm::P256, b"ECK2", 32_usize), (KeyAlgorithm::P384, b"ECK4", 48)]
        {
            let key = PrivateKey::generate(algorithm).unwrap();
            let subject =
                AuthoritySubject { common_name: "Agent 3".to_owned(), ..AuthoritySubject::default() };
            let der = root_certificate(&subject, &key, validity(), serial_number(&SystemEntropy)).unwrap();
            let certificate = X509Certificate::from_der(&der).unwrap();
            let spki = key.spki_der().unwrap();
            let private =
                numbers(&key.to_pkcs8().unwrap()).into_iter().find(|one| one.len() == size).unwrap();
            let length = u32::try_from(size).unwrap().to_le_bytes();
            let blob = [magic, length.as_slice(), &spki[spki.len() - 2 * size..], &private].concat();
            let agent = Agent { key, certificate };
            let sealed = crypto::seal::seal(SECRET, std::slice::from_ref(&agent.certificate)).unwrap();
            let envelope = Envelope::parse(&sealed).unwrap();
            let mut held = held(&agent, ffi::PrivateKey::of_curve_blob(&blob).unwrap());
            let content_key = held.unwrap_key(&envelope.recipients()[0].wrapped).unwrap();
            assert_eq!(&**envelope.open_with_content_key(&content_key).unwrap(), SECRET);
            let signature = held.sign(b"a set").unwrap();
            assert!(agent.certificate.verifies(b"a set", &signature), "{algorithm:?}");
        }
    }
}
