//! Replaces a file as a whole: a reader finds the old list or the new one, never half of either.

use std::io;
use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::io::AsyncWriteExt as _;

/// Writes `bytes` beside `path` and renames the result onto it. `tag` keeps writers apart.
pub(super) async fn replace(path: &Path, bytes: &[u8], tag: &str) -> io::Result<()> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no file"));
    };
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{tag}.part"));
    let temporary = path.with_file_name(temporary);
    let written = write_through(&temporary, bytes).await;
    let outcome = match written {
        Ok(()) => fs::rename(&temporary, path).await,
        Err(error) => Err(error),
    };
    if outcome.is_err() {
        discard(temporary).await;
    }
    outcome
}

async fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create(path).await?;
    file.write_all(bytes).await?;
    file.sync_all().await
}

/// What is left of a failed write; it may never have been made.
async fn discard(path: PathBuf) {
    if let Err(error) = fs::remove_file(&path).await
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(file = %path.display(), %error, "a temporary file stays behind");
    }
}
