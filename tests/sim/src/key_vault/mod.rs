//! Azure Key Vault: RSA keys with versions, their certificates, and what may be done with them.
//!
//! One vault stands for all: its addresses are `/keys/…`, `/certificates/…` and `/deletedkeys/…` of this host. Whoever comes
//! without a token is told where to get one; a token must be made for Key Vault, and the operation must be permitted.

mod bundle;
mod cipher;
mod error;
mod handle;
mod key;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde::Deserialize;

use crate::entra::TokenProblem;
use crate::http::{Incoming, Reply};
use crate::world::World;

use bundle::{certificate_bundle, deleted_bundle, key_bundle};
use error::VaultError;
use key::{NamedKey, Version};

pub use handle::{VaultKey, VaultKeyKind, VaultKeySpec};
pub use key::VaultKeyAttributes;

/// What tokens for vaults are made for.
pub(crate) const RESOURCE: &str = "https://vault.azure.net";
/// What tokens for Managed HSMs are made for.
pub(crate) const HSM_RESOURCE: &str = "https://managedhsm.azure.net";

/// The versions of the interface that the service speaks.
const API_VERSIONS: [&str; 10] =
    ["2016-10-01", "7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"];

/// An operation that a role or an access policy grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VaultPermission {
    /// Read keys.
    GetKey,
    /// Make keys and change their attributes.
    CreateKey,
    /// Read certificates.
    GetCertificate,
    /// `wrapkey`.
    WrapKey,
    /// `unwrapkey`.
    UnwrapKey,
    /// `encrypt`.
    Encrypt,
    /// `decrypt`.
    Decrypt,
    /// `sign`.
    Sign,
}

impl VaultPermission {
    /// All of them: what everybody has at the start.
    pub const ALL: [Self; 8] = [
        Self::GetKey,
        Self::CreateKey,
        Self::GetCertificate,
        Self::WrapKey,
        Self::UnwrapKey,
        Self::Encrypt,
        Self::Decrypt,
        Self::Sign,
    ];
}

/// In which words the vault refuses what is not permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum VaultRefusal {
    /// The vault goes by Azure roles.
    #[default]
    Rbac,
    /// The vault goes by access policies.
    AccessPolicy,
}

/// What the vault tells those who come without a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultChallenge {
    /// Where to sign in; the tenant of this world at this host when `None`.
    pub authorization: Option<String>,
    /// The resource, `https://vault.azure.net`.
    pub resource: String,
    /// Tells it as `scope="…/.default"` instead of `resource="…"`.
    pub as_scope: bool,
}

impl Default for VaultChallenge {
    fn default() -> Self {
        Self { authorization: None, resource: RESOURCE.to_owned(), as_scope: false }
    }
}

/// A vault that does not say the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultLie {
    /// Answers name another version than the one that was asked.
    OtherKey,
    /// Values are not base64url.
    NoBase64,
    /// Values are too long for any answer: a megabyte.
    Endless,
}

/// The vault's state.
pub(crate) struct KeyVault {
    keys: BTreeMap<String, NamedKey>,
    permissions: BTreeSet<VaultPermission>,
    refusal: VaultRefusal,
    challenge: VaultChallenge,
    closed_by_firewall: bool,
    lie: Option<VaultLie>,
}

impl Default for KeyVault {
    fn default() -> Self {
        Self {
            keys: BTreeMap::new(),
            permissions: VaultPermission::ALL.into(),
            refusal: VaultRefusal::default(),
            challenge: VaultChallenge::default(),
            closed_by_firewall: false,
            lie: None,
        }
    }
}

/// Answers a request below `/keys`, `/certificates` or `/deletedkeys`.
pub(crate) fn answer(world: &World, incoming: &Incoming, segments: &[&str]) -> Reply {
    let reply = authenticate(world, incoming)
        .and_then(|()| api_version(incoming))
        .and_then(|()| route(world, incoming, segments))
        .unwrap_or_else(VaultError::into_reply);
    reply.with_header("x-ms-request-id", incoming.request_id.to_string())
}

fn authenticate(world: &World, incoming: &Incoming) -> Result<(), VaultError> {
    let token = incoming.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let vault = world.key_vault.read();
    let challenge = || {
        let authorization = vault.challenge.authorization.clone();
        let authorization =
            authorization.unwrap_or_else(|| format!("{}/{}", incoming.origin(), world.tenant_id));
        let resource = &vault.challenge.resource;
        if vault.challenge.as_scope {
            format!(r#"Bearer authorization="{authorization}", scope="{resource}/.default""#)
        } else {
            format!(r#"Bearer authorization="{authorization}", resource="{resource}""#)
        }
    };
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return Err(VaultError::unauthorized(
            "AKV10000: Request is missing a Bearer or PoP token.",
            challenge(),
        ));
    };
    let checked = world.issuer.check(token, incoming.at, &[RESOURCE, HSM_RESOURCE]);
    let caller = checked.map_err(|problem| {
        let text = match problem {
            TokenProblem::Malformed | TokenProblem::Signature => {
                "AKV10001: The token cannot be read or its signature does not fit."
            }
            TokenProblem::Audience => {
                "AKV10022: Invalid audience. Expected https://vault.azure.net, found: another."
            }
            TokenProblem::Expired => "AKV10005: The token has expired.",
        };
        VaultError::unauthorized(text, challenge())
    })?;
    if !caller.is_application() && !caller.may("user_impersonation") {
        return Err(VaultError::unauthorized(
            "AKV10018: The token lacks the scope user_impersonation.",
            challenge(),
        ));
    }
    if vault.closed_by_firewall {
        return Err(VaultError::firewall());
    }
    Ok(())
}

fn api_version(incoming: &Incoming) -> Result<(), VaultError> {
    let mut options = form_urlencoded::parse(incoming.query.as_bytes());
    match options.find(|(name, _)| name == "api-version") {
        None => Err(VaultError::parameter("The request lacks the parameter 'api-version'.")),
        Some((_, version)) if API_VERSIONS.contains(&version.as_ref()) => Ok(()),
        Some((_, version)) => {
            Err(VaultError::parameter(&format!("The version '{version}' of the interface is not supported.")))
        }
    }
}

fn route(world: &World, incoming: &Incoming, segments: &[&str]) -> Result<Reply, VaultError> {
    let origin = incoming.origin();
    match (&incoming.method, segments) {
        (&Method::GET, ["keys", name]) => get_key(world, &origin, name, None),
        (&Method::GET, ["keys", name, version]) => get_key(world, &origin, name, Some(version)),
        (&Method::POST, ["keys", name, "create"]) => create(world, incoming, name),
        (&Method::POST, ["keys", name, operation]) => operate(world, incoming, name, None, operation),
        (&Method::POST, ["keys", name, version, operation]) => {
            operate(world, incoming, name, Some(version), operation)
        }
        (&Method::PATCH, ["keys", name, version]) => change(world, incoming, name, version),
        (&Method::DELETE, ["keys", name]) => {
            permit(world, VaultPermission::CreateKey, "delete")?;
            let mut vault = world.key_vault.write();
            let key = vault.living_mut(name)?;
            key.deleted = Some(incoming.at);
            Ok(Reply::ok(deleted_bundle(&origin, name, key)))
        }
        (&Method::GET, ["deletedkeys", name]) => {
            permit(world, VaultPermission::GetKey, "get")?;
            let vault = world.key_vault.read();
            let key = vault.keys.get(*name).filter(|key| key.deleted.is_some());
            let key = key.ok_or_else(|| VaultError::not_found("deleted key", name))?;
            Ok(Reply::ok(deleted_bundle(&origin, name, key)))
        }
        (&Method::GET, ["certificates", name]) => get_certificate(world, &origin, name, None),
        (&Method::GET, ["certificates", name, version]) => {
            get_certificate(world, &origin, name, Some(version))
        }
        _ => Err(VaultError::no_route()),
    }
}

fn permit(world: &World, permission: VaultPermission, action: &str) -> Result<(), VaultError> {
    let vault = world.key_vault.read();
    if vault.permissions.contains(&permission) {
        return Ok(());
    }
    Err(VaultError::denied(vault.refusal, action))
}

fn get_key(world: &World, origin: &str, name: &str, version: Option<&str>) -> Result<Reply, VaultError> {
    permit(world, VaultPermission::GetKey, "get")?;
    let vault = world.key_vault.read();
    let found = vault.living(name)?.version(name, version)?;
    Ok(Reply::ok(key_bundle(origin, name, found)))
}

fn get_certificate(
    world: &World,
    origin: &str,
    name: &str,
    version: Option<&str>,
) -> Result<Reply, VaultError> {
    permit(world, VaultPermission::GetCertificate, "get")?;
    let missing = || VaultError::not_found("certificate", name);
    let vault = world.key_vault.read();
    let found = vault.living(name).and_then(|key| key.version(name, version)).map_err(|_| missing())?;
    certificate_bundle(origin, name, found).map(Reply::ok).ok_or_else(missing)
}

#[derive(Deserialize)]
struct Create {
    kty: String,
    key_size: Option<u32>,
    key_ops: Option<Vec<String>>,
    attributes: Option<key::Changes>,
}

fn create(world: &World, incoming: &Incoming, name: &str) -> Result<Reply, VaultError> {
    permit(world, VaultPermission::CreateKey, "create")?;
    let wanted: Create = read(incoming)?;
    let (kind, hsm) = match wanted.kty.strip_suffix("-HSM") {
        Some(kind) => (kind, true),
        None => (wanted.kty.as_str(), false),
    };
    let made = match (kind, wanted.key_size.unwrap_or(2048)) {
        ("RSA", bits @ (2048 | 3072 | 4096)) => Rsa::generate(bits).and_then(PKey::from_rsa),
        ("EC", _) => EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)
            .and_then(|group| EcKey::generate(&group))
            .and_then(PKey::from_ec_key),
        _ => return Err(VaultError::parameter("Property 'kty' or 'key_size' has an invalid value.")),
    };
    let key = made.map_err(|error| VaultError::internal(&error))?;
    let mut version = Version::new(key, hsm, incoming.at).map_err(|error| VaultError::internal(&error))?;
    if let Some(operations) = wanted.key_ops {
        version.attributes.operations = operations;
    }
    if let Some(changes) = wanted.attributes {
        version.change(&changes, incoming.at);
    }
    let mut vault = world.key_vault.write();
    let key = vault.keys.entry(name.to_owned()).or_default();
    if key.deleted.is_some() {
        return Err(VaultError::deleted_but_recoverable(name));
    }
    let bundle = key_bundle(&incoming.origin(), name, &version);
    key.versions.push(version);
    Ok(Reply::ok(bundle))
}

#[derive(Deserialize)]
struct Change {
    key_ops: Option<Vec<String>>,
    attributes: Option<key::Changes>,
}

fn change(world: &World, incoming: &Incoming, name: &str, version: &str) -> Result<Reply, VaultError> {
    permit(world, VaultPermission::CreateKey, "update")?;
    let wanted: Change = read(incoming)?;
    let mut vault = world.key_vault.write();
    let found = vault.living_mut(name)?.version_mut(name, version)?;
    if let Some(operations) = wanted.key_ops {
        found.attributes.operations = operations;
    }
    if let Some(changes) = wanted.attributes {
        found.change(&changes, incoming.at);
    }
    Ok(Reply::ok(key_bundle(&incoming.origin(), name, found)))
}

fn operate(
    world: &World,
    incoming: &Incoming,
    name: &str,
    version: Option<&str>,
    operation: &str,
) -> Result<Reply, VaultError> {
    let operation = cipher::Operation::named(operation).ok_or_else(VaultError::no_route)?;
    permit(world, operation.permission(), operation.name())?;
    let wanted: cipher::Wanted = read(incoming)?;
    let vault = world.key_vault.read();
    let found = vault.living(name)?.version(name, version)?;
    let value = cipher::run(found, operation, &wanted, incoming.at)?;
    let told = match vault.lie {
        Some(VaultLie::OtherKey) => "0123456789abcdef0123456789abcdef",
        _ => &found.id,
    };
    let value = match vault.lie {
        Some(VaultLie::NoBase64) => "not base64, but a sentence".to_owned(),
        Some(VaultLie::Endless) => "A".repeat(1 << 20),
        _ => value,
    };
    let kid = format!("{}/keys/{name}/{told}", incoming.origin());
    Ok(Reply::ok(serde_json::json!({ "kid": kid, "value": value })))
}

fn read<T: serde::de::DeserializeOwned>(incoming: &Incoming) -> Result<T, VaultError> {
    if !incoming.is("application/json") {
        return Err(VaultError::media_type());
    }
    serde_json::from_slice(&incoming.body).map_err(|error| {
        VaultError::parameter(&format!("The body is not what this operation takes: {error}"))
    })
}
