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

/// The code in what a device shows of a canary mail.
fn code_in(text: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("    ")).unwrap();
    line.trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_mail_is_read_on_the_device_alone_and_its_code_proves_that() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let listed = world.json(&["certificate", "list"]).await;
    let rows = listed["certificates"].as_array().unwrap();
    let mail = rows.iter().find(|row| row["template"] == SMIME).unwrap();
    let (id, address) = (mail["id"].as_str().unwrap(), mail["mail"].as_str().unwrap());
    let (owner, other) = {
        let mut people: Vec<_> = world.sim.pfx_records().iter().map(|record| record.user).collect();
        people.sort_unstable();
        people.dedup();
        let shown = world.json(&["certificate", "show", id]).await;
        let name = shown["deliveries"][0]["userPrincipalName"].as_str().unwrap().to_owned();
        let is_owner = |record: &sim::PfxRecord| record.user_principal_name.eq_ignore_ascii_case(&name);
        let owner = world.sim.pfx_records().iter().find(|record| is_owner(record)).unwrap().user;
        (owner, people.into_iter().find(|person| *person != owner).unwrap())
    };

    let folder = world.home().join("canaries");
    let out = folder.to_str().unwrap();
    let written = world.json(&["delivery", "canary", id, "--out", out]).await;
    let file = written["mails"][0]["file"].as_str().unwrap();
    let message = std::fs::read(file).unwrap();
    let text = String::from_utf8(message.clone()).unwrap();
    assert!(
        text.contains(&format!("To: <{address}>")) && text.contains("smime-type=enveloped-data"),
        "{text}"
    );
    let waits = world.json(&["certificate", "show", id]).await;
    assert!(waits["deliveries"][0]["canaryUntil"].is_string(), "{waits}");

    // The owner's devices read it, by OpenSSL and with the key as it was delivered; nobody else's do.
    let shown = world.sim.read_mail(owner, &message).await.unwrap();
    assert!(!shown.is_empty() && shown.iter().all(|device| device.text.is_some()), "{shown:?}");
    let strange = world.sim.read_mail(other, &message).await.unwrap();
    assert!(!strange.is_empty() && strange.iter().all(|device| device.text.is_none()), "{strange:?}");
    let code = code_in(shown[0].text.as_ref().unwrap());
    assert!(!text.contains(&code));

    let wrong = world.run_json(&["delivery", "confirm", "AAAA-AAAA-AAAA"]).await.failure();
    assert!(wrong.contains("no canary mail has this code"), "{wrong}");
    let none = world.run_json(&["delivery", "confirm", "hello"]).await.failure();
    assert!(none.contains("twelve letters and digits"), "{none}");
    let typed = code.to_lowercase().replace('-', " ");
    let told = world.json(&["delivery", "confirm", &typed, "--device", &shown[0].device]).await;
    assert_eq!((told["certificate"].as_str(), told["known"].as_bool()), (Some(id), Some(false)), "{told}");
    let again = world.json(&["delivery", "confirm", &code]).await;
    assert_eq!((again["known"].as_bool(), &again["device"]), (Some(true), &told["device"]), "{again}");

    let proven = world.json(&["certificate", "show", id]).await;
    let delivery = &proven["deliveries"][0];
    assert_eq!(delivery["proofs"], json!(["opened", "accepted", "readBack", "confirmed"]), "{proven}");
    assert_eq!(delivery["confirmed"]["device"], shown[0].device.as_str());
    let people = world.run(&["certificate", "show", id]).await.stdout;
    assert!(people.contains("proven by a canary mail") && people.contains(&shown[0].device), "{people}");
    let log = world.json(&["audit", "list", "--limit", "100"]).await;
    let of = |kind: &str, outcome: &str| {
        let entries = log["entries"].as_array().unwrap().iter();
        entries.filter(|entry| entry["kind"] == kind && entry["outcome"] == outcome).count()
    };
    assert_eq!(of("CANARY_WRITTEN", "success"), 1, "{log}");
    assert_eq!((of("CANARY_CONFIRMED", "success"), of("CANARY_CONFIRMED", "failure")), (1, 1), "{log}");
    assert!(!log.to_string().contains(&code), "the code stands in the mail alone");

    // A newer mail takes the place of the last one; a certificate for signing in has none.
    world.json(&["delivery", "canary", id, "--out", &format!("{out}-2")]).await;
    let old = world.run_json(&["delivery", "confirm", &code]).await.failure();
    assert!(old.contains("a newer mail"), "{old}");
    let sign_in = rows.iter().find(|row| row["template"] != SMIME).unwrap()["id"].as_str().unwrap();
    let refused = world.run_json(&["delivery", "canary", sign_in, "--out", out]).await.failure();
    assert!(refused.contains("nobody can encrypt mail to this certificate"), "{refused}");
    let stranger = world.run_json(&["delivery", "canary", id, "--person", "x@y.example", "--out", out]).await;
    assert!(stranger.failure().contains("was not handed over to x@y.example"));
}
