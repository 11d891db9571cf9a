//! Where to sign in, what comes back, and what refusals mean.

use serde::Deserialize;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::cloud;
use crate::entra::{AccessToken, Refusal};
use crate::error::NetError;
use crate::odata;
use crate::request::Request;

/// What a tenant publishes about its sign-in.
#[derive(Deserialize)]
pub(super) struct Discovery {
    #[serde(rename = "token_endpoint")]
    pub(super) token: Url,
    #[serde(rename = "device_authorization_endpoint")]
    pub(super) device_code: Option<Url>,
    #[serde(rename = "authorization_endpoint")]
    pub(super) authorization: Option<Url>,
    /// Where the keys are that id tokens are signed with.
    #[serde(rename = "jwks_uri")]
    pub(super) keys: Option<Url>,
    /// Who signs them.
    #[serde(default)]
    pub(super) issuer: String,
}

/// A form with room for everything from the start: growing would leave copies behind.
pub(super) fn form(pairs: &[(&str, &str)]) -> Zeroizing<String> {
    let length: usize = pairs.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
    let mut form = Zeroizing::new(String::with_capacity(length));
    form_urlencoded::Serializer::new(&mut *form).extend_pairs(pairs).finish();
    form
}

/// Reads where a tenant's people and applications sign in.
pub(super) async fn discover(client: &Client, authority: &Url, tenant: Uuid) -> Result<Discovery, NetError> {
    describe(client, authority, &tenant.to_string()).await
}

/// The id of the tenant that a domain belongs to, as the tenant itself says; nobody is signed in for that.
///
/// # Errors
/// `LoginRefused` when no tenant has that domain, otherwise what went wrong on the way.
pub async fn tenant_of(client: &Client, authority: &Url, domain: &str) -> Result<Uuid, NetError> {
    let discovery = describe(client, authority, domain).await?;
    // `https://HOST/ID/v2.0`
    let issuer = Url::parse(&discovery.issuer).ok();
    let id = issuer.and_then(|issuer| issuer.path_segments()?.next()?.parse().ok());
    id.ok_or_else(|| NetError::Garbled {
        host: authority.host_str().unwrap_or_default().to_owned(),
        detail: format!("it does not say which tenant {domain} is"),
    })
}

async fn describe(client: &Client, authority: &Url, tenant: &str) -> Result<Discovery, NetError> {
    let insecure = |error: crate::error::SetupError| NetError::Unsendable { detail: error.to_string() };
    // What is read in clear could name any keys to believe.
    cloud::require_secure(authority).map_err(insecure)?;
    let url = odata::address(authority, &[tenant, "v2.0", ".well-known", "openid-configuration"], &[]);
    let answer = client.send(&Request::get(url)).await.map_err(login_error)?;
    let discovery: Discovery = answer.json()?;
    // Secrets go where this document says; they must at least not go in clear.
    let others = [&discovery.device_code, &discovery.authorization, &discovery.keys];
    for endpoint in others.into_iter().flatten().chain([&discovery.token]) {
        cloud::require_secure(endpoint).map_err(|error| NetError::Garbled {
            host: authority.host_str().unwrap_or_default().to_owned(),
            detail: error.to_string(),
        })?;
    }
    Ok(discovery)
}

/// A token, as every grant gives it.
#[derive(Deserialize)]
pub(super) struct TokenReply {
    access_token: String,
    #[serde(deserialize_with = "seconds")]
    expires_in: i64,
    /// Who signed in, where a person did.
    pub(super) id_token: Option<String>,
    /// With what a person's session goes on.
    pub(super) refresh_token: Option<String>,
}

impl TokenReply {
    /// The token and how many seconds it lives.
    pub(super) fn token(self, endpoint: &Url) -> Result<(AccessToken, i64), NetError> {
        let text = Zeroizing::new(self.access_token);
        let token = AccessToken::new(&text).ok_or_else(|| NetError::Garbled {
            host: endpoint.host_str().unwrap_or_default().to_owned(),
            detail: "the token holds characters that no header can carry".to_owned(),
        })?;
        Ok((token, self.expires_in))
    }
}

/// Entra ID's refusals come with 400 or 401 and an OAuth error; the decision is taken on that error alone.
pub(super) fn login_error(error: NetError) -> NetError {
    match error {
        NetError::OutcomeUnknown { host, detail, source } => NetError::Unreachable { host, detail, source },
        NetError::Client { host, status, reply }
            if matches!(reply.code.as_str(), "temporarily_unavailable" | "server_error") =>
        {
            NetError::Server { host, status, retry_after: None, reply }
        }
        NetError::Client { reply, .. }
        | NetError::Unauthorized { reply, .. }
        | NetError::Forbidden { reply, .. }
        | NetError::NotFound { reply, .. }
            if !reply.code.is_empty() =>
        {
            NetError::LoginRefused(Box::new(Refusal::from_reply(*reply)))
        }
        NetError::Client { .. }
        | NetError::Unauthorized { .. }
        | NetError::Forbidden { .. }
        | NetError::NotFound { .. }
        | NetError::Unreachable { .. }
        | NetError::Throttled { .. }
        | NetError::Server { .. }
        | NetError::Gone { .. }
        | NetError::NotJson { .. }
        | NetError::Garbled { .. }
        | NetError::TooLarge { .. }
        | NetError::ForeignLink { .. }
        | NetError::LoginRefused(_)
        | NetError::Unsendable { .. } => error,
    }
}

/// As [`seconds`], where they may be missing.
pub(super) fn maybe_seconds<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    seconds(deserializer).map(Some)
}

/// Entra ID sends a number; older endpoints and managed identities send it as text.
pub(super) fn seconds<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Text(String),
    }
    match Either::deserialize(deserializer)? {
        Either::Number(number) => Ok(number),
        Either::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}
