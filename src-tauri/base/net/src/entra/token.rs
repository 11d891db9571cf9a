//! Access tokens: asked for once, shared by everybody, renewed before they end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use model::{Clock, Ids, Span, Timestamp};
use reqwest::header::HeaderValue;
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::cloud;
use crate::entra::credential::federated_token;
use crate::entra::endpoint::{self, TokenReply, login_error};
use crate::entra::{Application, Credential, Refusal, assertion};
use crate::error::{NetError, SetupError};
use crate::request::Request;

/// A token is renewed this long before its end, or after two thirds of its life, whichever comes first.
const MARGIN: Span = Span::seconds(300);

/// When a renewal fails and the old token still lives, the next attempt waits this long.
const RENEWAL_PAUSE: Span = Span::seconds(30);

/// What kind of assertion is sent.
const JWT_BEARER: (&str, &str) =
    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");

/// A token this close to its end is not used any more.
const LAST_USE: Span = Span::seconds(30);

/// An access token. Its bytes are wiped when the last copy is dropped, and it shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(HeaderValue);

impl AccessToken {
    pub(super) fn new(text: &str) -> Option<Self> {
        let bearer = Zeroizing::new([b"Bearer ", text.as_bytes()].concat());
        let mut header = HeaderValue::from_maybe_shared(Bytes::from_owner(bearer)).ok()?;
        header.set_sensitive(true);
        Some(Self(header))
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// The token itself, for protocols other than HTTP that take it as a password.
    pub fn expose(&self) -> &str {
        self.0.to_str().ok().and_then(|bearer| bearer.strip_prefix("Bearer ")).unwrap_or_default()
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessToken")
    }
}

/// Gives access tokens of one application. Any number of callers cause one login per scope.
pub struct TokenSource {
    client: Client,
    authority: Url,
    application: Application,
    endpoint: OnceCell<Url>,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

#[derive(Default)]
struct Slot {
    held: tokio::sync::Mutex<Held>,
    /// How many logins were refused; lets those who waited behind a refused login share its refusal.
    refusals: AtomicU64,
}

#[derive(Default)]
struct Held {
    token: Option<Cached>,
    refusal: Option<Box<Refusal>>,
}

struct Cached {
    token: AccessToken,
    renew_at: Timestamp,
    last_use: Timestamp,
}

impl std::fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenSource({} at {})", self.application.client_id, self.authority)
    }
}

impl TokenSource {
    /// What it signs in with.
    pub const fn credential(&self) -> &Credential {
        &self.application.credential
    }

    /// A source for `application` at `authority` ([`crate::Endpoints::authority`]). Nothing is sent yet.
    ///
    /// # Errors
    /// `Insecure` when the authority is neither https nor loopback; `Credential` when secret, certificate or key are unusable.
    pub fn new(client: Client, authority: &Url, application: Application) -> Result<Self, SetupError> {
        cloud::require_secure(authority)?;
        application.credential.check()?;
        Ok(Self {
            client,
            authority: authority.clone(),
            application,
            endpoint: OnceCell::new(),
            slots: Mutex::default(),
        })
    }

    /// A token for `scope` (a resource's address followed by `/.default`), from the cache or from Entra ID.
    ///
    /// # Errors
    /// `LoginRefused` with a hint; otherwise what went wrong on the way. A lost answer is `Unreachable`: asking for a token
    /// has no effect that would have to be looked up.
    pub async fn token(&self, scope: &str) -> Result<AccessToken, NetError> {
        let slot = self.slot(scope);
        let refusals = slot.refusals.load(Ordering::Acquire);
        let mut held = slot.held.lock().await;
        let now = self.clock().now();
        if let Some(cached) = held.token.as_ref().filter(|cached| now < cached.renew_at) {
            return Ok(cached.token.clone());
        }
        if slot.refusals.load(Ordering::Acquire) != refusals
            && let Some(refusal) = &held.refusal
        {
            return Err(NetError::LoginRefused(refusal.clone()));
        }
        match self.log_in(scope).await {
            Ok(fresh) => {
                let token = fresh.token.clone();
                *held = Held { token: Some(fresh), refusal: None };
                Ok(token)
            }
            Err(NetError::LoginRefused(refusal)) => {
                *held = Held { token: None, refusal: Some(refusal.clone()) };
                slot.refusals.fetch_add(1, Ordering::AcqRel);
                Err(NetError::LoginRefused(refusal))
            }
            Err(error) => match held.token.as_mut().filter(|cached| now < cached.last_use) {
                Some(cached) => {
                    tracing::warn!(target: "net", %error, "a token could not be renewed yet; the old one still lives");
                    cached.renew_at = now + RENEWAL_PAUSE;
                    Ok(cached.token.clone())
                }
                None => Err(error),
            },
        }
    }

    /// Drops a token that was not accepted. A newer one in its place stays.
    pub async fn forget(&self, scope: &str, token: &AccessToken) {
        let slot = self.slot(scope);
        let mut held = slot.held.lock().await;
        if held.token.as_ref().is_some_and(|cached| cached.token == *token) {
            held.token = None;
        }
    }

    fn slot(&self, scope: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(scope) {
            return Arc::clone(slot);
        }
        Arc::clone(slots.entry(scope.to_owned()).or_default())
    }

    fn clock(&self) -> &dyn Clock {
        self.client.clock().as_ref()
    }

    fn ids(&self) -> &Ids {
        self.client.ids()
    }

    async fn log_in(&self, scope: &str) -> Result<Cached, NetError> {
        let asked = self.clock().now();
        let (token, seconds) = match &self.application.credential {
            Credential::ManagedIdentity(identity) => identity.token(scope).await?,
            Credential::Secret(_) | Credential::Certificate { .. } | Credential::Federated { .. } => {
                let endpoint = self.endpoint.get_or_try_init(|| self.discover()).await?;
                let request = Request::post_form(endpoint.clone(), self.form(scope, endpoint).await?);
                let answer = self.client.send(&request).await.map_err(login_error)?;
                let reply: TokenReply = answer.json()?;
                reply.token(endpoint)?
            }
        };
        let life = seconds.clamp(0, 7 * 24 * 3_600) * 1_000;
        let ahead = (life - MARGIN.as_millis()).min(life * 2 / 3).max(life / 2);
        Ok(Cached {
            token,
            renew_at: asked + Span::millis(ahead),
            last_use: asked + Span::millis(life) - LAST_USE,
        })
    }

    async fn discover(&self) -> Result<Url, NetError> {
        Ok(endpoint::discover(&self.client, &self.authority, self.application.tenant).await?.token)
    }

    async fn form(&self, scope: &str, endpoint: &Url) -> Result<Zeroizing<String>, NetError> {
        let Application { client_id, credential, .. } = &self.application;
        let assertion;
        let proof: &[(&str, &str)] = match credential {
            Credential::Secret(secret) => &[("client_secret", secret)],
            Credential::Certificate { signer } => {
                let id = self.ids().next::<Uuid>();
                let now = self.clock().now();
                assertion = assertion::sign(signer.as_ref(), *client_id, endpoint.as_str(), id, now).await?;
                &[JWT_BEARER, ("client_assertion", &assertion)]
            }
            Credential::Federated { token_file } => {
                assertion = federated_token(token_file).await?;
                &[JWT_BEARER, ("client_assertion", &assertion)]
            }
            Credential::ManagedIdentity(_) => &[],
        };
        // Room for everything from the start (a character takes three at most): growing would leave copies behind.
        let length: usize = proof.iter().map(|(name, value)| name.len() + value.len()).sum();
        let mut form = Zeroizing::new(String::with_capacity(512 + 3 * (scope.len() + length)));
        form_urlencoded::Serializer::new(&mut *form)
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &client_id.to_string())
            .append_pair("scope", scope)
            .extend_pairs(proof)
            .finish();
        Ok(form)
    }
}
