//! Canary mails: what proves that a key works on a device.

use model::{Canary, Span};

use super::Database;
use super::sample::{NOW, add_certificate, canary, canary_confirmation, certificate, delivery, id, peopled};

pub async fn the_last_canary_mail_of_a_delivery_is_found_by_its_code_and_keeps_who_read_one(
    database: &impl Database,
) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let mut work = store.begin().await.unwrap();
    let work = work.as_mut();
    for person in [1, 2] {
        add_certificate(work, &certificate(person, id(person))).await;
        work.deliveries().add_missing(&[delivery(person, id(person), id(person))]).await.unwrap();
    }
    assert_eq!(work.deliveries().lookup(id(2)).await.unwrap(), Some(delivery(2, id(2), id(2))));
    assert_eq!(work.deliveries().lookup(id(3)).await.unwrap(), None);

    work.canaries().write(&canary(1), &[1; 32]).await.unwrap();
    work.canaries().write(&canary(2), &[2; 32]).await.unwrap();
    assert_eq!(work.canaries().find(&[1; 32]).await.unwrap(), Some(canary(1)));
    assert_eq!(work.canaries().find(&[3; 32]).await.unwrap(), None);
    assert_eq!(work.canaries().list(id(1)).await.unwrap(), [canary(1)], "of that certificate alone");

    let told = canary_confirmation();
    assert!(!work.canaries().confirm(id(1), &[2; 32], &told).await.unwrap(), "that is the other one's code");
    assert!(work.canaries().confirm(id(1), &[1; 32], &told).await.unwrap());
    let read = Canary { confirmed: Some(told.clone()), ..canary(1) };
    assert_eq!(work.canaries().list(id(1)).await.unwrap().first(), Some(&read));
    assert!(!read.waits());

    let newer = Canary { made_at: NOW + Span::days(2), expires_at: NOW + Span::days(9), ..read };
    work.canaries().write(&newer, &[4; 32]).await.unwrap();
    assert_eq!(work.canaries().find(&[1; 32]).await.unwrap(), None, "its code proves nothing any more");
    assert!(!work.canaries().confirm(id(1), &[1; 32], &told).await.unwrap());
    assert_eq!(work.canaries().find(&[4; 32]).await.unwrap(), Some(newer.clone()));
    assert!(newer.waits(), "who read the one before it stays on record");
    assert_eq!(work.canaries().list(id(2)).await.unwrap(), [canary(2)]);
}
