//! Brings a message that came as a file into binary form, and tells what a file is that is none.

use std::borrow::Cow;

use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine as _};

use crate::asn1;
use crate::error::CryptoError;

/// Some writers leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The binary form of a file that is to be `expected`: as it is when it is binary, decoded when it is text.
pub(crate) fn to_binary<'a>(bytes: &'a [u8], expected: &'static str) -> Result<Cow<'a, [u8]>, CryptoError> {
    read(bytes).map_err(|detail| CryptoError::Malformed { expected, detail: detail.to_owned() })
}

fn read(bytes: &[u8]) -> Result<Cow<'_, [u8]>, &'static str> {
    if bytes.first() == Some(&asn1::SEQUENCE) {
        return Ok(Cow::Borrowed(bytes));
    }
    let text = as_text(bytes)?;
    let text = text.trim();
    if text.is_empty() {
        return Err("the file is empty");
    }
    if text.starts_with('<') {
        return Err("it is a web page (it begins with `<`); fetch the file again");
    }
    let body = match text.split_once("-----BEGIN ") {
        None => text,
        Some((_, block)) => {
            let (_, body) = block.split_once("-----").ok_or("its first line is cut off")?;
            let end = "it is cut off: the line `-----END` is missing";
            body.split_once("-----END").ok_or(end)?.0
        }
    };
    let digits: String = body.split_ascii_whitespace().collect();
    let is_digit = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=');
    if digits.is_empty() || !digits.bytes().all(is_digit) {
        return Err("it is text, and not base64");
    }
    let binary = BASE64.decode(digits).map_err(|_| "its base64 text is damaged or cut off")?;
    Ok(Cow::Owned(binary))
}

/// UTF-8 or UTF-16, with or without a byte order mark.
fn as_text(bytes: &[u8]) -> Result<Cow<'_, str>, &'static str> {
    let utf16 = |octets: &[u8], read: fn([u8; 2]) -> u16| {
        let (pairs, _) = octets.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().copied().map(read).collect();
        String::from_utf16(&units).map(Cow::Owned).map_err(|_| "its text cannot be read")
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            std::str::from_utf8(rest).map(Cow::Borrowed).map_err(|_| "it begins like another kind of file")
        }
    }
}
