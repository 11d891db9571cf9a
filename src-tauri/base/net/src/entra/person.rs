//! Who signed in: an id token, believed after everything in it was checked (`OpenID` Connect Core, section 3.1.3.7).
//!
//! The token comes over TLS from the token endpoint itself, which the standard takes for enough. Its signature is checked all
//! the same, with the keys that the tenant publishes: what roles somebody has is taken from it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::text::printable;
use model::{Span, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::entra::endpoint::{Discovery, TokenReply, login_error};
use crate::entra::{AccessToken, PublicApplication};
use crate::error::NetError;
use crate::request::Request;

/// Clocks may differ by so much.
const SKEW: Span = Span::minutes(5);

/// Longest name that is shown.
const LONGEST_NAME: usize = 256;

/// What is asked for besides a resource: who it is, and a refresh token.
pub(super) const WHO: &str = "openid profile offline_access";

/// Somebody of the tenant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The name to sign in with: `anna@example.com`.
    pub account: String,
    /// The name for people, where the tenant tells it.
    pub name: Option<String>,
    /// Object id.
    pub object: Uuid,
    /// Tenant id.
    pub tenant: Uuid,
    /// The application's roles that are assigned to them.
    pub roles: Vec<String>,
}

/// A sign-in that was checked.
pub struct Session {
    /// Who it is.
    pub person: Person,
    /// What they let the application do.
    pub token: AccessToken,
    /// With what the session goes on; absent where the tenant gives none. Only the newest may be used.
    pub refresh: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({})", self.person.account)
    }
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Entra ID refuses, or the way there does not work.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The answer of the browser cannot be received here.
    #[error(
        "the browser's answer cannot be received on this machine: {detail}; sign in with a code instead (--device-code)"
    )]
    Port {
        /// Why.
        detail: String,
    },
    /// The person, or the tenant, says no in the browser.
    #[error("the sign-in was not completed in the browser: {description} ({error})")]
    Declined {
        /// The OAuth error.
        error: String,
        /// What it says.
        description: String,
    },
    /// The address that is good once was opened a second time, so that the first may have been somebody else.
    #[error(
        "the sign-in page was opened twice; unless it was you, somebody else opened the sign-in page on this machine. Nobody is \
         signed in; begin again"
    )]
    OpenedTwice,
    /// Nobody answered.
    #[error("nobody signed in within {minutes} minutes; begin anew")]
    TimedOut {
        /// How long it was waited for.
        minutes: u64,
    },
    /// What Entra ID says about the person does not belong to this sign-in.
    #[error("what came back does not belong to this sign-in: {detail}; nobody is signed in")]
    Identity {
        /// Why.
        detail: String,
    },
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    tid: Uuid,
    oid: Uuid,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    #[serde(default)]
    kty: String,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

/// What an id token is held against.
pub(super) struct Expected<'a> {
    pub(super) client: &'a Client,
    pub(super) application: PublicApplication,
    pub(super) discovery: &'a Discovery,
    /// What this sign-in was begun with; `None` where the protocol has none.
    pub(super) nonce: Option<&'a str>,
}

impl Expected<'_> {
    /// The session that a token endpoint's answer stands for.
    pub(super) async fn session(
        &self,
        mut reply: TokenReply,
        endpoint: &Url,
    ) -> Result<Session, SignInError> {
        let id_token = reply.id_token.take().map(Zeroizing::new);
        let id_token = id_token.ok_or_else(|| refused("it does not say who signed in"))?;
        let person = self.person(&id_token).await?;
        let refresh = reply.refresh_token.take().map(Zeroizing::new);
        let (token, _) = reply.token(endpoint)?;
        Ok(Session { person, token, refresh })
    }

    async fn person(&self, id_token: &str) -> Result<Person, SignInError> {
        let parts: Vec<&str> = id_token.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return Err(refused("it is no token of three parts"));
        };
        let head: Header = read(header).ok_or_else(|| refused("its header cannot be read"))?;
        if head.alg != "RS256" {
            return Err(refused("it is signed in another way than RS256"));
        }
        let octets =
            URL_SAFE_NO_PAD.decode(signature).map_err(|_| refused("its signature is not base64url"))?;
        let signed = &id_token[..header.len() + 1 + claims.len()];
        self.verify(&head.kid, signed.as_bytes(), &octets).await?;
        let claims: Claims = read(claims).ok_or_else(|| refused("a claim is missing or of another kind"))?;
        self.check(claims, self.client.clock().now())
    }

    async fn verify(&self, kid: &str, signed: &[u8], signature: &[u8]) -> Result<(), SignInError> {
        let address = self.discovery.keys.clone();
        let address = address.ok_or_else(|| refused("the tenant publishes no keys to check it with"))?;
        let answer = self.client.send(&Request::get(address)).await.map_err(login_error)?;
        let keys: Keys = answer.json()?;
        let number = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap_or_default();
        let mut candidates = keys.keys.iter().filter(|key| key.kty == "RSA" && key.kid == kid);
        if candidates.any(|key| crypto::rs256::verifies(&number(&key.n), &number(&key.e), signed, signature))
        {
            return Ok(());
        }
        Err(refused("its signature is by none of the keys that the tenant publishes"))
    }

    fn check(&self, claims: Claims, now: Timestamp) -> Result<Person, SignInError> {
        let PublicApplication { tenant, client_id } = self.application;
        let issuer = self.discovery.issuer.replace("{tenantid}", &tenant.to_string());
        if issuer.is_empty() || claims.iss != issuer {
            return Err(refused("it comes from another authority"));
        }
        if claims.aud.parse() != Ok(client_id) {
            return Err(refused("it is made for another application"));
        }
        if claims.tid != tenant {
            return Err(refused("the account belongs to another tenant"));
        }
        let seconds = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
        let early = claims.nbf.is_some_and(|from| seconds(from) > now + SKEW);
        if early || seconds(claims.exp) + SKEW <= now {
            return Err(refused("it is outside its time; set this machine's clock by NTP"));
        }
        if self.nonce.is_some_and(|nonce| claims.nonce.as_deref() != Some(nonce)) {
            return Err(refused("it answers another sign-in"));
        }
        let shown = |text: String| -> String { printable(&text).chars().take(LONGEST_NAME).collect() };
        let account = claims.preferred_username.map(shown).filter(|account| !account.is_empty());
        Ok(Person {
            account: account.unwrap_or_else(|| claims.oid.to_string()),
            name: claims.name.map(shown).filter(|name| !name.is_empty()),
            object: claims.oid,
            tenant: claims.tid,
            roles: claims.roles,
        })
    }
}

fn refused(detail: &str) -> SignInError {
    SignInError::Identity { detail: detail.to_owned() }
}

fn read<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Goes on with a session: a fresh token, and what the tenant says of the person by now.
///
/// # Errors
/// `Net` with `LoginRefused` when the session is over (`invalid_grant`): the person has to sign in again. `Identity` when
/// somebody else comes back.
pub async fn resume(
    client: &Client,
    authority: &Url,
    application: PublicApplication,
    scope: &str,
    refresh: &str,
    before: &Person,
) -> Result<Session, SignInError> {
    let discovery = super::endpoint::discover(client, authority, application.tenant).await?;
    let form = super::endpoint::form(&[
        ("grant_type", "refresh_token"),
        ("client_id", &application.client_id.to_string()),
        ("refresh_token", refresh),
        ("scope", &scope_of(scope)),
    ]);
    let endpoint = discovery.token.clone();
    let answer = client.send(&Request::post_form(endpoint.clone(), form)).await.map_err(login_error)?;
    let expected = Expected { client, application, discovery: &discovery, nonce: None };
    let mut session = expected.session(answer.json()?, &endpoint).await?;
    if session.person.object != before.object {
        return Err(refused("it is somebody else's"));
    }
    if session.refresh.is_none() {
        session.refresh = Some(Zeroizing::new(refresh.to_owned()));
    }
    Ok(session)
}

/// A scope with what tells who it is.
pub(super) fn scope_of(resource: &str) -> String {
    format!("{resource} {WHO}").trim().to_owned()
}
