//! What the delta queries of users and groups share: the state in a token, its checks, and the links.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::page::{decode, encode};
use super::{Call, GraphError, Options};

/// A token lives for seven days on the world's clock.
const LIFETIME_SECONDS: i64 = 7 * 24 * 3600;

/// Everything a `$skiptoken` or `$deltatoken` stands for. Later requests carry nothing else.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct State {
    run: String,
    epoch: u64,
    /// `users` or `groups`.
    of: String,
    issued: i64,
    /// `$select` as it was given at first.
    pub(super) select: Option<String>,
    /// The groups in `$filter`; empty: all.
    pub(super) groups: Vec<Uuid>,
    /// `None`: the first full round. Otherwise changes after this version are told.
    pub(super) from: Option<usize>,
    /// The version at the start of the round: where the next round begins.
    pub(super) to: usize,
    /// Where the next page of the round begins: a place in the first round, an index among the changes in a later one.
    pub(super) after: u64,
    /// Within a group that did not fit on a page: the place of the last member told.
    pub(super) member_after: u64,
}

impl State {
    /// The state of the page of the same round that begins after this place.
    pub(super) fn page_after(&self, after: u64, member_after: u64) -> Self {
        Self { after, member_after, ..self.clone() }
    }
}

/// What the request is about.
pub(super) enum Start {
    /// A page of a round.
    Page(State),
    /// `$deltatoken=latest`: no items, only the link for later.
    Latest(State),
}

/// Reads the state from the request: a first one with its options, or a token alone.
pub(super) fn start(call: &Call<'_>, of: &str, version: usize) -> Result<(Start, Options), GraphError> {
    let options = Options::read(&call.incoming.query, &["$select", "$filter", "$skiptoken", "$deltatoken"])?;
    let fresh = State {
        run: call.world.run.clone(),
        epoch: call.world.epoch(),
        of: of.to_owned(),
        issued: call.incoming.at.as_second(),
        select: options.text("$select").map(str::to_owned),
        groups: Vec::new(),
        from: None,
        to: version,
        after: 0,
        member_after: 0,
    };
    let token = match (options.text("$skiptoken"), options.text("$deltatoken")) {
        (Some(_), Some(_)) => {
            return Err(GraphError::directory("A skip token and a delta token exclude each other."));
        }
        (None, None | Some("")) => return Ok((Start::Page(fresh), options)),
        (None, Some("latest")) => return Ok((Start::Latest(fresh), options)),
        (Some(token), None) | (None, Some(token)) => token,
    };
    let malformed = || GraphError::directory("Badly formed token.");
    let state: State = decode(token).filter(|state: &State| state.of == of).ok_or_else(malformed)?;
    if state.run != call.world.run || state.epoch != call.world.epoch() {
        return Err(GraphError::gone(restart(call, &state)));
    }
    if state.issued + LIFETIME_SECONDS <= call.incoming.at.as_second() {
        return Err(GraphError::sync_state());
    }
    let is_delta = options.text("$deltatoken").is_some();
    let state = if is_delta {
        // A new round: what changed since the last one began.
        State {
            issued: call.incoming.at.as_second(),
            from: Some(state.to),
            to: version,
            after: 0,
            member_after: 0,
            ..state
        }
    } else {
        state
    };
    Ok((Start::Page(state), options))
}

/// How many items a page may hold: `Prefer: odata.maxpagesize=N` is heard.
pub(super) fn page_limit(call: &Call<'_>) -> usize {
    let asked =
        preferences(call).find_map(|preference| preference.strip_prefix("odata.maxpagesize=")?.parse().ok());
    asked.unwrap_or(call.world.options.page_size).clamp(1, call.world.options.max_page_size)
}

/// `Prefer: return=minimal`: only what changed.
pub(super) fn is_minimal(call: &Call<'_>) -> bool {
    preferences(call).any(|preference| preference == "return=minimal")
}

fn preferences<'a>(call: &'a Call<'_>) -> impl Iterator<Item = String> + 'a {
    let values = call.incoming.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|preference| preference.trim().to_ascii_lowercase())
}

/// The body of a page. `next`: the state of the following page; without one the round is over.
pub(super) fn body(call: &Call<'_>, items: Vec<Value>, state: &State, next: Option<State>) -> Value {
    let mut body = Map::new();
    let context = match &state.select {
        Some(select) => format!("{}({select})", state.of),
        None => state.of.clone(),
    };
    body.insert("@odata.context".to_owned(), Value::from(call.context(&format!("{context}/$delta"))));
    let address = format!("{}{}", call.origin(), call.incoming.path);
    let (name, link) = match next {
        Some(next) => ("@odata.nextLink", format!("{address}?$skiptoken={}", encode(&next))),
        None => ("@odata.deltaLink", format!("{address}?$deltatoken={}", encode(state))),
    };
    body.insert(name.to_owned(), Value::from(link));
    body.insert("value".to_owned(), Value::from(items));
    Value::Object(body)
}

/// The address that begins a full round with the options of the void token.
fn restart(call: &Call<'_>, state: &State) -> String {
    let mut query = String::new();
    let mut add = |name: &str, value: &str| {
        query.push_str(name);
        query.push('=');
        query.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        query.push('&');
    };
    if let Some(select) = &state.select {
        add("$select", select);
    }
    if !state.groups.is_empty() {
        let terms: Vec<String> = state.groups.iter().map(|id| format!("id eq '{id}'")).collect();
        add("$filter", &terms.join(" or "));
    }
    format!("{}{}?{query}$deltatoken=", call.origin(), call.incoming.path)
}
