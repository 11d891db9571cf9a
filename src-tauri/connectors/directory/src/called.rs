//! Whom a name means that another service told (Exchange names people of mailboxes in four ways). It is found or it is not:
//! what fits several is unclear, and nobody gets a key because of a name that is merely alike. So a name without an address
//! is unclear always: Exchange's own name of an object and its display name in the directory part when it is renamed, and
//! whoever looks after a group can usually call it what they like.

use model::GroupId;
use net::{Graph, NetError, Request, Version, odata};
use ports::{Called, DirectoryError};
use serde_json::Value;
use uuid::Uuid;

use crate::error::{self, Asked};
use crate::{USER, entry};

/// What is read of a group: only those that mailbox rights can be given to count.
const GROUP: &str = "id,displayName,mailEnabled,securityEnabled,groupTypes";

/// Begins the security identifier that Entra ID gives every object of its own; the object's id follows as four numbers.
const CLOUD: &str = "S-1-12-1-";

/// Finds whom `name` means.
pub(crate) async fn called(graph: &Graph, name: &str) -> Result<Called, DirectoryError> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(Called::Unclear("it is empty".to_owned()));
    }
    if is_security_identifier(name) {
        return of_identifier(graph, name).await;
    }
    if let Ok(id) = name.parse::<Uuid>() {
        return Ok(by_id(graph, id).await?.unwrap_or_else(|| nobody("has this id")));
    }
    if name.contains('\\') {
        return Ok(Called::Unclear("it is an account of Exchange's own".to_owned()));
    }
    if name.contains('@') {
        let found = read(graph, &["users", name], &[("$select", USER_AND_TYPE)]).await;
        match found {
            Ok(value) => return user(&value),
            Err(NetError::NotFound { reply, .. }) if error::says_no_such_object(&reply) => {}
            Err(error) => return Err(Asked::users().failed(error)),
        }
        return alone(graph, "mail", name, "has this sign-in name or address").await;
    }
    Ok(Called::Unclear(
        "it is a bare name, which others may bear too; give the right to people or groups that are told by their address, or say \
         with [[mailboxes]] which group may use the mailbox"
            .to_owned(),
    ))
}

/// What is read of a user, and whether it is a guest's account.
const USER_AND_TYPE: &str = "id,userPrincipalName,mail,proxyAddresses,displayName,givenName,surname,accountEnabled,onPremisesSecurityIdentifier,userType";

async fn of_identifier(graph: &Graph, sid: &str) -> Result<Called, DirectoryError> {
    if let Some(id) = cloud_object(sid) {
        return Ok(by_id(graph, id).await?.unwrap_or(Called::Gone));
    }
    let users = filtered(graph, "users", "onPremisesSecurityIdentifier", sid, USER_AND_TYPE).await?;
    let groups = filtered(graph, "groups", "onPremisesSecurityIdentifier", sid, GROUP).await?;
    match (users.as_slice(), groups.as_slice()) {
        ([], []) => Ok(Called::Gone),
        ([one], []) => user(one),
        ([], [one]) => group(one),
        (users, groups) => Ok(several(users.len() + groups.len())),
    }
}

/// The only user or group with this value. A guest chooses the own display name, and everybody may make groups that are not
/// for security: neither is taken for whom a name of another service means.
async fn alone(graph: &Graph, property: &str, value: &str, what: &str) -> Result<Called, DirectoryError> {
    let mut users = filtered(graph, "users", property, value, USER_AND_TYPE).await?;
    let mut groups = filtered(graph, "groups", property, value, GROUP).await?;
    users.retain(|user| user["userType"].as_str().is_none_or(|kind| !kind.eq_ignore_ascii_case("guest")));
    groups.retain(may_hold_rights);
    match (users.as_slice(), groups.as_slice()) {
        ([], []) => Ok(nobody(what)),
        ([one], []) => user(one),
        ([], [one]) => group(one),
        (users, groups) => Ok(several(users.len() + groups.len())),
    }
}

async fn by_id(graph: &Graph, id: Uuid) -> Result<Option<Called>, DirectoryError> {
    let id = id.to_string();
    let users = read(graph, &["users", &id], &[("$select", USER)]).await;
    match users {
        Ok(value) => return user(&value).map(Some),
        Err(NetError::NotFound { reply, .. }) if error::says_no_such_object(&reply) => {}
        Err(error) => return Err(Asked::users().failed(error)),
    }
    match read(graph, &["groups", &id], &[("$select", GROUP)]).await {
        Ok(value) => group(&value).map(Some),
        Err(NetError::NotFound { reply, .. }) if error::says_no_such_object(&reply) => Ok(None),
        Err(error) => Err(Asked::groups().failed(error)),
    }
}

async fn filtered(
    graph: &Graph,
    collection: &str,
    property: &str,
    value: &str,
    select: &str,
) -> Result<Vec<Value>, DirectoryError> {
    let filter = format!("{property} eq {}", odata::literal(value));
    let asked = || if collection == "users" { Asked::users() } else { Asked::groups() };
    let page = read(graph, &[collection], &[("$filter", &filter), ("$select", select)])
        .await
        .map_err(|error| asked().failed(error))?;
    // Of a list that goes on, nobody knows what else fits.
    if page.get("@odata.nextLink").is_some() {
        return Err(DirectoryError::Garbled {
            detail: format!("more {collection} than one page have one {property}"),
        });
    }
    match page.get("value").and_then(Value::as_array) {
        Some(found) => Ok(found.clone()),
        None => Err(DirectoryError::Garbled { detail: format!("the list of {collection} has no entries") }),
    }
}

async fn read(graph: &Graph, segments: &[&str], query: &[(&str, &str)]) -> Result<Value, NetError> {
    graph.read(&Request::get(graph.address(Version::V1, segments, query))).await
}

fn user(value: &Value) -> Result<Called, DirectoryError> {
    match entry::read(value) {
        Ok(user) => Ok(Called::User(Box::new(user))),
        Err(entry::Flaw::Hidden) => Err(Asked::users().hidden()),
        Err(flaw) => Err(DirectoryError::Garbled { detail: format!("a user: {flaw}") }),
    }
}

fn group(value: &Value) -> Result<Called, DirectoryError> {
    let id = entry::id::<GroupId>(value)
        .ok_or_else(|| DirectoryError::Garbled { detail: "a group has no id that is a GUID".to_owned() })?;
    Ok(Called::Group(id))
}

/// Exchange Online gives rights at mailboxes to mail-enabled security groups only.
fn may_hold_rights(group: &Value) -> bool {
    let is = |name: &str| group[name].as_bool() == Some(true);
    let unified = group["groupTypes"].as_array().is_some_and(|types| {
        types.iter().any(|one| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case("unified")))
    });
    is("mailEnabled") && is("securityEnabled") && !unified
}

fn nobody(what: &str) -> Called {
    Called::Unclear(format!("nobody in the directory, and no mail-enabled security group, {what}"))
}

fn several(count: usize) -> Called {
    Called::Unclear(format!("{count} users or groups are called so, and it does not say which is meant"))
}

fn is_security_identifier(text: &str) -> bool {
    text.strip_prefix("S-1-").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|octet| octet.is_ascii_digit() || octet == b'-')
    })
}

/// The object id in a security identifier of Entra ID: four numbers, each four bytes of the GUID in little-endian layout.
fn cloud_object(sid: &str) -> Option<Uuid> {
    let mut bytes = [0_u8; 16];
    let numbers: Vec<u32> =
        sid.strip_prefix(CLOUD)?.split('-').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    if numbers.len() != 4 {
        return None;
    }
    for (place, number) in bytes.chunks_exact_mut(4).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    Some(Uuid::from_bytes_le(bytes))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_object_id_is_in_the_cloud_security_identifier() {
        let sid = "S-1-12-1-1943430372-1249052806-2496021943-3034400218";
        let id = cloud_object(sid).unwrap();
        assert_eq!(id.to_string(), "73d664e4-0886-4a73-b745-c694da45ddb4");
        for other in ["S-1-12-1-1-2-3", "S-1-12-1-1-2-3-4-5", "S-1-12-1-1-2-3-4294967296", "S-1-5-21-1-2-3-4"]
        {
            assert_eq!(cloud_object(other), None, "{other}");
        }
    }

    #[test]
    fn only_mail_enabled_security_groups_hold_rights() {
        let group = |mail: bool, security: bool, types: &[&str]| json!({"mailEnabled": mail, "securityEnabled": security, "groupTypes": types});
        assert!(may_hold_rights(&group(true, true, &[])));
        assert!(!may_hold_rights(&group(true, true, &["Unified"])), "anybody can make these");
        assert!(!may_hold_rights(&group(true, false, &[])));
        assert!(!may_hold_rights(&group(false, true, &[])));
        assert!(!may_hold_rights(&json!({})));
    }
}
