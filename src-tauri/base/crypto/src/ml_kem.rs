//! ML-KEM-768 keys of recovery agents (FIPS 203): the half that no card and no vault can hold yet, in a file.
//!
//! The private key is PKCS#8 with the seed alone (RFC 9935 section 6), under PBES2 with AES-256; the public key is a
//! `SubjectPublicKeyInfo` (RFC 9935 section 4). Both are PEM, and other programs read and make them.

use std::fmt;

use const_oid::ObjectIdentifier;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkcs5::pbkdf2_hmac;
use openssl::pkey::{KeyType, PKey, Private, Public};
use openssl::rand::rand_priv_bytes;
use openssl::symm::{Cipher, encrypt};
use zeroize::Zeroizing;

use crate::asn1::{Flaw, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, tlv};
use crate::certificate::{pem_body, pem_text, sha256};
use crate::error::CryptoError;
use crate::kem;
use crate::pfx::{PERSONAL_ROUNDS, check_password};

/// `id-alg-ml-kem-768` (RFC 9935 section 3); its parameters are absent.
pub(crate) const ID_ML_KEM_768: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.2");
const ID_PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const ID_PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const ID_HMAC_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const ID_AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");

/// Octets of what ML-KEM-768 works with (FIPS 203 table 3).
const PUBLIC_KEY_SIZE: usize = 1_184;
pub(crate) const CIPHERTEXT_SIZE: usize = 1_088;
/// Octets from which a key pair is made: `d` and `z` of FIPS 203 algorithm 16.
const SEED_SIZE: usize = 64;
/// Octets by which a key is told from others.
pub(crate) const KEY_ID_SIZE: usize = 20;

const PUBLIC_KEY: &str = "an ML-KEM-768 public key (PEM)";
const PRIVATE_KEY: &str = "an encrypted ML-KEM-768 private key (PEM)";
const PUBLIC_LABEL: &str = "PUBLIC KEY";
const PRIVATE_LABEL: &str = "ENCRYPTED PRIVATE KEY";
const MAKING: &str = "making an ML-KEM key";
const WRITING: &str = "writing an ML-KEM key";

/// The public half of an agent's ML-KEM-768 key.
#[derive(Clone)]
pub struct MlKemPublicKey {
    pkey: PKey<Public>,
    spki: Vec<u8>,
    id: [u8; KEY_ID_SIZE],
}

impl PartialEq for MlKemPublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for MlKemPublicKey {}

impl fmt::Debug for MlKemPublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MlKemPublicKey({})", self.fingerprint())
    }
}

impl MlKemPublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// `Malformed` for everything but the one form of an ML-KEM-768 key.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, CryptoError> {
        let octets = public_octets(der).map_err(|flaw| flaw.of(PUBLIC_KEY))?;
        // The library looks at the octets as FIPS 203 section 7.2 wants it.
        let pkey = PKey::public_key_from_der(der).ok().filter(|key| key.is_a(KeyType::ML_KEM_768));
        let pkey = pkey.ok_or_else(|| malformed(PUBLIC_KEY, "its octets are no key"))?;
        let mut id = [0; KEY_ID_SIZE];
        id.copy_from_slice(&sha256(octets)[..KEY_ID_SIZE]);
        Ok(Self { pkey, spki: der.to_vec(), id })
    }

    /// Reads PEM (`PUBLIC KEY`).
    ///
    /// # Errors
    /// `Malformed` with the reason.
    pub fn from_pem(pem: &[u8]) -> Result<Self, CryptoError> {
        let der = pem_body(pem, PUBLIC_LABEL)
            .ok_or_else(|| malformed(PUBLIC_KEY, "there is no line `-----BEGIN PUBLIC KEY-----`"))?;
        Self::from_spki_der(&der)
    }

    /// DER `SubjectPublicKeyInfo`.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// PEM, for a file.
    pub fn to_pem(&self) -> String {
        pem_text(PUBLIC_LABEL, &self.spki)
    }

    /// Tells this key from others, in envelopes: the first 20 octets of SHA-256 over the key (RFC 7093 section 2, method 1).
    pub const fn id(&self) -> &[u8; KEY_ID_SIZE] {
        &self.id
    }

    /// The same, for people: 40 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        hex::encode(self.id)
    }

    /// A ciphertext for this key, and the secret in it.
    pub(crate) fn encapsulate(&self) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), ErrorStack> {
        kem::encapsulate(&self.pkey)
    }
}

/// An agent's ML-KEM-768 key with its public half.
#[derive(Clone)]
pub struct MlKemPrivateKey {
    pkey: PKey<Private>,
    public: MlKemPublicKey,
}

impl fmt::Debug for MlKemPrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MlKemPrivateKey({})", self.public.fingerprint())
    }
}

impl MlKemPrivateKey {
    /// Makes a fresh key.
    ///
    /// # Errors
    /// `Library` when the generator fails.
    pub fn generate() -> Result<Self, CryptoError> {
        let mut seed = Zeroizing::new([0_u8; SEED_SIZE]);
        rand_priv_bytes(&mut *seed).map_err(CryptoError::library(MAKING))?;
        let pkey = PKey::private_key_from_seed(None, KeyType::ML_KEM_768, None, &*seed)
            .map_err(CryptoError::library(MAKING))?;
        Self::of(pkey)
    }

    /// Reads PEM (`ENCRYPTED PRIVATE KEY`), as [`Self::to_pem`] or another program wrote it: with the seed, the expanded
    /// key, or both.
    ///
    /// # Errors
    /// `Malformed` for other bytes, for keys that are not encrypted and for other kinds of key; `WrongPassword`.
    pub fn from_pem(pem: &[u8], password: &str) -> Result<Self, CryptoError> {
        let der = pem_body(pem, PRIVATE_LABEL).map(Zeroizing::new).ok_or_else(|| {
            let detail = if pem_body(pem, "PRIVATE KEY").is_some() {
                "the key is not encrypted; `openssl pkcs8 -topk8 -v2 aes-256-cbc` puts it under a password"
            } else {
                "there is no line `-----BEGIN ENCRYPTED PRIVATE KEY-----`"
            };
            malformed(PRIVATE_KEY, detail)
        })?;
        shape(&der).map_err(|flaw| flaw.of(PRIVATE_KEY))?;
        let wrong = || CryptoError::WrongPassword { what: "ML-KEM key file" };
        // The binding takes a password without NUL only.
        if password.contains('\0') {
            return Err(wrong());
        }
        let pkey = PKey::private_key_from_pkcs8_passphrase(&der, password.as_bytes()).map_err(|_| wrong())?;
        if !pkey.is_a(KeyType::ML_KEM_768) {
            return Err(malformed(PRIVATE_KEY, "it holds another kind of key"));
        }
        Self::of(pkey)
    }

    fn of(pkey: PKey<Private>) -> Result<Self, CryptoError> {
        let spki = pkey.public_key_to_der().map_err(CryptoError::library(WRITING))?;
        Ok(Self { public: MlKemPublicKey::from_spki_der(&spki)?, pkey })
    }

    /// The public half.
    pub const fn public(&self) -> &MlKemPublicKey {
        &self.public
    }

    /// PEM under a password: PBES2 with PBKDF2-HMAC-SHA-256, 600000 rounds, and AES-256-CBC.
    ///
    /// # Errors
    /// `Unfit` for a password that is empty or not printable ASCII, and for a key that was read without its seed.
    pub fn to_pem(&self, password: &str) -> Result<String, CryptoError> {
        check_password(password, "the password of the ML-KEM key file")?;
        let mut seed = Zeroizing::new([0_u8; SEED_SIZE]);
        if !self.pkey.seed_into(&mut *seed).is_ok_and(|size| size == SEED_SIZE) {
            return Err(CryptoError::Unfit {
                what: format!("the ML-KEM key {}", self.public.fingerprint()),
                why: "its seed is not there any more, and keys are written as seeds".to_owned(),
            });
        }
        // PrivateKeyInfo (RFC 5958) with ML-KEM-768-PrivateKey, of which `seed [0]` is one form (RFC 9935 section 6).
        let choice = Zeroizing::new(tlv(0x80, &*seed));
        let wrapped = Zeroizing::new(tlv(OCTET_STRING, &choice));
        let algorithm = tlv(SEQUENCE, &tlv(OID, ID_ML_KEM_768.as_bytes()));
        let fields = Zeroizing::new([&tlv(INTEGER, &[0]), &algorithm, &*wrapped].map(Vec::as_slice).concat());
        let info = Zeroizing::new(tlv(SEQUENCE, &fields));
        let der = encrypted(&info, password).map_err(CryptoError::library(WRITING))?;
        Ok(pem_text(PRIVATE_LABEL, &der))
    }

    /// The secret in a ciphertext; another one when it was not made for this key.
    pub(crate) fn decapsulate(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        kem::decapsulate(&self.pkey, ciphertext)
    }
}

/// The octets of the key itself.
fn public_octets(spki: &[u8]) -> Result<&[u8], Flaw> {
    let outer = Reader::only(spki)?;
    if outer.tag != SEQUENCE {
        return Err(Flaw::Missing("the outer sequence"));
    }
    let mut fields = Reader::new(outer.contents);
    let algorithm = fields.expect(SEQUENCE, "the algorithm")?.contents;
    let bits = fields.expect(0x03, "the key")?.contents;
    fields.finish()?;
    if algorithm != tlv(OID, ID_ML_KEM_768.as_bytes()) {
        return Err(Flaw::Missing("the algorithm ML-KEM-768"));
    }
    match bits.split_first() {
        Some((0, octets)) if octets.len() == PUBLIC_KEY_SIZE => Ok(octets),
        _ => Err(Flaw::Missing("a key of 1184 octets")),
    }
}

/// `EncryptedPrivateKeyInfo` (RFC 5958 section 3), as far as it is in clear.
fn shape(der: &[u8]) -> Result<(), Flaw> {
    let mut fields = Reader::new(Reader::only(der)?.contents);
    fields.expect(SEQUENCE, "the encryption's algorithm")?;
    fields.expect(OCTET_STRING, "the encrypted key")?;
    fields.finish()
}

/// `EncryptedPrivateKeyInfo` with PBES2 (RFC 8018 section 6.2).
fn encrypted(info: &[u8], password: &str) -> Result<Vec<u8>, ErrorStack> {
    let (mut salt, mut initial) = ([0_u8; 16], [0_u8; 16]);
    rand_priv_bytes(&mut salt)?;
    rand_priv_bytes(&mut initial)?;
    let mut key = Zeroizing::new([0_u8; 32]);
    let rounds = PERSONAL_ROUNDS as usize;
    pbkdf2_hmac(password.as_bytes(), &salt, rounds, MessageDigest::sha256(), &mut *key)?;
    let ciphertext = encrypt(Cipher::aes_256_cbc(), &*key, Some(&initial), info)?;

    // The first octet of four is zero, so that three are the shortest form, and positive.
    let rounds = tlv(INTEGER, &PERSONAL_ROUNDS.to_be_bytes()[1..]);
    let digest = tlv(SEQUENCE, &[tlv(OID, ID_HMAC_WITH_SHA256.as_bytes()), tlv(0x05, &[])].concat());
    let derivation = tlv(SEQUENCE, &[tlv(OCTET_STRING, &salt), rounds, digest].concat());
    let derivation = tlv(SEQUENCE, &[tlv(OID, ID_PBKDF2.as_bytes()), derivation].concat());
    let cipher = tlv(SEQUENCE, &[tlv(OID, ID_AES_256_CBC.as_bytes()), tlv(OCTET_STRING, &initial)].concat());
    let parameters = tlv(SEQUENCE, &[derivation, cipher].concat());
    let scheme = tlv(SEQUENCE, &[tlv(OID, ID_PBES2.as_bytes()), parameters].concat());
    Ok(tlv(SEQUENCE, &[scheme, tlv(OCTET_STRING, &ciphertext)].concat()))
}

fn malformed(expected: &'static str, detail: &str) -> CryptoError {
    CryptoError::Malformed { expected, detail: detail.to_owned() }
}
