//! What the vault promises, with a keyring that a test can lock, empty and exchange.

mod damage;
mod desktop;
mod founding;
mod moves;
mod password;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use zeroize::Zeroizing;

use super::credentials::{Credentials, WRAPPING_KEY};
use super::surroundings::Surroundings;
use super::{Keeper, Place, SecretName, Vault, VaultError};
use crate::settings::{FILE, Home};

const KEY: SecretName = SecretName::INSTALLATION_KEY;
const PASSWORD: SecretName = SecretName::DATABASE_PASSWORD;
const SECRET: &[u8] = b"a key that nobody may see";

/// A keyring in memory.
#[derive(Default)]
struct Ring {
    entries: Mutex<BTreeMap<String, Vec<u8>>>,
    locked: AtomicBool,
}

impl Ring {
    fn lock(&self, locked: bool) {
        self.locked.store(locked, Ordering::SeqCst);
    }

    fn len(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    fn open(&self) -> Result<(), VaultError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(VaultError::KeyringClosed { detail: "no session bus".to_owned() });
        }
        Ok(())
    }
}

impl Keeper for Ring {
    fn put(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        self.open()?;
        self.entries.lock().unwrap().insert(name.to_owned(), secret.to_vec());
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.open()?;
        Ok(self.entries.lock().unwrap().get(name).cloned().map(Zeroizing::new))
    }

    fn remove(&self, name: &str) -> Result<bool, VaultError> {
        self.open()?;
        Ok(self.entries.lock().unwrap().remove(name).is_some())
    }
}

/// The vault of a home with such a keyring.
pub(crate) fn with_a_ring(home: &Home) -> Vault {
    let surroundings = Surroundings {
        credentials: Credentials::of(None),
        keyring: Arc::new(Ring::default()),
        asked: None,
        settings: home.resolve(Path::new(FILE)),
    };
    let record = super::record::Record { keep_in: Place::Keyring, ..Default::default() };
    Vault::with(home, record, surroundings)
}

/// A home, a keyring, and a folder of credentials.
struct World {
    folder: TempDir,
    ring: Arc<Ring>,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: TempDir::new().unwrap(), ring: Arc::default() };
        world.home().create().unwrap();
        world
    }

    /// One with the wrapping key among its credentials.
    fn with_credential(bytes: &[u8]) -> Self {
        let world = Self::new();
        world.give(WRAPPING_KEY, bytes);
        world
    }

    fn give(&self, name: &str, bytes: &[u8]) {
        fs::create_dir_all(self.folder.path().join("credentials")).unwrap();
        fs::write(self.folder.path().join("credentials").join(name), bytes).unwrap();
    }

    fn home(&self) -> Home {
        Home::find(Some(self.folder.path().join("home"))).unwrap()
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.home().path().join(name)
    }

    fn surroundings(&self, asked: Option<&str>) -> Surroundings {
        let credentials = self.folder.path().join("credentials");
        Surroundings {
            credentials: Credentials::of(credentials.exists().then_some(credentials)),
            keyring: Arc::clone(&self.ring) as Arc<dyn Keeper>,
            asked: asked.map(Into::into),
            settings: self.home().resolve(Path::new(FILE)),
        }
    }

    /// As another start of the program finds it.
    fn vault(&self) -> Vault {
        Vault::open_in(&self.home(), self.surroundings(None)).unwrap()
    }

    fn found(&self, asked: Option<&str>) -> Result<Vault, VaultError> {
        Vault::found_in(&self.home(), self.surroundings(asked))
    }

    /// A home whose secrets are in `place`.
    fn settled(place: Place) -> Self {
        let world = if place == Place::Credentials { Self::with_credential(&[7; 32]) } else { Self::new() };
        let vault = world.found(Some(&place.to_string())).unwrap();
        vault.put_new(KEY, SECRET).unwrap();
        vault.put(PASSWORD, b"s3cr3t").unwrap();
        world
    }

    /// Every file of the home with its bytes.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(self.home().path()).unwrap();
        files
            .map(|file| {
                let file = file.unwrap();
                (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())
            })
            .collect()
    }

    fn refusal(&self, name: SecretName) -> VaultError {
        let before = self.files();
        let error = self.vault().read(name).unwrap_err();
        assert_eq!(self.files(), before, "a refusal changes nothing");
        error
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
