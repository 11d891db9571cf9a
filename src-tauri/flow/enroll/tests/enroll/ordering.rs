//! The authority: slow, silent, unwilling, or giving something else than what was ordered.

use enroll::Progress;
use model::{EnrollmentState, JournalEvent, Span, Station};
use store::Store as _;

use crate::authority::Answer;
use crate::world::{Choice, World, id, intent};

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_never_ordered_again() {
    let world = World::new().await;
    world.authority.will(Answer::Lost);
    assert_eq!(world.advance().await, Progress::Again { after: Some(Span::seconds(5)), failed: true });
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.authority.asked(), ["submit", "find"]);
    world.assert_done_once().await;
}

#[tokio::test]
async fn an_order_that_never_arrived_is_placed_after_asking() {
    let world = World::new().await;
    world.authority.will(Answer::Unavailable);
    assert_eq!(world.advance().await, Progress::Again { after: Some(Span::seconds(90)), failed: true });
    let waiting = world.enrollment().await;
    assert_eq!(
        (waiting.state, waiting.station, waiting.attempts),
        (EnrollmentState::Running, Station::Request, 1)
    );
    assert!(waiting.last_error.unwrap().contains("503"));
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.authority.asked(), ["submit", "find", "submit"]);
    assert_eq!(world.enrollment().await.last_error, None, "a trouble that is over is not told");
}

#[tokio::test]
async fn an_authority_that_cannot_be_asked_leaves_an_unknown_outcome_to_a_person() {
    let world = World::with(Choice { can_be_asked: false, ..Choice::default() }).await;
    world.authority.will(Answer::Lost);
    assert!(matches!(world.advance().await, Progress::Again { .. }));
    assert_eq!(world.advance().await, Progress::NeedsPerson);
    let stuck = world.enrollment().await;
    assert_eq!(stuck.state, EnrollmentState::Stuck);
    assert!(stuck.last_error.unwrap().contains("look for it in the authority's portal"));
    assert_eq!(world.authority.asked(), ["submit"], "never a second time");
    assert_eq!(world.inflight().await, 1, "the key is kept for the certificate that may exist");
    assert_eq!(world.advance().await, Progress::NeedsPerson, "nothing more until somebody decides");
}

#[tokio::test]
async fn a_pending_order_is_asked_for_by_its_ticket_until_it_is_there() {
    let world = World::new().await;
    world.authority.will(Answer::Pending);
    world.authority.will(Answer::Pending);
    assert_eq!(world.advance().await, Progress::Again { after: Some(Span::minutes(3)), failed: false });
    assert_eq!(world.enrollment().await.state, EnrollmentState::Waiting);
    assert_eq!(world.advance().await, Progress::Again { after: Some(Span::minutes(30)), failed: false });
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.authority.asked(), ["submit", "poll", "poll"]);
    world.assert_done_once().await;
}

#[tokio::test]
async fn a_refusal_ends_the_enrollment_and_shreds_its_key() {
    let world = World::new().await;
    world.authority.will(Answer::Rejected);
    assert_eq!(world.advance().await, Progress::Finished);
    let rejected = world.enrollment().await;
    assert_eq!(rejected.state, EnrollmentState::Rejected);
    assert!(rejected.last_error.unwrap().contains("not in our contract"));
    assert_eq!(world.journal().await.last(), Some(&(Station::Request, JournalEvent::Rejected)));
    assert_eq!((world.inflight().await, world.intune.sent(), world.certificates().await.len()), (0, 0, 0));
}

#[tokio::test]
async fn missing_rights_wait_for_a_person_and_come_again() {
    let world = World::new().await;
    world.authority.will(Answer::Unauthorized);
    assert_eq!(world.advance().await, Progress::Again { after: Some(Span::minutes(10)), failed: true });
    let waiting = world.enrollment().await;
    assert_eq!(waiting.state, EnrollmentState::Waiting);
    assert!(waiting.last_error.unwrap().contains("renew the key"));
    assert_eq!(world.advance().await, Progress::Finished);
}

#[tokio::test]
async fn a_certificate_that_is_not_what_was_ordered_is_never_delivered() {
    for (answer, told) in [
        (Answer::OtherKey, "certifies another public key"),
        (Answer::OtherMail, "the address `susi@nordwind.example` is missing"),
        (Answer::OtherChain, "did not issue"),
    ] {
        let world = World::new().await;
        world.authority.will(answer);
        assert_eq!(world.advance().await, Progress::NeedsPerson);
        let stuck = world.enrollment().await;
        assert_eq!(stuck.state, EnrollmentState::Stuck);
        let why = stuck.last_error.unwrap();
        assert!(why.contains(told) && why.contains("it is not delivered"), "{why}");
        assert_eq!((world.intune.sent(), world.certificates().await.len()), (0, 0));
        assert_eq!(world.inflight().await, 1, "the key is kept until somebody has decided");
    }
}

#[tokio::test]
async fn an_order_waits_when_its_authority_is_not_set_up_on_this_machine() {
    let mut world = World::new().await;
    world.bench.authorities.clear();
    assert_eq!(world.advance().await, Progress::Again { after: Some(Span::minutes(10)), failed: true });
    assert!(world.enrollment().await.last_error.unwrap().contains("sealwright doctor"));
}

#[tokio::test]
async fn a_second_enrollment_for_the_same_person_and_template_cannot_be_begun() {
    let world = World::new().await;
    let mut work = world.store.begin().await.unwrap();
    let now = world.lease.job.due_at;
    let (intent, upn) = (intent(None), "susi@nordwind.example");
    let again =
        enroll::start(work.as_mut(), &world.bench.ids, &intent, &world.template, id(30), upn, now).await;
    assert!(matches!(again, Err(store::StoreError::Conflict { .. })), "{again:?}");
}

#[tokio::test]
async fn somebody_who_decided_lets_a_stuck_enrollment_go_on_where_it_stood() {
    let world = World::new().await;
    world.authority.will(Answer::OtherKey);
    assert_eq!(world.advance().await, Progress::NeedsPerson);
    let mut stuck = world.enrollment().await;
    let mut work = world.store.begin().await.unwrap();
    enroll::retry(work.as_mut(), &world.bench.ids, &mut stuck, "officer@here", world.lease.job.due_at)
        .await
        .unwrap();
    work.commit().await.unwrap();
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.enrollment().await.state, EnrollmentState::Done);
    let audit = world.store.read().await.unwrap().audit().list(&store::PageRequest::first(50)).await.unwrap();
    assert!(audit.rows.iter().any(|record| record.event.actor == "officer@here"), "who decided is on record");
}
