//! Text from the directory as people read it, and what makes it unfit for a certificate.

use model::text::is_hidden;
use unicode_normalization::UnicodeNormalization as _;

/// Why a text cannot be certified although it can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    /// It holds what a decoder puts where it failed.
    Damaged,
    /// It holds an HTML entity: some form or export wrote `&amp;` for `&`.
    Markup,
    /// It has the form of a mail address. Such a name must be one of those certified (S/MIME BR 7.1.4.2.1).
    Address,
}

/// Composed (NFC), with single spaces, without characters that nobody sees; `None` when no letter and no digit is left.
pub(crate) fn clean(text: Option<&str>) -> Option<String> {
    let text = shown(text?);
    text.chars().any(char::is_alphanumeric).then_some(text)
}

/// The same for any text, to be read in a list: nothing in it moves a cursor or turns the direction of what follows.
pub(crate) fn shown(text: &str) -> String {
    let composed: String = text
        .nfc()
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .filter(|letter| !is_hidden(*letter))
        .collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is wrong with a readable text.
pub(crate) fn flaw(text: &str) -> Option<Flaw> {
    if text.contains(|letter| matches!(letter, '\u{fff9}'..='\u{fffd}')) {
        Some(Flaw::Damaged)
    } else if holds_entity(text) {
        Some(Flaw::Markup)
    } else if looks_like_address(text) {
        Some(Flaw::Address)
    } else {
        None
    }
}

/// Whether it holds a character that nobody sees, or a damaged one.
pub(crate) fn has_hidden(text: &str) -> bool {
    text.contains(|letter| is_hidden(letter) || matches!(letter, '\u{fff9}'..='\u{fffd}'))
}

/// Enough of a long text to know it again.
pub(crate) fn abridged(text: &str) -> String {
    const SHOWN: usize = 80;
    let text = shown(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn holds_entity(text: &str) -> bool {
    text.split('&').skip(1).any(|after| {
        after.split_once(';').is_some_and(|(name, _)| {
            let name = name.strip_prefix('#').unwrap_or(name);
            !name.is_empty() && name.len() <= 32 && name.bytes().all(|octet| octet.is_ascii_alphanumeric())
        })
    })
}

fn looks_like_address(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !text.contains(' '))
}
