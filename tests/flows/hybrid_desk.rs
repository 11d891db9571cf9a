//! ML-KEM keys on the recovery page: proposed with a set, asked for where they are needed, used with a token, a bundle and a
//! file, and counted. And as many officers with them as a set may have.

use std::fs;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
use crypto::{MlKemPrivateKey, PrivateKey, X509Certificate};
use model::{KeyAlgorithm, Span, SystemEntropy, Timestamp};
use serde_json::{Value, json};
use support::{SOFTHSM_MODULE, SoftHsm};

use crate::ceremony::{PIN, complete, file, opened, places, run_as, smime, with_key};
use crate::desk::{approve, ask, desk_of, ended, file_of};
use crate::home::{AGENTS, write_private};
use crate::hybrid::{MlKem, largest, ml_kem, named};
use crate::offline::{NAMED, add_named};
use crate::program::Ran;
use crate::proof;
use crate::served::Served;
use crate::world::World;

/// A file as the page hands it over.
fn handed(path: &std::path::Path) -> Value {
    let name = path.file_name().unwrap().to_str().unwrap();
    json!({ "name": name, "content": BASE64_STANDARD.encode(fs::read(path).unwrap()) })
}

fn unlocking(key: &MlKem) -> Value {
    json!({ "file": key.private, "secret": fs::read_to_string(&key.password).unwrap().trim() })
}

/// Begins a deed with both keys and waits for its end.
async fn deed(served: &Served, deed: &Value, (address, secret): (&str, &str), ml_kem: &Value) -> Value {
    let key = json!({ "address": address, "secret": secret, "mlKem": ml_kem });
    let begun = served.done("begin_officer_deed", json!({ "deed": deed, "key": key })).await;
    assert_eq!(begun["state"], "unlocking", "{begun}");
    ended(served).await
}

async fn needs(served: &Served, deed: &Value) -> Value {
    served.done("officer_deed_needs", json!({ "deed": deed })).await["mlKem"].clone()
}

async fn inventory(served: &Served) -> Value {
    served.done("archive_inventory", json!({})).await
}

/// A world with agents in files, of whom one has a name that counts without a network, and a card.
async fn furnished() -> (World, String) {
    let world = World::of(2, 0).await;
    let settings = world.home().join("sealwright.toml");
    let section = format!("\n[recovery]\npkcs11-modules = [\"{SOFTHSM_MODULE}\"]\n");
    write_private(&settings, (fs::read_to_string(&settings).unwrap() + &section).as_bytes());
    add_named(&world).await;
    let tokens = SoftHsm::new(world.folder());
    let serial = tokens.token("Officer with a token", PIN);
    tokens.agent(&serial, PIN, "03", "Officer with a token", "rsa:2048", &["--usage-decrypt"]);
    let shown = world.json(&["kra", "tokens", "--module", SOFTHSM_MODULE]).await;
    let address = shown["tokens"][0]["certificates"][0]["address"].as_str().unwrap().to_owned();
    (world, address)
}

fn thumbprint(world: &World, agent: &str) -> String {
    proof::agent(world, agent).1.thumbprint().to_string()
}

fn fingerprints(set: &Value) -> Vec<&str> {
    let officers = set["versions"][0]["officers"].as_array().unwrap();
    officers.iter().map(|officer| officer["mlKem"].as_str().unwrap_or("none")).collect()
}

/// What is wrong with an ML-KEM key is said before the officer's card is sent anything: the PIN that goes along is wrong, and a
/// card that had seen it would take no other from the page.
async fn nothing_reaches_the_card(
    world: &World,
    page: &Served,
    asked: &Value,
    card: &str,
    keys: &[MlKem; 3],
) {
    let with = |file: &std::path::Path, secret: &str| json!({ "file": file, "secret": secret });
    let p12 = world.agent(AGENTS[0], "p12");
    for (ml_kem, about, words) in [
        (Value::Null, "mlKemMissing", "takes both"),
        (with(&keys[1].private, "not this one"), "mlKemLocked", "the password is wrong"),
        (with(&keys[1].public, "whatever"), "mlKemUnfit", "ENCRYPTED PRIVATE KEY"),
        (with(&p12, "whatever"), "mlKemUnfit", "ENCRYPTED PRIVATE KEY"),
        (with(&world.folder().join("absent.pem"), "whatever"), "mlKemUnfit", "absent.pem"),
        (unlocking(&keys[0]), "mlKemForeign", "is that of"),
    ] {
        let failed = deed(page, &approve(asked), (card, "000000"), &ml_kem).await;
        let error = &failed["error"];
        assert_eq!((&failed["state"], &error["about"]), (&json!("failed"), &json!(about)), "{failed}");
        assert!(error["message"].as_str().unwrap().contains(words), "{words}: {failed}");
        assert!(!failed.to_string().contains("not this one"), "{failed}");
    }
    let tries = proof::recorded(world, "RECOVERY_KEY_UNLOCKING").await;
    assert!(matches!(tries.as_slice(), [(_, outcome, _)] if outcome == "failure"), "{tries:?}");
    // Where it is looked for is a file of this machine, by its whole path.
    for (path, words) in [
        ("hanna.pem", "is no whole path"),
        ("//host/share/hanna.pem", "a network share or a device"),
        (world.folder().to_str().unwrap(), "is no file"),
        (" ", "is missing"),
    ] {
        let key = json!({ "address": card, "secret": "000000", "mlKem": { "file": path, "secret": "x" } });
        let (code, told) =
            page.refused("begin_officer_deed", json!({ "deed": approve(asked), "key": key })).await;
        assert!(code == "invalid" && told.contains(words), "{path}: {told}");
    }
}

/// An officer agrees on a machine with nothing but a bundle and two files.
async fn agreed_elsewhere(world: &World, anna: &Served, asked: &Value, dora: &str, key: &MlKem) {
    let export = json!({ "id": asked["id"], "officer": dora, "days": 3, "name": "request.bundle" });
    let exported = anna.done("export_recovery", export).await;
    let answer = world.folder().join("answer");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut alone = ["recovery", "approve", "--bundle"].map(str::to_owned).to_vec();
    alone.extend([text(&exported["file"]), "--out".to_owned(), answer.to_str().unwrap().to_owned()]);
    alone.extend(["--yes".to_owned(), "--fleet".to_owned(), text(&exported["fleet"])]);
    alone.extend(["--fingerprint".to_owned(), text(&asked["fingerprint"])]);
    alone.extend(file(world, NAMED));
    let elsewhere = async |more: &[&str]| {
        let mut command = world.command_on(&world.folder().join("no-home"));
        command.arg("--json").args(&alone).args(more);
        Ran::of(command).await
    };
    let without = elsewhere(&[]).await.failure();
    assert!(without.contains("name the file of the ML-KEM key too") && !answer.exists(), "{without}");
    let files = [&key.private, &key.password].map(|path| path.to_str().unwrap());
    elsewhere(&["--ml-kem", files[0], "--ml-kem-password-file", files[1]]).await.done();
    let content = BASE64_STANDARD.encode(fs::read(&answer).unwrap());
    let imported = anna.done("import_recovery_response", json!({ "content": content })).await;
    assert_eq!(imported["request"]["state"], "ready", "{imported}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quorum_with_ml_kem_keys_is_made_on_the_page_and_opens_by_card_and_bundle() {
    let (world, card) = furnished().await;
    world.json(&["apply"]).await;
    let keys = [ml_kem(&world, "first").await, ml_kem(&world, "card").await, ml_kem(&world, "dora").await];
    let (anna, bert) = (desk_of(&world, "anna@desk-1").await, desk_of(&world, "bert@desk-2").await);
    assert_eq!(inventory(&bert).await["goesHybrid"], false);

    // Proposed: two from the list and one with a card, each with the public half of an ML-KEM key.
    let (first, dora) = (thumbprint(&world, AGENTS[0]), thumbprint(&world, NAMED));
    let propose = |chosen: &MlKem| {
        json!({
            "name": "Recovery", "quorum": 2, "approvals": 0, "keep": [first, dora],
            "add": [{ "kind": "token", "address": card, "mlKem": handed(&keys[1].public) }],
            "mlKem": [
                { "officer": first, "key": handed(&chosen.public) },
                { "officer": dora, "key": handed(&keys[2].public) },
            ],
        })
    };
    let private = MlKem { public: keys[0].private.clone(), ..ml_kem(&world, "spare").await };
    let refused = bert.call("propose_kra_set", propose(&private)).await.unwrap_err();
    assert_eq!((&refused["code"], &refused["about"]), (&json!("invalid"), &json!("mlKemNotPublic")));
    let proposed = bert.done("propose_kra_set", propose(&keys[0])).await;
    let version = &proposed["versions"][0];
    let told = fingerprints(&proposed);
    assert!(told.len() == 3 && told.iter().all(|print| print.len() == 40), "{version}");
    let sign = json!({ "kind": "signSet", "fingerprint": version["fingerprint"] });
    assert_eq!(needs(&bert, &sign).await, "none");
    for agent in [AGENTS[0], NAMED] {
        let (file, password) = file_of(&world, agent);
        let signed = deed(&bert, &sign, (&file, &password), &Value::Null).await;
        assert_eq!(signed["state"], "done", "{signed}");
    }
    // What was archived before is counted as what it is, until it is moved over.
    let counted = inventory(&bert).await;
    assert_eq!((&counted["classic"], &counted["hybrid"]), (&json!(2), &json!(0)), "{counted}");
    assert_eq!((&counted["goesHybrid"], &counted["sealedTo"][0]["quorum"]), (&json!(true), &json!(0)));
    let move_over = ["kra", "rearchive", "--reason", "post-quantum", "--yes"];
    with_key(&world, "setup@desk-1", &move_over, &file(&world, AGENTS[0])).await.done();
    let counted = inventory(&bert).await;
    assert_eq!((&counted["classic"], &counted["hybrid"]), (&json!(0), &json!(2)), "{counted}");
    assert_eq!(counted["sealedTo"][0]["set"], json!({ "name": "Recovery", "version": 1 }), "{counted}");
    assert_eq!(counted["sealedTo"][0]["quorum"], 2, "{counted}");
    assert_eq!(counted["algorithms"].as_array().map(Vec::len), Some(1), "{counted}");

    // Agreed to with the card and the officer's file.
    let row = smime(&world).await;
    let asked = ask(&anna, &row.certificate.id.to_string(), "fileForOwner", None).await;
    assert_eq!(needs(&bert, &approve(&asked)).await, "needed");
    nothing_reaches_the_card(&world, &bert, &asked, &card, &keys).await;
    let agreed = deed(&bert, &approve(&asked), (&card, PIN), &unlocking(&keys[1])).await;
    assert_eq!((&agreed["state"], &agreed["approved"]["agreed"]), (&json!("done"), &json!(1)), "{agreed}");
    assert!(agreed["key"].as_str().unwrap().contains("ML-KEM key file card.ml-kem.pem"), "{agreed}");

    agreed_elsewhere(&world, &anna, &asked, &dora, &keys[2]).await;
    let (folder, passwords) = places(&world, "recovered");
    complete(&world, asked["id"].as_str().unwrap(), &folder, &passwords).await.done();
    opened(&folder, &passwords, &row);

    // A fire drill proves the share with both keys, and says what is missing without.
    let drill = json!({ "kind": "drill", "sample": 2 });
    assert_eq!(needs(&bert, &drill).await, "possible");
    let (own, password) = file_of(&world, AGENTS[0]);
    let half = deed(&bert, &drill, (&own, &password), &Value::Null).await;
    assert!(half["error"]["message"].as_str().unwrap().contains("the ML-KEM key too"), "{half}");
    let held = deed(&bert, &drill, (&own, &password), &unlocking(&keys[0])).await;
    assert_eq!((&held["drill"]["succeeded"], &held["drill"]["shares"]), (&json!(true), &json!(2)), "{held}");

    // Officers who are named anew, by certificate, keep their ML-KEM keys, on the page and on the command line.
    let files: Vec<_> = [AGENTS[0], NAMED]
        .map(|agent| {
            let path = world.folder().join(format!("{agent}.cer"));
            fs::write(&path, proof::agent(&world, agent).1.pem()).unwrap();
            path
        })
        .to_vec();
    let again: Vec<Value> = files
        .iter()
        .map(|path| {
            let mut named = handed(path);
            named["kind"] = json!("certificate");
            named
        })
        .collect();
    let next = json!({ "name": null, "quorum": 2, "approvals": 0, "keep": [], "add": again, "mlKem": [] });
    let proposed = bert.done("propose_kra_set", next).await;
    assert_eq!(fingerprints(&proposed), [told[0], told[1]], "{proposed}");
    assert!(!proposed["versions"][0]["changes"].to_string().contains("ML-KEM"), "{proposed}");
    let mut propose = vec!["kra", "set", "propose", "--any-one"];
    for path in &files {
        propose.extend(["--officer", path.to_str().unwrap()]);
    }
    assert_eq!(world.json(&propose).await["hybrid"], true);
    anna.close().await;
    bert.close().await;
    world.json(&["audit", "verify"]).await;
}

/// Somebody who is an officer by certificate alone in this story: nobody asks for the private halves.
fn silent_officer(world: &World, number: u8) -> (String, String) {
    let now = Timestamp::from_seconds(1_772_443_800);
    let key = PrivateKey::generate(KeyAlgorithm::Rsa2048).unwrap();
    let validity = Validity::lasting(now, Span::days(36_500));
    let name = format!("Officer {number}");
    let der = recovery_agent_certificate(&name, &key, validity, serial_number(&SystemEntropy)).unwrap();
    let certificate = world.folder().join(format!("officer-{number}.cer"));
    fs::write(&certificate, X509Certificate::from_der(&der).unwrap().pem()).unwrap();
    let public = world.folder().join(format!("officer-{number}.pub.pem"));
    fs::write(&public, MlKemPrivateKey::generate().unwrap().public().to_pem()).unwrap();
    (certificate.to_str().unwrap().to_owned(), format!("{name}={}", public.display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quorum_of_sixteen_officers_with_ml_kem_keys_is_archived_to_and_opens() {
    let world = World::of(1, 0).await;
    let keys = [ml_kem(&world, "first").await, ml_kem(&world, "second").await];
    let silent: Vec<(String, String)> = (3..=16).map(|number| silent_officer(&world, number)).collect();
    let mut propose = ["kra", "set", "propose", "--name", "Recovery", "--keep", "--quorum", "2"]
        .map(str::to_owned)
        .to_vec();
    for (agent, key) in AGENTS.iter().zip(&keys) {
        propose.extend(["--ml-kem".to_owned(), named(agent, key)]);
    }
    for (certificate, key) in &silent {
        propose.extend(["--add".to_owned(), certificate.clone(), "--ml-kem".to_owned(), key.clone()]);
    }
    let arguments: Vec<&str> = propose.iter().map(String::as_str).collect();
    let (certificate, key) = silent_officer(&world, 17);
    let seventeen = [arguments.as_slice(), &["--add", &certificate, "--ml-kem", &key]].concat();
    let told = world.run_json(&seventeen).await.failure();
    assert!(told.contains("17 officers; a set has 1 to 16"), "{told}");
    let proposed = world.json(&arguments).await;
    assert_eq!(
        (&proposed["hybrid"], proposed["officers"].as_array().map(Vec::len)),
        (&json!(true), Some(16))
    );
    for agent in AGENTS {
        with_key(&world, "setup@desk-1", &["kra", "set", "sign", "--yes"], &file(&world, agent)).await.done();
    }
    world.json(&["apply"]).await;
    let octets = largest(&world).await;
    assert!((24 * 1_024..48 * 1_024).contains(&octets), "{octets}");

    let row = smime(&world).await;
    let anna = desk_of(&world, "anna@desk-1").await;
    let asked = ask(&anna, &row.certificate.id.to_string(), "fileForOwner", None).await;
    anna.close().await;
    let id = asked["id"].as_str().unwrap();
    for ((person, agent), key) in ["bert@desk-2", "cora@desk-3"].into_iter().zip(AGENTS).zip(&keys) {
        let files = [&key.private, &key.password].map(|path| path.to_str().unwrap().to_owned());
        let [private, password] = files;
        let mut all = ["recovery", "approve", id, "--yes"].map(str::to_owned).to_vec();
        all.extend(file(&world, agent));
        all.extend(["--ml-kem".to_owned(), private, "--ml-kem-password-file".to_owned(), password]);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        run_as(&world, person, &all).await.done();
    }
    let (folder, passwords) = places(&world, "recovered");
    complete(&world, id, &folder, &passwords).await.done();
    opened(&folder, &passwords, &row);
}
