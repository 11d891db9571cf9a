//! What an installation has seen stays seen.

use admit::{AdmitError, Fleet, Pin, PinFile};
use store::PageRequest;

use crate::world::{World, about};

#[tokio::test]
async fn a_pin_goes_forward_only() {
    let world = World::new().await;
    let homes = world.fleet(3).await;
    let log = world.log().await;
    let root = homes[0].fingerprint();
    let [one, two, three] = [1, 2, 3].map(|count| Fleet::meet(&log[..count], root).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let pins = PinFile::new(folder.path().join("admission.pin"));
    assert_eq!(pins.load().unwrap(), None);
    for (fleet, seen) in [(&one, 1), (&three, 3), (&two, 3), (&one, 3), (&three, 3)] {
        let advanced = pins.advance(fleet);
        assert_eq!(advanced.is_ok(), fleet.seq() == seen, "an older log is told to be one");
        assert_eq!(pins.load().unwrap().unwrap().seq, seen);
    }
    assert_eq!(pins.load().unwrap().unwrap(), three.pin());
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the pin and its lock: {left:?}");
}

#[tokio::test]
async fn a_damaged_pin_is_not_taken_for_none() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    for damage in ["", "{}", "{\"fleet\":\"00\",\"seq\":0,\"hash\":\"00\"}"] {
        std::fs::write(&homes[0].pin, damage).unwrap();
        for refused in [
            homes[0].gate.fleet().await.map(drop),
            homes[0].gate.enter(&about(0), true).await.map(drop),
            homes[0].gate.ask(&about(0), Some(homes[0].fingerprint())).await.map(drop),
        ] {
            let refused = refused.unwrap_err();
            assert!(matches!(refused, AdmitError::Pin { .. }), "{refused}");
            assert!(refused.to_string().contains("restore it from a backup"), "{refused}");
        }
    }
}

#[tokio::test]
async fn a_log_from_an_older_backup_is_accepted_only_when_a_person_confirms_the_fleet() {
    let world = World::new().await;
    let homes = world.fleet(3).await;
    let older = World::new().await;
    for entry in &world.log().await[..2] {
        older.append(entry).await;
    }
    std::fs::copy(&homes[0].pin, older.home(0).pin).unwrap();
    let home = older.home(0);
    let refused = home.gate.fleet().await.unwrap_err();
    assert!(matches!(refused, AdmitError::Shortened { seen: 3, there: 2 }), "{refused}");
    let refused = home.gate.trust(homes[1].fingerprint()).await.unwrap_err();
    assert!(matches!(refused, AdmitError::WrongFingerprint { .. }), "{refused}");
    assert!(home.gate.fleet().await.is_err());
    let trusted = home.gate.trust(homes[0].fingerprint()).await.unwrap();
    assert_eq!((trusted.fleet.seq(), trusted.is_recorded), (2, true));
    let audit = older.store.read().await.unwrap().audit().list(&PageRequest::first(10)).await.unwrap().rows;
    assert_eq!(audit.len(), 1, "what was refused is not recorded");
    let event = &audit[0].event;
    assert_eq!(event.object, format!("fleet {}", homes[0].fingerprint()));
    assert!(event.detail.ends_with("trusts its list as of entry 2"), "{event:?}");
    assert_eq!(home.gate.fleet().await.unwrap().seq(), 2);
}

#[tokio::test]
async fn programs_of_one_home_share_what_they_have_seen() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    let other_program = world.home(0);
    let second = world.home(1);
    second.gate.ask(&about(1), Some(homes[0].fingerprint())).await.unwrap();
    other_program.gate.admit(second.id(), second.fingerprint()).await.unwrap();
    let pin: Pin = serde_json::from_slice(&std::fs::read(&homes[0].pin).unwrap()).unwrap();
    assert_eq!(pin.seq, 2, "pinned as soon as it was done");
    assert_eq!(homes[0].gate.fleet().await.unwrap().pin(), pin);
}
