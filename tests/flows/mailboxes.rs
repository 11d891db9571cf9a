//! Shared mailboxes whose people Exchange tells: who comes, who goes, whom nobody knows, and Exchange in trouble.

use std::fs;

use model::{CertificateState, DeliveryState, RevocationReason};
use sim::{Fault, FaultEffect, MailboxPermission, SimOptions, Tenant, User};
use store::{CertificateFilter, CertificateOrder, CertificateRow, PageRequest, Store as _};
use uuid::Uuid;

use crate::home;
use crate::program::{Daemon, until};
use crate::world::{Pace, SMIME, World};

/// Everything that is posted to Exchange.
const EXCHANGE: &str = "POST /adminapi/*";

/// A world with one mailbox that Exchange knows, whose template waits for nothing once a reading was repeated.
async fn served() -> (World, Daemon) {
    let tenant = Tenant::invent().people(5).mailboxes(1).build();
    let world = World::bare(SimOptions::new(tenant), &Pace::default()).await;
    permit(&world, true);
    ask_exchange(&world, "read-minutes = 0");
    world.import(SMIME, world.sim.smime_group(), &[]).await;
    let exported = world.run(&["template", "show", SMIME]).await;
    let mut template: toml::Table = exported.stdout.parse().unwrap();
    let ending: toml::Table = "leaver-days = 0\nrenamed-days = 0".parse().unwrap();
    template.insert("ending".to_owned(), ending.into());
    world.import_text(&template.to_string()).await.done();
    let mut daemon = world.daemon();
    world.until_so_many_are_done(6, &mut daemon).await;
    (world, daemon)
}

fn permit(world: &World, is_permitted: bool) {
    let mut roles = sim::DEFAULT_ROLES.to_vec();
    roles.extend(is_permitted.then_some("Exchange.ManageAsApp"));
    world.sim.set_roles(&roles);
}

/// Switches Exchange on in the settings, in place of the groups of holders.
fn ask_exchange(world: &World, section: &str) {
    let file = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (text, _) = text.split_once("\n[[mailboxes]]").unwrap();
    let address = format!("exchange-url = \"{}\"\nextra-root-ca", world.sim.base_url());
    let text = text.replace("extra-root-ca", &address);
    home::write_private(&file, format!("{text}\n[exchange]\n{section}\n").as_bytes());
}

fn mailbox(world: &World) -> Uuid {
    world.sim.mailboxes()[0].user_id
}

/// The mailbox's people at the start.
fn holders(world: &World) -> Vec<User> {
    let holders = &world.sim.mailboxes()[0].holders;
    holders.iter().map(|id| world.sim.user(&id.to_string()).unwrap()).collect()
}

/// Somebody who may not use the mailbox.
fn stranger(world: &World) -> User {
    let holders = &world.sim.mailboxes()[0].holders;
    world.sim.users().into_iter().find(|user| user.account_enabled && !holders.contains(&user.id)).unwrap()
}

/// The mailbox's certificates, the newest first.
async fn certificates(world: &World) -> Vec<CertificateRow> {
    let filter =
        CertificateFilter { subscriber: Some(mailbox(world).into()), ..CertificateFilter::default() };
    let mut work = world.store.read().await.unwrap();
    let listed = work.certificates().list(&filter, CertificateOrder::Newest, &PageRequest::first(50)).await;
    listed.unwrap().rows
}

/// Waits until so many new keys have been delivered in all.
async fn until_keys(world: &World, daemon: &mut Daemon, wanted: usize) -> Vec<CertificateRow> {
    world.until_so_many_are_done(5 + wanted as u64, daemon).await;
    let rows = certificates(world).await;
    assert_eq!(rows.len(), wanted, "{rows:?}");
    rows
}

/// Who has a record of this certificate at Intune.
fn receivers(world: &World, row: &CertificateRow) -> Vec<String> {
    let thumbprint = row.certificate.thumbprint.to_string();
    let records = world.sim.pfx_records();
    let mut names: Vec<String> = records
        .into_iter()
        .filter(|record| record.id.ends_with(&thumbprint))
        .map(|record| record.user_principal_name)
        .collect();
    names.sort_unstable();
    names
}

fn names(people: &[&User]) -> Vec<String> {
    let mut names: Vec<String> = people.iter().map(|user| user.user_principal_name.clone()).collect();
    names.sort_unstable();
    names
}

/// The next reading enumerates everything.
async fn forget_the_links(world: &World) {
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().drop_cursor("users").await.unwrap();
    work.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_to_a_mailbox_gets_a_new_key_together_with_those_who_were_there() {
    let (world, mut daemon) = served().await;
    let people = holders(&world);
    let first = until_keys(&world, &mut daemon, 1).await;
    assert_eq!(receivers(&world, &first[0]), names(&[&people[0], &people[1]]));
    let new = stranger(&world);
    let by_address = MailboxPermission::full_access(new.mail.as_deref().unwrap_or(&new.user_principal_name));
    world.sim.grant_mailbox(mailbox(&world), by_address).unwrap();
    let told = world.sync().await;
    assert!(told.contains("1 enrollments started"), "{told}");
    let rows = until_keys(&world, &mut daemon, 2).await;
    assert_eq!(receivers(&world, &rows[0]), names(&[&people[0], &people[1], &new]));
    assert_eq!(receivers(&world, &rows[1]), names(&[&people[0], &people[1]]), "old mail stays readable");
    let states = rows.iter().map(|row| row.certificate.state).collect::<Vec<_>>();
    assert_eq!(states, [CertificateState::Valid, CertificateState::Superseded]);
    let opened = world.sim.devices_of(&[new.id]).await.unwrap();
    assert_eq!(opened.failures().count(), 0);
    assert!(opened.checks.iter().any(|check| check.thumbprint == rows[0].certificate.thumbprint.to_string()));
    // And that is all that follows.
    forget_the_links(&world).await;
    world.sync().await;
    let told = world.sync().await;
    assert!(told.contains("0 enrollments started") && !told.contains("revocations"), "{told}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_access_loses_the_record_and_the_others_get_a_new_key_after_a_second_look() {
    let (world, mut daemon) = served().await;
    let people = holders(&world);
    let first = until_keys(&world, &mut daemon, 1).await.remove(0);
    world.sim.revoke_mailbox(mailbox(&world), &people[0].user_principal_name);
    // One reading is no proof, and one that fails is none at all.
    let told = world.sync().await;
    assert!(told.contains("0 enrollments started") && told.contains("1 cannot be served"), "{told}");
    let plan = world.json(&["plan", "--offline"]).await;
    assert_eq!(plan["upcoming"][0]["cause"], "holderLeft", "{plan}");
    world.sim.add_fault(Fault::once(EXCHANGE, FaultEffect::Html));
    let told = world.sync().await;
    assert!(told.contains("Exchange") && told.contains("0 enrollments started"), "{told}");
    let told = world.sync().await;
    assert!(told.contains("1 enrollments started"), "{told}");
    let rows = until_keys(&world, &mut daemon, 2).await;
    assert_eq!(receivers(&world, &rows[0]), names(&[&people[1]]), "the new key is for those who remain");
    until("the record of who went is gone", async || {
        (receivers(&world, &first) == names(&[&people[1]])).then_some(())
    })
    .await;
    let deliveries = until("that is noted", async || {
        let mut work = world.store.read().await.unwrap();
        let deliveries = work.deliveries().list(first.certificate.id).await.unwrap();
        deliveries.iter().any(|one| one.state == DeliveryState::Withdrawn).then_some(deliveries)
    })
    .await;
    for one in deliveries {
        let is_gone = one.person == people[0].id.into();
        assert_eq!(one.state == DeliveryState::Withdrawn, is_gone, "{one:?}");
    }
    // The former certificate is revoked when the directory has been read in full once more.
    forget_the_links(&world).await;
    world.sync().await;
    world.sync().await;
    let reason = until("the authority has confirmed", async || {
        let rows = certificates(&world).await;
        rows.into_iter()
            .find_map(|row| row.certificate.revoked.map(|(_, reason)| (row.certificate.id, reason)))
    })
    .await;
    assert_eq!(reason, (first.certificate.id, RevocationReason::Superseded));
    let log = world.json(&["audit", "list", "--limit", "500"]).await.to_string();
    assert!(log.contains("CERTIFICATE_WITHDRAWN") && log.contains(&people[0].user_principal_name), "{log}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trustee_whom_nobody_knows_gets_no_key_and_costs_nobody_theirs() {
    let (world, mut daemon) = served().await;
    let people = holders(&world);
    until_keys(&world, &mut daemon, 1).await;
    world.sim.grant_mailbox(mailbox(&world), MailboxPermission::full_access("Elsewhere Team")).unwrap();
    world.sim.revoke_mailbox(mailbox(&world), &people[0].user_principal_name);
    for _ in 0..3 {
        let told = world.sync().await;
        assert!(
            told.contains("whom `Elsewhere Team`") && told.contains("nobody is taken to have lost"),
            "{told}"
        );
        assert!(told.contains("0 enrollments started"), "{told}");
    }
    // Mended: two readings, and the new key goes out.
    world.sim.revoke_mailbox(mailbox(&world), "Elsewhere Team");
    world.sync().await;
    world.sync().await;
    let rows = until_keys(&world, &mut daemon, 2).await;
    assert_eq!(receivers(&world, &rows[0]), names(&[&people[1]]));
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_that_is_away_or_says_nothing_changes_nothing() {
    let (world, mut daemon) = served().await;
    let before = until_keys(&world, &mut daemon, 1).await;
    for (effect, told) in [
        (FaultEffect::Unavailable { retry_after: Some(1) }, "Exchange is unreachable"),
        (FaultEffect::TruncatedBody, "cannot be understood"),
        (FaultEffect::CutBefore, "Exchange is unreachable"),
    ] {
        world.sim.add_fault(Fault::always(EXCHANGE, effect));
        let said = world.sync().await;
        assert!(said.contains(told), "{said}");
        world.sim.clear_faults();
    }
    // It lists the rights of nobody, again and again.
    for person in holders(&world) {
        world.sim.revoke_mailbox(mailbox(&world), &person.user_principal_name);
    }
    for _ in 0..3 {
        let said = world.sync().await;
        assert!(
            said.contains("names nobody who may use") && said.contains("0 enrollments started"),
            "{said}"
        );
    }
    let after = certificates(&world).await;
    assert_eq!((after.len(), receivers(&world, &after[0])), (1, receivers(&world, &before[0])));
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_role_is_named_by_doctor_and_check_and_the_script_grants_it() {
    let (world, mut daemon) = served().await;
    until_keys(&world, &mut daemon, 1).await;
    let examined = world.json(&["doctor"]).await.to_string();
    assert!(examined.contains("shared mailboxes and who may use them can be read"), "{examined}");
    let checked = world.json(&["tenant", "check"]).await.to_string();
    assert!(checked.contains("mailbox-holders"), "what the settings switch on is checked: {checked}");
    world.sim.set_exchange_role(&["Get-Mailbox"]);
    let said = world.sync().await;
    assert!(said.contains("Exchange refused us") && said.contains("Get-MailboxPermission"), "{said}");
    let examined = world.run_json(&["doctor"]).await;
    assert!(examined.stdout.contains("Exchange role"), "{examined:?}");
    let file = world.folder().join("grant.ps1");
    let checked = world.run_json(&["tenant", "check", "--script", file.to_str().unwrap()]).await;
    assert!(checked.stdout.contains("its Exchange role is missing"), "{checked:?}");
    let script = fs::read_to_string(&file).unwrap();
    assert!(script.contains("Narrow 'Sealwright Mailbox Readers'"), "{script}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_contradict_each_other_are_refused() {
    let tenant = Tenant::invent().people(1).mailboxes(1).build();
    let world = World::bare(SimOptions::new(tenant), &Pace::default()).await;
    let file = world.home().join("sealwright.toml");
    let text = fs::read_to_string(&file).unwrap();
    home::write_private(&file, format!("{text}\n[exchange]\n").as_bytes());
    let told = world.run_json(&["config", "check"]).await.failure();
    assert!(told.contains("either [exchange] or [[mailboxes]]"), "{told}");
    home::write_private(&file, text.as_bytes());
    ask_exchange(&world, "rights = []");
    let told = world.run_json(&["config", "check"]).await.failure();
    assert!(told.contains("[exchange] rights is empty"), "{told}");
}
