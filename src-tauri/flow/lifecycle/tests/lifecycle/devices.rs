//! What stays on devices, what leaves them, and what is at Intune that should not be.

use std::sync::Mutex;

use async_trait::async_trait;
use lifecycle::{ReadBack, banish, read_back, survey};
use model::{
    AuditKind, Certificate, Clock as _, Delivery, DeliveryPolicy, DeliveryState, DriftKind, IntendedPurpose,
    Span, Subscriber, Template, Thumbprint,
};
use ports::{DeliveryDoor, DeliveryError, DeliveryRecord, ListedPage, ListedRecord, Package};

use crate::sample::{NOW, World, id, person, template};

/// Intune, as a list.
#[derive(Default)]
struct Shelf {
    records: Mutex<Vec<ListedRecord>>,
    /// Removals are answered well, and nothing is removed.
    stuck: Mutex<bool>,
}

impl Shelf {
    fn put(&self, record: DeliveryRecord, ours: bool) {
        self.records.lock().unwrap().push(ListedRecord { record, ours, intended_purpose: None });
    }

    fn thumbprints(&self) -> Vec<Thumbprint> {
        self.records.lock().unwrap().iter().map(|listed| listed.record.thumbprint).collect()
    }
}

#[async_trait]
impl DeliveryDoor for Shelf {
    async fn check(&self) -> Result<String, DeliveryError> {
        Ok("a shelf".to_owned())
    }
    async fn deliver(&self, _: &Package) -> Result<DeliveryRecord, DeliveryError> {
        panic!("nothing is handed over here")
    }
    async fn find(
        &self,
        name: &str,
        thumbprint: Thumbprint,
    ) -> Result<Option<DeliveryRecord>, DeliveryError> {
        let records = self.records.lock().unwrap();
        let is_it = |record: &DeliveryRecord| {
            record.thumbprint == thumbprint && record.user_principal_name.eq_ignore_ascii_case(name)
        };
        Ok(records.iter().map(|listed| &listed.record).find(|record| is_it(record)).cloned())
    }
    async fn list(&self, _: Option<&str>) -> Result<ListedPage, DeliveryError> {
        Ok(ListedPage { records: self.records.lock().unwrap().clone(), unreadable: 0, next: None })
    }
    async fn withdraw(&self, record: &DeliveryRecord) -> Result<(), DeliveryError> {
        if *self.stuck.lock().unwrap() {
            return Err(DeliveryError::Unavailable { retry_after: None, source: "still listed".into() });
        }
        self.records.lock().unwrap().retain(|listed| listed.record.id != record.id);
        Ok(())
    }
}

fn policy(intended_purpose: IntendedPurpose, former_on_devices: Option<u32>) -> Template {
    let delivery = DeliveryPolicy { intended_purpose, former_on_devices, ..DeliveryPolicy::default() };
    Template { delivery, ..template() }
}

fn record(owner: &Subscriber, certificate: &Certificate) -> DeliveryRecord {
    let person: String = owner.id.to_string().replace('-', "");
    DeliveryRecord {
        id: format!("{person}-{}", certificate.thumbprint),
        thumbprint: certificate.thumbprint,
        user_principal_name: owner.user_principal_name.clone(),
    }
}

/// A certificate that ends after so many days, handed over and on the shelf.
async fn delivered(
    world: &World,
    shelf: &Shelf,
    number: u128,
    owner: &Subscriber,
    days_left: i64,
) -> Certificate {
    let certificate = world.certify(number, owner, days_left).await;
    let record = record(owner, &certificate);
    let delivery = Delivery {
        id: id(1_000 + number),
        certificate: certificate.id,
        thumbprint: certificate.thumbprint,
        person: owner.id,
        user_principal_name: owner.user_principal_name.clone(),
        state: DeliveryState::Present,
        record: Some(record.id.clone()),
        at: NOW,
    };
    let mut work = world.shared.begin().await.unwrap();
    work.deliveries().add_missing(&[delivery]).await.unwrap();
    work.commit().await.unwrap();
    shelf.put(record, true);
    certificate
}

async fn look(world: &World, shelf: &Shelf, certificate: &Certificate) -> ReadBack {
    read_back(world.shared.as_ref(), shelf, world.clock.as_ref(), "susi", certificate.id).await.unwrap()
}

async fn state(world: &World, certificate: &Certificate) -> DeliveryState {
    world.shared.read().await.unwrap().deliveries().list(certificate.id).await.unwrap()[0].state
}

async fn withdrawals(world: &World) -> usize {
    let mut work = world.shared.read().await.unwrap();
    let entries = work.audit().list(&store::PageRequest::first(100)).await;
    entries.unwrap().rows.iter().filter(|entry| entry.event.kind == AuditKind::CertificateWithdrawn).count()
}

/// Four of one person, the oldest first; the newest was issued a day ago.
async fn four(world: &World, shelf: &Shelf) -> [Certificate; 4] {
    let owner = person(1);
    [
        delivered(world, shelf, 1, &owner, -600).await,
        delivered(world, shelf, 2, &owner, -300).await,
        delivered(world, shelf, 3, &owner, 30).await,
        delivered(world, shelf, 4, &owner, 364).await,
    ]
}

#[tokio::test]
async fn as_many_former_certificates_stay_as_the_template_says_and_never_fewer() {
    // With one: beside the newest the third stays; the first and second have two and more behind them.
    for (former, gone) in [(None, 0), (Some(0), 3), (Some(1), 2), (Some(2), 1), (Some(3), 0), (Some(9), 0)] {
        let template = policy(IntendedPurpose::SmimeEncryption, former);
        let world = World::of(&template, &[person(1)]).await;
        let shelf = Shelf::default();
        let all = four(&world, &shelf).await;
        world.clock.advance(Span::days(7));
        let mut withdrawn = 0;
        for certificate in &all {
            withdrawn += look(&world, &shelf, certificate).await.withdrawn;
        }
        assert_eq!(withdrawn, gone, "{former:?}");
        let left: Vec<Thumbprint> = all[gone as usize..].iter().map(|one| one.thumbprint).collect();
        assert_eq!(shelf.thumbprints(), left, "{former:?}: the oldest go");
        assert_eq!(withdrawals(&world).await, gone as usize);
        for (place, certificate) in all.iter().enumerate() {
            let expected =
                if place < gone as usize { DeliveryState::Withdrawn } else { DeliveryState::Present };
            assert_eq!(state(&world, certificate).await, expected);
        }
        // Once more changes nothing, and what is gone is not called missing.
        for certificate in &all {
            let again = look(&world, &shelf, certificate).await;
            assert_eq!((again.withdrawn, again.missing), (0, 0), "{former:?}");
        }
    }
}

#[tokio::test]
async fn a_former_certificate_goes_a_week_after_its_successor_and_not_before_that_is_there() {
    let world = World::of(&policy(IntendedPurpose::SmimeEncryption, Some(0)), &[person(1)]).await;
    let shelf = Shelf::default();
    let owner = person(1);
    let old = delivered(&world, &shelf, 1, &owner, 30).await;
    let new = delivered(&world, &shelf, 2, &owner, 365).await;
    let early = look(&world, &shelf, &old).await;
    assert_eq!((early.present, early.withdrawn), (1, 0));
    assert_eq!(early.again, Some(new.not_before + Span::days(7)), "it is looked at again then");

    let mut work = world.shared.begin().await.unwrap();
    work.deliveries().set_state(id(1_002), DeliveryState::Missing, None, NOW).await.unwrap();
    work.commit().await.unwrap();
    world.clock.advance(Span::days(30));
    let doubtful = look(&world, &shelf, &old).await;
    assert_eq!(
        (doubtful.present, doubtful.withdrawn, doubtful.again),
        (1, 0, None),
        "the new one is not there"
    );

    assert_eq!(look(&world, &shelf, &new).await.present, 1);
    assert_eq!(look(&world, &shelf, &old).await.withdrawn, 1);
    assert_eq!(shelf.thumbprints(), [new.thumbprint]);
}

#[tokio::test]
async fn former_signing_certificates_go_and_others_stay_where_nothing_is_said() {
    for (purpose, gone) in [
        (IntendedPurpose::SmimeSigning, 3),
        (IntendedPurpose::SmimeEncryption, 0),
        (IntendedPurpose::Unassigned, 0),
    ] {
        let world = World::of(&policy(purpose, None), &[person(1)]).await;
        let shelf = Shelf::default();
        let all = four(&world, &shelf).await;
        world.clock.advance(Span::days(7));
        let mut withdrawn = 0;
        for certificate in &all {
            withdrawn += look(&world, &shelf, certificate).await.withdrawn;
        }
        assert_eq!(withdrawn, gone, "{purpose:?}");
    }
}

#[tokio::test]
async fn a_removal_that_removed_nothing_is_tried_again() {
    let world = World::of(&policy(IntendedPurpose::SmimeEncryption, Some(0)), &[person(1)]).await;
    let shelf = Shelf::default();
    let all = four(&world, &shelf).await;
    world.clock.advance(Span::days(7));
    *shelf.stuck.lock().unwrap() = true;
    let store = world.shared.as_ref();
    read_back(store, &shelf, world.clock.as_ref(), "susi", all[0].id).await.unwrap_err();
    assert_eq!(state(&world, &all[0]).await, DeliveryState::Present, "nothing is called done that is not");
    *shelf.stuck.lock().unwrap() = false;
    assert_eq!(look(&world, &shelf, &all[0]).await.withdrawn, 1);
}

#[tokio::test]
async fn a_record_under_the_present_name_is_found_for_a_delivery_under_the_former_one() {
    let world = World::of(&template(), &[person(1)]).await;
    let shelf = Shelf::default();
    let owner = person(1);
    let certificate = delivered(&world, &shelf, 1, &owner, 300).await;
    let renamed = Subscriber { user_principal_name: "susi.neu@nordwind.example".to_owned(), ..owner };
    let mut work = world.shared.begin().await.unwrap();
    work.subscribers().set(&renamed).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(look(&world, &shelf, &certificate).await.present, 1, "where it was");
    shelf.records.lock().unwrap().clear();
    assert_eq!(look(&world, &shelf, &certificate).await.missing, 1);
    shelf.put(record(&renamed, &certificate), true);
    assert_eq!(look(&world, &shelf, &certificate).await.present, 1, "where it is now");
}

#[tokio::test]
async fn ghosts_are_told_apart_and_foreign_records_are_left_alone() {
    let people = [person(1), person(2), person(3)];
    let world = World::of(&policy(IntendedPurpose::SmimeSigning, None), &people).await;
    let shelf = Shelf::default();
    let good = delivered(&world, &shelf, 1, &people[0], 300).await;
    let ended = delivered(&world, &shelf, 2, &people[0], -1).await;
    let renamed = delivered(&world, &shelf, 3, &people[1], 300).await;
    let left = delivered(&world, &shelf, 4, &people[2], 300).await;
    let stranger = DeliveryRecord {
        id: "abc-0101".to_owned(),
        thumbprint: Thumbprint::new([1; 20]),
        user_principal_name: "who@nordwind.example".to_owned(),
    };
    shelf.put(stranger.clone(), true);
    let theirs =
        DeliveryRecord { id: "theirs".to_owned(), thumbprint: Thumbprint::new([2; 20]), ..stranger.clone() };
    shelf.put(theirs, false);
    // Ours, and under a person who was never to have it.
    let crossed = DeliveryRecord { id: record(&people[1], &good).id, ..record(&people[1], &good) };
    shelf.put(crossed.clone(), true);
    let mut work = world.shared.begin().await.unwrap();
    let new_name = Subscriber { user_principal_name: "neu@nordwind.example".to_owned(), ..people[1].clone() };
    work.subscribers().set(&new_name).await.unwrap();
    work.subscribers().mark_gone(people[2].id, NOW).await.unwrap();
    work.commit().await.unwrap();

    let store = world.shared.as_ref();
    let found = survey(store, &shelf, world.clock.as_ref()).await.unwrap();
    assert_eq!((found.listed, found.ours), (7, 6));
    let kind =
        |record: &str| found.ghosts.iter().find(|ghost| ghost.record.id == record).map(|ghost| ghost.kind);
    assert_eq!(kind(&record(&people[0], &good).id), None);
    assert_eq!(kind(&record(&people[0], &ended).id), Some(DriftKind::Ended));
    assert_eq!(kind(&record(&people[1], &renamed).id), Some(DriftKind::FormerName));
    assert_eq!(kind(&record(&people[2], &left).id), Some(DriftKind::Left));
    assert_eq!(kind(&stranger.id), Some(DriftKind::Unknown));
    assert_eq!(kind(&crossed.id), Some(DriftKind::WrongHolder));
    assert_eq!(found.ghosts.len(), 5);

    for ghost in &found.ghosts {
        banish(store, &shelf, world.clock.as_ref(), "susi", ghost).await.unwrap();
    }
    assert_eq!(withdrawals(&world).await, 5);
    assert!(survey(store, &shelf, world.clock.as_ref()).await.unwrap().ghosts.is_empty());
    assert_eq!(state(&world, &good).await, DeliveryState::Present);
    assert_eq!(state(&world, &ended).await, DeliveryState::Withdrawn);
    assert_eq!(state(&world, &left).await, DeliveryState::Withdrawn);
    assert_eq!(state(&world, &renamed).await, DeliveryState::Missing, "to be handed over under the new name");

    // It came back: another tool, or a service that had only said that it was gone.
    shelf.put(record(&people[0], &ended), true);
    let again = survey(store, &shelf, world.clock.as_ref()).await.unwrap();
    assert_eq!(again.ghosts.iter().map(|ghost| ghost.kind).collect::<Vec<_>>(), [DriftKind::Withdrawn]);
}

#[tokio::test]
async fn old_encryption_keys_are_no_ghosts() {
    let world = World::of(&policy(IntendedPurpose::SmimeEncryption, None), &[person(1)]).await;
    let shelf = Shelf::default();
    four(&world, &shelf).await;
    assert!(world.clock.now() > NOW - Span::days(1));
    let found = survey(world.shared.as_ref(), &shelf, world.clock.as_ref()).await.unwrap();
    assert_eq!((found.ours, found.ghosts.len()), (4, 0), "old mail wants them");
}
