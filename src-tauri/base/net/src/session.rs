//! A session of one application with one service: a token for every request, to the service's own origin only.
//!
//! The token is attached to requests of that origin and to no other, wherever a link came from: from an answer, or from our
//! database.

use std::sync::Arc;

use ports::{Pace, Unpaced};
use serde::de::DeserializeOwned;
use url::Url;

use crate::answer::Answer;
use crate::client::Client;
use crate::cloud;
use crate::entra::TokenSource;
use crate::error::{NetError, SetupError};
use crate::request::Request;

/// What Graph and Exchange have in common.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    client: Client,
    tokens: Arc<TokenSource>,
    base: Url,
    scope: String,
    pace: Arc<dyn Pace>,
}

impl Session {
    /// A session at `base`, with tokens for `resource`.
    ///
    /// # Errors
    /// `Insecure` when the address is neither https nor loopback.
    pub(crate) fn new(
        client: Client,
        tokens: Arc<TokenSource>,
        base: &Url,
        resource: &str,
    ) -> Result<Self, SetupError> {
        cloud::require_secure(base)?;
        let scope = format!("{}/.default", resource.trim_end_matches('/'));
        Ok(Self { client, tokens, base: base.clone(), scope, pace: Arc::new(Unpaced) })
    }

    /// The same session at a pace that it shares with others.
    pub(crate) fn at_pace(&self, pace: Arc<dyn Pace>) -> Self {
        Self { pace, ..self.clone() }
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// For what tokens are asked.
    pub(crate) fn scope(&self) -> &str {
        &self.scope
    }

    pub(crate) fn tokens(&self) -> &TokenSource {
        &self.tokens
    }

    /// Reads a link that the service gave, verbatim.
    ///
    /// # Errors
    /// `ForeignLink` when it leads to another origin, or is no address at all.
    pub(crate) fn follow(&self, link: &str) -> Result<Url, NetError> {
        let url = Url::parse(link).map_err(|_| self.foreign("something that is no address"))?;
        self.require_own(&url)?;
        Ok(url)
    }

    /// Sends a request with a token. When the token is not accepted, it is dropped and the request is sent once more with a
    /// new one; nothing has happened in that case.
    ///
    /// # Errors
    /// Everything but 2xx is an error of the matching kind; `LoginRefused` when Entra ID gives no token.
    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, NetError> {
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
    /// As [`Session::send`]; `NotJson` or `Garbled` when the answer is not what was expected.
    pub(crate) async fn read<T: DeserializeOwned>(&self, request: &Request) -> Result<T, NetError> {
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
