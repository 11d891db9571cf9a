//! Intune: `deviceManagement/userPfxCertificates` with its documented quirks, and the connector that holds the key.
//!
//! The service checks only what a service can see. It cannot open the PKCS#12 nor decrypt the password; both are found wrong
//! on the device (`crate::device`), long after the 201.

mod connector;
mod post;
mod record;
mod store;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::DuplicatePfx;
use crate::graph::{Call, GraphError, Options, Paging};
use crate::http::Reply;

pub(crate) use connector::{Connector, KEY_NAME, PROVIDER_NAME};
pub use record::PfxRecord;
pub(crate) use store::{Added, PfxStore};

const READ: &[&str] =
    &["DeviceManagementConfiguration.Read.All", "DeviceManagementConfiguration.ReadWrite.All"];
const WRITE: &[&str] = &["DeviceManagementConfiguration.ReadWrite.All"];

/// Answers a request to the collection (`key` is empty) or to one record.
pub(crate) fn answer(call: &Call<'_>, key: &[&str]) -> Result<Reply, GraphError> {
    let method = &call.incoming.method;
    call.need_any(if *method == Method::GET { READ } else { WRITE })?;
    match (method, key) {
        (&Method::GET, []) => list(call),
        (&Method::POST, []) => create(call),
        (&Method::GET, [id]) => one(call, id),
        (&Method::PATCH, [id]) => change(call, id),
        (&Method::DELETE, [id]) => {
            // 204 also when nothing was there: an id in the wrong form deletes nothing and says nothing.
            call.world.pfx.write().remove(id);
            Ok(Reply::no_content())
        }
        (_, [] | [_]) => Err(GraphError::method()),
        (_, [_, further, ..]) => Err(GraphError::no_segment(further)),
    }
}

/// The whole list, or one of the two documented filters.
fn list(call: &Call<'_>) -> Result<Reply, GraphError> {
    let options = Options::read(&call.incoming.query, &["$filter", "$top", "$skiptoken"])?;
    let paging = Paging::read(call, &options)?;
    let store = call.world.pfx.read();
    let records: Vec<(u64, &PfxRecord)> = match options.text("$filter") {
        Some(filter) => {
            let (name, thumbprint) = parse_filter(filter)
                .ok_or_else(|| refuse(&format!("the filter is none of the documented ones: {filter}")))?;
            let fits =
                |record: &PfxRecord| thumbprint.as_ref().is_none_or(|wanted| *wanted == record.thumbprint);
            store
                .of_name(&name, paging.after)
                .filter(|(_, record)| fits(record))
                .take(paging.limit + 1)
                .collect()
        }
        None => store.after(paging.after).take(paging.limit + 1).collect(),
    };
    let more = records.len() > paging.limit;
    let page = &records[..records.len().min(paging.limit)];
    let last = page.last().map_or(paging.after, |(place, _)| *place);
    let items = page.iter().map(|(_, record)| render(record)).collect();
    Ok(Reply::ok(paging.body(call.context("deviceManagement/userPfxCertificates"), None, items, last, more)))
}

fn one(call: &Call<'_>, id: &str) -> Result<Reply, GraphError> {
    Options::read(&call.incoming.query, &[])?;
    let store = call.world.pfx.read();
    let record = store.one(id).ok_or_else(missing)?;
    Ok(Reply::ok(entity(call, record)))
}

fn create(call: &Call<'_>) -> Result<Reply, GraphError> {
    let record = post::read(call)?;
    let mut store = call.world.pfx.write();
    match store.add(record, call.world.options.duplicate_pfx) {
        Added::Created(record) => Ok(Reply::json(StatusCode::CREATED, entity(call, record))),
        Added::Duplicate => match call.world.options.duplicate_pfx {
            DuplicatePfx::BadRequest => Err(refuse("the record exists")),
            DuplicatePfx::Conflict | DuplicatePfx::Replace => {
                Err(GraphError::intune(StatusCode::CONFLICT, "Conflict", "the record exists"))
            }
        },
    }
}

fn change(call: &Call<'_>, id: &str) -> Result<Reply, GraphError> {
    let mut store = call.world.pfx.write();
    let record = store.one(id).ok_or_else(missing)?;
    let changed = post::merge(call, record)?;
    Ok(Reply::ok(entity(call, store.put(changed))))
}

/// The opaque 400. The reason is kept in the request memory only.
fn refuse(reason: &str) -> GraphError {
    GraphError::intune(StatusCode::BAD_REQUEST, "BadRequest", reason)
}

fn missing() -> GraphError {
    GraphError::intune(StatusCode::NOT_FOUND, "ResourceNotFound", "no such record")
}

fn entity(call: &Call<'_>, record: &PfxRecord) -> Value {
    let mut entity = render(record);
    if let Value::Object(entity) = &mut entity {
        let context = call.context("deviceManagement/userPfxCertificates/$entity");
        entity.insert("@odata.context".to_owned(), Value::from(context));
    }
    entity
}

/// A record as reads show it: the blob is one zero byte, the password is empty.
fn render(record: &PfxRecord) -> Value {
    json!({
        "id": record.id,
        "thumbprint": record.thumbprint,
        "intendedPurpose": record.intended_purpose,
        "userPrincipalName": record.user_principal_name,
        "startDateTime": record.start.to_string(),
        "expirationDateTime": record.expiration.to_string(),
        "providerName": record.provider_name,
        "keyName": record.key_name,
        "paddingScheme": record.padding_scheme,
        "encryptedPfxBlob": "AA==",
        "encryptedPfxPassword": "",
        "createdDateTime": record.created.to_string(),
        "lastModifiedDateTime": record.last_modified.to_string(),
    })
}

/// `tolower(userPrincipalName) eq '…'`, or that ` and tolower(thumbprint) eq '…'`.
///
/// The literal is compared as it is: one with capitals matches nobody.
fn parse_filter(filter: &str) -> Option<(String, Option<String>)> {
    let (name, rest) = comparison(filter.trim(), "userPrincipalName")?;
    if rest.is_empty() {
        return Some((name, None));
    }
    let (thumbprint, rest) = comparison(rest.strip_prefix(" and ")?.trim_start(), "thumbprint")?;
    rest.is_empty().then_some((name, Some(thumbprint)))
}

/// Reads `tolower({property}) eq '{literal}'` and returns the literal and what follows.
fn comparison<'a>(text: &'a str, property: &str) -> Option<(String, &'a str)> {
    let text = text.strip_prefix("tolower(")?.strip_prefix(property)?.strip_prefix(") eq '")?;
    let mut literal = String::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '\'' {
            literal.push(letter);
        } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
            literal.push('\'');
        } else {
            return Some((literal, &text[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::parse_filter;

    #[test]
    fn the_two_documented_filters_are_read_and_others_are_not() {
        let by_name = parse_filter("tolower(userPrincipalName) eq 'o''neil@x.example'");
        assert_eq!(by_name, Some(("o'neil@x.example".to_owned(), None)));
        let both =
            parse_filter("tolower(userPrincipalName) eq 'a@x.example' and tolower(thumbprint) eq 'ab'");
        assert_eq!(both, Some(("a@x.example".to_owned(), Some("ab".to_owned()))));
        for other in [
            "userPrincipalName eq 'a@x.example'",
            "tolower(userPrincipalName) eq 'a@x.example' or tolower(thumbprint) eq 'ab'",
            "tolower(thumbprint) eq 'ab'",
            "tolower(userPrincipalName) eq 'o'neil@x.example'",
            "tolower(userPrincipalName) eq 'a",
            "",
        ] {
            assert_eq!(parse_filter(other), None, "{other}");
        }
    }
}
