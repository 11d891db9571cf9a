//! Lost answers, throttling, pages instead of JSON, missing permissions.

use std::time::Duration;

use model::Span;
use ports::{DeliveryDoor as _, DeliveryError, Disposition};
use sim::{Fault, FaultEffect, User};
use uuid::Uuid;

use crate::world::{PATH, package, world};

#[tokio::test]
async fn an_answer_lost_after_the_effect_is_looked_up_and_found_exactly_once() {
    for effect in [FaultEffect::LostAnswer, FaultEffect::TruncatedBody, FaultEffect::Delay { millis: 6_000 }]
    {
        let world = world().await;
        let package = package(&world.person());
        world.spoil_posts(effect.clone());
        let error = world.door.deliver(&package).await.unwrap_err();
        assert!(
            matches!(&error, DeliveryError::OutcomeUnknown { thumbprint, .. } if *thumbprint == package.thumbprint),
            "{effect:?}: {error:?}"
        );
        assert_eq!(error.disposition(), Disposition::LookUpFirst);
        let found = world.door.find(&package.user_principal_name, package.thumbprint).await.unwrap();
        assert!(found.is_some(), "{effect:?}");
        assert_eq!(
            (world.sim.pfx_records().len(), world.sim.pfx_duplicates(), world.asked("POST")),
            (1, 0, 1)
        );
    }
}

#[tokio::test]
async fn what_may_have_happened_and_did_not_is_found_missing_and_sent_again() {
    for effect in [FaultEffect::CutBefore, FaultEffect::Html, FaultEffect::Status { status: 504 }] {
        let world = world().await;
        let package = package(&world.person());
        world.sim.add_fault(Fault::once(&format!("POST {PATH}"), effect.clone()));
        let error = world.door.deliver(&package).await.unwrap_err();
        assert_eq!(error.disposition(), Disposition::LookUpFirst, "{effect:?}: {error:?}");
        assert_eq!(world.door.find(&package.user_principal_name, package.thumbprint).await.unwrap(), None);
        world.door.deliver(&package).await.unwrap();
        assert_eq!(world.sim.pfx_records().len(), 1);
    }
}

#[tokio::test]
async fn throttling_with_and_without_a_time_is_the_schedulers_business() {
    let cases = [
        (FaultEffect::TooManyRequests { retry_after: None }, None),
        (FaultEffect::TooManyRequests { retry_after: Some(2) }, Some(Span::seconds(2))),
        (FaultEffect::Unavailable { retry_after: Some(9) }, Some(Span::seconds(9))),
    ];
    for (effect, after) in cases {
        let world = world().await;
        world.spoil_posts(effect);
        let error = world.door.deliver(&package(&world.person())).await.unwrap_err();
        assert_eq!(error.disposition(), Disposition::Retry { after });
        assert_eq!(world.asked("POST"), 1, "a write is never repeated here");
    }
}

#[tokio::test]
async fn an_expired_token_is_replaced_once_and_the_record_made_once() {
    let world = world().await;
    world.door.check().await.unwrap();
    world.sim.advance(Duration::from_hours(2));
    world.door.deliver(&package(&world.person())).await.unwrap();
    let statuses: Vec<u16> = world
        .sim
        .requests()
        .iter()
        .filter(|request| request.method == "POST" && request.path == PATH)
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [401, 201]);
    assert_eq!(world.sim.pfx_duplicates(), 0);
}

#[tokio::test]
async fn an_outage_of_the_login_leaves_nothing_to_look_up() {
    let world = world().await;
    world.sim.add_fault(Fault::always("POST */token", FaultEffect::LostAnswer));
    let error = world.door.deliver(&package(&world.person())).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Retry { after: None }, "{error:?}");
    assert_eq!(world.asked("POST"), 0);
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let world = world().await;
    world.sim.set_roles(&["User.Read.All", "DeviceManagementConfiguration.Read.All"]);
    world.door.check().await.unwrap();
    let error = world.door.deliver(&package(&world.person())).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Operator);
    assert!(error.to_string().contains("DeviceManagementConfiguration.ReadWrite.All"), "{error}");

    let world = crate::world::world().await;
    world.sim.set_roles(&["User.Read.All"]);
    let error = world.door.check().await.unwrap_err();
    assert!(
        matches!(&error, DeliveryError::Unauthorized { hint } if hint.contains("ReadWrite.All")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_wrong_secret_is_told_with_the_way_out() {
    let world = world().await;
    world.sim.set_client_secret("another");
    let error = world.door.check().await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Operator);
    assert!(error.to_string().contains("the client secret is wrong"), "{error}");
}

#[tokio::test]
async fn the_opaque_refusal_comes_with_its_activity_id_and_likely_causes() {
    let world = world().await;
    let mut user = User::new(Uuid::from_u128(1), "unlicensed@nordwind.example.com");
    user.intune_licensed = false;
    world.sim.add_user(user.clone(), &[]).unwrap();
    let error = world.door.deliver(&package(&user)).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Reject);
    let DeliveryError::Rejected { user_principal_name, reason } = &error else { panic!("{error:?}") };
    assert_eq!(user_principal_name, "unlicensed@nordwind.example.com");
    assert!(reason.contains("activity id") && reason.contains("Intune licence"), "{reason}");
    assert!(reason.contains("request id") && reason.contains("client request id"), "{reason}");
    assert!(
        reason.ends_with("none of the person's licences holds Intune: assign one, then try again"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_refusal_for_somebody_the_directory_does_not_know_says_so() {
    let world = world().await;
    let stranger = User::new(Uuid::from_u128(1), "former.name@nordwind.example.com");
    let error = world.door.deliver(&package(&stranger)).await.unwrap_err();
    let DeliveryError::Rejected { reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains("knows nobody with this sign-in name"), "{reason}");

    // Where the directory cannot be asked, the refusal is told as it is.
    let world = crate::world::world().await;
    world.sim.set_roles(&["DeviceManagementConfiguration.ReadWrite.All"]);
    let error = world.door.deliver(&package(&stranger)).await.unwrap_err();
    assert!(
        error.to_string().contains("activity id") && !error.to_string().contains("knows nobody"),
        "{error}"
    );
}

#[tokio::test]
async fn trouble_while_looking_a_refused_record_up_is_no_refusal() {
    let world = world().await;
    let package = package(&world.person());
    world.door.deliver(&package).await.unwrap();
    world
        .sim
        .add_fault(Fault::once(&format!("GET {PATH}"), FaultEffect::Unavailable { retry_after: Some(60) }));
    let error = world.door.deliver(&package).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Retry { after: Some(Span::seconds(60)) });
}

#[tokio::test]
async fn a_sign_in_page_of_the_network_does_not_look_like_an_empty_list() {
    let world = world().await;
    let package = package(&world.person());
    world.sim.add_fault(Fault::always(&format!("GET {PATH}"), FaultEffect::Html));
    let error = world.door.find(&package.user_principal_name, package.thumbprint).await.unwrap_err();
    let DeliveryError::Unavailable { source, .. } = &error else { panic!("{error:?}") };
    assert!(source.to_string().contains("Sign in to the network"), "{source}");
}
