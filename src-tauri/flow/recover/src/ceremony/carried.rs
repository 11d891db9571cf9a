//! A request with all that it takes to believe it where there is no database: the list of admitted installations, entry by
//! entry as it was signed, and the request as it was signed.
//!
//! Whoever carries it can leave entries at the end of the list out, and nothing else: so the list is compared with what is
//! known of the fleet, and what is asked, by its fingerprint, with a machine of the fleet.

use admit::{AdmitError, Fingerprint, Fleet, Pin};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use model::RecoveryState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use store::{AdmissionEntry, Store, StoreError, StoredRecoveryRequest};

use super::request::Request;

/// Octets, in base64 where they are written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Octets(pub(super) Vec<u8>);

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A statement octet for octet as it was signed (RSASSA-PSS with SHA-256) by an installation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SignedText {
    pub(super) body: String,
    pub(super) signature: Octets,
}

/// What is known of the fleet where a request is carried to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// Its fingerprint, which a person has compared.
    pub fingerprint: Option<Fingerprint>,
    /// What this home has seen of its list of installations.
    pub pin: Option<Pin>,
}

/// A request and the list of installations, to be carried to where there is no database.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Carried {
    admissions: Vec<SignedText>,
    request: SignedText,
}

impl Carried {
    /// As they stand in the database.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn of(store: &dyn Store, stored: &StoredRecoveryRequest) -> Result<Self, StoreError> {
        let entries = store.read().await?.installations().admissions().await?;
        let signed =
            |entry: AdmissionEntry| SignedText { body: entry.body, signature: Octets(entry.signature) };
        Ok(Self {
            admissions: entries.into_iter().map(signed).collect(),
            request: SignedText { body: stored.body.clone(), signature: Octets(stored.signature.clone()) },
        })
    }

    /// The fleet that the list shows, if it is true in itself and fits what is known of the fleet.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub fn fleet(&self, known: &Known) -> Result<Fleet, String> {
        let entries: Vec<AdmissionEntry> = (1..)
            .zip(&self.admissions)
            .map(|(seq, entry)| AdmissionEntry {
                seq,
                body: entry.body.clone(),
                signature: entry.signature.0.clone(),
            })
            .collect();
        let fleet = match &known.pin {
            Some(pin) => Fleet::read(&entries, pin).map_err(|error| told(&error))?,
            None => Fleet::shown(&entries)
                .map_err(|error| told(&error))?
                .ok_or_else(|| "it lists no installation".to_owned())?,
        };
        match known.fingerprint {
            Some(compared) if compared != fleet.fingerprint() => {
                Err(format!("it is of the fleet {}, and you compared {compared}", fleet.fingerprint()))
            }
            _ => Ok(fleet),
        }
    }

    /// The request, if an installation of this fleet has signed it.
    ///
    /// # Errors
    /// Why it is not to be believed.
    pub fn request(&self, fleet: &Fleet, state: RecoveryState) -> Result<Request, String> {
        Request::read(&self.request.body, &self.request.signature.0, fleet, state)
            .map_err(|why| format!("of the request in it: {why}"))
    }
}

/// The errors' own words are about a database, which is elsewhere.
fn told(error: &AdmitError) -> String {
    if let AdmitError::Untrusted { seq, why } = error {
        return format!("of entry {seq} of the list of installations in it: {why}");
    }
    if let AdmitError::Shortened { seen, there } = error {
        return format!(
            "its list of installations has {there} entries, and this home has seen {seen}: it was made before, or somebody \
             left out who was removed"
        );
    }
    error.to_string()
}
