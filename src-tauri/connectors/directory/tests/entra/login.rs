//! Logging in, and what is said when it fails.

use std::time::Duration;

use crypto::{PrivateKey, X509Certificate};
use model::{KeyAlgorithm, SerialNumber, Timestamp};
use net::entra::{AssertionAlgorithm, Credential};
use ports::{Directory as _, DirectoryError, Disposition};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::world::{door, world};

fn hint(error: DirectoryError) -> String {
    assert_eq!(error.disposition(), Disposition::Operator);
    let DirectoryError::Unauthorized { hint } = error else { panic!("{error:?}") };
    hint
}

fn pair() -> (PrivateKey, X509Certificate) {
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let validity = crypto::issue::Validity {
        not_before: "2025-01-01T00:00:00Z".parse::<Timestamp>().unwrap(),
        not_after: "2035-01-01T00:00:00Z".parse::<Timestamp>().unwrap(),
    };
    let serial = SerialNumber::from_be_bytes(&[1]);
    let der = crypto::issue::recovery_agent_certificate("Sealwright", &key, validity, serial).unwrap();
    (key, X509Certificate::from_der(&der).unwrap())
}

#[tokio::test]
async fn a_registered_certificate_logs_in_without_any_secret() {
    let world = world().await;
    let (key, certificate) = pair();
    world.sim.register_client_certificate(&certificate.pem()).unwrap();
    let door = door(
        &world.sim,
        world.sim.tenant_id(),
        Credential::certificate(key, certificate, AssertionAlgorithm::Ps256).unwrap(),
    );
    door.check().await.unwrap();
    // A second login makes a second assertion: the simulator refuses one that it has seen.
    world.sim.advance(Duration::from_hours(2));
    assert!(
        hint(door.check().await.unwrap_err()).contains("clock"),
        "the simulator is two hours ahead of us"
    );
}

#[tokio::test]
async fn each_login_makes_an_assertion_of_its_own() {
    let world = world().await;
    let (key, certificate) = pair();
    world.sim.register_client_certificate(&certificate.pem()).unwrap();
    let door = door(
        &world.sim,
        world.sim.tenant_id(),
        Credential::certificate(key, certificate, AssertionAlgorithm::Ps256).unwrap(),
    );
    door.check().await.unwrap();
    let fault = sim::Fault::once("GET /v1.0/users", sim::FaultEffect::Unauthorized);
    world.sim.add_fault(fault);
    door.check().await.unwrap();
    assert_eq!(world.asked("/token"), 2);
}

#[tokio::test]
async fn a_certificate_that_is_not_registered_is_told_with_the_way_out() {
    let world = world().await;
    let (key, certificate) = pair();
    let door = door(
        &world.sim,
        world.sim.tenant_id(),
        Credential::certificate(key, certificate, AssertionAlgorithm::Ps256).unwrap(),
    );
    assert!(hint(door.check().await.unwrap_err()).contains("upload it at the registration"));
}

#[tokio::test]
async fn a_wrong_secret_is_told_with_the_way_out_and_without_the_secret() {
    let world = world().await;
    let credential = Credential::Secret(Zeroizing::new("planted-wrong-secret".to_owned()));
    let door = door(&world.sim, world.sim.tenant_id(), credential);
    let error = door.check().await.unwrap_err();
    assert!(!format!("{error:?}").contains("planted"));
    let hint = hint(error);
    assert!(hint.contains("the client secret is wrong") && hint.contains("AADSTS7000215"), "{hint}");
    assert_eq!(world.asked("/token"), 1, "a refused login is not repeated");
}

#[tokio::test]
async fn an_unknown_tenant_is_told_before_the_secret_is_sent() {
    let world = world().await;
    let secret = Credential::Secret(Zeroizing::new("x".to_owned()));
    let door = door(&world.sim, Uuid::from_u128(1), secret);
    assert!(hint(door.check().await.unwrap_err()).contains("tenant id"));
    assert_eq!(world.asked("/token"), 0);
}

#[tokio::test]
async fn an_expired_token_is_replaced_once_in_the_middle_of_the_work() {
    let world = world().await;
    world.door.check().await.unwrap();
    world.sim.advance(Duration::from_hours(2));
    assert!(!world.everybody(world.group()).await.is_empty());
    let rejected = world.sim.requests().iter().filter(|request| request.status == 401).count();
    assert_eq!((rejected, world.asked("/token")), (1, 2));
}

#[tokio::test]
async fn each_missing_permission_is_named() {
    let cases: [(&[&str], &str); 3] = [
        (&["GroupMember.Read.All", "MailboxSettings.Read"], "User.Read.All"),
        (&["User.Read.All", "MailboxSettings.Read"], "GroupMember.Read.All"),
        (&["User.Read.All", "GroupMember.Read.All"], "MailboxSettings.Read"),
    ];
    for (granted, missing) in cases {
        let world = world().await;
        world.sim.set_roles(granted);
        let hint = hint(world.door.check().await.unwrap_err());
        assert!(hint.contains(missing) && hint.contains("admin consent"), "{missing}: {hint}");
    }
}

#[tokio::test]
async fn a_group_whose_people_are_hidden_is_no_empty_group() {
    let world = world().await;
    world.sim.set_roles(&["GroupMember.Read.All"]);
    let hint = hint(world.door.members(world.group(), None).await.unwrap_err());
    assert!(hint.contains("User.Read.All"), "{hint}");
}
