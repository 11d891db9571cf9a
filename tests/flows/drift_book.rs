//! Changes by hand in the address list are found exactly, and a plan has them published again.

use std::fs;

use model::{Certificate, RevocationReason, Span};
use sim::{Fault, FaultEffect, PublishedCertificates, SimOptions, Tenant};
use store::Store as _;
use uuid::Uuid;

use crate::drift::{Found, certificates, found};
use crate::gal;
use crate::home::write_private;
use crate::world::World;

const COMMANDS: &str = "POST /adminapi/*";

/// Everybody has a certificate, and the address list shows it; Exchange tells its mailboxes three at a time.
async fn settled(people: usize, mailboxes: usize) -> World {
    let tenant = Tenant::invent().people(people).mailboxes(mailboxes).build();
    let world = gal::world_of(SimOptions::new(tenant).with_pages_of(3)).await;
    let settings = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&settings).unwrap() + "\n[limits]\nrepairs-percent = 100\n";
    write_private(&settings, text.as_bytes());
    world.json(&["apply"]).await;
    for one in certificates(&world).await {
        assert_eq!(world.sim.published(holder(&one)).certificates, [der(&world, &one).await]);
    }
    world
}

fn holder(certificate: &Certificate) -> Uuid {
    certificate.subscriber.to_string().parse().unwrap()
}

async fn der(world: &World, certificate: &Certificate) -> Vec<u8> {
    let mut work = world.store.read().await.unwrap();
    work.certificates().lookup_stored(certificate.id).await.unwrap().unwrap().der
}

fn show(world: &World, holder: Uuid, certificates: Vec<Vec<u8>>) {
    world.sim.publish(holder, PublishedCertificates { certificates, smime: Vec::new() });
}

/// Changes the list around one certificate in the way of this number; what is to be found.
async fn change(
    world: &World,
    way: usize,
    one: &Certificate,
    other: &Certificate,
) -> Vec<(&'static str, String)> {
    let (holder, own) = (holder(one), der(world, one).await);
    let about = |of: &Certificate| format!("{} in the entry of {}", of.thumbprint, one.mail);
    match way {
        0 => {
            show(world, holder, Vec::new());
            vec![("notShown", about(one))]
        }
        1 => {
            show(world, holder, vec![gal::certificate("somebody else")]);
            vec![("notShown", about(one))]
        }
        2 => {
            let mut work = world.store.begin().await.unwrap();
            let (reason, at) = (RevocationReason::Superseded, one.not_before + Span::minutes(1));
            work.certificates().mark_revoked(one.id, reason, at).await.unwrap();
            work.commit().await.unwrap();
            vec![("stillShown", about(one)), ("notRevokedThere", format!("serial {}", one.serial))]
        }
        3 => {
            show(world, holder, vec![gal::certificate("published with Outlook"), own]);
            Vec::new()
        }
        4 => {
            world.sim.set_synchronised(holder, true).unwrap();
            show(world, holder, Vec::new());
            vec![("onPremises", about(one))]
        }
        5 => {
            show(world, holder, vec![own, der(world, other).await]);
            vec![("wrongEntry", about(other))]
        }
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_did_in_the_address_list_is_found_exactly_and_published_again_by_a_plan() {
    for seed in [2_usize, 5] {
        let world = settled(8, 1).await;
        let clean = world.json(&["drift", "check"]).await;
        assert_eq!((clean["open"].as_u64(), clean["seenOnce"].as_u64()), (Some(0), Some(0)), "{clean}");
        let all = certificates(&world).await;
        assert_eq!(all.len(), 9);
        let mut expected = Found::new();
        let (mut others, mut kept) = (0, Vec::new());
        for (place, one) in all.iter().enumerate() {
            // Every way comes up, at another certificate with each seed; some are left alone. Whose certificate is shown
            // elsewhere is one that stays in force.
            let way = (place + seed) % 9;
            let other = &all[(8 + 9 - seed) % 9];
            let told = change(&world, way, one, other).await;
            expected.extend(told.into_iter().map(|(kind, about)| (kind.to_owned(), about)));
            if matches!(way, 1 | 3) {
                others += 1;
                kept.push((holder(one), world.sim.published(holder(one)).certificates[0].clone()));
            }
        }
        assert_eq!(expected.len(), 6, "{expected:?}");
        let once = world.json(&["drift", "check"]).await;
        let sides = once["sides"].as_array().unwrap();
        let book = sides.iter().find(|side| side["side"] == "Address list").unwrap();
        assert_eq!((book["compared"].as_u64(), book["others"].as_u64()), (Some(9), Some(others)), "{book}");
        assert_eq!(found(&world, "noted").await, expected, "seed {seed}");
        let twice = world.run_json(&["drift", "check"]).await;
        assert_eq!(twice.code, Some(3), "{twice:?}");
        assert_eq!(found(&world, "open").await, expected, "seed {seed}");

        let plan = world.json(&["plan", "--offline"]).await;
        let verbs: Vec<&str> =
            plan["repairs"].as_array().unwrap().iter().map(|one| one["repair"].as_str().unwrap()).collect();
        assert_eq!(verbs.iter().filter(|one| **one == "publishAgain").count(), 3, "{plan}");
        assert_eq!(verbs.len(), 4, "{plan}");
        let repaired = world.json(&["drift", "repair", "--all"]).await;
        assert_eq!(repaired["ordered"].as_array().unwrap().len(), 4, "{repaired}");
        for (place, one) in all.iter().enumerate() {
            let (shown, own) = (world.sim.published(holder(one)).certificates, der(&world, one).await);
            match (place + seed) % 9 {
                2 => assert_eq!(shown, Vec::<Vec<u8>>::new(), "the revoked one is gone"),
                4 => assert_eq!(shown, Vec::<Vec<u8>>::new(), "it is changed elsewhere"),
                _ => assert!(shown.contains(&own), "seed {seed}, place {place}"),
            }
        }
        for (holder, foreign) in kept {
            assert!(
                world.sim.published(holder).certificates.contains(&foreign),
                "what others published stays"
            );
        }
        world.run_json(&["drift", "check"]).await;
        let left: Vec<String> = found(&world, "open").await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(left, ["onPremises", "wrongEntry"], "seed {seed}: these take a person");
        let plan = world.json(&["plan", "--offline"]).await;
        assert_eq!(plan.get("repairs"), None, "{plan}");

        // People set them right.
        for (place, one) in all.iter().enumerate() {
            if matches!((place + seed) % 9, 4 | 5) {
                show(&world, holder(one), vec![der(&world, one).await]);
            }
        }
        let right = world.json(&["drift", "check"]).await;
        assert_eq!((right["open"].as_u64(), right["seenOnce"].as_u64()), (Some(0), Some(0)), "{right}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_breaks_off_finds_nothing_and_a_list_cut_short_is_read_one_by_one() {
    let world = settled(5, 0).await;
    world.json(&["drift", "check"]).await;
    for effect in [
        FaultEffect::TooManyRequests { retry_after: None },
        FaultEffect::Html,
        FaultEffect::TruncatedBody,
        FaultEffect::CutBefore,
    ] {
        for _ in 0..2 {
            world.sim.add_fault(Fault::once(COMMANDS, effect.clone()).after(1));
            let told = world.run_json(&["drift", "check"]).await;
            assert_eq!(told.code, Some(3), "{effect:?}: {told:?}");
            let told = told.json();
            assert_eq!(
                (told["open"].as_u64(), told["seenOnce"].as_u64()),
                (Some(0), Some(0)),
                "{effect:?}: {told}"
            );
            let sides = told["sides"].as_array().unwrap();
            let book = sides.iter().find(|side| side["side"] == "Address list").unwrap();
            assert!(book["notCompared"].is_string(), "{effect:?}: {told}");
            world.sim.clear_faults();
        }
    }
    for _ in 0..2 {
        world.sim.add_fault(Fault::once(COMMANDS, FaultEffect::TruncatedPage));
        let told = world.json(&["drift", "check"]).await;
        let book =
            told["sides"].as_array().unwrap().iter().find(|side| side["side"] == "Address list").cloned();
        assert_eq!(
            book.unwrap()["compared"].as_u64(),
            Some(5),
            "what the list left out was asked for: {told}"
        );
        assert_eq!((told["open"].as_u64(), told["seenOnce"].as_u64()), (Some(0), Some(0)), "{told}");
        world.sim.clear_faults();
    }
}
