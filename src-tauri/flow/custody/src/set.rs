//! One version of a set: a statement in JSON, signed octet for octet as it is stored.
//!
//! A reader with other tools needs the body, the signatures and the officers' certificates, which stand in the body before:
//! each signature is over [`SIGNED_PREFIX`] and the body. A version's digest is SHA-256 over its body.

use std::collections::BTreeSet;

use admit::{Digest, Fingerprint};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto::quorum::{self, MOST_OFFICERS};
use crypto::{CryptoError, MlKemPublicKey, SealingAgents, X509Certificate};
use model::text::{fitted, printable};
use model::{Kra, Timestamp};
use serde::{Deserialize, Serialize};

use crate::CustodyError;

/// What stands before the body in what is signed: the purpose, so that a signature is good for nothing else.
pub const SIGNED_PREFIX: &[u8] = b"sealwright kra set 1\0";

/// Longest name that is signed.
const NAME_LENGTH: usize = 100;

/// How many officers it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum Policy {
    /// Any one officer opens a key.
    AnyOne {
        /// How many people, besides who asks, must agree to a recovery. The program asks for them; the cryptography does
        /// not.
        approvals: u8,
    },
    /// So many officers together open a key, and fewer cannot.
    Quorum {
        /// How many.
        threshold: u8,
    },
}

impl Policy {
    /// How many distinct people, besides who asks, must agree to a recovery.
    pub const fn approvals_needed(self) -> u8 {
        match self {
            Self::AnyOne { approvals } => approvals,
            Self::Quorum { threshold } => threshold,
        }
    }

    /// How many officers must sign the version after one with this policy: as many as it takes to have a key opened, so
    /// that fewer cannot abolish the rule that they have to agree.
    pub const fn signatures_needed(self) -> u8 {
        match self {
            Self::AnyOne { approvals: 0 } => 1,
            Self::AnyOne { approvals: needed } | Self::Quorum { threshold: needed } => needed,
        }
    }

    /// What envelopes are sealed with.
    pub const fn threshold(self) -> Option<u8> {
        match self {
            Self::AnyOne { .. } => None,
            Self::Quorum { threshold } => Some(threshold),
        }
    }

    /// For people: `any one of 3 officers opens a key`.
    pub fn describe(self, officers: usize) -> String {
        match self {
            Self::AnyOne { approvals: 0 } => format!("any one of {officers} officers opens a key"),
            Self::AnyOne { approvals } => format!(
                "any one of {officers} officers opens a key, after {approvals} other {} agreed",
                if approvals == 1 { "person" } else { "people" }
            ),
            Self::Quorum { threshold } => {
                format!("{threshold} of {officers} officers together open a key")
            }
        }
    }

    fn check(self, officers: usize) -> Result<(), String> {
        match self {
            Self::AnyOne { approvals } if usize::from(approvals) > officers => {
                Err(format!("{approvals} approvals are more than there are officers ({officers})"))
            }
            Self::Quorum { threshold } if !quorum::fits(threshold, officers) => Err(format!(
                "a quorum of {threshold} cannot be made of {officers} officers; it takes at least 2"
            )),
            Self::AnyOne { .. } | Self::Quorum { .. } => Ok(()),
        }
    }
}

/// A member of a set: whoever has the private key of this certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Officer {
    /// For people.
    pub name: String,
    /// Keys are sealed to it, and it verifies the officer's signatures.
    pub certificate: X509Certificate,
    /// Keys are sealed to it as well, once each officer has one.
    pub ml_kem: Option<MlKemPublicKey>,
}

/// Somebody who is to be an officer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The officer's certificate.
    pub certificate: X509Certificate,
    /// The officer's ML-KEM key, if there is one.
    pub ml_kem: Option<MlKemPublicKey>,
}

impl Candidate {
    /// Somebody with this certificate. Whoever is an officer of the version before with the same key keeps the ML-KEM key
    /// that stands there: naming an officer again takes nothing away.
    ///
    /// # Errors
    /// `Library` when the certificate's key cannot be read.
    pub fn of(certificate: X509Certificate, before: Option<&SetVersion>) -> Result<Self, CryptoError> {
        let key = certificate.spki_sha256()?;
        let officers = before.map(|before| before.officers.as_slice()).unwrap_or_default();
        let known = officers.iter().find(|officer| officer.certificate.spki_sha256().ok() == Some(key));
        Ok(Self { ml_kem: known.and_then(|officer| officer.ml_kem.clone()), certificate })
    }
}

impl From<X509Certificate> for Candidate {
    fn from(certificate: X509Certificate) -> Self {
        Self { certificate, ml_kem: None }
    }
}

impl From<Officer> for Candidate {
    fn from(officer: Officer) -> Self {
        Self { certificate: officer.certificate, ml_kem: officer.ml_kem }
    }
}

impl Officer {
    /// SHA-256 over the certificate: how signatures name the officer.
    pub fn id(&self) -> Digest {
        Digest::of(self.certificate.der())
    }
}

/// The name that an officer has by the certificate.
pub fn officer_name(certificate: &X509Certificate) -> String {
    certificate.common_name().unwrap_or_else(|| certificate.subject())
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "sealwright kra set 1")]
    One,
    /// With the ML-KEM keys of officers. Programs that know nothing of them cannot read it, and refuse the database, which
    /// has schema 6 at least.
    #[serde(rename = "sealwright kra set 2")]
    Two,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Seat {
    name: String,
    /// DER in base64.
    certificate: String,
    /// `SubjectPublicKeyInfo` of the ML-KEM key, DER in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ml_kem: Option<String>,
}

/// What a version says. The names of the fields are part of the stored format.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    format: Format,
    set: String,
    version: i64,
    /// Digest of the version before; zeros for the first.
    previous: Digest,
    policy: Policy,
    officers: Vec<Seat>,
    at: Timestamp,
    by: String,
}

/// A version of a set, read and well-formed; whether it is in force is told by signatures and pin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetVersion {
    /// Name of the set.
    pub name: String,
    /// Number, from 1.
    pub version: i64,
    /// Digest of the version before; zeros for the first.
    pub previous: Digest,
    /// How many officers it takes.
    pub policy: Policy,
    /// Who they are.
    pub officers: Vec<Officer>,
    /// When it was proposed, by the clock of the one who did.
    pub at: Timestamp,
    /// Who proposed it.
    pub by: String,
    pub(crate) body: String,
    /// SHA-256 over the body.
    pub digest: Digest,
}

impl SetVersion {
    /// A new version, well-formed or refused.
    pub(crate) fn compose(
        name: &str,
        before: Option<&Self>,
        policy: Policy,
        officers: &[Candidate],
        at: Timestamp,
        by: &str,
    ) -> Result<Self, String> {
        let seats = officers.iter().map(|officer| Seat {
            name: fitted(&officer_name(&officer.certificate), NAME_LENGTH),
            certificate: STANDARD.encode(officer.certificate.der()),
            ml_kem: officer.ml_kem.as_ref().map(|key| STANDARD.encode(key.spki_der())),
        });
        let has_ml_kem = officers.iter().any(|officer| officer.ml_kem.is_some());
        let version = before.map_or(Some(1), |before| before.version.checked_add(1));
        let body = Body {
            format: if has_ml_kem { Format::Two } else { Format::One },
            set: name.trim().to_owned(),
            version: version.ok_or("no number is left after that of the version before")?,
            previous: before.map_or(Digest::ZERO, |before| before.digest),
            policy,
            officers: seats.collect(),
            at,
            by: fitted(by, NAME_LENGTH),
        };
        Self::read(&serde_json::to_string(&body).map_err(|error| error.to_string())?)
    }

    /// Reads a body and checks everything about it that can be checked alone.
    ///
    /// # Errors
    /// Says what is wrong with it, and repeats nothing of what somebody may have written into the database.
    pub fn read(text: &str) -> Result<Self, String> {
        let body: Body = serde_json::from_str(text).map_err(|_| {
            "its statement cannot be read; if a newer program wrote it, upgrade this one".to_owned()
        })?;
        if body.set.is_empty() || !is_plain(&body.set) {
            return Err(format!("its name is no plain text of 1 to {NAME_LENGTH} characters"));
        }
        if !is_plain(&body.by) || body.officers.iter().any(|seat| !is_plain(&seat.name)) {
            return Err(format!(
                "the name of an officer, or of who proposed it, is no plain text of at most {NAME_LENGTH} characters"
            ));
        }
        if body.version < 1 || (body.version == 1) != (body.previous == Digest::ZERO) {
            return Err("its number does not fit the version that it follows".to_owned());
        }
        if body.officers.is_empty() || body.officers.len() > MOST_OFFICERS {
            return Err(format!(
                "it has {} officers; a set has 1 to {MOST_OFFICERS} of them",
                body.officers.len()
            ));
        }
        // One form for one content: without ML-KEM keys it is as it always was.
        if body.officers.iter().any(|seat| seat.ml_kem.is_some()) != matches!(body.format, Format::Two) {
            return Err("its format does not fit the keys of its officers".to_owned());
        }
        body.policy.check(body.officers.len())?;
        let mut officers = Vec::with_capacity(body.officers.len());
        for seat in body.officers {
            let certificate = STANDARD
                .decode(&seat.certificate)
                .ok()
                .and_then(|der| X509Certificate::from_der(&der).ok())
                .ok_or_else(|| format!("the certificate of `{}` cannot be read", seat.name))?;
            let ml_kem = match &seat.ml_kem {
                None => None,
                Some(text) => Some(
                    STANDARD
                        .decode(text)
                        .ok()
                        .and_then(|der| MlKemPublicKey::from_spki_der(&der).ok())
                        .ok_or_else(|| format!("the ML-KEM key of `{}` cannot be read", seat.name))?,
                ),
            };
            officers.push(Officer { name: seat.name, certificate, ml_kem });
        }
        all_different(&officers)?;
        Ok(Self {
            name: body.set,
            version: body.version,
            previous: body.previous,
            policy: body.policy,
            officers,
            at: body.at,
            by: body.by,
            body: text.to_owned(),
            digest: Digest::of(text.as_bytes()),
        })
    }

    /// Whether its number is the next after that one's.
    pub(crate) fn counts_on_from(&self, before: &Self) -> bool {
        before.version.checked_add(1) == Some(self.version)
    }

    /// What people compare.
    pub fn fingerprint(&self) -> Fingerprint {
        self.digest.fingerprint()
    }

    /// The statement as it is stored.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// What officers sign.
    pub fn message(&self) -> Vec<u8> {
        [SIGNED_PREFIX, self.body.as_bytes()].concat()
    }

    /// The officer with this certificate.
    pub fn officer(&self, certificate_der: &[u8]) -> Option<&Officer> {
        self.officers.iter().find(|officer| officer.certificate.der() == certificate_der)
    }

    /// The officers as recovery agents, for lists.
    pub fn agents(&self) -> impl Iterator<Item = Kra> + '_ {
        self.officers.iter().map(|officer| Kra {
            thumbprint: officer.certificate.thumbprint(),
            name: officer.name.clone(),
            certificate_der: officer.certificate.der().to_vec(),
            not_after: officer.certificate.not_after(),
            added_at: self.at,
        })
    }

    /// Whether keys are sealed to the officers' ML-KEM keys as well: when each has one.
    pub fn is_hybrid(&self) -> bool {
        self.officers.iter().all(|officer| officer.ml_kem.is_some())
    }

    /// What to know about the officers' ML-KEM keys, in a sentence; `None` where nobody has one.
    pub fn about_ml_kem(&self) -> Option<String> {
        if self.is_hybrid() {
            return Some(
                "keys are sealed hybrid: it takes an officer's own key and the ML-KEM key to open them"
                    .to_owned(),
            );
        }
        let without = self.officers.iter().filter(|officer| officer.ml_kem.is_none());
        let names: Vec<&str> = without.map(|officer| officer.name.as_str()).collect();
        (names.len() < self.officers.len()).then(|| {
            format!(
                "keys are sealed to the officers' certificates alone, because {} {} no ML-KEM key",
                names.join(", "),
                if names.len() == 1 { "has" } else { "have" }
            )
        })
    }

    /// To whom keys are sealed while this version is in force.
    ///
    /// # Errors
    /// [`CustodyError::Expired`] while an officer's certificate has ended.
    pub fn sealing(&self, now: Timestamp) -> Result<SealingAgents, CustodyError> {
        if let Some(ended) = self.officers.iter().find(|officer| officer.certificate.not_after() <= now) {
            return Err(CustodyError::Expired {
                officer: ended.name.clone(),
                at: ended.certificate.not_after(),
                thumbprint: ended.certificate.thumbprint(),
            });
        }
        let certificates = self.officers.iter().map(|officer| officer.certificate.clone()).collect();
        let agents = SealingAgents::new(certificates, self.policy.threshold());
        let keys: Option<Vec<MlKemPublicKey>> =
            self.officers.iter().map(|officer| officer.ml_kem.clone()).collect();
        match keys {
            Some(keys) => Ok(agents.with_ml_kem(keys)?),
            None => Ok(agents),
        }
    }
}

/// Short, and nothing in it that does something to a terminal.
fn is_plain(text: &str) -> bool {
    text.chars().count() <= NAME_LENGTH && printable(text) == text
}

/// Two seats for one key would make a quorum smaller than it says; envelopes name recipients by issuer and serial number.
fn all_different(officers: &[Officer]) -> Result<(), String> {
    let (mut keys, mut names, mut ml_kem) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for officer in officers {
        if let Some(key) = &officer.ml_kem
            && !ml_kem.insert(*key.id())
        {
            return Err(format!("two of its officers have one ML-KEM key; `{}` is the second", officer.name));
        }
        let certificate = &officer.certificate;
        let key = certificate
            .spki_sha256()
            .map_err(|error| format!("the key of `{}` cannot be read ({error})", officer.name))?;
        if !keys.insert(key) {
            return Err(format!("two of its officers have one key; `{}` is the second", officer.name));
        }
        if !names.insert((certificate.issuer(), certificate.serial().to_string())) {
            return Err(format!(
                "two of its officers' certificates have the same issuer and serial number; `{}` is the second",
                officer.name
            ));
        }
    }
    Ok(())
}
