//! Renewal by hand orders nothing that the plan would not order.

use lifecycle::{LifecycleError, order_hold, order_revocation, renew};
use model::{Assignment, EnrollmentState, RevocationReason, Subscriber, SubscriberKind, Template};
use store::Store as _;

use crate::sample::{NOW, World, group, id, person, template};

async fn renewed(world: &World) -> Result<model::Enrollment, LifecycleError> {
    let mut work = world.store.begin().await.unwrap();
    let order = renew(work.as_mut(), &world.ids, id(50), "susi", NOW).await?;
    Ok(work.enrollments().lookup(order).await.unwrap().unwrap())
}

/// Why the certificate of the first of `people` cannot be renewed.
async fn why_not(template: &Template, people: &[Subscriber]) -> String {
    let world = World::of(template, people).await;
    world.certify(50, &people[0], 300).await;
    match renewed(&world).await {
        Err(LifecycleError::NotPossible(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_by_hand_names_who_ordered_it_and_what_it_replaces() {
    let world = World::of(&template(), &[person(1)]).await;
    let old = world.certify(50, &person(1), 300).await;
    let order = renewed(&world).await.unwrap();
    assert_eq!((order.state, order.replaces), (EnrollmentState::Running, Some(old.id)));
    assert_eq!(order.reason, "renewal ordered by susi");
    assert_eq!(order.names.mail_addresses, ["person1@nordwind.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_by_hand_is_refused_when_the_template_is_switched_off() {
    let off = Template { enabled: false, ..template() };
    let why = why_not(&off, &[person(1)]).await;
    assert!(why.starts_with("person1@nordwind.example") && why.contains("switched off"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_by_hand_is_refused_outside_the_groups_of_the_template() {
    let outside = Subscriber { groups: vec![id(7)], ..person(1) };
    let why = why_not(&template(), &[outside]).await;
    assert!(why.contains("in no enrollment group"), "{why}");
    let excluding =
        Template { assignment: Assignment { exclude: vec![group()], ..template().assignment }, ..template() };
    let why = why_not(&excluding, &[person(1)]).await;
    assert!(why.contains("in a group that the template `Mail` excludes"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_by_hand_is_refused_for_a_blocked_account() {
    let why = why_not(&template(), &[Subscriber { enabled: false, ..person(1) }]).await;
    assert!(why.contains("may not sign in"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_by_hand_is_refused_for_a_mailbox_that_nobody_may_use() {
    let mailbox = Subscriber { kind: SubscriberKind::SharedMailbox, enabled: false, ..person(1) };
    let why = why_not(&template(), &[mailbox]).await;
    assert!(why.contains("nobody is named who may use it"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_by_hand_is_refused_for_an_address_that_another_claims() {
    let rival = Subscriber { aliases: vec!["PERSON1@nordwind.example".to_owned()], ..person(2) };
    let why = why_not(&template(), &[person(1), rival]).await;
    assert!(why.contains("also belongs to Person 2"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_by_hand_is_refused_while_another_is_on_its_way() {
    let world = World::of(&template(), &[person(1)]).await;
    world.certify(50, &person(1), 300).await;
    let mut work = world.store.begin().await.unwrap();
    renew(work.as_mut(), &world.ids, id(50), "susi", NOW).await.unwrap();
    work.commit().await.unwrap();
    assert!(renewed(&world).await.unwrap_err().to_string().contains("on its way"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_certificate_is_not_renewed_past_one_that_is_on_hold() {
    let world = World::of(&template(), &[person(1)]).await;
    world.certify(50, &person(1), 200).await;
    world.certify(51, &person(1), 300).await;
    let mut work = world.store.begin().await.unwrap();
    let reason = RevocationReason::KeyCompromise;
    order_revocation(work.as_mut(), &world.ids, id(50), reason, "susi", NOW).await.unwrap();
    order_hold(work.as_mut(), &world.ids, id(51), "susi", NOW).await.unwrap();
    work.commit().await.unwrap();
    match renewed(&world).await {
        Err(LifecycleError::NotPossible(why)) => {
            assert!(why.contains("on hold") && why.contains("certificate release"), "{why}");
        }
        other => panic!("{other:?}"),
    }
    let mut work = world.store.begin().await.unwrap();
    lifecycle::order_release(work.as_mut(), &world.ids, id(51), "susi", NOW).await.unwrap();
    assert!(work.certificates().lift(id(51)).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(renewed(&world).await.unwrap().replaces, Some(id(50)), "it can be as soon as that is lifted");
}
