//! The fire drill: a random sample of the archive is opened, compared with its certificates, and dropped.
//!
//! Of what is sealed to a quorum the officer's share is opened, which is all that one officer can do: it proves that the
//! officer's key and the share are well, and that the share is of the certificate's key. What is sealed to other officers is counted, and proves nothing.
//!
//! An officer must be there, as at every opening, and it is recorded first, as every opening. What is left of it is a line in
//! the audit log and a figure for the overview.
//!
//! What is tried was drawn by the schedule ([`Sample::Called`]), or is drawn now, beside it ([`Sample::Drawn`]). Of a called
//! drill officers prove their parts one after the other; its sample is believed only as its audit entry names it.

use crypto::open::Envelope;
use crypto::{CryptoError, X509Certificate};
use model::text::fitted;
use model::{
    AuditEvent, AuditKind, AuditOutcome, CalledDrill, CertificateId, Clock, Drill, DrillFinding, DrillKey,
    DrillOfficer, DrillProof, Entropy, Thumbprint, draw_sample,
};
use ports::RecoveryKey;
use sha2::{Digest as _, Sha256};
use store::{Store, StoreError};

use crate::{RecoverError, checked_reason, key_of, unwrap_for};

/// The largest sample: its names stand in one audit entry.
pub const LARGEST_SAMPLE: u64 = 500;
/// Characters of a failure's name and reason in the audit entry: both come out of the database.
const LONGEST_FAILURE: usize = 300;
/// After so many keys of a called drill what was proven is kept, whatever becomes of the rest.
const KEPT_TOGETHER: usize = 5;

/// What is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sample {
    /// The drill that was called: all of it that this officer has not proven yet.
    Called,
    /// So many keys, drawn now, if there are so many.
    Drawn(u64),
}

/// One drill.
pub struct FireDrill<'a> {
    /// The archive.
    pub store: &'a dyn Store,
    /// When.
    pub clock: &'a dyn Clock,
    /// Draws the sample.
    pub entropy: &'a dyn Entropy,
    /// Whose key opens it.
    pub agent: &'a dyn RecoveryKey,
    /// Who acts, as the audit log shall name them.
    pub actor: String,
    /// Why; never empty.
    pub reason: String,
    /// What is tried.
    pub sample: Sample,
}

/// A drill that was held, and everything that failed in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// What this session proved.
    pub drill: Drill,
    /// The called drill as it stands now, where this was one.
    pub called: Option<CalledDrill>,
    /// Which keys did not open, and why: one sentence each.
    pub failed: Vec<(String, String)>,
    /// Which keys are sealed to other officers, by name.
    pub others: Vec<String>,
}

/// A key that is tried.
struct Item {
    certificate: CertificateId,
    /// Name and certificate, where they were written down when it was drawn.
    drawn: Option<(String, Thumbprint)>,
}

impl From<DrillKey> for Item {
    fn from(key: DrillKey) -> Self {
        Self { certificate: key.certificate, drawn: Some((key.described(), key.thumbprint)) }
    }
}

/// What came of one key.
struct Found {
    name: String,
    /// The envelope, by the beginning of its digest.
    sealed: Option<String>,
    proof: Result<Proof, RecoverError>,
}

/// What one key of the sample proved.
enum Proof {
    /// It opened, and is the key of its certificate.
    Key,
    /// The officer's share of it opened; it takes so many.
    Share(u8),
    /// It is sealed to others, by this name.
    NotTheirs(String),
}

impl FireDrill<'_> {
    /// Holds it. `progress` is told how many keys were tried.
    ///
    /// # Errors
    /// When there is nothing to try, the record cannot be written, or the agent's key cannot be used at all. Keys that do not
    /// open are no error but the result.
    #[expect(
        clippy::too_many_lines,
        reason = "one drill from its record to its result, in the order in which it happens"
    )]
    pub async fn hold(&self, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Result<Held, RecoverError> {
        let reason = checked_reason(&self.reason).map_err(RecoverError::NotPossible)?;
        let offered = X509Certificate::from_der(self.agent.certificate_der())?;
        let officer = officer(&offered)?;
        let (mut called, sample) = self.sample(&officer).await?;
        let at = self.clock.now();
        let size = sample.len() as u64;
        let whose = format!("reason: {reason}; agent: {} ({})", offered.subject(), self.agent.place());
        let note = match &called {
            Some(called) => format!("{whose}; {size} keys of the drill called on {}", called.at),
            None => format!("{whose}; sample of {size}"),
        };
        let names: Vec<String> = sample.iter().map(|item| item.certificate.to_string()).collect();
        let asked = format!("{note}: certificates {}", names.join(" "));
        let event = self.event(AuditKind::KeyRecoveryDrillRequest, AuditOutcome::Success, asked);
        store::in_unit!(self.store, work => { work.audit().append(&event, self.clock.now()).await?; })?;

        let (mut failed, mut others): (Vec<(String, String)>, Vec<String>) = (Vec::new(), Vec::new());
        let (mut opened, mut shares, mut tried) = (0, 0, 0);
        let mut ended = Ok(());
        let mut findings = Vec::new();
        for item in sample {
            let found = self.open(&offered, &item).await;
            let proof = match found.proof {
                Ok(Proof::Key) => {
                    opened += 1;
                    Some(DrillProof::Opened)
                }
                Ok(Proof::Share(needed)) => {
                    shares += 1;
                    Some(DrillProof::Share { needed })
                }
                Ok(Proof::NotTheirs(name)) => {
                    others.push(name);
                    None
                }
                // Neither the device nor the database will do for the next one.
                Err(error @ (RecoverError::Key(_) | RecoverError::Store(_))) => {
                    ended = Err(error);
                    break;
                }
                Err(error) => {
                    let why = error.to_string();
                    failed.push((found.name, why.clone()));
                    Some(DrillProof::Failed { why })
                }
            };
            let (certificate, sealed) = (item.certificate, found.sealed);
            findings.extend(proof.map(|proof| DrillFinding { certificate, sealed, proof }));
            tried += 1;
            progress(tried, size);
            if called.is_some() && findings.len() >= KEPT_TOGETHER {
                match self.keep(&officer, std::mem::take(&mut findings), called.as_ref()).await {
                    Ok(kept) => called = kept,
                    Err(error) => {
                        ended = Err(error);
                        break;
                    }
                }
            }
        }
        match self.keep(&officer, findings, called.as_ref()).await {
            Ok(kept) => called = kept,
            Err(error) => ended = ended.and(Err(error)),
        }
        let mut told = format!(
            "{note}; opened {opened} of {size}; shares opened: {shares}; not this officer's: {}",
            others.len()
        );
        if let Some(called) = &called {
            told = format!("{told}; in all: {}", called.summary());
        }
        if !failed.is_empty() {
            // The entry has an end, whatever stands in the database.
            let named = failed.iter().take(Drill::MOST_NAMES);
            let each: Vec<String> =
                named.map(|(name, why)| fitted(&format!("{name}: {why}"), LONGEST_FAILURE)).collect();
            let more = if failed.len() > each.len() { "; …" } else { "" };
            told = format!("{told}; failed: {}: {}{more}", failed.len(), each.join("; "));
        }
        if let Err(error) = &ended {
            told = format!("{told}; broken off: {error}");
        }
        let drill = Drill {
            at,
            sample: size,
            opened,
            shares,
            others: others.len() as u64,
            agent: offered.subject(),
            failed: failed
                .iter()
                .take(Drill::MOST_NAMES)
                .map(|(name, _)| fitted(name, LONGEST_FAILURE))
                .collect(),
        };
        let succeeded = ended.is_ok() && drill.succeeded();
        let outcome = if succeeded { AuditOutcome::Success } else { AuditOutcome::Failure };
        let event = self.event(AuditKind::KeyRecoveryDrillRequestProcessed, outcome, told);
        // A sample of one's own that was broken off proves nothing, neither way. Of a called one each key counts by itself.
        let kept = (ended.is_ok() && called.is_none()).then_some(&drill);
        store::in_unit!(self.store, work => {
            work.audit().append(&event, self.clock.now()).await?;
            if let Some(drill) = kept {
                work.services().set_drill(drill).await?;
            }
        })?;
        ended.map(|()| Held { drill, called, failed, others })
    }

    /// What is to be tried.
    async fn sample(&self, officer: &DrillOfficer) -> Result<(Option<CalledDrill>, Vec<Item>), RecoverError> {
        match self.sample {
            Sample::Called => {
                let called = called(self.store).await?.ok_or_else(|| {
                    RecoverError::NotPossible("no fire drill was called yet; a daemon calls them".to_owned())
                })?;
                let left: Vec<Item> = called.left_for(&officer.key).into_iter().map(Item::from).collect();
                if left.is_empty() {
                    return Err(RecoverError::NotPossible(format!(
                        "this officer has proven all of the drill that was called on {} ({})",
                        called.at,
                        called.summary()
                    )));
                }
                Ok((Some(called), left))
            }
            Sample::Drawn(wanted) => {
                if !(1..=LARGEST_SAMPLE).contains(&wanted) {
                    return Err(RecoverError::NotPossible(format!(
                        "a sample has 1 to {LARGEST_SAMPLE} keys, not {wanted}"
                    )));
                }
                let all = self.store.read().await?.archive().certificates().await?;
                if all.is_empty() {
                    return Err(RecoverError::NotPossible(
                        "there is no archived key to try; the first certificate whose template archives brings one"
                            .to_owned(),
                    ));
                }
                let drawn = draw_sample(all, wanted, self.entropy);
                Ok((None, drawn.into_iter().map(|certificate| Item { certificate, drawn: None }).collect()))
            }
        }
    }

    /// Keeps what was found with the called drill, as it stands now: other officers may be at it.
    async fn keep(
        &self,
        officer: &DrillOfficer,
        findings: Vec<DrillFinding>,
        called: Option<&CalledDrill>,
    ) -> Result<Option<CalledDrill>, RecoverError> {
        let Some(before) = called else { return Ok(None) };
        let at = self.clock.now();
        let kept = store::in_unit!(self.store, work => {
            let now = work.services().hold_called_drill().await?;
            let Some(mut now) = now.filter(|now| now.seq == before.seq) else {
                Err(StoreError::Stale { what: "the called fire drill" })?
            };
            now.note(officer, at, findings.clone());
            work.services().set_called_drill(&now).await?;
            now
        })?;
        Ok(Some(kept))
    }

    /// Opens one key, compares it with its certificate, and drops it; or this officer's share of it.
    async fn open(&self, offered: &X509Certificate, item: &Item) -> Found {
        let id = item.certificate;
        let mut name =
            item.drawn.as_ref().map_or_else(|| format!("certificate {id}"), |(name, _)| name.clone());
        let mut sealed = None;
        let tried = async {
            let (stored, archived) = crate::load(self.store, id).await?;
            sealed = Some(hex::encode(&Sha256::digest(&archived.envelope)[..16]));
            let leaf = X509Certificate::from_der(&stored.der)?;
            match &item.drawn {
                Some((_, drawn)) if *drawn != leaf.thumbprint() => {
                    return Err(RecoverError::Altered {
                        what: "the certificate in its place".to_owned(),
                        why: format!("it is {}, which was not drawn", leaf.thumbprint()),
                    });
                }
                Some(_) => {}
                None => name = format!("{} {}", stored.certificate.mail, stored.certificate.thumbprint),
            }
            let envelope = Envelope::parse(&archived.envelope)?;
            if !envelope.is_authenticated() {
                return Err(RecoverError::NotPossible(
                    "its envelope is not of the authenticated kind that this product writes; the database was altered"
                        .to_owned(),
                ));
            }
            if let Some(recipient) = envelope.recipient_for(offered) {
                let content_key = unwrap_for(self.agent, recipient).await?;
                key_of(&envelope.open_with_content_key(&content_key)?, &leaf)?;
                return Ok(Proof::Key);
            }
            let Some((subject, needed)) = self.subject_of_share(offered, &envelope).await? else {
                return Ok(Proof::NotTheirs(name.clone()));
            };
            if subject != leaf.spki_sha256()? {
                return Err(RecoverError::NotPossible(
                    "the officer's share is of another key than this certificate's; the database was altered"
                        .to_owned(),
                ));
            }
            Ok(Proof::Share(needed))
        };
        let proof = tried.await;
        Found { name, sealed, proof }
    }

    /// Opens the officer's share and says of whose key it is and how many it takes, which is believed because the share is
    /// bound to both; `None` when there is no quorum, or the officer is not of it.
    async fn subject_of_share(
        &self,
        offered: &X509Certificate,
        envelope: &Envelope,
    ) -> Result<Option<([u8; 32], u8)>, RecoverError> {
        let Some(quorum) = envelope.quorum() else { return Ok(None) };
        let Some(share) = quorum.share_for(offered)? else { return Ok(None) };
        // The policy names the officer: a share that is not sealed to that officer was put in its place.
        let recipient = share.recipient_for(offered).ok_or(CryptoError::Tampered)?;
        let content_key = unwrap_for(self.agent, recipient).await?;
        share.open(&content_key)?;
        Ok(Some((*quorum.subject(), quorum.threshold())))
    }

    fn event(&self, kind: AuditKind, outcome: AuditOutcome, detail: String) -> AuditEvent {
        AuditEvent { kind, outcome, actor: self.actor.clone(), object: "archive".to_owned(), detail }
    }
}

/// The called drill, as the audit log names its sample; `None` while none was called.
///
/// # Errors
/// [`RecoverError::Altered`] when what is kept is not what was recorded: an officer would try what somebody else chose.
pub async fn called(store: &dyn Store) -> Result<Option<CalledDrill>, RecoverError> {
    let mut work = store.read().await?;
    let Some(called) = work.services().called_drill().await? else { return Ok(None) };
    let recorded = work.audit().find(called.seq).await?.map(|(record, _)| record.event);
    let named = called.sample_named();
    let fits = recorded.is_some_and(|event| {
        event.kind == AuditKind::KeyRecoveryDrillCalled && event.detail.ends_with(&format!(": {named}"))
    });
    if fits {
        return Ok(Some(called));
    }
    Err(RecoverError::Altered {
        what: format!("the fire drill of {}", called.at),
        why: format!("entry {} of the audit log names another sample", called.seq),
    })
}

/// Who holds the drill: two certificates of one key are one officer.
fn officer(certificate: &X509Certificate) -> Result<DrillOfficer, CryptoError> {
    let key = certificate.spki_sha256()?;
    Ok(DrillOfficer { subject: certificate.subject(), key: hex::encode(&key[..16]) })
}
