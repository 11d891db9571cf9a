//! CMS messages as mail programs write them: encrypted, signed around their content, one in the other (RFC 8551).
//!
//! Signatures are neither made nor judged here; what is signed is only looked into, for what is encrypted inside.

use crate::asn1::{self, Flaw, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, SET, tlv};
use crate::envelope::{ID_AUTH_ENVELOPED_DATA, ID_DATA, ID_ENVELOPED_DATA, ID_SIGNED_DATA};
use crate::error::CryptoError;
use crate::open::Envelope;
use crate::text;

const MESSAGE: &str = "a CMS message (S/MIME, PKCS#7)";

/// What the content of a message is, by the message's own word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContentKind {
    /// Octets: in mails, a MIME entity.
    Data,
    /// Another message, signed.
    Signed,
    /// Another message, encrypted.
    Enveloped,
    /// Another message, encrypted so that alterations are noticed.
    AuthEnveloped,
    /// Something else.
    Other,
}

impl ContentKind {
    pub(crate) fn read(oid: &[u8]) -> Self {
        let known = [
            (ID_DATA, Self::Data),
            (ID_SIGNED_DATA, Self::Signed),
            (ID_ENVELOPED_DATA, Self::Enveloped),
            (ID_AUTH_ENVELOPED_DATA, Self::AuthEnveloped),
        ];
        known.into_iter().find(|(id, _)| id.as_bytes() == oid).map_or(Self::Other, |(_, kind)| kind)
    }

    /// Puts the content's type in front of its body, which a message inside a message goes without (RFC 5652 section 6.1);
    /// `None` for what has no such form.
    pub fn as_message(self, body: &[u8]) -> Option<Vec<u8>> {
        let kind = match self {
            Self::Signed => ID_SIGNED_DATA,
            Self::Enveloped => ID_ENVELOPED_DATA,
            Self::AuthEnveloped => ID_AUTH_ENVELOPED_DATA,
            Self::Data | Self::Other => return None,
        };
        Some(tlv(SEQUENCE, &[tlv(OID, kind.as_bytes()), tlv(0xa0, body)].concat()))
    }
}

/// A message that has been read and not opened.
#[derive(Debug)]
pub enum Message {
    /// Encrypted.
    Encrypted(Box<Envelope>),
    /// Signed, with the signed content inside.
    Signed {
        /// What the signed content is.
        kind: ContentKind,
        /// The signed content; `None` when it lies elsewhere.
        content: Option<Vec<u8>>,
    },
    /// Something else, such as compressed.
    Other,
}

impl Message {
    /// Reads a message: DER, BER, PEM or base64.
    ///
    /// # Errors
    /// `Malformed` for other bytes; `Unsupported` for content that is encrypted in another way.
    pub fn parse(bytes: &[u8]) -> Result<Self, CryptoError> {
        let binary = text::to_binary(bytes, MESSAGE)?;
        let definite = asn1::definite(&binary).map_err(|flaw| flaw.of(MESSAGE))?;
        let (kind, body) = content_info(&definite).map_err(|flaw| flaw.of(MESSAGE))?;
        Ok(match kind {
            ContentKind::Enveloped | ContentKind::AuthEnveloped => {
                let envelope = Envelope::read(body, kind == ContentKind::AuthEnveloped, None)?;
                Self::Encrypted(Box::new(envelope))
            }
            ContentKind::Signed => signed(body).map_err(|flaw| flaw.of(MESSAGE))?,
            ContentKind::Data | ContentKind::Other => Self::Other,
        })
    }
}

/// The type and the body of a `ContentInfo`.
fn content_info(der: &[u8]) -> Result<(ContentKind, &[u8]), Flaw> {
    let outer = Reader::only(der)?;
    if outer.tag != SEQUENCE {
        return Err(Flaw::Missing("the outer sequence"));
    }
    let mut info = Reader::new(outer.contents);
    let kind = ContentKind::read(info.expect(OID, "the content type")?.contents);
    let body = Reader::only(info.expect(0xa0, "the content")?.contents)?;
    info.finish()?;
    Ok((kind, body.contents))
}

/// The signed content of `SignedData` (RFC 5652 section 5.1).
fn signed(data: &[u8]) -> Result<Message, Flaw> {
    let mut fields = Reader::new(data);
    fields.expect(INTEGER, "the version")?;
    fields.expect(SET, "the digest algorithms")?;
    let mut signed = Reader::new(fields.expect(SEQUENCE, "the signed content")?.contents);
    let kind = ContentKind::read(signed.expect(OID, "the type of the signed content")?.contents);
    let content = match signed.optional(0xa0)? {
        None => None,
        Some(field) => {
            let content = Reader::only(field.contents)?;
            // PKCS#7 1.5 has the content itself where CMS has an octet string of it.
            Some(if content.tag == OCTET_STRING { content.contents } else { content.whole }.to_vec())
        }
    };
    Ok(Message::Signed { kind, content })
}
