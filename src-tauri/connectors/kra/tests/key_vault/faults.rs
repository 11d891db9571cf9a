//! The service misbehaves: each failure says what it was, and whether to try again. Nothing secret reaches the log.

use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ports::{KeyEncryption, RecoveryKey as _, RecoveryKeyError};
use sim::{Fault, FaultEffect, VaultLie, VaultPermission};

use crate::world::{CONTENT_KEY, World, told, wrap};

const UNWRAP: &str = "POST /keys/*/unwrapkey";

#[tokio::test]
async fn every_failure_of_the_service_is_told_in_its_own_words() {
    let world = World::new().await;
    let cases = [
        (FaultEffect::TooManyRequests { retry_after: Some(7) }, "try again in 7 seconds"),
        (FaultEffect::TooManyRequests { retry_after: None }, "try again in a moment"),
        (FaultEffect::Unavailable { retry_after: Some(30) }, "try again in 30 seconds"),
        (FaultEffect::Status { status: 500 }, "is in trouble (500)"),
        (FaultEffect::Status { status: 502 }, "is in trouble (502)"),
        (FaultEffect::Html, "something other than JSON"),
        (FaultEffect::TruncatedBody, "it ends in the middle"),
        (FaultEffect::CutBefore, "try again"),
        (FaultEffect::LostAnswer, "try again"),
    ];
    for (effect, why) in cases {
        world.sim.add_fault(Fault::once(UNWRAP, effect.clone()));
        let (error, text) = world.refusal().await;
        let kind = matches!(error, RecoveryKeyError::Failed { .. });
        assert!(kind && text.contains(why), "{effect:?}: {text}");
        assert_eq!(world.sim.faults(), [], "it was asked once and not again");
    }
    world.try_agent().await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_not_accepted_any_more_is_replaced_once() {
    let world = World::new().await;
    world.sim.add_fault(Fault::once(UNWRAP, FaultEffect::Unauthorized));
    world.try_agent().await.unwrap();
    world.sim.add_fault(Fault::always(UNWRAP, FaultEffect::Unauthorized));
    let (error, text) = world.refusal().await;
    assert!(matches!(error, RecoveryKeyError::Locked { .. }), "{error:?}");
    assert!(text.contains("did not accept the sign-in"), "{text}");
}

#[tokio::test]
async fn a_read_that_is_told_to_wait_a_moment_waits() {
    let world = World::new().await;
    let wait = FaultEffect::TooManyRequests { retry_after: Some(1) };
    world.sim.add_fault(Fault::once("GET /keys/*", wait).after(1));
    world.try_agent().await.unwrap();
}

#[tokio::test]
async fn a_vault_that_answers_for_another_key_or_with_nonsense_is_not_believed() {
    let world = World::new().await;
    for (lie, why) in [
        (VaultLie::OtherKey, "answered for another key"),
        (VaultLie::NoBase64, "not base64url"),
        (VaultLie::Endless, "longer than 65536 bytes"),
    ] {
        world.sim.set_vault_lie(Some(lie));
        let (error, text) = world.refusal().await;
        assert!(matches!(error, RecoveryKeyError::Failed { .. }), "{error:?}");
        assert!(text.contains(why), "{lie:?}: {text}");
    }
}

#[tokio::test]
async fn a_vault_that_is_not_there_is_told_so() {
    let world = World::new().await;
    world.sim.stop().await;
    let (error, text) = world.refusal().await;
    assert!(matches!(error, RecoveryKeyError::Absent { .. }), "{error:?}");
    assert!(text.contains("cannot be reached"), "{text}");
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_which_operation_worked_and_nothing_that_is_secret() {
    let world = World::new().await;
    let heard = Heard::default();
    let into = heard.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || into.clone())
        .finish();
    let _listening = tracing::subscriber::set_default(subscriber);
    world.sim.set_vault_permissions(&[
        VaultPermission::GetKey,
        VaultPermission::GetCertificate,
        VaultPermission::Decrypt,
    ]);
    let key = world.open(&world.agent.address).await.unwrap();
    let wrapped = wrap(&world.agent, &CONTENT_KEY, KeyEncryption::OaepSha256);
    assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), CONTENT_KEY);
    world.sim.set_vault_lie(Some(VaultLie::OtherKey));
    let refused = key.unwrap_key(&wrapped).await.unwrap_err();
    let log = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("a content key was opened") && log.contains("operation=\"decrypt\""), "{log}");
    let secret = world.sim.app().secret.unwrap();
    for told in [log, format!("{key:?}"), format!("{refused:?}"), told(&refused)] {
        for hidden in [
            URL_SAFE_NO_PAD.encode(CONTENT_KEY),
            "c7c7c7c7".to_owned(),
            "199, 199, 199".to_owned(),
            secret.clone(),
            "eyJ".to_owned(),
            "Bearer ".to_owned(),
        ] {
            assert!(!told.contains(&hidden), "{hidden}: {told}");
        }
    }
}
