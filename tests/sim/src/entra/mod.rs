//! Entra ID: discovery, the token endpoint for applications (client credentials with a secret, a signed assertion or the token
//! of a cluster), sign-ins of people in a browser and by device code, and what vouches for machines.

mod assertion;
mod browser;
mod device_code;
mod error;
mod federation;
mod machine;
mod person;
mod registration;
mod token;

use axum::http::Method;
use serde_json::json;

use crate::http::{Incoming, Reply};
use crate::world::World;

pub(crate) use device_code::{DeviceSignIns, Verdict};
pub(crate) use federation::Federation;
pub use machine::MachineIdentity;
pub(crate) use machine::{Machine, answer as machine};
pub use person::IdTokenLie;
pub(crate) use person::People;
pub(crate) use registration::Registration;
pub(crate) use token::{Caller, GRAPH, TokenIssuer, TokenProblem};

/// Answers a request below `/{tenant}/` or `/common/`, by the world's clock.
pub(crate) fn answer(world: &World, incoming: &Incoming, segments: &[&str]) -> Reply {
    let date = incoming.at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    route(world, incoming, segments).with_header("date", date)
}

fn route(world: &World, incoming: &Incoming, segments: &[&str]) -> Reply {
    match (&incoming.method, segments) {
        (&Method::GET, ["common" | "organizations", "discovery", "instance"]) => {
            instance_discovery(world, incoming)
        }
        (&Method::GET, [tenant, "v2.0", ".well-known", "openid-configuration"]) => {
            match known_tenant(world, incoming, tenant) {
                Ok(()) => configuration(world, incoming),
                Err(reply) => reply,
            }
        }
        (&Method::GET, [tenant, "discovery", "v2.0", "keys"]) => {
            match known_tenant(world, incoming, tenant) {
                Ok(()) => Reply::ok(json!({ "keys": [world.issuer.public_key()] })),
                Err(reply) => reply,
            }
        }
        (&Method::GET, [tenant, "oauth2", "v2.0", "authorize"]) => known_tenant(world, incoming, tenant)
            .map_or_else(|reply| reply, |()| browser::show(world, incoming)),
        (&Method::POST, [tenant, "oauth2", "v2.0", "authorize"]) => known_tenant(world, incoming, tenant)
            .map_or_else(|reply| reply, |()| browser::decide(world, incoming)),
        (&Method::POST, [tenant, "oauth2", "v2.0", "token"]) => token::answer(world, incoming, tenant),
        (&Method::POST, [tenant, "oauth2", "v2.0", "devicecode"]) => {
            device_code::answer(world, incoming, tenant)
        }
        _ => error::not_found(),
    }
}

/// What somebody who fills in the page at `address` is sent back with; with no name they decline. `None` where the page refuses.
pub(crate) fn browse(world: &World, address: &str, person: Option<&str>) -> Option<String> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let mut form = form_urlencoded::Serializer::new(query.to_owned());
    form.append_pair("person", person.unwrap_or_default());
    let incoming = Incoming {
        method: Method::POST,
        path: String::new(),
        query: String::new(),
        headers: axum::http::HeaderMap::new(),
        body: form.finish().into(),
        at: world.clock.now(),
        request_id: uuid::Uuid::nil(),
    };
    let reply = browser::decide(world, &incoming);
    reply.headers.into_iter().find(|(name, _)| *name == "location").map(|(_, value)| value)
}

/// Clients ask which hosts form one cloud; this one stands alone.
fn instance_discovery(world: &World, incoming: &Incoming) -> Reply {
    let host = incoming.header("host").unwrap_or("localhost").to_owned();
    let tenant = world.tenant_id;
    Reply::ok(json!({
        "tenant_discovery_endpoint":
            format!("{}/{tenant}/v2.0/.well-known/openid-configuration", incoming.origin()),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    }))
}

fn configuration(world: &World, incoming: &Incoming) -> Reply {
    let base = format!("{}/{}", incoming.origin(), world.tenant_id);
    Reply::ok(json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{base}/v2.0"),
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
    }))
}

/// A tenant is named by its id or by its domain.
fn known_tenant(world: &World, incoming: &Incoming, tenant: &str) -> Result<(), Reply> {
    if tenant.parse() == Ok(world.tenant_id) || tenant.eq_ignore_ascii_case(&world.domain) {
        return Ok(());
    }
    Err(error::unknown_tenant(incoming, tenant))
}
