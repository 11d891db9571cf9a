//! The books of an authority against ours.

use model::{
    AuthorityId, Certificate, CertificateId, CertificateState, DriftKind, DriftObject, DriftSide,
    DriftSighting, EnrollmentId, EnrollmentState, HoldState, SerialNumber, Timestamp,
};
use ports::{CertificateAuthority, IssuedRecord};
use store::{Store, StoreError, Work};

use super::{Count, PAGE, Recognised, confirm, next_page, note};
use crate::LifecycleError;

/// Compares one authority; how much. What has expired is not looked at: nobody relies on it, and authorities forget.
pub(super) async fn compare(
    store: &dyn Store,
    (side, id): (DriftSide, AuthorityId),
    door: &dyn CertificateAuthority,
    began: Timestamp,
    now: Timestamp,
) -> Result<Count, LifecycleError> {
    let mut recognised = Recognised::default();
    let (mut compared, mut after) = (0, None);
    loop {
        let page = door.list_issued(after.as_deref()).await?;
        let (mut seen, mut agree) = (Vec::new(), Vec::new());
        let mut work = store.read().await?;
        for record in &page.records {
            compared += 1;
            let (known, wrong) = judge(work.as_mut(), id, record, now).await?;
            if let Some(known) = &known {
                recognised.add(known.id.as_bytes());
            }
            match wrong {
                Some(wrong) => {
                    let known = known.map(|known| known.id);
                    seen.push(sighting(side, id, &record.serial, known, wrong));
                }
                None => {
                    let same = known.filter(|known| says_the_same(known, record));
                    agree.extend(same.map(|known| known.id));
                }
            }
        }
        drop(work);
        note(store, &seen, began).await?;
        confirm(store, &agree, now).await?;
        match next_page(after.as_deref(), page.next, "the authority")? {
            None => break,
            next => after = next,
        }
    }
    let mut after: Option<CertificateId> = None;
    loop {
        let ours = store.read().await?.certificates().list_issued_by(id, after, PAGE).await?;
        let Some(last) = ours.last() else { return Ok(Count { compared, others: 0 }) };
        after = Some(last.id);
        let mut seen = Vec::new();
        for certificate in &ours {
            if certificate.not_after < now || recognised.knows(certificate.id.as_bytes()) {
                continue;
            }
            let wrong = (DriftKind::MissingAtAuthority, missing(certificate));
            seen.push(sighting(side, id, &certificate.serial, Some(certificate.id), wrong));
        }
        note(store, &seen, began).await?;
    }
}

/// What is said of a certificate that its authority does not know.
pub(super) fn missing(certificate: &Certificate) -> String {
    format!(
        "the authority does not know the certificate of {}: ask whoever runs it whether its books were restored from an \
         earlier copy; until it knows it, it cannot revoke it",
        certificate.mail
    )
}

pub(super) fn sighting(
    side: DriftSide,
    authority: AuthorityId,
    serial: &SerialNumber,
    certificate: Option<CertificateId>,
    (kind, sentence): (DriftKind, String),
) -> DriftSighting {
    let object = DriftObject::Issued { authority, serial: serial.clone() };
    DriftSighting { side, kind, object, certificate, sentence }
}

/// Our certificate behind an entry of the books, and what is wrong with it.
async fn judge(
    work: &mut dyn Work,
    authority: AuthorityId,
    record: &IssuedRecord,
    now: Timestamp,
) -> Result<(Option<Certificate>, Option<(DriftKind, String)>), StoreError> {
    let found = work.certificates().find_by_serial(&record.serial).await?;
    let Some(ours) = found.into_iter().find(|one| one.authority == authority) else {
        let is_of_interest = record.not_after >= now && record.ended().is_none();
        let why = if is_of_interest { unordered(work, authority, record).await? } else { None };
        return Ok((None, why.map(|why| (DriftKind::ShadowIssuance, why))));
    };
    let wrong = if ours.not_after >= now { differs(work, &ours, record).await? } else { None };
    Ok((Some(ours), wrong))
}

/// Whether the authority says of a certificate what is said here. What is on its way there, or is on hold here only, differs from
/// it without being a difference.
pub(super) fn says_the_same(ours: &Certificate, record: &IssuedRecord) -> bool {
    match ours.state {
        CertificateState::Valid | CertificateState::Superseded => record.revoked.is_none(),
        CertificateState::Held => record.is_on_hold(),
        CertificateState::Revoked => record.ended().is_some(),
        CertificateState::Revoking => false,
    }
}

/// What the authority says otherwise of a certificate that is in force. What is ordered there at this moment is on its way.
pub(super) async fn differs(
    work: &mut dyn Work,
    ours: &Certificate,
    record: &IssuedRecord,
) -> Result<Option<(DriftKind, String)>, StoreError> {
    let mail = &ours.mail;
    Ok(match (record.ended(), ours.state) {
        (
            Some((at, reason)),
            CertificateState::Valid | CertificateState::Superseded | CertificateState::Held,
        ) => {
            let here = if ours.state == CertificateState::Held { "is on hold" } else { "counts as good" };
            let sentence = format!(
                "the authority revoked the certificate of {mail} at {at} ({}), and it {here} here",
                reason.name()
            );
            Some((DriftKind::RevokedThere, sentence))
        }
        (None, CertificateState::Revoked) => {
            let there = if record.is_on_hold() { "has it on hold only" } else { "calls it good" };
            let sentence = format!("the certificate of {mail} is revoked here, and the authority {there}");
            Some((DriftKind::NotRevokedThere, sentence))
        }
        (None, CertificateState::Valid | CertificateState::Superseded) if record.is_on_hold() => {
            let sentence = format!(
                "the authority has the certificate of {mail} on hold, and it counts as good here: have the hold lifted there, or \
                 put it on hold here too with `sealwright certificate hold {}`",
                ours.thumbprint
            );
            Some((DriftKind::HoldDiffers, sentence))
        }
        (None, CertificateState::Held) if !record.is_on_hold() => {
            let hold = work.certificates().lookup_hold(ours.id).await?;
            hold.filter(|hold| hold.state == HoldState::AtAuthority).map(|_| {
                let sentence = format!(
                    "the certificate of {mail} is on hold here, and the authority has lifted the hold: take it off hold here too \
                     with `sealwright certificate release {}`, and put it on hold again where it is to stay so",
                    ours.thumbprint
                );
                (DriftKind::HoldDiffers, sentence)
            })
        }
        (_, CertificateState::Revoking)
        | (Some(_), CertificateState::Revoked)
        | (None, CertificateState::Valid | CertificateState::Superseded | CertificateState::Held) => None,
    })
}

/// Why nothing here stands behind what an authority issued; `None` while it may be on its way.
async fn unordered(
    work: &mut dyn Work,
    authority: AuthorityId,
    record: &IssuedRecord,
) -> Result<Option<String>, StoreError> {
    let order = match record.reference.as_deref().and_then(|text| text.parse::<EnrollmentId>().ok()) {
        None => None,
        Some(id) => work.enrollments().lookup(id).await?.filter(|order| order.authority == authority),
    };
    let what = match order {
        Some(order) if matches!(order.state, EnrollmentState::Rejected | EnrollmentState::Done) => {
            format!("for the order {}, which ended without it", order.id)
        }
        Some(_) => return Ok(None),
        None => match &record.reference {
            Some(reference) => format!("for `{reference}`, of which nothing is known here"),
            None => "and nothing here ordered it".to_owned(),
        },
    };
    Ok(Some(format!(
        "the authority issued this serial number {what}: find out who ordered it; `sealwright drift revoke` has it revoked, and \
         nothing does so by itself"
    )))
}
