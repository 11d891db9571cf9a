//! Exchange Online's `InvokeCommand`: three cmdlets that read mailboxes, their rights and what they show in the address list, and
//! one that changes the latter.
//!
//! As strict as the service where that is known, and as odd: without `X-ResponseFormat: json` it answers in CLIXML, a missing
//! role is a 401 without a word, an empty identity means all mailboxes, and the next page is given to whoever sends the same
//! body again.

mod cmdlet;
mod error;
mod set_mailbox;
mod state;
mod stranger;

use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::graph;
use crate::http::{Content, Incoming, Reply};
use crate::world::World;

pub use set_mailbox::{BytesOnTheWire, Emptying, OtherBytes};
pub(crate) use state::Exchange;
pub use state::{MailboxPermission, MailboxRight, PublishedCertificates, UnknownMailbox};
pub use stranger::strangers_certificate;

use error::Refused;

/// Exchange Online, as a resource.
pub(crate) const RESOURCE: &str = "https://outlook.office365.com";
/// The application permission.
const PERMISSION: &str = "Exchange.ManageAsApp";
/// The longest page, whatever is preferred.
const LONGEST_PAGE: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Body {
    cmdlet_input: CmdletInput,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct CmdletInput {
    cmdlet_name: String,
    #[serde(default)]
    parameters: Map<String, Value>,
}

/// Answers a request below `/adminapi/`.
pub(crate) fn answer(world: &World, incoming: &Incoming, segments: &[&str]) -> Reply {
    let reply = run(world, incoming, segments).unwrap_or_else(|refused| refused.into_reply(incoming));
    let reply = reply.with_header("request-id", incoming.request_id.to_string());
    match incoming.header("client-request-id") {
        Some(id) => reply.with_header("client-request-id", id.to_owned()),
        None => reply,
    }
}

fn run(world: &World, incoming: &Incoming, segments: &[&str]) -> Result<Reply, Refused> {
    let [_, "beta" | "v1.0", tenant, command] = segments else { return Err(Refused::no_resource()) };
    if !command.eq_ignore_ascii_case("InvokeCommand") {
        return Err(Refused::no_resource());
    }
    if incoming.method != Method::POST {
        return Err(Refused::method());
    }
    authorize(world, incoming)?;
    if tenant.parse() != Ok(world.tenant_id) {
        return Err(Refused::silent("the token is for another tenant than the address"));
    }
    if !incoming.is("application/json") {
        return Err(Refused::media_type());
    }
    let body: Body = serde_json::from_slice(&incoming.body)
        .map_err(|error| Refused::bad_request(&format!("The request body is not valid: {error}.")))?;
    let CmdletInput { cmdlet_name, parameters } = body.cmdlet_input;
    if incoming.header("x-cmdletname").is_some_and(|name| name != cmdlet_name) {
        return Err(Refused::bad_request("The header X-CmdletName names another cmdlet than the body."));
    }
    if !incoming.header("x-anchormailbox").is_some_and(|anchor| anchor.contains(&tenant.to_lowercase())) {
        return Err(Refused::bad_request("The header X-AnchorMailbox leads to no mailbox of this tenant."));
    }
    if !world.exchange.read().is_allowed(&cmdlet_name) {
        return Err(Refused::not_in_role(&cmdlet_name));
    }
    let directory = world.directory.read();
    let answered = if state::known(&cmdlet_name) == Some(state::SET_MAILBOX) {
        set_mailbox::run(&mut world.exchange.write(), &directory, &parameters)?
    } else {
        cmdlet::run(&world.exchange.read(), &directory, &cmdlet_name, &parameters)?
    };
    if !incoming.header("x-responseformat").is_some_and(|format| format.eq_ignore_ascii_case("json")) {
        return Ok(clixml());
    }
    page(world, incoming, tenant, answered)
}

fn authorize(world: &World, incoming: &Incoming) -> Result<(), Refused> {
    let token = incoming.header("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let token = token.ok_or_else(|| Refused::silent("there is no token"))?;
    let caller = world
        .issuer
        .check(token, incoming.at, &[RESOURCE])
        .map_err(|problem| Refused::silent(&format!("the token is not accepted: {problem:?}")))?;
    if !caller.has_any(&[PERMISSION]) {
        return Err(Refused::silent("the application permission Exchange.ManageAsApp is missing"));
    }
    if !world.exchange.read().has_role() {
        return Err(Refused::silent("the application has no Exchange role"));
    }
    Ok(())
}

/// A part of the rows, the wanted properties of each, and the link to the rest.
fn page(
    world: &World,
    incoming: &Incoming,
    tenant: &str,
    answered: cmdlet::Answered,
) -> Result<Reply, Refused> {
    let (mut select, mut token) = (None, None);
    for (name, value) in form_urlencoded::parse(incoming.query.as_bytes()) {
        match &*name {
            "$select" => select = Some(value.into_owned()),
            "$skiptoken" => token = Some(value.into_owned()),
            other => {
                return Err(Refused::bad_request(&format!("The query option '{other}' is not known.")));
            }
        }
    }
    // A link is good for the body that it was given for.
    let digest = hex::encode(Sha256::digest(&incoming.body));
    let stamp = format!("{}-{}", world.run, digest);
    let after = match &token {
        None => 0,
        Some(token) => token
            .rsplit_once('-')
            .filter(|(of, _)| *of == stamp)
            .and_then(|(_, after)| after.parse::<usize>().ok())
            .ok_or_else(|| Refused::bad_request("The page token does not belong to this command."))?,
    };
    let preferred = incoming.header("prefer").and_then(|prefer| {
        prefer.split(',').find_map(|one| one.trim().strip_prefix("odata.maxpagesize=")?.parse::<usize>().ok())
    });
    let limit = preferred.unwrap_or(world.options.page_size).clamp(1, LONGEST_PAGE);
    let limit = limit.min(world.options.max_page_size);
    let wanted: Option<Vec<&str>> = select.as_deref().map(|names| names.split(',').map(str::trim).collect());
    let total = answered.rows.len();
    let rows: Vec<Value> = answered
        .rows
        .into_iter()
        .skip(after)
        .take(limit)
        .map(|row| match &wanted {
            Some(names) => row.into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect(),
            None => row,
        })
        .map(|row: Map<String, Value>| Value::Object(row))
        .collect();
    let origin = incoming.origin();
    let context = format!("{origin}/adminapi/beta/{tenant}/$metadata#Collection(Exchange.GenericHashTable)");
    let mut body = json!({ "@odata.context": context, "@adminapi.warnings": answered.warnings });
    if after + rows.len() < total {
        let mut link = format!("{origin}{}?", incoming.path);
        if let Some(select) = &select {
            link.push_str("$select=");
            link.extend(form_urlencoded::byte_serialize(select.as_bytes()));
            link.push('&');
        }
        link.push_str(&format!("$skiptoken={stamp}-{}", after + rows.len()));
        body["@odata.nextLink"] = Value::from(link);
    }
    body["value"] = Value::from(rows);
    Ok(Reply::ok(body))
}

/// What the module asks for by default, and nobody else can read.
fn clixml() -> Reply {
    let text = "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"></Objs>";
    Reply {
        status: StatusCode::OK,
        headers: Vec::new(),
        content: Content::Text("application/xml; charset=utf-8", text.to_owned()),
        refusal: Some("it was not asked for JSON".to_owned()),
    }
}

/// What an ordered fault says here: a 401 has no body, and waits are told in fractions of a second.
pub(crate) fn spoilt(incoming: &Incoming, reply: Reply) -> Reply {
    if !incoming.path.starts_with("/adminapi/") {
        return reply;
    }
    let mut reply = reply;
    if reply.status == StatusCode::UNAUTHORIZED {
        reply.content = Content::Empty;
    }
    for (name, value) in &mut reply.headers {
        if *name == "retry-after" {
            value.push_str(".25");
        }
    }
    reply
}

/// The error body, which is Graph's with details.
fn failure(incoming: &Incoming, status: StatusCode, code: &str, message: &str) -> Reply {
    graph::failure(incoming, status, code, message)
}
