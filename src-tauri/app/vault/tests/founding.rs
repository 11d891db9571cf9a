//! Where the secrets of a new home go, and that they come back.

use super::*;

#[test]
fn a_secret_comes_back_from_every_place_and_only_plain_files_show_it() {
    for place in [Place::File, Place::Keyring, Place::Credentials] {
        let world = World::settled(place);
        let vault = world.vault();
        assert_eq!(vault.place(), place);
        assert_eq!(&**vault.read(KEY).unwrap().unwrap(), SECRET, "{place}");
        assert_eq!(&**vault.read(PASSWORD).unwrap().unwrap(), b"s3cr3t", "{place}");
        let shown = world.files().values().any(|bytes| holds(bytes, SECRET) || holds(bytes, b"s3cr3t"));
        assert_eq!(shown, place == Place::File, "{place}");
        assert_eq!(vault.advice().is_some(), place == Place::File, "{place}");
        assert!(vault.describe(KEY).is_some() && vault.has(KEY));
        assert!(vault.remove(PASSWORD).unwrap() && !vault.remove(PASSWORD).unwrap());
        assert!(vault.read(PASSWORD).unwrap().is_none() && !vault.has(PASSWORD));
    }
}

#[cfg(unix)]
#[test]
fn what_is_written_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    for place in [Place::File, Place::Keyring] {
        let world = World::settled(place);
        for name in ["installation.key", "database-password", "vault.toml"] {
            let mode = fs::metadata(world.file(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name} in {place}");
        }
    }
}

#[test]
fn left_alone_a_new_home_uses_what_the_system_offers() {
    let world = World::new();
    assert_eq!(world.found(None).unwrap().place(), Place::Keyring);
    assert_eq!(world.ring.len(), 1);

    let world = World::new();
    world.ring.lock(true);
    assert_eq!(world.found(None).unwrap().place(), Place::File);

    let world = World::with_credential(&[7; 32]);
    assert_eq!(world.found(None).unwrap().place(), Place::Credentials);
    assert_eq!(world.ring.len(), 0, "the keyring was not touched");
}

#[test]
fn environment_comes_before_settings_and_settings_before_the_system() {
    let world = World::new();
    fs::write(world.file(FILE), "[installation]\nvault = \"file\"\n[tenant]\nid = \"unfinished\"\n").unwrap();
    assert_eq!(world.found(None).unwrap().place(), Place::File);

    let world = World::new();
    fs::write(world.file(FILE), "[installation]\nvault = \"file\"\n").unwrap();
    assert_eq!(world.found(Some("keyring")).unwrap().place(), Place::Keyring);

    let world = World::new();
    let refused = world.found(Some("safe")).err().unwrap().to_string();
    assert!(refused.contains("`safe`") && refused.contains("`keyring`"), "{refused}");
    fs::write(world.file(FILE), "[installation]\nvault = \"safe\"\n").unwrap();
    assert!(matches!(world.found(None), Err(VaultError::File(_))));
    assert!(!world.file("vault.toml").exists());
}

#[test]
fn a_place_that_was_asked_for_is_not_exchanged_for_another() {
    let world = World::new();
    world.ring.lock(true);
    let refused = world.found(Some("keyring")).err().unwrap().to_string();
    assert!(refused.contains("locked or absent") && refused.contains("unlock it"), "{refused}");
    let refused = world.found(Some("credentials")).err().unwrap().to_string();
    assert!(refused.contains("LoadCredentialEncrypted=sealwright-wrapping-key"), "{refused}");
    assert!(world.files().is_empty(), "nothing was decided");
}

#[test]
fn a_decision_is_made_once() {
    let world = World::new();
    assert_eq!(world.found(Some("file")).unwrap().place(), Place::File);
    assert_eq!(world.found(Some("keyring")).unwrap().place(), Place::File);
    assert_eq!(world.found(None).unwrap().place(), Place::File);
    assert_eq!(world.ring.len(), 0);
}

#[test]
fn a_home_of_an_earlier_release_goes_on_as_it_was() {
    let world = World::new();
    crate::settings::write_private(&world.file("installation.key"), SECRET).unwrap();
    let vault = world.found(None).unwrap();
    assert_eq!((vault.place(), world.ring.len()), (Place::File, 0));
    assert_eq!(&**vault.read(KEY).unwrap().unwrap(), SECRET);
    assert_eq!(world.files().len(), 1, "nothing was added");
}

#[test]
fn two_homes_of_one_account_do_not_share_a_key() {
    let (first, mut second) = (World::settled(Place::Keyring), World::new());
    second.ring = Arc::clone(&first.ring);
    second.found(None).unwrap().put(PASSWORD, b"other").unwrap();
    assert_eq!(first.ring.len(), 2);
    assert_eq!(&**first.vault().read(PASSWORD).unwrap().unwrap(), b"s3cr3t");
    assert_eq!(&**second.vault().read(PASSWORD).unwrap().unwrap(), b"other");
}

#[test]
fn a_secret_given_by_systemd_comes_before_its_file_and_is_changed_nowhere_else() {
    let world = World::settled(Place::File);
    world.give("database-password", b"from systemd");
    let vault = world.vault();
    assert_eq!(&**vault.read(PASSWORD).unwrap().unwrap(), b"from systemd");
    assert!(matches!(vault.put(PASSWORD, b"x"), Err(VaultError::ReadOnly { .. })));
    assert!(matches!(vault.remove(PASSWORD), Err(VaultError::ReadOnly { .. })));
    assert_eq!(&*fs::read(world.file("database-password")).unwrap(), b"s3cr3t");
}

#[test]
fn a_wrapping_key_is_given_in_octets_or_in_digits_and_nothing_else() {
    let key = [0xA5; 32];
    let world = World::with_credential(&key);
    world.found(None).unwrap().put(PASSWORD, b"s3cr3t").unwrap();
    world.give(WRAPPING_KEY, format!("{}\n", hex::encode(key)).as_bytes());
    assert_eq!(&**world.vault().read(PASSWORD).unwrap().unwrap(), b"s3cr3t");
    for unfit in [b"".as_slice(), b"short", &[0xA5; 33], "é".repeat(32).as_bytes()] {
        world.give(WRAPPING_KEY, unfit);
        let refused = world.refusal(PASSWORD).to_string();
        assert!(refused.contains("openssl rand"), "{refused}");
    }
}
