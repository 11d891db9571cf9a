//! Opens archived keys. This crate alone takes [`ports::RecoveryKey`]; the daemon is composed without it.
//!
//! The recovery is recorded before it happens, or it does not happen: the request is committed to the audit log first,
//! then the envelope is opened, then the outcome is recorded. The recovered key never leaves this crate in clear: it
//! goes into a PKCS#12, into an envelope to the installations that deliver it, or is used on mails and dropped.
//!
//! [`recover`] is for one agent with a key at hand, [`ceremony`] for several persons, and for what is sealed to a quorum.
//! [`import`] is the way in: keys that lie in the archive of a Windows CA, or in PKCS#12 files.
#![warn(missing_docs)]

pub mod ceremony;
pub mod drill;
mod given;
pub mod import;
pub mod inventory;
pub mod mail;
pub mod rearchive;
mod reason;

use crypto::open::{Envelope, Recipient};
use crypto::{CryptoError, PrivateKey, X509Certificate, pfx};
use model::{
    AuditEvent, AuditKind, AuditOutcome, Certificate, CertificateId, Clock, Entropy, PfxProfile, Thumbprint,
};
use ports::{RecoveryKey, RecoveryKeyError};
use store::{ArchivedKey, Store, StoreError, StoredCertificate};
use zeroize::Zeroizing;

pub use given::{Decrypted, GivenMail, MOST_MAILS, MailsRequest, decrypt_mails};
pub use reason::{LONGEST_REASON, checked_reason};

/// Who asks for a key, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Which key.
    pub certificate: CertificateId,
    /// Who acts, as the audit log shall name them.
    pub actor: String,
    /// Why; never empty.
    pub reason: String,
    /// Encryption inside the PKCS#12.
    pub profile: PfxProfile,
}

/// A recovered key, ready to be handed over.
pub struct Recovered {
    /// The certificate.
    pub certificate: Certificate,
    /// PKCS#12 with key, certificate and chain.
    pub pfx: Zeroizing<Vec<u8>>,
    /// Its password, to be shown once.
    pub password: Zeroizing<String>,
}

/// Why a key was not recovered.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// There is nothing to open, or the request is incomplete.
    #[error("{0}")]
    NotPossible(String),
    /// Others have to agree first.
    #[error(
        "{given} of {needed} officers have agreed to recovery request {request}; the others run `sealwright recovery approve \
         {request}`"
    )]
    TooFewAgreed {
        /// How many have.
        given: usize,
        /// How many have to.
        needed: u8,
        /// To which request.
        request: model::RecoveryRequestId,
    },
    /// On a machine without a network the certificate alone tells who an officer is, and this one does not.
    #[error(
        "the certificate of `{officer}` has neither a mail address nor a sign-in name, so that without an account nothing tells \
         who the officer is: agree on an installation of the fleet, or give the officer a certificate with a mail address \
         (`sealwright kra create NAME --mail ADDRESS`)"
    )]
    Nameless {
        /// Subject of the certificate.
        officer: String,
    },
    /// This agent cannot open this key.
    #[error("this key is not sealed to `{offered}`; it can be opened by: {recipients}")]
    WrongAgent {
        /// Subject of the certificate that was offered.
        offered: String,
        /// Who can open it.
        recipients: String,
    },
    /// The agent's key did not unwrap.
    #[error(transparent)]
    Key(#[from] RecoveryKeyError),
    /// The envelope or the key in it is damaged.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// Something stored is not what was written there.
    #[error("{what} is not to be believed: {why}; the database was altered, and nothing is opened")]
    Altered {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
    /// Who belongs to the fleet.
    #[error(transparent)]
    Admit(#[from] admit::AdmitError),
    /// The database; nothing was opened when the record could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens one archived key with one agent's key.
pub async fn recover(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    agent: &dyn RecoveryKey,
    request: &Request,
) -> Result<Recovered, RecoverError> {
    let case = Case { certificate: request.certificate, actor: &request.actor, reason: &request.reason };
    let asked = ask(store, clock, agent, &case, None).await?;
    let opened = async {
        let key = private_key(agent, &asked).await?;
        Ok::<_, RecoverError>(pack(&key, &asked.stored, entropy, request.profile)?)
    };
    let opened = opened.await;
    let told = opened.as_ref().map(|_| String::new());
    asked.answer(store, clock, &case, told).await?;
    opened
}

/// Whose key is wanted, by whom, and why.
struct Case<'a> {
    certificate: CertificateId,
    actor: &'a str,
    reason: &'a str,
}

/// A recovery that is on record and may go on.
struct Asked {
    stored: StoredCertificate,
    archived: ArchivedKey,
    leaf: X509Certificate,
    /// The agent's certificate.
    offered: X509Certificate,
    /// What stands in the record.
    note: String,
}

/// Looks at everything that can be looked at without opening anything, then records the request. `wanted` says what is to
/// come of it, where that is not the key.
async fn ask(
    store: &dyn Store,
    clock: &dyn Clock,
    agent: &dyn RecoveryKey,
    case: &Case<'_>,
    wanted: Option<&str>,
) -> Result<Asked, RecoverError> {
    let reason = checked_reason(case.reason).map_err(RecoverError::NotPossible)?;
    let (stored, archived) = load(store, case.certificate).await?;
    let thumbprint = stored.certificate.thumbprint;
    let leaf = X509Certificate::from_der(&stored.der)?;
    if leaf.thumbprint() != thumbprint {
        return Err(RecoverError::NotPossible(format!(
            "the stored certificate is not {thumbprint}; the database was altered, and nothing is opened"
        )));
    }
    let offered = X509Certificate::from_der(agent.certificate_der())?;
    let mut note = format!(
        "reason: {reason}; subject: {}; agent: {} ({})",
        leaf.subject(),
        offered.subject(),
        agent.place()
    );
    if let Some(wanted) = wanted {
        note = format!("{note}; {wanted}");
    }
    record(store, clock, case.actor, thumbprint, AuditKind::KeyRecoveryRequest, AuditOutcome::Success, &note)
        .await?;
    Ok(Asked { stored, archived, leaf, offered, note })
}

impl Asked {
    /// Records what came of it.
    async fn answer(
        &self,
        store: &dyn Store,
        clock: &dyn Clock,
        case: &Case<'_>,
        told: Result<String, &RecoverError>,
    ) -> Result<(), StoreError> {
        let (outcome, note) = match told {
            Ok(told) if told.is_empty() => (AuditOutcome::Success, self.note.clone()),
            Ok(told) => (AuditOutcome::Success, format!("{}; {told}", self.note)),
            Err(error) => (AuditOutcome::Failure, format!("{}; {error}", self.note)),
        };
        let thumbprint = self.stored.certificate.thumbprint;
        let kind = AuditKind::KeyRecoveryRequestProcessed;
        record(store, clock, case.actor, thumbprint, kind, outcome, &note).await
    }
}

async fn load(
    store: &dyn Store,
    id: CertificateId,
) -> Result<(StoredCertificate, ArchivedKey), RecoverError> {
    let mut work = store.read().await?;
    let stored = work
        .certificates()
        .lookup_stored(id)
        .await?
        .ok_or_else(|| RecoverError::NotPossible("this certificate does not exist".to_owned()))?;
    let archived = work.archive().find_sealed(id).await?.ok_or_else(|| {
        RecoverError::NotPossible(format!(
            "the key of certificate {} is not in the archive; its template does not archive keys",
            stored.certificate.thumbprint
        ))
    })?;
    Ok((stored, archived))
}

/// The archived key, which must be that of the certificate.
async fn private_key(agent: &dyn RecoveryKey, asked: &Asked) -> Result<PrivateKey, RecoverError> {
    let pkcs8 = content(agent, &asked.offered, &asked.archived.envelope).await?;
    key_of(&pkcs8, &asked.leaf)
}

/// What an envelope held, as long as it is the key of this certificate.
fn key_of(pkcs8: &[u8], leaf: &X509Certificate) -> Result<PrivateKey, RecoverError> {
    let key = PrivateKey::from_pkcs8(pkcs8)?;
    if key.spki_sha256()? != leaf.spki_sha256()? {
        return Err(RecoverError::Altered {
            what: format!("the archived key of certificate {}", leaf.thumbprint()),
            why: "it is not the key of this certificate".to_owned(),
        });
    }
    Ok(key)
}

/// Key, certificate and chain as a PKCS#12, and its password.
fn pack(
    key: &PrivateKey,
    stored: &StoredCertificate,
    entropy: &dyn Entropy,
    profile: PfxProfile,
) -> Result<Recovered, CryptoError> {
    let leaf = X509Certificate::from_der(&stored.der)?;
    let chain =
        stored.chain.iter().map(|der| X509Certificate::from_der(der)).collect::<Result<Vec<_>, _>>()?;
    let password = pfx::generate_password(entropy);
    let pfx = pfx::build(key, &leaf, &chain, &password, profile, &stored.certificate.common_name)?;
    Ok(Recovered { certificate: stored.certificate.clone(), pfx, password })
}

/// What the envelope holds.
async fn content(
    agent: &dyn RecoveryKey,
    offered: &X509Certificate,
    envelope: &[u8],
) -> Result<Zeroizing<Vec<u8>>, RecoverError> {
    let envelope = Envelope::parse(envelope)?;
    if !envelope.is_authenticated() {
        return Err(RecoverError::NotPossible(
            "the archived envelope is not of the authenticated kind that this product writes; the database was altered"
                .to_owned(),
        ));
    }
    let content_key = unwrap(agent, offered, &envelope).await?;
    Ok(envelope.open_with_content_key(&content_key)?)
}

/// The content key of an envelope, by the agent whose certificate is `offered`.
///
/// A content key that does not unwrap and a content that does not decrypt are told in the same words: the difference would
/// say whether a forged padding was a good one.
async fn unwrap(
    agent: &dyn RecoveryKey,
    offered: &X509Certificate,
    envelope: &Envelope,
) -> Result<Zeroizing<Vec<u8>>, RecoverError> {
    let recipient = envelope.recipient_for(offered).ok_or_else(|| RecoverError::WrongAgent {
        offered: offered.subject(),
        recipients: envelope.describe_recipients(),
    })?;
    unwrap_for(agent, recipient).await
}

/// What was encrypted to one recipient of an envelope.
async fn unwrap_for(
    agent: &dyn RecoveryKey,
    recipient: &Recipient,
) -> Result<Zeroizing<Vec<u8>>, RecoverError> {
    agent.unwrap_key(&recipient.wrapped).await.map_err(|error| {
        if matches!(error, RecoveryKeyError::DoesNotUnwrap { .. }) {
            RecoverError::Crypto(CryptoError::Tampered)
        } else {
            RecoverError::Key(error)
        }
    })
}

async fn record(
    store: &dyn Store,
    clock: &dyn Clock,
    actor: &str,
    thumbprint: Thumbprint,
    kind: AuditKind,
    outcome: AuditOutcome,
    detail: &str,
) -> Result<(), StoreError> {
    let event = AuditEvent {
        kind,
        outcome,
        actor: actor.to_owned(),
        object: format!("certificate {thumbprint}"),
        detail: detail.to_owned(),
    };
    store::in_unit!(store, work => { work.audit().append(&event, clock.now()).await?; })
}

#[cfg(test)]
mod tests;
