//! What the page has written down of a request: a bundle for an officer without a network, whose answer it takes in, the receipt,
//! and the notice to the owner.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use crate::ceremony::{file, opened, smime, with_key};
use crate::desk::{ask, desk_of};
use crate::home::AGENTS;
use crate::offline::{NAMED, add_named};
use crate::program::Ran;
use crate::proof;
use crate::served::Served;
use crate::world::World;

/// The program on a machine that knows nothing of the world.
async fn elsewhere(world: &World, arguments: &[&str]) -> Ran {
    let mut command = world.command_on(&world.folder().join("no-home"));
    command.arg("--json").args(arguments);
    Ran::of(command).await
}

fn base64(file: &Path) -> Value {
    json!({ "content": BASE64_STANDARD.encode(fs::read(file).unwrap()) })
}

/// Officers as the page offers them: name, and why not.
async fn offered(served: &Served, id: &Value) -> Vec<(String, Option<String>)> {
    let told = served.done("officers_elsewhere", json!({ "id": id })).await;
    let officers = told["officers"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    for one in told["officers"].as_array().unwrap() {
        let nameless = one["whyNot"].as_str().is_some_and(|why| why.contains("neither a mail address"));
        assert_eq!(one["about"] == json!("officerNameless"), nameless, "{one}");
        let has_agreed = one["whyNot"] == json!("has agreed already");
        assert_eq!(one["about"] == json!("officerAgreed"), has_agreed, "{one}");
    }
    let mut offered: Vec<_> =
        officers.map(|one| (text(&one["name"]).unwrap(), text(&one["whyNot"]))).collect();
    offered.sort();
    offered
}

/// A file that the page had written: in the one folder for that, for its maker alone.
fn written(world: &World, told: &Value, name: &str) -> String {
    let file = world.home().join("exports").join(name);
    assert_eq!(told["file"], json!(file), "{told}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "{}", file.display());
    file.to_str().unwrap().to_owned()
}

/// No name leads out of the folder, hides a file, or poses as another kind of it.
async fn names_that_lead_elsewhere(served: &Served, id: &Value, officer: &str) {
    for name in ["../request.bundle", "/tmp/request.bundle", ".bundle", "request.sh", "CON.bundle", ""] {
        let export = json!({ "id": id, "officer": officer, "days": 3, "name": name });
        let (code, told) = served.refused("export_recovery", export).await;
        assert_eq!(code, "invalid", "{name}: {told}");
    }
    for (command, name) in [("save_recovery_receipt", "../a.receipt"), ("save_owner_notice", "a.html")] {
        let request = json!({ "id": id, "owner": "somebody@contoso.example", "name": name });
        assert_eq!(served.refused(command, request).await.0, "invalid", "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_exports_a_request_takes_the_answer_in_and_saves_receipt_and_notice() {
    let world = World::of(2, 0).await;
    add_named(&world).await;
    world.json(&["apply"]).await;
    let row = smime(&world).await;
    let (anna, bert) = (desk_of(&world, "anna@desk-1").await, desk_of(&world, "bert@desk-2").await);
    let asked = ask(&anna, &row.certificate.id.to_string(), "fileForOther", Some("Kanzlei Müller")).await;
    let (id, text) = (&asked["id"], asked["id"].as_str().unwrap());
    assert_eq!(asked["needed"], 2);
    let officer = proof::agent(&world, NAMED).1;
    let thumbprint = officer.thumbprint().to_string();

    let offer = offered(&anna, id).await;
    let dora = offer.iter().find(|(name, _)| name == "Dora Blümel").unwrap();
    assert_eq!(dora.1, None, "{offer:?}");
    let others = offer.iter().filter(|(name, _)| name != "Dora Blümel");
    let nameless: Vec<_> = others.map(|(_, why)| why.as_deref().unwrap_or_default()).collect();
    assert_eq!(nameless.len(), AGENTS.len(), "{offer:?}");
    assert!(nameless.iter().all(|why| why.contains("neither a mail address")), "{offer:?}");

    names_that_lead_elsewhere(&anna, id, &thumbprint).await;
    let export = json!({ "id": id, "officer": thumbprint, "days": 3, "name": "request.bundle" });
    for (change, sentence) in [
        (json!({ "days": 0 }), "no time in which an officer can answer"),
        (json!({ "days": 31 }), "no time in which an officer can answer"),
        (json!({ "officer": "00".repeat(20) }), "no recovery agent has the certificate"),
        (json!({ "officer": proof::agent(&world, AGENTS[0]).1.thumbprint().to_string() }), "neither a mail"),
    ] {
        let mut wrong = export.clone();
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (_, told) = anna.refused("export_recovery", wrong).await;
        assert!(told.contains(sentence), "{sentence}: {told}");
    }
    let exported = anna.done("export_recovery", export.clone()).await;
    let bundle = written(&world, &exported, "request.bundle");
    assert_eq!(exported["fingerprint"], asked["fingerprint"], "{exported}");
    let fleet = exported["fleet"].as_str().unwrap();
    assert_eq!(fleet, world.json(&["installation", "list"]).await["fleet"]);
    let (_, again) = anna.refused("export_recovery", export).await;
    assert!(again.contains("exists already"), "{again}");

    // The officer, by the command that the page shows.
    let response = world.folder().join("response");
    let (key, password) = (world.agent(NAMED, "p12"), world.agent(NAMED, "password"));
    let approve = [
        ["recovery", "approve", "--bundle", bundle.as_str(), "--out", response.to_str().unwrap(), "--yes"]
            .as_slice(),
        &["--kra", key.to_str().unwrap(), "--password-file", password.to_str().unwrap()],
        &["--fleet", fleet, "--fingerprint", asked["fingerprint"].as_str().unwrap()],
    ]
    .concat();
    elsewhere(&world, &approve).await.done();

    // It comes back through the page, counts once, and is no other file.
    let imported = bert.done("import_recovery_response", base64(&response)).await;
    assert_eq!(imported["officer"], json!(officer.subject()), "{imported}");
    assert_eq!((&imported["request"]["id"], &imported["request"]["agreed"]), (id, &json!(1)), "{imported}");
    let (code, twice) = bert.refused("import_recovery_response", base64(&response)).await;
    assert!(code == "notPossible" && twice.contains("was imported before"), "{twice}");
    let (_, other) = bert.refused("import_recovery_response", base64(Path::new(&bundle))).await;
    assert!(other.contains("this is no response"), "{other}");
    let (code, cut) = bert.refused("import_recovery_response", json!({ "content": "AAA" })).await;
    assert!(code == "invalid" && cut.contains("cut off"), "{cut}");
    let offer = offered(&anna, id).await;
    let dora = offer.iter().find(|(name, _)| name == "Dora Blümel").unwrap();
    assert_eq!(dora.1.as_deref(), Some("has agreed already"));

    // What the page tells in its own words says what it is about; the message is the command line's.
    let folders = |name: &str| json!({ "id": id, "folder": world.folder().join(name), "passwordFile": world.folder().join("early.txt"), "compatible": false, "mails": [] });
    let early = anna.call("complete_recovery", folders("early")).await.unwrap_err();
    assert_eq!(
        (&early["code"], &early["about"]),
        (&json!("notPossible"), &json!("approvalsMissing")),
        "{early}"
    );

    // Nothing was opened yet, and there is nothing to give a receipt for.
    let receipt = json!({ "id": id, "name": "request.receipt" });
    let (code, early) = anna.refused("save_recovery_receipt", receipt.clone()).await;
    assert!(code == "notPossible" && early.contains("its keys were not opened"), "{early}");
    let by_hand = ["recovery", "approve", text, "--yes"];
    with_key(&world, "bert@desk-2", &by_hand, &file(&world, AGENTS[1])).await.done();
    let (folder, passwords) = (world.folder().join("recovered"), world.folder().join("passwords.txt"));
    let complete =
        json!({ "id": id, "folder": folder, "passwordFile": passwords, "compatible": false, "mails": [] });
    assert_eq!(anna.done("complete_recovery", complete).await["closed"], true);
    opened(&folder, &passwords, &row);

    let saved = anna.done("save_recovery_receipt", receipt.clone()).await;
    assert_eq!(saved["unsigned"], 0, "{saved}");
    let file = written(&world, &saved, "request.receipt");
    let (_, again) = anna.refused("save_recovery_receipt", receipt).await;
    assert!(again.contains("exists already"), "{again}");
    let proven = elsewhere(&world, &["audit", "check", &file]).await.done();
    assert_eq!((&proven["proven"], &proven["receipt"]["request"]), (&json!(true), id), "{proven}");
    let by_command = world.json(&["recovery", "receipt", text]).await;
    assert_eq!(by_command["receipt"]["told"], proven["receipt"], "page and command line tell the same");

    let notice = |owner: &str| json!({ "id": id, "owner": owner, "name": "notice.txt" });
    let (code, stranger) = anna.refused("save_owner_notice", notice("somebody@contoso.example")).await;
    assert!(code == "invalid" && stranger.contains("no key of somebody@contoso.example"), "{stranger}");
    let saved = anna.done("save_owner_notice", notice(&row.certificate.mail)).await;
    let words = fs::read_to_string(written(&world, &saved, "notice.txt")).unwrap();
    assert!(words.starts_with(&format!("To: {}\n", row.certificate.mail)), "{words}");
    assert!(words.contains("4711/26") && words.contains("Kanzlei Müller"), "{words}");
    world.json(&["audit", "verify"]).await;
    for served in [anna, bert] {
        served.close().await;
    }
}
