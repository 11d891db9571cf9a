//! A file of the home in which an installation keeps what it has seen, where who writes the database cannot reach.
//!
//! Written atomically, durably and for the owner alone, under a lock that all programs of this home respect. The files that
//! lie beside each other and differ only in their extension share one lock: nobody takes it twice.

use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::AdmitError;

/// Such a file.
#[derive(Clone, Debug)]
pub struct Kept(PathBuf);

impl Kept {
    /// The file at this path, whether it is there or not.
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The file beside this one with another extension.
    pub(crate) fn beside(&self, extension: &str) -> Self {
        Self(self.0.with_extension(extension))
    }

    /// What the file holds; `None` when there is no such file.
    ///
    /// # Errors
    /// [`AdmitError::Pin`] for a file that cannot be read: a damaged one is never taken for none.
    pub fn load<T: DeserializeOwned>(&self) -> Result<Option<T>, AdmitError> {
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

    /// Held until the value goes, by the end of the process at the latest.
    ///
    /// # Errors
    /// [`AdmitError::Pin`] when the home cannot be written.
    pub fn lock(&self) -> Result<File, AdmitError> {
        let file = private()
            .truncate(false)
            .open(self.0.with_extension("lock"))
            .map_err(|error| self.failed(&error))?;
        file.lock().map_err(|error| self.failed(&error))?;
        Ok(file)
    }

    /// Puts this in the place of whatever was there. The caller holds the lock.
    ///
    /// # Errors
    /// [`AdmitError::Pin`] when the home cannot be written; what was there before stays.
    pub fn write<T: Serialize>(&self, value: &T) -> Result<(), AdmitError> {
        let next = self.0.with_extension("next");
        let write = || {
            // One that was left behind has the mode of whoever made it.
            if let Err(error) = fs::remove_file(&next)
                && error.kind() != ErrorKind::NotFound
            {
                return Err(error);
            }
            let mut file = private().truncate(true).open(&next)?;
            file.write_all(&serde_json::to_vec(value)?)?;
            file.sync_all()?;
            fs::rename(&next, &self.0)?;
            sync_folder(&self.0)
        };
        write().map_err(|error: std::io::Error| self.failed(&error))
    }

    /// Takes the file away, if there is one. The caller holds the lock.
    ///
    /// # Errors
    /// [`AdmitError::Pin`] when the home cannot be written.
    pub fn remove(&self) -> Result<(), AdmitError> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(self.failed(&error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, why: &dyn Display) -> AdmitError {
        AdmitError::Pin { path: self.0.clone(), why: why.to_string() }
    }
}

/// To be written, and made for the owner alone where it is not there yet.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
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
