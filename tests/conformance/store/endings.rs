//! Notices that certificates end before their time.

use model::{CertificateState, Ending, EndingCause, Span, SubscriberId, Timestamp};
use store::{EndingsDue, SyncCursor, Work};

use super::Database;
use super::sample::{NOW, add_certificate, certificate, id, peopled};

/// Number, subscriber and certificate are one in these stories.
fn ending(number: u128, cause: EndingCause, since: Timestamp, grace: i64) -> Ending {
    let due_at = since + Span::days(grace);
    Ending { certificate: id(number), subscriber: id(number), cause, since, due_at }
}

/// Everybody was decided about; then four of them got notice.
async fn noted(work: &mut dyn Work) -> [Ending; 4] {
    let all = [
        ending(1, EndingCause::Gone, NOW - Span::days(40), 30),
        ending(2, EndingCause::LeftGroup, NOW - Span::days(35), 30),
        ending(3, EndingCause::Renamed, NOW - Span::hours(2), 0),
        ending(4, EndingCause::Gone, NOW - Span::days(3), 30),
    ];
    for (number, one) in (1..).zip(&all) {
        add_certificate(work, &certificate(number, one.subscriber)).await;
        work.endings().note(one).await.unwrap();
        work.subscribers().mark_planned(one.subscriber).await.unwrap();
    }
    all
}

async fn listed(work: &mut dyn Work) -> Vec<Ending> {
    work.endings().list(NOW, 10).await.unwrap().into_iter().map(|row| row.ending).collect()
}

/// A notice about what was revoked by hand or ended by itself is not counted, so that it cannot hold up others.
pub async fn what_cannot_be_acted_upon_does_not_come_due(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 4).await;
    let mut work = store.begin().await.unwrap();
    let all = noted(work.as_mut()).await;
    let due = EndingsDue { now: NOW, confirmed_at: NOW - Span::hours(1) };
    assert_eq!(work.endings().count_due(due).await.unwrap(), 3);
    work.certificates().mark_revoking(id(1), model::RevocationReason::KeyCompromise, NOW).await.unwrap();
    work.subscribers().mark_planned(id(1)).await.unwrap();
    assert_eq!(work.endings().count_due(due).await.unwrap(), 2);
    let rows = work.subscribers().list_due(None, Timestamp::from_seconds(0), Some(due), 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.subscriber.id).collect::<Vec<SubscriberId>>(), [id(2), id(3)]);
    assert_eq!(listed(work.as_mut()).await, all[1..].to_vec());
    // A mailbox goes on with its certificate until another took the place, whoever has the key.
    work.endings().retract(id(3)).await.unwrap();
    work.endings().note(&ending(3, EndingCause::HolderLeft, NOW - Span::hours(2), 0)).await.unwrap();
    assert_eq!(work.endings().count_due(due).await.unwrap(), 1);
    work.certificates().mark_superseded(id(3)).await.unwrap();
    assert_eq!(work.endings().count_due(due).await.unwrap(), 2);
    let long_after = EndingsDue { now: NOW + Span::days(4_000), confirmed_at: NOW + Span::days(3_999) };
    assert_eq!(work.endings().count_due(long_after).await.unwrap(), 0, "all have ended by themselves");
    work.commit().await.unwrap();
}

pub async fn what_has_come_due_was_seen_twice_and_is_not_done(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 4).await;
    let mut work = store.begin().await.unwrap();
    let all = noted(work.as_mut()).await;
    work.commit().await.unwrap();

    let mut work = store.begin().await.unwrap();
    let due = |confirmed_at| EndingsDue { now: NOW, confirmed_at };
    let yesterday = due(NOW - Span::days(1));
    assert_eq!(work.endings().count_due(yesterday).await.unwrap(), 2, "the third was seen once only");
    assert_eq!(work.endings().count_due(due(NOW - Span::hours(1))).await.unwrap(), 3);
    let whose = |rows: Vec<store::PlanningRow>| -> Vec<SubscriberId> {
        rows.into_iter().map(|row| row.subscriber.id).collect()
    };
    let none = work.subscribers().list_due(None, Timestamp::from_seconds(0), None, 10).await.unwrap();
    assert_eq!(whose(none), []);
    let some =
        work.subscribers().list_due(None, Timestamp::from_seconds(0), Some(yesterday), 10).await.unwrap();
    assert_eq!(some[0].endings, [all[0].clone()]);
    assert_eq!(whose(some), [id(1), id(2)]);
    let rest = work
        .subscribers()
        .list_due(Some(id(1)), Timestamp::from_seconds(0), Some(yesterday), 10)
        .await
        .unwrap();
    assert_eq!(whose(rest), [id(2)]);

    work.endings().mark_done(id(1), NOW).await.unwrap();
    assert_eq!(work.endings().count_due(yesterday).await.unwrap(), 1);
    assert_eq!(work.endings().count_done(NOW, NOW).await.unwrap(), 1);
    assert_eq!(work.endings().count_done(NOW + Span::seconds(1), NOW + Span::days(1)).await.unwrap(), 0);
    let next = [all[1].clone(), all[2].clone(), all[3].clone()];
    assert_eq!(listed(work.as_mut()).await, next, "the next to come due first");
    assert_eq!(work.endings().list(NOW, 1).await.unwrap().len(), 1);
    work.commit().await.unwrap();
}

pub async fn a_notice_stays_as_it_was_given_and_can_be_taken_back_until_it_is_done(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 4).await;
    let mut work = store.begin().await.unwrap();
    let all = noted(work.as_mut()).await;
    let later = Ending { since: NOW, due_at: NOW + Span::days(30), ..all[0].clone() };
    work.endings().note(&later).await.unwrap();
    assert_eq!(listed(work.as_mut()).await[0], all[0]);
    work.endings().note_replacement(id(1), NOW).await.unwrap();
    let from = NOW - Span::hours(2);
    assert_eq!(work.endings().count_replacements(from, NOW).await.unwrap(), 1);
    assert_eq!(
        work.endings().count_replacements(from, from).await.unwrap(),
        0,
        "a clock that is ahead counts not"
    );

    work.endings().retract(id(2)).await.unwrap();
    work.endings().retract(id(2)).await.unwrap();
    assert_eq!(work.endings().list(NOW, 10).await.unwrap().len(), 3);
    work.endings().mark_done(id(1), NOW).await.unwrap();
    work.endings().retract(id(1)).await.unwrap();
    assert_eq!(work.endings().count_done(NOW, NOW).await.unwrap(), 1, "what was done is not forgotten");
    work.endings().note(&later).await.unwrap();
    assert_eq!(work.endings().count_done(NOW, NOW).await.unwrap(), 0, "it begins anew");
    assert_eq!(listed(work.as_mut()).await.last(), Some(&later));
    work.commit().await.unwrap();
}

pub async fn whoever_is_gone_is_planned_for_as_long_as_something_is_to_end(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 4).await;
    let mut work = store.begin().await.unwrap();
    noted(work.as_mut()).await;
    work.subscribers().mark_gone(id(4), NOW).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.begin().await.unwrap();
    let listed = work.subscribers().list_all(Some(id(3)), 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].subscriber.gone_at, Some(NOW));
    assert_eq!(listed[0].ordered.len(), 1, "with the names that were certified");
    work.endings().retract(id(4)).await.unwrap();
    assert_eq!(work.subscribers().list_all(Some(id(3)), 10).await.unwrap(), []);
    work.certificates().mark_superseded(id(1)).await.unwrap();
    let row = &work.subscribers().planning(&[id(1)]).await.unwrap()[0];
    assert_eq!((row.certificates.len(), row.superseded.len()), (0, 1));
    assert_eq!(row.superseded[0].state, CertificateState::Superseded);
    work.commit().await.unwrap();
}

pub async fn when_everything_was_read_is_told_without_the_links(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    assert_eq!(work.subscribers().fully_read_at(SyncCursor::COMPLETE).await.unwrap(), None);
    let resource = SyncCursor::COMPLETE.to_owned();
    let cursor = SyncCursor { resource, delta_link: String::new(), full_at: NOW, read_at: NOW };
    work.subscribers().set_cursor(&cursor).await.unwrap();
    assert_eq!(work.subscribers().fully_read_at(SyncCursor::COMPLETE).await.unwrap(), Some(NOW));
    work.commit().await.unwrap();
}
