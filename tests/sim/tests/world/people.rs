//! Tenants: invented ones, and those from real exports with all their gaps.

use std::collections::HashSet;

use sim::{SimError, Tenant};

#[test]
fn the_same_seed_gives_the_same_tenant_and_another_seed_another() {
    let tenant = |seed| Tenant::invent().people(50).mailboxes(2).seed(seed).build();
    assert_eq!(tenant(1), tenant(1));
    assert_ne!(tenant(1).users, tenant(2).users);
}

#[test]
fn invented_people_have_hard_letters_distinct_ascii_addresses_and_devices() {
    let tenant = Tenant::invent().people(2_000).mailboxes(3).domain("reederei.example.org").build();
    let mut seen = HashSet::new();
    let mut letters = HashSet::new();
    for user in &tenant.users {
        for address in [Some(&user.user_principal_name), user.mail.as_ref()]
            .into_iter()
            .flatten()
            .collect::<HashSet<_>>()
        {
            assert!(address.ends_with("@reederei.example.org") && address.is_ascii(), "{address}");
            assert!(seen.insert(address.clone()), "{address} is given twice");
        }
        letters.extend(user.display_name.iter().flat_map(|name| name.chars()));
    }
    for letter in "äöüßéłñø".chars() {
        assert!(letters.contains(&letter), "{letter}");
    }
    let people = &tenant.users[..2_000];
    assert!(people.iter().all(|user| !user.devices.is_empty() && user.account_enabled));
    assert!(people.iter().any(|user| user.devices.len() > 1));
    let names: HashSet<&str> =
        people.iter().flat_map(|user| &user.devices).map(|device| device.name.as_str()).collect();
    assert_eq!(names.len(), people.iter().map(|user| user.devices.len()).sum::<usize>(), "names are unique");
}

#[test]
fn small_tenants_meet_the_hard_letters_too() {
    let tenant = Tenant::invent().people(6).build();
    let names: String = tenant.users.iter().filter_map(|user| user.display_name.as_deref()).collect();
    for letter in "üßëŁóéñøÅ'-".chars() {
        assert!(names.contains(letter), "{letter} in {names}");
    }
}

#[test]
fn a_shared_mailbox_is_a_disabled_user_with_a_group_of_two_holders() {
    let tenant = Tenant::invent().people(5).mailboxes(2).build();
    for mailbox in &tenant.mailboxes {
        let user = tenant.users.iter().find(|user| user.id == mailbox.user_id).expect("its user");
        assert!(!user.account_enabled && !user.intune_licensed && user.devices.is_empty());
        let group = tenant.groups.iter().find(|group| group.id == mailbox.holder_group).expect("its group");
        assert_eq!((group.members.len(), mailbox.holders.len()), (2, 2));
        assert_eq!(group.display_name, format!("{} users", mailbox.display_name));
        let in_group = |id| {
            tenant
                .groups
                .iter()
                .find(|group| group.id == id)
                .expect("a group")
                .members
                .contains(&sim::Member::User(user.id))
        };
        assert!(in_group(tenant.smime_group) && !in_group(tenant.sign_in_group));
    }
}

#[test]
fn an_export_with_every_gap_becomes_a_tenant() {
    let long = "Ä".repeat(120);
    let export = format!(
        r#"{{ "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", "@odata.nextLink": "https://graph/next",
        "value": [
            {{ "id": "73d664e4-0886-4a73-b745-c694da45ddb4", "userPrincipalName": "a@contoso.example", "mail": "shared@contoso.example",
              "displayName": "Alice", "surname": null, "businessPhones": ["1"], "somethingNew": {{ "x": [1] }} }},
            {{ "userPrincipalName": "b@contoso.example", "mail": "shared@contoso.example", "givenName": "{long}", "displayName": "{long}" }},
            {{ "id": "not-a-guid", "userPrincipalName": "c@contoso.example", "mail": null, "accountEnabled": null }},
            {{ "id": "73d664e4-0886-4a73-b745-c694da45ddb4", "userPrincipalName": "d@contoso.example", "accountEnabled": false }},
            {{ "displayName": "Nobody" }},
            {{ "displayName": "Nobody" }},
            {{ "userPrincipalName": "g_other.example#EXT#@contoso.example", "userType": "Guest" }}
        ] }}"#
    );
    let tenant = Tenant::from_graph_export(export.as_bytes()).expect("a tenant");
    assert_eq!(
        tenant,
        Tenant::from_graph_export(export.as_bytes()).expect("a tenant"),
        "the same at every reading"
    );
    assert_eq!((tenant.users.len(), tenant.domain.as_str()), (7, "contoso.example"));
    let ids: HashSet<_> = tenant.users.iter().map(|user| user.id).collect();
    assert_eq!(ids.len(), 7);
    assert_eq!(tenant.users[0].id.to_string(), "73d664e4-0886-4a73-b745-c694da45ddb4");
    assert_eq!(tenant.users[1].display_name.as_ref().map(|name| name.chars().count()), Some(120));
    assert!(tenant.users[2].account_enabled, "an export without the column says nothing about it");
    assert_eq!(tenant.users[2].mail, None);
    assert!(!tenant.users[4].user_principal_name.is_empty());
    let reached: HashSet<_> = tenant
        .groups
        .iter()
        .flat_map(|group| &group.members)
        .filter_map(|member| match member {
            sim::Member::User(id) => Some(*id),
            sim::Member::Group(_) => None,
        })
        .collect();
    assert_eq!(reached.len(), 6, "all but the disabled one, guests included");

    let array = r#"[{ "userPrincipalName": "a@x.example" }]"#;
    assert_eq!(Tenant::from_graph_export(array.as_bytes()).expect("a bare list").users.len(), 1);
    let with_mailboxes = Tenant::from_graph_export(export.as_bytes()).expect("a tenant").with_mailboxes(1);
    assert_eq!(with_mailboxes.mailboxes[0].holders.len(), 2);
    let empty = Tenant::from_graph_export(b"{\"value\":[]}").expect("an empty tenant").with_mailboxes(1);
    assert_eq!(empty.mailboxes[0].holders.len(), 0);
}

#[test]
fn exports_in_the_encodings_of_windows_are_read() {
    let text = r#"{"value":[{"userPrincipalName":"jürgen@x.example","displayName":"Jürgen Groß"}]}"#;
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat();
    for bytes in [utf16, marked] {
        let tenant = Tenant::from_graph_export(&bytes).expect("a tenant");
        assert_eq!(tenant.users[0].display_name.as_deref(), Some("Jürgen Groß"));
    }
    let latin1 = b"{\"value\":[{\"displayName\":\"J\xFCrgen\"}]}";
    assert!(
        Tenant::from_graph_export(latin1)
            .expect_err("Latin-1")
            .to_string()
            .contains("save the export as UTF-8")
    );
}

#[test]
fn what_is_no_export_is_refused_with_its_place() {
    for (text, place, words) in [
        ("<!DOCTYPE html>\n<html>", "line 1, column 1", "this is a web page"),
        ("", "line 1, column 0", "the file is empty"),
        ("{\"value\":[\n{\"id\":1,}]}", "line 2, column 9", "not valid JSON"),
        ("{\"value\":[{\"mail\":5}]}", "value[0].mail", "must be a string or null"),
        ("[{}, 7]", "[1]", "must be a user object"),
        ("{\"value\":{}}", "value", "must be a list"),
        ("{\"users\":[]}", "the top level", "has no `value`"),
        (
            "{\"error\":{\"code\":\"x\",\"message\":\"token expired\"}}",
            "the top level",
            "error answer of Graph (token expired)",
        ),
        ("\"users\"", "line 1, column 1", "expected the answer of GET /users"),
    ] {
        let error = Tenant::from_graph_export(text.as_bytes()).expect_err(text);
        assert!(matches!(error, SimError::Export { .. }));
        let told = error.to_string();
        assert!(told.starts_with(&format!("{place}: ")) && told.contains(words), "{text}: {told}");
    }
}
