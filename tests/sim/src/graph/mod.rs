//! Microsoft Graph: token and role checks for every route, then the route.

mod delta;
mod error;
mod group_delta;
mod groups;
mod page;
mod query;
mod user_delta;
mod users;

use axum::http::Method;

use crate::entra::{Caller, GRAPH, TokenProblem};
use crate::http::{Incoming, Reply};
use crate::intune;
use crate::world::World;

pub(crate) use error::{GraphError, failure, opaque, too_large};
pub(crate) use page::Paging;
pub(crate) use query::Options;

/// The API version in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    Beta,
}

impl Version {
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// One request to Graph whose caller is known.
pub(crate) struct Call<'a> {
    pub(crate) world: &'a World,
    pub(crate) incoming: &'a Incoming,
    pub(crate) caller: &'a Caller,
    pub(crate) version: Version,
}

impl Call<'_> {
    /// 403 unless the caller has one of these roles.
    pub(crate) fn need_any(&self, roles: &[&str]) -> Result<(), GraphError> {
        if self.caller.has_any(roles) { Ok(()) } else { Err(GraphError::denied()) }
    }

    /// Where links in answers lead: to where the client came from, or to the gateway before Graph.
    pub(crate) fn origin(&self) -> String {
        self.world.gateway.get().cloned().unwrap_or_else(|| self.incoming.origin())
    }

    /// `https://{host}/{version}/$metadata#{what}`
    pub(crate) fn context(&self, what: &str) -> String {
        format!("{}/{}/$metadata#{what}", self.origin(), self.version.segment())
    }

    /// Advanced queries need the header `ConsistencyLevel: eventual`.
    pub(crate) fn is_eventual(&self) -> bool {
        self.incoming.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
    }
}

const READ_USERS: &[&str] =
    &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const READ_MEMBERS: &[&str] = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const READ_MAILBOX: &[&str] = &["MailboxSettings.Read", "MailboxSettings.ReadWrite"];

/// Answers a request below `/v1.0/` or `/beta/`.
pub(crate) fn answer(world: &World, incoming: &Incoming, version: &str, segments: &[&str]) -> Reply {
    let version = if version == "beta" { Version::Beta } else { Version::V1 };
    let reply = match authenticate(world, incoming) {
        Ok(caller) => {
            let call = Call { world, incoming, caller: &caller, version };
            let segments = plain_segments(segments);
            let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
            route(&call, &segments).unwrap_or_else(|error| error.into_reply(incoming))
        }
        Err(error) => error.into_reply(incoming),
    };
    let reply = reply.with_header("request-id", incoming.request_id.to_string());
    match incoming.header("client-request-id") {
        Some(id) => reply.with_header("client-request-id", id.to_owned()),
        None => reply,
    }
}

fn route(call: &Call<'_>, segments: &[&str]) -> Result<Reply, GraphError> {
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    if let ["devicemanagement", "userpfxcertificates", ..] = lower.as_slice()
        && call.version == Version::Beta
    {
        return intune::answer(call, segments.get(2..).unwrap_or_default());
    }
    let handler: fn(&Call<'_>, &[&str]) -> Result<Reply, GraphError> = match lower.as_slice() {
        ["users"] => users::list,
        ["users", "delta" | "microsoft.graph.delta"] => user_delta::changes,
        ["users", _] => users::one,
        ["users", _, "mailboxsettings"] => users::mailbox_settings,
        ["groups"] => groups::list,
        ["groups", "delta" | "microsoft.graph.delta"] => group_delta::changes,
        ["groups", _] => groups::one,
        ["groups", _, "members"] | ["groups", _, "members", _] => groups::members,
        ["groups", _, "transitivemembers"] | ["groups", _, "transitivemembers", _] => {
            groups::transitive_members
        }
        other => {
            return Err(GraphError::no_segment(segments.get(other.len().saturating_sub(1)).unwrap_or(&"")));
        }
    };
    if call.incoming.method != Method::GET {
        return Err(GraphError::method());
    }
    handler(call, segments)
}

/// Writes keys in parentheses as segments: `users('x')` and `users(x)` become `users/x`, `delta()` becomes `delta`.
fn plain_segments(segments: &[&str]) -> Vec<String> {
    let mut plain = Vec::with_capacity(segments.len() + 1);
    for segment in segments {
        let keyed = segment.strip_suffix(')').and_then(|open| open.split_once('('));
        let Some((name, key)) = keyed.filter(|(name, _)| !name.is_empty()) else {
            plain.push((*segment).to_owned());
            continue;
        };
        plain.push(name.to_owned());
        match key.strip_prefix('\'').and_then(|key| key.strip_suffix('\'')) {
            Some(quoted) => plain.push(quoted.replace("''", "'")),
            None if key.is_empty() => {}
            None => plain.push(key.to_owned()),
        }
    }
    plain
}

fn authenticate(world: &World, incoming: &Incoming) -> Result<std::sync::Arc<Caller>, GraphError> {
    let Some(token) = incoming.header("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }) else {
        return Err(GraphError::unauthorized("Access token is empty."));
    };
    world.issuer.check(token, incoming.at, &[GRAPH]).map_err(|problem| {
        GraphError::unauthorized(match problem {
            TokenProblem::Malformed => "JWT is not well formed.",
            TokenProblem::Signature => "Signing key is invalid or the signature does not fit.",
            TokenProblem::Audience => "Access token validation failure. Invalid audience.",
            TokenProblem::Expired => "Lifetime validation failed, the token is expired.",
        })
    })
}
