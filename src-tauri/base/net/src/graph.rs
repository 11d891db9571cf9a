//! A session with Microsoft Graph: addresses and pages.

use std::sync::Arc;

use ports::Pace;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::answer::Answer;
use crate::client::Client;
use crate::cloud::Endpoints;
use crate::entra::TokenSource;
use crate::error::{NetError, SetupError};
use crate::odata;
use crate::request::Request;
use crate::session::Session;

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
pub struct Graph(Session);

impl Graph {
    /// A session at the addresses of `endpoints`.
    ///
    /// # Errors
    /// `Insecure` when Graph's address is neither https nor loopback.
    pub fn new(client: Client, tokens: Arc<TokenSource>, endpoints: &Endpoints) -> Result<Self, SetupError> {
        Session::new(client, tokens, &endpoints.graph, &endpoints.graph_resource).map(Self)
    }

    /// The same session at a pace that it shares with others.
    #[must_use]
    pub fn at_pace(&self, pace: Arc<dyn Pace>) -> Self {
        Self(self.0.at_pace(pace))
    }

    /// An address below Graph's: `segments` and `query` are percent-encoded here.
    pub fn address(&self, version: Version, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut path = Vec::with_capacity(segments.len() + 1);
        path.push(version.segment());
        path.extend_from_slice(segments);
        odata::address(self.0.base(), &path, query)
    }

    /// Reads a link that Graph gave (`nextLink`, `deltaLink`), verbatim.
    ///
    /// # Errors
    /// `ForeignLink` when it leads to another origin, or is no address at all.
    pub fn follow(&self, link: &str) -> Result<Url, NetError> {
        self.0.follow(link)
    }

    /// Sends a request with a token. When the token is not accepted, it is dropped and the request is sent once more with a
    /// new one; nothing has happened in that case.
    ///
    /// # Errors
    /// Everything but 2xx is an error of the matching kind; `LoginRefused` when Entra ID gives no token.
    pub async fn send(&self, request: &Request) -> Result<Answer, NetError> {
        self.0.send(request).await
    }

    /// Sends a request and reads its answer as JSON.
    ///
    /// # Errors
    /// As [`Graph::send`]; `NotJson` or `Garbled` when the answer is not what was expected.
    pub async fn read<T: DeserializeOwned>(&self, request: &Request) -> Result<T, NetError> {
        self.0.read(request).await
    }
}
