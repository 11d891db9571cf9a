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
    let rate = Rate { interval: Span::millis(400), burst: 3 };
    for _ in 0..3 {
        assert_eq!(draw(store.as_ref(), "ca 1", rate).await, None);
    }
    let wait = draw(store.as_ref(), "ca 1", rate).await.unwrap();
    assert!((1..=400).contains(&wait.as_millis()), "{wait:?}");
    assert_eq!(draw(store.as_ref(), "ca 2", rate).await, None, "another bucket");
    tokio::time::sleep(wait.to_duration() + Duration::from_millis(20)).await;
    assert_eq!(draw(store.as_ref(), "ca 1", rate).await, None);
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
    let rest = async |span| {
        store::in_unit!(ours, work => { work.budgets().rest("intune", span).await? }).unwrap();
    };
    let resting = async || theirs.read().await.unwrap().budgets().resting("intune").await.unwrap();
    assert_eq!(resting().await, None, "a bucket that nobody knows");
    rest(Span::millis(600)).await;
    rest(Span::millis(1)).await;
    let left = resting().await.unwrap();
    assert!((1..=600).contains(&left.as_millis()), "{left:?}");
    let wait = draw(theirs.as_ref(), "intune", EVEN).await.unwrap();
    assert!(wait.as_millis() <= 600, "{wait:?}");
    tokio::time::sleep(Duration::from_millis(650)).await;
    assert_eq!(resting().await, None);
    assert_eq!(draw(theirs.as_ref(), "intune", EVEN).await, None);
}
