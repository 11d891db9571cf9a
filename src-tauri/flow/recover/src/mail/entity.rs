//! Header fields of a MIME entity as octets: what is put in the place of an encrypted part must read like a part.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Octets of a line of base64 (RFC 2045 section 6.8).
const LINE: usize = 76;

/// Whether this is a CMS message rather than a mail: binary, PEM, or nothing but base64.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    // The octet 30 is also the digit 0; a length beyond 127, or the OID that comes next, is in no text.
    if matches!(bytes, [0x30, 0x80..=0xff, ..] | [0x30, _, 0x06, ..]) {
        return true;
    }
    let text = without_mark(bytes).trim_ascii_start();
    if text.starts_with(b"-----BEGIN ") {
        return true;
    }
    let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/=\r\n \t".contains(octet);
    !text.is_empty() && !begins_with_field(text) && text.iter().all(is_base64)
}

/// Without what some programs put in front of a mail: a byte order mark, the line of an mbox.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if !bytes.starts_with(b"From ") {
        return bytes;
    }
    bytes.iter().position(|octet| *octet == b'\n').map_or(bytes, |end| &bytes[end + 1..])
}

/// Whether the octets begin with a header field: a name, a colon.
pub(super) fn begins_with_field(bytes: &[u8]) -> bool {
    let name = bytes.iter().take_while(|octet| octet.is_ascii_graphic() && **octet != b':').count();
    name > 0 && bytes[name..].iter().find(|octet| !b" \t".contains(octet)) == Some(&b':')
}

/// Whether the octets are an entity: header fields, or the empty line that says that there are none.
fn is_entity(bytes: &[u8]) -> bool {
    begins_with_field(bytes) || bytes.starts_with(b"\r\n") || bytes.starts_with(b"\n")
}

/// Whether the octets are text that people wrote.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\r' | '\n' | '\t' | '\u{c}')))
}

/// The decrypted content as a MIME entity. Content without header fields is taken for text where it is text; other octets
/// become an attachment, where they are sure to be what was encrypted, and `None` otherwise: a wrong key gives such
/// octets, too.
pub(super) fn of_content(content: Zeroizing<Vec<u8>>, authenticated: bool) -> Option<Zeroizing<Vec<u8>>> {
    if content.is_empty() || is_entity(&content) {
        return Some(content);
    }
    if is_text(&content) {
        let fields = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
        return Some(Zeroizing::new([fields.as_slice(), &content].concat()));
    }
    authenticated.then(|| encoded("application/octet-stream; name=\"content.bin\"", &content))
}

/// Octets as an entity of this type, in base64.
pub(super) fn encoded(content_type: &str, octets: &[u8]) -> Zeroizing<Vec<u8>> {
    let text = Zeroizing::new(STANDARD.encode(octets));
    let mut entity = Zeroizing::new(Vec::with_capacity(text.len() + text.len() / 32 + 256));
    entity.extend_from_slice(
        format!("Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n").as_bytes(),
    );
    for line in text.as_bytes().chunks(LINE) {
        entity.extend_from_slice(line);
        entity.extend_from_slice(b"\r\n");
    }
    entity
}

/// The header fields of an entity, each with its lines, up to the empty line.
fn fields(entity: &[u8]) -> Vec<&[u8]> {
    let mut found: Vec<&[u8]> = Vec::new();
    let mut begin = 0;
    let mut at = 0;
    while at < entity.len() {
        let end =
            entity[at..].iter().position(|octet| *octet == b'\n').map_or(entity.len(), |line| at + line + 1);
        let line = &entity[at..end];
        let is_folded = line.starts_with(b" ") || line.starts_with(b"\t");
        if at > begin && !is_folded {
            found.push(&entity[begin..at]);
            begin = at;
        }
        if line.trim_ascii().is_empty() && !is_folded {
            return found;
        }
        at = end;
    }
    if at > begin {
        found.push(&entity[begin..at]);
    }
    found
}

fn name(field: &[u8]) -> Vec<u8> {
    let end = field.iter().position(|octet| *octet == b':').unwrap_or(field.len());
    field[..end].trim_ascii().to_ascii_lowercase()
}

/// The value of a field in small letters, without blanks around it and what follows a comment or parameter.
pub(super) fn value(header: &[u8], wanted: &[u8]) -> Option<String> {
    let field = fields(header).into_iter().find(|field| name(field) == wanted)?;
    let value = field.split(|octet| *octet == b':').nth(1)?;
    let value = value.split(|octet| b";(".contains(octet)).next()?;
    Some(String::from_utf8_lossy(value.trim_ascii()).to_ascii_lowercase())
}

/// Entities as attachments of one, each a file of its own that no mail program shows beside another.
pub(super) fn attached(entities: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    // In no base64.
    const BOUNDARY: &str = "=_decrypted_=";
    let length: usize = entities.iter().map(|one| one.len() * 3 / 2 + 512).sum();
    let mut whole = Zeroizing::new(Vec::with_capacity(length + 256));
    whole.extend_from_slice(
        format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n")
            .as_bytes(),
    );
    for (index, one) in entities.iter().enumerate() {
        let name = format!("decrypted-{}.eml", index + 1);
        whole.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n").as_bytes(),
        );
        whole.extend_from_slice(&encoded(&format!("application/octet-stream; name=\"{name}\""), one));
    }
    whole.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    whole
}

/// The content in the place of the part that held it: the part's own fields stay, such as subject and sender, unless they
/// speak of the encrypted form (`Content-…`) or the content has them itself. Those inside were encrypted, and count more.
pub(super) fn in_place_of(part: &[u8], content: &[u8]) -> Zeroizing<Vec<u8>> {
    let inner: HashSet<Vec<u8>> = fields(content).into_iter().map(name).collect();
    let mut entity = Zeroizing::new(Vec::with_capacity(part.len().min(1 << 16) + content.len()));
    for field in fields(part) {
        let name = name(field);
        if !name.starts_with(b"content-") && !inner.contains(&name) {
            entity.extend_from_slice(field);
        }
    }
    entity.extend_from_slice(content);
    entity
}
