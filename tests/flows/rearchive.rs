//! `kra rearchive`: after the agents changed, the new ones open what was archived before, and the old ones do not.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use crypto::X509Certificate;
use crypto::open::Envelope;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use store::{ArchivedKey, Store as _};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::certificates::{openssl, text};
use crate::home::{AGENTS, write_private};
use crate::program::{PATIENCE, Ran, until};
use crate::proof;
use crate::world::World;

/// A world with archived keys of so many people, sealed to both agents.
async fn served(people: usize) -> World {
    let world = World::of(people, 0).await;
    world.json(&["apply"]).await;
    world
}

async fn archive(world: &World) -> Vec<ArchivedKey> {
    world.store.read().await.unwrap().archive().list_sealed(None, 1_000).await.unwrap()
}

/// A new agent whose key is in a file: `.p12`, `.password` and its certificate.
async fn newcomer(world: &World, name: &str) -> (PathBuf, PathBuf, X509Certificate) {
    let (file, password) =
        (world.folder().join(format!("{name}.p12")), world.folder().join(format!("{name}.password")));
    let made = [
        "kra",
        "create",
        name,
        "--out",
        file.to_str().unwrap(),
        "--out-password",
        password.to_str().unwrap(),
    ];
    world.json(&made).await;
    let opened =
        crypto::pfx::open(&fs::read(&file).unwrap(), &fs::read_to_string(&password).unwrap()).unwrap();
    (file, password, opened.certificate)
}

/// The command; the agent's files, and whatever else. Whoever runs it has looked at the unsigned list.
fn arguments(file: &std::path::Path, password: &std::path::Path, more: &[&str]) -> Vec<String> {
    let mut all = vec!["kra", "rearchive", "--kra", file.to_str().unwrap()];
    all.extend(["--password-file", password.to_str().unwrap(), "--reason", "officers changed"]);
    all.extend(["--yes", "--unsigned-list"]);
    all.extend(more);
    all.into_iter().map(str::to_owned).collect()
}

async fn rearchive(world: &World, agent: &str, more: &[&str]) -> Ran {
    let all = arguments(&world.agent(agent, "p12"), &world.agent(agent, "password"), more);
    world.run_json(&all.iter().map(String::as_str).collect::<Vec<_>>()).await
}

async fn remove(world: &World, agent: &X509Certificate) {
    world.json(&["kra", "remove", &agent.thumbprint().to_string()]).await;
}

fn number(told: &Value, field: &str) -> u64 {
    told[field].as_u64().unwrap_or_else(|| panic!("{field} in {told}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_agent_opens_what_was_archived_before_and_the_old_one_does_not() {
    let world = served(3).await;
    let (old_key, old) = proof::agent(&world, AGENTS[0]);
    let (file, password, new) = newcomer(&world, "Newcomer").await;
    remove(&world, &old).await;
    let before = archive(&world).await;
    let plan = rearchive(&world, AGENTS[0], &["--plan"]).await.done();
    assert_eq!((number(&plan, "total"), number(&plan, "sealedAnew")), (3, 3), "{plan}");
    assert_eq!(archive(&world).await, before, "a plan changes nothing");
    assert!(proof::recorded(&world, "KEY_REARCHIVAL").await.is_empty(), "nor records it");

    let told = rearchive(&world, AGENTS[0], &[]).await.done();
    assert_eq!((number(&told, "sealedAnew"), number(&told, "settled")), (3, 0), "{told}");
    let ways = &told["algorithms"][0];
    assert_eq!((ways["cipher"].as_str(), ways["before"].as_u64()), (Some("AES-256-GCM"), Some(3)), "{told}");
    assert_eq!(ways["after"].as_u64(), Some(3), "{told}");

    let (_, second) = proof::agent(&world, AGENTS[1]);
    let after = archive(&world).await;
    for (was, is) in before.iter().zip(&after) {
        let envelope = Envelope::parse(&is.envelope).unwrap();
        assert!(envelope.recipient_for(&new).is_some() && envelope.recipient_for(&second).is_some());
        assert!(envelope.recipient_for(&old).is_none());
        assert_eq!(envelope.recipients().len(), 2);
        assert_eq!(is.kras.len(), 2);
        assert!(is.kras.contains(&new.thumbprint()) && !is.kras.contains(&old.thumbprint()));
        let unchanged = ArchivedKey { envelope: was.envelope.clone(), kras: was.kras.clone(), ..is.clone() };
        assert_eq!(&unchanged, was, "nothing else of the row");
        let tail =
            was.envelope.iter().rev().zip(is.envelope.iter().rev()).take_while(|(a, b)| a == b).count();
        assert!(tail > 150, "content, nonce and tag are the same octets: {tail}");
        assert!(crypto::open::open(&is.envelope, &old_key, &old).is_err());
    }
    // Another program opens one of them with the new agent's key; the key is the certificate's.
    let row = proof::certificates(&world).await.into_iter().find(|row| row.certificate.archived).unwrap();
    let which = row.certificate.thumbprint.to_string();
    let path = |name: &str| world.folder().join(name).to_str().unwrap().to_owned();
    world.json(&["recovery", "export", &which, "--out", &path("key.p7m")]).await;
    let pass = format!("file:{}", password.display());
    let unpacked = openssl(&[
        "pkcs12",
        "-in",
        file.to_str().unwrap(),
        "-passin",
        &pass,
        "-nodes",
        "-out",
        &path("new.pem"),
    ]);
    assert!(unpacked.status.success(), "{}", text(&unpacked));
    let opened = openssl(&[
        "cms",
        "-decrypt",
        "-inform",
        "DER",
        "-in",
        &path("key.p7m"),
        "-inkey",
        &path("new.pem"),
        "-recip",
        &path("new.pem"),
        "-out",
        &path("person.key"),
    ]);
    assert!(opened.status.success(), "{}", text(&opened));
    let public = openssl(&["pkey", "-inform", "DER", "-in", &path("person.key"), "-pubout"]);
    fs::write(path("leaf.pem"), world.run(&["certificate", "export", &which]).await.stdout).unwrap();
    assert_eq!(text(&public), text(&openssl(&["x509", "-in", &path("leaf.pem"), "-pubkey", "-noout"])));

    // Which keys were touched stands in the log, with the digest of what was written.
    let recorded = proof::recorded(&world, "KEY_REARCHIVAL").await;
    assert!(recorded.iter().all(|(_, outcome, _)| outcome == "success"), "{recorded:?}");
    for key in &after {
        let name = format!("certificate {}", key.certificate.unwrap());
        fs::write(path("envelope"), &key.envelope).unwrap();
        let digest = text(&openssl(&["dgst", "-sha256", "-r", &path("envelope")]))[..64].to_owned();
        let opened =
            recorded.iter().position(|(_, _, detail)| detail.contains("opening") && detail.contains(&name));
        let written =
            recorded.iter().position(|(_, _, detail)| detail.contains(&format!("{name} = {digest}")));
        assert!(opened.unwrap() < written.unwrap(), "recorded before it happened: {recorded:?}");
    }
    let again = rearchive(&world, AGENTS[1], &[]).await.done();
    assert_eq!((number(&again, "settled"), number(&again, "sealedAnew")), (3, 0), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_this_officer_cannot_open_and_what_is_damaged_is_listed_and_left() {
    let world = served(3).await;
    let keys = archive(&world).await;
    // One is sealed to the second agent alone, one was altered.
    let (first_key, first) = proof::agent(&world, AGENTS[0]);
    let (_, second) = proof::agent(&world, AGENTS[1]);
    let pkcs8 = crypto::open::open(&keys[0].envelope, &first_key, &first).unwrap();
    let alone = crypto::seal::seal(&pkcs8, std::slice::from_ref(&second)).unwrap();
    let mut altered = keys[1].envelope.clone();
    *altered.last_mut().unwrap() ^= 1;
    let mut work = world.store.begin().await.unwrap();
    for (key, new) in [(&keys[0], &alone), (&keys[1], &altered)] {
        assert!(work.archive().rewrap(key.enrollment, &key.envelope, new, &key.kras).await.unwrap());
    }
    work.commit().await.unwrap();
    newcomer(&world, "Newcomer").await;
    let ran = rearchive(&world, AGENTS[0], &[]).await;
    assert_eq!(ran.code, Some(3), "keys remain: {ran:?}");
    let told = ran.json();
    assert_eq!(number(&told, "sealedAnew"), 1, "{told}");
    let left: Vec<(String, String)> = told["left"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| (left["key"].as_str().unwrap().to_owned(), left["why"].as_str().unwrap().to_owned()))
        .collect();
    let why = |key: &ArchivedKey| {
        let name = format!("certificate {}", key.certificate.unwrap());
        left.iter().find(|(key, _)| *key == name).map(|(_, why)| why.clone()).unwrap()
    };
    assert!(why(&keys[0]).contains("not sealed to"), "{left:?}");
    assert!(why(&keys[1]).contains("does not open"), "{left:?}");
    let now = archive(&world).await;
    assert_eq!((&now[0].envelope, &now[1].envelope), (&alone, &altered), "left as they are");
    // The other officer's turn.
    let told = rearchive(&world, AGENTS[1], &[]).await;
    assert_eq!(
        (told.code, number(&told.json(), "sealedAnew")),
        (Some(3), 1),
        "the damaged one stays: {told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_that_is_killed_three_times_goes_on_where_it_was_and_no_key_is_ever_lost_or_in_clear() {
    let world = served(4).await;
    let (first_key, first) = proof::agent(&world, AGENTS[0]);
    // What must never be written: the keys themselves, in the form in which they are sealed.
    let mut clear = Vec::new();
    for key in archive(&world).await {
        clear.push(crypto::open::open(&key.envelope, &first_key, &first).unwrap());
    }
    let (file, password, new) = newcomer(&world, "Newcomer").await;
    let opened =
        crypto::pfx::open(&fs::read(&file).unwrap(), &fs::read_to_string(&password).unwrap()).unwrap();
    for (probe, done) in
        [("kill:rearchive.recorded", 0), ("kill:rearchive.opened:2", 0), ("kill:rearchive.written", 2)]
    {
        let mut command = world.command();
        let more: &[&str] = if done == 2 { &["--limit", "2"] } else { &[] };
        command.arg("--json").args(arguments(
            &world.agent(AGENTS[0], "p12"),
            &world.agent(AGENTS[0], "password"),
            more,
        ));
        command.env("SEALWRIGHT_PROBE", probe);
        let ran = Ran::of(command).await;
        assert_eq!(ran.code, None, "{probe}: killed: {ran:?}");
        let keys = archive(&world).await;
        let mut sealed_anew = 0;
        for (key, clear) in keys.iter().zip(&clear) {
            // Whoever it is sealed to, it opens, and to the same key.
            sealed_anew += usize::from(Envelope::parse(&key.envelope).unwrap().recipient_for(&new).is_some());
            assert_eq!(crypto::open::open(&key.envelope, &first_key, &first).unwrap(), *clear, "{probe}");
        }
        assert_eq!(sealed_anew, done, "{probe}");
    }
    let told = rearchive(&world, AGENTS[0], &[]).await.done();
    assert_eq!((number(&told, "settled"), number(&told, "sealedAnew")), (2, 2), "{told}");
    for (key, clear) in archive(&world).await.iter().zip(&clear) {
        assert_eq!(crypto::open::open(&key.envelope, &opened.key, &new).unwrap(), *clear);
    }
    assert!(world.json(&["audit", "verify"]).await.to_string().len() > 2);
    let mut looked_at = 0;
    search(world.folder(), &mut |path, bytes| {
        looked_at += 1;
        for key in &clear {
            // The middle of the key, which no form of it goes without.
            let middle = &key[key.len() / 2 - 12..key.len() / 2 + 12];
            assert!(
                !bytes.windows(24).any(|some| some == middle),
                "a private key lies in {}",
                path.display()
            );
        }
    });
    assert!(looked_at > 10, "{looked_at} files");
}

/// Every file below this folder.
fn search(folder: &std::path::Path, look: &mut dyn FnMut(&std::path::Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, look);
        } else if let Ok(bytes) = fs::read(&path) {
            look(&path, &bytes);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_at_a_limit_and_on_ctrl_c_and_an_agent_who_is_none_is_told_so() {
    let world = served(4).await;
    newcomer(&world, "Newcomer").await;
    let ran = rearchive(&world, AGENTS[0], &["--limit", "1"]).await;
    assert_eq!(ran.code, Some(3), "keys remain: {ran:?}");
    assert_eq!((number(&ran.json(), "sealedAnew"), number(&ran.json(), "notReached")), (1, 3), "{ran:?}");

    // Interrupted as soon as it is on record that it begins: each key takes its time then.
    let mut command = world.command();
    command.arg("--json").args(arguments(
        &world.agent(AGENTS[0], "p12"),
        &world.agent(AGENTS[0], "password"),
        &[],
    ));
    command.env("SEALWRIGHT_PROBE", "slow:rearchive.opened:4000");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let begun = proof::recorded(&world, "KEY_REARCHIVAL").await.len();
    let child = command.spawn().unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    until("the pass has begun", async || {
        (proof::recorded(&world, "KEY_REARCHIVAL").await.len() > begun).then_some(())
    })
    .await;
    kill_process(pid, Signal::INT).unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(3), "stopped, and keys remain: {output:?}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["stopped"], true, "{told}");
    let (anew, rest) = (number(&told, "sealedAnew"), number(&told, "notReached"));
    assert!(rest > 0 && anew < 3, "{told}");
    assert_eq!(number(&told, "settled") + anew + rest, 4, "nothing is half done: {told}");
    let recorded = proof::recorded(&world, "KEY_REARCHIVAL").await;
    assert!(recorded.last().unwrap().2.contains("not reached"), "the end is on record: {recorded:?}");

    let wrong = world.folder().join("wrong.password");
    write_private(&wrong, b"wrong");
    let all = arguments(&world.agent(AGENTS[0], "p12"), &wrong, &[]);
    let refused = world.run_json(&all.iter().map(String::as_str).collect::<Vec<_>>()).await.failure();
    assert!(refused.contains("password is wrong"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sealed_to_a_list_that_nobody_signed_unless_an_officer_has_looked() {
    let world = served(1).await;
    newcomer(&world, "Newcomer").await;
    let before = archive(&world).await;
    let (file, password) = (world.agent(AGENTS[0], "p12"), world.agent(AGENTS[0], "password"));
    let without = |some: &[&str]| -> Vec<String> {
        arguments(&file, &password, &[]).into_iter().filter(|one| !some.contains(&one.as_str())).collect()
    };
    for (left_out, said) in [
        (["--unsigned-list"].as_slice(), "whoever writes the database could have added one"),
        (&["--yes"], "nobody can be asked"),
    ] {
        for json in [true, false] {
            // The officer's file is not even looked for: what is wrong is said before a password is asked for.
            let all: Vec<String> = without(left_out)
                .into_iter()
                .map(|one| if one == password.to_str().unwrap() { "nowhere".to_owned() } else { one })
                .collect();
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let ran = if json { world.run_json(&all).await } else { world.run(&all).await };
            assert_eq!(ran.code, Some(2), "{ran:?}");
            assert!(ran.stderr.contains(said) && !ran.stderr.contains("nowhere"), "{ran:?}");
            if !json {
                assert!(
                    ran.stdout.contains("the unsigned list") && ran.stdout.contains("CN=Newcomer"),
                    "{ran:?}"
                );
            }
        }
    }
    assert_eq!(archive(&world).await, before);
    assert!(proof::recorded(&world, "KEY_REARCHIVAL").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_who_are_added_after_the_officer_has_looked_get_nothing() {
    let world = served(2).await;
    newcomer(&world, "Newcomer").await;
    let before = archive(&world).await;
    let file = world.agent(AGENTS[0], "p12");
    let mut command = world.command();
    command.args(["kra", "rearchive", "--kra", file.to_str().unwrap(), "--reason", "officers changed"]);
    command.args(["--yes", "--unsigned-list"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut shown = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = tokio::time::timeout(PATIENCE, shown.next_line()).await.unwrap().unwrap().unwrap();
    assert!(first.contains("the unsigned list; any one of 3 opens it"), "{first}");
    // While the password is asked for, somebody adds an agent.
    newcomer(&world, "Intruder").await;
    let password = fs::read_to_string(world.agent(AGENTS[0], "password")).unwrap();
    child.stdin.take().unwrap().write_all(format!("{}\n", password.trim_end()).as_bytes()).await.unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("agents were changed since they were shown"), "{said}");
    assert_eq!(archive(&world).await, before, "not one was sealed to the intruder");
    let recorded = proof::recorded(&world, "KEY_REARCHIVAL").await;
    assert_eq!(recorded.last().unwrap().1, "failure", "{recorded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_several_open_together_is_sealed_to_and_then_stays_as_it_is_and_is_told_apart() {
    let world = served(2).await;
    quorum(&world, &["--name", "Recovery", "--quorum", "2"]).await;
    let mine = arguments(&world.agent(AGENTS[0], "p12"), &world.agent(AGENTS[0], "password"), &["--plan"]);
    let shown = world.run(&mine.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert!(
        shown.stdout.contains("signed set `Recovery`, version 1")
            && shown.stdout.contains("2 of 2 together open it"),
        "{shown:?}"
    );
    let told = rearchive(&world, AGENTS[0], &[]).await.done();
    assert_eq!((number(&told, "sealedAnew"), number(&told, "threshold")), (2, 2), "{told}");
    assert_eq!(told["set"]["version"], 1, "{told}");
    let after = told["algorithms"].as_array().unwrap().iter().find(|one| one["after"] == 2).unwrap();
    assert_eq!(after["wrapped"], "2 of 2 agents together", "{told}");
    let again = rearchive(&world, AGENTS[0], &[]).await.done();
    assert_eq!((number(&again, "settled"), again["together"].as_array().unwrap().len()), (2, 0), "{again}");

    quorum(&world, &["--any-one"]).await;
    let before = archive(&world).await;
    let ran = rearchive(&world, AGENTS[0], &[]).await;
    assert_eq!(ran.code, Some(3), "keys remain: {ran:?}");
    let told = ran.json();
    assert_eq!((number(&told, "sealedAnew"), told["together"].as_array().unwrap().len()), (0, 2), "{told}");
    assert_eq!(told["left"].as_array().unwrap().len(), 0, "no other officer's key would open them: {told}");
    assert_eq!(archive(&world).await, before);
    let mine = arguments(&world.agent(AGENTS[0], "p12"), &world.agent(AGENTS[0], "password"), &[]);
    let said = world.run(&mine.iter().map(String::as_str).collect::<Vec<_>>()).await.stdout;
    assert!(said.contains("2 are sealed to several together") && !said.contains("another officer"), "{said}");
}

/// Both agents sign a version with this policy.
pub(crate) async fn quorum(world: &World, policy: &[&str]) {
    let mut propose = vec!["kra", "set", "propose", "--keep"];
    propose.extend(policy);
    world.json(&propose).await;
    for agent in AGENTS {
        let (file, password) = (world.agent(agent, "p12"), world.agent(agent, "password"));
        let sign = ["kra", "set", "sign", "--yes", "--kra", file.to_str().unwrap(), "--password-file"];
        let signed = world.json(&[sign.as_slice(), &[password.to_str().unwrap()]].concat()).await;
        if signed["inForce"] == true {
            return;
        }
    }
    panic!("both signed, and it is not in force");
}
