//! PIV cards, reached as any card is: by PC/SC and OpenSC's driver and module. The cards are programs
//! (`tests/card`), the reader is one, and everything between them and the product is what a system has.

use std::time::{Duration, Instant};

use crypto::X509Certificate;
use crypto::open::Envelope;
use kra::TokenKey;
use kra::pkcs11::{Tries, survey};
use ports::{KeyEncryption, RecoveryKey, RecoveryKeyError, WrappedKey};
use support::{PIV_PIN, PIV_PUK};

use crate::stage::{By, Stage, play};

const ALGORITHMS: [KeyEncryption; 3] =
    [KeyEncryption::OaepSha256, KeyEncryption::OaepSha1, KeyEncryption::Pkcs1];

fn altered(wrapped: &WrappedKey) -> WrappedKey {
    let WrappedKey::Transport { algorithm, encrypted_key } = wrapped else { panic!("to an RSA key") };
    let mut encrypted_key = encrypted_key.clone();
    encrypted_key[100] ^= 1;
    WrappedKey::Transport { algorithm: *algorithm, encrypted_key }
}

#[test]
fn a_key_made_on_a_card_is_surveyed_and_unwraps_by_every_algorithm() {
    let name = "a_key_made_on_a_card_is_surveyed_and_unwraps_by_every_algorithm";
    play(module_path!(), name, &[By::OpenSc, By::Proxy, By::OpenScCard("no-oaep")], async |stage: Stage| {
        let reader = stage.reader();
        let _card = reader.insert(0, "first");
        let agent = reader.agent(0, "Agent 1", "rsa:2048");
        let expected = X509Certificate::from_pem(&std::fs::read(&agent.certificate).unwrap()).unwrap();

        let seen = survey(Some(stage.module())).await.unwrap();
        let [token] = seen.as_slice() else { panic!("{seen:?}") };
        assert!(token.reader.starts_with("Virtual reader"), "{token:?}");
        assert_eq!((token.pin_pad, token.tries, &token.unreadable), (false, Tries::Untold, &None));
        let [shown] = token.certificates.as_slice() else { panic!("{token:?}") };
        assert_eq!(shown.certificate, expected);
        assert_eq!(shown.address.id.as_deref(), Some([3].as_slice()), "9D");

        // Two keys of one process, each with a session of its own.
        let open = async || {
            let found = TokenKey::find(&shown.address).await.unwrap();
            assert!(!found.needs_no_pin());
            found.with_pin(Some(PIV_PIN.to_owned().into()))
        };
        let (one, other) = (open().await, open().await);
        assert_eq!(one.certificate_der(), expected.der());
        for (number, algorithm) in (0_u8..).zip(ALGORITHMS) {
            let content_key = [number; 32];
            let wrapped = stage.wrap(&content_key, &agent.certificate, algorithm);
            for key in [&one, &other] {
                assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), content_key, "{algorithm:?}");
                match key.unwrap_key(&altered(&wrapped)).await {
                    Err(refused) => {
                        let alike = matches!(refused, RecoveryKeyError::DoesNotUnwrap { .. });
                        assert!(alike, "{algorithm:?}: {refused:?}");
                    }
                    Ok(octets) => {
                        assert_eq!(algorithm, KeyEncryption::Pkcs1);
                        assert_ne!(*octets, content_key);
                    }
                }
                // The session goes on after a refusal.
                assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), content_key, "{algorithm:?}");
            }
        }
    });
}

#[test]
fn envelopes_open_by_agreement_on_a_card() {
    let name = "envelopes_open_by_agreement_on_a_card";
    play(module_path!(), name, &[By::OpenSc], async |stage: Stage| {
        let reader = stage.reader();
        let _card = reader.insert(0, "first");
        let agent = reader.agent(0, "Agent 1", "EC:secp256r1");
        let certificate = X509Certificate::from_pem(&std::fs::read(&agent.certificate).unwrap()).unwrap();
        let key = stage.key("id=%03", PIV_PIN).await;
        let ours = crypto::seal::seal(b"a private key", std::slice::from_ref(&certificate)).unwrap();
        let theirs = stage.seal(b"a private key", &agent.certificate, &[]);
        for sealed in [ours, theirs] {
            let envelope = Envelope::parse(&sealed).unwrap();
            let wrapped = &envelope.recipient_for(&certificate).unwrap().wrapped;
            let content_key = key.unwrap_key(wrapped).await.unwrap();
            assert_eq!(&**envelope.open_with_content_key(&content_key).unwrap(), b"a private key");
        }
    });
}

#[test]
fn wrong_pins_are_sent_once_each_and_the_card_that_they_block_is_sent_none() {
    let name = "wrong_pins_are_sent_once_each_and_the_card_that_they_block_is_sent_none";
    play(module_path!(), name, &[By::OpenScSpy], async |stage: Stage| {
        let reader = stage.reader();
        let _card = reader.insert(0, "first");
        let agent = reader.agent(0, "Agent 1", "rsa:2048");
        let wrapped = stage.wrap(&[7; 32], &agent.certificate, KeyEncryption::OaepSha256);
        let tries = async || TokenKey::find(&stage.uri("id=%03")).await.unwrap().tries();

        // OpenSC 0.23 does not know how many tries a PIV card had, and so tells of the last one only.
        let told = [("does not tell", Tries::Untold), ("ONE try is left", Tries::Last)];
        for (number, (told, left)) in told.into_iter().enumerate() {
            let key = stage.key("id=%03", "654321").await;
            let refused = key.unwrap_key(&wrapped).await.unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::Locked { .. }), "{refused}");
            assert!(refused.to_string().contains(told), "{refused}");
            let again = key.unwrap_key(&wrapped).await.unwrap_err();
            assert!(again.to_string().contains("not tried again by itself"), "{again}");
            assert_eq!(stage.calls("C_Login"), number + 1);
            assert_eq!(tries().await, left);
        }
        // What cannot be a PIN of this card costs no try.
        for pin in ["", "123", "123456789"] {
            let refused = stage.key("id=%03", pin).await.unwrap_key(&wrapped).await.unwrap_err();
            assert!(refused.to_string().contains("was not sent"), "{refused}");
        }
        assert_eq!(stage.calls("C_Login"), 2);

        let last = stage.key("id=%03", "654321").await.unwrap_key(&wrapped).await.unwrap_err();
        assert!(matches!(last, RecoveryKeyError::Blocked { .. }), "{last}");
        assert_eq!(tries().await, Tries::Locked);
        let right = stage.key("id=%03", PIV_PIN).await.unwrap_key(&wrapped).await.unwrap_err();
        assert!(matches!(right, RecoveryKeyError::Blocked { .. }), "{right}");
        assert!(right.to_string().contains("unlock it with the PUK"), "{right}");
        assert_eq!(stage.calls("C_Login"), 3, "the right PIN would be refused as well, and is not sent");

        // What the sentence says to do is done.
        reader.run(
            "pkcs15-tool",
            &["--unblock-pin", "--auth-id", "01", "--puk", PIV_PUK, "--new-pin", "271828"],
        );
        assert_eq!(tries().await, Tries::Untold);
        let key = stage.key("id=%03", "271828").await;
        assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [7; 32]);
    });
}

#[test]
fn a_card_that_is_pulled_out_is_absent_and_opens_again_when_it_is_back() {
    let name = "a_card_that_is_pulled_out_is_absent_and_opens_again_when_it_is_back";
    play(module_path!(), name, &[By::OpenSc, By::Proxy], async |stage: Stage| {
        let reader = stage.reader();
        let card = reader.insert(0, "first");
        let agent = reader.agent(0, "Agent 1", "rsa:2048");
        let wrapped = stage.wrap(&[7; 32], &agent.certificate, KeyEncryption::OaepSha256);
        let key = stage.key("id=%03", PIV_PIN).await;
        let unused = stage.key("id=%03", PIV_PIN).await;
        assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [7; 32]);

        reader.pull_out(card);
        for key in [&key, &unused, &key] {
            let refused = key.unwrap_key(&wrapped).await.unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::Absent { .. }), "{refused:?}");
            assert!(refused.to_string().contains("put it back and begin again"), "{refused}");
        }
        let nobody = stage.refusal("id=%03").await;
        assert!(matches!(nobody, RecoveryKeyError::Absent { .. }), "{nobody:?}");
        assert!(nobody.to_string().contains("no reader has a token"), "{nobody}");
        assert!(survey(Some(stage.module())).await.unwrap().is_empty());

        let _card = reader.insert(0, "first");
        // What was begun before is not taken up by itself; whoever begins again is let in.
        let refused = key.unwrap_key(&wrapped).await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Absent { .. }), "{refused:?}");
        let key = stage.key("id=%03", PIV_PIN).await;
        assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [7; 32]);
    });
}

#[test]
fn a_card_that_is_pulled_out_in_the_middle_of_its_work_keeps_nobody_waiting_for_ever() {
    let name = "a_card_that_is_pulled_out_in_the_middle_of_its_work_keeps_nobody_waiting_for_ever";
    play(module_path!(), name, &[By::OpenSc, By::Proxy], async |stage: Stage| {
        let reader = stage.reader();
        let card = reader.insert(0, "first");
        let agent = reader.agent(0, "Agent 1", "rsa:2048");
        let wrapped = stage.wrap(&[7; 32], &agent.certificate, KeyEncryption::OaepSha256);
        let key = stage.key("id=%03", PIV_PIN).await;
        assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), [7; 32]);
        let key = key.with_patience(Duration::from_secs(3));

        // PC/SC has not noticed yet; OpenSC 0.23 never comes back from this.
        card.vanish();
        let begun = Instant::now();
        for _ in 0..3 {
            let refused = key.unwrap_key(&wrapped).await.unwrap_err();
            assert!(matches!(refused, RecoveryKeyError::Absent { .. }), "{refused:?}");
            assert!(refused.to_string().contains("put it back and begin again"), "{refused}");
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    });
}

#[test]
fn of_two_cards_in_two_readers_each_opens_what_was_sealed_to_it() {
    let name = "of_two_cards_in_two_readers_each_opens_what_was_sealed_to_it";
    play(module_path!(), name, &[By::OpenSc], async |stage: Stage| {
        let reader = stage.reader();
        let none = stage.refusal("").await;
        assert!(none.to_string().contains("no reader has a token"), "{none}");
        let cards = ["Agent 1", "Agent 2"];
        let mut inside = Vec::new();
        for (slot, agent) in (0..).zip(cards) {
            inside.push((reader.insert(slot, agent), reader.agent(slot, agent, "rsa:2048")));
        }
        let several = stage.refusal("id=%03").await;
        assert!(matches!(several, RecoveryKeyError::Unfit { .. }), "{several}");
        assert!(several.to_string().contains("token=Agent%201;serial="), "{several}");
        for (number, (_, agent)) in inside.iter().enumerate() {
            let wrapped = stage.wrap(&[7; 32], &agent.certificate, KeyEncryption::OaepSha256);
            for (other, label) in cards.iter().enumerate() {
                let key = stage.key(&format!("token={}", label.replace(' ', "%20")), PIV_PIN).await;
                let unwrapped = key.unwrap_key(&wrapped).await;
                assert_eq!(unwrapped.is_ok(), number == other, "{unwrapped:?}");
            }
        }
    });
}

#[test]
fn a_key_for_encryption_on_a_card_does_not_sign_and_says_who_may() {
    let name = "a_key_for_encryption_on_a_card_does_not_sign_and_says_who_may";
    play(module_path!(), name, &[By::OpenSc], async |stage: Stage| {
        let reader = stage.reader();
        let _card = reader.insert(0, "first");
        reader.agent(0, "Agent 1", "rsa:2048");
        let refused = stage.key("id=%03", PIV_PIN).await.sign(b"a set").await.unwrap_err();
        assert!(matches!(refused, RecoveryKeyError::Unfit { .. }), "{refused:?}");
        assert!(refused.to_string().contains("let another officer of the set sign"), "{refused}");
    });
}
