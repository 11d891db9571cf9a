//! Signing in the vault, and what is found out when it does not.

use ports::{RecoveryKey as _, RecoveryKeyError, SignatureAlgorithm};
use sim::{VaultLie, VaultPermission};

use crate::world::{World, told};

#[tokio::test]
async fn the_vault_signs_and_the_certificate_verifies_it() {
    let world = World::new().await;
    let key = world.open(&world.agent.address).await.unwrap();
    let signature = key.sign(b"a set").await.unwrap();
    assert_eq!(signature.algorithm, SignatureAlgorithm::Ps256);
    assert!(world.certificate().verifies(b"a set", &signature));
    assert!(!world.certificate().verifies(b"another set", &signature));
    assert_eq!(world.asked().last().unwrap(), &("sign".to_owned(), 200));
}

#[tokio::test]
async fn a_vault_that_may_not_sign_says_what_to_permit() {
    let world = World::new().await;
    let key = world.open(&world.agent.address).await.unwrap();
    let all = VaultPermission::ALL.into_iter().filter(|one| *one != VaultPermission::Sign);
    world.sim.set_vault_permissions(&all.collect::<Vec<_>>());
    let refused = key.sign(b"a set").await.unwrap_err();
    assert!(matches!(refused, RecoveryKeyError::Blocked { .. }), "{refused}");
    assert!(told(&refused).contains("an access policy with Sign"), "{refused}");
    world.sim.set_vault_permissions(&VaultPermission::ALL);
    let only =
        |attributes: &mut sim::VaultKeyAttributes| attributes.operations = vec!["unwrapKey".to_owned()];
    world.sim.edit_vault_key("kra", &world.agent.version, only).unwrap();
    let refused = key.sign(b"a set").await.unwrap_err();
    assert!(told(&refused).contains("do not include sign"), "{refused}");
}

#[tokio::test]
async fn what_the_vault_says_it_signed_is_looked_at() {
    let world = World::new().await;
    let key = world.open(&world.agent.address).await.unwrap();
    for lie in [VaultLie::OtherKey, VaultLie::NoBase64] {
        world.sim.set_vault_lie(Some(lie));
        assert!(key.sign(b"a set").await.is_err(), "{lie:?}");
    }
    world.sim.set_vault_lie(None);
    assert!(key.sign(b"a set").await.is_ok());
}
