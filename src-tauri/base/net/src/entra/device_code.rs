//! A person signs in elsewhere, while we wait: the device authorization grant (RFC 8628).
//!
//! The application has no secret. What it may do is what the person may do, for as long as the token lives; no refresh token
//! is asked for.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Span;
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::cloud;
use crate::entra::AccessToken;
use crate::entra::endpoint::{self, Discovery, TokenReply, form, login_error};
use crate::entra::person::{Expected, Session, SignInError, scope_of};
use crate::error::NetError;
use crate::request::Request;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What is asked for besides the resource: who it is that signed in.
const WHO: &str = "openid profile";

/// Added to the pause when we are told that we ask too often, or get no answer (RFC 8628 section 3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// No pause is longer: a person waits in front of us.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Longer codes are no codes that a person could type.
const LONGEST_CODE: usize = 32;

/// An application that people sign in to and that has no secret of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicApplication {
    /// Directory (tenant) id.
    pub tenant: Uuid,
    /// Application (client) id.
    pub client_id: Uuid,
}

/// A sign-in that waits for its person.
pub struct DeviceSignIn {
    client: Client,
    application: PublicApplication,
    discovery: Discovery,
    device_code: Zeroizing<String>,
    user_code: String,
    address: Url,
    life: Duration,
    pause: Duration,
}

/// Somebody has signed in.
pub struct SignedIn {
    /// What they may do.
    pub token: AccessToken,
    /// Who it is, as Entra ID names them; `None` when it does not say.
    pub account: Option<String>,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedIn({})", self.account.as_deref().unwrap_or("somebody"))
    }
}

impl std::fmt::Debug for DeviceSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceSignIn({} at {})", self.application.client_id, self.address)
    }
}

#[derive(Deserialize)]
struct Begun {
    device_code: String,
    user_code: String,
    verification_uri: Url,
    #[serde(deserialize_with = "endpoint::seconds")]
    expires_in: i64,
    #[serde(default = "five")]
    interval: u64,
}

const fn five() -> u64 {
    5
}

impl DeviceSignIn {
    /// Begins a sign-in for `scope` (one of a resource's delegated permissions).
    ///
    /// # Errors
    /// `LoginRefused` when the application may not, otherwise what went wrong on the way.
    pub async fn begin(
        client: &Client,
        authority: &Url,
        application: PublicApplication,
        scope: &str,
    ) -> Result<Self, NetError> {
        Self::begin_for(client, authority, application, &format!("{scope} {WHO}")).await
    }

    /// Begins a sign-in that lasts: with a refresh token, and an id token that is checked. `scope` as for
    /// [`crate::entra::BrowserSignIn::begin`]; [`DeviceSignIn::wait_for_session`] ends it.
    ///
    /// # Errors
    /// As [`DeviceSignIn::begin`].
    pub async fn begin_session(
        client: &Client,
        authority: &Url,
        application: PublicApplication,
        scope: &str,
    ) -> Result<Self, NetError> {
        Self::begin_for(client, authority, application, &scope_of(scope)).await
    }

    async fn begin_for(
        client: &Client,
        authority: &Url,
        application: PublicApplication,
        scope: &str,
    ) -> Result<Self, NetError> {
        cloud::require_secure(authority)
            .map_err(|error| NetError::Unsendable { detail: error.to_string() })?;
        let discovery = endpoint::discover(client, authority, application.tenant).await?;
        let garbled = |detail: &str| NetError::Garbled {
            host: authority.host_str().unwrap_or_default().to_owned(),
            detail: detail.to_owned(),
        };
        let endpoint = discovery
            .device_code
            .clone()
            .ok_or_else(|| garbled("this tenant has no sign-in by device code"))?;
        let form = form(&[("client_id", &application.client_id.to_string()), ("scope", scope)]);
        let answer = client.send(&Request::post_form(endpoint, form)).await.map_err(login_error)?;
        let begun: Begun = answer.json()?;
        // Both are shown to a person: nothing that moves a cursor, and no address that is not what it seems.
        let readable = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if begun.user_code.is_empty()
            || begun.user_code.len() > LONGEST_CODE
            || !begun.user_code.chars().all(readable)
        {
            return Err(garbled("the code to be typed holds strange characters"));
        }
        if begun.verification_uri.scheme() != "https" {
            return Err(garbled("the address to sign in at is not https"));
        }
        Ok(Self {
            client: client.clone(),
            application,
            discovery,
            device_code: Zeroizing::new(begun.device_code),
            user_code: begun.user_code,
            address: begun.verification_uri,
            life: Duration::from_secs(u64::try_from(begun.expires_in.clamp(0, 3_600)).unwrap_or_default()),
            pause: Duration::from_secs(begun.interval.clamp(1, 60)),
        })
    }

    /// What the person types.
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// Where they type it.
    pub fn address(&self) -> &Url {
        &self.address
    }

    /// How long the code is good, counted from the beginning.
    pub fn life(&self) -> Span {
        Span::millis(i64::try_from(self.life.as_millis()).unwrap_or(i64::MAX))
    }

    /// Waits until the person has signed in, declined, or let the time pass.
    ///
    /// # Errors
    /// `LoginRefused` when they declined, when the code has run out, or when the application may not.
    pub async fn wait(self) -> Result<SignedIn, NetError> {
        let mut reply = self.reply().await?;
        let account = reply.id_token.take().and_then(|token| account(&Zeroizing::new(token)));
        let (token, _) = reply.token(&self.discovery.token)?;
        Ok(SignedIn { token, account })
    }

    /// The same for a sign-in that lasts: who it is is checked.
    ///
    /// # Errors
    /// As [`DeviceSignIn::wait`]; `Identity` when what comes back does not belong here.
    pub async fn wait_for_session(self) -> Result<Session, SignInError> {
        let reply = self.reply().await?;
        let expected = Expected {
            client: &self.client,
            application: self.application,
            discovery: &self.discovery,
            nonce: None,
        };
        expected.session(reply, &self.discovery.token).await
    }

    async fn reply(&self) -> Result<TokenReply, NetError> {
        let end = Instant::now() + self.life;
        let mut pause = self.pause;
        loop {
            if Instant::now() + pause > end {
                // One last question at the very end: Entra ID says then that the code has run out.
                tokio::time::sleep_until(end).await;
                return self.ask().await;
            }
            tokio::time::sleep(pause).await;
            match self.ask().await {
                Err(NetError::LoginRefused(refusal)) if refusal.error == "authorization_pending" => {}
                Err(NetError::LoginRefused(refusal)) if refusal.error == "slow_down" => {
                    pause = (pause + SLOWER).min(LONGEST_PAUSE);
                }
                // The person may be signing in right now: a lost answer must not end that.
                Err(NetError::Unreachable { .. } | NetError::Throttled { .. } | NetError::Server { .. }) => {
                    pause = (pause + SLOWER).min(LONGEST_PAUSE);
                }
                ended => return ended,
            }
        }
    }

    async fn ask(&self) -> Result<TokenReply, NetError> {
        let form = form(&[
            ("grant_type", GRANT_TYPE),
            ("client_id", &self.application.client_id.to_string()),
            ("device_code", &self.device_code),
        ]);
        let request = Request::post_form(self.discovery.token.clone(), form);
        self.client.send(&request).await.map_err(login_error)?.json()
    }
}

/// Who an id token is about. It came over TLS from the token endpoint itself, so that its signature says no more than that
/// (`OpenID` Connect Core, section 3.1.3.7).
fn account(id_token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        preferred_username: Option<String>,
        oid: Option<String>,
    }
    let claims = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1)?).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let name = claims.preferred_username.or(claims.oid)?;
    let shown: String = model::text::printable(&name).chars().take(256).collect();
    (!shown.is_empty()).then_some(shown)
}
