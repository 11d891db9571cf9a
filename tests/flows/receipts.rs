//! `recovery receipt`: what is left of a recovery proves itself, and says nothing that it does not prove.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use store::CertificateRow;

use crate::ceremony::{ask, file, places, run_as, smime, with_key};
use crate::home::{AGENTS, OUTSIDER};
use crate::program::Ran;
use crate::proof;
use crate::secrets::{Search, keys_of_people};
use crate::world::{SMIME, World};

/// A recovery that came to its end, with its receipt.
async fn carried(world: &World, row: &CertificateRow, name: &str) -> (String, PathBuf, String) {
    let asked = ask(world, row, &["--to-owner"]).await.done();
    let id = asked["request"].as_str().unwrap().to_owned();
    let key = file(world, AGENTS[0]);
    with_key(world, "bert@desk-2", &["recovery", "approve", &id, "--yes"], &key).await.done();
    let (folder, passwords) = places(world, name);
    let receipt = world.folder().join(format!("{name}.receipt"));
    let told = run_as(
        world,
        "anna@desk-1",
        &[
            "recovery",
            "complete",
            &id,
            "--out",
            folder.to_str().unwrap(),
            "--out-passwords",
            passwords.to_str().unwrap(),
            "--receipt",
            receipt.to_str().unwrap(),
        ],
    )
    .await
    .done();
    assert_eq!(told["receipt"], json!(receipt));
    (id, receipt, fs::read_to_string(passwords).unwrap())
}

/// Checks a receipt where there is neither home nor database.
async fn check(world: &World, receipt: &Value) -> Ran {
    let path = world.folder().join("to-be-checked");
    fs::write(&path, receipt.to_string()).unwrap();
    let mut command = world.command_on(&world.folder().join("no-home"));
    command.args(["--json", "audit", "check", path.to_str().unwrap()]);
    Ran::of(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_tells_who_asked_and_agreed_and_proves_itself_without_the_database() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let row = smime(&world).await;
    let (id, file, passwords) = carried(&world, &row, "first").await;
    let text = fs::read_to_string(&file).unwrap();
    let receipt: Value = serde_json::from_str(&text).unwrap();
    let told = &receipt["told"];
    assert_eq!(
        (&told["request"], &told["case"], &told["requester"]),
        (&json!(id), &json!("4711/26"), &json!("anna@desk-1"))
    );
    assert_eq!(told["keys"][0]["thumbprint"], json!(row.certificate.thumbprint));
    let agreed: Vec<&Value> = told["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["kind"] == "KEY_RECOVERY_APPROVAL_PROCESSED" && step["outcome"] == "success")
        .collect();
    let [agreed] = agreed.as_slice() else { panic!("one officer agreed: {told}") };
    let (_, officer) = proof::agent(&world, AGENTS[0]);
    assert_eq!(agreed["actor"], "bert@desk-2");
    assert!(agreed["remark"].as_str().unwrap().contains(&officer.subject()), "{agreed}");
    assert!(told["openedAt"].is_string() && told["closedAt"].is_string(), "{told}");

    let proven = check(&world, &receipt).await.done();
    assert_eq!((&proven["proven"], &proven["receipt"]), (&json!(true), told));
    let fleet = proven["fleet"].as_str().unwrap();
    let shown = world.json(&["installation", "list"]).await["fleet"].as_str().unwrap().replace(' ', "");
    assert!(fleet.starts_with(&shown), "{fleet}: {shown}");
    assert!(!world.folder().join("no-home").exists());
    // Each entry in it is a proof by itself, as the auditor's other tools take it.
    for entry in receipt["proofs"].as_array().unwrap() {
        assert_eq!(check(&world, entry).await.done()["proven"], true);
    }

    // For people; and a notice that the officer sends.
    let notice = world.folder().join("notice.txt");
    let shown = world.run(&["recovery", "receipt", &id, "--notice", notice.to_str().unwrap()]).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for part in ["bert@desk-2", "works agreement 7", "KEY_RECOVERY_OPENING", "this program sent nothing"] {
        assert!(shown.stdout.contains(part), "{part}: {}", shown.stdout);
    }
    let notice = fs::read_to_string(notice).unwrap();
    for part in
        [row.certificate.mail.as_str(), "4711/26", "written into a file for you", "it takes 1 officer", &id]
    {
        assert!(notice.contains(part), "{part}: {notice}");
    }
    // No secret in any of it.
    let mut search = Search::new();
    for key in keys_of_people(&world).await {
        search.key("a person's key", &key);
    }
    search.text("a password", passwords.split_whitespace().last().unwrap());
    for written in [&text, &notice, &shown.stdout] {
        assert_eq!(search.find(written.as_bytes()), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_was_changed_proves_nothing() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let row = smime(&world).await;
    let (_, file, _) = carried(&world, &row, "first").await;
    let (_, other, _) = carried(&world, &row, "second").await;
    let read = |file: PathBuf| -> Value { serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap() };
    let (honest, other) = (read(file), read(other));
    let text = |value: &mut Value, what: &str, by: &str| {
        let old = value.as_str().unwrap();
        assert!(old.contains(what), "{old}");
        *value = json!(old.replace(what, by));
    };
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut changed = honest.clone();
        change(&mut changed);
        changed
    };
    for (sentence, receipt) in [
        ("what it tells is not what it proves", changed(&|it| it["told"]["requester"] = json!("eve@desk-6"))),
        ("what it tells is not what it proves", changed(&|it| it["told"]["steps"] = json!([]))),
        (
            "the signature of",
            changed(&|it| {
                text(&mut it["carried"]["request"]["body"], "4711/26", "4711/27");
                it["told"]["case"] = json!("4711/27");
            }),
        ),
        (
            "it is not what its hash stands for",
            changed(&|it| text(&mut it["proofs"][1]["entry"]["actor"], "bert", "cora")),
        ),
        ("is about something else", changed(&|it| it["proofs"][2] = other["proofs"][2].clone())),
        ("are not in order", changed(&|it| it["proofs"].as_array_mut().unwrap().reverse())),
        ("were not opened", changed(&|it| it["proofs"].as_array_mut().unwrap().truncate(2))),
        ("it proves no entry", changed(&|it| it["proofs"] = json!([]))),
        (
            "of entry 1 of the list",
            changed(&|it| text(&mut it["carried"]["admissions"][0]["body"], "\"seq\":1", "\"seq\":2")),
        ),
    ] {
        let ran = check(&world, &receipt).await;
        assert_eq!(ran.code, Some(3), "{sentence}: {ran:?}");
        let told = ran.json();
        let why = told["why"].as_str().unwrap();
        assert!(told["proven"] == json!(false) && why.contains(sentence), "{sentence}: {why}");
        assert!(!why.contains("the audit log is not"), "it is the file that is wrong: {why}");
    }
    assert_eq!(check(&world, &honest).await.done()["proven"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_owner_is_told_of_the_own_key_and_what_was_not_opened_has_no_receipt() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let rows = proof::certificates(&world).await;
    let both: Vec<&CertificateRow> = rows.iter().filter(|row| row.template_name == SMIME).collect();
    let [one, two] = both.as_slice() else { panic!("two people") };
    let which = two.certificate.thumbprint.to_string();
    let asked = ask(&world, one, &[&which, "--to-other", "Kanzlei Müller"]).await.done();
    let id = asked["request"].as_str().unwrap();
    let at = |name: &str| world.folder().join(name).to_str().unwrap().to_owned();
    let early =
        run_as(&world, "anna@desk-1", &["recovery", "receipt", id, "--out", &at("early")]).await.failure();
    assert!(early.contains("its keys were not opened"), "{early}");
    for (person, agent) in [("bert@desk-2", AGENTS[0]), ("cora@desk-3", AGENTS[1])] {
        with_key(&world, person, &["recovery", "approve", id, "--yes"], &file(&world, agent)).await.done();
    }
    let (folder, passwords) = places(&world, "recovered");
    crate::ceremony::complete(&world, id, &folder, &passwords).await.done();

    let receipt = ["recovery", "receipt", id, "--notice"];
    let unclear = run_as(&world, "anna@desk-1", &[&receipt, [at("none").as_str()].as_slice()].concat()).await;
    let unclear = unclear.failure_with(2);
    assert!(unclear.contains("several owners") && unclear.contains(&one.certificate.mail), "{unclear}");
    let stranger = [at("none"), "--owner".to_owned(), format!("{OUTSIDER}@example.com")];
    let stranger: Vec<&str> = stranger.iter().map(String::as_str).collect();
    let stranger =
        run_as(&world, "anna@desk-1", &[&receipt, stranger.as_slice()].concat()).await.failure_with(2);
    assert!(stranger.contains("no key of outsider@example.com"), "{stranger}");
    assert!(!world.folder().join("none").exists() && !world.folder().join("early").exists());
    for (own, other) in [(one, two), (two, one)] {
        let name = at(&own.certificate.mail);
        let more = [name.as_str(), "--owner", &own.certificate.mail];
        run_as(&world, "anna@desk-1", &[&receipt, more.as_slice()].concat()).await.done();
        let notice = fs::read_to_string(&name).unwrap();
        assert!(
            notice.contains("for somebody else: Kanzlei Müller") && notice.contains(&own.certificate.mail)
        );
        for foreign in [
            &other.certificate.mail,
            &other.certificate.common_name,
            &other.certificate.thumbprint.to_string(),
        ] {
            assert!(!notice.contains(foreign.as_str()), "{foreign}: {notice}");
        }
        let twice = run_as(&world, "anna@desk-1", &[&receipt, more.as_slice()].concat()).await.failure();
        assert!(twice.contains("exists already"), "{twice}");
    }
    // One deed for two keys is told once, with both.
    let told = run_as(&world, "anna@desk-1", &["recovery", "receipt", id]).await.done();
    let steps = told["receipt"]["told"]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["keys"].as_array().unwrap().len() == 2), "{steps:?}");
}
