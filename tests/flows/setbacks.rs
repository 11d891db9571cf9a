//! Every station fails once, at each of its points, as if the outside world had. The work rests, comes again, and ends the
//! same way. (Stations that are *repeated* after their effect are the kills `*.inside` in `crash`.)

use model::JournalEvent;
use store::{PageRequest, Store as _};

use crate::proof;
use crate::world::World;

async fn recovers_from(point: &str) {
    let world = World::of(2, 1).await;
    let mut daemon = world.daemon_with(&["--log", "info,enroll=debug"], Some(&format!("fail:{point}:2")));
    world.until_done(&mut daemon).await;
    daemon.stop().await;
    proof::everything_is_done_once(&world).await;
    assert_eq!(
        failures(&world, point).await,
        expected_failures(point),
        "the journal tells of the failure at {point}"
    );
}

/// What fails after a station's result was stored concerns the queue only; the enrollment's journal is not touched.
fn expected_failures(point: &str) -> usize {
    usize::from(point.rsplit('.').next() != Some("after"))
}

async fn failures(world: &World, point: &str) -> usize {
    let mut work = world.store.read().await.unwrap();
    let enrollments = work.enrollments().list(None, &PageRequest::first(500)).await.unwrap().rows;
    let mut told = 0;
    for enrollment in enrollments {
        let journal = work.enrollments().journal(enrollment.id).await.unwrap();
        told += journal
            .iter()
            .filter(|entry| entry.event == JournalEvent::Failed)
            .filter(|entry| entry.detail.as_ref().is_some_and(|detail| detail.contains(point)))
            .count();
    }
    told
}

macro_rules! setbacks {
    ($($name:ident: $point:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            recovers_from($point).await;
        }
    )*};
}

setbacks! {
    a_failure_before_the_key_is_made_is_made_good: "keygen.before";
    a_failure_while_the_key_is_made_is_made_good: "keygen.inside";
    a_failure_after_the_key_was_sealed_is_made_good: "keygen.after";
    a_failure_before_the_order_is_made_good: "request.before";
    a_failure_after_the_authority_issued_is_made_good: "request.inside";
    a_failure_after_the_certificate_was_stored_is_made_good: "request.after";
    a_failure_before_archiving_is_made_good: "archive.before";
    a_failure_while_archiving_is_made_good: "archive.inside";
    a_failure_after_archiving_is_made_good: "archive.after";
    a_failure_before_delivery_is_made_good: "deliver.before";
    a_failure_after_intune_took_it_is_made_good: "deliver.inside";
    a_failure_after_delivery_is_made_good: "deliver.after";
}
