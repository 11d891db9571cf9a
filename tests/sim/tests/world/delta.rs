//! Delta queries: the first round, what changed later, removals, and void tokens.

use std::time::Duration;

use serde_json::{Value, json};
use sim::{Member, Removal, SimOptions, Tenant, User};

use crate::visitor::{Answer, Visitor, sorted};

const USERS: &str = "/v1.0/users/delta?$select=id,mail,displayName,jobTitle,accountEnabled";

async fn paged(people: usize) -> Visitor {
    Visitor::enter(SimOptions::new(Tenant::invent().people(people).build()).with_pages_of(3)).await
}

fn items(pages: &[Answer]) -> Vec<Value> {
    pages.iter().flat_map(|page| page.items().to_vec()).collect()
}

#[tokio::test]
async fn the_first_round_gives_everybody_and_a_link_for_later() {
    let visitor = paged(8).await;
    let (pages, later) = visitor.walk(USERS).await;
    assert_eq!(pages.len(), 3);
    assert!(pages[..2].iter().all(|page| page.body.get("@odata.deltaLink").is_none()));
    let told = items(&pages);
    assert_eq!(told.len(), 8);
    let without_title =
        visitor.sim.users().into_iter().find(|user| user.job_title.is_none()).expect("somebody");
    let item = told.iter().find(|item| item["id"] == without_title.id.to_string()).expect("told");
    assert!(item.get("jobTitle").is_none(), "what was never set is absent in delta, not null");

    let quiet = visitor.get(&later.expect("a delta link")).await;
    assert_eq!(quiet.items().len(), 0);
    assert!(quiet.body["@odata.deltaLink"].is_string());
}

#[tokio::test]
async fn a_later_round_tells_who_changed_came_and_went() {
    let visitor = paged(8).await;
    let (_, later) = visitor.walk(USERS).await;
    let users = visitor.sim.users();
    let id = |index: usize| users[index].id;
    visitor.sim.rename_user(id(0), "Anna", "Schäfer-Groß").expect("renamed");
    visitor.sim.edit_user(id(1), |user| user.city = Some("Bremen".to_owned())).expect("edited");
    visitor.sim.set_enabled(id(2), false).expect("disabled");
    visitor.sim.remove_user(id(3), Removal::Soft).expect("removed");
    visitor.sim.remove_user(id(4), Removal::Hard).expect("removed");
    visitor.sim.edit_user(id(5), |user| user.mail = None).expect("edited");
    visitor.sim.remove_user(id(6), Removal::Soft).expect("removed");
    visitor.sim.restore_user(id(6)).expect("restored");
    let newcomer =
        User::new("11111111-2222-4333-8444-555555555555".parse().expect("an id"), "new@nordwind.example.com");
    visitor.sim.add_user(newcomer.clone(), &[visitor.sim.smime_group()]).expect("added");

    let (pages, later) = visitor.walk(&later.expect("a delta link")).await;
    assert_eq!(pages.len(), 3, "changes are paged too");
    let told = items(&pages);
    let of = |id: uuid::Uuid| told.iter().find(|item| item["id"] == id.to_string());
    assert_eq!(of(id(0)).expect("told")["displayName"], "Anna Schäfer-Groß");
    assert_eq!(of(id(0)).expect("told")["mail"], json!(users[0].mail), "what did not change is told as well");
    assert!(of(id(1)).is_none(), "a property that is not selected triggers nothing");
    assert_eq!(of(id(2)).expect("told")["accountEnabled"], false);
    assert_eq!(of(id(3)).expect("told")["@removed"]["reason"], "changed");
    assert_eq!(of(id(4)).expect("told")["@removed"]["reason"], "deleted");
    assert_eq!(of(id(5)).expect("told").get("mail"), Some(&Value::Null), "what became null is null");
    assert!(of(id(6)).expect("told").get("@removed").is_none(), "restored");
    assert_eq!(of(newcomer.id).expect("told")["mail"], "new@nordwind.example.com");
    assert!(of(id(7)).is_none());
    assert_eq!(told.len(), 7);
    assert_eq!(visitor.get(&later.expect("a delta link")).await.items().len(), 0);
}

#[tokio::test]
async fn a_change_during_the_first_round_is_told_in_the_next() {
    let visitor = paged(5).await;
    let first = visitor.get(USERS).await;
    let told = visitor.sim.users()[0].id;
    visitor.sim.change_mail(told, "other@nordwind.example.com").expect("changed");
    let (_, later) = visitor.walk(first.body["@odata.nextLink"].as_str().expect("a link")).await;
    let next = visitor.get(&later.expect("a delta link")).await;
    assert_eq!(sorted(next.items(), "id"), [told.to_string()]);
    assert_eq!(next.items()[0]["mail"], "other@nordwind.example.com");
}

#[tokio::test]
async fn minimal_answers_hold_only_what_changed() {
    let visitor = paged(2).await;
    let (_, later) = visitor.walk(USERS).await;
    let user = visitor.sim.users()[0].id;
    visitor.sim.set_enabled(user, false).expect("disabled");
    let request = visitor
        .request(reqwest::Method::GET, &later.expect("a delta link"))
        .header("Prefer", "return=minimal");
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    assert_eq!(answer.items(), [json!({ "id": user.to_string(), "accountEnabled": false })]);
}

#[tokio::test]
async fn latest_skips_the_first_round() {
    let visitor = paged(5).await;
    let start = visitor.get(&format!("{USERS}&$deltatoken=latest")).await;
    assert_eq!(start.items().len(), 0);
    visitor.sim.set_enabled(visitor.sim.users()[1].id, false).expect("disabled");
    let next = visitor.get(start.body["@odata.deltaLink"].as_str().expect("a link")).await;
    assert_eq!(next.items().len(), 1);
    assert!(next.items()[0].get("accountEnabled").is_some(), "the selection is in the token");
}

#[tokio::test]
async fn void_tokens_are_answered_with_410_and_an_address_to_start_over() {
    let visitor = paged(4).await;
    let (_, later) = visitor.walk(USERS).await;
    let later = later.expect("a delta link");
    visitor.sim.invalidate_delta_tokens();
    let gone = visitor.get(&later).await;
    assert_eq!(gone.status, 410);
    let location = gone.headers["location"].to_str().expect("text");
    assert!(location.ends_with("$deltatoken="), "{location}");
    let (pages, later) = visitor.walk(location).await;
    assert_eq!(items(&pages).len(), 4, "a full round");
    assert!(pages[0].items()[0].get("accountEnabled").is_some(), "with the selection");

    let later = later.expect("a delta link");
    visitor.sim.advance(Duration::from_hours(7 * 24));
    let mut visitor = visitor;
    visitor.sign_in().await;
    let old = visitor.get(&later).await;
    assert_eq!((old.status.as_u16(), old.code()), (400, "syncStateNotFound"));
}

#[tokio::test]
async fn unsupported_options_and_garbled_tokens_are_refused() {
    let visitor = paged(2).await;
    for option in [
        "$top=5",
        "$orderby=mail",
        "$expand=memberOf",
        "$filter=mail eq 'x'",
        "$select=colour",
        "$deltatoken=abc",
    ] {
        assert_eq!(visitor.get(&format!("/v1.0/users/delta?{option}")).await.status, 400, "{option}");
    }
    let (_, groups) = visitor.walk("/v1.0/groups/delta").await;
    let token = groups.expect("a link");
    let token = token.split_once("$deltatoken=").expect("a token").1;
    let mixed = visitor.get(&format!("/v1.0/users/delta?$deltatoken={token}")).await;
    assert_eq!(mixed.status, 400, "a token of groups is none of users");
    assert_eq!(visitor.get("/v1.0/users/delta()?$select=id").await.status, 200, "the SDKs' spelling");
    assert_eq!(visitor.get("/v1.0/users/microsoft.graph.delta()?$select=id").await.status, 200);
}

#[tokio::test]
async fn group_changes_tell_direct_members_with_their_kind() {
    let visitor = paged(10).await;
    let group = visitor.sim.smime_group();
    let path = format!("/v1.0/groups/delta?$filter=id eq '{group}'&$select=displayName,members");
    let (pages, later) = visitor.walk(&path).await;
    let members = |pages: &[Answer]| -> Vec<Value> {
        let groups = items(pages);
        assert!(groups.iter().all(|item| item["id"] == group.to_string()), "filtered");
        groups.iter().flat_map(|item| item["members@delta"].as_array().cloned().unwrap_or_default()).collect()
    };
    assert!(pages.len() > 1, "one group is spread over pages");
    let first = members(&pages);
    let direct = visitor.all(&format!("/v1.0/groups/{group}/members")).await;
    assert_eq!(sorted(&first, "id"), sorted(&direct, "id"));
    assert!(first.iter().any(|member| member["@odata.type"] == "#microsoft.graph.group"));

    let later = later.expect("a delta link");
    assert_eq!(visitor.get(&later).await.items().len(), 0);
    let users = visitor.sim.users();
    visitor.sim.remove_from_group(group, Member::User(users[0].id)).expect("removed");
    visitor.sim.remove_user(users[1].id, Removal::Soft).expect("removed");
    visitor.sim.add_to_group(group, Member::User(users[7].id)).expect("added");
    let (pages, _) = visitor.walk(&later).await;
    let told = members(&pages);
    assert_eq!(told.len(), 3);
    for (user, removed) in [(0, true), (1, true), (7, false)] {
        let entry = told.iter().find(|member| member["id"] == users[user].id.to_string()).expect("told");
        assert_eq!(entry["@removed"]["reason"] == "deleted", removed, "{entry}");
        assert_eq!(entry["@odata.type"], "#microsoft.graph.user");
    }
    let all = visitor.walk("/v1.0/groups/delta?$select=members").await.0;
    let groups: std::collections::BTreeSet<String> = sorted(&items(&all), "id").into_iter().collect();
    assert_eq!(groups.len(), 3, "without a filter: every group");
}
