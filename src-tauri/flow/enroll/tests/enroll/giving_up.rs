//! A person ends what is stuck, as long as no certificate exists.

use enroll::{GiveUpError, Progress, forget_key, give_up};
use model::{Enrollment, EnrollmentState, JournalEvent, Station, Subscriber};
use store::{PageRequest, Store as _};

use crate::authority::Answer;
use crate::intune::Taken;
use crate::world::{Choice, World, claim, subscriber};

async fn given_up(world: &World, reason: &str) -> Result<Enrollment, GiveUpError> {
    let mut work = world.store.begin().await.unwrap();
    let now = world.lease.job.due_at;
    let ids = &world.bench.ids;
    let ended = give_up(work.as_mut(), ids, world.enrollment, reason, "officer@here", now).await?;
    work.commit().await.unwrap();
    Ok(ended)
}

async fn recorded(world: &World) -> Vec<String> {
    let audit = world.store.read().await.unwrap().audit().list(&PageRequest::first(50)).await.unwrap();
    let by_officer = audit.rows.into_iter().filter(|record| record.event.actor == "officer@here");
    by_officer.map(|record| record.event.detail).collect()
}

/// An order of which nobody knows whether it arrived.
async fn unknown_outcome() -> World {
    let world = World::with(Choice { can_be_asked: false, ..Choice::default() }).await;
    world.authority.will(Answer::Lost);
    assert!(matches!(world.advance().await, Progress::Again { .. }));
    assert_eq!(world.advance().await, Progress::NeedsPerson);
    world
}

#[tokio::test]
async fn what_is_stuck_before_a_certificate_exists_ends_with_a_reason_on_record_and_its_key_is_removed() {
    let world = unknown_outcome().await;
    let ended = given_up(&world, " the order was cancelled in the portal ").await.unwrap();
    assert_eq!(world.enrollment().await, ended);
    assert_eq!((ended.state, ended.station), (EnrollmentState::Rejected, Station::Request));
    let told = "given up by officer@here: the order was cancelled in the portal";
    assert_eq!(ended.last_error.as_deref(), Some(told));
    assert_eq!(world.journal().await.last(), Some(&(Station::Request, JournalEvent::Rejected)));
    assert_eq!(recorded(&world).await, ["reason: the order was cancelled in the portal"]);
    assert_eq!(world.inflight().await, 1);
    forget_key(world.bench.store.as_ref(), world.enrollment).await.unwrap();
    assert_eq!(world.inflight().await, 0);
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.authority.asked(), ["submit"], "nothing is ordered for it any more");
    // Another one for the same person and template may be begun.
    let mut work = world.store.read().await.unwrap();
    assert_eq!(work.enrollments().find_open(ended.subscriber, ended.template).await.unwrap(), None);
}

#[tokio::test]
async fn a_daemon_removes_the_key_that_whoever_gave_up_may_not_remove() {
    let mut world = unknown_outcome().await;
    // The worker that found it stuck has taken its job off the queue.
    let mut work = world.store.begin().await.unwrap();
    assert!(work.jobs().finish(&world.lease).await.unwrap());
    work.commit().await.unwrap();
    given_up(&world, "she has left").await.unwrap();
    assert_eq!(world.inflight().await, 1);
    world.lease = claim(&world.store, "a daemon", world.lease.job.due_at).await;
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.inflight().await, 0);
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_its_order_can_be_left_to_the_authority() {
    let world = World::new().await;
    world.authority.will(Answer::OtherKey);
    assert_eq!(world.advance().await, Progress::NeedsPerson);
    given_up(&world, "revoked in the portal").await.unwrap();
    assert_eq!((world.advance().await, world.certificates().await.len()), (Progress::Finished, 0));
}

#[tokio::test]
async fn whatever_has_a_certificate_goes_forward_only() {
    let world = World::new().await;
    world.intune.will(Taken::Unavailable);
    world.advance().await;
    let now = world.lease.job.due_at;
    let mut work = world.store.begin().await.unwrap();
    work.subscribers().set(&Subscriber { enabled: false, ..subscriber(false, now) }).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(world.advance().await, Progress::NeedsPerson);
    let before = world.enrollment().await;
    let refused = given_up(&world, "she has left").await.unwrap_err();
    assert!(
        matches!(refused, GiveUpError::Issued { certificate } if Some(certificate) == before.certificate)
    );
    assert!(refused.to_string().contains("only go forward"), "{refused}");
    assert_eq!((world.enrollment().await, world.inflight().await), (before, 1));
    assert_eq!(recorded(&world).await, Vec::<String>::new(), "nothing is recorded that did not happen");
}

#[tokio::test]
async fn what_goes_on_by_itself_or_has_ended_or_has_no_reason_is_not_given_up() {
    let world = World::new().await;
    assert!(matches!(given_up(&world, "why not").await, Err(GiveUpError::NotStuck)));
    assert!(matches!(given_up(&world, " ").await, Err(GiveUpError::NoReason)));
    assert_eq!(world.advance().await, Progress::Finished);
    assert!(matches!(given_up(&world, "too late").await, Err(GiveUpError::NotStuck)));
    assert_eq!(recorded(&world).await, Vec::<String>::new());
}
