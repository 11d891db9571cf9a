//! Takes the layers off a blob until the envelope is left.
//!
//! Seen or allowed for: `ContentInfo` with `SignedData`, with or without signers; inside it, under the type id-data or
//! id-envelopedData, an OCTET STRING (also one in pieces) or, as PKCS#7 1.5 has it, the content itself; in there a
//! `ContentInfo` with the envelope or the bare `EnvelopedData`; or the envelope alone.

use crate::asn1::{self, Element, Flaw, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, SET};
use crate::envelope::{ID_AUTH_ENVELOPED_DATA, ID_DATA, ID_ENVELOPED_DATA, ID_SIGNED_DATA};

/// More layers than any writer has a use for.
const MOST_LAYERS: usize = 8;

/// What was found on the way to the envelope.
#[derive(Default)]
pub(super) struct Layers {
    /// The fields of `EnvelopedData` or `AuthEnvelopedData`, with definite lengths.
    pub(super) envelope: Vec<u8>,
    /// Whether they are those of `AuthEnvelopedData`.
    pub(super) authenticated: bool,
    /// Certificates, DER.
    pub(super) certificates: Vec<Vec<u8>>,
    /// Signatures.
    pub(super) signers: usize,
}

impl Layers {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Flaw> {
        let mut found = Self::default();
        let mut inner = bytes.to_vec();
        for _ in 0..MOST_LAYERS {
            // What lies inside an octet string has lengths of its own.
            let definite = asn1::definite(&inner)?;
            match found.take_off(Reader::only(&definite)?)? {
                Some(next) => inner = next,
                None => return Ok(found),
            }
        }
        Err(Flaw::TooDeep)
    }

    /// Takes one layer off: the bytes of the next, or nothing when the envelope was found.
    fn take_off(&mut self, outer: Element<'_>) -> Result<Option<Vec<u8>>, Flaw> {
        if outer.tag == OCTET_STRING {
            return Ok(Some(outer.contents.to_vec()));
        }
        if outer.tag != SEQUENCE {
            return Err(Flaw::Missing("the outer sequence"));
        }
        let mut info = Reader::new(outer.contents);
        if info.peek() == Some(INTEGER) {
            // Without a type in front.
            outer.contents.clone_into(&mut self.envelope);
            return Ok(None);
        }
        let kind = info.expect(OID, "the content type")?.contents;
        let body = Reader::only(info.expect(0xa0, "the content")?.contents)?;
        info.finish()?;
        if kind == ID_DATA.as_bytes() {
            return Ok(Some(body.whole.to_vec()));
        }
        if body.tag != SEQUENCE {
            return Err(Flaw::Missing("the content's sequence"));
        }
        if kind == ID_SIGNED_DATA.as_bytes() {
            return self.signed_data(body.contents).map(Some);
        }
        self.authenticated = kind == ID_AUTH_ENVELOPED_DATA.as_bytes();
        if !self.authenticated && kind != ID_ENVELOPED_DATA.as_bytes() {
            return Err(Flaw::Missing("a message of type SignedData or EnvelopedData"));
        }
        body.contents.clone_into(&mut self.envelope);
        Ok(None)
    }

    /// The fields of `SignedData` (RFC 5652 section 5.1); answers what was signed.
    fn signed_data(&mut self, data: &[u8]) -> Result<Vec<u8>, Flaw> {
        let mut fields = Reader::new(data);
        fields.expect(INTEGER, "the version")?;
        fields.expect(SET, "the digest algorithms")?;
        let mut signed = Reader::new(fields.expect(SEQUENCE, "the signed content")?.contents);
        signed.expect(OID, "the type of the signed content")?;
        let content = signed.expect(0xa0, "the archived key in the signed message")?;
        let content = Reader::only(content.contents)?.whole.to_vec();
        if let Some(bag) = fields.optional(0xa0)? {
            let mut bag = Reader::new(bag.contents);
            while !bag.is_at_end() {
                let one = bag.next_element()?;
                // Other kinds of certificates have tags of their own.
                if one.tag == SEQUENCE {
                    self.certificates.push(one.whole.to_vec());
                }
            }
        }
        let _revocation_lists = fields.optional(0xa1)?;
        let mut signers = Reader::new(fields.expect(SET, "the signatures")?.contents);
        while !signers.is_at_end() {
            signers.next_element()?;
            self.signers += 1;
        }
        fields.finish()?;
        Ok(content)
    }
}
