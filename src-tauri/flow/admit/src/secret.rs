//! Credentials that all installations share, e.g. the tenant's: sealed to the fleet, opened by whoever is in.
//!
//! Anybody who can write the database can seal to the fleet, and can put back what once lay there; so what is sealed carries
//! the signature of the installation that wrote it, over the fleet and over a number that is higher than that of every
//! writing before. Each installation remembers the highest number that it has seen. The number is the moment of writing in
//! milliseconds, or one more than the highest known: after an older backup was restored, whoever writes anew is above what
//! others have seen, whether he has seen it or not.
//!
//! Sealing again changes neither signature nor number.

use crypto::X509Certificate;
use model::{AuditEvent, AuditKind, AuditOutcome, InstallationId};
use store::{StoredSecret, in_unit};
use zeroize::Zeroizing;

use crate::gate::{ATTEMPTS, LAG_ATTEMPTS};
use crate::{AdmitError, Digest, Fleet, Gate, Installation, context};

const NAME_LENGTH: usize = 100;

/// Begins what is signed, and the content of an envelope.
const SIGNED: &[u8] = b"signed secret 2\0";

/// How far numbers may be ahead of this installation's clock: a hundred years. A number is never so high that there is none
/// above it, whoever wrote it.
const AHEAD: u64 = 100 * 366 * 86_400 * 1_000;

/// What the signature is over: the purpose, the fleet (SHA-256 over its founder's certificate), the number (8 bytes,
/// big-endian), the name, a zero byte, the secret.
fn statement(fleet: Digest, number: u64, name: &str, secret: &[u8]) -> Zeroizing<Vec<u8>> {
    joined(&[SIGNED, fleet.as_bytes().as_slice(), &number.to_be_bytes(), name.as_bytes(), b"\0", secret])
}

fn joined(parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut whole = Zeroizing::new(Vec::with_capacity(length));
    for part in parts {
        whole.extend_from_slice(part);
    }
    whole
}

/// What an envelope holds.
struct Signed<'a> {
    number: u64,
    signer: InstallationId,
    signature: &'a [u8],
    secret: &'a [u8],
}

impl<'a> Signed<'a> {
    /// Mark, number (8 bytes, big-endian), id (16 bytes), length of the signature (4 bytes, big-endian), signature, secret.
    fn write(
        fleet: Digest,
        number: u64,
        name: &str,
        secret: &[u8],
        by: &Installation,
    ) -> Result<Zeroizing<Vec<u8>>, AdmitError> {
        let signature = by.key.sign_ps256(&statement(fleet, number, name, secret))?;
        let length = u32::try_from(signature.len()).unwrap_or(u32::MAX).to_be_bytes();
        let (number, id) = (number.to_be_bytes(), by.id());
        Ok(joined(&[SIGNED, &number, id.as_bytes().as_slice(), &length, &signature, secret]))
    }

    fn read(content: &'a [u8]) -> Option<Self> {
        let rest = content.strip_prefix(SIGNED)?;
        let (number, rest) = rest.split_first_chunk()?;
        let (id, rest) = rest.split_at_checked(16)?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (signature, secret) = rest.split_at_checked(length)?;
        let signer = InstallationId::from_slice(id)?;
        Some(Self { number: u64::from_be_bytes(*number), signer, signature, secret })
    }

    fn is_by(&self, certificate: &X509Certificate, fleet: Digest, name: &str) -> bool {
        certificate.verifies_ps256(&statement(fleet, self.number, name, self.secret), self.signature)
    }
}

impl Gate {
    /// Signs a secret, seals it to all who are in and stores it; replaces an older one. Its number is higher than that of
    /// the one that is there and of all that this installation has seen.
    pub async fn put_secret(&self, name: &str, secret: &[u8]) -> Result<(), AdmitError> {
        check_name(name)?;
        for attempt in 1..=ATTEMPTS {
            // The envelope before the log, so that its signer is known.
            let old = self.store.read().await?.secrets().find(name).await?;
            let fleet = self.fleet().await?;
            self.own(&fleet)?;
            let root = fleet.pin().fleet;
            let number = self.next_number(&fleet, name, old.as_ref())?;
            let content = Signed::write(root, number, name, secret, &self.installation)?;
            let sealed = crypto::seal::seal_bound(&context::secret(name), &content, &fleet.recipients())?;
            let now = self.clock.now();
            let stored = StoredSecret { name: name.to_owned(), sealed, sealed_at: now };
            let event = self.secret_event(name, "written");
            let is_written = in_unit!(self.store, work => {
                // Only in the place of the one that was read: no number is given twice.
                let is_written = match &old {
                    Some(old) => work.secrets().reseal(name, &old.sealed, &stored.sealed, now).await?,
                    None if work.secrets().find(name).await?.is_some() => false,
                    None => {
                        work.secrets().set(&stored).await?;
                        true
                    }
                };
                if is_written {
                    work.audit().append(&event, now).await?;
                }
                is_written
            })?;
            if !is_written {
                self.store.pause(attempt).await;
                continue;
            }
            self.seen.raise(root, name, number)?;
            // Whoever came or went between reading the log and writing has looked for secrets before this one was there.
            if self.fleet().await?.seq() != fleet.seq() {
                self.reseal().await?;
            }
            return Ok(());
        }
        Err(AdmitError::Contended)
    }

    /// Opens the secret `name`; `None` when there is none.
    ///
    /// # Errors
    /// [`crypto::CryptoError::NotARecipient`] when it is not sealed to this installation, `Tampered` when it was altered or
    /// stands in another's place; [`AdmitError::Unvouched`] when none of those who are in has written it, for this fleet and
    /// this purpose; [`AdmitError::Older`] when this installation has seen a newer one.
    pub async fn open_secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, AdmitError> {
        check_name(name)?;
        let mut attempt = 1;
        loop {
            let Some(stored) = self.store.read().await?.secrets().find(name).await? else { return Ok(None) };
            let content = self.unsealed(&stored)?;
            let fleet = self.fleet().await?;
            let root = fleet.pin().fleet;
            let signed = Signed::read(&content).filter(|signed| {
                let signer = fleet.member(signed.signer);
                self.is_plausible(signed.number)
                    && signer.is_some_and(|signer| signed.is_by(&signer.certificate, root, name))
            });
            let Some(signed) = signed else { return Err(AdmitError::Unvouched { name: name.to_owned() }) };
            match self.seen.advance(root, name, signed.number) {
                // Another program of this home may have seen a newer one since it was read.
                Err(AdmitError::Older { .. }) if attempt < LAG_ATTEMPTS => {
                    self.store.pause(attempt).await;
                    attempt += 1;
                }
                seen => return seen.map(|()| Some(Zeroizing::new(signed.secret.to_vec()))),
            }
        }
    }

    fn unsealed(&self, stored: &StoredSecret) -> Result<Zeroizing<Vec<u8>>, AdmitError> {
        let (key, certificate) = (&self.installation.key, &self.installation.certificate);
        Ok(crypto::open::open_bound(&context::secret(&stored.name), &stored.sealed, key, certificate)?)
    }

    /// Above what lies there and what was ever seen. One that a removed installation wrote counts too, as others may have
    /// seen it; what nobody of the fleet signed does not.
    fn next_number(
        &self,
        fleet: &Fleet,
        name: &str,
        there: Option<&StoredSecret>,
    ) -> Result<u64, AdmitError> {
        let root = fleet.pin().fleet;
        let content = there.and_then(|stored| self.unsealed(stored).ok());
        let stored = content.as_ref().and_then(|content| Signed::read(content)).filter(|signed| {
            let former = || fleet.former(signed.signer).map(|former| &former.member);
            let signer = fleet.member(signed.signer).or_else(former);
            self.is_plausible(signed.number)
                && signer.is_some_and(|signer| signed.is_by(&signer.certificate, root, name))
        });
        let stored = stored.map_or(0, |signed| signed.number);
        let highest = self.seen.highest(root, name)?.unwrap_or(0).max(stored);
        Ok(highest.saturating_add(1).max(self.millis()))
    }

    fn is_plausible(&self, number: u64) -> bool {
        number <= self.millis().saturating_add(AHEAD)
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.clock.now().as_millis()).unwrap_or(0)
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
