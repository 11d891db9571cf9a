//! A session with Microsoft Graph: addresses, tokens, pages.
//!
//! The token is attached to requests of Graph's own origin and to no other, wherever a link came from: from an answer, or from
//! our database.

use std::sync::Arc;

use ports::{Pace, Unpaced};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::answer::Answer;
use crate::client::Client;
use crate::cloud::{self, Endpoints};
use crate::entra::TokenSource;
use crate::error::{NetError, SetupError};
use crate::odata;
use crate::request::Request;

/// Version of Graph's interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// `v1.0`.
    V1,
    /// `beta`; imported PFX certificates exist only there.
    Beta,
}

impl Version {
    const fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// One page of a collection. Entries stay raw, so that a strange one can be skipped without losing the others.
///
/// `value` must be there: an answer without it is no empty page.
#[derive(Debug, Deserialize)]
pub struct Page {
    /// The entries.
    pub value: Vec<Value>,
    /// How many entries the whole collection has, when that was asked for. It comes from an index that may lag behind.
    #[serde(rename = "@odata.count")]
    pub count: Option<u64>,
    /// Where to read on; absent on the last page.
    #[serde(rename = "@odata.nextLink")]
    pub next_link: Option<String>,
    /// On the last page of a delta query: where the next reading begins.
    #[serde(rename = "@odata.deltaLink")]
    pub delta_link: Option<String>,
}

/// A session with Graph for one application. Shared by the connectors.
#[derive(Clone, Debug)]
pub struct Graph {
    client: Client,
    tokens: Arc<TokenSource>,
    base: Url,
    scope: String,
    pace: Arc<dyn Pace>,
}

impl Graph {
    /// A session at the addresses of `endpoints`.
    ///
    /// # Errors
    /// `Insecure` when Graph's address is neither https nor loopback.
    pub fn new(client: Client, tokens: Arc<TokenSource>, endpoints: &Endpoints) -> Result<Self, SetupError> {
        cloud::require_secure(&endpoints.graph)?;
        let scope = format!("{}/.default", endpoints.graph_resource.trim_end_matches('/'));
        Ok(Self { client, tokens, base: endpoints.graph.clone(), scope, pace: Arc::new(Unpaced) })
    }

    /// The same session at a pace that it shares with others.
    #[must_use]
    pub fn at_pace(&self, pace: Arc<dyn Pace>) -> Self {
        Self { pace, ..self.clone() }
    }

    /// An address below Graph's: `segments` and `query` are percent-encoded here.
    pub fn address(&self, version: Version, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut path = Vec::with_capacity(segments.len() + 1);
        path.push(version.segment());
        path.extend_from_slice(segments);
        odata::address(&self.base, &path, query)
    }

    /// Reads a link that Graph gave (`nextLink`, `deltaLink`), verbatim.
    ///
    /// # Errors
    /// `ForeignLink` when it leads to another origin, or is no address at all.
    pub fn follow(&self, link: &str) -> Result<Url, NetError> {
        let url = Url::parse(link).map_err(|_| self.foreign("something that is no address"))?;
        self.require_own(&url)?;
        Ok(url)
    }

    /// Sends a request with a token. When the token is not accepted, it is dropped and the request is sent once more with a
    /// new one; nothing has happened in that case.
    ///
    /// # Errors
    /// Everything but 2xx is an error of the matching kind; `LoginRefused` when Entra ID gives no token.
    pub async fn send(&self, request: &Request) -> Result<Answer, NetError> {
        self.require_own(request.url())?;
        let token = self.tokens.token(&self.scope).await?;
        match self.client.send_as(request, Some(&token), self.pace.as_ref()).await {
            Err(NetError::Unauthorized { .. }) => {
                self.tokens.forget(&self.scope, &token).await;
                let token = self.tokens.token(&self.scope).await?;
                self.client.send_as(request, Some(&token), self.pace.as_ref()).await
            }
            other => other,
        }
    }

    /// Sends a request and reads its answer as JSON.
    ///
    /// # Errors
    /// As [`Graph::send`]; `NotJson` or `Garbled` when the answer is not what was expected.
    pub async fn read<T: DeserializeOwned>(&self, request: &Request) -> Result<T, NetError> {
        self.send(request).await?.json()
    }

    fn require_own(&self, url: &Url) -> Result<(), NetError> {
        if url.origin() == self.base.origin() {
            return Ok(());
        }
        Err(self.foreign(&url.origin().ascii_serialization()))
    }

    fn foreign(&self, found: &str) -> NetError {
        NetError::ForeignLink { expected: self.base.origin().ascii_serialization(), found: found.to_owned() }
    }
}
