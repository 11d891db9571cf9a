//! Ghosts: records at Intune that should not be there. They are found by listing everything, and removed when a person says so.
//!
//! Only records that name the key of one of our connectors are judged: others import beside us.

use model::{
    AuditEvent, AuditKind, AuditOutcome, Certificate, CertificateState, Clock, Delivery, DeliveryState,
    IntendedPurpose, Timestamp,
};
use ports::{DeliveryDoor, DeliveryRecord, ListedRecord};
use store::{Store, Work};

use crate::LifecycleError;

/// Why a record should not be there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum GhostKind {
    /// Nothing of the kind was ever handed over from here.
    Unknown,
    /// It was withdrawn, and is there.
    Withdrawn,
    /// Its person left the enrollment groups.
    Left,
    /// It stands under a sign-in name that its person has no longer.
    FormerName,
    /// Its certificate is revoked or past its validity, and nothing old is decrypted with it.
    Ended,
}

impl GhostKind {
    /// Stable name for scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Withdrawn => "withdrawn",
            Self::Left => "left",
            Self::FormerName => "formerName",
            Self::Ended => "ended",
        }
    }
}

/// A record that should not be there.
#[derive(Clone, PartialEq, Debug)]
pub struct Ghost {
    /// Why.
    pub kind: GhostKind,
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
    let listed = door.list().await?;
    let mut survey = Survey { listed: listed.len(), ..Survey::default() };
    let now = clock.now();
    for ListedRecord { record, .. } in listed.into_iter().filter(|listed| listed.ours) {
        survey.ours += 1;
        let mut work = store.read().await?;
        if let Some(ghost) = judge(work.as_mut(), record, now).await? {
            survey.ghosts.push(ghost);
        }
    }
    Ok(survey)
}

async fn judge(
    work: &mut dyn Work,
    record: DeliveryRecord,
    now: Timestamp,
) -> Result<Option<Ghost>, LifecycleError> {
    let ghost = |kind, delivery: Option<Delivery>, why: String| {
        Ok(Some(Ghost { kind, record: record.clone(), delivery, why }))
    };
    let Some(certificate) = work.certificates().find_by_thumbprint(record.thumbprint).await? else {
        return ghost(
            GhostKind::Unknown,
            None,
            "no certificate with this thumbprint is known here".to_owned(),
        );
    };
    let deliveries = work.deliveries().list(certificate.id).await?;
    let Some(delivery) = deliveries.into_iter().find(|one| belongs(one, &record)) else {
        let why = "its certificate was never to go to this person's devices".to_owned();
        return ghost(GhostKind::Unknown, None, why);
    };
    if delivery.state == DeliveryState::Withdrawn {
        return ghost(
            GhostKind::Withdrawn,
            Some(delivery),
            "it was removed once, and is there again".to_owned(),
        );
    }
    // Holders of mailboxes need not be in an enrollment group; nothing more is known about them.
    if let Some(person) = work.subscribers().lookup(delivery.person).await? {
        if person.gone_at.is_some() && person.id == certificate.subscriber {
            let why =
                "its person left the enrollment groups; removed, it says nothing about what devices have"
                    .to_owned();
            return ghost(GhostKind::Left, Some(delivery), why);
        }
        if !person.user_principal_name.eq_ignore_ascii_case(&record.user_principal_name) {
            let why = format!(
                "its person is called {} by now; once it is removed, `sealwright certificate redeliver {} --kra KEY --reason \
                 TEXT` hands the certificate over under the present name",
                person.user_principal_name, certificate.thumbprint
            );
            return ghost(GhostKind::FormerName, Some(delivery), why);
        }
    }
    if let Some(why) = ended(work, &certificate, now).await? {
        return ghost(GhostKind::Ended, Some(delivery), why);
    }
    Ok(None)
}

/// Whether the record is the delivery's: it carries the id that was read back, or one that is made up of person and certificate.
fn belongs(delivery: &Delivery, record: &DeliveryRecord) -> bool {
    let person: String = delivery.person.to_string().chars().filter(|letter| *letter != '-').collect();
    delivery.record.as_deref() == Some(record.id.as_str())
        || record.id.eq_ignore_ascii_case(&format!("{person}-{}", delivery.thumbprint))
}

/// What an ended certificate is still good for depends on its purpose: old mail wants old encryption keys.
async fn ended(
    work: &mut dyn Work,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<Option<String>, LifecycleError> {
    let how = match certificate.state {
        CertificateState::Revoked => "revoked",
        CertificateState::Valid
        | CertificateState::Superseded
        | CertificateState::Held
        | CertificateState::Revoking
            if certificate.not_after < now =>
        {
            "past its validity"
        }
        CertificateState::Valid
        | CertificateState::Superseded
        | CertificateState::Held
        | CertificateState::Revoking => {
            return Ok(None);
        }
    };
    let template = work.templates().lookup(certificate.template).await?;
    let purpose = template.map(|found| found.template.delivery.intended_purpose);
    Ok(match purpose {
        None | Some(IntendedPurpose::SmimeEncryption) => None,
        Some(IntendedPurpose::SmimeSigning | IntendedPurpose::Unassigned) => {
            Some(format!("its certificate is {how}, and nothing old is decrypted with it"))
        }
    })
}

/// Removes the record of a ghost; what came of it is on record. Gone is what the list does not show any more.
pub async fn banish(
    store: &dyn Store,
    door: &dyn DeliveryDoor,
    clock: &dyn Clock,
    actor: &str,
    ghost: &Ghost,
) -> Result<(), LifecycleError> {
    let withdrawn = door.withdraw(&ghost.record).await;
    let (outcome, told) = match &withdrawn {
        Ok(()) => (AuditOutcome::Success, "removed at Intune".to_owned()),
        Err(error) => (AuditOutcome::Failure, format!("not removed at Intune: {error}")),
    };
    let event = AuditEvent {
        kind: AuditKind::CertificateWithdrawn,
        outcome,
        actor: actor.to_owned(),
        object: format!("certificate {}", ghost.record.thumbprint),
        detail: format!("record of {} ({}) {told}", ghost.record.user_principal_name, ghost.kind.name()),
    };
    let state = match ghost.kind {
        // It is to come again, under the present name.
        GhostKind::FormerName => DeliveryState::Missing,
        GhostKind::Unknown | GhostKind::Withdrawn | GhostKind::Left | GhostKind::Ended => {
            DeliveryState::Withdrawn
        }
    };
    let stored: Result<(), store::StoreError> = store::in_unit!(store, work => {
        let now = clock.now();
        work.audit().append(&event, now).await?;
        if let (Some(delivery), true) = (&ghost.delivery, withdrawn.is_ok()) {
            work.deliveries().set_state(delivery.id, state, Some(&ghost.record.id), now).await?;
        }
    });
    stored?;
    Ok(withdrawn?)
}
