//! What a file is that somebody named in place of the one that was wanted: said in words, where a parser would say that it
//! expected a value in line 1, column 1.

use serde_json::Value;

/// What a file is, as far as its beginning tells; `None` where nothing is known of it. Repeats nothing of what stands in it.
pub(crate) fn mistaken_for(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &[u8]| start.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
    if start.is_empty() {
        Some("empty")
    } else if begins(b"<!doctype html") || begins(b"<html") {
        Some("a web page (HTML)")
    } else {
        None
    }
}

/// The same where text is wanted that this program wrote: other texts of its own, and what no text is, are named as well.
pub(crate) fn other_than_text(bytes: &[u8]) -> Option<&'static str> {
    if let Some(what) = mistaken_for(bytes) {
        return Some(what);
    }
    if bytes.starts_with(b"%PDF") {
        return Some("a PDF");
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Some("a ZIP archive, or a document of an office suite");
    }
    if bytes.starts_with(b"SQLite format 3\0") {
        return Some("a database (SQLite)");
    }
    if bytes.starts_with(b"-----BEGIN ") {
        let is = |what: &str| bytes.windows(what.len()).take(80).any(|part| part == what.as_bytes());
        return Some(if is("PRIVATE KEY") {
            "a private key (PEM)"
        } else if is("CERTIFICATE") {
            "a certificate or a certification request (PEM)"
        } else {
            "a file in PEM"
        });
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        // DER begins with a sequence.
        return Some(if bytes.first() == Some(&0x30) {
            "binary: a certificate, a PKCS#12 or an envelope (DER)"
        } else {
            "no text"
        });
    };
    if let Ok(Value::Object(fields)) = serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        let has = |names: &[&str]| names.iter().all(|name| fields.contains_key(*name));
        return Some(if has(&["body", "signatures"]) {
            "a saved plan, which `sealwright apply FILE` takes"
        } else if has(&["body", "signature"]) {
            "a signed head of the audit log, which `sealwright audit verify --head FILE` takes"
        } else {
            "JSON, and something else"
        });
    }
    match toml::from_str::<toml::Table>(text) {
        Ok(table) if table.contains_key("subject") => {
            Some("a template, which `sealwright template import FILE` takes")
        }
        Ok(table) if table.contains_key("tenant") || table.contains_key("database") => {
            Some("a file of settings (sealwright.toml)")
        }
        Err(_) if text.trim_start().starts_with('{') => Some("JSON that is cut off or was changed"),
        Ok(_) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{mistaken_for, other_than_text};

    #[test]
    fn an_empty_file_and_a_page_are_called_what_they_are_and_an_envelope_passes() {
        for empty in [&b""[..], b"  \r\n", b"\xef\xbb\xbf\n"] {
            assert_eq!(mistaken_for(empty), Some("empty"));
        }
        for page in [&b"<!DOCTYPE html><p>Sign in"[..], b"\xef\xbb\xbf \n<HTML lang=en>"] {
            assert_eq!(mistaken_for(page), Some("a web page (HTML)"));
        }
        for other in [&b"\x30\x82\x01\x00"[..], b"<", b"-----BEGIN CMS-----", b"{}"] {
            assert_eq!(mistaken_for(other), None, "told by whoever parses it");
        }
    }

    #[test]
    fn what_is_no_text_of_the_wanted_kind_is_named_and_never_repeated() {
        for (bytes, what) in [
            (&b"%PDF-1.7"[..], "a PDF"),
            (b"PK\x03\x04\x14", "a ZIP archive"),
            (b"-----BEGIN CERTIFICATE-----\nMII", "a certificate"),
            (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII", "a private key"),
            (b"\x30\x82\x01\xff", "DER"),
            (b"{\"body\":\"\",\"signatures\":[]}", "sealwright apply FILE"),
            (b"{\"body\":\"\",\"signature\":\"\"}", "audit verify --head FILE"),
            (b"{\"body\":", "cut off"),
            (b"{}", "something else"),
            (b"[tenant]\n", "settings"),
            (b"name = \"a\"\n[subject]\n", "template import FILE"),
        ] {
            let told = other_than_text(bytes).unwrap_or_default();
            assert!(told.contains(what), "{what}: {told}");
        }
        assert_eq!(other_than_text(b"name = 3\n"), None);
    }
}
