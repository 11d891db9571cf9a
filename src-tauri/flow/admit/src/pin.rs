//! What this installation has seen of the admission log, kept in its home, where who writes the database cannot reach.

use std::path::PathBuf;

use crypto::X509Certificate;
use serde::{Deserialize, Serialize};

use crate::kept::Kept;
use crate::{AdmitError, Digest, Fleet};

/// A place in the log of one fleet. A log that does not hold this entry in this place is not the one that was seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// SHA-256 over the certificate of the installation that founded the fleet.
    pub fleet: Digest,
    /// Entries seen; 0 while the fleet is trusted and nothing of its log was seen.
    pub seq: i64,
    /// Digest of the last of them; zeros for none.
    pub hash: Digest,
}

impl Pin {
    /// Trusts the fleet that this certificate founded, or is about to found.
    pub fn root(certificate: &X509Certificate) -> Self {
        Self { fleet: Digest::of(certificate.der()), seq: 0, hash: Digest::ZERO }
    }
}

/// The file of the pin. Written only ever forward.
#[derive(Clone, Debug)]
pub struct PinFile(pub(crate) Kept);

impl PinFile {
    /// The pin in this file, e.g. `admission.pin` in the home. Beside it lie what was seen of the shared secrets
    /// (`admission.seen`), a lock, and for a moment the next version of one of them.
    pub fn new(path: PathBuf) -> Self {
        Self(Kept::new(path))
    }

    /// What was seen; `None` when there is no such file.
    ///
    /// # Errors
    /// [`AdmitError::Pin`] for a file that cannot be read: a damaged pin is never taken for none.
    pub fn load(&self) -> Result<Option<Pin>, AdmitError> {
        self.0.load()
    }

    /// Remembers a log that was verified. [`AdmitError::Shortened`] when more was seen already.
    ///
    /// # Errors
    /// When what was seen by another program of this home meanwhile is another log; when the file cannot be written.
    pub fn advance(&self, fleet: &Fleet) -> Result<(), AdmitError> {
        if self.load()?.is_some_and(|seen| seen == fleet.pin()) {
            return Ok(());
        }
        let _lock = self.0.lock()?;
        match self.load()? {
            // Another program of this home has seen more since: this log is read again.
            Some(seen) if seen.seq > fleet.seq() => {
                Err(AdmitError::Shortened { seen: seen.seq, there: fleet.seq() })
            }
            Some(seen) => {
                fleet.extends(&seen)?;
                self.0.write(&fleet.pin())
            }
            None => self.0.write(&fleet.pin()),
        }
    }

    /// Trusts a fleet of which nothing was seen yet. Never replaces a pin.
    pub(crate) fn begin(&self, pin: &Pin) -> Result<(), AdmitError> {
        let _lock = self.0.lock()?;
        if self.load()?.is_none() { self.0.write(pin) } else { Ok(()) }
    }

    /// Takes `pin` away again if it is still what the file holds.
    pub(crate) fn forget(&self, pin: &Pin) -> Result<(), AdmitError> {
        let _lock = self.0.lock()?;
        if self.load()?.as_ref() == Some(pin) { self.0.remove() } else { Ok(()) }
    }

    /// Puts `pin` in the place of whatever was there, because a person said so.
    pub(crate) fn replace(&self, pin: &Pin) -> Result<(), AdmitError> {
        let _lock = self.0.lock()?;
        self.0.write(pin)
    }
}
