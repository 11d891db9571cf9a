//! What address books show of our certificates.

use model::{
    Certificate, CertificateId, CertificateState, DeliveryState, Publication, PublicationState, Span,
    SubscriberId,
};

use super::Database;
use super::sample::{NOW, add_certificate, certificate, delivery, id, peopled, publication};

const BOOK: &str = "exchange";

pub async fn how_far_a_publication_came_is_kept_for_each_book_and_certificate(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let mut work = store.begin().await.unwrap();
    for number in 1..=3 {
        add_certificate(work.as_mut(), &certificate(number, id(number.min(2)))).await;
    }
    let first = publication(1, id(1), PublicationState::Wanted);
    work.publications().set(&first).await.unwrap();
    work.publications().set(&first).await.unwrap();
    let elsewhere = Publication { book: "directory".to_owned(), ..first.clone() };
    work.publications().set(&elsewhere).await.unwrap();
    work.publications().set(&publication(2, id(2), PublicationState::Accepted)).await.unwrap();
    work.publications().set(&publication(3, id(2), PublicationState::Withdrawn)).await.unwrap();
    work.commit().await.unwrap();

    let mut work = store.begin().await.unwrap();
    assert_eq!(work.publications().of(BOOK, id(1)).await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(work.publications().of("directory", id(1)).await.unwrap(), [elsewhere]);
    assert_eq!(work.publications().of(BOOK, id(2)).await.unwrap().len(), 2);
    assert_eq!(work.publications().open(BOOK, None, 10).await.unwrap(), [id::<SubscriberId>(1), id(2)]);
    assert_eq!(work.publications().open(BOOK, None, 1).await.unwrap(), [id::<SubscriberId>(1)]);
    assert_eq!(work.publications().open(BOOK, Some(id(1)), 10).await.unwrap(), [id::<SubscriberId>(2)]);
    let refused = Publication {
        state: PublicationState::Refused,
        detail: Some("not taken".to_owned()),
        at: NOW + Span::hours(1),
        ..first
    };
    work.publications().set(&refused).await.unwrap();
    assert_eq!(work.publications().of(BOOK, id(1)).await.unwrap(), std::slice::from_ref(&refused));
    assert_eq!(work.publications().open(BOOK, None, 10).await.unwrap(), [id::<SubscriberId>(2)]);
    let counts = work.publications().counts(BOOK).await.unwrap();
    assert_eq!(
        counts,
        [(PublicationState::Accepted, 1), (PublicationState::Withdrawn, 1), (PublicationState::Refused, 1)]
    );
    let rows = work.publications().list(BOOK, PublicationState::Refused, None, 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0].publication, rows[0].mail.as_str()), (&refused, "person1@example.com"));
    assert_eq!(work.publications().habit(BOOK).await.unwrap(), None);
    for habit in ["data table", "integers list"] {
        work.publications().set_habit(BOOK, habit, NOW).await.unwrap();
        assert_eq!(work.publications().habit(BOOK).await.unwrap().as_deref(), Some(habit));
    }
    assert_eq!(work.publications().habit("directory").await.unwrap(), None);
    let behind = work.publications().list(BOOK, PublicationState::Refused, Some(id(1)), 10).await.unwrap();
    assert_eq!(behind, []);
    work.commit().await.unwrap();
}

/// Valid, handed over and unknown: only what is all three lacks a publication.
pub async fn what_was_handed_over_and_is_in_no_book_is_found(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    let expired = |one: Certificate| Certificate { not_after: NOW, ..one };
    let revoked = |one: Certificate| Certificate { state: CertificateState::Revoked, ..one };
    let sign_in = |one: Certificate| Certificate { purpose: model::Purpose::Cba, ..one };
    let all = [
        certificate(1, id(1)),
        certificate(2, id(1)),
        expired(certificate(3, id(1))),
        revoked(certificate(4, id(1))),
        sign_in(certificate(5, id(1))),
        certificate(6, id(1)),
        certificate(7, id(1)),
    ];
    for (number, one) in (1..).zip(&all) {
        add_certificate(work.as_mut(), one).await;
        // The sixth was never handed over.
        if number != 6 {
            let made = delivery(100 + number, one.id, id(1));
            work.deliveries().add_missing(std::slice::from_ref(&made)).await.unwrap();
            work.deliveries().set_state(made.id, DeliveryState::Present, Some("r"), NOW).await.unwrap();
        }
    }
    work.publications().set(&publication(2, id(1), PublicationState::NoMailbox)).await.unwrap();
    let lacking = work.publications().lacking(BOOK, NOW, None, 10).await.unwrap();
    assert_eq!(lacking, [(id::<CertificateId>(1), id::<SubscriberId>(1)), (id(7), id(1))]);
    assert_eq!(work.publications().lacking(BOOK, NOW, None, 1).await.unwrap().len(), 1);
    let behind = work.publications().lacking(BOOK, NOW, Some(id(1)), 10).await.unwrap();
    assert_eq!(behind, [(id::<CertificateId>(7), id::<SubscriberId>(1))]);
    assert_eq!(work.publications().lacking("directory", NOW, None, 10).await.unwrap().len(), 3);
    work.commit().await.unwrap();
}

pub async fn what_is_published_and_has_ended_is_found(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 4).await;
    let mut work = store.begin().await.unwrap();
    for number in 1..=4 {
        add_certificate(work.as_mut(), &certificate(number, id(number))).await;
        let state = if number == 4 { PublicationState::Withdrawn } else { PublicationState::Published };
        work.publications().set(&publication(number, id(number), state)).await.unwrap();
    }
    assert_eq!(work.publications().outlived(BOOK, NOW, None, 10).await.unwrap(), []);
    work.certificates().mark_revoking(id(2), model::RevocationReason::KeyCompromise, NOW).await.unwrap();
    assert_eq!(work.publications().outlived(BOOK, NOW, None, 10).await.unwrap(), [id::<SubscriberId>(2)]);
    let later = NOW + Span::days(366);
    let all = work.publications().outlived(BOOK, later, None, 10).await.unwrap();
    assert_eq!(all, [id::<SubscriberId>(1), id(2), id(3)]);
    assert_eq!(
        work.publications().outlived(BOOK, later, Some(id(1)), 1).await.unwrap(),
        [id::<SubscriberId>(2)]
    );
    work.commit().await.unwrap();
}
