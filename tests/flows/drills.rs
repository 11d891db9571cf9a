//! `recovery drill`: a sample of the archive is opened as a proof, and everybody sees when that was.

use std::fs;

use model::{CalledDrill, Span};
use serde_json::Value;
use store::Store as _;

use crate::desk::alter;
use crate::home::{AGENTS, OUTSIDER};
use crate::program::{Ran, until};
use crate::proof;
use crate::rearchive::quorum;
use crate::world::World;

async fn served(people: usize) -> World {
    let world = World::of(people, 0).await;
    world.json(&["apply"]).await;
    world
}

async fn drill(world: &World, agent: &str, more: &[&str]) -> Ran {
    let (file, password) = (world.agent(agent, "p12"), world.agent(agent, "password"));
    let mut all = vec!["recovery", "drill", "--kra", file.to_str().unwrap()];
    all.extend(["--password-file", password.to_str().unwrap()]);
    all.extend(more);
    world.run_json(&all).await
}

/// What the doctor says about fire drills: verdict and text.
async fn doctor(world: &World) -> (String, String) {
    let told = world.run_json(&["doctor"]).await.json();
    let found = told["findings"].as_array().unwrap().iter().find(|one| one["what"] == "fire drill");
    let found = found.unwrap_or_else(|| panic!("{told}"));
    (found["verdict"].as_str().unwrap().to_owned(), found["found"].as_str().unwrap().to_owned())
}

fn figures(told: &Value) -> (u64, u64) {
    (told["sample"].as_u64().unwrap(), told["opened"].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_of_the_archive_opens_and_that_is_on_record_and_told_by_the_doctor() {
    let world = served(4).await;
    let (verdict, text) = doctor(&world).await;
    assert_eq!((verdict.as_str(), text.as_str()), ("warning", "none was held yet"));
    let files = files_of(&world);
    let told = drill(&world, AGENTS[0], &["--sample", "3"]).await.done();
    assert_eq!(figures(&told), (3, 3), "{told}");
    assert_eq!(files_of(&world), files, "nothing was written out");
    let told = drill(&world, AGENTS[1], &[]).await.done();
    assert_eq!(figures(&told), (4, 4), "no more than there are: {told}");
    let (verdict, text) = doctor(&world).await;
    assert_eq!(verdict, "good");
    assert!(text.starts_with("4 of 4 keys opened on ") && text.contains(AGENTS[1]), "{text}");

    let recorded = proof::recorded(&world, "KEY_RECOVERY_DRILL").await;
    let kinds: Vec<&str> = recorded.iter().map(|(kind, _, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["KEY_RECOVERY_DRILL_REQUEST", "KEY_RECOVERY_DRILL_REQUEST_PROCESSED"].repeat(2));
    assert!(
        recorded[0].2.contains("reason: fire drill") && recorded[0].2.contains("sample of 3"),
        "{recorded:?}"
    );
    assert_eq!(recorded[0].2.split("certificates ").nth(1).unwrap().split(' ').count(), 3, "{recorded:?}");
    assert!(recorded[3].2.contains("opened 4 of 4"), "{recorded:?}");

    // After its interval the same drill is due again, unless nobody wants to be reminded.
    let settings = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let mut work = world.store.begin().await.unwrap();
    let held = work.services().drill().await.unwrap().unwrap();
    let long_ago = model::Drill { at: held.at - Span::days(91), ..held };
    work.services().set_drill(&long_ago).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(doctor(&world).await.0, "warning");
    fs::write(&settings, format!("{text}\n[recovery]\ndrill-days = 0\n")).unwrap();
    assert_eq!(doctor(&world).await.0, "good");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_or_sealed_to_others_fails_by_name_and_stays_on_the_overview() {
    let world = served(3).await;
    let keys = world.store.read().await.unwrap().archive().list_sealed(None, 10).await.unwrap();
    let (first_key, first) = proof::agent(&world, AGENTS[0]);
    let (_, second) = proof::agent(&world, AGENTS[1]);
    // One is altered, one is sealed to the other agent alone, one holds the key of another certificate.
    let mut altered = keys[0].envelope.clone();
    *altered.last_mut().unwrap() ^= 1;
    let pkcs8 = crypto::open::open(&keys[1].envelope, &first_key, &first).unwrap();
    let alone = crypto::seal::seal(&pkcs8, std::slice::from_ref(&second)).unwrap();
    let mut work = world.store.begin().await.unwrap();
    for (key, new) in [(&keys[0], &altered), (&keys[1], &alone), (&keys[2], &keys[1].envelope)] {
        assert!(work.archive().rewrap(key.enrollment, &key.envelope, new, &key.kras).await.unwrap());
    }
    work.commit().await.unwrap();

    let ran = drill(&world, AGENTS[0], &[]).await;
    assert_eq!(ran.code, Some(3), "a person has to look: {ran:?}");
    let told = ran.json();
    assert_eq!(figures(&told), (3, 0), "{told}");
    assert_eq!(told["notThisOfficers"].as_array().unwrap().len(), 1, "sealed to the other alone: {told}");
    let whys: Vec<&str> =
        told["failed"].as_array().unwrap().iter().map(|one| one["why"].as_str().unwrap()).collect();
    assert_eq!(whys.len(), 2, "what is another officer's has not failed: {whys:?}");
    for part in ["does not open", "not the key of this certificate"] {
        assert_eq!(whys.iter().filter(|why| why.contains(part)).count(), 1, "{part}: {whys:?}");
    }
    let (verdict, text) = doctor(&world).await;
    assert_eq!(verdict, "bad");
    let mail = told["failed"][0]["key"].as_str().unwrap().split(' ').next().unwrap();
    assert!(text.contains("0 of 3 keys opened, 1 not this officer's") && text.contains(mail), "{text}");
    let recorded = proof::recorded(&world, "KEY_RECOVERY_DRILL").await;
    assert_eq!(recorded[1].1, "failure");
    assert!(recorded[1].2.contains(mail), "{recorded:?}");
    let told = drill(&world, AGENTS[1], &[]).await;
    assert_eq!((told.code, figures(&told.json())), (Some(3), (3, 1)), "the other agent opens one: {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_needs_keys_a_sensible_sample_and_a_key_that_opens() {
    let world = World::of(1, 0).await;
    let refused = drill(&world, AGENTS[0], &[]).await.failure();
    assert!(refused.contains("no archived key to try"), "{refused}");
    for sample in ["0", "501", "-1"] {
        let refused = drill(&world, AGENTS[0], &["--sample", sample]).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
    }
    assert!(proof::recorded(&world, "KEY_RECOVERY_DRILL").await.is_empty(), "nothing was opened");
}

/// What lies in the world's folder, except what a database keeps beside itself.
fn files_of(world: &World) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(world.folder())
        .unwrap()
        .chain(fs::read_dir(world.home()).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("sealwright.db") && !name.starts_with("admission."))
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_sealed_to_a_quorum_each_officers_share_opens_and_that_is_no_failure() {
    let world = served(2).await;
    quorum(&world, &["--name", "Recovery", "--quorum", "2"]).await;
    let (file, password) = (world.agent(AGENTS[0], "p12"), world.agent(AGENTS[0], "password"));
    let (file, password) = (file.to_str().unwrap(), password.to_str().unwrap());
    let anew =
        ["kra", "rearchive", "--kra", file, "--password-file", password, "--reason", "a quorum", "--yes"];
    world.json(&anew).await;
    let told = drill(&world, AGENTS[0], &[]).await.done();
    assert_eq!((figures(&told), told["sharesOpened"].as_u64()), ((2, 0), Some(2)), "{told}");
    let (verdict, text) = doctor(&world).await;
    assert_eq!(verdict, "good");
    assert!(text.starts_with("2 of 2 shares opened on "), "{text}");
    let said = world.run(&["recovery", "drill", "--kra", file, "--password-file", password]).await.stdout;
    assert!(said.contains("let each hold a drill") && !said.contains("rearchive"), "{said}");

    // Somebody puts one envelope in the place of the other: the share opens, and is another key's.
    let keys = world.store.read().await.unwrap().archive().list_sealed(None, 10).await.unwrap();
    let mut work = world.store.begin().await.unwrap();
    let (key, other) = (&keys[0], &keys[1]);
    assert!(work.archive().rewrap(key.enrollment, &key.envelope, &other.envelope, &key.kras).await.unwrap());
    work.commit().await.unwrap();
    let ran = drill(&world, AGENTS[1], &[]).await;
    let told = ran.json();
    assert_eq!((ran.code, told["sharesOpened"].as_u64()), (Some(3), Some(1)), "{told}");
    assert!(told["failed"][0]["why"].as_str().unwrap().contains("of another key"), "{told}");
    assert_eq!(doctor(&world).await.0, "bad");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_to_whom_nothing_is_sealed_proves_nothing_and_breaks_nothing() {
    let world = served(1).await;
    let ran = drill(&world, OUTSIDER, &[]).await;
    let told = ran.json();
    assert_eq!((ran.code, figures(&told)), (Some(3), (1, 0)), "a person has to look: {told}");
    assert_eq!(
        (told["failed"].as_array().unwrap().len(), told["notThisOfficers"].as_array().unwrap().len()),
        (0, 1)
    );
    let (verdict, text) = doctor(&world).await;
    assert_eq!(verdict, "warning", "no failure, and no proof: {text}");
    assert!(text.contains("1 not this officer's"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_reminders_nobody_is_warned_that_none_was_held() {
    let world = served(1).await;
    let settings = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{text}\n[recovery]\ndrill-days = 0\n")).unwrap();
    assert_eq!(doctor(&world).await, ("good".to_owned(), "none was held yet".to_owned()));
}

/// Has a daemon call a drill.
async fn called(world: &World) -> CalledDrill {
    let mut daemon = world.daemon();
    daemon.ready().await;
    let called = until("a drill is called", async || {
        world.store.read().await.unwrap().services().called_drill().await.unwrap()
    })
    .await;
    daemon.stop().await;
    called
}

/// Changes what is kept of the called drill, as somebody does who writes the database.
async fn change(world: &World, how: impl FnOnce(&mut CalledDrill)) {
    let mut work = world.store.begin().await.unwrap();
    let mut called = work.services().hold_called_drill().await.unwrap().unwrap();
    how(&mut called);
    work.services().set_called_drill(&called).await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_calls_a_drill_and_officers_hold_exactly_that_and_it_is_told_until_the_next() {
    let world = served(3).await;
    let drawn = called(&world).await;
    assert_eq!(drawn.keys.len(), 3);
    let recorded = proof::recorded(&world, "KEY_RECOVERY_DRILL_CALLED").await;
    assert_eq!(recorded.len(), 1);
    assert!(recorded[0].2.contains("sample of 3 out of 3") && recorded[0].2.contains(&drawn.sample_named()));
    let (verdict, text) = doctor(&world).await;
    assert_eq!(verdict, "warning");
    assert!(text.contains("0 of 3 keys proven, 3 not tried yet; to be held until"), "{text}");
    change(&world, |called| called.until = called.at - Span::days(1)).await;
    assert!(doctor(&world).await.1.contains("overdue since"));
    // Another daemon's start calls no second one.
    assert_eq!(called(&world).await.seq, drawn.seq);
    let keys = world.store.read().await.unwrap().archive().list_sealed(None, 10).await.unwrap();
    // One envelope is altered, and one row removed: the archive has fewer keys, and the sample is what it was.
    let mut altered = keys[0].envelope.clone();
    *altered.last_mut().unwrap() ^= 1;
    let mut work = world.store.begin().await.unwrap();
    assert!(
        work.archive().rewrap(keys[0].enrollment, &keys[0].envelope, &altered, &keys[0].kras).await.unwrap()
    );
    work.commit().await.unwrap();
    let gone = keys[1].certificate.unwrap();
    alter(
        &world,
        &format!("DELETE FROM archived_key WHERE certificate = x'{}'", gone.to_string().replace('-', "")),
    );

    let ran = drill(&world, AGENTS[0], &[]).await;
    let told = ran.json();
    assert_eq!((ran.code, figures(&told)), (Some(3), (3, 1)), "{told}");
    assert_eq!((&told["called"]["proven"], &told["called"]["complete"]), (&1.into(), &true.into()), "{told}");
    let name = drawn.keys.iter().find(|key| key.certificate == gone).unwrap().described();
    let (verdict, text) = doctor(&world).await;
    assert_eq!(verdict, "bad");
    assert!(
        text.contains("1 of 3 keys proven, 2 failed") && text.contains(&name),
        "named, though gone: {text}"
    );
    let listed = world.json(&["recovery", "drills"]).await;
    let line = listed["keys"].as_array().unwrap().iter().find(|key| key["certificate"] == gone.to_string());
    let line = line.unwrap();
    assert_eq!(line["stands"]["state"], "failed", "{line}");
    assert!(line["why"].as_str().unwrap().contains("not in the archive"), "{line}");

    // What failed is tried again once it is mended, and what was proven is not.
    let mut work = world.store.begin().await.unwrap();
    assert!(
        work.archive().rewrap(keys[0].enrollment, &altered, &keys[0].envelope, &keys[0].kras).await.unwrap()
    );
    work.archive().add(&keys[1]).await.unwrap();
    work.commit().await.unwrap();
    let told = drill(&world, AGENTS[0], &[]).await.done();
    assert_eq!((figures(&told), &told["called"]["proven"]), ((2, 2), &3.into()), "{told}");
    let (verdict, text) = doctor(&world).await;
    assert_eq!(verdict, "good", "{text}");
    assert!(text.contains("3 of 3 keys proven, by ") && text.contains(AGENTS[0]), "{text}");
    // With an extra sample beside it, both are told.
    drill(&world, AGENTS[1], &["--sample", "1"]).await.done();
    let shown = world.run(&["recovery", "drills"]).await.stdout;
    assert!(
        shown.contains("complete: 3 of 3 keys proven") && shown.contains("last extra sample: 1 of 1"),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_that_somebody_put_in_place_of_the_drawn_one_is_not_held() {
    let world = served(3).await;
    fs::write(
        world.home().join("sealwright.toml"),
        fs::read_to_string(world.home().join("sealwright.toml")).unwrap()
            + "\n[recovery]\ndrill-sample = 2\n",
    )
    .unwrap();
    assert_eq!(called(&world).await.keys.len(), 2);
    change(&world, |called| called.keys.truncate(1)).await;
    let refused = drill(&world, AGENTS[0], &[]).await.failure();
    assert!(refused.contains("names another sample"), "{refused}");
    assert!(proof::recorded(&world, "KEY_RECOVERY_DRILL_REQUEST").await.is_empty(), "nothing was opened");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_to_a_quorum_is_proven_by_several_officers_together() {
    let world = served(2).await;
    quorum(&world, &["--name", "Recovery", "--quorum", "2"]).await;
    let (file, password) = (world.agent(AGENTS[0], "p12"), world.agent(AGENTS[0], "password"));
    let (file, password) = (file.to_str().unwrap(), password.to_str().unwrap());
    let anew =
        ["kra", "rearchive", "--kra", file, "--password-file", password, "--reason", "a quorum", "--yes"];
    world.json(&anew).await;
    called(&world).await;
    let told = drill(&world, AGENTS[0], &[]).await.done();
    assert_eq!((&told["sharesOpened"], &told["called"]["partly"]), (&2.into(), &2.into()), "{told}");
    assert_eq!(told["called"]["complete"], false);
    let again = drill(&world, AGENTS[0], &[]).await.failure();
    assert!(again.contains("has proven all of the drill"), "one officer is no quorum: {again}");
    let nobody = drill(&world, OUTSIDER, &[]).await.json();
    assert_eq!(
        (&nobody["called"]["proven"], &nobody["called"]["partly"]),
        (&0.into(), &2.into()),
        "{nobody}"
    );
    let told = drill(&world, AGENTS[1], &[]).await.done();
    assert_eq!((&told["called"]["proven"], &told["called"]["complete"]), (&2.into(), &true.into()), "{told}");
    let (verdict, text) = doctor(&world).await;
    assert_eq!(verdict, "good");
    assert!(AGENTS.iter().all(|name| text.contains(name)), "by both: {text}");
}
