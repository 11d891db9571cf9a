//! The books of the built-in authority.

use std::collections::BTreeSet;

use model::{AuthorityId, RevocationReason, Span};
use store::{IssuedEntry, RevokedEntry, Store, StoreError};

use super::Database;
use super::sample::{NOW, id, serial};

fn issued(number: u128) -> IssuedEntry {
    IssuedEntry {
        authority: id(1),
        serial: serial(number),
        reference: format!("order {number}"),
        spki_sha256: [8; 32],
        der: vec![48; 1_500],
        not_after: NOW + Span::days(i64::try_from(number).unwrap()),
        issued_at: NOW,
    }
}

fn revoked(number: u128, reason: RevocationReason) -> RevokedEntry {
    RevokedEntry { serial: serial(number), revoked_at: NOW, reason }
}

pub async fn an_order_gives_one_certificate(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.ledger().add(&issued(1)).await.unwrap();
    let same_order = IssuedEntry { serial: serial(2), ..issued(1) };
    let same_serial = IssuedEntry { reference: "order 2".to_owned(), ..issued(1) };
    for second in [same_order, same_serial] {
        let refused = work.ledger().add(&second).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict { .. }), "{refused}");
    }
    let elsewhere = IssuedEntry { authority: id(2), ..issued(1) };
    work.ledger().add(&elsewhere).await.unwrap();
    assert_eq!(work.ledger().find(id(1), "order 1").await.unwrap(), Some(issued(1)));
    assert_eq!(work.ledger().find_by_serial(id(2), &serial(1)).await.unwrap(), Some(elsewhere));
    assert_eq!(work.ledger().find(id(1), "order 9").await.unwrap(), None);
    assert_eq!(work.ledger().count(id(1)).await.unwrap(), 1);
}

pub async fn the_first_revocation_stays(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    work.ledger().add(&issued(1)).await.unwrap();
    let first = revoked(1, RevocationReason::KeyCompromise);
    work.ledger().revoke(id(1), &first).await.unwrap();
    let again = RevokedEntry { revoked_at: NOW + Span::days(1), ..revoked(1, RevocationReason::Superseded) };
    work.ledger().revoke(id(1), &again).await.unwrap();
    assert_eq!(work.ledger().revocation(id(1), &serial(1)).await.unwrap(), Some(first));
    assert_eq!(work.ledger().revocation(id(2), &serial(1)).await.unwrap(), None);
    let unknown = revoked(2, RevocationReason::Superseded);
    assert!(work.ledger().revoke(id(1), &unknown).await.is_err(), "never issued");
}

pub async fn a_hold_in_the_books_is_lifted_or_becomes_a_revocation(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    for number in [1, 2, 3] {
        work.ledger().add(&issued(number)).await.unwrap();
    }
    for number in [1, 2] {
        let held = revoked(number, RevocationReason::CertificateHold);
        work.ledger().revoke(id(1), &held).await.unwrap();
        work.ledger().revoke(id(1), &held).await.unwrap();
    }
    work.ledger().lift(id(2), &serial(1)).await.unwrap();
    assert!(work.ledger().revocation(id(1), &serial(1)).await.unwrap().is_some(), "another authority's");
    work.ledger().lift(id(1), &serial(1)).await.unwrap();
    work.ledger().lift(id(1), &serial(1)).await.unwrap();
    assert_eq!(work.ledger().revocation(id(1), &serial(1)).await.unwrap(), None);

    // The date of the hold stays: nobody relied on the certificate since then.
    let later =
        RevokedEntry { revoked_at: NOW + Span::days(1), ..revoked(2, RevocationReason::KeyCompromise) };
    work.ledger().revoke(id(1), &later).await.unwrap();
    let known = revoked(2, RevocationReason::KeyCompromise);
    assert_eq!(work.ledger().revocation(id(1), &serial(2)).await.unwrap(), Some(known.clone()));
    work.ledger().revoke(id(1), &revoked(2, RevocationReason::CertificateHold)).await.unwrap();
    work.ledger().lift(id(1), &serial(2)).await.unwrap();
    assert_eq!(work.ledger().revocation(id(1), &serial(2)).await.unwrap(), Some(known), "revoked is revoked");
    work.ledger().lift(id(1), &serial(3)).await.unwrap();
}

pub async fn expired_certificates_leave_the_revocation_list(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    for number in 1..=3 {
        work.ledger().add(&issued(number)).await.unwrap();
        let reason = RevocationReason::CessationOfOperation;
        work.ledger().revoke(id(1), &revoked(number, reason)).await.unwrap();
    }
    let listed = work.ledger().list_revoked(id(1), NOW + Span::days(2)).await.unwrap();
    let serials: Vec<_> = listed.into_iter().map(|entry| entry.serial).collect();
    assert_eq!(serials, [serial(2), serial(3)]);
    assert!(work.ledger().list_revoked(id(2), NOW).await.unwrap().is_empty());
}

/// Pages in order of serial numbers, with what became of each.
pub async fn what_was_issued_is_listed_with_its_revocations(database: &impl Database) {
    let store = database.open().await;
    let mut work = store.begin().await.unwrap();
    for number in 1..=5 {
        work.ledger().add(&issued(number)).await.unwrap();
    }
    let gone = revoked(3, RevocationReason::KeyCompromise);
    work.ledger().revoke(id(1), &gone).await.unwrap();
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = work.ledger().list(id(1), after.as_ref(), 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.serial.clone());
        listed.extend(page);
    }
    let serials: Vec<_> = listed.iter().map(|one| one.serial.clone()).collect();
    assert_eq!(serials, [serial(1), serial(2), serial(3), serial(4), serial(5)]);
    let ended: Vec<_> = listed.iter().filter(|one| one.revoked.is_some()).collect();
    assert_eq!(ended.len(), 1);
    assert_eq!((&ended[0].serial, ended[0].revoked), (&gone.serial, Some((gone.revoked_at, gone.reason))));
    let entry = issued(1);
    assert_eq!((&listed[0].reference, listed[0].not_after), (&entry.reference, entry.not_after));
    assert_eq!(work.ledger().list(id(2), None, 10).await.unwrap(), [], "another authority's books");
}

pub async fn crl_numbers_are_never_given_twice(database: &impl Database) {
    let store = database.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..20_u32 {
        let store = store.clone();
        tasks.spawn(async move {
            // Whoever draws the very first number may stand in another's way; a unit that the server undid for that is
            // done again, as every caller does.
            loop {
                match draw(&*store, number % 4 != 0).await {
                    Ok(drawn) => return drawn,
                    Err(error) => assert!(error.is_passing(), "{error:?}"),
                }
            }
        });
    }
    let drawn: Vec<u64> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(drawn.len(), 15);
    let drawn: BTreeSet<u64> = drawn.into_iter().collect();
    assert_eq!(drawn, (1..=15).collect(), "each once, those not committed are given again");
}

/// One unit of work that draws a number, and keeps it or not.
async fn draw(store: &dyn Store, keep: bool) -> Result<Option<u64>, StoreError> {
    let mut work = store.begin().await?;
    let drawn = work.ledger().next_crl_number(id::<AuthorityId>(1)).await?;
    if !keep {
        return Ok(None);
    }
    work.commit().await?;
    Ok(Some(drawn))
}
