//! What is missing, wrong or broken is named, and nothing is made in its stead.

use super::*;

#[test]
fn a_locked_keyring_is_named_and_no_new_key_is_made() {
    let world = World::settled(Place::Keyring);
    world.ring.lock(true);
    let refused = world.refusal(KEY).to_string();
    assert!(refused.contains("locked or absent") && refused.contains("desktop session"), "{refused}");
    assert!(world.vault().put(PASSWORD, b"new").is_err());
    assert_eq!(world.found(None).unwrap().place(), Place::Keyring, "the decision holds");
    world.ring.lock(false);
    assert_eq!(world.ring.len(), 1);
    assert_eq!(&**world.vault().read(KEY).unwrap().unwrap(), SECRET);
}

#[test]
fn a_key_that_was_asked_for_once_outlasts_the_lock_of_the_screen() {
    let world = World::settled(Place::Keyring);
    let vault = world.vault();
    vault.read(KEY).unwrap();
    world.ring.lock(true);
    assert_eq!(&**vault.read(PASSWORD).unwrap().unwrap(), b"s3cr3t");
}

#[test]
fn a_lost_wrapping_key_is_told_from_a_locked_keyring() {
    let world = World::settled(Place::Keyring);
    world.ring.entries.lock().unwrap().clear();
    let refused = world.refusal(KEY);
    assert!(matches!(refused, VaultError::KeyLost { .. }), "{refused}");
    assert!(refused.to_string().contains("backup"), "{refused}");
    assert_eq!(world.ring.len(), 0);
}

#[test]
fn a_wrong_wrapping_key_is_told_from_a_damaged_file() {
    let world = World::settled(Place::Keyring);
    for wrong in [vec![1; 32], vec![1; 5]] {
        world.ring.entries.lock().unwrap().values_mut().for_each(|entry| entry.clone_from(&wrong));
        let refused = world.refusal(KEY);
        assert!(matches!(refused, VaultError::AnotherKey { .. }), "{refused}");
    }
    let world = World::settled(Place::Credentials);
    world.give(WRAPPING_KEY, &[8; 32]);
    let refused = world.refusal(KEY).to_string();
    assert!(refused.contains("another key") && refused.contains("systemd"), "{refused}");
}

#[test]
fn a_service_without_its_credential_says_how_it_is_given() {
    let world = World::settled(Place::Credentials);
    fs::remove_dir_all(world.folder.path().join("credentials")).unwrap();
    let refused = world.refusal(KEY).to_string();
    assert!(refused.contains("LoadCredentialEncrypted=sealwright-wrapping-key"), "{refused}");
}

#[test]
fn a_file_that_is_cut_short_or_altered_is_called_damaged() {
    let world = World::settled(Place::Keyring);
    let whole = fs::read(world.file("installation.key")).unwrap();
    for length in [0, 5, 27, 28, 30, 44, 56, 72, whole.len() - 1] {
        fs::write(world.file("installation.key"), &whole[..length]).unwrap();
        let refused = world.refusal(KEY);
        assert!(matches!(refused, VaultError::Damaged { .. }), "{length} octets: {refused}");
        assert!(refused.to_string().contains("installation.key"), "{refused}");
    }
    let mut altered = whole;
    *altered.last_mut().unwrap() ^= 1;
    fs::write(world.file("installation.key"), &altered).unwrap();
    assert!(matches!(world.refusal(KEY), VaultError::Damaged { .. }));
}

#[test]
fn an_empty_file_is_no_secret() {
    let world = World::settled(Place::File);
    fs::write(world.file("database-password"), b"").unwrap();
    assert!(matches!(world.refusal(PASSWORD), VaultError::Damaged { .. }));
}

#[test]
fn a_secret_under_the_name_of_another_does_not_open() {
    let world = World::settled(Place::Keyring);
    fs::copy(world.file("installation.key"), world.file("database-password")).unwrap();
    assert!(matches!(world.refusal(PASSWORD), VaultError::Damaged { .. }));
}

#[test]
fn without_its_record_an_encrypted_secret_asks_for_the_backup_of_both() {
    let world = World::settled(Place::Keyring);
    fs::remove_file(world.file("vault.toml")).unwrap();
    let refused = world.refusal(KEY).to_string();
    assert!(refused.contains("vault.toml") && refused.contains("one backup"), "{refused}");
}

#[test]
fn a_record_that_cannot_be_read_is_not_taken_for_none() {
    let world = World::settled(Place::Keyring);
    fs::write(world.file("vault.toml"), "keep-in = \"attic\"").unwrap();
    let opened = Vault::open_in(&world.home(), world.surroundings(None));
    assert!(opened.err().unwrap().to_string().contains("vault.toml"));
    assert!(world.found(None).is_err());
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_refused_with_the_remedy() {
    use std::os::unix::fs::PermissionsExt as _;
    for place in [Place::File, Place::Keyring] {
        let world = World::settled(place);
        for mode in [0o640, 0o604, 0o660, 0o601] {
            fs::set_permissions(world.file("installation.key"), fs::Permissions::from_mode(mode)).unwrap();
            let refused = world.refusal(KEY).to_string();
            assert!(refused.contains("chmod 600") && refused.contains("installation.key"), "{refused}");
        }
    }
}

#[test]
fn no_refusal_shows_a_secret() {
    let world = World::settled(Place::Credentials);
    world.give(WRAPPING_KEY, b"this-is-the-key-of-somebody-else-and-too-long");
    let refused = format!("{0} {0:?}", world.refusal(KEY));
    assert!(!refused.contains("somebody-else"), "{refused}");
}
