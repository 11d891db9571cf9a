//! The whole way under a database that fails in every unit of work, in every way.

use enroll::{Progress, advance};
use model::EnrollmentState;
use store::{Store as _, StoreError};
use support::{Failing, Faulty};

use crate::world::{Choice, World, claim};

/// Runs the enrollment as its job would be run: again after every failure, which must be one that passes.
async fn run_to_the_end(world: &World, what: &str) {
    for _ in 0..4 {
        match advance(&world.bench, world.enrollment, &world.lease).await {
            Ok(Progress::Finished) => return,
            Ok(Progress::Again { .. }) | Err(StoreError::Busy { .. } | StoreError::OutcomeUnknown { .. }) => {
            }
            Ok(other) => panic!("{what}: {other:?}"),
            Err(error) => panic!("{what}: {error}"),
        }
    }
    panic!("{what}: it does not come to an end");
}

#[tokio::test]
async fn whatever_the_database_does_the_enrollment_is_carried_out_once() {
    for how in Failing::ALL {
        let mut nth = 1;
        loop {
            let mut world = World::new().await;
            let faulty = Faulty::over(world.store.shared());
            world.bench.store = faulty.clone();
            faulty.fail(nth, how);
            run_to_the_end(&world, &format!("{how:?} at {nth}")).await;
            world.assert_done_once().await;
            assert_eq!(world.enrollment().await.state, EnrollmentState::Done);
            if faulty.outstanding() > 0 {
                break;
            }
            nth += 1;
        }
        assert!(nth > 5, "each station stored something: {nth}");
    }
}

#[tokio::test]
async fn an_authority_that_cannot_be_asked_gets_no_second_order_because_of_a_deadlock() {
    for nth in 1..=6 {
        let mut world = World::with(Choice { can_be_asked: false, ..Choice::default() }).await;
        let faulty = Faulty::over(world.store.shared());
        world.bench.store = faulty.clone();
        for how in [Failing::Commit, Failing::Begin] {
            faulty.fail(nth, how);
        }
        assert_eq!(world.advance().await, Progress::Finished, "at {nth}");
        world.assert_done_once().await;
    }
}

#[tokio::test]
async fn failures_and_refusals_are_noted_once_whatever_the_database_does() {
    for how in [Failing::Begin, Failing::Commit] {
        let mut world = World::new().await;
        let faulty = Faulty::over(world.store.shared());
        world.bench.store = faulty.clone();
        world.authority.will(crate::authority::Answer::Rejected);
        // The unit of work that notes the refusal: after the start and the key.
        faulty.fail(3, how);
        assert_eq!(world.advance().await, Progress::Finished, "{how:?}");
        assert_eq!(faulty.outstanding(), 0);
        let enrollment = world.enrollment().await;
        assert_eq!((enrollment.state, enrollment.attempts), (EnrollmentState::Rejected, 1), "{how:?}");
        assert_eq!(world.inflight().await, 0, "{how:?}");
    }
}

#[tokio::test]
async fn an_enrollment_that_lost_its_job_is_queued_once_whatever_the_database_does() {
    for how in Failing::ALL {
        let world = World::new().await;
        let mut work = world.store.begin().await.unwrap();
        assert!(work.jobs().finish(&world.lease).await.unwrap());
        work.commit().await.unwrap();
        let (faulty, now) = (Faulty::over(world.store.shared()), world.lease.job.due_at);
        for nth in 1..=3 {
            faulty.fail(nth, how);
        }
        enroll::requeue(faulty.as_ref(), &world.bench.ids, now).await.unwrap();
        assert_eq!(faulty.outstanding(), 0, "{how:?}");
        assert_eq!(world.store.read().await.unwrap().jobs().count().await.unwrap(), 1, "{how:?}");

        // A database that never gets it saved is not asked for ever.
        let lease = claim(&world.store, "worker", now).await;
        let mut work = world.store.begin().await.unwrap();
        assert!(work.jobs().finish(&lease).await.unwrap());
        work.commit().await.unwrap();
        for nth in 1..=100 {
            faulty.fail(nth, how);
        }
        assert!(enroll::requeue(faulty.as_ref(), &world.bench.ids, now).await.is_err(), "{how:?}");
        assert!(faulty.outstanding() > 80, "{how:?}");
    }
}

#[tokio::test]
async fn a_decision_that_two_people_take_is_taken_once() {
    let world = World::new().await;
    let mut stuck = world.enrollment().await;
    stuck.state = EnrollmentState::Stuck;
    let mut work = world.store.begin().await.unwrap();
    work.enrollments().set_progress(&stuck).await.unwrap();
    work.jobs().finish(&world.lease).await.unwrap();
    work.commit().await.unwrap();
    let (mut seen_by_one, mut seen_by_two) = (stuck.clone(), stuck);
    let now = world.lease.job.due_at;
    let mut work = world.store.begin().await.unwrap();
    enroll::retry(work.as_mut(), &world.bench.ids, &mut seen_by_one, "one@here", now).await.unwrap();
    work.commit().await.unwrap();
    let mut work = world.store.begin().await.unwrap();
    let told = enroll::retry(work.as_mut(), &world.bench.ids, &mut seen_by_two, "two@here", now).await;
    assert!(matches!(told, Err(StoreError::Stale { .. })), "{told:?}");
    drop(work);
    assert_eq!(world.store.read().await.unwrap().jobs().count().await.unwrap(), 1);
}
