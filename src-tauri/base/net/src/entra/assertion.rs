//! The signed assertion that stands for a client secret (RFC 7523 section 2.2, RFC 7515).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use crypto::{CryptoError, PrivateKey, X509Certificate};
use model::{Span, Timestamp};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

/// An assertion is good for one login; ten minutes forgive a slow network and a clock that is a little off.
const LIFETIME: Span = Span::minutes(10);

/// Writes the assertion: `PS256`, the certificate named by `x5t#S256` and enclosed as `x5c`.
pub(crate) fn sign(
    key: &PrivateKey,
    certificate: &X509Certificate,
    client_id: Uuid,
    audience: &str,
    id: Uuid,
    now: Timestamp,
) -> Result<Zeroizing<String>, CryptoError> {
    let header = json!({
        "alg": "PS256",
        "typ": "JWT",
        "x5t#S256": URL_SAFE_NO_PAD.encode(certificate.sha256()),
        "x5c": [STANDARD.encode(certificate.der())],
    });
    let claims = json!({
        "aud": audience,
        "iss": client_id,
        "sub": client_id,
        "jti": id,
        "nbf": now.as_seconds(),
        "iat": now.as_seconds(),
        "exp": (now + LIFETIME).as_seconds(),
    });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = key.sign_ps256(signed.as_bytes())?;
    Ok(Zeroizing::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
}
