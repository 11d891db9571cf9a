//! The audit log as the console asks for it, and whether everything that the log can say has words and is documented.

use std::path::{Path, PathBuf};

use api::{AuditEntry, AuditPage, ErrorCode};
use model::{AuditEvent, AuditKind, AuditOutcome, Clock as _, Span};
use serde_json::{Value, json};
use store::Store as _;

use crate::host::World;

/// Twelve entries, a minute apart; every fifth failed.
async fn logged() -> World {
    let world = World::new().await;
    for number in 1..=12_i64 {
        let event = AuditEvent {
            kind: if number % 2 == 0 { AuditKind::KeyRecoveryRequest } else { AuditKind::TemplateChanged },
            outcome: if number % 5 == 0 { AuditOutcome::Failure } else { AuditOutcome::Success },
            actor: "jürgen@büro".to_owned(),
            object: format!("certificate {number}"),
            detail: "hidden \u{202e}turned".to_owned(),
        };
        let mut work = world.fresh.begin().await.unwrap();
        assert_eq!(work.audit().append(&event, world.clock.now()).await.unwrap(), number);
        work.commit().await.unwrap();
        world.clock.advance(Span::minutes(1));
    }
    world
}

fn filter(change: &Value) -> Value {
    let mut filter =
        json!({ "search": null, "kinds": [], "outcome": null, "from": null, "until": null, "upTo": null });
    for (name, value) in change.as_object().unwrap() {
        filter[name] = value.clone();
    }
    filter
}

#[tokio::test]
async fn entries_are_given_page_by_page_in_the_order_newest_first() {
    let world = logged().await;
    let console = world.console("anna");
    let mut after: Option<String> = None;
    let mut seen = Vec::new();
    loop {
        let request = json!({ "filter": filter(&json!({})), "after": after, "limit": 5 });
        let page: AuditPage = console.call("list_audit", request).await.unwrap();
        seen.extend(page.entries.iter().map(|entry| entry.seq));
        after = page.next;
        if after.is_none() {
            assert_eq!(page.looked_back_to, Some(1));
            break;
        }
    }
    assert_eq!(seen, (1..=12).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_wish_is_understood_or_refused() {
    let world = logged().await;
    let console = world.console("anna");
    let since = (world.clock.now() - Span::minutes(3)).to_string();
    for (wish, expected) in [
        (json!({ "kinds": ["TEMPLATE_CHANGED"], "upTo": 6 }), vec![5, 3, 1]),
        (json!({ "outcome": "failure" }), vec![10, 5]),
        (json!({ "search": "JÜRGEN certificate 7" }), vec![7]),
        (json!({ "search": "   ", "from": since }), vec![12, 11, 10]),
        (json!({ "kinds": ["A_WORD_OF_A_NEWER_PROGRAM"] }), vec![]),
    ] {
        let request = json!({ "filter": filter(&wish), "after": null, "limit": 50 });
        let page: AuditPage = console.call("list_audit", request).await.unwrap();
        assert_eq!(page.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), expected, "{wish}");
    }
    for wish in [json!({ "outcome": "perhaps" }), json!({ "from": "yesterday" })] {
        let request = json!({ "filter": filter(&wish), "after": null, "limit": 50 });
        let refused = console.call::<AuditPage>("list_audit", request).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Invalid, "{wish}");
    }
}

#[tokio::test]
async fn an_entry_shows_its_place_in_the_chain_and_hides_no_characters() {
    let world = logged().await;
    let console = world.console("anna");
    let second: AuditEntry = console.call("audit_entry", json!({ "seq": 2 })).await.unwrap();
    let first: AuditEntry = console.call("audit_entry", json!({ "seq": 1 })).await.unwrap();
    assert_eq!((second.previous, first.previous), (first.line.hash, "0".repeat(64)));
    assert_eq!(second.line.detail, "hidden \u{fffd}turned");
    let missing = console.call::<AuditEntry>("audit_entry", json!({ "seq": 13 })).await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_host_that_examines_nothing_says_so() {
    let world = logged().await;
    let console = world.console("anna");
    for (command, request) in [
        ("audit_standing", json!({})),
        ("verify_audit", json!({})),
        ("stop_audit_verification", json!({})),
        ("prove_audit_entry", json!({ "seq": 1, "name": "proof.json" })),
        ("export_audit", json!({ "form": "page", "filter": filter(&json!({})), "name": "page.html" })),
    ] {
        let refused = console.call::<Value>(command, request).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotPossible, "{command}");
    }
}

#[tokio::test]
async fn a_file_is_named_without_a_folder_and_with_the_ending_of_its_form() {
    let world = logged().await;
    let console = world.console("anna");
    for name in ["/root/.zshenv", "../page.html", ".page.html", "page.sh", "page.csv", "nul.html"] {
        let request = json!({ "form": "page", "filter": filter(&json!({})), "name": name });
        let refused = console.call::<Value>("export_audit", request).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Invalid, "{name}");
        let request = json!({ "seq": 1, "name": name });
        let refused = console.call::<Value>("prove_audit_entry", request).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Invalid, "{name}");
    }
}

/// The names of everything that can stand in the log, as the type itself tells them.
fn names() -> Vec<String> {
    let told = serde_json::from_str::<AuditKind>("\"?\"").unwrap_err().to_string();
    let names: Vec<String> = told.split('`').filter(|word| word.contains('_')).map(str::to_owned).collect();
    assert!(names.len() > 40, "{told}");
    names
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_kind_of_entry_has_words_in_both_languages_and_a_place_in_the_filter() {
    for file in ["messages/en-audit.ts", "messages/de-audit.ts", "features/audit/areas.ts"] {
        let text = std::fs::read_to_string(repository().join("ui/src").join(file)).unwrap();
        for name in names() {
            assert!(
                text.contains(&format!("    {name}: \"")) || text.contains(&format!("\"{name}\"")),
                "{file} lacks {name}"
            );
        }
    }
}

/// `KEY_RECOVERY_REQUEST_PROCESSED` may be told as what follows `KEY_RECOVERY_REQUEST`.
#[test]
fn every_kind_of_entry_is_documented() {
    let text = std::fs::read_to_string(repository().join("docs/evidence.md")).unwrap();
    let (_, table) = text.split_once("## What is written down").unwrap();
    for name in names() {
        let whole = format!("`{name}`");
        let short = name.strip_suffix("_PROCESSED").map(|before| format!("`{before}`, `…_PROCESSED`"));
        assert!(
            table.contains(&whole) || short.is_some_and(|short| table.contains(&short)),
            "docs/evidence.md lacks {name}"
        );
    }
}

#[test]
fn every_kind_of_entry_is_written_somewhere() {
    let mut sources = String::new();
    read(&repository().join("src-tauri"), &mut sources);
    for name in names() {
        let mut camel = String::new();
        for word in name.split('_') {
            camel.push_str(&word[..1]);
            camel.push_str(&word[1..].to_lowercase());
        }
        assert!(sources.contains(&format!("AuditKind::{camel}")), "nothing writes {name}");
    }
}

/// Sources of the product; not of tests, and not of the type that names them.
fn read(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("tests") && !path.ends_with("base/model") {
                read(&path, into);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
