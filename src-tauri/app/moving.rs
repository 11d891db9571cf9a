//! The move of a home from its embedded database to a server.

use std::path::PathBuf;

use store_sql::{Copied, CopyStep, Location, Options, SqlStore};

use crate::compose::ComposeError;
use crate::settings::{Home, Settings, SettingsError};

/// Copies everything; afterwards the embedded database is shut.
pub(crate) async fn copy(
    from: &SqlStore,
    target: &Location,
    options: &Options,
    tell: &(dyn Fn(CopyStep) + Send + Sync),
) -> Result<Copied, ComposeError> {
    let to = SqlStore::open(target, options).await?;
    let copied = from.move_to(&to, tell).await;
    to.close().await;
    from.close().await;
    Ok(copied?)
}

/// Writes the settings that lead to the server, and puts the old file aside.
pub(crate) fn switch(home: &Home, settings: &Settings) -> Result<PathBuf, ComposeError> {
    settings.save(home)?;
    let (old, kept) = (home.database(), home.path().join("sealwright.db.moved"));
    std::fs::rename(&old, &kept)
        .map_err(|source| SettingsError::Unwritable { path: kept.clone(), source })?;
    Ok(kept)
}
