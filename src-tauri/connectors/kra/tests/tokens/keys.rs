//! Unwrapping on the token, by every algorithm that envelopes name.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crypto::X509Certificate;
use crypto::open::Envelope;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use ports::{AgreedKey, KeyEncryption, RecoveryKey, RecoveryKeyError, WrappedKey};
use support::SOFTHSM_MODULE;

use crate::stage::{By, PIN, Stage, play};

const ALGORITHMS: [KeyEncryption; 3] =
    [KeyEncryption::OaepSha256, KeyEncryption::OaepSha1, KeyEncryption::Pkcs1];

fn altered(wrapped: &WrappedKey) -> WrappedKey {
    let WrappedKey::Transport { algorithm, encrypted_key } = wrapped else { panic!("to an RSA key") };
    let mut encrypted_key = encrypted_key.clone();
    encrypted_key[100] ^= 1;
    WrappedKey::Transport { algorithm: *algorithm, encrypted_key }
}

#[test]
fn content_keys_that_openssl_encrypted_unwrap_by_every_algorithm() {
    let name = "content_keys_that_openssl_encrypted_unwrap_by_every_algorithm";
    play(module_path!(), name, &[By::Itself, By::Proxy], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let other = stage.tokens.token("Other", PIN);
        let other = stage.tokens.agent(&other, PIN, "03", "Agent 2", "rsa:2048", &["--usage-decrypt"]);
        let key = stage.key("token=KRA%201", PIN).await;
        let expected = X509Certificate::from_pem(&std::fs::read(&certificate).unwrap()).unwrap();
        assert_eq!(key.certificate_der(), expected.der());
        assert!(key.place().starts_with("token `KRA 1` (serial "), "{}", key.place());
        let shown = format!("{key:?}");
        assert!(shown.contains("CN=Agent 1") && !shown.contains(PIN), "{shown}");

        let content_key: Vec<u8> = (0..32).collect();
        for algorithm in ALGORITHMS {
            let wrapped = stage.wrap(&content_key, &certificate, algorithm);
            assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), content_key, "{algorithm:?}");
            // Altered, or for another agent: nothing, or (with PKCS#1 v1.5) perhaps octets that are not the key. What is
            // said never tells which.
            for wrong in [altered(&wrapped), stage.wrap(&content_key, &other.certificate, algorithm)] {
                match key.unwrap_key(&wrong).await {
                    Err(refused) => {
                        assert!(
                            matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }),
                            "{algorithm:?}: {refused}"
                        );
                    }
                    Ok(octets) => {
                        assert_eq!(algorithm, KeyEncryption::Pkcs1);
                        assert_ne!(*octets, content_key);
                    }
                }
            }
            // The session goes on after a refusal.
            assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), content_key, "{algorithm:?}");
        }
        // Wrapped in one way and said to be in another: nothing is tried out.
        let WrappedKey::Transport { encrypted_key, .. } =
            stage.wrap(&content_key, &certificate, KeyEncryption::OaepSha1)
        else {
            panic!("to an RSA key")
        };
        let said = WrappedKey::Transport { algorithm: KeyEncryption::OaepSha256, encrypted_key };
        let refused = key.unwrap_key(&said).await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }), "{refused}");
        for size in [0, 1, 255, 257, 10_000] {
            let encrypted_key = vec![1; size];
            let nonsense = WrappedKey::Transport { algorithm: KeyEncryption::OaepSha256, encrypted_key };
            let refused = key.unwrap_key(&nonsense).await.unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }), "{size} octets: {refused}");
        }
    });
}

#[test]
fn a_token_that_cannot_do_oaep_with_sha_256_does_the_bare_operation_for_it_and_nothing_else_is_tried() {
    let name =
        "a_token_that_cannot_do_oaep_with_sha_256_does_the_bare_operation_for_it_and_nothing_else_is_tried";
    play(module_path!(), name, &[By::Spy], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let key = stage.key("token=KRA%201", PIN).await;
        let wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha256);
        key.unwrap_key(&wrapped).await.unwrap();
        // SoftHSM 2.6 lists OAEP and refuses it with SHA-256; a newer one may do it at once.
        let begun = stage.calls("C_DecryptInit");
        assert!((1..=2).contains(&begun), "begun {begun} times");
        for (before, algorithm) in [(begun, KeyEncryption::OaepSha1), (begun + 1, KeyEncryption::Pkcs1)] {
            let wrapped = stage.wrap(&[7; 32], &certificate, algorithm);
            key.unwrap_key(&wrapped).await.unwrap();
            assert_eq!(stage.calls("C_DecryptInit"), before + 1, "{algorithm:?}");
            assert_eq!(stage.calls("C_Login"), 1);
        }
        // A ciphertext that does not fit is refused by the way it was said to be made, once.
        let wrong = altered(&stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha1));
        key.unwrap_key(&wrong).await.unwrap_err();
        assert_eq!(stage.calls("C_DecryptInit"), begun + 3);
    });
}

#[test]
fn envelopes_for_both_curves_open_by_agreement_on_the_token() {
    let name = "envelopes_for_both_curves_open_by_agreement_on_the_token";
    play(module_path!(), name, &[By::Itself, By::Proxy], async |stage: Stage| {
        let serial = stage.tokens.token("KRA 1", PIN);
        for (id, kind) in [("03", "EC:secp256r1"), ("04", "EC:secp384r1")] {
            let agent = stage.tokens.agent(&serial, PIN, id, kind, kind, &["--usage-derive"]);
            let certificate = X509Certificate::from_pem(&std::fs::read(&agent.certificate).unwrap()).unwrap();
            let key = stage.key(&format!("token=KRA%201;id=%{id}"), PIN).await;
            let ours = crypto::seal::seal(b"a private key", std::slice::from_ref(&certificate)).unwrap();
            let theirs = stage.seal(b"a private key", &agent.certificate, &[]);
            let sha256 = stage.seal(b"a private key", &agent.certificate, &["-keyopt", "ecdh_kdf_md:sha256"]);
            let mut agreed = None;
            for sealed in [ours, theirs, sha256] {
                let envelope = Envelope::parse(&sealed).unwrap();
                let wrapped = &envelope.recipient_for(&certificate).unwrap().wrapped;
                let content_key = key.unwrap_key(wrapped).await.unwrap();
                assert_eq!(
                    &**envelope.open_with_content_key(&content_key).unwrap(),
                    b"a private key",
                    "{kind}"
                );
                if let WrappedKey::Agreement(found) = wrapped {
                    agreed = Some(found.clone());
                }
            }
            let agreed = agreed.unwrap();
            let flipped = |octets: &[u8], at: usize| {
                let mut octets = octets.to_vec();
                octets[at] ^= 1;
                octets
            };
            let wrong = [
                AgreedKey { point: flipped(&agreed.point, 20), ..agreed.clone() },
                AgreedKey { point: vec![4; 9], ..agreed.clone() },
                AgreedKey { encrypted_key: flipped(&agreed.encrypted_key, 3), ..agreed.clone() },
                AgreedKey { shared_info: flipped(&agreed.shared_info, 5), ..agreed.clone() },
            ];
            for wrong in wrong {
                let refused = key.unwrap_key(&WrappedKey::Agreement(wrong)).await.unwrap_err();
                assert!(matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }), "{kind}: {refused}");
            }
            key.unwrap_key(&WrappedKey::Agreement(agreed)).await.unwrap();
        }
    });
}

#[test]
fn a_key_that_may_not_be_used_for_this_is_told_so() {
    let name = "a_key_that_may_not_be_used_for_this_is_told_so";
    play(module_path!(), name, &[By::Itself], async |stage: Stage| {
        let serial = stage.tokens.token("KRA 1", PIN);
        let signing = stage.tokens.agent(&serial, PIN, "01", "Signer", "rsa:2048", &[]);
        forbid(&stage, &Attribute::Decrypt(false));
        let key = stage.key("token=KRA%201;id=%01", PIN).await;
        for algorithm in ALGORITHMS {
            let wrapped = stage.wrap(&[7; 32], &signing.certificate, algorithm);
            let refused = key.unwrap_key(&wrapped).await.unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::Unfit { .. }), "{algorithm:?}: {refused}");
            assert!(refused.to_string().contains("may not decrypt"), "{algorithm:?}: {refused}");
        }
    });
}

#[test]
fn a_key_that_wants_its_pin_at_every_use_unwraps_or_says_why_not() {
    let name = "a_key_that_wants_its_pin_at_every_use_unwraps_or_says_why_not";
    play(module_path!(), name, &[By::Itself], async |stage: Stage| {
        let serial = stage.tokens.token("KRA 1", PIN);
        let always = stage.tokens.agent(&serial, PIN, "02", "Always", "rsa:2048", &["--always-auth"]);
        let key = stage.key("token=KRA%201", PIN).await;
        let wrapped = stage.wrap(&[7; 32], &always.certificate, KeyEncryption::Pkcs1);
        // SoftHSM 2.6 decrypts in one piece only, for which the crate has no call that leaves room for the PIN.
        let refused = key.unwrap_key(&wrapped).await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Unfit { .. }), "{refused}");
        assert!(refused.to_string().contains("at every single use"), "{refused}");
    });
}

#[test]
fn a_token_that_is_taken_away_in_the_middle_is_absent() {
    let name = "a_token_that_is_taken_away_in_the_middle_is_absent";
    play(module_path!(), name, &[By::Remote], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha1);
        let mut reader = Reader::start(&stage);
        let key = stage.key("token=KRA%201", PIN).await;
        assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [7; 32]);
        reader.stop();
        for _ in 0..2 {
            let refused = key.unwrap_key(&wrapped).await.unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::Absent { .. }), "{refused:?}");
            assert!(refused.to_string().contains("taken out"), "{refused}");
        }
    });
}

/// Takes a permission from the only private key there is. The product finds the module initialised already.
fn forbid(stage: &Stage, permission: &Attribute) {
    let module = Pkcs11::new(stage.module()).unwrap();
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let session = module.open_rw_session(module.get_slots_with_initialized_token().unwrap()[0]).unwrap();
    session.login(UserType::User, Some(&AuthPin::from(PIN))).unwrap();
    for key in session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY)]).unwrap() {
        session.update_attributes(key, std::slice::from_ref(permission)).unwrap();
    }
    session.logout().unwrap();
}

/// The process that holds the token: when it ends, the token is gone.
struct Reader(Child);

impl Reader {
    fn start(stage: &Stage) -> Self {
        use std::os::unix::process::CommandExt as _;
        let socket = stage.tokens.file("server");
        let server = Command::new("p11-kit")
            .args(["server", "-f", "-n"])
            .arg(&socket)
            .args(["--provider", SOFTHSM_MODULE, "pkcs11:token=KRA%201"])
            .stdout(Stdio::null())
            // It serves each client by a process of its own, which must end with it.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("`p11-kit` does not start ({error}): install the Debian package p11-kit")
            });
        let reader = Self(server);
        for _ in 0..400 {
            if socket.exists() {
                return reader;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("p11-kit's server never listened")
    }

    fn stop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.wait();
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop();
    }
}
