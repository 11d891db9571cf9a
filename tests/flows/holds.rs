//! Blocked accounts by the daemon at the simulated tenant, and holds by hand: on the list and off it again, as OpenSSL reads it.

use model::{AuditKind, CertificateState};
use serde_json::Value;
use sim::{SimOptions, Tenant};
use store::{CertificateFilter, CertificateOrder, CertificateRow, PageRequest, Store as _};
use uuid::Uuid;

use crate::certificates::openssl;
use crate::home::AUTHORITY;
use crate::program::until;
use crate::world::{Pace, SMIME, World};

/// A world of people whose template puts the certificates of blocked accounts on hold.
async fn holding(people: usize) -> World {
    let tenant = Tenant::invent().people(people).mailboxes(1).build();
    let world = World::bare(SimOptions::new(tenant), &Pace::default()).await;
    world.import(SMIME, world.sim.smime_group(), &[]).await;
    let exported = world.run(&["template", "show", SMIME]).await;
    let mut template: toml::Table = exported.stdout.parse().unwrap();
    let ending: toml::Table = "leaver-days = 0\ndisabled = \"hold\"".parse().unwrap();
    template.insert("ending".to_owned(), ending.into());
    world.import_text(&template.to_string()).await.done();
    world
}

async fn read_in_full(world: &World) -> String {
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().drop_cursor("users").await.unwrap();
    work.commit().await.unwrap();
    world.sync().await
}

async fn certificate_of(world: &World, person: Uuid) -> CertificateRow {
    let filter = CertificateFilter { subscriber: Some(person.into()), ..CertificateFilter::default() };
    let mut work = world.store.read().await.unwrap();
    let page = work.certificates().list(&filter, CertificateOrder::Newest, &PageRequest::first(9)).await;
    let mut rows = page.unwrap().rows;
    assert_eq!(rows.len(), 1, "nothing was ordered beside it: {rows:?}");
    rows.remove(0)
}

/// What the authority's list says about a certificate: why, or nothing.
async fn listed(world: &World, row: &CertificateRow) -> Option<String> {
    let file = world.folder().join("issuing.crl");
    let file = file.to_str().unwrap();
    world.json(&["authority", "crl", AUTHORITY, "--out", file]).await;
    let shown = openssl(&["crl", "-inform", "DER", "-in", file, "-noout", "-text"]);
    let text = String::from_utf8_lossy(&shown.stdout).to_lowercase();
    let wanted = format!("serial number: {}", row.certificate.serial);
    let (_, after) = text.split_once(&wanted)?;
    let entry = after.split("serial number:").next().unwrap();
    Some(
        entry
            .split("reason code:")
            .nth(1)
            .unwrap_or_default()
            .trim()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_account_is_on_hold_after_two_complete_readings_and_off_it_with_the_block() {
    let world = holding(3).await;
    let mut daemon = world.daemon();
    world.until_so_many_are_done(4, &mut daemon).await;
    let people = world.sim.users();
    let blocked = people[0].id;
    world.sim.set_enabled(blocked, false).unwrap();
    let told = world.sync().await;
    assert!(!told.contains("holds ordered"), "seen once: {told}");
    assert_eq!(certificate_of(&world, blocked).await.certificate.state, CertificateState::Valid);
    let plan = world.json(&["plan"]).await;
    assert_eq!(plan["upcoming"][0]["cause"], "disabled", "{plan}");

    read_in_full(&world).await;
    world.sync().await;
    let row = until("the authority knows of the hold", async || {
        let row = certificate_of(&world, blocked).await;
        (row.certificate.state == CertificateState::Held && listed(&world, &row).await.is_some())
            .then_some(row)
    })
    .await;
    assert_eq!(listed(&world, &row).await.as_deref(), Some("certificate hold"));
    for other in &people[1..] {
        assert_eq!(certificate_of(&world, other.id).await.certificate.state, CertificateState::Valid);
    }
    let thumbprint = row.certificate.thumbprint.to_string();
    let refused = world.run_json(&["certificate", "release", &thumbprint]).await.failure();
    assert!(refused.contains("unblock the account"), "{refused}");
    let plan = world.json(&["plan", "--offline"]).await;
    assert_eq!(plan["intents"], Value::Array(Vec::new()), "{plan}");
    let shown = world.json(&["people", "show", &people[0].user_principal_name]).await;
    assert!(shown.to_string().contains("on hold since"), "{shown}");

    world.sim.set_enabled(blocked, true).unwrap();
    world.sync().await;
    until("the hold is lifted", async || {
        let row = certificate_of(&world, blocked).await;
        (row.certificate.state == CertificateState::Valid).then_some(())
    })
    .await;
    assert_eq!(listed(&world, &row).await, None);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_by_hand_is_on_record_keeps_the_key_recoverable_and_ends_in_a_revocation() {
    let world = holding(1).await;
    world.json(&["apply"]).await;
    let owner = world.sim.users()[0].id;
    let row = certificate_of(&world, owner).await;
    let thumbprint = row.certificate.thumbprint.to_string();
    let held = world.json(&["certificate", "hold", &thumbprint]).await;
    assert_eq!(held["atAuthority"], true, "{held}");
    assert_eq!(listed(&world, &row).await.as_deref(), Some("certificate hold"));
    let again = world.run_json(&["certificate", "hold", &thumbprint]).await.failure();
    assert!(again.contains("on hold already"), "{again}");
    let renewed = world.run_json(&["certificate", "renew", &thumbprint]).await.failure();
    assert!(renewed.contains("lift the hold"), "{renewed}");
    let shown = world.json(&["certificate", "show", &thumbprint]).await;
    assert_eq!((&shown["line"]["status"], &shown["hold"]["state"]), (&"held".into(), &"atAuthority".into()));
    let list = world.json(&["certificate", "list", "--status", "held"]).await;
    assert_eq!(list["certificates"].as_array().unwrap().len(), 1, "{list}");
    assert!(row.certificate.archived, "the key stays where it can be recovered");

    world.json(&["certificate", "release", &thumbprint]).await;
    assert_eq!(listed(&world, &row).await, None);
    assert_eq!(certificate_of(&world, owner).await.certificate.state, CertificateState::Valid);
    world.json(&["certificate", "hold", &thumbprint]).await;
    let hold = world
        .run_json(&["certificate", "revoke", &thumbprint, "--reason", "certificateHold", "--yes"])
        .await
        .failure();
    assert!(hold.contains("certificate hold"), "{hold}");
    world.json(&["certificate", "revoke", &thumbprint, "--reason", "keyCompromise", "--yes"]).await;
    assert_eq!(listed(&world, &row).await.as_deref(), Some("key compromise"));
    let released = world.run_json(&["certificate", "release", &thumbprint]).await.failure();
    assert!(released.contains("not on hold"), "{released}");

    let mut work = world.store.read().await.unwrap();
    let rows = work.audit().list(&PageRequest::first(200)).await.unwrap().rows;
    let count = |kind: AuditKind| rows.iter().filter(|row| row.event.kind == kind).count();
    assert_eq!(count(AuditKind::CertificateHoldRequest), 2);
    assert_eq!(count(AuditKind::CertificateHoldRequestProcessed), 2);
    assert_eq!(count(AuditKind::CertificateReleaseRequest), 1);
    assert_eq!(count(AuditKind::CertificateReleaseRequestProcessed), 1);
}
