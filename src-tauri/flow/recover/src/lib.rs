//! Opens archived keys. This crate alone takes [`ports::RecoveryKey`]; the daemon is composed without it.
//!
//! The recovery is recorded before it happens, or it does not happen: the request is committed to the audit log first,
//! then the envelope is opened, then the outcome is recorded. The recovered key never leaves this crate in clear: it
//! goes straight into a PKCS#12.
//!
//! [`import`] is the way in: keys that lie in the archive of a Windows CA, or in PKCS#12 files.
//!
//! First form: one agent with a key at hand. Approvals and quorum build on it.
#![warn(missing_docs)]

pub mod import;

use crypto::open::Envelope;
use crypto::{CryptoError, PrivateKey, X509Certificate, pfx};
use model::{
    AuditEvent, AuditKind, AuditOutcome, Certificate, CertificateId, Clock, Entropy, PfxProfile, Thumbprint,
};
use ports::{RecoveryKey, RecoveryKeyError};
use store::{ArchivedKey, Store, StoreError, StoredCertificate};
use zeroize::Zeroizing;

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
    if request.reason.trim().is_empty() {
        return Err(RecoverError::NotPossible(
            "a recovery needs a reason, such as a case number; it is recorded in the audit log".to_owned(),
        ));
    }
    let (stored, archived) = load(store, request.certificate).await?;
    let thumbprint = stored.certificate.thumbprint;
    let leaf = X509Certificate::from_der(&stored.der)?;
    if leaf.thumbprint() != thumbprint {
        return Err(RecoverError::NotPossible(format!(
            "the stored certificate is not {thumbprint}; the database was altered, and nothing is opened"
        )));
    }
    let offered = X509Certificate::from_der(agent.certificate_der())?;
    let note = format!(
        "reason: {}; subject: {}; agent: {} ({})",
        request.reason.trim(),
        leaf.subject(),
        offered.subject(),
        agent.place()
    );
    record(store, clock, request, thumbprint, AuditKind::KeyRecoveryRequest, AuditOutcome::Success, &note)
        .await?;

    let opened = open(agent, &offered, &archived, &stored, entropy, request.profile).await;
    let (outcome, note) = match &opened {
        Ok(_) => (AuditOutcome::Success, note),
        Err(error) => (AuditOutcome::Failure, format!("{note}; {error}")),
    };
    record(store, clock, request, thumbprint, AuditKind::KeyRecoveryRequestProcessed, outcome, &note).await?;
    let (pfx, password) = opened?;
    Ok(Recovered { certificate: stored.certificate, pfx, password })
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

async fn open(
    agent: &dyn RecoveryKey,
    offered: &X509Certificate,
    archived: &ArchivedKey,
    stored: &StoredCertificate,
    entropy: &dyn Entropy,
    profile: PfxProfile,
) -> Result<(Zeroizing<Vec<u8>>, Zeroizing<String>), RecoverError> {
    let pkcs8 = content(agent, offered, &archived.envelope).await?;
    let key = PrivateKey::from_pkcs8(&pkcs8)?;
    let leaf = X509Certificate::from_der(&stored.der)?;
    if key.spki_sha256()? != leaf.spki_sha256()? {
        return Err(RecoverError::NotPossible(
            "the archived key is not the key of this certificate; the database was altered".to_owned(),
        ));
    }
    let chain =
        stored.chain.iter().map(|der| X509Certificate::from_der(der)).collect::<Result<Vec<_>, _>>()?;
    let password = pfx::generate_password(entropy);
    let built = pfx::build(&key, &leaf, &chain, &password, profile, &stored.certificate.common_name)?;
    Ok((built, password))
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
    request: &Request,
    thumbprint: Thumbprint,
    kind: AuditKind,
    outcome: AuditOutcome,
    detail: &str,
) -> Result<(), StoreError> {
    let event = AuditEvent {
        kind,
        outcome,
        actor: request.actor.clone(),
        object: format!("certificate {thumbprint}"),
        detail: detail.to_owned(),
    };
    store::in_unit!(store, work => { work.audit().append(&event, clock.now()).await?; })
}

#[cfg(test)]
mod tests;
