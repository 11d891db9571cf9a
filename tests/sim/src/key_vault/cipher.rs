//! What a vault does with an RSA key: wrap, unwrap, encrypt, decrypt, by three algorithms.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use openssl::encrypt::{Decrypter, Encrypter};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::rsa::Padding;
use serde::Deserialize;

use super::VaultPermission;
use super::error::VaultError;
use super::key::Version;

/// The body of every operation.
#[derive(Deserialize)]
pub(super) struct Wanted {
    alg: String,
    value: String,
}

/// One of the four.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Wrap,
    Unwrap,
    Encrypt,
    Decrypt,
}

impl Operation {
    pub(super) fn named(segment: &str) -> Option<Self> {
        match segment {
            "wrapkey" => Some(Self::Wrap),
            "unwrapkey" => Some(Self::Unwrap),
            "encrypt" => Some(Self::Encrypt),
            "decrypt" => Some(Self::Decrypt),
            _ => None,
        }
    }

    /// As `key_ops` and refusals write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Wrap => "wrapKey",
            Self::Unwrap => "unwrapKey",
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
        }
    }

    pub(super) fn permission(self) -> VaultPermission {
        match self {
            Self::Wrap => VaultPermission::WrapKey,
            Self::Unwrap => VaultPermission::UnwrapKey,
            Self::Encrypt => VaultPermission::Encrypt,
            Self::Decrypt => VaultPermission::Decrypt,
        }
    }

    fn is_private(self) -> bool {
        matches!(self, Self::Unwrap | Self::Decrypt)
    }
}

/// The result as base64url.
pub(super) fn run(
    version: &Version,
    operation: Operation,
    wanted: &Wanted,
    at: Timestamp,
) -> Result<String, VaultError> {
    let attributes = &version.attributes;
    let name = operation.name();
    if version.key.rsa().is_err() {
        return Err(VaultError::parameter(&format!(
            "Operation '{name}' is not supported on a key of this type."
        )));
    }
    if !attributes.operations.iter().any(|allowed| allowed == name) {
        return Err(VaultError::operation(name));
    }
    if operation.is_private() {
        if !attributes.enabled {
            return Err(VaultError::disabled(name));
        }
    } else if attributes.not_before.is_some_and(|start| at < start)
        || attributes.expires.is_some_and(|end| at >= end)
    {
        return Err(VaultError::out_of_time(name));
    }
    let digest = match wanted.alg.as_str() {
        "RSA-OAEP-256" => Some(MessageDigest::sha256()),
        "RSA-OAEP" => Some(MessageDigest::sha1()),
        "RSA1_5" => None,
        other => {
            return Err(VaultError::parameter(&format!("Property 'alg' has the invalid value '{other}'.")));
        }
    };
    let value = BASE64_URL_SAFE_NO_PAD
        .decode(&wanted.value)
        .map_err(|_| VaultError::parameter("Property 'value' is not base64url without padding."))?;
    if operation.is_private() && value.len() != version.key.size() {
        return Err(VaultError::parameter("Property 'value' does not have the length of the key."));
    }
    let result =
        if operation.is_private() { open(version, &value, digest) } else { shut(version, &value, digest) };
    result
        .map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes))
        .map_err(|_| VaultError::parameter("The parameter is incorrect."))
}

fn open(version: &Version, value: &[u8], digest: Option<MessageDigest>) -> Result<Vec<u8>, ErrorStack> {
    let mut decrypter = Decrypter::new(&version.key)?;
    match digest {
        Some(digest) => {
            decrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
            decrypter.set_rsa_oaep_md(digest)?;
            decrypter.set_rsa_mgf1_md(digest)?;
        }
        None => decrypter.set_rsa_padding(Padding::PKCS1)?,
    }
    let mut opened = vec![0; decrypter.decrypt_len(value)?];
    let length = decrypter.decrypt(value, &mut opened)?;
    opened.truncate(length);
    Ok(opened)
}

fn shut(version: &Version, value: &[u8], digest: Option<MessageDigest>) -> Result<Vec<u8>, ErrorStack> {
    let mut encrypter = Encrypter::new(&version.key)?;
    match digest {
        Some(digest) => {
            encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
            encrypter.set_rsa_oaep_md(digest)?;
            encrypter.set_rsa_mgf1_md(digest)?;
        }
        None => encrypter.set_rsa_padding(Padding::PKCS1)?,
    }
    let mut sealed = vec![0; encrypter.encrypt_len(value)?];
    let length = encrypter.encrypt(value, &mut sealed)?;
    sealed.truncate(length);
    Ok(sealed)
}
