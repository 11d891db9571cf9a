//! Units of work: all or nothing, seen by others only when committed.

use std::collections::BTreeSet;
use std::time::Duration;

use model::AuthorityId;
use store::StoreError;

use super::Database;
use super::sample::{add_recipes, id, person};

pub async fn a_dropped_unit_leaves_nothing(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    add_recipes(work.as_mut()).await;
    work.subscribers().set(&person(1)).await.unwrap();
    drop(work);

    let mut work = store.begin().await.unwrap();
    assert!(work.subscribers().lookup(id(1)).await.unwrap().is_none());
    assert!(work.templates().list().await.unwrap().is_empty());
}

pub async fn what_is_committed_is_seen_by_another_program(database: &impl Database) {
    let (ours, theirs) = (database.open().await, database.open().await);
    let mut work = ours.begin().await.unwrap();
    work.subscribers().set(&person(1)).await.unwrap();
    assert!(theirs.read().await.unwrap().subscribers().lookup(id(1)).await.unwrap().is_none());
    work.commit().await.unwrap();
    assert_eq!(theirs.read().await.unwrap().subscribers().lookup(id(1)).await.unwrap(), Some(person(1)));
}

pub async fn a_reader_keeps_its_snapshot_and_never_waits_for_a_writer(database: &impl Database) {
    let store = database.open().await;
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.subscribers().count().await.unwrap(), (0, 0));

    let mut writer = store.begin().await.unwrap();
    writer.subscribers().set(&person(1)).await.unwrap();
    let other = async { store.read().await.unwrap().subscribers().count().await.unwrap() };
    let other = tokio::time::timeout(Duration::from_secs(5), other).await;
    assert_eq!(other.ok(), Some((0, 0)), "a reader does not wait for a writer");
    writer.commit().await.unwrap();

    assert_eq!(reader.subscribers().count().await.unwrap(), (0, 0), "the snapshot stays");
    drop(reader);
    assert_eq!(store.read().await.unwrap().subscribers().count().await.unwrap(), (1, 0));
}

pub async fn a_unit_for_reading_refuses_to_write(database: &impl Database) {
    let store = database.open().await;
    let mut reader = store.read().await.unwrap();
    let refused = reader.subscribers().set(&person(1)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unwritable { .. }), "{refused}");
}

pub async fn writers_of_two_programs_queue(database: &impl Database) {
    let stores = [database.open().await, database.open().await];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..40 {
        let store = stores[number % 2].clone();
        tasks.spawn(async move {
            // Two that draw the very first number can lock each other out; then one of them begins anew.
            let drawn: Result<u64, StoreError> = store::in_unit!(store, work => {
                let drawn = work.ledger().next_crl_number(id::<AuthorityId>(1)).await?;
                tokio::time::sleep(Duration::from_millis(1)).await;
                drawn
            });
            drawn.unwrap()
        });
    }
    let drawn: BTreeSet<u64> = tasks.join_all().await.into_iter().collect();
    assert_eq!(drawn, (1..=40).collect());
}
