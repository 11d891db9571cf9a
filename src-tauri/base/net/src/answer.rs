//! An answer that was read whole.

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::error::NetError;
use crate::reply;

/// A successful answer (2xx). Its body is wiped from memory when dropped, since it may hold a token.
pub struct Answer {
    pub(crate) host: String,
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl Answer {
    /// The status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The service's id of this request, for support calls.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The bytes.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Reads the body as JSON of the expected shape.
    ///
    /// # Errors
    /// `NotJson` for pages and other text, `Garbled` for JSON that is cut off or of another shape. The request has had its
    /// effect in both cases.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, NetError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let first = self.body.iter().find(|octet| !octet.is_ascii_whitespace());
            if matches!(first, Some(b'{' | b'[')) {
                // The library's text names line and column and at most a field, never a value of ours.
                NetError::Garbled { host: self.host.clone(), detail: garbled(&error) }
            } else if first.is_none() {
                NetError::Garbled { host: self.host.clone(), detail: "it is empty".to_owned() }
            } else {
                let shown = reply::shown(&self.body);
                NetError::NotJson { host: self.host.clone(), status: self.status, shown }
            }
        })
    }
}

fn garbled(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => format!("it ends in the middle ({place})"),
        serde_json::error::Category::Data => format!("it has another shape than expected ({place})"),
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            format!("it is not valid JSON ({place})")
        }
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} from {}, {} bytes)", self.status, self.host, self.body.len())
    }
}
