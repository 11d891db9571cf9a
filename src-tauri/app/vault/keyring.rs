//! The keyring of the account: Secret Service, macOS Keychain, Windows Credential Manager.
//!
//! Every call connects anew, so that a keyring that is unlocked later is found without a restart, and waits no longer than
//! a person needs to type a password. What is put here must stay small: Windows takes 2,560 octets at most.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use keyring_core::api::CredentialStoreApi as _;
use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::{Keeper, VaultError};

/// Under which our entries are found in every keyring.
const SERVICE: &str = "Sealwright";
/// How long a person may take to unlock the keyring.
const PATIENCE: Duration = Duration::from_mins(2);

/// The system's keyring.
pub(super) struct Keyring;

impl Keyring {
    /// Does something with one entry, on a thread of its own: the calls block and drive executors of their own.
    /// `None` when the keyring answers and has no such entry.
    fn ask<T: Send + 'static>(
        name: &str,
        act: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<Option<T>, VaultError> {
        let closed = |detail: String| Err(VaultError::KeyringClosed { detail });
        let (tell, told) = channel();
        let name = name.to_owned();
        let thread = std::thread::Builder::new().name("keyring".to_owned());
        let started = thread.spawn(move || {
            // Whoever asked may have given up.
            let _ = tell.send(entry(&name).and_then(|entry| act(&entry)));
        });
        if let Err(error) = started {
            return closed(error.to_string());
        }
        match told.recv_timeout(PATIENCE) {
            Ok(Ok(done)) => Ok(Some(done)),
            Ok(Err(Error::NoEntry)) => Ok(None),
            Ok(Err(error)) => closed(error.to_string()),
            Err(RecvTimeoutError::Timeout) => closed("it did not answer within two minutes".to_owned()),
            Err(RecvTimeoutError::Disconnected) => closed("asking it broke off".to_owned()),
        }
    }
}

impl Keeper for Keyring {
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        let secret = Zeroizing::new(secret.to_vec());
        let done = Self::ask(name, move |entry| entry.set_secret(&secret))?;
        done.ok_or_else(|| VaultError::KeyringClosed { detail: "it takes no entries".to_owned() })
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        Self::ask(name, |entry| entry.get_secret().map(Zeroizing::new))
    }

    fn remove(&self, name: &str) -> Result<bool, VaultError> {
        Ok(Self::ask(name, Entry::delete_credential)?.is_some())
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn entry(name: &str) -> keyring_core::Result<Entry> {
    let store: Arc<_> = zbus_secret_service_keyring_store::Store::new()?;
    let label = format!("Sealwright {name}");
    store.build(SERVICE, name, Some(&std::collections::HashMap::from([("label", label.as_str())])))
}

#[cfg(target_os = "macos")]
fn entry(name: &str) -> keyring_core::Result<Entry> {
    let store: Arc<_> = apple_native_keyring_store::keychain::Store::new()?;
    store.build(SERVICE, name, None)
}

#[cfg(windows)]
fn entry(name: &str) -> keyring_core::Result<Entry> {
    let store: Arc<_> = windows_native_keyring_store::Store::new()?;
    // This machine's alone: a roaming profile would carry the key to where its installation is not.
    store.build(SERVICE, name, Some(&std::collections::HashMap::from([("persistence", "Local")])))
}
