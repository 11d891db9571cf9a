//! `enrollment …`: what is under way, and what a person decides about one that is stuck.

use model::{Enrollment, EnrollmentState, JournalEntry, JournalEvent, Span};
use serde_json::Value;
use sim::{SimOptions, Tenant};
use store::{JobKind, PageRequest, Store as _};

use crate::program::until;
use crate::proof;
use crate::world::{Pace, World};

async fn all(world: &World) -> Vec<Enrollment> {
    let mut work = world.store.read().await.unwrap();
    work.enrollments().list(None, &PageRequest::first(500)).await.unwrap().rows
}

async fn listed(world: &World, options: &[&str]) -> Vec<Value> {
    let told = world.json(&[&["enrollment", "list"], options].concat()).await;
    assert_eq!(told["more"], false, "{told}");
    told["enrollments"].as_array().unwrap().clone()
}

async fn in_flight(world: &World) -> u64 {
    world.store.read().await.unwrap().archive().count_inflight().await.unwrap()
}

/// One person's enrollment whose key is made, and of whose order nobody knows anything: as it is left behind with an
/// authority that cannot be asked.
async fn stuck_before_issuing() -> (World, String) {
    let tenant = Tenant::invent().people(1).mailboxes(0).build();
    let one_by_one = Pace { concurrency: 1, ..Pace::default() };
    let world = World::with(SimOptions::new(tenant), &one_by_one).await;
    world.queue_all().await;
    world.probed("kill:request.before").killed().await;
    let mut stuck = all(&world)
        .await
        .into_iter()
        .find(|one| one.station == model::Station::Request)
        .expect("one has its key");
    let mut work = world.store.begin().await.unwrap();
    stuck.state = EnrollmentState::Stuck;
    stuck.last_error = Some("nobody knows whether the order arrived".to_owned());
    work.enrollments().set_progress(&stuck).await.unwrap();
    let entry = JournalEntry {
        enrollment: stuck.id,
        station: stuck.station,
        event: JournalEvent::Stuck,
        detail: None,
        at: stuck.updated_at,
    };
    work.enrollments().add_journal(&entry).await.unwrap();
    work.commit().await.unwrap();
    // And its job was taken off the queue, by whoever had it.
    until("the dead daemon's claims have run out", async || {
        let mut work = world.store.begin().await.unwrap();
        let now = work.jobs().now().await.unwrap();
        let leases = work.jobs().claim("a story", now, Span::minutes(1), 10).await.unwrap();
        let mut found = false;
        for lease in &leases {
            if lease.job.kind == (JobKind::Enrollment { enrollment: stuck.id }) {
                found = work.jobs().finish(lease).await.unwrap();
            } else {
                work.jobs().park(lease, now, 0).await.unwrap();
            }
        }
        work.commit().await.unwrap();
        found.then_some(())
    })
    .await;
    (world, stuck.id.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn enrollments_are_listed_by_state_and_by_part_of_a_name() {
    let world = World::of(2, 1).await;
    world.json(&["apply"]).await;
    let every = listed(&world, &[]).await;
    assert_eq!(every.len(), world.expected().len());
    assert!(every.iter().all(|line| line["state"] == "done"), "{every:?}");
    assert_eq!(listed(&world, &["--state", "stuck"]).await.len(), 0);
    assert_eq!(listed(&world, &["--state", "done", "--search", "SIGN-"]).await.len(), 2, "by template");
    let upn = all(&world).await[0].user_principal_name.to_uppercase();
    let found = listed(&world, &["--search", &upn]).await;
    assert!(!found.is_empty() && found.len() < every.len(), "{found:?}");
    let few = world.json(&["enrollment", "list", "--limit", "1"]).await;
    assert_eq!((few["enrollments"].as_array().unwrap().len(), &few["more"]), (1, &true.into()));
    let refused = world.run_json(&["enrollment", "list", "--state", "lost"]).await.failure();
    assert!(refused.contains("`lost`") && refused.contains("stuck"), "{refused}");
    for person in [["list", "--state=done"].as_slice(), &["list", "--limit=1"]] {
        let said = world.run(&[&["enrollment"], person].concat()).await;
        assert!(said.code == Some(0) && said.stdout.contains("REASON OR PROBLEM"), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_enrollment_is_tried_again_and_finishes() {
    let (world, id) = stuck_before_issuing().await;
    let stuck = listed(&world, &["--state", "stuck"]).await;
    assert_eq!((stuck.len(), stuck[0]["id"].as_str()), (1, Some(id.as_str())));
    let retried = world.json(&["enrollment", "retry", &id]).await;
    assert_eq!(retried["line"]["state"], "done", "{retried}");
    let again = world.run_json(&["enrollment", "retry", &id]).await.failure();
    assert!(again.contains("does not wait for a person"), "{again}");
    let unknown = world.run_json(&["enrollment", "retry", "no-id"]).await.failure();
    assert!(unknown.contains("`no-id` is not the id of an enrollment"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_enrollment_is_given_up_on_record_and_its_key_is_gone() {
    let (world, id) = stuck_before_issuing().await;
    assert_eq!(in_flight(&world).await, 1);
    let said = world.run(&["enrollment", "give-up", &id, "--reason", "case 4711: she left"]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    // Whoever reads it knows where an order may still lie.
    assert!(said.stdout.contains(&id) && said.stdout.contains("authority's portal"), "{said:?}");
    assert_eq!(in_flight(&world).await, 0);
    let line = listed(&world, &["--state", "rejected"]).await.pop().unwrap();
    assert_eq!(line["id"].as_str(), Some(id.as_str()));
    assert!(line["lastError"].as_str().unwrap().ends_with("case 4711: she left"), "{line}");
    let newest = world.json(&["audit", "list", "--limit", "1"]).await["entries"][0].clone();
    assert_eq!(
        (newest["kind"].as_str(), newest["object"].as_str(), newest["detail"].as_str()),
        (
            Some("ENROLLMENT_GIVEN_UP"),
            Some(format!("enrollment {id}").as_str()),
            Some("reason: case 4711: she left")
        )
    );
    for refused in [["give-up", &id, "--reason", "twice"].as_slice(), &["retry", &id]] {
        let refused = world.run_json(&[&["enrollment"], refused].concat()).await.failure();
        assert!(refused.contains("does not wait for a person"), "{refused}");
    }
    // The other template's certificate comes; nothing is ordered for this one.
    let mut daemon = world.daemon();
    until("the queue is empty", async || {
        let mut work = world.store.read().await.unwrap();
        (work.jobs().count().await.unwrap() == 0).then_some(())
    })
    .await;
    daemon.stop().await;
    assert_eq!(proof::certificates(&world).await.len(), world.expected().len() - 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_certificate_exists_an_enrollment_is_not_given_up_and_the_error_says_what_else() {
    let world = World::of(1, 0).await;
    world.queue_all().await;
    world.probed("kill:deliver.before").killed().await;
    let person = world.sim.users().into_iter().find(|user| user.account_enabled).unwrap();
    world.sim.set_enabled(person.id, false).unwrap();
    // The directory is read before the daemon comes back, which would deliver otherwise.
    world.json(&["plan"]).await;
    let mut daemon = world.daemon();
    let line =
        until("its delivery needs a person", async || listed(&world, &["--state", "stuck"]).await.pop())
            .await;
    daemon.stop().await;
    assert_eq!(line["station"], "deliver", "{line}");
    let keys = in_flight(&world).await;
    let id = line["id"].as_str().unwrap();
    let refused = world.run_json(&["enrollment", "give-up", id, "--reason", "she left"]).await.failure();
    for part in ["can only go forward", "enrollment retry", "sealwright certificate revoke"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    assert_eq!(in_flight(&world).await, keys, "nothing is removed");
}
