//! `plan` and `apply`: what would be done, saved, and done as far as the world still wants it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sim::{Fault, FaultEffect, SimOptions, Tenant};
use store::Store as _;

use crate::home::write_private;
use crate::proof;
use crate::world::{Pace, SMIME, World};

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
    world.json(&["plan", "--force", "--out", path]).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_replaces_no_file_unless_that_is_asked_for() {
    let world = World::of(1, 0).await;
    let file = world.folder().join("plan.json");
    let path = file.to_str().unwrap();
    fs::write(&file, "something else").unwrap();
    let refused = world.run_json(&["plan", "--out", path]).await.failure();
    assert!(refused.contains("is there already") && refused.contains("--force"), "{refused}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "something else");
    world.json(&["plan", "--force", "--out", path]).await;
    assert_eq!(body(&file)["plan"]["intents"].as_array().unwrap().len(), 2);
}

/// Says in the settings what a certificate by a template costs.
fn set_price(world: &World, price: &str) {
    let settings = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let before = text.split("\n[prices.templates]").next().unwrap();
    let priced = format!("{before}\n[prices.templates]\n\"{SMIME}\" = \"{price}\"\n");
    write_private(&settings, priced.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_holds_its_cost_and_is_refused_when_it_has_risen() {
    let world = World::of(2, 0).await;
    set_price(&world, "3.20 EUR");
    let file = world.folder().join("plan.json");
    let path = file.to_str().unwrap();
    let plan = world.json(&["plan", "--out", path]).await;
    assert_eq!(plan["cost"]["sums"], json!(["6.40 EUR"]), "{plan}");
    assert_eq!(plan["cost"]["unpriced"], 2, "the other template has none");
    let priced = plan["intents"].as_array().unwrap().iter().filter(|intent| intent["price"] == "3.20 EUR");
    assert_eq!(priced.count(), 2);
    let saved = body(&file)["plan"]["costs"].clone();
    assert!(saved.to_string().contains("\"price\":\"3.20 EUR\""), "under the signature: {saved}");
    let told = world.run(&["plan"]).await.stdout;
    assert!(told.contains("cost: 6.40 EUR, and 2 without a price"), "{told}");
    assert!(told.contains("counted by [limits]"), "{told}");

    set_price(&world, "3.30 EUR");
    let refused = world.run_json(&["apply", path]).await.failure();
    assert!(refused.contains("costs 3.30 EUR and not 3.20 EUR"), "{refused}");
    assert_eq!(proof::certificates(&world).await.len(), 0);
    set_price(&world, "3.10 EUR");
    let applied = world.json(&["apply", path]).await;
    assert_eq!(applied["started"], 4, "what is cheaper by now is done: {applied}");
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_handed_over_and_what_is_shown_too_long_is_planned_and_then_done() {
    let world = crate::gal::world(2, 1).await;
    let leaver = crate::gal::people(&world)[0].clone();
    let route = "POST /beta/deviceManagement/userPfxCertificates";
    world.sim.add_fault(Fault::always(route, FaultEffect::CutBefore));
    let plan = world.json(&["plan"]).await;
    let mailbox =
        plan["deliveries"].as_array().unwrap().iter().find(|one| one["to"].as_array().unwrap().len() > 1);
    assert!(mailbox.is_some(), "the mailbox's key goes to all who use it: {plan}");
    world.run_json(&["apply"]).await;
    assert_eq!(world.sim.pfx_created().len(), 0);

    let plan = world.json(&["plan"]).await;
    assert_eq!(intents(&plan), 0, "nothing is ordered twice: {plan}");
    let retried = plan["deliveries"].as_array().unwrap();
    assert!(retried.len() == 3 && retried.iter().all(|one| one["cause"] == "retried"), "{plan}");
    assert!(retried.iter().all(|one| !one["reason"].as_str().unwrap().is_empty()), "{plan}");
    let told = world.run(&["plan"]).await.stdout;
    assert!(told.contains("to be done: retry 3"), "{told}");

    world.sim.clear_faults();
    let applied = world.json(&["apply"]).await;
    assert_eq!((applied["retried"].as_u64(), applied["open"].as_u64()), (Some(3), Some(0)), "{applied}");
    let plan = world.json(&["plan"]).await;
    assert_eq!((&plan["deliveries"], &plan["removals"]), (&json!([]), &json!([])), "{plan}");
    assert_eq!(world.sim.published(leaver.id).certificates.len(), 1);

    world.sim.remove_from_all_groups(leaver.id).unwrap();
    let plan = world.json(&["plan"]).await;
    let removals = plan["removals"].as_array().unwrap();
    assert!(removals.len() == 1 && removals[0]["cause"] == "addressList", "{plan}");
    assert!(removals[0]["reason"].as_str().unwrap().contains("its owner leaves"), "{plan}");
    let applied = world.json(&["apply"]).await;
    assert_eq!((applied["removed"].as_u64(), applied["started"].as_u64()), (Some(1), Some(0)), "{applied}");
    assert_eq!(world.sim.published(leaver.id).certificates.len(), 0);
    let plan = world.json(&["plan"]).await;
    assert_eq!((intents(&plan), &plan["removals"]), (0, &json!([])), "{plan}");
}
