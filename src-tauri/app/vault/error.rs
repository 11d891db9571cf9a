//! Why a secret of the installation is not to be had. Every text says what to do, and none carries a secret.

use std::path::PathBuf;

use super::Place;
use crate::settings::SettingsError;
use crate::works::chain;

/// Why the vault did not give or take a secret. Nothing was changed where one of these is returned.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VaultError {
    /// The keyring does not answer.
    #[error(
        "the keyring that holds this installation's key is locked or absent: unlock it, or log in to the desktop session \
         of the account that set this installation up, and start again ({detail})"
    )]
    KeyringClosed {
        /// What the keyring said.
        detail: String,
    },
    /// The keyring answers and does not have the key.
    #[error(
        "the keyring answers, but this installation's key (`Sealwright`, `{name}`) is not in it: start with the account \
         that set this installation up, or restore its keyring from a backup; no new key was made, for what the old one \
         encrypted would be lost"
    )]
    KeyLost {
        /// Name of the keyring's entry.
        name: String,
    },
    /// The key that is kept in the place is not the one that was.
    #[error(
        "{} holds another key than the one that encrypted this installation's secrets: {expected} is needed and {found} is \
         there; restore the right one", place_in_words(*place)
    )]
    AnotherKey {
        /// Where.
        place: Place,
        /// Fingerprint of the right key.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The service was started without the credential.
    #[error(
        "this installation's secrets are encrypted under the systemd credential `{name}`, which this process was not \
         given: start it as the service whose unit says LoadCredentialEncrypted={name}, or run a command by `systemd-run \
         --pipe --property=LoadCredentialEncrypted={name}:FILE`"
    )]
    CredentialAbsent {
        /// Name of the credential.
        name: String,
    },
    /// The credential is no key.
    #[error(
        "the systemd credential `{name}` is no key: it has {size} octets; make one of 32 octets with `openssl rand 32` (or \
         of 64 hexadecimal digits with `openssl rand -hex 32`)"
    )]
    CredentialUnfit {
        /// Name of the credential.
        name: String,
        /// Octets that it has.
        size: usize,
    },
    /// The secret is given by systemd and cannot be changed from here.
    #[error("systemd gives `{name}` to this service as a credential; change it there, in the service's unit")]
    ReadOnly {
        /// Name of the secret.
        name: String,
    },
    /// The file does not hold what was written.
    #[error("{} cannot be opened: {detail}; restore it from a backup", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// Nothing says where the key of this file is kept.
    #[error(
        "{} is encrypted under the key {fingerprint}, and vault.toml beside it does not say where that key is kept; restore \
         both from one backup", path.display()
    )]
    UnknownKey {
        /// Which.
        path: PathBuf,
        /// Fingerprint of the key.
        fingerprint: String,
    },
    /// Others may read the file.
    #[cfg_attr(not(unix), expect(dead_code, reason = "elsewhere the profile's folder keeps others out"))]
    #[error("{} holds a secret and other users may read it; run `chmod 600 {}`", path.display(), path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
    },
    /// The file belongs to somebody else.
    #[cfg_attr(not(unix), expect(dead_code, reason = "elsewhere the profile's folder keeps others out"))]
    #[error(
        "{} holds a secret and belongs to another account, which can read it whatever its mode; `chown` it to the account \
         that Sealwright runs as", path.display()
    )]
    Foreign {
        /// Which.
        path: PathBuf,
    },
    /// The wish is not one of those there are.
    #[error("SEALWRIGHT_VAULT is `{0}`; it may be `keyring`, `file` or `credentials`")]
    UnknownWish(String),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] SettingsError),
    /// The cryptographic library failed.
    #[error(transparent)]
    Crypto(#[from] crypto::CryptoError),
}

fn place_in_words(place: Place) -> &'static str {
    match place {
        Place::File => "the file",
        Place::Keyring => "the keyring",
        Place::Credentials => "the systemd credential",
    }
}

impl From<VaultError> for SettingsError {
    fn from(error: VaultError) -> Self {
        if let VaultError::File(inner) = error { inner } else { Self::Unsuitable(chain(&error)) }
    }
}
