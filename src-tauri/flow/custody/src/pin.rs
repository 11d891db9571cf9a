//! What this home has seen of the set, where who writes the database cannot reach: `kra-set.pin`. Beside it, in
//! `kra-set.agreed`, the version that a person at this home proposed or signed: it is pinned once enough officers signed.

use std::path::PathBuf;

use admit::{Digest, Kept};
use serde::{Deserialize, Serialize};

use crate::{CustodyError, SetVersion};

/// A version that this home goes by. A database that does not hold it is not the one that was seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Name of the set.
    pub set: String,
    /// Number of the version.
    pub version: i64,
    /// Its digest.
    pub digest: Digest,
}

impl Pin {
    /// Of a version.
    pub fn of(set: &SetVersion) -> Self {
        Self { set: set.name.clone(), version: set.version, digest: set.digest }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreed {
    digest: Digest,
}

/// The file of the pin.
#[derive(Clone, Debug)]
pub struct PinFile {
    path: PathBuf,
    pin: Kept,
    agreed: Kept,
}

impl PinFile {
    /// The pin in this file, e.g. `kra-set.pin` in the home.
    pub fn new(path: PathBuf) -> Self {
        let agreed = Kept::new(path.with_extension("agreed"));
        Self { pin: Kept::new(path.clone()), path, agreed }
    }

    /// What was pinned; `None` when there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read: a damaged pin is never taken for none.
    pub fn load(&self) -> Result<Option<Pin>, CustodyError> {
        Ok(self.pin.load()?)
    }

    pub(crate) fn agreed(&self) -> Result<Option<Digest>, CustodyError> {
        Ok(self.agreed.load::<Agreed>()?.map(|agreed| agreed.digest))
    }

    /// The file of what a person agreed to, for people.
    pub(crate) fn agreed_file(&self) -> PathBuf {
        self.path.with_extension("agreed")
    }

    /// A person at this home agreed to this version.
    pub(crate) fn agree(&self, digest: Digest) -> Result<(), CustodyError> {
        let _lock = self.pin.lock()?;
        Ok(self.agreed.write(&Agreed { digest })?)
    }

    /// Moves the pin from what was read forward to what was verified from there. Nothing happens when another program of
    /// this home has moved it meanwhile: that one is judged the next time.
    pub(crate) fn advance(&self, from: Option<&Pin>, to: &Pin) -> Result<(), CustodyError> {
        if from == Some(to) {
            return Ok(());
        }
        let _lock = self.pin.lock()?;
        if self.pin.load::<Pin>()?.as_ref() == from {
            self.pin.write(to)?;
        }
        Ok(())
    }

    /// Puts `pin` in the place of whatever was there, because a person said so.
    pub(crate) fn replace(&self, pin: &Pin) -> Result<(), CustodyError> {
        let _lock = self.pin.lock()?;
        Ok(self.pin.write(pin)?)
    }
}
