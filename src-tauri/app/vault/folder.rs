//! Files of the home that hold secrets, as they are or encrypted. They belong to one account alone; a file that others may
//! read is refused, never repaired: whoever could read it may have done so.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Keeper, VaultError};
use crate::settings::{SettingsError, write_new_private, write_private};

/// The home as a place for secrets.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn of(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Writes a file that there was none of; never replaces one.
    pub(super) fn put_new(&self, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
        Ok(write_new_private(&self.path(name), bytes)?)
    }
}

impl Keeper for Folder {
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        Ok(write_private(&self.path(name), secret)?)
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let path = self.path(name);
        let unreadable = |source| SettingsError::Unreadable { path: path.clone(), source };
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error).into()),
        };
        // Looked at is the file that was opened, not the one that has its name by now.
        let about = file.metadata().map_err(unreadable)?;
        check(&path, &about)?;
        // Room for all of it from the start, so that no outgrown buffer stays behind unwiped.
        let size = usize::try_from(about.len()).unwrap_or(0);
        let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(Some(bytes))
    }

    fn remove(&self, name: &str) -> Result<bool, VaultError> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(source) => Err(SettingsError::Unwritable { path, source }.into()),
        }
    }
}

#[cfg(unix)]
fn check(path: &Path, about: &Metadata) -> Result<(), VaultError> {
    use std::os::unix::fs::MetadataExt as _;
    if about.mode() & 0o077 != 0 {
        return Err(VaultError::Exposed { path: path.to_path_buf() });
    }
    // Root reads everything anyway, and examines the homes of services.
    let (owner, me) = (about.uid(), rustix::process::geteuid().as_raw());
    if owner != me && owner != 0 && me != 0 {
        return Err(VaultError::Foreign { path: path.to_path_buf() });
    }
    Ok(())
}

/// On other systems the folder of the profile keeps other accounts out.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "one signature on all systems")]
fn check(_: &Path, _: &Metadata) -> Result<(), VaultError> {
    Ok(())
}
