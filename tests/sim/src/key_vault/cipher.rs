//! What a vault does with an RSA key: wrap, unwrap, encrypt, decrypt, by three algorithms; and sign digests, with an EC key
//! too.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use openssl::ecdsa::EcdsaSig;
use openssl::encrypt::{Decrypter, Encrypter};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::md::Md;
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;
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

/// One of the five.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Wrap,
    Unwrap,
    Encrypt,
    Decrypt,
    Sign,
}

impl Operation {
    pub(super) fn named(segment: &str) -> Option<Self> {
        match segment {
            "wrapkey" => Some(Self::Wrap),
            "unwrapkey" => Some(Self::Unwrap),
            "encrypt" => Some(Self::Encrypt),
            "decrypt" => Some(Self::Decrypt),
            "sign" => Some(Self::Sign),
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
            Self::Sign => "sign",
        }
    }

    pub(super) fn permission(self) -> VaultPermission {
        match self {
            Self::Wrap => VaultPermission::WrapKey,
            Self::Unwrap => VaultPermission::UnwrapKey,
            Self::Encrypt => VaultPermission::Encrypt,
            Self::Decrypt => VaultPermission::Decrypt,
            Self::Sign => VaultPermission::Sign,
        }
    }

    fn is_private(self) -> bool {
        matches!(self, Self::Unwrap | Self::Decrypt | Self::Sign)
    }

    /// Whether an expired key still does it, and one that is not valid yet does it already.
    fn is_timeless(self) -> bool {
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
    if version.key.rsa().is_err() && operation != Operation::Sign {
        return Err(VaultError::parameter(&format!(
            "Operation '{name}' is not supported on a key of this type."
        )));
    }
    if !attributes.operations.iter().any(|allowed| allowed == name) {
        return Err(VaultError::operation(name));
    }
    if operation.is_private() && !attributes.enabled {
        return Err(VaultError::disabled(name));
    }
    if !operation.is_timeless()
        && (attributes.not_before.is_some_and(|start| at < start)
            || attributes.expires.is_some_and(|end| at >= end))
    {
        return Err(VaultError::out_of_time(name));
    }
    if operation == Operation::Sign {
        return signed(version, wanted);
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

/// Signs a digest, as the algorithm wants it: two numbers side by side for EC.
fn signed(version: &Version, wanted: &Wanted) -> Result<String, VaultError> {
    let wrong = |what: &str| VaultError::parameter(&format!("Property '{what}' has an invalid value."));
    let (is_rsa, padding) = match wanted.alg.as_str() {
        "RS256" => (true, Padding::PKCS1),
        "PS256" => (true, Padding::PKCS1_PSS),
        "ES256" => (false, Padding::NONE),
        _ => return Err(wrong("alg")),
    };
    if is_rsa != version.key.rsa().is_ok() {
        return Err(wrong("alg"));
    }
    let digest = BASE64_URL_SAFE_NO_PAD.decode(&wanted.value).map_err(|_| wrong("value"))?;
    if digest.len() != MessageDigest::sha256().size() {
        return Err(wrong("value"));
    }
    let sign = || -> Result<Vec<u8>, ErrorStack> {
        if !is_rsa {
            let signature = EcdsaSig::sign(&digest, version.key.ec_key()?.as_ref())?;
            let mut numbers = signature.r().to_vec_padded(32)?;
            numbers.extend(signature.s().to_vec_padded(32)?);
            return Ok(numbers);
        }
        let mut context = PkeyCtx::new(&version.key)?;
        context.sign_init()?;
        context.set_rsa_padding(padding)?;
        context.set_signature_md(Md::sha256())?;
        if padding == Padding::PKCS1_PSS {
            context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            context.set_rsa_mgf1_md(Md::sha256())?;
        }
        let mut signature = Vec::new();
        context.sign_to_vec(&digest, &mut signature)?;
        Ok(signature)
    };
    sign()
        .map(|signature| BASE64_URL_SAFE_NO_PAD.encode(signature))
        .map_err(|_| VaultError::parameter("The parameter is incorrect."))
}
