//! Removing records: the list decides, not the answer.

use model::Span;
use ports::{DeliveryDoor as _, DeliveryError, Disposition};
use sim::{Fault, FaultEffect};

use crate::world::{PATH, package, world};

#[tokio::test]
async fn a_withdrawn_record_is_gone_and_the_others_stay() {
    let world = world().await;
    let person = world.person();
    let (old, new) = (package(&person), package(&person));
    let record = world.door.deliver(&old).await.unwrap();
    world.door.deliver(&new).await.unwrap();
    world.door.withdraw(&record).await.unwrap();
    assert_eq!(world.door.find(&person.user_principal_name, old.thumbprint).await.unwrap(), None);
    assert!(world.door.find(&person.user_principal_name, new.thumbprint).await.unwrap().is_some());
    world.door.withdraw(&record).await.unwrap();
}

#[tokio::test]
async fn a_removal_that_removed_nothing_is_found_out() {
    let world = world().await;
    let package = package(&world.person());
    let record = world.door.deliver(&package).await.unwrap();
    // A good answer, and nothing is removed.
    world.sim.add_fault(Fault::once("DELETE *", FaultEffect::Html));
    let error = world.door.withdraw(&record).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Retry { after: None });
    assert_eq!(world.sim.pfx_records().len(), 1);
    world.door.withdraw(&record).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_list() {
    let world = world().await;
    let record = world.door.deliver(&package(&world.person())).await.unwrap();
    world.sim.add_fault(Fault::once("DELETE *", FaultEffect::CutBefore));
    let error = world.door.withdraw(&record).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Unavailable { .. }), "{error:?}");
    world.sim.add_fault(Fault::once("DELETE *", FaultEffect::LostAnswer));
    world.door.withdraw(&record).await.unwrap();
    assert!(world.sim.pfx_records().is_empty());
}

#[tokio::test]
async fn throttling_is_handed_up_without_a_second_removal() {
    let world = world().await;
    let record = world.door.deliver(&package(&world.person())).await.unwrap();
    world.sim.add_fault(Fault::always(
        &format!("DELETE {PATH}/*"),
        FaultEffect::TooManyRequests { retry_after: Some(3) },
    ));
    let error = world.door.withdraw(&record).await.unwrap_err();
    assert_eq!(error.disposition(), Disposition::Retry { after: Some(Span::seconds(3)) });
    assert_eq!(world.asked("DELETE"), 1);
}
