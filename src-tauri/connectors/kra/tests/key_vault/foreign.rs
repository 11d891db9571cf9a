//! Who poses as a vault gets no token, and nobody signs in for them.

use kra::{KeyVaultRecoveryKey, VaultSignIn};
use ports::RecoveryKeyError;
use sim::VaultChallenge;

use crate::world::{World, told};

/// An officer who would sign in if they were asked.
fn officer(world: &World) -> VaultSignIn {
    VaultSignIn::Person {
        client_id: world.sim.officer_client_id(),
        show: Box::new(|_| panic!("nobody may be asked to sign in")),
    }
}

#[tokio::test]
async fn a_vault_that_wants_a_token_for_something_else_gets_none() {
    let world = World::new().await;
    for resource in [
        "https://vault.evil.example",
        "https://vault.azure.net.evil.example",
        "https://graph.microsoft.com",
        "https://managedhsm.azure.net",
        "https://vault.usgovcloudapi.net",
        "http://vault.azure.net",
        "",
    ] {
        for as_scope in [false, true] {
            let challenge =
                VaultChallenge { resource: resource.to_owned(), as_scope, ..VaultChallenge::default() };
            world.sim.set_vault_challenge(challenge);
            world.sim.clear_requests();
            for sign_in in [world.application(), officer(&world)] {
                let address = world.agent.address.parse().unwrap();
                let error =
                    KeyVaultRecoveryKey::open(&address, world.settings(sign_in), &[]).await.unwrap_err();
                assert!(matches!(error, RecoveryKeyError::Unfit { .. }), "{error:?}");
                let text = told(&error);
                assert!(
                    text.contains("no token is sent") && text.contains("https://vault.azure.net"),
                    "{text}"
                );
            }
            let requests = world.sim.requests();
            assert_eq!(requests.len(), 2, "one question each: {requests:?}");
            assert!(requests.iter().all(|request| !request.with_token && request.status == 401));
        }
    }
    assert_eq!(world.sim.sign_ins_begun(), 0);
}

#[tokio::test]
async fn the_right_resource_is_understood_in_both_ways_of_telling_it() {
    let world = World::new().await;
    for (resource, as_scope) in [
        ("https://vault.azure.net", true),
        ("https://vault.azure.net", false),
        ("https://VAULT.azure.net/", false),
    ] {
        let challenge =
            VaultChallenge { resource: resource.to_owned(), as_scope, ..VaultChallenge::default() };
        world.sim.set_vault_challenge(challenge);
        world.try_agent().await.unwrap();
    }
}

#[tokio::test]
async fn the_place_to_sign_in_is_never_taken_from_the_vault() {
    let world = World::new().await;
    let authorization = Some(format!("https://login.evil.example/{}", world.sim.tenant_id()));
    world.sim.set_vault_challenge(VaultChallenge { authorization, ..VaultChallenge::default() });
    world.try_agent().await.unwrap();
    assert!(world.asked().contains(&("token".to_owned(), 200)), "signed in where the settings say");
}

#[tokio::test]
async fn a_vault_of_another_tenant_than_expected_is_named() {
    let world = World::new().await;
    let other: uuid::Uuid = "11111111-2222-3333-4444-555555555555".parse().unwrap();
    let address = world.agent.address.parse().unwrap();
    let mut settings = world.settings(world.application());
    settings.tenant = Some(other);
    let error = KeyVaultRecoveryKey::open(&address, settings, &[]).await.unwrap_err();
    let text = told(&error);
    assert!(
        text.contains(&world.sim.tenant_id().to_string()) && text.contains("--key-vault-tenant"),
        "{text}"
    );
    let mut settings = world.settings(world.application());
    settings.tenant = Some(world.sim.tenant_id());
    KeyVaultRecoveryKey::open(&address, settings, &[]).await.unwrap();

    let nonsense =
        VaultChallenge { authorization: Some("https://x/y".to_owned()), ..VaultChallenge::default() };
    world.sim.set_vault_challenge(nonsense);
    let error = world.open(&world.agent.address).await.unwrap_err();
    assert!(told(&error).contains("names no tenant"), "{error}");
}

#[tokio::test]
async fn an_address_that_is_no_vaults_gets_no_request_at_all() {
    let world = World::new().await;
    let port = world.sim.base_url().rsplit(':').next().unwrap().to_owned();
    for address in [
        world.agent.address.replace("localhost", "127.0.0.1"),
        format!("https://localhost:{port}0/keys/kra/{}", world.agent.version)
            .replace(&format!("{port}0"), "1"),
    ] {
        let error = world.open(&address).await.unwrap_err();
        assert!(matches!(error, RecoveryKeyError::Unfit { .. }), "{error:?}");
        assert!(told(&error).contains("is no vault"), "{error}");
    }
    let mut settings = world.settings(world.application());
    settings.gateway = None;
    let address = world.agent.address.parse().unwrap();
    let error = KeyVaultRecoveryKey::open(&address, settings, &[]).await.unwrap_err();
    assert!(told(&error).contains("[key-vault]"), "{error}");
    assert_eq!(world.sim.request_count(), 0);
    let plain = world.agent.address.replace("https://", "http://").parse::<kra::Address>().unwrap_err();
    assert!(plain.contains("https only"), "{plain}");
}

#[tokio::test]
async fn what_answers_without_asking_who_we_are_is_no_vault() {
    let world = World::new().await;
    let page = sim::Fault::once("GET /keys/*", sim::FaultEffect::Html);
    world.sim.add_fault(page);
    let error = world.open(&world.agent.address).await.unwrap_err();
    assert!(told(&error).contains("no key vault"), "{error}");
    // A 401 of another kind.
    world.sim.add_fault(sim::Fault::once("GET /keys/*", sim::FaultEffect::Unauthorized));
    let error = world.open(&world.agent.address).await.unwrap_err();
    assert!(told(&error).contains("names no resource"), "{error}");
    assert!(world.sim.requests().iter().all(|request| !request.with_token));
}
