//! PINs: sent late, once, and never when it would be in vain.

use kra::TokenKey;
use kra::pkcs11::Tries;
use ports::{KeyEncryption, RecoveryKey, RecoveryKeyError};

use crate::stage::{By, PIN, Stage, play};

#[test]
fn a_wrong_pin_is_sent_once_however_many_keys_are_waiting() {
    let name = "a_wrong_pin_is_sent_once_however_many_keys_are_waiting";
    play(module_path!(), name, &[By::Spy], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha1);
        let key = stage.key("token=KRA%201", "654321").await;
        assert_eq!(stage.calls("C_Login"), 0, "nothing is sent before a key is needed");
        let first = key.unwrap_key(&wrapped).await.unwrap_err();
        assert!(matches!(first, RecoveryKeyError::Locked { .. }), "{first}");
        assert!(
            first.to_string().contains("token `KRA 1`") && first.to_string().contains("PIN is wrong"),
            "{first}"
        );
        assert!(first.to_string().contains("running out"), "SoftHSM says so by its flag: {first}");
        for _ in 0..3 {
            let again = key.unwrap_key(&wrapped).await.unwrap_err();
            assert!(again.to_string().contains("not tried again by itself"), "{again}");
        }
        assert_eq!(stage.calls("C_Login"), 1);

        let found = TokenKey::find(&stage.uri("token=KRA%201")).await.unwrap();
        assert_eq!(found.tries(), Tries::Low);
        assert!(found.tries().warning().unwrap().contains("running out"));
        assert!(!found.has_pin_pad());
        let key = stage.key("token=KRA%201", PIN).await;
        assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [7; 32]);
        assert_eq!(stage.calls("C_Login"), 2);
        let found = TokenKey::find(&stage.uri("token=KRA%201")).await.unwrap();
        assert_eq!(found.tries(), Tries::Untold);
        // Logging in is the token's matter: a second key of this process finds it done.
        let second = stage.key("token=KRA%201", PIN).await;
        assert_eq!(*second.unwrap_key(&wrapped).await.unwrap(), [7; 32]);
    });
}

#[test]
fn what_cannot_be_a_pin_of_the_token_is_not_sent() {
    let name = "what_cannot_be_a_pin_of_the_token_is_not_sent";
    play(module_path!(), name, &[By::Spy], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let wrapped = stage.wrap(&[7; 32], &certificate, KeyEncryption::OaepSha1);
        for pin in ["", "123", &"1".repeat(256)] {
            let refused = stage.key("token=KRA%201", pin).await.unwrap_key(&wrapped).await.unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::Locked { .. }), "{refused}");
            assert!(refused.to_string().contains("4 to 255 characters"), "{refused}");
        }
        assert_eq!(stage.calls("C_Login"), 0);
        let found = TokenKey::find(&stage.uri("token=KRA%201")).await.unwrap();
        assert_eq!(found.tries(), Tries::Untold);
    });
}

#[test]
fn many_keys_at_once_are_unwrapped_one_after_the_other() {
    let name = "many_keys_at_once_are_unwrapped_one_after_the_other";
    play(module_path!(), name, &[By::Itself], async |stage: Stage| {
        let certificate = stage.rsa_agent("KRA 1");
        let key = std::sync::Arc::new(stage.key("token=KRA%201", PIN).await);
        let mut waiting = tokio::task::JoinSet::new();
        for number in 0..16_u8 {
            let wrapped = stage.wrap(&[number; 32], &certificate, KeyEncryption::OaepSha256);
            let key = std::sync::Arc::clone(&key);
            waiting.spawn(async move { (number, key.unwrap_key(&wrapped).await.unwrap()) });
        }
        let mut done = 0;
        while let Some(one) = waiting.join_next().await {
            let (number, content_key) = one.unwrap();
            assert_eq!(*content_key, [number; 32]);
            done += 1;
        }
        assert_eq!(done, 16);
    });
}
