//! `groups/delta`: the groups with their direct members once, then who joined or left. One group may be spread over pages.

use serde_json::{Map, Value, json};

use super::delta::{self, Start, State};
use super::query::{ids, names, unknown};
use super::{Call, GraphError, READ_MEMBERS, groups};
use crate::Member;
use crate::directory::Directory;
use crate::http::Reply;

/// Graph's limit on the ids in the filter.
const MOST_IDS: usize = 50;

/// What is shown of a group.
struct Columns {
    properties: Vec<&'static str>,
    members: bool,
}

/// `GET /groups/delta`
pub(super) fn changes(call: &Call<'_>, _: &[&str]) -> Result<Reply, GraphError> {
    call.need_any(READ_MEMBERS)?;
    let directory = call.world.directory.read();
    let (start, options) = delta::start(call, "groups", directory.version())?;
    let (mut state, latest) = match start {
        Start::Page(state) => (state, false),
        Start::Latest(state) => (state, true),
    };
    if let Some(filter) = options.text("$filter") {
        state.groups = ids(filter).filter(|ids| ids.len() <= MOST_IDS).ok_or_else(|| {
            GraphError::unsupported(
                "Delta supports only the filter id eq '...' or id eq '...', with up to 50 ids.",
            )
        })?;
    }
    let columns = columns(state.select.as_deref())?;
    if latest {
        return Ok(Reply::ok(delta::body(call, Vec::new(), &state, None)));
    }
    let limit = delta::page_limit(call);
    let (items, next) = match state.from {
        None => first_round(&directory, &state, &columns, limit),
        Some(from) => later_round(&directory, &state, &columns, from, limit),
    };
    Ok(Reply::ok(delta::body(call, items, &state, next)))
}

fn columns(select: Option<&str>) -> Result<Columns, GraphError> {
    let Some(select) = select else {
        return Ok(Columns { properties: groups::group_columns(None)?, members: true });
    };
    let mut columns = Columns { properties: Vec::new(), members: false };
    for name in names(select)? {
        if name == "members" {
            columns.members = true;
        } else {
            columns.properties.push(groups::group_property(name).ok_or_else(|| unknown(name, "group"))?);
        }
    }
    Ok(columns)
}

/// Every group with all its members; a page holds at most `limit` groups and members together.
fn first_round(
    directory: &Directory,
    state: &State,
    columns: &Columns,
    limit: usize,
) -> (Vec<Value>, Option<State>) {
    let mut items = Vec::new();
    let mut room = limit;
    let (mut after, mut member_after) = (state.after, state.member_after);
    for (place, living) in directory.groups_after(state.after) {
        if !state.groups.is_empty() && !state.groups.contains(&living.group.id) {
            after = place;
            continue;
        }
        if room == 0 {
            return (items, Some(state.page_after(after, member_after)));
        }
        let mut members = Vec::new();
        let mut unfinished = false;
        if columns.members {
            for (member_place, member) in living.members_after(member_after) {
                if members.len() == room {
                    unfinished = true;
                    break;
                }
                members.push(entry(member, true));
                member_after = member_place;
            }
        }
        room -= members.len().max(1);
        items.push(item(directory, living.group.id, columns, members));
        if unfinished {
            return (items, Some(state.page_after(after, member_after)));
        }
        (after, member_after) = (place, 0);
    }
    (items, None)
}

/// Groups whose membership changed, with the changes only.
fn later_round(
    directory: &Directory,
    state: &State,
    columns: &Columns,
    from: usize,
    limit: usize,
) -> (Vec<Value>, Option<State>) {
    if !columns.members {
        // Names of groups do not change in this world.
        return (Vec::new(), None);
    }
    let changes = directory.member_changes(from, state.to);
    let flat = changes
        .iter()
        .filter(|(group, _)| state.groups.is_empty() || state.groups.contains(group))
        .flat_map(|(group, members)| members.iter().map(move |(member, joined)| (*group, *member, *joined)));
    let mut items: Vec<(uuid::Uuid, Vec<Value>)> = Vec::new();
    let rest = flat.skip(usize::try_from(state.after).unwrap_or(usize::MAX));
    for (told, (group, member, joined)) in rest.enumerate() {
        if told == limit {
            let next = state.page_after(state.after + told as u64, 0);
            return (finish(directory, columns, items), Some(next));
        }
        match items.last_mut() {
            Some((last, members)) if *last == group => members.push(entry(member, joined)),
            Some(_) | None => items.push((group, vec![entry(member, joined)])),
        }
    }
    (finish(directory, columns, items), None)
}

fn finish(directory: &Directory, columns: &Columns, items: Vec<(uuid::Uuid, Vec<Value>)>) -> Vec<Value> {
    items.into_iter().map(|(group, members)| item(directory, group, columns, members)).collect()
}

fn item(directory: &Directory, group: uuid::Uuid, columns: &Columns, members: Vec<Value>) -> Value {
    let mut object =
        match directory.group(group).map(|living| groups::render(&living.group, &columns.properties)) {
            Some(Value::Object(object)) => object,
            Some(_) | None => Map::new(),
        };
    object.insert("id".to_owned(), Value::from(group.to_string()));
    if !members.is_empty() {
        object.insert("members@delta".to_owned(), Value::from(members));
    }
    Value::Object(object)
}

fn entry(member: Member, joined: bool) -> Value {
    let kind = match member {
        Member::User(_) => "#microsoft.graph.user",
        Member::Group(_) => "#microsoft.graph.group",
    };
    let id = member.id().to_string();
    if joined {
        json!({ "@odata.type": kind, "id": id })
    } else {
        json!({ "@odata.type": kind, "id": id, "@removed": { "reason": "deleted" } })
    }
}
