//! Two people edit one template: nothing that either saved is lost unseen.

use api::{ErrorCode, TemplateDetails, TemplateSaved, TemplateVersion, Templates};
use model::{AuditKind, Span};
use serde_json::{Value, json};
use store::Store as _;

use crate::host::World;

fn fields() -> Value {
    json!({
        "name": "Mail", "description": "", "enabled": true, "purpose": "smime", "commonName": "mail",
        "organization": null, "key": "rsa-2048", "authority": "CA", "validityDays": 365, "renewBeforeDays": 28,
        "archive": true, "intendedPurpose": "smime-encryption", "pfx": "compatible",
        "include": ["5f1c7a2e-3d4b-4c5d-8e6f-70a1b2c3d4e5"], "exclude": [], "sharedMailboxes": true,
    })
}

fn with(changes: Value) -> Value {
    let mut all = fields();
    if let (Some(all), Value::Object(changes)) = (all.as_object_mut(), changes) {
        all.extend(changes);
    }
    all
}

fn save(id: &str, version: u32, fields: impl Into<Value>) -> Value {
    json!({ "id": id, "version": version, "fields": fields.into() })
}

#[tokio::test]
async fn who_saves_on_an_old_version_is_told_who_was_faster_and_when_and_changes_nothing() {
    let world = World::new().await;
    let (anna, ben) = (world.console("anna@one"), world.console("ben@two"));
    let added: TemplateSaved =
        anna.call("save_template", json!({ "id": null, "version": 0, "fields": fields() })).await.unwrap();
    assert_eq!((added.changed.version, added.changed.by.as_str()), (1, "anna@one"));

    world.clock.advance(Span::minutes(2));
    let faster: TemplateSaved =
        ben.call("save_template", save(&added.id, 1, with(json!({ "validityDays": 200 })))).await.unwrap();
    world.clock.advance(Span::minutes(2));
    let late = anna
        .call::<TemplateSaved>("save_template", save(&added.id, 1, with(json!({ "key": "p-256" }))))
        .await
        .unwrap_err();
    assert_eq!(late.code, ErrorCode::Stale);
    assert_eq!(late.changed.as_deref(), Some(&faster.changed));
    assert_eq!((faster.changed.version, faster.changed.by.as_str()), (2, "ben@two"));

    let there: TemplateDetails = anna.call("template_details", json!({ "id": added.id })).await.unwrap();
    assert_eq!((there.fields.validity_days, there.fields.key.as_str()), (200, "rsa-2048"));

    // On top of what is there, it is kept.
    let merged = with(json!({ "validityDays": 200, "key": "p-256" }));
    let saved: TemplateSaved = anna.call("save_template", save(&added.id, 2, merged)).await.unwrap();
    assert_eq!(saved.changed.version, 3);
    let version: TemplateVersion = ben.call("template_version", json!({ "id": added.id })).await.unwrap();
    assert_eq!(version.changed, saved.changed);
}

#[tokio::test]
async fn what_is_there_already_is_not_written_again_whoever_typed_it() {
    let world = World::new().await;
    let (anna, ben) = (world.console("anna@one"), world.console("ben@two"));
    let added: TemplateSaved =
        anna.call("save_template", json!({ "id": null, "version": 0, "fields": fields() })).await.unwrap();
    let same = with(json!({ "archive": false }));
    let first: TemplateSaved = ben.call("save_template", save(&added.id, 1, same.clone())).await.unwrap();
    let second: TemplateSaved = anna.call("save_template", save(&added.id, 1, same)).await.unwrap();
    assert_eq!(second.changed, first.changed);
}

#[tokio::test]
async fn a_change_is_recorded_with_its_fields_and_makes_everybody_due() {
    let world = World::new().await;
    let anna = world.console("anna@one");
    let added: TemplateSaved =
        anna.call("save_template", json!({ "id": null, "version": 0, "fields": fields() })).await.unwrap();
    let change = with(json!({ "validityDays": 200, "archive": false }));
    anna.call::<TemplateSaved>("save_template", save(&added.id, 1, change)).await.unwrap();
    let mut work = world.fresh.read().await.unwrap();
    let entries = work.audit().list(&store::PageRequest::first(10)).await.unwrap().rows;
    let mut told: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.event.kind == AuditKind::TemplateChanged)
        .map(|entry| entry.event.detail.as_str())
        .collect();
    told.sort_unstable();
    assert_eq!(told, ["added", "changed: archive, validityDays"]);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_with_what_to_mend() {
    let world = World::new().await;
    let anna = world.console("anna@one");
    let add = |fields: Value| json!({ "id": null, "version": 0, "fields": fields });
    for (change, told) in [
        (json!({ "authority": "Nobody" }), "authority"),
        (json!({ "validityDays": 0 }), "validity-days"),
        (json!({ "include": ["everybody"] }), "everybody"),
        (json!({ "key": "rsa-1024" }), "rsa-1024"),
    ] {
        let error = anna.call::<TemplateSaved>("save_template", add(with(change))).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Invalid);
        assert!(error.message.contains(told), "{}", error.message);
    }
    anna.call::<TemplateSaved>("save_template", add(fields())).await.unwrap();
    let taken = anna.call::<TemplateSaved>("save_template", add(with(json!({ "name": "MAIL" })))).await;
    assert_eq!(taken.unwrap_err().code, ErrorCode::NotPossible);
    let list: Templates = anna.call("templates", json!({})).await.unwrap();
    assert_eq!(list.templates.len(), 1);
    let gone = anna
        .call::<TemplateSaved>("save_template", save("0198f0aa-0000-7000-8000-00000000dead", 1, fields()))
        .await;
    assert_eq!(gone.unwrap_err().code, ErrorCode::NotFound);
}
