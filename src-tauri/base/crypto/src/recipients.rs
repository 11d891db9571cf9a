//! Who can open an envelope, as the envelope says it (RFC 5652 section 6.2, RFC 5753).

use openssl::x509::X509Name;

use crate::agree::{self, AgreedKey};
use crate::asn1::{Element, Flaw, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE};
use crate::certificate::{X509Certificate, name_text};
use crate::hybrid;
use crate::quorum::Quorum;

pub use model::kra::WrappedKey;

/// Whom a content key was encrypted to, by certificate (RFC 5652 section 6.2.1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecipientIdentifier {
    /// By the certificate's issuer and serial number.
    IssuerAndSerialNumber {
        /// The issuer's name as DER.
        issuer_der: Vec<u8>,
        /// The issuer's name as text in the manner of RFC 4514.
        issuer: String,
        /// The certificate's serial number.
        serial: model::SerialNumber,
    },
    /// By the certificate's subject key identifier.
    SubjectKeyIdentifier(Vec<u8>),
}

/// One who can open an envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// Whose key.
    pub identifier: RecipientIdentifier,
    /// The content key, and how it was encrypted.
    pub wrapped: WrappedKey,
}

impl Recipient {
    /// The recipient in words for people: `serial 0a1b of CN=Contoso KRA CA`.
    pub fn describe(&self) -> String {
        match &self.identifier {
            RecipientIdentifier::IssuerAndSerialNumber { issuer, serial, .. } => {
                format!("serial {serial} of {issuer}")
            }
            RecipientIdentifier::SubjectKeyIdentifier(id) => format!("key {}", hex::encode(id)),
        }
    }

    /// Whether the certificate is the one that this recipient names.
    pub fn is(&self, certificate: &X509Certificate) -> bool {
        match &self.identifier {
            RecipientIdentifier::IssuerAndSerialNumber { issuer_der, serial, .. } => {
                *serial == certificate.serial()
                    && certificate.issuer_der().is_ok_and(|der| der == *issuer_der)
            }
            RecipientIdentifier::SubjectKeyIdentifier(id) => {
                certificate.subject_key_identifier().is_some_and(|own| own == *id)
            }
        }
    }
}

/// Who can open an envelope.
#[derive(Clone, Default, Debug)]
pub(crate) struct Recipients {
    /// Each by himself.
    pub(crate) each: Vec<Recipient>,
    /// So many of them together.
    pub(crate) quorum: Option<Quorum>,
    /// By kinds and algorithms that are not opened here.
    pub(crate) others: usize,
}

/// Reads the set of `RecipientInfo`.
pub(crate) fn recipients(set: &[u8]) -> Result<Recipients, Flaw> {
    let mut infos = Reader::new(set);
    let mut found = Recipients::default();
    while !infos.is_at_end() {
        let info = infos.next_element()?;
        let read = match (classic(info)?, info.tag) {
            (Some(read), _) => read,
            // [4]: by other means, of which a quorum and a hybrid recipient are two.
            (None, 0xa4) => match (Quorum::read(info.contents)?, hybrid::read(info.contents)?) {
                (Some(quorum), _) if found.quorum.is_none() => {
                    found.quorum = Some(quorum);
                    continue;
                }
                (_, Some(hybrid)) => hybrid,
                _ => vec![None],
            },
            // [2] and [3]: by a key that both have, by password.
            _ => vec![None],
        };
        found.others += read.iter().filter(|recipient| recipient.is_none()).count();
        found.each.extend(read.into_iter().flatten());
    }
    Ok(found)
}

/// By the key of a certificate, as a hybrid recipient has it too; `None` for other kinds of `RecipientInfo`.
pub(crate) fn classic(info: Element<'_>) -> Result<Option<Vec<Option<Recipient>>>, Flaw> {
    Ok(match info.tag {
        SEQUENCE => Some(vec![key_transport(info.contents)?]),
        0xa1 => Some(key_agreement(info.contents)?),
        _ => None,
    })
}

/// `KeyTransRecipientInfo` (RFC 5652 section 6.2.1).
fn key_transport(info: &[u8]) -> Result<Option<Recipient>, Flaw> {
    let mut fields = Reader::new(info);
    fields.expect(INTEGER, "a recipient's version")?;
    let identifier = fields.next_element()?;
    let algorithm = fields.expect(SEQUENCE, "a recipient's algorithm")?.contents;
    let encrypted_key = fields.expect(OCTET_STRING, "a recipient's encrypted key")?.contents.to_vec();
    fields.finish()?;
    let identifier = match identifier.tag {
        SEQUENCE => issuer_and_serial_number(identifier.contents)?,
        0x80 => RecipientIdentifier::SubjectKeyIdentifier(identifier.contents.to_vec()),
        _ => return Err(Flaw::Missing("a recipient's identifier")),
    };
    Ok(crate::envelope::read_key_encryption(algorithm)?.map(|algorithm| Recipient {
        identifier,
        wrapped: WrappedKey::Transport { algorithm, encrypted_key },
    }))
}

/// Octets of what a key is derived from beside the secret. Real ones have some fifty, and 512 with long keying material.
const LONGEST_SHARED_INFO: usize = 1_024;
/// Recipients that may share one agreement.
const MOST_AGREED: usize = 10_000;

/// `KeyAgreeRecipientInfo` (RFC 5652 section 6.2.2) with a key of the sender's for this envelope alone (RFC 5753); one
/// for each recipient that shares it.
fn key_agreement(info: &[u8]) -> Result<Vec<Option<Recipient>>, Flaw> {
    let mut fields = Reader::new(info);
    fields.expect(INTEGER, "a recipient's version")?;
    let originator = Reader::only(fields.expect(0xa0, "the sender's key")?.contents)?;
    let user_material = match fields.optional(0xa1)? {
        Some(field) => Some(only(field.contents, OCTET_STRING, "the user keying material")?),
        None => None,
    };
    let algorithm = fields.expect(SEQUENCE, "a recipient's algorithm")?.contents;
    let mut keys = Reader::new(fields.expect(SEQUENCE, "the recipients' encrypted keys")?.contents);
    fields.finish()?;

    let agreed = agreement(originator, user_material, algorithm)?;
    // Each recipient gets a copy of what is shared: a small envelope must not become a large one in memory.
    if agreed.as_ref().is_some_and(|agreed| agreed.shared_info.len() > LONGEST_SHARED_INFO) {
        return Err(Flaw::Missing("user keying material of a sensible length"));
    }
    let mut found = Vec::new();
    while !keys.is_at_end() {
        if found.len() == MOST_AGREED {
            return Err(Flaw::Missing("a sensible number of recipients of one key agreement"));
        }
        let mut key = Reader::new(keys.expect(SEQUENCE, "a recipient's encrypted key")?.contents);
        let identifier = key.next_element()?;
        let encrypted_key = key.expect(OCTET_STRING, "a recipient's encrypted key")?.contents.to_vec();
        key.finish()?;
        let identifier = match identifier.tag {
            SEQUENCE => issuer_and_serial_number(identifier.contents)?,
            // RecipientKeyIdentifier: the key identifier, then perhaps a date and other things.
            0xa0 => {
                let id =
                    Reader::new(identifier.contents).expect(OCTET_STRING, "a recipient's key identifier")?;
                RecipientIdentifier::SubjectKeyIdentifier(id.contents.to_vec())
            }
            _ => return Err(Flaw::Missing("a recipient's identifier")),
        };
        found.push(agreed.clone().map(|agreed| Recipient {
            identifier,
            wrapped: WrappedKey::Agreement(AgreedKey { encrypted_key, ..agreed }),
        }));
    }
    Ok(found)
}

/// What all recipients of one agreement share; `None` for algorithms that are not opened here.
fn agreement(
    originator: Element<'_>,
    user_material: Option<&[u8]>,
    algorithm: &[u8],
) -> Result<Option<AgreedKey>, Flaw> {
    let mut parts = Reader::new(algorithm);
    let scheme = parts.expect(OID, "the key agreement algorithm")?.contents;
    let Some(derivation) = agree::read_derivation(scheme) else { return Ok(None) };
    let wrap_algorithm = parts.expect(SEQUENCE, "the key wrap algorithm")?;
    parts.finish()?;
    let wrap = Reader::new(wrap_algorithm.contents).expect(OID, "the key wrap algorithm")?.contents;
    let Some(wrap) = agree::read_wrap(wrap) else { return Ok(None) };
    // A sender known by certificate (static keys) is not opened here; nobody archives like that.
    if originator.tag != 0xa1 {
        return Ok(None);
    }
    let mut key = Reader::new(originator.contents);
    // Its parameters may be absent, NULL or the curve's name; the curve is the recipient's whatever they say.
    let _algorithm = key.expect(SEQUENCE, "the algorithm of the sender's key")?;
    let bits = key.expect(0x03, "the sender's key")?.contents;
    key.finish()?;
    let Some((0, point)) = bits.split_first() else {
        return Err(Flaw::Missing("the sender's key in whole octets"));
    };
    Ok(Some(AgreedKey {
        point: point.to_vec(),
        derivation,
        shared_info: agree::shared_info(wrap_algorithm.whole, user_material, wrap),
        wrap,
        encrypted_key: Vec::new(),
    }))
}

/// The contents of the one element of this tag.
fn only<'a>(bytes: &'a [u8], tag: u8, what: &'static str) -> Result<&'a [u8], Flaw> {
    let element = Reader::only(bytes)?;
    if element.tag == tag { Ok(element.contents) } else { Err(Flaw::Missing(what)) }
}

fn issuer_and_serial_number(contents: &[u8]) -> Result<RecipientIdentifier, Flaw> {
    let mut parts = Reader::new(contents);
    let issuer = parts.expect(SEQUENCE, "a recipient's issuer")?.whole;
    let serial = parts.expect(INTEGER, "a recipient's serial number")?.contents;
    parts.finish()?;
    let name = X509Name::from_der(issuer).map_err(|_| Flaw::Missing("a recipient's issuer"))?;
    Ok(RecipientIdentifier::IssuerAndSerialNumber {
        issuer_der: issuer.to_vec(),
        issuer: name_text(&name),
        serial: model::SerialNumber::from_be_bytes(serial),
    })
}
