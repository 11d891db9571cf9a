//! The error bodies of Microsoft's services: Graph's, Intune's (JSON inside a message), Key Vault's, Exchange's (what matters
//! stands in its details), Entra ID's.
//!
//! Only `code` and `inner_code` may be branched upon; everything else is for people and for support calls.

use std::fmt;

use model::Span;
use model::text::printable;
use serde_json::Value;

/// Characters of a page that are shown when it has no title.
const SHOWN: usize = 100;

/// What the other side said about its refusal. Fields that it did not tell are empty or `None`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ErrorReply {
    /// The closed code, such as `Request_ResourceNotFound`.
    pub code: String,
    /// A sentence, in the service's words.
    pub message: String,
    /// The service's id of this request, for support calls.
    pub request_id: Option<String>,
    /// Our own id of this request, as the service repeats it in its refusal.
    pub client_request_id: Option<String>,
    /// Intune's id of this request in its own systems.
    pub activity_id: Option<String>,
    /// Entra ID's numbers (`AADSTS…`).
    pub numbers: Vec<u64>,
    /// The closed code of the inner error, by which Key Vault tells one refusal from another; at Exchange the kind of its
    /// exception, such as `ManagementObjectNotFoundException`.
    pub inner_code: Option<String>,
    /// Where to get a token, as the head of a 401 tells it (`WWW-Authenticate`).
    pub challenge: Option<String>,
    /// How far the other side's clock is ahead of ours, as the head of the answer tells it; negative when it is behind.
    pub clock_ahead: Option<Span>,
}

impl fmt::Display for ErrorReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = if self.message.is_empty() { "no reason was given" } else { &self.message };
        f.write_str(message)?;
        let mut open = " (";
        for (name, value) in [
            ("", Some(&self.code).filter(|code| !code.is_empty())),
            ("activity id ", self.activity_id.as_ref()),
            ("request id ", self.request_id.as_ref()),
            ("client request id ", self.client_request_id.as_ref()),
        ] {
            if let Some(value) = value {
                write!(f, "{open}{name}{value}")?;
                open = ", ";
            }
        }
        if open == ", " { f.write_str(")") } else { Ok(()) }
    }
}

/// Reads an error body. `None` when it is no JSON object.
pub(crate) fn read(body: &[u8]) -> Option<ErrorReply> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let whole = value.as_object()?;
    Some(match whole.get("error") {
        Some(Value::String(code)) => entra(code, &value),
        Some(error @ Value::Object(_)) => graph(error),
        _ => ErrorReply {
            message: one_line(&text(&value, "message").unwrap_or_default()),
            ..ErrorReply::default()
        },
    })
}

fn entra(code: &str, value: &Value) -> ErrorReply {
    let description = text(value, "error_description").unwrap_or_default();
    let numbers = value.get("error_codes").and_then(Value::as_array);
    ErrorReply {
        code: code.to_owned(),
        message: description.lines().next().unwrap_or_default().trim().to_owned(),
        request_id: text(value, "trace_id").or_else(|| text(value, "correlation_id")),
        numbers: numbers.into_iter().flatten().filter_map(Value::as_u64).collect(),
        ..ErrorReply::default()
    }
}

fn graph(error: &Value) -> ErrorReply {
    let inner = error.get("innerError").or_else(|| error.get("innererror"));
    let detail = error.pointer("/details/0").and_then(|detail| text(detail, "message"));
    let internal =
        inner.and_then(|inner| inner.get("internalException")).and_then(|one| text(one, "message"));
    let said = [detail, internal]
        .into_iter()
        .flatten()
        .find(|told| !told.trim().is_empty())
        .or_else(|| text(error, "message"))
        .unwrap_or_default();
    let (said, exception) = exception(said);
    let (message, activity_id) = match nested(&said) {
        Some((message, activity)) => (message, activity),
        None => (said, None),
    };
    ErrorReply {
        code: text(error, "code").unwrap_or_default(),
        message: one_line(&message),
        request_id: inner.and_then(|inner| text(inner, "request-id")),
        client_request_id: inner.and_then(|inner| text(inner, "client-request-id")),
        activity_id,
        inner_code: exception.or_else(|| inner.and_then(|inner| text(inner, "code"))),
        ..ErrorReply::default()
    }
}

/// Exchange writes `Ex6F9304|Microsoft.Exchange.….ManagementObjectNotFoundException|sentence`: the sentence, and the kind of
/// exception without its name space.
fn exception(message: String) -> (String, Option<String>) {
    let mut parts = message.splitn(3, '|');
    let (Some(_), Some(kind), Some(sentence)) = (parts.next(), parts.next(), parts.next()) else {
        return (message, None);
    };
    let is_kind = |kind: &str| {
        kind.contains('.')
            && kind.chars().all(|letter| letter.is_ascii_alphanumeric() || "._+`".contains(letter))
    };
    let kind = kind.trim();
    if !is_kind(kind) {
        return (message, None);
    }
    let short = kind.rsplit(['.', '+']).next().unwrap_or(kind).to_owned();
    (sentence.to_owned(), Some(short))
}

/// Intune puts JSON into the message; the sentence is in its `Message`, followed by ids and an address.
fn nested(message: &str) -> Option<(String, Option<String>)> {
    if !message.trim_start().starts_with('{') {
        return None;
    }
    let value: Value = serde_json::from_str(message).ok()?;
    let whole = text(&value, "Message").or_else(|| text(&value, "message"))?;
    let mut parts = whole.split(" - ");
    let mut sentence = parts.next().unwrap_or_default().trim().to_owned();
    let activity =
        parts.find_map(|part| part.trim().strip_prefix("Activity ID:").map(|id| id.trim().to_owned()));
    if let Some(phrase) = text(&value, "CustomApiErrorPhrase").filter(|phrase| !phrase.trim().is_empty()) {
        sentence = format!("{sentence}: {}", phrase.trim());
    }
    Some((sentence, activity))
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn one_line(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What a person recognises of a page that should have been JSON: its title, or its first characters.
pub(crate) fn shown(body: &[u8]) -> String {
    let page = String::from_utf8_lossy(body.get(..16_384).unwrap_or(body));
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|start| {
        let from = start + lower.get(start..)?.find('>')? + 1;
        let length = lower.get(from..)?.find("</title")?;
        page.get(from..from + length)
    });
    let text: String = title.filter(|title| !title.trim().is_empty()).unwrap_or(&page).to_owned();
    one_line(&text).chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graph_errors_are_read_in_both_spellings_of_the_inner_error() {
        for inner in ["innerError", "innererror"] {
            let body = format!(
                r#"{{"error":{{"code":"Request_ResourceNotFound","message":"Resource 'x'\r\ndoes not exist.",
                    "{inner}":{{"request-id":"r-1","client-request-id":"c-1"}}}}}}"#
            );
            let reply = read(body.as_bytes()).unwrap();
            assert_eq!(reply.code, "Request_ResourceNotFound");
            assert_eq!(reply.message, "Resource 'x' does not exist.");
            assert_eq!(reply.request_id.as_deref(), Some("r-1"));
            assert_eq!(
                reply.to_string(),
                "Resource 'x' does not exist. (Request_ResourceNotFound, request id r-1, client request id c-1)"
            );
        }
    }

    #[test]
    fn key_vault_tells_its_refusals_apart_by_the_inner_code() {
        let body = br#"{"error":{"code":"Forbidden","message":"No.","innererror":{"code":"KeyDisabled"}}}"#;
        let reply = read(body).unwrap();
        assert_eq!((reply.code.as_str(), reply.inner_code.as_deref()), ("Forbidden", Some("KeyDisabled")));
        assert_eq!(reply.to_string(), "No. (Forbidden)");
    }

    #[test]
    fn exchange_tells_in_its_details_what_its_message_hides() {
        let body = serde_json::json!({"error": {
            "code": "NotFound", "message": "Error executing cmdlet",
            "details": [{"code": "Context", "target": "", "message":
                "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The object 'x'\r\ncouldn't be found."}],
            "innererror": {"internalException": {"message": "another"}}
        }});
        let reply = read(body.to_string().as_bytes()).unwrap();
        assert_eq!(reply.message, "The object 'x' couldn't be found.");
        assert_eq!(reply.inner_code.as_deref(), Some("ManagementObjectNotFoundException"));
        let body = serde_json::json!({"error": {"code": "BadRequest", "message": "outer", "details": [],
            "innererror": {"internalException": {"message": "a | b | c"}}}});
        let reply = read(body.to_string().as_bytes()).unwrap();
        assert_eq!(
            (reply.message.as_str(), reply.inner_code),
            ("a | b | c", None),
            "bars alone make no exception"
        );
    }

    #[test]
    fn the_activity_id_is_dug_out_of_intunes_nested_message() {
        let nested = serde_json::json!({
            "_version": 3,
            "Message": "An error has occurred - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - \
                        Activity ID: 33d6b0a1-1111-2222-3333-444455556666 - Url: https://fef.example.test/x?api-version=5021-04-09",
            "CustomApiErrorPhrase": "", "RetryAfter": null, "ErrorSourceService": "", "HttpHeaders": "{}"
        });
        let body = serde_json::json!({"error": {"code": "BadRequest", "message": nested.to_string(), "innerError": {}}});
        let reply = read(body.to_string().as_bytes()).unwrap();
        assert_eq!(reply.message, "An error has occurred");
        assert_eq!(reply.activity_id.as_deref(), Some("33d6b0a1-1111-2222-3333-444455556666"));
        assert_eq!(
            reply.to_string(),
            "An error has occurred (BadRequest, activity id 33d6b0a1-1111-2222-3333-444455556666)"
        );
    }

    #[test]
    fn entra_errors_keep_their_first_line_and_their_numbers() {
        let body = br#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret.\r\nTrace ID: t",
            "error_codes":[7000215],"trace_id":"t","correlation_id":"c"}"#;
        let reply = read(body).unwrap();
        assert_eq!((reply.code.as_str(), reply.numbers.as_slice()), ("invalid_client", &[7_000_215_u64][..]));
        assert_eq!(reply.message, "AADSTS7000215: Invalid client secret.");
    }

    #[test]
    fn odd_bodies_neither_fail_nor_invent_anything() {
        assert_eq!(read(b"<html>"), None);
        assert_eq!(read(b""), None);
        assert_eq!(read(b"[1]"), None);
        assert_eq!(read(br#"{"error":{"code":5}}"#).unwrap(), ErrorReply::default());
        assert_eq!(read(br#"{"message":"no"}"#).unwrap().message, "no");
        assert_eq!(ErrorReply::default().to_string(), "no reason was given");
        let broken = read(br#"{"error":{"code":"BadRequest","message":"{ not json"}}"#).unwrap();
        assert_eq!(broken.message, "{ not json");
    }

    #[test]
    fn a_page_is_recognised_by_its_title_or_its_beginning() {
        assert_eq!(shown(b"<HTML><Title >\n Hotel\n WLAN </TITLE>"), "Hotel WLAN");
        assert_eq!(shown("Bitte \u{7}anmelden\u{202e}".as_bytes()), "Bitte \u{fffd}anmelden\u{fffd}");
        assert_eq!(shown("ä".repeat(500).as_bytes()).chars().count(), 100);
        // İ grows when it is lower-cased by the rules of Unicode; positions must still fit.
        assert_eq!(shown("İİİ<title>x</title>".as_bytes()), "x");
    }
}
