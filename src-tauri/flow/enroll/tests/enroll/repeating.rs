//! The way through all stations, and every station once more after its effect, as after a crash.

use enroll::{ENROLL, Progress};
use model::{EnrollmentState, JournalEvent, Span, Station};
use store::Store as _;

use crate::world::{World, claim, claim_for};

#[tokio::test]
async fn an_enrollment_walks_through_all_stations_and_leaves_only_what_is_meant_to_stay() {
    let world = World::new().await;
    assert_eq!(world.advance().await, Progress::Finished);
    world.assert_done_once().await;
    let walked: Vec<(Station, JournalEvent)> = Station::ALL
        .iter()
        .flat_map(|station| [(*station, JournalEvent::Started), (*station, JournalEvent::Succeeded)])
        .collect();
    assert_eq!(world.journal().await, walked);
    assert_eq!(world.authority.asked(), ["submit"], "nobody is asked about an order that was never placed");
    assert_eq!(world.intune.sent(), 1);
    assert_eq!(world.advance().await, Progress::Finished, "what is done stays done");
    world.assert_done_once().await;
}

#[tokio::test]
async fn every_station_may_run_again_after_its_effect() {
    for station in ENROLL {
        let world = World::new().await;
        // Up to the station.
        for earlier in ENROLL.iter().take_while(|earlier| earlier.station() != station.station()) {
            let mut enrollment = world.enrollment().await;
            let acted = earlier.act(&enrollment, &world.bench, false).await.unwrap();
            let mut work = world.store.begin().await.unwrap();
            earlier.keep(acted, &mut enrollment, &world.bench, work.as_mut()).await.unwrap();
            enrollment.station = earlier.station().next().unwrap();
            let begun = model::JournalEntry {
                enrollment: enrollment.id,
                station: enrollment.station,
                event: JournalEvent::Started,
                detail: None,
                at: enrollment.updated_at,
            };
            work.enrollments().add_journal(&begun).await.unwrap();
            work.enrollments().set_progress(&enrollment).await.unwrap();
            work.commit().await.unwrap();
        }
        // Its effect, and then the power fails.
        let enrollment = world.enrollment().await;
        drop(station.act(&enrollment, &world.bench, false).await.unwrap());
        assert_eq!(world.advance().await, Progress::Finished, "{:?}", station.station());
        assert_eq!(world.intune.receivers().len(), 1, "{:?}", station.station());
        assert_eq!(world.certificates().await.len(), 1, "{:?}", station.station());
        let orders = world.authority.asked().iter().filter(|asked| **asked == "submit").count();
        assert_eq!(orders, 1, "{:?}", station.station());
    }
}

#[tokio::test]
async fn whoever_has_lost_the_claim_does_nothing_and_stores_nothing() {
    let mut world = World::new().await;
    let mut work = world.store.begin().await.unwrap();
    work.jobs().park(&world.lease, world.lease.job.due_at, 0).await.unwrap();
    work.commit().await.unwrap();
    let now = model::Clock::now(world.clock.as_ref());
    let late = claim_for(&world.store, "late", now, Span::millis(1)).await;
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let other = claim(&world.store, "other", now).await;
    world.lease = late;
    assert_eq!(world.advance().await, Progress::LeaseLost);
    assert_eq!(world.journal().await, [], "not even the start is noted");
    world.lease = other;
    assert_eq!(world.advance().await, Progress::Finished);
    world.assert_done_once().await;
}

#[tokio::test]
async fn whoever_loses_the_claim_in_the_middle_of_a_resumed_run_is_kept_out_too() {
    let mut world = World::new().await;
    world.authority.will(crate::authority::Answer::Unavailable);
    assert!(matches!(world.advance().await, Progress::Again { .. }));
    let mut work = world.store.begin().await.unwrap();
    work.jobs().park(&world.lease, world.lease.job.due_at, 1).await.unwrap();
    work.commit().await.unwrap();
    // The lease it still holds in its hands is void; the run would be a resumed one.
    assert_eq!(world.advance().await, Progress::LeaseLost);
    assert_eq!(world.authority.asked(), ["submit"], "nothing was done outside");
    world.lease = claim(&world.store, "other", model::Clock::now(world.clock.as_ref())).await;
    assert_eq!(world.advance().await, Progress::Finished);
    assert_eq!(world.enrollment().await.state, EnrollmentState::Done);
}
