//! The audit page, as it drives the program: the files it has written, and who vouches for the log.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::served::Served;
use crate::world::World;

async fn page_of(world: &World) -> Served {
    Served::by(world.command(), &world.folder().join("page")).await
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn wish(kinds: &[&str]) -> Value {
    json!({ "search": null, "kinds": kinds, "outcome": null, "from": null, "until": null, "upTo": null })
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_exported_as_lines_of_json_into_the_folder_of_exports_and_nowhere_else() {
    let world = World::of(1, 0).await;
    world.json(&["apply"]).await;
    let page = page_of(&world).await;
    let exports = world.home().join("exports");
    let standing = page.done("audit_standing", json!({})).await;
    assert_eq!(standing["folder"], json!(exports));
    assert!(!exports.exists(), "it is made when it is needed");

    let kinds = ["CERTIFICATE_ISSUED", "CERTIFICATE_DELIVERED"];
    let export = |form: &str, name: &str| json!({ "form": form, "filter": wish(&kinds), "name": name });
    let saved = page.done("export_audit", export("json", "case 4711.jsonl")).await;
    let file = exports.join("case 4711.jsonl");
    assert_eq!(saved["file"], json!(file));
    assert_eq!((mode(&exports), mode(&file)), (0o700, 0o600));
    let lines: Vec<Value> =
        fs::read_to_string(&file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // The same entries as on the command line, in the other order.
    let all = world.json(&["audit", "export"]).await;
    let mut expected = all["entries"].as_array().unwrap().clone();
    expected.retain(|entry| kinds.contains(&entry["kind"].as_str().unwrap()));
    expected.reverse();
    assert!(expected.len() >= kinds.len(), "{all}");
    assert_eq!(lines, expected);
    assert_eq!(saved["entries"], json!(expected.len()));

    let (code, told) = page.refused("export_audit", export("json", "case 4711.jsonl")).await;
    assert!(code == "invalid" && told.contains("name another file"), "{code}: {told}");
    let elsewhere = world.folder().join("profile.csv");
    for name in [elsewhere.to_str().unwrap(), "../profile.csv", ".zshenv", "profile.sh", "CON.csv", ""] {
        let (code, told) = page.refused("export_audit", export("csv", name)).await;
        assert!(code == "invalid" && told.contains("name it with letters"), "{code}: {told}");
        let (code, told) = page.refused("prove_audit_entry", json!({ "seq": 1, "name": name })).await;
        assert!(code == "invalid" && told.contains("name it with letters"), "{code}: {told}");
    }
    assert!(!elsewhere.exists() && !world.home().join("profile.csv").exists());
    assert_eq!(fs::read_dir(&exports).unwrap().count(), 1);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_since_when_entries_wait_for_a_signature() {
    let world = World::of(1, 0).await;
    let page = page_of(&world).await;
    let at = async |seq: i64| {
        page.done("audit_entry", json!({ "seq": seq })).await["line"]["at"].as_str().unwrap().to_owned()
    };
    let signatures = async || page.done("audit_standing", json!({})).await["signatures"].clone();
    let told = signatures().await;
    let covered = told["covered"].as_i64().unwrap();
    assert_eq!(told["uncoveredSince"], json!(at(covered + 1).await), "{told}");

    // The page's own worker reads the directory as soon as it is there, and writes into the log at that moment too: what
    // came between signing and looking is signed once more.
    let (mut size, mut told) = (Value::Null, Value::Null);
    for number in 0..50 {
        let head = world.folder().join(format!("head-{number}.json"));
        size = world.json(&["audit", "head", "--out", head.to_str().unwrap()]).await["size"].clone();
        told = signatures().await;
        if told["uncoveredSince"].is_null() {
            break;
        }
    }
    assert_eq!((&told["covered"], &told["uncoveredSince"]), (&size, &Value::Null), "{told}");
    assert_eq!((&told["signers"][0]["size"], &told["signers"][0]["here"]), (&size, &json!(true)));
    assert_eq!(told["overdue"], json!(false));

    world.json(&["apply"]).await;
    let told = signatures().await;
    assert_eq!(told["covered"], size, "nobody signed since");
    assert_eq!(told["uncoveredSince"], json!(at(size.as_i64().unwrap() + 1).await));
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_on_the_command_line_is_private_and_replaces_nothing() {
    let world = World::of(1, 0).await;
    let verified = world.json(&["audit", "verify"]).await;
    for (name, form) in [("log.jsonl", None), ("log.html", Some("--html"))] {
        let file = world.folder().join(name);
        let mut export = vec!["audit", "export", "--out", file.to_str().unwrap()];
        export.extend(form);
        let told = world.json(&export).await;
        assert!(told["entries"].as_u64() >= verified["entries"].as_u64(), "{told}");
        assert_eq!(mode(&file), 0o600);
        fs::write(&file, "mine").unwrap();
        let refused = world.run_json(&export).await.failure();
        assert!(refused.contains("exists already"), "{refused}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }
}
