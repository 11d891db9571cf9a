//! Changes behind the product's back, at Intune and in the authority's books, are found exactly, and repaired by a plan.

use std::collections::BTreeSet;
use std::fs;

use model::{AuthorityId, Certificate, RevocationReason, SerialNumber, Span};
use serde_json::Value;
use sim::{Fault, FaultEffect, PfxRecord, SimOptions, Tenant};
use store::{CertificateFilter, CertificateOrder, IssuedEntry, PageRequest, RevokedEntry, Store as _};

use crate::home::write_private;
use crate::world::{Pace, World};

const LIST: &str = "GET /beta/deviceManagement/userPfxCertificates";

/// Kind and what it is about, as the command tells them.
pub(crate) type Found = BTreeSet<(String, String)>;

/// Everybody has what they are to have; Intune tells its records three at a time.
async fn settled(people: usize) -> World {
    let tenant = Tenant::invent().people(people).mailboxes(0).build();
    let world = World::with(SimOptions::new(tenant).with_pages_of(3), &Pace::default()).await;
    let settings = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&settings).unwrap() + "\n[limits]\nrepairs-percent = 100\n";
    write_private(&settings, text.as_bytes());
    let applied = world.json(&["apply"]).await;
    assert_eq!(applied["done"].as_u64(), Some(2 * people as u64), "{applied}");
    world
}

pub(crate) async fn certificates(world: &World) -> Vec<Certificate> {
    let mut work = world.store.read().await.unwrap();
    let (filter, order) = (CertificateFilter::default(), CertificateOrder::Newest);
    let page = work.certificates().list(&filter, order, &PageRequest::first(500)).await.unwrap();
    page.rows.into_iter().map(|row| row.certificate).collect()
}

pub(crate) async fn found(world: &World, state: &str) -> Found {
    let told = world.run_json(&["drift", "list", "--all"]).await.json();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let all = told["findings"].as_array().unwrap().iter();
    all.filter(|one| one["state"] == state).map(|one| (text(one, "kind"), text(one, "about"))).collect()
}

fn serial(serial: &SerialNumber) -> String {
    format!("serial {serial}")
}

fn record(record: &PfxRecord) -> String {
    format!("record {} of {}", record.id, record.user_principal_name)
}

/// Changes the world around one certificate in the way of this number; what is to be found.
async fn change(world: &World, way: usize, certificate: &Certificate) -> Vec<(&'static str, String)> {
    let thumbprint = certificate.thumbprint.to_string();
    let mut at_intune =
        world.sim.pfx_records().into_iter().find(|record| record.thumbprint == thumbprint).unwrap();
    let is_kept = at_intune.intended_purpose == "smimeEncryption";
    let mut work = world.store.begin().await.unwrap();
    let found = match way {
        0 => {
            let outside = SerialNumber::from_be_bytes(&certificate.thumbprint.as_bytes()[..12]);
            let entry = IssuedEntry {
                authority: certificate.authority,
                serial: outside.clone(),
                reference: format!("outside {thumbprint}"),
                spki_sha256: [7; 32],
                der: vec![1; 40],
                not_after: certificate.not_after,
                issued_at: certificate.not_before,
            };
            work.ledger().add(&entry).await.unwrap();
            vec![("shadowIssuance", serial(&outside))]
        }
        1 => {
            let entry = RevokedEntry {
                serial: certificate.serial.clone(),
                revoked_at: certificate.not_before + Span::minutes(1),
                reason: RevocationReason::KeyCompromise,
            };
            work.ledger().revoke(certificate.authority, &entry).await.unwrap();
            vec![("revokedThere", serial(&certificate.serial))]
        }
        2 => {
            let (reason, at) = (RevocationReason::Superseded, certificate.not_before + Span::minutes(1));
            work.certificates().mark_revoked(certificate.id, reason, at).await.unwrap();
            let mut found = vec![("notRevokedThere", serial(&certificate.serial))];
            found.extend((!is_kept).then(|| ("ended", record(&at_intune))));
            found
        }
        3 => {
            assert!(world.sim.delete_pfx(&at_intune.id));
            vec![("orphan", format!("{thumbprint} for {}", at_intune.user_principal_name))]
        }
        4 => {
            at_intune.id = format!("{}-{}", at_intune.user.simple(), "0".repeat(40));
            at_intune.thumbprint = "0".repeat(40);
            world.sim.put_pfx(at_intune.clone());
            vec![("unknown", record(&at_intune))]
        }
        5 => {
            at_intune.id = format!("{}-{}", at_intune.user.simple(), "1".repeat(40));
            (at_intune.thumbprint, at_intune.key_name) = ("1".repeat(40), "another tool's".to_owned());
            world.sim.put_pfx(at_intune);
            Vec::new()
        }
        6 => {
            at_intune.user_principal_name = format!("moved.{thumbprint}@nordwind.example.com");
            world.sim.put_pfx(at_intune.clone());
            vec![("wrongHolder", record(&at_intune))]
        }
        _ => {
            let other = if is_kept { "unassigned" } else { "smimeEncryption" };
            at_intune.intended_purpose = other.to_owned();
            world.sim.put_pfx(at_intune.clone());
            vec![("wrongPurpose", record(&at_intune))]
        }
    };
    work.commit().await.unwrap();
    found
}

async fn every_certificate_tells_what_differs_of_it(world: &World) {
    let told = world.run_json(&["drift", "list"]).await.json();
    let findings = told["findings"].as_array().unwrap();
    let about: Vec<_> = findings.iter().filter(|one| one["certificate"].is_string()).collect();
    assert!(!about.is_empty(), "{told}");
    for one in about {
        let shown = world.json(&["certificate", "show", one["certificate"].as_str().unwrap()]).await;
        assert!(shown["differences"].as_array().unwrap().contains(&one["why"]), "{one} of {shown}");
    }
    let sure = world.json(&["certificate", "list"]).await;
    let sure = sure["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| findings.iter().all(|one| one["certificate"] != row["id"]));
    for row in sure {
        let shown = world.json(&["certificate", "show", row["id"].as_str().unwrap()]).await;
        assert_eq!(shown["differences"].as_array().unwrap().len(), 0, "{shown}");
    }
}

const REPAIRED: [&str; 5] = ["revokedThere", "notRevokedThere", "ended", "unknown", "wrongHolder"];

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_behind_its_back_is_found_exactly_and_repaired_by_a_plan() {
    for seed in [3_usize, 11] {
        let world = settled(6).await;
        let clean = world.json(&["drift", "check"]).await;
        assert_eq!((clean["open"].as_u64(), clean["seenOnce"].as_u64()), (Some(0), Some(0)), "{clean}");
        let sides = clean["sides"].as_array().unwrap();
        let book = sides.iter().find(|side| side["side"] == "Address list").unwrap();
        assert!(book["notCompared"].as_str().unwrap().contains("[exchange]"), "nothing is published: {book}");
        let all = certificates(&world).await;
        let mut expected = Found::new();
        for (place, certificate) in all.iter().enumerate() {
            // Every way comes up, at another certificate with each seed; some are left alone.
            let way = (place * 5 + seed) % 11;
            if way < 8 {
                let told = change(&world, way, certificate).await;
                expected.extend(told.into_iter().map(|(kind, about)| (kind.to_owned(), about)));
            }
        }
        let once = world.run_json(&["drift", "check"]).await;
        assert_eq!(once.code, Some(0), "one reading proves nothing: {once:?}");
        assert_eq!(found(&world, "noted").await, expected, "seed {seed}");
        let twice = world.run_json(&["drift", "check"]).await;
        assert_eq!(twice.code, Some(3), "{twice:?}");
        assert_eq!(found(&world, "open").await, expected, "seed {seed}");
        every_certificate_tells_what_differs_of_it(&world).await;

        let plan = world.json(&["plan", "--offline"]).await;
        let repairs = plan["repairs"].as_array().unwrap().len();
        let is_repaired = |(kind, _): &&(String, String)| REPAIRED.contains(&kind.as_str());
        assert_eq!(repairs, expected.iter().filter(is_repaired).count(), "{plan}");
        let told = world.run(&["plan", "--offline"]).await.stdout;
        assert!(told.contains(&format!("repair {repairs}")), "{told}");
        let repaired = world.json(&["drift", "repair", "--all"]).await;
        assert_eq!(repaired["ordered"].as_array().unwrap().len(), repairs, "{repaired}");
        // What was revoked is not wanted at Intune any more: that is seen next.
        for _ in 0..2 {
            world.run_json(&["drift", "check"]).await;
            world.run_json(&["drift", "check"]).await;
            world.json(&["drift", "repair", "--all"]).await;
        }
        world.run_json(&["drift", "check"]).await;
        let left = found(&world, "open").await;
        assert!(left.iter().all(|one| !is_repaired(&one)), "seed {seed}: {left:?}");
        let plan = world.json(&["plan", "--offline"]).await;
        assert_eq!(plan.get("repairs"), None, "{plan}");
        let log = world.json(&["audit", "list", "--limit", "500"]).await;
        let kinds = log["entries"].as_array().unwrap().iter().filter(|one| one["kind"] == "DRIFT_REPAIRED");
        assert!(kinds.count() >= repairs);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_break_off_or_are_cut_short_find_nothing() {
    let world = settled(4).await;
    world.json(&["drift", "check"]).await;
    for effect in [
        FaultEffect::TooManyRequests { retry_after: None },
        FaultEffect::Gone,
        FaultEffect::TruncatedBody,
        FaultEffect::TruncatedPage,
        FaultEffect::CutBefore,
    ] {
        for _ in 0..2 {
            world.sim.add_fault(Fault::once(LIST, effect.clone()).after(1));
            let told = world.run_json(&["drift", "check"]).await;
            assert_eq!(told.code, Some(3), "{effect:?}: {told:?}");
            let told = told.json();
            assert_eq!(
                (told["open"].as_u64(), told["seenOnce"].as_u64()),
                (Some(0), Some(0)),
                "{effect:?}: {told}"
            );
            let sides = told["sides"].as_array().unwrap();
            let intune = sides.iter().find(|side| side["side"] == "Intune").unwrap();
            assert!(intune["notCompared"].is_string(), "{effect:?}: {told}");
            world.sim.clear_faults();
        }
    }
    let whole = world.json(&["drift", "check"]).await;
    assert_eq!((whole["open"].as_u64(), whole["seenOnce"].as_u64()), (Some(0), Some(0)), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_issued_without_an_order_is_shown_and_revoked_by_a_persons_word_alone() {
    let world = settled(1).await;
    let all = certificates(&world).await;
    change(&world, 0, &all[0]).await;
    change(&world, 3, &all[1]).await;
    world.json(&["drift", "check"]).await;
    let listed = world.run_json(&["drift", "list"]).await;
    assert_eq!(listed.code, Some(0), "{listed:?}");
    world.run_json(&["drift", "check"]).await;
    let listed = world.run_json(&["drift", "list"]).await;
    assert_eq!(listed.code, Some(3), "{listed:?}");
    let listed = listed.json();
    let of = |kind: &str| {
        let one = listed["findings"].as_array().unwrap().iter().find(|one| one["kind"] == kind).unwrap();
        one["id"].as_str().unwrap().to_owned()
    };
    let (shadow, orphan) = (of("shadowIssuance"), of("orphan"));
    for one in [&shadow, &orphan] {
        let refused = world.run_json(&["drift", "repair", one]).await.failure_with(3);
        assert!(refused.contains("not repaired by a plan"), "{refused}");
    }
    let refused = world.run_json(&["drift", "revoke", &shadow]).await.failure_with(2);
    assert!(refused.contains("--yes"), "{refused}");
    let refused = world.run_json(&["drift", "revoke", &orphan, "--yes"]).await.failure();
    assert!(refused.contains("without an order"), "{refused}");
    world.json(&["drift", "revoke", &shadow, "--yes", "--reason", "keyCompromise"]).await;
    let mut work = world.store.read().await.unwrap();
    let authority: AuthorityId = all[0].authority;
    let revoked = work.ledger().list_revoked(authority, all[0].not_before).await.unwrap();
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].reason, RevocationReason::KeyCompromise);
    drop(work);

    let reason = ["drift", "ignore", &orphan, "--reason", "the device was returned"];
    let ignored = world.json(&reason).await;
    assert_eq!(ignored["state"], "ignored", "{ignored}");
    world.run_json(&reason).await.failure();
    world.json(&["drift", "check"]).await;
    world.json(&["drift", "list"]).await;
    let shown = world.json(&["drift", "show", &shadow]).await;
    assert_eq!(shown["state"], "closed", "{shown}");
    world.json(&["drift", "ignore", &orphan, "--undo"]).await;
    assert_eq!(world.run_json(&["drift", "list"]).await.code, Some(3));
    let log = world.json(&["audit", "list", "--limit", "500"]).await;
    let kinds = log["entries"].as_array().unwrap().iter().filter(|one| one["kind"] == "DRIFT_DECIDED");
    assert_eq!(kinds.count(), 2, "{log}");

    // The service does the same by itself.
    let mut daemon = world.daemon();
    world.json(&["service", "run", "drift"]).await;
    crate::program::until("the comparison ran", async || {
        let services = world.store.read().await.unwrap().services().list().await.unwrap();
        let told = services.into_iter().find(|one| one.service == model::Service::Drift)?.last_result?;
        told.contains("Intune: 1 compared").then_some(())
    })
    .await;
    daemon.stop().await;
}
