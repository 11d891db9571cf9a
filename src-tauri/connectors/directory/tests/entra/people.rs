//! Reading users, members, nested groups and mailboxes.

use model::{GroupId, SubscriberId, SubscriberKind};
use ports::{Called, Directory as _, DirectoryError};
use sim::{MailboxPurpose, Member, SimOptions, User};
use uuid::Uuid;

use crate::world::{World, ids, tenant, world};

#[tokio::test]
async fn the_check_says_in_a_sentence_what_can_be_read() {
    let world = world().await;
    assert_eq!(world.door.check().await.unwrap(), "users, groups and mailbox settings can be read");
}

#[tokio::test]
async fn members_are_told_with_everything_the_directory_knows() {
    let world = world().await;
    let person = world.person();
    world
        .sim
        .edit_user(person.id, |user| {
            user.mail = Some("Susi.Sorglos@Nordwind.example.com".to_owned());
            user.proxy_addresses = vec![
                "smtp:SuSo@Nordwind.example.com".to_owned(),
                "SMTP:Susi.Sorglos@Nordwind.example.com".to_owned(),
                "X500:/o=x".to_owned(),
            ];
            user.on_premises_security_identifier = Some("S-1-5-21-1-2-3-1104".to_owned());
        })
        .unwrap();

    let members = world.everybody(world.group()).await;
    assert_eq!(members.len(), world.sim.users().len(), "every person and mailbox, nested ones too");
    let found = members.iter().find(|user| user.id == person.id.into()).unwrap();
    assert_eq!(found.user_principal_name, person.user_principal_name);
    assert_eq!(found.mail.as_deref(), Some("Susi.Sorglos@nordwind.example.com"));
    assert_eq!(found.aliases, ["SuSo@nordwind.example.com"]);
    assert_eq!(
        (found.given_name.as_ref(), found.surname.as_ref()),
        (person.given_name.as_ref(), person.surname.as_ref())
    );
    assert_eq!(found.enabled, Some(true));
    assert_eq!(found.on_premises_sid.as_deref(), Some("S-1-5-21-1-2-3-1104"));
    assert_eq!(
        world.door.user(person.id.into()).await.unwrap().as_ref(),
        Some(found),
        "read alone, the same"
    );
}

#[tokio::test]
async fn tiny_pages_bring_everybody_exactly_once() {
    let world = World::start(SimOptions::new(tenant()).with_pages_of(3)).await;
    let members = world.everybody(world.group()).await;
    let mut expected: Vec<SubscriberId> = world.sim.users().iter().map(|user| user.id.into()).collect();
    expected.sort_unstable();
    assert_eq!(ids(&members), expected);
    assert_eq!(world.asked("/transitiveMembers/microsoft.graph.user"), members.len().div_ceil(3));
    assert_eq!(world.asked("/token"), 1, "one login for all pages");
}

#[tokio::test]
async fn groups_nested_at_any_depth_are_found() {
    let mut tenant = tenant();
    let ids = [Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3)];
    for (depth, id) in ids.iter().enumerate() {
        let members = ids.get(depth + 1).map(|below| Member::Group(*below)).into_iter().collect();
        let display_name = format!("depth {depth}");
        tenant.groups.push(sim::Group { id: *id, display_name, description: None, mail: None, members });
    }
    let world = World::start(SimOptions::new(tenant).with_pages_of(1)).await;
    let mut nested = world.door.nested_groups(ids[0].into()).await.unwrap();
    nested.sort_unstable();
    assert_eq!(nested, [GroupId::from(ids[1]), GroupId::from(ids[2])]);
    assert_eq!(world.door.nested_groups(ids[2].into()).await.unwrap(), []);
}

#[tokio::test]
async fn a_user_who_is_not_there_is_none_and_a_group_that_is_not_there_is_an_error() {
    let world = world().await;
    let nobody = Uuid::from_u128(7);
    assert_eq!(world.door.user(nobody.into()).await.unwrap(), None);
    let error = world.door.members(nobody.into(), None).await.unwrap_err();
    assert!(
        matches!(&error, DirectoryError::NotFound { what, .. } if what.contains(&nobody.to_string())),
        "{error:?}"
    );
}

#[tokio::test]
async fn shared_mailboxes_are_told_from_persons_and_from_accounts_without_mailbox() {
    let world = world().await;
    let mut user = User::new(Uuid::from_u128(9), "nomail@nordwind.example.com");
    user.purpose = MailboxPurpose::None;
    world.sim.add_user(user, &[]).unwrap();
    let kind = |id: Uuid| world.door.kind(id.into());

    assert_eq!(kind(world.sim.mailboxes()[0].user_id).await.unwrap(), SubscriberKind::SharedMailbox);
    assert_eq!(kind(world.person().id).await.unwrap(), SubscriberKind::Person);
    assert_eq!(kind(Uuid::from_u128(9)).await.unwrap(), SubscriberKind::Person);
}

#[tokio::test]
async fn an_empty_group_is_empty() {
    let mut tenant = tenant();
    let id = Uuid::from_u128(1);
    tenant.groups.push(sim::Group {
        id,
        display_name: "empty".to_owned(),
        description: None,
        mail: None,
        members: Vec::new(),
    });
    let world = World::start(SimOptions::new(tenant)).await;
    assert!(world.everybody(id.into()).await.is_empty());
}

#[tokio::test]
async fn a_name_that_another_service_told_means_somebody_or_nobody_and_never_the_likeliest() {
    let world = world().await;
    let person = world.person();
    let display = person.display_name.clone().unwrap();
    let by = async |name: &str| world.door.called(name).await.unwrap();
    let is_person = |called: &Called| matches!(called, Called::User(user) if user.id == person.id.into());
    world
        .sim
        .edit_user(person.id, |user| user.on_premises_security_identifier = Some("S-1-5-21-9-9-9-1".into()))
        .unwrap();
    for name in [
        &person.user_principal_name.to_uppercase(),
        &person.security_identifier(),
        &person.id.to_string(),
        "S-1-5-21-9-9-9-1",
    ] {
        assert!(is_person(&by(name).await), "{name}");
    }
    assert_eq!(by("S-1-5-21-9-9-9-2").await, Called::Gone);
    assert_eq!(by(&User::new(Uuid::from_u128(5), "x@y.test").security_identifier()).await, Called::Gone);
    for (name, why) in [
        // Exchange's own name of somebody is not the directory's when they were renamed, and others may choose it.
        (display.as_str(), "a bare name"),
        ("nobody@nowhere.test", "nobody in the directory"),
        ("EUR01\\Administrators", "Exchange's own"),
        (" ", "empty"),
        ("SMIME users", "a bare name"),
    ] {
        assert!(matches!(by(name).await, Called::Unclear(told) if told.contains(why)), "{name}");
    }
    // Two of one address: it is not known which. A guest's, which others choose, counts for nothing.
    let twin = |number: u128, kind: &str| User {
        mail: Some("shared@elsewhere.test".to_owned()),
        user_type: Some(kind.to_owned()),
        ..User::new(Uuid::from_u128(number), &format!("twin{number}@nordwind.example.com"))
    };
    world.sim.add_user(twin(1, "Guest"), &[]).unwrap();
    assert!(matches!(by("shared@elsewhere.test").await, Called::Unclear(told) if told.starts_with("nobody")));
    world.sim.add_user(twin(2, "Member"), &[]).unwrap();
    assert!(
        matches!(by("shared@elsewhere.test").await, Called::User(user) if user.id == Uuid::from_u128(2).into())
    );
    world.sim.add_user(twin(3, "Member"), &[]).unwrap();
    assert!(
        matches!(by("shared@elsewhere.test").await, Called::Unclear(told) if told.starts_with("2 users"))
    );
}

#[tokio::test]
async fn a_mail_enabled_security_group_is_found_by_address_and_id() {
    let mut tenant = tenant();
    let id = Uuid::from_u128(70);
    tenant.groups.push(sim::Group {
        id,
        display_name: "Sales O'Neil".to_owned(),
        description: None,
        mail: Some("sales@nordwind.example.com".to_owned()),
        members: Vec::new(),
    });
    let world = World::start(SimOptions::new(tenant)).await;
    for name in ["sales@nordwind.example.com", &id.to_string()] {
        assert_eq!(world.door.called(name).await.unwrap(), Called::Group(id.into()), "{name}");
    }
    assert!(matches!(world.door.called("Sales O'Neil").await.unwrap(), Called::Unclear(_)));
}
