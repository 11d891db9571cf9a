//! The vault of an installation: where its own secrets rest.
//!
//! ```text
//!   secret ──► file of the home, mode 0600 ──── as it is                     place "file"
//!                                          └─── encrypted under one key      place "keyring" or "credentials"
//!                                                       └─► the system's keyring, or a systemd credential
//! ```
//!
//! A systemd credential that bears a secret's own name comes before its file. Where the wrapping key is kept was decided
//! once and is written in `vault.toml`; when that place does not answer, this says so. It never makes a new key in its
//! stead, never falls back to another place, and never removes a key: what was encrypted under it would be lost.

mod credentials;
mod error;
mod folder;
mod keyring;
mod login;
mod moving;
mod record;
mod surroundings;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use self::tests::with_a_ring;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crypto::WrappingKey;
use crypto::wrap::{MARK, fingerprint_of, is_wrapped};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use self::credentials::WRAPPING_KEY;
pub(crate) use self::error::VaultError;
use self::folder::Folder;
pub(crate) use self::login::VaultPassword;
pub(crate) use self::moving::Moved;
use self::record::{KeyRecord, Record};
pub use self::surroundings::InstallationSettings;
use self::surroundings::Surroundings;
use crate::settings::Home;

/// Name of a secret: of its file in the home, and of the systemd credential that may stand in for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct SecretName(&'static str);

impl SecretName {
    /// The private half of the installation's key pair (PKCS#8).
    pub(crate) const INSTALLATION_KEY: Self = Self("installation.key");
    /// The password of the account at the database server.
    pub(crate) const DATABASE_PASSWORD: Self = Self("database-password");
    /// What the tenant's application signs in with: its secret, its certificate with the key, or what opens those.
    pub(crate) const TENANT_CREDENTIAL: Self = Self("tenant-credential");
    /// All of them, so that none is forgotten when they move.
    pub(crate) const ALL: [Self; 3] =
        [Self::INSTALLATION_KEY, Self::DATABASE_PASSWORD, Self::TENANT_CREDENTIAL];

    /// What a wrapped secret is good for. Part of the stored format: other words make old files unreadable.
    fn purpose(self) -> String {
        format!("the secret `{}` of an installation", self.0)
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Where secrets rest, or the key that encrypts them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In files that only their owner may read.
    #[default]
    File,
    /// In files, encrypted; their key is in the keyring of the account.
    Keyring,
    /// In files, encrypted; systemd hands their key to the service.
    Credentials,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Keyring => "keyring",
            Self::Credentials => "credentials",
        })
    }
}

/// Something that keeps small secrets by name. Calls may block, for as long as a person needs to unlock it.
trait Keeper: Send + Sync {
    /// Keeps a secret in place of an earlier one of this name.
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), VaultError>;
    /// The secret; `None` when the keeper answers and has none of this name.
    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError>;
    /// Forgets a secret. Returns whether there was one.
    fn remove(&self, name: &str) -> Result<bool, VaultError>;
}

/// The secrets of one installation. Keys that were asked for once are remembered, for the process holds what they
/// protect anyway.
pub(crate) struct Vault {
    home: Home,
    folder: Folder,
    record: Record,
    surroundings: Surroundings,
    keys: Mutex<BTreeMap<String, Arc<WrappingKey>>>,
}

impl Vault {
    /// The vault of a home, as it was set up. Asks nobody for a key yet.
    ///
    /// # Errors
    /// When `vault.toml` cannot be read.
    pub(crate) fn open(home: &Home) -> Result<Self, VaultError> {
        Self::open_in(home, Surroundings::of_this_process(home))
    }

    fn open_in(home: &Home, surroundings: Surroundings) -> Result<Self, VaultError> {
        let record = Record::load(home)?.unwrap_or_default();
        Ok(Self::with(home, record, surroundings))
    }

    fn with(home: &Home, record: Record, surroundings: Surroundings) -> Self {
        let folder = Folder::of(home.path());
        Self { home: home.clone(), folder, record, surroundings, keys: Mutex::default() }
    }

    /// The vault of a home, set up now unless it is already: in the place that environment or settings ask for, or else
    /// with systemd when it hands over a key, in the keyring when there is one that works, in files otherwise.
    ///
    /// # Errors
    /// When the place that was asked for does not work.
    pub(crate) fn found(home: &Home) -> Result<Self, VaultError> {
        Self::found_in(home, Surroundings::of_this_process(home))
    }

    fn found_in(home: &Home, surroundings: Surroundings) -> Result<Self, VaultError> {
        let mut vault = Self::open_in(home, surroundings)?;
        // A home of an earlier release keeps its files as they are until somebody moves them.
        if Record::exists(home) || SecretName::ALL.iter().any(|name| vault.folder.has(name.0)) {
            return Ok(vault);
        }
        let chosen = match vault.surroundings.wish()? {
            Some(place) => vault.make_key(place).map(|key| (place, key))?,
            None => vault.choose()?,
        };
        vault.record = Record { keep_in: chosen.0, keys: chosen.1.into_iter().collect() };
        if vault.record.save_new(home)? {
            return Ok(vault);
        }
        // Another process was faster; its choice holds.
        Self::open_in(home, vault.surroundings)
    }

    fn choose(&self) -> Result<(Place, Option<KeyRecord>), VaultError> {
        if self.surroundings.credentials.has(WRAPPING_KEY) {
            return Ok((Place::Credentials, self.make_key(Place::Credentials)?));
        }
        match self.make_key(Place::Keyring) {
            Ok(key) => Ok((Place::Keyring, key)),
            Err(VaultError::KeyringClosed { detail }) => {
                tracing::info!(detail, "no keyring can be used here; secrets go into files of mode 0600");
                Ok((Place::File, None))
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a wrapping key in a place, or takes the one that is given there, and proves that it comes back.
    fn make_key(&self, place: Place) -> Result<Option<KeyRecord>, VaultError> {
        let made = match place {
            Place::File => return Ok(None),
            Place::Credentials => {
                let key = self.surroundings.credentials.wrapping_key()?;
                KeyRecord::new(Place::Credentials, &key, WRAPPING_KEY.to_owned())
            }
            Place::Keyring => {
                let key = WrappingKey::generate()?;
                let name = format!("wrapping key {}", &key.fingerprint()[..16]);
                self.surroundings.keyring.put(&name, key.expose())?;
                KeyRecord::new(Place::Keyring, &key, name)
            }
        };
        self.fetch(&made)?;
        Ok(Some(made))
    }

    /// Keeps a secret in place of an earlier one.
    ///
    /// # Errors
    /// When systemd gives this secret, when the wrapping key is not to be had, or the file cannot be written.
    pub(crate) fn put(&self, name: SecretName, secret: &[u8]) -> Result<(), VaultError> {
        self.refuse_given(name)?;
        self.folder.put(name.0, &self.encoded(name, secret)?)
    }

    /// Keeps a secret that there was none of; never replaces one.
    ///
    /// # Errors
    /// As [`Self::put`], and when there is one already.
    pub(crate) fn put_new(&self, name: SecretName, secret: &[u8]) -> Result<(), VaultError> {
        self.refuse_given(name)?;
        self.folder.put_new(name.0, &self.encoded(name, secret)?)
    }

    /// The secret; `None` when this installation has none of this name. May block while a person unlocks the keyring.
    ///
    /// # Errors
    /// When the file is damaged or others may read it, and when its wrapping key is locked away, lost, or another one.
    pub(crate) fn read(&self, name: SecretName) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        if let Some(given) = self.surroundings.credentials.read(name.0)? {
            return Ok(Some(given));
        }
        self.read_file(name)
    }

    /// Forgets a secret. Returns whether there was one.
    ///
    /// # Errors
    /// When systemd gives this secret, or the file cannot be removed.
    pub(crate) fn remove(&self, name: SecretName) -> Result<bool, VaultError> {
        self.refuse_given(name)?;
        self.folder.remove(name.0)
    }

    /// Whether this installation has a secret of this name. Opens nothing.
    pub(crate) fn has(&self, name: SecretName) -> bool {
        self.surroundings.credentials.has(name.0) || self.folder.has(name.0)
    }

    /// Keeps what a person's sign-in goes on with: in the keyring itself, and nowhere else. `false` where this installation has
    /// no keyring; then nothing is kept.
    ///
    /// # Errors
    /// When the keyring is locked.
    pub(crate) fn keep_sign_in(&self, name: &str, secret: &[u8]) -> Result<bool, VaultError> {
        if self.record.keep_in != Place::Keyring {
            return Ok(false);
        }
        self.surroundings.keyring.put(name, secret)?;
        Ok(true)
    }

    /// What was kept of a sign-in; `None` where nobody is signed in, or there is no keyring.
    ///
    /// # Errors
    /// When the keyring is locked.
    pub(crate) fn read_sign_in(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        if self.record.keep_in != Place::Keyring {
            return Ok(None);
        }
        self.surroundings.keyring.read(name)
    }

    /// Forgets a sign-in. Returns whether there was one.
    ///
    /// # Errors
    /// When the keyring is locked.
    pub(crate) fn forget_sign_in(&self, name: &str) -> Result<bool, VaultError> {
        if self.record.keep_in != Place::Keyring {
            return Ok(false);
        }
        self.surroundings.keyring.remove(name)
    }

    /// Where new secrets rest.
    pub(crate) fn place(&self) -> Place {
        self.record.keep_in
    }

    /// How a secret rests, for people; `None` when there is none.
    pub(crate) fn describe(&self, name: SecretName) -> Option<&'static str> {
        if self.surroundings.credentials.has(name.0) {
            return Some("given to this service as a systemd credential");
        }
        let bytes = self.folder.read(name.0).ok().flatten()?;
        if !is_wrapped(&bytes) {
            return Some("in a file that only its owner may read");
        }
        let place = fingerprint_of(&bytes).ok().and_then(|print| Some(self.record.key(&print)?.kept_in));
        Some(match place {
            Some(Place::Keyring) => "in an encrypted file, its key in the keyring of this account",
            Some(Place::Credentials) => "in an encrypted file, its key a systemd credential",
            Some(Place::File) | None => "in an encrypted file",
        })
    }

    /// What an administrator should know about how secrets rest here; `None` when all is as it should be.
    pub(crate) fn advice(&self) -> Option<String> {
        let plain: Vec<String> = SecretName::ALL
            .into_iter()
            .filter(|name| self.folder.read(name.0).is_ok_and(|read| read.is_some_and(|b| !is_wrapped(&b))))
            .map(|name| name.to_string())
            .collect();
        if plain.is_empty() {
            return None;
        }
        let (plain, home) = (plain.join(" and "), self.home.path().display());
        let wished = self.surroundings.wish().ok().flatten();
        Some(match (self.record.keep_in, wished) {
            (Place::File, None | Some(Place::File)) => format!(
                "{plain} in {home}: whoever can read the file, or a backup of it, has the secret; `sealwright installation \
                 protect` encrypts it under a key in the system's keyring or a systemd credential"
            ),
            (Place::File, Some(place)) => format!(
                "the settings ask for the place \"{place}\", and {plain} in {home} is still a plain file; run `sealwright \
                 installation protect`"
            ),
            (Place::Keyring | Place::Credentials, _) => format!(
                "{plain} in {home} is not encrypted, though secrets of this installation are; run `sealwright installation \
                 protect` again"
            ),
        })
    }

    fn refuse_given(&self, name: SecretName) -> Result<(), VaultError> {
        if self.surroundings.credentials.has(name.0) {
            return Err(VaultError::ReadOnly { name: name.0.to_owned() });
        }
        Ok(())
    }

    fn read_file(&self, name: SecretName) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let Some(bytes) = self.folder.read(name.0)? else { return Ok(None) };
        let damaged = |detail: String| VaultError::Damaged { path: self.folder.path(name.0), detail };
        if MARK.starts_with(&bytes) {
            return Err(damaged("it is cut short".to_owned()));
        }
        if !is_wrapped(&bytes) {
            return Ok(Some(bytes));
        }
        let print = fingerprint_of(&bytes).map_err(|error| damaged(error.to_string()))?;
        let key = self.key(&print, name)?;
        match key.unwrap(&name.purpose(), &bytes) {
            Ok(secret) => Ok(Some(secret)),
            Err(crypto::CryptoError::Tampered) => {
                Err(damaged("it was altered or cut short, or is the file of another secret".to_owned()))
            }
            Err(error) => Err(damaged(error.to_string())),
        }
    }

    /// A secret as its file holds it.
    fn encoded(&self, name: SecretName, secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let Some(current) = self.record.current() else {
            return Ok(Zeroizing::new(secret.to_vec()));
        };
        let key = self.key(&current.fingerprint, name)?;
        Ok(Zeroizing::new(key.wrap(&name.purpose(), secret)?))
    }

    /// The wrapping key with this fingerprint.
    fn key(&self, print: &str, name: SecretName) -> Result<Arc<WrappingKey>, VaultError> {
        if let Some(key) = self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(print) {
            return Ok(Arc::clone(key));
        }
        let record = self.record.key(print).ok_or_else(|| VaultError::UnknownKey {
            path: self.folder.path(name.0),
            fingerprint: print.to_owned(),
        })?;
        self.fetch(record)
    }

    /// Asks the place for a key, checks that it is the right one, and remembers it.
    fn fetch(&self, record: &KeyRecord) -> Result<Arc<WrappingKey>, VaultError> {
        let key = match record.kept_in {
            Place::Credentials => self.surroundings.credentials.wrapping_key()?,
            Place::Keyring | Place::File => {
                let lost = || VaultError::KeyLost { name: record.name.clone() };
                let bytes = self.surroundings.keyring.read(&record.name)?.ok_or_else(lost)?;
                WrappingKey::from_bytes(&bytes).map_err(|_| record.another("something else"))?
            }
        };
        if key.fingerprint() != record.fingerprint {
            return Err(record.another(&key.fingerprint()));
        }
        let key = Arc::new(key);
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(record.fingerprint.clone(), Arc::clone(&key));
        Ok(key)
    }
}
