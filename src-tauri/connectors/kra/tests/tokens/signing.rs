//! Signing on the token, verified against the certificate beside the key.

use crypto::X509Certificate;
use ports::{RecoveryKey as _, RecoveryKeyError, SignatureAlgorithm};

use crate::stage::{By, PIN, Stage, play};

#[test]
fn keys_on_tokens_sign_by_their_kind_and_the_pin_is_sent_once() {
    let name = "keys_on_tokens_sign_by_their_kind_and_the_pin_is_sent_once";
    play(module_path!(), name, &[By::Itself, By::Spy], async |stage: Stage| {
        let kinds = [
            ("RSA", "rsa:2048", SignatureAlgorithm::Rs256),
            ("P-256", "EC:secp256r1", SignatureAlgorithm::Es256),
            ("P-384", "EC:secp384r1", SignatureAlgorithm::Es384),
        ];
        // SoftHSM sees the tokens that are there when it is loaded.
        let made = kinds.map(|(label, kind, algorithm)| {
            let serial = stage.tokens.token(label, PIN);
            stage.tokens.agent(&serial, PIN, "03", label, kind, &["--usage-sign"]);
            (label, serial, algorithm)
        });
        for (label, serial, algorithm) in made {
            let key = stage.key(&format!("serial={serial}"), PIN).await;
            let certificate = X509Certificate::from_der(key.certificate_der()).unwrap();
            let logins = stage.calls("C_Login");
            for message in [&b"a set"[..], b"", &[7; 10_000]] {
                let signature = key.sign(message).await.unwrap();
                assert_eq!(signature.algorithm, algorithm);
                assert!(certificate.verifies(message, &signature), "{label}");
                assert!(!certificate.verifies(b"another set", &signature), "{label}");
            }
            assert!(stage.calls("C_Login") <= logins + 1, "{label}");
        }
    });
}

#[test]
fn a_key_that_only_decrypts_says_that_another_officer_must_sign() {
    let name = "a_key_that_only_decrypts_says_that_another_officer_must_sign";
    play(module_path!(), name, &[By::Card("mute")], async |stage: Stage| {
        stage.rsa_agent("KRA 1");
        let refused = stage.key("token=KRA%201", PIN).await.sign(b"a set").await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Unfit { .. }), "{refused}");
        assert!(refused.to_string().contains("let another officer of the set sign"), "{refused}");
    });
}

#[test]
fn a_card_that_hashes_nothing_is_given_the_digest_and_a_wrong_pin_is_sent_once() {
    let name = "a_card_that_hashes_nothing_is_given_the_digest_and_a_wrong_pin_is_sent_once";
    play(module_path!(), name, &[By::Card("no-hash locks")], async |stage: Stage| {
        stage.rsa_agent("KRA 1");
        let wrong = stage.key("token=KRA%201", "654321").await;
        let refused = wrong.sign(b"a set").await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Blocked { .. }), "{refused}");
        let refused = wrong.sign(b"a set").await.unwrap_err();
        assert!(refused.to_string().contains("not tried again by itself"), "{refused}");
        let key = stage.key("token=KRA%201", PIN).await;
        let signature = key.sign(b"a set").await.unwrap();
        assert_eq!(signature.algorithm, SignatureAlgorithm::Rs256);
        let certificate = X509Certificate::from_der(key.certificate_der()).unwrap();
        assert!(certificate.verifies(b"a set", &signature));
    });
}
