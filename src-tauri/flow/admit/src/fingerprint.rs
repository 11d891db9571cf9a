//! Digests for machines, and fingerprints that two people can read to each other.

use std::fmt;
use std::str::FromStr;

use crypto::X509Certificate;
use crypto::certificate::sha256;
use model::InstallationId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What stands where nothing comes before.
    pub const ZERO: Self = Self([0; 32]);

    /// Over `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256(bytes))
    }

    /// Its 32 octets.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first half, for people.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut first = [0; Fingerprint::SIZE];
        first.copy_from_slice(&self.0[..Fingerprint::SIZE]);
        Fingerprint(first)
    }
}

impl From<[u8; 32]> for Digest {
    fn from(octets: [u8; 32]) -> Self {
        Self(octets)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bytes = [0; 32];
        let text = String::deserialize(deserializer)?;
        hex::decode_to_slice(text, &mut bytes).map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}

/// What people compare: the first 16 octets of the SHA-256 over a certificate (DER), written as eight groups of four
/// hexadecimal digits, `3f2a 91bc …`. They are the first 32 digits of what `openssl x509 -fingerprint -sha256` prints.
///
/// Half of the digest is enough here: an impostor would need a certificate with the fingerprint of another's, which
/// takes 2^128 trials. The whole digest would be compared with less care.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; Self::SIZE]);

impl Fingerprint {
    const SIZE: usize = 16;

    /// Of a certificate.
    pub fn of(certificate: &X509Certificate) -> Self {
        Digest::of(certificate.der()).fingerprint()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups: Vec<String> = self.0.chunks(2).map(hex::encode).collect();
        f.write_str(&groups.join(" "))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    /// Reads 32 hexadecimal digits in any grouping by spaces, colons or hyphens, in any letter case.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-')).collect();
        let mut bytes = [0; Self::SIZE];
        hex::decode_to_slice(&digits, &mut bytes).map_err(|_| {
            format!(
                "`{}` is no fingerprint; it has eight groups of four digits (0 to 9, a to f), e.g. \
                 `3f2a 91bc 0d55 1e07 77aa 4c1e 90b2 6f03`",
                text.escape_debug()
            )
        })?;
        Ok(Self(bytes))
    }
}

/// The id of the installation with this certificate: a UUID of version 8 (RFC 9562 section 5.8) that holds the
/// certificate's fingerprint, except for the six bits that every UUID has of its own.
///
/// An id that is made of the certificate cannot be claimed by another one, and a home needs to remember nothing but its
/// key pair.
pub fn installation_id(certificate: &X509Certificate) -> InstallationId {
    uuid::Builder::from_custom_bytes(Fingerprint::of(certificate).0).into_uuid().into()
}
