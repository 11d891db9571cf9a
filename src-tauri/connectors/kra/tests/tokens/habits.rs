//! Cards that are unlike SoftHSM: `card.c` stands before it and changes what it says.

use kra::TokenKey;
use kra::pkcs11::Tries;
use ports::{KeyEncryption, RecoveryKey, RecoveryKeyError};

use crate::stage::{By, PIN, Stage, play};

#[test]
fn at_a_reader_with_a_pin_pad_no_pin_is_sent_from_here() {
    let name = "at_a_reader_with_a_pin_pad_no_pin_is_sent_from_here";
    play(module_path!(), name, &[By::Card("pad")], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let found = TokenKey::find(&stage.uri("token=KRA%201")).await.unwrap();
        assert!(found.has_pin_pad() && !found.needs_no_pin());
        // Whatever is offered, the reader is asked: this card refuses every PIN that comes from the program.
        let key = found.with_pin(None);
        let wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha256);
        assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [7; 32]);
    });
}

#[test]
fn who_cancels_at_the_reader_is_told_so_and_not_asked_again() {
    let name = "who_cancels_at_the_reader_is_told_so_and_not_asked_again";
    play(module_path!(), name, &[By::Card("pad cancel")], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let key = TokenKey::find(&stage.uri("token=KRA%201")).await.unwrap().with_pin(None);
        let wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha256);
        let refused = key.unwrap_key(&wrapped).await.unwrap_err();
        assert!(refused.to_string().contains("not entered at the reader"), "{refused}");
        let again = key.unwrap_key(&wrapped).await.unwrap_err();
        assert!(again.to_string().contains("not tried again"), "{again}");
    });
}

#[test]
fn a_locked_token_is_blocked_and_is_sent_no_pin() {
    let name = "a_locked_token_is_blocked_and_is_sent_no_pin";
    // `cancel` would be the answer to any PIN that is sent.
    play(module_path!(), name, &[By::Card("locked cancel")], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let found = TokenKey::find(&stage.uri("token=KRA%201")).await.unwrap();
        assert_eq!(found.tries(), Tries::Locked);
        let wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha256);
        let refused = stage.key("token=KRA%201", PIN).await.unwrap_key(&wrapped).await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Blocked { .. }), "{refused}");
        assert!(refused.to_string().contains("PUK"), "{refused}");
    });
}

#[test]
fn the_wrong_pin_that_locks_the_token_says_so() {
    let name = "the_wrong_pin_that_locks_the_token_says_so";
    play(module_path!(), name, &[By::Card("last locks")], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let found = TokenKey::find(&stage.uri("token=KRA%201")).await.unwrap();
        assert_eq!(found.tries(), Tries::Last);
        assert!(found.tries().warning().unwrap().contains("ONE try is left"));
        let wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha256);
        let refused = stage.key("token=KRA%201", "654321").await.unwrap_key(&wrapped).await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Blocked { .. }), "{refused}");
    });
}

#[test]
fn a_wrong_pin_before_the_last_try_says_that_one_is_left() {
    let name = "a_wrong_pin_before_the_last_try_says_that_one_is_left";
    play(module_path!(), name, &[By::Card("last")], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha256);
        let refused = stage.key("token=KRA%201", "654321").await.unwrap_key(&wrapped).await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Locked { .. }), "{refused}");
        assert!(refused.to_string().contains("ONE try is left"), "{refused}");
    });
}

#[test]
fn a_card_without_oaep_does_the_bare_operation_and_may_leave_out_zeros() {
    let name = "a_card_without_oaep_does_the_bare_operation_and_may_leave_out_zeros";
    play(module_path!(), name, &[By::Card("no-oaep stripped")], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let key = stage.key("token=KRA%201", PIN).await;
        for algorithm in [KeyEncryption::OaepSha256, KeyEncryption::OaepSha1, KeyEncryption::Pkcs1] {
            let wrapped = stage.wrap(&[7; 32], &certificate, algorithm);
            assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [7; 32], "{algorithm:?}");
        }
    });
}

#[test]
fn a_card_that_cannot_do_what_the_envelope_needs_says_what_is_missing() {
    let name = "a_card_that_cannot_do_what_the_envelope_needs_says_what_is_missing";
    play(module_path!(), name, &[By::Card("no-oaep no-bare no-pkcs1 no-ecdh")], async |stage: Stage| {
        let serial = stage.tokens.token("KRA 1", PIN);
        let certificate = stage.tokens.agent(&serial, PIN, "03", "Agent 1", "rsa:2048", &[]).certificate;
        let curve = stage.tokens.agent(&serial, PIN, "04", "Curve", "EC:secp256r1", &["--usage-derive"]);
        let key = stage.key("token=KRA%201;id=%03", PIN).await;
        for (algorithm, missing) in [
            (KeyEncryption::OaepSha256, "CKM_RSA_X_509"),
            (KeyEncryption::OaepSha1, "CKM_RSA_X_509"),
            (KeyEncryption::Pkcs1, "CKM_RSA_PKCS"),
        ] {
            let wrapped = stage.wrap(&[7; 32], &certificate, algorithm);
            let refused = key.unwrap_key(&wrapped).await.unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::Unfit { .. }), "{refused}");
            let told = refused.to_string();
            assert!(told.contains(missing) && told.contains("another agent"), "{algorithm:?}: {told}");
        }
        let sealed = stage.seal(b"a private key", &curve.certificate, &[]);
        let envelope = crypto::open::Envelope::parse(&sealed).unwrap();
        let key = stage.key("token=KRA%201;id=%04", PIN).await;
        let refused = key.unwrap_key(&envelope.recipients()[0].wrapped).await.unwrap_err();
        assert!(refused.to_string().contains("CKM_ECDH1_DERIVE"), "{refused}");
    });
}

#[test]
fn a_card_that_calls_every_refusal_a_general_error_is_no_oracle_either() {
    let name = "a_card_that_calls_every_refusal_a_general_error_is_no_oracle_either";
    play(module_path!(), name, &[By::Card("vague")], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let key = stage.key("token=KRA%201", PIN).await;
        let mut wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha1);
        if let ports::WrappedKey::Transport { encrypted_key, .. } = &mut wrapped {
            encrypted_key[100] ^= 1;
        }
        let refused = key.unwrap_key(&wrapped).await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. }), "{refused:?}");
    });
}

#[test]
fn a_key_that_wants_its_pin_at_every_use_gets_it_between_beginning_and_decrypting() {
    let name = "a_key_that_wants_its_pin_at_every_use_gets_it_between_beginning_and_decrypting";
    play(module_path!(), name, &[By::Card("parts"), By::Card("parts pad")], async |stage: Stage| {
        let serial = stage.tokens.token("KRA 1", PIN);
        let always = stage.tokens.agent(&serial, PIN, "02", "Always", "rsa:2048", &["--always-auth"]);
        let key = stage.key("token=KRA%201", PIN).await;
        for number in 0..3 {
            let wrapped = stage.wrap(&[number; 32], &always.certificate, KeyEncryption::Pkcs1);
            assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [number; 32]);
        }
    });
}
