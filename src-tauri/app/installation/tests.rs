//! The key pair of an installation: made once, never replaced, refused unless it is whole.

use std::fs;
use std::path::Path;

use model::SystemEntropy;
use tempfile::TempDir;

use super::*;
use crate::settings::{FILE, write_private};

const HALVES: [&str; 2] = [KEY_FILE, CERTIFICATE_FILE];

/// A home that keeps its secrets in files, whatever keyring the machine has.
fn home_in(folder: &TempDir) -> Home {
    let home = Home::find(Some(folder.path().join("home"))).unwrap();
    home.create().unwrap();
    write_private(&home.resolve(Path::new(FILE)), b"[installation]\nvault = \"file\"\n").unwrap();
    home
}

fn made(home: &Home) -> Installation {
    create(home, Timestamp::from_millis(1_790_000_000_000), &SystemEntropy).unwrap()
}

fn file(home: &Home, name: &str) -> Vec<u8> {
    fs::read(home.path().join(name)).unwrap()
}

#[test]
fn a_key_pair_is_made_once() {
    let folder = TempDir::new().unwrap();
    let home = home_in(&folder);
    assert!(!exists(&home) && !is_damaged(&home));
    let first = made(&home);
    assert!(exists(&home) && !is_damaged(&home));
    let before = HALVES.map(|name| file(&home, name));
    assert_eq!(made(&home).certificate, first.certificate);
    assert_eq!(HALVES.map(|name| file(&home, name)), before);
    assert_eq!(certificate(&home).unwrap(), first.certificate);
}

#[test]
fn half_a_pair_is_damage_and_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    let home = home_in(&folder);
    made(&home);
    let whole = HALVES.map(|name| file(&home, name));
    for (lost, kept) in [(0, 1), (1, 0)] {
        fs::remove_file(home.path().join(HALVES[lost])).unwrap();
        assert!(is_damaged(&home) && !exists(&home));
        let refused = create(&home, Timestamp::from_millis(0), &SystemEntropy).err().unwrap().to_string();
        assert!(refused.contains("backup"), "{refused}");
        assert!(load(&home).is_err());
        assert!(!home.path().join(HALVES[lost]).exists(), "nothing was made in its stead");
        assert_eq!(file(&home, HALVES[kept]), whole[kept]);
        write_private(&home.path().join(HALVES[lost]), &whole[lost]).unwrap();
    }
    load(&home).unwrap();
}

#[test]
fn halves_of_two_pairs_and_cut_files_are_refused() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (home, other) = (home_in(&folder), home_in(&other));
    made(&home);
    made(&other);
    let key = file(&home, KEY_FILE);
    write_private(&home.path().join(KEY_FILE), &file(&other, KEY_FILE)).unwrap();
    let refused = load(&home).err().unwrap().to_string();
    assert!(refused.contains("do not belong together"), "{refused}");
    assert!(protect(&home, Place::File).is_err(), "what does not fit is not moved");
    for length in [0, 1, key.len() / 2, key.len() - 1] {
        write_private(&home.path().join(KEY_FILE), &key[..length]).unwrap();
        assert!(load(&home).is_err(), "{length} octets");
        assert!(exists(&home) && create(&home, Timestamp::from_millis(0), &SystemEntropy).is_err());
        assert_eq!(file(&home, KEY_FILE), key[..length]);
    }
}

#[test]
fn a_backup_brings_back_a_key_that_was_lost_and_nothing_else() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (home, other) = (home_in(&folder), home_in(&other));
    let installation = made(&home);
    let saved = backup(&home, "correct horse battery staple").unwrap();
    let key = file(&home, KEY_FILE);

    let refused = restore(&home, &saved, "correct horse battery staple").err().unwrap().to_string();
    assert!(refused.contains("replaces nothing"), "{refused}");
    fs::remove_file(home.path().join(KEY_FILE)).unwrap();
    let refused = restore(&home, &saved, "wrong").err().unwrap().to_string();
    assert!(refused.contains("password"), "{refused}");
    let foreign = (made(&other), backup(&other, "p").unwrap()).1;
    let refused = restore(&home, &foreign, "p").err().unwrap().to_string();
    assert!(refused.contains("another installation"), "{refused}");
    assert!(!home.path().join(KEY_FILE).exists());

    let back = restore(&home, &saved, "correct horse battery staple").unwrap();
    assert_eq!(back.certificate, installation.certificate);
    assert_eq!(file(&home, KEY_FILE), key);

    // On a new machine, where nothing is left.
    let machine = TempDir::new().unwrap();
    let fresh = home_in(&machine);
    restore(&fresh, &saved, "correct horse battery staple").unwrap();
    assert_eq!(load(&fresh).unwrap().certificate, installation.certificate);
}
