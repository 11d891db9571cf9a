//! Ghosts: records at Intune that should not be there. They are found by listing everything, and removed when a person says so.
//!
//! Only records that name the key of one of our connectors are judged: others import beside us.

use model::{
    AuditOutcome, Certificate, CertificateId, CertificateState, Clock, Delivery, DeliveryState, DriftKind,
    DriftRepair, IntendedPurpose, Timestamp,
};
use ports::{DeliveryDoor, DeliveryRecord, ListedRecord};
use store::{Store, StoreError, Work};

use crate::LifecycleError;
use crate::removal::{Removal, event, remove};

/// A record that should not be there.
#[derive(Clone, PartialEq, Debug)]
pub struct Ghost {
    /// Why.
    pub kind: DriftKind,
    /// The record.
    pub record: DeliveryRecord,
    /// The delivery behind it, where there is one.
    pub delivery: Option<Delivery>,
    /// Why, and what follows, for people.
    pub why: String,
}

/// What a listing showed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Survey {
    /// Records in all.
    pub listed: usize,
    /// Those that name a key of ours.
    pub ours: usize,
    /// Those of ours that should not be there.
    pub ghosts: Vec<Ghost>,
}

/// Lists everything at Intune and compares it with what was handed over from here. Changes nothing.
pub async fn survey(
    store: &dyn Store,
    door: &dyn DeliveryDoor,
    clock: &dyn Clock,
) -> Result<Survey, LifecycleError> {
    let mut survey = Survey::default();
    let now = clock.now();
    let mut after: Option<String> = None;
    loop {
        let page = door.list(after.as_deref()).await?;
        survey.listed += page.records.len() + page.unreadable;
        let mut work = store.read().await?;
        for listed in page.records.into_iter().filter(|listed| listed.ours) {
            survey.ours += 1;
            let Judged { delivery, wrong, .. } = judge(work.as_mut(), &listed, now).await?;
            let Some((kind, why)) = wrong else { continue };
            // Handed over for another purpose it is in its place all the same.
            if kind.repair() == Some(DriftRepair::WithdrawRecord) {
                survey.ghosts.push(Ghost { kind, record: listed.record, delivery, why });
            }
        }
        after = Some(match page.next {
            None => return Ok(survey),
            Some(next) => next,
        });
    }
}

/// What is known here about a record of ours.
pub(crate) struct Judged {
    /// The certificate in it.
    pub(crate) certificate: Option<CertificateId>,
    /// The hand-over behind it.
    pub(crate) delivery: Option<Delivery>,
    /// Why it should not be there, or not so.
    pub(crate) wrong: Option<(DriftKind, String)>,
}

/// Judges one record that names a key of ours.
pub(crate) async fn judge(
    work: &mut dyn Work,
    listed: &ListedRecord,
    now: Timestamp,
) -> Result<Judged, StoreError> {
    let record = &listed.record;
    let Some(certificate) = work.certificates().find_by_thumbprint(record.thumbprint).await? else {
        let why = "no certificate with this thumbprint is known here".to_owned();
        let wrong = Some((DriftKind::Unknown, why));
        return Ok(Judged { certificate: None, delivery: None, wrong });
    };
    let deliveries = work.deliveries().list(certificate.id).await?;
    let Some(delivery) = deliveries.into_iter().find(|one| belongs(one, record)) else {
        let why = "its certificate was never to go to this person's devices".to_owned();
        let wrong = Some((DriftKind::WrongHolder, why));
        return Ok(Judged { certificate: Some(certificate.id), delivery: None, wrong });
    };
    let wrong = wrong_with(work, listed, &certificate, &delivery, now).await?;
    Ok(Judged { certificate: Some(certificate.id), delivery: Some(delivery), wrong })
}

/// Why the record of a hand-over should not be there, or not so.
async fn wrong_with(
    work: &mut dyn Work,
    listed: &ListedRecord,
    certificate: &Certificate,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Option<(DriftKind, String)>, StoreError> {
    if delivery.state == DeliveryState::Withdrawn {
        return Ok(Some((DriftKind::Withdrawn, "it was removed once, and is there again".to_owned())));
    }
    let name = &listed.record.user_principal_name;
    // Holders of mailboxes need not be in an enrollment group; nothing more is known about them.
    let person = work.subscribers().lookup(delivery.person).await?;
    let present = person.as_ref().map_or(&delivery.user_principal_name, |one| &one.user_principal_name);
    if person.as_ref().is_some_and(|one| one.gone_at.is_some() && one.id == certificate.subscriber) {
        let why = "its person left the enrollment groups; removed, it says nothing about what devices have";
        return Ok(Some((DriftKind::Left, why.to_owned())));
    }
    if !present.eq_ignore_ascii_case(name) {
        let again = format!(
            "once it is removed, `sealwright certificate redeliver {} --kra KEY --reason TEXT` hands the certificate over under \
             the right name",
            certificate.thumbprint
        );
        return Ok(Some(if delivery.user_principal_name.eq_ignore_ascii_case(name) {
            (DriftKind::FormerName, format!("its person is called {present} by now; {again}"))
        } else {
            (
                DriftKind::WrongHolder,
                format!("it was handed over for {present}, and stands there for {name}; {again}"),
            )
        }));
    }
    let template = work.templates().lookup(certificate.template).await?;
    let purpose = template.map(|found| found.template.delivery.intended_purpose);
    if let Some(why) = ended(certificate, purpose, now) {
        return Ok(Some((DriftKind::Ended, why)));
    }
    Ok(match (purpose, listed.intended_purpose) {
        (Some(wanted), Some(found)) if wanted != found => {
            let why = format!(
                "devices are told to use it for {}, and the template says {}; remove the record with `sealwright delivery \
                 withdraw` and hand the certificate over again, or correct the template",
                word(found),
                word(wanted)
            );
            Some((DriftKind::WrongPurpose, why))
        }
        _ => None,
    })
}

const fn word(purpose: IntendedPurpose) -> &'static str {
    match purpose {
        IntendedPurpose::Unassigned => "whatever they want",
        IntendedPurpose::SmimeEncryption => "encrypting mail",
        IntendedPurpose::SmimeSigning => "signing mail",
    }
}

/// Whether the record is the delivery's: it carries the id that was read back, or one that is made up of person and certificate.
fn belongs(delivery: &Delivery, record: &DeliveryRecord) -> bool {
    let person: String = delivery.person.to_string().chars().filter(|letter| *letter != '-').collect();
    delivery.record.as_deref() == Some(record.id.as_str())
        || record.id.eq_ignore_ascii_case(&format!("{person}-{}", delivery.thumbprint))
}

/// What an ended certificate is still good for depends on its purpose: old mail wants old encryption keys.
fn ended(certificate: &Certificate, purpose: Option<IntendedPurpose>, now: Timestamp) -> Option<String> {
    let how = if certificate.state == CertificateState::Revoked {
        "revoked"
    } else if certificate.not_after < now {
        "past its validity"
    } else {
        return None;
    };
    match purpose {
        None | Some(IntendedPurpose::SmimeEncryption) => None,
        Some(IntendedPurpose::SmimeSigning | IntendedPurpose::Unassigned) => {
            Some(format!("its certificate is {how}, and nothing old is decrypted with it"))
        }
    }
}

/// Removes the record of a ghost; what came of it is on record.
pub async fn banish(
    store: &dyn Store,
    door: &dyn DeliveryDoor,
    clock: &dyn Clock,
    actor: &str,
    ghost: &Ghost,
) -> Result<(), LifecycleError> {
    let told =
        |how: &str| format!("record of {} ({}) {how}", ghost.record.user_principal_name, ghost.kind.name());
    let state = match ghost.kind {
        // It is to come again, under the right name.
        DriftKind::FormerName | DriftKind::WrongHolder => DeliveryState::Missing,
        DriftKind::Unknown
        | DriftKind::Withdrawn
        | DriftKind::Left
        | DriftKind::Ended
        | DriftKind::WrongPurpose
        | DriftKind::ShadowIssuance
        | DriftKind::MissingAtAuthority
        | DriftKind::RevokedThere
        | DriftKind::NotRevokedThere
        | DriftKind::HoldDiffers
        | DriftKind::Orphan
        | DriftKind::NotShown
        | DriftKind::StillShown
        | DriftKind::WrongEntry
        | DriftKind::OnPremises => DeliveryState::Withdrawn,
    };
    let removal = Removal {
        record: Some(&ghost.record),
        delivery: ghost.delivery.as_ref().map(|delivery| (delivery, state)),
        thumbprint: ghost.record.thumbprint,
        detail: told("removed at Intune"),
    };
    let removed = remove(store, door, clock, actor, removal).await;
    if let Err(LifecycleError::Delivery(error)) = &removed {
        let detail = told(&format!("not removed at Intune: {error}"));
        let event = event(actor, AuditOutcome::Failure, ghost.record.thumbprint, detail);
        let noted: Result<(), StoreError> = store::in_unit!(store, work => {
            work.audit().append(&event, clock.now()).await?;
        });
        noted?;
    }
    removed
}
