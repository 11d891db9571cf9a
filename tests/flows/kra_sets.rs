//! `kra set …`: agents whom their officers signed for, and a database that somebody else writes.

use std::fs;
use std::path::Path;
use std::process::Command;

use admit::Digest;
use model::{EnrollmentState, Timestamp};
use serde_json::Value;
use store::{PageRequest, Store as _, StoredKraSet};

use crate::home::{AGENTS, OUTSIDER};
use crate::program::{Ran, until};
use crate::proof;
use crate::world::World;

/// Signs what waits with an agent's file.
async fn sign(world: &World, agent: &str) -> Ran {
    let (file, password) = (world.agent(agent, "p12"), world.agent(agent, "password"));
    let (file, password) = (file.to_str().unwrap(), password.to_str().unwrap());
    world.run_json(&["kra", "set", "sign", "--kra", file, "--password-file", password, "--yes"]).await
}

/// The common agents as a set that one of them signed; its fingerprint.
async fn established(world: &World) -> String {
    world.json(&["kra", "set", "propose", "--name", "Recovery", "--keep"]).await;
    let signed = sign(world, AGENTS[0]).await.done();
    signed["fingerprint"].as_str().unwrap().to_owned()
}

fn certificate(world: &World, agent: &str) -> String {
    let (_, certificate) = proof::agent(world, agent);
    let file = world.folder().join(format!("{agent}.crt"));
    fs::write(&file, certificate.pem()).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Writes the database as somebody does who owns it.
#[expect(clippy::disallowed_methods, reason = "tests find their interpreter through the environment")]
fn rewrite(database: &Path, sql: &str) {
    let script = "import sqlite3, sys; base = sqlite3.connect(sys.argv[1], timeout=20); base.executescript(sys.argv[2]); base.commit()";
    let python = std::env::var("SEALWRIGHT_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let ran = Command::new(python).args(["-c", script]).arg(database).arg(sql).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

const OWNER: &str = "DROP TRIGGER kra_set_no_update; DROP TRIGGER kra_set_no_delete;";

/// Why enrollments wait, once they do; they need a person, and nothing was archived or ordered.
async fn hindered(world: &World) -> String {
    until("an enrollment waits", async || {
        let mut work = world.store.read().await.unwrap();
        let waiting =
            work.enrollments().list(Some(EnrollmentState::Waiting), &PageRequest::first(9)).await.unwrap();
        waiting.rows.into_iter().find_map(|row| row.last_error)
    })
    .await
}

async fn archived(world: &World) -> u64 {
    world.store.read().await.unwrap().archive().count().await.unwrap()
}

async fn shown(world: &World) -> Value {
    world.run_json(&["kra", "set", "show"]).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_commands_make_a_signed_set_of_the_list_and_the_list_counts_for_nothing_then() {
    let world = World::of(1, 0).await;
    let unsigned = world.run(&["doctor"]).await.stdout;
    assert!(unsigned.contains("whoever can write the database could add one"), "{unsigned}");
    assert!(unsigned.contains("kra set propose --name NAME --keep"), "{unsigned}");
    let proposed = world.json(&["kra", "set", "propose", "--name", "Recovery", "--keep"]).await;
    assert_eq!(
        (&proposed["version"], &proposed["needed"], &proposed["collected"]),
        (&1.into(), &1.into(), &0.into())
    );
    assert_eq!(shown(&world).await["versions"][0]["standing"], "proposed");
    let doctor = world.run(&["doctor"]).await.stdout;
    assert!(doctor.contains("waits for signatures: 0 of 1 are there"), "{doctor}");
    // Nobody who does not say yes signs, and nobody is asked for a password before.
    let file = world.agent(AGENTS[0], "p12");
    let asked = world.run(&["kra", "set", "sign", "--kra", file.to_str().unwrap()]).await;
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert!(asked.stderr.contains("nothing was signed") && !asked.stderr.contains("password"), "{asked:?}");
    assert!(asked.stdout.contains(proposed["fingerprint"].as_str().unwrap()), "{asked:?}");
    let stranger = sign(&world, OUTSIDER).await.failure();
    assert!(
        stranger.contains("`outsider` may not sign") && stranger.contains("`agent-1`, `agent-2`"),
        "{stranger}"
    );
    let signed = sign(&world, AGENTS[0]).await.done();
    assert_eq!((&signed["inForce"], &signed["officer"]), (&true.into(), &AGENTS[0].into()));
    let now = shown(&world).await;
    assert_eq!(
        (&now["versions"][0]["standing"], &now["pin"]["version"]),
        (&"inForce".into(), &1.into()),
        "{now}"
    );
    let doctor = world.run(&["doctor"]).await.stdout;
    assert!(doctor.contains("set `Recovery`, version 1, any one of 2 officers"), "{doctor}");
    assert!(!doctor.contains("whoever can write the database could add one"), "{doctor}");

    let outsider = certificate(&world, OUTSIDER);
    let (_, first) = proof::agent(&world, AGENTS[0]);
    let thumbprint = first.thumbprint().to_string();
    let new = world.folder().join("new.p12");
    let new = new.to_str().unwrap();
    for change in [
        vec!["kra", "add", &outsider],
        vec!["kra", "remove", &thumbprint],
        vec!["kra", "create", "New", "--out", new, "--out-password", "new.password"],
    ] {
        let refused = world.run_json(&change).await.failure();
        assert!(refused.contains("counts for nothing") && refused.contains("kra set propose"), "{refused}");
    }
    assert!(!Path::new(new).exists());
    // A file for a future officer, and the version with him.
    let made = world
        .json(&["kra", "create", "New", "--out", new, "--out-password", "new.password", "--only-file"])
        .await;
    let future = made["certificate"].as_str().unwrap();
    let next = world
        .json(&[
            "kra",
            "set",
            "propose",
            "--keep",
            "--add",
            future,
            "--remove",
            &thumbprint,
            "--approvals",
            "1",
        ])
        .await;
    assert_eq!((&next["version"], &next["approvalsNeeded"]), (&2.into(), &1.into()));
    sign(&world, AGENTS[1]).await.done();
    // An agent whom somebody writes into the list gets nothing.
    rewrite(
        &world.home().join("sealwright.db"),
        "INSERT INTO kra SELECT x'00112233445566778899aabbccddeeff00112233', 'Mallory', certificate_der, not_after, added_at FROM kra LIMIT 1;",
    );
    world.json(&["apply"]).await;
    let keys = world.json(&["recovery", "list"]).await;
    assert_eq!(keys["keys"][0]["agents"], serde_json::json!([AGENTS[1], "New"]), "{keys}");
    let recorded = proof::recorded(&world, "KRA_SET").await;
    let kinds: Vec<&str> = recorded.iter().map(|(kind, _, _)| kind.as_str()).collect();
    let once = ["KRA_SET_PROPOSED", "KRA_SET_SIGNING_REQUEST", "KRA_SET_SIGNED"];
    assert_eq!(kinds, [once, once].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_has_not_been_told_waits_names_what_to_do_and_goes_on_when_it_was() {
    let world = World::of(1, 0).await;
    let fingerprint = established(&world).await;
    // As another installation sees it.
    for name in ["kra-set.pin", "kra-set.agreed"] {
        fs::remove_file(world.home().join(name)).unwrap();
    }
    let mut daemon = world.daemon();
    let why = hindered(&world).await;
    assert!(why.contains("does not trust yet") && why.contains(&fingerprint), "{why}");
    assert!(why.contains("sealwright kra set trust FINGERPRINT"), "{why}");
    assert_eq!(archived(&world).await, 0);
    let wrong = world.run_json(&["kra", "set", "trust", &"ab12 ".repeat(8)]).await.failure();
    assert!(wrong.contains("no version of a set with the fingerprint"), "{wrong}");
    assert_eq!(shown(&world).await["versions"][0]["standing"], "untrusted");
    let words: Vec<&str> = fingerprint.split(' ').collect();
    let trusted = world.json(&[&["kra", "set", "trust"][..], &words].concat()).await;
    assert_eq!((&trusted["name"], &trusted["version"]), (&"Recovery".into(), &1.into()));
    world.until_done(&mut daemon).await;
    proof::everything_is_done_once(&world).await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_archives_nothing_while_the_set_in_the_database_is_another() {
    let world = World::of(1, 0).await;
    let fingerprint = established(&world).await;
    let database = world.home().join("sealwright.db");
    let body = world.store.read().await.unwrap().kra_sets().versions().await.unwrap().remove(0).body;
    rewrite(&database, &format!("{OWNER} UPDATE kra_set SET body = replace(body, 'agent-1', 'agent-9');"));
    let mut daemon = world.daemon();
    let why = hindered(&world).await;
    assert!(why.contains("is not the one that this installation has pinned"), "{why}");
    assert!(why.contains("find out who may write to it"), "{why}");
    assert_eq!(archived(&world).await, 0);
    let doctor = world.run(&["doctor"]).await;
    assert_eq!(doctor.code, Some(3));
    assert!(doctor.stdout.contains("Somebody altered the database"), "{doctor:?}");
    // Gone altogether; and as it was, from the backup.
    rewrite(&database, "DELETE FROM kra_set;");
    let gone = world.run_json(&["kra", "set", "show"]).await;
    assert_eq!(gone.code, Some(3), "{gone:?}");
    assert!(gone.json()["trouble"].as_str().unwrap().contains("an older backup was restored"), "{gone:?}");
    let refused = world.run_json(&["kra", "add", &certificate(&world, OUTSIDER)]).await.failure();
    assert!(refused.contains("is not in the database"), "{refused}");
    assert_eq!(archived(&world).await, 0);
    let digest: String = {
        let mut work = world.store.read().await.unwrap();
        let signed = work.kra_sets().signatures().await.unwrap();
        hex::encode(signed[0].set)
    };
    rewrite(&database, &format!("INSERT INTO kra_set VALUES (x'{digest}', 1, '{body}', 0);"));
    assert_eq!(shown(&world).await["versions"][0]["standing"], "inForce");
    let words: Vec<&str> = fingerprint.split(' ').collect();
    world.json(&[&["kra", "set", "trust"][..], &words].concat()).await;
    world.until_done(&mut daemon).await;
    proof::everything_is_done_once(&world).await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_goes_by_a_signed_set_only_waits_for_one() {
    let world = World::of(1, 0).await;
    let settings = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{text}\n[recovery]\nsigned-set = true\n")).unwrap();
    let refused = world.run_json(&["kra", "add", &certificate(&world, OUTSIDER)]).await.failure();
    assert!(refused.contains("goes by a signed set only"), "{refused}");
    let doctor = world.run(&["doctor"]).await;
    assert_eq!(doctor.code, Some(3));
    assert!(doctor.stdout.contains("goes by a signed set only"), "{doctor:?}");
    let mut daemon = world.daemon();
    let why = hindered(&world).await;
    assert!(why.contains("goes by a signed set only") && why.contains("kra set propose"), "{why}");
    assert_eq!(archived(&world).await, 0);
    established(&world).await;
    world.until_done(&mut daemon).await;
    proof::everything_is_done_once(&world).await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_writes_into_the_database_paints_nothing_on_a_terminal() {
    let world = World::of(1, 0).await;
    let clear = "\u{1b}[2J";
    let body = r#"{"format":"sealwright kra set 1","\u001b[2Jversion 2 is in force":1}"#;
    let row = StoredKraSet {
        digest: *Digest::of(body.as_bytes()).as_bytes(),
        version: 1,
        body: body.to_owned(),
        added_at: Timestamp::from_seconds(1_800_000_000),
    };
    let mut work = world.store.begin().await.unwrap();
    work.kra_sets().add_version(&row).await.unwrap();
    work.commit().await.unwrap();
    for command in [&["kra", "set", "show"][..], &["doctor"]] {
        let shown = world.run(command).await;
        assert!(shown.stdout.contains("its statement cannot be read"), "{shown:?}");
        assert!(!shown.stdout.contains("is in force") && !shown.stdout.contains(clear), "{shown:?}");
    }
    rewrite(
        &world.home().join("sealwright.db"),
        "INSERT INTO kra SELECT x'00112233445566778899aabbccddeeff00112233', char(27) || '[2JMallory', certificate_der, not_after, added_at FROM kra LIMIT 1;",
    );
    let refused = world.run(&["kra", "set", "propose", "--name", "Recovery", "--keep"]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("[2JMallory") && !refused.stderr.contains(clear), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quorum_waits_for_its_officers_and_seals_so_that_one_alone_opens_nothing() {
    let world = World::of(1, 0).await;
    let outsider = certificate(&world, OUTSIDER);
    let proposed = world
        .json(&[
            "kra",
            "set",
            "propose",
            "--name",
            "Vier Augen",
            "--keep",
            "--add",
            &outsider,
            "--quorum",
            "2",
        ])
        .await;
    assert_eq!((&proposed["needed"], &proposed["approvalsNeeded"]), (&2.into(), &2.into()));
    let first = sign(&world, OUTSIDER).await.done();
    assert_eq!((&first["inForce"], &first["collected"]), (&false.into(), &1.into()));
    let again = sign(&world, OUTSIDER).await.failure();
    assert!(again.contains("has signed this version already"), "{again}");
    assert_eq!(sign(&world, AGENTS[1]).await.done()["inForce"], true);
    world.json(&["apply"]).await;
    assert_eq!(archived(&world).await, 1);
    let row = proof::certificates(&world).await.into_iter().find(|row| row.certificate.archived).unwrap();
    let sealed =
        world.store.read().await.unwrap().archive().find_sealed(row.certificate.id).await.unwrap().unwrap();
    assert_eq!(sealed.kras.len(), 3);
    for agent in [AGENTS[0], AGENTS[1], OUTSIDER] {
        let (key, certificate) = proof::agent(&world, agent);
        assert!(crypto::open::open(&sealed.envelope, &key, &certificate).is_err(), "{agent} alone");
    }
}
