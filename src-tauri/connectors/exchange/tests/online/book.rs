//! What mailboxes show in the address list: read, changed as a whole, and left as it was where a change comes out wrongly.

use model::SubscriberId;
use ports::{AddressBook as _, BookChange, BookEntry, BookError, BookReceipt, Disposition};
use sim::{
    BytesOnTheWire, Emptying, Fault, FaultEffect, OtherBytes, PublishedCertificates, SimOptions,
    strangers_certificate,
};
use uuid::Uuid;

use crate::world::{World, tenant, world};

const ROUTE: &str = "POST /adminapi/*";
const ROLE: [&str; 2] = ["Get-Mailbox", "Set-Mailbox"];

/// A certificate, and an S/MIME value that its owner signed.
fn published(name: &str) -> (Vec<u8>, Vec<u8>) {
    strangers_certificate(name).unwrap()
}

/// A world whose application may publish, and a person in it whose mailbox is mastered in the cloud.
async fn able() -> (World, Uuid) {
    let world = world().await;
    world.sim.set_exchange_role(&ROLE);
    let person = world.sim.users()[0].id;
    world.sim.set_synchronised(person, false).unwrap();
    (world, person)
}

async fn change(
    world: &World,
    seen: &BookEntry,
    certificates: &[&Vec<u8>],
    habit: Option<&str>,
) -> Result<BookReceipt, BookError> {
    let change = BookChange {
        seen: seen.clone(),
        certificates: certificates.iter().map(|one| (*one).clone()).collect(),
        smime: seen.smime.clone(),
    };
    world.book.change(&change, habit).await
}

fn writes(world: &World) -> usize {
    let posts = world.sim.requests();
    posts.iter().filter(|one| one.path.ends_with("/InvokeCommand") && one.query.is_empty()).count()
}

#[tokio::test]
async fn each_way_of_writing_is_found_by_reading_back_and_known_from_then_on() {
    use BytesOnTheWire::{Base64, Data, Integers, TypedData};
    let (ours, other) = (published("ours").0, published("other").0);
    for (taken, behaviour, habit, tries) in [
        (Data, OtherBytes::Refused, "data table", 1),
        (TypedData, OtherBytes::Refused, "typed-data table", 2),
        (Integers, OtherBytes::Ignored, "integers table", 3),
        (Integers, OtherBytes::Mangled, "integers table", 3),
        (Base64, OtherBytes::Mangled, "base64 table", 4),
    ] {
        let (world, person) = able().await;
        world.sim.set_bytes_on_the_wire(taken, behaviour);
        let seen = world.book.read(person.into()).await.unwrap();
        assert_eq!((seen.certificates.len(), seen.is_synchronised), (0, false));
        let receipt = change(&world, &seen, &[&ours], None).await.unwrap();
        assert_eq!(receipt.habit.as_deref(), Some(habit));
        assert_eq!(world.sim.published(person).certificates, std::slice::from_ref(&ours));
        assert_eq!(writes(&world), tries, "{taken:?}");
        // Known, it takes one request.
        let receipt = change(&world, &receipt.entry, &[&other, &ours], Some(habit)).await.unwrap();
        assert_eq!(writes(&world), tries + 1, "{taken:?}");
        // What a tenant takes may change; it is found again.
        world.sim.set_bytes_on_the_wire(Data, OtherBytes::Refused);
        let receipt = change(&world, &receipt.entry, &[&other], Some(habit)).await.unwrap();
        assert_eq!(receipt.habit.as_deref(), Some("data table"));
        assert_eq!(world.sim.published(person).certificates, std::slice::from_ref(&other));
    }
}

#[tokio::test]
async fn where_no_way_is_taken_what_was_there_is_put_back() {
    let (world, person) = able().await;
    let (foreign, signed) = published("foreign");
    let before = PublishedCertificates { certificates: vec![foreign.clone()], smime: vec![signed] };
    world.sim.publish(person, before.clone());
    let seen = world.book.read(person.into()).await.unwrap();
    // No certificate, so that every way is refused.
    let refused = change(&world, &seen, &[&foreign, &vec![1, 2, 3]], None).await.unwrap_err();
    assert!(
        matches!(&refused, BookError::Rejected { reason, .. } if reason.contains("base64 table")),
        "{refused:?}"
    );
    assert_eq!(refused.disposition(), Disposition::Reject);
    assert_eq!(world.sim.published(person), before);
    // Other ways are mangled on the way to the one that is refused.
    world.sim.set_bytes_on_the_wire(BytesOnTheWire::Base64, OtherBytes::Mangled);
    let refused = change(&world, &seen, &[&foreign, &vec![1, 2, 3]], None).await.unwrap_err();
    assert!(
        matches!(&refused, BookError::Rejected { reason, .. } if reason.contains("is there")),
        "{refused:?}"
    );
    assert_eq!(world.sim.published(person), before, "the foreign certificate and the S/MIME value are back");
    // Everything is swallowed: nothing is known, and nothing is broken.
    world.sim.set_bytes_on_the_wire(BytesOnTheWire::Base64, OtherBytes::Ignored);
    let refused = change(&world, &seen, &[&published("new").0], Some("data table")).await.unwrap_err();
    assert!(matches!(refused, BookError::NotShown { .. }), "{refused:?}");
    assert_eq!(refused.disposition(), Disposition::LookUpFirst);
    assert_eq!(world.sim.published(person), before);
}

#[tokio::test]
async fn lists_are_emptied_in_the_way_that_is_taken_and_s_mime_values_are_left_alone() {
    let (ours, signed) = published("ours");
    for (taken, habit) in [(Emptying::Table, "data table"), (Emptying::List, "data list")] {
        let (world, person) = able().await;
        world.sim.set_emptying(taken);
        world.sim.publish(
            person,
            PublishedCertificates { certificates: vec![ours.clone()], smime: vec![signed.clone()] },
        );
        let seen = world.book.read(person.into()).await.unwrap();
        let receipt = change(&world, &seen, &[], Some("data table")).await.unwrap();
        assert_eq!(receipt.habit.as_deref(), Some(habit));
        let shown = world.sim.published(person);
        assert_eq!((shown.certificates.len(), shown.smime.len()), (0, 1));
        // And those too where it is wanted; nothing is written twice.
        let all = BookChange { seen: receipt.entry, certificates: Vec::new(), smime: Vec::new() };
        let receipt = world.book.change(&all, receipt.habit.as_deref()).await.unwrap();
        assert_eq!(world.sim.published(person), PublishedCertificates::default());
        let count = writes(&world);
        let again = BookChange { seen: receipt.entry.clone(), ..all };
        world.book.change(&again, receipt.habit.as_deref()).await.unwrap();
        assert_eq!(writes(&world), count);
    }
}

#[tokio::test]
async fn who_is_mastered_elsewhere_and_who_has_no_mailbox_is_told() {
    let (world, person) = able().await;
    world.sim.set_synchronised(person, true).unwrap();
    let seen = world.book.read(person.into()).await.unwrap();
    assert!(seen.is_synchronised);
    let refused = change(&world, &seen, &[&published("ours").0], None).await.unwrap_err();
    assert!(
        matches!(&refused, BookError::Synchronised { detail, .. } if detail.contains("on-premises organization")),
        "{refused:?}"
    );
    assert_eq!(writes(&world), 1, "no other way is tried");
    let nobody: SubscriberId = Uuid::from_u128(404).into();
    let refused = world.book.read(nobody).await.unwrap_err();
    assert!(matches!(refused, BookError::NoMailbox { holder, .. } if holder == nobody), "{refused:?}");
    world.sim.set_unknown_mailbox(sim::UnknownMailbox::Everything);
    let refused = world.book.read(nobody).await.unwrap_err();
    assert!(matches!(refused, BookError::Garbled { .. }), "rows of all are nobody's: {refused:?}");
}

#[tokio::test]
async fn a_missing_role_is_found_without_changing_anything() {
    let (world, person) = able().await;
    assert!(world.book.check().await.unwrap().contains("published"));
    world.sim.set_exchange_role(&["Get-Mailbox"]);
    let error = world.book.check().await.unwrap_err();
    let told = error.to_string();
    assert_eq!(error.disposition(), Disposition::Operator);
    assert!(
        told.contains("Set-Mailbox needs an Exchange role") && told.contains("--for address-book"),
        "{told}"
    );
    let seen = world.book.read(person.into()).await.unwrap();
    let error = change(&world, &seen, &[&published("ours").0], None).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Operator, "{error:?}");
    world.sim.set_exchange_role(&[]);
    assert_eq!(world.book.check().await.unwrap_err().disposition(), Disposition::Operator);
    assert_eq!(world.sim.published(person), PublishedCertificates::default());
}

#[tokio::test]
async fn a_lost_answer_is_no_refusal_and_what_is_no_answer_is_no_empty_list() {
    let (world, person) = able().await;
    let ours = published("ours").0;
    let seen = world.book.read(person.into()).await.unwrap();
    world.sim.add_fault(Fault::once(ROUTE, FaultEffect::LostAnswer));
    let error = change(&world, &seen, &[&ours], Some("data table")).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::LookUpFirst, "{error:?}");
    assert_eq!(world.book.read(person.into()).await.unwrap().certificates, [ours]);
    for effect in [FaultEffect::TruncatedPage, FaultEffect::Html, FaultEffect::TruncatedBody] {
        world.sim.add_fault(Fault::once(ROUTE, effect.clone()));
        let error = world.book.read(person.into()).await.unwrap_err();
        assert!(matches!(error, BookError::Garbled { .. }), "{effect:?}: {error:?}");
    }
    world.sim.add_fault(Fault::once(ROUTE, FaultEffect::TooManyRequests { retry_after: Some(60) }));
    let error = change(&world, &seen, &[&published("new").0], None).await.unwrap_err();
    assert!(matches!(error.disposition(), Disposition::Retry { after: Some(_) }), "{error:?}");
}

#[tokio::test]
async fn everything_that_is_published_is_listed_page_by_page() {
    let world = World::start(SimOptions::new(tenant()).with_pages_of(3)).await;
    let mailbox = world.sim.mailboxes()[0].user_id;
    let ours = published("ours").0;
    world.sim.publish(mailbox, PublishedCertificates { certificates: vec![ours.clone()], smime: Vec::new() });
    let (mut entries, mut after, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let page = world.book.list(after.as_deref()).await.unwrap();
        entries.extend(page.entries);
        pages += 1;
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert!(pages > 1);
    let told: std::collections::BTreeSet<SubscriberId> = entries.iter().map(|entry| entry.holder).collect();
    assert_eq!(told.len(), entries.len(), "nobody twice");
    assert!(entries.len() >= 8, "people and shared mailboxes: {}", entries.len());
    let shown: Vec<&BookEntry> = entries.iter().filter(|entry| !entry.certificates.is_empty()).collect();
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].holder, &shown[0].certificates), (mailbox.into(), &vec![ours]));
}
