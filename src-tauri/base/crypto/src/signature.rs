//! Signatures by recovery agents' keys, wherever those live: made here for keys at hand, verified here for all.
//!
//! A device or vault signs a digest and answers in its own shape; the functions at the end turn what it is given and what
//! it returns into what is verified.

use model::kra::{Signature, SignatureAlgorithm};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKeyRef};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Signer, Verifier};
use sha2::Digest as _;

use crate::certificate::{X509Certificate, sha256};
use crate::error::CryptoError;
use crate::key::{PrivateKey, kind_of};

const SIGNING: &str = "signing with a recovery agent's key";
const MINIMUM_RSA_BITS: u32 = 2_048;

/// What stands before a SHA-256 in RSASSA-PKCS1-v1_5 (RFC 8017 section 9.2, note 1).
const SHA256_DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

impl PrivateKey {
    /// Signs as the key's kind does it best in files: `RS256`, `ES256` on P-256, `ES384` on P-384.
    ///
    /// # Errors
    /// `Unsupported` for other keys.
    pub fn sign(&self, message: &[u8]) -> Result<Signature, CryptoError> {
        let pkey = self.pkey();
        let (algorithm, digest) = match (pkey.id(), curve(pkey)) {
            (Id::RSA, _) => (SignatureAlgorithm::Rs256, MessageDigest::sha256()),
            (_, Some(Nid::X9_62_PRIME256V1)) => (SignatureAlgorithm::Es256, MessageDigest::sha256()),
            (_, Some(Nid::SECP384R1)) => (SignatureAlgorithm::Es384, MessageDigest::sha384()),
            _ => return Err(unsupported(&kind_of(pkey))),
        };
        let sign = || Signer::new(digest, pkey)?.sign_oneshot_to_vec(message);
        Ok(Signature { algorithm, octets: sign().map_err(CryptoError::library(SIGNING))? })
    }
}

impl X509Certificate {
    /// Whether `signature` over `message` is one by this certificate's key. `false` for RSA keys below 2048 bits, for a
    /// curve that is not the algorithm's, and for whatever else does not belong together.
    ///
    /// Says nothing about the certificate's validity or usages.
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        let Ok(key) = self.public_key() else { return false };
        let fits = match signature.algorithm {
            SignatureAlgorithm::Rs256 | SignatureAlgorithm::Ps256 => {
                key.id() == Id::RSA && key.bits() >= MINIMUM_RSA_BITS
            }
            SignatureAlgorithm::Es256 => curve(&*key) == Some(Nid::X9_62_PRIME256V1),
            SignatureAlgorithm::Es384 => curve(&*key) == Some(Nid::SECP384R1),
        };
        let verify = || -> Result<bool, ErrorStack> {
            let digest = match signature.algorithm {
                SignatureAlgorithm::Es384 => MessageDigest::sha384(),
                SignatureAlgorithm::Rs256 | SignatureAlgorithm::Ps256 | SignatureAlgorithm::Es256 => {
                    MessageDigest::sha256()
                }
            };
            let mut verifier = Verifier::new(digest, &key)?;
            if signature.algorithm == SignatureAlgorithm::Ps256 {
                verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
                verifier.set_rsa_mgf1_md(MessageDigest::sha256())?;
                verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            }
            verifier.verify_oneshot(&signature.octets, message)
        };
        // A signature of another shape is an error to the library and no signature to everybody else.
        fits && verify().unwrap_or(false)
    }

    /// How this certificate's key signs in a device that signs digests.
    ///
    /// # Errors
    /// `Unsupported` for keys that are neither RSA nor on P-256 or P-384.
    pub fn signs_by(&self) -> Result<SignatureAlgorithm, CryptoError> {
        let key = self.public_key()?;
        match (key.id(), curve(&*key)) {
            (Id::RSA, _) => Ok(SignatureAlgorithm::Rs256),
            (_, Some(Nid::X9_62_PRIME256V1)) => Ok(SignatureAlgorithm::Es256),
            (_, Some(Nid::SECP384R1)) => Ok(SignatureAlgorithm::Es384),
            _ => Err(unsupported(&kind_of(&key))),
        }
    }
}

fn curve<T: HasPublic>(key: &PKeyRef<T>) -> Option<Nid> {
    key.ec_key().ok().and_then(|key| key.group().curve_name())
}

fn unsupported(kind: &str) -> CryptoError {
    CryptoError::Unsupported {
        algorithm: format!("signing with a key of type {kind}"),
        hint: "recovery agents sign with an RSA key of 2048 bits or more, or one on P-256 or P-384",
    }
}

/// What a device is given to sign by an algorithm: the digest of `message`.
pub fn digest(algorithm: SignatureAlgorithm, message: &[u8]) -> Vec<u8> {
    match algorithm {
        SignatureAlgorithm::Es384 => sha2::Sha384::digest(message).to_vec(),
        SignatureAlgorithm::Rs256 | SignatureAlgorithm::Ps256 | SignatureAlgorithm::Es256 => {
            sha256(message).to_vec()
        }
    }
}

/// What a device that only pads is given to sign as `RS256`: the `DigestInfo` over `message`.
pub fn digest_info(message: &[u8]) -> Vec<u8> {
    [SHA256_DIGEST_INFO.as_slice(), &sha256(message)].concat()
}

/// An ECDSA signature as devices and vaults write it, two numbers of equal length, as `ECDSA-Sig-Value`.
///
/// # Errors
/// `Malformed` for what is not two numbers of equal length.
pub fn ecdsa_from_numbers(numbers: &[u8]) -> Result<Vec<u8>, CryptoError> {
    if numbers.is_empty() || !numbers.len().is_multiple_of(2) {
        return Err(CryptoError::Malformed {
            expected: "an ECDSA signature",
            detail: format!("{} octets are not two numbers of equal length", numbers.len()),
        });
    }
    let (r, s) = numbers.split_at(numbers.len() / 2);
    let made = || EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der();
    made().map_err(CryptoError::library("writing a signature"))
}
