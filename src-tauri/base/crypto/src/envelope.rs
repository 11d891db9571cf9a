//! The algorithms of archive envelopes as CMS names them; [`crate::seal`] and [`crate::open`] share them.

use const_oid::ObjectIdentifier;
use openssl::hash::MessageDigest;

use crate::asn1::{self, Flaw, Reader};

pub(crate) const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
pub(crate) const ID_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
pub(crate) const ID_ENVELOPED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.3");
/// `id-ct-authEnvelopedData` (RFC 5083).
pub(crate) const ID_AUTH_ENVELOPED_DATA: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.23");

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(crate) const ID_RSAES_OAEP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.7");
const ID_MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
const ID_P_SPECIFIED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.9");
const ID_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const ID_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
pub(crate) const ID_AES_256_GCM: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.46");

/// Octets of the GCM nonce and of its tag (RFC 5084 section 3.2), as this product writes them.
pub(crate) const NONCE_SIZE: usize = 12;
pub(crate) const TAG_SIZE: usize = 16;

/// `RSAES-OAEP-params` (RFC 4055 section 4.1): hash SHA-256, mask generation MGF1 with SHA-256, empty label.
pub(crate) const OAEP_SHA256_PARAMETERS: &[u8] = &[
    0x30, 0x2b, 0xa0, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
    0xa1, 0x1a, 0x30, 0x18, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0b,
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
];

pub use model::kra::KeyEncryption;

/// The digest of OAEP and of its mask generation; `None` for PKCS#1 v1.5.
pub(crate) fn message_digest(algorithm: KeyEncryption) -> Option<MessageDigest> {
    match algorithm {
        KeyEncryption::OaepSha256 => Some(MessageDigest::sha256()),
        KeyEncryption::OaepSha1 => Some(MessageDigest::sha1()),
        KeyEncryption::Pkcs1 => None,
    }
}

/// Reads an `AlgorithmIdentifier`'s contents; `Ok(None)` for algorithms that are not opened here.
pub(crate) fn read_key_encryption(identifier: &[u8]) -> Result<Option<KeyEncryption>, Flaw> {
    let mut parts = Reader::new(identifier);
    let oid = parts.expect(asn1::OID, "the key encryption algorithm")?.contents;
    if oid == RSA_ENCRYPTION.as_bytes() {
        return Ok(Some(KeyEncryption::Pkcs1));
    }
    if oid != ID_RSAES_OAEP.as_bytes() {
        return Ok(None);
    }
    let Some(parameters) = parts.optional(asn1::SEQUENCE)? else {
        // Absent parameters are the defaults (RFC 4055 section 4.1).
        return Ok(parts.is_at_end().then_some(KeyEncryption::OaepSha1));
    };
    read_oaep(parameters.contents)
}

fn read_oaep(parameters: &[u8]) -> Result<Option<KeyEncryption>, Flaw> {
    let mut fields = Reader::new(parameters);
    let mut hash = KeyEncryption::OaepSha1;
    let mut mask = KeyEncryption::OaepSha1;
    if let Some(field) = fields.optional(0xa0)? {
        let Some(read) = digest(Reader::only(field.contents)?.contents)? else { return Ok(None) };
        hash = read;
    }
    if let Some(field) = fields.optional(0xa1)? {
        let mut generator = Reader::new(Reader::only(field.contents)?.contents);
        if generator.expect(asn1::OID, "the mask generation")?.contents != ID_MGF1.as_bytes() {
            return Ok(None);
        }
        let of = generator.expect(asn1::SEQUENCE, "the digest of the mask generation")?;
        let Some(read) = digest(of.contents)? else { return Ok(None) };
        mask = read;
    }
    if let Some(field) = fields.optional(0xa2)? {
        let mut source = Reader::new(Reader::only(field.contents)?.contents);
        let kind = source.expect(asn1::OID, "the label's source")?.contents;
        let label = source.expect(asn1::OCTET_STRING, "the label")?.contents;
        if kind != ID_P_SPECIFIED.as_bytes() || !label.is_empty() {
            return Ok(None);
        }
    }
    fields.finish()?;
    Ok((hash == mask).then_some(hash))
}

/// Reads a digest's `AlgorithmIdentifier`, with or without NULL parameters.
fn digest(identifier: &[u8]) -> Result<Option<KeyEncryption>, Flaw> {
    let oid = Reader::new(identifier).expect(asn1::OID, "a digest")?.contents;
    Ok(if oid == ID_SHA256.as_bytes() {
        Some(KeyEncryption::OaepSha256)
    } else if oid == ID_SHA1.as_bytes() {
        Some(KeyEncryption::OaepSha1)
    } else {
        None
    })
}
