//! The move of a home from its embedded database to a server.
//!
//! Two databases cannot be committed at one moment. The embedded one is shut by the copy itself, so that it never goes on
//! beside the other; a file in the home remembers where it went until the settings say so too. Whenever the program dies,
//! the next start finds one database that holds everything and is in use.

use std::path::PathBuf;

use model::text::fitted;
use model::{AuditEvent, AuditKind, AuditOutcome};
use store::{Store as _, StoreError};
use store_sql::{Copied, CopyStep, Location, Options, SchemaInfo, SqlStore};

use crate::compose::ComposeError;
use crate::database::{open_at, options};
use crate::foundation::Foundation;
use crate::settings::{Home, Settings, SettingsError, write_private};
use crate::works::chain;

/// The settings as they will be, from the beginning of a copy to the end of the move.
const MARKER: &str = "sealwright.toml.moving";

/// What a move did.
pub(crate) struct Moved {
    /// What was copied; `None` when it had been copied before.
    pub copied: Option<Copied>,
    /// The old database.
    pub kept: PathBuf,
}

/// Carries everything from the embedded database of this home to an empty one at `target`, and makes the home
/// use that. `wanted` are the settings that lead there; the vault has the password already. `tell` hears how far it is and
/// answers whether to go on; in its last moment, when all rows are compared, it goes through.
///
/// # Errors
/// Before everything is on the server: then the embedded database is still open and in use as before, and the target holds
/// nothing. After it, when only the home could not be switched over: then the embedded database is shut and closed.
/// [`is_shut`] tells the two apart; doing it again, or the next start, ends the move.
pub(crate) async fn carry(
    of: &Foundation,
    target: &Location,
    wanted: &Settings,
    tell: &(dyn Fn(CopyStep) -> bool + Send + Sync),
) -> Result<Moved, ComposeError> {
    let (home, from) = (&of.home, of.store.as_ref());
    let copied = if is_shut(home).await? {
        None
    } else {
        record(of, target, AuditOutcome::Success, "").await?;
        write_marker(home, wanted)?;
        match copy(from, target, &options(wanted), tell).await {
            Ok(copied) => Some(copied),
            // Cut off in its last moment it may have come through: the database itself knows.
            Err(_) if is_shut(home).await? => None,
            Err(error) => {
                remove_marker(home)?;
                // What went wrong with the copy is the news.
                if let Err(unrecorded) = record(of, target, AuditOutcome::Failure, &chain(&error)).await {
                    tracing::warn!(error = %chain(&unrecorded), "that the move failed is not on record");
                }
                return Err(error);
            }
        }
    };
    from.close().await;
    let kept = switch(home, wanted).map_err(|error| {
        ComposeError::Unusable(format!(
            "everything is on the server, but this home could not be switched over to it: {}; once that is mended, the next \
             start of the program ends the move",
            chain(&error)
        ))
    })?;
    Ok(Moved { copied, kept })
}

/// That it was asked for is the last entry that both databases have; that it failed is written where everything stayed.
async fn record(
    of: &Foundation,
    target: &Location,
    outcome: AuditOutcome,
    why: &str,
) -> Result<(), StoreError> {
    let separator = if why.is_empty() { "" } else { ": " };
    let event = AuditEvent {
        kind: AuditKind::DatabaseMoveRequest,
        outcome,
        actor: of.actor.clone(),
        object: "database".to_owned(),
        detail: fitted(&format!("to {target}{separator}{why}"), 500),
    };
    let now = of.clock.now();
    store::in_unit!(of.store, work => { work.audit().append(&event, now).await?; })
}

/// Ends a move that was cut off between the copy and the settings. Does nothing otherwise.
pub(crate) async fn resume(home: &Home) -> Result<(), ComposeError> {
    let marker = home.path().join(MARKER);
    if !marker.exists() || !is_shut(home).await? {
        return Ok(());
    }
    let text = std::fs::read_to_string(&marker)
        .map_err(|source| SettingsError::Unreadable { path: marker.clone(), source })?;
    let wanted: Settings = toml::from_str(&text)
        .map_err(|source| SettingsError::Malformed { path: marker, source: Box::new(source) })?;
    switch(home, &wanted)?;
    tracing::info!("a move to a server that was cut off is complete");
    Ok(())
}

async fn copy(
    from: &SqlStore,
    target: &Location,
    options: &Options,
    tell: &(dyn Fn(CopyStep) -> bool + Send + Sync),
) -> Result<Copied, ComposeError> {
    let to = open_at(target, options).await?;
    let copied = from.move_to(&to, tell).await;
    to.close().await;
    Ok(copied?)
}

/// Whether the embedded database was moved away: it is shut, or put aside already.
pub(crate) async fn is_shut(home: &Home) -> Result<bool, ComposeError> {
    if !home.database().exists() {
        return Ok(home.path().join(MARKER).exists());
    }
    let options = Options { connections: 1, ..Options::default() };
    let store = SqlStore::connect(&Location::Sqlite(home.database()), &options).await?;
    let schema = store.schema().await;
    store.close().await;
    Ok(schema?.version >= SchemaInfo::MOVED_AWAY)
}

/// Writes the settings that lead to the server, and puts the old file aside. Safe to repeat.
fn switch(home: &Home, wanted: &Settings) -> Result<PathBuf, ComposeError> {
    wanted.save(home)?;
    let old = home.database();
    let kept = home.path().join("sealwright.db.moved");
    // The log of a database that somebody else still has open belongs to it, and may be where it says that it is shut: it
    // goes last, so that the file never stays behind without it.
    for suffix in ["", "-wal"] {
        let with = |path: &PathBuf| PathBuf::from(format!("{}{suffix}", path.display()));
        let (from, to) = (with(&old), with(&kept));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|source| SettingsError::Unwritable { path: to, source })?;
        }
    }
    remove_marker(home)?;
    Ok(kept)
}

fn write_marker(home: &Home, wanted: &Settings) -> Result<(), ComposeError> {
    let text = toml::to_string_pretty(wanted)
        .map_err(|error| ComposeError::Unusable(format!("the settings cannot be written: {error}")))?;
    Ok(write_private(&home.path().join(MARKER), text.as_bytes())?)
}

fn remove_marker(home: &Home) -> Result<(), ComposeError> {
    let path = home.path().join(MARKER);
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(SettingsError::Unwritable { path, source }.into())
        }
        _ => Ok(()),
    }
}
