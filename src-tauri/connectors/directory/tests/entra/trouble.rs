//! A service in trouble, and networks that get in between.

use model::Span;
use ports::{Directory as _, DirectoryError, Disposition};
use sim::{Fault, FaultEffect, SimOptions};

use crate::world::{World, tenant, world};

const MEMBERS: &str = "GET /v1.0/groups/*";

async fn failure(effect: FaultEffect) -> DirectoryError {
    let world = world().await;
    world.sim.add_fault(Fault::always(MEMBERS, effect));
    world.door.members(world.group(), None).await.unwrap_err()
}

#[tokio::test]
async fn a_short_retry_after_is_obeyed_once_on_the_spot() {
    let world = world().await;
    world.sim.add_fault(Fault::once(MEMBERS, FaultEffect::TooManyRequests { retry_after: Some(1) }));
    let started = std::time::Instant::now();
    assert!(!world.everybody(world.group()).await.is_empty());
    assert!(started.elapsed().as_millis() >= 1_000);
}

#[tokio::test]
async fn throttling_beyond_that_is_the_schedulers_business() {
    let after = |error: DirectoryError| {
        let Disposition::Retry { after } = error.disposition() else { panic!("{error:?}") };
        after
    };
    assert_eq!(after(failure(FaultEffect::TooManyRequests { retry_after: None }).await), None);
    assert_eq!(
        after(failure(FaultEffect::TooManyRequests { retry_after: Some(40) }).await),
        Some(Span::seconds(40))
    );
    assert_eq!(
        after(failure(FaultEffect::Unavailable { retry_after: Some(0) }).await),
        Some(Span::seconds(0))
    );
    assert_eq!(after(failure(FaultEffect::Status { status: 504 }).await), None);
}

#[tokio::test]
async fn a_sign_in_page_of_the_network_is_recognised() {
    let error = failure(FaultEffect::Html).await;
    assert!(
        matches!(&error, DirectoryError::Garbled { detail } if detail.contains("Sign in to the network")),
        "{error:?}"
    );
}

#[tokio::test]
async fn lost_late_and_cut_answers_are_read_again_later() {
    for effect in [FaultEffect::LostAnswer, FaultEffect::CutBefore, FaultEffect::Delay { millis: 6_000 }] {
        let error = failure(effect).await;
        assert!(matches!(error, DirectoryError::Unavailable { .. }), "{error:?}");
    }
    let error = failure(FaultEffect::TruncatedBody).await;
    assert!(
        matches!(&error, DirectoryError::Garbled { detail } if detail.contains("ends in the middle")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let world = world().await;
    world.sim.add_fault(Fault::once(MEMBERS, FaultEffect::SlowBody { millis: 400 }));
    assert!(!world.everybody(world.group()).await.is_empty());
}

#[tokio::test]
async fn a_page_that_lost_its_second_half_makes_nobody_a_leaver() {
    let error = failure(FaultEffect::TruncatedPage).await;
    assert!(matches!(&error, DirectoryError::Garbled { detail } if detail.contains("7 of 14")), "{error:?}");

    let world = World::start(SimOptions::new(tenant()).with_pages_of(4)).await;
    world.sim.add_fault(Fault::once(MEMBERS, FaultEffect::TruncatedPage).after(1));
    let first = world.door.members(world.group(), None).await.unwrap();
    let error = world.door.members(world.group(), first.next.as_deref()).await.unwrap_err();
    assert!(matches!(&error, DirectoryError::Garbled { detail } if detail.contains("6 of 14")), "{error:?}");
}

#[tokio::test]
async fn an_outage_of_the_login_is_no_refusal() {
    let world = world().await;
    world.sim.add_fault(Fault::always("POST /*", FaultEffect::Unavailable { retry_after: Some(17) }));
    let error = world.door.check().await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Retry { after: Some(Span::seconds(17)) });
}

#[tokio::test]
async fn a_cloud_that_is_gone_is_unreachable() {
    let world = world().await;
    world.door.check().await.unwrap();
    world.sim.stop().await;
    let error = world.door.check().await.unwrap_err();
    assert!(matches!(error, DirectoryError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_told_with_a_hint() {
    let one = world().await;
    let other = world().await;
    // A door that trusts the first world's authority and is pointed at the second one.
    let error = crate::world::door_to(&one.sim, other.sim.base_url()).check().await.unwrap_err();
    let DirectoryError::Unavailable { source, .. } = &error else { panic!("{error:?}") };
    assert!(source.to_string().contains("add its root certificate to the settings"), "{source}");
}
