//! What stands in an access token, for people who examine a set-up.
//!
//! Tokens belong to those whom they are made for, and nothing is decided by what is read here; but an administrator who asks
//! why a call is refused wants to see what the application may.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Timestamp;
use serde::Deserialize;

use crate::entra::AccessToken;

/// What a token says about itself. What it does not say is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TokenFacts {
    /// For whom it is made.
    pub audience: String,
    /// The tenant.
    pub tenant: String,
    /// The application that got it.
    pub application: String,
    /// Object id of the service principal, or of the person.
    pub object: String,
    /// Application permissions.
    pub roles: Vec<String>,
    /// Delegated permissions.
    pub scopes: Vec<String>,
    /// Its end.
    pub expires: Option<Timestamp>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Claims {
    aud: String,
    tid: String,
    appid: String,
    azp: String,
    oid: String,
    roles: Vec<String>,
    scp: String,
    exp: Option<i64>,
}

impl AccessToken {
    /// What the token says; `None` when it is of a kind that cannot be read.
    pub fn facts(&self) -> Option<TokenFacts> {
        let mut parts = self.expose().split('.');
        let claims = URL_SAFE_NO_PAD.decode(parts.nth(1)?).ok()?;
        let claims: Claims = serde_json::from_slice(&claims).ok()?;
        Some(TokenFacts {
            audience: claims.aud,
            tenant: claims.tid,
            application: if claims.appid.is_empty() { claims.azp } else { claims.appid },
            object: claims.oid,
            roles: claims.roles,
            scopes: claims.scp.split_whitespace().map(str::to_owned).collect(),
            expires: claims.exp.and_then(|seconds| seconds.checked_mul(1_000)).map(Timestamp::from_millis),
        })
    }
}
