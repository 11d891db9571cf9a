//! Private keys: making them, carrying them as PKCS#8, signing with them.
//!
//! The bytes of a key leave this type only inside [`Zeroizing`]; its `Debug` names the kind of key and
//! nothing else.

use std::fmt;

use model::KeyAlgorithm;
use openssl::bn::BigNum;
use openssl::ec::{Asn1Flag, EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Private, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use zeroize::Zeroizing;

use crate::asn1::Reader;
use crate::error::CryptoError;

const PKCS8: &str = "a private key (PKCS#8)";

/// A private key with its public half: RSA or elliptic curve.
#[derive(Clone)]
pub struct PrivateKey {
    pkey: PKey<Private>,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", kind_of(&self.pkey))
    }
}

impl PrivateKey {
    /// Makes a fresh key with the library's own generator (it seeds itself from the operating system).
    ///
    /// Takes 0.1 s (RSA 2048) to about 2 s (RSA 4096) of CPU time; call it off the async threads.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, CryptoError> {
        let pkey = match algorithm {
            KeyAlgorithm::Rsa2048 => generate_rsa(2048),
            KeyAlgorithm::Rsa3072 => generate_rsa(3072),
            KeyAlgorithm::Rsa4096 => generate_rsa(4096),
            KeyAlgorithm::P256 => generate_ec(Nid::X9_62_PRIME256V1),
            KeyAlgorithm::P384 => generate_ec(Nid::SECP384R1),
        };
        pkey.map(|pkey| Self { pkey }).map_err(CryptoError::library("making a private key"))
    }

    /// Reads an unencrypted PKCS#8 `PrivateKeyInfo` (RFC 5958).
    ///
    /// # Errors
    /// `Malformed` for other bytes, `Unsupported` for keys that are neither RSA nor elliptic curve.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        Reader::only(der).map_err(|flaw| flaw.of(PKCS8))?;
        let pkey = PKey::private_key_from_pkcs8(der).map_err(|_| CryptoError::Malformed {
            expected: PKCS8,
            detail: "the library cannot read the key inside".to_owned(),
        })?;
        Self::from_pkey(pkey)
    }

    /// Reads an unencrypted PEM key: PKCS#8 (`PRIVATE KEY`) or the older forms (`RSA PRIVATE KEY`, `EC
    /// PRIVATE KEY`).
    ///
    /// # Errors
    /// `Malformed` with the reason: no PEM, an encrypted key, or a key that cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CryptoError> {
        const EXPECTED: &str = "a private key (PEM)";
        let holds = |needle: &[u8]| pem.windows(needle.len()).any(|window| window == needle);
        let malformed =
            |detail: &str| CryptoError::Malformed { expected: EXPECTED, detail: detail.to_owned() };
        if holds(b"ENCRYPTED") {
            return Err(malformed("the key is encrypted; decrypt it first, or bring it as PKCS#12"));
        }
        if !holds(b"PRIVATE KEY-----") {
            return Err(malformed("there is no line `-----BEGIN PRIVATE KEY-----`"));
        }
        // The callback answers with no passphrase, so that the library never asks on a terminal.
        let pkey = PKey::private_key_from_pem_callback(pem, |_| Ok(0))
            .map_err(|_| malformed("the library cannot read the key inside"))?;
        Self::from_pkey(pkey)
    }

    pub(crate) fn from_pkey(pkey: PKey<Private>) -> Result<Self, CryptoError> {
        match pkey.id() {
            Id::RSA | Id::EC => Ok(Self { pkey }),
            _ => Err(CryptoError::Unsupported {
                algorithm: kind_of(&pkey),
                hint: "use an RSA or elliptic-curve key (P-256, P-384)",
            }),
        }
    }

    /// The key as unencrypted PKCS#8 (RFC 5958).
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let der = self.pkey.private_key_to_pkcs8().map_err(CryptoError::library("writing a private key"))?;
        Ok(Zeroizing::new(der))
    }

    /// The public half as DER `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7).
    pub fn spki_der(&self) -> Result<Vec<u8>, CryptoError> {
        spki_der(&self.pkey)
    }

    /// SHA-256 over [`Self::spki_der`]: the fingerprint by which key, request and certificate are matched.
    pub fn spki_sha256(&self) -> Result<[u8; 32], CryptoError> {
        Ok(crate::certificate::sha256(&self.spki_der()?))
    }

    /// Signs with SHA-256: RSASSA-PKCS1-v1_5, or ECDSA with a DER `ECDSA-Sig-Value`.
    pub fn sign_sha256(&self, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut signer = Signer::new(MessageDigest::sha256(), &self.pkey)
            .map_err(CryptoError::library("signing with SHA-256"))?;
        signer.sign_oneshot_to_vec(data).map_err(CryptoError::library("signing with SHA-256"))
    }

    /// Signs as JWS `PS256` (RFC 7518 section 3.5): RSASSA-PSS, SHA-256, MGF1 with SHA-256, salt of 32
    /// octets.
    ///
    /// # Errors
    /// `Unfit` for keys that are not RSA.
    pub fn sign_ps256(&self, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if self.pkey.id() != Id::RSA {
            return Err(CryptoError::Unfit {
                what: format!("a key of type {}", kind_of(&self.pkey)),
                why: "PS256 signatures need an RSA key".to_owned(),
            });
        }
        let sign = || {
            let mut signer = Signer::new(MessageDigest::sha256(), &self.pkey)?;
            signer.set_rsa_padding(Padding::PKCS1_PSS)?;
            signer.set_rsa_mgf1_md(MessageDigest::sha256())?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            signer.sign_oneshot_to_vec(data)
        };
        sign().map_err(CryptoError::library("signing with PS256"))
    }

    /// The kind of key for people, e.g. `RSA 2048`, `EC P-256`.
    pub fn kind(&self) -> String {
        kind_of(&self.pkey)
    }

    pub(crate) fn pkey(&self) -> &PKeyRef<Private> {
        &self.pkey
    }
}

fn generate_rsa(bits: u32) -> Result<PKey<Private>, openssl::error::ErrorStack> {
    PKey::from_rsa(Rsa::generate(bits)?)
}

fn generate_ec(curve: Nid) -> Result<PKey<Private>, openssl::error::ErrorStack> {
    let mut group = EcGroup::from_curve_name(curve)?;
    group.set_asn1_flag(Asn1Flag::NAMED_CURVE);
    PKey::from_ec_key(EcKey::generate(&group)?)
}

/// An RSA public key from its two numbers (big-endian) as DER `SubjectPublicKeyInfo`, as certificates carry it.
///
/// # Errors
/// `Malformed` for numbers that make no RSA key. Nothing is said about its strength.
pub fn rsa_spki_der(modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let made = || {
        let (n, e) = (BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?);
        PKey::from_rsa(Rsa::from_public_components(n, e)?)
    };
    let key =
        made().ok().filter(|key: &PKey<Public>| key.bits() > 0).ok_or_else(|| CryptoError::Malformed {
            expected: "an RSA public key",
            detail: "its modulus and exponent cannot be read".to_owned(),
        })?;
    spki_der(&key)
}

/// The public half of any key as DER `SubjectPublicKeyInfo`.
pub(crate) fn spki_der<T: HasPublic>(pkey: &PKeyRef<T>) -> Result<Vec<u8>, CryptoError> {
    pkey.public_key_to_der().map_err(CryptoError::library("writing a public key"))
}

/// The kind of any key, for people.
pub(crate) fn kind_of<T>(pkey: &PKeyRef<T>) -> String
where
    T: HasPublic,
{
    match pkey.id() {
        Id::RSA => format!("RSA {}", pkey.bits()),
        Id::EC => match pkey.ec_key().ok().and_then(|key| key.group().curve_name()) {
            Some(Nid::X9_62_PRIME256V1) => "EC P-256".to_owned(),
            Some(Nid::SECP384R1) => "EC P-384".to_owned(),
            Some(Nid::SECP521R1) => "EC P-521".to_owned(),
            _ => "EC on another curve".to_owned(),
        },
        Id::RSA_PSS => "RSA-PSS".to_owned(),
        Id::ED25519 => "Ed25519".to_owned(),
        other => match Nid::from_raw(other.as_raw()).long_name() {
            Ok(name) => name.to_owned(),
            Err(_) => "an unknown key type".to_owned(),
        },
    }
}
