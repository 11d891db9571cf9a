//! What officers sign comes into force, in each home by its pin.

use custody::{CustodyError, Policy, Standing};
use model::{AuditKind, AuditOutcome, Span};
use store::{PageRequest, Store as _};
use support::fresh_store;

use crate::world::{
    ANY_ONE, Home, Rows, TWO, draft, establish, list, officer, propose, refusal, sealed_to, sign,
};

#[tokio::test]
async fn the_list_serves_until_an_officer_has_signed_and_counts_for_nothing_from_then_on() {
    let (store, home, other) = (fresh_store().await, Home::new(), Home::new());
    let custody = home.on(&store);
    let (_, why) = refusal(&custody).await;
    assert!(why.contains("there is no key recovery agent"), "{why}");
    list(&store, 3).await;
    assert_eq!(sealed_to(&custody).await, ["dora"]);
    let proposal = propose(&custody, ANY_ONE, &[0, 1]).await;
    assert_eq!((proposal.needed, proposal.collected, proposal.set.version), (1, 0, 1));
    for home in [&home, &other] {
        assert_eq!(sealed_to(&home.on(&store)).await, ["dora"], "proposed only");
    }
    // Whoever does not belong to it cannot put it in force.
    let refused = custody.sign(proposal.set.digest, &officer(3)).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("the key of `dora` may not sign this version; it is signed by 1 of `anna`, `bernd`"),
        "{refused}"
    );
    let signed = sign(&custody, &proposal, 1).await;
    assert!(signed.in_force && signed.officer == "bernd");
    assert_eq!(sealed_to(&custody).await, ["anna", "bernd"]);
    assert_eq!(custody.sealing().await.unwrap().threshold, None);

    // Another home has seen nothing of it.
    let (error, why) = refusal(&other.on(&store)).await;
    assert!(matches!(error, CustodyError::Unpinned { .. }), "{why}");
    let fingerprint = proposal.set.fingerprint();
    assert!(why.contains(&fingerprint.to_string()) && why.contains("kra set trust"), "{why}");
    let trusted = other.on(&store).trust(fingerprint).await.unwrap();
    assert_eq!(trusted.digest, proposal.set.digest);
    assert_eq!(sealed_to(&other.on(&store)).await, ["anna", "bernd"]);

    // The next version, signed by an officer of the one before: both homes go on by themselves.
    let next = propose(&custody, ANY_ONE, &[1, 2]).await;
    assert_eq!((next.set.version, next.set.previous), (2, proposal.set.digest));
    let refused = custody.sign(next.set.digest, &officer(2)).await.unwrap_err();
    assert!(matches!(refused, CustodyError::NotAnOfficer { .. }), "a newcomer does not let himself in");
    sign(&other.on(&store), &next, 0).await;
    for home in [&home, &other] {
        assert_eq!(sealed_to(&home.on(&store)).await, ["bernd", "clara"]);
    }
    let status = custody.status().await.unwrap();
    let standings: Vec<_> = status.lines.iter().map(|line| line.standing.clone()).collect();
    assert_eq!(standings, [Standing::Superseded, Standing::InForce]);
    assert_eq!(status.pin.unwrap().version, 2);

    let mut work = store.read().await.unwrap();
    let page = work.audit().list(&PageRequest::first(20)).await.unwrap();
    let mut kinds: Vec<_> = page.rows.iter().map(|one| (one.event.kind, one.event.outcome)).collect();
    kinds.reverse();
    let of = |kind| (kind, AuditOutcome::Success);
    let (asked, signed) = (of(AuditKind::KraSetSigningRequest), of(AuditKind::KraSetSigned));
    let (proposed, trusted) = (of(AuditKind::KraSetProposed), of(AuditKind::KraSetTrusted));
    assert_eq!(kinds, [proposed, asked, signed, trusted, proposed, asked, signed]);
}

#[tokio::test]
async fn a_quorum_is_put_in_force_and_changed_by_as_many_as_it_takes_to_open_a_key() {
    let (store, home) = (fresh_store().await, Home::new());
    let custody = home.on(&store);
    let proposal = propose(&custody, TWO, &[0, 1, 2]).await;
    assert_eq!(proposal.set.policy.approvals_needed(), 2);
    let first = sign(&custody, &proposal, 0).await;
    assert!(!first.in_force && (first.proposal.collected, first.proposal.needed) == (1, 2));
    assert!(custody.in_force().await.unwrap().is_none());
    let again = custody.sign(proposal.set.digest, &officer(0)).await.unwrap_err();
    assert!(again.to_string().contains("`anna` has signed this version already"), "{again}");
    let refused = custody.trust(proposal.set.fingerprint()).await.unwrap_err();
    assert!(refused.to_string().contains("1 of 2 signatures are there"), "{refused}");
    assert!(sign(&custody, &proposal, 2).await.in_force);
    assert_eq!(custody.sealing().await.unwrap().threshold, Some(2));
    assert_eq!(sealed_to(&custody).await, ["anna", "bernd", "clara"]);

    // To lower it takes two as well.
    let lower = propose(&custody, Policy::AnyOne { approvals: 1 }, &[0]).await;
    assert_eq!(lower.needed, 2);
    assert!(!sign(&custody, &lower, 0).await.in_force);
    assert_eq!(custody.sealing().await.unwrap().threshold, Some(2));
    assert!(sign(&custody, &lower, 1).await.in_force);
    assert_eq!(custody.sealing().await.unwrap().threshold, None);
    assert_eq!(custody.in_force().await.unwrap().unwrap().policy.approvals_needed(), 1);
    let nothing = custody.to_sign(None).await.unwrap_err();
    assert!(nothing.to_string().contains("no version of a set waits"), "{nothing}");
}

#[tokio::test]
async fn that_others_have_to_agree_is_abolished_by_as_many_as_have_to_agree() {
    let (store, home) = (fresh_store().await, Home::new());
    let custody = home.on(&store);
    let two_agree = Policy::AnyOne { approvals: 2 };
    let first = propose(&custody, two_agree, &[0, 1, 2]).await;
    assert_eq!(first.needed, 2);
    assert!(!sign(&custody, &first, 0).await.in_force);
    assert!(sign(&custody, &first, 1).await.in_force);
    let without = propose(&custody, ANY_ONE, &[0, 1, 2]).await;
    assert_eq!(without.needed, 2);
    assert!(!sign(&custody, &without, 0).await.in_force, "one officer alone abolishes nothing");
    assert_eq!(custody.in_force().await.unwrap().unwrap().policy, two_agree);
    assert!(sign(&custody, &without, 2).await.in_force);
    assert_eq!(propose(&custody, ANY_ONE, &[0]).await.needed, 1);
}

#[tokio::test]
async fn an_installation_that_goes_by_a_signed_set_only_never_goes_by_the_list() {
    let (store, home) = (fresh_store().await, Home::new());
    list(&store, 3).await;
    let strict = || home.on(&store).signed_only(true);
    let (error, why) = refusal(&strict()).await;
    assert!(matches!(error, CustodyError::Unsigned), "{why}");
    assert!(why.contains("goes by a signed set only") && why.contains("kra set propose"), "{why}");
    assert!(matches!(strict().status().await.unwrap().in_force, Err(CustodyError::Unsigned)));
    let proposal = strict().propose(&draft(Some("Recovery"), ANY_ONE, &[0, 1])).await.unwrap();
    assert!(matches!(refusal(&strict()).await.0, CustodyError::Unsigned), "proposed only");
    assert!(sign(&strict(), &proposal, 1).await.in_force);
    assert_eq!(sealed_to(&strict()).await, ["anna", "bernd"]);
}

#[tokio::test]
async fn of_two_versions_with_one_number_the_first_that_a_home_pinned_wins_there() {
    let (store, home, late) = (fresh_store().await, Home::new(), Home::new());
    let custody = home.on(&store);
    let first = establish(&custody, ANY_ONE, &[0, 1], &[0]).await;
    late.on(&store).trust(first.fingerprint()).await.unwrap();
    let one = propose(&custody, ANY_ONE, &[0, 2]).await;
    let two = propose(&custody, ANY_ONE, &[1, 3]).await;
    let which = custody.to_sign(None).await.unwrap_err().to_string();
    assert!(
        which.contains("2 versions wait") && which.contains(&one.set.fingerprint().to_string()),
        "{which}"
    );
    assert!(sign(&custody, &one, 0).await.in_force);
    let refused = custody.sign(two.set.digest, &officer(1)).await.unwrap_err().to_string();
    assert!(refused.contains("does not follow version 2, which is in force here"), "{refused}");
    // Signed elsewhere, where nobody saw that the other was signed.
    let (mut before, elsewhere) = (Rows::of(&store).await, Home::new());
    before.signatures.retain(|row| row.set != *one.set.digest.as_bytes());
    let behind = before.database().await;
    elsewhere.on(&behind).trust(first.fingerprint()).await.unwrap();
    assert!(sign(&elsewhere.on(&behind), &two, 1).await.in_force);
    let mut both = Rows::of(&store).await;
    let signed = Rows::of(&behind).await.signatures;
    both.signatures.extend(signed.into_iter().filter(|row| row.set == *two.set.digest.as_bytes()));
    let store = both.database().await;
    assert_eq!(sealed_to(&elsewhere.on(&store)).await, ["bernd", "dora"]);
    assert_eq!(sealed_to(&home.on(&store)).await, ["anna", "clara"]);
    let status = home.on(&store).status().await.unwrap();
    let line = status.lines.iter().find(|line| line.fingerprint == two.set.fingerprint()).unwrap();
    assert_eq!(line.standing, Standing::Fork);
    // A home that was away sees both at once, and asks.
    let (error, why) = refusal(&late.on(&store)).await;
    assert!(matches!(error, CustodyError::Fork { version: 2, .. }), "{why}");
    assert!(why.contains("ask the officers which one is theirs"), "{why}");
    late.on(&store).trust(one.set.fingerprint()).await.unwrap();
    assert_eq!(sealed_to(&late.on(&store)).await, ["anna", "clara"]);
}

#[tokio::test]
async fn an_officer_whose_certificate_has_ended_is_named_with_what_to_do() {
    let (store, home) = (fresh_store().await, Home::new());
    let custody = home.on(&store);
    establish(&custody, ANY_ONE, &[0, 1], &[0]).await;
    home.clock.advance(Span::days(365 * 60));
    let (error, why) = refusal(&custody).await;
    assert!(matches!(error, CustodyError::Expired { .. }), "{why}");
    assert!(why.contains("`anna` ended on") && why.contains("--keep --remove"), "{why}");
    let refused = custody.propose(&draft(None, TWO, &[0, 1])).await.unwrap_err();
    assert!(refused.to_string().contains("ended on"), "{refused}");
}
