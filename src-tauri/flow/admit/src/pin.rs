//! What this installation has seen of the admission log, kept in its home, where who writes the database cannot reach.

use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crypto::X509Certificate;
use serde::{Deserialize, Serialize};

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

/// The file of the pin. Written atomically and only ever forward, under a lock that all programs of this home respect.
#[derive(Clone, Debug)]
pub struct PinFile(PathBuf);

impl PinFile {
    /// The pin in this file, e.g. `admission.pin` in the home. Beside it lie a lock and, for a moment, the next version.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// What was seen; `None` when there is no such file.
    ///
    /// # Errors
    /// [`AdmitError::Pin`] for a file that cannot be read: a damaged pin is never taken for none.
    pub fn load(&self) -> Result<Option<Pin>, AdmitError> {
        let text = match fs::read(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(&error)),
        };
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            self.failed(&format!(
                "it does not hold what this installation has seen ({error}); restore it from a backup of this home"
            ))
        })
    }

    /// Remembers a log that was verified. [`AdmitError::Shortened`] when more was seen already.
    ///
    /// # Errors
    /// When what was seen by another program of this home meanwhile is another log; when the file cannot be written.
    pub fn advance(&self, fleet: &Fleet) -> Result<(), AdmitError> {
        if self.load()?.is_some_and(|seen| seen == fleet.pin()) {
            return Ok(());
        }
        let _lock = self.lock()?;
        match self.load()? {
            // Another program of this home has seen more since: this log is read again.
            Some(seen) if seen.seq > fleet.seq() => {
                Err(AdmitError::Shortened { seen: seen.seq, there: fleet.seq() })
            }
            Some(seen) => {
                fleet.extends(&seen)?;
                self.write(&fleet.pin())
            }
            None => self.write(&fleet.pin()),
        }
    }

    /// Trusts a fleet of which nothing was seen yet. Never replaces a pin.
    pub(crate) fn begin(&self, pin: &Pin) -> Result<(), AdmitError> {
        let _lock = self.lock()?;
        if self.load()?.is_none() { self.write(pin) } else { Ok(()) }
    }

    /// Takes `pin` away again if it is still what the file holds.
    pub(crate) fn forget(&self, pin: &Pin) -> Result<(), AdmitError> {
        let _lock = self.lock()?;
        if self.load()?.as_ref() == Some(pin) {
            fs::remove_file(&self.0).map_err(|error| self.failed(&error))?;
        }
        Ok(())
    }

    /// Puts `pin` in the place of whatever was there, because a person said so.
    pub(crate) fn replace(&self, pin: &Pin) -> Result<(), AdmitError> {
        let _lock = self.lock()?;
        self.write(pin)
    }

    fn lock(&self) -> Result<File, AdmitError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.0.with_extension("lock"))
            .map_err(|error| self.failed(&error))?;
        // Released when the file is closed, by the end of the process at the latest.
        file.lock().map_err(|error| self.failed(&error))?;
        Ok(file)
    }

    fn write(&self, pin: &Pin) -> Result<(), AdmitError> {
        let next = self.0.with_extension("next");
        let write = || {
            let mut file = File::create(&next)?;
            file.write_all(&serde_json::to_vec(pin)?)?;
            file.sync_all()?;
            fs::rename(&next, &self.0)?;
            sync_folder(&self.0)
        };
        write().map_err(|error: std::io::Error| self.failed(&error))
    }

    fn failed(&self, why: &dyn Display) -> AdmitError {
        AdmitError::Pin { path: self.0.clone(), why: why.to_string() }
    }
}

/// Makes the renaming itself durable, where folders can be told to.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
