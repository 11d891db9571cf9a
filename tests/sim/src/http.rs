//! A request as the services see it, and their answer before it is put on the wire.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// A request with its body.
pub(crate) struct Incoming {
    pub(crate) method: Method,
    /// As it came, percent-encoded.
    pub(crate) path: String,
    /// Without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// On the world's clock.
    pub(crate) at: Timestamp,
    /// The answer's `request-id`.
    pub(crate) request_id: Uuid,
}

impl Incoming {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `https://{Host}`: links in answers lead to where the client came from.
    pub(crate) fn origin(&self) -> String {
        format!("https://{}", self.header("host").unwrap_or("localhost"))
    }

    /// The path's segments, percent-decoded, without empty ones.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path.split('/').filter(|segment| !segment.is_empty()).map(percent_decode).collect()
    }

    /// Whether the body is declared to be of this media type (parameters aside).
    pub(crate) fn is(&self, media_type: &str) -> bool {
        self.header("content-type")
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case(media_type))
    }
}

/// Decodes `%XX`; a broken escape stays as it is.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escaped = bytes.get(index + 1..index + 3).filter(|_| byte == b'%');
        let value = escaped.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.push(value.unwrap_or(byte));
        index += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// What the body of an answer is.
#[derive(Debug)]
pub(crate) enum Content {
    Empty,
    Json(Value),
    Text(&'static str, String),
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content: Content,
    /// Why the request was refused, where the answer does not say it. For the request memory only.
    pub(crate) refusal: Option<String>,
}

impl Reply {
    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self { status, headers: Vec::new(), content: Content::Json(body), refusal: None }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub(crate) fn no_content() -> Self {
        Self { content: Content::Empty, ..Self::json(StatusCode::NO_CONTENT, Value::Null) }
    }

    #[must_use]
    pub(crate) fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}
