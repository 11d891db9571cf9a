//! Key recovery agents.

use serde::{Deserialize, Serialize};

use crate::certificate::Thumbprint;
use crate::time::Timestamp;

/// A key recovery agent: whoever holds the private key of this certificate can open archived keys.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Kra {
    /// SHA-1 of the certificate.
    pub thumbprint: Thumbprint,
    /// Subject `commonName`.
    pub name: String,
    /// The certificate.
    #[serde(skip)]
    pub certificate_der: Vec<u8>,
    /// End of validity; the archive refuses expired agents.
    pub not_after: Timestamp,
    /// When it was added.
    pub added_at: Timestamp,
}

/// How a content key was encrypted to a recipient's RSA key (RFC 8017). Read from the envelope, never found by trial.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyEncryption {
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256; what this product writes.
    OaepSha256,
    /// RSAES-OAEP with SHA-1 and MGF1 with SHA-1: the default parameters.
    OaepSha1,
    /// RSAES-PKCS1-v1_5.
    Pkcs1,
}

impl KeyEncryption {
    /// The name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OaepSha256 => "RSA-OAEP with SHA-256",
            Self::OaepSha1 => "RSA-OAEP with SHA-1",
            Self::Pkcs1 => "RSA PKCS#1 v1.5",
        }
    }
}

/// How the shared secret of an ECDH key agreement becomes a key that wraps: the key derivation of ANSI X9.63 with one of
/// these digests (RFC 5753).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyDerivation {
    /// SHA-1; what OpenSSL's program writes unless it is told otherwise.
    Sha1,
    /// SHA-256; what this product writes.
    Sha256,
    /// SHA-384; what others write for P-384.
    Sha384,
}

/// How the content key is wrapped under the agreed key (RFC 3394).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyWrap {
    /// AES with 128 bits.
    Aes128,
    /// AES with 256 bits; what this product writes.
    Aes256,
}

/// A content key under a key that was agreed with the recipient's elliptic-curve key (RFC 5753).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgreedKey {
    /// The sender's public point of this one envelope, as it was written: compressed or not, and not yet checked.
    pub point: Vec<u8>,
    /// From the shared secret to the wrapping key.
    pub derivation: KeyDerivation,
    /// What both sides put into the derivation (`ECC-CMS-SharedInfo`, DER).
    pub shared_info: Vec<u8>,
    /// How the content key is wrapped.
    pub wrap: KeyWrap,
    /// The wrapped content key.
    pub encrypted_key: Vec<u8>,
}

/// A secret that was wrapped under what ML-KEM gave (RFC 9629, RFC 9936).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncapsulatedKey {
    /// Which ML-KEM key: the first 20 octets of SHA-256 over its octets (RFC 7093 section 2, method 1).
    pub key_id: Vec<u8>,
    /// What the key decapsulates.
    pub ciphertext: Vec<u8>,
    /// What both sides put into the derivation (`CMSORIforKEMOtherInfo`, DER).
    pub shared_info: Vec<u8>,
    /// The secret, wrapped with AES of 256 bits.
    pub encrypted_key: Vec<u8>,
}

/// A content key under two secrets, of which one is wrapped to the agent's key and the other to the agent's ML-KEM key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HybridKey {
    /// The first secret, to the agent's certificate; this is all that a card, token or vault is asked to unwrap.
    pub classic: WrappedKey,
    /// The second secret.
    pub ml_kem: EncapsulatedKey,
    /// What both sides put into the derivation beside the secrets: a digest of either part as it was written.
    pub binding: Vec<u8>,
    /// The content key, wrapped with AES of 256 bits.
    pub encrypted_key: Vec<u8>,
}

/// A content key encrypted to one recovery agent, as found in the envelope; how is told by the envelope, never tried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WrappedKey {
    /// To an RSA key.
    Transport {
        /// With which padding.
        algorithm: KeyEncryption,
        /// The ciphertext.
        encrypted_key: Vec<u8>,
    },
    /// To an elliptic-curve key. Azure Key Vault has no operation for it.
    Agreement(AgreedKey),
    /// To one of these and to an ML-KEM key, so that both are needed.
    Hybrid(Box<HybridKey>),
}

impl WrappedKey {
    /// The algorithm's name for people.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Transport { algorithm, .. } => algorithm.label(),
            Self::Agreement(AgreedKey { derivation: KeyDerivation::Sha1, .. }) => "ECDH with SHA-1",
            Self::Agreement(AgreedKey { derivation: KeyDerivation::Sha256, .. }) => "ECDH with SHA-256",
            Self::Agreement(AgreedKey { derivation: KeyDerivation::Sha384, .. }) => "ECDH with SHA-384",
            Self::Hybrid(hybrid) => match hybrid.classic {
                Self::Agreement(_) => "ECDH with SHA-256 and ML-KEM-768",
                Self::Transport { .. } | Self::Hybrid(_) => "RSA-OAEP with SHA-256 and ML-KEM-768",
            },
        }
    }

    /// Whether it takes an ML-KEM key beside the recipient's own.
    pub const fn is_hybrid(&self) -> bool {
        matches!(self, Self::Hybrid(_))
    }
}

/// How a recovery agent's key signs a text: by the names of RFC 7518 section 3.1, the digest included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 octets.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
}

impl SignatureAlgorithm {
    const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::Es384];

    /// The name in stored statements and in calls to vaults.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
        }
    }

    /// From the name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What a recovery agent's key signed with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// How.
    pub algorithm: SignatureAlgorithm,
    /// The signature; of ECDSA the DER of `ECDSA-Sig-Value`, as certificates carry it.
    pub octets: Vec<u8>,
}
