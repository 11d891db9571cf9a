//! `recovery …`: archived keys open for the agents they are sealed to, and for nobody else; nothing happens unrecorded.

use std::fs;
use std::path::{Path, PathBuf};

use crypto::pfx;
use store::CertificateRow;

use crate::certificates::{openssl, text};
use crate::home::{AGENTS, OUTSIDER, write_private};
use crate::program::Ran;
use crate::proof;
use crate::world::{SIGN_IN, SMIME, World};

async fn served() -> (World, CertificateRow) {
    let world = World::of(2, 0).await;
    world.json(&["apply"]).await;
    let row = proof::certificates(&world).await.into_iter().find(|row| row.template_name == SMIME).unwrap();
    (world, row)
}

/// Opens a key with an agent's file; the rest as given.
async fn open(world: &World, which: &str, agent: &Path, password: &Path, out: &Path, more: &[&str]) -> Ran {
    let secret = secret(out);
    let mut all = vec!["recovery", "open", which, "--kra", agent.to_str().unwrap()];
    all.extend(["--password-file", password.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    all.extend(["--out-password", secret.to_str().unwrap()]);
    if !more.contains(&"--reason") {
        all.extend(["--reason", "case 42"]);
    }
    all.extend(more);
    world.run_json(&all).await
}

/// Where [`open`] has the password of `out` written.
fn secret(out: &Path) -> PathBuf {
    out.with_extension("password")
}

fn files(world: &World, agent: &str) -> (PathBuf, PathBuf) {
    (world.agent(agent, "p12"), world.agent(agent, "password"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_agent_opens_every_key_into_a_file_of_the_owners_and_it_is_recorded_before_and_after() {
    use std::os::unix::fs::PermissionsExt as _;
    let (world, row) = served().await;
    let which = row.certificate.thumbprint.to_string();
    for agent in AGENTS {
        let out = world.folder().join(format!("{agent}-recovered.p12"));
        let (file, password) = files(&world, agent);
        open(&world, &which, &file, &password, &out, &[]).await.done();
        for written in [&out, &secret(&out)] {
            assert_eq!(fs::metadata(written).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let opened = pfx::open(&fs::read(&out).unwrap(), &fs::read_to_string(secret(&out)).unwrap()).unwrap();
        assert_eq!(opened.certificate.thumbprint(), row.certificate.thumbprint);
        assert_eq!(opened.key.spki_sha256().unwrap(), opened.certificate.spki_sha256().unwrap());
        assert_eq!(opened.chain.len(), 2);
    }
    let recorded = proof::recorded(&world, "KEY_RECOVERY").await;
    let steps: Vec<(&str, &str)> =
        recorded.iter().map(|(kind, outcome, _)| (kind.as_str(), outcome.as_str())).collect();
    let both = [("KEY_RECOVERY_REQUEST", "success"), ("KEY_RECOVERY_REQUEST_PROCESSED", "success")];
    assert_eq!(steps, [both, both].concat());
    assert!(recorded.iter().all(|(_, _, detail)| detail.contains("case 42")), "{recorded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_reads_what_was_recovered_and_the_old_form_too() {
    let (world, row) = served().await;
    let which = row.certificate.thumbprint.to_string();
    let (file, password) = files(&world, AGENTS[0]);
    for (name, more) in [("modern", [].as_slice()), ("compatible", &["--compatible"])] {
        let out = world.folder().join(format!("{name}.p12"));
        let told = open(&world, &which, &file, &password, &out, more).await.done();
        let password = fs::read_to_string(secret(&out)).unwrap();
        assert!(!told.to_string().contains(&password), "it is in the file and nowhere else");
        let given = format!("pass:{password}");
        let mut arguments = vec!["pkcs12", "-in", out.to_str().unwrap(), "-passin", &given, "-nodes"];
        if name == "compatible" {
            arguments.push("-legacy");
        }
        let read = openssl(&arguments);
        assert!(read.status.success() && text(&read).contains("PRIVATE KEY"), "{name}: {}", text(&read));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_to_whom_the_key_is_not_sealed_is_told_who_can_open_it() {
    let (world, row) = served().await;
    let out = world.folder().join("nothing.p12");
    let (file, password) = files(&world, OUTSIDER);
    let refused =
        open(&world, &row.certificate.thumbprint.to_string(), &file, &password, &out, &[]).await.failure();
    assert!(refused.contains("not sealed to") && refused.contains(OUTSIDER), "{refused}");
    let (_, first) = proof::agent(&world, AGENTS[0]);
    let (_, second) = proof::agent(&world, AGENTS[1]);
    for agent in [first, second] {
        // By issuer and serial number or key identifier, as the envelope names them.
        let identifier = hex::encode(agent.subject_key_identifier().unwrap_or_default());
        assert!(
            refused.contains(&agent.common_name().unwrap()) || refused.to_lowercase().contains(&identifier),
            "{refused}"
        );
    }
    assert!(!out.exists(), "nothing is written");
    let recorded = proof::recorded(&world, "KEY_RECOVERY").await;
    assert_eq!(recorded.len(), 2, "the attempt is on record");
    assert_eq!(
        (recorded[1].0.as_str(), recorded[1].1.as_str()),
        ("KEY_RECOVERY_REQUEST_PROCESSED", "failure")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_opens_nothing_writes_nothing_and_is_on_record() {
    let (world, row) = served().await;
    let out = world.folder().join("nothing.p12");
    let wrong = world.folder().join("wrong.password");
    let file = world.agent(AGENTS[0], "p12");
    for password in ["", "wrong", "passwort mit ä"] {
        write_private(&wrong, password.as_bytes());
        let refused =
            open(&world, &row.certificate.thumbprint.to_string(), &file, &wrong, &out, &[]).await.failure();
        assert!(refused.contains("password is wrong"), "{refused}");
    }
    assert!(!out.exists());
    // Nor is a drill a place to try passwords unseen.
    let (key, password) = (file.to_str().unwrap(), wrong.to_str().unwrap());
    let drill = ["recovery", "drill", "--kra", key, "--password-file", password];
    world.run_json(&drill).await.failure();
    let tries = proof::recorded(&world, "RECOVERY_KEY_UNLOCKING").await;
    assert_eq!(tries.len(), 4);
    for (_, outcome, detail) in tries {
        assert_eq!(outcome, "failure");
        assert!(detail.contains("password is wrong") && !detail.contains("passwort"), "{detail}");
    }
    assert!(proof::recorded(&world, "KEY_RECOVERY").await.is_empty());
    let verified = world.json(&["audit", "verify"]).await;
    assert_eq!(verified["vouched"], verified["entries"], "each try is signed for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_file_may_end_with_a_line_end() {
    let (world, row) = served().await;
    let (file, password) = files(&world, AGENTS[0]);
    let ended = world.folder().join("ended.password");
    write_private(&ended, format!("{}\r\n", fs::read_to_string(password).unwrap()).as_bytes());
    let out = world.folder().join("out.p12");
    open(&world, &row.certificate.thumbprint.to_string(), &file, &ended, &out, &[]).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_agents_key_is_refused_with_what_it_is_instead() {
    let (world, row) = served().await;
    let out = world.folder().join("nothing.p12");
    let password = world.agent(AGENTS[0], "password");
    let page = world.folder().join("page.p12");
    fs::write(&page, "<!DOCTYPE html><html></html>").unwrap();
    let half = world.folder().join("half.p12");
    let whole = fs::read(world.agent(AGENTS[0], "p12")).unwrap();
    fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    for wrong in [page, half, world.folder().join("no-such-file.p12"), world.home()] {
        let refused = open(&world, &row.certificate.thumbprint.to_string(), &wrong, &password, &out, &[])
            .await
            .failure();
        let name = wrong.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(refused.contains(&name), "{refused}");
    }
    assert!(!out.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_needs_a_reason_an_archived_key_and_a_new_file() {
    let (world, row) = served().await;
    let which = row.certificate.thumbprint.to_string();
    let (file, password) = files(&world, AGENTS[0]);
    let out = world.folder().join("out.p12");
    let refused = open(&world, &which, &file, &password, &out, &["--reason", "  "]).await.failure();
    assert!(refused.contains("needs a reason"), "{refused}");
    let sign_in =
        proof::certificates(&world).await.into_iter().find(|row| row.template_name == SIGN_IN).unwrap();
    let refused = open(&world, &sign_in.certificate.thumbprint.to_string(), &file, &password, &out, &[])
        .await
        .failure();
    assert!(refused.contains("not in the archive"), "{refused}");
    fs::write(&out, "precious").unwrap();
    let refused = open(&world, &which, &file, &password, &out, &[]).await.failure();
    assert!(refused.contains("exists already"), "{refused}");
    assert_eq!(fs::read_to_string(&out).unwrap(), "precious");
    let agent = file.to_str().unwrap();
    let spoken = ["recovery", "open", &which, "--kra", agent, "--reason", "case 42", "--out", "spoken.p12"];
    let refused = world.run_json(&spoken).await.failure_with(2);
    assert!(
        refused.contains("the password is not printed") && refused.contains("--out-password FILE"),
        "{refused}"
    );
    assert!(
        proof::recorded(&world, "KEY_RECOVERY").await.is_empty(),
        "nothing was opened, so nothing is on record"
    );
    let usage = world.run_json(&["recovery", "open", &which, "--kra", "x.p12", "--out", "y.p12"]).await;
    assert_eq!(usage.code, Some(2), "without a reason the command is not even read: {usage:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovered_key_that_cannot_be_written_is_told_and_stays_recorded() {
    let (world, row) = served().await;
    let (file, password) = files(&world, AGENTS[0]);
    let out = world.folder().join("no-such-folder/out.p12");
    let refused =
        open(&world, &row.certificate.thumbprint.to_string(), &file, &password, &out, &[]).await.failure();
    assert!(refused.contains("no-such-folder"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_was_removed_still_opens_what_was_sealed_before() {
    let (world, row) = served().await;
    let (_, certificate) = proof::agent(&world, AGENTS[0]);
    world.json(&["kra", "remove", &certificate.thumbprint().to_string()]).await;
    let (file, password) = files(&world, AGENTS[0]);
    let out = world.folder().join("out.p12");
    open(&world, &row.certificate.thumbprint.to_string(), &file, &password, &out, &[]).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_what_is_archived_and_who_can_open_it() {
    let (world, row) = served().await;
    let all = world.json(&["recovery", "list"]).await;
    assert_eq!(all["keys"].as_array().unwrap().len(), 2, "mail keys only: {all}");
    assert_eq!(all["keys"][0]["agents"], serde_json::json!(AGENTS));
    let one = world.json(&["recovery", "list", "--search", &row.certificate.mail]).await;
    assert_eq!(one["keys"].as_array().unwrap().len(), 1, "{one}");
    assert_eq!(one["keys"][0]["thumbprint"].as_str(), Some(row.certificate.thumbprint.to_string().as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_envelope_is_opened_by_openssl_with_the_agents_key() {
    let (world, row) = served().await;
    let which = row.certificate.thumbprint.to_string();
    let path = |name: &str| world.folder().join(name).to_str().unwrap().to_owned();
    let exported = world.json(&["recovery", "export", &which, "--out", &path("key.p7m")]).await;
    assert_eq!(exported["recipients"].as_array().unwrap().len(), 2, "{exported}");
    let (key, certificate) = proof::agent(&world, AGENTS[1]);
    fs::write(path("agent.crt"), certificate.pem()).unwrap();
    fs::write(path("agent.key"), &*key.to_pkcs8().unwrap()).unwrap();
    let opened = openssl(&[
        "cms",
        "-decrypt",
        "-inform",
        "DER",
        "-in",
        &path("key.p7m"),
        "-keyform",
        "DER",
        "-inkey",
        &path("agent.key"),
        "-recip",
        &path("agent.crt"),
        "-out",
        &path("person.key"),
    ]);
    assert!(opened.status.success(), "{}", text(&opened));
    // The key inside is that of the certificate.
    let public = openssl(&["pkey", "-inform", "DER", "-in", &path("person.key"), "-pubout"]);
    let leaf = world.run(&["certificate", "export", &which]).await.stdout;
    fs::write(path("leaf.pem"), leaf).unwrap();
    let certified = openssl(&["x509", "-in", &path("leaf.pem"), "-pubkey", "-noout"]);
    assert!(public.status.success() && certified.status.success());
    assert_eq!(text(&public), text(&certified));
}
