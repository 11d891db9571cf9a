//! Whoever leaves and whoever gets another name: by the daemon, at the simulated tenant, with a grace of no days.

use model::{CertificateState, RevocationReason};
use serde_json::Value;
use sim::{Fault, FaultEffect, SimOptions, Tenant};
use store::{CertificateFilter, CertificateOrder, CertificateRow, PageRequest, Store as _};
use uuid::Uuid;

use crate::ceremony::run_as;
use crate::certificates::openssl;
use crate::home::AUTHORITY;
use crate::program::until;
use crate::world::{Pace, SIGN_IN, SMIME, World};

/// A world whose templates wait for nothing once a reading was repeated.
async fn impatient(people: usize) -> World {
    let tenant = Tenant::invent().people(people).mailboxes(0).build();
    let world = World::bare(SimOptions::new(tenant), &Pace::default()).await;
    for (name, group, options) in
        [(SMIME, world.sim.smime_group(), [].as_slice()), (SIGN_IN, world.sim.sign_in_group(), &["--cba"])]
    {
        world.import(name, group, options).await;
        let exported = world.run(&["template", "show", name]).await;
        let mut template: toml::Table = exported.stdout.parse().unwrap();
        let ending: toml::Table = "leaver-days = 0\nrenamed-days = 0".parse().unwrap();
        template.insert("ending".to_owned(), ending.into());
        world.import_text(&template.to_string()).await.done();
    }
    world
}

/// The next reading enumerates everything.
async fn forget_the_links(world: &World) {
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().drop_cursor("users").await.unwrap();
    work.commit().await.unwrap();
}

async fn certificates_of(world: &World, person: Uuid) -> Vec<CertificateRow> {
    let filter = CertificateFilter { subscriber: Some(person.into()), ..CertificateFilter::default() };
    let mut work = world.store.read().await.unwrap();
    work.certificates().list(&filter, CertificateOrder::Newest, &PageRequest::first(50)).await.unwrap().rows
}

async fn until_revoked(world: &World, person: Uuid, wanted: usize) -> Vec<RevocationReason> {
    until("the authority has confirmed", async || {
        let rows = certificates_of(world, person).await;
        let reasons: Vec<RevocationReason> = rows
            .iter()
            .filter(|row| row.certificate.state == CertificateState::Revoked)
            .filter_map(|row| row.certificate.revoked.map(|(_, reason)| reason))
            .collect();
        (reasons.len() == wanted).then_some(reasons)
    })
    .await
}

/// Whether the revocation list names it, as OpenSSL reads that.
async fn is_listed(world: &World, row: &CertificateRow) -> bool {
    let file = world.folder().join("issuing.crl");
    let file = file.to_str().unwrap();
    world.json(&["authority", "crl", AUTHORITY, "--out", file]).await;
    let shown = openssl(&["crl", "-inform", "DER", "-in", file, "-noout", "-text"]);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    text.to_lowercase().contains(&format!("serial number: {}", row.certificate.serial))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_loses_certificates_after_two_complete_readings_and_nobody_else_does() {
    let world = impatient(6).await;
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    let people = world.sim.users();
    let leaver = people[0].id;
    world.sim.remove_from_all_groups(leaver).unwrap();
    let told = world.sync().await;
    assert!(told.contains("2 left"), "{told}");
    assert!(!told.contains("revocations"), "seen once: {told}");
    let plan = world.json(&["plan"]).await;
    assert_eq!(plan["intents"], Value::Array(Vec::new()), "nothing is due: {plan}");
    let upcoming = plan["upcoming"].as_array().unwrap();
    assert_eq!(upcoming.len(), 2, "{plan}");
    assert!(upcoming.iter().all(|notice| notice["cause"] == "gone"), "{plan}");

    // A reading that is cut short confirms nothing.
    forget_the_links(&world).await;
    world.sim.add_fault(Fault::once("/v1.0/groups/*", FaultEffect::CutBefore));
    let cut = world.sync().await;
    assert!(!cut.contains("read in full"), "{cut}");
    assert!(certificates_of(&world, leaver).await.iter().all(|row| row.certificate.revoked.is_none()));
    forget_the_links(&world).await;
    world.sync().await;
    world.sync().await;
    let reasons = until_revoked(&world, leaver, 2).await;
    assert_eq!(reasons, [RevocationReason::CessationOfOperation; 2]);
    let row = &certificates_of(&world, leaver).await[0];
    assert!(is_listed(&world, row).await, "{row:?}");
    for other in &people[1..] {
        let rows = certificates_of(&world, other.id).await;
        assert!(rows.iter().all(|row| row.certificate.state == CertificateState::Valid), "{rows:?}");
    }
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_a_new_address_gets_a_certificate_for_it_and_then_loses_the_old_one() {
    let world = impatient(3).await;
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    let person = world.sim.users()[0].clone();
    world.sim.change_mail(person.id, &format!("neu@{}", world.sim.domain())).unwrap();
    world.sync().await;
    world.until_so_many_are_done(7, &mut daemon).await;
    world.sync().await;
    forget_the_links(&world).await;
    world.sync().await;
    assert_eq!(until_revoked(&world, person.id, 1).await, [RevocationReason::AffiliationChanged]);
    let rows = certificates_of(&world, person.id).await;
    let mail: Vec<&CertificateRow> = rows.iter().filter(|row| row.template_name == SMIME).collect();
    assert_eq!(mail.len(), 2);
    assert!(mail[0].certificate.mail.starts_with("neu@"));
    assert_eq!(mail[0].certificate.state, CertificateState::Valid);
    assert_eq!(mail[1].certificate.state, CertificateState::Revoked);
    assert!(mail[1].certificate.archived, "old mail can still be read");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_emptied_by_mistake_revokes_nothing_until_two_people_have_said_so() {
    let world = impatient(8).await;
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    for person in world.sim.users() {
        world.sim.remove_from_all_groups(person.id).unwrap();
    }
    world.sync().await;
    forget_the_links(&world).await;
    world.sync().await;
    let told = world.sync().await;
    assert!(told.contains("not all was revoked that is due: 16 revocations"), "{told}");
    daemon.stop().await;

    let refused = world.run_json(&["apply"]).await.failure_with(3);
    assert!(
        refused.contains("nothing more was done: 16 revocations") && refused.contains("--approve"),
        "{refused}"
    );
    let file = world.folder().join("plan.json");
    let path = file.to_str().unwrap();
    let plan = world.json(&["plan", "--out", path]).await;
    assert_eq!(plan["intents"].as_array().unwrap().len(), 16);
    assert!(plan["intents"].as_array().unwrap().iter().all(|intent| intent["action"]["kind"] == "revoke"));
    let own = world.run_json(&["plan", "--approve", path]).await.failure();
    assert!(own.contains("nobody approves their own"), "{own}");
    let refused = world.run_json(&["apply", path]).await.failure_with(3);
    assert!(refused.contains("nothing more was done"), "{refused}");
    let asked = run_as(&world, "anna@desk-1", &["plan", "--approve", path]).await.failure_with(2);
    assert!(asked.contains("nobody can be asked") && asked.contains("--yes"), "{asked}");
    let mut work = world.store.read().await.unwrap();
    assert_eq!(work.certificates().counts(model::Timestamp::from_seconds(0)).await.unwrap().revoked, 0);
    drop(work);

    let approved = run_as(&world, "anna@desk-1", &["plan", "--approve", path, "--yes"]).await.done();
    assert_eq!(approved["approved"].as_array().unwrap().len(), 1, "{approved}");
    let applied = world.json(&["apply", path]).await;
    assert_eq!((applied["started"].as_u64(), applied["revoked"].as_u64()), (Some(16), Some(16)), "{applied}");
    let log = world.json(&["audit", "list", "--limit", "500"]).await.to_string();
    for told in ["PLAN_APPROVED", "made by", "revoke 16", "approved by anna@desk-1"] {
        assert!(log.contains(told), "{told}: {log}");
    }
    let mut work = world.store.read().await.unwrap();
    assert_eq!(work.certificates().counts(model::Timestamp::from_seconds(0)).await.unwrap().revoked, 16);
}
