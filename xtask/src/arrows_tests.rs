//! An invented house, right and wrong, against the check; and the table against its own hard rules.

use std::collections::BTreeSet;

use super::*;
use crate::graph::Crate;

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

/// Every crate of the table, in its place, using all it may.
fn house() -> Graph {
    let mut graph = Graph::default();
    for rule in RULES {
        let mut uses = names(rule.may_use);
        uses.extend(names(rule.outside.unwrap_or_default()));
        let one = Crate { folder: rule.folder.to_owned(), uses, tests_use: names(&[]) };
        graph.crates.insert(rule.name.to_owned(), one);
    }
    graph
}

fn with_use(name: &str, to: &str) -> Vec<String> {
    let mut graph = house();
    graph.crates.get_mut(name).unwrap().uses.insert(to.to_owned());
    violations(&graph, RULES, RESERVED)
}

#[test]
fn a_house_as_drawn_has_nothing_to_say() {
    assert_eq!(violations(&house(), RULES, RESERVED), Vec::<String>::new());
}

#[test]
fn an_arrow_from_the_flow_to_a_door_is_named_with_its_rule() {
    let found = with_use("enroll", "intune");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("`enroll` may not use `intune`: flow decides"), "{}", found[0]);
}

#[test]
fn an_arrow_upwards_is_refused() {
    assert_eq!(with_use("model", "store").len(), 1);
    assert_eq!(with_use("store", "store-sql").len(), 1);
    assert_eq!(with_use("api", "sealwright").len(), 1);
}

#[test]
fn doors_do_not_know_each_other_and_only_the_program_knows_the_recovery_keys() {
    assert_eq!(with_use("intune", "directory").len(), 1);
    for rule in RULES.iter().filter(|rule| rule.may_use.contains(&"kra")) {
        assert!(rule.name == "sealwright", "{} sees the recovery keys", rule.name);
    }
}

#[test]
fn the_window_cannot_reach_the_archive() {
    let found = with_use("api", "recover");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("`api` may not use `recover`"), "{}", found[0]);
    let api = RULES.iter().find(|rule| rule.name == "api").unwrap();
    assert!(everything_below(api).is_disjoint(&BTreeSet::from(["recover", "kra"])));
}

#[test]
fn a_permission_that_nobody_uses_is_told() {
    let mut graph = house();
    graph.crates.get_mut("plan").unwrap().uses = names(&["model", "serde"]);
    let found = violations(&graph, RULES, RESERVED);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("`plan` does not use `unicode-normalization`"), "{}", found[0]);
}

#[test]
fn a_pure_crate_may_use_no_outside_crate_beyond_its_list() {
    assert_eq!(with_use("plan", "serde"), Vec::<String>::new());
    let found = with_use("plan", "tokio");
    assert!(found[0].contains("`plan` may not use the outside crate `tokio`"), "{found:?}");
}

#[test]
fn a_reserved_outside_crate_names_its_owners() {
    let found = with_use("recover", "openssl");
    assert!(found[0].contains("which is for crypto, sim"), "{found:?}");
    assert_eq!(with_use("observe", "reqwest").len(), 1);
    assert_eq!(with_use("jobs", "sqlx").len(), 1);
}

#[test]
fn a_family_of_crates_is_reserved_with_all_its_members_but_not_its_namesakes() {
    assert_eq!(with_use("api", "tauri-plugin-dialog").len(), 1);
    assert_eq!(with_use("net", "openssl-sys").len(), 1);
    assert_eq!(with_use("net", "randomize"), Vec::<String>::new());
}

#[test]
fn a_crate_without_a_row_and_a_row_without_a_crate_are_both_told() {
    let mut graph = house();
    graph.crates.insert("helpers".to_owned(), Crate::default());
    graph.crates.remove("lifecycle");
    let found = violations(&graph, RULES, RESERVED);
    assert!(found.iter().any(|one| one.starts_with("crate `helpers` has no place")), "{found:?}");
    assert!(found.iter().any(|one| one.contains("row for `lifecycle`")), "{found:?}");
}

#[test]
fn a_crate_in_the_wrong_folder_is_sent_home() {
    let mut graph = house();
    graph.crates.get_mut("plan").unwrap().folder = "src-tauri/base/plan".to_owned();
    assert_eq!(
        violations(&graph, RULES, RESERVED),
        ["crate `plan` lives in `src-tauri/base/plan`, its place is `src-tauri/flow/plan`"]
    );
}

#[test]
fn tests_may_look_further_but_never_at_the_program() {
    let mut graph = house();
    graph.crates.get_mut("enroll").unwrap().tests_use = names(&["store-sql", "support", "reqwest"]);
    assert_eq!(violations(&graph, RULES, RESERVED), Vec::<String>::new());
    graph.crates.get_mut("enroll").unwrap().tests_use = names(&["sealwright"]);
    assert_eq!(violations(&graph, RULES, RESERVED).len(), 1);
}

#[test]
fn the_table_keeps_the_hard_rules_however_far_an_arrow_leads() {
    for rule in RULES.iter().filter(|rule| rule.folder.starts_with("src-tauri/flow")) {
        for reached in everything_below(rule) {
            let folder = RULES.iter().find(|one| one.name == reached).unwrap().folder;
            assert!(!folder.starts_with("src-tauri/connectors"), "{} reaches {reached}", rule.name);
            assert!(
                !["net", "store-sql", "sealwright"].contains(&reached),
                "{} reaches {reached}",
                rule.name
            );
        }
    }
}

#[test]
fn the_table_is_written_from_the_ground_up_except_for_the_program_and_its_simulator() {
    for (at, rule) in RULES.iter().enumerate() {
        for below in rule.may_use.iter().filter(|&&below| below != "sim") {
            let place = RULES.iter().position(|one| one.name == *below).unwrap();
            assert!(place < at, "`{}` uses `{below}`, which stands above it", rule.name);
        }
    }
}

fn everything_below(rule: &Rule) -> BTreeSet<&'static str> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&'static str> = rule.may_use.to_vec();
    while let Some(name) = waiting.pop() {
        if reached.insert(name) {
            waiting.extend(RULES.iter().find(|one| one.name == name).unwrap().may_use);
        }
    }
    reached
}
