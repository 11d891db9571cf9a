//! Pages: how long they are, where the next one begins, and the link that leads there.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Call, GraphError, Options};

/// What a `$skiptoken` of an ordinary list means. It is bound to the run, the path and the options.
#[derive(Deserialize, Serialize)]
struct SkipToken {
    run: String,
    query: String,
    after: u64,
}

/// Where a page begins and how long it may be.
pub(crate) struct Paging<'a> {
    call: &'a Call<'a>,
    options: &'a Options,
    /// The place in the collection's order after which the page begins.
    pub(crate) after: u64,
    /// How many items it may hold.
    pub(crate) limit: usize,
}

impl<'a> Paging<'a> {
    pub(crate) fn read(call: &'a Call<'a>, options: &'a Options) -> Result<Self, GraphError> {
        let behaviour = &call.world.options;
        let limit = options.top()?.unwrap_or(behaviour.page_size).min(behaviour.max_page_size);
        let mut paging = Self { call, options, after: 0, limit };
        if let Some(token) = options.text("$skiptoken") {
            let token: SkipToken = decode(token).ok_or_else(GraphError::page_token)?;
            if token.run != call.world.run || token.query != paging.query() {
                return Err(GraphError::page_token());
            }
            paging.after = token.after;
        }
        Ok(paging)
    }

    /// The body of a page whose last item stands at `last`; `more` tells whether others follow.
    pub(crate) fn body(
        &self,
        context: String,
        count: Option<usize>,
        items: Vec<Value>,
        last: u64,
        more: bool,
    ) -> Value {
        let mut body = Map::new();
        body.insert("@odata.context".to_owned(), Value::from(context));
        if let Some(count) = count {
            body.insert("@odata.count".to_owned(), Value::from(count));
        }
        if more {
            let token =
                encode(&SkipToken { run: self.call.world.run.clone(), query: self.query(), after: last });
            let query = self.query();
            let joint = if query.is_empty() { "" } else { "&" };
            let link =
                format!("{}{}?{query}{joint}$skiptoken={token}", self.call.origin(), self.call.incoming.path);
            body.insert("@odata.nextLink".to_owned(), Value::from(link));
        }
        body.insert("value".to_owned(), Value::from(items));
        Value::Object(body)
    }

    /// The options that stay the same from page to page.
    fn query(&self) -> String {
        let mut query = String::new();
        for (name, value) in self.options.without_tokens() {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(name);
            query.push('=');
            query.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        }
        query
    }
}

/// A token as it stands in links.
pub(super) fn encode<T: Serialize>(token: &T) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(token).unwrap_or_default())
}

/// `None` when nobody here made it.
pub(super) fn decode<T: for<'de> Deserialize<'de>>(token: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}
