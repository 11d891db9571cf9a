//! Credentials that all installations share, e.g. the tenant's: sealed to the fleet, opened by whoever is in.

use model::{AuditEvent, AuditKind, AuditOutcome};
use store::{Store, StoredSecret, in_unit};
use zeroize::Zeroizing;

use crate::{AdmitError, Gate, Installation, context};

const NAME_LENGTH: usize = 100;

/// Opens the secret `name`; `None` when there is none.
///
/// # Errors
/// [`crypto::CryptoError::NotARecipient`] when it is not sealed to this installation, `Tampered` when it was altered or
/// stands in another's place.
pub async fn open_secret(
    store: &dyn Store,
    installation: &Installation,
    name: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, AdmitError> {
    check_name(name)?;
    let Some(stored) = store.read().await?.secrets().find(name).await? else { return Ok(None) };
    let context = context::secret(name);
    let (key, certificate) = (&installation.key, &installation.certificate);
    Ok(Some(crypto::open::open_bound(&context, &stored.sealed, key, certificate)?))
}

impl Gate {
    /// Seals a secret to all who are in and stores it; replaces an older one.
    pub async fn put_secret(&self, name: &str, secret: &[u8]) -> Result<(), AdmitError> {
        check_name(name)?;
        let fleet = self.fleet().await?;
        self.own(&fleet)?;
        let sealed = crypto::seal::seal_bound(&context::secret(name), secret, &fleet.recipients())?;
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
    pub async fn open_secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, AdmitError> {
        open_secret(self.store.as_ref(), &self.installation, name).await
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
