//! A recipient whose content key takes two private keys: the agent's own, and an ML-KEM-768 key (docs/decisions/0027).
//!
//! ```text
//!  secret 1 ── RSA-OAEP or ECDH, to the agent's certificate ─┐
//!                                                            ├─ HKDF-SHA-256 ── key ── wraps the content key
//!  secret 2 ── ML-KEM-768, to the agent's ML-KEM key ────────┘       │
//!                                       a digest of both parts as they are written
//! ```
//!
//! In the envelope it is one `OtherRecipientInfo` (RFC 5652 section 6.2.5), so that every CMS reader still reads the rest:
//!
//! ```text
//! HybridRecipient ::= SEQUENCE { classic RecipientInfo, mlKem KEMRecipientInfo, encryptedKey OCTET STRING }
//! ```
//! `classic` is a `KeyTransRecipientInfo` or `KeyAgreeRecipientInfo` as an envelope without ML-KEM has it, and `mlKem` is that of RFC 9629
//! section 3 with the algorithms of RFC 9936; each wraps a secret of its own, of 32 octets. `encryptedKey` is the content key
//! under AES-256 (RFC 3394). Either secret alone says nothing about the key that wraps, and a part of another envelope gives
//! another key.

use const_oid::ObjectIdentifier;
use model::kra::{EncapsulatedKey, HybridKey, KeyWrap};
use openssl::error::ErrorStack;
use openssl::kdf::{HkdfMode, hkdf};
use openssl::md::Md;
use zeroize::Zeroizing;

use crate::agree::{ID_AES_256_WRAP, unwrap_under, wrap_under};
use crate::asn1::{Flaw, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, tlv};
use crate::certificate::{X509Certificate, sha256};
use crate::error::CryptoError;
use crate::ml_kem::{CIPHERTEXT_SIZE, ID_ML_KEM_768, KEY_ID_SIZE};
use crate::recipients::{Recipient, WrappedKey, classic};
use crate::rewrap::is_of_today;
use crate::seal::{CONTENT_KEY_SIZE, new_content_key, recipient_info as classic_recipient_info};
use crate::{MlKemPrivateKey, MlKemPublicKey};

/// `oriType`: an object identifier from a UUID (ITU-T X.667), 2.25.321648376656157475815327540056578771249.
const ID_HYBRID: [u8; 20] = [
    0x69, 0x83, 0xe3, 0xfb, 0x9c, 0xd6, 0xa4, 0xe4, 0xba, 0xbb, 0xd7, 0x8b, 0xa0, 0xd6, 0xc8, 0xc6, 0xca,
    0xcb, 0x92, 0x31,
];
/// `id-alg-hkdf-with-sha256` (RFC 8619); its parameters are absent.
const ID_HKDF_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.3.28");
/// What the derivation begins with, so that its key is good for nothing else.
const LABEL: &[u8] = b"sealwright hybrid recipient 1\0";
/// Octets of a key that wraps, and of each secret.
const KEY_SIZE: usize = CONTENT_KEY_SIZE;
const WRAPPED_SECRET_SIZE: usize = KEY_SIZE + 8;
const SEALING: &str = "sealing to an ML-KEM key";

/// The `OtherRecipientInfo` by which the certificate's key and the ML-KEM key together unwrap the content key.
///
/// # Errors
/// For the certificate's key as [`crate::seal::seal`].
pub(crate) fn recipient_info(
    content_key: &[u8],
    recipient: &X509Certificate,
    ml_kem: &MlKemPublicKey,
) -> Result<Vec<u8>, CryptoError> {
    let (first, second) = (new_content_key()?, new_content_key()?);
    let classic = classic_recipient_info(&*first, recipient)?;
    let write = || -> Result<Vec<u8>, ErrorStack> {
        let ml_kem = kem_recipient_info(&*second, ml_kem)?;
        let key = wrapping_key(&*first, &*second, &binding(&classic, &ml_kem))?;
        let encrypted_key = wrap_under(KeyWrap::Aes256, &*key, content_key)?;
        let hybrid = [classic.as_slice(), &ml_kem, &tlv(OCTET_STRING, &encrypted_key)].concat();
        Ok(tlv(0xa4, &[tlv(OID, &ID_HYBRID), tlv(SEQUENCE, &hybrid)].concat()))
    };
    write().map_err(CryptoError::library(SEALING))
}

/// Whether this is the ML-KEM key that the content key was encrypted to.
pub fn is_for(hybrid: &HybridKey, key: &MlKemPublicKey) -> bool {
    hybrid.ml_kem.key_id == key.id()
}

/// The content key, with the secret that the agent's own key has unwrapped ([`HybridKey::classic`]) and the ML-KEM key.
///
/// # Errors
/// `Unfit` for another ML-KEM key than the envelope names; `Tampered` for everything else, whatever the cause.
pub fn unwrap_hybrid(
    hybrid: &HybridKey,
    first: &[u8],
    key: &MlKemPrivateKey,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    check_key(hybrid, key.public())?;
    if first.len() != KEY_SIZE {
        return Err(CryptoError::Tampered);
    }
    let part = &hybrid.ml_kem;
    let open = || -> Result<_, ErrorStack> {
        let shared = key.decapsulate(&part.ciphertext)?;
        derive(&shared, &part.shared_info)
    };
    let wrapping = open().map_err(|_| CryptoError::Tampered)?;
    let second = unwrap_under(KeyWrap::Aes256, &*wrapping, &part.encrypted_key)?;
    let wrapping = wrapping_key(first, &second, &hybrid.binding).map_err(|_| CryptoError::Tampered)?;
    unwrap_under(KeyWrap::Aes256, &*wrapping, &hybrid.encrypted_key)
}

/// Tells before anything is unwrapped that it is the wrong ML-KEM key.
///
/// # Errors
/// `Unfit`, with the fingerprints of both.
pub fn check_key(hybrid: &HybridKey, key: &MlKemPublicKey) -> Result<(), CryptoError> {
    if is_for(hybrid, key) {
        return Ok(());
    }
    Err(CryptoError::Unfit {
        what: format!("the ML-KEM key {}", key.fingerprint()),
        why: format!(
            "the content key was encrypted to the ML-KEM key {}",
            hex::encode(&hybrid.ml_kem.key_id)
        ),
    })
}

/// Reads the contents of an `OtherRecipientInfo`; `None` when it is of another kind, and a recipient that is `None` when its
/// algorithms are not opened here.
pub(crate) fn read(info: &[u8]) -> Result<Option<Vec<Option<Recipient>>>, Flaw> {
    let mut fields = Reader::new(info);
    if fields.expect(OID, "the kind of a recipient")?.contents != ID_HYBRID {
        return Ok(None);
    }
    let mut hybrid = Reader::new(fields.expect(SEQUENCE, "a hybrid recipient")?.contents);
    fields.finish()?;
    let first = hybrid.next_element()?;
    let second = hybrid.expect(SEQUENCE, "the ML-KEM part of a recipient")?;
    let encrypted_key = hybrid.expect(OCTET_STRING, "a recipient's encrypted key")?.contents.to_vec();
    hybrid.finish()?;

    let mut each = classic(first)?.unwrap_or_default();
    let (Some(Some(recipient)), true, Some(ml_kem)) =
        (each.pop(), each.is_empty(), read_kem(second.contents)?)
    else {
        return Ok(Some(vec![None]));
    };
    // The first secret is only ever wrapped as it would be today.
    if !is_of_today(&recipient.wrapped) {
        return Ok(Some(vec![None]));
    }
    let binding = binding(first.whole, second.whole);
    let hybrid = HybridKey { classic: recipient.wrapped, ml_kem, binding, encrypted_key };
    let wrapped = WrappedKey::Hybrid(Box::new(hybrid));
    Ok(Some(vec![Some(Recipient { identifier: recipient.identifier, wrapped })]))
}

/// `KEMRecipientInfo` (RFC 9629 section 3) with `id-alg-ml-kem-768`, HKDF with SHA-256 and AES-256 (RFC 9936 section 2).
fn kem_recipient_info(secret: &[u8], key: &MlKemPublicKey) -> Result<Vec<u8>, ErrorStack> {
    let (ciphertext, shared) = key.encapsulate()?;
    let wrapping = derive(&shared, &shared_info())?;
    let encrypted_key = wrap_under(KeyWrap::Aes256, &*wrapping, secret)?;
    let parts = [
        tlv(INTEGER, &[0]),
        // RecipientIdentifier: subjectKeyIdentifier [0].
        tlv(0x80, key.id()),
        identifier(&ID_ML_KEM_768),
        tlv(OCTET_STRING, &ciphertext),
        identifier(&ID_HKDF_WITH_SHA256),
        kek_length(),
        identifier(&ID_AES_256_WRAP),
        tlv(OCTET_STRING, &encrypted_key),
    ];
    Ok(tlv(SEQUENCE, &parts.concat()))
}

/// The same, read; `None` for other algorithms, and with user keying material, which is not written here.
fn read_kem(info: &[u8]) -> Result<Option<EncapsulatedKey>, Flaw> {
    let mut fields = Reader::new(info);
    fields.expect(INTEGER, "a recipient's version")?;
    let key_id = fields.next_element()?;
    let kem = fields.expect(SEQUENCE, "the encapsulation's algorithm")?;
    let ciphertext = fields.expect(OCTET_STRING, "an encapsulated key")?.contents;
    let derivation = fields.expect(SEQUENCE, "the key derivation's algorithm")?;
    let length = fields.expect(INTEGER, "the length of the wrapping key")?;
    let material = fields.optional(0xa0)?;
    let wrap = fields.expect(SEQUENCE, "the key wrap algorithm")?;
    let encrypted_key = fields.expect(OCTET_STRING, "a recipient's encrypted key")?.contents;
    fields.finish()?;
    let is_ours = key_id.tag == 0x80
        && key_id.contents.len() == KEY_ID_SIZE
        && kem.whole == identifier(&ID_ML_KEM_768)
        && ciphertext.len() == CIPHERTEXT_SIZE
        && derivation.whole == identifier(&ID_HKDF_WITH_SHA256)
        && length.whole == kek_length()
        && material.is_none()
        && wrap.whole == identifier(&ID_AES_256_WRAP)
        && encrypted_key.len() == WRAPPED_SECRET_SIZE;
    Ok(is_ours.then(|| EncapsulatedKey {
        key_id: key_id.contents.to_vec(),
        ciphertext: ciphertext.to_vec(),
        shared_info: shared_info(),
        encrypted_key: encrypted_key.to_vec(),
    }))
}

/// An `AlgorithmIdentifier` without parameters.
fn identifier(algorithm: &ObjectIdentifier) -> Vec<u8> {
    tlv(SEQUENCE, &tlv(OID, algorithm.as_bytes()))
}

/// `kekLength`: octets.
fn kek_length() -> Vec<u8> {
    tlv(INTEGER, &[u8::try_from(KEY_SIZE).unwrap_or(0)])
}

/// `CMSORIforKEMOtherInfo` (RFC 9629 section 5) without user keying material.
fn shared_info() -> Vec<u8> {
    tlv(SEQUENCE, &[identifier(&ID_AES_256_WRAP), kek_length()].concat())
}

/// What both parts say: who the recipient is by certificate and by ML-KEM key, every algorithm and every ciphertext.
fn binding(classic: &[u8], ml_kem: &[u8]) -> Vec<u8> {
    [LABEL, &sha256(classic), &sha256(ml_kem)].concat()
}

/// The key that wraps the content key. Both secrets have one length, so that none can pass for a piece of the other.
fn wrapping_key(
    first: &[u8],
    second: &[u8],
    binding: &[u8],
) -> Result<Zeroizing<[u8; KEY_SIZE]>, ErrorStack> {
    let mut secrets = Zeroizing::new(Vec::with_capacity(2 * KEY_SIZE));
    secrets.extend_from_slice(first);
    secrets.extend_from_slice(second);
    derive(&secrets, binding)
}

/// HKDF with SHA-256 (RFC 5869), without salt.
fn derive(secret: &[u8], information: &[u8]) -> Result<Zeroizing<[u8; KEY_SIZE]>, ErrorStack> {
    let mut key = Zeroizing::new([0_u8; KEY_SIZE]);
    let mode = HkdfMode::ExtractAndExpand;
    hkdf(Md::sha256(), secret, None, Some(information), mode, None, &mut *key)?;
    Ok(key)
}
