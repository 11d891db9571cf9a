//! Seals a secret to recovery agents: CMS `AuthEnvelopedData` (RFC 5083), for which public halves are enough.
//!
//! The content key lives for one call, in a zeroising buffer. Whoever may open the envelope is decided by the
//! certificates handed in and by nothing else; whether those deserve trust is checked by the caller.

use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Public};
use openssl::rand::rand_priv_bytes;
use openssl::rsa::Padding;
use openssl::symm::{Cipher, encrypt_aead};
use zeroize::Zeroizing;

use crate::agree;
use crate::asn1::{INTEGER, OCTET_STRING, OID, SEQUENCE, SET, tlv};
use crate::certificate::X509Certificate;
use crate::envelope::{
    ID_AES_256_GCM, ID_AUTH_ENVELOPED_DATA, ID_DATA, ID_RSAES_OAEP, NONCE_SIZE, OAEP_SHA256_PARAMETERS,
    TAG_SIZE,
};
use crate::error::CryptoError;
use crate::key::kind_of;

const SEALING: &str = "sealing an envelope";
const MINIMUM_RSA_BITS: u32 = 2_048;
pub(crate) const CONTENT_KEY_SIZE: usize = 32;

/// Seals `plaintext` so that the private key of any one of `recipients` opens it. Returns the DER of a CMS
/// `ContentInfo` with `AuthEnvelopedData`: AES-256-GCM (RFC 5084), and for each recipient the content key: to an RSA key
/// under RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 8017, RFC 4055), to a key on P-256 or P-384 by ECDH
/// ([`crate::agree`]; files, cards and HSMs open it, Azure Key Vault does not).
///
/// # Errors
/// `Unfit` without recipients and for RSA keys shorter than 2048 bits; `Unsupported` for recipients with another kind of
/// key.
pub fn seal(plaintext: &[u8], recipients: &[X509Certificate]) -> Result<Vec<u8>, CryptoError> {
    let content_key = new_content_key()?;
    let infos = recipient_infos(&*content_key, recipients)?;
    seal_content(&*content_key, plaintext, infos)
}

/// A fresh content key.
pub(crate) fn new_content_key() -> Result<Zeroizing<[u8; CONTENT_KEY_SIZE]>, CryptoError> {
    let mut content_key = Zeroizing::new([0_u8; CONTENT_KEY_SIZE]);
    rand_priv_bytes(&mut *content_key).map_err(CryptoError::library(SEALING))?;
    Ok(content_key)
}

/// A `RecipientInfo` for each recipient: the content key encrypted to it.
///
/// # Errors
/// As [`seal`].
pub(crate) fn recipient_infos(
    content_key: &[u8],
    recipients: &[X509Certificate],
) -> Result<Vec<Vec<u8>>, CryptoError> {
    if recipients.is_empty() {
        return Err(CryptoError::Unfit {
            what: "an empty list of recovery agents".to_owned(),
            why: "nobody could ever open the envelope; name at least one".to_owned(),
        });
    }
    recipients.iter().map(|recipient| recipient_info(content_key, recipient)).collect()
}

/// The `RecipientInfo` of one recipient.
///
/// # Errors
/// For the recipient's key as [`seal`].
pub(crate) fn recipient_info(
    content_key: &[u8],
    recipient: &X509Certificate,
) -> Result<Vec<u8>, CryptoError> {
    let key = fit_key(recipient)?;
    if key.id() == Id::EC {
        return agree::key_agree_recipient_info(content_key, recipient, &key);
    }
    let wrapped = wrap(content_key, &key).map_err(CryptoError::library(SEALING))?;
    key_trans_recipient_info(recipient, &wrapped)
}

/// The envelope around `plaintext` under this content key, for those whom `infos` name.
pub(crate) fn seal_content(
    content_key: &[u8],
    plaintext: &[u8],
    infos: Vec<Vec<u8>>,
) -> Result<Vec<u8>, CryptoError> {
    // Content of type id-data has no authenticated attributes (RFC 5083 section 2.1), so there is no further
    // data.
    let (nonce, ciphertext, tag) = encrypt(content_key, &[], plaintext)?;
    Ok(auth_enveloped_data(infos, &nonce, &ciphertext, &tag))
}

/// What AES-256-GCM made: nonce, ciphertext, tag.
type Encrypted = ([u8; NONCE_SIZE], Vec<u8>, [u8; TAG_SIZE]);

/// AES-256-GCM under a fresh nonce.
pub(crate) fn encrypt(key: &[u8], associated: &[u8], plaintext: &[u8]) -> Result<Encrypted, CryptoError> {
    let mut nonce = [0_u8; NONCE_SIZE];
    rand_priv_bytes(&mut nonce).map_err(CryptoError::library(SEALING))?;
    let mut tag = [0_u8; TAG_SIZE];
    let ciphertext = encrypt_aead(Cipher::aes_256_gcm(), key, Some(&nonce), associated, plaintext, &mut tag)
        .map_err(CryptoError::library(SEALING))?;
    Ok((nonce, ciphertext, tag))
}

/// Begins the content of an envelope that is good for one purpose only.
const BOUND: &[u8] = b"sealwright bound content 1\0";

/// Seals a secret of our own for one purpose: `context` names it and the thing it belongs to, and
/// [`crate::open::open_bound`] opens the envelope for exactly that. An envelope that is moved to another place of the
/// database does not open there.
///
/// # Errors
/// As [`seal`].
pub fn seal_bound(
    context: &str,
    secret: &[u8],
    recipients: &[X509Certificate],
) -> Result<Vec<u8>, CryptoError> {
    seal(&bound_content(context, secret), recipients)
}

/// What is sealed when a secret is good for one purpose only.
pub(crate) fn bound_content(context: &str, secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut content = Zeroizing::new(Vec::with_capacity(BOUND.len() + context.len() + 1 + secret.len()));
    content.extend_from_slice(&bound_prefix(context));
    content.extend_from_slice(secret);
    content
}

/// What a bound content begins with. The context is a text without NUL, so no context is the beginning of another.
pub(crate) fn bound_prefix(context: &str) -> Vec<u8> {
    [BOUND, context.replace('\0', " ").as_bytes(), b"\0"].concat()
}

/// The recipient's key, if envelopes can be sealed to it.
fn fit_key(recipient: &X509Certificate) -> Result<PKey<Public>, CryptoError> {
    let key = recipient.public_key()?;
    if agree::is_fit(&*key) {
        return Ok(key);
    }
    if key.id() != Id::RSA {
        return Err(CryptoError::Unsupported {
            algorithm: format!("sealing to `{}` with its {} key", recipient.subject(), kind_of(&key)),
            hint: "recovery agents need an RSA key of 2048 bits or more, or one on P-256 or P-384",
        });
    }
    if key.bits() < MINIMUM_RSA_BITS {
        return Err(CryptoError::Unfit {
            what: format!("the recovery agent `{}`", recipient.subject()),
            why: format!("its RSA key has {} bits; at least {MINIMUM_RSA_BITS} are needed", key.bits()),
        });
    }
    Ok(key)
}

/// Encrypts the content key: RSAES-OAEP, SHA-256, MGF1 with SHA-256, no label.
fn wrap(content_key: &[u8], key: &PKey<Public>) -> Result<Vec<u8>, ErrorStack> {
    let mut encrypter = Encrypter::new(key)?;
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
    encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
    encrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
    let mut wrapped = vec![0; encrypter.encrypt_len(content_key)?];
    let length = encrypter.encrypt(content_key, &mut wrapped)?;
    wrapped.truncate(length);
    Ok(wrapped)
}

/// `KeyTransRecipientInfo` of version 0: the recipient by issuer and serial number (RFC 5652 section 6.2.1).
fn key_trans_recipient_info(recipient: &X509Certificate, wrapped: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let identifier = tlv(SEQUENCE, &[recipient.issuer_der()?, recipient.serial_der()?].concat());
    let algorithm = tlv(SEQUENCE, &[&tlv(OID, ID_RSAES_OAEP.as_bytes()), OAEP_SHA256_PARAMETERS].concat());
    let parts = [tlv(INTEGER, &[0]), identifier, algorithm, tlv(OCTET_STRING, wrapped)];
    Ok(tlv(SEQUENCE, &parts.concat()))
}

fn auth_enveloped_data(mut infos: Vec<Vec<u8>>, nonce: &[u8], ciphertext: &[u8], tag: &[u8]) -> Vec<u8> {
    // DER puts the elements of a SET OF in the order of their encodings (X.690 section 11.6). None is a
    // prefix of another, since each begins with its own length; so comparing octets is that order.
    infos.sort_unstable();
    // GCMParameters (RFC 5084 section 3.2); the tag's length is written, as its default is 12.
    let tag_length = [u8::try_from(tag.len()).unwrap_or(0)];
    let parameters = tlv(SEQUENCE, &[tlv(OCTET_STRING, nonce), tlv(INTEGER, &tag_length)].concat());
    let algorithm = tlv(SEQUENCE, &[tlv(OID, ID_AES_256_GCM.as_bytes()), parameters].concat());
    let content = [tlv(OID, ID_DATA.as_bytes()), algorithm, tlv(0x80, ciphertext)];
    let data = [
        tlv(INTEGER, &[0]),
        tlv(SET, &infos.concat()),
        tlv(SEQUENCE, &content.concat()),
        tlv(OCTET_STRING, tag),
    ];
    let explicit = tlv(0xa0, &tlv(SEQUENCE, &data.concat()));
    tlv(SEQUENCE, &[tlv(OID, ID_AUTH_ENVELOPED_DATA.as_bytes()), explicit].concat())
}
