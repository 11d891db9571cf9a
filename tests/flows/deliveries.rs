//! What is known of hand-overs, and records at Intune that should not be there.

use serde_json::{Value, json};

use crate::world::{SMIME, World};

fn kinds(told: &Value) -> Vec<&str> {
    told["ghosts"].as_array().unwrap().iter().map(|ghost| ghost["kind"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_over_tells_what_was_seen_of_it() {
    let world = World::of(1, 0).await;
    world.json(&["apply"]).await;
    let listed = world.json(&["certificate", "list"]).await;
    for row in listed["certificates"].as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        let shown = world.json(&["certificate", "show", id]).await;
        assert_eq!(shown["deliveries"][0]["proofs"], json!(["opened", "accepted", "readBack"]), "{shown}");
        let told = world.run(&["certificate", "show", id]).await.stdout;
        assert!(told.contains("opened before it was sent, accepted by Intune, read back"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_under_a_former_name_are_found_and_removed_by_hand() {
    let world = World::of(2, 0).await;
    let clean = world.json(&["apply"]).await;
    assert_eq!(clean["done"].as_u64(), Some(4), "{clean}");
    let none = world.json(&["delivery", "ghosts"]).await;
    assert_eq!((none["ours"].as_u64(), kinds(&none).len()), (Some(4), 0), "{none}");

    let person = world.sim.pfx_records()[0].user;
    world
        .sim
        .edit_user(person, |user| user.user_principal_name = "neuer.name@nordwind.example.com".to_owned())
        .unwrap();
    world.run_json(&["plan"]).await;
    let before = world.sim.pfx_records();
    let ran = world.run_json(&["delivery", "ghosts"]).await;
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let told = ran.json();
    assert_eq!(kinds(&told), ["formerName", "formerName"], "{told}");
    assert_eq!(world.sim.pfx_records(), before, "looking changes nothing");
    let people = world.run(&["delivery", "ghosts"]).await.stdout;
    assert!(people.contains("neuer.name@nordwind.example.com") && people.contains("2 of 4"), "{people}");

    // One that is as it should be is not removed, and then none is.
    let good = before.iter().find(|record| record.user != person).unwrap().id.clone();
    let ghosts: Vec<&str> =
        told["ghosts"].as_array().unwrap().iter().map(|ghost| ghost["record"].as_str().unwrap()).collect();
    let refused = world.run_json(&["delivery", "withdraw", ghosts[0], &good]).await.failure();
    assert!(refused.contains("nothing was removed"), "{refused}");
    assert_eq!(world.sim.pfx_records(), before);

    let done = world.json(&["delivery", "withdraw", ghosts[0], ghosts[1]]).await;
    assert_eq!(done["withdrawn"].as_array().unwrap().len(), 2);
    assert_eq!(world.sim.pfx_records().len(), 2);
    let again = world.json(&["delivery", "ghosts"]).await;
    assert_eq!(kinds(&again).len(), 0, "{again}");
    let log = world.json(&["audit", "list", "--limit", "100"]).await;
    let withdrawn = log["entries"].as_array().unwrap().iter();
    assert_eq!(withdrawn.filter(|entry| entry["kind"] == "CERTIFICATE_WITHDRAWN").count(), 2, "{log}");

    // What was removed is missing, and can be handed over again.
    let certificate = told["ghosts"][0]["certificate"].as_str().unwrap();
    let shown = world.json(&["certificate", "show", certificate]).await;
    assert_eq!(shown["deliveries"][0]["state"], "missing", "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_certificate_stays_on_devices_until_its_successor_has_settled() {
    let world = World::of(1, 0).await;
    let printed = world.run(&["template", "export", SMIME]).await.stdout;
    let few = printed.replace("[delivery]\n", "[delivery]\nformer-on-devices = 0\n");
    assert_ne!(few, printed);
    let imported = world.import_text(&few).await;
    assert_eq!(imported.code, Some(0), "{imported:?}");
    world.json(&["apply"]).await;
    let listed = world.json(&["certificate", "list", "--template", SMIME]).await;
    let old = listed["certificates"][0]["id"].as_str().unwrap();
    world.json(&["certificate", "renew", old]).await;
    assert_eq!(world.sim.pfx_records().len(), 3);
    let shown = world.json(&["certificate", "show", old]).await;
    assert_eq!(shown["deliveries"][0]["state"], "present", "{shown}");
    let lint = world.run(&["template", "lint"]).await.stdout;
    assert!(lint.contains("former-on-devices"), "{lint}");
    let too_many = printed.replace("[delivery]\n", "[delivery]\nformer-on-devices = 1000\n");
    assert_ne!(world.import_text(&too_many).await.code, Some(0));
}
