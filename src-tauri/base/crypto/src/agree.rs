//! Content keys under ECDH (RFC 5753, `dhSinglePass-stdDH`): for recovery agents with an elliptic-curve key.
//!
//! The sender makes a key pair for one envelope, both sides compute the same point, and the key derivation of ANSI X9.63
//! turns it into a key that wraps the content key (RFC 3394). The middle step can be a smartcard's: [`peer_point`] gives
//! what the card is handed, [`unwrap_agreed`] takes what it returns. A place that keeps the shared secret to itself and gives
//! hashes of it does the derivation, too: [`derivation_blocks`] says what it hashes, [`unwrap_derived`] takes the hashes. The
//! sender's point is looked at first: a point that is not on the recipient's curve would draw the private key out of a
//! careless card.

use const_oid::ObjectIdentifier;
use openssl::bn::BigNumContext;
use openssl::cipher::{Cipher, CipherRef};
use openssl::cipher_ctx::{CipherCtx, CipherCtxFlags};
use openssl::derive::Deriver;
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcPoint, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Public};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};
use zeroize::Zeroizing;

use crate::asn1::{INTEGER, OCTET_STRING, OID, SEQUENCE, tlv};
use crate::certificate::X509Certificate;
use crate::error::CryptoError;
use crate::key::PrivateKey;

pub use model::kra::{AgreedKey, KeyDerivation, KeyWrap};

const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const STD_DH_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.133.16.840.63.0.2");
const STD_DH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.1.11.1");
const STD_DH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.1.11.2");
const ID_AES_128_WRAP: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.5");
pub(crate) const ID_AES_256_WRAP: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.45");

const AGREEING: &str = "agreeing on a key";
/// RFC 3394 adds one block of eight octets, and wraps no less than two.
const WRAP_BLOCK: usize = 8;
const SHORTEST_WRAPPED: usize = 3 * WRAP_BLOCK;
/// No content key is longer; 64 octets leave room to spare.
const LONGEST_WRAPPED: usize = 64 + WRAP_BLOCK;

/// The curves that envelopes are sealed to; every card and HSM with elliptic curves has them.
pub(crate) fn is_fit<T: HasPublic>(key: &PKeyRef<T>) -> bool {
    let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
    key.id() == Id::EC && matches!(curve, Some(Nid::X9_62_PRIME256V1 | Nid::SECP384R1))
}

pub(crate) fn read_derivation(oid: &[u8]) -> Option<KeyDerivation> {
    let known = [
        (STD_DH_SHA1, KeyDerivation::Sha1),
        (STD_DH_SHA256, KeyDerivation::Sha256),
        (STD_DH_SHA384, KeyDerivation::Sha384),
    ];
    known.into_iter().find(|(id, _)| id.as_bytes() == oid).map(|(_, derivation)| derivation)
}

pub(crate) fn read_wrap(oid: &[u8]) -> Option<KeyWrap> {
    let known = [(ID_AES_128_WRAP, KeyWrap::Aes128), (ID_AES_256_WRAP, KeyWrap::Aes256)];
    known.into_iter().find(|(id, _)| id.as_bytes() == oid).map(|(_, wrap)| wrap)
}

const fn key_size(wrap: KeyWrap) -> usize {
    match wrap {
        KeyWrap::Aes128 => 16,
        KeyWrap::Aes256 => 32,
    }
}

fn cipher(wrap: KeyWrap) -> &'static CipherRef {
    match wrap {
        KeyWrap::Aes128 => Cipher::aes_128_wrap(),
        KeyWrap::Aes256 => Cipher::aes_256_wrap(),
    }
}

/// `ECC-CMS-SharedInfo` (RFC 5753 section 7.2). `wrap_algorithm` is the whole `AlgorithmIdentifier` as the message has it;
/// `user_material` the octets of `ukm`.
pub(crate) fn shared_info(wrap_algorithm: &[u8], user_material: Option<&[u8]>, wrap: KeyWrap) -> Vec<u8> {
    let bits: u32 = match wrap {
        KeyWrap::Aes128 => 128,
        KeyWrap::Aes256 => 256,
    };
    let entity = user_material.map(|octets| tlv(0xa0, &tlv(OCTET_STRING, octets))).unwrap_or_default();
    let public = tlv(0xa2, &tlv(OCTET_STRING, &bits.to_be_bytes()));
    tlv(SEQUENCE, &[wrap_algorithm, &entity, &public].concat())
}

/// The sender's point as every device takes it: checked to lie on the curve of `certificate`, uncompressed.
///
/// # Errors
/// `Unfit` when the certificate has no elliptic-curve key; `Tampered` for a point that is not on its curve.
pub fn peer_point(agreed: &AgreedKey, certificate: &X509Certificate) -> Result<Vec<u8>, CryptoError> {
    let key = certificate.public_key()?;
    let own = key.ec_key().map_err(|_| no_curve(&certificate.subject()))?;
    let write = || -> Result<Vec<u8>, ErrorStack> {
        let mut context = BigNumContext::new()?;
        let point = read_point(&agreed.point, own.group(), &mut context)?;
        point.to_bytes(own.group(), PointConversionForm::UNCOMPRESSED, &mut context)
    };
    write().map_err(|_| CryptoError::Tampered)
}

/// Unwraps the content key with the secret that both sides share: the X coordinate, as long as the curve's field.
///
/// # Errors
/// `Tampered` whatever the cause.
pub fn unwrap_agreed(agreed: &AgreedKey, shared: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    unwrap_derived(agreed, &derive(agreed.derivation, shared, &agreed.shared_info, key_size(agreed.wrap)))
}

/// What is hashed behind the shared secret, once for each block of the wrapping key, where the secret stays with whoever
/// agreed: the counter and the shared information (SEC 1 section 3.6.1).
pub fn derivation_blocks(agreed: &AgreedKey) -> Vec<Vec<u8>> {
    let block = match agreed.derivation {
        KeyDerivation::Sha1 => <Sha1 as Digest>::output_size(),
        KeyDerivation::Sha256 => <Sha256 as Digest>::output_size(),
        KeyDerivation::Sha384 => <Sha384 as Digest>::output_size(),
    };
    let blocks = key_size(agreed.wrap).div_ceil(block);
    (1_u32..)
        .take(blocks)
        .map(|counter| [counter.to_be_bytes().as_slice(), &agreed.shared_info].concat())
        .collect()
}

/// Unwraps the content key with what was derived from the shared secret: the hashes of [`derivation_blocks`], one behind the
/// other. What is longer than the wrapping key is left out.
///
/// # Errors
/// `Tampered` whatever the cause.
pub fn unwrap_derived(agreed: &AgreedKey, derived: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let wrapping = derived.get(..key_size(agreed.wrap)).ok_or(CryptoError::Tampered)?;
    unwrap_under(agreed.wrap, wrapping, &agreed.encrypted_key)
}

/// Unwraps a key under another one (RFC 3394).
///
/// # Errors
/// `Tampered` whatever the cause.
pub(crate) fn unwrap_under(
    wrap: KeyWrap,
    wrapping: &[u8],
    encrypted: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let size = encrypted.len();
    if !(SHORTEST_WRAPPED..=LONGEST_WRAPPED).contains(&size) || !size.is_multiple_of(WRAP_BLOCK) {
        return Err(CryptoError::Tampered);
    }
    let unwrap = || -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        let mut context = CipherCtx::new()?;
        context.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
        context.decrypt_init(Some(cipher(wrap)), Some(wrapping), None)?;
        let mut key = Zeroizing::new(vec![0; size]);
        let length = context.cipher_update(encrypted, Some(&mut key))?;
        key.truncate(length);
        Ok(key)
    };
    unwrap().map_err(|_| CryptoError::Tampered)
}

/// Wraps a key under another one (RFC 3394).
pub(crate) fn wrap_under(wrap: KeyWrap, wrapping: &[u8], key: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mut context = CipherCtx::new()?;
    context.set_flags(CipherCtxFlags::FLAG_WRAP_ALLOW);
    context.encrypt_init(Some(cipher(wrap)), Some(wrapping), None)?;
    let mut encrypted = vec![0; key.len() + WRAP_BLOCK];
    let length = context.cipher_update(key, Some(&mut encrypted))?;
    encrypted.truncate(length);
    Ok(encrypted)
}

/// Unwraps with a key in software.
pub(crate) fn unwrap_with(agreed: &AgreedKey, key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let own = key.pkey().ec_key().map_err(|_| no_curve(&key.kind()))?;
    let agree = || -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        let mut context = BigNumContext::new()?;
        let point = read_point(&agreed.point, own.group(), &mut context)?;
        let peer = PKey::from_ec_key(EcKey::from_public_key(own.group(), &point)?)?;
        let mut deriver = Deriver::new(key.pkey())?;
        deriver.set_peer(&peer)?;
        Ok(Zeroizing::new(deriver.derive_to_vec()?))
    };
    let shared = agree().map_err(|_| CryptoError::Tampered)?;
    unwrap_agreed(agreed, &shared)
}

/// Wraps the content key for one recipient: its `KeyAgreeRecipientInfo` (RFC 5652 section 6.2.2), with
/// `dhSinglePass-stdDH-sha256kdf-scheme` and AES-256.
pub(crate) fn key_agree_recipient_info(
    content_key: &[u8],
    recipient: &X509Certificate,
    key: &PKeyRef<Public>,
) -> Result<Vec<u8>, CryptoError> {
    let wrap_algorithm = tlv(SEQUENCE, &tlv(OID, ID_AES_256_WRAP.as_bytes()));
    let information = shared_info(&wrap_algorithm, None, KeyWrap::Aes256);
    let (point, encrypted) = wrap(content_key, key, &information).map_err(CryptoError::library(AGREEING))?;

    // The curve is the recipient's, so its name is left out (RFC 5753 section 3.1.1 has the parameters absent or ECParameters).
    let public_key_algorithm = tlv(SEQUENCE, &tlv(OID, ID_EC_PUBLIC_KEY.as_bytes()));
    let bits = tlv(0x03, &[&[0], point.as_slice()].concat());
    let originator = tlv(0xa0, &tlv(0xa1, &[public_key_algorithm, bits].concat()));
    let algorithm = tlv(SEQUENCE, &[tlv(OID, STD_DH_SHA256.as_bytes()), wrap_algorithm].concat());
    let identifier = tlv(SEQUENCE, &[recipient.issuer_der()?, recipient.serial_der()?].concat());
    let encrypted_key = tlv(SEQUENCE, &[identifier, tlv(OCTET_STRING, &encrypted)].concat());
    let parts = [tlv(INTEGER, &[3]), originator, algorithm, tlv(SEQUENCE, &encrypted_key)];
    Ok(tlv(0xa1, &parts.concat()))
}

/// The point of a key pair that lives for this call, and the wrapped content key.
fn wrap(
    content_key: &[u8],
    key: &PKeyRef<Public>,
    information: &[u8],
) -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
    let curve = key.ec_key()?.group().curve_name().unwrap_or(Nid::UNDEF);
    let group = EcGroup::from_curve_name(curve)?;
    let pair = EcKey::generate(&group)?;
    let mut context = BigNumContext::new()?;
    let point = pair.public_key().to_bytes(&group, PointConversionForm::UNCOMPRESSED, &mut context)?;
    let pair = PKey::from_ec_key(pair)?;
    let mut deriver = Deriver::new(&pair)?;
    deriver.set_peer(key)?;
    let shared = Zeroizing::new(deriver.derive_to_vec()?);
    let wrapping = derive(KeyDerivation::Sha256, &shared, information, key_size(KeyWrap::Aes256));
    Ok((point, wrap_under(KeyWrap::Aes256, &wrapping, content_key)?))
}

/// A point of this group; the library refuses one that is not on the curve. The curves used have no small subgroups.
fn read_point(octets: &[u8], group: &EcGroupRef, context: &mut BigNumContext) -> Result<EcPoint, ErrorStack> {
    let point = EcPoint::from_bytes(group, octets, context)?;
    EcKey::from_public_key(group, &point)?.check_key()?;
    Ok(point)
}

/// The key derivation of ANSI X9.63 (SEC 1 section 3.6.1): hash of secret, counter from 1, shared information.
fn derive(derivation: KeyDerivation, shared: &[u8], information: &[u8], size: usize) -> Zeroizing<Vec<u8>> {
    match derivation {
        KeyDerivation::Sha1 => derive_with::<Sha1>(shared, information, size),
        KeyDerivation::Sha256 => derive_with::<Sha256>(shared, information, size),
        KeyDerivation::Sha384 => derive_with::<Sha384>(shared, information, size),
    }
}

fn derive_with<D: Digest>(shared: &[u8], information: &[u8], size: usize) -> Zeroizing<Vec<u8>> {
    // Room for the last block as a whole, so that the buffer never grows and leaves a copy behind.
    let mut key = Zeroizing::new(Vec::with_capacity(size + <D as Digest>::output_size()));
    let mut counter = 1_u32;
    while key.len() < size {
        let block = D::new()
            .chain_update(shared)
            .chain_update(counter.to_be_bytes())
            .chain_update(information)
            .finalize();
        key.extend_from_slice(&block);
        counter += 1;
    }
    key.truncate(size);
    key
}

fn no_curve(whose: &str) -> CryptoError {
    CryptoError::Unfit {
        what: format!("the key of `{whose}`"),
        why: "the content key was encrypted to an elliptic-curve key, and this is none".to_owned(),
    }
}
