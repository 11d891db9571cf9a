//! Agents in a vault: which keys and certificates serve, and where the certificate comes from.

use kra::KeyVaultAgent;
use ports::{KeyEncryption, RecoveryKey as _, RecoveryKeyError};
use sim::{VaultKeyKind, VaultKeySpec, VaultPermission};

use crate::world::{World, told};

async fn find(world: &World, address: &str) -> Result<KeyVaultAgent, RecoveryKeyError> {
    KeyVaultAgent::find(&address.parse().unwrap(), world.settings(world.application()), &[]).await
}

#[tokio::test]
async fn an_agent_is_found_by_its_key_and_by_its_certificate() {
    let world = World::new().await;
    for address in [&world.agent.address, &world.agent.certificate_address] {
        let agent = find(&world, address).await.unwrap();
        assert_eq!(agent.certificate, world.certificate());
        assert_eq!(agent.address.to_string(), world.agent.address, "the key, with its version");
        assert_eq!(agent.opens, [KeyEncryption::OaepSha256, KeyEncryption::OaepSha1, KeyEncryption::Pkcs1]);
    }
}

#[tokio::test]
async fn keys_that_cannot_open_anything_are_refused_before_anything_is_sealed_to_them() {
    let world = World::new().await;
    for (kind, why) in [
        (VaultKeyKind::Ec, "EC key, with which vaults sign and cannot decrypt"),
        (VaultKeyKind::Rsa(1024), "at least 2048 bits"),
    ] {
        let key = world.sim.add_vault_key("weak", &VaultKeySpec::bare(kind)).unwrap();
        let error = find(&world, &key.address).await.unwrap_err();
        assert!(matches!(error, RecoveryKeyError::Unfit { .. }), "{error:?}");
        assert!(told(&error).contains(why), "{error}");
    }
    let signing = |told: &mut sim::VaultKeyAttributes| told.operations = vec!["sign".to_owned()];
    world.sim.edit_vault_key("kra", &world.agent.version, signing).unwrap();
    let error = find(&world, &world.agent.address).await.unwrap_err();
    assert!(told(&error).contains("neither unwrapKey nor decrypt"), "{error}");
    world.sim.edit_vault_key("kra", &world.agent.version, |told| told.enabled = false).unwrap();
    let error = find(&world, &world.agent.address).await.unwrap_err();
    assert!(matches!(error, RecoveryKeyError::Blocked { .. }), "{error:?}");
}

#[tokio::test]
async fn a_certificate_that_is_not_the_keys_is_refused() {
    let world = World::new().await;
    let other = world.sim.add_vault_key("other", &VaultKeySpec::certified("Somebody else")).unwrap();
    world.sim.put_vault_certificate("kra", &world.agent.version, &other.certificate_pem.unwrap()).unwrap();
    for address in [&world.agent.address, &world.agent.certificate_address] {
        let error = find(&world, address).await.unwrap_err();
        assert!(matches!(error, RecoveryKeyError::Unfit { .. }), "{error:?}");
        assert!(told(&error).contains("Somebody else"), "{error}");
    }
}

#[tokio::test]
async fn the_certificate_of_a_bare_key_is_found_among_the_archives_agents() {
    let world = World::new().await;
    let others = ["A", "B"].map(|name| {
        let key = world.sim.add_vault_key(name, &VaultKeySpec::certified(name)).unwrap();
        crypto::X509Certificate::from_pem(key.certificate_pem.unwrap().as_bytes()).unwrap()
    });
    let without: Vec<_> =
        VaultPermission::ALL.into_iter().filter(|one| *one != VaultPermission::GetCertificate).collect();
    world.sim.set_vault_permissions(&without);
    let error = world.open_among(&world.agent.address, &others).await.unwrap_err();
    assert!(matches!(error, RecoveryKeyError::Unfit { .. }), "{error:?}");
    assert!(told(&error).contains("--agent-certificate"), "{error}");
    let [first, second] = others;
    let known = [first, world.certificate(), second];
    let key = world.open_among(&world.agent.address, &known).await.unwrap();
    assert_eq!(key.certificate_der(), world.certificate().der());
}
