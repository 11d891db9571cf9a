//! What a certificate takes in the database, all in: its subscriber, saga, journal, request, archived key, bytes, delivery,
//! audit entries, and its entry in the books of the built-in authority. Sizes of the pieces are those of a real run with
//! RSA 2048 keys and two recovery agents.

use std::sync::Arc;

use model::{
    AuditEvent, AuditKind, AuditOutcome, EnrollmentState, JournalEntry, JournalEvent, Span, Station,
};
use store::{ArchivedKey, IssuedEntry, Store, StoredCertificate};

use crate::suite::sample::{
    NOW, add_recipes, authority_id, certificate, delivery, enrollment, person, serial, thumbprint,
};

/// Bytes that do not compress and repeat nowhere.
fn noise(seed: u128, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut bytes = Vec::with_capacity(length + 16);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Fills the store with so many certificates.
pub(crate) async fn fill(store: &Arc<dyn Store>, count: u128) {
    let mut work = store.begin().await.unwrap();
    add_recipes(work.as_mut()).await;
    work.commit().await.unwrap();
    for first in (1..=count).step_by(200) {
        let mut work = store.begin().await.unwrap();
        for number in first..(first + 200).min(count + 1) {
            one(work.as_mut(), number).await;
        }
        work.commit().await.unwrap();
    }
}

async fn one(work: &mut dyn store::Work, number: u128) {
    let subscriber = person(number);
    work.subscribers().set(&subscriber).await.unwrap();
    let mut saga = enrollment(number, subscriber.id);
    work.enrollments().add(&saga).await.unwrap();
    for station in Station::ALL {
        for event in [JournalEvent::Started, JournalEvent::Succeeded] {
            let entry = JournalEntry { enrollment: saga.id, station, event, detail: None, at: NOW };
            work.enrollments().add_journal(&entry).await.unwrap();
        }
    }
    work.enrollments().add_request(saga.id, &noise(number, 700), &[7; 32]).await.unwrap();
    let key = ArchivedKey {
        enrollment: saga.id,
        certificate: None,
        spki_sha256: [7; 32],
        envelope: noise(number + 1, 2_350),
        kras: vec![thumbprint(1), thumbprint(2)],
        sealed_at: NOW,
    };
    work.archive().add(&key).await.unwrap();
    let der = noise(number + 2, 1_650);
    let mut row = certificate(number, subscriber.id);
    row.enrollment = saga.id;
    let stored =
        StoredCertificate { certificate: row.clone(), der: der.clone(), chain: vec![vec![1; 1_400]] };
    work.certificates().add(&stored).await.unwrap();
    work.archive().bind(saga.id, row.id).await.unwrap();
    work.deliveries().add_missing(&[delivery(number, row.id, subscriber.id)]).await.unwrap();
    saga.state = EnrollmentState::Done;
    saga.certificate = Some(row.id);
    work.enrollments().set_progress(&saga).await.unwrap();
    for kind in [
        AuditKind::EnrollmentStarted,
        AuditKind::CertificateIssued,
        AuditKind::KeyArchivalRequestProcessed,
        AuditKind::CertificateDelivered,
    ] {
        let event = AuditEvent {
            kind,
            outcome: AuditOutcome::Success,
            actor: "daemon@server-01.example.com".to_owned(),
            object: format!("certificate {}", row.thumbprint),
            detail: format!("enrollment {}, {}", saga.id, subscriber.user_principal_name),
        };
        work.audit().append(&event, NOW).await.unwrap();
    }
    let entry = IssuedEntry {
        authority: authority_id(),
        serial: serial(number),
        reference: saga.id.to_string(),
        spki_sha256: [7; 32],
        der,
        not_after: NOW + Span::days(365),
        issued_at: NOW,
    };
    work.ledger().add(&entry).await.unwrap();
}

/// How many certificates: `SEALWRIGHT_CERTIFICATES`, or a thousand.
#[expect(clippy::disallowed_methods, reason = "a figure is measured at the size that a person names")]
pub(crate) fn count() -> u128 {
    std::env::var("SEALWRIGHT_CERTIFICATES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}
