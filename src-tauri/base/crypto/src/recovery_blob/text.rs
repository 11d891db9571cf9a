//! Brings a blob file into binary form, and tells what a file is that is none.

use std::borrow::Cow;

use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine as _};

use super::BLOB;
use crate::asn1;
use crate::error::CryptoError;

/// Some writers leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn malformed(detail: &str) -> CryptoError {
    CryptoError::Malformed { expected: BLOB, detail: detail.to_owned() }
}

/// The binary form of a file: as it is when it is binary, decoded when it is text.
pub(super) fn to_binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, CryptoError> {
    if bytes.first() == Some(&asn1::SEQUENCE) {
        return Ok(Cow::Borrowed(bytes));
    }
    let text = as_text(bytes)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(malformed("the file is empty"));
    }
    if text.starts_with('<') {
        return Err(malformed("it is a web page (it begins with `<`); fetch the blob again"));
    }
    let body = match text.split_once("-----BEGIN ") {
        None => text,
        Some((_, block)) => {
            let (_, body) =
                block.split_once("-----").ok_or_else(|| malformed("its first line is cut off"))?;
            let end = "it is cut off: the line `-----END` is missing";
            body.split_once("-----END").ok_or_else(|| malformed(end))?.0
        }
    };
    let digits: String = body.split_ascii_whitespace().collect();
    let is_digit = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=');
    if digits.is_empty() || !digits.bytes().all(is_digit) {
        return Err(malformed("it is text, and not base64"));
    }
    let binary = BASE64.decode(digits).map_err(|_| malformed("its base64 text is damaged or cut off"))?;
    Ok(Cow::Owned(binary))
}

/// UTF-8 or UTF-16, with or without a byte order mark.
fn as_text(bytes: &[u8]) -> Result<Cow<'_, str>, CryptoError> {
    let utf16 = |octets: &[u8], read: fn([u8; 2]) -> u16| {
        let (pairs, _) = octets.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().copied().map(read).collect();
        String::from_utf16(&units).map(Cow::Owned).map_err(|_| malformed("its text cannot be read"))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => std::str::from_utf8(rest)
            .map(Cow::Borrowed)
            .map_err(|_| malformed("it begins like another kind of file")),
    }
}
