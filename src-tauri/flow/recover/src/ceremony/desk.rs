//! Where requests are made, read, taken back and refused.

use std::collections::BTreeSet;

use admit::{Fingerprint, Fleet, Gate};
use model::{
    AuditEvent, AuditKind, AuditOutcome, Clock, Entropy, Ids, RecoveryRequestId, RecoveryState, Timestamp,
    is_same_person,
};
use store::{RecoveryGrantInfo, Store, StoreError, StoredRecoveryRequest};

use super::people::Agreement;
use super::request::{AskedKey, Request, about, object, one_line};
use crate::RecoverError;

/// One person's place in ceremonies: the program on a workstation.
pub struct Desk<'a> {
    /// The database.
    pub store: &'a dyn Store,
    /// The fleet, and this installation.
    pub gate: &'a Gate,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Randomness for passwords and serial numbers.
    pub entropy: &'a dyn Entropy,
    /// Where ids come from.
    pub ids: &'a Ids,
    /// Who acts here, as the audit log shall name them.
    pub actor: &'a str,
    /// How many different officers have to agree to a recovery, whatever a request says. What it takes more is told by the
    /// quorum of a key and by what is wanted.
    pub approvals: u8,
    /// The recovery agents that this home goes by.
    pub agents: KnownAgents,
}

/// Recovery agents as a home knows them, and not as the database lists them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KnownAgents {
    /// Fingerprint of the version of the signed set that is in force here; `None` while the unsigned list serves.
    pub set: Option<Fingerprint>,
    /// SHA-256 of the certificates of officers: of the version in force and of those that it follows, or of the list while
    /// there is no set.
    pub officers: Vec<[u8; 32]>,
}

/// A request in a list.
#[derive(Debug)]
pub struct Listed {
    /// Its id.
    pub id: RecoveryRequestId,
    /// What it says, or why it is not to be believed.
    pub request: Result<Request, RecoverError>,
    /// Who gave for which key.
    pub granted: Vec<RecoveryGrantInfo>,
    /// How many of those count, as far as can be told; none where it is not to be believed.
    pub agreement: Agreement,
}

impl Listed {
    /// SHA-256 of the certificates of those officers who have given for every key. What they gave is seen only when it is
    /// opened.
    pub fn agreed(&self) -> Vec<[u8; 32]> {
        self.request.as_ref().map_or_else(|_| Vec::new(), |request| agreed(request, &self.granted))
    }

    /// The word for where a request stands: that of its state, `expired`, or `ready` where enough have agreed.
    pub fn standing(&self, now: Timestamp) -> &'static str {
        let Ok(request) = &self.request else { return "notBelieved" };
        match request.state {
            RecoveryState::Done => "done",
            RecoveryState::Withdrawn => "withdrawn",
            RecoveryState::Refused => "refused",
            RecoveryState::Waiting | RecoveryState::Opened if now >= request.expires_at => "expired",
            RecoveryState::Opened => "opened",
            RecoveryState::Waiting if self.agreement.counted() >= usize::from(request.approvals) => "ready",
            RecoveryState::Waiting => "waits",
        }
    }
}

impl Desk<'_> {
    /// The newest requests first, with who has given for them.
    ///
    /// # Errors
    /// When database or fleet cannot be read. A request that is not to be believed is listed as such.
    pub async fn list(&self, limit: u32) -> Result<Vec<Listed>, RecoverError> {
        let fleet = self.gate.fleet().await?;
        let mut work = self.store.read().await?;
        let mut found = Vec::new();
        for stored in work.recoveries().list(limit).await? {
            let granted = work.recoveries().granted(stored.id).await?;
            found.push((stored, granted));
        }
        drop(work);
        let mut listed = Vec::with_capacity(found.len());
        for (stored, granted) in found {
            listed.push(self.told(&stored, granted, &fleet).await?);
        }
        Ok(listed)
    }

    /// One request, with who has given for it.
    ///
    /// # Errors
    /// When there is none, or the database cannot be read. A request that is not to be believed is told as such.
    pub async fn listed(&self, id: RecoveryRequestId) -> Result<Listed, RecoverError> {
        let fleet = self.gate.fleet().await?;
        let stored = self.stored(id).await?;
        let granted = self.store.read().await?.recoveries().granted(id).await?;
        self.told(&stored, granted, &fleet).await
    }

    async fn told(
        &self,
        stored: &StoredRecoveryRequest,
        granted: Vec<RecoveryGrantInfo>,
        fleet: &Fleet,
    ) -> Result<Listed, RecoverError> {
        let request = Request::believed(stored, fleet);
        let agreement = match &request {
            Ok(open) if open.check_open(self.now()).is_ok() => self.agreement(open, &granted).await?,
            Ok(closed) => Agreement { keys: agreed(closed, &granted).len(), persons: None },
            Err(_) => Agreement { keys: 0, persons: None },
        };
        Ok(Listed { id: stored.id, request, granted, agreement })
    }

    /// One request.
    ///
    /// # Errors
    /// When there is none, or it is not to be believed.
    pub async fn request(&self, id: RecoveryRequestId) -> Result<Request, RecoverError> {
        let fleet = self.gate.fleet().await?;
        Request::believed(&self.stored(id).await?, &fleet)
    }

    /// Takes a request back. Whoever asked may, on the machine where it was asked.
    ///
    /// # Errors
    /// When it is closed already, or another's.
    pub async fn withdraw(&self, id: RecoveryRequestId) -> Result<Request, RecoverError> {
        let request = self.request(id).await?;
        self.own(&request)?;
        self.close(&request, RecoveryState::Withdrawn, "withdrawn").await?;
        Ok(request)
    }

    /// Refuses a request for everybody. `reason` is told to whoever asked.
    ///
    /// # Errors
    /// When it is closed already, or the actor's own.
    pub async fn refuse(&self, id: RecoveryRequestId, reason: &str) -> Result<Request, RecoverError> {
        let request = self.request(id).await?;
        if is_same_person(self.actor, &request.requester) {
            return Err(RecoverError::NotPossible(
                "whoever asked takes a request back (`recovery withdraw`), and does not refuse it".to_owned(),
            ));
        }
        let reason = one_line("the reason", reason).map_err(RecoverError::NotPossible)?;
        self.close(&request, RecoveryState::Refused, &format!("refused: {reason}")).await?;
        Ok(request)
    }

    async fn close(&self, request: &Request, to: RecoveryState, note: &str) -> Result<(), RecoverError> {
        if request.state.is_closed() {
            request.check_open(self.clock.now())?;
        }
        let kind = AuditKind::KeyRecoveryRequestClosed;
        let events = self.events(request, kind, AuditOutcome::Success, note);
        self.move_on(request, to, &events).await
    }

    /// Moves the request on from the state in which it was read, together with what is recorded.
    pub(super) async fn move_on(
        &self,
        request: &Request,
        to: RecoveryState,
        events: &[AuditEvent],
    ) -> Result<(), RecoverError> {
        let now = self.clock.now();
        let moved = store::in_unit!(self.store, work => {
            let moved = work.recoveries().set_state(request.id, request.state, to).await?;
            if moved {
                for event in events {
                    work.audit().append(event, now).await?;
                }
            }
            moved
        })?;
        if moved {
            return Ok(());
        }
        Err(RecoverError::NotPossible(format!(
            "recovery request {} was changed by somebody else in this moment; look at it again",
            request.id
        )))
    }

    pub(super) async fn stored(&self, id: RecoveryRequestId) -> Result<StoredRecoveryRequest, RecoverError> {
        let stored = self.store.read().await?.recoveries().lookup(id).await?;
        stored.ok_or_else(|| {
            RecoverError::NotPossible(format!(
                "there is no recovery request {id}; `recovery requests` lists them"
            ))
        })
    }

    /// Whether this is the person and the machine that asked: the one-time key opens nowhere else.
    pub(super) fn own(&self, request: &Request) -> Result<(), RecoverError> {
        if request.installation != self.gate.installation().id() {
            return Err(RecoverError::NotPossible(format!(
                "recovery request {} was made on another machine ({}); go on there",
                request.id, request.requester
            )));
        }
        if !is_same_person(self.actor, &request.requester) {
            return Err(RecoverError::NotPossible(format!(
                "recovery request {} is {}'s; you are {}",
                request.id, request.requester, self.actor
            )));
        }
        Ok(())
    }

    /// Whether the actor asked for it, at this machine: who completes it and may take it back.
    pub fn is_own(&self, request: &Request) -> bool {
        self.own(request).is_ok()
    }

    pub(super) async fn record(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        let now = self.clock.now();
        store::in_unit!(self.store, work => {
            for event in events {
                work.audit().append(event, now).await?;
            }
        })
    }

    /// One event for each key, so that whoever looks for a certificate in the log finds it.
    pub(super) fn events(
        &self,
        request: &Request,
        kind: AuditKind,
        outcome: AuditOutcome,
        note: &str,
    ) -> Vec<AuditEvent> {
        request.keys.iter().map(|key| self.event(request, key, kind, outcome, note)).collect()
    }

    pub(super) fn event(
        &self,
        request: &Request,
        key: &AskedKey,
        kind: AuditKind,
        outcome: AuditOutcome,
        note: &str,
    ) -> AuditEvent {
        AuditEvent {
            kind,
            outcome,
            actor: self.actor.to_owned(),
            object: object(key),
            detail: format!("{}{}{note}", request.note(), about(key)),
        }
    }

    pub(super) async fn fleet(&self) -> Result<std::sync::Arc<Fleet>, RecoverError> {
        Ok(self.gate.fleet().await?)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Who has given for every key of a request.
pub(super) fn agreed(request: &Request, granted: &[RecoveryGrantInfo]) -> Vec<[u8; 32]> {
    let officers: BTreeSet<[u8; 32]> = granted.iter().map(|info| info.officer).collect();
    let gave_all = |officer: &[u8; 32]| {
        let gave = |key: &AskedKey| {
            granted.iter().any(|info| info.officer == *officer && info.certificate == key.certificate)
        };
        request.keys.iter().all(gave)
    };
    officers.into_iter().filter(gave_all).collect()
}
