//! What the machine offers this process, and what was asked of it. The one place here that reads the environment.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::credentials::Credentials;
use super::keyring::Keyring;
use super::{Keeper, Place, VaultError};
use crate::settings::{FILE, Home, SettingsError};

/// The section `[installation]` of the settings file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InstallationSettings {
    /// Where a new home keeps its secrets; absent: in the keyring when there is one that works. Homes that exist are moved
    /// by `sealwright installation protect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<Place>,
}

/// The settings file as far as it matters here: a home is founded before its other settings are complete.
#[derive(Deserialize)]
struct Section {
    #[serde(default)]
    installation: InstallationSettings,
}

/// What is around a vault.
pub(super) struct Surroundings {
    pub(super) credentials: Credentials,
    pub(super) keyring: Arc<dyn Keeper>,
    /// `SEALWRIGHT_VAULT`.
    pub(super) asked: Option<OsString>,
    /// The settings file, for what it says of new homes.
    pub(super) settings: PathBuf,
}

impl Surroundings {
    #[expect(
        clippy::disallowed_methods,
        reason = "a service is told by its environment where its credentials are"
    )]
    pub(super) fn of_this_process(home: &Home) -> Self {
        Self {
            credentials: Credentials::of(std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from)),
            keyring: Arc::new(Keyring),
            asked: std::env::var_os("SEALWRIGHT_VAULT").filter(|asked| !asked.is_empty()),
            settings: home.resolve(Path::new(FILE)),
        }
    }

    /// Where environment or settings want the secrets of a new home.
    pub(super) fn wish(&self) -> Result<Option<Place>, VaultError> {
        if let Some(asked) = &self.asked {
            let unknown = || VaultError::UnknownWish(asked.to_string_lossy().into_owned());
            return match asked.to_str() {
                Some("keyring") => Ok(Some(Place::Keyring)),
                Some("file") => Ok(Some(Place::File)),
                Some("credentials") => Ok(Some(Place::Credentials)),
                Some(_) | None => Err(unknown()),
            };
        }
        let Ok(text) = fs::read_to_string(&self.settings) else { return Ok(None) };
        let section: Section = toml::from_str(&text).map_err(|source| SettingsError::Malformed {
            path: self.settings.clone(),
            source: Box::new(source),
        })?;
        Ok(section.installation.vault)
    }
}
