//! The officer signs in with their own account, elsewhere, by a code that is shown to them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kra::{KeyVaultRecoveryKey, VaultSignIn};
use ports::{KeyEncryption, RecoveryKey as _, RecoveryKeyError};
use sim::{Sim, User};
use zeroize::Zeroizing;

use crate::world::{CONTENT_KEY, World, told, wrap};

type Act = Box<dyn FnOnce(&Sim, &str)>;
type Shown = Arc<Mutex<Vec<(String, String)>>>;

/// An officer, and what is shown to them.
fn officer(world: &World) -> (VaultSignIn, Shown) {
    let shown = Shown::default();
    let seen = Arc::clone(&shown);
    let sign_in = VaultSignIn::Person {
        client_id: world.sim.officer_client_id(),
        show: Box::new(move |sign_in| {
            seen.lock().unwrap().push((sign_in.address().to_string(), sign_in.user_code().to_owned()));
        }),
    };
    (sign_in, shown)
}

fn person(sim: &Sim) -> User {
    sim.users().into_iter().find(|user| user.account_enabled).unwrap()
}

/// Opens as an officer while `act` plays them.
async fn open(
    world: &World,
    act: impl FnOnce(&Sim, &str),
) -> (Result<KeyVaultRecoveryKey, RecoveryKeyError>, Vec<(String, String)>) {
    let (sign_in, shown) = officer(world);
    let address = world.agent.address.parse().unwrap();
    let playing = async {
        let code = loop {
            if let Some((_, code)) = shown.lock().unwrap().last().cloned() {
                break code;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        // Long enough for one question that is answered with "not yet".
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        act(&world.sim, &code);
    };
    let (opened, ()) =
        tokio::join!(KeyVaultRecoveryKey::open(&address, world.settings(sign_in), &[]), playing);
    let shown = shown.lock().unwrap().clone();
    (opened, shown)
}

#[tokio::test]
async fn the_officers_own_account_opens_and_is_named_in_the_place() {
    let world = World::new().await;
    let person = person(&world.sim);
    let (opened, shown) = open(&world, |sim, code| sim.approve_sign_in(code, person.id).unwrap()).await;
    let key = opened.unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].0, "https://microsoft.com/devicelogin");
    assert_eq!(key.place(), format!("key vault {} as {}", world.agent.address, person.user_principal_name));
    let wrapped = wrap(&world.agent, &CONTENT_KEY, KeyEncryption::OaepSha256);
    assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), CONTENT_KEY);
    let questions = world.asked().into_iter().filter(|(path, _)| path == "token").count();
    assert!(questions >= 2, "it went on asking");
    assert_eq!(world.sim.sign_ins_begun(), 1, "one sign-in for the whole command");
}

#[tokio::test]
async fn a_declined_a_late_and_a_blocked_sign_in_say_what_happened() {
    let world = World::new().await;
    let refused = async |act: Act, why: &str| {
        let (opened, _) = open(&world, act).await;
        let error = opened.unwrap_err();
        assert!(matches!(error, RecoveryKeyError::Locked { .. }), "{error:?}");
        assert!(told(&error).contains(why), "{error}");
    };
    refused(Box::new(|sim, code| sim.decline_sign_in(code).unwrap()), "the sign-in was declined").await;
    let late = |sim: &Sim, _: &str| sim.advance(Duration::from_mins(16));
    refused(Box::new(late), "nobody entered the code in time").await;
    let person = person(&world.sim);
    let blocked = move |sim: &Sim, code: &str| {
        sim.set_enabled(person.id, false).unwrap();
        sim.approve_sign_in(code, person.id).unwrap();
    };
    refused(Box::new(blocked), "invalid_grant").await;
    assert!(world.sim.requests().iter().all(|request| !request.with_token));
}

#[tokio::test]
async fn lost_answers_while_the_person_signs_in_do_not_end_the_waiting() {
    let world = World::new().await;
    let person = person(&world.sim);
    world.sim.add_fault(sim::Fault::once("POST /*/oauth2/v2.0/token", sim::FaultEffect::CutBefore));
    let (opened, _) = open(&world, |sim, code| sim.approve_sign_in(code, person.id).unwrap()).await;
    opened.unwrap();
}

#[tokio::test]
async fn an_application_that_people_cannot_sign_in_to_is_named_with_the_switch_to_set() {
    let world = World::new().await;
    let address = world.agent.address.parse().unwrap();
    let by = |client_id| VaultSignIn::Person { client_id, show: Box::new(|_| {}) };
    let confidential = world.settings(by(world.sim.app().client_id));
    let error = KeyVaultRecoveryKey::open(&address, confidential, &[]).await.unwrap_err();
    assert!(told(&error).contains("Allow public client flows"), "{error}");
    let unknown = world.settings(by("00000000-0000-4000-8000-000000000000".parse().unwrap()));
    let error = KeyVaultRecoveryKey::open(&address, unknown, &[]).await.unwrap_err();
    assert!(told(&error).contains("does not exist in this tenant"), "{error}");
}

#[tokio::test]
async fn an_application_with_a_wrong_secret_is_refused_and_says_so() {
    let world = World::new().await;
    let sign_in = VaultSignIn::Application {
        client_id: world.sim.app().client_id,
        secret: Zeroizing::new("wrong".to_owned()),
    };
    let address = world.agent.address.parse().unwrap();
    let error = KeyVaultRecoveryKey::open(&address, world.settings(sign_in), &[]).await.unwrap_err();
    assert!(matches!(error, RecoveryKeyError::Locked { .. }), "{error:?}");
    assert!(told(&error).contains("client secret is wrong"), "{error}");
}
