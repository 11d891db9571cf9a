//! A request before it goes on the wire. It can be sent again as it is, which the renewal of a token needs.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde::Serialize;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::NetError;

/// One request. Its body is wiped from memory when the last copy of it is dropped.
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<(&'static str, Bytes)>,
    pub(crate) id: Option<Uuid>,
    pub(crate) only_reads: bool,
}

impl Request {
    /// A read.
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: Vec::new(), body: None, id: None, only_reads: true }
    }

    /// A removal.
    pub fn delete(url: Url) -> Self {
        Self { method: Method::DELETE, only_reads: false, ..Self::get(url) }
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// `Unsendable` when `body` cannot be written as JSON.
    pub fn post_json(url: Url, body: &impl Serialize) -> Result<Self, NetError> {
        let body =
            serde_json::to_vec(body).map_err(|error| NetError::Unsendable { detail: error.to_string() })?;
        Ok(Self {
            method: Method::POST,
            body: Some(("application/json", Bytes::from_owner(Zeroizing::new(body)))),
            only_reads: false,
            ..Self::get(url)
        })
    }

    /// Sends a form that is encoded already (`application/x-www-form-urlencoded`).
    pub fn post_form(url: Url, form: Zeroizing<String>) -> Self {
        Self {
            method: Method::POST,
            body: Some(("application/x-www-form-urlencoded", Bytes::from_owner(form))),
            only_reads: false,
            ..Self::get(url)
        }
    }

    /// Sends bytes that mean something to the other side only.
    pub fn post_bytes(url: Url, kind: &'static str, body: Vec<u8>) -> Self {
        Self {
            method: Method::POST,
            body: Some((kind, Bytes::from_owner(Zeroizing::new(body)))),
            only_reads: false,
            ..Self::get(url)
        }
    }

    /// Says that it changes nothing, whatever its method: like a read it may be sent again after a short wait.
    #[must_use]
    pub fn that_reads(mut self) -> Self {
        self.only_reads = true;
        self
    }

    /// Adds a header whose value is made at the time.
    ///
    /// # Errors
    /// `Unsendable` when it holds what no header can carry.
    pub fn header_of(mut self, name: &'static str, value: &str) -> Result<Self, NetError> {
        let value = HeaderValue::from_str(value).map_err(|_| NetError::Unsendable {
            detail: format!("what is to be sent as {name} holds characters that no header can carry"),
        })?;
        self.headers.push((HeaderName::from_static(name), value));
        Ok(self)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((HeaderName::from_static(name), HeaderValue::from_static(value)));
        self
    }

    /// Adds a header that proves something. It shows itself to nobody, and is wiped with the request.
    ///
    /// # Errors
    /// `Unsendable` when it holds what no header can carry.
    pub(crate) fn private_header(mut self, name: &'static str, value: &str) -> Result<Self, NetError> {
        let bytes = Bytes::from_owner(Zeroizing::new(value.as_bytes().to_vec()));
        let mut value = HeaderValue::from_maybe_shared(bytes).map_err(|_| NetError::Unsendable {
            detail: format!("what is to be sent as {name} holds characters that no header can carry"),
        })?;
        value.set_sensitive(true);
        self.headers.push((HeaderName::from_static(name), value));
        Ok(self)
    }

    /// Uses this `client-request-id` instead of a fresh one.
    #[must_use]
    pub fn with_id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request({} {}{})", self.method, self.url.host_str().unwrap_or_default(), self.url.path())
    }
}
