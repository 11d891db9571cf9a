//! People come, go, are blocked and renamed; the next cycle notices.

use model::CertificateState;
use sim::{Member, Removal, User};
use store::Store as _;
use uuid::Uuid;

use crate::program::Daemon;
use crate::proof;
use crate::world::World;

/// Everybody served, the service still running.
async fn served() -> (World, Daemon) {
    let world = World::of(4, 1).await;
    let mut daemon = world.daemon();
    world.until_done(&mut daemon).await;
    (world, daemon)
}

fn newcomer(world: &World) -> User {
    let id = Uuid::from_u128(0x5ea1_0000_0000_4000_8000_0000_0000_0001);
    let mut user = User::new(id, &format!("nina.neu@{}", world.sim.domain()));
    user.display_name = Some("Nina Neu".to_owned());
    user.given_name = Some("Nina".to_owned());
    user.surname = Some("Neu".to_owned());
    user
}

async fn certificates_of(world: &World, id: Uuid) -> usize {
    proof::certificates(world).await.iter().filter(|row| row.certificate.subscriber.uuid() == id).count()
}

async fn skips(world: &World) -> Vec<model::Skip> {
    world.store.read().await.unwrap().subscribers().list_skips(100).await.unwrap()
}

fn somebody(world: &World) -> User {
    world.sim.users().into_iter().find(|user| user.account_enabled).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_into_the_groups_has_certificates_after_the_next_cycle() {
    let (world, mut daemon) = served().await;
    let user = newcomer(&world);
    world.sim.add_user(user.clone(), &[world.sim.smime_group(), world.sim.sign_in_group()]).unwrap();
    world.sync().await;
    world.until_done(&mut daemon).await;
    assert_eq!(certificates_of(&world, user.id).await, 2);
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_through_a_nested_group_has_certificates_too() {
    let (world, mut daemon) = served().await;
    let user = newcomer(&world);
    let tenant = sim::Tenant::invent().people(4).mailboxes(1).build();
    let nested = tenant.groups.iter().find(|group| group.display_name == "Field staff").unwrap().id;
    world.sim.add_user(user.clone(), &[nested]).unwrap();
    world.sync().await;
    world.until_done(&mut daemon).await;
    assert_eq!(certificates_of(&world, user.id).await, 2);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_the_groups_gets_nothing_new_and_keeps_what_is_needed_for_old_mail() {
    let (world, mut daemon) = served().await;
    let user = somebody(&world);
    world.sim.remove_from_all_groups(user.id).unwrap();
    let told = world.sync().await;
    assert!(told.contains(" left"), "{told}");
    let row = world.store.read().await.unwrap().subscribers().lookup(user.id.into()).await.unwrap().unwrap();
    assert!(row.gone_at.is_some(), "{row:?}");
    assert_eq!(certificates_of(&world, user.id).await, 2, "what was issued stays in the inventory");
    let plan = world.json(&["plan", "--offline"]).await;
    assert_eq!(plan["intents"].as_array().unwrap().len(), 0, "{plan}");
    // Even by hand: whoever is no longer entitled is told so.
    let row = &proof::certificates(&world)
        .await
        .into_iter()
        .find(|row| row.certificate.subscriber.uuid() == user.id)
        .unwrap();
    let refused =
        world.run_json(&["certificate", "renew", &row.certificate.thumbprint.to_string()]).await.failure();
    assert!(refused.contains("no longer in an enrollment group"), "{refused}");
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_deleted_is_gone_and_comes_back_with_the_certificates_they_had() {
    let (world, mut daemon) = served().await;
    let user = somebody(&world);
    world.sim.remove_user(user.id, Removal::Soft).unwrap();
    world.sync().await;
    let gone = async || {
        let mut work = world.store.read().await.unwrap();
        work.subscribers().lookup(user.id.into()).await.unwrap().unwrap().gone_at.is_some()
    };
    assert!(gone().await);
    world.sim.restore_user(user.id).unwrap();
    world.sync().await;
    assert!(!gone().await, "back in the groups, back in the snapshot");
    assert_eq!(certificates_of(&world, user.id).await, 2, "no second certificate for a valid one");
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_blocked_before_enrollment_ends_in_a_sentence() {
    let (world, mut daemon) = served().await;
    let mut user = newcomer(&world);
    user.account_enabled = false;
    world.sim.add_user(user.clone(), &[world.sim.smime_group()]).unwrap();
    world.sync().await;
    let told = skips(&world).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].who.contains("Nina Neu") && told[0].why.contains("may not sign in"), "{told:?}");
    // Unblocked, the sentence goes and the certificate comes.
    world.sim.set_enabled(user.id, true).unwrap();
    world.sync().await;
    crate::program::until("the certificate is there", async || {
        (certificates_of(&world, user.id).await == 1).then_some(())
    })
    .await;
    assert_eq!(skips(&world).await, []);
    daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_is_noted_and_brings_one_new_certificate_where_it_is_certified() {
    let (world, mut daemon) = served().await;
    let user = somebody(&world);
    world.sim.rename_user(user.id, "Änne", "Weiß-Größer").unwrap();
    let told = world.sync().await;
    assert!(told.contains("1 changed") && told.contains("1 enrollments started"), "{told}");
    let row = world.store.read().await.unwrap().subscribers().lookup(user.id.into()).await.unwrap().unwrap();
    assert_eq!(row.display_name.as_deref(), Some("Änne Weiß-Größer"));
    world.until_so_many_are_done(world.expected().len() as u64 + 1, &mut daemon).await;
    let told = world.sync().await;
    assert!(told.contains("0 enrollments started"), "once: {told}");
    daemon.stop().await;
    let rows = proof::certificates(&world).await;
    let own: Vec<_> = rows.iter().filter(|row| row.certificate.subscriber.uuid() == user.id).collect();
    let named = own.iter().filter(|row| row.certificate.common_name == "Änne Weiß-Größer").count();
    assert_eq!((own.len(), named), (3, 1), "the one for sign-in names nobody: {own:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_link_that_has_ended_leads_to_a_full_reading_and_takes_nothing_from_anybody() {
    let (world, mut daemon) = served().await;
    world.sim.invalidate_delta_tokens();
    let told = world.sync().await;
    assert!(told.contains("read in full") && told.contains("0 changed, 0 left"), "{told}");
    for row in proof::certificates(&world).await {
        assert_eq!(row.certificate.state, CertificateState::Valid);
    }
    let told = world.sync().await;
    assert!(told.contains("read changes"), "the next cycle is a small one again: {told}");
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_holder_of_a_mailbox_gets_a_new_key_with_all_the_others() {
    let (world, mut daemon) = served().await;
    let mailbox = world.sim.mailboxes()[0].clone();
    let new = world
        .sim
        .users()
        .into_iter()
        .find(|user| user.account_enabled && !mailbox.holders.contains(&user.id))
        .unwrap();
    world.sim.add_to_group(mailbox.holder_group, Member::User(new.id)).unwrap();
    world.sync().await;
    world.until_so_many_are_done(world.expected().len() as u64 + 1, &mut daemon).await;
    let opened = world.sim.devices_of(&[new.id]).await.unwrap();
    assert_eq!(opened.failures().count(), 0);
    let newest = proof::certificates(&world).await.into_iter().find(|row| {
        row.certificate.subscriber.uuid() == mailbox.user_id
            && row.certificate.state == CertificateState::Valid
    });
    let thumbprint = newest.unwrap().certificate.thumbprint.to_string();
    assert!(
        opened.checks.iter().any(|check| check.thumbprint == thumbprint),
        "the new holder has the new key"
    );
    daemon.stop().await;
}
