//! The recurring duties as the console asks for them.

use api::{Duties, ErrorCode, ServiceStarted};
use model::{Clock as _, Service, Span};
use serde_json::json;
use store::Store as _;

use crate::host::World;

#[tokio::test]
async fn every_duty_is_told_also_before_a_daemon_has_taken_it_up() {
    let world = World::new().await;
    let console = world.console("susi");
    let before: Duties = console.call("duties", json!({})).await.unwrap();
    let names: Vec<&str> = before.duties.iter().map(|duty| duty.name.as_str()).collect();
    assert_eq!(names, Service::ALL.map(Service::name));
    assert!(before.duties.iter().all(|duty| duty.runs.is_none() && duty.off.is_none()));
    assert_eq!(before.duties[0].every_minutes, 15);
    assert_eq!((before.work.jobs, before.work.next_due, before.audit.is_none()), (0, None, true));

    let now = world.clock.now();
    let mut work = world.fresh.begin().await.unwrap();
    work.services().ensure(Service::Sync, now + Span::hours(1)).await.unwrap();
    work.commit().await.unwrap();
    let known: Duties = console.call("duties", json!({})).await.unwrap();
    let runs = known.duties[0].runs.as_ref().unwrap();
    assert_eq!((runs.last_run.as_deref(), runs.failed), (None, false));
    assert_eq!(runs.next_run, (now + Span::hours(1)).to_string());

    let started: ServiceStarted = console.call("run_service", json!({ "name": "sync" })).await.unwrap();
    let woken: Duties = console.call("duties", json!({})).await.unwrap();
    assert!(woken.duties[0].runs.as_ref().unwrap().next_run <= started.at);
    let refused =
        console.call::<ServiceStarted>("run_service", json!({ "name": "nothing" })).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotFound);
}
