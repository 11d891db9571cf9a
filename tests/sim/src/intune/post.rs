//! What the service checks before it takes a PFX: shapes, lengths, names and dates; never the inside of what is encrypted.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use openssl::pkcs12::Pkcs12;
use serde_json::{Map, Value};

use super::{PfxRecord, refuse};
use crate::graph::{Call, GraphError};

/// Every property of the entity.
const PROPERTIES: &[&str] = &[
    "@odata.type",
    "createdDateTime",
    "encryptedPfxBlob",
    "encryptedPfxPassword",
    "expirationDateTime",
    "id",
    "intendedPurpose",
    "keyName",
    "lastModifiedDateTime",
    "paddingScheme",
    "providerName",
    "startDateTime",
    "thumbprint",
    "userPrincipalName",
];
/// Purposes for which Intune delivers imported certificates (`vpn` and `wifi` exist and are not supported).
const PURPOSES: &[&str] = &["unassigned", "smimeEncryption", "smimeSigning"];
const PADDINGS: &[&str] = &["none", "pkcs1", "oaepSha1", "oaepSha256", "oaepSha384", "oaepSha512"];

/// Reads and checks the body of a create.
pub(super) fn read(call: &Call<'_>) -> Result<PfxRecord, GraphError> {
    let body = object(call)?;
    if body.get("id").is_some_and(|id| !id.is_null() && id != "") {
        return Err(refuse("the id is assigned by the service"));
    }
    let user_principal_name = text(&body, "userPrincipalName")?;
    let user = {
        let directory = call.world.directory.read();
        let user = directory
            .user_called(&user_principal_name)
            .filter(|user| user.user_principal_name.to_lowercase() == user_principal_name.to_lowercase())
            .ok_or_else(|| refuse(&format!("no user has the name {user_principal_name}")))?;
        if !user.intune_licensed {
            return Err(refuse(&format!("{user_principal_name} has no Intune licence")));
        }
        user.id
    };
    let thumbprint = text(&body, "thumbprint")?;
    if thumbprint.len() != 40 || !thumbprint.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(refuse("the thumbprint is not 40 lower-case hexadecimal digits"));
    }
    // The client's own idea of these two must be a date; the service then keeps its own.
    date(&body, "createdDateTime")?;
    date(&body, "lastModifiedDateTime")?;
    let record = PfxRecord {
        id: format!("{}-{thumbprint}", user.simple()),
        user,
        user_principal_name,
        thumbprint,
        intended_purpose: choice(&body, "intendedPurpose", PURPOSES)?,
        start: date(&body, "startDateTime")?,
        expiration: date(&body, "expirationDateTime")?,
        provider_name: text(&body, "providerName")?,
        key_name: text(&body, "keyName")?,
        padding_scheme: choice(&body, "paddingScheme", PADDINGS)?,
        pfx: pkcs12(&body)?,
        encrypted_password: password(&body)?,
        created: call.incoming.at,
        last_modified: call.incoming.at,
    };
    in_order(&record)?;
    Ok(record)
}

/// Reads the body of a PATCH into a copy of `record`. What makes up the id cannot change.
pub(super) fn merge(call: &Call<'_>, record: &PfxRecord) -> Result<PfxRecord, GraphError> {
    let body = object(call)?;
    let mut merged = record.clone();
    for name in body.keys() {
        match name.as_str() {
            "id" if text(&body, name)? != record.id => return Err(refuse("the id cannot change")),
            "thumbprint" if text(&body, name)? != record.thumbprint => {
                return Err(refuse("the thumbprint cannot change"));
            }
            "userPrincipalName"
                if text(&body, name)?.to_lowercase() != record.user_principal_name.to_lowercase() =>
            {
                return Err(refuse("the user cannot change"));
            }
            "intendedPurpose" => merged.intended_purpose = choice(&body, name, PURPOSES)?,
            "startDateTime" => merged.start = date(&body, name)?,
            "expirationDateTime" => merged.expiration = date(&body, name)?,
            "providerName" => merged.provider_name = text(&body, name)?,
            "keyName" => merged.key_name = text(&body, name)?,
            "paddingScheme" => merged.padding_scheme = choice(&body, name, PADDINGS)?,
            "encryptedPfxBlob" => merged.pfx = pkcs12(&body)?,
            "encryptedPfxPassword" => merged.encrypted_password = password(&body)?,
            "createdDateTime" | "lastModifiedDateTime" => drop(date(&body, name)?),
            _ => {}
        }
    }
    in_order(&merged)?;
    merged.last_modified = call.incoming.at;
    Ok(merged)
}

fn object(call: &Call<'_>) -> Result<Map<String, Value>, GraphError> {
    if !call.incoming.is("application/json") {
        return Err(GraphError::media_type());
    }
    let body: Map<String, Value> = serde_json::from_slice(&call.incoming.body)
        .map_err(|error| refuse(&format!("the body is no JSON object: {error}")))?;
    if let Some(other) = body.keys().find(|name| !PROPERTIES.contains(&name.as_str())) {
        return Err(refuse(&format!("the entity has no property {other}")));
    }
    match body.get("@odata.type") {
        None => {}
        Some(Value::String(kind)) if kind == "#microsoft.graph.userPFXCertificate" => {}
        Some(other) => return Err(refuse(&format!("the type is {other}"))),
    }
    Ok(body)
}

fn text(body: &Map<String, Value>, name: &str) -> Result<String, GraphError> {
    match body.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(_) => Err(refuse(&format!("{name} is not a string, or empty"))),
        None => Err(refuse(&format!("{name} is missing"))),
    }
}

fn date(body: &Map<String, Value>, name: &str) -> Result<Timestamp, GraphError> {
    let text = text(body, name)?;
    text.parse().map_err(|_| refuse(&format!("{name} is no date and time with an offset: {text}")))
}

/// One of the enumeration's names in any case, returned as the service writes it.
fn choice(body: &Map<String, Value>, name: &str, choices: &[&str]) -> Result<String, GraphError> {
    let text = text(body, name)?;
    let found = choices.iter().find(|choice| choice.eq_ignore_ascii_case(&text));
    found.map(|choice| (*choice).to_owned()).ok_or_else(|| refuse(&format!("{name} cannot be {text}")))
}

fn bytes(body: &Map<String, Value>, name: &str) -> Result<Vec<u8>, GraphError> {
    BASE64_STANDARD
        .decode(text(body, name)?)
        .map_err(|_| refuse(&format!("{name} is not padded standard base64")))
}

/// A PKCS#12 from outside: one DER SEQUENCE that begins with version 3 (RFC 7292 section 4) and ends where the bytes end.
fn pkcs12(body: &Map<String, Value>) -> Result<Vec<u8>, GraphError> {
    let der = bytes(body, "encryptedPfxBlob")?;
    let inside = sequence(&der).ok_or_else(|| refuse("encryptedPfxBlob is not one DER sequence"))?;
    if !inside.starts_with(&[0x02, 0x01, 0x03]) || Pkcs12::from_der(&der).is_err() {
        return Err(refuse("encryptedPfxBlob is no PKCS#12"));
    }
    Ok(der)
}

/// The content of a SEQUENCE with a definite length that fills `der` exactly.
fn sequence(der: &[u8]) -> Option<&[u8]> {
    let (&first, rest) = der.strip_prefix(&[0x30])?.split_first()?;
    let (length, content) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, content) = rest.split_at_checked(usize::from(first & 0x7F))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), content)
    };
    (content.len() == length).then_some(content)
}

/// RSA ciphertext of a plausible key: 2048, 3072 or 4096 bits.
fn password(body: &Map<String, Value>) -> Result<Vec<u8>, GraphError> {
    let ciphertext = bytes(body, "encryptedPfxPassword")?;
    if !matches!(ciphertext.len(), 256 | 384 | 512) {
        return Err(refuse(&format!("encryptedPfxPassword has {} bytes", ciphertext.len())));
    }
    Ok(ciphertext)
}

fn in_order(record: &PfxRecord) -> Result<(), GraphError> {
    if record.start >= record.expiration {
        return Err(refuse("the certificate ends before it begins"));
    }
    Ok(())
}
