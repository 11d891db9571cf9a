//! Keys are made once, sealed before anything leaves, and never for agents who cannot open them.

use enroll::Progress;
use model::{EnrollmentState, Span, Station};
use store::Store as _;

use crate::authority::Answer;
use crate::world::{Choice, World, agent};

#[tokio::test]
async fn both_envelopes_lie_in_the_database_before_the_order_leaves() {
    let world = World::new().await;
    world.authority.will(Answer::Unavailable);
    world.advance().await;
    let mut work = world.store.read().await.unwrap();
    assert!(work.archive().lookup(world.enrollment).await.unwrap().is_some());
    assert!(work.archive().inflight(world.enrollment).await.unwrap().is_some());
    let (request, _) = work.enrollments().request(world.enrollment).await.unwrap().unwrap();
    drop(work);
    // The key that was ordered for is the one that was sealed, however often it is tried.
    world.authority.will(Answer::Unavailable);
    world.advance().await;
    let (again, _) =
        world.store.read().await.unwrap().enrollments().request(world.enrollment).await.unwrap().unwrap();
    assert_eq!(again, request);
    assert_eq!(world.advance().await, Progress::Finished);
}

#[tokio::test]
async fn without_an_agent_no_key_is_made_that_must_be_archived() {
    let world = World::with(Choice { agents: false, ..Choice::default() }).await;
    assert_eq!(world.advance().await, Progress::Again { after: Some(Span::minutes(10)), failed: true });
    let waiting = world.enrollment().await;
    assert_eq!((waiting.state, waiting.station), (EnrollmentState::Waiting, Station::Keygen));
    assert!(waiting.last_error.unwrap().contains("sealwright kra add"));
    assert_eq!((world.inflight().await, world.authority.asked().len()), (0, 0));
    let mut work = world.store.begin().await.unwrap();
    work.kras().add(&agent("late", None)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(world.advance().await, Progress::Finished);
    world.assert_done_once().await;
}

#[tokio::test]
async fn keys_are_not_sealed_to_an_agent_whose_certificate_has_ended() {
    let world = World::with(Choice { agents: false, ..Choice::default() }).await;
    let mut work = world.store.begin().await.unwrap();
    let ended = world.lease.job.due_at - Span::days(1);
    work.kras().add(&agent("Old agent", Some(ended))).await.unwrap();
    work.commit().await.unwrap();
    assert!(matches!(world.advance().await, Progress::Again { .. }));
    let why = world.enrollment().await.last_error.unwrap();
    assert!(why.contains("`Old agent` ended on"), "{why}");
    assert_eq!(world.inflight().await, 0);
}

#[tokio::test]
async fn a_template_without_archive_needs_no_agent_and_archives_nothing() {
    let world = World::with(Choice { archive: false, agents: false, ..Choice::default() }).await;
    assert_eq!(world.advance().await, Progress::Finished);
    let certificates = world.certificates().await;
    assert!(!certificates[0].archived);
    assert!(world.store.read().await.unwrap().archive().lookup(world.enrollment).await.unwrap().is_none());
    assert_eq!(world.inflight().await, 0);
}
