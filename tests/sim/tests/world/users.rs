//! `users`: properties, pages, errors.

use reqwest::Method;
use serde_json::{Value, json};
use sim::{MailboxPurpose, SimOptions, Tenant};

use crate::visitor::{Answer, Visitor, sorted};

#[tokio::test]
async fn a_list_shows_the_default_properties_or_exactly_the_selected_ones() {
    let visitor = Visitor::with_people(2).await;
    let plain = visitor.get("/v1.0/users").await;
    let first = plain.items()[0].as_object().expect("a user");
    let mut names: Vec<&str> = first.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "businessPhones",
            "displayName",
            "givenName",
            "id",
            "jobTitle",
            "mail",
            "mobilePhone",
            "officeLocation",
            "preferredLanguage",
            "surname",
            "userPrincipalName",
        ]
    );
    let selected = visitor.get("/v1.0/users?$select=mail,officeLocation,postalCode,securityIdentifier").await;
    let first = selected.items()[0].as_object().expect("a user");
    assert_eq!(first.len(), 4, "absent is not null: {first:?}");
    assert_eq!(first["officeLocation"], Value::Null);
    assert_eq!(first["postalCode"], Value::Null, "known to Graph, set for nobody");
    assert!(first["securityIdentifier"].as_str().expect("a SID").starts_with("S-1-12-1-"));
}

#[tokio::test]
async fn small_pages_give_everybody_exactly_once_even_when_people_come_and_go_between_them() {
    let tenant = Tenant::invent().people(23).build();
    let visitor = Visitor::enter(SimOptions::new(tenant).with_pages_of(5)).await;
    let (pages, _) = visitor.walk("/v1.0/users?$top=999&$select=id").await;
    assert_eq!(pages.len(), 5);
    assert!(pages.iter().all(|page| page.items().len() <= 5));
    let everybody = visitor.all("/v1.0/users?$select=id").await;
    let mut expected: Vec<String> = visitor.sim.users().iter().map(|user| user.id.to_string()).collect();
    expected.sort();
    assert_eq!(sorted(&everybody, "id"), expected);

    let first = visitor.get("/v1.0/users?$select=id").await;
    let next = first.body["@odata.nextLink"].as_str().expect("a link").to_owned();
    let told: Vec<String> = sorted(first.items(), "id");
    visitor.sim.remove_user(told[0].parse().expect("an id"), sim::Removal::Hard).expect("removed");
    let rest = visitor.all(&next).await;
    let mut union = [told, sorted(&rest, "id")].concat();
    union.sort();
    assert_eq!(union, expected, "the change on a page that was read shifts nothing");
}

#[tokio::test]
async fn links_lead_to_the_host_that_the_client_named() {
    let visitor = Visitor::enter(SimOptions::new(Tenant::invent().people(3).build()).with_pages_of(1)).await;
    let by_address = visitor.sim.base_url().replace("localhost", "127.0.0.1");
    let page = visitor.get(&format!("{by_address}/v1.0/users?$select=id,mail")).await;
    let link = page.body["@odata.nextLink"].as_str().expect("a link");
    assert!(link.starts_with(&format!("{by_address}/v1.0/users?$select=")), "{link}");
    assert_eq!(visitor.get(link).await.status, 200);
}

#[tokio::test]
async fn top_is_respected_and_bounded() {
    let visitor = Visitor::with_people(9).await;
    assert_eq!(visitor.get("/v1.0/users?$top=4").await.items().len(), 4);
    assert_eq!(visitor.get("/v1.0/users?$top=999").await.items().len(), 10);
    for wrong in ["0", "1000", "-1", "many"] {
        assert_eq!(visitor.get(&format!("/v1.0/users?$top={wrong}")).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn unknown_properties_options_and_segments_are_refused() {
    let visitor = Visitor::with_people(1).await;
    for (path, status, code) in [
        ("/v1.0/users?$select=id,favouriteColour", 400, "BadRequest"),
        ("/v1.0/users?$select=", 400, "BadRequest"),
        ("/v1.0/users?$select=id&$select=mail", 400, "BadRequest"),
        ("/v1.0/users?$orderby=mail", 400, "Request_BadRequest"),
        ("/v1.0/users?select=id", 400, "Request_BadRequest"),
        ("/v1.0/users?$count=true", 400, "Request_UnsupportedQuery"),
        ("/v1.0/users?$skiptoken=abc", 400, "Directory_ExpiredPageToken"),
        ("/v1.0/users?$select=id,skills", 501, "NotImplemented"),
        ("/v1.0/users/nobody@nordwind.example.com", 404, "Request_ResourceNotFound"),
        ("/v1.0/users/00000000-0000-4000-8000-000000000000", 404, "Request_ResourceNotFound"),
        ("/v1.0/planets", 400, "BadRequest"),
        ("/v1.0/deviceManagement/userPfxCertificates", 400, "BadRequest"),
    ] {
        let answer = visitor.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{path}: {}", answer.body);
    }
    let written = visitor.post("/v1.0/users", &json!({ "displayName": "x" })).await;
    assert_eq!(written.status, 405);
}

#[tokio::test]
async fn a_skip_token_is_valid_for_its_own_query_only() {
    let visitor = Visitor::enter(SimOptions::new(Tenant::invent().people(5).build()).with_pages_of(2)).await;
    let page = visitor.get("/v1.0/users?$select=id").await;
    let link = page.body["@odata.nextLink"].as_str().expect("a link");
    let other = link.replace("$select=id", "$select=mail");
    assert_eq!(visitor.get(&other).await.code(), "Directory_ExpiredPageToken");
}

#[tokio::test]
async fn errors_carry_the_request_ids() {
    let visitor = Visitor::with_people(1).await;
    let id = "5d2e4b1c-0000-4000-8000-00000000cafe";
    let request = visitor.request(Method::GET, "/v1.0/planets").header("client-request-id", id);
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    let inner = &answer.body["error"]["innerError"];
    assert_eq!(inner["client-request-id"], id);
    assert_eq!(inner["request-id"].as_str(), answer.headers["request-id"].to_str().ok());
    assert_eq!(answer.headers["client-request-id"], id);
    let remembered = visitor.sim.requests().pop().expect("a request");
    assert_eq!(remembered.client_request_id.as_deref(), Some(id));
    assert_eq!(
        (remembered.method.as_str(), remembered.path.as_str(), remembered.status),
        ("GET", "/v1.0/planets", 400)
    );
}

#[tokio::test]
async fn a_user_is_found_by_id_and_by_name_in_any_case_and_in_both_spellings() {
    let visitor = Visitor::with_people(2).await;
    let user = visitor.sim.users().remove(0);
    let loud = user.user_principal_name.to_uppercase();
    for path in [
        format!("/v1.0/users/{}?$select=id", user.id),
        format!("/v1.0/users/{loud}?$select=id"),
        format!("/v1.0/users('{loud}')?$select=id"),
        format!("/v1.0/Users/{}?$select=id", user.id),
    ] {
        let answer = visitor.get(&path).await;
        assert_eq!(answer.body["id"], user.id.to_string(), "{path}");
        assert!(answer.body.get("mail").is_none());
    }
}

#[tokio::test]
async fn the_cloud_security_identifier_is_computed_from_the_object_id() {
    let id = "73d664e4-0886-4a73-b745-c694da45ddb4".parse().expect("an id");
    let user = sim::User::new(id, "alice@contoso.example");
    assert_eq!(user.security_identifier(), "S-1-12-1-1943430372-1249052806-2496021943-3034400218");
}

#[tokio::test]
async fn mailbox_settings_tell_shared_mailboxes_from_people() {
    let visitor = Visitor::with_people(2).await;
    let mailbox = visitor.sim.mailboxes()[0].clone();
    let person = visitor.sim.users()[0].id;
    let path = |id| format!("/users/{id}/mailboxSettings?$select=userPurpose");
    let v1 = visitor.get(&format!("/v1.0{}", path(mailbox.user_id))).await;
    assert_eq!(v1.body["userPurpose"], "shared");
    let beta = visitor.get(&format!("/beta{}", path(mailbox.user_id))).await;
    assert_eq!(beta.body["userPurpose"]["value"], "shared");
    assert_eq!(visitor.get(&format!("/v1.0{}", path(person))).await.body["userPurpose"], "user");
    visitor.sim.edit_user(person, |user| user.purpose = MailboxPurpose::None).expect("edited");
    let none = visitor.get(&format!("/v1.0{}", path(person))).await;
    assert_eq!((none.status.as_u16(), none.code()), (404, "MailboxNotEnabledForRESTAPI"));
}

#[tokio::test]
async fn a_large_directory_is_read_in_pages_without_delay() {
    let tenant = Tenant::invent().people(20_000).build();
    let visitor = Visitor::enter(SimOptions::new(tenant)).await;
    let started = std::time::Instant::now();
    let everybody =
        visitor.all("/v1.0/users?$top=999&$select=id,userPrincipalName,mail,proxyAddresses").await;
    let group = visitor.sim.smime_group();
    let path = format!(
        "/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user?$select=id&$top=999&$count=true"
    );
    let members = visitor.all(&path).await;
    assert_eq!((everybody.len(), members.len()), (20_000, 20_000));
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
