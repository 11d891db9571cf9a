//! Checking a client assertion: a JWT that the application signs with its registered certificate (RFC 7523, `private_key_jwt`).

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::error::Refusal;
use super::registration::{RegisteredCertificate, Registration};

/// Clocks may differ by so many seconds.
const SKEW: i64 = 300;

#[derive(Deserialize)]
struct Header {
    alg: String,
    x5t: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    jti: Option<String>,
    #[serde(deserialize_with = "seconds")]
    exp: i64,
    #[serde(default, deserialize_with = "maybe_seconds")]
    nbf: Option<i64>,
}

/// A `NumericDate` (RFC 7519 section 2), which may have a fraction: MSAL sends one.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    let whole = Duration::try_from_secs_f64(number).map_err(D::Error::custom)?.as_secs();
    i64::try_from(whole).map_err(D::Error::custom)
}

fn maybe_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    seconds(deserializer).map(Some)
}

/// What was checked and what remains to be done: the caller refuses a `jti` that it has seen before.
pub(super) struct Accepted {
    pub(super) jti: String,
    /// When the `jti` may be forgotten, in Unix seconds.
    pub(super) until: i64,
}

/// Checks signature, audience, issuer, subject and times (Unix seconds).
pub(super) fn check(
    assertion: &str,
    registration: &Registration,
    client_id: &str,
    audiences: &[String],
    now: i64,
) -> Result<Accepted, Refusal> {
    let malformed =
        |what: &str| Refusal::client(50027, format!("JWT token is invalid or malformed: {what}."));
    let mut parts = assertion.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("three parts are expected"));
    };
    let head: Header = decode(header).ok_or_else(|| malformed("the header is not readable"))?;
    let claim: Claims = decode(claims).ok_or_else(|| malformed("a claim is missing or of the wrong type"))?;
    let signature =
        BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed("the signature is not base64url"))?;

    let certificate = registered(&head, registration).ok_or_else(|| {
        Refusal::client(
            700_027,
            format!(
                "The certificate with identifier used to sign the client assertion is not registered on application. \
                 [Reason - The key was not found., Thumbprint of key used by client: '{}', app ID: '{client_id}']",
                head.x5t_s256.or(head.x5t).unwrap_or_default()
            ),
        )
    })?;
    let signed = &assertion[..header.len() + 1 + claims.len()];
    if !verifies(certificate, &head.alg, signed.as_bytes(), &signature).unwrap_or(false) {
        return Err(Refusal::client(
            700_027,
            format!(
                "Client assertion failed signature validation. [Reason - The signature is not valid., app ID: '{client_id}']"
            ),
        ));
    }
    if claim.iss != client_id || claim.sub != client_id {
        let text = "Client assertion application identifier doesn't match 'client_id' parameter: iss and sub must equal it.";
        return Err(Refusal::client(700_021, text));
    }
    if !audiences.contains(&claim.aud) {
        let text = format!(
            "Client assertion audience claim does not match Realm issuer: it is '{}', expected '{}'.",
            claim.aud,
            audiences.join("' or '")
        );
        return Err(Refusal::client(700_023, text));
    }
    if claim.exp + SKEW <= now || claim.nbf.is_some_and(|from| from - SKEW > now) {
        let text = format!(
            "Client assertion is not within its valid time range: current time {now}, nbf {}, exp {}.",
            claim.nbf.unwrap_or_default(),
            claim.exp
        );
        return Err(Refusal::client(700_024, text));
    }
    let jti = claim.jti.filter(|jti| !jti.is_empty()).ok_or_else(|| malformed("jti is missing"))?;
    Ok(Accepted { jti, until: claim.exp + SKEW })
}

/// The certificate that the header names. Padding of the thumbprint is tolerated: clients differ.
fn registered<'a>(head: &Header, registration: &'a Registration) -> Option<&'a RegisteredCertificate> {
    let given = |value: &Option<String>| value.as_deref().map(|value| value.trim_end_matches('=').to_owned());
    let (x5t, x5t_s256) = (given(&head.x5t), given(&head.x5t_s256));
    registration.certificates.iter().find(|certificate| match (&x5t_s256, &x5t) {
        (Some(thumbprint), _) => *thumbprint == certificate.x5t_s256,
        (None, Some(thumbprint)) => *thumbprint == certificate.x5t,
        (None, None) => false,
    })
}

fn verifies(
    certificate: &RegisteredCertificate,
    alg: &str,
    signed: &[u8],
    signature: &[u8],
) -> Result<bool, ErrorStack> {
    let mut verifier = Verifier::new(MessageDigest::sha256(), &certificate.key)?;
    match alg {
        "RS256" => verifier.set_rsa_padding(Padding::PKCS1)?,
        // RFC 7518 section 3.5: salt as long as the hash, MGF1 with the same hash.
        "PS256" => {
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            verifier.set_rsa_mgf1_md(MessageDigest::sha256())?;
        }
        _ => return Ok(false),
    }
    verifier.verify_oneshot(signature, signed)
}

fn decode<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
