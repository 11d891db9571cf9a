//! Moves the secrets of an installation to another place: out of plain files under a key of the keyring, from there to a
//! systemd credential, or back.
//!
//! Whatever happens in between, every secret can be opened at every moment: first the new key is proven, then `vault.toml`
//! names both, then one file after the other is exchanged as a whole. Keys that were used before are never removed. What a
//! plain file held may still be found in backups, and on the disk below the file system.

use zeroize::Zeroizing;

use super::record::{KeyRecord, Record};
use super::{Keeper as _, Place, SecretName, Vault, VaultError};

/// A secret in clear.
type Opened = (SecretName, Zeroizing<Vec<u8>>);

/// What a move did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Moved {
    /// Where secrets rest now.
    pub(crate) place: Place,
    /// Those whose files were written anew.
    pub(crate) secrets: Vec<SecretName>,
}

impl Vault {
    /// Moves all secrets to `place`. Safe to repeat; a move that was broken off is brought to its end.
    ///
    /// # Errors
    /// When a secret cannot be opened, or the place does not work. Then nothing was changed, or so little that everything
    /// can still be opened and the move be repeated.
    pub(crate) fn move_to(&mut self, place: Place) -> Result<Moved, VaultError> {
        let secrets = self.opened()?;
        let mut record = self.record.clone();
        record.keep_in = place;
        if place != Place::File {
            let key = self.key_for(place)?;
            record.keys.retain(|known| *known != key);
            record.keys.push(key);
        }
        if record != self.record || !Record::exists(&self.home) {
            record.save(&self.home)?;
            self.record = record;
        }
        let mut moved = Moved { place, secrets: Vec::new() };
        let current = self.record.current().map(|key| key.fingerprint.clone());
        for (name, secret) in secrets {
            if self.rests_under(name)? == current {
                continue;
            }
            let encoded = self.encoded(name, &secret)?;
            self.folder.put(name.0, &encoded)?;
            moved.secrets.push(name);
        }
        Ok(moved)
    }

    /// The secrets that have files here, opened.
    fn opened(&self) -> Result<Vec<Opened>, VaultError> {
        let mut secrets = Vec::new();
        for name in SecretName::ALL {
            if let Some(secret) = self.read_file(name)? {
                secrets.push((name, secret));
            }
        }
        Ok(secrets)
    }

    /// The key of a place that is used already, if the place still has it; a new one otherwise.
    fn key_for(&self, place: Place) -> Result<KeyRecord, VaultError> {
        let known = self.record.keys.iter().rev().find(|key| key.kept_in == place);
        if let Some(known) = known {
            match self.fetch(known) {
                Ok(_) => return Ok(known.clone()),
                // All secrets were opened without it, so it may be succeeded by another.
                Err(VaultError::KeyLost { .. } | VaultError::AnotherKey { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        self.make_key(place)?.ok_or_else(|| VaultError::UnknownWish(place.to_string()))
    }

    /// Fingerprint of the key that encrypts a secret's file; `None` for a plain one.
    fn rests_under(&self, name: SecretName) -> Result<Option<String>, VaultError> {
        let bytes = self.folder.read(name.0)?;
        Ok(bytes.and_then(|bytes| crypto::wrap::fingerprint_of(&bytes).ok()))
    }
}
