//! Which mailboxes there are, and what is written at them.

use ports::{MailboxDirectory as _, MailboxGrant, MailboxRight};
use sim::{MailboxPermission, SimOptions};

use crate::world::{BOTH, World, tenant, world};

fn grant(trustee: &str, right: MailboxRight, is_denied: bool) -> MailboxGrant {
    MailboxGrant { trustee: trustee.to_owned(), right, is_denied }
}

#[tokio::test]
async fn every_shared_mailbox_is_told_once_over_all_pages() {
    let world = World::start(SimOptions::new(tenant()).with_pages_of(2)).await;
    for number in 1..=5 {
        world.add_mailbox(number);
    }
    let told = world.door.shared_mailboxes().await.unwrap();
    assert_eq!(told.len(), 7, "{told:?}");
    let known = &world.sim.mailboxes()[0];
    let found = told.iter().find(|mailbox| mailbox.id == known.user_id.into()).unwrap();
    assert_eq!(found.address, known.address);
    let posts = world.sim.requests().iter().filter(|one| one.path.ends_with("/InvokeCommand")).count();
    assert_eq!(posts, 4, "each page is the same command posted to the link before");
}

#[tokio::test]
async fn rights_given_at_the_mailbox_are_told_as_they_stand_there() {
    let world = world().await;
    let mailbox = world.mailbox().await;
    let id = mailbox.id.uuid();
    world.sim.grant_mailbox(id, MailboxPermission::send_as("Sales Team")).unwrap();
    world.sim.grant_mailbox(id, MailboxPermission::full_access("S-1-5-21-1-2-3-4")).unwrap();
    world.sim.grant_mailbox(id, MailboxPermission::full_access("carl@x.test").denied()).unwrap();
    world.sim.grant_mailbox(id, MailboxPermission::send_as("dora@x.test").denied()).unwrap();
    world.sim.grant_mailbox(id, MailboxPermission::full_access("above@x.test").inherited()).unwrap();
    let mut wanted: Vec<MailboxGrant> = world.sim.mailboxes()[0]
        .holders
        .iter()
        .map(|id| world.sim.user(&id.to_string()).unwrap().user_principal_name)
        .map(|name| grant(&name, MailboxRight::FullAccess, false))
        .collect();
    wanted.push(grant("S-1-5-21-1-2-3-4", MailboxRight::FullAccess, false));
    wanted.push(grant("carl@x.test", MailboxRight::FullAccess, true));
    wanted.sort();
    assert_eq!(world.door.grants(&mailbox, &[MailboxRight::FullAccess]).await.unwrap(), wanted);
    let before = world.sim.requests().len();
    wanted.push(grant("Sales Team", MailboxRight::SendAs, false));
    wanted.push(grant("dora@x.test", MailboxRight::SendAs, true));
    wanted.sort();
    assert_eq!(world.door.grants(&mailbox, &BOTH).await.unwrap(), wanted);
    assert_eq!(world.sim.requests().len() - before, 2, "one question for each right that is wanted");
}

#[tokio::test]
async fn a_check_reads_one_mailbox_with_its_rights() {
    let world = world().await;
    assert!(world.door.check().await.unwrap().contains("can be read"));
}
