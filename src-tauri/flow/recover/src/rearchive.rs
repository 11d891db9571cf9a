//! Seals what is archived to the recovery agents of today, after they changed.
//!
//! ```text
//!  batch of envelopes ──► on record ──► content key, by one agent ──► wrapped to the agents of today ──► replaced, if it is
//!        │                                                                                     still the one that was read
//!        └── sealed as it would be today already, or not for this agent alone: left as it is
//! ```
//!
//! To whom is sealed is what an officer has seen and agreed to. It is looked up again before every batch: a database that
//! names others in the middle of a pass gets nothing.
//!
//! The private keys stay sealed; only content keys are in memory, one at a time. Nothing is kept about how far a pass came:
//! the next one finds what is left by looking, so that a pass may be cut off anywhere and go on anywhere.

use std::collections::{BTreeMap, BTreeSet};

use admit::Gate;
use crypto::open::Envelope;
use crypto::rewrap::{are_same, is_sealed_to, rewrap, ways, ways_of_today};
use crypto::{SealingAgents, X509Certificate};
use custody::Custody;
use model::{AuditEvent, AuditKind, AuditOutcome, Clock, EnrollmentId, Thumbprint};
use ports::{Probe, RecoveryKey};
use sha2::{Digest as _, Sha256};
use store::{ArchivedKey, Store, StoreError};

use crate::ceremony::{Awaited, awaited};
use crate::{RecoverError, checked_reason, unwrap};

/// Envelopes read at once; those of them that are opened share their entries in the audit log.
const BATCH: u32 = 25;

/// One pass over the archive.
pub struct Rearchival<'a> {
    /// The archive.
    pub store: &'a dyn Store,
    /// For the audit log.
    pub clock: &'a dyn Clock,
    /// Where tests kill the process.
    pub probe: &'a dyn Probe,
    /// Whose key opens what is there.
    pub agent: &'a dyn RecoveryKey,
    /// To whom everything is to be sealed, as the officer has seen it.
    pub agents: &'a SealingAgents,
    /// Who says to whom keys are sealed at this moment: the same, or the pass stops.
    pub custody: &'a Custody,
    /// The fleet, by which requests are believed: a key that one of them waits for with what officers gave stays as it is.
    pub gate: &'a Gate,
    /// Who acts, as the audit log shall name them.
    pub actor: String,
    /// Why; never empty.
    pub reason: String,
    /// Only look: nothing is opened, recorded or written.
    pub only_look: bool,
    /// The most keys to seal anew in this pass.
    pub limit: Option<u64>,
}

/// How far a pass came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Envelopes looked at.
    pub seen: u64,
    /// Envelopes in the archive.
    pub total: u64,
    /// Of those seen: sealed anew.
    pub rewrapped: u64,
}

/// How envelopes are encrypted: the content's cipher, and how content keys are wrapped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Algorithms {
    /// The content's cipher.
    pub cipher: String,
    /// How the content key is wrapped: one way for each kind of recipient.
    pub wrapped: String,
}

/// Numbers of envelopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct BeforeAndAfter {
    /// As the pass found them.
    pub before: u64,
    /// As it left them. Of a pass that only looks: as one would leave them.
    pub after: u64,
}

/// A key that stays as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    /// Which: `certificate 01…`, or `enrollment 01…` for one that has no certificate yet.
    pub key: String,
    /// Why: one sentence.
    pub why: String,
}

/// What a pass did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rearchived {
    /// Envelopes in the archive.
    pub total: u64,
    /// Sealed as they would be today already.
    pub settled: u64,
    /// Sealed anew; of a pass that only looks: what one would seal anew, unless it does not open.
    pub rewrapped: u64,
    /// Replaced by somebody else in the meantime.
    pub elsewhere: u64,
    /// What this agent cannot open, or what does not open.
    pub left: Vec<Left>,
    /// What only several agents together open, by the names of [`Left::key`]. No pass with one agent's key changes that.
    pub together: Vec<String>,
    /// What an open request waits for, to which officers have agreed: sealed anew, their approvals would be lost.
    pub awaited: Vec<Left>,
    /// Not looked at, because the pass was stopped or had reached its limit.
    pub not_reached: u64,
    /// How envelopes were and are encrypted.
    pub algorithms: BTreeMap<Algorithms, BeforeAndAfter>,
}

impl Rearchived {
    /// Whether something is not sealed to the agents of today.
    pub const fn remains(&self) -> bool {
        !self.left.is_empty()
            || !self.together.is_empty()
            || !self.awaited.is_empty()
            || self.not_reached > 0
            || self.elsewhere > 0
    }
}

/// An envelope that was read, and what is to be done with it.
enum Fate {
    Settled,
    Open(Box<Envelope>),
    /// It takes several agents to open it.
    Together,
    /// Officers have agreed to a request for it.
    Awaited(String),
    Left(String),
}

impl Rearchival<'_> {
    /// Looks at every envelope and seals anew what is sealed to others than the agents of today. `stop` is asked before each
    /// key; what was begun then is brought to an end.
    ///
    /// # Errors
    /// When the record or the archive cannot be written, or the agent's key cannot be used at all. What was sealed until then
    /// stays sealed.
    pub async fn run(
        &self,
        progress: &mut (dyn FnMut(Progress) + Send),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<Rearchived, RecoverError> {
        let reason = checked_reason(&self.reason).map_err(RecoverError::NotPossible)?;
        let offered = X509Certificate::from_der(self.agent.certificate_der())?;
        let total = self.store.read().await?.archive().count_all().await?;
        let mut pass = Rearchived { total, ..Rearchived::default() };
        let note = format!(
            "reason: {reason}; agent: {} ({}); sealed to: {}",
            offered.subject(),
            self.agent.place(),
            self.agents.thumbprints.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        );
        if !self.only_look {
            self.record(AuditKind::KeyRearchivalRequest, AuditOutcome::Success, &note).await?;
        }
        let ended = self.pages(&offered, &mut pass, progress, stop).await;
        let seen = pass.seen();
        // Keys that were archived meanwhile are sealed to the agents of today anyway.
        pass.total = pass.total.max(seen);
        pass.not_reached = pass.total - seen;
        if !self.only_look {
            let told = format!(
                "{note}; sealed anew: {}; left: {}; sealed to several together: {}; awaited: {}; not reached: {}",
                pass.rewrapped,
                pass.left.len(),
                pass.together.len(),
                pass.awaited.len(),
                pass.not_reached
            );
            let (outcome, told) = match &ended {
                Ok(()) => (AuditOutcome::Success, told),
                Err(error) => (AuditOutcome::Failure, format!("{told}; {error}")),
            };
            self.record(AuditKind::KeyRearchivalRequestProcessed, outcome, &told).await?;
        }
        ended.map(|()| pass)
    }

    async fn pages(
        &self,
        offered: &X509Certificate,
        pass: &mut Rearchived,
        progress: &mut (dyn FnMut(Progress) + Send),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), RecoverError> {
        let mut after: Option<EnrollmentId> = None;
        loop {
            if stop() || self.is_full(pass) {
                return Ok(());
            }
            let page = self.store.read().await?.archive().list_sealed(after, BATCH).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.enrollment);
            // Looked up for every batch: officers agree while a pass runs.
            let requests = awaited(self.store, self.gate, self.clock.now()).await?;
            let mut wanted = Vec::new();
            for archived in &page {
                let awaited = archived.certificate.and_then(|certificate| requests.get(&certificate));
                match self.fate(archived, awaited, offered) {
                    Fate::Settled => pass.settle(archived),
                    Fate::Left(why) => pass.leave(archived, why),
                    Fate::Awaited(why) => pass.leave_awaited(archived, why),
                    Fate::Together => pass.leave_together(archived),
                    Fate::Open(envelope) => wanted.push((archived, envelope)),
                }
            }
            self.batch(offered, &wanted, pass, stop).await?;
            progress(Progress { seen: pass.seen(), total: pass.total, rewrapped: pass.rewrapped });
        }
    }

    fn is_full(&self, pass: &Rearchived) -> bool {
        self.limit.is_some_and(|limit| pass.rewrapped >= limit)
    }

    /// What is to be done with one envelope, as far as it can be told without opening it.
    fn fate(&self, archived: &ArchivedKey, awaited: Option<&Awaited>, offered: &X509Certificate) -> Fate {
        let envelope = match Envelope::parse(&archived.envelope) {
            Ok(envelope) => envelope,
            Err(error) => return Fate::Left(error.to_string()),
        };
        if is_sealed_to(&envelope, self.agents) && set(&archived.kras) == set(&self.agents.thumbprints) {
            return Fate::Settled;
        }
        if !envelope.is_authenticated() {
            return Fate::Left(
                "its envelope is not of the authenticated kind that this product writes; the database was altered".to_owned(),
            );
        }
        if envelope.recipient_for(offered).is_none() {
            if envelope.quorum().is_some() {
                return Fate::Together;
            }
            return Fate::Left(format!(
                "it is not sealed to `{}`; it can be opened by: {}",
                offered.subject(),
                envelope.describe_recipients()
            ));
        }
        if let Some(awaited) = awaited {
            return Fate::Awaited(awaited.describe());
        }
        Fate::Open(Box::new(envelope))
    }

    /// Seals these anew: on record first, then opened one by one, then replaced together with the record of it.
    async fn batch(
        &self,
        offered: &X509Certificate,
        wanted: &[(&ArchivedKey, Box<Envelope>)],
        pass: &mut Rearchived,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), RecoverError> {
        let room = self.limit.map_or(u64::MAX, |limit| limit.saturating_sub(pass.rewrapped));
        let wanted = &wanted[..wanted.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        if wanted.is_empty() {
            return Ok(());
        }
        if self.only_look {
            for (archived, envelope) in wanted {
                pass.rewrap(archived, &self.today(envelope));
            }
            return Ok(());
        }
        self.check_agents().await?;
        let names: Vec<String> = wanted.iter().map(|(archived, _)| name(archived)).collect();
        let agent = offered.subject();
        let detail = format!("agent: {agent}; opening the content keys of: {}", names.join(", "));
        self.record(AuditKind::KeyRearchivalRequest, AuditOutcome::Success, &detail).await?;
        self.reach("rearchive.recorded")?;

        let mut made = Vec::new();
        let mut ended = Ok(());
        for (archived, envelope) in wanted {
            if stop() {
                break;
            }
            match self.rewrap(offered, archived, envelope).await {
                Ok(new) => made.push((*archived, new)),
                Err(RecoverError::Crypto(error)) => pass.leave(archived, error.to_string()),
                // The device will not do the next one either.
                Err(error) => {
                    ended = Err(error);
                    break;
                }
            }
            self.reach("rearchive.opened")?;
        }
        self.replace(&agent, &made, pass).await?;
        self.reach("rearchive.written")?;
        ended
    }

    async fn rewrap(
        &self,
        offered: &X509Certificate,
        archived: &ArchivedKey,
        envelope: &Envelope,
    ) -> Result<Vec<u8>, RecoverError> {
        let content_key = unwrap(self.agent, offered, envelope).await?;
        Ok(rewrap(&archived.envelope, &content_key, self.agents)?)
    }

    /// Keys are still sealed to those whom the officer has seen.
    async fn check_agents(&self) -> Result<(), RecoverError> {
        let now =
            self.custody.sealing().await.map_err(|error| RecoverError::NotPossible(error.to_string()))?;
        if are_same(&now, self.agents) {
            return Ok(());
        }
        Err(RecoverError::NotPossible(
            "the recovery agents were changed since they were shown; nothing more is sealed anew: look who they are now, and \
             run it again"
                .to_owned(),
        ))
    }

    /// Replaces what is still as it was read; the record of it is in the same unit of work, with the digest of each new
    /// envelope.
    async fn replace(
        &self,
        agent: &str,
        made: &[(&ArchivedKey, Vec<u8>)],
        pass: &mut Rearchived,
    ) -> Result<(), RecoverError> {
        if made.is_empty() {
            return Ok(());
        }
        let kras = &self.agents.thumbprints;
        let replaced = store::in_unit!(self.store, work => {
            let mut replaced = Vec::with_capacity(made.len());
            let mut told = Vec::with_capacity(made.len());
            for (archived, new) in made {
                let done = work.archive().rewrap(archived.enrollment, &archived.envelope, new, kras).await?;
                if done {
                    told.push(format!("{} = {}", name(archived), hex::encode(Sha256::digest(new))));
                }
                replaced.push(done);
            }
            let detail = format!("agent: {agent}; SHA-256 of the new envelopes: {}", told.join(", "));
            let event = self.event(AuditKind::KeyRearchivalRequestProcessed, AuditOutcome::Success, &detail);
            work.audit().append(&event, self.clock.now()).await?;
            replaced
        })?;
        for ((archived, new), replaced) in made.iter().zip(replaced) {
            if replaced {
                pass.rewrap(archived, &Algorithms::of(&Envelope::parse(new)?));
            } else {
                pass.elsewhere += 1;
            }
        }
        Ok(())
    }

    /// How an envelope would be encrypted after it was sealed anew.
    fn today(&self, envelope: &Envelope) -> Algorithms {
        Algorithms {
            cipher: envelope.cipher_label().to_owned(),
            wrapped: ways_of_today(self.agents).join(" and "),
        }
    }

    fn event(&self, kind: AuditKind, outcome: AuditOutcome, detail: &str) -> AuditEvent {
        AuditEvent {
            kind,
            outcome,
            actor: self.actor.clone(),
            object: "archive".to_owned(),
            detail: detail.to_owned(),
        }
    }

    async fn record(&self, kind: AuditKind, outcome: AuditOutcome, detail: &str) -> Result<(), StoreError> {
        let event = self.event(kind, outcome, detail);
        store::in_unit!(self.store, work => { work.audit().append(&event, self.clock.now()).await?; })
    }

    fn reach(&self, point: &str) -> Result<(), RecoverError> {
        self.probe.reach(point).map_err(RecoverError::NotPossible)
    }
}

impl Rearchived {
    fn seen(&self) -> u64 {
        self.settled
            + self.rewrapped
            + self.elsewhere
            + self.left.len() as u64
            + self.together.len() as u64
            + self.awaited.len() as u64
    }

    fn settle(&mut self, archived: &ArchivedKey) {
        self.settled += 1;
        self.count(archived, None);
    }

    fn leave(&mut self, archived: &ArchivedKey, why: String) {
        self.count(archived, None);
        self.left.push(Left { key: name(archived), why });
    }

    fn leave_awaited(&mut self, archived: &ArchivedKey, why: String) {
        self.count(archived, None);
        self.awaited.push(Left { key: name(archived), why });
    }

    fn leave_together(&mut self, archived: &ArchivedKey) {
        self.count(archived, None);
        self.together.push(name(archived));
    }

    fn rewrap(&mut self, archived: &ArchivedKey, new: &Algorithms) {
        self.rewrapped += 1;
        self.count(archived, Some(new));
    }

    fn count(&mut self, archived: &ArchivedKey, new: Option<&Algorithms>) {
        let old = Envelope::parse(&archived.envelope)
            .map_or_else(|_| Algorithms::unreadable(), |e| Algorithms::of(&e));
        let new = new.unwrap_or(&old).clone();
        self.algorithms.entry(old).or_default().before += 1;
        self.algorithms.entry(new).or_default().after += 1;
    }
}

impl Algorithms {
    /// Those of an envelope.
    pub fn of(envelope: &Envelope) -> Self {
        Self { cipher: envelope.cipher_label().to_owned(), wrapped: ways(envelope).join(" and ") }
    }

    pub(crate) fn unreadable() -> Self {
        Self { cipher: "unreadable".to_owned(), wrapped: String::new() }
    }
}

fn name(archived: &ArchivedKey) -> String {
    archived
        .certificate
        .map_or_else(|| format!("enrollment {}", archived.enrollment), |id| format!("certificate {id}"))
}

fn set(thumbprints: &[Thumbprint]) -> BTreeSet<Thumbprint> {
    thumbprints.iter().copied().collect()
}
