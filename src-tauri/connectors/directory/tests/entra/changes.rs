//! Change links: what they tell, how they end.

use std::time::Duration;

use model::{GroupId, SubscriberId};
use ports::{Directory as _, DirectoryError};
use sim::{Fault, FaultEffect, Member, Removal, SimOptions, User};
use uuid::Uuid;

use crate::world::{World, tenant, world};

/// Reads changes of users to the end of the present reading.
async fn users(world: &World, link: &str) -> (Vec<SubscriberId>, Vec<SubscriberId>, String) {
    let (mut changed, mut removed, mut link) = (Vec::new(), Vec::new(), link.to_owned());
    loop {
        let page = world.door.user_changes(Some(&link)).await.unwrap();
        changed.extend(page.changed);
        removed.extend(page.removed);
        match (page.next, page.delta_link) {
            (Some(next), None) => link = next,
            (None, Some(done)) => return (changed, removed, done),
            other => panic!("{other:?}"),
        }
    }
}

/// Reads changes of groups to the end; the number of requests is the last value.
async fn groups(world: &World, watched: &[GroupId], link: Option<&str>) -> (Vec<GroupId>, String, usize) {
    let (mut changed, mut link, mut requests) = (Vec::new(), link.map(str::to_owned), 0);
    loop {
        let page = world.door.group_changes(watched, link.as_deref()).await.unwrap();
        requests += 1;
        changed.extend(page.changed);
        match (page.next, page.delta_link) {
            (Some(next), None) => link = Some(next),
            (None, Some(done)) => return (changed, done, requests),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_first_link_costs_one_request_and_tells_nobody() {
    let world = world().await;
    let changes = world.door.user_changes(None).await.unwrap();
    assert!(changes.changed.is_empty() && changes.removed.is_empty() && changes.next.is_none());
    assert!(changes.delta_link.is_some());
    assert_eq!(world.asked("/users/delta"), 1);
}

#[tokio::test]
async fn changed_new_and_removed_users_are_told_once_across_tiny_pages() {
    let world = World::start(SimOptions::new(tenant()).with_pages_of(1)).await;
    let link = world.door.user_changes(None).await.unwrap().delta_link.unwrap();
    let people: Vec<Uuid> =
        world.sim.users().iter().filter(|user| user.account_enabled).map(|user| user.id).collect();

    world.sim.rename_user(people[0], "Neu", "Name").unwrap();
    world.sim.set_enabled(people[1], false).unwrap();
    world.sim.remove_user(people[2], Removal::Soft).unwrap();
    world.sim.remove_user(people[3], Removal::Hard).unwrap();
    world.sim.add_user(User::new(Uuid::from_u128(5), "new@nordwind.example.com"), &[]).unwrap();
    let (mut changed, mut removed, link) = users(&world, &link).await;

    let mut expected: Vec<SubscriberId> = [people[0], people[1], Uuid::from_u128(5)].map(Into::into).into();
    expected.sort_unstable();
    changed.sort_unstable();
    assert_eq!(changed, expected);
    let mut gone: Vec<SubscriberId> = [people[2], people[3]].map(Into::into).into();
    gone.sort_unstable();
    removed.sort_unstable();
    assert_eq!(removed, gone);

    let (changed, removed, _) = users(&world, &link).await;
    assert!(changed.is_empty() && removed.is_empty(), "nothing since");
}

#[tokio::test]
async fn shuffled_and_repeated_items_change_nothing() {
    let world = world().await;
    let link = world.door.user_changes(None).await.unwrap().delta_link.unwrap();
    let person = world.person().id;
    world.sim.rename_user(person, "Neu", "Name").unwrap();
    world.sim.add_fault(Fault::always("GET /v1.0/users/delta", FaultEffect::RepeatedItems));
    let (changed, _, _) = users(&world, &link).await;
    assert_eq!(changed, [person.into()]);
}

#[tokio::test]
async fn a_membership_change_names_its_group_and_no_other() {
    let world = World::start(SimOptions::new(tenant()).with_pages_of(2)).await;
    let watched: Vec<GroupId> = vec![world.sim.smime_group().into(), world.sim.sign_in_group().into()];
    let (told, link, _) = groups(&world, &watched, None).await;
    assert!(watched.iter().all(|group| told.contains(group)), "the first reading tells all of them");

    let (changed, link, _) = groups(&world, &[], Some(&link)).await;
    assert_eq!(changed, []);

    world.sim.add_user(User::new(Uuid::from_u128(5), "new@nordwind.example.com"), &[]).unwrap();
    world.sim.add_to_group(world.sim.sign_in_group(), Member::User(Uuid::from_u128(5))).unwrap();
    world.sim.add_to_group(world.sim.mailboxes()[0].holder_group, Member::User(Uuid::from_u128(5))).unwrap();
    let (mut changed, _, _) = groups(&world, &[], Some(&link)).await;
    changed.dedup();
    assert_eq!(changed, [watched[1]], "the mailbox's group is not watched");
}

#[tokio::test]
async fn more_groups_than_one_query_takes_are_read_in_several() {
    let mut tenant = tenant();
    let ids: Vec<Uuid> = (1..=120).map(Uuid::from_u128).collect();
    for id in &ids {
        let display_name = format!("group {id}");
        tenant.groups.push(sim::Group {
            id: *id,
            display_name,
            description: None,
            mail: None,
            members: Vec::new(),
        });
    }
    let world = World::start(SimOptions::new(tenant)).await;
    let watched: Vec<GroupId> = ids.iter().copied().map(Into::into).collect();
    let (told, link, _) = groups(&world, &watched, None).await;
    assert_eq!(told.len(), 120);

    let person = world.person().id;
    world.sim.add_to_group(ids[0], Member::User(person)).unwrap();
    world.sim.add_to_group(ids[119], Member::User(person)).unwrap();
    let (changed, link, requests) = groups(&world, &[], Some(&link)).await;
    assert_eq!((changed, requests), (vec![watched[0], watched[119]], 3));
    let (changed, _, requests) = groups(&world, &[], Some(&link)).await;
    assert_eq!((changed, requests), (Vec::new(), 3));
}

#[tokio::test]
async fn watching_no_group_needs_no_request() {
    let world = world().await;
    let changes = world.door.group_changes(&[], None).await.unwrap();
    assert_eq!(changes.delta_link.as_deref(), Some(""));
    let changes = world.door.group_changes(&[], Some("")).await.unwrap();
    assert_eq!(changes.delta_link.as_deref(), Some(""));
    assert_eq!(world.sim.request_count(), 0);
}

#[tokio::test]
async fn a_reset_and_an_expired_link_end_the_link() {
    let world = world().await;
    let user_link = world.door.user_changes(None).await.unwrap().delta_link.unwrap();
    let (_, group_link, _) = groups(&world, &[world.group()], None).await;

    world.sim.invalidate_delta_tokens();
    let error = world.door.user_changes(Some(&user_link)).await.unwrap_err();
    assert!(matches!(error, DirectoryError::LinkEnded), "{error:?}");
    let error = world.door.group_changes(&[], Some(&group_link)).await.unwrap_err();
    assert!(matches!(error, DirectoryError::LinkEnded), "{error:?}");

    let fresh = world.door.user_changes(None).await.unwrap().delta_link.unwrap();
    world.sim.advance(Duration::from_hours(8 * 24));
    let error = world.door.user_changes(Some(&fresh)).await.unwrap_err();
    assert!(matches!(error, DirectoryError::LinkEnded), "{error:?}");
}

#[tokio::test]
async fn a_link_to_another_place_is_given_up_without_a_request() {
    let world = world().await;
    for link in ["https://evil.example.com/v1.0/users/delta?$deltatoken=x", "not an address"] {
        let error = world.door.user_changes(Some(link)).await.unwrap_err();
        assert!(matches!(error, DirectoryError::LinkEnded), "{error:?}");
        let error = world.door.group_changes(&[], Some(link)).await.unwrap_err();
        assert!(matches!(error, DirectoryError::LinkEnded), "{error:?}");
    }
    assert_eq!(world.sim.request_count(), 0);
}
