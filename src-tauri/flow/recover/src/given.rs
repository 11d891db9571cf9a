//! Decrypts given mails with an archived key, and hands out the mails in place of the key.
//!
//! The key is recovered as in [`crate::recover`], recorded first; it is used in memory and dropped. The record says which
//! mails were meant, by their digests, so that it can be shown later what was read and that nothing else was.

use crypto::X509Certificate;
use model::{Certificate, CertificateId, Clock};
use ports::RecoveryKey;
use sha2::{Digest as _, Sha256};
use store::Store;

use crate::mail::{self, DecryptedMail, MailError};
use crate::{Case, RecoverError, ask, private_key};

/// Mails of one recovery: their digests stand in one audit entry.
pub const MOST_MAILS: usize = 500;

/// A mail that is to be decrypted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GivenMail {
    /// Where it came from, for messages: the name of its file.
    pub name: String,
    /// A mail (`.eml`), or a CMS message (`.p7m`).
    pub bytes: Vec<u8>,
}

/// Who asks for mails to be decrypted, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailsRequest {
    /// With the key of which certificate.
    pub certificate: CertificateId,
    /// Who acts, as the audit log shall name them.
    pub actor: String,
    /// Why; never empty.
    pub reason: String,
}

/// What came of the mails.
#[derive(Debug)]
pub struct Decrypted {
    /// With whose key.
    pub certificate: Certificate,
    /// For each given mail, in order.
    pub mails: Vec<Result<DecryptedMail, MailError>>,
}

/// Opens one archived key with one agent's key and decrypts the mails with it. Fails as a whole only when the key does not
/// open; a mail that cannot be decrypted stops no other.
pub async fn decrypt_mails(
    store: &dyn Store,
    clock: &dyn Clock,
    agent: &dyn RecoveryKey,
    request: &MailsRequest,
    mails: &[GivenMail],
) -> Result<Decrypted, RecoverError> {
    let wanted = name_mails(mails)?;
    let case = Case { certificate: request.certificate, actor: &request.actor, reason: &request.reason };
    let count = mails.len();
    let asked = ask(store, clock, agent, &case, Some(&wanted)).await?;
    let opened = private_key(agent, &asked).await.map(|key| {
        let leaf: &X509Certificate = &asked.leaf;
        mails.iter().map(|given| mail::decrypt(&given.bytes, &key, leaf)).collect::<Vec<_>>()
    });
    let told = opened.as_ref().map(|mails| {
        let done = mails.iter().filter(|mail| mail.is_ok()).count();
        format!("decrypted {done} of {count}")
    });
    asked.answer(store, clock, &case, told).await?;
    Ok(Decrypted { mails: opened?, certificate: asked.stored.certificate })
}

/// What the record says about mails that are to be decrypted.
///
/// # Errors
/// [`RecoverError::NotPossible`] for none and for too many.
pub(crate) fn name_mails(mails: &[GivenMail]) -> Result<String, RecoverError> {
    if mails.is_empty() {
        return Err(RecoverError::NotPossible("there is no mail to decrypt".to_owned()));
    }
    if mails.len() > MOST_MAILS {
        return Err(RecoverError::NotPossible(format!(
            "{} mails are too many for one recovery; name at most {MOST_MAILS} at once",
            mails.len()
        )));
    }
    let digests: Vec<String> = mails.iter().map(|mail| hex::encode(Sha256::digest(&mail.bytes))).collect();
    let count = mails.len();
    Ok(format!(
        "outcome: decrypt {count} {}; SHA-256: {}",
        if count == 1 { "mail" } else { "mails" },
        digests.join(" ")
    ))
}
