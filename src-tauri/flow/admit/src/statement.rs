//! One entry of the admission log: a statement in JSON, and the signature of an installation over exactly those octets.
//!
//! A reader with other tools needs the body, the signature and the signer's certificate: RSASSA-PSS with SHA-256,
//! MGF1 with SHA-256 and a salt of 32 octets. An entry's own digest is SHA-256 over body, a zero octet, and signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::{CryptoError, PrivateKey, X509Certificate};
use model::{InstallationId, Timestamp};
use serde::{Deserialize, Serialize};
use store::AdmissionEntry;

use crate::Digest;

/// The purpose of a signature stands inside of what is signed, so that it is good for nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Format {
    #[serde(rename = "sealwright admission 1")]
    One,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Kind {
    /// The first installation founds the fleet; signed by itself.
    Found,
    Admit,
    Remove,
}

/// What an entry says. The names of the fields are part of the stored format.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Statement {
    pub(crate) format: Format,
    /// Position, from 1, without gaps.
    pub(crate) seq: i64,
    /// Digest of the entry before; zeros for the first.
    pub(crate) previous: Digest,
    /// SHA-256 over the certificate of the installation that founded the fleet.
    pub(crate) fleet: Digest,
    pub(crate) kind: Kind,
    /// About whom.
    pub(crate) installation: InstallationId,
    /// Its name, for people.
    pub(crate) name: String,
    /// Its certificate, DER in base64.
    pub(crate) certificate: String,
    pub(crate) at: Timestamp,
    /// Which person, as the signer's machine names them.
    pub(crate) by: String,
    /// Who signs.
    pub(crate) signer: InstallationId,
}

impl Statement {
    pub(crate) fn encode(certificate: &X509Certificate) -> String {
        STANDARD.encode(certificate.der())
    }

    pub(crate) fn read(body: &str) -> Result<Self, String> {
        serde_json::from_str(body).map_err(|error| format!("its statement cannot be read ({error})"))
    }

    pub(crate) fn certificate(&self) -> Result<X509Certificate, String> {
        let der =
            STANDARD.decode(&self.certificate).map_err(|_| "its certificate is no base64".to_owned())?;
        X509Certificate::from_der(&der).map_err(|error| format!("its certificate cannot be read ({error})"))
    }

    /// The entry, signed.
    pub(crate) fn sign(&self, key: &PrivateKey) -> Result<AdmissionEntry, CryptoError> {
        let body = serde_json::to_string(self).map_err(CryptoError::library("writing a statement"))?;
        let signature = key.sign_ps256(body.as_bytes())?;
        Ok(AdmissionEntry { seq: self.seq, body, signature })
    }
}

/// The digest by which the next entry refers to this one.
pub(crate) fn digest(entry: &AdmissionEntry) -> Digest {
    Digest::of(&[entry.body.as_bytes(), b"\0", &entry.signature].concat())
}
