//! Secrets move between places and can be opened at every moment.

use super::*;

const PLACES: [Place; 3] = [Place::File, Place::Keyring, Place::Credentials];

fn opens(world: &World) {
    assert_eq!(&**world.vault().read(KEY).unwrap().unwrap(), SECRET);
    assert_eq!(&**world.vault().read(PASSWORD).unwrap().unwrap(), b"s3cr3t");
}

#[test]
fn secrets_move_from_every_place_to_every_other() {
    for from in PLACES {
        for to in PLACES {
            let world = World::settled(from);
            world.give(WRAPPING_KEY, &[7; 32]);
            let moved = world.vault().move_to(to).unwrap();
            assert_eq!(moved.secrets.len(), if from == to { 0 } else { 2 }, "{from} to {to}");
            assert_eq!((moved.place, world.vault().place()), (to, to));
            opens(&world);
            let shown = holds(&fs::read(world.file("installation.key")).unwrap(), SECRET);
            assert_eq!(shown, to == Place::File, "{from} to {to}");
            assert_eq!(world.vault().move_to(to).unwrap().secrets, [], "a second time changes nothing");
        }
    }
}

#[test]
fn a_home_of_an_earlier_release_is_moved_into_the_keyring() {
    let world = World::new();
    crate::settings::write_private(&world.file("installation.key"), SECRET).unwrap();
    let moved = world.vault().move_to(Place::Keyring).unwrap();
    assert_eq!(moved.secrets, [KEY]);
    assert!(!holds(&fs::read(world.file("installation.key")).unwrap(), SECRET));
    assert_eq!(&**world.vault().read(KEY).unwrap().unwrap(), SECRET);
}

#[test]
fn a_move_that_was_broken_off_is_brought_to_its_end() {
    for from in PLACES {
        for to in PLACES {
            let world = World::settled(from);
            world.give(WRAPPING_KEY, &[7; 32]);
            let before = world.files();
            world.vault().move_to(to).unwrap();
            // As if it had ended after the record, and after the first file.
            for undone in [&["installation.key", "database-password"][..], &["database-password"]] {
                for name in undone {
                    fs::write(world.file(name), &before[*name]).unwrap();
                }
                opens(&world);
                world.vault().move_to(to).unwrap();
                opens(&world);
                let advice = world.vault().advice();
                assert_eq!(advice.is_some(), to == Place::File, "{from} to {to}: {advice:?}");
            }
        }
    }
}

#[test]
fn a_half_done_move_is_told() {
    let world = World::settled(Place::File);
    let plain = fs::read(world.file("installation.key")).unwrap();
    world.vault().move_to(Place::Keyring).unwrap();
    fs::write(world.file("installation.key"), plain).unwrap();
    let advice = world.vault().advice().unwrap();
    assert!(advice.contains("installation.key") && advice.contains("protect"), "{advice}");
    assert!(!advice.contains("database-password"), "{advice}");
}

#[test]
fn a_move_to_a_place_that_does_not_work_changes_nothing() {
    let world = World::settled(Place::File);
    world.ring.lock(true);
    let before = world.files();
    for place in [Place::Keyring, Place::Credentials] {
        assert!(world.vault().move_to(place).is_err());
        assert_eq!(world.files(), before);
    }
}

#[test]
fn a_file_out_of_an_old_backup_still_opens() {
    let world = World::settled(Place::Keyring);
    let old = fs::read(world.file("installation.key")).unwrap();
    world.vault().move_to(Place::File).unwrap();
    assert_eq!(world.ring.len(), 1, "the key stays where it was");
    fs::write(world.file("installation.key"), old).unwrap();
    opens(&world);
}

#[test]
fn secrets_that_cannot_be_opened_do_not_move() {
    let world = World::settled(Place::Keyring);
    world.ring.entries.lock().unwrap().clear();
    let before = world.files();
    for place in PLACES {
        assert!(world.vault().move_to(place).is_err());
    }
    assert_eq!(world.files(), before);
    assert_eq!(world.ring.len(), 0);
}
