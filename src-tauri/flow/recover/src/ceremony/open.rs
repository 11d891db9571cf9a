//! Opening: whoever asked puts together what the officers gave, and does with the keys what was asked, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use admit::Fleet;
use crypto::open::{Envelope, open_bound};
use crypto::quorum::Share;
use crypto::seal::seal_bound;
use crypto::{CryptoError, PrivateKey};
use custody::SetVersion;
use model::{AuditEvent, AuditKind, AuditOutcome, Certificate, PfxProfile, RecoveryRequestId, RecoveryState};
use store::{InflightKey, Job, JobKind, StoreError, StoredRecoveryGrant};
use zeroize::Zeroizing;

use super::anew::is_asked_for;
use super::ask::KeyInArchive;
use super::bundle::for_elsewhere;
use super::desk::Desk;
use super::different::most_different;
use super::grant::{Gift, Secret, open};
use super::request::{AskedKey, Request, Wanted};
use crate::given::name_mails;
use crate::mail::{self, DecryptedMail, MailError};
use crate::{GivenMail, RecoverError, Recovered, key_of, pack};

/// What is to be done with the keys; has to be what was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Given<'a> {
    /// These mails are decrypted.
    Mails(&'a [GivenMail]),
    /// PKCS#12 files.
    Files(PfxProfile),
    /// They go to their owner's devices, by the daemon.
    Devices,
    /// They are sealed anew to this set.
    SealedAnew(&'a SetVersion),
}

/// What came of it.
pub struct Opened {
    /// The request; still open until [`Desk::finish`].
    pub request: Request,
    /// For each given mail, in order.
    pub mails: Vec<Result<DecryptedMail, MailError>>,
    /// PKCS#12 files to be written.
    pub files: Vec<Recovered>,
    /// Certificates whose keys the daemon hands over now.
    pub on_their_way: Vec<Certificate>,
    /// Certificates whose keys are on all their devices already, as Intune said last.
    pub there_already: Vec<Certificate>,
    /// Certificates whose keys are sealed to the set now.
    pub sealed_anew: Vec<Certificate>,
}

/// What was done with the keys.
#[derive(Default)]
struct Done {
    mails: Vec<Result<DecryptedMail, MailError>>,
    files: Vec<Recovered>,
    on_their_way: Vec<Certificate>,
    there_already: Vec<Certificate>,
    sealed_anew: Vec<Certificate>,
}

/// What it takes to tell whether something was given, and by whom.
pub(super) struct Judge {
    one_time: PrivateKey,
    fleet: Arc<Fleet>,
    /// SHA-256 of the certificates of all agents that were ever named.
    officers: Vec<[u8; 32]>,
}

/// What enough officers have given for one key.
pub(super) struct Agreed {
    pub(super) content_key: Zeroizing<Vec<u8>>,
    pub(super) content: Zeroizing<Vec<u8>>,
    /// Who they are, in words.
    pub(super) officers: String,
}

/// A key that is open.
struct Open<'a> {
    asked: &'a AskedKey,
    archived: KeyInArchive,
    key: PrivateKey,
    officers: String,
}

impl Desk<'_> {
    /// Opens the keys of a request to which enough officers have agreed. May be repeated until [`Self::finish`], by whoever
    /// asked, on the machine where it was asked.
    ///
    /// # Errors
    /// [`RecoverError::NotPossible`] when officers are missing, the request is closed, or something else was asked;
    /// [`CryptoError::Tampered`] when what was given does not open the key. Nothing is opened when the record cannot be
    /// written.
    pub async fn open(&self, id: RecoveryRequestId, given: Given<'_>) -> Result<Opened, RecoverError> {
        let request = self.request(id).await?;
        request.check_open(self.now())?;
        self.own(&request)?;
        let is_asked = match given {
            Given::Mails(_) => request.wanted == Wanted::DecryptedMails,
            Given::Files(_) => matches!(request.wanted, Wanted::FileForOwner | Wanted::FileForOther { .. }),
            Given::Devices => request.wanted == Wanted::OwnersDevices,
            Given::SealedAnew(set) => is_asked_for(&request, set)?,
        };
        if !is_asked {
            return Err(RecoverError::NotPossible(format!(
                "this is not what was asked and agreed to: {}",
                request.wanted.describe()
            )));
        }
        let meant = match given {
            Given::Mails(mails) => format!("; {}", name_mails(mails)?),
            Given::Files(_) | Given::Devices | Given::SealedAnew(_) => String::new(),
        };
        let archived = match given {
            Given::SealedAnew(set) => self.to_be_sealed_anew(&request, set).await?,
            Given::Mails(_) | Given::Files(_) | Given::Devices => self.all_in_archive(&request).await?,
        };
        let mut work = self.store.read().await?;
        let grants = work.recoveries().grants(id).await?;
        let sealed = work.recoveries().sealed_key(id).await?;
        drop(work);
        for asked in &request.keys {
            let given = grants.iter().filter(|grant| grant.certificate == asked.certificate);
            check_count(&request, given.map(|grant| grant.officer).collect::<BTreeSet<_>>().len())?;
        }
        let sealed = sealed.ok_or_else(|| {
            RecoverError::NotPossible(format!("the one-time key of recovery request {id} is gone; ask again"))
        })?;

        let kind = AuditKind::KeyRecoveryOpening;
        let note = format!("{} grants{meant}", grants.len());
        let events = self.events(&request, kind, AuditOutcome::Success, &note);
        let mut request = request;
        if request.state == RecoveryState::Waiting {
            self.move_on(&request, RecoveryState::Opened, &events).await?;
            request.state = RecoveryState::Opened;
        } else {
            self.record(&events).await?;
        }

        let done = self.open_all(&request, archived, &grants, &sealed, given).await;
        if let Err(error) = &done {
            let kind = AuditKind::KeyRecoveryRequestProcessed;
            self.record(&self.events(&request, kind, AuditOutcome::Failure, &error.to_string())).await?;
        }
        let Done { mails, files, on_their_way, there_already, sealed_anew } = done?;
        Ok(Opened { request, mails, files, on_their_way, there_already, sealed_anew })
    }

    /// Says that what was wanted is done: the one-time key goes, and the request is closed.
    ///
    /// # Errors
    /// When the database cannot be written; the request then stays open until it expires.
    pub async fn finish(&self, request: &Request) -> Result<(), RecoverError> {
        self.own(request)?;
        let kind = AuditKind::KeyRecoveryRequestClosed;
        let events = self.events(request, kind, AuditOutcome::Success, "done");
        self.move_on(request, RecoveryState::Done, &events).await
    }

    async fn open_all(
        &self,
        request: &Request,
        archived: Vec<KeyInArchive>,
        grants: &[StoredRecoveryGrant],
        sealed: &[u8],
        given: Given<'_>,
    ) -> Result<Done, RecoverError> {
        let own = self.gate.installation();
        let pkcs8 = open_bound(&Request::key_context(request.id), sealed, &own.key, &own.certificate)?;
        let one_time = PrivateKey::from_pkcs8(&pkcs8)?;
        let fleet = self.fleet().await?;
        let judge = Judge { one_time, fleet, officers: self.agents.officers.clone() };
        if let Given::SealedAnew(set) = given {
            let sealed_anew = self.seal_anew(request, archived, grants, &judge, set).await?;
            return Ok(Done { sealed_anew, ..Done::default() });
        }
        let mut open = Vec::with_capacity(archived.len());
        for (asked, archived) in request.keys.iter().zip(archived) {
            open.push(open_one(request, asked, archived, grants, &judge)?);
        }
        let mut done = Done::default();
        if let Given::Mails(mails) = given {
            done.mails = mails.iter().map(|mail| decrypt_with(&open, mail)).collect();
        }
        for one in &open {
            let event = self.processed(request, one);
            match given {
                Given::Mails(_) => self.record(&[event]).await?,
                Given::Files(profile) => {
                    let recovered = pack(&one.key, &one.archived.stored, self.entropy, profile)?;
                    self.record(&[event]).await?;
                    done.files.push(recovered);
                }
                Given::Devices => {
                    let certificate = one.archived.stored.certificate.clone();
                    if self.send(one, &event).await? {
                        done.on_their_way.push(certificate);
                    } else {
                        done.there_already.push(certificate);
                    }
                }
                // Done above, without a private key.
                Given::SealedAnew(_) => {}
            }
        }
        Ok(done)
    }

    fn processed(&self, request: &Request, open: &Open<'_>) -> AuditEvent {
        let note = format!("opened with {}", open.officers);
        self.event(request, open.asked, AuditKind::KeyRecoveryRequestProcessed, AuditOutcome::Success, &note)
    }

    /// Puts the key in flight again, sealed to the installations of the fleet, and has the daemon deliver it where it is
    /// missing. `false` when it is missing nowhere.
    async fn send(&self, open: &Open<'_>, event: &AuditEvent) -> Result<bool, RecoverError> {
        let certificate = &open.archived.stored.certificate;
        let recipients = self.gate.recipients().await?;
        let context = admit::context::inflight_key(certificate.enrollment);
        let pkcs8: Zeroizing<Vec<u8>> = open.key.to_pkcs8()?;
        let envelope = seal_bound(&context, &pkcs8, &recipients)?;
        let key = InflightKey { enrollment: certificate.enrollment, envelope };
        let now = self.now();
        let job = Job {
            id: self.ids.next(),
            kind: JobKind::Enrollment { enrollment: certificate.enrollment },
            due_at: now,
            attempts: 0,
        };
        let sent = store::in_unit!(self.store, work => {
            work.audit().append(event, now).await?;
            let deliveries = work.deliveries().list(certificate.id).await?;
            let is_missing = deliveries.iter().any(|delivery| delivery.state.is_open());
            let enrollment = work.enrollments().lookup(certificate.enrollment).await?;
            match enrollment.filter(|_| is_missing) {
                None => Sent::NowhereMissing,
                Some(enrollment) if work.enrollments().deliver_again(&enrollment, now).await? => {
                    work.archive().add_inflight(&key).await?;
                    work.jobs().add(&job, &format!("enrollment {}", certificate.enrollment)).await?;
                    Sent::OnItsWay
                }
                Some(_) => Sent::UnderWay,
            }
        });
        let under_way = || {
            RecoverError::NotPossible(format!(
                "the key of {} is on its way already, or another enrollment of its owner's is; wait for it",
                certificate.mail
            ))
        };
        match sent {
            Ok(Sent::OnItsWay) => Ok(true),
            Ok(Sent::NowhereMissing) => Ok(false),
            Ok(Sent::UnderWay) | Err(StoreError::Conflict { .. }) => Err(under_way()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What became of a key that was to be delivered.
enum Sent {
    OnItsWay,
    NowhereMissing,
    UnderWay,
}

/// A mail by whichever of the keys it was encrypted to.
fn decrypt_with(open: &[Open<'_>], given: &GivenMail) -> Result<DecryptedMail, MailError> {
    let mut tried = open.iter().map(|one| mail::decrypt(&given.bytes, &one.key, &one.archived.sealed.leaf));
    let first = tried.next().unwrap_or(Err(MailError::NotEncrypted));
    tried.fold(first, |found, next| if found.is_ok() { found } else { next })
}

/// Whether so many have agreed.
fn check_count(request: &Request, given: usize) -> Result<(), RecoverError> {
    if given >= usize::from(request.approvals) {
        return Ok(());
    }
    Err(RecoverError::TooFewAgreed { given, needed: request.approvals, request: request.id })
}

/// One key, from what was given for it.
fn open_one<'a>(
    request: &Request,
    asked: &'a AskedKey,
    archived: KeyInArchive,
    grants: &[StoredRecoveryGrant],
    judge: &Judge,
) -> Result<Open<'a>, RecoverError> {
    let Agreed { content, officers, .. } = agreed(request, asked, &archived, grants, judge)?;
    let key = key_of(&content, &archived.sealed.leaf)?;
    Ok(Open { asked, archived, key, officers })
}

/// What was given for one key, put together. Persons and officers count once, and whoever asked not at all.
pub(super) fn agreed(
    request: &Request,
    asked: &AskedKey,
    archived: &KeyInArchive,
    grants: &[StoredRecoveryGrant],
    judge: &Judge,
) -> Result<Agreed, RecoverError> {
    let envelope = &archived.sealed.envelope;
    let (mut gifts, mut lapsed) = (Vec::new(), 0_usize);
    // What was not given for this key in this request, by nobody of the fleet or by no officer, is passed over: whoever can add
    // rows shall neither count nor be able to stop a recovery with them.
    for grant in grants.iter().filter(|grant| grant.certificate == asked.certificate) {
        let Ok(gift) = open(request, asked, grant, &judge.one_time, &judge.fleet) else { continue };
        // What nobody may give from elsewhere was not given.
        if gift.statement.installation.is_none() && for_elsewhere(request, &gift.officer).is_err() {
            continue;
        }
        let has_part = match &gift.secret {
            Secret::Share(share) => envelope.quorum().is_some_and(|quorum| {
                let place = usize::from(share.place());
                quorum.officers().get(place.wrapping_sub(1)) == Some(&grant.officer)
            }),
            Secret::ContentKey(_) => {
                envelope.recipient_for(&gift.officer).is_some()
                    && (gift.statement.installation.is_some() || judge.officers.contains(&grant.officer))
            }
        };
        if has_part {
            gifts.push(gift);
        } else {
            lapsed += 1;
        }
    }
    // Each of these was given for this key in this request, and is no part of its envelope any more.
    if gifts.is_empty() && lapsed >= usize::from(request.approvals) {
        return Err(RecoverError::NotPossible(format!(
            "what {lapsed} officers gave for the key of {} does not open it any more, because it was sealed anew to others since: \
             withdraw recovery request {} and ask again",
            asked.mail, request.id
        )));
    }
    let (opened, fitting) = put_together(envelope, &gifts)?;
    // Only who gave what opens the key has agreed.
    let fitting: Vec<&Gift> = fitting.into_iter().map(|index| &gifts[index]).collect();
    let heard = most_persons(request, &fitting);
    check_count(request, heard.len())?;
    let (content_key, content) = opened.ok_or(CryptoError::Tampered)?;
    let officers: Vec<String> = heard.iter().map(|gift| gift.describe()).collect();
    Ok(Agreed { content_key, content, officers: officers.join("; ") })
}

/// A content key and what it opens.
type OpenContent = (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>);

/// What opens the envelope, and which of what was given is true. Nothing opens it where too little was given.
fn put_together(
    envelope: &Envelope,
    gifts: &[Gift],
) -> Result<(Option<OpenContent>, Vec<usize>), RecoverError> {
    let mut opened = None;
    let mut fitting = Vec::new();
    let mut shares = Vec::new();
    for (index, gift) in gifts.iter().enumerate() {
        match &gift.secret {
            Secret::Share(share) => {
                let is_new = |(other, known): &(usize, Share)| {
                    known.place() != share.place()
                        || known.as_bytes() != share.as_bytes() && gifts[*other].giver() != gift.giver()
                };
                // One giver's second share of a place is no help: rows without end shall not stop what others gave.
                if shares.iter().all(is_new) {
                    shares.push((index, share.clone()));
                }
            }
            Secret::ContentKey(content_key) => {
                if let Ok(content) = envelope.open_with_content_key(content_key) {
                    opened = Some((content_key.clone(), content));
                    fitting.push(index);
                }
            }
        }
    }
    if let (Some(quorum), false) = (envelope.quorum(), shares.is_empty()) {
        let given: Vec<_> = shares.iter().map(|(_, share)| share.clone()).collect();
        match quorum.combine(&given) {
            Ok((content_key, true_ones)) => {
                let content = envelope.open_with_content_key(&content_key)?;
                opened = Some((content_key, content));
                // Whoever else gave one of these shares has given a true one too.
                let is_true = |share: &Share| {
                    true_ones
                        .iter()
                        .map(|index| &shares[*index].1)
                        .any(|known| known.place() == share.place() && known.as_bytes() == share.as_bytes())
                };
                let all = gifts.iter().enumerate();
                fitting.extend(all.filter_map(|(index, gift)| match &gift.secret {
                    Secret::Share(share) => is_true(share).then_some(index),
                    Secret::ContentKey(_) => None,
                }));
            }
            // Too few of them: how many there are is told by the count.
            Err(CryptoError::Unfit { .. }) if opened.is_none() => {
                return Ok((None, (0..gifts.len()).collect()));
            }
            Err(CryptoError::Unfit { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if opened.is_none() && !gifts.is_empty() {
        return Err(CryptoError::Tampered.into());
    }
    Ok((opened, fitting))
}

/// As many different persons with different officers' keys as were heard, up to those it takes: whoever was heard first with two
/// keys shall not keep another from counting with one of them.
fn most_persons<'a>(request: &Request, fitting: &[&'a Gift]) -> Vec<&'a Gift> {
    let is_another = |heard: &[&Gift], gift: &Gift| is_another(request, heard, gift);
    most_different(fitting, usize::from(request.approvals), &is_another)
}

/// Whether this is another person with another officer's key, at another machine where the fleet has several.
fn is_another(request: &Request, heard: &[&Gift], gift: &Gift) -> bool {
    // A machine that belongs to no fleet is none that could be told from another.
    let machine = gift.statement.installation.filter(|_| request.fleet_size > 1);
    let is_asker =
        gift.is_by(&request.requester) || machine.is_some_and(|machine| machine == request.installation);
    let is_heard = heard.iter().any(|earlier| {
        earlier.is_same_persons(gift)
            || earlier.officer == gift.officer
            // A second certificate of the same key makes no second officer.
            || earlier.officer.spki_sha256().ok() == gift.officer.spki_sha256().ok()
            || machine.is_some() && earlier.statement.installation == machine
    });
    !is_asker && !is_heard
}
