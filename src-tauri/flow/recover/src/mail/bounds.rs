//! What keeps one mail from stopping the others: limits that are looked at before the parser begins, and a thread of its own.
//!
//! Whoever sends a mail chooses its form. The parser and what walks through its result call themselves for each message in a
//! message, and keep every header field and every part in memory; a mail that is made for it would exhaust the stack or the
//! memory of the whole program.

use super::MailError;

/// How many fields `Content-Type` an entity may have: a message in a message takes one, so it bounds the nesting too.
const MOST_TYPES: usize = 2_000;
/// How many boundaries, or what could be one: two hyphens.
const MOST_BOUNDARIES: usize = 500_000;
/// How many lines that could be header fields: those with a colon.
const MOST_FIELDS: usize = 1_000_000;
/// The stack on which a mail is decrypted. It fits [`MOST_TYPES`] messages in each other in every encrypted layer.
const STACK: usize = 256 * 1024 * 1024;

/// Whether an entity may be given to the parser.
///
/// Counts what the parser could at most find there, wherever it looks: names of fields count with whitespace inside, and
/// boundaries in the middle of lines, because the parser takes them, too.
pub(super) fn check(entity: &[u8]) -> Result<(), MailError> {
    const NAME: u128 = u128::from_be_bytes(*b"\0\0\0\0content-type");
    const MASK: u128 = (1 << 96) - 1;
    let (mut types, mut fields, mut boundaries) = (0, 0, 0);
    let mut name = 0_u128;
    let mut last = 0;
    let mut has_colon = false;
    for &octet in entity {
        match octet {
            b':' => {
                types += usize::from(name & MASK == NAME);
                fields += usize::from(!has_colon);
                has_colon = true;
            }
            b'\n' => has_colon = false,
            b'-' if last == b'-' => boundaries += 1,
            _ => {}
        }
        if !octet.is_ascii_whitespace() {
            name = name << 8 | u128::from(octet.to_ascii_lowercase());
        }
        last = octet;
    }
    if types > MOST_TYPES || boundaries > MOST_BOUNDARIES || fields > MOST_FIELDS {
        return Err(MailError::TooMuch);
    }
    Ok(())
}

/// Does the work on a stack that is large enough for everything that [`check`] lets through. A panic ends there.
pub(super) fn alone<T: Send>(work: impl FnOnce() -> Result<T, MailError> + Send) -> Result<T, MailError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("mail".to_owned()).stack_size(STACK);
        match thread.spawn_scoped(scope, work) {
            Ok(working) => working.join().unwrap_or(Err(MailError::Stopped)),
            Err(_) => Err(MailError::Stopped),
        }
    })
}
