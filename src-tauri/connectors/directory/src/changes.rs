//! What changed since the last reading (delta queries).
//!
//! A change only says "read this again": the same object may come twice, late, or in any order. Graph takes at most fifty
//! groups into one query, so the link for groups is a list of Graph's links, one per fifty, separated by spaces; those that
//! are read to their end in the present reading are marked with `=`.

use std::collections::HashSet;
use std::hash::Hash;
use std::str::FromStr;

use model::GroupId;
use net::{Graph, NetError, Page, Request, Version};
use ports::{Changes, DirectoryError, GroupChanges};
use serde_json::Value;
use url::Url;

use crate::entry;
use crate::error::Asked;

/// Only changes of these are told. The security identifier never changes.
const USER_CHANGES: &str =
    "id,userPrincipalName,mail,proxyAddresses,accountEnabled,givenName,surname,displayName";

/// Graph's limit of ids in the filter of a delta query.
const GROUPS_PER_QUERY: usize = 50;

/// Marks a link whose reading is done.
const DONE: char = '=';

/// Reads one page of the changes of users.
pub(crate) async fn users(graph: &Graph, link: Option<&str>) -> Result<Changes, DirectoryError> {
    let query = [("$select", USER_CHANGES), ("$deltatoken", "latest")];
    let url = link.map_or_else(
        || Ok(graph.address(Version::V1, &["users", "delta"], &query)),
        |link| graph.follow(link),
    );
    let page = read(graph, url).await.map_err(|error| Asked::user_changes().failed(error))?;
    let (changed, removed) = told(&page.value);
    // The last page has no next link, whatever else it says.
    let delta_link = page.delta_link.filter(|_| page.next_link.is_none());
    Ok(Changes { changed, removed, next: page.next_link, delta_link })
}

/// Reads one page of the changes of groups.
pub(crate) async fn groups(
    graph: &Graph,
    watched: &[GroupId],
    link: Option<&str>,
) -> Result<GroupChanges, DirectoryError> {
    let mut links: Vec<String> = match link {
        Some(link) => link.split(' ').filter(|link| !link.is_empty()).map(str::to_owned).collect(),
        None => watched.chunks(GROUPS_PER_QUERY).map(|chunk| first_link(graph, chunk)).collect(),
    };
    let mut result = GroupChanges::default();
    if let Some(open) = links.iter_mut().find(|link| !link.starts_with(DONE)) {
        let page =
            read(graph, graph.follow(open)).await.map_err(|error| Asked::group_changes().failed(error))?;
        (result.changed, result.removed) = told(&page.value);
        *open = match (page.next_link, page.delta_link) {
            (Some(next), _) => next,
            (None, Some(done)) => format!("{DONE}{done}"),
            (None, None) => {
                let detail = "the changes of groups end without a link for the next reading".to_owned();
                return Err(DirectoryError::Garbled { detail });
            }
        };
    }
    if links.iter().all(|link| link.starts_with(DONE)) {
        let done: Vec<&str> = links.iter().map(|link| link.trim_start_matches(DONE)).collect();
        result.delta_link = Some(done.join(" "));
    } else {
        result.next = Some(links.join(" "));
    }
    Ok(result)
}

fn first_link(graph: &Graph, groups: &[GroupId]) -> String {
    let terms: Vec<String> = groups.iter().map(|id| format!("id eq '{id}'")).collect();
    let filter = terms.join(" or ");
    let query = [("$filter", filter.as_str()), ("$select", "displayName,members")];
    graph.address(Version::V1, &["groups", "delta"], &query).into()
}

async fn read(graph: &Graph, url: Result<Url, NetError>) -> Result<Page, NetError> {
    // Long pages where the service grants them: a first reading tells every member of every group.
    graph.read(&Request::get(url?).header("prefer", "odata.maxpagesize=999")).await
}

/// The ids that changed and those that were removed, once each. What is told both ways is to be read again.
fn told<T: FromStr + Copy + Eq + Hash>(entries: &[Value]) -> (Vec<T>, Vec<T>) {
    let (mut changed, mut removed) = (Vec::new(), Vec::new());
    for value in entries {
        match entry::id::<T>(value) {
            Some(id) if value.get("@removed").is_some() => removed.push(id),
            Some(id) => changed.push(id),
            None => tracing::warn!(entry = entry::name(value), "a change was skipped: its id is not a GUID"),
        }
    }
    let mut seen = HashSet::new();
    changed.retain(|id| seen.insert(*id));
    removed.retain(|id| seen.insert(*id));
    (changed, removed)
}

#[cfg(test)]
mod tests {
    use model::SubscriberId;
    use serde_json::json;

    use super::*;

    const A: &str = "73d664e4-0886-4a73-b745-c694da45ddb4";
    const B: &str = "83d664e4-0886-4a73-b745-c694da45ddb4";

    #[test]
    fn doubles_are_told_once_and_contradictions_are_read_again() {
        let (changed, removed) = told::<SubscriberId>(&[
            json!({"id": A}),
            json!({"id": A, "mail": "x"}),
            json!({"id": B, "@removed": {"reason": "changed"}}),
            json!({"id": B, "@removed": {"reason": "deleted"}}),
            json!({"id": A, "@removed": {"reason": "deleted"}}),
            json!({"id": "strange"}),
        ]);
        assert_eq!(changed, [A.parse().unwrap()]);
        assert_eq!(removed, [B.parse().unwrap()]);
    }
}
