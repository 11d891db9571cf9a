//! How single certificates stand at their authority: asked of the authority where it tells, and read from the addresses in the
//! certificate where it does not.

use model::{
    AuthorityId, Certificate, CertificateId, CertificateState, Clock, DriftKind, DriftSide, RevocationReason,
    Standing, Timestamp,
};
use ports::{IssuedRecord, StatusDoor, StatusError, Told, chain};
use store::{Store, StoreError, Work};

use super::authority::{differs, missing, says_the_same, sighting};
use super::{Count, NotCompared, Outside, PAGE, confirm, note};
use crate::LifecycleError;

/// What the authority said of one certificate, and what of it differs from the database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refreshed {
    /// As it is here.
    pub certificate: Certificate,
    /// Where its authority was asked.
    pub source: Source,
    /// What differs, as a sentence.
    pub difference: Option<String>,
}

/// Where an authority was asked about a certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// At the authority's own door.
    Authority,
    /// A list or responder at this address, which said so then.
    Address(String, Timestamp),
    /// Nowhere: the certificate names no address.
    Nowhere,
    /// It could not be asked, in one sentence.
    Unread(String),
}

/// Compares an authority that tells no list with ours, one certificate after the other. Of those that have expired, and of those
/// for which a revocation is on its way, nothing is asked.
pub(super) async fn compare(
    store: &dyn Store,
    (side, id): (DriftSide, AuthorityId),
    door: &dyn StatusDoor,
    began: Timestamp,
    clock: &dyn Clock,
) -> Result<Result<Count, NotCompared>, StoreError> {
    let (mut compared, mut silent, mut unread, mut trouble) = (0_u64, 0_u64, 0_u64, None);
    let mut after: Option<CertificateId> = None;
    loop {
        let now = clock.now();
        let ours = store.read().await?.certificates().list_issued_by(id, after, PAGE).await?;
        let Some(last) = ours.last() else { break };
        after = Some(last.id);
        let (mut seen, mut agree) = (Vec::new(), Vec::new());
        for certificate in &ours {
            if certificate.not_after < now || certificate.state == CertificateState::Revoking {
                continue;
            }
            let told = match ask(store, door, certificate.id).await? {
                Ok(Some(told)) => told,
                Ok(None) => {
                    silent += 1;
                    continue;
                }
                Err(error) => {
                    unread += 1;
                    trouble.get_or_insert_with(|| chain(&error));
                    continue;
                }
            };
            compared += 1;
            // As it is now: an order may have come while the authority was asked.
            let mut work = store.read().await?;
            let Some(row) = work.certificates().lookup(certificate.id).await? else { continue };
            match judge(work.as_mut(), &row.certificate, &told).await? {
                Judged::Agrees => agree.push(certificate.id),
                Judged::Unsettled => {}
                Judged::Differs(kind, sentence) => {
                    let wrong = (kind, sentence);
                    seen.push(sighting(side, id, &certificate.serial, Some(certificate.id), wrong));
                }
            }
        }
        note(store, &seen, began).await?;
        confirm(store, &agree, now).await?;
    }
    Ok(match trouble {
        Some(why) => Err(NotCompared {
            why: format!("{unread} of its certificates could not be read; {why}"),
            is_expected: false,
        }),
        None if compared == 0 && silent > 0 => {
            Err(super::expected("its certificates name no address at which their status could be read"))
        }
        None => Ok(Count { compared, others: 0 }),
    })
}

/// Asks about single certificates now. No finding comes of it, because it is no complete reading.
///
/// # Errors
/// When the database cannot be read or written. What an authority says ends in the result of its certificate.
pub async fn refresh(
    store: &dyn Store,
    outside: Outside<'_>,
    clock: &dyn Clock,
    wanted: &[CertificateId],
) -> Result<Vec<Refreshed>, StoreError> {
    let (mut done, mut agree) = (Vec::with_capacity(wanted.len()), Vec::new());
    for id in wanted {
        let Some(row) = store.read().await?.certificates().lookup(*id).await? else { continue };
        let certificate = row.certificate;
        let authority = outside.authorities.get(&certificate.authority);
        let mut work;
        let (source, judged) = match authority.filter(|door| door.capabilities().lists_issued) {
            Some(door) => match door.find_issued(&certificate.serial).await {
                Err(error) => (Source::Unread(chain(&error)), None),
                Ok(found) => {
                    work = store.read().await?;
                    let judged = match found {
                        None => Judged::Differs(DriftKind::MissingAtAuthority, missing(&certificate)),
                        Some(record) => Judged::by(work.as_mut(), &certificate, &record).await?,
                    };
                    (Source::Authority, Some(judged))
                }
            },
            None => match outside.status {
                Err(why) => (Source::Unread(why.to_owned()), None),
                Ok(door) => match ask(store, door, certificate.id).await? {
                    Err(error) => (Source::Unread(chain(&error)), None),
                    Ok(None) => (Source::Nowhere, None),
                    Ok(Some(told)) => {
                        work = store.read().await?;
                        let judged = judge(work.as_mut(), &certificate, &told).await?;
                        (Source::Address(told.address, told.word.said_at), Some(judged))
                    }
                },
            },
        };
        let difference = match judged {
            Some(Judged::Differs(_, sentence)) => Some(sentence),
            Some(Judged::Agrees) => {
                agree.push(*id);
                None
            }
            Some(Judged::Unsettled) | None => None,
        };
        done.push(Refreshed { certificate, source, difference });
    }
    confirm(store, &agree, clock.now()).await?;
    // As they are now known.
    for one in &mut done {
        if let Some(row) = store.read().await?.certificates().lookup(one.certificate.id).await? {
            one.certificate = row.certificate;
        }
    }
    Ok(done)
}

/// What the authority says about a certificate of ours, as its list would have it; `None` when it does not know it.
pub(super) async fn asked(
    store: &dyn Store,
    door: &dyn StatusDoor,
    id: CertificateId,
) -> Result<Option<IssuedRecord>, LifecycleError> {
    let Some(row) = store.read().await?.certificates().lookup(id).await? else { return Ok(None) };
    match ask(store, door, id).await? {
        Ok(told) => Ok(told.and_then(|told| record(&row.certificate, &told))),
        Err(error) => Err(LifecycleError::NotPossible(chain(&error))),
    }
}

async fn ask(
    store: &dyn Store,
    door: &dyn StatusDoor,
    id: CertificateId,
) -> Result<Result<Option<Told>, StatusError>, StoreError> {
    match store.read().await?.certificates().lookup_stored(id).await? {
        Some(stored) => Ok(door.word(&stored.der, &stored.chain).await),
        None => Ok(Ok(None)),
    }
}

enum Judged {
    Agrees,
    /// Neither the same nor a difference: it was said before what was done here, or that is on its way there.
    Unsettled,
    Differs(DriftKind, String),
}

impl Judged {
    async fn by(work: &mut dyn Work, ours: &Certificate, record: &IssuedRecord) -> Result<Self, StoreError> {
        Ok(match differs(work, ours, record).await? {
            Some((kind, sentence)) => Self::Differs(kind, sentence),
            None if says_the_same(ours, record) => Self::Agrees,
            None => Self::Unsettled,
        })
    }
}

/// Holds what a list or responder says against what is here. Lists are made once a day or once a week: one from before a
/// revocation or a hold of ours says nothing about it.
async fn judge(work: &mut dyn Work, ours: &Certificate, told: &Told) -> Result<Judged, StoreError> {
    let Some(record) = record(ours, told) else {
        return Ok(Judged::Differs(DriftKind::MissingAtAuthority, missing(ours)));
    };
    let since = match ours.state {
        CertificateState::Revoked => ours.revoked.map(|(at, _)| at),
        CertificateState::Held => work.certificates().lookup_hold(ours.id).await?.map(|hold| hold.since),
        CertificateState::Valid | CertificateState::Superseded | CertificateState::Revoking => None,
    };
    if record.ended().is_none() && since.is_some_and(|since| told.word.said_at <= since) {
        return Ok(Judged::Unsettled);
    }
    Judged::by(work, ours, &record).await
}

fn record(ours: &Certificate, told: &Told) -> Option<IssuedRecord> {
    let revoked = match told.word.standing {
        Standing::Unknown => return None,
        Standing::Good => None,
        Standing::Held(at) => Some((at, RevocationReason::CertificateHold)),
        Standing::Revoked(at, reason) => Some((at, reason)),
    };
    Some(IssuedRecord { serial: ours.serial.clone(), reference: None, not_after: ours.not_after, revoked })
}
