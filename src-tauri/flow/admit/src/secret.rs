//! Credentials that all installations share, e.g. the tenant's: sealed to the fleet, opened by whoever is in.

use model::{AuditEvent, AuditKind, AuditOutcome, InstallationId};
use store::{StoredSecret, in_unit};
use zeroize::Zeroizing;

use crate::{AdmitError, Fleet, Gate, Installation, context};

const NAME_LENGTH: usize = 100;

/// Begins the content of an envelope that says who wrote it.
const SIGNED: &[u8] = b"signed secret 1\0";

/// What the signature is over: the purpose and the secret.
fn statement(name: &str, secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut statement = Zeroizing::new(Vec::with_capacity(SIGNED.len() + name.len() + 1 + secret.len()));
    for part in [SIGNED, name.as_bytes(), b"\0", secret] {
        statement.extend_from_slice(part);
    }
    statement
}

/// Anybody who can write the database can seal to the fleet; so the content carries the signature of the installation that
/// wrote it: mark, id (16 bytes), length of the signature (4 bytes, big-endian), signature, secret.
fn signed(name: &str, secret: &[u8], installation: &Installation) -> Result<Zeroizing<Vec<u8>>, AdmitError> {
    let signature = installation.key.sign_ps256(&statement(name, secret))?;
    let length = u32::try_from(signature.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut content = Zeroizing::new(Vec::with_capacity(SIGNED.len() + 20 + signature.len() + secret.len()));
    for part in [SIGNED, installation.id().as_bytes().as_slice(), &length, &signature, secret] {
        content.extend_from_slice(part);
    }
    Ok(content)
}

/// The secret, when one who is in has signed it for this purpose.
fn vouched(name: &str, content: &[u8], fleet: &Fleet) -> Option<Zeroizing<Vec<u8>>> {
    let rest = content.strip_prefix(SIGNED)?;
    let (id, rest) = rest.split_at_checked(16)?;
    let (length, rest) = rest.split_at_checked(4)?;
    let length = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
    let (signature, secret) = rest.split_at_checked(length)?;
    let signer = fleet.member(InstallationId::from_slice(id)?)?;
    let is_theirs = signer.certificate.verifies_ps256(&statement(name, secret), signature);
    is_theirs.then(|| Zeroizing::new(secret.to_vec()))
}

impl Gate {
    /// Signs a secret, seals it to all who are in and stores it; replaces an older one.
    pub async fn put_secret(&self, name: &str, secret: &[u8]) -> Result<(), AdmitError> {
        check_name(name)?;
        let fleet = self.fleet().await?;
        self.own(&fleet)?;
        let content = signed(name, secret, &self.installation)?;
        let sealed = crypto::seal::seal_bound(&context::secret(name), &content, &fleet.recipients())?;
        let now = self.clock.now();
        let stored = StoredSecret { name: name.to_owned(), sealed, sealed_at: now };
        let event = self.secret_event(name, "written");
        in_unit!(self.store, work => {
            work.secrets().set(&stored).await?;
            work.audit().append(&event, now).await?;
        })?;
        // Whoever came or went between reading the log and writing has looked for secrets before this one was there.
        if self.fleet().await?.seq() != fleet.seq() {
            self.reseal().await?;
        }
        Ok(())
    }

    /// Opens the secret `name`; `None` when there is none.
    ///
    /// # Errors
    /// [`crypto::CryptoError::NotARecipient`] when it is not sealed to this installation, `Tampered` when it was altered or
    /// stands in another's place; [`AdmitError::Unvouched`] when none of those who are in has written it.
    pub async fn open_secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, AdmitError> {
        check_name(name)?;
        let Some(stored) = self.store.read().await?.secrets().find(name).await? else { return Ok(None) };
        let (key, certificate) = (&self.installation.key, &self.installation.certificate);
        let content = crypto::open::open_bound(&context::secret(name), &stored.sealed, key, certificate)?;
        let fleet = self.fleet().await?;
        let secret = vouched(name, &content, &fleet);
        secret.map(Some).ok_or_else(|| AdmitError::Unvouched { name: name.to_owned() })
    }

    /// Takes a secret away. `false` when there was none.
    pub async fn remove_secret(&self, name: &str) -> Result<bool, AdmitError> {
        check_name(name)?;
        self.own(self.fleet().await?.as_ref())?;
        let now = self.clock.now();
        let event = self.secret_event(name, "removed");
        Ok(in_unit!(self.store, work => {
            let was_there = work.secrets().remove(name).await?;
            if was_there {
                work.audit().append(&event, now).await?;
            }
            was_there
        })?)
    }

    fn secret_event(&self, name: &str, detail: &str) -> AuditEvent {
        AuditEvent {
            kind: AuditKind::SecretChanged,
            outcome: AuditOutcome::Success,
            actor: self.actor.clone(),
            object: format!("credential {name}"),
            detail: detail.to_owned(),
        }
    }
}

/// Databases compare texts each in their own way; names that are plain are equal or different in all of them.
fn check_name(name: &str) -> Result<(), AdmitError> {
    let is_plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_' | '/');
    if name.is_empty() || name.len() > NAME_LENGTH || !name.chars().all(is_plain) {
        return Err(AdmitError::SecretName { name: name.to_owned() });
    }
    Ok(())
}
