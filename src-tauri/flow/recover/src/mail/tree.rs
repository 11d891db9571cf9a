//! Finds the encrypted parts of a mail, and makes a mail of what was in them.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{HeaderName, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};
use zeroize::Zeroizing;

use super::open::Opener;
use super::{DEEPEST, MailError, bounds, entity};

/// A part that was decrypted.
struct Found {
    begin: usize,
    end: usize,
    /// The message that it is a part of, with the header fields that belong to it, such as subject and sender; and the content.
    by: Zeroizing<Vec<u8>>,
}

/// What a walk through the parts saw.
#[derive(Default)]
struct Seen {
    found: Vec<Found>,
    /// Parts with a content of their own that were not decrypted.
    others: usize,
}

/// The entity with what is in it for the opener's key, decrypted, and with nothing else. Comes back as it was when nothing is.
pub(super) fn decrypt(
    bytes: &[u8],
    opener: &mut Opener<'_>,
    depth: usize,
) -> Result<Zeroizing<Vec<u8>>, MailError> {
    if depth > DEEPEST {
        return Err(MailError::TooDeep);
    }
    bounds::check(bytes)?;
    let unchanged = || Zeroizing::new(bytes.to_vec());
    let Some(message) = parser().parse(bytes) else {
        // An entity without header fields is text.
        return if depth > 0 { Ok(unchanged()) } else { Err(not_a_mail()) };
    };
    if depth == 0 && !entity::begins_with_field(bytes) {
        return Err(not_a_mail());
    }
    let mut seen = Seen::default();
    walk(&message, bytes, opener, depth, &mut seen);
    let Seen { found, others } = seen;
    if found.is_empty() {
        return Ok(unchanged());
    }
    opener.leave_out(others);
    if let [only] = found.as_slice() {
        return Ok(only.by.clone());
    }
    opener.attach(found.len());
    let each: Vec<&[u8]> = found.iter().map(|one| one.by.as_slice()).collect();
    Ok(entity::in_place_of(bytes, &entity::attached(&each)))
}

/// Reads only the fields that say where parts are and what. Transfer encodings are none of them: the parser would look into
/// encoded messages as well, however deep, and what is encrypted does not lie there.
fn parser() -> MessageParser {
    MessageParser::new()
        .header_content_type(HeaderName::ContentType)
        .header_content_type(HeaderName::ContentDisposition)
        .default_header_ignore()
}

fn not_a_mail() -> MailError {
    MailError::NotAMail("it does not begin with a header field such as `From:`".to_owned())
}

/// Looks at all parts of a message, and into messages that are parts.
fn walk(message: &Message<'_>, bytes: &[u8], opener: &mut Opener<'_>, depth: usize, seen: &mut Seen) {
    let before = seen.found.len();
    let root = message.parts.first().map_or(0, |part| part.offset_header as usize);
    for part in &message.parts {
        match &part.body {
            // A part of a signed multipart comes after it.
            PartType::Multipart(_) => {}
            PartType::Message(inner) => walk(inner, bytes, opener, depth, seen),
            PartType::Text(_) | PartType::Html(_) | PartType::Binary(_) | PartType::InlineBinary(_) => {
                let content =
                    looks_encrypted(part).then(|| content(part, bytes, root, opener, depth)).flatten();
                match content {
                    Some(found) => seen.found.push(found),
                    // What a signature is of is told elsewhere.
                    None => seen.others += usize::from(!is_signature(part)),
                }
            }
        }
    }
    count_signatures(message, &seen.found[before..], opener);
}

/// One part, decrypted; `root` is where its message begins.
fn content(
    part: &MessagePart<'_>,
    bytes: &[u8],
    root: usize,
    opener: &mut Opener<'_>,
    depth: usize,
) -> Option<Found> {
    let begin = usize::try_from(part.offset_header).ok()?;
    let body = usize::try_from(part.offset_body).ok()?;
    let end = usize::try_from(part.offset_end).ok()?;
    let encoded = bytes.get(body..end)?;
    let encoding = entity::value(bytes.get(begin..body)?, b"content-transfer-encoding");
    let decoded = match encoding.as_deref() {
        Some("base64") => base64_decode(encoded),
        Some("quoted-printable") => quoted_printable_decode(encoded),
        _ => None,
    };
    let content = opener.part(decoded.as_deref().unwrap_or(encoded), depth)?;
    Some(Found { begin, end, by: entity::in_place_of(bytes.get(root..)?, &content) })
}

/// Each `multipart/signed` around something that was decrypted.
fn count_signatures(message: &Message<'_>, found: &[Found], opener: &mut Opener<'_>) {
    for part in &message.parts {
        let is_signed = part
            .content_type()
            .is_some_and(|kind| kind.ctype() == "multipart" && kind.subtype() == Some("signed"));
        let (begin, end) = (part.offset_header as usize, part.offset_end as usize);
        if is_signed && found.iter().any(|one| begin <= one.begin && one.end <= end) {
            opener.undo_signature();
        }
    }
}

/// A signature beside what it is of.
fn is_signature(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|kind| {
        kind.ctype() == "application"
            && matches!(kind.subtype(), Some("pkcs7-signature" | "x-pkcs7-signature"))
    })
}

/// By its type, or by its name where a gateway has changed the type.
fn looks_encrypted(part: &MessagePart<'_>) -> bool {
    if let Some(kind) = part.content_type() {
        let subtype = kind.subtype().unwrap_or_default().to_ascii_lowercase();
        let is_pkcs7 = kind.ctype().eq_ignore_ascii_case("application")
            && matches!(subtype.as_str(), "pkcs7-mime" | "x-pkcs7-mime" | "cms" | "pkcs7");
        if is_pkcs7 {
            return true;
        }
    }
    part.attachment_name()
        .and_then(|name| name.rsplit_once('.'))
        .is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("p7m"))
}
