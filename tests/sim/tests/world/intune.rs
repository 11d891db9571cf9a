//! Imported PFX: the quirks of the service.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use sim::{DuplicatePfx, SimOptions, Tenant};

use crate::forge::{self, good_body};
use crate::visitor::{Answer, PFX, Visitor};

fn filter(expression: &str) -> String {
    let mut url = reqwest::Url::parse("https://x/").expect("an address");
    url.query_pairs_mut().append_pair("$filter", expression);
    format!("{PFX}?{}", url.query().expect("a query"))
}

fn assert_opaque(answer: &Answer, what: &str) {
    assert_eq!((answer.status.as_u16(), answer.code()), (400, "BadRequest"), "{what}: {}", answer.body);
    let message = answer.body["error"]["message"].as_str().expect("a message");
    let hidden: Value = serde_json::from_str(message).expect("JSON inside the message");
    assert_eq!(hidden["_version"], 3);
    assert!(hidden["Message"].as_str().expect("a text").contains("Activity ID: "), "{hidden}");
}

#[tokio::test]
async fn a_record_is_created_under_the_users_id_and_reads_hide_blob_and_password() {
    let visitor = Visitor::with_people(3).await;
    let user = visitor.sim.users().remove(1);
    let (mut body, thumbprint) = good_body(&visitor.sim, &user);
    body["intendedPurpose"] = json!("SmimeEncryption");
    let created = visitor.post(PFX, &body).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let id = format!("{}-{thumbprint}", user.id.simple());
    assert_eq!(created.body["id"], id.as_str());

    for path in [
        format!("{PFX}('{id}')"),
        format!("{PFX}({id})"),
        format!("{PFX}/{id}"),
        format!("{PFX}(%27{id}%27)"),
    ] {
        let read = visitor.get(&path).await;
        assert_eq!(read.status, 200, "{path}");
        assert_eq!(read.body["encryptedPfxBlob"], "AA==");
        assert_eq!(read.body["encryptedPfxPassword"], "");
        assert_eq!(read.body["intendedPurpose"], "smimeEncryption", "the service's own spelling");
        assert_eq!(read.body["thumbprint"], thumbprint.as_str());
    }
    let unknown = visitor.get(&format!("{PFX}/{}-{thumbprint}", visitor.sim.users()[0].id.simple())).await;
    assert_eq!(unknown.status, 404);
    let records = visitor.sim.pfx_records();
    assert_eq!(BASE64_STANDARD.encode(&records[0].pfx), body["encryptedPfxBlob"].as_str().expect("a blob"));
}

#[tokio::test]
async fn the_documented_filters_find_records_and_capitals_in_the_literal_find_nothing() {
    let visitor = Visitor::with_people(3).await;
    let users = visitor.sim.users();
    let mut thumbprints = Vec::new();
    for user in [&users[0], &users[0], &users[1]] {
        let (mut body, thumbprint) = good_body(&visitor.sim, user);
        // Records keep the spelling of the request.
        body["userPrincipalName"] = json!(user.user_principal_name.to_uppercase());
        assert_eq!(visitor.post(PFX, &body).await.status, 201);
        thumbprints.push(thumbprint);
    }
    let name = &users[0].user_principal_name;
    let by_name = visitor.get(&filter(&format!("tolower(userPrincipalName) eq '{name}'"))).await;
    assert_eq!(by_name.items().len(), 2);
    let both =
        format!("tolower(userPrincipalName) eq '{name}' and tolower(thumbprint) eq '{}'", thumbprints[1]);
    let both = visitor.get(&filter(&both)).await;
    assert_eq!(both.items().len(), 1);
    assert_eq!(both.items()[0]["thumbprint"], thumbprints[1].as_str());
    let loud =
        visitor.get(&filter(&format!("tolower(userPrincipalName) eq '{}'", name.to_uppercase()))).await;
    assert_eq!(loud.items().len(), 0);
    assert_eq!(visitor.all(PFX).await.len(), 3);
    assert_opaque(&visitor.get(&filter(&format!("userPrincipalName eq '{name}'"))).await, "another filter");
}

#[tokio::test]
async fn all_records_are_listed_in_pages() {
    let visitor = Visitor::enter(SimOptions::new(Tenant::invent().people(5).build()).with_pages_of(2)).await;
    for user in visitor.sim.users() {
        let (body, _) = good_body(&visitor.sim, &user);
        assert_eq!(visitor.post(PFX, &body).await.status, 201);
    }
    let (pages, _) = visitor.walk(PFX).await;
    assert_eq!(pages.iter().map(|page| page.items().len()).collect::<Vec<_>>(), [2, 2, 1]);
}

#[tokio::test]
async fn deleting_says_204_whether_or_not_something_was_there() {
    let visitor = Visitor::with_people(2).await;
    let user = visitor.sim.users().remove(0);
    let (body, thumbprint) = good_body(&visitor.sim, &user);
    assert_eq!(visitor.post(PFX, &body).await.status, 201);
    for wrong in [
        format!("{}-{thumbprint}", user.id),
        format!("{}-{thumbprint}", user.user_principal_name),
        "nonsense".to_owned(),
    ] {
        assert_eq!(visitor.delete(&format!("{PFX}/{wrong}")).await.status, 204, "{wrong}");
        assert_eq!(visitor.sim.pfx_records().len(), 1, "{wrong} deletes nothing");
    }
    assert_eq!(visitor.delete(&format!("{PFX}/{}-{thumbprint}", user.id.simple())).await.status, 204);
    assert_eq!(visitor.sim.pfx_records().len(), 0);
    assert_eq!(visitor.sim.pfx_created().len(), 1, "history remains");
}

#[tokio::test]
async fn every_validation_failure_is_the_same_opaque_400() {
    let visitor = Visitor::with_people(2).await;
    let users = visitor.sim.users();
    let mailbox = users.last().expect("the shared mailbox").user_principal_name.clone();
    let (good, _) = good_body(&visitor.sim, &users[0]);
    let pfx = BASE64_STANDARD.decode(good["encryptedPfxBlob"].as_str().expect("a blob")).expect("base64");
    let (short, longer) =
        (BASE64_STANDARD.encode(&pfx[..pfx.len() - 1]), BASE64_STANDARD.encode([&pfx[..], &[0]].concat()));
    let certificate = forge::self_signed("x", &forge::ec_key()).to_der().expect("DER");
    for (name, value) in [
        ("userPrincipalName", json!("nobody@nordwind.example.com")),
        ("userPrincipalName", json!(users[0].id.to_string())),
        ("userPrincipalName", json!(mailbox)),
        ("userPrincipalName", Value::Null),
        ("thumbprint", json!("ABCDEF0123456789ABCDEF0123456789ABCDEF01")),
        ("thumbprint", json!("abcdef")),
        ("thumbprint", json!("ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45")),
        ("intendedPurpose", json!("vpn")),
        ("intendedPurpose", json!("everything")),
        ("paddingScheme", json!("oaep")),
        ("startDateTime", Value::Null),
        ("startDateTime", json!("yesterday")),
        ("startDateTime", json!("2026-01-01T00:00:00")),
        ("expirationDateTime", json!("2025-12-31T00:00:00Z")),
        ("createdDateTime", json!("")),
        ("encryptedPfxBlob", json!("not base64!")),
        ("encryptedPfxBlob", json!("")),
        ("encryptedPfxBlob", json!(short)),
        ("encryptedPfxBlob", json!(longer)),
        ("encryptedPfxBlob", json!(BASE64_STANDARD.encode(certificate))),
        ("encryptedPfxPassword", json!(BASE64_STANDARD.encode([1; 255]))),
        ("encryptedPfxPassword", json!("")),
        ("providerName", json!("")),
        ("keyName", json!(7)),
        ("id", json!("chosen-by-me")),
        ("@odata.type", json!("#microsoft.graph.user")),
        ("colour", json!("blue")),
    ] {
        let mut body = good.clone();
        body[name] = value.clone();
        assert_opaque(&visitor.post(PFX, &body).await, &format!("{name} = {value}"));
    }
    for name in ["startDateTime", "expirationDateTime", "providerName", "encryptedPfxBlob", "thumbprint"] {
        let mut body = good.clone();
        body.as_object_mut().expect("an object").remove(name);
        assert_opaque(&visitor.post(PFX, &body).await, &format!("without {name}"));
    }
    let request =
        visitor.request(Method::POST, PFX).body(good.to_string()).header("content-type", "text/plain");
    assert_eq!(request.send().await.expect("an answer").status(), 415);
    let huge = json!({ "encryptedPfxBlob": "A".repeat(4 * 1024 * 1024) });
    assert_eq!(visitor.post(PFX, &huge).await.status, 413);
    assert_eq!(visitor.sim.pfx_records().len(), 0);
    assert_eq!(visitor.post(PFX, &good).await.status, 201, "the body itself is good");
    let reasons: Vec<String> =
        visitor.sim.requests().into_iter().filter_map(|request| request.refusal).collect();
    let licence = format!("{mailbox} has no Intune licence");
    assert!(reasons.contains(&licence), "the memory tells what the answer hides: {reasons:?}");
}

#[tokio::test]
async fn a_second_create_of_the_same_certificate_does_what_the_test_chose() {
    for (choice, status, records) in [
        (DuplicatePfx::Conflict, 409, 1),
        (DuplicatePfx::BadRequest, 400, 1),
        (DuplicatePfx::Replace, 201, 1),
    ] {
        let mut options = SimOptions::new(Tenant::invent().people(1).build());
        options.duplicate_pfx = choice;
        let visitor = Visitor::enter(options).await;
        let (body, _) = good_body(&visitor.sim, &visitor.sim.users()[0]);
        assert_eq!(visitor.post(PFX, &body).await.status, 201);
        assert_eq!(visitor.sim.pfx_duplicates(), 0);
        assert_eq!(visitor.post(PFX, &body).await.status.as_u16(), status, "{choice:?}");
        assert_eq!(visitor.sim.pfx_records().len(), records);
        assert_eq!(visitor.sim.pfx_duplicates(), 1, "{choice:?}");
    }
}

#[tokio::test]
async fn a_patch_changes_what_is_not_part_of_the_id() {
    let visitor = Visitor::with_people(2).await;
    let user = visitor.sim.users().remove(0);
    let (body, thumbprint) = good_body(&visitor.sim, &user);
    assert_eq!(visitor.post(PFX, &body).await.status, 201);
    let path = format!("{PFX}({}-{thumbprint})", user.id.simple());
    let send = async |body: Value| {
        Answer::of(visitor.request(Method::PATCH, &path).json(&body).send().await.expect("an answer")).await
    };
    let changed = send(json!({ "keyName": "Other", "thumbprint": thumbprint })).await;
    assert_eq!((changed.status.as_u16(), &changed.body["keyName"]), (200, &json!("Other")));
    assert_opaque(&send(json!({ "thumbprint": "0".repeat(40) })).await, "thumbprint");
    assert_opaque(&send(json!({ "userPrincipalName": "x@y.example" })).await, "user");
    assert_eq!(visitor.sim.pfx_records()[0].key_name, "Other");
    assert_eq!(visitor.sim.pfx_created().len(), 1);
}

#[tokio::test]
async fn records_keep_the_old_name_after_a_rename_and_the_id_keeps_the_user() {
    let visitor = Visitor::with_people(1).await;
    let user = visitor.sim.users().remove(0);
    let (body, _) = good_body(&visitor.sim, &user);
    assert_eq!(visitor.post(PFX, &body).await.status, 201);
    visitor
        .sim
        .edit_user(user.id, |user| "new.name@nordwind.example.com".clone_into(&mut user.user_principal_name))
        .expect("edited");
    let old =
        visitor.get(&filter(&format!("tolower(userPrincipalName) eq '{}'", user.user_principal_name))).await;
    assert_eq!(old.items().len(), 1);
    let new = visitor.get(&filter("tolower(userPrincipalName) eq 'new.name@nordwind.example.com'")).await;
    assert_eq!(new.items().len(), 0);
}
