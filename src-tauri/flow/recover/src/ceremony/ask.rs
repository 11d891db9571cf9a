//! Asking: a one-time key is made, and what is asked is signed and on record before anybody can agree to it.

use crypto::issue::{Validity, recovery_agent_certificate, serial_number};
use crypto::open::Envelope;
use crypto::seal::seal_bound;
use crypto::{PrivateKey, X509Certificate};
use model::text::printable;
use model::{AuditKind, AuditOutcome, CertificateId, KeyAlgorithm, Span, Thumbprint};
use store::{ArchivedKey, StoredCertificate, StoredRecoveryRequest};

use super::desk::Desk;
use super::request::{AskedKey, LONGEST, New, Request, Wanted, one_line};
use crate::{RecoverError, load};

/// How long a request may stay open at least.
const SHORTEST: Span = Span::hours(1);

/// What somebody asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// Whose keys.
    pub certificates: Vec<CertificateId>,
    /// The case it belongs to.
    pub case_number: String,
    /// What allows it, e.g. a clause of a works agreement.
    pub legal_basis: String,
    /// Why.
    pub reason: String,
    /// What shall come of it.
    pub wanted: Wanted,
    /// How long it stays open: an hour to thirty days.
    pub lasts: Span,
}

/// An archived key and what is known of it, checked as far as it can be without opening it.
pub(super) struct KeyInArchive {
    pub(super) stored: StoredCertificate,
    pub(super) sealed: SealedKey,
    /// The envelope as it is stored.
    pub(super) cms: Vec<u8>,
    agents: Vec<Thumbprint>,
}

/// A certificate and the envelope that holds its key, wherever they come from.
pub(super) struct SealedKey {
    pub(super) leaf: X509Certificate,
    pub(super) envelope: Envelope,
}

impl SealedKey {
    /// How many can take part in opening it.
    fn officers(&self) -> usize {
        self.envelope.quorum().map_or(0, |quorum| quorum.officers().len()) + self.envelope.recipients().len()
    }

    /// How many different officers have to agree, where the rule is `approvals`: no fewer than the quorum.
    pub(super) fn needs(&self, approvals: u8, wanted: &Wanted) -> u8 {
        let quorum = self.envelope.quorum().map_or(1, crypto::quorum::Quorum::threshold);
        approvals.max(quorum).saturating_add(wanted.extra_approvals())
    }

    /// Whether this is the key that was asked for, and the request asks for enough approvals where the rule is `approvals`.
    pub(super) fn check(
        &self,
        request: &Request,
        asked: &AskedKey,
        approvals: u8,
    ) -> Result<(), RecoverError> {
        // Who agrees reads whose key it is: that is what the certificate says, and not what whoever asks says of it.
        if AskedKey::of(asked.certificate, &self.leaf) != *asked {
            return Err(RecoverError::Altered {
                what: format!("recovery request {}", request.id),
                why: format!(
                    "certificate {} is not the one that it describes: it belongs to {}",
                    asked.thumbprint,
                    printable(&self.leaf.subject())
                ),
            });
        }
        let holds = self.envelope.quorum().map(|quorum| *quorum.subject());
        if holds.is_some() && holds != self.leaf.spki_sha256().ok() {
            return Err(RecoverError::Altered {
                what: format!("the archived key of certificate {}", asked.thumbprint),
                why: "its envelope holds another key".to_owned(),
            });
        }
        let needed = self.needs(approvals, &request.wanted);
        if request.approvals < needed {
            return Err(RecoverError::NotPossible(format!(
                "recovery request {} asks for {} approvals; it takes {needed} for the key of {}",
                request.id, request.approvals, asked.subject
            )));
        }
        Ok(())
    }
}

/// Who can open an archived key, told by its envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Openers {
    /// How many officers it takes together; `None` where any one opens it.
    pub threshold: Option<u8>,
    /// SHA-1 of the certificates of those it was sealed to.
    pub agents: Vec<Thumbprint>,
}

impl Desk<'_> {
    /// Who can open the key of a certificate. Opens nothing.
    ///
    /// # Errors
    /// When the key is not in the archive, or is not what this program put there.
    pub async fn openers(&self, id: CertificateId) -> Result<Openers, RecoverError> {
        let found = self.in_archive(id).await?;
        let threshold = found.sealed.envelope.quorum().map(crypto::quorum::Quorum::threshold);
        Ok(Openers { threshold, agents: found.agents })
    }

    /// Whether it takes officers' ML-KEM keys to give for a request: for one of its keys at least. Opens nothing.
    ///
    /// # Errors
    /// As [`Self::openers`].
    pub async fn takes_ml_kem(&self, request: &Request) -> Result<bool, RecoverError> {
        let keys = self.all_in_archive(request).await?;
        Ok(keys.iter().any(|key| key.sealed.envelope.is_hybrid()))
    }

    /// Makes a request.
    ///
    /// # Errors
    /// [`RecoverError::NotPossible`] for texts that are missing or too long, keys that are not in the archive, and when there
    /// are fewer officers than have to agree.
    pub async fn ask(&self, wish: &Wish) -> Result<Request, RecoverError> {
        let case_number = line("the case number", &wish.case_number)?;
        let legal_basis = line("the legal basis", &wish.legal_basis)?;
        let reason = line("the reason", &wish.reason)?;
        let wanted = match &wish.wanted {
            Wanted::FileForOther { to } => {
                Wanted::FileForOther { to: line("who gets the key", to)?.to_owned() }
            }
            Wanted::DecryptedMails
            | Wanted::OwnersDevices
            | Wanted::FileForOwner
            | Wanted::SealedAnew { .. } => wish.wanted.clone(),
        };
        if !(SHORTEST..=LONGEST).contains(&wish.lasts) {
            return Err(RecoverError::NotPossible(
                "a recovery request stays open for an hour at least and thirty days at most".to_owned(),
            ));
        }
        let mut certificates = wish.certificates.clone();
        certificates.sort_unstable();
        certificates.dedup();
        let most = wanted.most_keys();
        if certificates.is_empty() || certificates.len() > most {
            return Err(RecoverError::NotPossible(format!(
                "a recovery request names 1 to {most} certificates; this one names {}",
                certificates.len()
            )));
        }
        if !wanted.discloses() {
            self.check_awaited(certificates.iter().copied()).await?;
        }
        let mut keys = Vec::with_capacity(certificates.len());
        let mut approvals = 0;
        for id in certificates {
            let found = self.in_archive(id).await?.sealed;
            let needed = found.needs(self.approvals, &wanted);
            if usize::from(needed) > found.officers() {
                return Err(RecoverError::NotPossible(format!(
                    "{needed} officers would have to agree, and {} can take part in opening the key of {} ({}): {}",
                    found.officers(),
                    found.leaf.subject(),
                    found.leaf.thumbprint(),
                    found.envelope.describe_recipients()
                )));
            }
            approvals = approvals.max(needed);
            keys.push(AskedKey::of(id, &found.leaf));
        }

        let fleet = self.fleet().await?;
        let created_at = self.now();
        let expires_at = created_at + wish.lasts;
        let id = self.ids.next();
        let one_time = PrivateKey::generate(KeyAlgorithm::Rsa3072)?;
        let validity = Validity { not_before: created_at - Span::hours(1), not_after: expires_at };
        let name = format!("recovery request {id}");
        let der = recovery_agent_certificate(&name, &one_time, validity, serial_number(self.entropy))?;
        let certificate = X509Certificate::from_der(&der)?;
        let own = std::slice::from_ref(&self.gate.installation().certificate);
        let sealed = seal_bound(&Request::key_context(id), &one_time.to_pkcs8()?, own)?;
        let new = New {
            id,
            fleet: &fleet,
            requester: self.actor,
            case_number,
            legal_basis,
            reason,
            wanted,
            keys,
            approvals,
            one_time: &certificate,
            created_at,
            expires_at,
        };
        let stored: StoredRecoveryRequest = new.sign(self.gate.installation())?;
        // Whoever signs for a fleet that he does not belong to learns it now, and not from every officer.
        let request = Request::believed(&stored, &fleet)?;
        let kind = AuditKind::KeyRecoveryRequest;
        let events = self.events(&request, kind, AuditOutcome::Success, "waits for officers");
        store::in_unit!(self.store, work => {
            for event in &events {
                work.audit().append(event, created_at).await?;
            }
            work.recoveries().add(&stored, &sealed).await?;
        })?;
        Ok(request)
    }

    /// The archived key of a certificate.
    pub(super) async fn in_archive(&self, id: CertificateId) -> Result<KeyInArchive, RecoverError> {
        let (stored, ArchivedKey { envelope: cms, kras: agents, .. }) = load(self.store, id).await?;
        let leaf = X509Certificate::from_der(&stored.der)?;
        let thumbprint = stored.certificate.thumbprint;
        let envelope = Envelope::parse(&cms)?;
        if leaf.thumbprint() != thumbprint || !envelope.is_authenticated() {
            return Err(RecoverError::Altered {
                what: format!("the archived key of certificate {thumbprint}"),
                why: "certificate or envelope is not what this program stored".to_owned(),
            });
        }
        Ok(KeyInArchive { stored, sealed: SealedKey { leaf, envelope }, cms, agents })
    }

    /// The archived keys of a request, as long as they are those that were asked for.
    pub(super) async fn all_in_archive(&self, request: &Request) -> Result<Vec<KeyInArchive>, RecoverError> {
        self.all_in_archive_but(request, |_| false).await
    }

    /// The same, where nothing is asked of those of which `is_settled` says that nothing is left to be done.
    pub(super) async fn all_in_archive_but(
        &self,
        request: &Request,
        is_settled: impl Fn(&Envelope) -> bool,
    ) -> Result<Vec<KeyInArchive>, RecoverError> {
        let mut found = Vec::with_capacity(request.keys.len());
        for asked in &request.keys {
            let key = self.in_archive(asked.certificate).await?;
            if !is_settled(&key.sealed.envelope) {
                key.sealed.check(request, asked, self.approvals)?;
            }
            found.push(key);
        }
        Ok(found)
    }
}

fn line<'a>(what: &str, typed: &'a str) -> Result<&'a str, RecoverError> {
    one_line(what, typed).map_err(RecoverError::NotPossible)
}
