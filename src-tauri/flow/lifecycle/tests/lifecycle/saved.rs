//! A template that is being saved while the plan is made, on a database where others write at the same time.

use std::sync::Arc;
use std::time::Duration;

use lifecycle::cycle;
use model::Template;
use support::Peers;

use crate::sample::{NOW, World, person, template, terms};

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_that_meets_a_template_being_saved_decides_by_what_was_saved() {
    let peers = Peers::on_mariadb(2).await;
    let [planner, console] = peers.stores() else { panic!("two installations") };
    let world = World::on(&template(), &[person(1)], Arc::clone(planner)).await;

    // The console has written, and holds everybody until it commits.
    let mut saving = console.begin().await.unwrap();
    saving.templates().set(&Template { enabled: false, ..template() }, 1, "susi", NOW).await.unwrap();
    saving.subscribers().mark_all_due().await.unwrap();

    let (clock, ids, store) = (Arc::clone(&world.clock), world.ids.clone(), Arc::clone(planner));
    let mut planning = tokio::task::JoinSet::from_iter([async move {
        cycle(store.as_ref(), clock.as_ref(), &ids, &terms(), None).await
    }]);
    let waits = tokio::time::timeout(Duration::from_millis(500), planning.join_next()).await;
    assert!(waits.is_err(), "it waits for the console: {waits:?}");
    saving.commit().await.unwrap();
    let cycled = planning.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(cycled.started, 0, "by the template as it was saved, nobody gets anything");
}
