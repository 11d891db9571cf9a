//! `plan` and `apply`: what would be done, saved, and done as far as the world still wants it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sim::{Fault, FaultEffect, SimOptions, Tenant};
use store::Store as _;

use crate::home::write_private;
use crate::proof;
use crate::world::{Pace, World};

fn intents(plan: &Value) -> usize {
    plan["intents"].as_array().unwrap().len()
}

/// Applied, planned again: nothing is left to be done.
async fn is_settled_by_one_apply(tenant: Tenant) {
    let world = World::with(SimOptions::new(tenant), &Pace::default()).await;
    let plan = world.json(&["plan"]).await;
    let applied = world.json(&["apply"]).await;
    assert_eq!(
        applied["started"].as_u64(),
        Some(intents(&plan) as u64),
        "what was planned was done: {applied}"
    );
    assert_eq!((applied["open"].as_u64(), applied["rejected"].as_u64()), (Some(0), Some(0)), "{applied}");
    let after = world.json(&["plan"]).await;
    assert_eq!(after["intents"], Value::Array(Vec::new()));
    assert_eq!(after["skips"], plan["skips"], "who cannot be served is told again");
    let again = world.json(&["apply"]).await;
    assert_eq!(again["started"], 0, "{again}");
    assert_eq!(proof::certificates(&world).await.len(), intents(&plan), "a second apply orders nothing");
    proof::nothing_is_left_over(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_after_an_apply_is_empty() {
    is_settled_by_one_apply(Tenant::invent().people(5).mailboxes(2).build()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_after_an_apply_is_empty_for_another_tenant() {
    is_settled_by_one_apply(Tenant::invent().people(9).mailboxes(0).seed(7).build()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_after_an_apply_is_empty_for_people_of_all_kinds() {
    let export = include_bytes!("fixtures/people-of-all-kinds.json");
    is_settled_by_one_apply(Tenant::from_graph_export(export).unwrap().with_mailboxes(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_changes_nothing_and_gives_a_reason_for_each_intent() {
    let world = World::of(3, 1).await;
    let plan = world.json(&["plan"]).await;
    assert_eq!(intents(&plan), 7);
    for intent in plan["intents"].as_array().unwrap() {
        let reason = intent["reason"].as_str().unwrap();
        assert!(reason.contains("in an enrollment group of"), "{reason}");
    }
    assert_eq!(world.json(&["plan"]).await["intents"], plan["intents"], "the same plan again");
    assert_eq!(proof::certificates(&world).await.len(), 0);
    assert_eq!(world.sim.pfx_created().len(), 0);
    let told = world.run(&["plan"]).await.stdout;
    assert!(told.contains("to be done: enroll 7; 0 cannot be served"), "{told}");
}

/// The plan in a saved file, whoever signed it.
fn body(file: &Path) -> Value {
    let saved: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    serde_json::from_str(saved["body"].as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_is_what_was_shown_and_is_applied_once() {
    let world = World::of(3, 1).await;
    let file = world.folder().join("plan.json");
    let path = file.to_str().unwrap();
    let plan = world.json(&["plan", "--out", path]).await;
    assert_eq!(body(&file)["plan"]["intents"], plan["intents"]);
    let applied = world.json(&["apply", path]).await;
    assert_eq!((applied["started"].as_u64(), applied["done"].as_u64()), (Some(7), Some(7)), "{applied}");
    let again = world.run_json(&["apply", path]).await.failure();
    assert!(again.contains("the world has moved"), "{again}");
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_the_world_has_overtaken_is_refused_as_a_whole_and_says_where() {
    let world = World::of(4, 0).await;
    let file = world.folder().join("plan.json");
    let path = file.to_str().unwrap();
    world.json(&["plan", "--out", path]).await;
    let people: Vec<_> = world.sim.users();
    world.sim.remove_from_all_groups(people[0].id).unwrap();
    world.sim.change_mail(people[1].id, &format!("neu@{}", world.sim.domain())).unwrap();
    let refused = world.run_json(&["apply", path]).await.failure();
    assert!(refused.contains("nothing was done: the world has moved"), "{refused}");
    for person in &people[..2] {
        assert!(refused.contains(person.display_name.as_deref().unwrap()), "{refused}");
    }
    assert!(!refused.contains(people[2].display_name.as_deref().unwrap()), "{refused}");
    assert_eq!(proof::certificates(&world).await.len(), 0);
    assert_eq!(world.store.read().await.unwrap().jobs().count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_somebody_wrote_into_or_that_has_ended_is_refused() {
    let world = World::of(2, 0).await;
    let settings = world.home().join("sealwright.toml");
    let file = world.folder().join("plan.json");
    let path = file.to_str().unwrap();
    world.json(&["plan", "--out", path]).await;
    let saved = fs::read_to_string(&file).unwrap();
    let mail = world.sim.users()[0].mail.clone().unwrap();
    for (forged, why) in [
        (saved.replace(&mail, "boss@nordwind.example.com"), "the signature of"),
        (saved.replace("\"by\": \"", "\"by\": \"x"), "the signature of"),
        (saved[..saved.len() / 2].to_owned(), "is no saved plan"),
    ] {
        assert_ne!(forged, saved);
        fs::write(&file, forged).unwrap();
        let refused = world.run_json(&["apply", path]).await.failure();
        assert!(refused.contains(why), "{why}: {refused}");
    }
    fs::write(&file, &saved).unwrap();
    let text = fs::read_to_string(&settings).unwrap() + "\n[limits]\nplan-hours = 0\n";
    write_private(&settings, text.as_bytes());
    world.json(&["plan", "--out", path]).await;
    let refused = world.run_json(&["apply", path]).await.failure();
    assert!(refused.contains("it ended on"), "{refused}");
    assert_eq!(proof::certificates(&world).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_plan_is_refused() {
    let world = World::of(1, 0).await;
    let file = world.folder().join("plan.json");
    let path = file.to_str().unwrap();
    for wrong in [
        "<!DOCTYPE html><html></html>",
        "",
        "{}",
        "{\"madeAt\":\"yesterday\",\"intents\":[],\"skips\":[]}",
        "[1,2]",
    ] {
        fs::write(&file, wrong).unwrap();
        let refused = world.run_json(&["apply", path]).await.failure();
        assert!(refused.contains("cannot be used") && refused.contains("plan --out"), "{refused}");
    }
    let missing = world.run_json(&["apply", "no-such-plan.json"]).await.failure();
    assert!(missing.contains("no-such-plan.json"), "{missing}");
    assert_eq!(proof::certificates(&world).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_can_be_made_without_the_directory_and_not_by_accident() {
    let world = World::of(2, 0).await;
    world.json(&["plan"]).await;
    world.sim.add_fault(Fault::always("/*", FaultEffect::CutBefore));
    let failed = world.run_json(&["plan"]).await.failure();
    assert!(failed.contains("sealwright doctor") && failed.contains("--offline"), "{failed}");
    assert_eq!(intents(&world.json(&["plan", "--offline"]).await), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_work_waits_for_a_service_and_is_not_queued_twice() {
    let world = World::of(2, 0).await;
    let queued = world.json(&["apply", "--queue"]).await;
    assert_eq!((queued["started"].as_u64(), queued["open"].as_u64()), (Some(4), Some(4)), "{queued}");
    let again = world.json(&["apply", "--queue"]).await;
    assert_eq!((again["started"].as_u64(), again["open"].as_u64()), (Some(0), Some(4)), "{again}");
    assert_eq!(world.sim.pfx_created().len(), 0);
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}
