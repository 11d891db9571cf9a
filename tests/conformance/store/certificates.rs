//! Single certificates, their figures and their deliveries.

use model::{
    Certificate, CertificateId, CertificateState, DeliveryState, Ending, EndingCause, Hold, HoldCause,
    HoldState, RevocationReason, SerialNumber, Span, Thumbprint, Timestamp,
};
use store::{EndingsDue, Store, StoreError, StoredCertificate, Work};

use super::Database;
use super::sample::{
    NOW, add_certificate, certificate, delivery, enrollment, id, opened, peopled, serial, thumbprint,
};

pub async fn a_certificate_comes_back_with_its_bytes(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    opened(&store, 10).await;
    let full = Certificate {
        common_name: "Jörg Müller".to_owned(),
        revoked: Some((NOW, RevocationReason::AffiliationChanged)),
        state: CertificateState::Revoked,
        archived: true,
        ..certificate(10, id(1))
    };
    let stored = StoredCertificate {
        certificate: full.clone(),
        der: vec![48; 2_000],
        chain: vec![vec![1; 900], vec![2; 800]],
    };
    let mut work = store.begin().await.unwrap();
    work.certificates().add(&stored).await.unwrap();
    assert_eq!(work.certificates().lookup_stored(full.id).await.unwrap(), Some(stored));
    let row = work.certificates().lookup(full.id).await.unwrap().unwrap();
    assert_eq!((row.certificate, row.delivered), (full, (0, 0)));
    assert_eq!((row.template_name.as_str(), row.authority_name.as_str()), ("S/MIME", "Inside"));
    assert!(work.certificates().lookup(id(11)).await.unwrap().is_none());
    assert!(work.certificates().lookup_stored(id(11)).await.unwrap().is_none());
}

pub async fn equal_chains_are_kept_once(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 3).await;
    let chains = [vec![vec![7; 900], vec![8; 900]], vec![vec![7; 900], vec![8; 900]], vec![vec![8; 900]]];
    let mut work = store.begin().await.unwrap();
    for (number, chain) in (1_u128..).zip(&chains) {
        work.enrollments().add(&enrollment(number, id(number))).await.unwrap();
        let certificate = certificate(number, id(number));
        let stored = StoredCertificate { certificate, der: vec![48], chain: chain.clone() };
        work.certificates().add(&stored).await.unwrap();
    }
    work.commit().await.unwrap();
    let mut work = store.read().await.unwrap();
    for (number, chain) in (1_u128..).zip(&chains) {
        assert_eq!(&work.certificates().lookup_stored(id(number)).await.unwrap().unwrap().chain, chain);
    }
    drop(work);
    // Whoever bends a link is noticed when it is read.
    database.execute("UPDATE chain_link SET position = 5 WHERE position = 1", true).await.unwrap();
    database.execute("UPDATE chain_link SET position = 1 WHERE position = 0", true).await.unwrap();
    let mut work = store.read().await.unwrap();
    assert!(work.certificates().lookup_stored(id(1)).await.is_ok(), "order is what counts");
    drop(work);
    database.execute("DELETE FROM chain_link WHERE position = 5", true).await.unwrap();
    let cut = store.read().await.unwrap().certificates().lookup_stored(id(1)).await.unwrap_err();
    assert!(matches!(cut, StoreError::Corrupt { .. }), "{cut}");
}

pub async fn a_thumbprint_and_an_enrollment_have_one_certificate(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    add_certificate(work.as_mut(), &certificate(10, id(1))).await;
    work.enrollments().add(&enrollment(11, id(1))).await.unwrap();
    let same_thumbprint = Certificate { thumbprint: thumbprint(10), ..certificate(11, id(1)) };
    let same_enrollment = Certificate { enrollment: id(10), ..certificate(11, id(1)) };
    for second in [same_thumbprint, same_enrollment] {
        let stored = StoredCertificate { certificate: second, der: vec![1], chain: Vec::new() };
        let refused = work.certificates().add(&stored).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict { .. }), "{refused}");
    }
}

pub async fn a_certificate_is_found_by_thumbprint_and_serial_number(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    let first = certificate(10, id(1));
    let namesake = Certificate { serial: serial(10), ..certificate(11, id(1)) };
    add_certificate(work.as_mut(), &first).await;
    add_certificate(work.as_mut(), &namesake).await;
    assert_eq!(work.certificates().find_by_thumbprint(thumbprint(11)).await.unwrap(), Some(namesake.clone()));
    assert_eq!(work.certificates().find_by_thumbprint(Thumbprint::new([0; 20])).await.unwrap(), None);
    assert_eq!(work.certificates().find_by_serial(&serial(10)).await.unwrap(), [first, namesake]);
    let unknown = SerialNumber::from_be_bytes(&[1]);
    assert!(work.certificates().find_by_serial(&unknown).await.unwrap().is_empty());
}

async fn state(store: &dyn Store, number: u128) -> (CertificateState, Option<RevocationReason>) {
    let row = store.read().await.unwrap().certificates().lookup(id(number)).await.unwrap().unwrap();
    (row.certificate.state, row.certificate.revoked.map(|(_, reason)| reason))
}

pub async fn a_revocation_goes_forward_only(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    add_certificate(work.as_mut(), &certificate(10, id(1))).await;
    work.commit().await.unwrap();
    let (compromised, superseded) = (RevocationReason::KeyCompromise, RevocationReason::Superseded);

    let mut work = store.begin().await.unwrap();
    work.certificates().mark_revoking(id(10), compromised, NOW).await.unwrap();
    work.certificates().mark_revoking(id(10), superseded, NOW).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(state(store.as_ref(), 10).await, (CertificateState::Revoking, Some(compromised)));

    let later = NOW + Span::hours(1);
    let mut work = store.begin().await.unwrap();
    work.certificates().mark_revoked(id(10), compromised, later).await.unwrap();
    work.certificates().mark_revoked(id(10), superseded, NOW).await.unwrap();
    work.certificates().mark_revoking(id(10), superseded, NOW).await.unwrap();
    work.certificates().mark_superseded(id(10)).await.unwrap();
    work.certificates().mark_archived(id(10)).await.unwrap();
    work.commit().await.unwrap();
    let row = store.read().await.unwrap().certificates().lookup(id(10)).await.unwrap().unwrap().certificate;
    assert_eq!((row.state, row.revoked), (CertificateState::Revoked, Some((later, compromised))));
    assert_eq!((row.checked_at, row.archived), (later, true));
}

pub async fn whoever_loses_a_certificate_is_due(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let mut work = store.begin().await.unwrap();
    add_certificate(work.as_mut(), &certificate(10, id(1))).await;
    assert!(work.subscribers().list_due(None, NOW, None, 10).await.unwrap().is_empty());
    work.certificates().mark_revoking(id(10), RevocationReason::KeyCompromise, NOW).await.unwrap();
    assert_eq!(work.subscribers().list_due(None, NOW, None, 10).await.unwrap().len(), 1);
    work.subscribers().mark_planned(id(1)).await.unwrap();
    work.certificates().mark_revoked(id(10), RevocationReason::KeyCompromise, NOW).await.unwrap();
    let due = work.subscribers().list_due(None, NOW, None, 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].subscriber.id, id(1));
    add_certificate(work.as_mut(), &certificate(11, id(2))).await;
    work.certificates().mark_superseded(id(11)).await.unwrap();
    assert_eq!(work.subscribers().list_due(None, NOW, None, 10).await.unwrap().len(), 2, "replaced");
}

pub async fn only_a_valid_certificate_is_superseded(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    add_certificate(work.as_mut(), &certificate(10, id(1))).await;
    let revoking = Certificate { state: CertificateState::Revoking, ..certificate(11, id(1)) };
    add_certificate(work.as_mut(), &revoking).await;
    work.certificates().mark_superseded(id(10)).await.unwrap();
    work.certificates().mark_superseded(id(11)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(state(store.as_ref(), 10).await.0, CertificateState::Superseded);
    assert_eq!(state(store.as_ref(), 11).await.0, CertificateState::Revoking);
}

fn hold(number: u128, was: CertificateState) -> Hold {
    Hold {
        certificate: id(number),
        subscriber: id(1),
        cause: HoldCause::ByHand,
        was,
        state: HoldState::Ordered,
        since: NOW,
    }
}

pub async fn a_hold_is_lifted_to_what_was_before(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    for (number, was) in [(10, CertificateState::Valid), (11, CertificateState::Superseded)] {
        add_certificate(work.as_mut(), &Certificate { state: was, ..certificate(number, id(1)) }).await;
        work.subscribers().mark_planned(id(1)).await.unwrap();
        let other = if number == 10 { CertificateState::Superseded } else { CertificateState::Valid };
        assert!(!work.certificates().hold(&hold(number, other)).await.unwrap(), "it was something else");
        assert!(work.certificates().hold(&hold(number, was)).await.unwrap());
        assert!(!work.certificates().hold(&hold(number, was)).await.unwrap(), "once");
        assert_eq!(work.certificates().lookup_hold(id(number)).await.unwrap(), Some(hold(number, was)));
        let due = work.subscribers().list_due(None, Timestamp::default(), None, 10).await.unwrap();
        assert_eq!(due.len(), 1, "the plan looks again");
    }
    work.commit().await.unwrap();
    assert_eq!(state(store.as_ref(), 10).await, (CertificateState::Held, None));

    let mut work = store.begin().await.unwrap();
    let (ordered, told, lifting) = (HoldState::Ordered, HoldState::AtAuthority, HoldState::Lifting);
    assert!(!work.certificates().lift(id(10)).await.unwrap(), "nobody wants it lifted");
    assert!(work.certificates().set_hold(id(10), ordered, told).await.unwrap());
    assert!(!work.certificates().set_hold(id(10), ordered, lifting).await.unwrap(), "it came further");
    assert!(work.certificates().set_hold(id(10), told, lifting).await.unwrap());
    // A newer certificate came meanwhile.
    work.certificates().mark_superseded(id(10)).await.unwrap();
    assert_eq!(
        work.certificates().lookup(id(10)).await.unwrap().unwrap().certificate.state,
        CertificateState::Held
    );
    assert!(work.certificates().lift(id(10)).await.unwrap());
    assert!(!work.certificates().lift(id(10)).await.unwrap());
    assert_eq!(work.certificates().lookup_hold(id(10)).await.unwrap(), None);
    assert!(work.certificates().set_hold(id(11), ordered, lifting).await.unwrap());
    assert!(work.certificates().lift(id(11)).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(state(store.as_ref(), 10).await.0, CertificateState::Superseded);
    assert_eq!(state(store.as_ref(), 11).await.0, CertificateState::Superseded);
}

pub async fn a_revocation_takes_the_place_of_a_hold(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    for number in [10, 11] {
        add_certificate(work.as_mut(), &certificate(number, id(1))).await;
        assert!(work.certificates().hold(&hold(number, CertificateState::Valid)).await.unwrap());
    }
    let reason = RevocationReason::KeyCompromise;
    work.certificates().mark_revoking(id(10), reason, NOW).await.unwrap();
    work.certificates().mark_revoked(id(11), reason, NOW).await.unwrap();
    for number in [10, 11] {
        assert_eq!(work.certificates().lookup_hold(id(number)).await.unwrap(), None);
        assert!(!work.certificates().hold(&hold(number, CertificateState::Valid)).await.unwrap());
    }
    work.commit().await.unwrap();
    assert_eq!(state(store.as_ref(), 10).await, (CertificateState::Revoking, Some(reason)));
    assert_eq!(state(store.as_ref(), 11).await, (CertificateState::Revoked, Some(reason)));
}

pub async fn whoever_plans_reads_holds(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let mut work = store.begin().await.unwrap();
    add_certificate(work.as_mut(), &certificate(10, id(1))).await;
    add_certificate(work.as_mut(), &certificate(11, id(2))).await;
    assert!(work.certificates().hold(&hold(10, CertificateState::Valid)).await.unwrap());
    let rows = work.subscribers().planning(&[id(1), id(2)]).await.unwrap();
    assert_eq!(rows[0].holds, [hold(10, CertificateState::Valid)]);
    assert_eq!(rows[0].certificates[0].state, CertificateState::Held);
    assert_eq!((rows[1].holds.len(), rows[1].certificates.len()), (0, 1));
    // A notice about it can come due: of whoever left.
    let due_at = NOW - Span::hours(1);
    let ending = Ending {
        certificate: id(10),
        subscriber: id(1),
        cause: EndingCause::Gone,
        since: NOW - Span::days(2),
        due_at,
    };
    work.endings().note(&ending).await.unwrap();
    let due = EndingsDue { now: NOW, confirmed_at: NOW - Span::hours(1) };
    assert_eq!(work.endings().count_due(due).await.unwrap(), 1);
    assert_eq!(work.endings().list(NOW, 10).await.unwrap().len(), 1);
}

pub async fn what_an_authority_confirmed_is_noted_with_its_moment(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    for number in 10..13 {
        add_certificate(work.as_mut(), &certificate(number, id(1))).await;
    }
    let (later, ids) = (NOW + Span::hours(1), [id(10), id(12)]);
    work.certificates().mark_checked(&ids, later).await.unwrap();
    // Another installation began earlier and is done later.
    work.certificates().mark_checked(&ids, later - Span::minutes(1)).await.unwrap();
    work.certificates()
        .mark_revoked(id(10), RevocationReason::Superseded, NOW - Span::days(3))
        .await
        .unwrap();
    work.certificates().mark_checked(&[], later).await.unwrap();
    for (number, at) in [(10, later), (11, NOW), (12, later)] {
        let row = work.certificates().lookup(id(number)).await.unwrap().unwrap();
        assert_eq!(row.certificate.checked_at, at, "{number}");
        assert_eq!(row.certificate.state == CertificateState::Valid, number != 10);
    }
}

pub async fn figures_count_each_certificate_where_it_belongs(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 1).await;
    let mut work = store.begin().await.unwrap();
    let ends = [
        Span::millis(-1),
        Span::millis(0),
        Span::days(29),
        Span::days(30),
        Span::days(359),
        Span::days(360),
        Span::days(4_000),
    ];
    for (number, end) in (10_u128..).zip(ends) {
        add_certificate(work.as_mut(), &Certificate { not_after: NOW + end, ..certificate(number, id(1)) })
            .await;
    }
    let others = [CertificateState::Revoked, CertificateState::Revoking, CertificateState::Superseded];
    for (number, state) in (20_u128..).zip(others) {
        add_certificate(work.as_mut(), &Certificate { state, ..certificate(number, id(1)) }).await;
    }
    let counts = work.certificates().counts(NOW).await.unwrap();
    assert_eq!((counts.valid, counts.expiring, counts.expired), (6, 2, 1));
    assert_eq!((counts.revoked, counts.superseded), (2, 1));
    assert_eq!(counts.by_month, [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
}

pub async fn deliveries_are_added_once_for_each_person(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let mut work = store.begin().await.unwrap();
    add_certificate(work.as_mut(), &certificate(10, id(1))).await;
    work.deliveries().add_missing(&[delivery(20, id(10), id(1))]).await.unwrap();
    let again = [delivery(21, id(10), id(1)), delivery(22, id(10), id(2))];
    work.deliveries().add_missing(&again).await.unwrap();
    let listed = work.deliveries().list(id(10)).await.unwrap();
    assert_eq!(listed, [delivery(20, id(10), id(1)), again[1].clone()]);

    let later = NOW + Span::minutes(1);
    work.deliveries().set_state(id(20), DeliveryState::Accepted, Some("record 1"), NOW).await.unwrap();
    work.deliveries().set_state(id(20), DeliveryState::Present, None, later).await.unwrap();
    let reached = &work.deliveries().list(id(10)).await.unwrap()[0];
    assert_eq!((reached.state, reached.at), (DeliveryState::Present, later));
    assert_eq!(reached.record.as_deref(), Some("record 1"), "not forgotten");
    assert_eq!(work.deliveries().counts().await.unwrap(), (1, 2));
    assert_eq!(work.certificates().lookup(id(10)).await.unwrap().unwrap().delivered, (1, 2));
    work.deliveries().set_state(id(22), DeliveryState::Withdrawn, None, later).await.unwrap();
    assert_eq!(work.deliveries().counts().await.unwrap(), (1, 1), "what was taken back is to be nowhere");
    assert_eq!(work.certificates().lookup(id(10)).await.unwrap().unwrap().delivered, (1, 1));

    work.deliveries().set_state(id(20), DeliveryState::Withdrawn, None, later).await.unwrap();
    assert_eq!(work.deliveries().list(id(10)).await.unwrap()[0].state, DeliveryState::Withdrawn);
    assert_eq!(work.deliveries().counts().await.unwrap(), (0, 0));
    assert_eq!(work.certificates().lookup(id(10)).await.unwrap().unwrap().delivered, (0, 0));

    let unknown = work.deliveries().set_state(id(99), DeliveryState::Present, None, NOW).await.unwrap_err();
    assert!(matches!(unknown, StoreError::Stale { .. }), "{unknown}");
}

/// Whatever state they are in: who compares wants them all, and each once.
pub async fn certificates_and_deliveries_are_walked_page_by_page(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 5).await;
    let mut work = store.begin().await.unwrap();
    for number in 1..=5 {
        add_certificate(work.as_mut(), &certificate(number, id(number))).await;
        work.deliveries().add_missing(&[delivery(20 + number, id(number), id(number))]).await.unwrap();
    }
    work.certificates().mark_revoked(id(2), RevocationReason::Superseded, NOW).await.unwrap();
    work.deliveries().set_state(id(23), DeliveryState::Withdrawn, None, NOW).await.unwrap();
    let authority = certificate(1, id(1)).authority;
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = work.certificates().list_issued_by(authority, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        walked.extend(page.iter().map(|one| one.id));
    }
    assert_eq!(walked, [id(1), id(2), id(3), id(4), id(5)]);
    assert_eq!(work.certificates().list_issued_by(id(0xee), None, 9).await.unwrap(), []);
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = work.deliveries().list_all(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        walked.extend(page.iter().map(|one| (one.id, one.state)));
    }
    assert_eq!(walked.len(), 5);
    assert!(walked.is_sorted_by_key(|(id, _)| *id));
    assert_eq!(walked[2], (id(23), DeliveryState::Withdrawn));
    let missing = work.deliveries().list_in(DeliveryState::Withdrawn, None, 9).await.unwrap();
    assert_eq!(missing.iter().map(|one| one.id).collect::<Vec<_>>(), [id(23)]);
    assert_eq!(work.deliveries().list_in(DeliveryState::Withdrawn, Some(id(23)), 9).await.unwrap(), []);
    work.commit().await.unwrap();
}

/// Certificates beside which more newer ones count than are kept, as of so many days from now.
async fn outgrown(work: &mut dyn Work, kept: u32, day: i64) -> Vec<CertificateId> {
    let (template, settled_by) = (certificate(1, id(1)).template, NOW + Span::days(day));
    let found = work.deliveries().former(template, kept, settled_by, None, 9).await.unwrap();
    found.iter().map(|one| one.certificate).collect()
}

/// What stays is not listed: only those beside which enough newer ones are there, handed over and not revoked.
pub async fn deliveries_of_former_certificates_are_listed(database: &impl Database) {
    let store = database.open().await;
    peopled(&store, 2).await;
    let mut unit = store.begin().await.unwrap();
    let work = unit.as_mut();
    // Four of the first person, of which the oldest was withdrawn and two begin at one moment; one of the second.
    let of = |number: u128, owner: u128, day: i64| Certificate {
        not_before: NOW + Span::days(day),
        ..certificate(number, id(owner))
    };
    for one in [of(1, 1, 0), of(2, 1, 1), of(3, 1, 2), of(4, 2, 0), of(5, 1, 2)] {
        add_certificate(work, &one).await;
        let number = one.id.uuid().as_u128();
        let delivery = delivery(20 + number, one.id, one.subscriber);
        work.deliveries().add_missing(std::slice::from_ref(&delivery)).await.unwrap();
        let state = if number == 1 { DeliveryState::Withdrawn } else { DeliveryState::Present };
        work.deliveries().set_state(delivery.id, state, None, NOW).await.unwrap();
    }
    assert_eq!(outgrown(work, 0, 2).await, [id(2), id(3)]);
    assert_eq!(outgrown(work, 1, 2).await, [id(2)]);
    assert_eq!(outgrown(work, 2, 2).await, []);
    assert_eq!(outgrown(work, 0, 1).await, [], "the newer ones are not settled");
    let template = of(1, 1, 0).template;
    let behind = work.deliveries().former(template, 0, NOW + Span::days(2), Some(id(22)), 9).await.unwrap();
    assert_eq!(behind.iter().map(|one| one.certificate).collect::<Vec<_>>(), [id(3)]);
    let first = work.deliveries().former(template, 0, NOW + Span::days(2), None, 1).await.unwrap();
    assert_eq!(first.iter().map(|one| one.certificate).collect::<Vec<_>>(), [id(2)]);
    assert_eq!(work.deliveries().former(id(0xee), 0, NOW + Span::days(2), None, 9).await.unwrap(), []);
    // The newest is still to go to somebody else: until then it counts for nobody.
    let open = delivery(40, id(5), id(2));
    work.deliveries().add_missing(std::slice::from_ref(&open)).await.unwrap();
    for state in [DeliveryState::Planned, DeliveryState::Accepted, DeliveryState::Missing] {
        work.deliveries().set_state(open.id, state, None, NOW).await.unwrap();
        assert_eq!(outgrown(work, 0, 2).await, [id(2)], "{state:?}");
    }
    work.deliveries().set_state(open.id, DeliveryState::Withdrawn, None, NOW).await.unwrap();
    assert_eq!(outgrown(work, 0, 2).await, [id(2), id(3)]);
    let mine = delivery(25, id(5), id(1));
    work.deliveries().set_state(mine.id, DeliveryState::Withdrawn, None, NOW).await.unwrap();
    assert_eq!(outgrown(work, 0, 2).await, [id(2)], "with nobody it counts as little");
    work.deliveries().set_state(mine.id, DeliveryState::Present, None, NOW).await.unwrap();
    assert_eq!(outgrown(work, 0, 2).await, [id(2), id(3)]);
    let why = RevocationReason::Superseded;
    work.certificates().mark_revoking(id(5), why, NOW).await.unwrap();
    assert_eq!(outgrown(work, 0, 2).await, [id(2)], "it is being revoked");
    work.certificates().mark_revoked(id(5), why, NOW).await.unwrap();
    assert_eq!(outgrown(work, 0, 2).await, [id(2)], "it is revoked");
    unit.commit().await.unwrap();
}
