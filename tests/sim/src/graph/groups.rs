//! `groups`: the list, one group, its direct members, and everybody below it.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::query::{UserColumns, names, unknown};
use super::{Call, GraphError, Options, Paging, READ_MEMBERS, READ_USERS, users};
use crate::directory::{Directory, GroupFacts};
use crate::http::Reply;
use crate::{Member, User};

/// The properties of a group that this world knows.
const PROPERTIES: &[&str] = &[
    "classification",
    "createdDateTime",
    "description",
    "displayName",
    "groupTypes",
    "id",
    "mail",
    "mailEnabled",
    "mailNickname",
    "onPremisesSyncEnabled",
    "securityEnabled",
    "visibility",
];

/// By which groups are filtered.
const FILTERED: &[&str] = &["displayName", "mail", "onPremisesSecurityIdentifier"];

/// Which kind of member a cast asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Any,
    User,
    Group,
}

/// Users and groups below a group are one list, users first: the places of groups have this bit.
const GROUPS: u64 = 1 << 63;

/// What a list of members shows of each kind.
struct MemberColumns {
    user: UserColumns,
    group: Vec<&'static str>,
    /// Whether the caller may see more of a user than the id.
    users_visible: bool,
}

/// `GET /groups`, also with `$filter=displayName eq '…'` and the like
pub(super) fn list(call: &Call<'_>, _: &[&str]) -> Result<Reply, GraphError> {
    call.need_any(READ_MEMBERS)?;
    let options = Options::read(&call.incoming.query, &["$select", "$top", "$filter", "$skiptoken"])?;
    let columns = group_columns(options.text("$select"))?;
    let wanted = match options.text("$filter") {
        Some(filter) => Some(equality(filter, FILTERED).ok_or_else(|| {
            GraphError::unsupported(
                "Unsupported Query: groups are filtered by displayName, mail or onPremisesSecurityIdentifier eq '...' only.",
            )
        })?),
        None => None,
    };
    let paging = Paging::read(call, &options)?;
    let directory = call.world.directory.read();
    let mut groups = directory.groups_after(paging.after).filter(|(_, living)| {
        wanted.as_ref().is_none_or(|(property, value)| {
            let told = match *property {
                "displayName" => Some(living.group.display_name.to_lowercase()),
                "mail" => living.group.mail.as_deref().map(str::to_lowercase),
                // No group comes from an on-premises directory.
                _ => None,
            };
            told.as_ref() == Some(value)
        })
    });
    let (mut items, mut last) = (Vec::new(), paging.after);
    for (place, living) in groups.by_ref().take(paging.limit) {
        items.push(render(&living.group, &columns));
        last = place;
    }
    let more = groups.next().is_some();
    Ok(Reply::ok(paging.body(call.context("groups"), None, items, last, more)))
}

/// `GET /groups/{id}`
pub(super) fn one(call: &Call<'_>, segments: &[&str]) -> Result<Reply, GraphError> {
    call.need_any(READ_MEMBERS)?;
    let options = Options::read(&call.incoming.query, &["$select"])?;
    let columns = group_columns(options.text("$select"))?;
    let directory = call.world.directory.read();
    let id = existing(&directory, segments)?;
    let living = directory.group(id).ok_or_else(|| GraphError::not_found(&id.to_string()))?;
    let mut body = render(&living.group, &columns);
    if let Value::Object(body) = &mut body {
        body.insert("@odata.context".to_owned(), Value::from(call.context("groups/$entity")));
    }
    Ok(Reply::ok(body))
}

/// `GET /groups/{id}/members`, also cast to `microsoft.graph.user` or `microsoft.graph.group`
pub(super) fn members(call: &Call<'_>, segments: &[&str]) -> Result<Reply, GraphError> {
    call.need_any(READ_MEMBERS)?;
    let kind = cast(segments)?;
    let options = Options::read(&call.incoming.query, &["$select", "$top", "$count", "$skiptoken"])?;
    let counted = counted(call, &options, kind)?;
    let columns = member_columns(call, options.text("$select"), kind)?;
    let paging = Paging::read(call, &options)?;
    let directory = call.world.directory.read();
    let id = existing(&directory, segments)?;
    let living = directory.group(id).ok_or_else(|| GraphError::not_found(&id.to_string()))?;
    let fits = |member: &Member| match member {
        Member::User(_) => kind != Kind::Group,
        Member::Group(_) => kind != Kind::User,
    };
    let mut members = living.members_after(paging.after).filter(|(_, member)| fits(member));
    let (mut items, mut last) = (Vec::new(), paging.after);
    for (place, member) in members.by_ref().take(paging.limit) {
        last = place;
        match member {
            Member::User(user) => items.extend(directory.user(user).map(|user| columns.user(user, kind))),
            Member::Group(group) => {
                items.extend(directory.group(group).map(|living| columns.group(&living.group, kind)));
            }
        }
    }
    let more = members.next().is_some();
    let count = match kind {
        _ if !counted => None,
        Kind::Any => Some(living.member_count()),
        Kind::User | Kind::Group => Some(living.members_after(0).filter(|(_, member)| fits(member)).count()),
    };
    Ok(Reply::ok(paging.body(context(call, kind), count, items, last, more)))
}

/// `GET /groups/{id}/transitiveMembers`, also cast to `microsoft.graph.user` or `microsoft.graph.group`
pub(super) fn transitive_members(call: &Call<'_>, segments: &[&str]) -> Result<Reply, GraphError> {
    call.need_any(READ_MEMBERS)?;
    let kind = cast(segments)?;
    let options = Options::read(&call.incoming.query, &["$select", "$top", "$count", "$skiptoken"])?;
    let counted = counted(call, &options, kind)?;
    let columns = member_columns(call, options.text("$select"), kind)?;
    let paging = Paging::read(call, &options)?;
    let directory = call.world.directory.read();
    let id = existing(&directory, segments)?;

    let ask = paging.limit + 1;
    let mut found: Vec<(u64, Value)> = Vec::new();
    if kind != Kind::Group && paging.after & GROUPS == 0 {
        let below = directory.users_below(id, paging.after, ask);
        found.extend(below.into_iter().map(|(place, user)| (place, columns.user(&user, kind))));
    }
    if kind != Kind::User && found.len() < ask {
        let after = if paging.after & GROUPS == 0 { 0 } else { paging.after & !GROUPS };
        let below = directory.groups_below(id, after, ask - found.len());
        found.extend(below.into_iter().map(|(place, group)| (place | GROUPS, columns.group(&group, kind))));
    }
    let more = found.len() > paging.limit;
    found.truncate(paging.limit);
    let last = found.last().map_or(paging.after, |(place, _)| *place);
    let items = found.into_iter().map(|(_, item)| item).collect();
    let (users, groups) = directory.count_below(id);
    let count = counted.then_some(match kind {
        Kind::Any => users + groups,
        Kind::User => users,
        Kind::Group => groups,
    });
    Ok(Reply::ok(paging.body(context(call, kind), count, items, last, more)))
}

/// The cast is an advanced query: it needs the header and `$count=true`.
fn counted(call: &Call<'_>, options: &Options, kind: Kind) -> Result<bool, GraphError> {
    let counted = options.count()?;
    if kind != Kind::Any && !(counted && call.is_eventual()) {
        return Err(GraphError::unsupported(
            "An OData cast of members needs the header ConsistencyLevel: eventual and $count=true.",
        ));
    }
    if counted && !call.is_eventual() {
        return Err(GraphError::unsupported("$count needs the header ConsistencyLevel: eventual."));
    }
    Ok(counted)
}

fn cast(segments: &[&str]) -> Result<Kind, GraphError> {
    match segments.get(3).map(|segment| segment.to_lowercase()).as_deref() {
        None => Ok(Kind::Any),
        Some("microsoft.graph.user" | "graph.user") => Ok(Kind::User),
        Some("microsoft.graph.group" | "graph.group") => Ok(Kind::Group),
        Some(other) => Err(GraphError::no_segment(other)),
    }
}

fn context(call: &Call<'_>, kind: Kind) -> String {
    call.context(match kind {
        Kind::Any => "directoryObjects",
        Kind::User => "users",
        Kind::Group => "groups",
    })
}

/// The id in the path, when a group has it.
fn existing(directory: &Directory, segments: &[&str]) -> Result<Uuid, GraphError> {
    let key = segments.get(1).copied().unwrap_or_default();
    let id = key.parse().map_err(|_| GraphError::directory(format!("Invalid object identifier '{key}'.")))?;
    if directory.group(id).is_none() {
        return Err(GraphError::not_found(key));
    }
    Ok(id)
}

/// The property and the value in `property eq '…'`, in lower case: the directory compares texts without case.
pub(super) fn equality(filter: &str, properties: &[&'static str]) -> Option<(&'static str, String)> {
    let (name, literal) = filter.trim().split_once(" eq ")?;
    let property = properties.iter().find(|known| **known == name)?;
    let inner = literal.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    if inner.replace("''", "").contains('\'') {
        return None;
    }
    Some((property, inner.replace("''", "'").to_lowercase()))
}

/// The named properties of a group; all without `$select`.
pub(super) fn group_columns(select: Option<&str>) -> Result<Vec<&'static str>, GraphError> {
    let Some(select) = select else { return Ok(PROPERTIES.to_vec()) };
    names(select)?
        .into_iter()
        .map(|name| group_property(name).ok_or_else(|| unknown(name, "group")))
        .collect()
}

/// The property of a group with this name.
pub(super) fn group_property(name: &str) -> Option<&'static str> {
    PROPERTIES.iter().find(|known| **known == name).copied()
}

fn member_columns(call: &Call<'_>, select: Option<&str>, kind: Kind) -> Result<MemberColumns, GraphError> {
    let users_visible = call.caller.has_any(READ_USERS);
    let (user, group) = match kind {
        Kind::User => (users::columns(call, select)?, Vec::new()),
        Kind::Group => (users::columns(call, None)?, group_columns(select)?),
        Kind::Any => match select {
            None => (users::columns(call, None)?, PROPERTIES.to_vec()),
            Some(select) => {
                // A mixed list may ask for properties that only one of the kinds has.
                let mut user = UserColumns { set: Vec::new(), never_set: Vec::new() };
                let mut group = Vec::new();
                for name in names(select)? {
                    let of_group = group_property(name);
                    group.extend(of_group);
                    if !user.add(name)? && of_group.is_none() {
                        return Err(unknown(name, "directoryObject"));
                    }
                }
                (user, group)
            }
        },
    };
    Ok(MemberColumns { user, group, users_visible })
}

impl MemberColumns {
    fn user(&self, user: &User, kind: Kind) -> Value {
        let mut item = users::render(user, &self.user);
        if let Value::Object(object) = &mut item {
            // Who may read memberships but not users learns ids only; everything else is null.
            if !self.users_visible {
                object.values_mut().for_each(|value| *value = Value::Null);
                object.insert("id".to_owned(), Value::from(user.id.to_string()));
            }
            if kind == Kind::Any {
                object.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
                object.insert("id".to_owned(), Value::from(user.id.to_string()));
            }
        }
        item
    }

    fn group(&self, group: &GroupFacts, kind: Kind) -> Value {
        let mut item = render(group, &self.group);
        if let Value::Object(object) = &mut item
            && kind == Kind::Any
        {
            object.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.group"));
            object.insert("id".to_owned(), Value::from(group.id.to_string()));
        }
        item
    }
}

/// Exactly the named properties.
pub(super) fn render(group: &GroupFacts, columns: &[&'static str]) -> Value {
    let mut object = Map::new();
    for name in columns {
        let value = match *name {
            "id" => Value::from(group.id.to_string()),
            "displayName" => Value::from(group.display_name.as_str()),
            "description" => group.description.as_deref().map_or(Value::Null, Value::from),
            "mailNickname" => Value::from(
                group.display_name.chars().filter(char::is_ascii_alphanumeric).collect::<String>(),
            ),
            "securityEnabled" => Value::from(true),
            "mailEnabled" => Value::from(group.mail.is_some()),
            "mail" => group.mail.as_deref().map_or(Value::Null, Value::from),
            "groupTypes" => Value::Array(Vec::new()),
            "createdDateTime" => Value::from("2024-03-01T08:00:00Z"),
            _ => Value::Null,
        };
        object.insert((*name).to_owned(), value);
    }
    Value::Object(object)
}
