//! Archived keys that take an officer's own key and the officer's ML-KEM key: made, put in force, opened, moved over, counted.

use std::fs;
use std::path::PathBuf;

use crypto::open::Envelope;
use crypto::pfx;
use model::EnrollmentState;
use serde_json::Value;
use store::{CertificateRow, PageRequest, Store as _};
use support::{SOFTHSM_MODULE, SoftHsm};

use crate::home::{AGENTS, write_private};
use crate::program::{Ran, until};
use crate::proof;
use crate::world::{SMIME, World};

const PIN: &str = "271828";

/// An officer's ML-KEM key: private, public and password files.
pub(crate) struct MlKem {
    pub(crate) private: PathBuf,
    pub(crate) public: PathBuf,
    pub(crate) password: PathBuf,
}

pub(crate) async fn ml_kem(world: &World, name: &str) -> MlKem {
    let file = |end: &str| world.folder().join(format!("{name}.{end}"));
    let made = MlKem {
        private: file("ml-kem.pem"),
        public: file("ml-kem.pub.pem"),
        password: file("ml-kem.password"),
    };
    let told = world
        .json(&[
            "kra",
            "ml-kem",
            "--out",
            made.private.to_str().unwrap(),
            "--out-password",
            made.password.to_str().unwrap(),
        ])
        .await;
    assert_eq!(told["publicFile"], made.public.to_str().unwrap(), "{told}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&made.private).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    made
}

pub(crate) fn named(officer: &str, key: &MlKem) -> String {
    format!("{officer}={}", key.public.display())
}

async fn sign(world: &World, agent: &str) -> Value {
    let (file, password) = (world.agent(agent, "p12"), world.agent(agent, "password"));
    let (file, password) = (file.to_str().unwrap(), password.to_str().unwrap());
    world.run_json(&["kra", "set", "sign", "--kra", file, "--password-file", password, "--yes"]).await.done()
}

/// How to unlock an agent's key in a file.
fn unlocked(world: &World, agent: &str) -> [String; 4] {
    let path = |end| world.agent(agent, end).to_str().unwrap().to_owned();
    ["--kra".to_owned(), path("p12"), "--password-file".to_owned(), path("password")]
}

async fn with_key(world: &World, command: &[&str], key: &[String], ml_kem: Option<&MlKem>) -> Ran {
    let mut all: Vec<&str> = command.to_vec();
    all.extend(key.iter().map(String::as_str));
    if let Some(ml_kem) = ml_kem {
        all.extend(["--ml-kem", ml_kem.private.to_str().unwrap()]);
        all.extend(["--ml-kem-password-file", ml_kem.password.to_str().unwrap()]);
    }
    world.run_json(&all).await
}

async fn open(
    world: &World,
    row: &CertificateRow,
    key: &[String],
    ml_kem: Option<&MlKem>,
    name: &str,
) -> Ran {
    let (file, password) =
        (world.folder().join(format!("{name}.p12")), world.folder().join(format!("{name}.password")));
    let which = row.certificate.thumbprint.to_string();
    let command = [
        "recovery",
        "open",
        &which,
        "--reason",
        "case 42",
        "--out",
        file.to_str().unwrap(),
        "--out-password",
        password.to_str().unwrap(),
    ];
    with_key(world, &command, key, ml_kem).await
}

fn recovered(world: &World, name: &str, row: &CertificateRow) {
    let read = |end: &str| fs::read(world.folder().join(format!("{name}.{end}"))).unwrap();
    let password = String::from_utf8(read("password")).unwrap();
    let opened = pfx::open(&read("p12"), &password).unwrap();
    assert_eq!(opened.certificate.thumbprint(), row.certificate.thumbprint);
    assert_eq!(opened.key.spki_sha256().unwrap(), opened.certificate.spki_sha256().unwrap());
}

async fn mail_certificate(world: &World) -> CertificateRow {
    proof::certificates(world).await.into_iter().find(|row| row.template_name == SMIME).unwrap()
}

async fn inventory(world: &World) -> Value {
    world.json(&["recovery", "inventory"]).await
}

/// Octets of the largest envelope.
pub(crate) async fn largest(world: &World) -> usize {
    let all = world.store.read().await.unwrap().archive().list_sealed(None, 1_000).await.unwrap();
    assert!(all.iter().all(|key| Envelope::parse(&key.envelope).unwrap().is_hybrid()));
    all.iter().map(|key| key.envelope.len()).max().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_archive_is_moved_to_officers_with_ml_kem_keys_and_takes_both_keys_then() {
    let world = World::of(3, 0).await;
    world.json(&["apply"]).await;
    let (first, second) = (ml_kem(&world, "first").await, ml_kem(&world, "second").await);

    // One key is not enough: who lacks one is named, and the archive stays as it is.
    let half =
        ["kra", "set", "propose", "--name", "Recovery", "--keep", "--ml-kem", &named(AGENTS[0], &first)];
    let proposed = world.run(&half).await;
    assert!(proposed.stdout.contains("because agent-2 has no ML-KEM key"), "{proposed:?}");
    sign(&world, AGENTS[0]).await;
    assert_eq!(inventory(&world).await["classicOnly"], 3);
    assert!(!world.run(&["doctor"]).await.stdout.contains("post-quantum archive"));
    let nobody = ["kra", "set", "propose", "--keep", "--ml-kem", &named("Nobody", &second)];
    assert!(
        world.run_json(&nobody).await.failure().contains("no officer of this version is called `Nobody`")
    );
    let same = ["kra", "set", "propose", "--keep", "--ml-kem", &named(AGENTS[1], &first)];
    assert!(world.run_json(&same).await.failure().contains("one ML-KEM key"));

    // With the second one it is: what is kept is kept.
    let both = ["kra", "set", "propose", "--keep", "--ml-kem", &named(AGENTS[1], &second)];
    assert_eq!(world.json(&both).await["hybrid"], true);
    assert_eq!(sign(&world, AGENTS[0]).await["inForce"], true);
    let shown = world.run(&["kra", "set", "show"]).await.stdout;
    assert!(shown.contains("keys are sealed hybrid") && shown.matches("ML-KEM-768 ").count() >= 2, "{shown}");
    let doctor = world.run(&["doctor"]).await.stdout;
    assert!(doctor.contains("archived keys are left that open without an ML-KEM key"), "{doctor}");

    // Old keys are moved by the officer's own key alone: only public halves of the ML-KEM keys are needed.
    let own = unlocked(&world, AGENTS[0]);
    let command = ["kra", "rearchive", "--reason", "post-quantum", "--yes"];
    let told = with_key(&world, &command, &own, None).await.done();
    assert_eq!((&told["sealedAnew"], &told["total"]), (&3.into(), &3.into()), "{told}");
    let ways: Vec<&Value> = told["algorithms"].as_array().unwrap().iter().collect();
    let after = ways.iter().find(|way| way["after"] == 3).unwrap();
    assert_eq!(after["wrapped"], "RSA-OAEP with SHA-256 and ML-KEM-768", "{told}");
    let counted = inventory(&world).await;
    assert_eq!((&counted["classicOnly"], &counted["hybrid"]), (&0.into(), &3.into()), "{counted}");
    assert_eq!(counted["sealedTo"][0]["set"]["version"], 2, "{counted}");
    assert!(largest(&world).await < 8 * 1_024);
    let doctor = world.run(&["doctor"]).await.stdout;
    assert!(doctor.contains("every archived key takes an ML-KEM key to open"), "{doctor}");

    // Neither key alone opens, nor with another officer's, nor with a wrong password; each says why.
    let row = mail_certificate(&world).await;
    let alone = open(&world, &row, &own, None, "alone").await.failure();
    assert!(alone.contains("--ml-kem FILE"), "{alone}");
    let others = open(&world, &row, &own, Some(&second), "others").await.failure();
    assert!(others.contains("was encrypted to the ML-KEM key"), "{others}");
    let wrong = MlKem { password: first.private.clone(), ..ml_kem(&world, "third").await };
    let wrong = open(&world, &row, &own, Some(&wrong), "wrong").await.failure();
    assert!(wrong.contains("password is wrong") && wrong.contains("ML-KEM key file"), "{wrong}");
    assert!(!proof::recorded(&world, "RECOVERY_KEY_UNLOCKING").await.is_empty());
    assert!(!world.folder().join("alone.p12").exists() && !world.folder().join("others.p12").exists());

    // With both it does, for each officer; a drill opens all, and everything is on record as ever.
    for (number, (agent, key)) in AGENTS.iter().zip([&first, &second]).enumerate() {
        let name = format!("opened-{number}");
        open(&world, &row, &unlocked(&world, agent), Some(key), &name).await.done();
        recovered(&world, &name, &row);
    }
    let drill = with_key(&world, &["recovery", "drill"], &own, Some(&first)).await.done();
    assert_eq!((&drill["opened"], &drill["failed"]), (&3.into(), &Value::Array(Vec::new())), "{drill}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_with_a_token_opens_with_the_token_and_the_ml_kem_file() {
    let world = World::of(1, 0).await;
    let tokens = SoftHsm::new(world.folder());
    for (label, kind, usage) in
        [("Officer A", "rsa:2048", "--usage-decrypt"), ("Officer B", "EC:secp384r1", "--usage-derive")]
    {
        let serial = tokens.token(label, PIN);
        tokens.agent(&serial, PIN, "03", label, kind, &[usage]);
    }
    let shown = world.json(&["kra", "tokens", "--module", SOFTHSM_MODULE]).await;
    let addresses: Vec<String> = ["Officer A", "Officer B"]
        .iter()
        .map(|label| {
            let all = shown["tokens"].as_array().unwrap();
            let token = all.iter().find(|token| token["label"] == *label).unwrap();
            token["certificates"][0]["address"].as_str().unwrap().to_owned()
        })
        .collect();
    let keys = [ml_kem(&world, "a").await, ml_kem(&world, "b").await, ml_kem(&world, "c").await];
    // An officer with a file is there to sign: tokens that only decrypt do not.
    let mut propose = vec!["kra".to_owned(), "set".to_owned(), "propose".to_owned(), "--name".to_owned()];
    propose.extend(["Recovery".to_owned(), "--keep".to_owned(), "--remove".to_owned()]);
    propose.push(proof::agent(&world, AGENTS[1]).1.thumbprint().to_string());
    for address in &addresses {
        propose.extend(["--add".to_owned(), address.clone()]);
    }
    for (officer, key) in ["Officer A", "Officer B", AGENTS[0]].iter().zip(&keys) {
        propose.extend(["--ml-kem".to_owned(), named(officer, key)]);
    }
    world.json(&propose.iter().map(String::as_str).collect::<Vec<_>>()).await;
    sign(&world, AGENTS[0]).await;
    world.json(&["apply"]).await;
    assert!(largest(&world).await < 10 * 1_024);

    let row = mail_certificate(&world).await;
    let pin = world.folder().join("pin");
    write_private(&pin, format!("{PIN}\n").as_bytes());
    for (number, address) in addresses.iter().enumerate() {
        let key = ["--kra", address, "--password-file", pin.to_str().unwrap()].map(str::to_owned);
        let alone = open(&world, &row, &key, None, "alone").await.failure();
        assert!(alone.contains("--ml-kem FILE"), "{alone}");
        let name = format!("token-{number}");
        open(&world, &row, &key, Some(&keys[number]), &name).await.done();
        recovered(&world, &name, &row);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_wants_ml_kem_waits_until_every_officer_has_a_key() {
    let world = World::of(1, 0).await;
    let text = world.run(&["template", "export", SMIME]).await;
    let text = changed(&text.stdout);
    let ran = world.import_text(&text).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    world.queue_all().await;
    let mut daemon = world.daemon();
    let why = until("an enrollment waits", async || {
        let mut work = world.store.read().await.unwrap();
        let page = PageRequest::first(9);
        let waiting = work.enrollments().list(Some(EnrollmentState::Waiting), &page).await.unwrap();
        waiting.rows.into_iter().find_map(|row| row.last_error)
    })
    .await;
    assert!(why.contains("not every recovery agent has an ML-KEM key"), "{why}");
    assert_eq!(world.store.read().await.unwrap().archive().count_all().await.unwrap(), 0);

    let keys = [ml_kem(&world, "first").await, ml_kem(&world, "second").await];
    let (first, second) = (named(AGENTS[0], &keys[0]), named(AGENTS[1], &keys[1]));
    let propose =
        ["kra", "set", "propose", "--name", "Recovery", "--keep", "--ml-kem", &first, "--ml-kem", &second];
    world.json(&propose).await;
    sign(&world, AGENTS[0]).await;
    until("the key is archived", async || {
        let count = world.store.read().await.unwrap().archive().count().await.unwrap();
        (count > 0).then_some(())
    })
    .await;
    daemon.stop().await;
    assert!(largest(&world).await < 8 * 1_024);
    assert_eq!(inventory(&world).await["classicOnly"], 0);
}

/// The template's text, demanding ML-KEM.
fn changed(text: &str) -> String {
    assert!(text.contains("archive = true"), "{text}");
    text.replace("archive = true", "archive = true\npost-quantum = true")
}
