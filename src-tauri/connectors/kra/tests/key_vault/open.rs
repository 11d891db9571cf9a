//! What opens, and what is found out when it does not.

use ports::{KeyEncryption, RecoveryKey as _, RecoveryKeyError, WrappedKey};
use sim::{VaultKeyKind, VaultKeySpec, VaultPermission, VaultRefusal};

use crate::world::{CONTENT_KEY, World, told, wrap};

#[tokio::test]
async fn content_keys_open_by_every_algorithm_that_envelopes_name_and_by_every_size_of_key() {
    let world = World::new().await;
    let mut keys = vec![world.agent.clone()];
    for (name, kind) in [("kra-3072", VaultKeyKind::Rsa(3072)), ("kra-hsm", VaultKeyKind::RsaHsm(2048))] {
        let spec = VaultKeySpec { kind, ..VaultKeySpec::certified("Agent") };
        keys.push(world.sim.add_vault_key(name, &spec).unwrap());
    }
    for known in &keys {
        let key = world.open(&known.address).await.unwrap();
        assert_eq!(key.place(), format!("key vault {}", known.address));
        for algorithm in [KeyEncryption::OaepSha256, KeyEncryption::OaepSha1, KeyEncryption::Pkcs1] {
            for length in [16, 24, 32] {
                let wrapped = wrap(known, &CONTENT_KEY[..length], algorithm);
                assert_eq!(*key.unwrap_key(&wrapped).await.unwrap(), CONTENT_KEY[..length], "{algorithm:?}");
            }
        }
    }
    let by_certificate = world.open(&world.agent.certificate_address).await.unwrap();
    assert_eq!(by_certificate.certificate_der(), world.certificate().der());
    assert!(!world.asked().iter().any(|(path, _)| path == "decrypt"), "unwrapkey was enough");
}

#[tokio::test]
async fn the_first_request_carries_no_token_and_the_others_are_few() {
    let world = World::new().await;
    world.try_agent().await.unwrap();
    let version = world.agent.version.clone();
    let expected = [
        (version.clone(), 401),
        ("openid-configuration".to_owned(), 200),
        ("token".to_owned(), 200),
        (version.clone(), 200),
        (version, 200),
        ("unwrapkey".to_owned(), 200),
    ];
    assert_eq!(world.asked(), expected);
    let with_token: Vec<bool> = world.sim.requests().iter().map(|request| request.with_token).collect();
    assert_eq!(with_token, [false, false, false, true, true, true]);
}

#[tokio::test]
async fn where_only_decrypt_is_permitted_decrypt_is_used() {
    let world = World::new().await;
    let others: Vec<_> =
        VaultPermission::ALL.into_iter().filter(|one| *one != VaultPermission::UnwrapKey).collect();
    world.sim.set_vault_permissions(&others);
    for refusal in [VaultRefusal::Rbac, VaultRefusal::AccessPolicy] {
        world.sim.set_vault_refusal(refusal);
        world.sim.clear_requests();
        world.try_agent().await.unwrap();
        let asked = world.asked();
        assert_eq!(asked[asked.len() - 2..], [("unwrapkey".to_owned(), 403), ("decrypt".to_owned(), 200)]);
    }
    // The key itself may be for decrypting alone.
    world.sim.set_vault_permissions(&VaultPermission::ALL);
    let only = |told: &mut sim::VaultKeyAttributes| told.operations = vec!["decrypt".to_owned()];
    world.sim.edit_vault_key("kra", &world.agent.version, only).unwrap();
    world.try_agent().await.unwrap();
    let none = |told: &mut sim::VaultKeyAttributes| told.operations = vec!["sign".to_owned()];
    world.sim.edit_vault_key("kra", &world.agent.version, none).unwrap();
    let (_, text) = world.refusal().await;
    assert!(text.contains("permitted operations"), "{text}");
}

#[tokio::test]
async fn whoever_lacks_a_permission_is_told_which_and_a_firewall_is_told_apart() {
    let world = World::new().await;
    let cases: [&[VaultPermission]; 2] = [&[], &[VaultPermission::GetKey, VaultPermission::GetCertificate]];
    for permissions in cases {
        world.sim.set_vault_permissions(permissions);
        let (error, text) = world.refusal().await;
        assert!(matches!(error, RecoveryKeyError::Blocked { .. }), "{error:?}");
        assert!(text.contains("Key Vault Crypto User") && text.contains("Unwrap Key"), "{text}");
    }
    world.sim.set_vault_permissions(&VaultPermission::ALL);
    world.sim.set_vault_firewall(true);
    let (error, text) = world.refusal().await;
    assert!(matches!(error, RecoveryKeyError::Blocked { .. }), "{error:?}");
    assert!(text.contains("firewall does not let this machine in"), "{text}");
}

#[tokio::test]
async fn a_disabled_key_is_found_and_does_not_open_and_is_not_tried_twice() {
    let world = World::new().await;
    world.sim.edit_vault_key("kra", &world.agent.version, |told| told.enabled = false).unwrap();
    world.open(&world.agent.address).await.unwrap();
    let (error, text) = world.refusal().await;
    assert!(matches!(error, RecoveryKeyError::Blocked { .. }), "{error:?}");
    assert!(text.contains("is disabled") && text.contains("enable it again"), "{text}");
    assert!(!world.asked().iter().any(|(path, _)| path == "decrypt"), "decrypting would be refused too");
}

#[tokio::test]
async fn a_key_opens_before_and_after_its_time() {
    let world = World::new().await;
    let now = world.sim.now();
    let expire = |told: &mut sim::VaultKeyAttributes| told.expires = Some(now);
    world.sim.edit_vault_key("kra", &world.agent.version, expire).unwrap();
    world.try_agent().await.unwrap();
    let year = std::time::Duration::from_hours(24 * 365);
    let begin_later = |told: &mut sim::VaultKeyAttributes| {
        told.expires = None;
        told.not_before = Some(now + year);
    };
    world.sim.edit_vault_key("kra", &world.agent.version, begin_later).unwrap();
    world.try_agent().await.unwrap();
}

#[tokio::test]
async fn a_rotated_key_opens_by_its_old_version_and_an_address_without_one_is_told_the_current() {
    let world = World::new().await;
    let newer = world.sim.add_vault_key("kra", &VaultKeySpec::certified("Agent, newer")).unwrap();
    world.try_agent().await.unwrap();
    for (collection, current) in [("keys", &newer.address), ("certificates", &newer.certificate_address)] {
        let bare = format!("{}/{collection}/kra", world.sim.base_url());
        let error = world.open(&bare).await.unwrap_err();
        assert!(matches!(error, RecoveryKeyError::Unfit { .. }), "{error:?}");
        let text = told(&error);
        assert!(text.contains("names no version") && text.contains(current.as_str()), "{text}");
    }
    // What was encrypted to one version does not open with the other.
    let key = world.open(&newer.address).await.unwrap();
    let wrapped = wrap(&world.agent, &CONTENT_KEY, KeyEncryption::OaepSha256);
    let error = key.unwrap_key(&wrapped).await.unwrap_err();
    assert!(matches!(error, RecoveryKeyError::DoesNotUnwrap { .. }), "{error:?}");
    assert!(told(&error).contains("made for another key"), "{error}");
}

#[tokio::test]
async fn a_missing_key_is_told_apart_from_a_missing_version_and_from_a_deleted_key() {
    let world = World::new().await;
    let absent = async |address: &str| {
        let error = world.open(&format!("{}/{address}", world.sim.base_url())).await.unwrap_err();
        assert!(matches!(error, RecoveryKeyError::Absent { .. }), "{error:?}");
        told(&error)
    };
    let text = absent("keys/nobody/0123").await;
    assert!(text.contains("no key `nobody`"), "{text}");
    let text = absent("keys/kra/0123").await;
    assert!(text.contains("no such version") && text.contains(&world.agent.version), "{text}");
    let text = absent("certificates/nobody/0123").await;
    assert!(text.contains("no such certificate"), "{text}");
    world.sim.delete_vault_key("kra").unwrap();
    let text = absent(&format!("keys/kra/{}", world.agent.version)).await;
    assert!(text.contains("was deleted and can be recovered until 20"), "{text}");
    assert!(text.contains("az keyvault key recover --name kra"), "{text}");
}

#[tokio::test]
async fn what_is_no_content_key_of_this_agent_does_not_open() {
    let world = World::new().await;
    let key = world.open(&world.agent.address).await.unwrap();
    // In the same words whatever was wrong, so that nothing is learnt from how it failed.
    let refused = async |wrapped: &WrappedKey| {
        let error = key.unwrap_key(wrapped).await.unwrap_err();
        assert!(matches!(error, RecoveryKeyError::DoesNotUnwrap { .. }), "{error:?}");
        assert_eq!(
            told(&error),
            format!(
                "{} does not unwrap the content key: the envelope was altered, or made for another key",
                key.place()
            )
        );
    };
    for length in [0, 1, 15, 20, 33, 64] {
        refused(&wrap(&world.agent, &[0x5a; 64][..length], KeyEncryption::OaepSha256)).await;
    }
    let right = wrap(&world.agent, &CONTENT_KEY, KeyEncryption::OaepSha256);
    let WrappedKey::Transport { algorithm, encrypted_key } = right.clone() else { unreachable!() };
    let mut flipped = encrypted_key.clone();
    flipped[100] ^= 1;
    refused(&WrappedKey::Transport { algorithm, encrypted_key: flipped }).await;
    let other_way =
        WrappedKey::Transport { algorithm: KeyEncryption::OaepSha1, encrypted_key: encrypted_key.clone() };
    refused(&other_way).await;
    let before = world.sim.request_count();
    refused(&WrappedKey::Transport { algorithm, encrypted_key: encrypted_key[..255].to_vec() }).await;
    assert_eq!(world.sim.request_count(), before, "nothing is sent that cannot fit");
    assert_eq!(*key.unwrap_key(&right).await.unwrap(), CONTENT_KEY, "it was not harmed");
}
