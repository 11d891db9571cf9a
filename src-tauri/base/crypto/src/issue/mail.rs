//! Which mail addresses a certificate may hold (RFC 5280 section 4.2.1.6, RFC 5321 section 4.1.2).

use super::unfit;
use crate::error::CryptoError;

const LOCAL_PART: usize = 64;
const DOMAIN: usize = 253;
/// A path of 256 octets without its angle brackets (RFC 5321 section 4.5.3.1.3).
const ADDRESS: usize = 254;

/// Refuses what is no `rfc822Name`: only ASCII, a dot-atom before the `@`, a full domain name after it.
pub(super) fn check(address: &str) -> Result<(), CryptoError> {
    let refused = |why: &str| Err(unfit(format!("the mail address `{address}`"), why));
    let Some((local, domain)) = address.rsplit_once('@') else {
        return refused("it has no `@`");
    };
    if !local.is_ascii() {
        return refused(
            "a certificate holds ASCII letters before the `@` only; give the person an address without accents",
        );
    }
    if !domain.is_ascii() {
        return refused("write its domain in ASCII (`xn--…`), as mail servers do");
    }
    if address.len() > ADDRESS || local.len() > LOCAL_PART || domain.len() > DOMAIN {
        return refused("it is longer than mail allows (64 characters before the `@`, 254 in all)");
    }
    if local.is_empty() || !local.split('.').all(is_atom) {
        return refused(
            "before the `@` only letters, digits, single dots and !#$%&'*+-/=?^_`{|}~ are accepted",
        );
    }
    let labels: Vec<&str> = domain.split('.').collect();
    if labels.len() < 2 || !labels.iter().all(|label| is_label(label)) {
        return refused("after the `@` there must be a full domain name such as contoso.com");
    }
    let top = labels.last().copied().unwrap_or_default();
    if top.len() < 2 || !top.bytes().any(|octet| octet.is_ascii_alphabetic()) {
        return refused("its domain does not end in a top-level domain such as com");
    }
    Ok(())
}

/// Whether a text is meant to be a mail address (and must then be among those that are certified).
pub(super) fn looks_like_address(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !text.contains(' '))
}

fn is_atom(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet))
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
}
