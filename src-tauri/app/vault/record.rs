//! `vault.toml`: where this installation keeps its secrets, and which keys encrypt them. It holds no secret itself. Keys
//! that are not used any more stay in the list, so that a file out of a backup still opens.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crypto::WrappingKey;
use serde::{Deserialize, Serialize};

use super::{Place, VaultError};
use crate::settings::{Home, SettingsError, write_new_private, write_private};

const FILE: &str = "vault.toml";
const HEADING: &str = "# Where this installation keeps its secrets. Written by `sealwright init` and `sealwright installation \
                       protect`;\n# without it, encrypted secrets beside it cannot be opened.\n\n";

/// The file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Record {
    /// Where new secrets rest.
    pub(super) keep_in: Place,
    /// Wrapping keys, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) keys: Vec<KeyRecord>,
}

/// A wrapping key, and where to ask for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct KeyRecord {
    /// Where it is kept.
    pub(super) kept_in: Place,
    /// Its name there.
    pub(super) name: String,
    /// What tells it from others.
    pub(super) fingerprint: String,
}

impl KeyRecord {
    pub(super) fn new(kept_in: Place, key: &WrappingKey, name: String) -> Self {
        Self { kept_in, name, fingerprint: key.fingerprint() }
    }

    /// The place gave something else than this key.
    pub(super) fn another(&self, found: &str) -> VaultError {
        VaultError::AnotherKey {
            place: self.kept_in,
            expected: self.fingerprint.clone(),
            found: found.to_owned(),
        }
    }
}

impl Record {
    pub(super) fn exists(home: &Home) -> bool {
        file(home).exists()
    }

    /// The record of a home; `None` in one that never decided, which keeps its secrets in files.
    pub(super) fn load(home: &Home) -> Result<Option<Self>, VaultError> {
        let path = file(home);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(
                toml::from_str(&text)
                    .map_err(|source| SettingsError::Malformed { path, source: Box::new(source) })?,
            )),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(SettingsError::Unreadable { path, source }.into()),
        }
    }

    /// Writes the first record of a home. `false` when there is one by now.
    pub(super) fn save_new(&self, home: &Home) -> Result<bool, VaultError> {
        match write_new_private(&file(home), self.text()?.as_bytes()) {
            Ok(()) => Ok(true),
            Err(_) if Self::exists(home) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the record in place of an earlier one.
    pub(super) fn save(&self, home: &Home) -> Result<(), VaultError> {
        Ok(write_private(&file(home), self.text()?.as_bytes())?)
    }

    fn text(&self) -> Result<String, VaultError> {
        let text = toml::to_string_pretty(self)
            .map_err(|error| SettingsError::Unsuitable(format!("{FILE} cannot be written: {error}")))?;
        Ok(format!("{HEADING}{text}"))
    }

    /// The key under which secrets are encrypted now; `None` where they rest in plain files.
    pub(super) fn current(&self) -> Option<&KeyRecord> {
        let place = (self.keep_in != Place::File).then_some(self.keep_in)?;
        self.keys.iter().rev().find(|key| key.kept_in == place)
    }

    /// The key with this fingerprint.
    pub(super) fn key(&self, fingerprint: &str) -> Option<&KeyRecord> {
        self.keys.iter().find(|key| key.fingerprint == fingerprint)
    }
}

fn file(home: &Home) -> PathBuf {
    home.resolve(Path::new(FILE))
}
