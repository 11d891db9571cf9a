//! Workload identity federation: tokens of a cluster that stand for a secret, and what the registration says about them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use serde::Deserialize;
use serde_json::json;

use super::error::Refusal;

/// The cluster that issues tokens, and whom it issues them for.
const ISSUER: &str = "https://cluster.nordwind.example.com/";
const SUBJECT: &str = "system:serviceaccount:sealwright:daemon";
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// A cluster whose tokens the registration trusts.
pub(crate) struct Federation {
    key: PKey<Private>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
}

impl Federation {
    pub(crate) fn make() -> Result<Self, ErrorStack> {
        Ok(Self { key: PKey::from_rsa(Rsa::generate(2048)?)? })
    }

    /// A token of the cluster for `subject`, or for the registered one.
    pub(crate) fn token(&self, subject: Option<&str>, now: i64, lifetime: i64) -> Result<String, ErrorStack> {
        let header = json!({ "alg": "RS256", "kid": "cluster" });
        let claims = json!({
            "iss": ISSUER, "sub": subject.unwrap_or(SUBJECT), "aud": AUDIENCE,
            "iat": now, "nbf": now, "exp": now + lifetime,
        });
        let part = |value: &serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature =
            Signer::new(MessageDigest::sha256(), &self.key)?.sign_oneshot_to_vec(signed.as_bytes())?;
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Whether an assertion says that it comes from the cluster.
    pub(super) fn is_meant(assertion: &str) -> bool {
        claims(assertion).is_some_and(|claims| claims.iss.starts_with("https://"))
    }

    /// Checks a token of the cluster.
    pub(super) fn check(&self, assertion: &str, now: i64) -> Result<(), Refusal> {
        let refused = |code: u32, text: String| Err(Refusal::client(code, text));
        let Some(claims) = claims(assertion) else {
            return refused(50_027, "JWT token is invalid or malformed.".to_owned());
        };
        if claims.iss != ISSUER {
            let text = format!(
                "No matching federated identity record found for presented assertion issuer '{}'.",
                claims.iss
            );
            return refused(700_211, text);
        }
        if claims.sub != SUBJECT {
            let text = format!(
                "No matching federated identity record found for presented assertion subject '{}'.",
                claims.sub
            );
            return refused(700_213, text);
        }
        if claims.aud != AUDIENCE {
            let text = format!(
                "No matching federated identity record found for presented assertion audience '{}'.",
                claims.aud
            );
            return refused(700_212, text);
        }
        let verified = || -> Option<bool> {
            let (signed, signature) = assertion.rsplit_once('.')?;
            let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
            let mut verifier = Verifier::new(MessageDigest::sha256(), &self.key).ok()?;
            verifier.verify_oneshot(&signature, signed.as_bytes()).ok()
        };
        if verified() != Some(true) {
            return refused(50_013, "Assertion failed signature validation.".to_owned());
        }
        if claims.exp <= now {
            return refused(700_024, "Client assertion is not within its valid time range.".to_owned());
        }
        Ok(())
    }
}

fn claims(assertion: &str) -> Option<Claims> {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}
