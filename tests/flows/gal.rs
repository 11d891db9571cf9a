//! The global address list: who comes is published, who goes is taken out at once, and what others published stays.

use std::fs;
use std::process::Command;

use model::{CertificateState, PublicationState};
use serde_json::Value;
use sim::{BytesOnTheWire, OtherBytes, PublishedCertificates, SimOptions, Tenant, User};
use store::{CertificateFilter, CertificateOrder, CertificateRow, PageRequest, Store as _};
use uuid::Uuid;

use crate::certificates::{openssl, text};
use crate::home;
use crate::program::until;
use crate::world::{Pace, SMIME, World};

const ROLE: [&str; 2] = ["Get-Mailbox", "Set-Mailbox"];
const BOOK: &str = "exchange";

/// Everybody's mailbox is mastered in the cloud, the application may publish, and the settings say that it shall.
pub(crate) async fn world(people: usize, mailboxes: usize) -> World {
    let tenant = Tenant::invent().people(people).mailboxes(mailboxes).build();
    world_of(SimOptions::new(tenant)).await
}

/// The same on a simulator of these options.
pub(crate) async fn world_of(options: SimOptions) -> World {
    let world = World::bare(options, &Pace::default()).await;
    let mut roles = sim::DEFAULT_ROLES.to_vec();
    roles.push("Exchange.ManageAsApp");
    world.sim.set_roles(&roles);
    world.sim.set_exchange_role(&ROLE);
    for user in world.sim.users() {
        world.sim.set_synchronised(user.id, false).unwrap();
    }
    let file = world.home().join("sealwright.toml");
    let settings = fs::read_to_string(&file).unwrap();
    let address = format!("exchange-url = \"{}\"\nextra-root-ca", world.sim.base_url());
    let settings = settings.replace("extra-root-ca", &address);
    let section = "\n[exchange]\nrights = []\npublish = true\n";
    home::write_private(&file, format!("{settings}{section}").as_bytes());
    world.import(SMIME, world.sim.smime_group(), &[]).await;
    world
}

/// The same with a template that gives leavers thirty days, and former names none.
async fn lenient(people: usize) -> World {
    let world = world(people, 0).await;
    let exported = world.run(&["template", "show", SMIME]).await;
    let mut template: toml::Table = exported.stdout.parse().unwrap();
    let ending: toml::Table = "leaver-days = 30\nrenamed-days = 0".parse().unwrap();
    template.insert("ending".to_owned(), ending.into());
    world.import_text(&template.to_string()).await.done();
    world
}

/// A certificate that is none of ours, DER.
pub(crate) fn certificate(name: &str) -> Vec<u8> {
    let subject = format!("/CN={name}");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-subj", &subject, "-outform", "DER", "-keyout", "/dev/null"])
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", text(&made));
    made.stdout
}

pub(crate) fn people(world: &World) -> Vec<User> {
    world.sim.users().into_iter().filter(|user| user.account_enabled).collect()
}

/// Waits until the entry shows so many certificates.
pub(crate) async fn until_shown(world: &World, holder: Uuid, wanted: usize) -> Vec<Vec<u8>> {
    until("the address list shows it", async || {
        let shown = world.sim.published(holder).certificates;
        (shown.len() == wanted).then_some(shown)
    })
    .await
}

async fn certificates(world: &World, subscriber: Uuid) -> Vec<CertificateRow> {
    let filter = CertificateFilter { subscriber: Some(subscriber.into()), ..CertificateFilter::default() };
    let mut work = world.store.read().await.unwrap();
    work.certificates().list(&filter, CertificateOrder::Newest, &PageRequest::first(50)).await.unwrap().rows
}

async fn der(world: &World, row: &CertificateRow) -> Vec<u8> {
    let mut work = world.store.read().await.unwrap();
    work.certificates().lookup_stored(row.certificate.id).await.unwrap().unwrap().der
}

async fn states(world: &World, subscriber: Uuid) -> Vec<PublicationState> {
    let mut work = world.store.read().await.unwrap();
    let rows = work.publications().of(BOOK, subscriber.into()).await.unwrap();
    rows.into_iter().map(|row| row.state).collect()
}

async fn until_states(world: &World, subscriber: Uuid, wanted: &[PublicationState]) {
    until("it is written down", async || (states(world, subscriber).await == wanted).then_some(())).await;
}

/// How often something was written at Exchange.
fn writes(world: &World) -> usize {
    let requests = world.sim.requests();
    requests
        .iter()
        .filter(|one| one.path.ends_with("/InvokeCommand") && one.query.is_empty() && one.status == 200)
        .count()
}

async fn forget_the_links(world: &World) {
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().drop_cursor("users").await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_is_published_with_shared_mailboxes_and_what_others_published_stays() {
    let world = world(3, 1).await;
    let first = people(&world)[0].clone();
    let foreign = certificate("published with Outlook");
    let before = PublishedCertificates { certificates: vec![foreign.clone()], smime: Vec::new() };
    world.sim.publish(first.id, before);
    let mailbox = world.sim.mailboxes()[0].clone();
    let mut daemon = world.daemon();
    let everybody: Vec<Uuid> = people(&world).iter().map(|user| user.id).chain([mailbox.user_id]).collect();
    for holder in everybody.iter().copied() {
        let count = if holder == first.id { 2 } else { 1 };
        let shown = until_shown(&world, holder, count).await;
        let row = &certificates(&world, holder).await[0];
        assert!(shown.contains(&der(&world, row).await), "its own certificate is there");
        until_states(&world, holder, &[PublicationState::Published]).await;
    }
    assert!(world.sim.published(first.id).certificates.contains(&foreign));
    // Another program reads what senders find.
    let file = world.folder().join("shown.der");
    let shown = world.sim.published(mailbox.user_id).certificates;
    fs::write(&file, &shown[0]).unwrap();
    let read = openssl(&["x509", "-inform", "DER", "-in", file.to_str().unwrap(), "-noout", "-email"]);
    assert_eq!(text(&read).trim().to_lowercase(), mailbox.address.to_lowercase());

    let status = world.json(&["gal", "status"]).await;
    assert_eq!(
        (&status["publishes"], &status["counts"]["published"]),
        (&Value::from(true), &Value::from(everybody.len()))
    );
    let checked = world.json(&["gal", "check"]).await;
    assert_eq!(checked["differences"], Value::Array(Vec::new()), "{checked}");
    let log = world.json(&["audit", "list", "--limit", "500"]).await.to_string();
    assert!(log.contains("ADDRESS_BOOK_CHANGED") && log.contains("read back"), "{log}");

    // Somebody takes it away by hand; that is found, and put right.
    world.sim.publish(
        first.id,
        PublishedCertificates { certificates: vec![foreign.clone()], ..PublishedCertificates::default() },
    );
    let found = world.run_json(&["gal", "check"]).await;
    assert_eq!(found.code, Some(3), "{found:?}");
    assert_eq!(found.json()["differences"][0]["lacks"].as_array().unwrap().len(), 1, "{found:?}");
    world.json(&["gal", "check", "--repair"]).await;
    let shown = until_shown(&world, first.id, 2).await;
    assert!(shown.contains(&foreign));

    // Taken out by hand it stays out, and the foreign one stays in.
    world.json(&["gal", "withdraw", "--person", &first.user_principal_name]).await;
    assert_eq!(until_shown(&world, first.id, 1).await, std::slice::from_ref(&foreign));
    world.json(&["service", "run", "gal"]).await;
    world.sync().await;
    assert_eq!(states(&world, first.id).await, [PublicationState::Withheld]);
    world.json(&["gal", "publish", "--person", &first.user_principal_name]).await;
    until_shown(&world, first.id, 2).await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaver_is_taken_out_at_once_while_the_revocation_waits_and_comes_back() {
    let world = lenient(3).await;
    let mut daemon = world.daemon();
    let leaver = people(&world)[0].clone();
    until_shown(&world, leaver.id, 1).await;
    // An S/MIME value with the same certificate, as Outlook writes it, is preferred by senders.
    let row = certificates(&world, leaver.id).await.remove(0);
    let leaf = world.folder().join("leaf.pem");
    let exported = world.run(&["certificate", "export", &row.certificate.thumbprint.to_string()]).await;
    let end = "-----END CERTIFICATE-----\n";
    fs::write(&leaf, exported.stdout.split_inclusive(end).next().unwrap()).unwrap();
    let signed = Command::new("openssl")
        .args(["crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile", leaf.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(signed.status.success(), "{}", text(&signed));
    let certificates_shown = world.sim.published(leaver.id).certificates;
    world.sim.publish(
        leaver.id,
        PublishedCertificates { certificates: certificates_shown, smime: vec![signed.stdout] },
    );

    world.sim.remove_from_all_groups(leaver.id).unwrap();
    world.sync().await;
    until_shown(&world, leaver.id, 0).await;
    until("the S/MIME value is gone too", async || {
        world.sim.published(leaver.id).smime.is_empty().then_some(())
    })
    .await;
    let row = certificates(&world, leaver.id).await.remove(0);
    assert_eq!(row.certificate.state, CertificateState::Valid, "the revocation waits for the grace");
    until_states(&world, leaver.id, &[PublicationState::Withdrawn]).await;
    for other in &people(&world)[1..] {
        assert_eq!(world.sim.published(other.id).certificates.len(), 1);
    }
    // It was a mistake.
    world.sim.add_to_group(world.sim.smime_group(), sim::Member::User(leaver.id)).unwrap();
    world.sync().await;
    until_shown(&world, leaver.id, 1).await;
    until_states(&world, leaver.id, &[PublicationState::Published]).await;
    // Revoked by hand, it goes before anybody asks.
    let thumbprint = row.certificate.thumbprint.to_string();
    let old = der(&world, &row).await;
    world.json(&["certificate", "revoke", &thumbprint, "--reason", "keyCompromise", "--yes"]).await;
    until("the revoked one is gone", async || {
        (!world.sim.published(leaver.id).certificates.contains(&old)).then_some(())
    })
    .await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_is_published_before_the_old_certificate_is_revoked() {
    let world = lenient(2).await;
    let mut daemon = world.daemon();
    let person = people(&world)[0].clone();
    let old = until_shown(&world, person.id, 1).await.remove(0);
    // Nothing can be published while the new certificate comes.
    world.sim.set_exchange_role(&["Get-Mailbox"]);
    world.sim.change_mail(person.id, &format!("neu@{}", world.sim.domain())).unwrap();
    world.sync().await;
    until("the new certificate is there", async || {
        let rows = certificates(&world, person.id).await;
        (rows.len() == 2 && rows[1].certificate.state == CertificateState::Superseded).then_some(())
    })
    .await;
    for _ in 0..2 {
        forget_the_links(&world).await;
        world.sync().await;
    }
    world.sync().await;
    let rows = certificates(&world, person.id).await;
    assert_eq!(rows[1].certificate.state, CertificateState::Superseded, "senders still find the old one");
    assert_eq!(world.sim.published(person.id).certificates, std::slice::from_ref(&old));

    world.sim.set_exchange_role(&ROLE);
    world.json(&["service", "run", "gal"]).await;
    let new = der(&world, &rows[0]).await;
    until("the new one is published instead of the old", async || {
        (world.sim.published(person.id).certificates == [new.clone()]).then_some(())
    })
    .await;
    until_done_with(&world, person.id).await;
    world.sync().await;
    until("the old one is revoked", async || {
        let rows = certificates(&world, person.id).await;
        (rows[1].certificate.state == CertificateState::Revoked).then_some(())
    })
    .await;
    daemon.stop().await;
}

/// Waits until nothing of a subscriber's publications is open.
async fn until_done_with(world: &World, subscriber: Uuid) {
    until("nothing is open", async || {
        states(world, subscriber).await.iter().all(|state| !state.is_open()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_the_tenant_takes_values_is_found_once_for_all_and_found_again_when_it_changes() {
    let world = world(2, 0).await;
    let [first, second] = [people(&world)[0].clone(), people(&world)[1].clone()];
    let foreign = certificate("foreign");
    for person in [&first, &second] {
        let before = PublishedCertificates { certificates: vec![foreign.clone()], smime: Vec::new() };
        world.sim.publish(person.id, before);
    }
    world.sim.set_bytes_on_the_wire(BytesOnTheWire::Base64, OtherBytes::Mangled);
    let mut daemon = world.daemon();
    for person in [&first, &second] {
        until_states(&world, person.id, &[PublicationState::Published]).await;
        let shown = world.sim.published(person.id).certificates;
        assert!(shown.len() == 2 && shown.contains(&foreign), "{}", shown.len());
    }
    let habit = world.store.read().await.unwrap().publications().habit(BOOK).await.unwrap();
    assert_eq!(habit.as_deref(), Some("base64 table"));
    // Known, it takes one writing for each change.
    let before = writes(&world);
    world.json(&["gal", "withdraw", "--person", &first.user_principal_name]).await;
    until_shown(&world, first.id, 1).await;
    until_states(&world, first.id, &[PublicationState::Withheld]).await;
    assert_eq!(writes(&world), before + 1);
    world.sim.set_bytes_on_the_wire(BytesOnTheWire::Integers, OtherBytes::Refused);
    world.json(&["gal", "publish", "--person", &first.user_principal_name]).await;
    until_shown(&world, first.id, 2).await;
    until_states(&world, first.id, &[PublicationState::Published]).await;
    let habit = world.store.read().await.unwrap().publications().habit(BOOK).await.unwrap();
    assert_eq!(habit.as_deref(), Some("integers table"));
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_mastered_on_premises_is_told_and_found_once_it_is_published_there() {
    let world = world(2, 0).await;
    let synced = people(&world)[0].clone();
    world.sim.set_synchronised(synced.id, true).unwrap();
    let mut daemon = world.daemon();
    until_states(&world, synced.id, &[PublicationState::NeedsOnPremises]).await;
    until_shown(&world, people(&world)[1].id, 1).await;
    let status = world.run_json(&["gal", "status"]).await;
    assert_eq!(status.code, Some(3), "{status:?}");
    let entry = &status.json()["entries"][0];
    assert_eq!(entry["state"], "needsOnPremises");
    assert!(entry["why"].as_str().unwrap().contains("userCertificate"), "{entry}");
    // Published there, it comes here with the synchronisation.
    let own = der(&world, &certificates(&world, synced.id).await[0]).await;
    world.sim.publish(synced.id, PublishedCertificates { certificates: vec![own], smime: Vec::new() });
    world.json(&["gal", "publish", "--person", &synced.user_principal_name]).await;
    until_states(&world, synced.id, &[PublicationState::Published]).await;
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_role_is_one_finding_and_everything_is_published_once_it_is_there() {
    let world = world(4, 0).await;
    world.sim.set_exchange_role(&["Get-Mailbox"]);
    let mut daemon = world.daemon();
    let finding = until("the service says so", async || {
        let services = world.json(&["service", "list"]).await;
        let listed = services["services"].as_array().unwrap().clone();
        let gal = listed.into_iter().find(|one| one["service"] == "gal")?;
        (gal["failed"] == true).then(|| gal["lastResult"].as_str().unwrap().to_owned())
    })
    .await;
    assert!(finding.contains("Set-Mailbox needs an Exchange role"), "{finding}");
    let holders = people(&world);
    for person in &holders {
        until_states(&world, person.id, &[PublicationState::Wanted]).await;
    }
    let status = world.run_json(&["gal", "status"]).await;
    assert_eq!(status.code, Some(3), "{status:?}");
    assert!(
        status.json()["entries"].as_array().unwrap().iter().all(|one| one["why"].is_null()),
        "{status:?}"
    );
    let looked = world.run(&["doctor"]).await;
    assert!(
        looked.stdout.contains("address list") && looked.stdout.contains("Sealwright Recipients"),
        "{looked:?}"
    );
    let script = world.folder().join("grant.ps1");
    let told = world.run_json(&["tenant", "check", "--script", script.to_str().unwrap()]).await;
    assert!(told.stdout.contains("Set-Mailbox"), "{told:?}");
    let script = fs::read_to_string(script).unwrap();
    assert!(script.contains("Set-ManagementRoleEntry 'Sealwright Recipients\\Set-Mailbox'"), "{script}");

    world.sim.set_exchange_role(&ROLE);
    world.json(&["service", "run", "gal"]).await;
    for person in &holders {
        until_shown(&world, person.id, 1).await;
        until_states(&world, person.id, &[PublicationState::Published]).await;
    }
    daemon.stop().await;

    // The other way: an administrator of Exchange runs a script.
    let script = world.folder().join("publish.ps1");
    let written = world.json(&["gal", "script", "--out", script.to_str().unwrap()]).await;
    assert_eq!(written["entries"], holders.len());
    let script = fs::read_to_string(script).unwrap();
    for person in &holders {
        assert!(script.contains(&format!("'{}'", person.id)), "{script}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_dies_between_writing_and_reading_back_loses_nothing_and_writes_nothing_twice() {
    let world = world(2, 0).await;
    let foreign = certificate("foreign");
    for person in people(&world) {
        let before = PublishedCertificates { certificates: vec![foreign.clone()], smime: Vec::new() };
        world.sim.publish(person.id, before);
    }
    let mut daemon = world.probed("kill:publish.written:2");
    daemon.killed().await;
    let mut daemon = world.daemon();
    for person in people(&world) {
        until_states(&world, person.id, &[PublicationState::Published]).await;
        let shown = world.sim.published(person.id).certificates;
        assert!(shown.len() == 2 && shown.contains(&foreign), "{}", shown.len());
    }
    assert_eq!(writes(&world), 2, "one for each");
    daemon.stop().await;
}
