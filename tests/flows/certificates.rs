//! `certificate …`: found in every spelling, shown, exported, revoked, renewed, handed over again.

use std::fs;
use std::path::Path;
use std::process::Output;

use model::CertificateState;
use serde_json::Value;
use store::CertificateRow;

use crate::home::{AGENTS, AUTHORITY, write_private};
use crate::proof;
use crate::world::{SIGN_IN, SMIME, World};

/// Two people and a mailbox, all served.
async fn served() -> World {
    let world = World::of(2, 1).await;
    let applied = world.json(&["apply"]).await;
    assert_eq!(applied["done"].as_u64(), Some(5), "{applied}");
    world
}

async fn of_template(world: &World, template: &str) -> CertificateRow {
    proof::certificates(world).await.into_iter().find(|row| row.template_name == template).unwrap()
}

async fn by_thumbprint(world: &World, thumbprint: &str) -> CertificateRow {
    let rows = proof::certificates(world).await;
    rows.into_iter().find(|row| row.certificate.thumbprint.to_string() == thumbprint).unwrap()
}

/// OpenSSL's own program.
pub(crate) fn openssl(arguments: &[&str]) -> Output {
    std::process::Command::new("openssl").args(arguments).output().expect("openssl is installed")
}

pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Writes what `certificate export` gives into `leaf.pem`, `issuing.pem` and `root.pem`.
pub(crate) async fn exported(world: &World, thumbprint: &str, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let told = world.run(&["certificate", "export", thumbprint]).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    let mut parts: Vec<String> =
        told.stdout.split_inclusive("-----END CERTIFICATE-----").map(str::to_owned).collect();
    parts.retain(|part| part.contains("BEGIN CERTIFICATE"));
    assert_eq!(parts.len(), 3, "leaf, issuing and root certificate: {told:?}");
    for (name, part) in ["leaf.pem", "issuing.pem", "root.pem"].iter().zip(parts) {
        fs::write(folder.join(name), format!("{}\n", part.trim())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_filtered_ordered_and_cut_as_asked() {
    let world = served().await;
    let count = async |arguments: &[&str]| {
        let mut all = vec!["certificate", "list"];
        all.extend(arguments);
        world.json(&all).await["certificates"].as_array().unwrap().len()
    };
    assert_eq!(count(&[]).await, 5);
    assert_eq!(count(&["--template", "mail"]).await, 3, "names of templates in any case");
    assert_eq!(count(&["--status", "valid"]).await, 5);
    assert_eq!(count(&["--status", "revoked"]).await, 0);
    assert_eq!(count(&["--expires-within", "30"]).await, 0);
    assert_eq!(count(&["--expires-within", "366"]).await, 5);
    assert_eq!(count(&["--limit", "2"]).await, 2);
    let row = of_template(&world, SMIME).await;
    let beginning: String = row.certificate.common_name.chars().take(4).collect();
    assert!(count(&["--search", &beginning.to_uppercase()]).await >= 1);
    assert_eq!(count(&["--search", "nobody at all"]).await, 0);
    let newest = world.json(&["certificate", "list", "--order", "notAfter"]).await;
    let ends: Vec<&str> = newest["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["notAfter"].as_str().unwrap())
        .collect();
    assert!(ends.is_sorted(), "{ends:?}");
    for wrong in [["--status", "broken"], ["--template", "Nobody"], ["--order", "sideways"]] {
        let refused = world.run_json(&["certificate", "list", wrong[0], wrong[1]]).await.failure();
        assert!(refused.contains(wrong[1]), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_found_by_id_thumbprint_and_serial_number_in_every_spelling() {
    let world = served().await;
    let certificate = of_template(&world, SMIME).await.certificate;
    let (thumbprint, serial) = (certificate.thumbprint.to_string(), certificate.serial.to_string());
    let pairs = |text: &str, between: &str| {
        let pairs: Vec<&str> =
            text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
        pairs.join(between)
    };
    for typed in [
        certificate.id.to_string(),
        thumbprint.clone(),
        pairs(&thumbprint.to_uppercase(), ":"),
        pairs(&thumbprint, " "),
        serial.clone(),
        pairs(&serial.to_uppercase(), ":"),
    ] {
        let shown = world.json(&["certificate", "show", &typed]).await;
        assert_eq!(shown["thumbprint"].as_str(), Some(thumbprint.as_str()), "typed `{typed}`");
    }
    for typed in ["00", "nobody@nordwind.example.com", "", &"ab".repeat(20)] {
        let unknown = world.run_json(&["certificate", "show", typed]).await.failure();
        assert!(unknown.len() > 10, "{unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_shown_with_all_that_is_known_about_it() {
    let world = served().await;
    let row = of_template(&world, SMIME).await;
    let shown = world.json(&["certificate", "show", &row.certificate.id.to_string()]).await;
    assert_eq!(shown["serial"].as_str(), Some(row.certificate.serial.to_string().as_str()));
    assert_eq!(shown["archiveRecipients"], serde_json::json!(AGENTS));
    assert!(shown["issuer"].as_str().unwrap().contains(AUTHORITY), "{shown}");
    assert!(shown["reason"].as_str().unwrap().contains("enrollment group"), "{shown}");
    assert_eq!(shown["deliveries"].as_array().unwrap()[0]["state"], "present", "{shown}");
    let told = world.run(&["certificate", "show", &row.certificate.id.to_string()]).await.stdout;
    assert!(told.contains("archived to") && told.contains(&row.certificate.mail), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_certificate_chains_to_its_root_for_openssl() {
    let world = served().await;
    let thumbprint = of_template(&world, SMIME).await.certificate.thumbprint.to_string();
    let folder = world.folder().join("exported");
    exported(&world, &thumbprint, &folder).await;
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let verified = openssl(&[
        "verify",
        "-CAfile",
        &path("root.pem"),
        "-untrusted",
        &path("issuing.pem"),
        "-purpose",
        "smimesign",
        &path("leaf.pem"),
    ]);
    assert!(verified.status.success(), "{}", text(&verified));
    let file = folder.join("all.pem");
    world.json(&["certificate", "export", &thumbprint, "--out", file.to_str().unwrap()]).await;
    assert_eq!(fs::read_to_string(&file).unwrap().matches("BEGIN CERTIFICATE").count(), 3);
    assert!(!fs::read_to_string(&file).unwrap().contains("PRIVATE"));
    let unwritable =
        world.run_json(&["certificate", "export", &thumbprint, "--out", "no-such-folder/x.pem"]).await;
    assert!(unwritable.failure().contains("no-such-folder"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_certificate_is_on_the_list_that_openssl_reads_and_no_other_is() {
    let world = served().await;
    let revoked = of_template(&world, SMIME).await.certificate.thumbprint.to_string();
    let good = of_template(&world, SIGN_IN).await.certificate.thumbprint.to_string();
    // Nobody is at a terminal who could be asked whether it is the right one.
    let unasked = world.run(&["certificate", "revoke", &revoked]).await;
    assert_eq!(unasked.code, Some(2), "{unasked:?}");
    assert!(unasked.stderr.contains("cannot be undone") && unasked.stderr.contains("--yes"), "{unasked:?}");
    assert_eq!(by_thumbprint(&world, &revoked).await.certificate.state, CertificateState::Valid);
    let told = world.json(&["certificate", "revoke", &revoked, "--reason", "keyCompromise", "--yes"]).await;
    assert_eq!(told["reason"], "keyCompromise");
    let folder = world.folder().join("crl");
    fs::create_dir(&folder).unwrap();
    let crl = folder.join("issuing.crl");
    world.json(&["authority", "crl", AUTHORITY, "--out", crl.to_str().unwrap()]).await;
    let pem = folder.join("issuing.crl.pem");
    let (crl, pem) = (crl.to_str().unwrap(), pem.to_str().unwrap());
    let read = openssl(&["crl", "-inform", "DER", "-in", crl, "-out", pem, "-outform", "PEM"]);
    assert!(read.status.success(), "{}", text(&read));
    for (thumbprint, is_revoked) in [(&revoked, true), (&good, false)] {
        let own = folder.join(thumbprint);
        exported(&world, thumbprint, &own).await;
        let path = |name: &str| own.join(name).to_str().unwrap().to_owned();
        let verified = openssl(&[
            "verify",
            "-crl_check",
            "-CRLfile",
            pem,
            "-CAfile",
            &path("root.pem"),
            "-untrusted",
            &path("issuing.pem"),
            &path("leaf.pem"),
        ]);
        assert_eq!(verified.status.success(), !is_revoked, "{}", text(&verified));
        assert_eq!(text(&verified).contains("certificate revoked"), is_revoked, "{}", text(&verified));
    }
    let shown = openssl(&["crl", "-in", pem, "-noout", "-text"]);
    assert!(text(&shown).contains("Key Compromise"), "{}", text(&shown));

    let row = by_thumbprint(&world, &revoked).await;
    assert_eq!(row.certificate.state, CertificateState::Revoked);
    assert_eq!(row.certificate.revoked.unwrap().1.name(), "keyCompromise");
    let twice = world.run_json(&["certificate", "revoke", &revoked, "--yes"]).await.failure();
    assert!(twice.contains("revoked already"), "{twice}");
    let listed = world.json(&["certificate", "list", "--status", "revoked"]).await;
    assert_eq!(listed["certificates"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_for_a_reason_that_does_not_exist_is_not_ordered() {
    let world = served().await;
    let thumbprint = of_template(&world, SMIME).await.certificate.thumbprint.to_string();
    let refused = world
        .run_json(&["certificate", "revoke", &thumbprint, "--reason", "because", "--yes"])
        .await
        .failure();
    assert!(refused.contains("because") || refused.contains("keyCompromise"), "{refused}");
    assert_eq!(by_thumbprint(&world, &thumbprint).await.certificate.state, CertificateState::Valid);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_revoked_gets_a_new_certificate_with_the_next_plan() {
    let world = served().await;
    let old = of_template(&world, SMIME).await.certificate;
    world
        .json(&["certificate", "revoke", &old.thumbprint.to_string(), "--reason", "superseded", "--yes"])
        .await;
    let applied = world.json(&["apply"]).await;
    assert_eq!(applied["started"].as_u64(), Some(1), "{applied}");
    let rows = proof::certificates(&world).await;
    let new = rows.iter().find(|row| {
        row.certificate.subscriber == old.subscriber
            && row.certificate.template == old.template
            && row.certificate.state == CertificateState::Valid
    });
    assert_ne!(new.unwrap().certificate.serial, old.serial);
    proof::nothing_is_left_over(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_brings_a_new_key_and_keeps_the_old_one_for_old_mail() {
    let world = served().await;
    let old = of_template(&world, SMIME).await;
    let told = world.json(&["certificate", "renew", &old.certificate.serial.to_string()]).await;
    assert_eq!(told["line"]["state"], "done", "{told}");
    let rows = proof::certificates(&world).await;
    let of_owner: Vec<_> = rows
        .iter()
        .filter(|row| row.certificate.subscriber == old.certificate.subscriber && row.template_name == SMIME)
        .collect();
    assert_eq!(of_owner.len(), 2);
    let state_of = |id| of_owner.iter().find(|row| row.certificate.id == id).unwrap().certificate.state;
    assert_eq!(state_of(old.certificate.id), CertificateState::Superseded);
    let new = of_owner.iter().find(|row| row.certificate.state == CertificateState::Valid).unwrap();
    assert!(new.certificate.archived);
    // Devices hold both: the new one for new mail, the old one for old mail.
    let devices = world.sim.devices_check_in().await.unwrap();
    assert_eq!(devices.failures().count(), 0);
    for thumbprint in [old.certificate.thumbprint, new.certificate.thumbprint] {
        assert!(
            devices.checks.iter().any(|check| check.thumbprint == thumbprint.to_string() && check.opened)
        );
    }
    let again =
        world.run_json(&["certificate", "renew", &old.certificate.thumbprint.to_string()]).await.failure();
    assert!(again.contains("renew that one"), "{again}");
    proof::nothing_is_left_over(&world).await;
}

/// The thumbprint of a mail certificate whose record at Intune was deleted by somebody.
async fn lost_record(world: &World) -> String {
    let row = of_template(world, SMIME).await;
    let thumbprint = row.certificate.thumbprint.to_string();
    let records = world.sim.pfx_records();
    let record = records.iter().find(|record| record.thumbprint == thumbprint).unwrap();
    assert!(world.sim.delete_pfx(&record.id));
    thumbprint
}

/// How many records are present, how many missing, and to whom it was handed over.
fn figures(told: &Value) -> (u64, u64, Vec<&str>) {
    let receivers = told["handedOver"].as_array().unwrap().iter().map(|receiver| receiver.as_str().unwrap());
    (told["present"].as_u64().unwrap(), told["missing"].as_u64().unwrap(), receivers.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_vanished_at_intune_is_told_and_handed_over_again_by_a_recovery_agent() {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let thumbprint = lost_record(&world).await;
    let told = world.run_json(&["certificate", "redeliver", &thumbprint]).await;
    assert_eq!(told.code, Some(3), "somebody must decide: {told:?}");
    assert_eq!(figures(&told.json()), (0, 1, vec![]));
    let said = world.run(&["certificate", "redeliver", &thumbprint]).await;
    assert!(said.stdout.contains("--kra KEY"), "{said:?}");
    let shown = world.json(&["certificate", "show", &thumbprint]).await;
    assert_eq!(shown["deliveries"][0]["state"], "missing", "the truth, not what was once sent: {shown}");

    let (agent, password) = (world.agent(AGENTS[1], "p12"), world.agent(AGENTS[1], "password"));
    let (agent, password) = (agent.to_str().unwrap(), password.to_str().unwrap());
    let given = ["--kra", agent, "--password-file", password, "--reason", "case 17"];
    let mut all = vec!["certificate", "redeliver", &thumbprint];
    all.extend(given);
    let owner = world.sim.user(shown["deliveries"][0]["userPrincipalName"].as_str().unwrap()).unwrap();
    assert_eq!(figures(&world.json(&all).await), (1, 0, vec![owner.user_principal_name.as_str()]));
    let devices = world.sim.devices_check_in().await.unwrap();
    assert_eq!(devices.failures().count(), 0);
    assert!(devices.checks.iter().any(|check| check.thumbprint == thumbprint && check.canary == Some(true)));
    // Nothing is missing, so nothing is opened.
    assert_eq!(figures(&world.json(&all).await), (1, 0, vec![]));
    let audit = world.json(&["audit", "list", "--limit", "500"]).await.to_string();
    assert_eq!(audit.matches("KEY_RECOVERY_REQUEST_PROCESSED").count(), 1, "one opening, recorded: {audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_not_handed_over_again_with_a_wrong_password() {
    let world = World::of(1, 0).await;
    world.json(&["apply"]).await;
    let thumbprint = lost_record(&world).await;
    let wrong = world.folder().join("wrong.password");
    write_private(&wrong, b"not it");
    let agent = world.agent(AGENTS[0], "p12");
    let refused = world
        .run_json(&[
            "certificate",
            "redeliver",
            &thumbprint,
            "--kra",
            agent.to_str().unwrap(),
            "--password-file",
            wrong.to_str().unwrap(),
            "--reason",
            "case 18",
        ])
        .await
        .failure();
    assert!(refused.contains("password is wrong"), "{refused}");
    assert!(world.sim.pfx_records().iter().all(|record| record.thumbprint != thumbprint));
}
