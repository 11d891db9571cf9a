//! Managed identities: the metadata service of virtual machines, the endpoint of App Service, the agent of Azure Arc.
//!
//! All three answer plain HTTP, at the second address of the simulator, as the real ones do on their machines. What they give
//! are tokens of the same issuer.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use axum::http::{Method, StatusCode};
use openssl::memcmp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::person::random;
use super::token;
use crate::http::{Incoming, Reply};
use crate::world::World;

/// An identity that a machine may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineIdentity {
    /// Client id.
    pub client_id: Uuid,
    /// Object id of its service principal.
    pub object_id: Uuid,
    /// Resource id.
    pub resource_id: String,
}

/// The machine that we pretend to run on.
pub(crate) struct Machine {
    /// Its own identity; `None` while none is switched on.
    pub(crate) system: Option<MachineIdentity>,
    /// Identities that are assigned to it.
    pub(crate) assigned: Vec<MachineIdentity>,
    /// Application permissions of all of them.
    pub(crate) roles: Vec<String>,
    /// What App Service puts into `IDENTITY_HEADER`.
    pub(crate) header: String,
    /// Where the agent of Azure Arc leaves its challenges.
    pub(crate) challenges: Option<PathBuf>,
    /// Challenges that were not answered yet.
    open: HashSet<String>,
}

impl Machine {
    pub(crate) fn of(client_id: Uuid, roles: Vec<String>) -> Self {
        let derived = |turn: u32| Uuid::from_u128(client_id.as_u128().rotate_left(turn));
        let identity = |turn: u32, resource: &str| MachineIdentity {
            client_id: derived(turn),
            object_id: derived(turn + 3),
            resource_id: format!(
                "/subscriptions/{}/resourcegroups/nordwind/providers/{resource}",
                derived(7)
            ),
        };
        Self {
            system: Some(identity(11, "Microsoft.Compute/virtualMachines/seal")),
            assigned: vec![identity(19, "Microsoft.ManagedIdentity/userAssignedIdentities/sealwright")],
            roles,
            header: derived(23).simple().to_string(),
            challenges: None,
            open: HashSet::new(),
        }
    }

    fn find(&self, incoming: &Incoming, names: [&str; 3]) -> Result<MachineIdentity, Reply> {
        let not_found = || refused(StatusCode::BAD_REQUEST, "invalid_request", "Identity not found");
        let [client, object, resource] = names.map(|name| option(incoming, name));
        let all = || self.system.iter().chain(&self.assigned);
        let found = match (client, object, resource) {
            (None, None, None) => self.system.clone(),
            (Some(id), None, None) => all().find(|one| one.client_id.to_string() == id).cloned(),
            (None, Some(id), None) => all().find(|one| one.object_id.to_string() == id).cloned(),
            (None, None, Some(id)) => all().find(|one| one.resource_id.eq_ignore_ascii_case(&id)).cloned(),
            _ => None,
        };
        found.ok_or_else(not_found)
    }
}

/// Answers at the plain address.
pub(crate) fn answer(world: &World, incoming: &Incoming, segments: &[&str]) -> Reply {
    if incoming.method != Method::GET {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "Method not allowed");
    }
    let given = match segments {
        ["metadata", "identity", "oauth2", "token"] => imds(world, incoming),
        ["msi", "token"] => app_service(world, incoming),
        ["arc", "metadata", "identity", "oauth2", "token"] => arc(world, incoming),
        _ => Err(refused(StatusCode::NOT_FOUND, "not_found", "no such endpoint")),
    };
    given.map_or_else(|reply| reply, Reply::ok)
}

fn imds(world: &World, incoming: &Incoming) -> Result<Value, Reply> {
    with_metadata(incoming)?;
    let bad = |text: &str| refused(StatusCode::BAD_REQUEST, "invalid_request", text);
    if incoming.header("x-forwarded-for").is_some() {
        return Err(bad("Requests must not come through a proxy"));
    }
    if option(incoming, "api-version").as_deref() != Some("2018-02-01") {
        return Err(bad("Required query variable 'api-version' is missing or not supported"));
    }
    let identity = world.machine.read().find(incoming, ["client_id", "object_id", "msi_res_id"])?;
    let (token, lifetime, resource) = give(world, incoming, &identity)?;
    let now = incoming.at.as_second();
    // All numbers are text.
    Ok(json!({
        "access_token": token, "client_id": identity.client_id, "refresh_token": "",
        "expires_in": lifetime.to_string(), "expires_on": (now + lifetime).to_string(),
        "ext_expires_in": lifetime.to_string(), "not_before": now.to_string(),
        "resource": resource, "token_type": "Bearer",
    }))
}

fn app_service(world: &World, incoming: &Incoming) -> Result<Value, Reply> {
    let given = incoming.header("x-identity-header").unwrap_or_default();
    let right = world.machine.read().header.clone();
    if given.len() != right.len() || !memcmp::eq(given.as_bytes(), right.as_bytes()) {
        return Err(refused(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "the header X-IDENTITY-HEADER is wrong",
        ));
    }
    if option(incoming, "api-version").as_deref() != Some("2019-08-01") {
        return Err(refused(StatusCode::BAD_REQUEST, "invalid_request", "The api-version is not supported"));
    }
    let identity = world.machine.read().find(incoming, ["client_id", "principal_id", "mi_res_id"])?;
    let (token, lifetime, resource) = give(world, incoming, &identity)?;
    // There is no `expires_in` here.
    Ok(json!({
        "access_token": token, "expires_on": (incoming.at.as_second() + lifetime).to_string(),
        "resource": resource, "token_type": "Bearer", "client_id": identity.client_id,
    }))
}

fn arc(world: &World, incoming: &Incoming) -> Result<Value, Reply> {
    with_metadata(incoming)?;
    let Some(folder) = world.machine.read().challenges.clone() else {
        return Err(refused(StatusCode::NOT_FOUND, "not_found", "no agent runs here"));
    };
    let answered = incoming.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    let is_right = answered.is_some_and(|secret| world.machine.write().open.remove(secret));
    if !is_right {
        let broken =
            |_| refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "no challenge can be made");
        let secret = random::<32>().map_err(broken)?;
        let file = folder.join(format!("{}.key", incoming.request_id));
        fs::write(&file, &secret)
            .map_err(|_| refused(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the folder is gone"))?;
        world.machine.write().open.insert(secret);
        let text = "Missing Basic Authorization header";
        return Err(refused(StatusCode::UNAUTHORIZED, "unauthorized_client", text)
            .with_header("www-authenticate", format!("Basic realm={}", file.display())));
    }
    let Some(identity) = world.machine.read().system.clone() else {
        return Err(refused(StatusCode::BAD_REQUEST, "invalid_request", "Identity not found"));
    };
    let (token, lifetime, resource) = give(world, incoming, &identity)?;
    let now = incoming.at.as_second();
    Ok(json!({
        "access_token": token, "expires_in": lifetime.to_string(), "expires_on": (now + lifetime).to_string(),
        "not_before": now.to_string(), "resource": resource, "token_type": "Bearer",
    }))
}

fn with_metadata(incoming: &Incoming) -> Result<(), Reply> {
    match incoming.header("metadata") {
        Some("true") => Ok(()),
        _ => {
            Err(refused(StatusCode::BAD_REQUEST, "invalid_request", "Required metadata header not specified"))
        }
    }
}

fn give(
    world: &World,
    incoming: &Incoming,
    identity: &MachineIdentity,
) -> Result<(String, i64, &'static str), Reply> {
    let bad = |text: &str| refused(StatusCode::BAD_REQUEST, "invalid_resource", text);
    let asked = option(incoming, "resource").unwrap_or_default();
    if asked.ends_with("/.default") {
        return Err(bad("AADSTS500011: a resource is asked for here, and no scope"));
    }
    let resource =
        token::known_resource(asked.trim_end_matches('/')).map_err(|refusal| bad(&refusal.text))?;
    let roles = world.machine.read().roles.clone();
    let issued = token::issue(world, incoming, |caller| {
        caller.set_machine(identity, resource);
        caller.roles = roles;
    });
    let (token, lifetime) = issued.map_err(|refusal| bad(&refusal.text))?;
    Ok((token, lifetime, resource))
}

fn option(incoming: &Incoming, name: &str) -> Option<String> {
    let mut options = form_urlencoded::parse(incoming.query.as_bytes());
    options.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

fn refused(status: StatusCode, error: &str, text: &str) -> Reply {
    Reply::json(status, json!({ "error": error, "error_description": text }))
}
