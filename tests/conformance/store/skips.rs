//! Why somebody who is entitled gets no certificate.

use model::Skip;

use super::Database;
use super::sample::{id, peopled};

pub async fn reasons_why_not_are_replaced_for_one_subscriber(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let skip = |number: u128, template: &str, why: &str| Skip {
        subscriber: id(number),
        who: format!("Person {number}"),
        template: template.to_owned(),
        why: why.to_owned(),
    };
    let mut work = store.begin().await.unwrap();
    let both = [skip(2, "CBA", "has no sign-in name"), skip(2, "S/MIME", "has no mail address")];
    work.subscribers().set_skip(id(2), &both).await.unwrap();
    work.subscribers().set_skip(id(1), &[skip(1, "S/MIME", "is disabled")]).await.unwrap();
    work.subscribers().set_skip(id(1), &[skip(1, "S/MIME", "has no surname")]).await.unwrap();
    let listed = work.subscribers().list_skips(10).await.unwrap();
    assert_eq!(listed, [skip(1, "S/MIME", "has no surname"), both[0].clone(), both[1].clone()]);
    work.subscribers().set_skip(id(2), &[]).await.unwrap();
    assert_eq!(work.subscribers().list_skips(10).await.unwrap().len(), 1);
    assert_eq!(work.subscribers().list_skips(0).await.unwrap().len(), 0);
}

pub async fn several_reasons_for_one_template_become_one(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let skip = |template: &str, why: &str| Skip {
        subscriber: id(1),
        who: "Person 1".to_owned(),
        template: template.to_owned(),
        why: why.to_owned(),
    };
    let mut work = store.begin().await.unwrap();
    let told = [skip("S/MIME", "has no surname"), skip("CBA", "is a guest"), skip("S/MIME", "is disabled")];
    work.subscribers().set_skip(id(1), &told).await.unwrap();
    let folded = [skip("CBA", "is a guest"), skip("S/MIME", "has no surname; is disabled")];
    assert_eq!(work.subscribers().list_skips(10).await.unwrap(), folded);
    work.subscribers().set_skip(id(1), &folded).await.unwrap();
    assert_eq!(work.subscribers().list_skips(10).await.unwrap(), folded);
}

pub async fn reasons_that_stay_the_same_are_not_written(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let skip = Skip {
        subscriber: id(1),
        who: "Person 1".to_owned(),
        template: "S/MIME".to_owned(),
        why: "has no surname".to_owned(),
    };
    let mut work = store.begin().await.unwrap();
    work.subscribers().set_skip(id(1), std::slice::from_ref(&skip)).await.unwrap();
    work.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    reader.subscribers().set_skip(id(1), std::slice::from_ref(&skip)).await.unwrap();
    let other = Skip { why: "is disabled".to_owned(), ..skip };
    reader.subscribers().set_skip(id(1), &[other]).await.unwrap_err();
}
