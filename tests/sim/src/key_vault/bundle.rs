//! Keys and certificates as the vault shows them. Numbers of a key are base64url, a certificate is base64.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use jiff::{Timestamp, ToSpan as _};
use openssl::hash::MessageDigest;
use serde_json::{Value, json};

use super::key::{NamedKey, Version};

/// `KeyBundle`
pub(super) fn key_bundle(origin: &str, name: &str, version: &Version) -> Value {
    let kid = format!("{origin}/keys/{name}/{}", version.id);
    let number = |number: &openssl::bn::BigNumRef| BASE64_URL_SAFE_NO_PAD.encode(number.to_vec());
    let mut key = json!({ "kid": kid, "key_ops": version.attributes.operations });
    if let Ok(rsa) = version.key.rsa() {
        key["kty"] = json!(if version.hsm { "RSA-HSM" } else { "RSA" });
        key["n"] = json!(number(rsa.n()));
        key["e"] = json!(number(rsa.e()));
    } else {
        key["kty"] = json!(if version.hsm { "EC-HSM" } else { "EC" });
        key["crv"] = json!("P-256");
        if let Some((x, y)) = point(version) {
            key["x"] = json!(number(&x));
            key["y"] = json!(number(&y));
        }
    }
    json!({ "key": key, "attributes": attributes(version), "tags": {} })
}

fn point(version: &Version) -> Option<(openssl::bn::BigNum, openssl::bn::BigNum)> {
    let ec = version.key.ec_key().ok()?;
    let mut context = openssl::bn::BigNumContext::new().ok()?;
    let (mut x, mut y) = (openssl::bn::BigNum::new().ok()?, openssl::bn::BigNum::new().ok()?);
    ec.public_key().affine_coordinates(ec.group(), &mut x, &mut y, &mut context).ok()?;
    Some((x, y))
}

fn attributes(version: &Version) -> Value {
    let told = &version.attributes;
    let mut shown = json!({
        "enabled": told.enabled,
        "created": version.created.as_second(),
        "updated": version.updated.as_second(),
        "recoveryLevel": "Recoverable+Purgeable",
        "recoverableDays": 90,
        "exportable": false,
    });
    if let Some(start) = told.not_before {
        shown["nbf"] = json!(start.as_second());
    }
    if let Some(end) = told.expires {
        shown["exp"] = json!(end.as_second());
    }
    shown
}

/// `DeletedKeyBundle` of the newest version.
pub(super) fn deleted_bundle(origin: &str, name: &str, key: &NamedKey) -> Value {
    let mut bundle = key.versions.last().map_or_else(|| json!({}), |newest| key_bundle(origin, name, newest));
    let deleted = key.deleted.unwrap_or(Timestamp::UNIX_EPOCH);
    let purge = deleted.checked_add((90 * 24).hours()).unwrap_or(Timestamp::MAX);
    bundle["recoveryId"] = json!(format!("{origin}/deletedkeys/{name}"));
    bundle["deletedDate"] = json!(deleted.as_second());
    bundle["scheduledPurgeDate"] = json!(purge.as_second());
    bundle
}

/// `CertificateBundle`; `None` for a key without certificate.
pub(super) fn certificate_bundle(origin: &str, name: &str, version: &Version) -> Option<Value> {
    let certificate = version.certificate.as_ref()?;
    let thumbprint = certificate.digest(MessageDigest::sha1()).ok()?;
    let object = |kind: &str| format!("{origin}/{kind}/{name}/{}", version.id);
    Some(json!({
        "id": object("certificates"),
        "kid": object("keys"),
        "sid": object("secrets"),
        "x5t": BASE64_URL_SAFE_NO_PAD.encode(thumbprint),
        "cer": BASE64_STANDARD.encode(certificate.to_der().ok()?),
        "attributes": attributes(version),
        "tags": {},
        "policy": {
            "id": format!("{origin}/certificates/{name}/policy"),
            "key_props": { "exportable": false, "kty": "RSA", "key_size": version.key.bits(), "reuse_key": false },
            "secret_props": { "contentType": "application/x-pkcs12" },
            "x509_props": { "subject": format!("CN={name}"), "validity_months": 1 },
            "issuer": { "name": "Self" },
            "attributes": { "enabled": true },
        },
    }))
}
