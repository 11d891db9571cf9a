//! An officer agrees, by giving what only the officer's key can give.

use crypto::X509Certificate;
use model::{AuditEvent, AuditKind, AuditOutcome, is_same_person};
use ports::RecoveryKey;
use store::StoredRecoveryGrant;

use super::desk::{Desk, agreed};
use super::grant::{Giver, Seat, check_part, give};
use super::people::Agreement;
use super::request::Request;
use crate::RecoverError;

/// What an officer's certificate calls its person, other than by a subject.
pub(super) fn names_of(officer: &X509Certificate) -> Vec<String> {
    let mut names = officer.mail_addresses();
    names.extend(officer.user_principal_name());
    names
}

/// What an officer gave.
#[derive(Debug)]
pub struct Granted {
    /// For which request.
    pub request: Request,
    /// How many officers have given so far.
    pub given: Agreement,
}

impl Desk<'_> {
    /// Whether the actor may agree to a request with this officer's certificate, and the key has a part in every archived key
    /// that is asked for. Opens nothing.
    async fn check_approval(&self, request: &Request, officer: &X509Certificate) -> Result<(), RecoverError> {
        self.check_person(request)?;
        self.check_set(request)?;
        self.exclude_subjects(request, officer, Some(self.actor)).await?;
        for key in self.all_in_archive(request).await? {
            check_part(&key.sealed.envelope, officer)?;
        }
        Ok(())
    }

    /// Whether the actor may agree to a request at this machine, as far as can be told before an officer's key is there.
    ///
    /// # Errors
    /// A sentence about why not.
    pub fn check_person(&self, request: &Request) -> Result<(), RecoverError> {
        request.check_open(self.now())?;
        if is_same_person(self.actor, &request.requester) {
            return Err(RecoverError::NotPossible(format!(
                "{} asked for this recovery, and cannot agree to it too; another officer has to",
                request.requester
            )));
        }
        self.check_machine(request)
    }

    /// Where a fleet has several machines, each person works at one of her own: which machine it was is signed, who sat there
    /// is not. A fleet of one machine has nothing to tell persons apart by but their accounts.
    fn check_machine(&self, request: &Request) -> Result<(), RecoverError> {
        if request.fleet_size > 1 && request.installation == self.gate.installation().id() {
            return Err(RecoverError::NotPossible(format!(
                "this recovery was asked for on this machine ({}); agree to it on one of your own",
                request.installation_name
            )));
        }
        Ok(())
    }

    /// Agrees to a request that was read: on record first, then the officer's part of each key is unwrapped and re-encrypted to
    /// the request's one-time key. All keys of the request, or none. Whoever gives twice does no harm and counts once.
    ///
    /// # Errors
    /// [`RecoverError::NotPossible`] when the request is closed or was exchanged since it was read, and by people: whoever asked
    /// and whose key it is are excluded. [`RecoverError::WrongAgent`]; what the officer's key says; nothing is given when the
    /// record cannot be written.
    pub async fn approve(&self, read: &Request, agent: &dyn RecoveryKey) -> Result<Granted, RecoverError> {
        let id = read.id;
        let request = self.request(id).await?;
        if request.digest != read.digest {
            return Err(RecoverError::Altered {
                what: format!("recovery request {id}"),
                why: "it is another one than the one that was read".to_owned(),
            });
        }
        let officer = X509Certificate::from_der(agent.certificate_der())?;
        let note = format!("officer: {} ({})", officer.subject(), agent.place());
        if let Err(error) = self.check_approval(&request, &officer).await {
            // Who tried what he may not is on record too.
            let kind = AuditKind::KeyRecoveryApprovalProcessed;
            let note = format!("{note}; {error}");
            self.record(&self.events(&request, kind, AuditOutcome::Failure, &note)).await?;
            return Err(error);
        }
        let kind = AuditKind::KeyRecoveryApproval;
        self.record(&self.events(&request, kind, AuditOutcome::Success, &note)).await?;

        let given = self.give_all(&request, agent, &officer).await;
        let kind = AuditKind::KeyRecoveryApprovalProcessed;
        let grants = match given {
            Ok(grants) => grants,
            Err(error) => {
                let note = format!("{note}; {error}");
                self.record(&self.events(&request, kind, AuditOutcome::Failure, &note)).await?;
                return Err(error);
            }
        };
        let events = self.events(&request, kind, AuditOutcome::Success, &note);
        let given = self.keep(&request, &events, &grants).await?;
        Ok(Granted { request, given })
    }

    /// Keeps what was given, all of it or nothing, together with the record; how many officers have agreed then.
    pub(super) async fn keep(
        &self,
        request: &Request,
        events: &[AuditEvent],
        grants: &[StoredRecoveryGrant],
    ) -> Result<Agreement, RecoverError> {
        let now = self.now();
        let granted = store::in_unit!(self.store, work => {
            for event in events {
                work.audit().append(event, now).await?;
            }
            for grant in grants {
                work.recoveries().add_grant(grant).await?;
            }
            work.recoveries().granted(request.id).await?
        })?;
        // What is kept is kept, whether or not the log tells now by how many persons.
        let keys = agreed(request, &granted).len();
        Ok(self.agreement(request, &granted).await.unwrap_or(Agreement { keys, persons: None }))
    }

    async fn give_all(
        &self,
        request: &Request,
        agent: &dyn RecoveryKey,
        officer: &X509Certificate,
    ) -> Result<Vec<StoredRecoveryGrant>, RecoverError> {
        let seat = Seat::Installation(self.gate.installation());
        let giver = Giver { actor: self.actor, seat, at: self.now() };
        let mut grants = Vec::with_capacity(request.keys.len());
        for (asked, key) in request.keys.iter().zip(self.all_in_archive(request).await?) {
            grants.push(give(request, asked, &key.sealed, agent, officer, &giver).await?);
        }
        Ok(grants)
    }

    /// Nobody agrees to opening the own key: neither by the officer's certificate nor by the account that gives.
    pub(super) async fn exclude_subjects(
        &self,
        request: &Request,
        officer: &X509Certificate,
        giver: Option<&str>,
    ) -> Result<(), RecoverError> {
        if !request.wanted.discloses() {
            return Ok(());
        }
        let names = names_of(officer);
        let mut work = self.store.read().await?;
        for key in &request.keys {
            let mut own = vec![key.mail.clone()];
            if let Some(row) = work.certificates().lookup(key.certificate).await?
                && let Some(subscriber) = work.subscribers().lookup(row.certificate.subscriber).await?
            {
                own.push(subscriber.user_principal_name);
                own.extend(subscriber.mail);
                own.extend(subscriber.aliases);
            }
            let is_named = own.iter().any(|name| names.iter().any(|other| other.eq_ignore_ascii_case(name)));
            let is_at_work = own.iter().any(|name| giver.is_some_and(|giver| is_same_person(giver, name)));
            if is_named || is_at_work {
                return Err(RecoverError::NotPossible(format!(
                    "the key of {} is among those asked for; nobody agrees to opening the own key, another officer has to",
                    key.mail
                )));
            }
        }
        Ok(())
    }
}
