//! `users/delta`: everybody once, then who changed in a selected property, came, or went.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::delta::{self, Start};
use super::query::UserColumns;
use super::{Call, GraphError, READ_USERS, users};
use crate::directory::UserChange;
use crate::http::Reply;
use crate::property::{Property, PropertySet};
use crate::{Removal, User};

/// `GET /users/delta`
pub(super) fn changes(call: &Call<'_>, _: &[&str]) -> Result<Reply, GraphError> {
    call.need_any(READ_USERS)?;
    let directory = call.world.directory.read();
    let (start, options) = delta::start(call, "users", directory.version())?;
    if options.text("$filter").is_some() {
        return Err(GraphError::unsupported("This simulator does not filter the changes of users."));
    }
    let state = match start {
        Start::Page(state) => state,
        Start::Latest(state) => return Ok(Reply::ok(delta::body(call, Vec::new(), &state, None))),
    };
    let columns = users::columns(call, state.select.as_deref())?;
    let limit = delta::page_limit(call);
    let mut items = Vec::new();
    let mut next = None;
    match state.from {
        None => {
            let mut everybody = directory.users_after(state.after);
            let mut last = state.after;
            for (place, user) in everybody.by_ref().take(limit) {
                items.push(present(user, &columns, PropertySet::default(), false));
                last = place;
            }
            if everybody.next().is_some() {
                next = Some(state.page_after(last, 0));
            }
        }
        Some(from) => {
            let mut selected = PropertySet::default();
            columns.set.iter().for_each(|property| selected.insert(*property));
            let all = directory.user_changes(from, state.to);
            let rest = all.iter().skip(usize::try_from(state.after).unwrap_or(usize::MAX));
            for (position, (id, change)) in (state.after..).zip(rest) {
                if items.len() == limit {
                    next = Some(state.page_after(position, 0));
                    break;
                }
                let item = match change {
                    UserChange::Removed(removal) => Some(removed(*id, *removal)),
                    UserChange::Present(changed) => directory
                        .user(*id)
                        .filter(|_| columns.set.iter().any(|property| changed.contains(*property)))
                        .map(|user| present(user, &columns, *changed, delta::is_minimal(call))),
                };
                items.extend(item);
            }
        }
    }
    Ok(Reply::ok(delta::body(call, items, &state, next)))
}

/// A user as delta shows them: what was never set is absent, what became null is null.
fn present(user: &User, columns: &UserColumns, changed: PropertySet, minimal: bool) -> Value {
    let mut object = Map::new();
    for property in &columns.set {
        let value = property.read(user);
        let is_set = !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
        let has_changed = changed != PropertySet::EVERY && changed.contains(*property);
        let tell = if minimal && changed != PropertySet::EVERY { has_changed } else { is_set || has_changed };
        if tell {
            object.insert(property.name().to_owned(), value);
        }
    }
    object.insert(Property::Id.name().to_owned(), Property::Id.read(user));
    Value::Object(object)
}

fn removed(id: Uuid, removal: Removal) -> Value {
    let reason = match removal {
        Removal::Soft => "changed",
        Removal::Hard => "deleted",
    };
    json!({ "id": id.to_string(), "@removed": { "reason": reason } })
}
