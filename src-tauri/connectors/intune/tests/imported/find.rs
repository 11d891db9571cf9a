//! Reading records back.

use ports::DeliveryDoor as _;
use sim::{Fault, FaultEffect};

use crate::world::{PATH, package, world};

#[tokio::test]
async fn what_was_never_delivered_is_not_found() {
    let world = world().await;
    let person = world.person();
    let package = package(&person);
    assert_eq!(world.door.find(&person.user_principal_name, package.thumbprint).await.unwrap(), None);
    assert_eq!(world.door.find("nobody@nordwind.example.com", package.thumbprint).await.unwrap(), None);
}

#[tokio::test]
async fn the_right_one_of_several_certificates_and_persons_is_found() {
    let world = world().await;
    let people: Vec<_> = world.sim.users().into_iter().filter(|user| user.account_enabled).collect();
    let packages = [package(&people[0]), package(&people[0]), package(&people[1])];
    for package in &packages {
        world.door.deliver(package).await.unwrap();
    }
    for package in &packages {
        let found = world.door.find(&package.user_principal_name, package.thumbprint).await.unwrap().unwrap();
        assert_eq!(found.thumbprint, package.thumbprint);
        assert_eq!(found.user_principal_name, package.user_principal_name);
    }
    let crossed = world.door.find(&people[1].user_principal_name, packages[0].thumbprint).await.unwrap();
    assert_eq!(crossed, None);
}

#[tokio::test]
async fn a_short_retry_after_of_a_read_is_obeyed_on_the_spot() {
    let world = world().await;
    let package = package(&world.person());
    world.door.deliver(&package).await.unwrap();
    let effect = FaultEffect::TooManyRequests { retry_after: Some(0) };
    world.sim.add_fault(Fault::once(&format!("GET {PATH}"), effect));
    assert!(world.door.find(&package.user_principal_name, package.thumbprint).await.unwrap().is_some());
}

/// Every page of the list.
async fn everything(door: &intune::IntuneDelivery) -> Vec<ports::ListedRecord> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = door.list(after.as_deref()).await.unwrap();
        all.extend(page.records);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn all_records_are_listed_over_all_pages_and_foreign_keys_are_told_apart() {
    let tenant = sim::Tenant::invent().people(4).build();
    let world = crate::world::World::start(sim::SimOptions::new(tenant).with_pages_of(2)).await;
    let people: Vec<_> = world.sim.users().into_iter().filter(|user| user.account_enabled).collect();
    let mut expected = Vec::new();
    for person in &people {
        for _ in 0..3 {
            let package = package(person);
            world.door.deliver(&package).await.unwrap();
            expected.push(package.thumbprint);
        }
    }
    let mut other = crate::world::settings(&world.sim);
    other.connectors.default.key_name = "another key".to_owned();
    let clock = std::sync::Arc::new(model::SystemClock);
    let other = intune::IntuneDelivery::new(crate::world::graph(&world.sim), clock, other).unwrap();
    let foreign = package(&people[0]);
    other.deliver(&foreign).await.unwrap();

    let asked = world.asked("GET");
    let listed = everything(&world.door).await;
    assert!(world.asked("GET") - asked > expected.len() / 2, "two on a page");
    assert_eq!(listed.len(), expected.len() + 1);
    let theirs: Vec<_> =
        listed.iter().filter(|listed| !listed.ours).map(|one| one.record.thumbprint).collect();
    assert_eq!(theirs, [foreign.thumbprint]);
    assert!(expected.iter().all(|one| listed.iter().any(|listed| listed.record.thumbprint == *one)));
    let seen_by_other = everything(&other).await.iter().filter(|listed| listed.ours).count();
    assert_eq!(seen_by_other, 1);
}
