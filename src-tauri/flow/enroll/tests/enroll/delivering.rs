//! The hand-over: once for each person, called present only when it was read back, and never given up.

use std::sync::Arc;

use enroll::Progress;
use model::{CertificateState, DeliveryState, EnrollmentState, Span, Station};
use store::Store as _;

use crate::intune::Taken;
use crate::world::{Choice, World, claim, id, intent, subscriber};

#[tokio::test]
async fn a_lost_answer_is_read_back_and_not_sent_again() {
    let world = World::new().await;
    world.intune.will(Taken::Lost);
    assert_eq!(world.advance().await, Progress::Again { after: Some(Span::seconds(5)), failed: true });
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.intune.sent(), 1);
    world.assert_done_once().await;
}

#[tokio::test]
async fn what_does_not_show_on_reading_back_is_not_called_delivered() {
    let world = World::new().await;
    world.intune.will(Taken::Forgotten);
    assert!(matches!(world.advance().await, Progress::Again { failed: true, .. }));
    let waiting = world.enrollment().await;
    assert!(waiting.last_error.unwrap().contains("does not show it on reading back"));
    assert_eq!((waiting.station, world.inflight().await), (Station::Deliver, 1));
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.intune.sent(), 2);
    world.assert_done_once().await;
}

#[tokio::test]
async fn a_certificate_that_exists_is_not_given_up_when_intune_refuses_it() {
    let world = World::new().await;
    world.intune.will(Taken::Rejected);
    assert_eq!(world.advance().await, Progress::NeedsPerson);
    assert_eq!(world.enrollment().await.state, EnrollmentState::Stuck);
    assert_eq!(world.inflight().await, 1, "the key waits for the decision");
    assert!(world.agent_opens(&world.certificates().await[0]).await);
}

#[tokio::test]
async fn a_mailboxes_key_goes_to_each_holder_once_also_when_it_is_interrupted_between_them() {
    let world = World::with(Choice { mailbox: true, ..Choice::default() }).await;
    world.intune.will(Taken::Well);
    world.intune.will(Taken::Unavailable);
    assert!(matches!(world.advance().await, Progress::Again { failed: true, .. }));
    assert_eq!(world.intune.receivers(), ["holder2@nordwind.example"]);
    assert_eq!(world.inflight().await, 1);
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.intune.receivers(), ["holder2@nordwind.example", "holder3@nordwind.example"]);
    assert_eq!(world.intune.sent(), 3, "one of them was only asked to wait");
    let certificate = world.certificates().await.remove(0);
    let deliveries = world.store.read().await.unwrap().deliveries().list(certificate.id).await.unwrap();
    assert!(
        deliveries
            .iter()
            .all(|delivery| delivery.state == DeliveryState::Present && delivery.record.is_some())
    );
    assert_eq!(world.inflight().await, 0);
}

#[tokio::test]
async fn a_new_sign_in_name_is_delivered_to() {
    let world = World::new().await;
    world.intune.will(Taken::Unavailable);
    world.advance().await;
    let now = world.lease.job.due_at;
    let renamed = model::Subscriber {
        user_principal_name: "susi.gross@nordwind.example".to_owned(),
        ..subscriber(false, now)
    };
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().set(&renamed).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.intune.receivers(), ["susi.gross@nordwind.example"]);
}

#[tokio::test]
async fn a_key_is_not_handed_over_to_somebody_who_was_blocked_meanwhile() {
    let world = World::new().await;
    world.intune.will(Taken::Unavailable);
    world.advance().await;
    let now = world.lease.job.due_at;
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().set(&model::Subscriber { enabled: false, ..subscriber(false, now) }).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(world.advance().await, Progress::NeedsPerson);
    assert_eq!(world.intune.receivers(), Vec::<String>::new());
}

#[tokio::test]
async fn an_installation_that_a_key_is_not_sealed_to_waits_and_says_what_to_do() {
    let mut world = World::new().await;
    world.intune.will(Taken::Unavailable);
    world.advance().await;
    let first = Arc::clone(&world.bench.installation);
    world.move_to_another_installation();
    assert_eq!(world.advance().await, Progress::Again { after: Some(Span::minutes(10)), failed: true });
    let why = world.enrollment().await.last_error.unwrap();
    assert!(
        why.contains("is not sealed to this installation") && why.contains("sealwright installation reseal"),
        "{why}"
    );
    world.bench.installation = first;
    assert_eq!(world.advance().await, Progress::Finished);
    world.assert_done_once().await;
}

#[tokio::test]
async fn another_admitted_installation_delivers_what_a_dead_one_began() {
    let mut world = World::new().await;
    let other = world.admit_another_installation();
    world.intune.will(Taken::Unavailable);
    world.advance().await;
    world.bench.installation = Arc::new(other);
    assert_eq!(world.advance().await, Progress::Finished);
    world.assert_done_once().await;
}

#[tokio::test]
async fn the_old_certificate_is_superseded_when_the_new_one_is_on_the_devices_and_not_before() {
    let world = World::new().await;
    assert_eq!(world.advance().await, Progress::Finished);
    let old = world.certificates().await.remove(0);
    let now = world.lease.job.due_at;
    let mut work = world.store.begin().await.unwrap();
    work.jobs().finish(&world.lease).await.unwrap();
    let enrollment = enroll::start(
        work.as_mut(),
        &world.bench.ids,
        &intent(Some(old.id)),
        &world.template,
        id(30),
        "susi@nordwind.example",
        now,
    )
    .await
    .unwrap();
    work.commit().await.unwrap();
    let world = World { lease: claim(&world.store, "worker", now).await, enrollment, ..world };
    let state = async || {
        let mut work = world.store.read().await.unwrap();
        work.certificates().lookup(old.id).await.unwrap().unwrap().certificate.state
    };
    world.intune.will(Taken::Unavailable);
    assert!(matches!(world.advance().await, Progress::Again { .. }));
    assert_eq!(state().await, CertificateState::Valid, "until then the old one is all there is");
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(state().await, CertificateState::Superseded);
    assert_eq!(world.intune.receivers().len(), 2, "the old record stays for old mail");
}
