//! Intune connectors: their keys are used after somebody compared them, and no other key is.

use std::fs;
use std::path::Path;

use crypto::ConnectorKey;
use serde_json::Value;

use crate::certificates::{openssl, text};
use crate::commands::doctor;
use crate::home::write_private;
use crate::world::{SMIME, World};

/// The connector's key of the simulated tenant, as a file that somebody brings.
fn exported(world: &World) -> (String, ConnectorKey) {
    let file = world.folder().join("exported.pfx");
    let blob = world.sim.connector_public_key_blob();
    fs::write(&file, &blob).unwrap();
    (file.to_str().unwrap().to_owned(), ConnectorKey::read(&blob).unwrap())
}

fn settings(world: &World) -> String {
    fs::read_to_string(world.home().join("sealwright.toml")).unwrap()
}

async fn audited(world: &World) -> Vec<(String, String, String)> {
    let log = world.json(&["audit", "list", "--limit", "500"]).await;
    let field = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = log["entries"].as_array().unwrap();
    let ours = entries.iter().filter(|entry| entry["kind"].as_str().unwrap().starts_with("CONNECTOR_"));
    ours.map(|entry| (field(entry, "kind"), field(entry, "outcome"), field(entry, "detail"))).collect()
}

/// A key pair of OpenSSL: the private half, and a file with the public one.
fn foreign_pair(folder: &Path) -> (String, String) {
    let private = folder.join("munich.pem").to_str().unwrap().to_owned();
    let public = folder.join("munich.pub").to_str().unwrap().to_owned();
    let made = openssl(&["genrsa", "-out", &private, "3072"]);
    assert!(made.status.success(), "{}", text(&made));
    let made = openssl(&["rsa", "-in", &private, "-pubout", "-out", &public]);
    assert!(made.status.success(), "{}", text(&made));
    (private, public)
}

/// What a connector's server with this key makes of a password.
fn decrypted(folder: &Path, private: &str, encrypted: &[u8]) -> String {
    let file = folder.join("encrypted");
    fs::write(&file, encrypted).unwrap();
    let told = openssl(&[
        "pkeyutl",
        "-decrypt",
        "-inkey",
        private,
        "-in",
        file.to_str().unwrap(),
        "-pkeyopt",
        "rsa_padding_mode:oaep",
        "-pkeyopt",
        "rsa_oaep_md:sha512",
        "-pkeyopt",
        "rsa_mgf1_md:sha512",
    ]);
    assert!(told.status.success(), "{}", text(&told));
    String::from_utf8(told.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_used_after_its_fingerprint_was_compared() {
    let world = World::of(2, 0).await;
    let (file, key) = exported(&world);
    let import = ["connector", "import", &file];
    let noted = format!("# Written by the administrator.\n{}", settings(&world));
    write_private(&world.home().join("sealwright.toml"), noted.as_bytes());
    let before = settings(&world);
    let listed = world.run_json(&["connector", "list"]).await;
    assert_eq!(listed.code, Some(3), "settings of before go on working, and are told: {listed:?}");
    assert_eq!(listed.json()["connectors"][0]["compared"], false);
    let (code, found) = doctor(&world, "Intune").await;
    assert_eq!(code, Some(0));
    assert!(found.contains("warning") && found.contains("nobody has compared"), "{found}");

    // Nobody can be asked here.
    let told = world.run_json(&import).await.failure_with(3);
    assert!(told.contains(&key.fingerprint()) && told.contains("Get-FileHash"), "{told}");
    let last = if key.fingerprint().ends_with('0') { '1' } else { '0' };
    let wrong = format!("{}{last}", &key.fingerprint()[..63]);
    let told = world.run_json(&[&import[..], &["--fingerprint", &wrong]].concat()).await.failure();
    assert!(told.contains("not the key whose fingerprint was given"), "{told}");
    assert_eq!(settings(&world), before);

    // As a server's Get-FileHash or an editor would spell it.
    let spelled = key.fingerprint().to_uppercase();
    let spelled: Vec<&str> = (0..32).map(|at| &spelled[2 * at..2 * at + 2]).collect();
    world.json(&[&import[..], &["--fingerprint", &spelled.join(":")]].concat()).await;
    let hash = ConnectorKey::file_hash(&fs::read(&file).unwrap());
    world.json(&[&import[..], &["--fingerprint", &hash]].concat()).await;
    let listed = world.json(&["connector", "list"]).await;
    assert_eq!(listed["connectors"][0]["fingerprint"], key.fingerprint());
    assert_eq!(listed["connectors"][0]["keyName"], world.sim.connector_key_name(), "as before");
    assert!(settings(&world).starts_with("# Written by the administrator.\n"), "what people wrote stays");
    assert!(!settings(&world).contains("connector-key.bin"), "the key lies in the home by a name of its own");

    let log = audited(&world).await;
    let outcomes: Vec<&str> = log.iter().map(|(_, outcome, _)| outcome.as_str()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "failure").count(), 1, "{log:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == "success").count(), 2, "{log:?}");
    assert!(
        log.iter()
            .all(|(kind, _, detail)| kind == "CONNECTOR_KEY_TRUSTED" && detail.contains(&key.fingerprint()))
    );

    let applied = world.json(&["apply"]).await;
    assert_eq!((applied["done"].as_u64(), applied["stuck"].as_u64()), (Some(4), Some(0)), "{applied}");
    let people: Vec<_> = world.sim.users().iter().map(|user| user.id).collect();
    let report = world.sim.devices_of(&people).await.unwrap();
    assert!(report.opened() > 0 && report.failures().next().is_none(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_somebody_changed_gets_no_password() {
    let world = World::of(1, 0).await;
    let (file, key) = exported(&world);
    world.json(&["connector", "import", &file, "--fingerprint", &key.fingerprint()]).await;
    let kept = fs::read_dir(world.home()).unwrap().map(|entry| entry.unwrap().path());
    let kept = kept.filter(|path| path.extension().is_some_and(|extension| extension == "key"));
    let kept: Vec<_> = kept.filter(|path| path.to_string_lossy().contains("connector-")).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let (_, public) = foreign_pair(world.folder());
    write_private(&kept[0], &fs::read(&public).unwrap());

    let listed = world.run_json(&["connector", "list"]).await;
    assert_eq!(listed.code, Some(3));
    let refused = listed.json()["connectors"][0]["refused"].as_str().unwrap().to_owned();
    assert!(refused.contains(&key.fingerprint()) && refused.contains("connector import"), "{refused}");
    let (code, found) = doctor(&world, "Intune").await;
    assert_eq!(code, Some(3));
    assert!(found.contains("not the one that was compared"), "{found}");
    let applied = world.run_json(&["apply"]).await.json();
    assert_eq!(applied["done"].as_u64(), Some(0), "{applied}");
    assert!(world.sim.pfx_records().is_empty(), "nothing was sent");
    let refused = world.run_json(&["tenant", "share"]).await.failure();
    assert!(refused.contains("not the one that was compared"), "{refused}");

    // The same command that pinned it mends it, and what waited goes on.
    world.json(&["connector", "import", &file, "--fingerprint", &key.fingerprint()]).await;
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    assert_eq!(world.sim.pfx_records().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_names_a_connector_whose_servers_open_what_it_sends() {
    let world = World::of(1, 0).await;
    let (file, key) = exported(&world);
    let (private, public) = foreign_pair(world.folder());
    let munich = ["connector", "import", &public, "--name", "munich"];
    let told = world.run_json(&munich).await.failure_with(2);
    assert!(told.contains("--key-name"), "{told}");
    world.json(&["connector", "import", &file, "--fingerprint", &key.fingerprint()]).await;
    let foreign = ConnectorKey::read(&fs::read(&public).unwrap()).unwrap().fingerprint();
    let further = ["--key-name", "Munich Key", "--fingerprint", &foreign];
    world.json(&[&munich[..], &further].concat()).await;
    let odd = ["connector", "import", &public, "--name", "no name"];
    let told = world.run_json(&[&odd[..], &further].concat()).await.failure_with(2);
    assert!(told.contains("cannot be the name"), "{told}");

    let printed = world.run(&["template", "export", SMIME]).await.stdout;
    let named = printed.replace("[delivery]\n", "[delivery]\nconnector = \"munich\"\n");
    assert_ne!(named, printed);
    world.import_text(&named).await.done();
    world.json(&["apply"]).await;
    let records = world.sim.pfx_records();
    let of = |key_name: &str| records.iter().find(|record| record.key_name == key_name).unwrap().clone();
    let sent = of("Munich Key");
    assert_eq!(sent.intended_purpose, "smimeEncryption");
    let password = decrypted(world.folder(), &private, &sent.encrypted_password);
    let pfx = world.folder().join("sent.p12");
    fs::write(&pfx, &sent.pfx).unwrap();
    let opened = openssl(&[
        "pkcs12",
        "-legacy",
        "-in",
        pfx.to_str().unwrap(),
        "-nodes",
        "-passin",
        &format!("pass:{password}"),
    ]);
    assert!(opened.status.success(), "{}", text(&opened));
    assert!(text(&opened).contains("BEGIN PRIVATE KEY"));
    of(world.sim.connector_key_name());

    // The line that Microsoft's service tries on the server.
    let test = world.folder().join("PFXImportTestFile.txt");
    world.json(&["connector", "self-test", "munich", "--out", test.to_str().unwrap()]).await;
    let line = fs::read_to_string(&test).unwrap();
    let parts: Vec<&str> = line.trim_end().split(':').collect();
    let [secret, encrypted, provider, key_name, hash, padding] = parts[..] else { panic!("{line}") };
    assert_eq!((provider, key_name), (world.sim.connector_provider_name(), "Munich Key"));
    assert_eq!((hash, padding), ("SHA512", "4"));
    let encoded = world.folder().join("encrypted.b64");
    let binary = world.folder().join("encrypted.bin");
    fs::write(&encoded, encrypted).unwrap();
    let (from, to) = (encoded.to_str().unwrap(), binary.to_str().unwrap());
    assert!(openssl(&["base64", "-d", "-A", "-in", from, "-out", to]).status.success());
    assert_eq!(decrypted(world.folder(), &private, &fs::read(&binary).unwrap()), secret);

    let told = world.run_json(&["connector", "remove", "default"]).await.failure();
    assert!(told.contains("would be lost"), "{told}");
    world.json(&["connector", "remove", "munich"]).await;
    let told = world.run_json(&["connector", "remove", "munich"]).await.failure();
    assert!(told.contains("names no connector"), "{told}");
    let listed = world.json(&["connector", "list"]).await;
    assert_eq!(listed["connectors"].as_array().unwrap().len(), 1);
    let last = audited(&world).await;
    assert!(last.iter().any(|(kind, ..)| kind == "CONNECTOR_REMOVED"), "{last:?}");
    assert_eq!(listed["connectors"][0]["name"], "default");
}
#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_is_gone_closes_intune_and_nothing_else() {
    let world = World::of(1, 0).await;
    fs::remove_file(world.home().join("connector-key.bin")).unwrap();
    world.json(&["audit", "verify"]).await;
    world.json(&["certificate", "list"]).await;
    let looked = world.run(&["doctor"]).await;
    assert!(looked.stdout.contains("empty or cannot be read; nothing is handed over"), "{looked:?}");
    assert!(looked.stdout.contains("users, groups and mailbox settings can be read"), "{looked:?}");
}
