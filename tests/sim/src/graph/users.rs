//! `users`: the list, one user, and the type of their mailbox.

use serde_json::{Map, Value, json};

use super::groups::equality;
use super::query::UserColumns;
use super::{Call, GraphError, Options, Paging, READ_MAILBOX, READ_USERS, Version};
use crate::http::Reply;
use crate::{MailboxPurpose, User};

const LIFECYCLE: &[&str] = &["User-LifeCycleInfo.Read.All", "User-LifeCycleInfo.ReadWrite.All"];

/// By which users are filtered.
const FILTERED: &[&str] = &["displayName", "mail", "onPremisesSecurityIdentifier", "userPrincipalName"];

/// `GET /users`, also with `$filter=displayName eq '…'` and the like
pub(super) fn list(call: &Call<'_>, _: &[&str]) -> Result<Reply, GraphError> {
    call.need_any(READ_USERS)?;
    let options =
        Options::read(&call.incoming.query, &["$select", "$top", "$count", "$filter", "$skiptoken"])?;
    let columns = columns(call, options.text("$select"))?;
    let counted = options.count()?;
    if counted && !call.is_eventual() {
        return Err(GraphError::unsupported("$count needs the header ConsistencyLevel: eventual."));
    }
    let wanted = match options.text("$filter") {
        Some(filter) => Some(equality(filter, FILTERED).ok_or_else(|| {
            GraphError::unsupported("Unsupported Query: users are filtered by one property eq '...' only.")
        })?),
        None => None,
    };
    let paging = Paging::read(call, &options)?;
    let directory = call.world.directory.read();
    let mut users = directory.users_after(paging.after).filter(|(_, user)| {
        wanted.as_ref().is_none_or(|(property, value)| told(user, property).as_ref() == Some(value))
    });
    let mut items = Vec::with_capacity(paging.limit.min(directory.user_count()));
    let mut last = paging.after;
    for (place, user) in users.by_ref().take(paging.limit) {
        items.push(render(user, &columns));
        last = place;
    }
    let more = users.next().is_some();
    let count = match &wanted {
        _ if !counted => None,
        None => Some(directory.user_count()),
        Some((property, value)) => Some(
            directory.users_after(0).filter(|(_, user)| told(user, property).as_ref() == Some(value)).count(),
        ),
    };
    Ok(Reply::ok(paging.body(call.context("users"), count, items, last, more)))
}

/// What a filter compares, in lower case.
fn told(user: &User, property: &str) -> Option<String> {
    let text = match property {
        "displayName" => user.display_name.as_deref(),
        "mail" => user.mail.as_deref(),
        "onPremisesSecurityIdentifier" => user.on_premises_security_identifier.as_deref(),
        _ => Some(user.user_principal_name.as_str()),
    };
    text.map(str::to_lowercase)
}

/// `GET /users/{id or user principal name}`
pub(super) fn one(call: &Call<'_>, segments: &[&str]) -> Result<Reply, GraphError> {
    call.need_any(READ_USERS)?;
    let options = Options::read(&call.incoming.query, &["$select"])?;
    let columns = columns(call, options.text("$select"))?;
    let key = segments.get(1).copied().unwrap_or_default();
    let directory = call.world.directory.read();
    let user = directory.user_called(key).ok_or_else(|| GraphError::not_found(key))?;
    let mut body = render(user, &columns);
    if let Value::Object(body) = &mut body {
        body.insert("@odata.context".to_owned(), Value::from(call.context("users/$entity")));
    }
    Ok(Reply::ok(body))
}

/// `GET /users/{id or user principal name}/mailboxSettings`
pub(super) fn mailbox_settings(call: &Call<'_>, segments: &[&str]) -> Result<Reply, GraphError> {
    call.need_any(READ_MAILBOX)?;
    let options = Options::read(&call.incoming.query, &["$select"])?;
    if let Some(select) = options.text("$select")
        && let Some(other) = super::query::names(select)?.into_iter().find(|name| *name != "userPurpose")
    {
        return Err(super::query::unknown(other, "mailboxSettings"));
    }
    let key = segments.get(1).copied().unwrap_or_default();
    let directory = call.world.directory.read();
    let user = directory.user_called(key).ok_or_else(|| GraphError::not_found(key))?;
    let purpose = match user.purpose {
        MailboxPurpose::User => "user",
        MailboxPurpose::Shared => "shared",
        MailboxPurpose::None => return Err(GraphError::no_mailbox()),
    };
    // v1.0 has a plain enumeration, beta a complex type.
    let purpose = match call.version {
        Version::V1 => Value::from(purpose),
        Version::Beta => json!({ "value": purpose }),
    };
    Ok(Reply::ok(json!({
        "@odata.context": call.context(&format!("users('{key}')/mailboxSettings")),
        "userPurpose": purpose,
    })))
}

/// The columns, when the caller may read them.
pub(super) fn columns(call: &Call<'_>, select: Option<&str>) -> Result<UserColumns, GraphError> {
    let columns = UserColumns::read(select)?;
    if columns.with_leave_date() {
        call.need_any(LIFECYCLE)?;
    }
    Ok(columns)
}

/// Exactly the selected properties: what was not asked for is absent, what is unknown is null.
pub(super) fn render(user: &User, columns: &UserColumns) -> Value {
    let mut object = Map::new();
    for property in &columns.set {
        object.insert(property.name().to_owned(), property.read(user));
    }
    for name in &columns.never_set {
        object.insert((*name).to_owned(), Value::Null);
    }
    Value::Object(object)
}
