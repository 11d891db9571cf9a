//! The signed assertion that stands for a client secret (RFC 7523 section 2.2, RFC 7515).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::kra::{Signature, SignatureAlgorithm};
use model::{Span, Timestamp};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::entra::signer::{AssertionAlgorithm, AssertionSigner};
use crate::error::NetError;

/// An assertion is good for one login; ten minutes forgive a slow network and a clock that is a little off.
const LIFETIME: Span = Span::minutes(10);

/// Writes the assertion. `PS256` names the certificate by `x5t#S256` and encloses it as `x5c`; `RS256` names it by `x5t`, as
/// ADFS wants it.
pub(crate) async fn sign(
    signer: &dyn AssertionSigner,
    client_id: Uuid,
    audience: &str,
    id: Uuid,
    now: Timestamp,
) -> Result<Zeroizing<String>, NetError> {
    let algorithm = signer.algorithm();
    let certificate = signer.certificate().await?;
    let mut header = json!({
        "alg": algorithm.name(),
        "typ": "JWT",
        "x5c": [STANDARD.encode(certificate.der())],
    });
    match algorithm {
        AssertionAlgorithm::Ps256 => header["x5t#S256"] = json!(URL_SAFE_NO_PAD.encode(certificate.sha256())),
        AssertionAlgorithm::Rs256 => {
            header["x5t"] = json!(URL_SAFE_NO_PAD.encode(certificate.thumbprint().as_bytes()));
        }
    }
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
    let octets = signer.sign(signed.as_bytes()).await?;
    let signature = Signature {
        algorithm: match algorithm {
            AssertionAlgorithm::Ps256 => SignatureAlgorithm::Ps256,
            AssertionAlgorithm::Rs256 => SignatureAlgorithm::Rs256,
        },
        octets,
    };
    // Entra ID would only say that the certificate is not registered.
    if !certificate.verifies(signed.as_bytes(), &signature) {
        return Err(NetError::Unsendable {
            detail: format!(
                "what {} signed does not fit the certificate `{}`; give the pair that was made together, with an RSA key of \
                 2048 bits or more",
                signer.place(),
                certificate.subject()
            ),
        });
    }
    Ok(Zeroizing::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.octets))))
}
