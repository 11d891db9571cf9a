//! What Exchange says when it does not answer, and what is never concluded from it.

use model::Span;
use ports::{Disposition, MailboxDirectory as _, MailboxError};
use sim::{Fault, FaultEffect, UnknownMailbox};
use uuid::Uuid;

use crate::world::{BOTH, World, world};

const ROUTE: &str = "POST /adminapi/*";

fn hint(error: MailboxError) -> String {
    let MailboxError::Unauthorized { hint } = error else { panic!("{error:?}") };
    hint
}

#[tokio::test]
async fn a_missing_permission_and_a_missing_role_are_told_apart_though_exchange_says_neither() {
    let world = world().await;
    world.sim.set_exchange_role(&[]);
    let told = hint(world.door.shared_mailboxes().await.unwrap_err());
    assert!(told.contains("Exchange role") && told.contains("Get-MailboxPermission"), "{told}");
    world.sim.set_exchange_role(&["Get-Mailbox", "Get-MailboxPermission"]);
    let told = hint(world.grants().await.unwrap_err());
    assert!(told.contains("asked for: Get-RecipientPermission"), "{told}");
    assert!(world.door.check().await.is_err(), "a check tries all that is needed");
    // A token that was made before keeps what it carries.
    world.sim.set_roles(&sim::DEFAULT_ROLES);
    let fresh = World::start(sim::SimOptions::default()).await;
    let told = hint(fresh.door.shared_mailboxes().await.unwrap_err());
    assert!(told.contains("Exchange.ManageAsApp") && told.contains("admin consent"), "{told}");
}

#[tokio::test]
async fn rows_of_another_mailbox_are_refused_as_a_whole() {
    let world = world().await;
    world.sim.set_unknown_mailbox(UnknownMailbox::Everything);
    let mut gone = world.mailbox().await;
    gone.id = Uuid::from_u128(99).into();
    gone.names = vec!["gone@x.test".to_owned()];
    let error = world.door.grants(&gone, &BOTH).await.unwrap_err();
    assert!(
        matches!(&error, MailboxError::Garbled { detail } if detail.contains("a row belongs to")),
        "{error:?}"
    );
    world.sim.set_unknown_mailbox(UnknownMailbox::NotFound);
    let error = world.door.grants(&gone, &BOTH).await.unwrap_err();
    assert!(
        matches!(&error, MailboxError::NotFound { detail, .. } if detail.contains("couldn't be found")),
        "{error:?}"
    );
}

#[tokio::test]
async fn waits_are_heard_in_fractions_of_a_second() {
    let world = world().await;
    let throttled = FaultEffect::TooManyRequests { retry_after: Some(60) };
    world.sim.add_fault(Fault::once(ROUTE, throttled));
    let error = world.door.shared_mailboxes().await.unwrap_err();
    let wait = Disposition::Retry { after: Some(Span::millis(60_250)) };
    assert_eq!(error.disposition(), wait, "{error:?}");
    // A short one is waited for.
    world.sim.add_fault(Fault::once(ROUTE, FaultEffect::TooManyRequests { retry_after: Some(0) }));
    assert_eq!(world.door.shared_mailboxes().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_token_that_is_refused_once_is_replaced() {
    let world = world().await;
    world.sim.add_fault(Fault::once(ROUTE, FaultEffect::Unauthorized));
    assert_eq!(world.door.shared_mailboxes().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_no_answer_is_never_an_empty_list() {
    for (effect, is_passing) in [
        (FaultEffect::Html, false),
        (FaultEffect::TruncatedBody, false),
        (FaultEffect::Status { status: 500 }, true),
        (FaultEffect::Unavailable { retry_after: None }, true),
        (FaultEffect::CutBefore, true),
        (FaultEffect::LostAnswer, true),
    ] {
        let world = world().await;
        world.sim.add_fault(Fault::always(ROUTE, effect.clone()));
        let error = world.door.shared_mailboxes().await.unwrap_err();
        let is_unavailable = matches!(error, MailboxError::Unavailable { .. });
        let is_garbled = matches!(error, MailboxError::Garbled { .. });
        assert_eq!((is_unavailable, is_garbled), (is_passing, !is_passing), "{effect:?}: {error:?}");
    }
}
