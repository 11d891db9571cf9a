//! `recovery decrypt`: the mails are handed out, the key is not.

use std::fs;
use std::path::Path;

use store::CertificateRow;

use crate::certificates::{openssl, text};
use crate::home::AGENTS;
use crate::program::Ran;
use crate::proof;
use crate::world::{SMIME, World};

const SAID: &str = "Grüße aus dem Archiv";

async fn served() -> (World, [CertificateRow; 2]) {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let mut rows: Vec<_> = proof::certificates(&world).await;
    rows.retain(|row| row.template_name == SMIME);
    (world, rows.try_into().unwrap())
}

/// Has `openssl` write a mail to this person.
async fn write(world: &World, row: &CertificateRow, cipher: &str, name: &str) -> String {
    let path = |name: &str| world.folder().join(name).to_str().unwrap().to_owned();
    let exported =
        world.run(&["certificate", "export", &row.certificate.thumbprint.to_string()]).await.stdout;
    // The person's certificate comes first; openssl would take those of the chain for recipients, too.
    let end = "-----END CERTIFICATE-----";
    let leaf = &exported[..exported.find(end).unwrap() + end.len()];
    fs::write(path("leaf.pem"), leaf).unwrap();
    fs::write(path("text"), format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{SAID}\r\n")).unwrap();
    let (text_file, out, leaf) = (path("text"), path(name), path("leaf.pem"));
    let made =
        openssl(&["cms", "-encrypt", cipher, "-in", &text_file, "-out", &out, "-subject", "Vertrag", &leaf]);
    assert!(made.status.success(), "{}", text(&made));
    out
}

async fn decrypt(world: &World, row: &CertificateRow, mails: &[&str], out: &Path, more: &[&str]) -> Ran {
    let which = row.certificate.thumbprint.to_string();
    let (agent, password) = (world.agent(AGENTS[0], "p12"), world.agent(AGENTS[0], "password"));
    let mut all = vec!["recovery", "decrypt", &which];
    all.extend(mails);
    all.extend(["--kra", agent.to_str().unwrap(), "--password-file", password.to_str().unwrap()]);
    all.extend(["--out", out.to_str().unwrap()]);
    if !more.contains(&"--reason") {
        all.extend(["--reason", "case 42"]);
    }
    all.extend(more);
    world.run_json(&all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn given_mails_are_decrypted_into_a_folder_and_only_those_are_on_record() {
    let (world, [first, second]) = served().await;
    let sure = write(&world, &first, "-aes-256-gcm", "Schröder.eml").await;
    let unsure = write(&world, &first, "-aes256", "unsure.p7m").await;
    let foreign = write(&world, &second, "-aes256", "foreign.eml").await;
    let out = world.folder().join("in clear");
    let ran = decrypt(&world, &first, &[&sure, &unsure, &foreign], &out, &[]).await;
    assert_eq!(ran.code, Some(3), "one is not for this key: {ran:?}");
    let told = ran.json();
    assert_eq!((told["decrypted"].as_u64(), told["failed"].as_u64()), (Some(2), Some(1)), "{told}");
    assert!(told["mails"][2]["error"].as_str().unwrap().contains("not encrypted for"), "{told}");
    assert_eq!(told["mails"][0]["remarks"], serde_json::json!([]), "{told}");
    assert!(told["mails"][1]["remarks"][0].as_str().unwrap().contains("does not show alterations"), "{told}");
    let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["Schröder.eml", "unsure.eml"], "the mails, and no key");
    for name in &names {
        let mail = fs::read_to_string(out.join(name)).unwrap();
        assert!(mail.contains(SAID) && mail.contains("Subject: Vertrag"), "{mail}");
    }

    let recorded = proof::recorded(&world, "KEY_RECOVERY").await;
    let kinds: Vec<&str> = recorded.iter().map(|(kind, _, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["KEY_RECOVERY_REQUEST", "KEY_RECOVERY_REQUEST_PROCESSED"]);
    for mail in [&sure, &unsure, &foreign] {
        let digest = openssl(&["dgst", "-sha256", "-r", mail]);
        let digest = text(&digest)[..64].to_owned();
        assert!(recorded[0].2.contains(&digest), "{digest} is in {}", recorded[0].2);
    }
    assert!(recorded[0].2.contains("outcome: decrypt 3 mails"), "{}", recorded[0].2);
    assert!(recorded[1].2.contains("decrypted 2 of 3"), "{}", recorded[1].2);
    let verified = world.json(&["audit", "verify"]).await;
    assert!(verified.to_string().contains("vouched") || verified.to_string().contains("heads"), "{verified}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_opened_when_a_mail_is_missing_or_would_replace_a_file_or_the_reason_is_too_long() {
    let (world, [first, _]) = served().await;
    let mail = write(&world, &first, "-aes256", "mail.eml").await;
    let out = world.folder().join("out");
    let missing = world.folder().join("no such mail.eml");
    let refused = decrypt(&world, &first, &[&mail, missing.to_str().unwrap()], &out, &[]).await.failure();
    assert!(refused.contains("no such mail.eml"), "{refused}");
    let twin = world.folder().join("MAIL.p7m");
    fs::copy(&mail, &twin).unwrap();
    let refused = decrypt(&world, &first, &[&mail, twin.to_str().unwrap()], &out, &[]).await.failure();
    assert!(refused.contains("two of the mails would be written as MAIL.eml"), "{refused}");
    let long = "x".repeat(501);
    let refused = decrypt(&world, &first, &[&mail], &out, &["--reason", &long]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("501 characters") && refused.stderr.contains("500"), "{refused:?}");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("mail.eml"), "precious").unwrap();
    let refused = decrypt(&world, &first, &[&mail], &out, &[]).await.failure();
    assert!(refused.contains("exists already"), "{refused}");
    assert_eq!(fs::read_to_string(out.join("mail.eml")).unwrap(), "precious");
    assert!(proof::recorded(&world, "KEY_RECOVERY").await.is_empty(), "nothing was opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_cannot_be_written_stops_no_other() {
    let (world, [first, _]) = served().await;
    let mail = write(&world, &first, "-aes256", "mail.eml").await;
    // With the ending of a mail this name is longer than any file system takes.
    let long = world.folder().join("x".repeat(253));
    fs::copy(&mail, &long).unwrap();
    let out = world.folder().join("out");
    let ran = decrypt(&world, &first, &[long.to_str().unwrap(), &mail], &out, &[]).await;
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let told = ran.json();
    assert_eq!((told["decrypted"].as_u64(), told["failed"].as_u64()), (Some(1), Some(1)), "{told}");
    assert!(told["mails"][0]["error"].as_str().unwrap().contains("xxx.eml"), "{told}");
    assert!(out.join("mail.eml").exists(), "the other one is there");
}
