//! Founding, asking, admitting, refusing, removing.

use admit::{AdmitError, Fingerprint, Standing, installation_id};
use store::StoredInstallation;

use crate::world::{MALLORY, World, about, certify, installation};

#[tokio::test]
async fn a_home_with_its_own_database_founds_its_fleet_without_ceremony_and_once() {
    let world = World::new().await;
    let home = world.home(0);
    let fleet = home.gate.enter(&about(0), true).await.unwrap();
    assert_eq!(fleet.fingerprint(), home.fingerprint());
    let again = world.home(0).gate.enter(&about(0), true).await.unwrap();
    assert_eq!((again.seq(), again.pin()), (1, fleet.pin()));
    assert_eq!(home.gate.status().await.unwrap().standing, Standing::Admitted);
    let audit = world.audit().await;
    assert_eq!(audit.len(), 1);
    assert_eq!(audit[0].0, "INSTALLATION_ADMITTED");
}

#[tokio::test]
async fn a_shared_database_is_founded_only_when_a_person_says_so() {
    let world = World::new().await;
    let home = world.home(0);
    let refused = home.gate.enter(&about(0), false).await.unwrap_err();
    assert!(matches!(refused, AdmitError::NotFounded), "{refused}");
    assert_eq!(home.gate.look().await.unwrap(), None);
    home.gate.found(&about(0)).await.unwrap();
    assert_eq!(home.gate.found(&about(0)).await.unwrap().seq(), 1);
    assert_eq!(home.gate.enter(&about(0), false).await.unwrap().admitted().len(), 1);
    let late = world.home(1).gate.found(&about(1)).await.unwrap_err();
    assert!(matches!(late, AdmitError::FoundedByAnother { fleet } if fleet == home.fingerprint()), "{late}");
    assert!(!world.home(1).pin.exists());
}

#[tokio::test]
async fn a_founding_that_was_cut_off_is_finished_by_the_next_start() {
    let world = World::new().await;
    let home = world.home(0);
    home.gate.enter(&about(0), true).await.unwrap();
    // The pin was trusted, and the process died before it had written that it saw its own entry.
    let root = admit::Pin::root(&home.installation.certificate);
    std::fs::write(&home.pin, serde_json::to_vec(&root).unwrap()).unwrap();
    assert_eq!(world.home(0).gate.enter(&about(0), true).await.unwrap().seq(), 1);
    // A home whose pin is lost still knows its own signature.
    std::fs::remove_file(&home.pin).unwrap();
    assert_eq!(world.home(0).gate.enter(&about(0), true).await.unwrap().seq(), 1);
}

#[tokio::test]
async fn an_emptied_log_is_not_founded_anew() {
    let world = World::new().await;
    let first = World::new().await;
    first.home(0).gate.enter(&about(0), true).await.unwrap();
    // The same home, with a database in which somebody deleted everything.
    std::fs::copy(first.home(0).pin, world.home(0).pin).unwrap();
    for refused in [
        world.home(0).gate.enter(&about(0), true).await.unwrap_err(),
        world.home(0).gate.found(&about(0)).await.unwrap_err(),
    ] {
        assert!(matches!(refused, AdmitError::Shortened { seen: 1, there: 0 }), "{refused}");
        assert!(refused.to_string().starts_with("entry 1 of the list"), "{refused}");
    }
    assert!(world.log().await.is_empty());
}

#[tokio::test]
async fn an_installation_is_admitted_after_two_people_compared_fingerprints() {
    let world = World::new().await;
    let first = world.home(0);
    first.gate.enter(&about(0), true).await.unwrap();
    let second = world.home(1);
    let shown = second.gate.ask(&about(1), None).await.unwrap_err();
    assert!(matches!(shown, AdmitError::Unpinned { fleet } if fleet == first.fingerprint()), "{shown}");
    let wrong = second.gate.ask(&about(1), Some(second.fingerprint())).await.unwrap_err();
    assert!(matches!(wrong, AdmitError::WrongFingerprint { .. }), "{wrong}");
    let asked = second.gate.ask(&about(1), Some(first.fingerprint())).await.unwrap();
    assert_eq!((asked.own, asked.fleet), (second.fingerprint(), first.fingerprint()));
    // Asking again changes nothing and needs no fingerprint any more.
    second.gate.ask(&about(1), None).await.unwrap();
    assert_eq!(second.gate.status().await.unwrap().standing, Standing::Waiting);
    let status = first.gate.status().await.unwrap();
    assert_eq!(status.waiting.len(), 1);
    assert_eq!((status.waiting[0].name.as_str(), status.waiting[0].fingerprint), ("build-7", asked.own));

    let mistyped = first.gate.admit(second.id(), first.fingerprint()).await.unwrap_err();
    assert!(mistyped.to_string().contains("do not go on"), "{mistyped}");
    assert_eq!(world.log().await.len(), 1);
    first.gate.admit(second.id(), asked.own).await.unwrap();
    let status = second.gate.status().await.unwrap();
    assert_eq!((status.standing, status.waiting.len()), (Standing::Admitted, 0));
    let (member, row) = &status.members[1];
    assert_eq!((member.name.as_str(), member.by.as_str()), ("build-7", "somebody@anna"));
    assert_eq!(row.as_ref().unwrap().role, "daemon");
    let kinds: Vec<String> = world.audit().await.into_iter().map(|(kind, _)| kind).collect();
    let expected = [
        "INSTALLATION_ADMITTED",
        "INSTALLATION_ADMISSION_REQUEST",
        "INSTALLATION_ADMITTED",
        "INSTALLATION_ADMITTED",
    ];
    assert_eq!(kinds, expected);
    let (_, mismatch) = &world.audit().await[2];
    assert!(
        mismatch.starts_with("not admitted: "),
        "the fingerprint that did not fit is on record: {mismatch}"
    );
}

#[tokio::test]
async fn who_is_not_in_admits_refuses_and_removes_nobody() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    let stranger = world.home(2);
    stranger.gate.ask(&about(2), Some(homes[0].fingerprint())).await.unwrap();
    for refused in [
        stranger.gate.admit(stranger.id(), stranger.fingerprint()).await.map(drop),
        stranger.gate.refuse(stranger.id()).await,
        stranger.gate.remove(homes[1].id(), false).await.map(drop),
        stranger.gate.put_secret("tenant", b"x").await,
        stranger.gate.recipients().await.map(drop),
    ] {
        assert!(
            matches!(refused.unwrap_err(), AdmitError::NotAdmitted { own } if own == stranger.fingerprint())
        );
    }
    assert_eq!(world.log().await.len(), 2);
}

#[tokio::test]
async fn one_who_is_refused_waits_no_longer_and_may_ask_again() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    let second = world.home(1);
    second.gate.ask(&about(1), Some(homes[0].fingerprint())).await.unwrap();
    homes[0].gate.refuse(second.id()).await.unwrap();
    assert_eq!(second.gate.status().await.unwrap().standing, Standing::Stranger);
    let nobody = homes[0].gate.refuse(second.id()).await.unwrap_err();
    assert!(matches!(nobody, AdmitError::NotWaiting { .. }), "{nobody}");
    let nobody = homes[0].gate.admit(second.id(), second.fingerprint()).await.unwrap_err();
    assert!(matches!(nobody, AdmitError::NotWaiting { .. }), "{nobody}");
    let member = homes[0].gate.refuse(homes[0].id()).await.unwrap_err();
    assert!(matches!(member, AdmitError::IsAMember { .. }), "{member}");
    second.gate.ask(&about(1), None).await.unwrap();
    assert_eq!(homes[0].gate.status().await.unwrap().waiting.len(), 1);
}

#[tokio::test]
async fn the_last_one_stays_and_nobody_removes_himself_by_mistake() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    let oneself = homes[1].gate.remove(homes[1].id(), false).await.unwrap_err();
    assert!(matches!(oneself, AdmitError::Oneself { .. }), "{oneself}");
    let unknown = homes[1].gate.remove(installation(2).id(), false).await.unwrap_err();
    assert!(matches!(unknown, AdmitError::NotAMember { .. }), "{unknown}");
    homes[1].gate.remove(homes[1].id(), true).await.unwrap();
    assert!(matches!(homes[1].gate.status().await.unwrap().standing, Standing::Removed { .. }));
    let gone = homes[1].gate.put_secret("tenant", b"x").await.unwrap_err();
    assert!(gone.to_string().contains("needs a new key pair"), "{gone}");
    let last = homes[0].gate.remove(homes[0].id(), true).await.unwrap_err();
    assert!(matches!(last, AdmitError::LastOne { .. }), "{last}");
    // Removing again is nothing new.
    homes[0].gate.remove(homes[1].id(), false).await.unwrap();
    assert_eq!(world.log().await.len(), 3);
}

#[tokio::test]
async fn a_removed_installation_comes_back_neither_by_asking_nor_with_its_key_in_a_new_certificate() {
    let world = World::new().await;
    let homes = world.fleet(2).await;
    homes[0].gate.remove(homes[1].id(), false).await.unwrap();
    let refused = homes[1].gate.ask(&about(1), None).await.unwrap_err();
    assert!(matches!(refused, AdmitError::RemovedHere { .. }), "{refused}");
    // Its row is still there.
    let refused = homes[0].gate.admit(homes[1].id(), homes[1].fingerprint()).await.unwrap_err();
    assert!(refused.to_string().contains("was removed; it needs a new key pair"), "{refused}");
    let renewed = certify("build-7 again", 2, &homes[1].installation.key);
    let id = installation_id(&renewed);
    world
        .write_row(&StoredInstallation {
            id,
            certificate_der: renewed.der().to_vec(),
            ..world.row(homes[1].id()).await
        })
        .await;
    let refused = homes[0].gate.admit(id, Fingerprint::of(&renewed)).await.unwrap_err();
    assert!(
        refused.to_string().contains("has the key, or issuer and serial number, of `build-7`"),
        "{refused}"
    );
    assert_eq!(world.log().await.len(), 3);
}

#[tokio::test]
async fn a_certificate_that_was_exchanged_after_the_asking_is_noticed() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    let second = world.home(1);
    let asked = second.gate.ask(&about(1), Some(homes[0].fingerprint())).await.unwrap();
    let mut row = world.row(second.id()).await;
    row.certificate_der = installation(MALLORY).certificate.der().to_vec();
    world.write_row(&row).await;
    let noticed = homes[0].gate.admit(second.id(), asked.own).await.unwrap_err();
    assert!(matches!(noticed, AdmitError::WrongFingerprint { .. }), "{noticed}");
    // Not even shown: its id is not that of the certificate.
    assert!(homes[0].gate.status().await.unwrap().waiting.is_empty());
    let noticed = homes[0].gate.admit(second.id(), installation(MALLORY).fingerprint()).await.unwrap_err();
    assert!(matches!(noticed, AdmitError::Unusable { .. }), "{noticed}");
    assert_eq!(world.log().await.len(), 1);
}

#[tokio::test]
async fn one_whose_envelopes_could_be_taken_for_those_of_another_is_not_admitted() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    // Issuer and serial number of the first, and a key of its own.
    let double = certify("anna", 1, &installation(MALLORY).key);
    let mut row = world.row(homes[0].id()).await;
    row.id = installation_id(&double);
    row.certificate_der = double.der().to_vec();
    world.write_row(&row).await;
    let refused = homes[0].gate.admit(row.id, Fingerprint::of(&double)).await.unwrap_err();
    assert!(refused.to_string().contains("issuer and serial number, of `anna`"), "{refused}");
}

#[tokio::test]
async fn names_from_the_database_cannot_write_over_a_terminal() {
    let world = World::new().await;
    let homes = world.fleet(1).await;
    let second = world.home(1);
    second.gate.ask(&about(1), Some(homes[0].fingerprint())).await.unwrap();
    let mut row = world.row(second.id()).await;
    row.name = format!("\u{1b}[2Jharmless\n{}", "x".repeat(500));
    world.write_row(&row).await;
    let name = homes[0].gate.status().await.unwrap().waiting[0].name.clone();
    assert!(!name.chars().any(char::is_control) && name.chars().count() == 100, "{name:?}");
    homes[0].gate.admit(second.id(), second.fingerprint()).await.unwrap();
    assert_eq!(homes[0].gate.fleet().await.unwrap().admitted()[1].name, name);
}

#[test]
fn fingerprints_are_read_as_people_write_them_and_ids_carry_them() {
    let installation = installation(0);
    let text = installation.fingerprint().to_string();
    assert_eq!(text.split(' ').map(str::len).collect::<Vec<_>>(), [4; 8]);
    for spelling in
        [text.to_uppercase(), text.replace(' ', ":"), text.replace(' ', "-"), format!(" {text}\n")]
    {
        assert_eq!(spelling.parse::<Fingerprint>().unwrap(), installation.fingerprint());
    }
    for wrong in ["", "3f2a", &text[1..], &format!("{text} 00"), "not a fingerprint"] {
        assert!(wrong.parse::<Fingerprint>().unwrap_err().contains("eight groups"));
    }
    let (id, digits) = (installation.id().to_string().replace('-', ""), text.replace(' ', ""));
    assert_eq!((&id[..12], &id[17..], &id[12..13]), (&digits[..12], &digits[17..], "8"));
}
