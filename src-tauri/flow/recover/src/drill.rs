//! The fire drill: a random sample of the archive is opened, compared with its certificates, and dropped.
//!
//! Of what is sealed to a quorum the officer's share is opened, which is all that one officer can do: it proves that the
//! officer's key and the share are well, and that the share is of the certificate's key. What is sealed to other officers is counted, and proves nothing.
//!
//! An officer must be there, as at every opening, and it is recorded first, as every opening. What is left of it is a line in
//! the audit log and a figure for the overview.

use crypto::open::Envelope;
use crypto::{CryptoError, X509Certificate};
use model::text::fitted;
use model::{AuditEvent, AuditKind, AuditOutcome, CertificateId, Clock, Drill, Entropy};
use ports::RecoveryKey;
use store::{Store, StoreError};

use crate::{RecoverError, checked_reason, key_of, unwrap_for};

/// The largest sample: its names stand in one audit entry.
pub const LARGEST_SAMPLE: u64 = 500;
/// Characters of a failure's name and reason in the audit entry: both come out of the database.
const LONGEST_FAILURE: usize = 300;
/// Archived keys listed at once.
const PAGE: u32 = 1_000;

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
    /// How many keys are tried, if there are so many.
    pub sample: u64,
}

/// A drill that was held, and everything that failed in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// What the overview shows.
    pub drill: Drill,
    /// Which keys did not open, and why: one sentence each.
    pub failed: Vec<(String, String)>,
    /// Which keys are sealed to other officers, by name.
    pub others: Vec<String>,
}

/// What one key of the sample proved.
enum Proof {
    /// It opened, and is the key of its certificate.
    Key,
    /// The officer's share of it opened.
    Share,
    /// It is sealed to others, by this name.
    NotTheirs(String),
}

impl FireDrill<'_> {
    /// Holds it. `progress` is told how many keys were tried.
    ///
    /// # Errors
    /// When there is nothing to try, the record cannot be written, or the agent's key cannot be used at all. Keys that do not
    /// open are no error but the result.
    pub async fn hold(&self, progress: &mut (dyn FnMut(u64, u64) + Send)) -> Result<Held, RecoverError> {
        let reason = checked_reason(&self.reason).map_err(RecoverError::NotPossible)?;
        if !(1..=LARGEST_SAMPLE).contains(&self.sample) {
            return Err(RecoverError::NotPossible(format!(
                "a sample has 1 to {LARGEST_SAMPLE} keys, not {}",
                self.sample
            )));
        }
        let offered = X509Certificate::from_der(self.agent.certificate_der())?;
        let sample = self.draw().await?;
        if sample.is_empty() {
            return Err(RecoverError::NotPossible(
                "there is no archived key to try; the first certificate whose template archives brings one"
                    .to_owned(),
            ));
        }
        let at = self.clock.now();
        let size = sample.len() as u64;
        let names: Vec<String> = sample.iter().map(ToString::to_string).collect();
        let note = format!(
            "reason: {reason}; agent: {} ({}); sample of {size}",
            offered.subject(),
            self.agent.place()
        );
        let asked = format!("{note}: certificates {}", names.join(" "));
        let event = self.event(AuditKind::KeyRecoveryDrillRequest, AuditOutcome::Success, asked);
        store::in_unit!(self.store, work => { work.audit().append(&event, self.clock.now()).await?; })?;

        let mut failed: Vec<(String, String)> = Vec::new();
        let mut others: Vec<String> = Vec::new();
        let (mut opened, mut shares, mut tried) = (0, 0, 0);
        let mut ended = Ok(());
        for id in sample {
            match self.open(&offered, id).await {
                Ok(Proof::Key) => opened += 1,
                Ok(Proof::Share) => shares += 1,
                Ok(Proof::NotTheirs(name)) => others.push(name),
                // Neither the device nor the database will do for the next one.
                Err((_, error @ (RecoverError::Key(_) | RecoverError::Store(_)))) => {
                    ended = Err(error);
                    break;
                }
                Err((name, error)) => failed.push((name, error.to_string())),
            }
            tried += 1;
            progress(tried, size);
        }
        let mut told = format!(
            "{note}; opened {opened} of {size}; shares opened: {shares}; not this officer's: {}",
            others.len()
        );
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
        // A drill that was broken off proves nothing, neither way.
        let kept = ended.is_ok().then_some(&drill);
        store::in_unit!(self.store, work => {
            work.audit().append(&event, self.clock.now()).await?;
            if let Some(drill) = kept {
                work.services().set_drill(drill).await?;
            }
        })?;
        ended.map(|()| Held { drill, failed, others })
    }

    /// Certificates whose keys are archived, drawn without putting back; every one is as likely as any other.
    async fn draw(&self) -> Result<Vec<CertificateId>, StoreError> {
        let mut all = Vec::new();
        let mut after = None;
        let mut work = self.store.read().await?;
        loop {
            let page = work.archive().list(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.enrollment);
            all.extend(page.iter().filter_map(|key| key.certificate));
        }
        drop(work);
        let wanted = usize::try_from(self.sample).unwrap_or(usize::MAX).min(all.len());
        for place in 0..wanted {
            let mut octets = [0; 16];
            self.entropy.fill(&mut octets);
            // So many more values than keys that the remainder favours none of them.
            let left = (all.len() - place) as u128;
            let drawn = usize::try_from(u128::from_le_bytes(octets) % left).unwrap_or(0);
            all.swap(place, place + drawn);
        }
        all.truncate(wanted);
        Ok(all)
    }

    /// Opens one key, compares it with its certificate, and drops it; or this officer's share of it. What fails has a name.
    async fn open(
        &self,
        offered: &X509Certificate,
        id: CertificateId,
    ) -> Result<Proof, (String, RecoverError)> {
        let mut name = format!("certificate {id}");
        let tried = async {
            let (stored, archived) = crate::load(self.store, id).await?;
            name = format!("{} {}", stored.certificate.mail, stored.certificate.thumbprint);
            let leaf = X509Certificate::from_der(&stored.der)?;
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
            let Some(subject) = self.subject_of_share(offered, &envelope).await? else {
                return Ok(Proof::NotTheirs(name.clone()));
            };
            if subject != leaf.spki_sha256()? {
                return Err(RecoverError::NotPossible(
                    "the officer's share is of another key than this certificate's; the database was altered"
                        .to_owned(),
                ));
            }
            Ok(Proof::Share)
        };
        let tried = tried.await;
        tried.map_err(|error| (name, error))
    }

    /// Opens the officer's share and says of whose key it is, which is believed because the share is bound to it; `None` when
    /// there is no quorum, or the officer is not of it.
    async fn subject_of_share(
        &self,
        offered: &X509Certificate,
        envelope: &Envelope,
    ) -> Result<Option<[u8; 32]>, RecoverError> {
        let Some(quorum) = envelope.quorum() else { return Ok(None) };
        let Some(share) = quorum.share_for(offered)? else { return Ok(None) };
        // The policy names the officer: a share that is not sealed to that officer was put in its place.
        let recipient = share.recipient_for(offered).ok_or(CryptoError::Tampered)?;
        let content_key = unwrap_for(self.agent, recipient).await?;
        share.open(&content_key)?;
        Ok(Some(*quorum.subject()))
    }

    fn event(&self, kind: AuditKind, outcome: AuditOutcome, detail: String) -> AuditEvent {
        AuditEvent { kind, outcome, actor: self.actor.clone(), object: "archive".to_owned(), detail }
    }
}
