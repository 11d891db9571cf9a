//! Budgets that all installations draw on. Times are the database's, so these tests really wait.

use std::time::{Duration, Instant};

use model::Span;
use store::{Rate, Store};

use super::Database;

const EVEN: Rate = Rate { interval: Span::millis(40), burst: 1 };

async fn draw(store: &dyn Store, name: &str, rate: Rate) -> Option<Span> {
    store::in_unit!(store, work => { work.budgets().draw(name, rate).await? }).unwrap()
}

pub async fn after_a_burst_calls_are_drawn_evenly(database: &impl Database) {
    let store = database.open().await;
    let slow = Rate { interval: Span::minutes(5), burst: 3 };
    for _ in 0..3 {
        assert_eq!(draw(store.as_ref(), "ca 1", slow).await, None);
    }
    let wait = draw(store.as_ref(), "ca 1", slow).await.unwrap();
    assert!((60_000..=300_000).contains(&wait.as_millis()), "{wait:?}");
    assert_eq!(draw(store.as_ref(), "ca 2", slow).await, None, "another bucket");

    // Long enough for a second call in between on a busy machine.
    let quick = Rate { interval: Span::seconds(5), burst: 1 };
    let began = Instant::now();
    assert_eq!(draw(store.as_ref(), "ca 3", quick).await, None);
    let mut told = draw(store.as_ref(), "ca 3", quick).await;
    assert!(told.is_some(), "one at a time");
    while let Some(wait) = told {
        assert!((1..=5_000).contains(&wait.as_millis()), "{wait:?}");
        assert!(began.elapsed() < Duration::from_mins(1), "it is free again after a while");
        tokio::time::sleep(wait.to_duration()).await;
        told = draw(store.as_ref(), "ca 3", quick).await;
    }
    assert!(began.elapsed() >= Duration::from_millis(4_900), "{:?}", began.elapsed());
}

pub async fn installations_that_draw_at_once_never_draw_more_than_there_is(database: &impl Database) {
    let stores = [database.open().await, database.open().await, database.open().await];
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..9 {
        let store = stores[number % 3].clone();
        tasks.spawn(async move {
            let mut drawn = 0;
            while drawn < 4 {
                match draw(store.as_ref(), "graph", EVEN).await {
                    None => drawn += 1,
                    Some(wait) => tokio::time::sleep(wait.to_duration()).await,
                }
            }
        });
    }
    tasks.join_all().await;
    assert!(began.elapsed() >= Duration::from_millis(35 * 39), "{:?}", began.elapsed());
}

pub async fn a_rest_is_for_everybody_and_the_longest_counts(database: &impl Database) {
    let (ours, theirs) = (database.open().await, database.open().await);
    let rest = async |name: &str, span| {
        store::in_unit!(ours, work => { work.budgets().rest(name, span).await? }).unwrap();
    };
    let resting = async |name: &str| theirs.read().await.unwrap().budgets().resting(name).await.unwrap();
    assert_eq!(resting("intune 1").await, None, "a bucket that nobody knows");
    rest("intune 1", Span::minutes(10)).await;
    rest("intune 1", Span::millis(1)).await;
    let left = resting("intune 1").await.unwrap();
    assert!((300_000..=600_000).contains(&left.as_millis()), "{left:?}");
    let wait = draw(theirs.as_ref(), "intune 1", EVEN).await.unwrap();
    assert!((300_000..=600_000).contains(&wait.as_millis()), "{wait:?}");

    rest("intune 2", Span::millis(300)).await;
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(resting("intune 2").await, None, "it is over");
    assert_eq!(draw(theirs.as_ref(), "intune 2", EVEN).await, None);
}
