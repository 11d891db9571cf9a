//! A small strict reader of tag-length-value structures (X.690), for bytes that come from outside.
//!
//! It keeps the exact bytes of what it read (names and serial numbers are compared as they were written), and
//! it brings the indefinite lengths and split strings that CMS writers may use (BER) into one definite form
//! first. It never panics and never allocates by what a length field claims.

use crate::error::CryptoError;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Nesting beyond this is not a certificate, request or envelope.
const DEPTH_LIMIT: usize = 32;

/// One element: its identifier octet, its contents, and its bytes as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) contents: &'a [u8],
    pub(crate) whole: &'a [u8],
}

/// What is wrong with the bytes; turned into a [`CryptoError`] that says what they were to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    Truncated,
    BadLength,
    TooDeep,
    LongTag,
    TrailingBytes,
    Missing(&'static str),
}

impl Flaw {
    pub(crate) fn of(self, expected: &'static str) -> CryptoError {
        let detail = match self {
            Self::Truncated => "it ends too early; the file may be cut off".to_owned(),
            Self::BadLength => "a length field makes no sense".to_owned(),
            Self::TooDeep => "it is nested too deeply".to_owned(),
            Self::LongTag => "it has a tag that is never used there".to_owned(),
            Self::TrailingBytes => "bytes follow its end".to_owned(),
            Self::Missing(what) => format!("{what} is missing or of another form"),
        };
        CryptoError::Malformed { expected, detail }
    }
}

/// Walks over the elements of one level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The one element that `bytes` consist of.
    pub(crate) fn only(bytes: &'a [u8]) -> Result<Element<'a>, Flaw> {
        let mut reader = Self::new(bytes);
        let element = reader.next_element()?;
        reader.finish()?;
        Ok(element)
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn finish(self) -> Result<(), Flaw> {
        if self.rest.is_empty() { Ok(()) } else { Err(Flaw::TrailingBytes) }
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(crate) fn next_element(&mut self) -> Result<Element<'a>, Flaw> {
        let header = header(self.rest)?;
        let length = header.length.ok_or(Flaw::BadLength)?;
        let end = header.size.checked_add(length).ok_or(Flaw::BadLength)?;
        let whole = self.rest.get(..end).ok_or(Flaw::Truncated)?;
        self.rest = &self.rest[end..];
        Ok(Element { tag: header.tag, contents: &whole[header.size..], whole })
    }

    /// The next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, Flaw> {
        if self.peek() != Some(tag) {
            return Err(Flaw::Missing(what));
        }
        self.next_element()
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Flaw> {
        if self.peek() == Some(tag) { self.next_element().map(Some) } else { Ok(None) }
    }
}

struct Header {
    tag: u8,
    /// Octets of identifier and length.
    size: usize,
    /// `None` is the indefinite form.
    length: Option<usize>,
}

fn header(bytes: &[u8]) -> Result<Header, Flaw> {
    let tag = *bytes.first().ok_or(Flaw::Truncated)?;
    if tag & 0x1f == 0x1f {
        return Err(Flaw::LongTag);
    }
    let first = *bytes.get(1).ok_or(Flaw::Truncated)?;
    match first {
        0..=0x7f => Ok(Header { tag, size: 2, length: Some(usize::from(first)) }),
        0x80 => Ok(Header { tag, size: 2, length: None }),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let octets = bytes.get(2..2 + count).ok_or(Flaw::Truncated)?;
            let length = octets.iter().fold(0_usize, |sum, octet| (sum << 8) | usize::from(*octet));
            Ok(Header { tag, size: 2 + count, length: Some(length) })
        }
        _ => Err(Flaw::BadLength),
    }
}

/// How many octets the first element of `bytes` claims to have, header included; `None` when the header
/// itself is cut off, is no sense, or uses the indefinite form.
pub(crate) fn claimed_size(bytes: &[u8]) -> Option<usize> {
    let header = header(bytes).ok()?;
    header.length?.checked_add(header.size)
}

/// One element with definite, shortest lengths.
pub(crate) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(contents.len() + 6);
    push_header(&mut out, tag, contents.len());
    out.extend_from_slice(contents);
    out
}

fn push_header(out: &mut Vec<u8>, tag: u8, length: usize) {
    out.push(tag);
    let octets = length.to_be_bytes();
    let significant = &octets[octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len())..];
    match significant {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        long => {
            // A usize has at most eight octets, so this fits the seven bits.
            out.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            out.extend_from_slice(long);
        }
    }
}

/// Rewrites one BER element with definite lengths and whole octet strings; DER comes out as it went in.
///
/// # Errors
/// A flaw of the structure, or bytes after its end.
pub(crate) fn definite(bytes: &[u8]) -> Result<Vec<u8>, Flaw> {
    let mut out = Vec::with_capacity(bytes.len());
    let used = rewrite(bytes, &mut out, 0)?;
    if used == bytes.len() { Ok(out) } else { Err(Flaw::TrailingBytes) }
}

/// Rewrites the first element of `bytes` into `out`; returns how many octets it had.
fn rewrite(bytes: &[u8], out: &mut Vec<u8>, depth: usize) -> Result<usize, Flaw> {
    if depth > DEPTH_LIMIT {
        return Err(Flaw::TooDeep);
    }
    let header = header(bytes)?;
    let constructed = header.tag & 0x20 != 0;
    if !constructed {
        let end = header.size.checked_add(header.length.ok_or(Flaw::BadLength)?).ok_or(Flaw::BadLength)?;
        let contents = bytes.get(header.size..end).ok_or(Flaw::Truncated)?;
        push_header(out, header.tag, contents.len());
        out.extend_from_slice(contents);
        return Ok(end);
    }
    let mut children = Vec::new();
    let mut at = header.size;
    match header.length {
        Some(length) => {
            let end = at.checked_add(length).ok_or(Flaw::BadLength)?;
            let within = bytes.get(..end).ok_or(Flaw::Truncated)?;
            while at < end {
                at += rewrite(&within[at..], &mut children, depth + 1)?;
            }
        }
        None => loop {
            let rest = bytes.get(at..).ok_or(Flaw::Truncated)?;
            if rest.starts_with(&[0, 0]) {
                at += 2;
                break;
            }
            at += rewrite(rest, &mut children, depth + 1)?;
        },
    }
    if header.tag == OCTET_STRING | 0x20 {
        let joined = join_octets(&children)?;
        push_header(out, OCTET_STRING, joined.len());
        out.extend_from_slice(&joined);
    } else {
        push_header(out, header.tag, children.len());
        out.extend_from_slice(&children);
    }
    Ok(at)
}

/// The octets of a string that was written in pieces; `children` has been rewritten already.
pub(crate) fn join_octets(children: &[u8]) -> Result<Vec<u8>, Flaw> {
    let mut joined = Vec::with_capacity(children.len());
    let mut reader = Reader::new(children);
    while !reader.is_at_end() {
        joined.extend_from_slice(reader.expect(OCTET_STRING, "a piece of an octet string")?.contents);
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_lengths_and_split_strings_become_definite_and_whole() {
        // SEQUENCE (indefinite) { OCTET STRING (constructed, indefinite) { 01 02, 03 }, INTEGER 5 }
        let ber = [0x30, 0x80, 0x24, 0x80, 4, 2, 1, 2, 4, 1, 3, 0, 0, 2, 1, 5, 0, 0];
        assert_eq!(definite(&ber).unwrap(), [0x30, 8, 4, 3, 1, 2, 3, 2, 1, 5]);
    }

    #[test]
    fn definite_form_is_left_as_it_is() {
        let long = tlv(SEQUENCE, &tlv(OCTET_STRING, &[7; 300]));
        assert_eq!(definite(&long).unwrap(), long);
    }

    #[test]
    fn nesting_and_lengths_beyond_reason_are_refused() {
        let mut deep = Vec::new();
        for _ in 0..40 {
            deep = tlv(SEQUENCE, &deep);
        }
        assert_eq!(definite(&deep), Err(Flaw::TooDeep));
        assert_eq!(definite(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Err(Flaw::Truncated));
        assert_eq!(definite(&[0x30, 0x80]), Err(Flaw::Truncated));
        assert_eq!(definite(&[4, 0x80, 0, 0]), Err(Flaw::BadLength));
        assert_eq!(definite(&[5, 0, 5, 0]), Err(Flaw::TrailingBytes));
    }
}
