//! What a vault tells about a key and its certificate, and whether the key serves.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use crypto::X509Certificate;
use crypto::issue::check_public_key;
use crypto::key::rsa_spki_der;
use serde::Deserialize;

use super::address::KeyVaultAddress;

/// base64url as vaults write it (without padding) and as others might (with).
pub(super) const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// `KeyBundle`
#[derive(Deserialize)]
pub(super) struct KeyBundle {
    pub(super) key: Jwk,
    #[serde(default)]
    pub(super) attributes: Attributes,
}

/// The public half (RFC 7517), and what it is for.
#[derive(Deserialize)]
pub(super) struct Jwk {
    pub(super) kid: String,
    kty: String,
    #[serde(default)]
    pub(super) key_ops: Vec<String>,
    n: Option<String>,
    e: Option<String>,
}

/// What of the attributes matters here. The times do not: an expired key still unwraps.
#[derive(Default, Deserialize)]
pub(super) struct Attributes {
    pub(super) enabled: Option<bool>,
}

/// `CertificateBundle`
#[derive(Deserialize)]
pub(super) struct CertificateBundle {
    pub(super) kid: String,
    cer: String,
}

/// `DeletedKeyBundle`
#[derive(Deserialize)]
pub(super) struct DeletedBundle {
    #[serde(rename = "scheduledPurgeDate")]
    pub(super) purge: Option<i64>,
}

impl KeyBundle {
    /// The public key as certificates carry it, and how many bytes a content key encrypted to it has.
    ///
    /// # Errors
    /// Says why such a key opens nothing.
    pub(super) fn public_key(&self) -> Result<(Vec<u8>, usize), String> {
        match self.key.kty.as_str() {
            "RSA" | "RSA-HSM" => {}
            kty if kty.starts_with("EC") => {
                return Err(
                    "it is an EC key, with which vaults sign and cannot decrypt; a recovery agent in a vault needs an RSA key"
                        .to_owned(),
                );
            }
            kty => {
                let kty: String = kty.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
                return Err(format!(
                    "it is a key of type {kty}; a recovery agent in a vault needs an RSA key"
                ));
            }
        }
        let number = |text: &Option<String>| text.as_ref().and_then(|text| BASE64_URL.decode(text).ok());
        let (Some(n), Some(e)) = (number(&self.key.n), number(&self.key.e)) else {
            return Err("the vault does not tell its public key".to_owned());
        };
        let spki = rsa_spki_der(&n, &e).map_err(|error| error.to_string())?;
        check_public_key(&spki).map_err(|error| error.to_string())?;
        let size = n.iter().skip_while(|octet| **octet == 0).count();
        Ok((spki, size))
    }

    /// Its own address.
    pub(super) fn address(&self) -> Option<KeyVaultAddress> {
        self.key.kid.parse().ok()
    }

    /// Whether it may be used to open anything.
    pub(super) fn opens(&self) -> bool {
        self.key.key_ops.iter().any(|name| name == "unwrapKey" || name == "decrypt")
    }
}

impl CertificateBundle {
    /// The certificate.
    pub(super) fn certificate(&self) -> Option<X509Certificate> {
        X509Certificate::from_der(&STANDARD.decode(&self.cer).ok()?).ok()
    }
}
