//! `groups`: direct and transitive members, casts, nested groups.

use sim::{Member, SimOptions, Tenant};

use crate::visitor::{Visitor, sorted};

fn transitive_users(visitor: &Visitor) -> String {
    format!("/v1.0/groups/{}/transitiveMembers/microsoft.graph.user", visitor.sim.smime_group())
}

#[tokio::test]
async fn transitive_members_are_everybody_below_once() {
    let tenant = Tenant::invent().people(9).mailboxes(1).build();
    let visitor = Visitor::enter(SimOptions::new(tenant).with_pages_of(4)).await;
    let items = visitor
        .all(&format!("{}?$select=id,accountEnabled&$count=true&$top=999", transitive_users(&visitor)))
        .await;
    let mut everybody: Vec<String> = visitor.sim.users().iter().map(|user| user.id.to_string()).collect();
    everybody.sort();
    assert_eq!(sorted(&items, "id"), everybody, "nested members included, nobody twice");

    let group = visitor.sim.smime_group();
    let direct = visitor.all(&format!("/v1.0/groups/{group}/members")).await;
    let nested: Vec<_> =
        direct.iter().filter(|member| member["@odata.type"] == "#microsoft.graph.group").collect();
    assert_eq!(nested.len(), 1);
    assert!(direct.len() < everybody.len() + 1, "some are members through the nested group only");

    let groups = visitor
        .all(&format!("/v1.0/groups/{group}/transitiveMembers/microsoft.graph.group?$count=true"))
        .await;
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0]["displayName"], "Field staff");
    let mixed = visitor.all(&format!("/v1.0/groups/{group}/transitiveMembers?$select=id,displayName")).await;
    assert_eq!(mixed.len(), everybody.len() + 1);
}

#[tokio::test]
async fn the_cast_needs_the_header_and_the_count() {
    let visitor = Visitor::with_people(3).await;
    let path = transitive_users(&visitor);
    for (answer, what) in [
        (visitor.get(&path).await, "neither"),
        (visitor.get(&format!("{path}?$count=true")).await, "no header"),
        (visitor.get_eventual(&path).await, "no count"),
    ] {
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "Request_UnsupportedQuery"), "{what}");
    }
    let both = visitor.get_eventual(&format!("{path}?$count=true")).await;
    assert_eq!(both.body["@odata.count"], 4);
    let odd = path.replace("graph.user", "graph.device");
    assert_eq!(visitor.get_eventual(&format!("{odd}?$count=true")).await.status, 400);
}

#[tokio::test]
async fn groups_that_contain_each_other_do_not_loop() {
    let visitor = Visitor::with_people(8).await;
    let (outer, inner) = (visitor.sim.smime_group(), visitor.all("/v1.0/groups").await);
    let field_staff = inner.iter().find(|group| group["displayName"] == "Field staff").expect("a group");
    let field_staff = field_staff["id"].as_str().expect("an id").parse().expect("an id");
    visitor.sim.add_to_group(field_staff, Member::Group(outer)).expect("added");
    let items = visitor.all(&format!("{}?$select=id&$count=true", transitive_users(&visitor))).await;
    assert_eq!(items.len(), 9);
}

#[tokio::test]
async fn a_change_of_membership_is_seen_at_once() {
    let visitor = Visitor::with_people(4).await;
    let path = format!("{}?$select=id&$count=true", transitive_users(&visitor));
    assert_eq!(visitor.all(&path).await.len(), 5);
    let leaver = visitor.sim.users()[3].id;
    visitor.sim.remove_from_all_groups(leaver).expect("removed");
    let rest = visitor.all(&path).await;
    assert!(!sorted(&rest, "id").contains(&leaver.to_string()));
    assert_eq!(rest.len(), 4);
}

#[tokio::test]
async fn who_may_read_memberships_but_not_users_learns_ids_only() {
    let mut visitor = Visitor::with_people(2).await;
    visitor.sim.set_roles(&["GroupMember.Read.All"]);
    visitor.sign_in().await;
    let items = visitor.all(&format!("{}?$select=id,mail&$count=true", transitive_users(&visitor))).await;
    assert!(items.iter().all(|item| item["mail"].is_null() && item["id"].is_string()));
}

#[tokio::test]
async fn a_group_is_found_by_name() {
    let visitor = Visitor::with_people(1).await;
    let found = visitor.get("/v1.0/groups?$filter=displayName eq 'smime users'&$select=id,displayName").await;
    assert_eq!(found.items()[0]["id"], visitor.sim.smime_group().to_string());
    assert_eq!(visitor.get("/v1.0/groups?$filter=displayName eq 'nothing'").await.items().len(), 0);
    assert_eq!(visitor.get("/v1.0/groups?$filter=startswith(displayName,'x')").await.status, 400);
    let missing = visitor.get("/v1.0/groups/00000000-0000-4000-8000-000000000000/members").await;
    assert_eq!((missing.status.as_u16(), missing.code()), (404, "Request_ResourceNotFound"));
    assert_eq!(visitor.get("/v1.0/groups/smime/members").await.status, 400, "no object id");
}
