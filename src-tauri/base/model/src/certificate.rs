//! Certificates in our inventory.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{AuthorityId, CertificateId, EnrollmentId, SubscriberId, TemplateId};
use crate::revocation::RevocationReason;
use crate::template::Purpose;
use crate::time::Timestamp;

/// A certificate that an authority issued to one of our subscribers. The DER lies beside it in the store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// Our id.
    pub id: CertificateId,
    /// The enrollment that brought it.
    pub enrollment: EnrollmentId,
    /// Whom it is about.
    pub subscriber: SubscriberId,
    /// By which recipe.
    pub template: TemplateId,
    /// Who issued it.
    pub authority: AuthorityId,
    /// What it is for.
    pub purpose: Purpose,
    /// Serial number given by the authority.
    pub serial: SerialNumber,
    /// SHA-1 over the DER; Intune addresses records by it.
    pub thumbprint: Thumbprint,
    /// Subject `commonName`.
    pub common_name: String,
    /// First `rfc822Name`, or the UPN where there is none.
    pub mail: String,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// What it can be used for at present.
    pub state: CertificateState,
    /// When and why it was revoked.
    pub revoked: Option<(Timestamp, RevocationReason)>,
    /// Whether its private key is in the archive.
    pub archived: bool,
    /// When `state` was last confirmed by the authority.
    pub checked_at: Timestamp,
}

/// State of a certificate, as the authority last said. Expiry is computed from the validity, not stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CertificateState {
    /// Issued, and nothing speaks against it.
    Valid,
    /// A revocation is ordered and the authority has not confirmed it yet.
    Revoking,
    /// Revoked at the authority.
    Revoked,
    /// Replaced by a newer one for the same purpose; kept so that old mail can be read.
    Superseded,
    /// Suspended until somebody lifts that, or revokes it. What it was before stands in its [`crate::Hold`].
    Held,
}

impl CertificateState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Valid, Self::Revoking, Self::Revoked, Self::Superseded, Self::Held];
}

/// A certificate serial number: 1 to 20 octets, positive (RFC 5280 section 4.1.2.2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber(Vec<u8>);

impl SerialNumber {
    /// From big-endian octets; leading zeros are dropped.
    pub fn from_be_bytes(bytes: &[u8]) -> Self {
        let significant = bytes.iter().position(|octet| *octet != 0).unwrap_or(bytes.len());
        Self(bytes[significant..].to_vec())
    }
    /// Big-endian octets without leading zeros.
    pub fn as_be_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}

/// SHA-1 over a certificate's DER. An address, never a proof.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thumbprint([u8; 20]);

impl Thumbprint {
    /// From the 20 octets of the digest.
    pub const fn new(digest: [u8; 20]) -> Self {
        Self(digest)
    }
    /// The 20 octets.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
    /// From 20 octets of the database.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbprint({self})")
    }
}

/// The text is not hexadecimal of the right length.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not hexadecimal of the expected length; spaces, colons and any case are fine")]
pub struct NotHex(String);

/// Reads hexadecimal in any spelling that other systems show: upper or lower case, spaces, colons.
fn read_hex(text: &str) -> Result<Vec<u8>, NotHex> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | ':' | '-' | '\u{200e}')).collect();
    let padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits };
    hex::decode(padded).map_err(|_| NotHex(text.to_owned()))
}

impl FromStr for SerialNumber {
    type Err = NotHex;
    fn from_str(text: &str) -> Result<Self, NotHex> {
        let bytes = read_hex(text)?;
        if bytes.is_empty() || bytes.len() > 21 {
            return Err(NotHex(text.to_owned()));
        }
        Ok(Self::from_be_bytes(&bytes))
    }
}

impl FromStr for Thumbprint {
    type Err = NotHex;
    fn from_str(text: &str) -> Result<Self, NotHex> {
        Self::from_slice(&read_hex(text)?).ok_or_else(|| NotHex(text.to_owned()))
    }
}

macro_rules! serde_as_text {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
serde_as_text!(SerialNumber, Thumbprint);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprints_are_read_in_every_spelling() {
        let intune = "9f2c000102030405060708090a0b0c0d0e0f1011";
        let certlm = "9F 2C 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11";
        let openssl = "9F:2C:00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11";
        let read: Thumbprint = intune.parse().unwrap();
        assert_eq!(certlm.parse::<Thumbprint>().unwrap(), read);
        assert_eq!(openssl.parse::<Thumbprint>().unwrap(), read);
        assert_eq!(read.to_string(), intune);
        assert!("9f2c".parse::<Thumbprint>().is_err());
    }

    #[test]
    fn a_serial_number_has_no_leading_zeros() {
        assert_eq!("00 0a ff".parse::<SerialNumber>().unwrap().to_string(), "0aff");
        assert!("".parse::<SerialNumber>().is_err());
    }
}
