//! The highest number that this installation has seen of each shared secret, kept in its home beside the pin.
//!
//! Numbers count in one fleet, so that a home that goes to another fleet begins there anew, and finds its own numbers again
//! when it comes back.

use std::collections::BTreeMap;

use crate::kept::Kept;
use crate::{AdmitError, Digest, PinFile};

/// By fleet, then by the name of the secret.
type Numbers = BTreeMap<Digest, BTreeMap<String, u64>>;

#[derive(Clone, Debug)]
pub(crate) struct SeenFile(Kept);

impl SeenFile {
    /// The one that belongs to this pin: `admission.seen` beside `admission.pin`.
    pub(crate) fn beside(pins: &PinFile) -> Self {
        Self(pins.0.beside("seen"))
    }

    /// The highest number seen; `None` for a secret that was never seen in this fleet.
    pub(crate) fn highest(&self, fleet: Digest, name: &str) -> Result<Option<u64>, AdmitError> {
        Ok(self.load()?.get(&fleet).and_then(|numbers| numbers.get(name)).copied())
    }

    /// Takes a secret with this number as seen.
    ///
    /// # Errors
    /// [`AdmitError::Older`] when a higher one was seen.
    pub(crate) fn advance(&self, fleet: Digest, name: &str, number: u64) -> Result<(), AdmitError> {
        match self.raise(fleet, name, number)? {
            seen if seen > number => Err(AdmitError::Older { name: name.to_owned(), there: number, seen }),
            _ => Ok(()),
        }
    }

    /// Remembers this number unless a higher one was seen; the highest one.
    pub(crate) fn raise(&self, fleet: Digest, name: &str, number: u64) -> Result<u64, AdmitError> {
        if let Some(seen) = self.highest(fleet, name)?.filter(|seen| *seen >= number) {
            return Ok(seen);
        }
        let _lock = self.0.lock()?;
        let mut numbers = self.load()?;
        let seen = numbers.entry(fleet).or_default().entry(name.to_owned()).or_default();
        if *seen >= number {
            return Ok(*seen);
        }
        *seen = number;
        self.0.write(&numbers)?;
        Ok(number)
    }

    fn load(&self) -> Result<Numbers, AdmitError> {
        Ok(self.0.load()?.unwrap_or_default())
    }
}
